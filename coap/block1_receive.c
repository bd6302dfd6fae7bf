/* Bodies out of requests: RFC 7959 section 2.5, RFC 9175 section 3.3. */
#include "coap/block.h"
#include "core/reason.h"

#include <string.h>

#define KEY_DEFAULT 256U
#define INCOMPLETE LWSEC_COAP_CODE(4, 8)
#define TOO_LARGE LWSEC_COAP_CODE(4, 13)
#define UNAVAILABLE LWSEC_COAP_CODE(5, 3)

/* A body that is not whole yet. */
typedef struct place {
    bool used;
    bool whole; /* handed over: free at the next call */
    lwsec_block_key key;
    uint64_t since; /* when its last block came */
    uint8_t *body;
    uint32_t size;
    uint32_t last; /* where the last block begins */
} place;

struct lwsec_block1_receiver {
    uint32_t transfers;
    uint32_t per_peer;
    uint32_t body_max;
    uint32_t lifetime;
    uint8_t szx;
    size_t size;
    place places[];
};

/* ---- Memory ---- */

static uint64_t round_up(uint64_t size)
{
    return (size + 7U) / 8U * 8U;
}

static uint32_t or_default(uint32_t value, uint32_t default_value)
{
    return value != 0 ? value : default_value;
}

/* In 64 bits: on a small machine the product may be more than its memory has addresses for. */
size_t lwsec_block1_receiver_size(const lwsec_block1_receiver_config *config)
{
    const uint64_t one = sizeof(place) + round_up(or_default(config->key_max, KEY_DEFAULT)) +
                         round_up(config->body_max);
    const uint64_t all = sizeof(lwsec_block1_receiver) + or_default(config->transfers, 1) * one;

    return all <= SIZE_MAX ? (size_t)all : SIZE_MAX;
}

