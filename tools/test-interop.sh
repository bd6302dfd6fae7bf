#!/usr/bin/env bash
# Runs lwsec against aiocoap and libcoap under OSCORE, each in both roles, and those two as well;
# against libcoap over DTLS; and shows short messages of lwsec to tshark.
#
#   tools/test-interop.sh               everything; needs the program (LWSEC_PROGRAM: another one)
#   tools/test-interop.sh --peers-only  the two peers against each other
#   tools/test-interop.sh --differential [--seed N] [--context N] [--messages N]
#                                       random messages, in lwsec and in aiocoap's OSCORE, alone
#   tools/test-interop.sh --coaps       CoAP over DTLS with libcoap alone
#   tools/test-interop.sh --sms         short messages alone; needs tshark, and no Debian 13 root
#
# One line a case, `ok NAME` or `FAIL NAME`; exit 0 only if none failed, 3 if nothing could run.
# shellcheck disable=SC2034,SC2154 # variables are shared with tests/interop/*.sh
set -euo pipefail

project=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
lwsec=$(realpath -m "${LWSEC_PROGRAM:-$project/build/release/lwsec}")
driver=$(dirname "$lwsec")/tests/oscore-driver

what=${1:-all}
case $what in
all | --peers-only | --coaps | --sms) ;;
--differential) shift ;;
*)
    echo "usage: tools/test-interop.sh [--peers-only | --coaps | --sms |" \
        "--differential [OPTION...]]" >&2
    exit 2
    ;;
esac
for program in "$lwsec" "$driver"; do
    if [[ $what == --peers-only || ($what == --coaps && $program == "$driver") ||
        ($what == --sms && $program == "$driver") ]]; then
        continue
    fi
    if [[ ! -x $program ]]; then
        echo "test-interop: no program at $program; build it first" >&2
        exit 3
    fi
done
if [[ $what == all || $what == --sms ]]; then
    "$project/tools/packages.sh" install interop >&2
fi
if [[ $what != --sms ]]; then
    "$project/tools/root-trixie.sh" >/dev/null || {
        echo "test-interop: without the Debian 13 root there are no peers" >&2
        exit 3
    }
fi

for part in harness context peers lwsec coaps differential sms; do
    # shellcheck source=/dev/null
    source "$project/tests/interop/$part.sh"
done

# Five kilobytes in which no two blocks are equal, in hex.
large=$(seq -s, 1500 | head -c 5000 | od -An -tx1 -v | tr -d ' \n')

begin_group() {
    group=$1
    take_free_port
}

# ---- lwsec's client, peers' servers ----

lwsec_challenged_by_aiocoap() {
    lwsec_gets "2.05 $(hex_of 'hello from aiocoap')" GET /hello
    server_said challenge
}

lwsec_sends_query_to_aiocoap() {
    lwsec_gets '2.01 - location=/rd/1' POST /rd --query ep=node --query lt=300 --text '</1/0>'
    server_said 'request POST /rd ep=node lt=300'
}

lwsec_cancels_on_aiocoap() {
    lwsec_observes /tick 3 3
    server_said 'observers 1'
    server_said 'observers 0'
}

# The server accepts this request; its answer is one that the client must not.
lwsec_refuses_answer() {
    with_wrong_answer_key lwsec_refuses GET "$1"
    server_said "$2"
}

lwsec_to_aiocoap() {
    begin_group "lwsec-to-aiocoap/aead-$1"
    new_context "$1"
    aiocoap_server --echo || return 0
    check wrong-key with_wrong_secret lwsec_refuses GET /hello
    check echo lwsec_challenged_by_aiocoap
    check put lwsec_gets '2.04 -' PUT /value --payload 00ff80
    check get lwsec_gets '2.05 00ff80' GET /value
    check put-large lwsec_gets '2.04 -' PUT /value --payload "$large"
    check get-large lwsec_gets "2.05 $large" GET /value
    check put-small-blocks lwsec_gets '2.04 -' PUT /value --payload "${large:2}" --block-size 64
    check get-small-blocks lwsec_gets "2.05 ${large:2}" GET /value --block-size 64
    check post lwsec_sends_query_to_aiocoap
    check missing lwsec_gets '4.04 -' GET /missing
    check observe lwsec_cancels_on_aiocoap
    check wrong-answer-key lwsec_refuses_answer /hello 'request GET /hello'
    stop_server
}

