# Runs the program and judges output, exit code and the line on stderr. Sourced by each test script.
# shellcheck shell=bash disable=SC2034 # variables are for the scripts

set -euo pipefail
lwsec=$(realpath "$1")
vectors=$(realpath "$2")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
top=$(mktemp -d)
# Whether the build has the debug tools; some tests need them.
debug=no
! "$lwsec" version | grep -x oscore-debug >/dev/null || debug=yes
# Where a test keeps its files: it runs in a directory of its own.
work=.
server_pid=
relay_pid=

# A secret that no output may ever hold. Scripts that use another one set it anew.
secret=0102030405060708090a0b0c0d0e0f10
salt=9e7ca92223786340
ctx=(--secret "$secret" --salt "$salt" --sender-id '' --recipient-id 01)

stop() {
    [[ -z $1 ]] || { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null; } || true
}

trap 'rm -rf "$top"' EXIT

run_one() {
    trap 'stop "$server_pid"; stop "$relay_pid"' EXIT
    mkdir "$top/$1"
    cd "$top/$1"
    "$1"
    # A server that still runs has to end well: without a leak, where a sanitizer looks for it.
    [[ -z $server_pid ]] || kill "$server_pid"
    [[ -z $server_pid ]] || wait "$server_pid"
    server_pid=
    if grep -rliF -- "$secret" .; then
        echo 'the secret stands in a log' && return 1
    fi
}

# Runs the program; its results stand in `out`, `err` and `code`.
run() {
    code=0
    "$lwsec" "$@" >"$work/out" 2>"$work/err" || code=$?
    out=$(<"$work/out")
    err=$(<"$work/err")
    if grep -qiF -- "$secret" "$work/out" "$work/err"; then
        echo "the secret stands in the output of: $*" && return 1
    fi
}

complain() {
    printf '%s\n  exit %s\n  stdout %s\n  stderr %s\n' "$1" "$code" "$out" "$err"
    return 1
}

# EXPECTED ARGUMENT...: prints exactly this, nothing on stderr, exit 0.
prints() {
    run "${@:2}"
    [[ $code -eq 0 && $out == "$1" && -z $err ]] || complain "not '$1'"
}

# REASON ARGUMENT...: exit 1, nothing on stdout, exactly one line on stderr.
refuses() {
    run "${@:2}"
    [[ $code -eq 1 && -z $out && $err == "lwsec: refused: $1" ]] || complain "not refused: $1"
}

# LINE ARGUMENT...: exit 2, nothing on stdout, exactly one line on stderr.
misused() {
    run "${@:2}"
    [[ $code -eq 2 && -z $out && $err == "lwsec: $1" ]] || complain "not misused: $1"
}

# FILE PATTERN: `set -e` does not notice when `! grep` finds something.
lacks() {
    grep -nE -- "$2" "$1" || return 0
    echo "$1 has what it should not" && return 1
}

# FILE NAME KEY: a value of a vector.
vector() {
    awk -v name="$2" -v key="$3" '
        $1 == "name" { here = $3 == name }
        here && $1 == key { print $3; exit }' "$vectors/$1"
}

# Runs every function of the script that is called test_..., each in a process of its own, since
# bash ignores `set -e` in a condition.
run_tests() {
    local name failed=0
    for name in $(compgen -A function test_); do
        run_one "$name" >"$top/log" 2>&1 &
        if wait "$!"; then
            echo "ok $name"
        else
            echo "FAIL $name"
            sed 's/^/    /' "$top/log"
            failed=1
        fi
    done
    exit "$failed"
}
