#!/usr/bin/env bash
# Runs a command next to a pcscd of its own, whose one reader holds the test card.
#
#   tests/uicc/with-card.sh [--card-option VALUE...] -- COMMAND [ARGUMENT...]
#   tests/uicc/with-card.sh COMMAND [ARGUMENT...]
#
# Options before `--` go to the card (uicc-card --help). LWSEC_CARD_FOLDER: where uicc-card and
# uicc-card-client are; without it build/dev/tests, then build/release/tests.
#
# All of it lives in namespaces of its own for the network and for mounts: pcscd and vpcd have fixed
# places (/run/pcscd, port 35963 on every address), so that nothing else on the machine is met or
# disturbed. COMMAND runs inside too, with the loopback interface as its only network. Answers with
# the status of COMMAND; 3 if the card could not be set up, or did not end well; 77 where this
# machine allows no such namespaces.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$here")")

fail() {
    printf 'with-card: %s\n' "$*" >&2
    exit 3
}

folder_of_card() {
    local folder
    for folder in "${LWSEC_CARD_FOLDER:-}" "$project/build/dev/tests" \
        "$project/build/release/tests"; do
        if [[ -n $folder && -x $folder/uicc-card && -x $folder/uicc-card-client ]]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    fail "no uicc-card and uicc-card-client; build them, with libpcsclite-dev"
}

# Again, in the namespaces.
enter() {
    local flags=(--net --mount)
    [[ $EUID -eq 0 ]] || flags+=(--user --map-root-user)
    command -v pcscd >/dev/null || [[ -x /usr/sbin/pcscd ]] || fail "no pcscd; tools/packages.sh"
    if ! unshare "${flags[@]}" ip link set lo up 2>/dev/null; then
        printf 'with-card: no namespaces for the network here\n' >&2
        exit 77
    fi
    LWSEC_CARD_INSIDE=yes exec unshare "${flags[@]}" bash "$0" "$@"
}

# /run/pcscd, without a trace of it outside.
make_run_folder() {
    if [[ -d /run/pcscd ]]; then
        mount -t tmpfs tmpfs /run/pcscd
    else
        mount -t tmpfs tmpfs /run
        mkdir /run/pcscd
    fi
}

# Its one reader; no driver of other readers is looked for.
start_pcscd() {
    local library
    library=$(find /usr/lib/pcsc/drivers/serial -name 'libifdvpcd.so' 2>/dev/null | head -n 1)
    [[ -n $library ]] || fail "no driver of vpcd; the package is vsmartcard-vpcd"
    mkdir "$work/readers" "$work/none"
    cat >"$work/readers/vpcd" <<CONFIG
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $library
CHANNELID    0x8C7B
CONFIG
    PCSCLITE_HP_DROPDIR=$work/none PATH=$PATH:/usr/sbin pcscd --foreground \
        --config "$work/readers" >"$work/pcscd.log" 2>&1 &
    pcscd=$!
}

# It answers when the socket is there; the client then waits for the card.
wait_for_card() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [[ -S /run/pcscd/pcscd.comm ]] && break
        kill -0 "$pcscd" 2>/dev/null || break
        sleep 0.05
    done
    # A card that does not like its options has ended by now.
    if ! kill -0 "$card" 2>/dev/null || ! "$folder/uicc-card-client" wait 2>"$work/wait.log"; then
        cat "$work"/*.log >&2
        fail "the reader shows no card"
    fi
    met=yes
}

stop() {
    [[ -z $1 ]] || { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null; } || true
}

# The card ends by itself when pcscd has gone, and it has to end well.
end() {
    local status=$?
    stop "$pcscd"
    if [[ $met == yes ]] && ! wait "$card"; then
        cat "$work/card.log" >&2
        [[ $status -ne 0 ]] || status=3
    fi
    [[ $met == yes ]] || stop "$card"
    rm -rf "$work"
    exit "$status"
}

[[ $# -gt 0 ]] || fail "no command"
folder=$(folder_of_card)
[[ ${LWSEC_CARD_INSIDE:-} == yes ]] || enter "$@"
unset LWSEC_CARD_INSIDE

options=()
if [[ $1 == -* ]]; then
    while [[ $# -gt 0 && $1 != -- ]]; do
        options+=("$1")
        shift
    done
    [[ $# -gt 1 ]] || fail "no command after --"
    shift
fi

pcscd='' card='' met=no
work=$(mktemp -d)
trap end EXIT
ip link set lo up || fail "no loopback interface"
make_run_folder || fail "no folder for pcscd"
start_pcscd
"$folder/uicc-card" ${options[@]+"${options[@]}"} 2>"$work/card.log" &
card=$!
wait_for_card
export PCSCLITE_CSOCK_NAME=/run/pcscd/pcscd.comm
status=0
"$@" || status=$?
exit "$status"
