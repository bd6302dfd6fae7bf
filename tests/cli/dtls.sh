#!/usr/bin/env bash
# lwsec dtls client and server over loopback: accounts, events, alerts, whom a server lets in.
# shellcheck disable=SC2317,SC2154,SC2034 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/dtls_harness.sh"

psk_opens() {
    connect "$@" --coap "$get_hello"
    opens 'handshake done suite c0a8' 'peer psk device' "coap $hello"
    server_said 'peer psk device'
    server_said "coap $get_hello"
    server_said 'closed: as agreed'
}

test_psk_on_every_pair_of_engines() {
    psk_account "$spaced" device | tee client >server
    each_pair psk_opens
}

x509_opens() {
    connect "$@" --coap "$get_hello" "$get_hello"
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello" "coap $hello"
    server_said 'peer certificate device'
}

test_certificates_on_every_pair_of_engines() {
    certificates
    x509_account coaps://server.example >client
    x509_server >server
    each_pair x509_opens
}

# A device key in a sealed folder, which a passphrase opens.
test_a_key_in_a_folder() {
    export PASSPHRASE='correct horse' WRONG='correct hors'
    local folder=(--store file:keys --passphrase env:PASSPHRASE --name device)
    certificates
    "$lwsec" key generate "${folder[@]}" --type ec-p256 >log
    "$lwsec" key csr "${folder[@]}" --subject CN=device --out request
    printf '%s\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid \
        keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth >extensions
    openssl x509 -req -inform DER -in request -CA root.pem -CAkey root.priv -CAcreateserial \
        -days 30 -sha256 -extfile extensions -out device.pem 2>openssl.log
    x509_account coaps://server.example | grep -v '^/0/0/5' >client
    echo '/0/0/5 = key:file:keys#device' >>client
    x509_server >server
    start_dtls
    connect --coap "$get_hello" --passphrase env:PASSPHRASE
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello"
    refuses 'the wrong passphrase or key for this store of keys' dtls client --account client \
        --connect 127.0.0.1:1 --passphrase env:WRONG
    misused '--passphrase: is missing' dtls client --account client --connect 127.0.0.1:1
}

test_chain_in_der_and_sni() {
    certificates
    openssl x509 -in device.pem -outform DER -out device.der
    openssl x509 -in root.pem -outform DER >>device.der
    openssl x509 -in root.pem -outform DER -out root.der
    x509_account coaps://192.0.2.1 '/0/0/14 = "server.example"' |
        sed 's/device.pem/device.der/; s/root.pem/root.der/' >client
    x509_server >server
    start_dtls
    connect --coap "$get_hello"
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello"
}

# Pre-shared keys and certificates on one port, for several clients.
test_a_server_lets_in_many() {
    local other=0f1e2d3c4b5a69788796a5b4c3d2e1f1
    certificates
    { psk_account "$spaced" device; psk_account "$other" 'other one' | sed 's|/0/0/|/0/1/|'
        x509_server; } >server
    start_dtls
    psk_account "$spaced" device >client
    connect --coap "$get_hello"
    opens 'handshake done suite c0a8' 'peer psk device' "coap $hello"
    psk_account "$other" 'other one' >client
    connect --coap "$get_hello"
    opens 'handshake done suite c0a8' "peer psk hex:$(hex_of 'other one')" "coap $hello"
    x509_account coaps://server.example >client
    connect --coap "$get_hello"
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello"
    [[ $(grep -c 'handshake done' server.log) -eq 3 ]]
    lacks server.log "$other"
}

unknown_identity() {
    connect "$@"
    fails 'the peer ended it by a fatal alert' \
        'alert 115 unknown_psk_identity received fail doubtful'
    server_said 'alert 115 unknown_psk_identity sent fail ends'
    server_said 'closed: there is no pre-shared key for this identity'
}

test_an_unknown_identity_is_told() {
    psk_account "$spaced" device >server
    psk_account "$spaced" somebody >client
    each_pair unknown_identity
}

wrong_key() {
    timeout=3
    connect "$@"
    [[ $code -eq 1 && $err == 'lwsec: refused: '* ]] || complain 'accepted'
    [[ $out != *'handshake done'* && $out != *'coap '* ]] || complain 'a handshake'
}

test_a_wrong_key_opens_nothing() {
    psk_account "$spaced" device >server
    psk_account 0f1e2d3c4b5a69788796a5b4c3d2e1f1 device >client
    each_pair wrong_key
    lacks server.log 'handshake done| coap '
}

# Without SNI, as the URI has an address, which the certificate has to name then.
wrong_name() {
    connect "$@"
    fails 'the certificate is not for the name that is meant' \
        'alert 42 bad_certificate sent fail ends'
    server_said 'alert 42 bad_certificate received fail doubtful'
}

test_a_wrong_name_is_alert_42() {
    certificates
    x509_account coaps://192.0.2.1 >client
    x509_server >server
    each_pair wrong_name
}

