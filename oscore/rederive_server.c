/* The server's part of Appendix B.2, without memory of what it has given out: Appendix B.2.1. */
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "oscore/option.h"
#include "oscore/protect.h"
#include "oscore/rederive.h"

#include <string.h>

#define TIME_SIZE 8U
#define MAC_SIZE 8U
#define R2_SIZE (TIME_SIZE + MAC_SIZE)
#define LIFETIME_DEFAULT 60000U

/* ---- R2: the time of its making, which is never the same twice, and a MAC over it ---- */

static lwsec_status make_r2(const lwsec_oscore_rederive_server *server,
                            const lwsec_oscore_config *inputs, uint64_t time, uint8_t r2[R2_SIZE],
                            lwsec_reason *reason)
{
    uint8_t text[TIME_SIZE + 2U * (1U + LWSEC_OSCORE_ID_MAX)];
    uint8_t mac[32];
    lwsec_writer writer = lwsec_writer_of(text, sizeof text);

    lwsec_writer_uint(&writer, time, TIME_SIZE);
    lwsec_writer_u8(&writer, (uint8_t)inputs->sender_id.size);
    lwsec_writer_bytes(&writer, inputs->sender_id);
    lwsec_writer_u8(&writer, (uint8_t)inputs->recipient_id.size);
    lwsec_writer_bytes(&writer, inputs->recipient_id);
    if (writer.full) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_ID_LENGTH, 0, reason);
    }
    const lwsec_status status =
        lwsec_key_at_once(server->key, lwsec_key_mac(server->key, lwsec_bytes_of(text, writer.size),
                                                     mac, sizeof mac));
    if (status == LWSEC_OK) {
        memcpy(r2, text, TIME_SIZE);
        memcpy(&r2[TIME_SIZE], mac, MAC_SIZE);
    }
    lwsec_wipe(mac, sizeof mac);
    return status == LWSEC_OK ? status : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

static uint64_t time_of(const uint8_t *r2)
{
    uint64_t time = 0;

    for (size_t i = 0; i < TIME_SIZE; i++) {
        time = time << 8 | r2[i];
    }
    return time;
}

/* An R2 that was given to this peer; LWSEC_ABSENT: the ID Context does not begin with one. */
static lwsec_status check_r2(const lwsec_oscore_rederive_server *server,
                             const lwsec_oscore_rederive_peer *peer, lwsec_bytes id_context,
                             lwsec_reason *reason)
{
    const uint32_t lifetime = server->lifetime != 0 ? server->lifetime : LIFETIME_DEFAULT;
    uint8_t expected[R2_SIZE];

    if (id_context.size <= R2_SIZE) {
        return LWSEC_ABSENT;
    }
    const uint64_t time = time_of(id_context.data);
    const lwsec_status status = make_r2(server, peer->inputs, time, expected, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_equal_secret(lwsec_bytes_of(id_context.data, R2_SIZE),
                            lwsec_bytes_of(expected, R2_SIZE))) {
        return LWSEC_ABSENT;
    }
    const bool used = time <= peer->floor;
    const bool old = server->now > time && server->now - time > lifetime;
    return used || old ? lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_R2, 0, reason) : LWSEC_OK;
}

/* ---- Steps ---- */

/* The request carries this kid, and a kid context or none. */
static lwsec_status find_id_context(const lwsec_oscore_rederive_peer *peer, lwsec_bytes wire,
                                    lwsec_bytes *id_context, lwsec_reason *reason)
{
    lwsec_oscore_option option;
    const lwsec_status status = lwsec_oscore_peek(peer->inputs->framing, wire, &option, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!option.present) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNPROTECTED, 0, reason);
    }
    *id_context = option.kid_context;
    if (option.kid_context.data == NULL) {
        *id_context = peer->inputs->id_context;
    } else if (!lwsec_oscore_unwrap(option.kid_context, id_context)) {
        *id_context = option.kid_context; /* of a context that was lost here */
    }
    return id_context->size <= LWSEC_OSCORE_AGREED_ID_MAX
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
}

