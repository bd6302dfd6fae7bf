#!/usr/bin/env bash
# Shows OSCORE, secured SMS and DTLS at work between an LwM2M client and server: two processes that
# talk on this machine. Then all of it with the client's keys in a token.
#
#   tools/demo.sh    installs and builds what is missing, then runs
#
# Two chapters run in processes of their own: next to a virtual smartcard, which needs namespaces
# (tests/uicc/with-card.sh), and next to a token. Where a machine has not what one needs, the
# summary says that it was left out. Exit 0 only if each other step really happened, as the programs
# tell it.
# shellcheck disable=SC2317 # functions are called by name: by trap and by check
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/demo-dtls.sh"
source "$(dirname "${BASH_SOURCE[0]}")/demo-token.sh"
cd "$project"

folder=build/release
work=
client_pid=
server_pid=
failed=0
summary=()
channel=() # of the client: what it has for SMS

clean_up() {
    local pid
    for pid in $client_pid $server_pid $dtls_pid $oscore_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    [[ -z $work ]] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- Saying and checking ----

step() {
    printf '\n%s\n' "$1"
}

# CLAIM COMMAND...: notes whether the command succeeds.
check() {
    if "${@:2}" >/dev/null 2>&1; then
        summary+=("ok   $1")
    else
        summary+=("FAIL $1")
        failed=1
    fi
}

# The summary, and how many of it passed.
finish() {
    local said
    said=$(printf '%s\n' "${summary[@]}")
    printf '\n%s\n' "$said"
    summary_line "$(grep -c '^ok' <<<"$said")" "$(grep -c '^FAIL' <<<"$said")" \
        "$(grep -c '^skip' <<<"$said")"
    exit "$failed"
}

# A chapter that ran in a process of its own has left its summary in a file.
finish_chapter() {
    printf '%s\n' "${summary[@]}" >"$1"
    exit "$failed"
}

# FILE TITLE STATUS
take_chapter() {
    [[ ! -e $1 ]] || mapfile -t -O "${#summary[@]}" summary <"$1"
    check "$2" test "$3" -eq 0
}

# ---- The two programs and their logs ----

log_lines() {
    wc -l <"$work/$1.log"
}

# What the log has had since mark: LOG.
since_mark() {
    tail -n "+$((mark[$1] + 1))" "$work/$1.log"
}
declare -A mark=([client]=0 [server]=0)

set_marks() {
    mark=([client]=$(log_lines client) [server]=$(log_lines server))
}

has() {
    since_mark "$1" | grep -E -- "$2" >/dev/null
}

lacks() {
    ! has "$@"
}

# LOG PATTERN: waits until the log has such a line since the mark.
wait_for() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        ! has "$1" "$2" || return 0
        sleep 0.05
    done
    say "nothing like '$2' in 10 s; the $1's log ends with:"
    tail -n 5 "$work/$1.log"
    exit 1
}

# LOG: its messages since the mark, seen from the program that asked: an arrow for each direction.
show() {
    local asker=$1 other=client
    [[ $asker == server ]] || other=server
    since_mark "$asker" | sed -nE "/^(sent|received) /{
        s/^sent/  $asker -> $other  /
        s/^received/  $asker <- $other  /
        p
        n; s/^ +/      /p
        n; s/^ +/      /p
    }"
}

start_server() {
    mkfifo "$work/orders"
    "$folder/examples/lwm2m-server" --address 127.0.0.1:0 --secret "$work/secret" \
        --state "$work/server-state" --sms-keys "$work/sms-keys" --sms "$work/sent-sms" --fresh \
        <"$work/orders" >"$work/server.log" 2>&1 &
    server_pid=$!
    exec 4>"$work/orders"
    wait_for server '^\* listening'
    address=$(sed -n 's/^\* listening //p' "$work/server.log")
}

start_client() {
    "$folder/examples/lwm2m-client" --address "$address" --secret "$work/secret" \
        --state "$work/client-state" --registration "$work/registration" \
        "${channel[@]}" --sms "$work/modem" "$@" >>"$work/client.log" 2>&1 &
    client_pid=$!
}

