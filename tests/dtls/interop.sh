#!/usr/bin/env bash
# DTLS against other people's programs on loopback, in both roles; CCM_8 each time, which they say.
# Arguments: PEER ENGINE openssl|gnutls|libcoap-openssl|libcoap-gnutls
#
# Their servers bind every address, so all of it lives in a network namespace, where loopback is the
# only interface. Exit 77 where this machine allows none.
set -euo pipefail

if [[ ${DTLS_INTEROP_INSIDE:-} != yes ]]; then
    flags=(--net)
    [[ $EUID -eq 0 ]] || flags+=(--user --map-root-user)
    unshare "${flags[@]}" ip link set lo up 2>/dev/null || exit 77
    DTLS_INTEROP_INSIDE=yes exec unshare "${flags[@]}" bash "$0" "$@"
fi
ip link set lo up
peer=$1 engine=$2 other=$3
work=$(mktemp -d)
readonly key=30313233343536373839616263646566 # "0123456789abcdef"
readonly gnutls_common=NONE:+VERS-DTLS1.2:+AES-128-CCM-8:+AEAD:+COMP-NULL:+SIGN-ECDSA-SHA256
readonly gnutls_cbc=NONE:+VERS-DTLS1.2:+AES-128-CBC:+SHA256:+COMP-NULL:+SIGN-ECDSA-SHA256
readonly gnutls_psk=$gnutls_common:+PSK
readonly gnutls_x509=$gnutls_common:+ECDHE-ECDSA:+GROUP-SECP256R1:+CTYPE-X509
readonly gnutls_rpk=$gnutls_common:+ECDHE-ECDSA:+GROUP-SECP256R1:+CTYPE-RAWPK
started=()
failed=0

stop_all() {
    local process
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    started=()
}
trap 'stop_all; rm -rf "$work"' EXIT

# make_certificate NAME EXTENSIONS: signed by root
make_certificate() {
    local folder=$work/$1
    mkdir -p "$folder"
    openssl ecparam -genkey -name prime256v1 -noout -out "$folder/own.pem"
    openssl req -new -key "$folder/own.pem" -subj "/CN=$1" -out "$folder/request"
    printf '%s\n' "subjectKeyIdentifier=hash" "authorityKeyIdentifier=keyid" \
        "keyUsage=critical,digitalSignature" "$2" >"$folder/extensions"
    openssl x509 -req -in "$folder/request" -CA "$work/root.pem" -CAkey "$work/root.key" \
        -CAcreateserial -days 30 -sha256 -extfile "$folder/extensions" \
        -out "$folder/certificate.pem" 2>/dev/null
    openssl x509 -in "$folder/certificate.pem" -outform DER -out "$folder/own.der"
    # ECPrivateKey: a head of 7 bytes, then the scalar
    openssl ec -in "$folder/own.pem" -outform DER 2>/dev/null | tail -c +8 | head -c 32 \
        >"$folder/own.key"
    openssl x509 -in "$work/root.pem" -outform DER -out "$folder/root.der"
    openssl pkcs8 -topk8 -nocrypt -in "$folder/own.pem" -out "$folder/own.p8"
    openssl pkey -in "$folder/own.pem" -pubout -out "$folder/own.pub"
    openssl pkey -in "$folder/own.pem" -pubout -outform DER -out "$folder/own.spki"
    cat "$folder/own.p8" "$folder/own.pub" >"$folder/own.both"
}

make_certificates() {
    openssl ecparam -genkey -name prime256v1 -noout -out "$work/root.key"
    openssl req -x509 -new -key "$work/root.key" -subj /CN=Root -days 30 -sha256 \
        -addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE \
        -out "$work/root.pem"
    # libcoap's client asks for localhost where the URI has an address of loopback.
    make_certificate server \
        "extendedKeyUsage=serverAuth
subjectAltName=DNS:server.example,DNS:localhost"
    make_certificate client "extendedKeyUsage=clientAuth"
    cp "$work/server/own.spki" "$work/client/other.spki"
    cp "$work/client/own.spki" "$work/server/other.spki"
    make_certificate other \
        "extendedKeyUsage=serverAuth
subjectAltName=DNS:other.example"
    cp "$work/server/own.der" "$work/other/more.der"
    cp "$work/server/own.key" "$work/other/more.key"
}

