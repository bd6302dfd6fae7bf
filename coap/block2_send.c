/* A representation in answers: RFC 7959 section 2.4. */
#include "coap/block.h"
#include "core/reason.h"

static lwsec_status refuse(uint8_t *code, uint8_t its_code, lwsec_why why, lwsec_reason *reason)
{
    *code = its_code;
    return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
}

/* Writes the part with the block at `offset`; its options in ascending order. */
static lwsec_status write_part(const lwsec_block_source *source, uint32_t offset, uint8_t szx,
                               bool blockwise, lwsec_block_part *part, lwsec_reason *reason)
{
    const lwsec_status status = lwsec_block_source_get(source, offset, szx, &part->payload);

    if (status != LWSEC_OK) {
        part->payload = lwsec_bytes_of(NULL, 0);
        return lwsec_refuse(status, LWSEC_WHY_NONE, 0, reason);
    }
    if (source->etag.size > 0) {
        lwsec_block_part_add(part, LWSEC_COAP_ETAG, source->etag);
    }
    if (blockwise) {
        const lwsec_block block = {offset >> (szx + 4U), szx,
                                   offset + part->payload.size < source->body.size};
        lwsec_block_part_add_block(part, LWSEC_COAP_BLOCK2, &block);
        if (offset == 0) {
            lwsec_block_part_add_uint(part, LWSEC_COAP_SIZE2, (uint32_t)source->body.size);
        }
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_block2_serve(const lwsec_block_source *source, uint8_t szx,
                                const lwsec_coap_message *request, lwsec_block_part *part,
                                uint8_t *code, lwsec_reason *reason)
{
    lwsec_block wanted = {0, szx, false};
    lwsec_reason found = {LWSEC_WHY_NONE, 0};

    lwsec_block_part_clear(part);
    *code = 0;
    const lwsec_status status = lwsec_block_find(request, LWSEC_COAP_BLOCK2, &wanted, &found);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return refuse(code, lwsec_block_error(found.why), found.why, reason);
    }
    const uint8_t chosen = (uint8_t)lwsec_block_smaller(wanted.szx, szx);
    if (lwsec_block_source_check(source, chosen) != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const uint32_t offset = lwsec_block_offset(&wanted);
    if (offset > 0 && offset >= source->body.size) {
        return refuse(code, LWSEC_COAP_BAD_REQUEST, LWSEC_WHY_COAP_BLOCK_ORDER, reason);
    }
    const bool blockwise = status == LWSEC_OK || source->body.size > lwsec_block_size(chosen);
    return write_part(source, offset, chosen, blockwise, part, reason);
}