lwsec_status lwsec_block1_receiver_init(void *memory, size_t size,
                                        const lwsec_block1_receiver_config *config,
                                        lwsec_block1_receiver **receiver, lwsec_reason *reason)
{
    *receiver = NULL;
    if (config->size != sizeof *config || config->szx > LWSEC_BLOCK_SZX_MAX + 1U ||
        config->transfers > UINT16_MAX || config->key_max > UINT16_MAX ||
        config->body_max > INT32_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const size_t needed = lwsec_block1_receiver_size(config);
    if (size < needed || needed == SIZE_MAX) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    lwsec_block1_receiver *made = memory;
    const size_t key_max = or_default(config->key_max, KEY_DEFAULT);
    memset(made, 0, needed);
    made->transfers = or_default(config->transfers, 1);
    made->per_peer = or_default(config->per_peer, 1);
    made->body_max = config->body_max;
    made->lifetime = or_default(config->lifetime, LWSEC_BLOCK_LIFETIME);
    made->szx = lwsec_block_szx(config->szx);
    made->size = needed;
    uint8_t *room = (uint8_t *)&made->places[made->transfers];
    for (uint32_t i = 0; i < made->transfers; i++) {
        made->places[i].key.room = lwsec_buffer_of(room, key_max);
        made->places[i].body = &room[round_up(key_max)];
        room = &room[round_up(key_max) + round_up(config->body_max)];
    }
    *receiver = made;
    return lwsec_accept(reason);
}

void lwsec_block1_receiver_close(lwsec_block1_receiver **receiver)
{
    if (*receiver != NULL) {
        lwsec_wipe(*receiver, (*receiver)->size);
        *receiver = NULL;
    }
}

/* ---- Places ---- */

static void forget(place *one)
{
    lwsec_wipe(one->body, one->size);
    one->used = false;
    one->whole = false;
    one->size = 0;
    one->last = 0;
}

/* What was handed over, and what waited too long. */
static void forget_old(lwsec_block1_receiver *receiver, uint64_t now)
{
    for (uint32_t i = 0; i < receiver->transfers; i++) {
        place *one = &receiver->places[i];
        const bool late = now > one->since && now - one->since > receiver->lifetime;
        if (one->used && (one->whole || late)) {
            forget(one);
        }
    }
}

static place *find(lwsec_block1_receiver *receiver, lwsec_bytes peer,
                   const lwsec_coap_message *request)
{
    for (uint32_t i = 0; i < receiver->transfers; i++) {
        place *one = &receiver->places[i];
        if (one->used && lwsec_block_key_is(&one->key, peer, request)) {
            return one;
        }
    }
    return NULL;
}

/* A free place, or that of the peer's own oldest body: at its limit, and where none is free. Nobody
 * can take those of others. */
static place *make_place(lwsec_block1_receiver *receiver, lwsec_bytes peer)
{
    place *oldest = NULL;
    place *free_place = NULL;
    uint32_t own = 0;

    for (uint32_t i = 0; i < receiver->transfers; i++) {
        place *one = &receiver->places[i];
        const lwsec_bytes its_peer = lwsec_bytes_of(one->key.room.data, one->key.peer_size);
        if (!one->used) {
            free_place = free_place != NULL ? free_place : one;
        } else if (lwsec_block_same(its_peer, peer)) {
            own++;
            oldest = oldest == NULL || one->since < oldest->since ? one : oldest;
        }
    }
    return free_place != NULL && own < receiver->per_peer ? free_place : oldest;
}

/* ---- Answers ---- */

static void refuse_with(lwsec_block1_taken *taken, uint8_t code)
{
    taken->whole = false;
    taken->body = lwsec_bytes_of(NULL, 0);
    taken->code = code;
}

/* The block that is answered, with the size that the next ones should have. */
static void echo_block(const lwsec_block1_receiver *receiver, const lwsec_block *block,
                       lwsec_block1_taken *taken)
{
    lwsec_block answer = *block;

    answer.szx = (uint8_t)lwsec_block_smaller(block->szx, receiver->szx);
    lwsec_block_part_add_block(&taken->part, LWSEC_COAP_BLOCK1, &answer);
}

static lwsec_status hand_over(const lwsec_block1_receiver *receiver, const lwsec_block *block,
                              lwsec_bytes body, lwsec_block1_taken *taken, lwsec_reason *reason)
{
    taken->whole = true;
    taken->body = body;
    echo_block(receiver, block, taken);
    return lwsec_accept(reason);
}

static lwsec_status ask_for_more(const lwsec_block1_receiver *receiver, const lwsec_block *block,
                                 lwsec_block1_taken *taken, lwsec_reason *reason)
{
    refuse_with(taken, LWSEC_COAP_CONTINUE);
    echo_block(receiver, block, taken);
    return lwsec_accept(reason);
}

static lwsec_status too_large(const lwsec_block1_receiver *receiver, lwsec_block1_taken *taken,
                              lwsec_reason *reason)
{
    refuse_with(taken, TOO_LARGE);
    lwsec_block_part_add_uint(&taken->part, LWSEC_COAP_SIZE1, receiver->body_max);
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BODY, 0, reason);
}

static lwsec_status out_of_order(lwsec_block1_taken *taken, lwsec_reason *reason)
{
    refuse_with(taken, INCOMPLETE);
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK_ORDER, 0, reason);
}

/* ---- Blocks ---- */

/* Whether the body would be too large, as far as this block can tell. */
static bool exceeds(const lwsec_block1_receiver *receiver, const lwsec_block *block,
                    const lwsec_coap_message *request)
{
    const uint32_t offset = lwsec_block_offset(block);
    lwsec_coap_option option;
    uint32_t announced;

    if (offset > receiver->body_max || request->payload.size > receiver->body_max - offset) {
        return true;
    }
    return lwsec_coap_option_find(request, LWSEC_COAP_SIZE1, &option) &&
           lwsec_coap_option_uint(option.value, &announced) && announced > receiver->body_max;
}

