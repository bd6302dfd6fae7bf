#!/usr/bin/env bash
# Where secrets and hex may come from.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

message=44015d1f00003974396c6f63616c686f737483747631
expected=44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e

# SECRET [ARGUMENT...]
protect_with() {
    "$1" "$2" oscore protect --secret "$3" --salt "$salt" --sender-id '' --recipient-id 01 \
        --ssn 20 \
        --message "${4:-$message}"
}

test_hex() { protect_with prints "$expected" "$secret"; }
test_hex_with_separators() {
    protect_with prints "$expected" '01:02:03:04 05:06:07:08 09 0A 0b 0C 0d0E0f10'
    protect_with prints "$expected" "$secret" "${message:0:8} ${message:8:8}:${message:16}"
}
test_equals_sign() {
    prints "$expected" oscore protect --secret="$secret" --salt="$salt" --sender-id= \
        --recipient-id=01 --ssn=20 --message="$message"
}

test_secret_from_file_is_its_bytes() {
    printf '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20' >"$work/secret"
    protect_with prints "$expected" "file:$work/secret"
}
# A line end is a byte like others: the result is another one.
test_line_end_in_file_counts() {
    printf '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\n' >"$work/secret"
    run oscore protect --secret "file:$work/secret" --salt "$salt" --sender-id '' \
        --recipient-id 01 \
        --ssn 20 --message "$message"
    [[ $code -eq 0 && $out != "$expected" ]] || complain 'the same result'
}
test_file_that_is_not_there() {
    protect_with misused '--secret: the file cannot be opened' "file:$work/none"
}
test_file_that_cannot_be_read() { protect_with misused '--secret: cannot be read' "file:$work"; }
test_empty_file() {
    : >"$work/secret"
    protect_with misused '--secret: the secret is empty' "file:$work/secret"
}
test_file_too_long() {
    head -c 256 /dev/zero >"$work/secret"
    protect_with misused '--secret: the secret is longer than 255 bytes' "file:$work/secret"
}
test_longest_secret() {
    head -c 255 /dev/zero >"$work/secret"
    run oscore protect --secret "file:$work/secret" --sender-id '' --recipient-id 01 --ssn 0 \
        --message "$message"
    [[ $code -eq 0 ]] || complain 'not protected'
}
test_endless_file() { protect_with misused '--secret: too long' file:/dev/zero; }

test_secret_from_environment() {
    LWSEC_TEST_SECRET=$secret protect_with prints "$expected" env:LWSEC_TEST_SECRET
}
test_variable_that_is_not_set() {
    protect_with misused '--secret: the environment variable is not set' env:LWSEC_TEST_NOT_SET
}
test_variable_that_is_not_hex() {
    LWSEC_TEST_SECRET=${secret}x protect_with misused '--secret: not hex' env:LWSEC_TEST_SECRET
}
# Where keys of stores are taken: key.sh.
test_key_reference_where_bytes_are_needed() {
    misused '--keys: a key reference is not taken here; use file: or env:' \
        sms seal --params 12121601b20203 --keys 'key:pkcs11:token=a;object=b' --counter 1 --data 00
}
test_empty_secret() { protect_with misused '--secret: the secret is empty' ''; }

test_message_from_input() {
    printf '%s\n' "$message" | protect_with prints "$expected" "$secret" -
}
test_secret_from_input() { printf '%s\n' "$secret" | protect_with prints "$expected" -; }
test_input_once_only() {
    printf '%s\n' "$secret" | protect_with misused '--message: standard input is read already' - -
}
test_input_that_is_not_hex() {
    printf 'hello' | protect_with misused '--message: not hex' "$secret" -
}
test_input_too_long() { protect_with misused '--message: too long' "$secret" - </dev/zero; }

# What `ps` shows of a running server.
test_secret_leaves_the_command_line() {
    [[ -r /proc/self/cmdline ]] || return 0
    "$lwsec" coap server --listen 127.0.0.1:0 --secret "$secret" --sender-id 02 --recipient-id 01 \
        --state "$work/state" --fresh >"$work/server" 2>&1 &
    local pid=$! tries shown
    for ((tries = 0; tries < 100; tries++)); do
        ! grep -q listening "$work/server" || break
        sleep 0.05
    done
    shown=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    kill "$pid"
    wait "$pid"
    [[ $shown == *coap*server* && $shown != *"$secret"* ]]
}

run_tests
