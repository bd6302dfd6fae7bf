#!/usr/bin/env bash
# lwsec dtls client with a device key in a token: run by tests/tokens/with-token.sh, with the spy.
# shellcheck disable=SC2317,SC2154,SC2119 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/dtls_harness.sh"

token=pkcs11:token=$LWSEC_P11_LABEL
query="module-path=$LWSEC_P11_MODULE&pin-source=file:$top/pin"
echo "$LWSEC_P11_PIN" >"$top/pin"

# A key of the token, a certificate for it, and the account that names it.
device_in_the_token() {
    certificates
    "$lwsec" key delete --store "$token?$query" --name device >log 2>&1 || true
    "$lwsec" key generate --store "$token?$query" --name device --type ec-p256 >log
    "$lwsec" key csr --store "$token?$query" --name device --subject CN=device --out request
    printf '%s\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid \
        keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth >extensions
    openssl x509 -req -inform DER -in request -CA root.pem -CAkey root.priv -CAcreateserial \
        -days 30 -sha256 -extfile extensions -out device.pem 2>openssl.log
    x509_account coaps://server.example | grep -v '^/0/0/5' >client
    echo "/0/0/5 = key:$token;object=device?$query" >>client
    x509_server >server
}

opens_by_token() {
    : >"$LWSEC_SPY_LOG"
    connect "$@" --coap "$get_hello"
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello"
    server_said 'peer certificate device'
    grep -q '^C_Sign' "$LWSEC_SPY_LOG" || complain 'the token did not sign'
    lacks "$LWSEC_SPY_LOG" ' value'
}

test_a_key_that_never_leaves_the_token() {
    device_in_the_token
    each_pair opens_by_token
}

# The key is there, but is not that of the certificate.
test_a_key_of_another_certificate() {
    device_in_the_token
    start_dtls
    "$lwsec" key delete --store "$token?$query" --name device
    "$lwsec" key generate --store "$token?$query" --name device --type ec-p256 >log
    connect
    [[ $code -eq 2 && -z $out ]] || complain 'it began'
    [[ $err == 'lwsec: own certificates that cannot be read, or a key that is not theirs' ]] ||
        complain 'it is not told why'
    lacks server.log 'handshake done'
}

test_a_key_that_is_not_there() {
    device_in_the_token
    "$lwsec" key delete --store "$token?$query" --name device
    misused '--account: the store has no such key' dtls client --account client \
        --connect 127.0.0.1:1
}

test_a_psk_is_no_reference_yet() {
    psk_account "$spaced" device | grep -v '^/0/0/5' >client
    echo "/0/0/5 = key:$token;object=device?$query" >>client
    refuses 'a key reference is for mode 1 and mode 2 in this version' dtls client \
        --account client --connect 127.0.0.1:1
}

run_tests