# answer_for NAME V|R: an OCSP response that the certificate is good, or revoked
answer_for() {
    local certificate=$work/$1/certificate.pem serial revoked=
    serial=$(openssl x509 -in "$certificate" -noout -serial)
    [[ $2 == V ]] || revoked=$(date -u +%y%m%d%H%M%SZ)
    printf '%s\t%s\t%s\t%s\tunknown\t/CN=%s\n' "$2" 491231235959Z "$revoked" "${serial#serial=}" \
        "$1" >"$work/index"
    openssl ocsp -index "$work/index" -CA "$work/root.pem" -rsigner "$work/root.pem" \
        -rkey "$work/root.key" -issuer "$work/root.pem" -cert "$certificate" -ndays 1 \
        -no_nonce -respout "$work/$1/response.der" >/dev/null 2>&1
}

# A port that nobody has: what the system gives out, given back.
free_port() {
    python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# wait_for FILE TEXT
wait_for() {
    local try
    for ((try = 0; try < 200; try++)); do
        grep -q "$2" "$1" 2>/dev/null && return 0
        sleep 0.05
    done
    echo "no '$2' in:"
    cat "$1"
    return 1
}

# wait_for_port PORT: somebody is bound to it
wait_for_port() {
    local hex try
    hex=$(printf ':%04X ' "$1")
    for ((try = 0; try < 200; try++)); do
        grep -q "$hex" /proc/net/udp /proc/net/udp6 && return 0
        sleep 0.05
    done
    echo "nobody is at port $1"
    return 1
}

# What a server is given to send when the handshake is done; openssl's does it to its client, and
# would not tell the suite if it had something to send before.
say_hello() {
    wait_for "$work/ours" "done" >/dev/null || true
    echo hello
    exec sleep 60
}

# start OUTPUT COMMAND...: in the background, with a standard input that says hello and stays open
start() {
    local output=$1
    shift
    : >"$output" # nobody finds what the one before has written
    "$@" >"$output" 2>&1 < <(say_hello) &
    started+=("$!")
}

# OpenSSL from 3.2 on takes a tag of 8 bytes at no other level. libcoap cannot be told the suites;
# what it reads of OpenSSL's configuration is the level.
export OPENSSL_CONF=$work/openssl.cnf
printf '%s\n' 'openssl_conf = all' '[all]' 'ssl_conf = ssl' '[ssl]' 'system_default = level' \
    '[level]' 'CipherString = DEFAULT@SECLEVEL=0' >"$OPENSSL_CONF"

their_server() {
    local mode=$1 port=$2
    case $other-$mode in
    openssl-psk) start "$work/theirs" openssl s_server -dtls1_2 -port "$port" -nocert -psk "$key" \
        -psk_identity interop -cipher PSK-AES128-CCM8:@SECLEVEL=0 ;;
    openssl-x509) start "$work/theirs" openssl s_server -dtls1_2 -port "$port" \
        -cert "$work/server/certificate.pem" -key "$work/server/own.pem" \
        -CAfile "$work/root.pem" -Verify 2 -verify_return_error \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    openssl-staple) start "$work/theirs" openssl s_server -dtls1_2 -port "$port" \
        -cert "$work/server/certificate.pem" -key "$work/server/own.pem" \
        -CAfile "$work/root.pem" -Verify 2 -verify_return_error \
        -status_file "$work/server/response.der" \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    openssl-sni) start "$work/theirs" openssl s_server -dtls1_2 -port "$port" \
        -cert "$work/other/certificate.pem" -key "$work/other/own.pem" \
        -servername server.example \
        -cert2 "$work/server/certificate.pem" -key2 "$work/server/own.pem" \
        -CAfile "$work/root.pem" -Verify 2 -verify_return_error \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    gnutls-psk) start "$work/theirs" gnutls-serv -d 4 --udp --port "$port" --echo --priority \
        "$gnutls_psk" --pskpasswd "$work/psk" ;;
    gnutls-x509) start "$work/theirs" gnutls-serv -d 4 --udp --port "$port" --echo --priority \
        "$gnutls_x509" --x509certfile "$work/server/certificate.pem" \
        --x509keyfile "$work/server/own.pem" --x509cafile "$work/root.pem" \
        --require-client-cert --verify-client-cert ;;
    gnutls-rpk) start "$work/theirs" gnutls-serv -d 4 --udp --port "$port" --echo --priority \
        "$gnutls_rpk" --rawpkkeyfile "$work/server/own.p8" \
        --rawpkfile "$work/server/own.pub" --require-client-cert ;;
    libcoap-gnutls-rpk) start "$work/theirs" coap-server-gnutls -A 127.0.0.1 \
        -p $((port - 1)) -v 7 -V 7 -M "$work/server/own.both" ;;
    libcoap-*-psk) start "$work/theirs" "coap-server-${other#libcoap-}" -A 127.0.0.1 \
        -p $((port - 1)) -v 7 -V 7 -k 0123456789abcdef ;;
    libcoap-*-x509) start "$work/theirs" "coap-server-${other#libcoap-}" -A 127.0.0.1 \
        -p $((port - 1)) -v 7 -V 7 -c "$work/server/certificate.pem" \
        -j "$work/server/own.pem" -C "$work/root.pem" ;;
    esac
}

