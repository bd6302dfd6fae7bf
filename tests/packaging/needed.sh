#!/usr/bin/env bash
# Each shared library needs its one engine and liblwsec, and nothing else but libc, of which one
# that is small may call nothing. Argument: BUILD
set -euo pipefail
build=$1
failed=0

# check_needed LIBRARY NEEDED...: names without what comes after .so
check_needed() {
    local library=$build/lib$1.so expected found
    shift
    [[ -e $library ]] || return 0 # a build without this engine
    expected=$(printf '%s\n' "$@" | sort)
    found=$(readelf --dynamic --wide "$library" |
        sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*\].*/\1/p' | sed '/^libc$/d' | sort)
    if [[ $found != "$expected" ]]; then
        echo "$(basename "$library") needs ${found//$'\n'/ } and not ${expected//$'\n'/ }"
        failed=1
    fi
}

[[ -e $build/liblwsec.so ]] || { echo "no liblwsec.so in $build"; exit 1; }
check_needed lwsec
check_needed lwsec-openssl liblwsec libcrypto
check_needed lwsec-mbedtls liblwsec libmbedcrypto libmbedx509
check_needed lwsec-dtls-openssl liblwsec liblwsec-openssl libssl libcrypto
check_needed lwsec-dtls-mbedtls liblwsec liblwsec-mbedtls libmbedtls libmbedcrypto libmbedx509
check_needed lwsec-sodium liblwsec libsodium
check_needed lwsec-state-sqlite liblwsec libsqlite3
check_needed lwsec-pcsc liblwsec libpcsclite
check_needed lwsec-pkcs11 liblwsec
check_needed lwsec-worker liblwsec
[[ $failed -eq 0 ]] && echo "needed: as it should be"
