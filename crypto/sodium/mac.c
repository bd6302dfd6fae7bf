/* HMAC and HKDF with libsodium: over SHA-256 and SHA-512, which it has. */
#include "crypto/sodium/store.h"

#include <sodium.h>

static bool hmac_256(lwsec_bytes secret, lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac)
{
    crypto_auth_hmacsha256_state state;
    const bool done = crypto_auth_hmacsha256_init(&state, secret.data, secret.size) == 0 &&
                      crypto_auth_hmacsha256_update(&state, message.data, message.size) == 0 &&
                      crypto_auth_hmacsha256_update(&state, suffix.data, suffix.size) == 0 &&
                      crypto_auth_hmacsha256_final(&state, mac) == 0;

    lwsec_wipe(&state, sizeof state);
    return done;
}

static bool hmac_512(lwsec_bytes secret, lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac)
{
    crypto_auth_hmacsha512_state state;
    const bool done = crypto_auth_hmacsha512_init(&state, secret.data, secret.size) == 0 &&
                      crypto_auth_hmacsha512_update(&state, message.data, message.size) == 0 &&
                      crypto_auth_hmacsha512_update(&state, suffix.data, suffix.size) == 0 &&
                      crypto_auth_hmacsha512_final(&state, mac) == 0;

    lwsec_wipe(&state, sizeof state);
    return done;
}

/* The MAC of `message` and then `suffix`. */
static lwsec_status run(int32_t hmac, lwsec_bytes secret, lwsec_bytes message, lwsec_bytes suffix,
                        uint8_t *mac)
{
    bool done;

    switch (hmac) {
    case LWSEC_ALG_HMAC_256: done = hmac_256(secret, message, suffix, mac); break;
    case LWSEC_ALG_HMAC_512: done = hmac_512(secret, message, suffix, mac); break;
    default: return LWSEC_UNSUPPORTED;
    }
    return done ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_sodium_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                              uint8_t *mac)
{
    const lwsec_sodium_key *key = lwsec_sodium_key_of(store, slot);

    return run(hmac, lwsec_bytes_of(key->secret, key->size), message, lwsec_bytes_of(NULL, 0), mac);
}

/* T(1) of HKDF-Expand, which is as much as lwsec asks for (RFC 5869 section 2.3). */
static lwsec_status expand(const lwsec_sodium_key *key, int32_t hmac, lwsec_bytes info,
                           uint8_t block[LWSEC_HASH_MAX])
{
    static const uint8_t one = 1;

    return run(hmac, lwsec_bytes_of(key->secret, key->size), info, lwsec_bytes_of(&one, 1), block);
}

lwsec_status lwsec_sodium_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 size_t key_size, lwsec_key *derived)
{
    uint8_t block[LWSEC_HASH_MAX];

    lwsec_status status = expand(lwsec_sodium_key_of(store, slot), hmac, info, block);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(block, key_size), derived);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

lwsec_status lwsec_sodium_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                        lwsec_bytes info, uint8_t *out, size_t size)
{
    uint8_t block[LWSEC_HASH_MAX];

    const lwsec_status status = expand(lwsec_sodium_key_of(store, slot), hmac, info, block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

/* HMAC with the salt as its key (RFC 5869 section 2.2). */
lwsec_status lwsec_sodium_extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  lwsec_key *prk)
{
    static const uint8_t zeros[LWSEC_HASH_MAX];
    const lwsec_sodium_key *key = lwsec_sodium_key_of(store, slot);
    const size_t size = lwsec_hash_size(hmac);
    const lwsec_bytes used = salt.size > 0 ? salt : lwsec_bytes_of(zeros, size);
    uint8_t bytes[LWSEC_HASH_MAX];

    lwsec_status status =
        run(hmac, used, lwsec_bytes_of(key->secret, key->size), lwsec_bytes_of(NULL, 0), bytes);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(bytes, size), prk);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}