their_client() {
    local mode=$1 port=$2
    case $other-$mode in
    openssl-psk) openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -psk "$key" -brief -ign_eof \
        -psk_identity interop -cipher PSK-AES128-CCM8:@SECLEVEL=0 ;;
    openssl-x509) openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -brief -ign_eof \
        -cert "$work/client/certificate.pem" -key "$work/client/own.pem" \
        -CAfile "$work/root.pem" -verify 2 -verify_return_error -servername server.example \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    openssl-staple) openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -ign_eof -status \
        -cert "$work/client/certificate.pem" -key "$work/client/own.pem" \
        -CAfile "$work/root.pem" -verify 2 -verify_return_error -servername server.example \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    gnutls-psk) gnutls-cli --udp --port "$port" 127.0.0.1 --priority "$gnutls_psk" \
        --pskusername interop --pskkey "$key" ;;
    gnutls-x509) gnutls-cli --udp --port "$port" 127.0.0.1 --priority "$gnutls_x509" \
        --x509certfile "$work/client/certificate.pem" --x509keyfile "$work/client/own.pem" \
        --x509cafile "$work/root.pem" --verify-hostname server.example \
        --sni-hostname server.example ;;
    openssl-psk-cbc) openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -psk "$key" -brief \
        -ign_eof -psk_identity interop -cipher PSK-AES128-CBC-SHA256 ;;
    openssl-x509-cbc) openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -brief -ign_eof \
        -cert "$work/client/certificate.pem" -key "$work/client/own.pem" \
        -CAfile "$work/root.pem" -verify 2 -verify_return_error -servername server.example \
        -cipher ECDHE-ECDSA-AES128-SHA256 ;;
    gnutls-psk-cbc) gnutls-cli --udp --port "$port" 127.0.0.1 --priority "$gnutls_cbc:+PSK" \
        --pskusername interop --pskkey "$key" ;;
    gnutls-x509-cbc) gnutls-cli --udp --port "$port" 127.0.0.1 --priority \
        "$gnutls_cbc:+ECDHE-ECDSA:+GROUP-SECP256R1:+CTYPE-X509" \
        --x509certfile "$work/client/certificate.pem" --x509keyfile "$work/client/own.pem" \
        --x509cafile "$work/root.pem" --verify-hostname server.example \
        --sni-hostname server.example ;;
    gnutls-psk-ems) gnutls-cli --udp --port "$port" 127.0.0.1 --priority \
        "$gnutls_psk:%NO_SESSION_HASH" --pskusername interop --pskkey "$key" ;;
    gnutls-rpk) gnutls-cli --udp --port "$port" 127.0.0.1 --priority "$gnutls_rpk" --insecure \
        --rawpkkeyfile "$work/client/own.p8" --rawpkfile "$work/client/own.pub" ;;
    libcoap-gnutls-rpk) coap-client-gnutls -v 7 -V 7 -B 20 -M "$work/client/own.both" \
        "coaps://127.0.0.1:$port/" ;;
    libcoap-*-psk) "coap-client-${other#libcoap-}" -v 7 -V 7 -B 20 -k 0123456789abcdef \
        -u interop "coaps://127.0.0.1:$port/" ;;
    libcoap-*-x509) "coap-client-${other#libcoap-}" -v 7 -V 7 -B 20 \
        -c "$work/client/certificate.pem" -j "$work/client/own.pem" -C "$work/root.pem" \
        "coaps://127.0.0.1:$port/" ;;
    esac
}

