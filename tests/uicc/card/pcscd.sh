#!/usr/bin/env bash
# The test card under a real pcscd: what the client sees, and that with-card.sh leaves nothing.
#
#   pcscd.sh WITH_CARD FOLDER   FOLDER: where uicc-card and uicc-card-client are
set -euo pipefail
with_card=$1 folder=$2
export LWSEC_CARD_FOLDER=$folder
failed=0

check() {
    if [[ $2 == "$3" ]]; then
        printf 'ok %s\n' "$1"
    else
        printf 'FAIL %s: %s instead of %s\n' "$1" "$2" "$3"
        failed=1
    fi
}

status() {
    local status=0
    "$@" >&2 || status=$?
    printf '%s\n' "$status"
}

# What stands outside: nothing of it may change.
outside() {
    ls -di /run/pcscd /run/pcscd/* 2>/dev/null || true
}

readonly enc=404142434445464748494a4b4c4d4e4f mac=505152535455565758595a5b5c5d5e5f
before=$(outside)
check "a client meets the card" "$(status "$with_card" --scp03-enc "$enc" --scp03-mac "$mac" \
    -- "$folder/uicc-card-client")" 0
check "the command's status is kept" "$(status "$with_card" bash -c 'exit 7')" 7
check "the network is the card's alone" \
    "$("$with_card" bash -c 'ip -brief link | cut -d " " -f 1')" lo
check "a card that does not start" "$(status "$with_card" --params 00 -- true 2>/dev/null)" 3
check "no command" "$(status "$with_card" --trace -- 2>/dev/null)" 3
two() {
    "$with_card" "$folder/uicc-card-client" wait &
    local first=$! result=0
    "$with_card" "$folder/uicc-card-client" wait || result=1
    wait "$first" || result=1
    return "$result"
}
check "two at the same time" "$(status two)" 0
check "nothing outside has changed" "$(outside)" "$before"
exit "$failed"
