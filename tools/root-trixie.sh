#!/usr/bin/env bash
# Makes, once, a Debian 13 root for the second build leg and the interop peers, and runs in it.
#
#   tools/root-trixie.sh             make it if it is not there yet, print its path
#   tools/root-trixie.sh run CMD...  run CMD inside; the project's tree is /src there, and the cwd
#
# The root lies in build/trixie; LWSEC_TRIXIE_ROOT names another place. LWSEC_DEBIAN_MIRROR names
# a mirror where the machine's apt configuration has none. Exit 3: the root cannot be had here.
set -euo pipefail

readonly SUITE=trixie
readonly PACKAGES=(
    # the build
    gcc g++ make cmake ninja-build pkg-config
    libssl-dev libmbedtls-dev libsodium-dev libsqlite3-dev libpcsclite-dev libcmocka-dev
    libjansson-dev
    python3-cryptography-vectors # NIST's PKITS, for the test cert-pkits
    # the interop peers; aiocoap's OSCORE needs the three modules after it
    python3-aiocoap python3-cbor2 python3-cryptography python3-filelock
    libcoap3-bin openssl gnutls-bin iproute2
)

self=$(realpath "${BASH_SOURCE[0]}")
project=$(dirname "$(dirname "$self")")
root=$(realpath -m "${LWSEC_TRIXIE_ROOT:-$project/build/trixie}")
# The stamp is written inside the unfinished root, which is then renamed: with a stamp it is whole.
stamp=$root/.lwsec-root

unavailable() {
    echo "root-trixie: $*" >&2
    exit 3
}

package_hash() {
    printf '%s\n' "$SUITE" "${PACKAGES[@]}" | sha256sum | cut -d' ' -f1
}

is_complete() {
    [[ -r $stamp && $(<"$stamp") == "$(package_hash)" ]]
}

# Starts this script anew as root; the environment that it reads is handed over by name.
become_root() {
    [[ $EUID -ne 0 ]] || return 0
    command -v sudo >/dev/null || unavailable "needs root, and there is no sudo"
    sudo -n true 2>/dev/null || [[ -t 0 ]] || unavailable "needs root, and sudo asks for a password"
    exec sudo LWSEC_TRIXIE_ROOT="$root" LWSEC_DEBIAN_MIRROR="${LWSEC_DEBIAN_MIRROR:-}" "$self" "$@"
}

# Starts this script anew where its mounts are its own: nothing stays mounted, however it ends.
enter_namespace() {
    unshare --mount --propagation private true 2>/dev/null ||
        unavailable "a private mount namespace is not permitted here"
    exec unshare --mount --propagation private "$self" "$@"
}

install_debootstrap() {
    command -v debootstrap >/dev/null && return
    command -v apt-get >/dev/null || unavailable "no debootstrap, and no apt-get to install it"
    { apt-get update && apt-get install -y --no-install-recommends debootstrap; } >&2 ||
        unavailable "no debootstrap, and apt-get cannot install it"
}

# One line a source of packages, "LABEL|RELEASE|URI". apt-get reads its own configuration, one-line
# and deb822 style alike; the label is known only after an apt-get update, the rest always.
apt_sources() {
    # shellcheck disable=SC2016 # apt-get expands these
    local format='$(LABEL)|$(RELEASE)|$(REPO_URI)'
    local wanted=('Created-By: Packages' 'Component: main' 'Target-Of: deb')
    apt-get indextargets --format "$format" "${wanted[@]}" 2>/dev/null || true
    apt-get indextargets --no-release-info --format "$format" "${wanted[@]}" 2>/dev/null || true
}

