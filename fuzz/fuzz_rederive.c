/* Covers oscore/rederive*.c: requests and responses of Appendix B.2, over a store that takes nearly
 * every tag. The first byte of an input chooses the end that receives the rest, and its step. */
#include "open_store.h"

#include <lwsec/oscore_rederive.h>
#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5U
#define MESSAGE_MAX 2048U
#define RECORDS 8U

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Bits of the first byte. */
enum {
    AT_CLIENT = 1,
    RUNNING = 2, /* the client has begun */
    WITH_ID_CONTEXT = 4,
    WITH_STATE = 8,
    SHARED_WINDOW = 16
};

static open_store store;
static lwsec_state *state;
static uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(RECORDS, 256) / 8];
static uint64_t place[LWSEC_OSCORE_AGREED_SIZE(32) / 8];
static uint64_t client_memory[LWSEC_OSCORE_REDERIVE_SIZE(32, 8) / 8];

static lwsec_key import(int32_t algorithm, uint32_t usage)
{
    static const uint8_t raw[32];
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key;

    require(lwsec_key_import(&store.head, &attributes, lwsec_bytes_of(raw, sizeof raw), &key) ==
            LWSEC_OK);
    return key;
}

static lwsec_oscore_config inputs_of(uint8_t choice)
{
    const bool shared = (choice & SHARED_WINDOW) != 0 && (choice & AT_CLIENT) == 0;
    const bool has_id = (choice & WITH_ID_CONTEXT) != 0;
    const lwsec_oscore_config inputs = {
        .size = sizeof inputs,
        .secret = import(LWSEC_ALG_HKDF, LWSEC_USE_DERIVE),
        .state = (choice & WITH_STATE) != 0 ? state : NULL,
        .recipient_id = lwsec_bytes_of("k", 1),
        .id_context = lwsec_bytes_of(has_id ? "context" : NULL, has_id ? 7 : 0),
        .flags = LWSEC_KEY_FRESH | (shared ? (uint32_t)LWSEC_OSCORE_SHARED_WINDOW : 0U)};

    return inputs;
}

static void require_nothing_in(const lwsec_buffer *out)
{
    require(out->size == 0);
    for (size_t i = 0; i < out->capacity; i++) {
        require(out->data[i] == UNTOUCHED || out->data[i] == 0);
    }
}

static void require_message(const lwsec_buffer *out)
{
    lwsec_coap_message decoded;

    require(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(out), &decoded, NULL) == LWSEC_OK);
}

static void check_server(const lwsec_oscore_config *inputs, lwsec_bytes wire, lwsec_buffer *out)
{
    lwsec_oscore_rederive_server server = {
        .size = sizeof server, .key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC), .now = 1000};
    lwsec_oscore_rederive_peer peer = {
        .size = sizeof peer, .inputs = inputs, .memory = place, .memory_size = sizeof place};
    lwsec_oscore_request request;
    lwsec_oscore *agreed;
    lwsec_oscore *again;

    const lwsec_status status =
        lwsec_oscore_rederive_request(&server, &peer, wire, 7, &agreed, &request, out, NULL);
    require((status == LWSEC_OK) == (agreed != NULL));
    if (status != LWSEC_OK && status != LWSEC_CHALLENGE) {
        require_nothing_in(out);
        return;
    }
    require_message(out);
    lwsec_oscore_close(&agreed);
    if (status == LWSEC_OK) {
        /* Its R2 is used up. */
        require(lwsec_oscore_rederive_request(&server, &peer, wire, 7, &again, &request, out,
                                              NULL) == LWSEC_REJECT);
    }
}

static void ask(lwsec_oscore_rederive *client, lwsec_oscore_request *request)
{
    static const uint8_t get[] = {0x40, 0x01, 0, 0, 0xb0};
    uint8_t sent[192];
    lwsec_buffer room = lwsec_buffer_of(sent, sizeof sent);

    require(lwsec_oscore_protect_request(lwsec_oscore_rederive_context(client),
                                         lwsec_bytes_of(get, sizeof get), request, &room,
                                         NULL) == LWSEC_OK);
}

/* One input is response 1, if it can be, and then comes again to request 2. */
static void check_client(const lwsec_oscore_config *inputs, uint8_t choice, lwsec_bytes wire,
                         lwsec_buffer *out)
{
    lwsec_oscore_rederive *client;
    lwsec_oscore_request request;

    require(lwsec_oscore_rederive_init(client_memory, sizeof client_memory, inputs, &client,
                                       NULL) == LWSEC_OK);
    if ((choice & RUNNING) != 0 || lwsec_oscore_rederive_context(client) == NULL) {
        require(lwsec_oscore_rederive_start(client, NULL) == LWSEC_OK);
    }
    ask(client, &request);
    lwsec_status status = lwsec_oscore_rederive_response(client, &request, wire, out, NULL);
    if (status == LWSEC_CHALLENGE) {
        require_nothing_in(out);
        require(lwsec_oscore_rederive_running(client));
        ask(client, &request);
        status = lwsec_oscore_rederive_response(client, &request, wire, out, NULL);
    }
    if (status == LWSEC_OK) {
        require_message(out);
        require(!lwsec_oscore_rederive_running(client));
    } else {
        require_nothing_in(out);
    }
    lwsec_oscore_rederive_close(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > MESSAGE_MAX) {
        return 0;
    }
    const lwsec_bytes wire = lwsec_bytes_of(&data[1], size - 1);
    const size_t capacity = wire.size + 128; /* what the header asks for */
    uint8_t *room = malloc(capacity);
    lwsec_buffer out = lwsec_buffer_of(room, capacity);

    require(room != NULL);
    memset(room, UNTOUCHED, capacity);
    require(lwsec_store_init(&store.head, &open_ops, store.slots, SLOTS) == LWSEC_OK);
    require(lwsec_state_memory_open(state_memory, sizeof state_memory, RECORDS, 256, &state) ==
            LWSEC_OK);
    const lwsec_oscore_config inputs = inputs_of(data[0]);
    if ((data[0] & AT_CLIENT) != 0) {
        check_client(&inputs, data[0], wire, &out);
    } else {
        check_server(&inputs, wire, &out);
    }
    lwsec_state_memory_close(&state);
    free(room);
    return 0;
}
