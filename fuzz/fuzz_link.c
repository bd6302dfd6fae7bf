/* Covers oscore/link*.c: what two stacks say to each other, datagrams that somebody makes up, and
 * time. The first byte of an input chooses the contexts; steps follow, each a kind, two bytes of
 * length, and a message. */
#include "open_store.h"

#include <lwsec/oscore_link.h>
#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_MAX 128U
#define ROOM LWSEC_OSCORE_LINK_ROOM(MESSAGE_MAX, 0)
#define HOPS 8U

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---- Two ends ---- */

typedef struct end {
    lwsec_oscore *context;
    lwsec_oscore_link *link;
    lwsec_state *state;
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 64) / 8];
    uint64_t memory[LWSEC_OSCORE_SIZE(32, 0) / 8];
    uint64_t link_memory[1024];
} end;

static open_store store;
static end ends[2];
static lwsec_coap_framing framing;
static uint64_t now;

enum { OVER_TCP = 1, CHALLENGES = 2 }; /* bits of the first byte */

static void open_end(end *one, uint8_t choice, lwsec_key prk, lwsec_bytes sender_id,
                     lwsec_bytes recipient_id)
{
    lwsec_oscore_config config = {
        .size = sizeof config,
        .secret = prk,
        .sender_id = sender_id,
        .recipient_id = recipient_id,
        .framing = framing,
        .flags = LWSEC_KEY_FRESH |
                 ((choice & CHALLENGES) != 0 ? 0U : (uint32_t)LWSEC_OSCORE_NO_FIRST_ECHO)};
    lwsec_oscore_link_config link_config = {
        .size = sizeof link_config, .framing = framing, .exchanges = 3, .message_max = MESSAGE_MAX};

    require(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory, 4, 64,
                                    &one->state) == LWSEC_OK);
    config.state = one->state;
    require(lwsec_oscore_init(one->memory, sizeof one->memory, &config, &one->context, NULL) ==
            LWSEC_OK);
    link_config.context = one->context;
    require(lwsec_oscore_link_init(one->link_memory, sizeof one->link_memory, &link_config,
                                   &one->link, NULL) == LWSEC_OK);
}

static void open_both(uint8_t choice)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, {NULL, 0}};
    lwsec_key prk;

    framing = (choice & OVER_TCP) != 0 ? LWSEC_COAP_TCP : LWSEC_COAP_UDP;
    now = 0;
    require(lwsec_store_init(&store.head, &open_ops, store.slots, SLOTS) == LWSEC_OK);
    require(lwsec_key_import(&store.head, &attributes, lwsec_bytes_of("prk", 3), &prk) == LWSEC_OK);
    open_end(&ends[0], choice, prk, lwsec_bytes_of(NULL, 0), lwsec_bytes_of("k", 1));
    open_end(&ends[1], choice, prk, lwsec_bytes_of("k", 1), lwsec_bytes_of(NULL, 0));
}

static void close_both(void)
{
    for (size_t i = 0; i < 2; i++) {
        lwsec_oscore_link_close(&ends[i].link);
        lwsec_oscore_close(&ends[i].context);
        lwsec_state_memory_close(&ends[i].state);
    }
}

/* ---- What must hold ---- */

static void require_message(lwsec_bytes bytes)
{
    lwsec_coap_message message;

    require(bytes.size <= ROOM);
    require(bytes.size == 0 || lwsec_coap_decode(framing, bytes, &message, NULL) == LWSEC_OK);
}

/* What reaches a stack was protected, and is not any more; but for messages that never are. */
static void require_delivery(lwsec_bytes wire, lwsec_bytes plain)
{
    lwsec_coap_message message;
    lwsec_oscore_option option;

    require(lwsec_coap_decode(framing, plain, &message, NULL) == LWSEC_OK);
    if (message.code != LWSEC_COAP_EMPTY && message.code >> 5 != 7) {
        require(lwsec_oscore_peek(framing, wire, &option, NULL) == LWSEC_OK && option.present);
        require(lwsec_oscore_peek(framing, plain, &option, NULL) == LWSEC_OK && !option.present);
    }
}