# A source may name a file that lists the mirrors; debootstrap needs the mirror itself.
resolve_mirror_list() {
    local uri=$1 list
    if [[ $uri == mirror+file:* ]]; then
        list=${uri#mirror+file:}
        list=${list%/}
        uri=$(awk '!/^#/ && NF { print $1; exit }' "/${list##/}")
    fi
    echo "$uri"
}

find_mirror() {
    local codename uri
    if [[ -n ${LWSEC_DEBIAN_MIRROR:-} ]]; then
        echo "$LWSEC_DEBIAN_MIRROR"
        return
    fi
    command -v apt-get >/dev/null || return 0
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # Another vendor's source may serve this release too: one that calls itself Debian goes first.
    uri=$(apt_sources | awk -F'|' -v release="$codename" '
        $1 == "Debian" && debian == "" { debian = $3 }
        ($2 == release || $2 ~ /^(old)*stable$/) && same == "" { same = $3 }
        END { print debian != "" ? debian : same }')
    resolve_mirror_list "$uri"
}

# debootstrap downloads with wget, which does not know apt's proxy.
use_proxy_of_apt() {
    local proxy=
    command -v apt-config >/dev/null || return 0
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    if [[ -n $proxy && $proxy != DIRECT ]]; then
        export http_proxy=$proxy https_proxy=$proxy
    fi
}

# The machine's own apt settings that say how to download hold inside too.
apt_download_settings() {
    command -v apt-config >/dev/null || return 0
    apt-config dump | grep -E '^Acquire::(Check-|Retries|http|https)' || true
}

# debootstrap resolves no virtual packages: it makes the smallest system, apt-get does the rest.
fill_partial_root() {
    local partial=$1 mirror=$2 base=() inside
    [[ $mirror != https:* ]] || base=(--include=ca-certificates)
    debootstrap --variant=minbase "${base[@]}" "$SUITE" "$partial" "$mirror"
    apt_download_settings >"$partial/etc/apt/apt.conf.d/99machine"
    # No package may start a service on the machine that hosts the root.
    printf '#!/bin/sh\nexit 101\n' >"$partial/usr/sbin/policy-rc.d"
    chmod +x "$partial/usr/sbin/policy-rc.d"
    mount -t proc proc "$partial/proc" || mount --rbind /proc "$partial/proc"
    inside=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$partial")
    "${inside[@]}" apt-get update
    "${inside[@]}" apt-get install -y --no-install-recommends "${PACKAGES[@]}"
    "${inside[@]}" apt-get clean
    umount "$partial/proc"
    rm -rf "$partial"/var/lib/apt/lists/*
    mkdir -p "$partial/src"
}

# Removes a root of ours, and nothing else that an overridden path may name by mistake.
remove_old_root() {
    [[ -e $root ]] || return 0
    if [[ ! -e $stamp ]]; then
        rmdir "$root" 2>/dev/null || unavailable "$root is there and was not made by this script"
    fi
    rm -rf --one-file-system "$root"
}

make_root() {
    local partial=$root.partial log=$root.log mirror
    mirror=$(find_mirror)
    [[ -n $mirror ]] ||
        unavailable "no Debian mirror in the apt configuration; set LWSEC_DEBIAN_MIRROR"
    use_proxy_of_apt
    remove_old_root
    rm -rf --one-file-system "$partial"
    echo "root-trixie: making $root, this takes two minutes or so" >&2
    # A process of its own: set -e does not hold in a function that an `if` calls.
    if ! "$self" fill-partial-root "$partial" "$mirror" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        unavailable "debootstrap or apt-get failed, see $log"
    fi
    package_hash >"$partial/$(basename "$stamp")"
    mv -T "$partial" "$root"
}

# Two callers must not make it at once; the second waits and finds it done.
make_root_once() {
    exec 9>"$root.lock"
    flock 9
    is_complete || make_root
}

run_inside() {
    mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind "$project" "$root/src"
    # A clean environment, so that nothing of this machine decides what runs. exec keeps the process
    # id: a caller that ends the process it started ends the command.
    # shellcheck disable=SC2016 # the inner shell expands this
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PYTHONDONTWRITEBYTECODE=1 chroot "$root" /bin/sh -c 'cd /src && exec "$@"' sh "$@"
}

case ${1:-make} in
make)
    is_complete || become_root make
    if ! is_complete; then
        mkdir -p "$(dirname "$root")"
        install_debootstrap
        enter_namespace make-in-namespace
    fi
    echo "$root"
    ;;
run)
    [[ $# -gt 1 ]] || { echo "usage: tools/root-trixie.sh run CMD..." >&2; exit 2; }
    become_root "$@"
    is_complete || "$self" make >/dev/null
    enter_namespace run-in-namespace "${@:2}"
    ;;
# The rest are steps of the two above.
make-in-namespace)
    make_root_once
    echo "$root"
    ;;
fill-partial-root)
    fill_partial_root "$2" "$3"
    ;;
run-in-namespace)
    run_inside "${@:2}"
    ;;
*)
    echo "usage: tools/root-trixie.sh [run CMD...]" >&2
    exit 2
    ;;
esac
