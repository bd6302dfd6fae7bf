#!/usr/bin/env bash
# The Debian packages that the project needs, and their installation where they are missing.
#
#   tools/packages.sh list [SET...]     one line per package
#   tools/packages.sh install [SET...]  installs what is missing; needs no network if nothing is
#
# SETs: build (libraries, program, tests), check, mutants, fuzz, card, interop, cortex, tokens.
# Without one: all.
set -euo pipefail

readonly build=(
    gcc g++ libc6-dev make cmake ninja-build pkg-config
    libssl-dev libmbedtls-dev libsodium-dev libsqlite3-dev libpcsclite-dev
    libcmocka-dev libjansson-dev # frame of the tests; JSON of vectors and of the program
    python3 binutils             # tools/*.py; nm and readelf of the packaging tests
    openssl gnutls-bin           # peers of the DTLS tests
    softhsm2 libnss3 libnss3-tools # tokens of PKCS#11 for the tests
    valgrind                     # lwsec-bench counts instructions with it
    python3-cryptography-vectors # NIST's PKITS, for the test cert-pkits
)
readonly check=(clang-format clang-tidy clang shellcheck abigail-tools git)
readonly mutants=(patch)
readonly fuzz=(clang libclang-rt-14-dev llvm)
readonly cortex=(gcc-arm-none-eabi libnewlib-arm-none-eabi) # tools/cortex-m.sh
readonly card=(pcscd vsmartcard-vpcd iproute2) # tests/uicc/with-card.sh
readonly tokens=(opencryptoki) # one more, with a daemon: tools/test-tokens.sh
readonly interop=(
    debootstrap # the Debian 13 root; tools/root-trixie.sh fills it
    tshark      # reads short messages
)

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

wanted() {
    local set
    [[ $# -gt 0 ]] || set -- build check mutants fuzz card interop cortex tokens
    for set in "$@"; do
        case $set in
        build) printf '%s\n' "${build[@]}" ;;
        check) printf '%s\n' "${check[@]}" ;;
        mutants) printf '%s\n' "${mutants[@]}" ;;
        fuzz) printf '%s\n' "${fuzz[@]}" ;;
        cortex) printf '%s\n' "${cortex[@]}" ;;
        card) printf '%s\n' "${card[@]}" ;;
        interop) printf '%s\n' "${interop[@]}" ;;
        tokens) printf '%s\n' "${tokens[@]}" ;;
        *) echo "packages: no set '$set'" >&2 && exit 2 ;;
        esac
    done
}

install_missing() {
    local missing=() package privilege=()
    command -v dpkg-query >/dev/null || {
        echo "packages: this is no Debian; install what tools/packages.sh list says" >&2
        exit 1
    }
    while IFS= read -r package; do
        is_installed "$package" || missing+=("$package")
    done < <(wanted "$@" | sort -u)
    [[ ${#missing[@]} -gt 0 ]] || return 0

    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || {
            echo "packages: neither root nor sudo; as root: apt-get install ${missing[*]}" >&2
            exit 1
        }
        privilege=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${privilege[@]}" apt-get update -q
    "${privilege[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
}

command=${1:-}
[[ $# -eq 0 ]] || shift
case $command in
list) wanted "$@" | sort -u ;;
install) install_missing "$@" ;;
*)
    echo "usage: tools/packages.sh list|install" \
        "[build|check|mutants|fuzz|card|interop|cortex|tokens ...]" >&2
    exit 2
    ;;
esac
