#!/usr/bin/env bash
# Builds and runs the consumer with pkg-config, in both languages, shared and static.
# Arguments: PREFIX LIBRARY-FOLDER WORK LIBRARY...
set -euo pipefail
prefix=$1 folder=$prefix/$2 work=$3
shift 3
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export PKG_CONFIG_PATH=$folder/pkgconfig

# Our libraries as archives, and the engine's own library as it is: what that needs in turn is its
# own affair, and not every machine has it for static linking.
static_flags() {
    local flag
    for flag in $(pkg-config --static --cflags --libs "$1"); do
        case $flag in
        -llwsec*) echo "-l:lib${flag#-l}.a" ;;
        -lcrypto | -lmbedx509 | -lmbedcrypto | -lsodium | -lsqlite3 | -lpcsclite | -I* | -L*)
            echo "$flag" ;;
        esac
    done
}

shared_flags() {
    pkg-config --cflags --libs "$1"
}

build_and_run() {
    local compiler source=$2 library=$3 kind=$4 engine program version flags needs_ours=yes
    engine=${library#lwsec}
    engine=${engine#-}
    engine=${engine//-/_}
    version=$(pkg-config --modversion "$library")
    program=$work/$library-$kind-${source##*.}
    read -ra compiler <<<"$1"
    read -ra flags <<<"$("${kind}_flags" "$library" | tr '\n' ' ')"
    "${compiler[@]}" "-DCONSUMER_VERSION=\"$version\"" "-DCONSUMER_${engine^^}" -o "$program" \
        "$here/$source" "${flags[@]}"
    LD_LIBRARY_PATH=$folder "$program"
    readelf --dynamic "$program" | grep -q 'NEEDED.*liblwsec' || needs_ours=no
    case $kind-$needs_ours in
    shared-yes | static-no) echo "ok $(basename "$program")" ;;
    *) echo "$program: the $kind one needs a liblwsec: $needs_ours" && exit 1 ;;
    esac
}

rm -rf "$work"
mkdir -p "$work"
for library in "$@"; do
    for kind in shared static; do
        build_and_run "${CC:-cc} -std=c11" consumer.c "$library" "$kind"
        build_and_run "${CXX:-c++} -std=c++11" consumer.cpp "$library" "$kind"
    done
done
