#!/usr/bin/env bash
# The client and the server of examples/dtls understand each other, twice. Arguments: SERVER CLIENT
set -euo pipefail

coproc server { exec "$1" 0; }
# shellcheck disable=SC2154 # set by coproc
trap 'kill "$server_PID"' EXIT
read -r word port <&"${server[0]}"
[[ $word == listening ]]
for _ in 1 2; do
    out=$("$2" "$port")
    echo "$out"
    [[ $out == '10 bytes'$'\n'closed:* ]]
done
