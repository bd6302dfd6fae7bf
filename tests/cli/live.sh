#!/usr/bin/env bash
# lwsec coap client and server over loopback: methods, Observe, Echo, what survives a restart.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

test_methods() {
    start_server --no-echo
    client_prints "2.05 $(hex_of 'hello from lwsec')" GET /hello
    client_prints '4.04 -' GET /value
    client_prints '2.01 -' PUT /value --payload 00ff80
    client_prints '2.05 00ff80' GET /value
    client_prints '2.04 -' PUT /value --text abc --content-format 0
    client_prints "2.05 $(hex_of abc)" GET /value
    client_prints '2.04 -' POST /value --text def
    client_prints "2.05 $(hex_of def)" GET /value
    client_prints '2.02 -' DELETE /value
    client_prints '2.02 -' DELETE /value
    client_prints '4.04 -' GET /value
    client_prints '2.01 - location=/rd/1' POST /rd --query ep=node --query lt=300 --text '</1/0>'
    client_prints '4.05 -' FETCH /value --payload 00
    server_said 'request GET /hello -> 2.05'
    server_said 'request POST /rd -> 2.01'
}

test_large_and_too_large_values() {
    start_server --no-echo
    client_prints '2.01 -' PUT /big --payload "$(printf 'ab%.0s' {1..1024})"
    client_prints "2.05 $(printf 'ab%.0s' {1..1024})" GET /big
    client_prints '2.04 -' PUT /big --payload "$(printf 'ab%.0s' {1..16384})"
    client_prints "2.05 $(printf 'ab%.0s' {1..16384})" GET /big
    client_prints '4.13 -' PUT /bigger --payload "$(printf 'ab%.0s' {1..16385})"
    client_prints '4.04 -' GET /bigger
}

# CLIENT'S BLOCK SIZE, THE ONE THAT COUNTS.
blocks_of() {
    local value
    value=$(seq -s, 1000 | od -An -tx1 -v | tr -d ' \n')
    client_prints '2.01 -' PUT /value --payload "$value" --block-size "$1"
    client_prints "2.05 $value" GET /value --block-size "$1"
    client_prints '2.04 -' POST /value --payload "${value:2}" --block-size "$1"
    client_prints "2.05 ${value:2}" GET /value --block-size "$1"
    [[ $(grep -c '^request GET' "$work/server.log") -ge $((2 * 3893 / $2)) ]] || complain "$2"
}

test_small_blocks() {
    start_server --no-echo --block-size 64
    blocks_of 1024 64
    restart_server --no-echo
    blocks_of 32 32
    restart_server --no-echo --block-size 256
    blocks_of 256 256
}

test_large_values_are_challenged_once() {
    local value
    value=$(printf 'cd%.0s' {1..5000})
    start_server
    client_prints '2.01 -' PUT /value --payload "$value"
    client_prints "2.05 $value" GET /value
    [[ $(grep -c challenge "$work/server.log") -eq 1 ]]
}

test_block_sizes_are_powers_of_two() {
    start_server --no-echo
    run_client GET /hello --block-size 100
    [[ $code -eq 2 && $err == *'--block-size: is no power of two from 16 to 1024'* ]] ||
        complain 100
}

test_first_request_is_challenged() {
    start_server
    client_prints '2.01 -' PUT /value --text abc --query a=b
    server_said 'challenge -> 4.01'
    client_prints "2.05 $(hex_of abc)" GET /value
    [[ $(grep -c challenge "$work/server.log") -eq 1 ]]
}

