/* Keys as handles: bytes go in once, by import, and never come out. */
#ifndef LWSEC_KEY_H
#define LWSEC_KEY_H

#include <lwsec/algorithm.h>
#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A place where keys live: memory, a sealed file, a token. See <lwsec/store.h> to write one. */
typedef struct lwsec_store lwsec_store;

/*
 * A key: a small value that may be copied freely. It names a slot of a store and the generation of
 * that slot, so that a copy that outlives its key answers LWSEC_USAGE and never another key.
 * All zeros is no key.
 *
 * Keys may be shared by threads. A key must not be destroyed while another call uses it.
 */
typedef struct lwsec_key {
    lwsec_store *store;
    uint32_t slot;
    uint32_t generation;
} lwsec_key;

/* What a key may be used for. One key has one purpose: give each no more than it needs. */
enum {
    LWSEC_USE_SEAL = 1 << 0,    /* AEAD protect */
    LWSEC_USE_OPEN = 1 << 1,    /* AEAD unprotect */
    LWSEC_USE_MAC = 1 << 2,     /* HMAC, CMAC */
    LWSEC_USE_ENCRYPT = 1 << 3, /* CBC, CTR and single blocks, encrypting */
    LWSEC_USE_DECRYPT = 1 << 4, /* CBC, decrypting */
    LWSEC_USE_EXTRACT = 1 << 5, /* input of HKDF-Extract: an OSCORE Master Secret */
    LWSEC_USE_DERIVE = 1 << 6,  /* pseudorandom key of HKDF-Expand */
    LWSEC_USE_SIGN = 1 << 7,    /* ECDSA */
    LWSEC_USE_AGREE = 1 << 8,   /* ECDH */
    LWSEC_USE_PSK = 1 << 9,     /* (D)TLS pre-shared key */
    /* AEAD, beside the others: goes on past the limits of its algorithm, counting. What the limits
     * keep small is then no longer small: only where no use at all would be worse. */
    LWSEC_USE_PAST_LIMITS = 1 << 10
};

/*
 * "Made for this provisioning and never used before." A key without a stored record of its sequence
 * numbers may send only when the caller says this of it, or after new keys were agreed with the
 * peer. Saying it of a key that was used repeats nonces and breaks confidentiality for good, except
 * that a record found in the state always wins over it.
 */
#define LWSEC_KEY_FRESH 0x1U

/* How far a key's secret can travel. A higher number protects more. */
typedef enum lwsec_tier {
    LWSEC_TIER_MEMORY = 1, /* in this process's memory */
    LWSEC_TIER_SEALED = 2, /* encrypted at rest, in memory while open */
    LWSEC_TIER_TOKEN = 3,  /* inside a token in software or hardware; operations run there */
    LWSEC_TIER_MIXED = 4   /* secret stays in the token, parts of the operation run here */
} lwsec_tier;

/* Set by whoever makes a key. `size` is sizeof(lwsec_key_attributes). */
typedef struct lwsec_key_attributes {
    size_t size;
    int32_t algorithm; /* LWSEC_ALG_... */
    uint32_t
        usage; /* LWSEC_USE_..., at least one; those that the algorithm cannot do are refused */
    lwsec_bytes name; /* for stores that keep keys: up to LWSEC_KEY_NAME_MAX bytes of UTF-8, which
                         no other key has; empty: the key lives as long as its handle */
} lwsec_key_attributes;

/* What can be told of a key. Nothing of it is secret. `size` is set by the caller. */
typedef struct lwsec_key_description {
    size_t size;
    int32_t algorithm;
    uint32_t usage;
    lwsec_tier tier;
    uint32_t seals;      /* seals so far, counted over reboots where a protocol stores the count */
    uint32_t seal_limit; /* 0: none */
    uint32_t failed_opens; /* opens that did not verify, likewise */
    uint32_t open_limit;   /* 0: none */
} lwsec_key_description;

/*
 * Brings raw key bytes into a store. The bytes are the caller's to wipe.
 *
 * Shapes: AEAD, MAC and cipher keys as they are; ECDSA and ECDH private keys as the 32-byte
 * big-endian scalar; HKDF, HMAC and PSK secrets of any size up to 255 bytes, not empty.
 *
 * LWSEC_USAGE: unknown algorithm, usage that it cannot have, wrong size, scalar out of range.
 * LWSEC_UNSUPPORTED: not in this store. LWSEC_LIMIT: the store is full. LWSEC_FORKED, LWSEC_ENGINE.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_import(lwsec_store *store,
                                                         const lwsec_key_attributes *attributes,
                                                         lwsec_bytes raw, lwsec_key *key);

/* Makes a new key inside the store: `key_size` bytes for a symmetric one (0: the largest size that
 * the algorithm has), ignored for P-256. Answers as lwsec_key_import. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_generate(lwsec_store *store,
                                                           const lwsec_key_attributes *attributes,
                                                           size_t key_size, lwsec_key *key);

/* The longest name of a key. */
#define LWSEC_KEY_NAME_MAX 64U

