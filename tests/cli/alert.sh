#!/usr/bin/env bash
# lwsec alert: names and recommendations, in both directions.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

expected=$here/../certpolicy/alert-expected.tsv

test_recommendations() {
    prints '0 close_notify retry' alert 0
    prints '48 unknown_ca fail' alert 48
    prints '30 decompression_failure ignore' alert 30 --received
    prints '86 inappropriate_fallback retry' alert --sent 86
    prints '80 internal_error retry' alert 80
    prints '116 certificate_required fail' alert 116
    prints '200 unknown retry' alert 200
    prints '255 unknown retry' alert 255 --sent
}

# Every row of the expectations, its first number and its last one.
test_all_rows() {
    local numbers name advice number rows=0
    while IFS=$'\t' read -r numbers name advice _; do
        [[ $numbers != \#* ]] || continue
        for number in "${numbers%-*}" "${numbers#*-}"; do
            prints "$number $name $advice" alert "$number" --received
            prints "$number $name $advice" alert "$number" --sent
        done
        rows=$((rows + 1))
    done <"$expected"
    [[ $rows -eq 50 ]] || complain "$rows rows"
}

test_json_has_the_effect() {
    run alert 48 --sent --json
    [[ $out == '{"alert":48,"name":"unknown_ca","recommendation":"fail",'* ]] || complain row
    [[ $out == *'"direction":"sent","effect":"ends"}' ]] || complain sent
    run alert 48 --json
    [[ $out == *'"direction":"received","effect":"doubtful"}' ]] || complain received
    run alert 20 --json
    [[ $out == *'"effect":"counts"}' ]] || complain counts
}

test_wrong_numbers() {
    local number
    misused 'N: is missing' alert
    misused 'N: is missing' alert --sent
    for number in 256 4294967344 99999999999999999999 48x x48 '' ' 48' +48 0x30; do
        misused 'N: not a number from 0 to 255' alert "$number"
    done
    misused 'an argument that is no option; see --help' alert -1
    misused 'an argument that is no option; see --help' alert 1 2
    misused '--sent: and --received cannot be given together' alert 1 --sent --received
    misused '--sent: given twice' alert 1 --sent --sent
    misused '--sent: takes no value' alert 1 --sent=yes
}

run_tests
