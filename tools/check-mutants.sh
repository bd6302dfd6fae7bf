#!/usr/bin/env bash
# Shows that the tests notice: brings a defect back, one at a time, and sees the named test fail.
#
#   tools/check-mutants.sh             every tests/mutants/*.patch
#   tools/check-mutants.sh NAME...     only these (01-one-nonce, without .patch)
#   tools/check-mutants.sh --list      checks that each names a test and a trap, and runs none
#
# A patch begins with the lines
#   # caught by: TEST       a name of ctest
#   # trap: WHAT WENT WRONG ELSEWHERE
#   # timeout: yes          only where the defect shows as a test that never ends
# A defect that does not compile is not caught. Exit 1 if one survives or does not apply.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$project"
readonly mutants=$project/tests/mutants
readonly work=$project/build/mutants
readonly tree=$work/src
readonly SECONDS_PER_TEST=120

header() {
    sed -n "/^#/!q; s/^# $2: *//p" "$1"
}

# The program behind a test of ctest: what has to be built before it can run.
target_of() {
    case $1 in
    fuzz-replay-*) say "fuzz-${1#fuzz-replay-}" ;;
    *) say "test-$1" ;;
    esac
}

build_test() {
    local target
    target=$(target_of "$1")
    # A test without a program of its own runs what the whole build makes.
    ninja -C "$work/build" -t query "$target" >/dev/null 2>&1 || target=all
    ninja -C "$work/build" "$target" >"$work/log" 2>&1
}

# run_test TEST: passed, failed, timeout or absent.
run_test() {
    local result=$work/result.xml status=0
    rm -f "$result"
    timeout --kill-after=5 "$SECONDS_PER_TEST" ctest --test-dir "$work/build" -R "^$1\$" \
        --no-tests=error --output-junit "$result" >"$work/log" 2>&1 || status=$?
    if [[ $status -eq 124 || $status -eq 137 ]]; then
        say timeout
    elif [[ ! -e $result ]]; then
        say absent
    elif grep -q 'status="run"' "$result"; then
        say passed
    elif grep -q 'status="fail"' "$result"; then
        say failed
    else
        say absent
    fi
}

# Each test is seen to pass without any defect, once.
declare -A passes=()
passes_alone() {
    local test=$1
    if [[ -z ${passes[$test]:-} ]]; then
        passes[$test]=no
        if build_test "$test" && [[ $(run_test "$test") == passed ]]; then
            passes[$test]=yes
        fi
    fi
    [[ ${passes[$test]} == yes ]]
}

# verdict PATCH TEST, with the patch applied.
verdict() {
    local outcome
    if ! build_test "$2"; then
        tail -n 5 "$work/log" >&2
        say "does not compile"
        return
    fi
    outcome=$(run_test "$2")
    case $outcome in
    failed) say caught ;;
    timeout)
        if [[ $(header "$1" timeout) == yes ]]; then
            say caught
        else
            say "made $2 run out of time"
        fi
        ;;
    passed) say survived ;;
    *) say "could not run $2" ;;
    esac
}

check_mutant() {
    local patch=$1 name test result
    name=$(basename "$patch" .patch)
    test=$(header "$patch" 'caught by')
    if ! passes_alone "$test"; then
        say "FAILED $name: $test does not pass without the defect"
        return 1
    fi
    if ! patch --directory="$tree" --strip=1 --forward --fuzz=0 --dry-run --silent <"$patch" \
        >"$work/log" 2>&1; then
        say "FAILED $name: the patch does not apply"
        return 1
    fi
    patch --directory="$tree" --strip=1 --forward --fuzz=0 --silent <"$patch"
    result=$(verdict "$patch" "$test")
    # A file of the reversed patch gets a new time, so that ninja builds it again.
    patch --directory="$tree" --strip=1 --reverse --fuzz=0 --silent <"$patch"
    if [[ $result != caught ]]; then
        say "FAILED $name: $result ($(header "$patch" trap))"
        return 1
    fi
    say "caught $name by $test ($(header "$patch" trap))"
}

# A patch that names no test or no trap, or a file that is not there, proves nothing.
check_file() {
    local patch=$1 name key file failed=0
    name=$(basename "$patch")
    for key in 'caught by' trap; do
        [[ -n $(header "$patch" "$key") ]] || { say "$name: no line '# $key: ...'"; failed=1; }
    done
    while IFS= read -r file; do
        [[ -e $project/$file ]] || { say "$name: there is no $file"; failed=1; }
    done < <(sed -n 's|^--- a/\([^[:space:]]*\).*|\1|p' "$patch")
    return "$failed"
}

list=no
if [[ ${1:-} == --list ]]; then
    list=yes
    shift
fi
patches=()
if [[ $# -gt 0 ]]; then
    for name in "$@"; do
        patches+=("$mutants/$name.patch")
        [[ -e ${patches[-1]} ]] || die "no tests/mutants/$name.patch"
    done
else
    mapfile -t patches < <(find "$mutants" -name '*.patch' 2>/dev/null | sort)
fi
[[ ${#patches[@]} -gt 0 ]] || die "no tests/mutants/*.patch: nothing is shown"

passed=0 failed=0
for patch in "${patches[@]}"; do
    check_file "$patch" || failed=$((failed + 1))
done
if [[ $list == yes || $failed -gt 0 ]]; then
    [[ $failed -eq 0 ]]
    exit
fi

tools/packages.sh install build mutants
copy_project "$tree"
# Warnings are no errors here: a defect often leaves a variable unused.
(cd "$tree" && cmake -S . -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug >"$work/log" 2>&1) ||
    { tail -n 20 "$work/log"; die "the copy of the project cannot be configured"; }
for patch in "${patches[@]}"; do
    if check_mutant "$patch"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
summary_line "$passed" "$failed"
[[ $failed -eq 0 ]]
