/* How to write a key store: one table of operations, one file. Users of stores need <lwsec/key.h>
 * only. */
#ifndef LWSEC_STORE_H
#define LWSEC_STORE_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWSEC_STORE_ABI 1U

/*
 * What lwsec remembers of one key: its generation, algorithm, usage and counts of use. The store
 * gives memory for as many as it has slots and never looks inside.
 */
typedef struct lwsec_key_slot {
    uint64_t opaque[2];
} lwsec_key_slot;

/* How CCM and CMAC are made of other operations of the same key: see `composer`. */
typedef struct lwsec_composer lwsec_composer;

/*
 * The operations of a store. A NULL entry is LWSEC_UNSUPPORTED. What a store has not, or answers
 * LWSEC_UNSUPPORTED for, the core composes out of other operations of the same key where the secret
 * still stays in its place: HKDF-Expand and the TLS master secret out of HMAC; with `composer` CCM
 * out of CBC and CTR, CMAC out of CBC, both out of single blocks where there is neither.
 *
 * The core has checked before it calls: the handle is live, the process is the one that opened the
 * store, usage, algorithm, limits, and every size that the algorithm fixes. Pointers of non-zero
 * size are not NULL; outputs are large enough. `slot` is below the store's number of slots. Several
 * threads may call at once, also with the same slot, except that `import`, `generate` and `destroy`
 * have their slot alone.
 *
 * An operation answers LWSEC_OK, LWSEC_REJECT (not authentic), LWSEC_USAGE (key bytes that the
 * algorithm refuses), LWSEC_PENDING, LWSEC_LIMIT (no room beside what is pending; nothing was
 * begun), LWSEC_UNSUPPORTED or LWSEC_ENGINE. It writes no output, or zeros, unless it answers
 * LWSEC_OK. With LWSEC_UNSUPPORTED an output that is the input too is as it was, as the core goes
 * on with it. Error queues of its engine are left as they were.
 *
 * After LWSEC_PENDING all that the arguments point at stays where it is until `poll` has answered
 * something else, which is the operation's answer, or `cancel` has returned. One operation of a
 * slot may be pending at a time. A store that answers LWSEC_PENDING has both `poll` and `cancel`.
 * What is composed is never made of operations that answer LWSEC_PENDING: those are cancelled.
 */
