#!/usr/bin/env bash
# Proves that OSCORE and SMS packets outlive power cuts: random exchanges between peers that are
# killed at any moment, over files of which a power cut keeps what was synced, and of the rest
# anything.
#
#   tools/power-cut.sh [EXCHANGES [SEED]]     10000 completed exchanges, and as many messages by
#                                             SMS; a seed by chance
#
# No pair of key and nonce and no counter is used twice, also when the same keys are provisioned
# again; nothing is delivered twice, or that nobody sent; and requests go through again after each
# restart: tests/power/ says how that is seen. Prints its counts, then shows that the proofs notice:
# with each of the mutants named here they must fail. The seed repeats all but the cuts at random
# instants. Exit 1 on any failure.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

readonly exchanges=${1:-10000}
readonly seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
# PROGRAM:MUTANT
readonly mutants=(
    test-power:oscore-08-reserve-after-use
    test-power:state-no-fsync
    test-power:oscore-05-commit-before-verify
    test-power:state-no-dir-fsync
    test-power:oscore-01-nonce-reused
    test-power:oscore-b2-r2-repeated
    test-power:oscore-open-limit
    test-power-sms:sms-stored-after-delivery
    test-power-sms:sms-sent-after-use
    test-power-sms:state-no-fsync
    test-power-sms:sms-commit-before-verify
    test-power-sms:state-no-dir-fsync
    test-power-sms:sms-fresh-wins
    test-power-sms:sms-packet-of-another-association
)
readonly work=$project/build/power
readonly tree=$work/src
readonly SECONDS_PER_PROOF=300

# Only the library, one engine and the programs, optimised a little: this is built again for each
# mutant. Warnings are no errors: a defect often leaves a variable unused.
configure_copy() {
    cmake -S "$tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS_DEBUG=-O1 -DLWSEC_MBEDTLS=OFF -DLWSEC_SODIUM=OFF -DLWSEC_CLI=OFF \
        -DLWSEC_EXAMPLES=OFF -DLWSEC_BENCH=OFF >"$work/log" 2>&1
}

# build_copy PROGRAM
build_copy() {
    if ! ninja -C "$work/build" "$1" >"$work/log" 2>&1; then
        tail -n 20 "$work/log"
        return 1
    fi
}

# prove PROGRAM
prove() {
    (cd "$work" &&
        timeout --kill-after=5 "$SECONDS_PER_PROOF" "build/tests/$1" "$exchanges" "$seed")
}

# A patch applies whole or not at all.
bring_back() {
    local patch=(patch --directory="$tree" --strip=1 --forward --fuzz=0 --silent)
    local file=$project/tests/mutants/$1.patch
    "${patch[@]}" --dry-run <"$file" >"$work/log" 2>&1 && "${patch[@]}" <"$file"
}

# check_mutant PROGRAM NAME: the proof must fail with the defect, and say what was wrong.
check_mutant() {
    local program=$1 name=$2 status=0
    copy_project "$tree" # without the mutant before
    bring_back "$name" || { say "FAILED $name: the patch does not apply"; return 1; }
    if build_copy "$program"; then
        prove "$program" >"$work/out" 2>"$work/err" || status=$?
    else
        status=127
    fi
    rm -rf "$work"/power-??????
    if [[ $status -ne 1 ]] || ! grep -q '^FAILED: ' "$work/err"; then
        say "FAILED $name: not reported by $program (exit status $status)"
        return 1
    fi
    say "reported $name by $program: $(sed -n 's/^FAILED: //p' "$work/err" | head -n 1)"
}

tools/packages.sh install build mutants
mkdir -p "$work"
rm -rf "$work"/power-??????
copy_project "$tree"
configure_copy || { tail -n 20 "$work/log"; die "the copy of the project cannot be configured"; }
passed=0 failed=0 reported=0
for program in test-power test-power-sms; do
    say "== $program: $exchanges"
    if build_copy "$program" && prove "$program"; then
        passed=$((passed + 1))
    else
        say "FAILED: tools/power-cut.sh $exchanges $seed"
        failed=$((failed + 1))
    fi
done
say "== ${#mutants[@]} mutants"
for mutant in "${mutants[@]}"; do
    if check_mutant "${mutant%:*}" "${mutant#*:}"; then
        passed=$((passed + 1)) reported=$((reported + 1))
    else
        failed=$((failed + 1))
    fi
done
say "mutants reported: $reported of ${#mutants[@]}"
summary_line "$passed" "$failed"
[[ $failed -eq 0 ]]
