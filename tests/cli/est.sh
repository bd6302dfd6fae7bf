#!/usr/bin/env bash
# lwsec est enroll against the EST-coaps server of the tests: a pair of a store gets a certificate.
# shellcheck disable=SC2317,SC2154,SC2034 # the harness calls tests by name, and sets variables
peer=$3
source "$(dirname "${BASH_SOURCE[0]}")/live_harness.sh"

secret=5b0e77c19a24d3f68e1135ac0479bd62
# In the files of the tests, so that the harness finds it nowhere else.
spaced=$(sed 's/../&:/g; s/:$//' <<<"$secret")

# [later]: the server, a store with a pair, and the account of the client.
start() {
    "$peer" device "$secret" root.der "$@" >server.log 2>server.err &
    server_pid=$!
    wait_for server.log listening
    port=$(sed -n 's/^listening 127\.0\.0\.1://p' server.log)
    printf 'of the test' >passphrase
    run key generate --store file:store --passphrase file:passphrase --name pair --type ec-p256
    [[ $code -eq 0 ]] || complain 'no pair'
    printf '%s\n' "/0/0/0 = \"coaps://127.0.0.1:$port\"" '/0/0/1 = false' '/0/0/2 = 0' \
        '/0/0/3 = "device"' "/0/0/5 = hex:$spaced" '/0/0/10 = 101' >account
}

# [OPTION...]
enroll() {
    run est enroll --account account --store file:store --passphrase file:passphrase --name pair \
        --out chain.der "$@"
}

# What came is a path to the root, for this name.
check_certificate() {
    [[ $code -eq 0 && -z $err && $out =~ ^renew\ 20[0-9-]*T[0-9:]*Z$ ]] || complain 'no certificate'
    openssl x509 -inform DER -in chain.der -out leaf.pem
    # OpenSSL 3.5 writes no spaces.
    openssl x509 -in leaf.pem -noout -subject | grep -qE '^subject=CN ?= ?endpoint-1$'
    tail -c +"$(($(openssl x509 -in leaf.pem -outform DER | wc -c) + 1))" chain.der |
        openssl x509 -inform DER -out between.pem
    openssl x509 -inform DER -in root.der -out root.pem
    openssl verify -purpose sslclient -CAfile root.pem -untrusted between.pem leaf.pem >verified
}

test_a_pair_gets_a_certificate_and_renews_it() {
    start
    enroll --endpoint endpoint-1 --authorities authorities.der
    check_certificate
    [[ $(wc -c <authorities.der) -eq $(openssl x509 -in between.pem -outform DER |
        cat root.der - | wc -c) ]]
    cp leaf.pem first.pem
    enroll --endpoint endpoint-1 --renew first.pem
    check_certificate
    ! cmp -s first.pem leaf.pem
}

test_it_waits_and_asks_where_the_functions_are() {
    start later
    enroll --endpoint endpoint-1 --discover
    check_certificate
}

test_what_the_server_refuses_is_told() {
    start
    enroll --endpoint endpoint-1 --path /elsewhere
    [[ $code -eq 1 && $err == *'refused the request: 4.04' ]] || complain 'not 4.04'
    [[ ! -e chain.der ]]
}

test_it_has_only_so_much_patience() {
    start later
    enroll --endpoint endpoint-1 --patience 1
    [[ $code -eq 1 && $err == *'a longer wait than is allowed' ]] || complain 'no end'
    [[ ! -e chain.der ]]
}

test_another_key_of_the_session_is_refused() {
    start
    sed -i "s/hex:../hex:00/" account
    enroll --endpoint endpoint-1 --timeout 2
    [[ $code -eq 1 && ! -e chain.der ]] || complain 'a session'
}

test_names_and_paths_that_are_none_are_told() {
    start
    enroll --endpoint "$(printf 'a\tb')"
    [[ $code -eq 2 && $err == *--endpoint* ]] || complain 'a name'
    enroll --endpoint endpoint-1 --path est
    [[ $code -eq 2 && $err == *--path* ]] || complain 'a path'
    enroll --endpoint endpoint-1 --path /est --discover
    [[ $code -eq 2 && $err == *--path* ]] || complain 'both'
    enroll --endpoint endpoint-1 --renew account
    [[ $code -eq 2 && $err == *--renew* ]] || complain 'a certificate'
}

run_tests
