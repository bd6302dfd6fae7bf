#!/usr/bin/env bash
# Builds and tests the project on Debian 13, in the root that tools/root-trixie.sh makes.
#
# That root has only what its script lists, so this also shows what a user really has to install.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

if [[ ${1:-} != inside ]]; then
    exec tools/root-trixie.sh run bash tools/test-trixie.sh inside
fi

folder=build/trixie-dev
result=$project/$folder-tests.xml
# shellcheck source=/dev/null
say "on $(. /etc/os-release && echo "$PRETTY_NAME")"
rm -f "$result"
if configure dev "$folder" && build "$folder"; then
    # That root runs no pcscd.
    run_tests "$folder" "$result" --exclude-regex '^uicc-(card-pcscd|host)$'
fi
if [[ -e $result ]]; then
    summarize_tests 0 "$result"
else
    summarize_tests 1
fi
