/* DER: elements of certificates and revocation lists, over the one reader. */
#ifndef LWSEC_CERTPOLICY_DER_H
#define LWSEC_CERTPOLICY_DER_H

#include "core/reader.h"

/* Tags as they stand in the encoding. */
enum {
    LWSEC_DER_BOOLEAN = 0x01,
    LWSEC_DER_INTEGER = 0x02,
    LWSEC_DER_BIT_STRING = 0x03,
    LWSEC_DER_OCTET_STRING = 0x04,
    LWSEC_DER_NULL = 0x05,
    LWSEC_DER_OID = 0x06,
    LWSEC_DER_ENUMERATED = 0x0a,
    LWSEC_DER_UTF8_STRING = 0x0c,
    LWSEC_DER_NUMERIC_STRING = 0x12,
    LWSEC_DER_PRINTABLE_STRING = 0x13,
    LWSEC_DER_TELETEX_STRING = 0x14,
    LWSEC_DER_IA5_STRING = 0x16,
    LWSEC_DER_UTC_TIME = 0x17,
    LWSEC_DER_GENERALIZED_TIME = 0x18,
    LWSEC_DER_VISIBLE_STRING = 0x1a,
    LWSEC_DER_UNIVERSAL_STRING = 0x1c,
    LWSEC_DER_BMP_STRING = 0x1e,
    LWSEC_DER_SEQUENCE = 0x30,
    LWSEC_DER_SET = 0x31,
    LWSEC_DER_CONTEXT = 0x80,            /* [0] IMPLICIT of a primitive type; | number */
    LWSEC_DER_CONTEXT_CONSTRUCTED = 0xa0 /* [0], constructed; | number */
};

/* One element: its tag, its contents, and both with the length between them. */
typedef struct lwsec_der {
    uint8_t tag;
    lwsec_bytes value;
    lwsec_bytes whole;
} lwsec_der;

/* The next element, whatever it is. Tags of one byte; lengths definite, minimal, below 2^24. */
lwsec_der lwsec_der_next(lwsec_reader *reader);

/* Whether the next element has this tag. */
static inline bool lwsec_der_is(const lwsec_reader *reader, uint8_t tag)
{
    return lwsec_reader_left(reader) > 0 && lwsec_reader_peek(reader) == tag;
}

/* The contents, or all, of the next element, which must have this tag. */
lwsec_bytes lwsec_der_value(lwsec_reader *reader, uint8_t tag);
lwsec_bytes lwsec_der_whole(lwsec_reader *reader, uint8_t tag);

/* A reader over the contents of the next element, which must have this tag. The caller ends it with
 * lwsec_reader_finish_child. */
lwsec_reader lwsec_der_open(lwsec_reader *reader, uint8_t tag);

/* An INTEGER, as its bytes: minimal, never empty. */
lwsec_bytes lwsec_der_integer(lwsec_reader *reader);

/* An INTEGER from 0 to `max`. */
uint32_t lwsec_der_small(lwsec_reader *reader, uint32_t max);

/* An OBJECT IDENTIFIER: its parts minimal, the last one whole; and contents of one. */
lwsec_bytes lwsec_der_oid(lwsec_reader *reader);
bool lwsec_der_is_oid(lwsec_bytes value);

/* BOOLEAN DEFAULT FALSE: DER has TRUE as ff, and leaves FALSE away. */
bool lwsec_der_default_false(lwsec_reader *reader);

/* A BIT STRING of whole bytes, without the count of unused bits. */
lwsec_bytes lwsec_der_bits(lwsec_reader *reader);

/* The named bits of a BIT STRING, bit 0 of the field as bit 0 of the number: 1 to 16. */
uint16_t lwsec_der_named_bits(lwsec_reader *reader);

/* UTCTime or GeneralizedTime in the form of RFC 5280, as seconds since 1970. */
int64_t lwsec_der_time(lwsec_reader *reader);

/* Whether it is a string that a name may have, and its contents are such a text. */
bool lwsec_der_is_text(const lwsec_der *element);

/* Whether two byte strings are equal. */
bool lwsec_der_same(lwsec_bytes one, lwsec_bytes other);

#endif
