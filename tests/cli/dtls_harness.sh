# Accounts, certificates, and a DTLS server to talk to. Sourced by test scripts.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the scripts
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

secret=c3a17e5509f2b86d4410e7cb2f93d85a
# In the files of the tests, so that the harness finds it nowhere else.
spaced=$(sed 's/../&:/g; s/:$//' <<<"$secret")
get_hello=44010001aabbccddb568656c6c6f
hello=44450001aabbccddff$(hex_of 'hello from lwsec')
hello=64${hello:2}
engines=$("$lwsec" version --json | python3 -c \
    'import json, sys; print(*json.load(sys.stdin)["engines"])')

# KEY IDENTITY: the account of a client.
psk_account() {
    cat <<END
/0/0/0 = "coaps://127.0.0.1:5684"
/0/0/1 = false
/0/0/2 = 0
/0/0/3 = "$2"
/0/0/5 = hex:$1
/0/0/10 = 101
END
}

# NAME EXTENSIONS [ISSUER]: a certificate, its chain, and its private key.
certify() {
    local issuer=${3:-root}
    openssl ecparam -genkey -name prime256v1 -noout |
        openssl pkcs8 -topk8 -nocrypt -outform DER -out "$1.key"
    printf '%s\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid \
        keyUsage=critical,digitalSignature "$2" >extensions
    openssl req -new -key "$1.key" -keyform DER -subj "/CN=$1" -out request
    openssl x509 -req -in request -CA "$issuer.pem" -CAkey "$issuer.priv" -CAcreateserial \
        -days 30 -sha256 -extfile extensions -out "$1.pem" 2>openssl.log
}

root() {
    openssl ecparam -genkey -name prime256v1 -noout -out "$1.priv"
    openssl req -x509 -new -key "$1.priv" -subj "/CN=$1" -days 30 -sha256 \
        -addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE \
        -out "$1.pem"
}

certificates() {
    root root
    root stranger
    certify server 'extendedKeyUsage=serverAuth
subjectAltName=DNS:server.example'
    certify device extendedKeyUsage=clientAuth
}

# URI [LINE...]: the account of a client with a certificate.
x509_account() {
    printf '%s\n' "/0/0/0 = \"$1\"" '/0/0/1 = false' '/0/0/2 = 2' '/0/0/3 = file:device.pem' \
        '/0/0/4 = file:root.pem' '/0/0/5 = file:device.key' '/0/0/10 = 101' '/0/0/15 = 2' "${@:2}"
}

x509_server() {
    printf '%s\n' '/0/9/2 = 2' '/0/9/3 = file:server.pem' '/0/9/5 = file:server.key' \
        '/0/9/4 = file:root.pem' "$@"
}

# [OPTION...]: with the account file `server`.
start_dtls() {
    : >server.log
    "$lwsec" dtls server --account server --listen 127.0.0.1:0 "$@" >server.log 2>server.err &
    server_pid=$!
    wait_for server.log listening
    port=$(sed -nE 's/^listening 127\.0\.0\.1:|.*"127\.0\.0\.1:([0-9]+)".*/\1/p' server.log |
        head -n 1)
}

stop_dtls() {
    stop "$server_pid"
    server_pid=
}

# [OPTION...]: with the account file `client`.
connect() {
    run dtls client --account client --connect "127.0.0.1:$port" --timeout "$timeout" "$@"
}

# Each pair of engines.
each_pair() {
    local ours theirs
    for theirs in $engines; do
        start_dtls --engine "$theirs"
        for ours in $engines; do
            "$@" --engine "$ours"
        done
        stop_dtls
    done
}

# LINE...: exit 0 with exactly these lines behind "connecting".
opens() {
    [[ $code -eq 0 && -z $err ]] || complain 'no session'
    [[ $out == "$(printf '%s\n' "connecting 127.0.0.1:$port" "$@" 'closed: as agreed')" ]] ||
        complain "not: $*"
}

# REASON LINE...: exit 1, and lines that the output has.
fails() {
    local line
    [[ $code -eq 1 && $err == "lwsec: refused: $1" ]] || complain "not refused: $1"
    for line in "${@:2}"; do
        grep -qxF -- "$line" <<<"$out" || complain "no line '$line'"
    done
    if grep -q '^coap ' <<<"$out"; then
        complain 'a message came without a session'
    fi
}