# A server on mbedTLS says so before it knows the client's address, and logs nothing of it.
unknown_name() {
    connect "$@"
    fails 'the peer ended it by a fatal alert' \
        'alert 112 unrecognized_name received fail doubtful'
    lacks server.log 'handshake done'
}

test_a_name_that_the_server_has_not_is_alert_112() {
    certificates
    x509_account coaps://other.example >client
    x509_server >server
    each_pair unknown_name
}

resumes() {
    rm -rf kept
    connect "$@" --state kept
    opens "handshake done suite $suite" "$who"
    connect "$@" --state kept --coap "$get_hello"
    opens "handshake done suite $suite resumed" "$who" "coap $hello"
    connect "$@" --state kept
    opens "handshake done suite $suite resumed" "$who"
    [[ $(stat -c %a kept/seal.key) == 600 ]]
}

test_a_session_is_resumed() {
    local suite=c0a8 who='peer psk device'
    psk_account "$spaced" device | tee client >server
    each_pair resumes
    lacks server.log "$secret"
}

test_a_session_by_certificates_is_resumed_and_judged_anew() {
    local suite=c0ae who='peer certificate server'
    certificates
    x509_account coaps://server.example >client
    x509_server >server
    each_pair resumes
    start_dtls
    sed -i 's/root.pem/stranger.pem/' client # the old verdict is worth nothing
    connect --state kept
    fails 'no path leads to a trust anchor' 'alert 48 unknown_ca sent fail ends'
}

test_a_server_that_forgot_shakes_hands_anew() {
    psk_account "$spaced" device | tee client >server
    start_dtls
    connect --state kept
    stop_dtls
    start_dtls
    connect --state kept
    opens 'handshake done suite c0a8' 'peer psk device'
}

unknown_ca() {
    connect "$@"
    fails 'no path leads to a trust anchor' 'alert 48 unknown_ca sent fail ends'
    server_said 'alert 48 unknown_ca received fail doubtful'
}

test_an_unknown_ca_is_alert_48() {
    certificates
    x509_account coaps://server.example | sed 's/root.pem/stranger.pem/' >client
    x509_server >server
    each_pair unknown_ca
}

unknown_client() {
    timeout=3
    connect "$@"
    [[ $code -eq 1 ]] || complain 'accepted'
    server_said 'alert 48 unknown_ca sent fail ends'
    lacks server.log 'handshake done| coap '
}

test_a_client_below_another_ca_is_refused() {
    certificates
    certify device extendedKeyUsage=clientAuth stranger
    x509_account coaps://server.example >client
    x509_server >server
    each_pair unknown_client
}

test_usage_0_needs_a_trust_store() {
    certificates
    x509_account coaps://server.example | sed 's|/0/0/15 = 2|/0/0/15 = 0|' >client
    x509_server >server
    start_dtls
    connect
    fails 'no path leads to a trust anchor'
    [[ -z $out ]] || complain 'it began'
    connect --trust root.pem --coap "$get_hello"
    opens 'handshake done suite c0ae' 'peer certificate server' "coap $hello"
    connect --trust stranger.pem
    fails 'no path leads to a trust anchor' 'alert 48 unknown_ca sent fail ends'
}

test_json_tells_the_same() {
    psk_account "$spaced" device | tee client >server
    start_dtls --json
    connect --json --coap "$get_hello"
    [[ $code -eq 0 ]] || complain 'no session'
    python3 - "$out" "$hello" <<'END'
import json, sys
events = json.loads(sys.argv[1])["events"]
assert [e["event"] for e in events] == ["connecting", "handshake", "peer", "coap", "closed"], events
assert events[1]["suite"] == "c0a8" and events[3]["message"] == sys.argv[2], events
lines = [json.loads(line) for line in open("server.log")]
assert [e["event"] for e in lines][:3] == ["listening", "handshake", "peer"], lines
assert lines[2]["name"] == "device" and lines[2]["address"].startswith("127.0.0.1:"), lines
END
}

test_broken_accounts_are_refused_with_the_requirement() {
    psk_account "$spaced" device | grep -v '/0/0/3' >client
    run dtls client --account client --connect 127.0.0.1:1
    fails 'R-5.2.9.1-07 /0/0/3 the PSK identity is missing or empty'
    psk_account "$spaced" device | sed 's/coaps:/coaps+tcp:/' >client
    run dtls client --account client --connect 127.0.0.1:1
    fails 'the engine has no session for this security mode and scheme'
    psk_account "$spaced" device >client
    echo '/0/0/16/0 = 174' >>client
    run dtls client --account client --connect 127.0.0.1:1
    fails "none of the account's cipher suites, or groups, is there"
    run dtls client --account client --connect 127.0.0.1:1 --coap 00
    [[ $code -eq 2 && $err == 'lwsec: --coap: byte '* && -z $out ]] || complain 'a message'
}

