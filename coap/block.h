/* What the machines of block-wise transfer share. */
#ifndef LWSEC_COAP_BLOCK_INTERNAL_H
#define LWSEC_COAP_BLOCK_INTERNAL_H

#include <lwsec/coap_block.h>

/* EXCHANGE_LIFETIME, RFC 7252 section 4.8.2, in milliseconds. */
#define LWSEC_BLOCK_LIFETIME 247000U

/* The longest ETag: RFC 7252 section 5.10. */
#define LWSEC_ETAG_MAX 8U

static inline uint32_t lwsec_block_smaller(uint32_t one, uint32_t other)
{
    return one < other ? one : other;
}

/* A configured block size: szx + 1, where 0 is the default. */
static inline uint8_t lwsec_block_szx(uint8_t configured)
{
    return (uint8_t)(configured == 0 ? LWSEC_BLOCK_SZX_MAX : configured - 1U);
}

static inline bool lwsec_block_same(lwsec_bytes one, lwsec_bytes other)
{
    if (one.size != other.size) {
        return false;
    }
    for (size_t i = 0; i < one.size; i++) {
        if (one.data[i] != other.data[i]) {
            return false;
        }
    }
    return true;
}

/* Empties a part; its payload too. */
void lwsec_block_part_clear(lwsec_block_part *part);

/* Adds an option behind those of lower or equal number that are there. At most 8 bytes. */
void lwsec_block_part_add(lwsec_block_part *part, uint32_t number, lwsec_bytes value);
void lwsec_block_part_add_uint(lwsec_block_part *part, uint32_t number, uint32_t value);
void lwsec_block_part_add_block(lwsec_block_part *part, uint32_t number, const lwsec_block *block);
void lwsec_block_part_add_tag(lwsec_block_part *part, const lwsec_request_tag *tag);

/* Ends an operation and begins another one on the same resource. */
void lwsec_request_tag_renew(lwsec_request_tag *tag);

/* Whether a source can be cut into blocks of this size; NONE if so. */
lwsec_why lwsec_block_source_check(const lwsec_block_source *source, uint8_t szx);

/* The bytes of a source from `offset` on, as many as a block holds. */
LWSEC_MUST_CHECK lwsec_status lwsec_block_source_get(const lwsec_block_source *source,
                                                     uint32_t offset, uint8_t szx,
                                                     lwsec_bytes *payload);

/* Whether a payload has the size that its block says: all of it if more follow. */
bool lwsec_block_fits(const lwsec_block *block, lwsec_bytes payload);

/* The code for a malformed Block option: RFC 7959 section 2.2, RFC 7252 section 5.4.1. */
uint8_t lwsec_block_error(lwsec_why why);

/* The next option of a walk that is part of a key. */
bool lwsec_block_key_next(lwsec_coap_walk *walk, lwsec_coap_option *option);

#endif
