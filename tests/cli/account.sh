#!/usr/bin/env bash
# lwsec account: files of accounts, findings, and the plan of unbootstrapping.
# shellcheck disable=SC2317,SC2154 # the harness calls tests by name, and sets variables
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

secret=c3a17e5509f2b86d4410e7cb2f93d85a
# In the files of the tests, so that the harness finds it nowhere else.
spaced=$(sed 's/../&:/g; s/:$//' <<<"$secret")
broken='lwsec: refused: the provisioned values are missing or do not fit'

# An account that nothing is wrong with.
good() {
    cat >accounts <<EOF
# One server.
/0/0/0 = "coaps://example.com" # where it is
/0/0/1 = false
/0/0/2 = 0
/0/0/3 = "device"
/0/0/5 = hex:$spaced
/0/0/10 = 101

	/1/0/0=101
/1/0/1 = 86400
/1/0/6 = true
/1/0/7 = "U"
EOF
}

# LINE...: exit 1 with exactly these findings.
finds() {
    run account check accounts
    [[ $code -eq 1 && $err == "$broken" ]] || complain 'not refused'
    [[ $out == "$(printf '%s\n' "$@")" ]] || complain "not found: $*"
}

# Puts another line in the place of that of its path.
with() {
    grep -v "^${1%% *} " accounts >other || true
    echo "$1" >>other
    mv other accounts
}

test_nothing_is_found() {
    good
    prints '' account check accounts
    prints '{"findings":[]}' account check --json accounts
    prints '' account check - <accounts
}

test_findings_have_requirement_path_and_text() {
    good
    with '/0/0/3 = ""'
    with '/0/0/4 = hex:00'
    finds 'R-5.2.9.1-07 /0/0/3 MUST: the PSK identity is missing or empty' \
        'R-5.2.9.1-13 /0/0/4 MUST: Server Public Key is not used in Pre-Shared Key mode, and is set'
    run account check accounts --json
    [[ $code -eq 1 && $out == '{"findings":[{"requirement":"R-5.2.9.1-07","path":"/0/0/3",'* ]] ||
        complain 'no JSON'
}

test_a_should_is_told_and_passes() {
    good
    with '/0/0/5 = hex:8f3301a9c25d7be4'
    prints 'R-5.2.9.1-10 /0/0/5 SHOULD: the key is shorter than 16 bytes' account check accounts
}

test_nosec_needs_its_option() {
    good
    with '/0/0/0 = "coap://example.com"'
    with '/0/0/2 = 3'
    with '/0/0/3 = ""'
    with '/0/0/5 = ""'
    finds 'R-5.3-01 /0/0/2 MUST: NoSec without OSCORE: nothing of LwM2M protects what is sent'
    prints 'R-5.3-01 /0/0/2 SHOULD: NoSec without OSCORE: nothing of LwM2M protects what is sent' \
        account check accounts --nosec
}

test_a_file_without_servers() {
    good
    grep '^/0/' accounts >other && mv other accounts
    prints '' account check accounts
    echo '/1/0/0 = 102' >>accounts
    run account check accounts
    [[ $code -eq 1 && $out == *'R-6.7-04 /0/0/10 MUST: no Server instance'* ]] ||
        complain 'no orphan'
}

test_out_of_range() {
    good
    with '/0/0/2 = 5'
    finds 'R-5.2.4-12 /0/0/2 MUST: the value is out of its range'
}

test_values_of_every_form() {
    good
    perl -e 'print pack "H*", shift' "$secret" >key
    with '/0/0/5 = file:key'
    prints '' account check accounts
    mkdir below && mv accounts key below
    prints '' account check below/accounts # beside the account file
    mv below/accounts .
    with '/0/0/5 = env:ACCOUNT_KEY'
    ACCOUNT_KEY=$secret prints '' account check accounts
    with '/0/0/5 = key:pkcs11:token=t;object=o'
    prints '' account check accounts
    with '/0/0/3 = "a \"quoted\" \\ # name"' # and a comment
    with '/0/0/17 = 21:7'
    with '/21/7/0 = hex:00112233 44556677 8899aabb ccddee0f'
    with '/21/7/1 = hex:01'
    with '/21/7/2 = "s"'
    with '/1/0/17 = 0x10'
    with '/2/0/2/101 = 15'
    with '/2/0/0 = 3'
    with '/2/0/1 = 0'
    with '/2/0/3 = 101'
    prints '' account check accounts
}

