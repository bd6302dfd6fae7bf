/* Operations with keys of a sealed file: those of the store in memory where the open keys are. */
#include "crypto/sealed_file/store.h"

/* The key of the inner store; false: it was destroyed through another handle. */
static bool inner_of(lwsec_store *store, uint32_t slot, lwsec_key *inner)
{
    const lwsec_sealed_slot *own = &lwsec_sealed_store_of(store)->slots[slot];

    *inner = own->inner;
    return !atomic_load_explicit(&own->gone, memory_order_relaxed);
}

static lwsec_status seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes plaintext, uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->seal(key.store, key.slot, nonce, aad, plaintext, out)
               : LWSEC_USAGE;
}

static lwsec_status open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes ciphertext, uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->open(key.store, key.slot, nonce, aad, ciphertext, out)
               : LWSEC_USAGE;
}

static lwsec_status mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                        uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->mac(key.store, key.slot, hmac, message, out)
               : LWSEC_USAGE;
}

static lwsec_status cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                        lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->cbc(key.store, key.slot, direction, iv, input, out)
               : LWSEC_USAGE;
}

static lwsec_status ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter, lwsec_bytes input,
                        uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->ctr(key.store, key.slot, counter, input, out)
               : LWSEC_USAGE;
}

static lwsec_status block(lwsec_store *store, uint32_t slot, lwsec_bytes input, uint8_t *out)
{
    lwsec_key key;

    return inner_of(store, slot, &key) ? key.store->ops->block(key.store, key.slot, input, out)
                                       : LWSEC_USAGE;
}

static lwsec_status extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                            lwsec_store *target, const lwsec_key_attributes *attributes,
                            lwsec_key *prk)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->extract(key.store, key.slot, hmac, salt, target, attributes, prk)
               : LWSEC_USAGE;
}

static lwsec_status derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                           lwsec_store *target, const lwsec_key_attributes *attributes,
                           size_t key_size, lwsec_key *derived)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->derive(key.store, key.slot, hmac, info, target, attributes,
                                        key_size, derived)
               : LWSEC_USAGE;
}

static lwsec_status derive_public(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  uint8_t *out, size_t size)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->derive_public(key.store, key.slot, hmac, info, out, size)
               : LWSEC_USAGE;
}

static lwsec_status sign(lwsec_store *store, uint32_t slot, lwsec_bytes message, uint8_t *signature)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->sign(key.store, key.slot, message, signature)
               : LWSEC_USAGE;
}

static lwsec_status sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                uint8_t *signature)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->sign_digest(key.store, key.slot, digest, signature)
               : LWSEC_USAGE;
}

static lwsec_status verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                           lwsec_bytes signature)
{
    lwsec_store *inner = lwsec_sealed_store_of(store)->inner;

    return inner->ops->verify(inner, public_key, message, signature);
}

static lwsec_status agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer, lwsec_store *target,
                          const lwsec_key_attributes *attributes, lwsec_key *shared)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->agree(key.store, key.slot, peer, target, attributes, shared)
               : LWSEC_USAGE;
}

static lwsec_status public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    lwsec_key key;

    return inner_of(store, slot, &key) ? key.store->ops->public_key(key.store, key.slot, point)
                                       : LWSEC_USAGE;
}

static lwsec_status tls12_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                     lwsec_bytes seed, uint8_t *master)
{
    lwsec_key key;

    return inner_of(store, slot, &key)
               ? key.store->ops->tls12_psk_master(key.store, key.slot, hmac, seed, master)
               : LWSEC_USAGE;
}

static lwsec_status random_bytes(lwsec_store *store, uint8_t *out, size_t size)
{
    lwsec_store *inner = lwsec_sealed_store_of(store)->inner;

    return inner->ops->random(inner, out, size);
}

void lwsec_sealed_make_ops(lwsec_store_ops *ops, const lwsec_store_ops *inner)
{
    /* What the inner store lacks stays NULL, so that the core composes as it would there. */
    const lwsec_store_ops made = {
        .abi = LWSEC_STORE_ABI,
        .size = sizeof made,
        .name = "sealed-file",
        .tier = LWSEC_TIER_SEALED,
        .import = lwsec_sealed_import,
        .generate = lwsec_sealed_generate,
        .find = lwsec_sealed_find,
        .destroy = lwsec_sealed_destroy,
        .release = lwsec_sealed_release,
        .next_name = lwsec_sealed_next_name,
        .key_tier = lwsec_sealed_key_tier,
        .seal = inner->seal != NULL ? seal : NULL,
        .open = inner->open != NULL ? open : NULL,
        .mac = inner->mac != NULL ? mac : NULL,
        .cbc = inner->cbc != NULL ? cbc : NULL,
        .ctr = inner->ctr != NULL ? ctr : NULL,
        .block = inner->block != NULL ? block : NULL,
        .extract = inner->extract != NULL ? extract : NULL,
        .derive = inner->derive != NULL ? derive : NULL,
        .derive_public = inner->derive_public != NULL ? derive_public : NULL,
        .sign = inner->sign != NULL ? sign : NULL,
        .sign_digest = inner->sign_digest != NULL ? sign_digest : NULL,
        .verify = inner->verify != NULL ? verify : NULL,
        .agree = inner->agree != NULL ? agree : NULL,
        .public_key = inner->public_key != NULL ? public_key : NULL,
        .tls12_psk_master = inner->tls12_psk_master != NULL ? tls12_psk_master : NULL,
        .random = inner->random != NULL ? random_bytes : NULL,
        .composer = inner->composer,
    };

    *ops = made;
}
