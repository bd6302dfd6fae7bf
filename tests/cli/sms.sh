#!/usr/bin/env bash
# lwsec sms: vectors through each engine, and what is refused.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

file=sms_packets.txt
secret=101112131415161718191a1b1c1d1e1f
kic=000102030405060708090a0b0c0d0e0f
assoc=(--params 12121601b20203 --keys "$kic$secret")
coap=5402303aaabbccddb13101300138
packet=00281516011212b20203e3e462dc3b5487e12be3b92ee0b1a7e91e3970b5e6802f598b2223171a09cf97
not_higher='the counter is not higher than the last, or not the next'
coding='a coding of SPI, KIc or KID is not allowed'
keys='the SMS keys are missing, equal, weak or of another algorithm'
engines=()
while read -r engine _; do
    [[ $engine != openssl && $engine != mbedtls ]] || engines+=("$engine")
done < <("$lwsec" version)

# KIND OUTCOME: names of vectors.
names() {
    awk -v kind="$1" -v outcome="$2" '
        $1 == "name" { name = $3 }
        $1 == "kind" { right = $3 == kind }
        right && $1 == "outcome" && $3 == outcome { print name }' "$vectors/$file"
}

field() { vector "$file" "$name" "$1"; }

# Sets `assoc` to that of the vector `name`; its keys stand in no output, but in other fields of it.
use_vector() {
    local spi=$1 size cc=()
    secret='no secret'
    size=$(field check_size)
    [[ $size != 4 || $(field kid) != *2 ]] || cc=(--cc-length 4)
    assoc=(--profile etsi --spi "$spi" --kic "$(field kic)" --kid "$(field kid)"
        --tar "$(field tar)" "${cc[@]}")
    [[ -z $(field kic_key) ]] || assoc+=(--kic-key "$(field kic_key)")
    [[ -z $(field kid_key) ]] || assoc+=(--kid-key "$(field kid_key)")
}

