#!/usr/bin/env bash
# lwsec coap client and server over DTLS, and with OSCORE within it.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

secret=c3a17e5509f2b86d4410e7cb2f93d85a
# In the files of the tests, so that the harness finds it nowhere else.
spaced=$(sed 's/../&:/g; s/:$//' <<<"$secret")
other=0f1e2d3c4b5a69788796a5b4c3d2e1f1
master=5d1c0b8e7f6a49382716f5e4d3c2b1a0
export KEY=$spaced OTHER=$other MASTER=$master
psk=(--psk-identity device --psk env:KEY)
oscore=(--secret env:MASTER --salt "$salt" --fresh)
engines=$("$lwsec" version --json | python3 -c \
    'import json, sys; print(*json.load(sys.stdin)["engines"])')

# [OPTION...]
start_coaps() {
    : >server.log
    "$lwsec" coap server --listen coaps://127.0.0.1:0 "$@" >server.log 2>server.err &
    server_pid=$!
    wait_for server.log listening
    port=$(sed -n 's/^listening 127\.0\.0\.1://p' server.log)
}

stop_coaps() {
    stop "$server_pid"
    server_pid=
}

# METHOD PATH [OPTION...]
ask() {
    run coap client --connect "coaps://127.0.0.1:$port" --timeout "$timeout" --method "$1" \
        --path "$2" "${@:3}"
}

answers() {
    ask "${@:2}"
    [[ $code -eq 0 && $out == "$1" && -z $err ]] || complain "not '$1'"
}

account() {
    printf '%s\n' '/0/0/0 = "coaps://127.0.0.1:5684"' '/0/0/1 = false' '/0/0/2 = 0' \
        '/0/0/3 = "device"' "/0/0/5 = hex:$spaced" '/0/0/10 = 101' "$@"
}

test_methods_on_every_pair_of_engines() {
    local ours theirs
    for theirs in $engines; do
        start_coaps "${psk[@]}" --engine "$theirs"
        for ours in $engines; do
            answers "2.05 $(hex_of 'hello from lwsec')" GET /hello "${psk[@]}" --engine "$ours"
            answers '2.01 -' PUT "/$ours" "${psk[@]}" --text "$ours" --engine "$ours"
            answers "2.05 $(hex_of "$ours")" GET "/$ours" "${psk[@]}" --engine "$ours"
        done
        stop_coaps
    done
}

test_large_values_go_in_blocks() {
    start_coaps "${psk[@]}"
    local value
    value=$(seq -s, 1500 | head -c 5000 | od -An -tx1 -v | tr -d ' \n')
    answers '2.01 -' PUT /value --payload "$value" "${psk[@]}"
    answers "2.05 $value" GET /value "${psk[@]}"
    answers "2.05 $value" GET /value "${psk[@]}" --block-size 32
}

test_observe() {
    start_coaps "${psk[@]}"
    ask GET /tick "${psk[@]}" --observe 3
    [[ $code -eq 0 && $(grep -cE '^2\.05 [0-9a-f]+$' <<<"$out") -eq 3 ]] || complain 'not three'
}

test_an_account_for_both_sides() {
    account >client
    start_coaps --account client
    answers "2.05 $(hex_of 'hello from lwsec')" GET /hello --account client
    server_said 'peer psk device'
}

test_another_key_gets_nothing() {
    start_coaps "${psk[@]}"
    ask GET /hello --psk-identity device --psk env:OTHER --handshake-timeout 2
    [[ $code -eq 1 && -z $out && $err == 'lwsec: refused: '* ]] || complain 'an answer'
    ask GET /hello --psk-identity somebody --psk env:OTHER
    [[ $code -eq 1 && -z $out && $err == 'lwsec: refused: the peer ended it by a fatal alert' ]] ||
        complain 'an answer'
    lacks server.log '^request'
}