test_servers_say_what_their_file_lacks() {
    echo '/0/3/3 = "device"' >server
    misused 'account file: /0/3: the mode (2) is missing' \
        dtls server --account server --listen 127.0.0.1:0
    printf '%s\n' '/0/3/2 = 0' '/0/3/3 = "device"' >server
    misused 'account file: /0/3: a client needs identity (3) and key (5)' \
        dtls server --account server --listen 127.0.0.1:0
    { psk_account "$spaced" device; psk_account "$spaced" device | sed 's|/0/0/|/0/4/|'; } >server
    misused 'account file: /0/4: this identity is there already' \
        dtls server --account server --listen 127.0.0.1:0
    certificates
    x509_server | grep -v '/0/9/4' >server
    refuses 'no trust anchor (4) for the certificates of clients' \
        dtls server --account server --listen 127.0.0.1:0
    x509_server '/0/9/15 = 3' >server
    misused 'account file: /0/9: of clients, resource 4 is a trust anchor: usage 2' \
        dtls server --account server --listen 127.0.0.1:0
    x509_server | sed 's/server.key/root.pem/' >server
    run dtls server --account server --listen 127.0.0.1:0
    [[ $code -eq 2 && $err == *'/0/9: a server needs what it shows (3), and the key of that'* ]] ||
        complain 'a key'
    echo '/0/0/2 = 3' >server
    refuses 'a server lets in by mode 0, 1 and 2' \
        dtls server --account server --listen 127.0.0.1:0
}

# A client that lost its session and begins anew from the same port gets a new one.
test_a_client_begins_anew_from_its_port() {
    psk_account "$spaced" device | tee client >server
    start_dtls
    local theirs=$port
    start_relay_of_one_port
    port=$(sed -n 's/^listening //p' relay.log)
    connect --coap "$get_hello"
    [[ $code -eq 0 ]] || complain 'the first'
    connect --coap "$get_hello"
    [[ $code -eq 0 ]] || complain 'the second'
    [[ $(grep -c 'handshake done' server.log) -eq 2 ]]
    [[ $(awk '/handshake done/{print $1}' server.log | sort -u | wc -l) -eq 1 ]]
    # The first one stayed until its successor was authenticated.
    server_said 'closed: the client has begun anew'
    port=$theirs
}

# Both clients look to the server as one: and the first one's farewell is lost.
start_relay_of_one_port() {
    cat >relay.py <<'END'
import socket, sys
there = ("127.0.0.1", int(sys.argv[1]))
front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
front.bind(("127.0.0.1", 0))
back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("listening", front.getsockname()[1], flush=True)
import select
client = None
while True:
    for ready in select.select([front, back], [], [])[0]:
        data, sender = ready.recvfrom(2000)
        if ready is front:
            client = sender
            if not (data[0] == 21 and data[4] == 1):
                back.sendto(data, there)
        elif client is not None:
            front.sendto(data, client)
END
    python3 relay.py "$port" >relay.log 2>&1 &
    # shellcheck disable=SC2034 # the harness stops it
    relay_pid=$!
    wait_for relay.log listening
}

raw_key() {
    openssl ecparam -genkey -name prime256v1 -noout |
        openssl pkcs8 -topk8 -nocrypt -outform DER -out "$1.key"
    openssl pkey -inform DER -in "$1.key" -pubout -outform DER -out "$1.pub"
}

hex_file() {
    od -An -tx1 -v "$1" | tr -d ' \n'
}

raw_key_accounts() {
    raw_key server
    raw_key device
    raw_key stranger
    printf '%s\n' '/0/0/0 = "coaps://server.example"' '/0/0/1 = false' '/0/0/2 = 1' \
        '/0/0/3 = file:device.pub' '/0/0/4 = file:server.pub' '/0/0/5 = file:device.key' \
        '/0/0/10 = 101' >client
    printf '%s\n' '/0/1/2 = 1' '/0/1/3 = file:server.pub' '/0/1/5 = file:server.key' \
        '/0/1/4 = file:device.pub' >server
}

# Where no engine has raw public keys, both sides say so.
test_raw_public_keys() {
    raw_key_accounts
    if ! "$lwsec" version | grep -qx rpk; then
        run dtls client --account client --connect 127.0.0.1:1
        fails 'the engine has no session for this security mode and scheme'
        run dtls server --account server --listen 127.0.0.1:0
        [[ $code -eq 1 && $err == 'lwsec: refused: '* ]] || complain 'a server'
        return
    fi
    start_dtls --engine openssl
    connect --engine openssl --coap "$get_hello"
    opens 'handshake done suite c0ae' "peer raw-key hex:$(hex_file server.pub)" "coap $hello"
    server_said "peer raw-key hex:$(hex_file device.pub)"
    sed -i 's/server.pub/stranger.pub/' client
    connect --engine openssl
    fails 'the Server Public Key does not match as its usage asks' \
        'alert 42 bad_certificate sent fail ends'
    raw_key_accounts
    connect --engine openssl # with keys that this server does not know
    [[ $code -eq 1 ]] || complain 'let in'
}

test_capabilities_are_listed() {
    run version
    [[ $(grep -cxE 'psk|x509' <<<"$out") -eq 2 ]] || complain 'no psk, x509'
}

# A build without libsodium has no keys in folders.
"$lwsec" version | grep -qx sealed-file || unset -f test_a_key_in_a_folder
run_tests
