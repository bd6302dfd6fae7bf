#!/usr/bin/env bash
# The binary interface holds: functions and fields may be added, none may change or go.
#
#   tools/check-abi.sh [BUILD]           compares the libraries of a build with debug information
#   tools/check-abi.sh --update [BUILD]  makes the present interface the one to hold from now on
#
# The interface to hold is in abi/*.abi. Updating it is a decision: it belongs into the change log.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

update=no
if [[ ${1:-} == --update ]]; then
    update=yes
    shift
fi
folder=$(realpath "${1:-$project/build/dev}")
"$project/tools/packages.sh" install check
[[ -e $folder/liblwsec.so ]] || die "no liblwsec.so in $folder"

# Types that no public header shows are nobody's business. abigail knows them by where they stand,
# so places are written down, but without a path of this machine.
describe() {
    abidw --headers-dir "$project/include/lwsec" --drop-private-types --no-corpus-path \
        --no-comp-dir-path --no-write-default-sizes --type-id-style hash "$1" |
        sed "s|path='$project/|path='|" >"$2"
}

compare() {
    local library=$1 baseline=$2 report status=0 present=$folder/present.abi
    report=$(abidiff --no-added-syms --headers-dir2 "$project/include/lwsec" --drop-private-types \
        --suppressions "$project/abi/suppressions.ini" "$baseline" "$library") || status=$?
    describe "$library" "$present"
    # The exit code is a set of bits: 1 and 2 are errors of the tool, 4 a change, 8 one that breaks.
    report+=$(cd "$project" && tools/abi_layout.py "$baseline" "$present") || status=$?
    rm -f "$present"
    if [[ $status -ne 0 ]]; then
        say "$(basename "$library"): not the interface of abi/$(basename "$baseline")"
        say "$report"
        return 1
    fi
}

failed=0
for library in "$folder"/liblwsec*.so; do
    name=$(basename "$library" .so)
    baseline=$project/abi/${name#lib}.abi
    if [[ $update == yes ]]; then
        describe "$library" "$baseline"
    elif [[ ! -e $baseline ]]; then
        say "abi/$(basename "$baseline") is missing: tools/check-abi.sh --update makes it"
        failed=1
    else
        compare "$library" "$baseline" || failed=1
    fi
done
for baseline in "$project"/abi/*.abi; do
    name=lib$(basename "$baseline" .abi).so
    if [[ -e $baseline && ! -e $folder/$name ]]; then
        say "$name is gone, or not part of this build"
        failed=1
    fi
done
[[ $failed -eq 0 ]]
