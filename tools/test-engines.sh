#!/usr/bin/env bash
# Builds and tests without each engine in turn: nothing may need more than what it names.
#
#   tools/test-engines.sh [ENGINE...]  OPENSSL, MBEDTLS, SODIUM, SQLITE: the one that is left out
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

engines=("$@")
[[ $# -gt 0 ]] || engines=(OPENSSL MBEDTLS SODIUM SQLITE)
tools/packages.sh install build card
results=() broken=0
for engine in "${engines[@]}"; do
    folder=build/no-${engine,,}
    result=$project/$folder-tests.xml
    say "== without $engine"
    rm -f "$result"
    if configure dev "$folder" "-DLWSEC_$engine=OFF" && build "$folder"; then
        run_tests "$folder" "$result"
    fi
    if [[ -e $result ]]; then
        results+=("$result")
    else
        say "FAILED to build or test without $engine"
        broken=$((broken + 1))
    fi
done
summarize_tests "$broken" "${results[@]}"
