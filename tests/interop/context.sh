# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# One OSCORE context, written as lwsec's options, as aiocoap's JSON and as libcoap's file.

context_count=0
context_dir=
secret=
salt=
client_id=
server_id=
id_context=
rederive=
aead=
hmac=

random_hex() {
    od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

# A secret that was never used, so that no state of an earlier group belongs to it.
new_context() {
    aead=$1
    hmac=5
    secret=$(random_hex 16)
    salt=$(random_hex 8)
    client_id=01
    server_id=02
    id_context=
    rederive=
    new_context_dir
}

new_context_dir() {
    context_count=$((context_count + 1))
    context_dir=$work/context-$context_count
    mkdir "$context_dir"
}

# Runs a command while the client side has another secret. The callee sees these variables.
with_wrong_secret() {
    local secret context_dir=$context_dir/wrong-secret
    mkdir -p "$context_dir"
    secret=$(random_hex 16)
    "$@"
}

# Runs a command while the client side expects answers under another key, but sends under the right
# one. It shares the sequence numbers, or the server would take its request for a replay.
with_wrong_answer_key() {
    local server_id=7f
    "$@"
}

# Sets `own_id` and `peer_id` for the role client or server.
choose_ids() {
    if [[ $1 == client ]]; then
        own_id=$client_id peer_id=$server_id
    else
        own_id=$server_id peer_id=$client_id
    fi
}

# Sets the array `options` to lwsec's context options.
lwsec_context() {
    local own_id peer_id
    choose_ids "$1"
    options=(--secret "$secret" --salt "$salt" --sender-id "$own_id" --recipient-id "$peer_id"
        --aead "$aead" --hmac "$hmac" --state "$context_dir/lwsec-$1")
    # With Appendix B.2 nothing is known of the secret: it may have been used anywhere.
    options+=("${rederive:---fresh}")
    [[ -z $id_context ]] || options+=(--id-context "$id_context")
}

aiocoap_context() {
    local own_id peer_id
    choose_ids "$1"
    printf '{"secret":"%s","salt":"%s","sender_id":"%s","recipient_id":"%s","aead":%d,"hmac":%d' \
        "$secret" "$salt" "$own_id" "$peer_id" "$aead" "$hmac"
    [[ -z $id_context ]] || printf ',"id_context":"%s"' "$id_context"
    printf '}'
}

# The number of libcoap's HKDF for the HMAC of Object 21; libcoap has no SHA-384.
libcoap_hkdf() {
    case $hmac in
    5) echo -10 ;;
    7) echo -11 ;;
    *) return 1 ;;
    esac
}

# Values are quoted, or libcoap refuses an empty one. ssn_freq is how many sequence numbers it
# reserves at once (RFC 8613 B.1.1); rfc8613_b_1_2 is its Echo challenge, and its replay window too.
libcoap_context() {
    local own_id peer_id
    choose_ids "$1"
    printf '%s\n' "master_secret,hex,\"$secret\"" "master_salt,hex,\"$salt\"" \
        "sender_id,hex,\"$own_id\"" "recipient_id,hex,\"$peer_id\"" \
        "aead_alg,integer,$aead" "hkdf_alg,integer,$(libcoap_hkdf)" \
        "replay_window,integer,32" "ssn_freq,integer,10" "rfc8613_b_1_2,bool,true"
    [[ -z $id_context ]] || echo "id_context,hex,\"$id_context\""
    [[ -z $rederive ]] || echo "rfc8613_b_2,bool,true"
}
