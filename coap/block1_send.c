/* A body in requests: RFC 7959 sections 2.5 and 2.9. */
#include "coap/block.h"
#include "core/reason.h"

#include <string.h>

#define INCOMPLETE LWSEC_COAP_CODE(4, 8)
#define TOO_LARGE LWSEC_COAP_CODE(4, 13)

lwsec_status lwsec_block1_send_start(lwsec_block1_send *transfer, const lwsec_block_source *source,
                                     uint8_t szx, lwsec_request_tag *tag, lwsec_reason *reason)
{
    const lwsec_why why = lwsec_block_source_check(source, szx);

    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(why == LWSEC_WHY_CONFIG ? LWSEC_USAGE : LWSEC_REJECT, why, 0, reason);
    }
    memset(transfer, 0, sizeof *transfer);
    transfer->source = *source;
    transfer->tag = tag;
    transfer->szx = szx;
    transfer->blockwise = source->body.size > lwsec_block_size(szx);
    return lwsec_accept(reason);
}

static lwsec_block present_block(const lwsec_block1_send *transfer)
{
    return (lwsec_block){transfer->offset >> (transfer->szx + 4U), transfer->szx,
                         transfer->end < transfer->source.body.size};
}

lwsec_status lwsec_block1_send_next(lwsec_block1_send *transfer, lwsec_block_part *part,
                                    lwsec_reason *reason)
{
    const size_t total = transfer->source.body.size;

    if (transfer->waiting || transfer->closed) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    lwsec_block_part_clear(part);
    const lwsec_status status =
        lwsec_block_source_get(&transfer->source, transfer->offset, transfer->szx, &part->payload);
    if (status != LWSEC_OK) {
        part->payload = lwsec_bytes_of(NULL, 0);
        return lwsec_refuse(status, LWSEC_WHY_NONE, 0, reason);
    }
    transfer->end = transfer->offset + (uint32_t)part->payload.size;
    if (transfer->blockwise) {
        const lwsec_block block = present_block(transfer);
        lwsec_block_part_add_block(part, LWSEC_COAP_BLOCK1, &block);
        if (transfer->offset == 0) {
            lwsec_block_part_add_uint(part, LWSEC_COAP_SIZE1, (uint32_t)total);
        }
    }
    lwsec_block_part_add_tag(part, transfer->tag);
    if (transfer->tag != NULL) {
        lwsec_request_tag_sent(transfer->tag);
    }
    transfer->waiting = true;
    return lwsec_accept(reason);
}

/* ---- Answers ---- */

static lwsec_status done(lwsec_block_step *step, lwsec_reason *reason)
{
    *step = LWSEC_BLOCK_DONE;
    return lwsec_accept(reason);
}

static lwsec_status next(lwsec_block_step *step, lwsec_reason *reason)
{
    *step = LWSEC_BLOCK_NEXT;
    return lwsec_accept(reason);
}

/* The server has all that was sent; what follows goes in blocks of its size. */
static lwsec_status go_on(lwsec_block1_send *transfer, const lwsec_block *block,
                          lwsec_block_step *step, lwsec_reason *reason)
{
    transfer->offset = transfer->end;
    transfer->szx = block->szx;
    return next(step, reason);
}

/* From the start again, with smaller blocks or because the server has forgotten the first ones. */
static lwsec_status restart(lwsec_block1_send *transfer, lwsec_block_step *step,
                            lwsec_reason *reason)
{
    transfer->offset = 0;
    transfer->end = 0;
    transfer->blockwise = transfer->source.body.size > lwsec_block_size(transfer->szx);
    if (transfer->tag != NULL) {
        lwsec_request_tag_renew(transfer->tag);
    }
    return next(step, reason);
}

static lwsec_status take_error(lwsec_block1_send *transfer, uint8_t code, const lwsec_block *block,
                               bool has_block, lwsec_block_step *step, lwsec_reason *reason)
{
    /* 4.13 with a smaller size is a hint to try that: section 2.9.3. */
    if (code == TOO_LARGE && has_block && block->szx < transfer->szx && transfer->offset == 0) {
        if (lwsec_block_source_check(&transfer->source, block->szx) != LWSEC_WHY_NONE) {
            return done(step, reason);
        }
        transfer->szx = block->szx;
        return restart(transfer, step, reason);
    }
    if (code == INCOMPLETE && transfer->offset > 0 && !transfer->restarted) {
        transfer->restarted = true;
        return restart(transfer, step, reason);
    }
    return done(step, reason);
}

/* Whether the server's block answers ours: its number, and no larger size. It follows that the
 * smaller size still has a number for each block that is left. */
static lwsec_why judge(const lwsec_block1_send *transfer, const lwsec_block *block)
{
    const lwsec_block sent = present_block(transfer);

    if (block->number != sent.number) {
        return LWSEC_WHY_COAP_BLOCK_ORDER;
    }
    return block->szx > sent.szx ? LWSEC_WHY_COAP_BLOCK
                                 : lwsec_block_source_check(&transfer->source, block->szx);
}

static lwsec_status take_success(lwsec_block1_send *transfer, uint8_t code,
                                 const lwsec_block *block, bool has_block, lwsec_block_step *step,
                                 lwsec_reason *reason)
{
    const bool last = transfer->end == transfer->source.body.size;

    if (code == LWSEC_COAP_CONTINUE && (last || !has_block)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 0, reason);
    }
    if (!last && !has_block) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK_ORDER, 0, reason);
    }
    if (has_block && transfer->blockwise) {
        const lwsec_why why = judge(transfer, block);
        if (why != LWSEC_WHY_NONE) {
            return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
        }
    }
    if (last) {
        return done(step, reason);
    }
    /* 2.31, or a server that acts on each block at once: section 2.3. */
    return go_on(transfer, block, step, reason);
}

static lwsec_status take(lwsec_block1_send *transfer, const lwsec_coap_message *answer,
                         lwsec_block_step *step, lwsec_reason *reason)
{
    lwsec_block block = {0, 0, false};
    const lwsec_status status = lwsec_block_find(answer, LWSEC_COAP_BLOCK1, &block, reason);

    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status;
    }
    return answer->code >> 5 == 2
               ? take_success(transfer, answer->code, &block, status == LWSEC_OK, step, reason)
               : take_error(transfer, answer->code, &block, status == LWSEC_OK, step, reason);
}

lwsec_status lwsec_block1_send_answer(lwsec_block1_send *transfer, const lwsec_coap_message *answer,
                                      lwsec_block_step *step, lwsec_reason *reason)
{
    *step = LWSEC_BLOCK_DONE;
    if (!transfer->waiting) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    transfer->waiting = false;
    if (transfer->tag != NULL) {
        lwsec_request_tag_answered(transfer->tag);
    }
    const lwsec_status status = take(transfer, answer, step, reason);
    transfer->closed = *step == LWSEC_BLOCK_DONE;
    return status;
}