kill_client() {
    kill -KILL "$client_pid"
    wait "$client_pid" 2>/dev/null || true
    client_pid=
}

# One operation of the server, until it is over.
order() {
    set_marks
    echo "$*" >&4
    wait_for server '^\* done'
}

# ---- Numbers and datagrams ----

# Reads a log; the Sender Sequence Numbers that were sent under the client's own key.
sent_numbers() {
    awk '/^sent /{sent = 1} /^  (protected|bytes)/{if (sent && $3 == "number") print $4; sent = 0}'
}

highest_number() { sent_numbers | sort -n | tail -n 1; }
lowest_number() { sent_numbers | sort -n | head -n 1; }

# The last accepted registration, as it went over the network.
recorded_datagram() {
    awk '/^sent POST/ && /Echo:/{hit = 1} hit && /^  protected/{print $2; exit}' "$work/client.log"
}

# HEX: sends it to the server from a port of its own, and prints what comes back.
attack() {
    # A file first: the datagram has to go out in one piece.
    # shellcheck disable=SC2001 # a substitution for each pair of digits
    printf '%b' "$(sed 's/../\\x&/g' <<<"$1")" >"$work/datagram"
    exec 5<>"/dev/udp/${address%:*}/${address##*:}"
    cat "$work/datagram" >&5
    timeout 3 dd bs=2048 count=1 status=none <&5 | od -An -v -tx1 | tr -d ' \n' || true
    exec 5>&-
}

# HEX: what the attacker got, decoded; and that it carries neither protection nor payload, and no
# option but Max-Age 0, which keeps proxies from storing it.
show_answer() {
    say "      answered   $1  = $("$folder/lwsec" coap decode --message "$1" |
        sed -n 's/^code //p'), unprotected, no payload"
}

is_bare_error() {
    local decoded
    decoded=$("$folder/lwsec" coap decode --message "$1")
    grep -q "^code $2 " <<<"$decoded" &&
        [[ $(grep '^option' <<<"$decoded") == 'option Max-Age 0' ]] &&
        grep -qx 'payload -' <<<"$decoded"
}

# HEX NUMBER: the same datagram under another Partial IV (one byte), to look new.
with_number() {
    local value
    value=$("$folder/lwsec" coap decode --message "$1" | sed -n 's/^option OSCORE //p')
    say "${1/"$value"/"${value:0:2}$(printf '%02x' "$2")${value:4}"}"
}

# ---- The steps ----

prepare() {
    say "Installing and building what is missing ..."
    tools/packages.sh install build card >/dev/null
    configure release "$folder"
    build "$folder" lwsec-program lwm2m-client lwm2m-server uicc-card uicc-card-client \
        uicc-card-terminal
    provision
    channel=(--sms-keys "$work/sms-keys")
    say "Client and server share a Master Secret of 16 random bytes; all else is derived from it."
    say "Below, each message as the program sees it (plain) and as the network sees it (protected)."
}

# Secrets for both sides, and the pipe that is the client's modem.
provision() {
    work=$(mktemp -d)
    (umask 077 && head -c 16 /dev/urandom >"$work/secret" &&
        head -c 32 /dev/urandom >"$work/sms-keys" && head -c 32 /dev/urandom >"$work/card-keys")
    mkfifo "$work/modem"
    touch "$work/client.log" "$work/server.log"
}

register() {
    step "1. The client registers; the server asks for proof (Echo) that this is no recording."
    start_server
    start_client --fresh
    wait_for client '^\* registered'
    show client
    check "Register was challenged with Echo" has client '^received 4\.01 .* Echo:'
    check "Register was repeated with Echo" has client '^sent POST .* Echo:.* payload:<'
    check "Register was accepted with a Location" has client '^received 2\.01 .*Location-Path:'
}

