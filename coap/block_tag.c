/* Request-Tags: which operation may carry which. RFC 9175 sections 3.2, 3.5.1. R-5.6-01. */
#include "coap/block.h"

#include <string.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_bytes(uint64_t hash, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ data[i]) * HASH_PRIME;
    }
    return hash;
}

static uint64_t hash_number(uint64_t hash, uint32_t number)
{
    const uint8_t bytes[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                             (uint8_t)(number >> 8), (uint8_t)number};

    return hash_bytes(hash, bytes, sizeof bytes);
}

/* Requests that a server could take for those of one body have one hash. That others may have it
 * too does no harm: then a tag is set that was not needed. So Uri-Path and Uri-Query are enough. */
static uint64_t resource_of(uint8_t code, const lwsec_coap_option *options, size_t count)
{
    uint64_t hash = hash_number(HASH_START, code);

    for (size_t i = 0; i < count; i++) {
        if (options[i].number == LWSEC_COAP_URI_PATH || options[i].number == LWSEC_COAP_URI_QUERY) {
            hash = hash_number(hash, options[i].number);
            hash = hash_number(hash, (uint32_t)options[i].value.size);
            hash = hash_bytes(hash, options[i].value.data, options[i].value.size);
        }
    }
    return hash;
}

/* The place of an operation; `size` of the table if it was forgotten. */
static size_t find(const lwsec_request_tags *tags, uint32_t serial)
{
    size_t at = 0;

    while (at < LWSEC_REQUEST_TAGS && tags->operations[at].serial != serial) {
        at++;
    }
    return at;
}

/* A free place, or that of the oldest operation, whose value is not used again by any other. */
static size_t make_place(lwsec_request_tags *tags)
{
    size_t oldest = 0;

    for (size_t i = 0; i < LWSEC_REQUEST_TAGS; i++) {
        if (tags->operations[i].serial == 0) {
            return i;
        }
        if (tags->operations[i].serial < tags->operations[oldest].serial) {
            oldest = i;
        }
    }
    if (tags->floor <= tags->operations[oldest].value) {
        tags->floor = tags->operations[oldest].value + 1U;
    }
    return oldest;
}

static bool in_use(const lwsec_request_tags *tags, uint64_t resource, uint32_t value)
{
    for (size_t i = 0; i < LWSEC_REQUEST_TAGS; i++) {
        if (tags->operations[i].serial != 0 && tags->operations[i].resource == resource &&
            tags->operations[i].value == value) {
            return true;
        }
    }
    return false;
}

static lwsec_request_tag begin(lwsec_request_tags *tags, uint64_t resource)
{
    const size_t at = make_place(tags);
    uint32_t value = tags->floor;

    tags->operations[at].serial = 0;
    while (in_use(tags, resource, value)) {
        value++;
    }
    tags->operations[at].serial = ++tags->serial;
    tags->operations[at].resource = resource;
    tags->operations[at].value = value;
    tags->operations[at].unanswered = 0;
    tags->operations[at].running = true;
    return (lwsec_request_tag){tags, resource, tags->serial, value};
}

void lwsec_request_tags_init(lwsec_request_tags *tags, uint32_t flags)
{
    memset(tags, 0, sizeof *tags);
    tags->flags = flags;
}

lwsec_request_tag lwsec_request_tag_begin(lwsec_request_tags *tags, uint8_t code,
                                          const lwsec_coap_option *options, size_t count)
{
    if ((tags->flags & LWSEC_REQUEST_TAGS_UNNEEDED) != 0) {
        return (lwsec_request_tag){NULL, 0, 0, 0};
    }
    return begin(tags, resource_of(code, options, count));
}

/* Concluded: it makes no more messages, and an answer came to each. */
static void free_if_concluded(lwsec_request_tags *tags, size_t at)
{
    if (!tags->operations[at].running && tags->operations[at].unanswered == 0) {
        tags->operations[at].serial = 0;
    }
}

/* Operations that run go on under the new keys, forgotten ones too: their values stay theirs. */
void lwsec_request_tags_rekeyed(lwsec_request_tags *tags)
{
    for (size_t i = 0; i < LWSEC_REQUEST_TAGS; i++) {
        tags->operations[i].unanswered = 0;
        free_if_concluded(tags, i);
    }
}

void lwsec_request_tag_sent(const lwsec_request_tag *tag)
{
    if (tag->tags != NULL) {
        const size_t at = find(tag->tags, tag->serial);
        if (at < LWSEC_REQUEST_TAGS) {
            tag->tags->operations[at].unanswered++;
        }
    }
}

void lwsec_request_tag_answered(const lwsec_request_tag *tag)
{
    if (tag->tags != NULL) {
        const size_t at = find(tag->tags, tag->serial);
        if (at < LWSEC_REQUEST_TAGS && tag->tags->operations[at].unanswered > 0) {
            tag->tags->operations[at].unanswered--;
            free_if_concluded(tag->tags, at);
        }
    }
}

void lwsec_request_tag_end(lwsec_request_tag *tag)
{
    if (tag->tags != NULL) {
        const size_t at = find(tag->tags, tag->serial);
        if (at < LWSEC_REQUEST_TAGS) {
            tag->tags->operations[at].running = false;
            free_if_concluded(tag->tags, at);
        }
    }
}

void lwsec_request_tag_renew(lwsec_request_tag *tag)
{
    if (tag->tags != NULL) {
        lwsec_request_tag_end(tag);
        *tag = begin(tag->tags, tag->resource);
    }
}

/* Value 0 is no option, 1 an empty one, and so on. */
void lwsec_block_part_add_tag(lwsec_block_part *part, const lwsec_request_tag *tag)
{
    if (tag != NULL && tag->value > 0) {
        lwsec_block_part_add_uint(part, LWSEC_COAP_REQUEST_TAG, tag->value - 1U);
    }
}
