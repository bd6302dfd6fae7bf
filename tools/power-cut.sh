#!/usr/bin/env bash
# Proves that OSCORE outlives power cuts: random exchanges between peers that are killed at any
# moment, over files of which a power cut keeps what was synced, and of the rest anything.
#
#   tools/power-cut.sh [EXCHANGES [SEED]]     10000 completed exchanges, a seed by chance
#
# No pair of key and nonce is used twice, no request is delivered twice, nothing is delivered that
# nobody sent, and requests go through again after each restart: tests/power/ says how that is seen.
# Prints its counts, then shows that the proof notices: with each of the mutants named here it must
# fail. The seed repeats all but the cuts at random instants. Exit 1 on any failure.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

readonly exchanges=${1:-10000}
readonly seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
readonly mutants=(
    oscore-08-reserve-after-use
    state-no-fsync
    oscore-05-commit-before-verify
    state-no-dir-fsync
    oscore-01-nonce-reused
    oscore-b2-r2-repeated
    oscore-open-limit
)
readonly work=$project/build/power
readonly tree=$work/src
readonly program=$work/build/tests/test-power
readonly SECONDS_PER_PROOF=300

# Only the library, one engine and the program, optimised a little: this is built again for each
# mutant. Warnings are no errors: a defect often leaves a variable unused.
configure_copy() {
    cmake -S "$tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS_DEBUG=-O1 -DLWSEC_MBEDTLS=OFF -DLWSEC_SODIUM=OFF -DLWSEC_CLI=OFF \
        -DLWSEC_EXAMPLES=OFF -DLWSEC_BENCH=OFF >"$work/log" 2>&1
}

build_copy() {
    if ! ninja -C "$work/build" test-power >"$work/log" 2>&1; then
        tail -n 20 "$work/log"
        return 1
    fi
}

prove() {
    (cd "$work" && timeout --kill-after=5 "$SECONDS_PER_PROOF" "$program" "$exchanges" "$seed")
}

# A patch applies whole or not at all.
bring_back() {
    local patch=(patch --directory="$tree" --strip=1 --forward --fuzz=0 --silent)
    local file=$project/tests/mutants/$1.patch
    "${patch[@]}" --dry-run <"$file" >"$work/log" 2>&1 && "${patch[@]}" <"$file"
}

# check_mutant NAME: the proof must fail with the defect, and say what was wrong.
check_mutant() {
    local name=$1 status=0
    copy_project "$tree" # without the mutant before
    bring_back "$name" || { say "FAILED $name: the patch does not apply"; return 1; }
    if build_copy; then
        prove >"$work/out" 2>"$work/err" || status=$?
    else
        status=127
    fi
    rm -rf "$work"/power-??????
    if [[ $status -ne 1 ]] || ! grep -q '^FAILED: ' "$work/err"; then
        say "FAILED $name: not reported (exit status $status)"
        return 1
    fi
    say "reported $name: $(sed -n 's/^FAILED: //p' "$work/err" | head -n 1)"
}

tools/packages.sh install build mutants
mkdir -p "$work"
rm -rf "$work"/power-??????
copy_project "$tree"
configure_copy || { tail -n 20 "$work/log"; die "the copy of the project cannot be configured"; }
passed=0 failed=0 reported=0
say "== $exchanges exchanges"
if build_copy && prove; then
    passed=$((passed + 1))
else
    say "FAILED: tools/power-cut.sh $exchanges $seed"
    failed=$((failed + 1))
fi
say "== ${#mutants[@]} mutants"
for name in "${mutants[@]}"; do
    if check_mutant "$name"; then
        passed=$((passed + 1)) reported=$((reported + 1))
    else
        failed=$((failed + 1))
    fi
done
say "mutants reported: $reported of ${#mutants[@]}"
summary_line "$passed" "$failed"
[[ $failed -eq 0 ]]
