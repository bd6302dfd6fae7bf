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
    misused '--params: SPI, KIc, KID or TAR are not those agreed on' sms seal --params \
        12121601b20204 --keys "$kic$secret" --counter 2 --coap "$coap"
    misused '--params: the input ends inside a field' sms seal --params 121216b202 --keys \
        "$kic$secret" --counter 2 --coap "$coap"
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
    refuses "$keys" sms seal --params 12121601b20203 --counter 1 --coap "$coap"
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

test_usage() {
    misused 'one of --coap and --data is needed' sms seal "${assoc[@]}" --counter 1
    misused 'one of --coap and --data is needed' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --data 00
    misused '--counter: is missing' sms seal "${assoc[@]}" --coap "$coap"
    misused '--profile: is lwm2m or etsi' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --profile any
    misused '--cc-length: is 8 or 4' sms seal "${assoc[@]}" --counter 1 --coap "$coap" \
        --cc-length 5
    misused '--tar: is missing' sms seal --spi 1601 --kic 12 --kid 12 --counter 1 --data 00
    misused '--spi: has another number of octets' sms seal --spi 16 --kic 12 --kid 12 \
        --counter 1 --data 00
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
