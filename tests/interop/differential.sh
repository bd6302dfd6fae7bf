# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# Runs differential/differential.py in the root and oscore-driver on the machine, with two pipes.

compare_with_aiocoap() {
    local to_driver=$work/to-driver from_driver=$work/from-driver driver_pid
    mkfifo "$to_driver" "$from_driver"
    # Opening a pipe waits for its other end, so both sides open them in the same order.
    "$driver" <"$to_driver" >"$from_driver" &
    driver_pid=$!
    in_root python3 tests/interop/differential/differential.py "$@" \
        >"$to_driver" <"$from_driver" 2>"$work/differential.log"
    wait "$driver_pid"
}

# The report goes to stderr, whether it is a good one or not.
differential_with_aiocoap() {
    group=differential
    server_log=
    check aiocoap compare_with_aiocoap "$@"
    cat "$work/differential.log" >&2
}
