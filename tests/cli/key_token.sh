#!/usr/bin/env bash
# lwsec key with a token, and references of its keys: run by tests/tokens/with-token.sh.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

message=44015d1f00003974396c6f63616c686f737483747631
protected=44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e
common_iv=4622d4dd6d944168eefb54987c

token=pkcs11:token=$LWSEC_P11_LABEL
query="module-path=$LWSEC_P11_MODULE&pin-source=file:pin"
store=(--store "$token?$query")
master=(--secret "key:$token;object=master?$query" --salt "$salt")

# Every test has a token that holds what others left: names are its own.
set_pin() {
    printf '%s\n' "${1:-$LWSEC_P11_PIN}" >pin
}
import_master() {
    set_pin
    "$lwsec" key delete "${store[@]}" --name master >log 2>&1 || true
    run key import "${store[@]}" --name master --type hmac-256 --as oscore-master \
        --value "$secret"
    [[ $code -eq 0 && $out == "key key:$token;object=master?"* ]] || complain 'not imported'
}

test_a_context_of_a_key_in_the_token() {
    import_master
    prints "$message" oscore unprotect "${master[@]}" --sender-id 01 --recipient-id '' \
        --message "$protected"
    run oscore protect "${master[@]}" --sender-id '' --recipient-id 01 --message "$message" \
        --state state --fresh
    [[ $code -eq 0 ]] || complain 'not protected'
}
test_keys_of_the_token_are_not_shown() {
    [[ $debug == yes ]] || return 0
    import_master
    run oscore derive "${master[@]}" --sender-id '' --recipient-id 01
    [[ $code -eq 1 && $out == "common-iv $common_iv" &&
        $err == 'lwsec: refused: the keys stay in their store' ]] || complain 'other than common-iv'
}
test_a_pair_asks_for_a_certificate() {
    set_pin
    run key generate "${store[@]}" --name pair --type ec-p256
    [[ $code -eq 0 && $out == *'public-key 3059'* ]] || complain 'no pair'
    prints '' key csr "${store[@]}" --name pair --subject CN=device --out request.der
    openssl req -inform DER -in request.der -verify -noout >log 2>&1
    run key list "${store[@]}"
    [[ $out == *'object=pair'*'"ES256" sign token'* || $out == *'object=pair'*' sign mixed'* ]] ||
        complain 'not listed'
    prints '' key delete "${store[@]}" --name pair
    misused '--name: the store has no such key' key delete "${store[@]}" --name pair
}
hex() { od -An -v -tx1 | tr -d ' \n'; }
test_an_imported_pair_has_its_public_half() {
    set_pin
    openssl ecparam -name prime256v1 -genkey -noout -outform DER -out pair.der
    run key import "${store[@]}" --name brought --type ec-p256 \
        --value "$(tail -c +8 pair.der | head -c 32 | hex)"
    [[ $code -eq 0 && $out == *"public-key $(openssl ec -inform DER -in pair.der -pubout \
        -outform DER 2>log | hex)" ]] || complain 'no public half, or another'
    prints '' key csr "${store[@]}" --name brought --subject CN=device --out request.der
    openssl req -inform DER -in request.der -verify -noout >log 2>&1
    prints '' key delete "${store[@]}" --name brought
}
test_a_wrong_pin_is_refused() {
    set_pin 99999999
    run key list "${store[@]}"
    [[ $code -eq 1 && -z $out && $err == 'lwsec: refused: '* ]] || complain 'not refused'
}
test_a_pin_in_the_uri_is_refused() {
    set_pin
    run key list --store "$token?$query&pin-value=$LWSEC_P11_PIN"
    [[ $code -eq 2 && -z $out && $err != *"$LWSEC_P11_PIN"* ]] || complain 'not refused'
}
test_uris_that_lead_nowhere() {
    set_pin
    run key list --store "pkcs11:token=another?$query"
    [[ $code -eq 2 && -z $out ]] || complain 'another token'
    misused '--store: the URI has no module-path' key list --store "$token"
    run key list --store "$token?module-path=/nowhere.so"
    [[ $code -eq 2 && -z $out ]] || complain 'no module'
    run oscore unprotect --secret "key:$token?$query" --sender-id 01 --recipient-id '' \
        --message "$protected"
    [[ $code -eq 2 && $err == 'lwsec: --secret: the reference names no key' ]] ||
        complain 'no name'
}

run_tests
