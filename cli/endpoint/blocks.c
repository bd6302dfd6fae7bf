/* Large bodies in both directions, by inner block-wise transfer: RFC 7959 under OSCORE. */
#include "parts.h"

#include <stdio.h>
#include <string.h>

#define RESTARTS 2U
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

lwsec_status endpoint_init_blocks(endpoint *self)
{
    const lwsec_block1_receiver_config config = {.size = sizeof config,
                                                 .transfers = ENDPOINT_BODIES,
                                                 .body_max = ENDPOINT_BODY_MAX,
                                                 .key_max = ENDPOINT_KEY_MAX,
                                                 .szx = (uint8_t)(self->szx + 1U),
                                                 .per_peer = ENDPOINT_BODIES};
    lwsec_reason reason;

    lwsec_request_tags_init(&self->tags, 0);
    return lwsec_block1_receiver_init(self->bodies_memory, sizeof self->bodies_memory, &config,
                                      &self->bodies, &reason);
}

bool endpoint_set_block_size(endpoint *self, uint64_t size)
{
    for (uint8_t szx = 0; szx <= LWSEC_BLOCK_SZX_MAX; szx++) {
        if (lwsec_block_size(szx) == size) {
            self->szx = szx;
            return endpoint_init_blocks(self) == LWSEC_OK;
        }
    }
    return false;
}

void endpoint_add_part(endpoint_message *message, const lwsec_block_part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        endpoint_message_add(message, part->options[i].number, part->options[i].value);
    }
}

/* ---- Our requests ---- */

/* R-5.6-01: what goes in several blocks, or may be answered in several to more than a GET, has a
 * Request-Tag where an earlier one may still be on its way. */
lwsec_status endpoint_begin_blocks(endpoint *self, endpoint_exchange *exchange,
                                   const endpoint_message *message, lwsec_reason *reason)
{
    const lwsec_block_source source = {.body = message->head.payload};
    const bool tagged =
        source.body.size > lwsec_block_size(self->szx) || message->head.code == LWSEC_COAP_FETCH;
    const lwsec_block2_receive_config config = {
        .size = sizeof config,
        .body = lwsec_buffer_of(exchange->body, sizeof exchange->body),
        .restarts = message->head.code == LWSEC_COAP_GET && !tagged ? RESTARTS : 0U,
        .szx = (uint8_t)(self->szx + 1U),
        .tag = tagged ? &exchange->tag : NULL};

    if (tagged) {
        exchange->tag = lwsec_request_tag_begin(&self->tags, message->head.code, message->options,
                                                message->count);
    }
    const lwsec_status status =
        lwsec_block1_send_start(&exchange->sending, &source, self->szx, config.tag, reason);
    return status == LWSEC_OK ? lwsec_block2_receive_start(&exchange->receiving, &config, reason)
                              : status;
}

lwsec_status endpoint_add_blocks(endpoint_exchange *exchange, endpoint_message *message,
                                 endpoint_parts *parts, lwsec_reason *reason)
{
    if (!exchange->sending.closed) {
        const lwsec_status status =
            lwsec_block1_send_next(&exchange->sending, &parts->request, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        message->head.payload = parts->request.payload;
        endpoint_add_part(message, &parts->request);
    }
    lwsec_block2_receive_next(&exchange->receiving, &parts->answer);
    endpoint_add_part(message, &parts->answer);
    return LWSEC_OK;
}

/* The message for the next block: the last one without what was of its block. */
void endpoint_next_request(const endpoint_exchange *exchange, const lwsec_coap_message *last,
                           endpoint_message *message)
{
    static const uint32_t of_blocks[] = {LWSEC_COAP_BLOCK1, LWSEC_COAP_BLOCK2, LWSEC_COAP_SIZE1,
                                         LWSEC_COAP_REQUEST_TAG, LWSEC_COAP_ECHO};

    endpoint_message_from(message, last);
    message->head.payload = lwsec_bytes_of(NULL, 0);
    for (size_t i = 0; i < sizeof of_blocks / sizeof of_blocks[0]; i++) {
        endpoint_message_remove(message, of_blocks[i]);
    }
    if (exchange->sending.closed) {
        endpoint_message_remove(message, LWSEC_COAP_OBSERVE); /* RFC 7959 section 3.4 */
    }
}

lwsec_status endpoint_take_blocks(endpoint_exchange *exchange, lwsec_coap_message *answer,
                                  lwsec_block_step *step, lwsec_reason *reason)
{
    lwsec_block2_taken taken;

    *step = LWSEC_BLOCK_DONE;
    if (!exchange->sending.closed) {
        const lwsec_status status =
            lwsec_block1_send_answer(&exchange->sending, answer, step, reason);
        if (status != LWSEC_OK || *step == LWSEC_BLOCK_NEXT) {
            return status;
        }
    }
    const lwsec_status status =
        lwsec_block2_receive_answer(&exchange->receiving, answer, &taken, reason);
    *step = taken.step;
    answer->payload = taken.body;
    return status;
}

/* ---- Requests of peers ---- */

/* Parts of a body belong to one session, not to its address. */
static void name_peer(const endpoint *self, const endpoint_address *peer,
                      char name[ENDPOINT_ADDRESS_TEXT + 12])
{
    const endpoint_session *session =
        self->sessions != NULL ? endpoint_sessions_find(self->sessions, peer) : NULL;
    char text[ENDPOINT_ADDRESS_TEXT];

    endpoint_address_write(peer, text);
    (void)snprintf(name, ENDPOINT_ADDRESS_TEXT + 12, "%s %u", text,
                   session != NULL ? session->serial : 0);
}

lwsec_status endpoint_collect(endpoint *self, endpoint_incoming *incoming,
                              lwsec_block1_taken *taken, lwsec_reason *reason)
{
    char peer[ENDPOINT_ADDRESS_TEXT + 12];

    name_peer(self, incoming->peer, peer);
    const lwsec_status status =
        lwsec_block1_receive(self->bodies, lwsec_bytes_of(peer, strlen(peer)), &incoming->plain,
                             (uint64_t)endpoint_now(), taken, reason);
    if (taken->whole) {
        incoming->plain.payload = taken->body;
    }
    return status;
}

/* Tells one representation from another. */
static void hash(lwsec_bytes body, uint8_t etag[8])
{
    uint64_t value = HASH_START;

    for (size_t i = 0; i < body.size; i++) {
        value = (value ^ body.data[i]) * HASH_PRIME;
    }
    memcpy(etag, &value, sizeof value);
}

void endpoint_cut(const endpoint *self, const lwsec_coap_message *request, endpoint_message *answer,
                  lwsec_block_part *part)
{
    lwsec_block_source source = {.body = answer->head.payload};
    lwsec_coap_option asked;
    uint8_t etag[8];
    uint8_t code = 0;
    lwsec_reason reason;

    if (source.body.size <= lwsec_block_size(self->szx) &&
        !lwsec_coap_option_find(request, LWSEC_COAP_BLOCK2, &asked)) {
        return;
    }
    hash(source.body, etag);
    source.etag = lwsec_bytes_of(etag, sizeof etag);
    if (lwsec_block2_serve(&source, self->szx, request, part, &code, &reason) == LWSEC_OK) {
        answer->head.payload = part->payload;
        endpoint_add_part(answer, part);
    } else {
        endpoint_message_init(answer, code != 0 ? code : LWSEC_COAP_CODE(5, 0));
    }
}
