#!/usr/bin/env bash
# lwsec retry: scripts of events, and what is wrong with them.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

scripts=$here/../certpolicy/retry

# LINE...: a script of these lines.
script() {
    printf '%s\n' "$@" >"$work/script"
}

# LINE-NUMBER WHAT LINE...: refused as input.
wrong() {
    script "${@:3}"
    misused "--script: line $1: $2" retry --script "$work/script"
}

# All scripts for the accounts that the program has without an account file.
test_scripts() {
    local file count=0
    for file in "$scripts"/*.script; do
        if ! grep -q '^#!' "$file"; then
            prints "$(<"${file%.script}.expected")" retry --script "$file"
            count=$((count + 1))
        fi
    done
    [[ $count -ge 10 ]]
}

test_default_schedule() {
    script 'at 0 start' 'at 0 alert 20' 'at 60 timeout' 'at 180 timeout' 'at 420 timeout' \
        'at 900 timeout'
    run retry --script "$work/script"
    [[ $(grep -o 'wait=.*' "$work/out" | tr '\n' ' ') == \
        'wait=60 alert=20 wait=120 wait=240 wait=480 wait=86400 ' ]] || complain waits
    [[ $out == *$'\nT=900 server=0 bootstrap attempt=1' ]] || complain bootstrap
}

test_standard_input() {
    printf 'at 0 start\nat 5 registered' >"$work/script"
    code=0
    "$lwsec" retry --script - <"$work/script" >"$work/out" || code=$?
    [[ $code -eq 0 && $(tail -n 1 "$work/out") == 'T=5 server=1 registered' ]]
}

test_layout() {
    script '# a comment' '' '   ' $'\tat  0\tstart  # now' $'at 5 registered\r'
    prints $'T=0 server=1 connect attempt=1/5 sequence=1/1\nT=5 server=1 registered' \
        retry --script "$work/script"
    : >"$work/script"
    prints '' retry --script "$work/script"
}

test_json() {
    script 'at 0 start' 'at 3 alert 20'
    run retry --script "$work/script" --json
    python3 -c 'import json, sys
one, two = json.load(sys.stdin)["decisions"]
assert one["decision"] == "connect" and one["server"] == 1 and one["time"] == 0, one
assert two["decision"] == "retry" and two["wait"] == 60 and two["alert"] == 20, two' <"$work/out"
}

test_wrong_lines() {
    wrong 1 'is not: at SECONDS EVENT' 'start'
    wrong 1 'is not: at SECONDS EVENT' 'at 0'
    wrong 1 'is not: at SECONDS EVENT' 'at -1 start'
    wrong 1 'is not: at SECONDS EVENT' 'at 1.5 start'
    wrong 1 'is not: at SECONDS EVENT' 'at 1000000001 start'
    wrong 1 'is not: at SECONDS EVENT' 'at 99999999999999999999 start'
    wrong 1 'is not: at SECONDS EVENT' 'in 1 start'
    wrong 2 'earlier than the event before' 'at 5 start' 'at 4 timeout'
    wrong 3 'an event after the end' 'at 5 start' 'at 6 end' 'at 7 timeout'
    wrong 1 'there is no such event' 'at 0 nothing'
    wrong 1 'there is no such event' 'at 0 start now'
    wrong 1 'there is no such event' 'at 0 start server=1'
    wrong 1 'there is no such event' 'at 0 timeout now'
    wrong 1 'the line is too long' 'at 0 alert 1 sent sent sent sent'
    wrong 1 'the line is too long' 'at 0 aVeryLongWordThatIsNoEventAtAll'
}

test_wrong_events() {
    wrong 1 'an alert has a number up to 255' 'at 0 alert'
    wrong 1 'an alert has a number up to 255' 'at 0 alert 256'
    wrong 1 'an alert has a number up to 255' 'at 0 alert 1 sent authenticated'
    wrong 1 'an alert is sent or authenticated, or nothing is said of it' 'at 0 alert 1 x'
    for code in 2.05 4.3 4.32 4.033 6.00 x 4,03; do
        wrong 1 'a response has a code from 4.00 to 5.31' "at 0 response $code"
    done
    wrong 1 'a response has a code from 4.00 to 5.31' 'at 0 response'
    wrong 1 'a clock is trusted, doubted or unset' 'at 0 clock right'
    wrong 1 'a clock is trusted, doubted or unset' 'at 0 clock'
    wrong 1 'a server has a number up to 65535' 'at 0 timeout server=65536'
    wrong 1 'a server has a number up to 65535' 'at 0 timeout server='
    wrong 1 'there is no such server' 'at 0 timeout server=2'
}

test_files() {
    misused '--script: is missing' retry
    misused '--script: cannot be read' retry --script "$work/none"
    printf 'at 0 start\0' >"$work/script"
    misused '--script: is no text' retry --script "$work/script"
}

# Servers of the order, the hold-off, and numbers that are too high for a wait.
test_account_file() {
    cat >"$work/account" <<'END'
/0/0/1 = true
/0/0/11 = 30
/0/1/1 = false
/0/1/10 = 7
/1/0/0 = 7
/1/0/13 = 2
/1/0/14 = 20
/1/1/0 = 3
/1/1/13 = 1
/1/1/15 = false
/1/1/17 = 1
/1/1/19 = 4294967296
END
    script 'at 0 start' 'at 1 timeout' 'at 50 bootstrapped' 'at 51 registered' 'at 71 end'
    prints 'T=0 server=3 connect attempt=1/1 sequence=1/1
T=1 server=3 failed stopped
T=21 server=7 connect attempt=1/5 sequence=1/1
T=50 server=0 ignored
T=51 server=7 registered
T=51 server=0 bootstrap attempt=1' retry --script "$work/script" --account "$work/account"
}
test_two_files_on_standard_input() {
    misused '--account: standard input is read already' retry --script - --account - \
        <<<'at 0 start'
}
test_accounts_without_anybody() {
    local unfit='--account: nobody to register with, or two Servers of one ID; see account check'
    script 'at 0 start'
    : >"$work/account"
    misused "$unfit" retry --script "$work/script" --account "$work/account"
    seq -f '/1/%.0f/0 = 1' 0 16 >"$work/account"
    misused '--account: too many servers' retry --script "$work/script" --account "$work/account"
    printf '/1/0/0 = 1\n/1/1/0 = 1\n' >"$work/account"
    misused "$unfit" retry --script "$work/script" --account "$work/account"
}

run_tests
