#!/usr/bin/env bash
# Everything about the project that is not a test of its behaviour.
#
#   tools/check.sh               every check: a line "ok NAME", or its findings and "FAILED NAME"
#   tools/check.sh NAME...       only these
#   tools/check.sh --list        their names
#   tools/check.sh --fix format  lets clang-format rewrite the sources
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$project"

readonly CHECKS=(
    format tidy banned folders engines purpose columns length
    headers shellcheck python exports needed abi conformance mutant-files
)
readonly DEV=build/dev
readonly LIBRARY_FOLDERS="core crypto state coap oscore smssec certpolicy dtls est account \
pkcs11 uicc worker"

sources() {
    project_files | grep -E '\.(c|h|cpp)$'
}

# Built once, however many checks need it.
dev_build() {
    if [[ -z ${dev_is_built:-} ]]; then
        dev_is_built=no
        if configure dev "$DEV" && build "$DEV"; then
            dev_is_built=yes
        fi
    fi
    [[ $dev_is_built == yes ]] || { say "$DEV does not build"; return 1; }
}

check_format() {
    local findings
    # There is a line for every place; the first of each file is enough to find it.
    findings=$(sources | xargs -d '\n' clang-format --dry-run 2>&1 |
        sed -n 's/^\(.*\): warning: code should be clang-formatted.*/\1: not formatted/p' |
        sort -t: -k1,1 -u)
    [[ -z $findings ]] || { say "$findings"; return 1; }
}

fix_format() {
    sources | xargs -d '\n' clang-format -i
}

check_tidy() {
    local files
    dev_build || return 1
    # Only what this build compiles and what is shipped; tests are checked by all else.
    files=$(files_in "$LIBRARY_FOLDERS cli examples bench" c | while IFS= read -r file; do
        ! grep -qF "\"$project/$file\"" "$DEV/compile_commands.json" || say "$file"
    done)
    [[ -n $files ]] || { say "no files to check"; return 1; }
    # One line for each finding; how it comes about: clang-tidy -p build/dev FILE.
    xargs -d '\n' -P "$(jobs_of_machine)" -n 4 clang-tidy --quiet -p "$DEV" 2>/dev/null \
        <<<"$files" | sed -n "/: \(error\|warning\): /s|$project/||p"
}

check_banned() { project_files | tools/check_sources.py banned; }
check_folders() { project_files | tools/check_sources.py folders; }
check_engines() { project_files | tools/check_sources.py engines; }
check_purpose() { project_files | tools/check_sources.py purpose; }
check_columns() { project_files | tools/check_sources.py columns; }
check_length() { project_files | tools/check_sources.py length; }

# Every header compiles alone: public ones in C11 and C++11, the others in C11.
check_headers() {
    local header failed=0
    while IFS= read -r header; do
        header_alone "$header" c11 c || failed=1
        [[ $header != include/* ]] || header_alone "$header" c++11 c++ || failed=1
    done < <(files_in "include/lwsec $LIBRARY_FOLDERS" h)
    return "$failed"
}

header_alone() {
    local header=$1 standard=$2 language=$3
    echo "#include \"$header\"" | gcc -x "$language" "-std=$standard" -Wall -Wextra -Wpedantic \
        -Werror -I. -Iinclude -fsyntax-only -
}

check_shellcheck() {
    # A script is a script by its first line, wherever it is.
    project_files | while IFS= read -r file; do
        if head -c 64 "$file" | head -n 1 | tr -d '\0' | grep -qE '^#!.*\b(ba)?sh$'; then
            say "$file"
        fi
    done | xargs -d '\n' shellcheck --external-sources --source-path=SCRIPTDIR --format=gcc \
        tools/lib.sh
}

# Python is for tools and tests: it has to compile, and to name its purpose as everything does.
check_python() {
    project_files | { grep '\.py$' || true; } | while IFS= read -r file; do
        python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" ||
            exit 1
    done
}

check_exports() {
    dev_build && tools/exports.py check "$DEV"
}

check_needed() {
    dev_build && bash tests/packaging/needed.sh "$DEV"
}

check_abi() {
    dev_build && tools/check-abi.sh "$DEV"
}

check_conformance() {
    [[ -e build/covers.txt ]] || tools/test.sh >/dev/null || true # what failed covers nothing
    tools/conformance.py check
}

# Each mutant names a test, a trap, and files that exist; tools/check-mutants.sh runs them.
check_mutant-files() {
    tools/check-mutants.sh --list
}

run_check() {
    local name=$1 started=$SECONDS output
    if output=$("check_$name" 2>&1); then
        say "ok $name ($((SECONDS - started)) s)"
        passed=$((passed + 1))
    else
        say "$output"
        say "FAILED $name"
        failed=$((failed + 1))
    fi
}

case ${1:-} in
--list)
    printf '%s\n' "${CHECKS[@]}"
    exit 0
    ;;
--fix)
    [[ ${2:-} == format ]] || die "only the format can be fixed"
    fix_format
    exit 0
    ;;
-*) die "unknown option $1" ;;
esac

names=("$@")
[[ $# -gt 0 ]] || names=("${CHECKS[@]}")
for name in "${names[@]}"; do
    declare -F "check_$name" >/dev/null || die "no check '$name'; tools/check.sh --list"
done
tools/packages.sh install build check
passed=0 failed=0
# In this process, so that it is done once.
dev_build || true # those that need it fail
for name in "${names[@]}"; do
    run_check "$name"
done
summary_line "$passed" "$failed"
[[ $failed -eq 0 ]]
