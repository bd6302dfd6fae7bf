#!/usr/bin/env bash
# What the client and the server do when the network loses, repeats, forges or changes datagrams.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

hello="2.05 $(hex_of 'hello from lwsec')"

test_relay_itself() {
    start_server --no-echo
    start_relay pass
    client_prints "$hello" GET /hello
}

# After about 2 s the client sends the same bytes again, with the same number.
test_lost_request() {
    start_server --no-echo
    start_relay drop-request
    client_prints "$hello" GET /hello
    relay_said 'same bytes again'
    [[ $(grep -c '^request' server.log) -eq 1 ]]
}

# The server must not take the retransmission for a replay, nor protect a second answer.
test_lost_answer() {
    start_server --no-echo
    start_relay drop-answer
    client_prints '2.01 -' PUT /value --text a
    relay_said 'same bytes again'
    relay_said 'same answer again'
    server_said 'again -> the same answer'
    [[ $(grep -c '^request' server.log) -eq 1 ]]
}

test_lost_challenge() {
    start_server
    start_relay drop-answer
    client_prints "$hello" GET /hello
    relay_said 'same answer again'
    [[ $(grep -c '^challenge' server.log) -eq 1 ]]
}

test_duplicated_request() {
    start_server --no-echo
    start_relay duplicate
    client_prints '2.01 -' PUT /value --text a
    relay_said 'same answer again'
    [[ $(grep -c '^request' server.log) -eq 1 ]]
}

# An empty acknowledgement first, the answer later, confirmable, and twice.
test_separate_answer() {
    start_server --no-echo
    start_relay separate
    client_prints "$hello" GET /hello
    relay_said 'empty 60007777'
}

test_separate_challenge() {
    start_server
    start_relay separate
    client_prints "$hello" GET /hello
}

test_plain_answer_is_no_answer() {
    start_server --no-echo
    start_relay plain
    timeout=1
    client_refuses 'the message is not protected' GET /hello
}

test_plain_error_is_a_refusal() {
    start_server --no-echo
    start_relay plain-error
    client_refuses 'the peer answered with an unprotected error' GET /hello
}

test_forged_answers_do_not_hide_the_real_one() {
    start_server --no-echo
    start_relay inject
    client_prints "$hello" GET /hello
}

test_tampered_request() {
    start_server --no-echo
    start_relay tamper
    client_refuses 'the peer answered with an unprotected error' GET /hello
    server_said 'refused: decryption failed -> 4.00'
    lacks server.log '^request'
}

test_replay_from_another_port() {
    start_server --no-echo
    start_relay record
    client_prints "$hello" GET /hello
    relay_said 'replay answered'
    server_said 'refused: the number was received before or is below the window -> 4.01'
    # No OSCORE option, no payload: header, token, and Max-Age 0.
    [[ $(sed -n 's/^replay answered //p' relay.log) =~ ^6881[0-9a-f]{20}d001$ ]]
    [[ $(grep -c '^request' server.log) -eq 1 ]]
}

# HEX: sends it to the server and prints the answer.
send_raw() {
    python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.sendto(bytes.fromhex(sys.argv[2]), ("127.0.0.1", int(sys.argv[1])))
try:
    print(s.recv(2048).hex())
except TimeoutError:
    print("nothing")' "$port" "$1"
}

# CODE MESSAGE: the server answers this request, protected here with the next number, so.
answers() {
    local request answer
    ssn=$((ssn + 1))
    request=$("$lwsec" oscore protect "${context[@]}" --sender-id 01 --recipient-id 02 \
        --ssn "$ssn" \
        --message "$2")
    answer=$(send_raw "$request")
    run oscore unprotect "${context[@]}" --sender-id 01 --recipient-id 02 --request "$request" \
        --message "$answer"
    [[ $code -eq 0 && ${out:2:2} == "$1" ]] || complain "not $1"
}

test_server_and_odd_requests() {
    local ssn=100
    [[ $debug == yes ]] || return 0
    start_server --no-echo
    answers 45 4001000ab568656c6c6f             # GET /hello
    answers 45 5001000bb568656c6c6f             # not confirmable
    answers 84 4001000c                         # no path
    answers 84 4001000db10a                     # a path that is not printable
    answers 82 4001000eb568656c6c6fe0fcd5       # an unknown critical option
    answers 45 4001000fb568656c6c6fe0fcd4       # an unknown elective option
    answers 85 40060010b568656c6c6f             # PATCH
    answers 85 401f0011b568656c6c6f             # a method that nobody knows
    answers 41 40030012                         # PUT without path and payload
    answers 45 40010013                         # it is there
    server_said 'request ? '
}

test_server_and_raw_datagrams() {
    start_server --no-echo
    [[ $(send_raw 4101123477b568656c6c6f) == 6181123477d001 ]] # a plain GET /hello
    server_said 'refused: the message is not protected -> 4.01'
    [[ $(send_raw 4102123477920901) == 6182123477d001 ]]   # OSCORE without a ciphertext
    [[ $(send_raw 4102123477910fff00) == 6182123477d001 ]] # a reserved Partial IV length
    [[ $(send_raw ffffffff) == nothing ]]
    [[ $(send_raw '') == nothing ]]
    [[ $(send_raw 40001234) == 70001234 ]]                 # a CoAP ping
    [[ $(send_raw 600012) == nothing ]]
    [[ $(send_raw 6101123477) == nothing ]]                # a request as an acknowledgement
    client_prints "$hello" GET /hello
}

run_tests
