#!/usr/bin/env bash
# Commands, options, and every kind of wrong call: exit 2 and one line.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

message=44015d1f00003974396c6f63616c686f737483747631
protected=44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e
protect=(oscore protect --message "$message" --ssn 20)

test_no_command() { misused 'no command; see lwsec --help'; }
test_unknown_command() { misused 'unknown command; see lwsec --help' nothing; }
test_group_without_command() { misused 'no command; see lwsec oscore --help' oscore; }
test_unknown_command_of_a_group() {
    misused 'unknown command; see lwsec coap --help' coap nothing
}

test_commands_that_do_not_exist_yet() {
    misused 'unknown command; see lwsec --help' cose open
    run --help
    lacks "$work/out" '^  cose\b'
}

test_help_of_everything() {
    local command
    for command in '' oscore coap sms version 'coap decode' 'coap client' 'coap server' \
        'oscore protect' 'oscore unprotect' 'sms seal' 'sms open' 'sms inspect' 'sms por' \
        dtls 'dtls client' 'dtls server' alert retry account 'account check' \
        'account unbootstrap' cert 'cert verify' key 'key generate' 'key import' 'key list' \
        'key delete' 'key csr' est 'est enroll'; do
        # shellcheck disable=SC2086 # words
        run $command --help
        [[ $code -eq 0 && $out == usage:* && -z $err ]] || complain "no help of '$command'"
    done
    "$lwsec" version | grep -x pcsc >/dev/null || return 0
    for command in uicc 'uicc list' 'uicc apdu' 'uicc store' 'uicc get' 'uicc bootstrap'; do
        # shellcheck disable=SC2086 # words
        run $command --help
        [[ $code -eq 0 && $out == usage:* && -z $err ]] || complain "no help of '$command'"
    done
}