/* Step 2, the first half: the request verifies with ID1. What it says is not for delivery. */
static lwsec_status verify_first(const lwsec_oscore_rederive_peer *peer, lwsec_bytes wire,
                                 lwsec_bytes id1, lwsec_buffer *out, uint64_t *number,
                                 lwsec_reason *reason)
{
    lwsec_oscore_step step;
    lwsec_oscore *first;
    lwsec_oscore_request request;

    lwsec_status status = lwsec_oscore_step_make(&step, peer->inputs, id1, &first, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_oscore_unprotect_request(first, wire, &request, out, reason);
    if (status == LWSEC_OK) {
        *number = lwsec_request_inside(&request)->number;
        lwsec_wipe(out->data, out->size);
        out->size = 0;
    }
    lwsec_oscore_close(&first);
    return status;
}

/* Step 2, the second half: a 4.01 by the second context, with R2 beside it. */
static lwsec_status answer_first(lwsec_oscore *second, uint64_t number, lwsec_bytes wire,
                                 uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request;
    lwsec_coap_message received;

    lwsec_status status = lwsec_coap_decode(second->framing, wire, &received, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const bool confirmable = received.type == LWSEC_COAP_CON;
    const lwsec_coap_message plain = {
        .type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON,
        .code = LWSEC_COAP_UNAUTHORIZED,
        .message_id = confirmable ? received.message_id : message_id,
        .token = received.token,
    };
    lwsec_request_open(&request, second, number, LWSEC_REQUEST_PEERS);
    second->response_kid_context = R2_SIZE;
    return lwsec_oscore_protect_parsed(second, lwsec_request_inside(&request), &plain, 0, true, out,
                                       reason);
}

/* R-5.5.3-10, step 2. */
static lwsec_status first_step(lwsec_oscore_rederive_server *server,
                               const lwsec_oscore_rederive_peer *peer, lwsec_bytes wire,
                               uint16_t message_id, lwsec_bytes id1, lwsec_buffer *out,
                               lwsec_reason *reason)
{
    const uint64_t time = server->now > server->issued ? server->now : server->issued + 1;
    lwsec_oscore_joined id2;
    lwsec_oscore_step step;
    lwsec_oscore *second;
    uint8_t r2[R2_SIZE];
    uint64_t number;

    lwsec_status status = verify_first(peer, wire, id1, out, &number, reason);
    if (status == LWSEC_OK) {
        status = make_r2(server, peer->inputs, time, r2, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    server->issued = time; /* never again: its keys would repeat a nonce */
    if (!lwsec_oscore_join(&id2, lwsec_bytes_of(r2, R2_SIZE), id1)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    status = lwsec_oscore_step_make(&step, peer->inputs, lwsec_bytes_of(id2.data, id2.size),
                                    &second, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = answer_first(second, number, wire, message_id, out, reason);
    lwsec_oscore_close(&second);
    return status == LWSEC_OK ? lwsec_refuse(LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_NOT_FRESH, 0, reason)
                              : status;
}

/* Step 4. */
static lwsec_status second_step(lwsec_oscore_rederive_peer *peer, lwsec_bytes wire, lwsec_bytes id3,
                                lwsec_oscore **context, lwsec_oscore_request *request,
                                lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore *third;

    lwsec_status status =
        lwsec_oscore_agree(peer->memory, peer->memory_size, peer->inputs, id3, &third, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    /* Its R2 proves that it is fresh: no rule asks for an Echo value as well. */
    third->freshness = NULL;
    status = lwsec_oscore_unprotect_request(third, wire, request, out, reason);
    third->freshness = peer->inputs->freshness;
    if (status == LWSEC_OK) {
        status = lwsec_oscore_settle(third, peer->inputs, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(out->data, out->size);
        out->size = 0;
        lwsec_request_clear(request);
        lwsec_oscore_close(&third);
        return status;
    }
    peer->floor = time_of(id3.data);
    *context = third;
    return lwsec_accept(reason);
}

/* A peer that is new here may be one that was deleted and provisioned again: all that was given
 * out before it came is used up. Times begin at 2, so that there is one below the first. */
static void meet(lwsec_oscore_rederive_server *server, lwsec_oscore_rederive_peer *peer)
{
    if (server->issued == 0) {
        server->issued = 1;
    }
    if (peer->floor == 0) {
        peer->floor = server->issued;
    }
}

lwsec_status lwsec_oscore_rederive_request(lwsec_oscore_rederive_server *server,
                                           lwsec_oscore_rederive_peer *peer, lwsec_bytes wire,
                                           uint16_t message_id, lwsec_oscore **context,
                                           lwsec_oscore_request *request, lwsec_buffer *out,
                                           lwsec_reason *reason)
{
    lwsec_bytes id_context = {NULL, 0};

    *context = NULL;
    out->size = 0;
    lwsec_request_clear(request);
    if (server->size != sizeof *server || peer->size != sizeof *peer) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    meet(server, peer);
    lwsec_status status = find_id_context(peer, wire, &id_context, reason);
    if (status == LWSEC_OK) {
        status = check_r2(server, peer, id_context, reason);
    }
    switch (status) {
    case LWSEC_OK: return second_step(peer, wire, id_context, context, request, out, reason);
    case LWSEC_ABSENT: return first_step(server, peer, wire, message_id, id_context, out, reason);
    default: return status;
    }
}