lwsec_challenged_by_libcoap() {
    lwsec_gets '2.01 -' PUT /value --text first
    server_said 'Echo:0x'
}

lwsec_to_libcoap() {
    begin_group "lwsec-to-libcoap/aead-$1"
    new_context "$1"
    libcoap_server || return 0
    check wrong-key with_wrong_secret lwsec_refuses PUT /other --text x
    check echo lwsec_challenged_by_libcoap
    check get lwsec_gets "2.05 $(hex_of first)" GET /value
    check put lwsec_gets '2.04 -' PUT /value --payload 00ff80
    check get-again lwsec_gets '2.05 00ff80' GET /value
    check put-large lwsec_gets '2.04 -' PUT /value --payload "$large"
    check get-large lwsec_gets "2.05 $large" GET /value
    check put-small-blocks lwsec_gets '2.04 -' PUT /value --payload "${large:2}" --block-size 64
    check get-small-blocks lwsec_gets "2.05 ${large:2}" GET /value --block-size 64
    check post lwsec_gets '2.01 - location=/rd' POST /rd --text '</1/0>'
    check delete lwsec_gets '2.02 -' DELETE /value
    check missing lwsec_gets "4.04 $(hex_of 'Not Found')" GET /value
    check observe lwsec_observes /time 3 3
    check wrong-answer-key lwsec_refuses_answer /example_data Uri-Path:example_data
    stop_server
}

lwsec_unchallenged_by_libcoap() {
    local before
    before=$(grep -c Echo:0x "$server_log") || true
    lwsec_gets "$@"
    [[ $(grep -c Echo:0x "$server_log") -eq $before ]]
}

# A server that was started again does not know what is fresh (RFC 8613 Appendix B.1.2).
lwsec_to_restarted_libcoap() {
    begin_group lwsec-to-libcoap/before-restart
    new_context 10
    libcoap_server || return 0
    check echo lwsec_challenged_by_libcoap
    check get lwsec_unchallenged_by_libcoap "2.05 $(hex_of first)" GET /value
    stop_server
    begin_group lwsec-to-libcoap/after-restart
    libcoap_server || return 0
    check echo lwsec_challenged_by_libcoap
    check echo-only-once lwsec_unchallenged_by_libcoap "2.05 $(hex_of first)" GET /value
    stop_server
}

# ---- peers' clients, lwsec's server ----

aiocoap_to_lwsec() {
    begin_group "aiocoap-to-lwsec/aead-$1"
    new_context "$1"
    lwsec_server || return 0
    check_steps 1 with_wrong_secret aiocoap_client refused /hello
    check_steps 10 aiocoap_client challenged /hello 'hello from lwsec' , put /value abc , \
        get /value abc , large /large 5000 , post /rd /rd/1 , missing /missing , observe /tick 3 , \
        watch /value x y , delete /value , missing /value
    stop_server
}

aiocoap_to_lwsec_without_echo() {
    begin_group aiocoap-to-lwsec/no-echo
    new_context 10
    lwsec_server --no-echo || return 0
    check_steps 1 aiocoap_client unchallenged /hello 'hello from lwsec'
    stop_server
}

libcoap_to_lwsec() {
    begin_group "libcoap-to-lwsec/aead-$1"
    new_context "$1"
    lwsec_server || return 0
    check wrong-key with_wrong_secret libcoap_refused /hello
    check echo libcoap_challenged 'hello from lwsec' /hello
    check echo-only-once libcoap_unchallenged 'hello from lwsec' /hello
    check put libcoap_answered '2\.0[14]' /value -m put -e abc
    check get libcoap_gets abc /value
    check large libcoap_puts_and_gets 5000 /large
    check post libcoap_answered '2\.01 .*Location-Path:rd, Location-Path:1' /rd -m post -e '</1/0>'
    check missing libcoap_answered '4\.04' /missing
    check observe libcoap_observes /tick 2 3
    check delete libcoap_answered '2\.02' /value -m delete
    stop_server
}

