# The chapter of tools/demo.sh on DTLS: certificates, alerts, the policy behind them, sleep.
# Sourced by it: uses its steps, checks, and folders.
# shellcheck shell=bash disable=SC2154,SC2317

dtls_pid=
dtls_port=

# ---- Credentials ----

# Makes the device's request for a certificate; prints what the account says of its key.
# The one place that knows where it is: in a token, or in a file where there is none.
device_key() {
    if [[ -n ${LWSEC_P11_MODULE:-} ]]; then
        token_key csr --name device --subject CN=device --out "$work/dtls/device.request"
        echo "/0/0/5 = $(token_reference device)"
        return
    fi
    make_key device
    openssl pkcs8 -topk8 -nocrypt -in "$work/dtls/device.key" -outform DER \
        -out "$work/dtls/device.der"
    openssl req -new -key "$work/dtls/device.key" -subj /CN=device -outform DER \
        -out "$work/dtls/device.request"
    echo "/0/0/5 = file:device.der"
}

make_key() {
    openssl ecparam -genkey -name prime256v1 -noout |
        openssl pkcs8 -topk8 -nocrypt -out "$work/dtls/$1.key"
}

make_ca() {
    make_key "$1"
    openssl req -x509 -new -key "$work/dtls/$1.key" -subj "/CN=$1" -days 2 -sha256 \
        -addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE \
        -out "$work/dtls/$1.pem"
}

# NAME EXTENSION: for the key that NAME.request was made with.
certify() {
    printf '%s\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid \
        keyUsage=critical,digitalSignature "$2" >"$work/dtls/extensions"
    openssl x509 -req -inform DER -in "$work/dtls/$1.request" -CA "$work/dtls/ca.pem" \
        -CAkey "$work/dtls/ca.key" -CAcreateserial -days 2 -sha256 \
        -extfile "$work/dtls/extensions" -out "$work/dtls/$1.pem" 2>/dev/null
}

provision_dtls() {
    local key
    (umask 077 && mkdir "$work/dtls")
    make_ca ca
    make_ca other-ca
    key=$(device_key)
    certify device extendedKeyUsage=clientAuth
    make_key server
    openssl req -new -key "$work/dtls/server.key" -subj /CN=server -outform DER \
        -out "$work/dtls/server.request"
    certify server "extendedKeyUsage=serverAuth
subjectAltName=DNS:server.example"
    printf '%s\n' '/0/0/0 = "coaps://192.0.2.1"' '/0/0/1 = false' '/0/0/2 = 2' \
        '/0/0/3 = file:device.pem' '/0/0/4 = file:ca.pem' "$key" '/0/0/10 = 101' \
        '/0/0/14 = "server.example"' '/0/0/15 = 2' >"$work/dtls/account"
    printf '%s\n' '/0/0/2 = 2' '/0/0/3 = file:server.pem' '/0/0/4 = file:ca.pem' \
        '/0/0/5 = file:server.key' >"$work/dtls/server"
}

# ---- Programs ----

start_dtls_server() {
    : >"$work/dtls/server.log"
    "$folder/lwsec" coap server --listen coaps://127.0.0.1:0 --account "$work/dtls/server" \
        >"$work/dtls/server.log" 2>&1 &
    dtls_pid=$!
    wait_until "$work/dtls/server.log" '^listening '
    dtls_port=$(sed -n 's/^listening .*://p' "$work/dtls/server.log")
}

wait_until() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        ! grep -qE -- "$2" "$1" || return 0
        sleep 0.05
    done
    say "nothing like '$2' in 10 s in $1"
    exit 1
}

stop_dtls_server() {
    [[ -z $dtls_pid ]] || { kill "$dtls_pid" && wait "$dtls_pid"; } 2>/dev/null || true
    dtls_pid=
}

