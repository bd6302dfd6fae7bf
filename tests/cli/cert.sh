#!/usr/bin/env bash
# lwsec cert: usages, names, times, revocation, formats of files, and what is refused.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

file=certificates.txt
secret='no secret'
time=2030-01-01T00:00:00Z
engines=()
while read -r engine _; do
    [[ $engine != openssl && $engine != mbedtls ]] || engines+=("$engine")
done < <("$lwsec" version)

# FIELD NAME...: DER of vectors into NAME.FIELD.
der() {
    local name
    for name in "${@:2}"; do
        perl -e 'print pack "H*", shift' "$(vector "$file" "$name" "$1")" >"$name.$1"
    done
}

# FILE LABEL NAME...: one PEM file.
pem() {
    local name
    for name in "${@:3}"; do
        echo "-----BEGIN $2-----"
        perl -e 'print pack "H*", shift' "$(vector "$file" "$name" der)" | base64
        echo "-----END $2-----"
    done >"$1"
}

# NUMBER NAME REASON ARGUMENT...: refused, with the alert on stdout, by each engine.
refused() {
    local engine
    for engine in "${engines[@]}"; do
        run cert verify "${@:4}" --time "$time" --engine "$engine"
        [[ $code -eq 1 && $out == "alert $1 $2" && $err == "lwsec: refused: $3" ]] ||
            complain "not refused by $engine: $3"
    done
}

