#!/usr/bin/env bash
# Runs the fuzz targets for a while, each from its seeds, with the sanitizers on.
#
#   tools/fuzz.sh [SECONDS [TARGET...]]  20 seconds for every target unless told otherwise
#
# What is found stays in build/fuzz-found; a finding that is mended becomes a seed of its target.
# The seeds alone must reach the edges of fuzz/floors.txt.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

seconds=${1:-20}
[[ $# -eq 0 ]] || shift
targets=("$@")
if [[ $# -eq 0 ]]; then
    mapfile -t targets < <(find fuzz -maxdepth 1 -name 'fuzz_*.c' -printf '%f\n' |
        sed 's/^fuzz_//; s/\.c$//' | sort)
fi
[[ ${#targets[@]} -gt 0 ]] || die "there are no fuzz targets"

tools/packages.sh install build fuzz
say "== building the fuzz targets"
if ! configure fuzz build/fuzz || ! build build/fuzz; then
    die "the fuzz targets do not build"
fi

# reaches TARGET: whether its seeds reach its floor.
reaches() {
    local floor edges
    floor=$(sed -n "s/^$1 //p" fuzz/floors.txt)
    edges=$("build/fuzz/fuzz/fuzz-$1" -runs=0 "fuzz/seeds/$1" 2>&1 |
        grep -oE 'cov: [0-9]+' | tail -n 1 | tr -dc 0-9)
    [[ -n $floor && -n $edges && $edges -ge $floor ]] && return
    say "FAILED $1: its seeds reach ${edges:-no} edges, its floor is ${floor:-missing}"
    return 1
}

# fuzz TARGET: new inputs go to a corpus in build/, seeds are read only.
fuzz() {
    local target=$1 corpus=build/fuzz-corpus/$1 found=build/fuzz-found/$1 log
    mkdir -p "$corpus" "$found"
    log=build/fuzz-$target.log
    if ! "build/fuzz/fuzz/fuzz-$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 "-artifact_prefix=$found/" "$corpus" "fuzz/seeds/$target" \
        >"$log" 2>&1; then
        tail -n 40 "$log"
        say "FAILED $target: see $log and $found"
        return 1
    fi
    say "ok $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
}

passed=0 failed=0
for target in "${targets[@]}"; do
    if reaches "$target" && fuzz "$target"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
summary_line "$passed" "$failed"
[[ $failed -eq 0 ]]
