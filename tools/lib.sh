# What the tool scripts share: sourced, never run.
# shellcheck shell=bash

project=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
# Results of programs must not depend on the language of the person who runs them.
export LC_ALL=C.UTF-8

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

jobs_of_machine() {
    getconf _NPROCESSORS_ONLN
}

# Every file of the project, below its root: from git where there is one, otherwise all but build/.
project_files() {
    if git -C "$project" rev-parse --git-dir >/dev/null 2>&1; then
        # A file that was removed and not yet committed is still in the index.
        git -C "$project" ls-files --cached --others --exclude-standard |
            while IFS= read -r file; do [[ ! -e $project/$file ]] || printf '%s\n' "$file"; done
    else
        (cd "$project" && find . \( -path ./build -o -path ./.git \) -prune -o -type f -print) |
            sed 's|^\./||'
    fi | sort -u
}

# copy_project FOLDER: every file of the project into that folder. Files that are the same stay as
# they are, and so does build/: only what changed is built again.
copy_project() {
    local copy=$1 list file
    mkdir -p "$copy"
    list=$(mktemp)
    project_files >"$list"
    # Files that are gone from the project go from the copy too.
    (cd "$copy" && find . -path ./build -prune -o -type f -print) | sed 's|^\./||' | sort |
        comm -23 - "$list" | (cd "$copy" && xargs -r -d '\n' rm -f)
    while IFS= read -r file; do
        cmp -s "$project/$file" "$copy/$file" && continue
        mkdir -p "$(dirname "$copy/$file")"
        cp "$project/$file" "$copy/$file"
    done <"$list"
    rm -f "$list"
}

# Those of the given folders that the project has, with names that end in one of the given ways.
# files_in "FOLDER ..." "c h"
files_in() {
    local folders=${1// /|} endings=${2// /|}
    project_files | { grep -E "^($folders)/.*\.($endings)$" || true; }
}

# configure PRESET FOLDER [OPTION...], quiet unless it fails.
configure() {
    local preset=$1 folder=$2 log
    shift 2
    mkdir -p "$project/build"
    log=$(mktemp)
    if ! (cd "$project" && cmake --preset "$preset" -B "$folder" "$@") >"$log" 2>&1; then
        cat "$log"
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# build FOLDER [TARGET...], quiet unless it fails.
build() {
    local folder=$1 log
    shift
    log=$(mktemp)
    if ! cmake --build "$folder" ${1:+--target "$@"} >"$log" 2>&1; then
        grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$log" | tail -n 60
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# run_tests FOLDER RESULT [OPTION...]: every test of a build that needs no more than the packages
# of `build` and `card`, into a JUnit file. What failed is counted there; nothing is written when
# ctest could not even start.
run_tests() {
    local folder=$1 result=$2
    shift 2
    rm -f "$result"
    ctest --test-dir "$folder" --label-exclude 'interop|tokens' --output-on-failure \
        --no-tests=error \
        --parallel "$(jobs_of_machine)" --test-output-size-passed 1000000 \
        --output-junit "$result" "$@" || true
}

# Counts of one or more JUnit files of ctest, as "PASSED FAILED SKIPPED", then the names of those
# that skipped: whole tests, and single cases inside of a test that passed otherwise.
count_tests() {
    python3 - "$@" <<'PYTHON'
import re
import sys
import xml.etree.ElementTree as tree

passed = failed = 0
skipped = set()
for path in sys.argv[1:]:
    for case in tree.parse(path).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        reason = case.find("skipped")
        message = "" if reason is None else reason.get("message") or ""
        if status == "run":
            passed += 1
        elif status == "disabled" or message.startswith("SKIP_"):
            skipped.add((path, name))
        else:
            failed += 1 # also one that could not be started
        output = case.findtext("system-out") or ""
        for inner in set(re.findall(r"^\[  SKIPPED \] \(?(\w+)\)?$", output, re.M)):
            skipped.add((path, f"{name}/{inner}"))
print(passed, failed, len(skipped))
print(" ".join(sorted({name for _, name in skipped})))
PYTHON
}

# "N passed, N failed", and ", N skipped" if any were; nothing skipped counts as passed.
summary_line() {
    local line="$1 passed, $2 failed"
    [[ ${3:-0} -eq 0 ]] || line+=", $3 skipped"
    say "$line"
}

# summarize_tests BROKEN RESULT...: the last lines of a script that ran ctest. BROKEN builds count
# as failures. Answers whether something passed and nothing failed.
summarize_tests() {
    local failures=$1 passed=0 failed=0 skipped=0 names=
    shift
    if [[ $# -gt 0 ]]; then
        { read -r passed failed skipped && read -r names; } < <(count_tests "$@") || true
    fi
    failures=$((failures + failed))
    [[ -z $names ]] || say "skipped: $names"
    summary_line "$passed" "$failures" "$skipped"
    [[ $failures -eq 0 && $passed -gt 0 ]]
}
