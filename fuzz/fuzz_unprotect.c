/* Covers oscore/unprotect.c and what it leads to: whole datagrams, over a store that takes nearly
 * every tag, so that the code behind the tag is reached. The first byte of an input chooses the
 * context. */
#include "open_store.h"

#include <lwsec/oscore.h>
#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5U
#define MESSAGE_MAX 4096U

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---- Two ends ---- */

typedef struct endpoint {
    lwsec_oscore *context;
    lwsec_state *state;
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 64) / 8];
    uint64_t memory[LWSEC_OSCORE_SIZE(32, 8) / 8];
} endpoint;

static open_store store;
static endpoint ours;
static endpoint peer;

/* Bits of the first byte. */
enum {
    OVER_TCP = 1,
    RESPONSE = 2,
    OBSERVED = 4,
    LONG_TAG = 8,
    CHALLENGES = 16,
    WITH_ID_CONTEXT = 32,
    SHARED_WINDOW = 64
};

static void open_endpoint(endpoint *one, uint8_t choice, lwsec_key prk, lwsec_bytes sender_id,
                          lwsec_bytes recipient_id)
{
    const lwsec_oscore_config config = {
        .size = sizeof config,
        .secret = prk,
        .state = one->state,
        .sender_id = sender_id,
        .recipient_id = recipient_id,
        .id_context = lwsec_bytes_of((choice & WITH_ID_CONTEXT) != 0 ? "context" : NULL,
                                     (choice & WITH_ID_CONTEXT) != 0 ? 7 : 0),
        .aead = (choice & LONG_TAG) != 0 ? LWSEC_ALG_AES_CCM_16_128_128 : 0,
        .framing = (choice & OVER_TCP) != 0 ? LWSEC_COAP_TCP : LWSEC_COAP_UDP,
        .flags = LWSEC_KEY_FRESH |
                 ((choice & CHALLENGES) != 0 ? 0U : (uint32_t)LWSEC_OSCORE_NO_FIRST_ECHO) |
                 ((choice & SHARED_WINDOW) != 0 ? (uint32_t)LWSEC_OSCORE_SHARED_WINDOW : 0U)};

    require(lwsec_oscore_init(one->memory, sizeof one->memory, &config, &one->context, NULL) ==
            LWSEC_OK);
}

static void open_both(uint8_t choice)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, {NULL, 0}};
    const lwsec_bytes empty_id = lwsec_bytes_of(NULL, 0);
    const lwsec_bytes short_id = lwsec_bytes_of("k", 1);
    lwsec_key prk;

    require(lwsec_store_init(&store.head, &open_ops, store.slots, SLOTS) == LWSEC_OK);
    require(lwsec_key_import(&store.head, &attributes, lwsec_bytes_of("prk", 3), &prk) == LWSEC_OK);
    require(lwsec_state_memory_open(ours.state_memory, sizeof ours.state_memory, 4, 64,
                                    &ours.state) == LWSEC_OK);
    require(lwsec_state_memory_open(peer.state_memory, sizeof peer.state_memory, 4, 64,
                                    &peer.state) == LWSEC_OK);
    open_endpoint(&ours, choice, prk, empty_id, short_id);
    open_endpoint(&peer, choice & (uint8_t) ~(CHALLENGES | SHARED_WINDOW), prk, short_id, empty_id);
}

static void close_both(void)
{
    lwsec_oscore_close(&ours.context);
    lwsec_oscore_close(&peer.context);
    lwsec_state_memory_close(&ours.state);
    lwsec_state_memory_close(&peer.state);
}

/* ---- What must hold ---- */

static lwsec_coap_framing framing_of(uint8_t choice)
{
    return (choice & OVER_TCP) != 0 ? LWSEC_COAP_TCP : LWSEC_COAP_UDP;
}

/* After a refusal only what was there before, and zeros. */
static void require_nothing_in(const lwsec_buffer *out)
{
    require(out->size == 0);
    for (size_t i = 0; i < out->capacity; i++) {
        require(out->data[i] == UNTOUCHED || out->data[i] == 0);
    }
}

static void require_class(uint8_t code, bool response)
{
    require(response ? code >> 5 == 2 || code >> 5 == 4 || code >> 5 == 5
                     : code >> 5 == 0 && code != LWSEC_COAP_EMPTY);
}

