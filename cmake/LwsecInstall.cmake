# Install: headers, libraries, the program, find_package(lwsec) and pkg-config.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY LWSEC_LIBRARIES)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lwsec)
set(package_build_dir ${PROJECT_BINARY_DIR}/package)

# A header whose library or option is off is not there for users either.
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/lwsec/*.h)
foreach(engine openssl mbedtls sodium)
  if(NOT TARGET lwsec-${engine})
    list(FILTER headers EXCLUDE REGEX "/(memory|compact|cert|dtls)_${engine}\\.h$")
  endif()
endforeach()
if(NOT TARGET lwsec-sodium)
  list(FILTER headers EXCLUDE REGEX "/sealed_file\\.h$")
endif()
if(NOT TARGET lwsec-state-sqlite)
  list(FILTER headers EXCLUDE REGEX "/state_sqlite\\.h$")
endif()
if(NOT TARGET lwsec-pcsc)
  list(FILTER headers EXCLUDE REGEX "/apdu_pcsc\\.h$")
endif()
if(NOT TARGET lwsec-pkcs11)
  list(FILTER headers EXCLUDE REGEX "/pkcs11\\.h$")
endif()
if(NOT TARGET lwsec-worker)
  list(FILTER headers EXCLUDE REGEX "/worker\\.h$")
endif()
if(NOT LWSEC_DEBUG_TOOLS)
  list(FILTER headers EXCLUDE REGEX "/oscore_debug\\.h$")
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lwsec)

# Shared libraries come in one export. Each static one has its own, which is loaded only where the
# engine that it needs is found.
foreach(library ${libraries})
  install(TARGETS ${library} EXPORT lwsec-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS ${library}-static EXPORT ${library}-static-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT ${library}-static-targets NAMESPACE lwsec:: DESTINATION ${package_dir})
endforeach()
install(EXPORT lwsec-targets NAMESPACE lwsec:: DESTINATION ${package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/lwsec-config.cmake.in ${package_build_dir}/lwsec-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(
  ${package_build_dir}/lwsec-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${package_build_dir}/lwsec-config.cmake ${package_build_dir}/lwsec-config-version.cmake
  DESTINATION ${package_dir})

# A .pc file finds its prefix from its own place, so that an installed tree can be moved.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
set(pc_prefix "\${pcfiledir}/${pc_prefix}")
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
endif()

# lwsec_pc_file(NAME DESCRIPTION REQUIRES REQUIRES_PRIVATE LIBS_PRIVATE)
function(lwsec_pc_file name description requires requires_private libs_private)
  if(NOT TARGET ${name})
    return()
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/lwsec.pc.in ${package_build_dir}/${name}.pc @ONLY)
  install(FILES ${package_build_dir}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
lwsec_pc_file(lwsec "${PROJECT_DESCRIPTION}" "" "" "")
lwsec_pc_file(lwsec-openssl "Key store of lwsec on OpenSSL" lwsec libcrypto "")
# mbedTLS 2.28 has no .pc file.
lwsec_pc_file(lwsec-mbedtls "Key store of lwsec on mbedTLS" lwsec "" "-lmbedx509 -lmbedcrypto")
lwsec_pc_file(lwsec-dtls-openssl "DTLS of lwsec on OpenSSL" lwsec-openssl libssl "")
lwsec_pc_file(lwsec-dtls-mbedtls "DTLS of lwsec on mbedTLS" lwsec-mbedtls ""
  "-lmbedtls -lmbedx509 -lmbedcrypto")
lwsec_pc_file(lwsec-sodium "Key store of lwsec on libsodium" lwsec libsodium "")
lwsec_pc_file(lwsec-state-sqlite "State of lwsec in an SQLite file" lwsec sqlite3 "")
lwsec_pc_file(lwsec-pcsc "Smartcards in readers for lwsec" lwsec libpcsclite "")
lwsec_pc_file(lwsec-pkcs11 "Keys in PKCS#11 tokens for lwsec" lwsec "" "")
lwsec_pc_file(lwsec-worker "Slow key stores of lwsec served by threads" lwsec "" "-pthread")

if(LWSEC_CLI)
  file(GLOB manuals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.1)
  install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  get_property(programs DIRECTORY ${PROJECT_SOURCE_DIR}/cli PROPERTY BUILDSYSTEM_TARGETS)
  foreach(program ${programs})
    get_target_property(type ${program} TYPE)
    if(type STREQUAL EXECUTABLE)
      # An installed program finds the libraries beside it, wherever the prefix is.
      set_target_properties(${program} PROPERTIES
        INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
      install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
  endforeach()
endif()
