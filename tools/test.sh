#!/usr/bin/env bash
# Installs what is missing, builds the project three times and runs every test of each build.
#
#   tools/test.sh               release, dev (warnings are errors) and asan (sanitizers)
#   tools/test.sh PRESET...     only these
#
# Ends with the line "N passed, N failed"; tests that skipped themselves are counted apart. Which
# requirements the passed tests cover goes to build/covers.txt.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

presets=("$@")
[[ $# -gt 0 ]] || presets=(release dev asan)
results=()

# A build that fails is one failure more, so that the last line tells of it.
broken=0

test_preset() {
    local preset=$1 folder=build/$1 result=$project/build/$1-tests.xml started=$SECONDS
    say "== $preset: build"
    if ! configure "$preset" "$folder" || ! build "$folder"; then
        say "FAILED to build $preset"
        broken=$((broken + 1))
        return
    fi
    say "== $preset: tests ($((SECONDS - started)) s to build)"
    run_tests "$folder" "$result"
    if [[ -e $result ]]; then
        results+=("$result")
    else
        broken=$((broken + 1))
    fi
    say "== $preset: $((SECONDS - started)) s"
}

tools/packages.sh install build card
mkdir -p build
# Only a whole run tells the whole coverage.
covers=$project/build/covers.txt.new
: >"$covers"
export LWSEC_COVERS_FILE=$covers
for preset in "${presets[@]}"; do
    test_preset "$preset"
done
[[ $# -gt 0 ]] || sort -u "$covers" >build/covers.txt
rm -f "$covers"

summarize_tests "$broken" "${results[@]}"
