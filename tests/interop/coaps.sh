# shellcheck shell=bash disable=SC2154 # variables are shared with tools/test-interop.sh
# lwsec's CoAP over DTLS with libcoap, in both roles, on each of lwsec's engines: PSK and CCM_8.

coaps_key=sixteen-bytes-k1 # what -k of libcoap takes: no secret
coaps_psk=(--psk-identity interop --psk "$(printf %s "$coaps_key" | od -An -tx1 -v | tr -d ' \n')")

# From 3.2 on OpenSSL takes a tag of 8 bytes at level 0 alone, and libcoap cannot be told.
coaps_level() {
    local file=$work/openssl.cnf
    printf '%s\n' 'openssl_conf = all' '[all]' 'ssl_conf = ssl' '[ssl]' \
        'system_default = level' '[level]' 'CipherString = DEFAULT@SECLEVEL=0' >"$file"
    coaps_env=(env "OPENSSL_CONF=$(root_path "$file")")
}

# METHOD PATH [OPTION...]: libcoap has DTLS on the port behind.
coaps_client() {
    timeout 30 "$lwsec" coap client --connect "coaps://127.0.0.1:$((port + 1))" \
        "${coaps_psk[@]}" --engine "$coaps_engine" --timeout 5 --handshake-timeout 5 \
        --method "$1" --path "$2" "${@:3}"
}

coaps_gets() {
    local expected=$1 output
    output=$(coaps_client "${@:2}")
    echo "expected '$expected', got '$output'"
    [[ $output == "$expected" ]]
}

coaps_refuses_wrong_key() {
    local status=0 output
    output=$("$lwsec" coap client --connect "coaps://127.0.0.1:$((port + 1))" \
        --psk-identity interop --psk 00112233445566778899aabbccddeeff --engine "$coaps_engine" \
        --handshake-timeout 3 --method GET --path /) || status=$?
    [[ $status -eq 1 && -z $output ]]
}

coaps_to_libcoap() {
    coaps_engine=$1
    begin_group "coaps-to-libcoap/$1"
    start_server "created DTLS endpoint 127.0.0.1:$((port + 1))" \
        "${root_run[@]}" "${coaps_env[@]}" stdbuf -oL coap-server-openssl -A 127.0.0.1 -p "$port" \
        -d 100 -v 7 -V 7 -k "$coaps_key" || return 0
    check wrong-key coaps_refuses_wrong_key
    check put coaps_gets '2.01 -' PUT /value --payload 00ff80
    check get coaps_gets '2.05 00ff80' GET /value
    check put-large coaps_gets '2.04 -' PUT /value --payload "$large"
    check get-large coaps_gets "2.05 $large" GET /value
    check missing coaps_gets "4.04 $(hex_of 'Not Found')" GET /missing
    check ccm-8 server_said 'PSK-AES128-CCM8'
    stop_server
}

# PATH PATTERN [OPTION...]: libcoap's client, whose answer must match.
coaps_libcoap() {
    in_root "${coaps_env[@]}" timeout 20 coap-client-openssl -v 7 -V 7 -B 5 -k "$coaps_key" \
        -u interop "${@:3}" "coaps://127.0.0.1:$port$1" 2>&1 | tee "$work/coaps.log"
    grep -qE -- "$2" "$work/coaps.log"
}

coaps_from_libcoap() {
    coaps_engine=$1
    begin_group "coaps-from-libcoap/$1"
    start_server "listening 127.0.0.1:$port" "$lwsec" coap server --engine "$1" \
        --listen "coaps://127.0.0.1:$port" "${coaps_psk[@]}" || return 0
    check get coaps_libcoap /hello 'hello from lwsec'
    check put coaps_libcoap /value 'c:2\.01' -m put -e abc
    check get-back coaps_libcoap /value '^abc|:: .abc.'
    check register coaps_libcoap '/rd?ep=interop' 'c:2\.01' -m post -e '</1/0>'
    check other-name coaps_libcoap '/rd?ep=other' 'c:4\.00' -m post -e '</1/0>'
    check ccm-8 server_said 'handshake done suite c0a8'
    check identity server_said 'peer psk interop'
    stop_server
}

coaps_with_libcoap() {
    local engine
    coaps_level
    for engine in openssl mbedtls; do
        coaps_to_libcoap "$engine"
        coaps_from_libcoap "$engine"
    done
}
