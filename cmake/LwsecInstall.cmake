# Install, find_package(lwsec) and pkg-config.
