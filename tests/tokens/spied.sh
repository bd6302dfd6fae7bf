#!/usr/bin/env bash
# Runs a program with a token, and looks at every call that it made.
#
#   tests/tokens/spied.sh SPY.so KIND PROGRAM [ARGUMENT...]
#
# Fails if the program does, if it read the value of a key, if it logged in more than once for each
# time that it began, or if a login was refused; 77 where there is no such token.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

fail() {
    printf 'spied: %s\n' "$*" >&2
    exit 1
}

spy=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$here/with-token.sh" --spy "$spy" "$log" "$@" || exit $?

count() {
    grep -cE "$1" "$log" || true
}

logins=$(count '^C_Login ')
[[ $logins -gt 0 ]] || fail "nobody logged in: the token was not used"
[[ $(count '^C_Login 0x0$') -eq $logins ]] || fail "a login was refused"
[[ $logins -le $(count '^C_Initialize 0x0$') ]] || fail "$logins logins are too many"
[[ $(count ' value$') -eq 0 ]] || fail "the value of a key was asked for"
printf 'spied: %s calls, %s logins, no value\n' "$(wc -l <"$log")" "$logins"