test_lwm2m_packet() {
    local engine
    for engine in "${engines[@]}"; do
        prints "$packet" sms seal "${assoc[@]}" --counter 1 --coap "$coap" --engine "$engine"
        prints "counter 1
coap $coap" sms open "${assoc[@]}" --last 0 --packet "$packet" --engine "$engine"
    done
    [[ ${#engines[@]} -gt 0 ]]
    prints '{"packet":"'"$packet"'"}' sms seal "${assoc[@]}" --counter 1 --coap "$coap" --json
    prints "$packet" sms seal "${assoc[@]}" --counter 1 --data "050e$coap"
    perl -e 'print pack "H*", shift' "$kic$secret" >keys
    prints "$packet" sms seal --params 12121601b20203 --keys file:keys --counter 1 --coap "$coap"
    prints "$packet" sms seal --spi 1601 --kic 12 --kid 12 --tar b20203 --kic-key "$kic" \
        --kid-key "$secret" --counter 1 --coap "$coap"
}

test_both_forms_of_the_parameters() {
    run sms seal --params 121216b20203 --keys "$kic$secret" --counter 2 --coap "$coap"
    local short=$out
    prints "$short" sms seal --params 12121600b20203 --keys "$kic$secret" --counter 2 \
        --coap "$coap"
    local wrong form='--params: is KIc, KID, SPI in 1 or 2 octets, and TAR b20203; for another TAR'
    for wrong in 12121601b20204 121216b202 12121601b2020300 ''; do
        misused "$form give --spi, --kic, --kid and --tar" sms seal --params "$wrong" \
            --keys "$kic$secret" --counter 2 --coap "$coap"
    done
}

test_counters() {
    refuses "$not_higher" sms open "${assoc[@]}" --last 1 --packet "$packet"
    refuses "$not_higher" sms open "${assoc[@]}" --last 2 --packet "$packet"
    refuses 'the counters are used up' sms open "${assoc[@]}" --last 1099511627775 \
        --packet "$packet"
    misused '--last: the number is too large' sms open "${assoc[@]}" --last 1099511627776 \
        --packet "$packet"
    refuses "$not_higher" sms seal "${assoc[@]}" --counter 0 --coap "$coap"
}

test_damage_is_refused() {
    refuses 'the checksum of the packet is wrong' sms open "${assoc[@]}" --last 0 \
        --packet "${packet%7}6"
    refuses 'the lengths in the packet do not fit each other' sms open "${assoc[@]}" --last 0 \
        --packet "${packet}00"
    refuses 'SPI, KIc, KID or TAR are not those agreed on' sms open --params 12121600b20203 \
        --keys "$kic$secret" --last 0 --packet "$packet"
    refuses 'the input ends inside a field' sms open "${assoc[@]}" --last 0 --packet 0028
    refuses 'the secured data are not one TLV with the agreed tag' sms open "${assoc[@]}" \
        --tag 06 --last 0 --packet "$packet"
}

# What the profile does not allow, and the two keys that are one.
test_policy() {
    local spi
    for spi in 1501 1101 1201 0601 0e01 1e01; do
        refuses "$coding" sms seal --spi "$spi" --kic 12 --kid 12 --tar b20203 --kic-key "$kic" \
            --kid-key "$secret" --counter 1 --data 0500
    done
    refuses "$coding" sms seal --spi 1601 --kic 15 --kid 15 --tar b20203 --kic-key "$kic" \
        --kid-key "$secret" --counter 1 --data 0500
    refuses "$keys" sms seal --params 12121601b20203 --keys "$kic$kic" --counter 1 --coap "$coap"
    refuses "$keys" sms seal --params 12121601b20203 --keys "$kic" --counter 1 --coap "$coap"
    # Triple DES with the first and the third key equal is one with two keys.
    refuses "$keys" sms seal --params 19191601b20203 --counter 1 --coap "$coap" --keys \
        "${kic}0001020304050607${secret}0001020304050608"
    # Two keys for triple DES that differ in a bit of parity are one.
    local des=0123456789abcdef23456789abcdef01456789abcdef01
    refuses "$keys" sms seal --params 19191601b20203 --counter 1 --coap "$coap" --keys \
        "${des}23${des}22"
    refuses "$keys" sms seal --params 19191601b20203 --counter 1 --coap "$coap" \
        --kic-key "${des}23" --kid-key "${des}22"
}

test_commands_of_others() {
    local name checked=0 engine counter
    while read -r name; do
        use_vector "$(vector "$file" "$name" spi)"
        counter=$((16#$(field counter)))
        for engine in "${engines[@]}"; do
            prints "$(field packet)" sms seal "${assoc[@]}" --counter "$counter" \
                --data "$(field data)" --engine "$engine"
        done
        # A counter of 0 is never higher than the last.
        if ((counter > 0)); then
            prints "counter $counter
data $(field data)" sms open "${assoc[@]}" --last $((counter - 1)) --packet "$(field packet)"
            checked=$((checked + 1))
        fi
    done < <(names command ok)
    [[ $checked -gt 20 ]]
}

test_single_des_is_refused() {
    local name checked=0
    while read -r name; do
        use_vector "$(vector "$file" "$name" spi)"
        refuses "$coding" sms open "${assoc[@]}" --last 0 --packet "$(field packet)"
        checked=$((checked + 1))
    done < <(names command coding)
    while read -r name; do
        use_vector "$(vector "$file" "$name" spi)"
        refuses "$keys" sms open "${assoc[@]}" --last 0 --packet "$(field packet)"
        checked=$((checked + 1))
    done < <(names command key)
    [[ $checked -eq 10 ]]
}

test_proofs_of_others() {
    local name checked=0 authenticated
    while read -r name; do
        use_vector "00$(vector "$file" "$name" spi2)"
        authenticated=no
        [[ $((16#$(field spi2) & 8)) -eq 0 ]] || authenticated=yes
        prints "status $(field status)
counter $((16#$(field counter)))
authenticated $authenticated
data $(field data)" sms por "${assoc[@]}" --response "$(field packet)"
        checked=$((checked + 1))
    done < <(names response ok)
    [[ $checked -eq 21 ]]
    name=pysim-por-NEG-bad-cc
    use_vector "00$(vector "$file" "$name" spi2)"
    refuses 'the checksum of the packet is wrong' sms por "${assoc[@]}" \
        --response "$(field packet)"
}

test_a_proof_is_for_its_command() {
    local one=(--params 12121609b20203 --keys "$kic$secret")
    local proof=001312b2020300000000010000a7f268d5199e040c
    run sms seal "${one[@]}" --counter 1 --coap "$coap"
    local first=$out
    run sms seal "${one[@]}" --counter 2 --coap "$coap"
    local second=$out
    prints "status 00
counter 1
authenticated yes
data " sms por "${one[@]}" --response "$proof" --command "$first"
    refuses 'nobody asked for this Proof of Receipt, or it is not allowed' sms por "${one[@]}" \
        --response "$proof" --command "$second"
    # An error that a card sends without protection is a hint.
    prints "status 06
counter 0
authenticated no
data " sms por "${one[@]}" --response 000b0ab2020300000000000006 --command "$first"
}

test_inspect() {
    prints 'kind command
cpl 34
chl 17
spi1 11 check RC, ciphering no, counter higher
spi2 01 PoR always, check none, ciphering no, by delivery report
kic 10 implicit
kid 15 CRC-32
tar b20203
counter 1
padding 0
check 639bace8
data 050e5402303aaabbccddb13101300138' sms inspect --packet \
        00221111011015b20203000000000100639bace8050e5402303aaabbccddb13101300138
    prints 'kind response
rpl 11
rhl 10
tar b20203
counter 0
padding 0
status 01 RC/CC/DS failed
check 
data ' sms inspect --response --packet 000b0ab2020300000000000001
    run sms inspect --response --packet 000b0ab2020300000000000001
    prints "$out" sms inspect --packet 000b0ab2020300000000000001
    misused '--packet: the lengths in the packet do not fit each other' sms inspect --packet \
        00281516011212b20203
    # Padding that would reach before the data.
    misused '--packet: the packet has more padding than data or than a block' sms inspect \
        --packet 00100d00000000b00000000000000103aabb
}

# ---- Short messages ----

# CoAP of so many octets: a POST with its payload.
coap_of() {
    printf '5402303aaabbccddb1310130ff'
    printf 'a5%.0s' $(seq $(($1 - 13)))
}

deliver() {
    run sms seal "${assoc[@]}" --counter 7 --coap "$1" --tpdu deliver --address +4915112345678 \
        --reference 90 --time 2025-11-24T11:00:00Z
    mapfile -t tpdus <<<"$out"
}

# The TPDUs that the vectors have for these packets, byte by byte, and the packets out of them.
test_tpdus_of_vectors() {
    local name packet parts number checked=0 data wanted tpdus
    while read -r name; do
        [[ $(vector sms_tpdu.txt "$name" kind) == 0 && -n $(vector "$file" "$name" data) ]] ||
            continue
        use_vector "$(vector "$file" "$name" spi)"
        [[ $(field outcome) == ok ]] || continue
        parts=$(vector sms_tpdu.txt "$name" parts)
        tpdus=()
        for ((number = 1; number <= parts; number++)); do
            tpdus+=("$(vector sms_tpdu.txt "$name" "tpdu$number")")
        done
        wanted=$(printf '%s\n' "${tpdus[@]}")
        data=$(field data)
        prints "$wanted" sms seal "${assoc[@]}" --counter $((16#$(field counter))) --data "$data" \
            --tpdu deliver --address "$(vector sms_tpdu.txt "$name" number)" --reference 90 \
            --time 2025-11-24T11:00:00Z
        # The last part first; the option once, and for each.
        prints "counter $((16#$(field counter)))
data $data" sms open "${assoc[@]}" --last 0 --tpdu "${tpdus[-1]}" "${tpdus[@]:0:parts-1}"
        checked=$((checked + 1))
    done < <(awk '$1 == "name" { print $3 }' "$vectors/sms_tpdu.txt")
    [[ $checked -eq 14 ]] || { echo "$checked of them"; false; }
}

test_tpdus_in_any_order() {
    local order tpdus
    deliver "$(coap_of 300)"
    [[ ${#tpdus[@]} -eq 3 ]]
    for order in '0 1 2' '0 2 1' '1 0 2' '1 2 0' '2 0 1' '2 1 0'; do
        # shellcheck disable=SC2086 # three words
        set -- $order
        prints "counter 7
coap $(coap_of 300)" sms open "${assoc[@]}" --last 6 --tpdu "${tpdus[$1]}" --tpdu="${tpdus[$2]}" \
            --tpdu "${tpdus[$3]}"
    done
    # A part that comes twice, and parts on standard input, one a line.
    prints "counter 7
coap $(coap_of 300)" sms open "${assoc[@]}" --last 6 --tpdu "${tpdus[0]}" "${tpdus[0]}" \
        "${tpdus[@]:1}"
    prints "counter 7
coap $(coap_of 300)" sms open "${assoc[@]}" --last 6 --tpdu - < <(printf '%s\n' "${tpdus[@]}")
    refuses "$not_higher" sms open "${assoc[@]}" --last 7 --tpdu "${tpdus[@]}"
}

test_submit() {
    run sms seal "${assoc[@]}" --counter 7 --coap "$(coap_of 150)" --tpdu submit --address 1122 \
        --reference 255
    local tpdus
    mapfile -t tpdus <<<"$out"
    [[ ${#tpdus[@]} -eq 2 ]]
    # TP-MR goes on from 255 to 0; both parts have the reference of the concatenation.
    [[ ${tpdus[0]} == 41ff048111227ff68c070003ff02017000* ]]
    [[ ${tpdus[1]} == 4100048111227ff6*050003ff0202* ]]
    prints "counter 7
coap $(coap_of 150)" sms open "${assoc[@]}" --last 0 --tpdu "${tpdus[@]}"
    run sms seal "${assoc[@]}" --counter 7 --coap "$(coap_of 150)" --tpdu submit --address 1122 \
        --reference 255 --json
    [[ $out == '{"tpdus":["'"${tpdus[0]}"'","'"${tpdus[1]}"'"]}' ]]
}

# Without a time, that of the service centre is now.
test_time_of_now() {
    local before after stamp
    before=$(date -u +%y%m%d%H%M)
    run sms seal "${assoc[@]}" --counter 1 --coap "$coap" --tpdu deliver --address 1122
    after=$(date -u +%y%m%d%H%M)
    stamp=$(sed 's/\(.\)\(.\)/\2\1/g' < <(echo "${out:14:10}"))
    [[ $stamp == "$before" || $stamp == "$after" ]]
}

test_parts_that_do_not_fit() {
    local tpdus other
    deliver "$(coap_of 400)"
    other=("${tpdus[@]}")
    deliver "$(coap_of 300)"
    misused '--tpdu: parts of the message are missing' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[@]:0:2}"
    misused '--tpdu: parts of the message are missing' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[0]}" "${other[1]}" "${tpdus[2]}"
    # Another sender's part, and one too many.
    misused 'the part does not fit those that came before it' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[0]}" "${tpdus[1]}" "${tpdus[2]/5111325476f8/5111325476f9}"
    misused 'the part does not fit those that came before it' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[@]}" "${tpdus[0]}"
    # The same part with other content, and a changed bit in a part.
    refuses 'the part does not fit those that came before it' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[0]}" "${tpdus[0]%?}0" "${tpdus[@]:1}"
    refuses 'the checksum of the packet is wrong' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[0]}" "${tpdus[1]%?}$((1 - 16#${tpdus[1]: -1} % 2))" "${tpdus[2]}"
    refuses 'the input ends inside a field' sms open "${assoc[@]}" --last 0 --tpdu "${tpdus[0]%??}"
}

test_tpdus_of_another_kind() {
    local tpdus plain
    deliver "$coap"
    # TP-PID 00, TP-DCS 04: not for the (U)SIM. A device that answers may send such.
    for plain in "${tpdus[0]/7ff6/00f6}" "${tpdus[0]/7ff6/7f04}"; do
        refuses 'TP-PID or TP-DCS are not those of (U)SIM Data Download' sms open "${assoc[@]}" \
            --last 0 --tpdu "$plain"
    done
    refuses 'the short message carries no Command Packet' sms open "${assoc[@]}" --last 0 \
        --tpdu "${tpdus[0]/027000/027100}"
    misused 'either --packet or --tpdu is needed' sms open "${assoc[@]}" --last 0
    misused 'either --packet or --tpdu is needed' sms open "${assoc[@]}" --last 0 --packet \
        "$packet" --tpdu "${tpdus[0]}"
    misused '--tpdu: not hex' sms open "${assoc[@]}" --last 0 --tpdu "${tpdus[0]}" xy
}

test_inspect_tpdus() {
    local tpdus
    prints 'tpdu deliver
flags no more messages
address-type 91
address +4915112345678
pid 7f (U)SIM Data Download
dcs f6 class 2, 8 bits
time 25-11-24T11:00:00+00:00
header 7000
element 70 Command Packet
user-data 00221111011015b20203000000000100639bace8050e5402303aaabbccddb13101300138

kind command
cpl 34
chl 17
spi1 11 check RC, ciphering no, counter higher
spi2 01 PoR always, check none, ciphering no, by delivery report
kic 10 implicit
kid 15 CRC-32
tar b20203
counter 1
padding 0
check 639bace8
data 050e5402303aaabbccddb13101300138' sms inspect --tpdu \
        "$(vector sms_tpdu.txt policy-rc-crc32-plain tpdu1)"
    prints 'tpdu submit
flags none
reference 0
address-type 81
address 1122
pid 00
dcs f6 class 2, 8 bits
validity none
header 7100
element 71 Response Packet
user-data 001f0a00000000000000500000ab12800101230d08a0000001510000000f9a9000

kind response
rpl 31
rhl 10
tar 000000
counter 80
padding 0
status 00 PoR OK
check 
data ab12800101230d08a0000001510000000f9a9000' sms inspect --tpdu \
        "$(vector sms_tpdu.txt simtrace2-por-submit-none tpdu1)"
    # Two of three parts: no packet. All three, and as one object.
    deliver "$(coap_of 300)"
    run sms inspect --tpdu "${tpdus[2]}" "${tpdus[0]}"
    [[ $code -eq 0 && $(grep ^part <<<"$out") == 'part 3 of 3, reference 5a
part 1 of 3, reference 5a' && $out != *kind* ]]
    run sms inspect --json --tpdu "${tpdus[2]}" "${tpdus[@]:0:2}"
    python3 -c '
import json, sys
said = json.loads(sys.argv[1])
parts = ["%d of 3, reference 5a" % number for number in (3, 1, 2)]
assert [each["part"] for each in said["tpdus"]] == parts
assert said["packet"]["cpl"] == "328" and said["packet"]["tar"] == "b20203"' "$out"
}

# What a card writes that cannot set TP-UDHI, and a delivery report.
test_inspect_proofs() {
    prints 'tpdu deliver-report
pid 7f (U)SIM Data Download
dcs f6 class 2, 8 bits
header 7100
element 71 Response Packet
user-data 000b0ab2020300000000000001

kind response
rpl 11
rhl 10
tar b20203
counter 0
padding 0
status 01 RC/CC/DS failed
check 
data ' sms inspect --report --tpdu 40077ff610027100000b0ab2020300000000000001
    run sms inspect --response --report --tpdu 00077ff610027100000b0ab2020300000000000001
    [[ $code -eq 0 && $out == *'status 01 RC/CC/DS failed'* ]]
    misused '--report: is for --tpdu' sms inspect --report --packet 000b0ab2020300000000000001
    misused '--tpdu: the lengths in the packet do not fit each other' sms inspect --tpdu \
        "$(vector sms_tpdu.txt policy-rc-crc32-plain tpdu1 | sed 's/700000221111/700000231111/')"
    misused '--tpdu: the TPDU is of another kind or has a reserved value' sms inspect --tpdu 0200
    misused 'either --packet or --tpdu is needed' sms inspect
}

test_usage_of_tpdus() {
    local one=(sms seal "${assoc[@]}" --counter 1 --coap "$coap")
    misused '--tpdu: is deliver or submit' "${one[@]}" --tpdu report --address 1
    misused '--address: is missing' "${one[@]}" --tpdu deliver
    misused '--address: is not a number of up to 20 digits' "${one[@]}" --tpdu deliver \
        --address 1x
    misused '--address: is not a number of up to 20 digits' "${one[@]}" --tpdu deliver \
        --address 123456789012345678901
    misused '--reference: the number is too large' "${one[@]}" --tpdu deliver --address 1 \
        --reference 256
    misused '--address, --reference and --time are for --tpdu' "${one[@]}" --address 1
    misused '--address, --reference and --time are for --tpdu' "${one[@]}" --reference 1
    misused '--time: is for --tpdu deliver' "${one[@]}" --tpdu submit --address 1 \
        --time 2025-11-24T11:00:00Z
    local wrong
    for wrong in 2025-13-24T11:00:00Z 2025-11-24T11:00:00 2025-11-24T11:00:00+01:00 \
        1925-11-24T11:00:00Z 2026-02-29T00:00:00Z 2028-02-30T00:00:00Z 2026-04-31T00:00:00Z; do
        misused '--time: is not a time like 2026-01-31T23:59:59Z' "${one[@]}" --tpdu deliver \
            --address 1 --time "$wrong"
    done
    run "${one[@]}" --tpdu deliver --address 1 --time 2028-02-29T00:00:00Z
    [[ $code -eq 0 ]] || complain 'no leap day'
}

# The commands of the README, as they stand there.
test_the_example_of_the_readme() {
    lwsec() { "$lwsec" "$@"; }
    # shellcheck disable=SC2016 # backquotes of the document
    sed -n '/^```sh$/,/^```$/p' "$here/../../README.md" |
        grep -E '^(export KEYS|packet=|lwsec sms)' >example
    # shellcheck source=/dev/null
    source ./example >printed
    [[ $(head -n 1 printed) == 'kind command' && $(tail -n 2 printed) == 'counter 1
coap 40010001b474656d70' ]]
}

test_usage() {
    misused 'either --coap or --data is needed' sms seal "${assoc[@]}" --counter 1
    misused 'either --coap or --data is needed' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --data 00
    misused '--counter: is missing' sms seal "${assoc[@]}" --coap "$coap"
    misused '--profile: is lwm2m or etsi' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --profile any
    misused '--cc-length: is 8 or 4' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --cc-length 5
    misused '--tar: is missing' sms seal --spi 1601 --kic 12 --kid 12 --counter 1 --data 00
    misused '--spi: has 2 octets' sms seal --spi 16 --kic 12 --kid 12 --counter 1 --data 00
    misused '--kic: has 1 octet' sms seal --spi 1601 --kic '' --kid 12 --counter 1 --data 00
    misused '--tag: has 1 octet' sms seal "${assoc[@]}" --tag 0506 --counter 1 --coap "$coap"
    misused '--params: is missing; or give --spi, --kic, --kid and --tar' sms seal \
        --keys "$kic$secret" --counter 1 --data 00
    misused '--keys: is missing; or give --kic-key and --kid-key' sms seal \
        --params 12121601b20203 --counter 1 --data 00
    misused '--keys: has both keys already' sms seal "${assoc[@]}" --kic-key "$kic" --counter 1 \
        --data 00
    misused '--params: has SPI, KIc, KID and TAR already' sms seal "${assoc[@]}" --kic 12 \
        --counter 1 --data 00
    misused '--coap: is for the profile lwm2m: give --data' sms seal "${assoc[@]}" --profile etsi \
        --counter 1 --coap "$coap"
    misused '--engine: this build has no engine of that name' sms seal "${assoc[@]}" \
        --counter 1 --coap "$coap" --engine none
}

run_tests
