# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with tools/test-interop.sh
# Starts the peers' servers and runs their clients, all in the Debian 13 root.

aiocoap_server() {
    start_server READY "${root_run[@]}" python3 tests/interop/aiocoap_server.py \
        --port "$port" --context "$(aiocoap_context server)" "$@"
}

aiocoap_client() {
    in_root python3 tests/interop/aiocoap_client.py \
        --port "$port" --context "$(aiocoap_context client)" "$@"
}

# Writes libcoap's context of this role; prints the value of -E.
libcoap_files() {
    local file=$context_dir/libcoap-$1
    libcoap_context "$1" >"$file.conf"
    echo "$(root_path "$file.conf"),$(root_path "$file.seq")"
}

# -v 7 logs each message, which shows the challenges; line buffering makes the log readable at once.
libcoap_server() {
    start_server "created UDP  endpoint 127.0.0.1:$port" \
        "${root_run[@]}" stdbuf -oL coap-server-openssl -A 127.0.0.1 -p "$port" \
        -d 100 -v 7 -E "$(libcoap_files server)"
}

# coap-client exits 0 whatever came, and takes answers that are not protected, so its log decides.
libcoap_client() {
    local path=$1
    in_root timeout 20 coap-client-openssl -v 7 -B 5 -E "$(libcoap_files client)" "${@:2}" \
        "coap://127.0.0.1:$port$path" | tee "$context_dir/libcoap-client.log"
}

# The answers that libcoap's client could decrypt in its last run, one per line.
libcoap_decrypted() {
    awk '/ Decrypted PDU$/ && getline > 0' "$context_dir/libcoap-client.log"
}

# A request, PATH and further options, whose protected answer must match the pattern.
libcoap_answered() {
    libcoap_client "${@:2}"
    libcoap_decrypted | grep -qE "^v:1 t:(ACK|CON|NON) c:$1"
}

libcoap_gets() {
    libcoap_answered "2\.05 .* :: '$1'\$" "$2"
}

# So many bytes to PATH and back, in blocks.
libcoap_puts_and_gets() {
    local file=$context_dir/large
    head -c "$1" /dev/urandom >"$file.sent"
    libcoap_answered '2\.0[14]' "$2" -m put -f "$(root_path "$file.sent")"
    libcoap_answered '2\.05' "$2" -o "$(root_path "$file.got")"
    cmp "$file.sent" "$file.got"
}

# As libcoap_gets, after an Echo challenge.
libcoap_challenged() {
    libcoap_gets "$@"
    libcoap_decrypted | grep -q 'c:4\.01 .*Echo:0x'
}

libcoap_unchallenged() {
    libcoap_gets "$@"
    [[ $(libcoap_decrypted | wc -l) -eq 1 ]]
}

# Observes PATH for some seconds, in which so many different payloads must come.
libcoap_observes() {
    local different
    libcoap_client "$1" -s "$2"
    different=$(libcoap_decrypted | sed -n 's/.* c:2\.05 .*Observe:.* :: //p' | sort -u | wc -l)
    echo "$different payloads"
    [[ $different -ge $3 ]]
}

# The server answers, plainly, since it has no key for this client; nothing was decrypted.
libcoap_refused() {
    libcoap_client "$1"
    grep -qE '^v:1 t:(ACK|CON|NON) c:4\.0[01]' "$context_dir/libcoap-client.log"
    [[ -z $(libcoap_decrypted) ]]
}
