/* What makes keys, lets go of them, or tells of them: done by the inner store, in the caller's
 * thread. */
#include "worker/worker.h"

static void set_slot(lwsec_store *store, uint32_t slot, lwsec_key inner, int32_t algorithm)
{
    lwsec_worker_slot *own = &lwsec_worker_of(store)->slots[slot];

    own->inner = inner;
    own->algorithm = lwsec_algorithm_find(algorithm);
    own->job = LWSEC_WORKER_NO_JOB;
}

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_key inner = {NULL, 0, 0};
    const lwsec_status status =
        lwsec_key_import(lwsec_worker_of(store)->inner, attributes, raw, &inner);

    if (status == LWSEC_OK) {
        set_slot(store, slot, inner, attributes->algorithm);
    }
    return status;
}

static lwsec_status generate(lwsec_store *store, uint32_t slot,
                             const lwsec_key_attributes *attributes, size_t key_size)
{
    lwsec_key inner = {NULL, 0, 0};
    const lwsec_status status =
        lwsec_key_generate(lwsec_worker_of(store)->inner, attributes, key_size, &inner);

    if (status == LWSEC_OK) {
        set_slot(store, slot, inner, attributes->algorithm);
    }
    return status;
}

/* Gives a key of the inner store a slot here. Without one it goes again: `made` says whether it was
 * made just now, so that a name does not keep it. */
static lwsec_status adopt(lwsec_store *store, lwsec_key inner, bool made, lwsec_key *key)
{
    lwsec_key_description told = {.size = sizeof told};
    uint32_t slot = 0;

    lwsec_status status = lwsec_key_describe(inner, &told);
    if (status == LWSEC_OK) {
        status = lwsec_store_claim(store, &slot);
    }
    if (status != LWSEC_OK) {
        const lwsec_status gone = made ? lwsec_key_destroy(&inner) : lwsec_key_release(&inner);
        return gone == LWSEC_OK ? status : gone;
    }
    const lwsec_key_attributes attributes = {
        sizeof attributes, told.algorithm, told.usage, {NULL, 0}};
    set_slot(store, slot, inner, told.algorithm);
    return lwsec_store_publish(store, slot, &attributes, key);
}

static lwsec_status find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    lwsec_key inner = {NULL, 0, 0};
    const lwsec_status status = lwsec_key_find(lwsec_worker_of(store)->inner, name, &inner);

    return status == LWSEC_OK ? adopt(store, inner, false, key) : status;
}

static lwsec_status next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    return lwsec_key_next_name(lwsec_worker_of(store)->inner, after, name);
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_worker *worker = lwsec_worker_of(store);

    lwsec_job_await_slot(worker, slot);
    return lwsec_key_destroy(&worker->slots[slot].inner);
}

static lwsec_status release(lwsec_store *store, uint32_t slot)
{
    lwsec_worker *worker = lwsec_worker_of(store);

    lwsec_job_await_slot(worker, slot);
    return lwsec_key_release(&worker->slots[slot].inner);
}

static lwsec_tier key_tier(lwsec_store *store, uint32_t slot)
{
    lwsec_key_description told = {.size = sizeof told};
    const lwsec_status status =
        lwsec_key_describe(lwsec_worker_of(store)->slots[slot].inner, &told);

    return status == LWSEC_OK ? told.tier : store->ops->tier;
}

/* A key that the inner store has made for another one belongs there; one for this store, here. */
static lwsec_store *place_of(lwsec_store *store, lwsec_store *target)
{
    return target == store ? lwsec_worker_of(store)->inner : target;
}

static lwsec_status place(lwsec_store *store, const lwsec_store *target, lwsec_status status,
                          lwsec_key made, lwsec_key *key)
{
    if (status != LWSEC_OK) {
        return status;
    }
    if (target == store) {
        return adopt(store, made, true, key);
    }
    *key = made;
    return LWSEC_OK;
}

static lwsec_status extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                            lwsec_store *target, const lwsec_key_attributes *attributes,
                            lwsec_key *prk)
{
    lwsec_key made = {NULL, 0, 0};
    const lwsec_key secret = lwsec_worker_of(store)->slots[slot].inner;

    (void)attributes; /* always those that the call gives */
    const lwsec_status status =
        lwsec_key_extract(secret, hmac, salt, place_of(store, target), &made);
    return place(store, target, status, made, prk);
}

static lwsec_status derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                           lwsec_store *target, const lwsec_key_attributes *attributes,
                           size_t key_size, lwsec_key *derived)
{
    lwsec_key made = {NULL, 0, 0};
    const lwsec_key prk = lwsec_worker_of(store)->slots[slot].inner;
    const lwsec_status status =
        lwsec_key_derive(prk, hmac, info, place_of(store, target), attributes, key_size, &made);

    return place(store, target, status, made, derived);
}

static lwsec_status derive_public(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  uint8_t *out, size_t size)
{
    const lwsec_key prk = lwsec_worker_of(store)->slots[slot].inner;
    const lwsec_store_ops *ops = prk.store->ops;

    return ops->derive_public != NULL
               ? ops->derive_public(prk.store, prk.slot, hmac, info, out, size)
               : LWSEC_UNSUPPORTED;
}

static lwsec_status agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer, lwsec_store *target,
                          const lwsec_key_attributes *attributes, lwsec_key *shared)
{
    lwsec_key made = {NULL, 0, 0};
    const lwsec_key key = lwsec_worker_of(store)->slots[slot].inner;

    (void)attributes; /* always those that the call gives */
    const lwsec_status status = lwsec_key_agree(key, peer, place_of(store, target), &made);
    return place(store, target, status, made, shared);
}

static lwsec_status public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    return lwsec_key_public(lwsec_worker_of(store)->slots[slot].inner, point, 65);
}

static lwsec_status verify(lwsec_store *store, lwsec_bytes point, lwsec_bytes message,
                           lwsec_bytes signature)
{
    return lwsec_verify(lwsec_worker_of(store)->inner, LWSEC_ALG_ES256, point, message, signature);
}

static lwsec_status random_bytes(lwsec_store *store, uint8_t *out, size_t size)
{
    return lwsec_random(lwsec_worker_of(store)->inner, out, size);
}

void lwsec_worker_set_keys(lwsec_store_ops *ops)
{
    ops->import = import;
    ops->generate = generate;
    ops->find = find;
    ops->next_name = next_name;
    ops->destroy = destroy;
    ops->release = release;
    ops->key_tier = key_tier;
    ops->extract = extract;
    ops->derive = derive;
    ops->derive_public = derive_public;
    ops->agree = agree;
    ops->public_key = public_key;
    ops->verify = verify;
    ops->random = random_bytes;
}