# Messages without DTLS are not heard by a server that has it.
test_plain_messages_get_nothing() {
    start_coaps "${psk[@]}"
    python3 - "$port" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
for message in ("44010001aabbccddb568656c6c6f", "440100", "17fefd0001000000000000001044010001"):
    s.sendto(bytes.fromhex(message), ("127.0.0.1", int(sys.argv[1])))
try:
    sys.exit(f"an answer: {s.recv(2000).hex()}")
except TimeoutError:
    pass
END
    lacks server.log '^request'
    answers "2.05 $(hex_of 'hello from lwsec')" GET /hello "${psk[@]}"
}

test_a_registration_is_under_the_name_of_the_credential() {
    start_coaps "${psk[@]}"
    answers '2.01 - location=/rd/1' POST /rd --query ep=device --query lt=300 "${psk[@]}"
    answers '4.00 -' POST /rd --query ep=other --query lt=300 "${psk[@]}"
    answers '4.00 -' POST /rd --query ep=device --query ep=device "${psk[@]}"
}

# ---- OSCORE within DTLS: 5.5.1 ----

start_both() {
    start_coaps "${psk[@]}" "${oscore[@]}" --sender-id 02 --recipient-id 01 --state server-state \
        "$@"
}

test_oscore_within_dtls() {
    local inner=("${oscore[@]}" --sender-id 01 --recipient-id 02 --state client-state)
    start_both
    answers '2.01 -' PUT /value --text abc "${psk[@]}" "${inner[@]}"
    server_said 'challenge -> 4.01'
    server_said 'peer psk device'
    answers "2.05 $(hex_of abc)" GET /value "${psk[@]}" "${inner[@]}"
    ask GET /tick "${psk[@]}" "${inner[@]}" --observe 2
    [[ $code -eq 0 && $(wc -l <<<"$out") -eq 2 ]] || complain 'not two'
}

# The server that has both takes no message that has the outer layer alone.
test_dtls_alone_is_not_enough_where_oscore_is_asked_for() {
    start_both --no-echo
    timeout=3
    ask GET /hello "${psk[@]}"
    [[ $code -eq 0 && $out == '4.01 -' ]] || [[ $code -eq 1 && -z $out ]] || complain 'an answer'
    lacks server.log '^request'
}

# An account with a mode and a link has both layers; without a place for its numbers, none.
test_the_link_of_an_account_asks_for_both() {
    account '/0/0/17 = 21:0' "/21/0/0 = hex:$master" '/21/0/1 = hex:01' '/21/0/2 = hex:02' \
        "/21/0/5 = hex:$salt" >client
    start_both --no-echo
    answers "2.05 $(hex_of 'hello from lwsec')" GET /hello --account client --fresh \
        --state client-state
    ask GET /hello --account client
    [[ $code -eq 2 && $err == 'lwsec: --state: is missing: the account has OSCORE, too' ]] ||
        complain 'without a state'
}

# ---- Options ----

test_options() {
    local client=(coap client --method GET --path /)
    misused '--connect: CoAP over TCP, and so TLS, is not there in this version' "${client[@]}" \
        --connect coaps+tcp://127.0.0.1 "${psk[@]}"
    misused '--connect: coap has no DTLS: coaps is meant' "${client[@]}" \
        --connect coap://127.0.0.1 "${psk[@]}"
    misused 'coaps needs --account, or --psk-identity and --psk' "${client[@]}" \
        --connect coaps://127.0.0.1
    misused '--psk: is missing' "${client[@]}" --connect 127.0.0.1:9 --psk-identity device
    misused '--psk-identity: is missing' "${client[@]}" --connect 127.0.0.1:9 --psk env:KEY
    misused '--secret: is missing' "${client[@]}" --connect 127.0.0.1:9 --state state
    misused '--sender-id: is missing' "${client[@]}" --connect 127.0.0.1:9 --state state \
        "${psk[@]}" --secret env:MASTER
    misused '--rederive: needs a security context' "${client[@]}" --connect 127.0.0.1:9 \
        "${psk[@]}" --rederive
    account >client
    misused '--account: and --psk-identity cannot be given together' "${client[@]}" \
        --connect 127.0.0.1:9 "${psk[@]}" --account client
}

run_tests