their_anonymous_client() {
    case $other in
    openssl) openssl s_client -dtls1_2 -connect "127.0.0.1:$1" -quiet -CAfile "$work/root.pem" \
        -servername server.example -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 ;;
    gnutls) gnutls-cli --udp --port "$1" 127.0.0.1 --priority "$gnutls_x509" \
        --x509cafile "$work/root.pem" --verify-hostname server.example \
        --sni-hostname server.example ;;
    esac
}

# check WHAT FILE TEXT...
check() {
    local what=$1 file=$2 text
    shift 2
    for text in "$@"; do
        if ! grep -q "$text" "$file"; then
            echo "FAILED $engine and $other: $what: no '$text' in:"
            cat "$file"
            failed=1
            return 0
        fi
    done
    echo "ok $engine and $other: $what"
}

as_client() {
    local mode=$1 suite=$2 answer=$3 port
    port=$(free_port)
    : >"$work/ours"
    their_server "$mode" "$port"
    wait_for_port "$port"
    timeout 60 "$peer" "$engine" client "${mode/sni/x509}" "$port" "$work/client" \
        "${coap[@]}" >"$work/ours" 2>&1 || true
    check "client, $mode" "$work/ours" "done $suite" "got $answer"
    check "client, $mode: the suite" "$work/theirs" "$ccm_8"
    [[ $mode != sni ]] || check "client, the name" "$work/theirs" \
        'Hostname in TLS extension: "server.example"'
    stop_all
}

# What a client is given to send: when the handshake is done, and nothing until it has come back.
say_ping() {
    wait_for "$work/ours" "done" >&2
    echo ping
    wait_for "$work/theirs" ping >&2
}

as_server() {
    local mode=$1 suite=$2 port
    port=$(free_port)
    start "$work/ours" "$peer" "$engine" server "$mode" "$port" "$work/server" "${coap[@]}"
    wait_for "$work/ours" ready
    say_ping | their_client "$mode" "$port" >"$work/theirs" 2>&1 || true
    wait_for "$work/ours" "got ping" >/dev/null || true # it says so after it has answered
    check "server, $mode" "$work/ours" "done $suite" "got ping"
    check "server, $mode: the answer, the suite" "$work/theirs" ping "$ccm_8"
    stop_all
}

# T-39: a client that has nothing but CBC with SHA-256 is served.
as_server_cbc() {
    local mode=$1 suite=$2 port
    port=$(free_port)
    start "$work/ours" "$peer" "$engine" server "$mode" "$port" "$work/server"
    wait_for "$work/ours" ready
    say_ping | their_client "$mode-cbc" "$port" >"$work/theirs" 2>&1 || true
    wait_for "$work/ours" "got ping" >/dev/null || true
    check "server, $mode, CBC" "$work/ours" "done $suite" "got ping"
    check "server, $mode, CBC: the answer" "$work/theirs" ping
    stop_all
}

# A client without the extended master secret, where it is needed, and where not.
without_extended_master() {
    local mode port
    for mode in psk psk-ems; do
        port=$(free_port)
        start "$work/ours" "$peer" "$engine" server "$mode" "$port" "$work/server"
        wait_for "$work/ours" ready
        { wait_for "$work/ours" "done\|closed" >&2; } |
            their_client psk-ems "$port" >"$work/theirs" 2>&1 || true
        if [[ $mode == psk ]]; then
            check "server, no extended master secret" "$work/ours" "done c0a8"
        else
            check "server, the extended master secret is needed" "$work/ours" closed
            if grep -q "^done" "$work/ours"; then
                echo "FAILED $engine and $other: a session without the extended master secret"
                failed=1
            fi
        fi
        stop_all
    done
}

# A client without a certificate is told so, whichever engine we are on.
without_certificate() {
    local port
    port=$(free_port)
    start "$work/ours" "$peer" "$engine" server x509 "$port" "$work/server"
    wait_for "$work/ours" ready
    { wait_for "$work/ours" closed >&2; } |
        their_anonymous_client "$port" >"$work/theirs" 2>&1 || true
    check "server, no certificate" "$work/ours" "alert 40 sent" closed
    check "server, no certificate: the alert" "$work/theirs" "[Hh]andshake.fail"
    stop_all
}

