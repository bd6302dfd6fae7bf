# Starts the program's server, and a relay before it, and runs its client. Sourced by test scripts.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the scripts
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

context=(--secret "$secret" --salt "$salt")
client=(--sender-id 01 --recipient-id 02 --state ./client-state --fresh)
timeout=10 # of the client, in seconds
port=
lives=0

hex_of() {
    printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'
}

# FILE TEXT: waits for a line that holds the text.
wait_for() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        ! grep -qF -- "$2" "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    echo "no '$2' in $1:" && cat "$1" && return 1
}

start_server() {
    lives=$((lives + 1))
    : >"$work/server.log" # or the line of the last life would be taken for this one's
    "$lwsec" coap server --listen 127.0.0.1:0 "${context[@]}" --sender-id 02 --recipient-id 01 \
        --state "$work/server-state" --fresh --verbose "$@" \
        >"$work/server.log" 2>"$work/server.err$lives" &
    server_pid=$!
    wait_for "$work/server.log" listening
    port=$(sed -n 's/^listening 127\.0\.0\.1://p' "$work/server.log")
}

restart_server() {
    stop "$server_pid"
    start_server "$@"
}

# MODE: from now on the client talks to the relay.
start_relay() {
    python3 "$here/relay.py" "$1" "$port" >"$work/relay.log" 2>&1 &
    relay_pid=$!
    wait_for "$work/relay.log" listening
    port=$(sed -n 's/^listening //p' "$work/relay.log")
}

relay_said() {
    wait_for "$work/relay.log" "$1"
}

server_said() {
    wait_for "$work/server.log" "$1"
}

# METHOD PATH [OPTION...]
run_client() {
    run coap client --connect "127.0.0.1:$port" "${context[@]}" "${client[@]}" \
        --timeout "$timeout" \
        --method "$1" --path "$2" "${@:3}"
}

client_prints() {
    run_client "${@:2}"
    [[ $code -eq 0 && $out == "$1" && -z $err ]] || complain "not '$1'"
}

client_refuses() {
    run_client "${@:2}"
    [[ $code -eq 1 && -z $out && $err == "lwsec: refused: $1" ]] || complain "not refused: $1"
}