read_resource() {
    step "2. The server reads the manufacturer; now it is the client that asks for proof."
    order read /3/0/0
    show server
    check "Read was challenged by the client" has client '^challenged'
    check "Read was repeated with Echo and answered" has server '^received 2\.05 .*payload:lwsec$'
}

write_resource() {
    step "3. The server writes a new lifetime; both sides are current, nobody asks again."
    order write /1/0/1 600
    show server
    check "Write changed the value, without a challenge" written_at_once
}

written_at_once() {
    has client '^\* /1/0/1 is now 600' && has server '^received 2\.04' && lacks server '^received 4'
}

observe_resource() {
    step "4. The server observes the temperature: an answer, three notifications, a cancellation."
    order observe /3303/0/5700 3
    show server
    check "four values came, in ascending order" ascending_values 4
    check "Observe was cancelled" has server '^sent GET .*Observe:1'
}

ascending_values() {
    local values
    values=$(since_mark server | sed -nE 's/^received 2\.05 .*Observe:.*payload:([0-9.]+)$/\1/p')
    [[ $(wc -l <<<"$values") -eq $1 && $(sort -nu <<<"$values") == "$values" ]]
}

replay() {
    local answer
    step "5. An attacker has recorded the registration and sends the same bytes again."
    set_marks
    answer=$(attack "$(recorded_datagram)")
    since_mark server | sed -n 's/^refused (\(.*\)) .* -> \(.*\)/      server     refused: \1/p'
    show_answer "$answer"
    check "the replay was refused with its reason" refused 'the number was received before'
    check "the replay was answered by a bare 4.01" is_bare_error "$answer" 4.01
}

refused() {
    has server "^refused \\($1"
}

tamper() {
    local answer
    step "6. The attacker gives the recording a new number, to get past the window."
    set_marks
    answer=$(attack "$(with_number "$(recorded_datagram)" 200)")
    since_mark server | sed -n 's/^refused (\(.*\)) .* -> \(.*\)/      server     refused: \1/p'
    show_answer "$answer"
    check "the tampered message was refused with its reason" refused 'decryption failed'
    check "the tampered message was answered by a bare 4.00" is_bare_error "$answer" 4.00
}

# [OPTION]: starts the client again; its numbers before and after stand in `last` and `first`.
restart_client() {
    kill_client
    last=$(highest_number <"$work/client.log")
    set_marks
    start_client "$@"
    wait_for client '^\* updated'
    first=$(since_mark client | lowest_number)
    show client
    say "      last number before: $last; first number after: $first"
}

restart() {
    step "7. The client is killed, starts again from its stored state, and updates itself."
    restart_client
    check "after a kill, numbers go on ($last, then $first)" test "$first" -gt "$last"
    check "the server, its window intact, did not ask for freshness" lacks server '^challenged'
    say "   The client has lost its window, so it challenges the server's next request."
    order read /3/0/0
    show server
    check "the client, its window lost, did ask, and Read was answered" asked_and_answered
}

asked_and_answered() {
    has client '^challenged' && has server '^sent .* Echo:' &&
        has server '^received 2\.05 .*payload:lwsec$'
}

restart_as_fresh() {
    step "8. The client starts with the same secret declared fresh: the record knows better."
    restart_client --fresh
    check "declared fresh again, numbers still go on ($last, then $first)" test "$first" -gt "$last"
}

# ---- Short messages ----

# LINE...: TPDUs as the client's modem gets them.
deliver() {
    printf '%s\n' "$@" >"$work/modem"
}

# LINE...: TPDUs as a modem gives them to the card, and the news of it to the client.
deliver_to_card() {
    "$folder/tests/uicc-card-terminal" envelope "$@" >/dev/null
    echo >"$work/modem"
}

show_sms() {
    since_mark client | sed -nE 's/^\* ((sms|card).*)/      client     \1/p'
}

seal_trigger() {
    : >"$work/sent-sms"
    order wake
    mapfile -t sms <"$work/sent-sms"
    printf '      SMS-DELIVER %s\n' "${sms[@]}"
}