static lwsec_status begin(lwsec_block1_receiver *receiver, place **found, lwsec_bytes peer,
                          const lwsec_coap_message *request, lwsec_block1_taken *taken,
                          lwsec_reason *reason)
{
    place *one = *found != NULL ? *found : make_place(receiver, peer);

    if (one != NULL) {
        forget(one);
    }
    if (one == NULL || lwsec_block_key_set(&one->key, peer, request) != LWSEC_OK) {
        refuse_with(taken, UNAVAILABLE);
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    one->used = true;
    *found = one;
    return lwsec_accept(reason);
}

/* Whether it is the last block once more: its answer was lost. */
static bool came_before(const place *one, const lwsec_block *block, lwsec_bytes payload)
{
    return lwsec_block_offset(block) == one->last &&
           lwsec_block_same(lwsec_bytes_of(&one->body[one->last], one->size - one->last), payload);
}

static lwsec_status add(lwsec_block1_receiver *receiver, place *one, const lwsec_block *block,
                        lwsec_bytes payload, lwsec_block1_taken *taken, lwsec_reason *reason)
{
    if (block->more && one->size > 0 && came_before(one, block, payload)) {
        return ask_for_more(receiver, block, taken, reason);
    }
    if (lwsec_block_offset(block) != one->size) {
        return out_of_order(taken, reason); /* a late one does no harm to those that are there */
    }
    if (payload.size > 0) {
        memcpy(&one->body[one->size], payload.data, payload.size);
    }
    one->last = one->size;
    one->size += (uint32_t)payload.size;
    if (block->more) {
        return ask_for_more(receiver, block, taken, reason);
    }
    one->whole = true;
    return hand_over(receiver, block, lwsec_bytes_of(one->body, one->size), taken, reason);
}

static lwsec_status take_block(lwsec_block1_receiver *receiver, lwsec_bytes peer,
                               const lwsec_coap_message *request, const lwsec_block *block,
                               uint64_t now, lwsec_block1_taken *taken, lwsec_reason *reason)
{
    place *one = find(receiver, peer, request);

    const bool fits = lwsec_block_fits(block, request->payload);
    const bool too_much = exceeds(receiver, block, request);
    const bool only = block->number == 0 && !block->more;
    if (one != NULL && (!fits || too_much || only)) {
        forget(one);
    }
    if (!fits) {
        refuse_with(taken, LWSEC_COAP_BAD_REQUEST);
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK, 0, reason);
    }
    if (too_much) {
        return too_large(receiver, taken, reason);
    }
    if (only) {
        return hand_over(receiver, block, request->payload, taken, reason);
    }
    if (block->number == 0) {
        const lwsec_status status = begin(receiver, &one, peer, request, taken, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    if (one == NULL) {
        return out_of_order(taken, reason);
    }
    one->since = now;
    return add(receiver, one, block, request->payload, taken, reason);
}

lwsec_status lwsec_block1_receive(lwsec_block1_receiver *receiver, lwsec_bytes peer,
                                  const lwsec_coap_message *request, uint64_t now,
                                  lwsec_block1_taken *taken, lwsec_reason *reason)
{
    lwsec_block block = {0, 0, false};
    lwsec_reason found = {LWSEC_WHY_NONE, 0};

    memset(taken, 0, sizeof *taken);
    forget_old(receiver, now);
    const lwsec_status status = lwsec_block_find(request, LWSEC_COAP_BLOCK1, &block, &found);
    if (status == LWSEC_ABSENT) {
        taken->whole = true;
        taken->body = request->payload;
        return lwsec_accept(reason);
    }
    if (status != LWSEC_OK) {
        refuse_with(taken, lwsec_block_error(found.why));
        return lwsec_refuse(status, found.why, 0, reason);
    }
    return take_block(receiver, peer, request, &block, now, taken, reason);
}