/* Finds a key that the store keeps, by name. Each call gives a handle of its own, to be released.
 * LWSEC_ABSENT when there is none; LWSEC_LIMIT when the store has no slot left. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_find(lwsec_store *store, lwsec_bytes name,
                                                       lwsec_key *key);

/* Lets go of a handle and zeroes it; copies of it answer LWSEC_USAGE from now on. A key that its
 * store keeps under a name stays there, to be found again; any other is destroyed. Does nothing
 * with a handle that is all zeros.
 *
 * LWSEC_FORKED, here and for lwsec_key_destroy: in a child of fork, of a store that is more than
 * memory. The child's handle is gone; the key stays as it is for the parent. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_release(lwsec_key *key);

/*
 * Lists the keys that the store keeps: the name that comes next after `after` (empty: the first) in
 * byte order, into `name`, which has room for LWSEC_KEY_NAME_MAX bytes. LWSEC_ABSENT: that was the
 * last. LWSEC_BUFFER: less room. LWSEC_UNSUPPORTED: the store keeps none.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_next_name(lwsec_store *store, lwsec_bytes after,
                                                            lwsec_buffer *name);

/* Destroys the key, wherever it is kept, and zeroes the handle. Every other copy of the handle
 * answers LWSEC_USAGE from now on; a handle that was found by name beside it has no key any more.
 * Records of its counters stay in the state, so the same secret cannot start again from zero. Does
 * nothing with a handle that is all zeros. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_destroy(lwsec_key *key);

/* Tells what can be told of a key. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_describe(lwsec_key key,
                                                           lwsec_key_description *description);

/*
 * Raises the counts of use to at least these values: for a protocol that has stored them. Counts
 * never go down.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_raise_uses(lwsec_key key, uint32_t seals,
                                                             uint32_t failed_opens);

/*
 * Seals `plaintext` under `nonce` and `aad` into `out[0 .. plaintext.size + tag)`: ciphertext, then
 * tag. `out` may be exactly plaintext.data, and may not overlap any input otherwise. The caller
 * makes sure that no nonce comes twice with one key: use a protocol of lwsec wherever there is one.
 *
 * LWSEC_LIMIT: q seals are done. LWSEC_BUFFER: `capacity` is too small. LWSEC_USAGE: nonce size,
 * key or usage, a plaintext over 65535 bytes for CCM with a nonce of 13. LWSEC_FORKED,
 * LWSEC_PENDING, LWSEC_UNSUPPORTED, LWSEC_ENGINE.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_seal(lwsec_key key, lwsec_bytes nonce,
                                                       lwsec_bytes aad, lwsec_bytes plaintext,
                                                       uint8_t *out, size_t capacity);

/*
 * Opens `ciphertext` (with its tag) into `out[0 .. ciphertext.size - tag)`; in place as for
 * sealing. LWSEC_REJECT when it does not verify: `out` is zeros then, and one more failed open is
 * counted. LWSEC_LIMIT when v opens have failed: nothing is tried any more.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_open(lwsec_key key, lwsec_bytes nonce,
                                                       lwsec_bytes aad, lwsec_bytes ciphertext,
                                                       uint8_t *out, size_t capacity);

/* MAC of `message`, whole: 32, 48 or 64 bytes for HMAC, 16 for CMAC. `capacity` must hold it. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_mac(lwsec_key key, lwsec_bytes message,
                                                      uint8_t *mac, size_t capacity);

/* Compares the first `mac.size` bytes (at least 4) of the MAC in constant time; LWSEC_REJECT if
 * other. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_mac_verify(lwsec_key key, lwsec_bytes message,
                                                             lwsec_bytes mac);

/* Which way a cipher runs. */
typedef enum lwsec_direction { LWSEC_ENCRYPT = 1, LWSEC_DECRYPT = 2 } lwsec_direction;

