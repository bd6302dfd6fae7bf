/* The Block option, and parts of messages. RFC 7959 section 2.2. */
#include "coap/block.h"
#include "core/reader.h"
#include "core/reason.h"

#include <string.h>

#define BLOCK_VALUE_MAX 3U
#define SZX_RESERVED 7U
#define MORE 8U

lwsec_status lwsec_block_decode(lwsec_coap_framing framing, lwsec_bytes value, lwsec_block *block,
                                lwsec_reason *reason)
{
    uint32_t number = 0;

    if (value.size > BLOCK_VALUE_MAX || !lwsec_coap_option_uint(value, &number)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH, 0, reason);
    }
    if ((number & SZX_RESERVED) == SZX_RESERVED) {
        return lwsec_refuse(framing == LWSEC_COAP_TCP ? LWSEC_UNSUPPORTED : LWSEC_REJECT,
                            LWSEC_WHY_COAP_BLOCK, 0, reason);
    }
    block->number = number >> 4;
    block->more = (number & MORE) != 0;
    block->szx = (uint8_t)(number & SZX_RESERVED);
    return lwsec_accept(reason);
}

lwsec_bytes lwsec_block_value(const lwsec_block *block, uint8_t room[4])
{
    return lwsec_coap_uint_value(block->number << 4 | (block->more ? MORE : 0U) | block->szx, room);
}

lwsec_status lwsec_block_find(const lwsec_coap_message *message, uint32_t number,
                              lwsec_block *block, lwsec_reason *reason)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    lwsec_bytes value = {NULL, 0};
    unsigned count = 0;

    while (lwsec_coap_options_next(&walk, &option) && option.number <= number) {
        if (option.number == number) {
            value = option.value;
            count++;
        }
    }
    if (count == 0) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_NONE, 0, reason);
    }
    if (count > 1) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_TWICE, 0, reason);
    }
    return lwsec_block_decode(LWSEC_COAP_UDP, value, block, reason);
}

uint8_t lwsec_block_error(lwsec_why why)
{
    return why == LWSEC_WHY_COAP_BLOCK ? LWSEC_COAP_BAD_REQUEST : LWSEC_COAP_BAD_OPTION;
}

bool lwsec_block_fits(const lwsec_block *block, lwsec_bytes payload)
{
    const size_t size = lwsec_block_size(block->szx);

    return block->more ? payload.size == size : payload.size <= size;
}

/* ---- Parts ---- */

void lwsec_block_part_clear(lwsec_block_part *part)
{
    memset(part, 0, sizeof *part);
}

void lwsec_block_part_add(lwsec_block_part *part, uint32_t number, lwsec_bytes value)
{
    const size_t at = part->count++;

    if (value.size > 0) {
        memcpy(part->values[at], value.data, value.size);
    }
    part->options[at].number = number;
    part->options[at].value = lwsec_bytes_of(part->values[at], value.size);
}

void lwsec_block_part_add_uint(lwsec_block_part *part, uint32_t number, uint32_t value)
{
    uint8_t room[4];

    lwsec_block_part_add(part, number, lwsec_coap_uint_value(value, room));
}

void lwsec_block_part_add_block(lwsec_block_part *part, uint32_t number, const lwsec_block *block)
{
    uint8_t room[4];

    lwsec_block_part_add(part, number, lwsec_block_value(block, room));
}

/* ---- Sources ---- */

lwsec_why lwsec_block_source_check(const lwsec_block_source *source, uint8_t szx)
{
    if (szx > LWSEC_BLOCK_SZX_MAX || source->etag.size > LWSEC_ETAG_MAX ||
        (source->read != NULL && source->room.capacity < lwsec_block_size(szx))) {
        return LWSEC_WHY_CONFIG;
    }
    /* The last block has to have a number. */
    return source->body.size > (size_t)(LWSEC_BLOCK_NUMBER_MAX + 1U) << (szx + 4U)
               ? LWSEC_WHY_COAP_BODY
               : LWSEC_WHY_NONE;
}

lwsec_status lwsec_block_source_get(const lwsec_block_source *source, uint32_t offset, uint8_t szx,
                                    lwsec_bytes *payload)
{
    const size_t left = source->body.size - offset;
    const size_t size = left < lwsec_block_size(szx) ? left : lwsec_block_size(szx);

    if (size == 0) {
        *payload = lwsec_bytes_of(NULL, 0);
        return LWSEC_OK;
    }
    if (source->read == NULL) {
        *payload = lwsec_bytes_of(&source->body.data[offset], size);
        return LWSEC_OK;
    }
    const lwsec_status status = source->read(source->context, offset, source->room.data, size);
    *payload = lwsec_bytes_of(source->room.data, size);
    return status;
}