/* A plain message that came out: with the head of the one that came, and without OSCORE. */
static void check_plain(uint8_t choice, lwsec_bytes wire, const lwsec_buffer *out)
{
    lwsec_coap_message outer;
    lwsec_coap_message plain;
    lwsec_coap_option option;

    require(out->size > 0 && out->size <= out->capacity);
    require(lwsec_coap_decode(framing_of(choice), wire, &outer, NULL) == LWSEC_OK);
    require(lwsec_coap_decode(framing_of(choice), lwsec_buffer_bytes(out), &plain, NULL) ==
            LWSEC_OK);
    require(plain.type == outer.type && plain.message_id == outer.message_id);
    require(plain.token.size == outer.token.size);
    require(plain.token.size == 0 ||
            memcmp(plain.token.data, outer.token.data, plain.token.size) == 0);
    require_class(plain.code, (choice & RESPONSE) != 0);
    require(!lwsec_coap_option_find(&plain, LWSEC_COAP_OSCORE, &option));
    for (size_t i = out->size; i < out->capacity; i++) {
        require(out->data[i] == UNTOUCHED || out->data[i] == 0);
    }
}

/* What one end delivers, it can send itself, and the other end then gets the same message. */
static void check_forward(lwsec_bytes plain)
{
    static uint8_t wire[MESSAGE_MAX + 256];
    static uint8_t again[MESSAGE_MAX + 512];
    lwsec_buffer out = lwsec_buffer_of(wire, plain.size + LWSEC_OSCORE_OVERHEAD + 7);
    lwsec_oscore_request request;

    const lwsec_status status =
        lwsec_oscore_protect_request(ours.context, plain, &request, &out, NULL);
    require(status == LWSEC_OK || status == LWSEC_REJECT);
    if (status == LWSEC_OK) {
        const lwsec_bytes sent = lwsec_buffer_bytes(&out);
        lwsec_buffer received = lwsec_buffer_of(again, sent.size + 8);
        require(lwsec_oscore_unprotect_request(peer.context, sent, &request, &received, NULL) ==
                LWSEC_OK);
        require(received.size == plain.size && memcmp(again, plain.data, plain.size) == 0);
    }
}

static void check_request(uint8_t choice, lwsec_bytes wire, lwsec_buffer *out)
{
    static uint8_t answer[MESSAGE_MAX + 256];
    lwsec_oscore_request request = {{0}};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status =
        lwsec_oscore_unprotect_request(ours.context, wire, &request, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status == LWSEC_OK) {
        static uint8_t copy[MESSAGE_MAX];
        check_plain(choice, wire, out);
        memcpy(copy, out->data, out->size);
        const lwsec_bytes plain = lwsec_bytes_of(copy, out->size);
        require(lwsec_oscore_unprotect_request(ours.context, wire, &request, out, NULL) ==
                LWSEC_REPLAY);
        check_forward(plain);
        return;
    }
    require_nothing_in(out);
    if (status == LWSEC_CHALLENGE) {
        lwsec_buffer room = lwsec_buffer_of(answer, sizeof answer);
        lwsec_coap_message decoded;
        require((choice & CHALLENGES) != 0);
        require(lwsec_oscore_challenge(ours.context, &request, wire, 1, &room, NULL) == LWSEC_OK);
        require(lwsec_coap_decode(framing_of(choice), lwsec_buffer_bytes(&room), &decoded, NULL) ==
                LWSEC_OK);
    }
}

static void check_response(uint8_t choice, lwsec_bytes wire, lwsec_buffer *out)
{
    static const uint8_t get_udp[] = {0x40, 0x01, 0, 0, 0x60};
    static const uint8_t get_tcp[] = {0x10, 0x01, 0x60};
    const bool tcp = (choice & OVER_TCP) != 0;
    const size_t head = tcp ? 2 : 4;
    uint8_t plain[5];
    uint8_t sent[128];
    lwsec_buffer room = lwsec_buffer_of(sent, sizeof sent);
    lwsec_oscore_request request;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memcpy(plain, tcp ? get_tcp : get_udp, head + 1);
    if ((choice & OBSERVED) == 0) {
        plain[head] = 0xb0; /* an empty Uri-Path in place of Observe */
    }
    require(lwsec_oscore_protect_request(ours.context, lwsec_bytes_of(plain, head + 1), &request,
                                         &room, NULL) == LWSEC_OK);
    const lwsec_status status =
        lwsec_oscore_unprotect_response(ours.context, &request, wire, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status == LWSEC_OK) {
        check_plain(choice, wire, out);
        require(lwsec_oscore_unprotect_response(ours.context, &request, wire, out, NULL) ==
                LWSEC_REPLAY);
    } else {
        require_nothing_in(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > MESSAGE_MAX - 16) {
        return 0;
    }
    const lwsec_bytes wire = lwsec_bytes_of(&data[1], size - 1);
    const size_t capacity = wire.size + 8; /* what the header promises is enough */
    uint8_t *room = malloc(capacity);
    lwsec_buffer out = lwsec_buffer_of(room, capacity);

    require(room != NULL);
    memset(room, UNTOUCHED, capacity);
    open_both(data[0]);
    if ((data[0] & RESPONSE) != 0) {
        check_response(data[0], wire, &out);
    } else {
        check_request(data[0], wire, &out);
    }
    close_both();
    free(room);
    return 0;
}