/* CBC without padding over whole blocks, `iv` of one block. `out` holds input.size bytes, may be
 * the input. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_cbc(lwsec_key key, lwsec_direction direction,
                                                      lwsec_bytes iv, lwsec_bytes input,
                                                      uint8_t *out, size_t capacity);

/* CTR from a whole 16-byte counter block, incremented as one big-endian number. AES only. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_ctr(lwsec_key key, lwsec_bytes counter,
                                                      lwsec_bytes input, uint8_t *out,
                                                      size_t capacity);

/* Encrypts one block of 16 bytes (AES) or 8 (triple DES). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_block(lwsec_key key, lwsec_bytes block,
                                                        uint8_t *out, size_t capacity);

/*
 * HKDF-Extract (RFC 5869 section 2.2) with the hash of `hmac` (LWSEC_ALG_HMAC_256, _384, _512): a
 * new key of algorithm LWSEC_ALG_HKDF and usage LWSEC_USE_DERIVE in `target` (NULL: the same
 * store). An empty salt is a salt of zeros. Naming a target in memory for a secret in a token takes
 * the result out of the token: it happens only because the caller asks for it.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_extract(lwsec_key secret, int32_t hmac,
                                                          lwsec_bytes salt, lwsec_store *target,
                                                          lwsec_key *prk);

/*
 * HKDF-Expand (RFC 5869 section 2.3) of `prk` with `info` into a new key of `attributes` in
 * `target` (NULL: the same store), of `key_size` bytes, at most one hash length.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_derive(lwsec_key prk, int32_t hmac,
                                                         lwsec_bytes info, lwsec_store *target,
                                                         const lwsec_key_attributes *attributes,
                                                         size_t key_size, lwsec_key *derived);

/* ECDSA over SHA-256 of `message` (ES256): 64 bytes, r then s, both big-endian (RFC 9053 2.1). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_sign(lwsec_key key, lwsec_bytes message,
                                                       uint8_t *signature, size_t capacity);

/*
 * The same over a SHA-256 that the caller has computed (32 bytes), for protocol engines that do not
 * show the message. Signs whatever it is given: not for digests that come from elsewhere.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_sign_digest(lwsec_key key, lwsec_bytes digest,
                                                              uint8_t *signature, size_t capacity);

/*
 * Verifies such a signature with a public key: an uncompressed point, 65 bytes (04, x, y).
 * The store only lends its engine. LWSEC_REJECT when the point is not on the curve or the signature
 * is not by that key. LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_verify(lwsec_store *store, int32_t algorithm,
                                                     lwsec_bytes public_key, lwsec_bytes message,
                                                     lwsec_bytes signature);

/*
 * ECDH with the peer's uncompressed point: the shared x coordinate (32 bytes) as a new key of
 * algorithm LWSEC_ALG_HKDF and usage LWSEC_USE_EXTRACT in `target` (NULL: the same store).
 * LWSEC_REJECT for a point that is not on the curve.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_agree(lwsec_key key, lwsec_bytes peer,
                                                        lwsec_store *target, lwsec_key *shared);

/*
 * The master secret of TLS 1.2 out of a pre-shared key: PRF(premaster secret of RFC 4279, `seed`),
 * 48 bytes, with the hash of `hmac` (LWSEC_ALG_HMAC_256). `seed` begins with the label. For
 * protocol engines: what comes out is a secret, and the caller's to wipe.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_tls12_psk_master(lwsec_key key, int32_t hmac,
                                                                   lwsec_bytes seed,
                                                                   uint8_t *master,
                                                                   size_t capacity);

/*
 * Slow stores (<lwsec/worker.h>, tokens). An operation with a key may answer LWSEC_PENDING: it goes
 * on by itself, and all that its arguments point at, outputs too, stays where it is until it has
 * ended. One operation of a key is pending at a time; until it has ended, others with this key
 * answer LWSEC_LIMIT. So do those for which the store has no room beside what is pending: nothing
 * was begun then, and nothing counted.
 *
 * Poll: LWSEC_PENDING, or the operation's own answer, which ends it; the outputs are written then
 * and not before. A failed open counts then. LWSEC_USAGE: nothing is pending. LWSEC_FORKED.
 *
 * Cancel: ends it without an answer; when this returns, the outputs are not written any more. A
 * seal counts nevertheless. LWSEC_OK also when nothing is pending. Releasing or destroying a key
 * cancels first.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_poll(lwsec_key key);
LWSEC_API lwsec_status lwsec_key_cancel(lwsec_key key);

/* The public key of a key pair as an uncompressed point: 65 bytes. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_key_public(lwsec_key key, uint8_t *point,
                                                         size_t capacity);

/* Random bytes of the store's engine, fit for keys. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_random(lwsec_store *store, uint8_t *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
