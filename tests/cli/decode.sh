#!/usr/bin/env bash
# lwsec coap decode, lwsec version, and the JSON of all commands.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

message=44015d1f00003974396c6f63616c686f737483747631
protected=44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e

decodes() {
    prints "$1" coap decode --message "$2"
}

test_request() {
    decodes 'type CON
code 0.01 GET
message-id 23839
token 00003974
option Uri-Host localhost
option Uri-Path tv1
payload -' "$message"
}
test_numbers_bytes_and_empty_options() {
    decodes 'type NON
code 0.03 PUT
message-id 1
token -
option ETag 00ff
option If-None-Match -
option Uri-Path -
option Content-Format 40
option Option-65000 aa
payload 00ff' 500300014200ff10601128e1fccfaaff00ff
}
test_text_that_is_not_printable_is_hex() {
    decodes 'type CON
code 0.01 GET
message-id 1
token -
option Uri-Path 1b5b6d
payload -' 40010001b31b5b6d
}
test_code_without_name() {
    decodes 'type ACK
code 2.30 -
message-id 1
token -
payload -' 605e0001
}

test_malformed_messages() {
    misused '--message: byte 0: the input ends inside a field' coap decode --message 4401
    misused '--message: byte 0: the input ends inside a field' coap decode --message ''
    run coap decode --message 84015d1f00003974
    [[ $code -eq 2 && $err == 'lwsec: --message: byte '*': the CoAP version is not 1' ]] ||
        complain 'version 2'
    run coap decode --message "${message}ff"
    [[ $code -eq 2 && $err == *': a payload marker stands without a payload' ]] || complain marker
}
# A message that is cut short is refused or another message; the program ends in no other way.
test_truncated_messages() {
    local length
    for ((length = 0; length < ${#message}; length += 2)); do
        run coap decode --message "${message:0:length}"
        [[ $code -eq 0 || ($code -eq 2 && -z $out) ]] || complain "length $length"
    done
}

test_version() {
    run version
    [[ $code -eq 0 && $out =~ ^lwsec\ [0-9]+\.[0-9]+\.[0-9]+ ]] || complain version
    grep -qx oscore <<<"$out"
    lacks "$work/out" 'sms|est|worker'
    grep -qE '^(openssl|mbedtls) [0-9]+\.[0-9]+' <<<"$out"
}

# PYTHON ARGUMENT...: the expression over the object `o` is true.
json() {
    run "${@:2}" --json
    [[ $code -eq 0 && $(wc -l <"$work/out") -eq 1 ]] || complain 'not one line'
    python3 -m json.tool <"$work/out" >/dev/null
    python3 -c 'import json, sys; o = json.load(sys.stdin); assert eval(sys.argv[1]), o' "$1" \
        <"$work/out"
}

test_json_of_version() {
    json 'o["version"].count(".") == 2 and "oscore" in o["capabilities"] and o["engines"]' version
}
test_json_of_decode() {
    json 'o["type"] == "CON" and o["code"] == "0.01" and o["name"] == "GET"' \
        coap decode --message "$message"
    json 'o["message-id"] == 23839 and o["token"] == "00003974" and o["payload"] == ""' \
        coap decode --message "$message"
    json 'o["options"][1] == {"number": 11, "name": "Uri-Path", "value": "tv1", "hex": "747631"}' \
        coap decode --message "$message"
    json 'o["options"][0]["value"] == 40' coap decode --message 40030001c128
}
# Bytes that are no UTF-8, quotes and control characters.
test_json_of_hostile_text() {
    json 'o["options"][0]["value"] == "ff22"' coap decode --message 40010001b2ff22
    json 'o["options"][0]["value"] == "\"\\"' coap decode --message 40010001b2225c
    json 'o["options"][0]["value"] == "000a"' coap decode --message 40010001b2000a
}
test_json_of_protect_and_unprotect() {
    json "o == {'message': '$protected'}" oscore protect "${ctx[@]}" --ssn 20 --message "$message"
    json "o == {'message': '$message'}" oscore unprotect --secret "$secret" --salt "$salt" \
        --sender-id 01 --recipient-id '' --message "$protected"
}
test_json_of_derive() {
    [[ $debug == yes ]] || return 0
    json 'sorted(o) == ["common-iv", "recipient-key", "sender-key"]' oscore derive "${ctx[@]}"
}
test_json_does_not_change_refusals() {
    refuses 'decryption failed' oscore unprotect --secret "${secret/01/02}" --salt "$salt" \
        --sender-id 01 --recipient-id '' --message "$protected" --json
}

run_tests