# Each command once, and each of its options.
test_the_man_page_has_everything() {
    local page=$here/../../docs/man/lwsec.1 command option
    while read -r command; do
        [[ $(grep -cE "^\.It Cm $command( |\$)" "$page") -eq 1 ]] || complain "not once: $command"
        # shellcheck disable=SC2086 # words
        run $command --help
        while read -r option; do
            grep -qE -- "Fl -$option( |\$)" "$page" || complain "no $option of $command"
        done < <(grep -oE '^  --[a-z0-9-]+' <<<"$out" | cut -c5- | grep -vx -e help -e json)
    done < <("$lwsec" --help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p')
}

test_help_tells_what_a_value_may_be() {
    local command
    for command in 'oscore protect' 'coap client' 'sms seal' 'sms open' 'sms por'; do
        # shellcheck disable=SC2086 # words
        run $command --help
        [[ $out == *'S is hex, file:PATH'*env:NAME* ]] || complain "no word of S in '$command'"
    done
    for command in 'coap decode' 'sms inspect' retry 'cert verify'; do
        # shellcheck disable=SC2086 # words
        run $command --help
        [[ $out == *'may be -, standard input.' && $out != *env:NAME* ]] ||
            complain "no word of standard input in '$command'"
    done
    run version --help
    [[ $out != *'standard input'* ]] || complain 'nothing is read'
}

test_help_goes_before_wrong_options() {
    run oscore protect --nothing --help
    [[ $code -eq 0 && $out == usage:* ]] || complain 'no help'
}

test_unknown_option() {
    misused 'unknown option; see --help' oscore protect --nothing
    misused 'unknown option behind --recipient-id; see --help' "${protect[@]}" "${ctx[@]}" --nothing
    misused 'an argument that is no option behind --json; see --help' version --json x
}
test_short_option() { misused 'an argument that is no option; see --help' version -x; }
test_argument_that_is_no_option() {
    misused 'an argument that is no option; see --help' coap decode "$message"
}
# A secret in the wrong place must not be repeated; `run` looks for it.
test_secret_as_argument() {
    misused 'an argument that is no option; see --help' oscore unprotect "$secret"
    misused 'unknown option; see --help' oscore unprotect "--$secret"
    misused 'unknown option; see --help' oscore unprotect "--secrets=$secret"
    misused '--secret: not hex' oscore unprotect --secret "$secret-"
    misused '--engine: this build has no engine of that name' "${protect[@]}" "${ctx[@]}" \
        --engine "$secret"
}
test_option_twice() { misused '--ssn: given twice' "${protect[@]}" "${ctx[@]}" --ssn 21; }
test_option_without_value() { misused '--message: needs a value' coap decode --message; }
test_flag_with_value() { misused '--json: takes no value' version --json=yes; }
test_missing_message() { misused '--message: is missing' oscore protect --ssn 1 "${ctx[@]}"; }
test_missing_ssn() {
    misused '--ssn: is missing' oscore protect --message "$message" "${ctx[@]}"
}
test_missing_ssn_of_a_response_with_its_own() {
    misused '--ssn: is missing' oscore protect --message 64455d1f00003974ff48 \
        --request "$protected" --own-piv --secret "$secret" --salt "$salt" --sender-id 01 \
        --recipient-id ''
}
test_missing_ssn_of_a_notification() {
    misused '--ssn: is missing' oscore protect --message 64455d1f000039746101ff48 \
        --request "$protected" --secret "$secret" --salt "$salt" --sender-id 01 --recipient-id ''
}
test_missing_secret() {
    misused '--secret: is missing' "${protect[@]}" --sender-id 00 --recipient-id 01
}
test_missing_sender_id() {
    misused '--sender-id: is missing' "${protect[@]}" --secret "$secret" --recipient-id 01
}
test_missing_recipient_id() {
    misused '--recipient-id: is missing' "${protect[@]}" --secret "$secret" --sender-id 01
}
test_own_piv_of_a_request() {
    misused '--own-piv: is for responses: --request is missing' "${protect[@]}" "${ctx[@]}" \
        --own-piv
}

test_odd_hex() { misused '--message: an odd number of hex digits' coap decode --message 440; }
test_split_byte() {
    misused '--message: an odd number of hex digits' coap decode --message '4 401'
}
test_not_hex() { misused '--message: not hex' coap decode --message 4401zz; }
test_half_hex() { misused '--message: not hex' coap decode --message 4g; }

test_number_that_is_none() {
    misused '--ssn: not a number' oscore protect --message "$message" "${ctx[@]}" --ssn 0x14
    misused '--ssn: not a number' oscore protect --message "$message" "${ctx[@]}" --ssn -1
    misused '--ssn: not a number' oscore protect --message "$message" "${ctx[@]}" --ssn ''
}
test_ssn_at_its_limit() {
    run oscore protect --message "$message" "${ctx[@]}" --ssn 1099511627775
    [[ $code -eq 0 && $out == *0dffffffffff* ]] || complain 'not protected'
}
test_ssn_out_of_range() {
    misused '--ssn: the number is too large' oscore protect --message "$message" "${ctx[@]}" \
        --ssn 1099511627776
    misused '--ssn: the number is too large' oscore protect --message "$message" "${ctx[@]}" \
        --ssn 99999999999999999999
}

context() {
    "$1" "$2" "${protect[@]}" --secret "$secret" "${@:3}"
}
test_equal_ids() {
    context misused 'Sender ID and Recipient ID are equal' --sender-id 01 --recipient-id 01
    context misused 'Sender ID and Recipient ID are equal' --sender-id '' --recipient-id ''
}
test_id_at_its_limit() {
    run "${protect[@]}" --secret "$secret" --sender-id 01020304050607 --recipient-id 01
    [[ $code -eq 0 ]] || complain 'not protected'
}
test_id_too_long_for_the_algorithm() {
    local too_long='an ID is longer than the nonce length minus 6'
    context misused "$too_long" --sender-id 0102030405060708 --recipient-id 01
    context misused "$too_long" --sender-id 01 --recipient-id 01020304050607 --aead 1
    context misused "$too_long" --sender-id 0102 --recipient-id 01 --aead 12
}
test_unknown_algorithm() {
    local unknown='the AEAD or HMAC algorithm is not supported' aead
    for aead in 0 2000 7 2147483647; do
        misused "$unknown" "${protect[@]}" "${ctx[@]}" --aead "$aead"
    done
    misused "$unknown" "${protect[@]}" "${ctx[@]}" --hmac 4
    misused "$unknown" "${protect[@]}" "${ctx[@]}" --hmac 0
    misused '--aead: the number is too large' "${protect[@]}" "${ctx[@]}" --aead 2147483648
}
test_window_out_of_range() {
    local wrong="the replay window's size or sharing does not fit"
    misused "$wrong" "${protect[@]}" "${ctx[@]}" --window 0
    misused "$wrong" "${protect[@]}" "${ctx[@]}" --window 1025
}
test_id_context_too_long() {
    misused 'a field is longer than its place allows' "${protect[@]}" "${ctx[@]}" --id-context \
        "$(printf 'ab%.0s' {1..256})"
}

test_client_options() {
    local port client=(coap client "${ctx[@]}" --state "$work/state" --connect 127.0.0.1:9)
    misused '--method: is missing' "${client[@]}" --path /
    misused '--method: is none of GET, POST, PUT, DELETE, FETCH' "${client[@]}" --path / \
        --method PATCH
    misused '--method: is none of GET, POST, PUT, DELETE, FETCH' "${client[@]}" --path / \
        --method get
    misused '--path: does not begin with /' "${client[@]}" --method GET --path hello
    misused '--text: and --payload cannot be given together' "${client[@]}" --method PUT --path / \
        --text a --payload 00
    misused '--observe: needs a count, and GET or FETCH' "${client[@]}" --method PUT --path / \
        --observe 1
    misused '--observe: needs a count, and GET or FETCH' "${client[@]}" --method GET --path / \
        --observe 0
    misused '--content-format: the number is too large' "${client[@]}" --method PUT --path / \
        --content-format 65536
    misused '--connect: is not ADDRESS:PORT' coap client "${ctx[@]}" --state "$work/state" \
        --connect localhost --method GET --path /
    for port in 65536 99999 4294972979 -1 +5683 ' 5683' 5683x ''; do
        misused '--connect: is not ADDRESS:PORT' coap client "${ctx[@]}" --state "$work/state" \
            --connect "127.0.0.1:$port" --method GET --path /
    done
    misused '--state: is missing' coap client "${ctx[@]}" --connect 127.0.0.1:9 --method GET \
        --path /
}
test_server_options() {
    misused '--listen: is missing' coap server "${ctx[@]}" --state "$work/state"
    misused '--listen: is not ADDRESS:PORT' coap server "${ctx[@]}" --state "$work/state" \
        --listen 5683
    misused '--listen: the address cannot be used' coap server "${ctx[@]}" --state "$work/state" \
        --listen 192.0.2.1:1
}
test_state_that_cannot_be_opened() {
    misused '--state: the medium refused to read, write or sync' coap server "${ctx[@]}" \
        --listen 127.0.0.1:0 --state "$work/none/state"
}

test_output_that_cannot_be_written() {
    [[ -w /dev/full ]] || return 0
    code=0
    "$lwsec" version >/dev/full 2>"$work/err" || code=$?
    [[ $code -eq 2 && $(<"$work/err") == 'lwsec: the output cannot be written' ]]
}

run_tests