/* Gives a datagram to one end, its reply to the other, and so on. */
static void arrive(size_t at, lwsec_bytes wire)
{
    static uint8_t replies[2][ROOM];
    static uint8_t plain_room[ROOM];

    for (size_t hop = 0; hop < HOPS && wire.size > 0; hop++) {
        lwsec_buffer plain = lwsec_buffer_of(plain_room, sizeof plain_room);
        lwsec_buffer reply = lwsec_buffer_of(replies[hop % 2], ROOM);
        lwsec_oscore_link_event event = LWSEC_OSCORE_LINK_NOTHING;
        const lwsec_status status =
            lwsec_oscore_link_receive(ends[at].link, wire, now, &event, &plain, &reply, NULL);

        require((plain.size > 0) == (event != LWSEC_OSCORE_LINK_NOTHING));
        require(status == LWSEC_OK || plain.size == 0);
        require_message(lwsec_buffer_bytes(&plain));
        require_message(lwsec_buffer_bytes(&reply));
        if (event == LWSEC_OSCORE_LINK_MESSAGE) {
            require_delivery(wire, lwsec_buffer_bytes(&plain));
        }
        wire = lwsec_buffer_bytes(&reply);
        at = 1 - at;
    }
}

/* One stack sends: the same message again is the same bytes (UDP). */
static void say(size_t at, lwsec_bytes plain)
{
    static uint8_t room[ROOM];
    static uint8_t again_room[ROOM];
    lwsec_buffer out = lwsec_buffer_of(room, ROOM);
    lwsec_buffer again = lwsec_buffer_of(again_room, ROOM);

    if (lwsec_oscore_link_send(ends[at].link, plain, now, &out, NULL) != LWSEC_OK) {
        require(out.size == 0);
        return;
    }
    require_message(lwsec_buffer_bytes(&out));
    if (framing == LWSEC_COAP_UDP) {
        require(lwsec_oscore_link_send(ends[at].link, plain, now, &again, NULL) == LWSEC_OK);
        require(again.size == out.size && memcmp(room, again_room, out.size) == 0);
    }
    arrive(1 - at, lwsec_buffer_bytes(&out));
}

static void wait(uint64_t milliseconds)
{
    static uint8_t room[ROOM];
    lwsec_buffer out = lwsec_buffer_of(room, ROOM);

    now += milliseconds;
    for (size_t at = 0; at < 2; at++) {
        do {
            require(lwsec_oscore_link_step(ends[at].link, now, &out) == LWSEC_OK);
            require_message(lwsec_buffer_bytes(&out));
            arrive(1 - at, lwsec_buffer_bytes(&out));
        } while (out.size > 0);
        require(lwsec_oscore_link_deadline(ends[at].link) > now);
    }
}

enum { SAY = 0, ARRIVE = 1, WAIT = 2, FORGET = 3, KINDS = 4 };

static void step(uint8_t kind, lwsec_bytes bytes)
{
    const size_t at = kind / KINDS % 2;

    switch (kind % KINDS) {
    case SAY: say(at, bytes); break;
    case ARRIVE: arrive(at, bytes); break;
    case WAIT: wait(1000U * bytes.size); break;
    default: lwsec_oscore_link_forget(ends[at].link, kind / KINDS / 2 % 2 == 0, bytes); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 1;

    if (size < 1) {
        return 0;
    }
    open_both(data[0]);
    while (size - at >= 3) {
        const size_t left = size - at - 3;
        const size_t told = (size_t)data[at + 1] << 8 | data[at + 2];
        const size_t length = told < left ? told : left;
        step(data[at], lwsec_bytes_of(&data[at + 3], length));
        at += 3 + length;
    }
    close_both();
    return 0;
}
