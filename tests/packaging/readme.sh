#!/usr/bin/env bash
# The C code in the documents compiles without a warning and runs. Arguments: BUILD WORK DOCUMENT...
set -euo pipefail
build=$1 work=$2
shift 2
project=$(dirname "$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")")

rm -rf "$work"
mkdir -p "$work"
for document in "$@"; do
    awk -v name="$work/$(basename "$document" .md)" '
        /^```c$/ { number++; inside = 1; next }
        /^```/ { inside = 0 }
        inside { print > (name "-" number ".c") }' "$project/$document"
done
programs=0
for source in "$work"/*.c; do
    "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$project/include" -o "${source%.c}" \
        "$source" "$build/liblwsec-openssl.so" "$build/liblwsec.so"
    LD_LIBRARY_PATH=$build "${source%.c}"
    programs=$((programs + 1))
done
echo "$programs programs of the documents work"
[[ $programs -gt 0 ]]
