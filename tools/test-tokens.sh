#!/usr/bin/env bash
# Keys in tokens: what needs more than tools/test.sh installs.
#
#   tools/test-tokens.sh
#
# openCryptoki's soft token, whose daemon needs root: the suite of stores, and two threads. Then the
# fake token under ThreadSanitizer, in a build of its own: 100,000 operations of two threads, and
# each fault at each call. Ends with "N passed, N failed"; what is skipped is named, and counts as
# neither.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

readonly DEV=build/dev TSAN=build/tsan
results=() broken=0

tools/packages.sh install build tokens

# run NAME FOLDER OPTION...: some tests of a build that is there.
run() {
    local result=$project/build/tokens-$1.xml
    ctest --test-dir "$2" --output-on-failure --no-tests=error --output-junit "$result" "${@:3}" ||
        true
    if [[ -e $result ]]; then
        results+=("$result")
    else
        broken=$((broken + 1))
    fi
}

say "== openCryptoki"
if configure dev "$DEV" &&
    build "$DEV" lwsec-store-check store-check-pkcs11 test-token-threads; then
    run opencryptoki "$DEV" -L tokens
else
    broken=$((broken + 1))
fi

say "== ThreadSanitizer"
if configure dev "$TSAN" -DLWSEC_SANITIZE=thread -DLWSEC_BENCH=OFF -DLWSEC_EXAMPLES=OFF &&
    build "$TSAN" test-token-threads test-token-faults fake-token; then
    run threads "$TSAN" -R '^token-(threads-fake|faults)$'
else
    broken=$((broken + 1))
fi

summarize_tests "$broken" "${results[@]}"
