#!/usr/bin/env bash
# statics.sh LIBRARY.a...: no library keeps mutable data of its own, which threads would share. The
# few exceptions are atomic and stand here by name: fork detection, the count of opened stores; or
# under a lock: the PKCS#11 modules, which have one state in a process whoever loads them.
set -euo pipefail

allowed='^(wiped_page|lives|opened(\.[0-9]+)?|modules|table_lock|pin_key|pin_key_is_set)$'
found=0

for library in "$@"; do
    # Objects in .data and .bss; tables of constants with pointers are in .data.rel.ro.
    while read -r name; do
        if [[ ! $name =~ $allowed ]]; then
            echo "$(basename "$library"): mutable static data: $name"
            found=1
        fi
    done < <(objdump -t "$library" |
        awk '/ \.t?(data|bss)\t/ && $NF !~ /^\./ { print $NF }' | sort -u)
done
exit "$found"