wake() {
    step "9. The client sleeps behind a NAT. The server seals a trigger into secured SMS messages."
    seal_trigger
    deliver "${sms[@]}"
    wait_for client '^\* updated'
    show_sms
    show client
    check "the trigger came in three TPDUs" test "${#sms[@]}" -eq 3
    check "the packet was opened, and its counter taken" has client '^\* sms counter 1$'
    check "the client registered again through OSCORE" woken_and_updated
}

woken_and_updated() {
    has client '^sent POST .*Uri-Path:rd' && has client '^received 2\.04'
}

# The sender in the TPDUs, digits swapped, and a number that is not the server's.
as_stranger() {
    printf '%s\n' "${sms[@]/945151550000f1/945151550000f9}"
}

replay_sms() {
    local again='the counter is not higher than the last' stranger='the sender is not the Server'
    local spoofed
    step "10. An attacker sends the same messages again, and then from a number of their own."
    set_marks
    deliver "${sms[@]}"
    wait_for client "^\\* sms ignored: $again"
    mapfile -t spoofed < <(as_stranger)
    deliver "${spoofed[@]}"
    wait_for client "^\\* sms ignored: $stranger"
    show_sms
    check "the replay was ignored" has client "^\\* sms ignored: $again"
    check "the spoofed sender was ignored" has client "^\\* sms ignored: $stranger"
    check "neither was answered: the client sent nothing" lacks client '^sent '
}

# ---- With a smartcard: in namespaces of its own, where this script calls itself ----

key_of() {
    od -An -v -tx1 "$1" | tr -d ' \n'
}

with_card() {
    local keys status=0
    step "11. The same with a smartcard: it has the keys of SMS, and speaks to the client by SCP03."
    keys=$(key_of "$work/card-keys")
    LWSEC_CARD_FOLDER=$folder/tests tests/uicc/with-card.sh \
        --params 12121600b20203 --keys "$(key_of "$work/sms-keys")" \
        --scp03-enc "${keys:0:32}" --scp03-mac "${keys:32}" --require-scp03 \
        -- "$0" --beside-the-card "$work/chapter" "$work/sms-keys" "$work/card-keys" || status=$?
    if [[ $status -eq 77 ]]; then
        summary+=("skip the chapter with the card: no namespaces on this machine")
        return
    fi
    take_chapter "$work/chapter" "the chapter with the card" "$status"
    rm -f "$work/chapter"
}

# SMS-KEYS CARD-KEYS: the chapter itself.
beside_the_card() {
    local spoofed
    provision
    cp "$1" "$work/sms-keys"
    channel=(--card-keys "$2")
    start_server
    start_client --fresh
    wait_for client '^\* registered'
    seal_trigger
    deliver_to_card "${sms[@]}"
    wait_for client '^\* updated'
    show_sms
    show client
    check "card: the trigger came through the secure channel" \
        has client '^\* sms opened by the card'
    check "card: the client registered again through OSCORE" woken_and_updated

    step "12. Replay and spoofed sender once more; now the card is what ignores them."
    set_marks
    deliver_to_card "${sms[@]}"
    wait_for client '^\* card: nothing more'
    set_marks
    mapfile -t spoofed < <(as_stranger)
    deliver_to_card "${spoofed[@]}"
    wait_for client '^\* card: nothing more'
    show_sms
    check "card: neither was delivered nor answered" ignored_by_card
}

ignored_by_card() {
    lacks client '^\* sms opened' && lacks client '^sent '
}

if [[ ${1:-} == --beside-the-card ]]; then
    beside_the_card "${@:3}"
    finish_chapter "$2"
fi

if [[ ${1:-} == --in-token ]]; then
    work=$(mktemp -d)
    token_chapter
    dtls_chapter
    nothing_left
    finish_chapter "$2"
fi

prepare
register
read_resource
write_resource
observe_resource
replay
tamper
restart
restart_as_fresh
wake
replay_sms
with_card
in_token
finish