# TEXT LINE: a line that cannot be read.
unreadable() {
    echo "$2" >accounts
    misused "line 1: $1" account check accounts
}

test_lines_that_cannot_be_read() {
    local path='not a path of a resource, as in /0/0/2'
    local resource='no such resource in objects 0, 1, 2, 21 or 23'
    local value='the value has another type, or is out of its range'
    unreadable 'not a line of the form PATH = VALUE' '/0/0/2'
    unreadable "$path" '0/0/2 = 0'
    unreadable "$path" '/0/0 = 0'
    unreadable "$path" '/0/0/2/3/4 = 0'
    unreadable "$path" '/0/0/65536 = 0'
    unreadable "$path" '/0/-1/2 = 0'
    unreadable "$resource" '/0/0/31 = 0'
    unreadable "$resource" '/3/0/0 = "x"'
    unreadable 'this resource has no value' '/1/0/8 = 1'
    unreadable 'the value of this resource is a number' "/0/0/2 = $secret"
    unreadable 'not a number that this resource can have' '/0/0/2 = 0x'
    unreadable 'not a number that this resource can have' '/0/0/13 = -1'
    unreadable 'not a number that this resource can have' '/0/0/2 = 99999999999999999999'
    unreadable 'the value of this resource is true or false' '/0/0/1 = yes'
    local link='the value of this resource is a link, as in 21:0'
    unreadable "$link" '/0/0/17 = 21'
    unreadable "$link" '/0/0/17 = "21:0'
    unreadable "$link" '/0/0/17 = 21:0:0'
    unreadable "$link" '/0/0/17 = 21:00000000000000000000000000001'
    unreadable "$link" '/0/0/17 = 21:65536'
    unreadable 'the value of this resource is "text", hex:, file: or env:' "/0/0/5 = $secret"
    unreadable 'a text ends with a quotation mark, and nothing behind it' '/0/0/3 = "a'
    unreadable 'a text ends with a quotation mark, and nothing behind it' '/0/0/3 = "a" b'
    unreadable 'not hex' '/0/0/5 = hex:0g'
    unreadable 'the file cannot be opened' '/0/0/5 = file:nothing'
    unreadable 'the environment variable is not set' '/0/0/5 = env:NOTHING_OF_THIS_NAME'
    unreadable "$value" '/0/0/2/0 = 0'
    unreadable "$value" '/0/0/16 = 1'
    unreadable "$value" '/0/65535/2 = 1'
    printf '/0/0/2 = 0\n\n/0/0/2 = 1\n' >accounts
    misused 'line 3: the resource is set twice' account check accounts
    printf '/0/0/2 = 0\0\n' >accounts
    misused 'account file: it holds a zero byte' account check accounts
    misused 'account file: the file cannot be opened' account check nothing
    misused 'FILE: is missing' account check
}

test_no_account() {
    : >accounts
    finds 'R-5.2.4-04 /0/0/0 MUST: no account: neither for a Server nor for a Bootstrap-Server'
}

test_plan() {
    good
    cat >>accounts <<EOF
/0/1/0 = "coaps://other.example.com"
/0/1/2 = 0
/0/1/3 = "device"
/0/1/5 = hex:${spaced}00
/0/1/10 = 102
/0/1/17 = 21:3
/21/3/0 = hex:00
/1/5/0 = 102
/2/0/0 = 3
/2/0/1 = 0
/2/0/2/101 = 15
/2/0/2/102 = 15
/2/0/3 = 102
/2/1/0 = 3303
/2/1/1 = 4
/2/1/2/102 = 15
/2/1/3 = 102
EOF
    local plan='delete /1/5
delete /3303/4
delete /2/1
delete /2/0/2/102
change /2/0/3 to 101
delete observations of server 102
delete /21/3
delete /0/1'
    prints "$plan" account unbootstrap accounts --delete /0/1
    prints "$plan" account unbootstrap --delete /0/1 accounts
    run account unbootstrap accounts --delete=/0/1 --json
    [[ $code -eq 0 && $out == '{"plan":["delete /1/5",'* ]] || complain 'no JSON'
    misused '--delete: there is no such Security instance' account unbootstrap accounts \
        --delete /0/2
    misused '--delete: not a Security instance, as in /0/1' account unbootstrap accounts \
        --delete /1/0
    misused '--delete: not a Security instance, as in /0/1' account unbootstrap accounts \
        --delete /0/65536
    misused '--delete: is missing' account unbootstrap accounts
    misused 'FILE: is missing' account unbootstrap --delete /0/1
}

run_tests
