# The chapter of tools/demo.sh on a token: keys are made in it, and all that follows runs from it.
# Sourced by it: uses its steps, checks, and folders. The chapter on DTLS goes on with its keys.
# shellcheck shell=bash disable=SC2154,SC2317

oscore_pid=

# ---- The token: that of tests/tokens/with-token.sh ----

token_query() {
    echo "module-path=$LWSEC_P11_MODULE&pin-source=file:$work/pin"
}

# COMMAND OPTION...: lwsec key COMMAND in the token.
token_key() {
    "$folder/lwsec" key "$1" --store "pkcs11:token=$LWSEC_P11_LABEL?$(token_query)" "${@:2}"
}

# NAME: the reference that stands for a key of the token wherever a secret is taken.
token_reference() {
    echo "key:pkcs11:token=$LWSEC_P11_LABEL;object=$1?$(token_query)"
}

# ---- What the server has: bytes, as it is somebody else's machine ----

# The pseudorandom key of a Master Secret without a salt: HKDF-Extract of RFC 5869, by OpenSSL.
extract() {
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(printf '00%.0s' {1..32})" -binary "$1"
}

provision_token() {
    (umask 077 && mkdir "$work/server" && echo "$LWSEC_P11_PIN" >"$work/pin" &&
        head -c 16 /dev/urandom >"$work/server/secret" &&
        extract "$work/server/secret" >"$work/server/prk" &&
        head -c 16 /dev/urandom >"$work/server/kic" &&
        head -c 16 /dev/urandom >"$work/server/kid" &&
        cat "$work/server/kic" "$work/server/kid" >"$work/server/sms-keys")
}

start_oscore_server() {
    "$folder/lwsec" coap server --listen 127.0.0.1:0 --secret "file:$work/server/secret" \
        --sender-id 53 --recipient-id 43 --state "$work/server/state" --fresh \
        >"$work/server/log" 2>&1 &
    oscore_pid=$!
    wait_until "$work/server/log" '^listening '
    address=$(sed -n 's/^listening //p' "$work/server/log")
}

stop_oscore_server() {
    [[ -z $oscore_pid ]] || { kill "$oscore_pid" && wait "$oscore_pid"; } 2>/dev/null || true
    oscore_pid=
}

# ---- Keys ----

# NAME COMMAND OPTION...: makes a key, and checks that its reference was printed.
make_in_token() {
    local said
    said=$(token_key "$2" --name "$1" "${@:3}" 2>&1) || true
    check "token: $2 of $1" grep -qF "key $(token_scheme);object=$1" <<<"$said"
}

token_scheme() {
    echo "key:pkcs11:token=$LWSEC_P11_LABEL"
}

# Each key in one line without what they share: object, algorithm, what it may do, tier.
list_token() {
    token_key list | sed -E "s/^.*;(object=[^?]*)\?[^ ]*/      device     \1/"
}

keys_in_token() {
    step "13. A device has a token (SoftHSM2): its key pair is made there, and shared keys go in."
    provision_token
    make_in_token device generate --type ec-p256
    make_in_token oscore import --type hmac-256 --as oscore-prk --value "file:$work/server/prk"
    make_in_token kic import --type aes-128 --as sms-kic --value "file:$work/server/kic"
    make_in_token kid import --type aes-128 --as sms-kid --value "file:$work/server/kid"
    rm "$work/server/prk" "$work/server/kic" "$work/server/kid"
    say "   All else below names them by reference:"
    say "      $(token_scheme);object=device?module-path=...&pin-source=..."
    list_token
    say "   Tier \"mixed\": the key stays there, and what is derived from it passes through memory."
    check "token: it lists four keys, none of which leaves it" listed_in_token 4
}

listed_in_token() {
    [[ $(token_key list | grep -cE ' (token|mixed)$') -eq $1 &&
        $(token_key list | wc -l) -eq $1 ]]
}

# ---- OSCORE ----

# METHOD PATH OPTION...: a request with the key of the token; the server has the secret as bytes.
token_request() {
    "$folder/lwsec" coap client --connect "$address" --secret "$(token_reference oscore)" \
        --sender-id 43 --recipient-id 53 --state "$work/device-state" --method "$1" --path "$2" \
        --verbose "${@:3}" >"$work/device.log" 2>&1 || true
    sed -nE 's/^(sent|received|[245]\.)/      device     &/p' "$work/device.log" | cut -c 1-100
}

