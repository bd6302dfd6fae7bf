#!/usr/bin/env bash
# lwsec uicc without a card: what is asked for wrongly, and a pcscd that is not there.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

secret=404142434445464748494a4b4c4d4e4f
other=505152535455565758595a5b5c5d5e5f
keys=(--scp03-enc "$secret" --scp03-mac "$other")
# A pcscd that this machine has is not asked.
export PCSCLITE_CSOCK_NAME=$top/no-pcscd
silent='pcscd does not answer: is it running, and may this user ask it?'
unreachable='the card cannot be reached'

test_without_pcscd() {
    misused "$silent" uicc list
    misused "$silent" uicc list --json
    misused "$silent" uicc get
    misused "$silent" uicc bootstrap --json
    misused "$unreachable" uicc get --reader 'Reader 00' --aid d2760001184c574d324d "${keys[@]}"
    misused "$unreachable" uicc bootstrap --reader 'Reader 00'
    misused "$unreachable" uicc apdu --reader 'Reader 00' --apdu 00a4040c05d276000118
    misused "$unreachable" uicc store --reader 'Reader 00' --data 01
    misused "$unreachable" uicc store --reader 'Reader 00' --to +491 --coap 40010001
}

test_commands_that_are_none() {
    local apdu
    for apdu in '' 00 00a404 00a4040003aabb 00a40400000001 00a4040002aabb1000; do
        misused '--apdu: is no short command' uicc apdu --apdu "$apdu"
    done
    misused '--apdu: not hex' uicc apdu --apdu 00a4x4
    misused '--apdu: is missing' uicc apdu
}

test_what_is_stored() {
    misused 'either --data or --coap is needed' uicc store
    misused 'either --data or --coap is needed' uicc store --data 01 --coap 40010001 --to 1
    misused '--data: has 1 to 65535 octets' uicc store --data ''
    misused '--to: is a number that the message goes to' uicc store --coap 40010001
    misused '--to: is a number that the message goes to' uicc store --coap 40010001 --to x
    misused '--coap: the input ends inside a field' uicc store --coap '' --to +491
    misused '--p1: the number is too large' uicc store --data 01 --p1 128
}

test_tag_and_key_version() {
    misused '--tag: has 2 octets' uicc get --tag 00
    misused '--tag: has 2 octets' uicc get --tag 000000
    misused '--kvn: the number is too large' uicc get --kvn 256
}

test_keys_and_level() {
    misused '--scp03-mac: is missing' uicc get --scp03-enc "$secret"
    misused '--scp03-enc: is missing' uicc get --scp03-mac "$secret"
    misused '--scp03-enc: both keys have 16, 24 or 32 octets' uicc get --scp03-enc "$secret" \
        --scp03-mac "${other}00"
    misused '--scp03-enc: both keys have 16, 24 or 32 octets' uicc get \
        --scp03-enc 0102030405060708 --scp03-mac 0102030405060708
    misused '--level: needs --scp03-enc and --scp03-mac' uicc get --level 33
    misused '--level: is 01, 03, 11, 13 or 33' uicc get "${keys[@]}" --level 02
    misused '--level: is 01, 03, 11, 13 or 33' uicc get "${keys[@]}" --level 3333
    misused '--aid: has 5 to 16 octets' uicc get --aid d2760001
    misused '--engine: this build has no engine of that name' uicc get "${keys[@]}" --engine none
}

run_tests