# OCSP stapling, which OpenSSL alone has.
with_staple() {
    local port
    answer_for server V
    as_client staple c0ae "$answer"
    ccm_8="Cipher *: .*-AES128-CCM8" as_server staple c0ae
    check "server, staple: the response" "$work/theirs" "OCSP Response Status: successful" \
        "Cert Status: good"
    answer_for server R
    port=$(free_port)
    their_server staple "$port"
    wait_for_port "$port"
    timeout 60 "$peer" "$engine" client staple "$port" "$work/client" >"$work/ours" 2>&1 || true
    check "client, revoked" "$work/ours" "alert 113 sent" closed
    stop_all
    port=$(free_port)
    their_server x509 "$port"
    wait_for_port "$port"
    timeout 60 "$peer" "$engine" client staple "$port" "$work/client" >"$work/ours" 2>&1 || true
    check "client, no response" "$work/ours" "alert 113 sent" closed
    stop_all
}

# ask_for NAME PORT: openssl's client asks for it, and takes nothing else.
ask_for() {
    openssl s_client -dtls1_2 -connect "127.0.0.1:$2" -brief -ign_eof \
        -cert "$work/client/certificate.pem" -key "$work/client/own.pem" \
        -CAfile "$work/root.pem" -verify 2 -verify_return_error \
        -servername "$1" -verify_hostname "$1" \
        -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 >"$work/theirs" 2>&1
}

# Two certificates, other's and server's.
serve_names() {
    port=$(free_port)
    start "$work/ours" "$peer" "$engine" server sni "$port" "$work/other"
    wait_for "$work/ours" ready
}

# The certificate that the client's name is in; another name is refused.
with_names() {
    local name port
    for name in server other; do
        serve_names
        say_ping | ask_for "$name.example" "$port" || true
        wait_for "$work/ours" "got ping" >/dev/null || true
        check "server, the name $name.example" "$work/ours" "done c0ae" "got ping"
        check "server, the name $name.example: its certificate" "$work/theirs" \
            "Peer certificate: CN *= *$name" ping
        stop_all
    done
    serve_names
    ask_for nobody.example "$port" </dev/null || true
    # mbedTLS looks at the name before the cookie, and goes on listening.
    if [[ $engine == openssl ]]; then
        check "server, a name of nobody" "$work/ours" "alert 112 sent" closed
    fi
    check "server, a name of nobody: the alert" "$work/theirs" "unrecognized name"
    stop_all
}

# A server with another key than the one that is stored is refused, and so is such a client.
with_wrong_keys() {
    local port
    cp "$work/client/own.spki" "$work/client/other.spki"
    cp "$work/server/own.spki" "$work/server/other.spki"
    port=$(free_port)
    their_server rpk "$port"
    wait_for_port "$port"
    timeout 60 "$peer" "$engine" client rpk "$port" "$work/client" >"$work/ours" 2>&1 || true
    check "client, another raw key" "$work/ours" "alert 42 sent" closed
    stop_all
    port=$(free_port)
    start "$work/ours" "$peer" "$engine" server rpk "$port" "$work/server"
    wait_for "$work/ours" ready
    { wait_for "$work/ours" closed >&2; } |
        their_client rpk "$port" >"$work/theirs" 2>&1 || true
    check "server, another raw key" "$work/ours" "alert 42 sent" closed
    check "server, another raw key: the alert" "$work/theirs" "[Cc]ertificate is bad"
    stop_all
}

make_certificates
echo "interop:$key" >"$work/psk"
coap=()
answer=ping
ccm_8="\(Selected cipher suite:\|Description:\) .*AES.128.CCM.8" # as GnuTLS writes it
case $other in
openssl) answer=hello ccm_8="\(CIPHER is\|Ciphersuite:\) .*-AES128-CCM8" ;;
libcoap-*) coap=(coap) answer="This is a test server made with libcoap" ;;&
libcoap-openssl) ccm_8="Using cipher: .*-AES128-CCM8" ;;
esac
as_client psk c0a8 "$answer"
as_client x509 c0ae "$answer"
as_server psk c0a8
as_server x509 c0ae
if [[ $other == openssl ]]; then
    as_client sni c0ae "$answer"
    with_names
    [[ $engine != openssl ]] || with_staple
fi
if [[ $other == *gnutls ]] && "$peer" "$engine" has-rpk; then
    as_client rpk c0ae "$answer"
    as_server rpk c0ae
    [[ $other != gnutls ]] || with_wrong_keys
fi
if [[ $other != libcoap-* ]]; then
    as_server_cbc psk 00ae
    as_server_cbc x509 c023
    without_certificate
fi
if [[ $other == gnutls ]] && "$peer" "$engine" has-ems; then
    without_extended_master
fi
exit "$failed"
