#!/usr/bin/env bash
# Runs a command with a fresh token that is its own, and goes with it.
#
#   tests/tokens/with-token.sh [--spy FILE.so LOG] softhsm|nss|opencryptoki|fake COMMAND...
#
# COMMAND finds in its environment: LWSEC_P11_MODULE (the file), LWSEC_P11_LABEL, LWSEC_P11_PIN, and
# for NSS LWSEC_P11_INIT (what C_Initialize wants). With --spy the module is the spy, which passes
# on to the real one and writes LOG. The fake is LWSEC_P11_FAKE.
#
# Nothing of the user is touched: SoftHSM2 and NSS keep their files in a folder that is removed, and
# openCryptoki, which has fixed places and a daemon, lives in namespaces of its own. Answers with
# the status of COMMAND; 3 if the token could not be made; 77 where this machine cannot have it.
set -euo pipefail

readonly pin=1234

fail() {
    printf 'with-token: %s\n' "$*" >&2
    exit 3
}

cannot() {
    printf 'with-token: skipped: %s\n' "$*" >&2
    exit 77
}

# The first of these files.
first_of() {
    local file
    for file in "$@"; do
        [[ ! -e $file ]] || { printf '%s\n' "$file"; return; }
    done
}

make_softhsm() {
    command -v softhsm2-util >/dev/null || cannot "no softhsm2 (tools/packages.sh)"
    module=$(first_of /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so)
    label=lwsec
    mkdir "$folder/tokens"
    printf '%s\n' "directories.tokendir = $folder/tokens" "objectstore.backend = file" \
        "log.level = ERROR" >"$folder/softhsm2.conf"
    export SOFTHSM2_CONF=$folder/softhsm2.conf
    softhsm2-util --init-token --free --label "$label" --pin "$pin" --so-pin 12345678 \
        >"$folder/log" 2>&1 || fail "softhsm2-util: $(<"$folder/log")"
}

make_nss() {
    command -v certutil >/dev/null || cannot "no certutil (libnss3-tools, tools/packages.sh)"
    module=$(first_of /usr/lib/*/libsoftokn3.so /usr/lib/*/nss/libsoftokn3.so)
    label="NSS Certificate DB"
    mkdir "$folder/db"
    printf '%s\n' "$pin" >"$folder/pin"
    certutil -N -d "sql:$folder/db" -f "$folder/pin" >"$folder/log" 2>&1 ||
        fail "certutil: $(<"$folder/log")"
    export LWSEC_P11_INIT="configdir='sql:$folder/db' certPrefix='' keyPrefix=''"
    LWSEC_P11_INIT+=" secmod='secmod.db' flags="
}

make_fake() {
    module=${LWSEC_P11_FAKE:-}
    label=fake
    [[ -n $module ]] || fail "no LWSEC_P11_FAKE"
}

# The daemon answers in a moment; a file says that it does.
start_daemon() {
    local tries=0
    pkcsslotd >"$folder/log" 2>&1 || fail "pkcsslotd: $(<"$folder/log")"
    while ! pkcsconf -t >"$folder/log" 2>&1; do
        ((++tries < 100)) || fail "pkcsslotd does not answer: $(<"$folder/log")"
        sleep 0.05
    done
}

# Inside of the namespaces.
make_opencryptoki() {
    local so=12345678
    module=$(first_of /usr/lib/*/libopencryptoki.so.0 /usr/lib/*/opencryptoki/libopencryptoki.so*)
    label=lwsec
    mkdir -p "$folder/var/swtok/TOK_OBJ" "$folder/lock/swtok"
    printf '%s\n' "version opencryptoki-3.1" "slot 3" "{" "stdll = libpkcs11_sw.so" "}" \
        >"$folder/opencryptoki.conf"
    chgrp -R pkcs11 "$folder"
    chmod -R g+rwX "$folder"
    mount --bind "$folder/opencryptoki.conf" /etc/opencryptoki/opencryptoki.conf
    mount --bind "$folder/var" /var/lib/opencryptoki
    mount -t tmpfs tmpfs /dev/shm
    mount -t tmpfs tmpfs /run # its socket, and the number of its process
    mkdir -p /run/lock/opencryptoki
    mount --bind "$folder/lock" /run/lock/opencryptoki
    start_daemon
    {
        printf '%s\n' "$label" | pkcsconf -I -c 3 -S 87654321
        pkcsconf -P -c 3 -S 87654321 -n "$so"
        pkcsconf -u -c 3 -S "$so" -n 87651234
        pkcsconf -p -c 3 -U 87651234 -n "$pin"
    } >"$folder/log" 2>&1 || fail "pkcsconf: $(<"$folder/log")"
}

# openCryptoki again, as the first process of its own tree: with it all of that tree ends.
enter_namespaces() {
    command -v pkcsslotd >/dev/null || [[ -x /usr/sbin/pkcsslotd ]] ||
        cannot "no openCryptoki (tools/packages.sh install tokens)"
    [[ $EUID -eq 0 ]] || cannot "openCryptoki's daemon needs root"
    unshare --mount --ipc --pid --fork --mount-proc true 2>/dev/null ||
        cannot "no namespaces here for openCryptoki"
    LWSEC_P11_INSIDE=yes exec unshare --mount --ipc --pid --fork --mount-proc bash "$0" "$@"
}

arguments=("$@")
spy='' spy_log=''
if [[ ${1:-} == --spy ]]; then
    spy=$2 spy_log=$3
    shift 3
fi
[[ $# -ge 2 ]] || fail "usage: with-token.sh [--spy FILE LOG] KIND COMMAND..."
kind=$1
shift
PATH=$PATH:/usr/sbin
[[ $kind != opencryptoki || -n ${LWSEC_P11_INSIDE:-} ]] || enter_namespaces "${arguments[@]}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
module='' label=''
case $kind in
softhsm | nss | fake | opencryptoki) "make_$kind" ;;
*) fail "no kind of token '$kind'" ;;
esac
[[ -n $module ]] || fail "$kind: its module is not where it should be"

# Real modules keep memory until the process ends, which is not for us to judge.
[[ $kind == fake ]] || export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export LWSEC_P11_MODULE=$module LWSEC_P11_LABEL=$label LWSEC_P11_PIN=$pin
if [[ -n $spy ]]; then
    export LWSEC_SPY_MODULE=$module LWSEC_SPY_LOG=$spy_log LWSEC_P11_MODULE=$spy
fi
"$@"
