#!/usr/bin/env bash
# Every installed header compiles alone and all of them together, in C11 and C++11; none of an
# absent part is installed.
# Arguments: PREFIX WORK [HEADER that must be absent]...
set -euo pipefail
prefix=$1 work=$2
shift 2

mkdir -p "$work"
for absent in "$@"; do
    [[ ! -e $prefix/include/lwsec/$absent ]] || { echo "$absent is installed"; exit 1; }
done

# compiles FILE: as both languages.
compiles() {
    cp "$1.c" "$1.cpp"
    "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" -fsyntax-only "$1.c"
    "${CXX:-c++}" -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" -fsyntax-only \
        "$1.cpp"
}

: >"$work/together.c"
for header in "$prefix"/include/lwsec/*.h; do
    echo "#include <lwsec/$(basename "$header")>" >"$work/alone.c"
    cat "$work/alone.c" >>"$work/together.c"
    compiles "$work/alone"
done
compiles "$work/together"
