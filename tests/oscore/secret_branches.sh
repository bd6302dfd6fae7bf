#!/usr/bin/env bash
# secret_branches.sh PROGRAM SUPPRESSIONS: runs secret_branches.c under valgrind. The library must
# show no branch on a secret; the two mistakes made on purpose must show, or this proves nothing.
set -euo pipefail

program=$1
suppressions=$2
readonly REPORTED=99

if ! command -v valgrind >/dev/null; then
    echo "skipped: there is no valgrind"
    exit 77
fi

# under_valgrind WHAT: prints what is reported; REPORTED if anything is.
under_valgrind() {
    valgrind --quiet --error-exitcode=$REPORTED "--suppressions=$suppressions" "$program" "$1" 2>&1
}

if ! under_valgrind library; then
    echo "the library branches on a secret"
    exit 1
fi
for mistake in hasty-comparison secret-index; do
    status=0
    under_valgrind "$mistake" >/dev/null || status=$?
    if [[ $status -ne $REPORTED ]]; then
        echo "$mistake was not reported (status $status): the check is blind"
        exit 1
    fi
done
echo "no branch on a secret; both mistakes were reported"