typedef struct lwsec_store_ops {
    uint32_t abi;     /* LWSEC_STORE_ABI */
    uint32_t size;    /* sizeof(lwsec_store_ops) as the store was compiled */
    const char *name; /* "memory-openssl" */
    lwsec_tier tier;

    /* Keys come and go. The key's bytes must be wiped by `destroy`, whatever it answers. */
    lwsec_status (*import)(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw);
    lwsec_status (*generate)(lwsec_store *store, uint32_t slot,
                             const lwsec_key_attributes *attributes, size_t key_size);
    /* Claims a slot for a kept key, and publishes it: each call gives a handle of its own. */
    lwsec_status (*find)(lwsec_store *store, lwsec_bytes name, lwsec_key *key);
    lwsec_status (*destroy)(lwsec_store *store, uint32_t slot);

    /* Authenticated encryption; `out` may be the input. */
    lwsec_status (*seal)(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes plaintext, uint8_t *out);
    lwsec_status (*open)(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes ciphertext, uint8_t *out);

    /* MAC by the key's own algorithm: HMAC (`hmac` is the algorithm) or CMAC. An HKDF key lends
     * itself as an HMAC key with the hash of `hmac`, for the core's composition of HKDF-Expand; a
     * PSK whose store lacks `tls12_psk_master`, as one that is the premaster secret (RFC 4279). */
    lwsec_status (*mac)(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                        uint8_t *mac);
    /* Encrypting, also with AEAD keys of CCM and with CMAC keys that the store cannot use alone. */
    lwsec_status (*cbc)(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                        lwsec_bytes iv, lwsec_bytes input, uint8_t *out);
    lwsec_status (*ctr)(lwsec_store *store, uint32_t slot, lwsec_bytes counter, lwsec_bytes input,
                        uint8_t *out);
    lwsec_status (*block)(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out);

    /* Derivations: the new key goes into `target` through lwsec_key_import where that is another
     * store, or in the store's own way where it is the same. */
    lwsec_status (*extract)(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                            lwsec_store *target, const lwsec_key_attributes *attributes,
                            lwsec_key *prk);
    lwsec_status (*derive)(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                           lwsec_store *target, const lwsec_key_attributes *attributes,
                           size_t key_size, lwsec_key *derived);
    /* HKDF-Expand to bytes that are not secret. The core calls it with labels of its own making
     * only (OSCORE Common IV, fingerprint of a counter record). */
    lwsec_status (*derive_public)(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  uint8_t *out, size_t size);

    /* P-256. Shapes as in <lwsec/key.h>. */
    lwsec_status (*sign)(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                         uint8_t *signature);
    lwsec_status (*verify)(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                           lwsec_bytes signature);
    lwsec_status (*agree)(lwsec_store *store, uint32_t slot, lwsec_bytes peer, lwsec_store *target,
                          const lwsec_key_attributes *attributes, lwsec_key *shared);
    lwsec_status (*public_key)(lwsec_store *store, uint32_t slot, uint8_t *point);

    /* TLS 1.2 master secret out of a pre-shared key that stays in the store. */
    lwsec_status (*tls12_psk_master)(lwsec_store *store, uint32_t slot, int32_t hmac,
                                     lwsec_bytes seed, uint8_t *master);

    lwsec_status (*random)(lwsec_store *store, uint8_t *out, size_t size);

    /* For slow stores: go on with, or give up, the operation that answered LWSEC_PENDING. */
    lwsec_status (*poll)(lwsec_store *store, uint32_t slot);
    lwsec_status (*cancel)(lwsec_store *store, uint32_t slot);

    /* ECDSA over 32 bytes that are a SHA-256 already. */
    lwsec_status (*sign_digest)(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                uint8_t *signature);

    /* Empties the slot without touching a key that is kept under a name; one that is not kept is
     * destroyed. NULL: the store keeps none, `destroy` serves. */
    lwsec_status (*release)(lwsec_store *store, uint32_t slot);

    /* The name of a kept key that comes next after `after` in byte order, into `name`
     * (LWSEC_KEY_NAME_MAX bytes of room). LWSEC_ABSENT: that was the last. */
    lwsec_status (*next_name)(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name);

    /* How one key is protected, where that is not the same for all of the store. */
    lwsec_tier (*key_tier)(lwsec_store *store, uint32_t slot);

    /* lwsec_compose, of a store that may lack CCM or CMAC; NULL: they are not composed, and the
     * code for it is not linked. */
    const lwsec_composer *(*composer)(void);
} lwsec_store_ops;

/* For `composer`; not to be called. */
LWSEC_API const lwsec_composer *lwsec_compose(void);

/* The head of every store: the first member of the store's own struct. Filled by lwsec_store_init.
 */
struct lwsec_store {
    const lwsec_store_ops *ops;
    lwsec_key_slot *slots;
    uint32_t slot_count;
    uint32_t epoch;       /* of the process that opened it */
    uint32_t search_from; /* the core's: where it looks for a free slot */
};

/*
 * Makes a store ready: `slots` has room for `slot_count` keys and lives as long as the store.
 * LWSEC_USAGE: another ABI, a table that is shorter than this one, or without import or destroy.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_store_init(lwsec_store *store,
                                                         const lwsec_store_ops *ops,
                                                         lwsec_key_slot *slots,
                                                         uint32_t slot_count);

/*
 * For stores that place a key themselves (a derivation inside a token, a key found by name): claims
 * a free slot, then publishes the key in it or gives the slot back. Between the two nobody else has
 * it.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_store_claim(lwsec_store *store, uint32_t *slot);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_store_publish(lwsec_store *store, uint32_t slot,
                                                            const lwsec_key_attributes *attributes,
                                                            lwsec_key *key);
LWSEC_API void lwsec_store_give_back(lwsec_store *store, uint32_t slot);

/* Lets go of every key that is left, as lwsec_key_release does: the first step of closing a store.
 */
LWSEC_API void lwsec_store_release_all(lwsec_store *store);

#ifdef __cplusplus
}
#endif
#endif