libcoap_to_lwsec_without_echo() {
    begin_group libcoap-to-lwsec/no-echo
    new_context 10
    lwsec_server --no-echo || return 0
    check get libcoap_unchallenged 'hello from lwsec' /hello
    stop_server
}

# ---- through a proxy that knows nothing of OSCORE (RFC 8613 section 10) ----

# aiocoap's proxy splits no Proxy-Uri and says so: the client asks with Proxy-Scheme.
through_aiocoap_proxy() {
    local proxy_port proxy_pid proxied tries
    begin_group lwsec-to-lwsec/aiocoap-proxy
    proxy_port=$port
    take_free_port
    new_context 10
    "${root_run[@]}" aiocoap-proxy --forward --bind "127.0.0.1:$proxy_port" \
        >"$work/proxy.log" 2>&1 </dev/null &
    proxy_pid=$!
    for ((tries = 0; tries < 100; tries++)); do
        grep -q "$(printf ':%04X ' "$proxy_port")" /proc/net/udp && break
        sleep 0.1
    done
    proxied=(--proxy "127.0.0.1:$proxy_port" --proxy-scheme)
    if lwsec_server; then
        check echo lwsec_gets "2.05 $(hex_of 'hello from lwsec')" GET /hello "${proxied[@]}"
        check put lwsec_gets '2.01 -' PUT /value --payload 00ff80 "${proxied[@]}"
        check get lwsec_gets '2.05 00ff80' GET /value "${proxied[@]}"
        check missing lwsec_gets '4.04 -' GET /missing "${proxied[@]}"
        check wrong-key with_wrong_secret lwsec_refuses GET /hello "${proxied[@]}"
        check post lwsec_gets '2.01 - location=/rd/1' POST /rd --text '</1/0>' "${proxied[@]}"
        stop_server
        check no-server lwsec_refuses GET /hello "${proxied[@]}"
    fi
    kill "$proxy_pid" 2>/dev/null || true
    wait "$proxy_pid" 2>/dev/null || true
}

# ---- RFC 8613 Appendix B.2: fresh contexts out of a secret that was used before ----

with_rederivation() {
    rederive=--rederive
    id_context=$(random_hex 4)
}

# Request 2 shows in libcoap's log by its kid context: R2 || R3 in a byte string, where lwsec's R2
# has 16 bytes, libcoap's 8, and R3 has 8.
libcoap_rederives() {
    libcoap_gets "$@"
    grep -q 'kc=0x5818' "$context_dir/libcoap-client.log"
}

libcoap_rederived() {
    lwsec_gets "$@"
    server_said 'kc=0x50'
}

rederive_with_libcoap() {
    begin_group lwsec-to-libcoap/rederive
    new_context 10
    with_rederivation
    if libcoap_server; then
        check wrong-key with_wrong_secret lwsec_refuses PUT /value --text x
        check agree libcoap_rederived '2.01 -' PUT /value --text first
        stop_server
    fi
    begin_group libcoap-to-lwsec/rederive
    new_context 10
    with_rederivation
    if lwsec_server; then
        check wrong-key with_wrong_secret libcoap_refused /hello
        check agree libcoap_rederives 'hello from lwsec' /hello
        check agree-again libcoap_rederives 'hello from lwsec' /hello
        check put libcoap_answered '2\.0[14]' /value -m put -e abc
        stop_server
    fi
}

# ---- restarts ----

# The challenge after a power cut comes in any case, and whoever had answered one does it again.
libcoap_to_restarted_lwsec() {
    begin_group "libcoap-to-lwsec/before-power-cut$1"
    new_context 10
    lwsec_server "${@:2}" || return 0
    check get libcoap_gets 'hello from lwsec' /hello
    check get-again libcoap_unchallenged 'hello from lwsec' /hello
    crash_server
    begin_group "libcoap-to-lwsec/after-power-cut$1"
    lwsec_server "${@:2}" || return 0
    check echo libcoap_challenged 'hello from lwsec' /hello
    check echo-only-once libcoap_unchallenged 'hello from lwsec' /hello
    check observe libcoap_observes /tick 2 3
    stop_server
}

# ---- other contexts, one request each way ----

