/* What both roles of KUDOS share: offers, updateCtx, the contexts of one peer. */
#ifndef LWSEC_OSCORE_KUDOS_INSIDE_H
#define LWSEC_OSCORE_KUDOS_INSIDE_H

#include <lwsec/oscore_kudos.h>

#include "crypto/oscore_kdf.h"
#include "oscore/context.h"
#include "oscore/kudos_option.h"

/* x and nonce of one end, as they stand in the option. Size 0: none. */
typedef struct lwsec_oscore_offer {
    uint8_t size;
    uint8_t data[LWSEC_OSCORE_KUDOS_FIELDS_MAX];
} lwsec_oscore_offer;

/* A context that updateCtx made, and its Master Secret. `context` NULL: there is none. */
typedef struct lwsec_oscore_updated {
    lwsec_oscore *context;
    lwsec_key secret; /* all zeros: that of the inputs */
} lwsec_oscore_updated;

struct lwsec_oscore_kudos {
    lwsec_oscore_config inputs;
    size_t secret_size;
    lwsec_oscore_kudos_mode mode;
    lwsec_oscore_updated current; /* CTX_OLD during a run */
    lwsec_oscore_updated temp;    /* our CTX_TEMP; its numbers go on as long as `own` is offered */
    lwsec_oscore_updated next;    /* CTX_NEW: the state is PENDING */
    /* Opens that failed with keys that were derived for one message: such keys come again with the
     * same message. */
    uint32_t failed_opens;
    uint32_t open_limit;
    bool abandoned; /* `temp` waits for a later start, or for an answer that comes late */
    lwsec_oscore_offer own;
    lwsec_oscore_offer peers; /* what `next` was made with */
    size_t room;              /* bytes of each third of the memory below */
    uint64_t memory[];
};

/* Memory for a context of one message, which ends with it. */
typedef struct lwsec_oscore_kudos_step {
    uint64_t
        memory[LWSEC_OSCORE_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, LWSEC_OSCORE_ID_CONTEXT_MAX) / 8U];
} lwsec_oscore_kudos_step;

lwsec_oscore_offer lwsec_oscore_offer_of(const lwsec_oscore_kudos_option *option);
bool lwsec_oscore_offer_equal(const lwsec_oscore_offer *one, const lwsec_oscore_offer *other);

/* X_N, which is the new Master Salt too: both offers as byte strings of CBOR in ascending order.
 * `other` of size 0 is the empty one. */
typedef struct lwsec_oscore_update_salt {
    uint8_t data[LWSEC_OSCORE_UPDATE_SALT_MAX];
    size_t size;
} lwsec_oscore_update_salt;
lwsec_oscore_update_salt lwsec_oscore_update_salt_of(const lwsec_oscore_offer *one,
                                                     const lwsec_oscore_offer *other);

/* updateCtx with our offer and the peer's, or the empty one: a context in `memory`, which is the
 * free third. Our random is in it: nobody has used its keys. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_update(lwsec_oscore_kudos *kudos,
                                                  const lwsec_oscore_offer *peers,
                                                  lwsec_oscore_updated *updated,
                                                  lwsec_reason *reason);

/* CTX_TEMP of the peer, out of `from`: it opens one message, seals nothing, and judges no
 * freshness. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_update_step(const lwsec_oscore_kudos *kudos,
                                                       const lwsec_oscore_updated *from,
                                                       const lwsec_oscore_offer *peers,
                                                       lwsec_oscore_kudos_step *step,
                                                       lwsec_oscore_updated *updated,
                                                       lwsec_reason *reason);

/* Closes the context and destroys its secret. */
void lwsec_oscore_updated_drop(lwsec_oscore_updated *updated);

/* The same for a context that was made for one message, and counts the open that failed with it. */
void lwsec_oscore_kudos_drop_step(lwsec_oscore_kudos *kudos, lwsec_oscore_updated *step);

/* The third of the memory that no context lives in. */
void *lwsec_oscore_kudos_room(lwsec_oscore_kudos *kudos);

/* Draws a new offer of ours, for the first message that has it: divergent, or convergent with
 * `bits` CONVERGENT. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_draw(lwsec_oscore_kudos *kudos, uint8_t bits,
                                                      lwsec_reason *reason);

/* Makes `next` of our offer, which is drawn if there is none, and the peer's. From now on it sends
 * convergent messages. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_make_next(lwsec_oscore_kudos *kudos,
                                                           const lwsec_oscore_offer *peers,
                                                           lwsec_reason *reason);

/* Key confirmation: the next context becomes the present one, and what was before it goes. */
void lwsec_oscore_kudos_adopt(lwsec_oscore_kudos *kudos);

/* Whether a message is of the mode of this peer. */
bool lwsec_oscore_kudos_mode_fits(const lwsec_oscore_kudos *kudos, uint8_t x);

#endif
