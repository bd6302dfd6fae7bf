#!/usr/bin/env bash
# lwsec key, and references of keys wherever a secret is taken.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

message=44015d1f00003974396c6f63616c686f737483747631
protected=44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e
common_iv=4622d4dd6d944168eefb54987c
export PASSPHRASE='correct horse' WRONG='correct hors' EMPTY=

store=(--store file:keys --passphrase env:PASSPHRASE)
ids=(--salt "$salt" --sender-id '' --recipient-id 01)
key=(--secret key:file:keys#master --passphrase env:PASSPHRASE "${ids[@]}")

# The variable is wiped in the program, not here.
import_master() {
    prints 'key key:file:keys#master' key import "${store[@]}" --name master --type hmac-256 \
        --as oscore-master --value "$secret"
}
generate_pair() {
    run key generate "${store[@]}" --name pair --type ec-p256
    [[ $code -eq 0 && -z $err ]] || complain 'no pair'
}

# ---- The commands ----

test_a_pair_is_made_and_its_public_key_printed() {
    generate_pair
    local expected=$'^key key:file:keys#pair\npublic-key 3059[0-9a-f]{178}$'
    [[ $out =~ $expected ]] || complain 'not a reference and a SubjectPublicKeyInfo'
}
test_every_type_and_use() {
    local type as number=0
    for type in aes-128 aes-192 aes-256 hmac-256; do
        run key generate "${store[@]}" --name "$type" --type "$type"
        [[ $code -eq 0 && $out == "key key:file:keys#$type" ]] || complain "no $type"
    done
    for as in oscore-master oscore-prk psk; do
        run key generate "${store[@]}" --name "$as" --type hmac-256 --as "$as"
        [[ $code -eq 0 ]] || complain "no $as"
    done
    for as in sms-kic sms-kid; do
        run key generate "${store[@]}" --name "$as" --type aes-128 --as "$as"
        [[ $code -eq 0 ]] || complain "no $as"
    done
    prints 'key:file:keys#aes-128 "A128GCM" seal,open sealed
key:file:keys#aes-192 "A192GCM" seal,open sealed
key:file:keys#aes-256 "A256GCM" seal,open sealed
key:file:keys#hmac-256 "HMAC 256/256" mac sealed
key:file:keys#oscore-master "HKDF" extract sealed
key:file:keys#oscore-prk "HKDF" derive sealed
key:file:keys#psk "PSK" psk sealed
key:file:keys#sms-kic "AES-CBC" encrypt,decrypt sealed
key:file:keys#sms-kid "AES-CMAC" mac sealed' key list "${store[@]}"
    run key list "${store[@]}" --json
    number=$(grep -o '"tier":"sealed"' <<<"$out" | wc -l)
    [[ $number -eq 9 ]] || complain 'not nine keys in JSON'
}
test_a_key_is_deleted() {
    generate_pair
    import_master
    prints '' key delete "${store[@]}" --name pair
    prints 'key:file:keys#master "HKDF" extract sealed' key list "${store[@]}"
    misused '--name: the store has no such key' key delete "${store[@]}" --name pair
}
test_a_name_is_not_taken_twice() {
    generate_pair
    misused '--name: the store has a key of this name already' \
        key generate "${store[@]}" --name pair --type aes-128
    misused '--name: the store has a key of this name already' \
        key import "${store[@]}" --name pair --type aes-128 --value "$secret"
    run key list "${store[@]}"
    [[ $out == *'"ES256" sign sealed' ]] || complain 'the pair is another one'
}
test_the_secret_is_in_no_file() {
    import_master
    grep -q master keys/keys # the search finds what is there
    ! grep -qF "$(printf '\x01\x02\x03\x04\x05\x06\x07\x08')" keys/keys || return 1
}
test_requests_are_signed_by_the_pair() {
    generate_pair
    prints '' key csr "${store[@]}" --name pair --subject 'CN=urn:dev:ops:1,O=Company,C=SE' \
        --out request.der
    openssl req -inform DER -in request.der -verify -noout -subject >subject 2>&1
    grep -q 'verify OK' subject
    # OpenSSL 3.5 writes no spaces.
    grep -qE 'CN ?= ?urn:dev:ops:1, O ?= ?Company, C ?= ?SE' subject
}

test_commands_that_print_nothing_print_an_object_in_json() {
    local reference='{"key":"key:file:keys#pair"}'
    generate_pair
    prints "$reference" key csr "${store[@]}" --name pair --subject CN=a --out request --json
    prints "$reference" key delete "${store[@]}" --name pair --json
}

# ---- Refusals ----

test_a_wrong_passphrase_is_refused() {
    generate_pair
    refuses 'the wrong passphrase or key for this store of keys' \
        key list --store file:keys --passphrase env:WRONG
    refuses 'the wrong passphrase or key for this store of keys' \
        key delete --store file:keys --passphrase env:WRONG --name pair
}
test_a_passphrase_from_a_file() {
    printf 'correct horse\n' >passphrase
    generate_pair
    run key list --store file:keys --passphrase file:passphrase
    [[ $code -eq 0 && $out == *pair* ]] || complain 'not opened'
    printf 'correct horse \n' >passphrase
    refuses 'the wrong passphrase or key for this store of keys' \
        key list --store file:keys --passphrase file:passphrase
}
test_passphrases_that_are_none() {
    misused '--passphrase: is missing' key list --store file:keys
    misused '--passphrase: is empty' key list --store file:keys --passphrase env:EMPTY
    misused '--passphrase: the environment variable is not set' \
        key list --store file:keys --passphrase env:LWSEC_TEST_NOT_SET
    misused '--passphrase: is not given on the command line; use file: or env:' \
        key list --store file:keys --passphrase hunter2
    misused '--passphrase: the file cannot be opened' \
        key list --store file:keys --passphrase file:none
}
test_only_making_makes_a_store() {
    misused '--store: there is no such store of keys' key list "${store[@]}"
    misused '--store: there is no such store of keys' key delete "${store[@]}" --name a
    misused '--secret: there is no such store of keys' oscore derive "${key[@]}"
    [[ ! -e keys ]]
}
test_a_damaged_store_is_not_used() {
    generate_pair
    printf 'x' | dd of=keys/keys bs=1 seek=90 conv=notrunc status=none
    misused '--store: the record is cut short or damaged' \
        key list "${store[@]}"
    misused '--store: the record is cut short or damaged' \
        key generate "${store[@]}" --name b --type aes-128
}
test_kinds_of_stores_that_are_not_known() {
    misused '--store: no store of a kind that this build has' \
        key list --store keys --passphrase env:PASSPHRASE
    misused '--store: no folder, or one with more than 200 bytes' \
        key list --store file: --passphrase env:PASSPHRASE
    misused '--store: no folder, or one with more than 200 bytes' \
        key list --store "file:$(head -c 201 /dev/zero | tr '\0' a)" --passphrase env:PASSPHRASE
    misused '--store: names a key; give it with --name' \
        key list --store file:keys#master --passphrase env:PASSPHRASE
}
test_types_and_uses_that_do_not_fit() {
    misused '--type: is ec-p256, aes-128, aes-192, aes-256 or hmac-256' \
        key generate "${store[@]}" --name a --type rsa
    misused '--as: is oscore-master, oscore-prk, psk, sms-kic or sms-kid' \
        key generate "${store[@]}" --name a --type aes-128 --as nothing
    misused '--as: does not go with this --type' \
        key generate "${store[@]}" --name a --type ec-p256 --as psk
    misused '--as: does not go with this --type' \
        key generate "${store[@]}" --name a --type hmac-256 --as sms-kid
    misused '--value: is not of the size of this --type' \
        key import "${store[@]}" --name a --type aes-256 --value "$secret"
    refuses 'the key may not be used for this' key import "${store[@]}" --name a --type ec-p256 \
        --value 0000000000000000000000000000000000000000000000000000000000000000
    prints '' key list "${store[@]}"
}
test_names_that_do_not_fit() {
    local name
    for name in '' 'two words' a#b $'a\nb' å "$(head -c 65 /dev/zero | tr '\0' a)"; do
        misused '--name: has 1 to 64 printable characters, none of them space or #' \
            key generate "${store[@]}" --name "$name" --type aes-128
    done
}
test_subjects_that_are_none() {
    local subject
    generate_pair
    for subject in '' nothing 'X=a' 'CN=a,,O=b'; do
        misused \
            '--subject: is CN=..., with C, ST, L, O, OU, serialNumber, commas between them' \
            key csr "${store[@]}" --name pair --subject "$subject" --out request.der
    done
    [[ ! -e request.der ]]
}
test_a_request_needs_a_pair() {
    import_master
    refuses 'the key may not be used for this' \
        key csr "${store[@]}" --name master --subject CN=a --out request.der
    [[ ! -e request.der ]]
}

# ---- References ----

test_a_context_of_a_key_that_stays() {
    import_master
    prints "$message" oscore unprotect --secret key:file:keys#master --passphrase env:PASSPHRASE \
        --salt "$salt" --sender-id 01 --recipient-id '' --message "$protected"
}
test_keys_of_a_key_that_stays_are_not_shown() {
    [[ $debug == yes ]] || return 0
    import_master
    run oscore derive "${key[@]}"
    [[ $code -eq 1 && $out == "common-iv $common_iv" &&
        $err == 'lwsec: refused: the keys stay in their store' ]] || complain 'other than common-iv'
}
test_numbers_of_a_key_that_stays_are_counted() {
    local first
    import_master
    run oscore protect "${key[@]}" --message "$message" --state state --fresh
    [[ $code -eq 0 ]] || complain 'not protected'
    first=$out
    run oscore protect "${key[@]}" --message "$message" --state state
    [[ $code -eq 0 && $out != "$first" ]] || complain 'the same number twice'
    # What a new life says of itself does not go before the record.
    run oscore protect "${key[@]}" --message "$message" --state state --fresh
    [[ $code -eq 0 && $out != "$first" ]] || complain 'the first number again'
}
test_numbers_of_a_key_that_stays_are_not_given() {
    import_master
    misused '--ssn: is not taken for a key of a store; give --state' \
        oscore protect "${key[@]}" --message "$message" --ssn 20
    misused '--ssn: is counted in --state' \
        oscore protect "${key[@]}" --message "$message" --ssn 20 --state state
    misused '--state: is missing: numbers of a key of a store are counted' \
        oscore protect "${key[@]}" --message "$message"
    misused '--fresh: is for --state' \
        oscore protect "${ctx[@]}" --message "$message" --ssn 20 --fresh
    [[ ! -e state ]]
}
test_a_key_for_something_else_is_refused() {
    generate_pair
    refuses 'the key may not be used for this' oscore unprotect --secret key:file:keys#pair \
        --passphrase env:PASSPHRASE "${ids[@]}" --message "$protected"
}
test_references_that_name_nothing() {
    import_master
    misused '--secret: the reference names no key' oscore unprotect --secret key:file:keys \
        --passphrase env:PASSPHRASE "${ids[@]}" --message "$protected"
    misused '--secret: the store has no such key' oscore unprotect --secret key:file:keys#other \
        --passphrase env:PASSPHRASE "${ids[@]}" --message "$protected"
    misused '--secret: no store of a kind that this build has' oscore unprotect \
        --secret key:nothing --passphrase env:PASSPHRASE "${ids[@]}" --message "$protected"
    misused '--passphrase: is missing' oscore unprotect --secret key:file:keys#master \
        "${ids[@]}" --message "$protected"
}
test_short_messages_with_keys_that_stay() {
    local kic=3c47a1f6905be28d7a16c3d0f4b9825e kid=91d20b6e84fa573c6fe8109d2b75c4a3 plain
    local assoc=(--params 12121601b20203 --counter 1 --coap 40010001b474656d70)
    run key import "${store[@]}" --name kic --type aes-128 --as sms-kic --value "$kic"
    run key import "${store[@]}" --name kid --type aes-128 --as sms-kid --value "$kid"
    [[ $code -eq 0 ]] || complain 'not imported'
    run sms seal "${assoc[@]}" --keys "$kic$kid"
    [[ $code -eq 0 ]] || complain 'not sealed'
    plain=$out
    prints "$plain" sms seal "${assoc[@]}" --kic-key key:file:keys#kic \
        --kid-key key:file:keys#kid --passphrase env:PASSPHRASE
    run sms seal "${assoc[@]}" --kic-key key:file:keys#kid --kid-key key:file:keys#kic \
        --passphrase env:PASSPHRASE
    [[ $code -ne 0 && -z $out ]] || complain 'keys for another purpose'
}

run_tests
