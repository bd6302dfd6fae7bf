# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# Runs sms_tshark.py: short messages of lwsec, and what tshark on this machine makes of them.

sms_with_tshark() {
    group=sms-tshark
    server_log=
    check_steps 22 python3 tests/interop/sms_tshark.py "$lwsec" tests/vectors/sms_tpdu.txt
}