accepted() {
    local engine
    for engine in "${engines[@]}"; do
        prints accepted cert verify "$@" --time "$time" --engine "$engine"
    done
    [[ ${#engines[@]} -gt 0 ]]
}

unknown_ca=(48 unknown_ca 'no path leads to a trust anchor')
mismatch=(42 bad_certificate 'the Server Public Key does not match as its usage asks')
other_name=(42 bad_certificate 'the certificate is not for the name that is meant')
expired=(45 certificate_expired 'a certificate is expired or not valid yet')

files() {
    pem chain.pem CERTIFICATE server inter
    pem root.pem CERTIFICATE other-root root
    der der server inter root other-root
    der key server inter root
}

test_usages() {
    local chain=(--chain chain.pem --name server.example) trust=(--trust root.pem)
    files
    accepted "${chain[@]}" "${trust[@]}" --usage 0 --association inter.der
    accepted "${chain[@]}" "${trust[@]}" --usage 0 --association root.key
    accepted "${chain[@]}" "${trust[@]}" --usage 1 --association server.der
    accepted "${chain[@]}" --usage 2 --association root.der
    accepted "${chain[@]}" --usage 2 --association root.key
    accepted --chain chain.pem --usage 3 --association server.key
    accepted "${chain[@]}" "${trust[@]}" --profile pkix
    refused "${unknown_ca[@]}" "${chain[@]}" --usage 0 --association inter.der
    refused "${unknown_ca[@]}" "${chain[@]}" --usage 1 --association server.der
    refused "${unknown_ca[@]}" "${chain[@]}" "${trust[@]}" --usage 2 --association other-root.der
    refused "${mismatch[@]}" "${chain[@]}" "${trust[@]}" --usage 0 --association other-root.der
    refused "${mismatch[@]}" "${chain[@]}" "${trust[@]}" --usage 3 --association root.der
}

test_digests() {
    local bits matching
    files
    for bits in 256 384 512; do
        matching=$((bits / 128 - 1))
        "sha${bits}sum" server.der | cut -d' ' -f1 >digest.hex
        perl -ne 'chomp; print pack "H*", $_' digest.hex >digest
        accepted --chain chain.pem --usage 3 --matching "$matching" --association digest
        accepted --chain chain.pem --usage 3 --matching "$matching" --association digest.hex
        "sha${bits}sum" inter.key | cut -d' ' -f1 >digest.hex
        accepted --chain chain.pem --name server.example --usage 2 --matching "$matching" \
            --association digest.hex
        refused "${mismatch[@]}" --chain chain.pem --usage 3 --matching "$matching" \
            --association digest.hex
    done
    misused '--association: neither the bytes nor the hex digits of a digest' cert verify \
        --chain chain.pem --usage 3 --matching 1 --association server.der
}

test_names() {
    local pkix=(--chain chain.pem --trust root.pem --profile pkix)
    files
    accepted "${pkix[@]}" --ip 192.0.2.1
    accepted "${pkix[@]}" --ip '[2001:db8::1]'
    accepted "${pkix[@]}" --no-name
    accepted "${pkix[@]}" --ip 192.0.2.7 --sni server.example
    refused "${other_name[@]}" "${pkix[@]}" --name other.example
    refused "${other_name[@]}" "${pkix[@]}" --name server.example --sni other.example
    refused "${other_name[@]}" "${pkix[@]}" --ip 192.0.2.2
    refused "${other_name[@]}" "${pkix[@]}" --name 192.0.2.1
    misused '--ip: not an address' cert verify "${pkix[@]}" --ip server.example
    misused 'one of --name, --ip and --no-name is needed' cert verify "${pkix[@]}"
    misused 'one of --name, --ip and --no-name is enough' cert verify "${pkix[@]}" --no-name \
        --name server.example
    misused '--sni: and --no-name cannot be given together' cert verify "${pkix[@]}" --no-name \
        --sni server.example
    # The common name is LwM2M's, and not PKIX's.
    pem cn.pem CERTIFICATE cn-server inter
    accepted --chain cn.pem --usage 2 --association root.der --name server.example
    refused "${other_name[@]}" --chain cn.pem --trust root.pem --profile pkix --name server.example
}

test_depth() {
    local pkix=(--chain chain.pem --trust root.pem --profile pkix --no-name)
    files
    accepted "${pkix[@]}" --depth 1
    refused 42 bad_certificate \
        'there are more certificates, names or paths than are looked at' "${pkix[@]}" --depth 0
}

test_client() {
    files
    pem client.pem CERTIFICATE client inter
    accepted --chain client.pem --usage 2 --association root.der --client --name urn:dev:os:1
    refused "${other_name[@]}" --chain client.pem --usage 2 --association root.der --client \
        --name urn:dev:os:2
    refused 43 unsupported_certificate 'the key usage of a certificate does not allow it' \
        --chain client.pem --usage 2 --association root.der --no-name
}

test_times() {
    local pkix=(--chain chain.pem --trust root.pem --profile pkix --name server.example) text
    files
    time=2019-12-31T23:59:59.999Z
    refused "${expired[@]}" "${pkix[@]}"
    time=2020-01-01T00:59:59+01:00
    refused "${expired[@]}" "${pkix[@]}"
    time=2020-01-01T01:00:00+01:00
    accepted "${pkix[@]}"
    time=2040-01-01T00:00:00.5Z
    accepted "${pkix[@]}"
    time=2039-12-31T20:00:01-04:00
    refused "${expired[@]}" "${pkix[@]}"
    for text in '' 2030-01-01 2030-02-29T00:00:00Z 2030-01-01T00:00:00 2030-01-01T24:00:00Z \
        2030-01-01T00:00:00ZZ 2030-13-01T00:00:00Z 2030-01-01T00:00:00+25:00; do
        misused '--time: not a time as in 2030-01-01T00:00:00Z' cert verify "${pkix[@]}" \
            --time "$text"
    done
}

test_revocation() {
    local pkix=(--trust root.pem --profile pkix --name server.example)
    files
    pem revoked.pem CERTIFICATE revoked-server inter
    pem lists.pem 'X509 CRL' crl crl-of-root
    pem old.pem 'X509 CRL' crl-old
    accepted "${pkix[@]}" --chain chain.pem --crl lists.pem
    refused 44 certificate_revoked 'a certificate is revoked' "${pkix[@]}" --chain revoked.pem \
        --crl lists.pem
    refused 46 certificate_unknown 'nothing tells whether the certificate is revoked' \
        "${pkix[@]}" --chain chain.pem --crl old.pem
}

test_ocsp() {
    local pkix=(--trust root.pem --profile pkix --name server.example --chain chain.pem) engine
    files
    der der ocsp-good ocsp-revoked ocsp-old
    for engine in "${engines[@]}"; do
        if [[ $engine == openssl ]]; then
            engines=(openssl)
            accepted "${pkix[@]}" --ocsp ocsp-good.der
            refused 44 certificate_revoked 'a certificate is revoked' "${pkix[@]}" \
                --ocsp ocsp-revoked.der
            refused 113 bad_certificate_status_response \
                'the OCSP response is malformed, not authentic or too old' "${pkix[@]}" \
                --ocsp ocsp-old.der
        else
            refuses 'this engine cannot judge OCSP responses' cert verify "${pkix[@]}" \
                --ocsp ocsp-good.der --time "$time" --engine "$engine"
        fi
    done
}

test_json() {
    files
    prints '{"verdict":"accepted"}' cert verify --chain chain.pem --usage 3 --association \
        server.der --json
    run cert verify --chain chain.pem --usage 3 --association inter.der --json
    [[ $code -eq 1 && $out == '{"verdict":"refused","alert":42,"name":"bad_certificate",'* ]] ||
        complain 'no object'
}

test_files() {
    local three=(--usage 3 --association server.der)
    files
    run cert verify --chain - "${three[@]}" <chain.pem
    [[ $code -eq 0 && $out == accepted ]] || complain 'not from standard input'
    accepted --chain server.der "${three[@]}"
    misused '--chain: the file cannot be opened' cert verify --chain nowhere "${three[@]}"
    : >empty.pem
    misused '--chain: the file is empty' cert verify --chain empty.pem "${three[@]}"
    echo '-----BEGIN CERTIFICATE-----' >broken.pem
    misused '--chain: a PEM block is malformed' cert verify --chain broken.pem "${three[@]}"
    echo '-----BEGIN X-----' >other.pem
    misused '--chain: no PEM block is CERTIFICATE' cert verify --chain other.pem "${three[@]}"
    misused '--association: no PEM block is CERTIFICATE or PUBLIC KEY' cert verify \
        --chain chain.pem --usage 3 --association other.pem
    misused '--crl: no PEM block is X509 CRL' cert verify --crl chain.pem --chain chain.pem \
        "${three[@]}"
    misused '--association: there is more than one' cert verify --chain chain.pem --usage 3 \
        --association chain.pem
    head -c 100 server.der >cut.der
    refused 42 bad_certificate 'a certificate is malformed' --chain cut.der "${three[@]}"
}

test_usage() {
    files
    misused '--usage: is missing' cert verify --chain chain.pem --no-name
    misused '--usage: the number is too large' cert verify --chain chain.pem --no-name --usage 4
    misused '--association: is missing' cert verify --chain chain.pem --usage 3
    misused '--association: needs --usage' cert verify --chain chain.pem --profile pkix \
        --association root.der --no-name
    misused '--chain: is missing' cert verify --usage 3
    misused '--trust: standard input is read already' cert verify --chain - --trust - \
        --profile pkix --no-name <chain.pem
    misused '--profile: lwm2m or pkix' cert verify --chain chain.pem --profile web
    misused '--engine: this build has no engine of that name' cert verify --chain chain.pem \
        --usage 3 --association server.der --engine other
}

run_tests