# NAME and the function that changes the context that new_context made.
variant_with_aiocoap() {
    new_context 10
    "$2"
    begin_group "lwsec-to-aiocoap/$1"
    if aiocoap_server; then
        check get lwsec_gets "2.05 $(hex_of 'hello from aiocoap')" GET /hello
        stop_server
    fi
    new_context_dir
    begin_group "aiocoap-to-lwsec/$1"
    if lwsec_server; then
        check_steps 1 aiocoap_client get /hello 'hello from lwsec'
        stop_server
    fi
}

variant_with_libcoap() {
    new_context 10
    "$2"
    begin_group "lwsec-to-libcoap/$1"
    if libcoap_server; then
        check put lwsec_gets '2.01 -' PUT /value --text x
        stop_server
    fi
    new_context_dir
    begin_group "libcoap-to-lwsec/$1"
    if lwsec_server; then
        check get libcoap_gets 'hello from lwsec' /hello
        stop_server
    fi
}

with_sha_384() { hmac=6; }
with_sha_512() { hmac=7; }
# The id of RFC 8613 Appendix C.1's client: present, and empty.
with_empty_id() { client_id=; }
# The longest ids that a 13-byte nonce allows, and an ID Context longer than 23 bytes, whose length
# takes a byte of its own in CBOR.
with_long_ids() {
    client_id=$(random_hex 7)
    server_id=$(random_hex 7)
    id_context=$(random_hex 24)
}

# ---- the peers against each other: shows that they and this script work ----

aiocoap_to_libcoap() {
    begin_group aiocoap-to-libcoap
    new_context 10
    libcoap_server || return 0
    check_steps 1 with_wrong_secret aiocoap_client refused /hello
    # PUT makes the resource, so the request that is challenged is this one.
    check_steps 8 aiocoap_client put /hello text , get /hello text , put /value abc , \
        get /value abc , post /rd /rd , missing /missing , observe /time 3 , watch /value x y
    check echo server_said Echo:0x
    stop_server
}

libcoap_cancels_on_aiocoap() {
    libcoap_observes /tick 2 3
    server_said 'observers 0'
}

libcoap_to_aiocoap() {
    begin_group libcoap-to-aiocoap
    new_context 10
    aiocoap_server --echo || return 0
    check wrong-key with_wrong_secret libcoap_refused /hello
    check echo libcoap_challenged 'hello from aiocoap' /hello
    check put libcoap_answered '2\.04' /value -m put -e abc
    check get libcoap_gets abc /value
    check post libcoap_answered '2\.01 .*Location-Path:rd, Location-Path:1' /rd -m post -e '</1/0>'
    check missing libcoap_answered '4\.04' /missing
    check observe libcoap_cancels_on_aiocoap
    stop_server
}

run_peers() {
    aiocoap_to_libcoap
    libcoap_to_aiocoap
}

run_lwsec() {
    local aead
    # AES-CCM-16-64-128 first. aiocoap has every AEAD of lwsec, libcoap 4.3.4 nothing else.
    for aead in 10 11 12 13 30 31 32 33 1 2 3 24; do
        lwsec_to_aiocoap "$aead"
        aiocoap_to_lwsec "$aead"
    done
    aiocoap_to_lwsec_without_echo
    lwsec_to_libcoap 10
    libcoap_to_lwsec 10
    libcoap_to_lwsec_without_echo
    rederive_with_libcoap
    through_aiocoap_proxy
    lwsec_to_restarted_libcoap
    libcoap_to_restarted_lwsec ''
    libcoap_to_restarted_lwsec -no-echo --no-echo
    variant_with_aiocoap hmac-6 with_sha_384
    variant_with_aiocoap hmac-7 with_sha_512
    variant_with_aiocoap empty-id with_empty_id
    variant_with_aiocoap long-ids with_long_ids
    variant_with_libcoap hmac-7 with_sha_512
    variant_with_libcoap empty-id with_empty_id
    variant_with_libcoap long-ids with_long_ids
}

case $what in
all)
    run_peers
    run_lwsec
    coaps_with_libcoap
    differential_with_aiocoap
    sms_with_tshark
    ;;
--coaps) coaps_with_libcoap ;;
--sms) sms_with_tshark ;;
--peers-only) run_peers ;;
--differential) differential_with_aiocoap "$@" ;;
esac
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
