#!/usr/bin/env bash
# Compiles OSCORE, state in memory and the mbedTLS key store for a Cortex-M4 without an operating
# system, with warnings as errors, and prints how large they are.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

tools/packages.sh install build cortex

readonly out=build/cortex-m
rm -rf "$out"
mkdir -p "$out/include"
# Nothing of the host's headers but mbedTLS.
ln -s /usr/include/mbedtls /usr/include/psa "$out/include"

flags=(-std=c11 -mcpu=cortex-m4 -mthumb -Os -ffunction-sections -fdata-sections
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude -I. -Itests/cortex-m
    -isystem "$out/include" "-DMBEDTLS_CONFIG_FILE=\"mbedtls_config.h\"")

# What needs a file system or shows key material stays behind.
readonly files='^state/(directory|folder|record_file|sqlite/.*).c'
readonly behind="^crypto/(openssl|sodium)/|$files|^oscore/debug.c"
mapfile -t sources < <(files_in "core coap oscore crypto state" c | grep -vE "$behind")

compile() {
    arm-none-eabi-gcc "${flags[@]}" -c "$1" -o "$out/$(tr / - <<<"${1%.c}").o"
}

# size_of LABEL OBJECT...
size_of() {
    local label=$1
    shift
    arm-none-eabi-size -t "$@" | awk -v label="$label" \
        'END { printf "%-28s %6d bytes of code, %d of data\n", label, $1, $2 + $3 }'
}

for source in "${sources[@]}"; do
    compile "$source"
done
size_of "OSCORE and CoAP" "$out"/oscore-*.o "$out"/coap-*.o
size_of "all of liblwsec that is used" "$out"/{core,coap,oscore,state}-*.o "$out"/crypto-[!m]*.o
size_of "mbedTLS key store" "$out"/crypto-mbedtls-*.o
say "${#sources[@]} files compiled"
