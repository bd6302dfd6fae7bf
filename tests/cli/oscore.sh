#!/usr/bin/env bash
# lwsec oscore: RFC 8613 Appendix C and other vectors through each engine; refusals.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

rfc=rfc8613_messages.txt
engines=()
while read -r engine _; do
    [[ $engine != openssl && $engine != mbedtls ]] || engines+=("$engine")
done < <("$lwsec" version)

# NAME: sets `ctx` to a context of Appendix C.1 to C.3.
use_context() {
    local file=rfc8613_contexts.txt id_context salt_here
    secret=$(vector "$file" "$1" master_secret)
    salt_here=$(vector "$file" "$1" master_salt)
    id_context=$(vector "$file" "$1" id_context)
    ctx=(--secret "$secret" --sender-id "$(vector "$file" "$1" sender_id)"
        --recipient-id "$(vector "$file" "$1" recipient_id)")
    [[ -z $salt_here ]] || ctx+=(--salt "$salt_here")
    [[ -z $id_context ]] || ctx+=(--id-context "$id_context")
}

with_each_engine() {
    local engine
    for engine in "${engines[@]}"; do
        "$@" --engine "$engine"
    done
}

test_there_is_an_engine() { [[ ${#engines[@]} -gt 0 ]]; }

test_derivation_of_appendix_c() {
    local name
    for name in C.1.1 C.1.2 C.2.1 C.2.2 C.3.1 C.3.2; do
        use_context "$name"
        with_each_engine prints "sender-key $(vector rfc8613_contexts.txt "$name" sender_key)
recipient-key $(vector rfc8613_contexts.txt "$name" recipient_key)
common-iv $(vector rfc8613_contexts.txt "$name" common_iv)" oscore derive "${ctx[@]}"
    done
}

test_requests_of_appendix_c() {
    local name server
    for name in C.4 C.5 C.6; do
        use_context "$(vector "$rfc" "$name" context)"
        with_each_engine prints "$(vector "$rfc" "$name" protected_coap)" oscore protect \
            "${ctx[@]}" \
            --ssn "$(vector "$rfc" "$name" ssn)" \
            --message "$(vector "$rfc" "$name" unprotected_coap)"
        server=$(vector "$rfc" "$name" context)
        use_context "${server%.1}.2"
        with_each_engine prints "$(vector "$rfc" "$name" unprotected_coap)" oscore unprotect \
            "${ctx[@]}" \
            --message "$(vector "$rfc" "$name" protected_coap)"
    done
}

test_responses_of_appendix_c() {
    local name
    local request=(--request "$(vector "$rfc" C.4 protected_coap)")
    use_context C.1.2
    with_each_engine prints "$(vector "$rfc" C.7 protected_coap)" oscore protect "${ctx[@]}" \
        "${request[@]}" --message "$(vector "$rfc" C.7 unprotected_coap)"
    with_each_engine prints "$(vector "$rfc" C.8 protected_coap)" oscore protect "${ctx[@]}" \
        "${request[@]}" --message "$(vector "$rfc" C.8 unprotected_coap)" --own-piv --ssn 0
    use_context C.1.1
    for name in C.7 C.8; do
        with_each_engine prints "$(vector "$rfc" "$name" unprotected_coap)" oscore unprotect \
            "${ctx[@]}" \
            "${request[@]}" --message "$(vector "$rfc" "$name" protected_coap)"
    done
}

# Every AEAD that the vectors have and OpenSSL does; all three hashes.
test_algorithms() {
    local file=oscore_algorithms.txt name aead hmac id_context context plaintext master checked=0
    secret='no secret' # a secret of the vectors is a part of an ID Context of theirs
    while read -r name; do
        aead=$(vector "$file" "$name" aead)
        hmac=$(vector "$file" "$name" hmac)
        id_context=$(vector "$file" "$name" id_context)
        master=$(vector "$file" "$name" master_secret)
        context=(--secret "$master" --salt "$(vector "$file" "$name" master_salt)" --aead "$aead"
            --hmac "$hmac" --sender-id "$(vector "$file" "$name" client_id)"
            --recipient-id "$(vector "$file" "$name" server_id)")
        [[ -z $id_context ]] || context+=(--id-context "$id_context")
        run oscore derive "${context[@]}"
        [[ $out == "sender-key $(vector "$file" "$name" client_sender_key)"* ]] || complain "$name"
        # The message of the vectors, put together again: header, token, and the plaintext.
        plaintext=$(vector "$file" "$name" plaintext_request)
        prints "$(vector "$file" "$name" protected_request)" oscore protect "${context[@]}" \
            --ssn "$(vector "$file" "$name" client_ssn)" \
            --message "42${plaintext:0:2}1234aabb${plaintext:2}"
        checked=$((checked + 1))
    done < <(sed -n 's/^name = //p' "$vectors/$file")
    [[ $checked -ge 10 ]]
}

protected=$(vector "$rfc" C.4 protected_coap)
unprotect=(oscore unprotect --salt "$salt" --sender-id 01 --recipient-id '' --message)

test_wrong_secret() {
    refuses 'decryption failed' "${unprotect[@]}" "$protected" --secret 00"${secret:2}"
}
test_wrong_salt() {
    refuses 'decryption failed' oscore unprotect --secret "$secret" --sender-id 01 \
        --recipient-id '' \
        --message "$protected" --salt 00
}
test_wrong_kid() {
    refuses 'the kid is not the Recipient ID of this context' oscore unprotect --secret "$secret" \
        --salt "$salt" --sender-id 01 --recipient-id 02 --message "$protected"
}
test_wrong_id_context() {
    use_context C.3.2
    refuses 'the kid context is not the ID Context of this context' oscore unprotect \
        "${ctx[@]/37cbf3210017a2d3/37cbf3210017a2d4}" \
            --message "$(vector "$rfc" C.6 protected_coap)"
}
test_every_flipped_byte_is_refused() {
    local at byte
    for ((at = 2 * (${#protected} / 2 - 13); at < ${#protected}; at += 2)); do
        byte=$((0x${protected:at:2} ^ 1))
        refuses 'decryption failed' "${unprotect[@]}" \
            "${protected:0:at}$(printf '%02x' "$byte")${protected:at+2}" --secret "$secret"
    done
}
test_plain_message() {
    refuses 'the message is not protected' "${unprotect[@]}" \
        "$(vector "$rfc" C.4 unprotected_coap)" \
        --secret "$secret"
}
test_plain_response() {
    refuses 'the message is not protected' oscore unprotect "${ctx[@]}" --request "$protected" \
        --message "$(vector "$rfc" C.7 unprotected_coap)"
}
test_response_to_another_request() {
    local other=${protected/0914/0915}
    refuses 'decryption failed' oscore unprotect "${ctx[@]}" --request "$other" \
        --message "$(vector "$rfc" C.7 protected_coap)"
}
test_response_without_its_request() {
    misused '--request: is missing: the message is a response' oscore unprotect "${ctx[@]}" \
        --message "$(vector "$rfc" C.7 protected_coap)"
}
test_protecting_what_is_protected() {
    refuses 'the message to protect has an OSCORE option already' oscore protect "${ctx[@]}" \
        --ssn 1 \
        --message "$protected"
}
test_protecting_a_response_without_request() {
    misused '--request: is missing: the message is a response' oscore protect "${ctx[@]}" --ssn 1 \
        --message "$(vector "$rfc" C.7 unprotected_coap)"
}
test_a_response_with_any_number_of_its_own() {
    local plain answer
    plain=$(vector "$rfc" C.7 unprotected_coap)
    run oscore protect --secret "$secret" --salt "$salt" --sender-id 01 --recipient-id '' \
        --request "$protected" --own-piv --ssn 300 --message "$plain"
    answer=$out
    prints "$plain" oscore unprotect "${ctx[@]}" --request "$protected" --message "$answer"
    [[ $answer == *9302012c* ]] || complain 'no Partial IV 012c'
}
test_protecting_a_response_to_a_forged_request() {
    refuses 'decryption failed' oscore protect --secret "$secret" --salt "$salt" --sender-id 01 \
        --recipient-id '' --request "${protected%5e}5f" \
        --message "$(vector "$rfc" C.7 unprotected_coap)"
}
test_proxy_uri() {
    refuses 'the URI is malformed or cannot be told in options' oscore protect "${ctx[@]}" --ssn 1 \
        --message 40010001d51668656c6c6f
    refuses 'Proxy-Uri stands beside options that it replaces' oscore protect "${ctx[@]}" --ssn 1 \
        --message 40010001b161d80b636f61703a2f2f61
}
test_messages_that_are_no_coap() {
    misused '--message: byte 0: the input ends inside a field' oscore protect "${ctx[@]}" --ssn 1 \
        --message 4401
    misused '--message: byte 0: the input ends inside a field' oscore unprotect "${ctx[@]}" \
        --message 4401
    misused '--request: byte 0: the input ends inside a field' oscore unprotect "${ctx[@]}" \
        --request 4401 --message "$protected"
}

run_tests
