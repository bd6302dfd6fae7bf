# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# Starts lwsec's CoAP server and runs its client, with the context of the group.

lwsec_server() {
    lwsec_context server
    start_server "listening 127.0.0.1:$port" \
        "$lwsec" coap server --listen "127.0.0.1:$port" "${options[@]}" "$@"
}

# METHOD PATH, then further options of `lwsec coap client`.
lwsec_client() {
    lwsec_context client
    timeout 30 "$lwsec" coap client --connect "127.0.0.1:$port" "${options[@]}" --timeout 5 \
        --method "$1" --path "$2" "${@:3}"
}

hex_of() {
    printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'
}

# lwsec's client must print exactly this line and exit 0.
lwsec_gets() {
    local expected=$1 output
    output=$(lwsec_client "${@:2}")
    echo "expected '$expected', got '$output'"
    [[ $output == "$expected" ]]
}

# Exit 1 and a reason is a refusal; 2 would be a wrong call, and another number a crash or time-out.
lwsec_refuses() {
    local status=0 output reasons=$work/reasons
    output=$(lwsec_client "$@" 2>"$reasons") || status=$?
    echo "exit $status, output '$output', reason '$(<"$reasons")'"
    [[ $status -eq 1 && -z $output ]]
    grep -q '^lwsec: refused: ' "$reasons"
}

# Observes PATH for COUNT notifications, of which so many must differ.
lwsec_observes() {
    local path=$1 count=$2 distinct=$3 output
    output=$(lwsec_client GET "$path" --observe "$count")
    echo "$output"
    [[ $(grep -cE '^2\.05 [0-9a-f]+$' <<<"$output") -ge $count ]]
    [[ $(sort -u <<<"$output" | wc -l) -ge $distinct ]]
}
