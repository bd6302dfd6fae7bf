/* What a provisioning remembers, and its records. */
#ifndef LWSEC_ACCOUNT_PROVISIONING_H
#define LWSEC_ACCOUNT_PROVISIONING_H

#include <lwsec/account_store.h>

#include "account/image.h"

/* Bytes of one record of values. */
#define LWSEC_ACCOUNT_CHUNK 1024U

/*
 * Each commit makes a generation: its values lie in records of their own, chunk by chunk, and one
 * more record, the head, tells which generation is in force. A generation that is not can be thrown
 * away at any time.
 */
struct lwsec_provisioning {
    lwsec_state *state;
    lwsec_store *store;
    uint8_t name[8];
    uint32_t flags;
    uint32_t generation;         /* in force; 0: none */
    uint64_t head_version;       /* of the head's record */
    const lwsec_accounts *stage; /* NULL: none was begun */
    uint64_t stage_version;      /* of the head's record that the stage was made from */
    uint64_t heard;              /* when the Bootstrap-Server was heard of last */
    uint8_t chunk[LWSEC_ACCOUNT_CHUNK];
};

static inline bool lwsec_provisioning_seals(const lwsec_provisioning *provisioning)
{
    return (provisioning->flags & LWSEC_PROVISIONING_SEALED) != 0;
}

/* ---- Records ---- */

/* Finds the generation that is in force; 0 where there is no head. */
lwsec_status lwsec_records_find_head(lwsec_provisioning *provisioning, lwsec_reason *reason);

/* Puts a generation in force: the one durable step. */
lwsec_status lwsec_records_switch(lwsec_provisioning *provisioning, uint32_t generation,
                                  lwsec_reason *reason);

/* The room that a stage takes in accounts into which it is loaded: names of keys, and then their
 * handles, stand in the place of secrets that may be shorter. */
size_t lwsec_records_room(const lwsec_provisioning *provisioning, const lwsec_accounts *stage,
                          uint32_t generation);

/* Writes all chunks of a stage as a generation, of which there are none yet; the first one first.
 */
lwsec_status lwsec_records_store(lwsec_provisioning *provisioning, const lwsec_accounts *stage,
                                 uint32_t generation, lwsec_reason *reason);

/* Reads a generation. LWSEC_ABSENT: it is not there, or not whole. */
lwsec_status lwsec_records_load(lwsec_provisioning *provisioning, uint32_t generation,
                                lwsec_accounts *accounts, lwsec_reason *reason);

/* Removes a generation, its first chunk last, so that one that is cut short is found again. */
lwsec_status lwsec_records_erase(lwsec_provisioning *provisioning, uint32_t generation,
                                 lwsec_reason *reason);

#endif
