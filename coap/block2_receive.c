/* A representation out of answers: RFC 7959 sections 2.4 and 2.6. */
#include "coap/block.h"
#include "core/reason.h"

#include <string.h>

lwsec_status lwsec_block2_receive_start(lwsec_block2_receive *transfer,
                                        const lwsec_block2_receive_config *config,
                                        lwsec_reason *reason)
{
    if (config->size != sizeof *config || config->szx > LWSEC_BLOCK_SZX_MAX + 1U ||
        config->body.capacity > INT32_MAX ||
        (config->restarts > 0 && (config->tag != NULL || config->body.capacity == 0))) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    memset(transfer, 0, sizeof *transfer);
    transfer->config = *config;
    transfer->szx = lwsec_block_szx(config->szx);
    return lwsec_accept(reason);
}

void lwsec_block2_receive_next(lwsec_block2_receive *transfer, lwsec_block_part *part)
{
    const lwsec_block block = {transfer->offset >> (transfer->szx + 4U), transfer->szx, false};

    lwsec_block_part_clear(part);
    if (transfer->begun || transfer->szx < LWSEC_BLOCK_SZX_MAX) {
        lwsec_block_part_add_block(part, LWSEC_COAP_BLOCK2, &block);
    }
    if (transfer->begun && transfer->config.tag != NULL) {
        lwsec_block_part_add_tag(part, transfer->config.tag);
        lwsec_request_tag_sent(transfer->config.tag);
    }
}

/* ---- Answers ---- */

static lwsec_status fail(lwsec_block2_receive *transfer, lwsec_why why, lwsec_reason *reason)
{
    transfer->closed = true;
    return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
}

static lwsec_bytes etag_of(const lwsec_coap_message *answer)
{
    lwsec_coap_option option;

    return lwsec_coap_option_find(answer, LWSEC_COAP_ETAG, &option) ? option.value
                                                                    : lwsec_bytes_of(NULL, 0);
}

static uint32_t body_max(const lwsec_block2_receive *transfer)
{
    return transfer->config.body.capacity > 0 ? (uint32_t)transfer->config.body.capacity
                                              : transfer->config.body_max;
}

/* Whether the answer shows another representation than the blocks before it. */
static bool changed(const lwsec_block2_receive *transfer, const lwsec_coap_message *answer)
{
    const lwsec_bytes etag = lwsec_bytes_of(transfer->etag, transfer->etag_size);

    return answer->code != transfer->code || !lwsec_block_same(etag_of(answer), etag);
}

/* What a change means: begin anew if that is allowed and nothing was handed over. */
static lwsec_status begin_anew(lwsec_block2_receive *transfer, lwsec_block2_taken *taken,
                               lwsec_reason *reason)
{
    if (transfer->restarted >= transfer->config.restarts || transfer->code >> 5 != 2) {
        return fail(transfer, LWSEC_WHY_COAP_BLOCK_CHANGED, reason);
    }
    transfer->restarted++;
    transfer->offset = 0;
    taken->step = LWSEC_BLOCK_NEXT;
    return lwsec_accept(reason);
}

/* Why the body cannot be taken: it is too large, now or as Size2 announces, or goes on where no
 * block has a number. */
static bool exceeds(const lwsec_block2_receive *transfer, const lwsec_coap_message *answer,
                    const lwsec_block *block)
{
    const uint32_t most = body_max(transfer);
    lwsec_coap_option option;
    uint32_t announced;

    if (answer->payload.size > most - transfer->offset ||
        (block->more && block->number == LWSEC_BLOCK_NUMBER_MAX)) {
        return true;
    }
    return lwsec_coap_option_find(answer, LWSEC_COAP_SIZE2, &option) &&
           lwsec_coap_option_uint(option.value, &announced) && announced > most;
}

static void note_first(lwsec_block2_receive *transfer, const lwsec_coap_message *answer)
{
    const lwsec_bytes etag = etag_of(answer);

    transfer->begun = true;
    transfer->code = answer->code;
    transfer->etag_size = (uint8_t)etag.size;
    if (etag.size > 0) {
        memcpy(transfer->etag, etag.data, etag.size);
    }
}

/* Takes the payload to its place, and hands it over. */
static void accept_block(lwsec_block2_receive *transfer, const lwsec_coap_message *answer,
                         bool more, lwsec_block2_taken *taken)
{
    lwsec_buffer *body = &transfer->config.body;

    taken->offset = transfer->offset;
    taken->block = answer->payload;
    taken->step = more ? LWSEC_BLOCK_NEXT : LWSEC_BLOCK_DONE;
    if (body->capacity > 0 && answer->payload.size > 0) {
        memcpy(&body->data[transfer->offset], answer->payload.data, answer->payload.size);
    }
    transfer->offset += (uint32_t)answer->payload.size;
    if (!more) {
        transfer->closed = true;
        taken->body = body->capacity > 0 ? lwsec_bytes_of(body->data, transfer->offset)
                                         : lwsec_bytes_of(NULL, 0);
    }
}

/* An answer without Block2: all of it in one message. It is handed over as it is, whatever room
 * there is for one in blocks, which it does not need. */
static lwsec_status take_whole(lwsec_block2_receive *transfer, const lwsec_coap_message *answer,
                               lwsec_block2_taken *taken, lwsec_reason *reason)
{
    if (transfer->offset > 0) {
        return begin_anew(transfer, taken, reason);
    }
    transfer->closed = true;
    taken->step = LWSEC_BLOCK_DONE;
    taken->block = answer->payload;
    taken->body = answer->payload;
    return lwsec_accept(reason);
}

static lwsec_status take_block(lwsec_block2_receive *transfer, const lwsec_coap_message *answer,
                               const lwsec_block *block, lwsec_block2_taken *taken,
                               lwsec_reason *reason)
{
    const bool first = transfer->offset == 0;

    if (lwsec_block_offset(block) != transfer->offset) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK_ORDER, 0, reason);
    }
    if (block->szx > transfer->szx || !lwsec_block_fits(block, answer->payload) ||
        etag_of(answer).size > LWSEC_ETAG_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK, 0, reason);
    }
    if (!first && changed(transfer, answer)) {
        return begin_anew(transfer, taken, reason);
    }
    if (exceeds(transfer, answer, block)) {
        return fail(transfer, LWSEC_WHY_COAP_BODY, reason);
    }
    if (first) {
        note_first(transfer, answer);
    }
    transfer->szx = block->szx;
    accept_block(transfer, answer, block->more, taken);
    return lwsec_accept(reason);
}

lwsec_status lwsec_block2_receive_answer(lwsec_block2_receive *transfer,
                                         const lwsec_coap_message *answer,
                                         lwsec_block2_taken *taken, lwsec_reason *reason)
{
    const bool counted = transfer->begun && transfer->config.tag != NULL;
    lwsec_block block = {0, 0, false};

    memset(taken, 0, sizeof *taken);
    if (transfer->closed) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    lwsec_status status = lwsec_block_find(answer, LWSEC_COAP_BLOCK2, &block, reason);
    if (status == LWSEC_OK) {
        status = take_block(transfer, answer, &block, taken, reason);
    } else if (status == LWSEC_ABSENT) {
        status = take_whole(transfer, answer, taken, reason);
    }
    if (status == LWSEC_OK && counted) {
        lwsec_request_tag_answered(transfer->config.tag);
    }
    return status;
}
