/* BER-TLV as smartcards have it: tags of one octet, lengths of up to three. */
#ifndef LWSEC_UICC_BER_H
#define LWSEC_UICC_BER_H

#include "core/reader.h"

/* One TLV. Tag 0: there is none, as the input is over or goes on with filler (00 or FF). */
typedef struct lwsec_ber {
    uint8_t tag;
    lwsec_bytes value;
} lwsec_ber;

/* The next TLV. Tags of more octets fail: no file of ours has them. */
static inline lwsec_ber lwsec_ber_next(lwsec_reader *reader)
{
    lwsec_ber next = {0, {NULL, 0}};
    const uint8_t tag = lwsec_reader_peek(reader);

    if (lwsec_reader_failed(reader) || lwsec_reader_left(reader) == 0 || tag == 0 || tag == 0xff) {
        return next;
    }
    next.tag = lwsec_reader_u8(reader);
    size_t size = lwsec_reader_u8(reader);
    if (size == 0x81 || size == 0x82) {
        size = (size_t)lwsec_reader_uint(reader, size & 0x0fU);
    } else if (size > 0x7f) {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_FILE);
    }
    if ((next.tag & 0x1fU) == 0x1f) {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_FILE);
    }
    next.value = lwsec_reader_take(reader, size);
    if (lwsec_reader_failed(reader)) {
        next.tag = 0;
    }
    return next;
}

/* The first TLV with this tag, among those that are left; its tag is 0 if there is none. */
static inline lwsec_ber lwsec_ber_find(lwsec_reader *reader, uint8_t tag)
{
    lwsec_ber next = lwsec_ber_next(reader);

    while (next.tag != 0 && next.tag != tag) {
        next = lwsec_ber_next(reader);
    }
    return next;
}

#endif
