#!/usr/bin/env bash
# lwsec coap client through a forward proxy that knows nothing of OSCORE.
# shellcheck disable=SC2317,SC2154,SC2034 # the harness calls tests by name, and shares variables
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

start_proxy() {
    python3 "$here/proxy.py" >"$work/proxy.log" 2>&1 &
    relay_pid=$!
    wait_for "$work/proxy.log" listening
    proxy=127.0.0.1:$(sed -n 's/^listening //p' "$work/proxy.log")
}

proxy_said() {
    wait_for "$work/proxy.log" "$1"
}

# What the proxy must not see: Uri-Path (11) and Uri-Query (15) as options, or in the Proxy-Uri.
proxy_saw_no_resource() {
    lacks "$work/proxy.log" ' 11:'
    lacks "$work/proxy.log" ' 15:'
    lacks "$work/proxy.log" "$(hex_of value)"
    lacks "$work/proxy.log" "$(hex_of 'a=b')"
}

test_proxy_uri() {
    start_server --no-echo
    start_proxy
    client_prints '2.01 -' PUT /value --text abc --query a=b --proxy "$proxy"
    client_prints "2.05 $(hex_of abc)" GET /value --proxy "$proxy"
    proxy_said "35:$(hex_of "coap://127.0.0.1:$port")"
    proxy_saw_no_resource
    server_said 'request PUT /value -> 2.01'
}

test_proxy_scheme() {
    start_server --no-echo
    start_proxy
    client_prints '2.01 -' PUT /value --text abc --query a=b --proxy "$proxy" --proxy-scheme
    client_prints "2.05 $(hex_of abc)" GET /value --proxy "$proxy" --proxy-scheme
    proxy_said " 39:$(hex_of coap)"
    lacks "$work/proxy.log" ' 35:'
    proxy_saw_no_resource
}

test_challenge_through_the_proxy() {
    start_server
    start_proxy
    client_prints '2.01 -' PUT /value --text abc --query a=b --proxy "$proxy"
    server_said 'challenge -> 4.01'
    proxy_saw_no_resource
}

test_observe_through_the_proxy() {
    start_server --no-echo
    start_proxy
    run_client GET /tick --observe 3 --proxy "$proxy"
    [[ $code -eq 0 && $(grep -cE '^2\.05 [0-9a-f]+$' <<<"$out") -eq 3 ]] || complain 'not three'
}

test_errors_of_the_proxy() {
    start_server --no-echo
    start_proxy
    stop "$server_pid"
    server_pid=
    client_refuses 'the peer answered with an unprotected error' GET /value --proxy "$proxy"
    proxy_said 'error 5.04'
}

test_misuse() {
    port=5683
    misused '--proxy: is not ADDRESS:PORT' coap client --connect 127.0.0.1:5683 "${context[@]}" \
        "${client[@]}" --method GET --path / --proxy nowhere
    misused '--proxy-scheme: needs --proxy' coap client --connect 127.0.0.1:5683 "${context[@]}" \
        "${client[@]}" --method GET --path / --proxy-scheme
}

run_tests
