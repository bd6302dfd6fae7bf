#!/usr/bin/env bash
# Compiles OSCORE, SMS packets, accounts, state in memory and the mbedTLS key store for a Cortex-M4
# without an operating system, with warnings as errors, and prints how large they are.
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
readonly files='^core/folder.c|^state/(directory|record_file|sqlite/.*).c'
readonly behind="^crypto/(openssl|sodium|sealed_file)/|$files|^oscore/debug.c"
mapfile -t sources < <(files_in "core coap oscore smssec account crypto state" c |
    grep -vE "$behind")

compile() {
    arm-none-eabi-gcc "${flags[@]}" -c "$1" -o "$out/$(tr / - <<<"${1%.c}").o"
}

# linked LABEL SYMBOL...: what a program that calls these functions takes of liblwsec, in bytes,
# without the mbedTLS store.
linked() {
    local label=$1 program=$out/program
    shift
    arm-none-eabi-ld --gc-sections --unresolved-symbols=ignore-all -e "$1" "${@/#/--undefined=}" \
        "$out"/{core,coap,oscore,smssec,account,state}-*.o "$out"/crypto-[!m]*.o -o "$program"
    arm-none-eabi-size "$program" | awk -v label="$label" \
        'END { printf "%-44s %6d bytes of code, %d of data\n", label, $1, $2 + $3 }'
}

for source in "${sources[@]}"; do
    compile "$source"
done
readonly key=(lwsec_store_init lwsec_key_import lwsec_state_memory_open)
readonly oscore=("${key[@]}" lwsec_oscore_init lwsec_oscore_protect_request
    lwsec_oscore_protect_response lwsec_oscore_unprotect_request lwsec_oscore_unprotect_response
    lwsec_oscore_challenge)
linked "OSCORE with keys and state in memory" "${oscore[@]}"
linked "the same, and Appendix B.2 as a client" "${oscore[@]}" lwsec_oscore_rederive_init \
    lwsec_oscore_rederive_start lwsec_oscore_rederive_response lwsec_oscore_rederive_incoming
linked "OSCORE under a flat stack (a link)" "${oscore[@]}" lwsec_oscore_link_init \
    lwsec_oscore_link_send lwsec_oscore_link_receive lwsec_oscore_link_step
readonly sms=("${key[@]}" lwsec_sms_init lwsec_sms_seal lwsec_sms_open)
linked "SMS packets with keys and state in memory" "${sms[@]}"
linked "the same, with TPDUs, reassembly and channel" "${sms[@]}" lwsec_sms_tpdu_encode \
    lwsec_sms_tpdu_decode lwsec_sms_split_part lwsec_sms_assembler_init lwsec_sms_assembler_add \
    lwsec_sms_channel_judge
arm-none-eabi-size -t "$out"/crypto-mbedtls-*.o | awk \
    'END { printf "%-44s %6d bytes of code, %d of data\n", "mbedTLS key store", $1, $2 + $3 }'
say "${#sources[@]} files compiled"
