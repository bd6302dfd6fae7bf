#!/usr/bin/env bash
# The test card under a real pcscd: what the client sees, and that with-card.sh leaves nothing.
#
#   pcscd.sh WITH_CARD FOLDER VECTORS   FOLDER: where uicc-card is; VECTORS: tests/vectors
set -euo pipefail
with_card=$1 folder=$2 vectors=$3
export LWSEC_CARD_FOLDER=$folder

# Without namespaces there is nothing to test: 77 tells ctest so.
if [[ -z ${PCSCLITE_CSOCK_NAME:-} ]]; then
    possible=0
    "$with_card" true || possible=$?
    [[ $possible -ne 77 ]] || exit 77
fi
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

# One value of a vector: its file, its name, the key.
vector() {
    awk -v name="name = $2" -v key="$3" \
        'BEGIN { RS = ""; FS = "\n" }
        index($0 "\n", name "\n") { for (i = 1; i <= NF; i++)
            if (index($i, key " = ") == 1) print substr($i, length(key) + 4) }' "$vectors/$1.txt"
}

# A message of two parts comes in by ENVELOPE, GET DATA gives it, and STORE DATA sends it back.
both_ways() {
    local name=lwm2m-aes128-concat2 terminal=$folder/uicc-card-terminal payload
    "$terminal" envelope "$(vector sms_tpdu "$name" tpdu1)" "$(vector sms_tpdu "$name" tpdu2)"
    payload=$("$terminal" apdu 00a4040c0ad2760001184c574d324d 80ca000000 |
        sed -n 's/^\([0-9a-f]*\) 9000$/\1/p')
    "$terminal" apdu "80e28000$(printf %02x "$((${#payload} / 2))")$payload" >/dev/null
    "$terminal" fetch
}
# Each has its own pcscd.
two() {
    "$with_card" "$folder/uicc-card-client" wait &
    local first=$! result=0
    "$with_card" "$folder/uicc-card-client" wait || result=1
    wait "$first" || result=1
    return "$result"
}

readonly enc=404142434445464748494a4b4c4d4e4f mac=505152535455565758595a5b5c5d5e5f
readonly keys=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
before=$(outside)
check "a client meets the card" "$(status "$with_card" --scp03-enc "$enc" --scp03-mac "$mac" \
    -- "$folder/uicc-card-client")" 0

# What it prints: nothing for the first part, the proof of receipt, two SMS-SUBMITs. Of those, what
# stands after header elements is the packet, as counter and keys are the same.
packet=$("$with_card" --params 12121601b20203 --keys "$keys" --sent 16 \
    -- bash -c "$(declare -f vector both_ways); folder=$folder vectors=$vectors; both_ways" |
    sed -n -e 's/^41.\{20\}7ff6..07.\{10\}7000//p' -e 's/^41.\{20\}7ff6..05.\{10\}//p' |
    tr -d '\n')
check "a message in, and out again" "$packet" "$(vector sms_packets lwm2m-aes128-concat2 packet)"
check "the command's status is kept" "$(status "$with_card" bash -c 'exit 7')" 7
check "the network is the card's alone" \
    "$("$with_card" bash -c 'ip -brief link | cut -d " " -f 1')" lo
check "a card that does not start" "$(status "$with_card" --params 00 -- true 2>/dev/null)" 3
check "no command" "$(status "$with_card" --trace -- 2>/dev/null)" 3
check "two at the same time" "$(status two)" 0
check "nothing outside has changed" "$(outside)" "$before"
exit "$failed"
