# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# Counts cases, starts and stops the one server that a group of cases talks to, finds free ports.

passed=0
failed=0
group=
server_pid=
server_log=
root_run=("$project/tools/root-trixie.sh" run)
# Inside the project's tree, where the programs in the Debian 13 root see it too.
mkdir -p "$project/build"
work=$(mktemp -d "$project/build/interop.XXXXXX")

clean_up() {
    stop_server
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pass() {
    passed=$((passed + 1))
    echo "ok $group/$1"
}

# The reason goes to stderr, so that stdout stays one line per case.
fail() {
    failed=$((failed + 1))
    echo "FAIL $group/$1"
    sed 's/^/    /' "$2" >&2
    if [[ -s $server_log ]]; then
        echo "    the server's log ends with:" >&2
        tail -n 15 "$server_log" | cut -c1-200 | sed 's/^/    /' >&2
    fi
}

# One case: NAME and the function that must succeed. It runs as a process of its own and not as the
# condition of an `if`, where bash ignores `set -e`.
check() {
    local output=$work/case.log
    (set -e && "${@:2}") >"$output" 2>&1 &
    if wait "$!"; then pass "$1"; else fail "$1" "$output"; fi
}

# Cases that one aiocoap client runs: their number, and the client, which prints a line for each.
check_steps() {
    local expected=$1 output=$work/steps.log reason=$work/step.log seen=0 verdict step path rest
    "${@:2}" >"$output" 2>&1 || true
    while read -r verdict step path rest; do
        [[ $verdict == ok || $verdict == FAIL ]] || continue
        seen=$((seen + 1))
        echo "$path $rest" >"$reason"
        if [[ $verdict == ok ]]; then
            pass "$step${path%:}"
        else
            fail "$step${path%:}" "$reason"
        fi
    done <"$output"
    [[ $seen -eq $expected ]] || fail "ran $seen of $expected steps" "$output"
}

wait_for_line() {
    local file=$1 line=$2 tries
    for ((tries = 0; tries < 150; tries++)); do
        grep -qF -- "$line" "$file" 2>/dev/null && return
        kill -0 "$server_pid" 2>/dev/null || return
        sleep 0.1
    done
    echo "no line '$line' within 15 s"
    return 1
}

# Starts the group's server: the line that it prints when it listens, and its command, which must be
# a program and not a function, so that the process that is ended is the server itself.
start_server() {
    local ready=$1
    server_log=$work/server.log
    : >"$server_log"
    "${@:2}" >"$server_log" 2>&1 </dev/null &
    server_pid=$!
    check server-starts wait_for_line "$server_log" "$ready"
    grep -qF -- "$ready" "$server_log"
}

stop_server() {
    local tries
    [[ -n $server_pid ]] || return 0
    kill "$server_pid" 2>/dev/null || true
    for ((tries = 0; tries < 50; tries++)); do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

# What a power cut does. For lwsec's server only: the others run behind tools/root-trixie.sh.
crash_server() {
    kill -KILL "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

server_said() {
    wait_for_line "$server_log" "$1"
}

# A port of 127.0.0.1 that is free for UDP and TCP, since libcoap's server listens on both.
take_free_port() {
    port=$(in_root python3 -c '
import socket
with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
    tcp.bind(("127.0.0.1", 0))
    udp.bind(tcp.getsockname())
    print(udp.getsockname()[1])')
}

# The same file as programs in the root name it.
root_path() {
    echo "/src${1#"$project"}"
}

in_root() {
    "${root_run[@]}" "$@"
}