device_said() {
    grep -qE -- "$1" "$work/device.log"
}

oscore_from_token() {
    local last
    step "14. OSCORE: the device registers with a context out of the token."
    start_oscore_server
    token_request POST /rd --query ep=device --query lt=300 --query lwm2m=1.2 --query b=U \
        --content-format 40 --text '</1/0>,</3/0>' --fresh
    check "token: the registration through OSCORE was accepted" device_said '^2\.01 .*location='
    last=$(sent_numbers <"$work/device.log" | sort -n | tail -n 1)
    say "   In a new process its numbers go on: the record belongs to the key in the token."
    token_request GET /hello --fresh
    check "token: a request was answered" device_said '^2\.05 '
    check "token: numbers go on after $last" test "$(lowest_number <"$work/device.log")" -gt "$last"
    stop_oscore_server
}

# ---- Short messages ----

# COMMAND OPTION...: lwsec sms with both keys of the token; what it says is shown, and kept.
token_sms() {
    "$folder/lwsec" sms "$1" --params 12121601b20203 --kic-key "$(token_reference kic)" \
        --kid-key "$(token_reference kid)" "${@:2}" >"$work/device.log" 2>&1 || true
    sed 's/^/      device     /' "$work/device.log"
}

# COMMAND OPTION...: the same at the server, with bytes.
server_sms() {
    "$folder/lwsec" sms "$1" --params 12121601b20203 --keys "file:$work/server/sms-keys" "${@:2}"
}

sms_from_token() {
    local packet plain=40010001b474656d70 opened
    step "15. SMS: the device opens what the server has sealed, and seals an answer."
    packet=$(server_sms seal --counter 1 --coap "$plain")
    say "      server     $packet"
    token_sms open --last 0 --packet "$packet"
    check "token: a secured packet was opened" device_said "^coap $plain$"
    say "   Once more, and with its last bit changed:"
    token_sms open --last 1 --packet "$packet"
    check "token: its replay was refused" device_said '^lwsec: refused: the counter is not higher'
    token_sms open --last 0 --packet "$(with_last_bit_changed "$packet")"
    check "token: a changed packet was refused" device_said '^lwsec: refused: '
    token_sms seal --counter 7 --coap "$plain"
    opened=$(server_sms open --last 6 --packet "$(<"$work/device.log")" 2>&1) || true
    check "token: the server opened what the token sealed" grep -qx "coap $plain" <<<"$opened"
}

with_last_bit_changed() {
    printf '%s%02x\n' "${1:0:-2}" "$((0x${1: -2} ^ 1))"
}

# ---- Afterwards ----

# What another program finds there: GnuTLS's p11tool. COMMAND TYPE...
ask_p11tool() {
    GNUTLS_PIN=$LWSEC_P11_PIN p11tool --provider "$LWSEC_P11_MODULE" --login --batch "$1" \
        "pkcs11:token=$LWSEC_P11_LABEL${2:-}" </dev/null
}

sensitive_keys() {
    local found
    found=$(ask_p11tool --list-all 2>/dev/null)
    [[ $(grep -cE 'Type: (Secret|Private) key' <<<"$found") -eq $1 &&
        $(grep -c CKA_SENSITIVE <<<"$found") -eq $1 ]]
}

not_exported() {
    ! ask_p11tool --export ";object=kic;type=secret-key"
}

nothing_left() {
    step "20. After all of it the token has the same keys, and gives none of them away."
    list_token
    check "token: the same four keys, none of which leaves it" listed_in_token 4
    check "token: p11tool (GnuTLS) finds four keys, all of them sensitive" sensitive_keys 4
    check "token: p11tool cannot export one" not_exported
}

# ---- The chapter, within the token ----

token_chapter() {
    keys_in_token
    oscore_from_token
    sms_from_token
}

# With a token of its own in the demo's folder: this script calls itself there.
in_token() {
    local status=0
    TMPDIR=$work tests/tokens/with-token.sh softhsm "$0" --in-token "$work/chapter" || status=$?
    if [[ $status -eq 77 ]]; then
        summary+=("skip the chapter with the token, no SoftHSM2: the key for DTLS is in a file")
        dtls_chapter
        return
    fi
    take_chapter "$work/chapter" "the chapter with the token" "$status"
}
