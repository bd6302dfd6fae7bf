#!/usr/bin/env bash
# Builds and runs the consumer with find_package(lwsec). Arguments: PREFIX WORK LIBRARY...
# With LWSEC_WITHOUT_ENGINES set, the engines' own files are hidden from it.
set -euo pipefail
prefix=$1 work=$2
shift 2
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

options=()
if [[ -n ${LWSEC_WITHOUT_ENGINES:-} ]]; then
    options=(
        "-DCMAKE_IGNORE_PREFIX_PATH=/;/usr;/usr/local"
        "-DCONSUMER_ABSENT=$LWSEC_WITHOUT_ENGINES"
    )
fi
rm -rf "$work"
libraries=$(IFS=';' && echo "$*")
cmake -S "$here/project" -B "$work" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DCONSUMER_LIBRARIES="$libraries" "${options[@]}"
cmake --build "$work"
ctest --test-dir "$work" --output-on-failure --no-tests=error
