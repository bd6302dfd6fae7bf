#!/usr/bin/env bash
# lwsec uicc against the test card, which shares no code with lwsec, through a real pcscd.
#
#   host.sh WITH_CARD FOLDER LWSEC   FOLDER: where uicc-card is; LWSEC: the program
set -euo pipefail
with_card=$1 folder=$2 lwsec=$3
export LWSEC_CARD_FOLDER=$folder

# Without namespaces there is nothing to test: 77 tells ctest so.
if [[ -z ${PCSCLITE_CSOCK_NAME:-} ]]; then
    possible=0
    "$with_card" true || possible=$?
    [[ $possible -ne 77 ]] || exit 77
fi
readonly enc=404142434445464748494a4b4c4d4e4f mac=505152535455565758595a5b5c5d5e5f
readonly kic=000102030405060708090a0b0c0d0e0f kid=101112131415161718191a1b1c1d1e1f
readonly params=12121601b20203 aid=d2760001184c574d324d
readonly coap=5402303aaabbccddb13101300138
readonly objects='object 0 - 080023c8001a636f61703a2f2f62732e6578616d706c652e636f6d3a3536'
readonly object=${objects}3833c10101c10203
readonly absent='lwsec: there is no such reader, or no card in it; see lwsec uicc list'
failed=0

# WHAT EXIT OUTPUT ARGUMENT...: stdout and stderr of the program, together.
check() {
    local what=$1 expected_code=$2 expected=$3 code=0 got
    shift 3
    got=$("$lwsec" uicc "$@" 2>&1) || code=$?
    if [[ $code -eq $expected_code && $got == "$expected" ]]; then
        printf 'ok %s\n' "$what"
    else
        printf 'FAIL %s: exit %s, %s\n' "$what" "$code" "$got"
        failed=1
    fi
}

# An SMS that brings the packet to the card: ENVELOPE with an SMS-DELIVER for data download.
envelope() {
    local packet tpdu
    packet=$("$lwsec" sms seal --params "$params" --keys "$kic$kid" --counter "$1" --coap "$coap")
    tpdu=440d91945111325476f87ff66211241200000000
    tpdu=${tpdu%??}$(printf '%02x' $((3 + ${#packet} / 2)))027000$packet
    tpdu=8b$(printf '%02x' $((${#tpdu} / 2)))$tpdu
    tpdu=82028381$tpdu
    tpdu=d1$(printf '%02x' $((${#tpdu} / 2)))$tpdu
    printf '80c20000%02x%s\n' $((${#tpdu} / 2)) "$tpdu"
}

# What the card answers: SPI2 asks for a plain Proof of Receipt.
proof() { printf 'sw 9000\ndata 027100000b0ab20203%010x0000' "$1"; }

# A message in and a message out with these options, and the objects for bootstrap.
meet() {
    local counter=$1 how=$2
    shift 2
    check "bootstrap, $how" 0 "$object" bootstrap "$@"
    check "nothing to get, $how" 1 'lwsec: refused: the card has no data' get --aid "$aid" "$@"
    check "a message in, $how" 0 "$(proof "$counter")" apdu --apdu "$(envelope "$counter")"
    check "get, $how" 0 "data 0d91945111325476f805000e$coap
from +4915112345678
coap $coap" get --aid "$aid" "$@"
    check "and no more, $how" 1 'lwsec: refused: the card has no data' get --aid "$aid" "$@"
}

long() { printf '%0*d' "$1" 0; }

inside() {
    check "readers" 0 $'Virtual PCD 00 00\nVirtual PCD 00 01' list
    check "readers in JSON" 0 '{"readers":["Virtual PCD 00 00","Virtual PCD 00 01"]}' list --json
    check "objects in JSON" 0 \
        '{"objects":[{"id":0,"version":"-","instances":"'"${object#object 0 - }"'"}]}' \
        bootstrap --json --reader 'Virtual PCD 00 00'
    check "a status word in JSON" 0 '{"sw":"6d00","data":""}' apdu --apdu 00ff0000 --json
    check "a reader without a card" 2 "$absent" \
        bootstrap --reader 'Virtual PCD 00 01'
    check "a reader that is none" 2 "$absent" \
        bootstrap --reader 'Virtual PCD 07 00'
    meet 1 "in the clear"
    local level counter=2
    for level in 01 03 11 13 33; do
        meet "$counter" "level $level" --scp03-enc "$enc" --scp03-mac "$mac" --level "$level"
        counter=$((counter + 1))
    done
    meet 7 "key version 30" --scp03-enc "$enc" --scp03-mac "$mac" --kvn 48
    check "another application" 1 'lwsec: refused: the card answers 6a82' get --aid "${aid%??}4e"
    check "other keys" 1 'lwsec: refused: a cryptogram or MAC of the card is wrong' \
        get --aid "$aid" --scp03-enc "$mac" --scp03-mac "$enc"
    check "another key version" 1 'lwsec: refused: the card answers 6a88' \
        get --aid "$aid" --scp03-enc "$enc" --scp03-mac "$mac" --kvn 49
    check "keys of another size" 1 'lwsec: refused: a cryptogram or MAC of the card is wrong' \
        get --aid "$aid" --scp03-enc "$enc$enc" --scp03-mac "$mac$mac"
    check "a message out, in the channel, in two blocks" 0 '' store --aid "$aid" \
        --scp03-enc "$enc" --scp03-mac "$mac" --to +4915112345678 --coap "$coap$(long 480)"
    check "a message out" 0 '' store --aid "$aid" --to +4915112345678 --coap "$coap"
    check "a message that is none" 1 'lwsec: refused: the card answers 6a80' store --aid "$aid" \
        --data 00
    return "$failed"
}

# A file of many pieces, the same in each way.
large() {
    local level
    check "a large file, in the clear" 0 "object 3442 2.5 $(long 40000)" bootstrap
    for level in 01 03 11 13 33; do
        check "a large file, level $level" 0 "object 3442 2.5 $(long 40000)" bootstrap \
            --scp03-enc "$enc" --scp03-mac "$mac" --level "$level"
    done
    return "$failed"
}

# PART OPTION...: a part of the test in the namespace of a card with these options.
with() {
    local part=$1
    shift
    "$with_card" --scp03-enc "$enc" --scp03-mac "$mac" "$@" \
        -- bash "$0" "$with_card" "$folder" "$lwsec" "$part"
}

case ${4:-} in
inside | large) "$4" ;;
*)
    with inside --params "$params" --keys "$kic$kid"
    file=$(mktemp)
    trap 'rm -f "$file"' EXIT
    perl -e 'print pack "nnnCCn", 1, 20006, 3442, 2, 5, 20000; print "\0" x 20000' >"$file"
    with large --bootstrap "$file"
    ;;
esac
