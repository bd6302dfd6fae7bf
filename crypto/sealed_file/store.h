/* The store over a sealed file: what it remembers, and its parts. */
#ifndef LWSEC_CRYPTO_SEALED_FILE_STORE_H
#define LWSEC_CRYPTO_SEALED_FILE_STORE_H

#include <lwsec/sealed_file.h>
#include <lwsec/store.h>

#include "core/folder.h"
#include "core/lock.h"
#include "crypto/sealed_file/counter.h"
#include "crypto/sealed_file/wrap.h"

#include <stdatomic.h>

/* A handle: a key of the inner store, and which key of the file it is. */
typedef struct lwsec_sealed_slot {
    lwsec_key inner;
    uint64_t id;       /* 0: not kept */
    _Atomic bool gone; /* the kept key was destroyed through another handle */
} lwsec_sealed_slot;

/* The store. The lock guards the file and all that is needed to change it. */
typedef struct lwsec_sealed_store {
    lwsec_store head;
    lwsec_store_ops ops; /* without the operations that `inner` has not */
    lwsec_store *inner;
    lwsec_bytes inner_memory;
    lwsec_state *state;
    lwsec_record record; /* of the counter in `state` */
    uint32_t keys;
    bool locked;   /* the memory is */
    bool doubtful; /* a change that may or may not last: nothing is changed or found any more */
    lwsec_lock lock;
    lwsec_folder folder;
    lwsec_sealed_keys secrets;
    uint8_t scratch[LWSEC_SEALED_SECRET_MAX + LWSEC_BOX_TAG];
    lwsec_sealed_image image; /* in `file` */
    lwsec_buffer file;
    lwsec_buffer next; /* where the next version is made */
    lwsec_sealed_slot *slots;
} lwsec_sealed_store;

static inline lwsec_sealed_store *lwsec_sealed_store_of(lwsec_store *store)
{
    return (lwsec_sealed_store *)store;
}

/* The file's name in its folder. */
#define LWSEC_SEALED_NAME "keys"

/* Makes the change durable: LWSEC_LIMIT (the file is full), or LWSEC_ENGINE. The lock is taken. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_change_file(lwsec_sealed_store *store,
                                                       const lwsec_sealed_change *change);

/* The coming and going of keys: operations of <lwsec/store.h>. */
lwsec_status lwsec_sealed_import(lwsec_store *store, uint32_t slot,
                                 const lwsec_key_attributes *attributes, lwsec_bytes raw);
lwsec_status lwsec_sealed_generate(lwsec_store *store, uint32_t slot,
                                   const lwsec_key_attributes *attributes, size_t key_size);
lwsec_status lwsec_sealed_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key);
lwsec_status lwsec_sealed_destroy(lwsec_store *store, uint32_t slot);
lwsec_status lwsec_sealed_release(lwsec_store *store, uint32_t slot);
lwsec_status lwsec_sealed_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name);
lwsec_tier lwsec_sealed_key_tier(lwsec_store *store, uint32_t slot);

/* Fills the table: the operations above, and those that `inner` has. */
void lwsec_sealed_make_ops(lwsec_store_ops *ops, const lwsec_store_ops *inner);

#endif
