/* What a security context holds. RFC 8613 section 3.1. */
#ifndef LWSEC_OSCORE_CONTEXT_H
#define LWSEC_OSCORE_CONTEXT_H

#include <lwsec/oscore.h>

#include "core/window.h"

#define LWSEC_OSCORE_NONCE_MAX 13U
#define LWSEC_OSCORE_NONCE_BLOCK 16U

/* The identity of a shared replay window takes two words of the tail. */
#define LWSEC_OSCORE_SHARED_WORDS 2U

/* An ID of at most 7 bytes, by value. The bytes behind it are zero. */
typedef struct lwsec_oscore_id {
    uint8_t size;
    uint8_t data[LWSEC_OSCORE_ID_MAX];
} lwsec_oscore_id;

_Static_assert(sizeof(lwsec_oscore_id) == sizeof(uint64_t), "an ID is read as one number");

/*
 * What the stored record allows (Appendix B.1.1). Nothing is used that is not reserved: numbers up
 * to `ssn_end`, seals as long as `seals_left` is not 0. Another context of the same secret may have
 * reserved more since: the record's own ends tell.
 */
typedef struct lwsec_oscore_numbers {
    uint64_t next_ssn;
    uint64_t ssn_end;      /* first number that is not reserved for this context */
    uint64_t record_end;   /* first number that is not reserved for anybody */
    uint64_t version;      /* of the record; 0: there is none, and nothing may be sealed */
    uint32_t record_seals; /* seals reserved in all */
    uint32_t seals_left;   /* those of them that this context has not used */
    uint32_t failed_saved; /* failed opens that the record tells of */
    uint32_t block;        /* K: what the next write reserves */
    uint32_t block_max;
    uint32_t seal_block; /* seals that the last write has reserved */
} lwsec_oscore_numbers;

/* A server may hold a million of these: what can be told from something else is not in it. */
struct lwsec_oscore {
    lwsec_oscore_id recipient_id; /* first, as whoever looks for a context compares it */
    lwsec_oscore_id sender_id;
    const lwsec_algorithm *aead;
    lwsec_state *state; /* NULL: the numbers live and end with the context */
    /* NULL: an Echo value is `life`, and no rule asks for one. */
    const lwsec_freshness *freshness;
    uint64_t life; /* random: no other context has it, not even a later one in the same memory */
    lwsec_key sender;
    lwsec_key recipient;

    lwsec_oscore_numbers numbers;
    lwsec_window window;
    uint8_t common_iv[LWSEC_OSCORE_NONCE_BLOCK]; /* in the last bytes; the first are zero */
    uint32_t epoch;                              /* of the process that made it */
    uint8_t framing;                             /* lwsec_coap_framing */
    bool synchronised; /* the window is known to be current; until then requests are challenged */
    bool shared_identity; /* its tail has room for the identity of a shared window */
    bool shared_window;
    bool send_kid_context;
    bool wrap_kid_context;        /* in a CBOR byte string, as Appendix B.2 has it */
    uint8_t response_kid_context; /* so much of the ID Context stands in responses: R2 of B.2 */
    bool accepts_kudos;           /* messages with the fields of KUDOS are for this context too */
    uint8_t kudos_size;           /* x and nonce of each message, behind the ID Context; 0: none */
    bool opens_failed;            /* some since the count was last looked at */
    uint8_t events_told;
    bool has_id_context;
    uint8_t id_context_size;

    uint8_t sender_record[16]; /* identity of the record of numbers */
    /* Bitmap of the window, identity of a shared window, ID Context, x and nonce of KUDOS. */
    uint64_t tail[];
};

/* What is wrong with a configuration, or NONE and its AEAD. Looks at IDs, algorithms and window
 * only. */
lwsec_why lwsec_oscore_check(const lwsec_oscore_config *config, const lwsec_algorithm **aead);

/* Where the keys of a context come from. */
typedef enum lwsec_oscore_origin {
    /* A secret that a caller provisions: the record and the flags tell whether it was used. */
    LWSEC_OSCORE_PROVISIONED,
    /* The ID Context holds randomness that this endpoint has just made: nobody has used the keys,
     * and no request is old. Without a state, they end with the context. */
    LWSEC_OSCORE_AGREED
} lwsec_oscore_origin;

/* As lwsec_oscore_init, for every origin. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_make(void *memory, size_t size,
                                                const lwsec_oscore_config *config,
                                                lwsec_oscore_origin origin, lwsec_oscore **context,
                                                lwsec_reason *reason);

/* The name of the record that a context of this configuration has, without making one. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_identify(const lwsec_oscore_config *config,
                                                    uint8_t identity[16], lwsec_reason *reason);

/* What Echo values of this context are bound to. It is secret from nobody, and sent encrypted. */
static inline lwsec_bytes lwsec_oscore_life(const lwsec_oscore *context)
{
    return lwsec_bytes_of(&context->life, sizeof context->life);
}

/* Where the identity of a shared window's record stands: 16 bytes. Only for a shared window. */
static inline uint8_t *lwsec_oscore_shared_identity(const lwsec_oscore *context)
{
    return (uint8_t *)&context->tail[context->window.words];
}

/* The word of the tail at which the ID Context begins. */
static inline size_t lwsec_oscore_id_context_at(const lwsec_oscore *context)
{
    return context->window.words + (context->shared_identity ? LWSEC_OSCORE_SHARED_WORDS : 0U);
}

/* The ID Context; NULL data: none. */
static inline lwsec_bytes lwsec_oscore_id_context(const lwsec_oscore *context)
{
    const uint64_t *place = &context->tail[lwsec_oscore_id_context_at(context)];

    return context->has_id_context ? lwsec_bytes_of(place, context->id_context_size)
                                   : lwsec_bytes_of(NULL, 0);
}

/* Where x and nonce stand, if `kudos_size` is not 0. Whoever sets it has given the memory. */
static inline uint8_t *lwsec_oscore_kudos_place(lwsec_oscore *context)
{
    const size_t words = (context->id_context_size + 7U) / 8U;
    return (uint8_t *)&context->tail[lwsec_oscore_id_context_at(context) + words];
}

static inline lwsec_bytes lwsec_oscore_id_bytes(const lwsec_oscore_id *id)
{
    return lwsec_bytes_of(id->data, id->size);
}

#endif