# ACCOUNT COMMAND...: runs a client; what it says is shown, and kept for the checks.
dtls_client() {
    "$folder/lwsec" "${@:2}" --connect "127.0.0.1:$dtls_port" --account "$work/dtls/$1" \
        >"$work/dtls/client.log" 2>&1 || true
    sed -nE 's/^(handshake|peer|alert|closed|coap|[245]\.|lwsec: refused)/      client     &/p' \
        "$work/dtls/client.log" | cut -c 1-100
}

client_said() {
    grep -qE -- "$1" "$work/dtls/client.log"
}

# ---- The steps ----

register_by_certificate() {
    local place="a file"
    [[ -z ${LWSEC_P11_MODULE:-} ]] || place="the token (SoftHSM2)"
    step "16. A device registers over DTLS with a certificate, whose key is in $place."
    provision_dtls
    start_dtls_server
    dtls_client account coap client --method POST --path /rd --query ep=device --query lt=300 \
        --query lwm2m=1.2 --query b=U --content-format 40 --text '</1/0>,</3/0>' --verbose
    check "dtls: a handshake with ECDHE_ECDSA and CCM_8" client_said '^handshake done suite c0ae$'
    check "dtls: the server's certificate was judged by usage 2" client_said '^peer .* server$'
    check "dtls: the registration was accepted, the device's key in $place" \
        client_said '^2\.01 .*location='
    say "   Under another endpoint name than that of its certificate it is refused:"
    dtls_client account coap client --method POST --path /rd --query ep=somebody --verbose
    check "dtls: another endpoint name was refused" client_said '^4\.00 '
}

# SCRIPT LINE...: what the retry engine makes of it.
decide() {
    printf '%s\n' "$@" | "$folder/lwsec" retry --script - | sed 's/^/      policy     /'
}

refuse_unknown_ca() {
    local decision
    step "17. The server is below a CA that the account does not name: alert, and what follows."
    sed 's/file:ca.pem/file:other-ca.pem/' "$work/dtls/account" >"$work/dtls/other"
    dtls_client other dtls client
    check "dtls: alert 48 was sent, and ends the attempts" \
        client_said '^alert 48 unknown_ca sent fail ends$'
    decision=$(decide 'at 0 start' 'at 1 alert 48 sent' 'at 2 end')
    say "$decision"
    check "dtls: the policy turns to the Bootstrap-Server" \
        grep -q 'server=0 bootstrap' <<<"$decision"
}

refuse_unknown_name() {
    local decision
    step "18. The account names another server: its alert is in the clear, and may be forged."
    sed 's/server\.example/other.example/' "$work/dtls/account" >"$work/dtls/other"
    dtls_client other dtls client
    check "dtls: alert 112 came, and is doubtful" \
        client_said '^alert 112 unrecognized_name received fail doubtful$'
    decision=$(decide 'at 0 start' 'at 1 alert 112' 'at 2 end')
    say "$decision"
    check "dtls: the policy waits, and tries again" grep -q 'wait=' <<<"$decision"
}

# The client's port of each handshake, as the server saw it.
ports_of_handshakes() {
    sed -nE 's/^[^ ]*:([0-9]+) handshake done .*/\1/p' "$work/dtls/server.log"
}

sleep_and_resume() {
    local ports
    step "19. The device sleeps: its process ends, and what it keeps is sealed in a folder."
    dtls_client account dtls client --state "$work/dtls/kept"
    say "   It wakes behind another port, and goes on by a short handshake, judged anew:"
    dtls_client account dtls client --state "$work/dtls/kept" \
        --coap 44010001aabbccddb568656c6c6f
    mapfile -t ports < <(ports_of_handshakes | tail -n 2)
    say "      server     knew it again: port ${ports[0]} before, ${ports[1]} after"
    check "dtls: after sleep the session was resumed" client_said '^handshake done .* resumed$'
    check "dtls: from another port (${ports[0]}, then ${ports[1]})" \
        test "${ports[0]}" -ne "${ports[1]}"
    check "dtls: a message went through it, and was answered" client_said '^coap 6445'
    stop_dtls_server
}

dtls_chapter() {
    register_by_certificate
    refuse_unknown_ca
    refuse_unknown_name
    sleep_and_resume
}