# Options, payload and token of the challenged request come back; Echo in its place, the number new.
test_challenged_request_is_repeated_whole() {
    start_server
    run_client PUT /value --text abc --query a=b --content-format 40 --verbose
    [[ $out == '2.01 -' ]] || complain 'not stored'
    grep -q '^sent PUT CON Uri-Path:value Content-Format:40 Uri-Query:a=b payload:abc$' "$work/err"
    grep -qE \
        '^sent PUT CON Uri-Path:value Content-Format:40 Uri-Query:a=b Echo:[0-9a-f]+ payload:abc$' \
        "$work/err"
    mapfile -t plain < <(grep -A1 '^sent PUT' "$work/err" | sed -n 's/^  plain *//p')
    [[ ${#plain[@]} -eq 2 && ${plain[0]:4:4} != "${plain[1]:4:4}" ]]
    [[ ${plain[0]:8:16} == "${plain[1]:8:16}" ]]
}

test_no_echo_accepts_at_once() {
    start_server --no-echo
    client_prints '4.04 -' GET /value
    lacks "$work/server.log" challenge
}

test_observe_counts_and_cancels() {
    start_server --no-echo
    run_client GET /tick --observe 3
    [[ $code -eq 0 && $(grep -cE '^2\.05 [0-9a-f]+$' <<<"$out") -eq 3 ]] || complain 'not three'
    [[ $(sort -u <<<"$out" | wc -l) -eq 3 ]] || complain 'not different'
    [[ $(grep -c 'request GET /tick' "$work/server.log") -eq 2 ]] # registered, and cancelled
    local notifications
    notifications=$(grep -c '^sent 2.05 Content NON' server.err1)
    sleep 1
    [[ $(grep -c '^sent 2.05 Content NON' server.err1) -eq $notifications ]]
}

test_observe_with_echo() {
    start_server
    run_client GET /tick --observe 2
    [[ $code -eq 0 && $(wc -l <<<"$out") -eq 2 ]] || complain 'not two'
}

# A second client with the same keys, whose numbers are all above those of the first: it has skipped
# a block in each of two lives.
start_second_client() {
    local first=("${client[@]}")
    client=(--sender-id 01 --recipient-id 02 --state ./second-state --fresh)
    timeout=0
    run_client GET /
    run_client GET /
    timeout=10
    second=("${client[@]}")
    client=("${first[@]}")
}

test_observe_tells_changes_and_the_end() {
    local second observer first=("${client[@]}")
    start_server --no-echo
    client_prints '2.01 -' PUT /value --text a
    "$lwsec" coap client --connect "127.0.0.1:$port" "${context[@]}" "${client[@]}" --method GET \
        --path /value --observe 9 --timeout 20 >observed 2>&1 &
    observer=$!
    wait_for observed "2.05 $(hex_of a)"
    start_second_client
    client=("${second[@]}")
    client_prints '2.04 -' PUT /value --text b
    wait_for observed "2.05 $(hex_of b)"
    client_prints '2.02 -' DELETE /value
    wait "$observer"
    [[ $(tail -n 1 observed) == '4.04 -' ]]
}

test_observe_of_nothing() {
    start_server --no-echo
    client_prints '4.04 -' GET /value --observe 3
}

test_unknown_key_is_not_fresh() {
    start_server --no-echo
    run coap client "${context[@]}" --sender-id 01 --recipient-id 02 --state "$work/new-state" \
        --connect "127.0.0.1:$port" --method GET --path /hello
    [[ $code -eq 1 && -z $out && $err == \
        "lwsec: refused: there is no record of this key's numbers, \
and it was not declared fresh" ]] || complain 'accepted'
}

test_wrong_secret() {
    start_server --no-echo
    context=(--secret "00$secret")
    client_refuses 'the peer answered with an unprotected error' GET /hello
    server_said 'refused: decryption failed -> 4.00'
}

test_wrong_kid() {
    start_server --no-echo
    client=(--sender-id 03 --recipient-id 02 --state "$work/client-state" --fresh)
    client_refuses 'the peer answered with an unprotected error' GET /hello
    server_said 'refused: the kid is not the Recipient ID of this context -> 4.01'
}

test_nobody_answers() {
    start_server
    stop "$server_pid"
    server_pid=
    timeout=1
    client_refuses 'no answer came in time' GET /hello
}

test_server_restart_keeps_its_numbers_and_challenges() {
    start_server --no-echo
    client_prints "2.05 $(hex_of 'hello from lwsec')" GET /hello
    restart_server --no-echo
    client_prints "2.05 $(hex_of 'hello from lwsec')" GET /hello
    server_said 'challenge -> 4.01'
    client_prints '4.04 -' GET /value
    [[ $(grep -c challenge "$work/server.log") -eq 1 ]]
    # Numbers of its own, in the challenges of both lives and in notifications, never come twice.
    run_client GET /tick --observe 2
    restart_server
    client_prints '4.04 -' GET /value
    grep -A2 '^sent' "$work"/server.err* | sed -nE \
        's/.*  (protected|bytes) .* number ([0-9]+)$/\2/p' \
        >"$work/numbers"
    [[ $(wc -l <"$work/numbers") -ge 4 && -z $(sort "$work/numbers" | uniq -d) ]]
}

test_client_lives_never_repeat_a_number() {
    start_server --no-echo
    for _ in 1 2 3 4; do
        run_client GET /value --verbose # each life says --fresh; the record knows better
        cat "$work/err" >>"$work/all"
    done
    sed -nE 's/^  protected .* number ([0-9]+)$/\1/p' "$work/all" >"$work/numbers"
    [[ $(wc -l <"$work/numbers") -eq 4 ]]
    [[ $(sort -n "$work/numbers") == "$(cat "$work/numbers")" && -z $(uniq -d "$work/numbers") ]]
}

# The server takes the request, acknowledges it, and says nothing; what is wanted still comes.
test_answers_that_are_not_wanted() {
    start_server --no-echo
    timeout=3 # longer than the first retransmission: the acknowledgement keeps it from coming
    run_client PUT /value --text abc --no-response 26 --verbose
    [[ $code -eq 1 && -z $out ]] || complain 'answered'
    grep -q 'no answer came in time' "$work/err"
    server_said 'request PUT /value -> 2.01'
    [[ $(grep -c '^sent PUT' "$work/err") -eq 1 ]] || complain 'sent again'
    timeout=10
    client_prints "2.05 $(hex_of abc)" GET /value --no-response 24
    client_prints '4.04 -' GET /nothing --no-response 2
}

test_state_is_locked() {
    start_server --no-echo
    misused '--state: the state is open elsewhere' coap server --listen 127.0.0.1:0 \
        "${context[@]}" \
        --sender-id 02 --recipient-id 01 --state "$work/server-state"
}

test_server_ends_by_signals() {
    local signal status
    for signal in TERM INT; do
        start_server
        kill "-$signal" "$server_pid"
        status=0
        wait "$server_pid" || status=$?
        server_pid=
        [[ $status -eq 0 ]]
    done
}

test_each_engine_as_server() {
    local engine
    for engine in $("$lwsec" version | sed -n 's/^\(openssl\|mbedtls\) .*/\1/p'); do
        rm -rf "$work/server-state" "$work/client-state"
        start_server --engine "$engine"
        client_prints "2.05 $(hex_of 'hello from lwsec')" GET /hello
        stop "$server_pid"
        server_pid=
    done
}

run_tests
