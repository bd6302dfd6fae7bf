/* Fragments of one protected message, for hops that bear no larger ones. RFC 8613
 * section 4.1.3.4.2. */
#include <lwsec/oscore_outer.h>

#include "coap/option.h"
#include "core/reason.h"

#include <string.h>

static bool of_fragments(uint32_t number)
{
    return number == LWSEC_COAP_BLOCK1 || number == LWSEC_COAP_BLOCK2 ||
           number == LWSEC_COAP_SIZE1 || number == LWSEC_COAP_SIZE2;
}

static bool has(const lwsec_coap_message *message, uint32_t number)
{
    lwsec_coap_option option;

    return lwsec_coap_option_find(message, number, &option);
}

/* The options of a message but those of fragments, and those of a part in their places. */
static void write_options(lwsec_writer *writer, const lwsec_coap_message *message,
                          const lwsec_block_part *part)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    uint32_t previous = 0;
    size_t at = 0;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (of_fragments(option.number)) {
            continue;
        }
        for (; at < part->count && part->options[at].number < option.number; at++) {
            lwsec_coap_write_option(writer, previous, &part->options[at]);
            previous = part->options[at].number;
        }
        lwsec_coap_write_option(writer, previous, &option);
        previous = option.number;
    }
    for (; at < part->count; at++) {
        lwsec_coap_write_option(writer, previous, &part->options[at]);
        previous = part->options[at].number;
    }
}

/* Writes a message with the header `head`, options of it and of `part`, and the part's payload. */
static lwsec_status write_message(const lwsec_coap_message *head, const lwsec_block_part *part,
                                  lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    lwsec_coap_write_head(&writer, LWSEC_COAP_UDP, head, 0);
    write_options(&writer, head, part);
    if (part->payload.size > 0) {
        lwsec_writer_u8(&writer, LWSEC_COAP_MARKER);
        lwsec_writer_bytes(&writer, part->payload);
    }
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    out->size = writer.size;
    return lwsec_accept(reason);
}

/* The whole message again, out of its last fragment and all ciphertext. */
static lwsec_status write_whole(const lwsec_coap_message *last, lwsec_bytes ciphertext,
                                lwsec_oscore_outer_taken *taken, lwsec_buffer *out,
                                lwsec_reason *reason)
{
    const lwsec_block_part part = {.payload = ciphertext};
    const lwsec_status status = write_message(last, &part, out, reason);

    taken->whole = status == LWSEC_OK;
    taken->message = lwsec_buffer_bytes(out);
    return status;
}

/* Nothing to put together: the message goes on as it is. */
static lwsec_status pass(lwsec_bytes wire, lwsec_oscore_outer_taken *taken, lwsec_reason *reason)
{
    taken->whole = true;
    taken->message = wire;
    return lwsec_accept(reason);
}

static lwsec_status refuse(lwsec_status status, lwsec_why why, lwsec_reason *reason)
{
    return lwsec_refuse(status, why == LWSEC_WHY_COAP_BODY ? LWSEC_WHY_OSCORE_UNFRAGMENTED : why, 0,
                        reason);
}

lwsec_status lwsec_oscore_outer_request(lwsec_block1_receiver *fragments, lwsec_bytes peer,
                                        lwsec_bytes wire, uint64_t now,
                                        lwsec_oscore_outer_taken *taken, lwsec_buffer *out,
                                        lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_reason found = {LWSEC_WHY_NONE, 0};

    memset(taken, 0, sizeof *taken);
    out->size = 0;
    lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (fragments == NULL || !has(&message, LWSEC_COAP_OSCORE) ||
        !has(&message, LWSEC_COAP_BLOCK1)) {
        return pass(wire, taken, reason);
    }
    status = lwsec_block1_receive(fragments, peer, &message, now, &taken->answer, &found);
    if (status != LWSEC_OK) {
        return refuse(status, found.why, reason);
    }
    return taken->answer.whole ? write_whole(&message, taken->answer.body, taken, out, reason)
                               : lwsec_accept(reason);
}

lwsec_status lwsec_oscore_outer_response(lwsec_block2_receive *fragments, lwsec_bytes wire,
                                         lwsec_oscore_outer_taken *taken, lwsec_buffer *out,
                                         lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_block2_taken block;
    lwsec_reason found = {LWSEC_WHY_NONE, 0};

    memset(taken, 0, sizeof *taken);
    out->size = 0;
    lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (fragments == NULL || !has(&message, LWSEC_COAP_OSCORE) ||
        !has(&message, LWSEC_COAP_BLOCK2)) {
        return pass(wire, taken, reason);
    }
    if (fragments->closed) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK_ORDER, 0, reason);
    }
    status = lwsec_block2_receive_answer(fragments, &message, &block, &found);
    if (status != LWSEC_OK) {
        return refuse(status, found.why, reason);
    }
    return block.step == LWSEC_BLOCK_DONE ? write_whole(&message, block.body, taken, out, reason)
                                          : lwsec_accept(reason);
}

lwsec_status lwsec_oscore_outer_ask(lwsec_block2_receive *fragments, lwsec_bytes request,
                                    uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_block_part part;

    out->size = 0;
    const lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, request, &message, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    message.message_id = message_id;
    lwsec_block2_receive_next(fragments, &part);
    return write_message(&message, &part, out, reason);
}

/* A protected message that is to be cut: what its receiver would discard is not sent. */
static lwsec_status decode_to_cut(lwsec_bytes wire, uint32_t max_unfragmented,
                                  lwsec_coap_message *message, lwsec_reason *reason)
{
    const lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, wire, message, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!has(message, LWSEC_COAP_OSCORE)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNPROTECTED, 0, reason);
    }
    if (message->payload.size > max_unfragmented) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNFRAGMENTED, 0, reason);
    }
    return LWSEC_OK;
}

/* The OSCORE option tells the fragments of one message from those of any other, so that they need
 * no Request-Tag. */
lwsec_status lwsec_oscore_outer_send_start(lwsec_block1_send *transfer, lwsec_bytes wire,
                                           uint32_t max_unfragmented, uint8_t szx,
                                           lwsec_reason *reason)
{
    lwsec_coap_message message;
    const lwsec_status status = decode_to_cut(wire, max_unfragmented, &message, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_block_source source = {.body = message.payload};
    return lwsec_block1_send_start(transfer, &source, szx, NULL, reason);
}

lwsec_status lwsec_oscore_outer_send_next(lwsec_block1_send *transfer, lwsec_bytes wire,
                                          uint16_t message_id, lwsec_buffer *out,
                                          lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_block_part part;

    out->size = 0;
    lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, reason);
    if (status == LWSEC_OK) {
        status = lwsec_block1_send_next(transfer, &part, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    message.message_id = message_id;
    return write_message(&message, &part, out, reason);
}

lwsec_status lwsec_oscore_outer_serve(lwsec_bytes wire, lwsec_bytes request,
                                      uint32_t max_unfragmented, uint8_t szx, uint16_t message_id,
                                      lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_coap_message asked;
    lwsec_block_part part;
    uint8_t code;

    out->size = 0;
    lwsec_status status = decode_to_cut(wire, max_unfragmented, &message, reason);
    if (status == LWSEC_OK) {
        status = lwsec_coap_decode(LWSEC_COAP_UDP, request, &asked, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_block_source source = {.body = message.payload};
    status = lwsec_block2_serve(&source, szx, &asked, &part, &code, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const bool confirmable = asked.type == LWSEC_COAP_CON;
    message.type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON;
    message.message_id = confirmable ? asked.message_id : message_id;
    message.token = asked.token;
    return write_message(&message, &part, out, reason);
}
