/* HMAC and HKDF with OpenSSL. */
#include "crypto/openssl/store.h"

#include "crypto/memory/psk_master.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

/* OpenSSL's name of a hash, in an array of its own: parameters are not const. */
typedef struct hash_name {
    char text[8];
} hash_name;

static hash_name name_of_hash(int32_t hmac)
{
    const hash_name sha256 = {"SHA256"}, sha384 = {"SHA384"}, sha512 = {"SHA512"};

    return hmac == LWSEC_ALG_HMAC_256 ? sha256 : hmac == LWSEC_ALG_HMAC_384 ? sha384 : sha512;
}

static EVP_MAC_CTX *make_hmac(const lwsec_openssl_store *store, int32_t hmac, lwsec_bytes secret)
{
    hash_name name = name_of_hash(hmac);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.text, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(store->hmac);

    if (context != NULL && EVP_MAC_init(context, secret.data, secret.size, params) != 1) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    return context;
}

static EVP_MAC_CTX *make(const lwsec_openssl_store *store, const lwsec_openssl_key *key,
                         int32_t hmac)
{
    return make_hmac(store, hmac, lwsec_bytes_of(key->secret, key->size));
}

lwsec_status lwsec_openssl_make_mac(const lwsec_openssl_store *store, lwsec_openssl_key *key)
{
    if (store->hmac == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    key->mac = make(store, key, key->algorithm);
    return key->mac != NULL ? LWSEC_OK : LWSEC_ENGINE;
}

/* An HKDF key keeps no context, since each call names its hash. */
static EVP_MAC_CTX *borrow(const lwsec_openssl_store *store, lwsec_openssl_key *key, int32_t hmac)
{
    if (key->mac == NULL || atomic_exchange_explicit(&key->mac_busy, true, memory_order_acquire)) {
        return make(store, key, hmac);
    }
    return key->mac;
}

static void give_back(lwsec_openssl_key *key, EVP_MAC_CTX *context)
{
    if (context == key->mac) {
        atomic_store_explicit(&key->mac_busy, false, memory_order_release);
    } else {
        EVP_MAC_CTX_free(context);
    }
}

/* The MAC of `message` and then `suffix`. A context without a new key begins again with its own. */
static bool run(EVP_MAC_CTX *context, lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac,
                size_t size)
{
    size_t written;

    return EVP_MAC_init(context, NULL, 0, NULL) == 1 &&
           (message.size == 0 || EVP_MAC_update(context, message.data, message.size) == 1) &&
           (suffix.size == 0 || EVP_MAC_update(context, suffix.data, suffix.size) == 1) &&
           EVP_MAC_final(context, mac, &written, size) == 1 && written == size;
}

static lwsec_status mac_of(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                           lwsec_bytes suffix, uint8_t *mac)
{
    lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    lwsec_openssl_key *key = &self->keys[slot];
    const size_t size = lwsec_algorithm_find(hmac)->tag_size;
    bool done = false;

    (void)ERR_set_mark();
    EVP_MAC_CTX *context = borrow(self, key, hmac);
    if (context != NULL) {
        done = run(context, message, suffix, mac, size);
        give_back(key, context);
    }
    (void)ERR_pop_to_mark();
    if (!done) {
        lwsec_wipe(mac, size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_openssl_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                               uint8_t *mac)
{
    return hmac == LWSEC_ALG_AES_CMAC
               ? lwsec_openssl_cmac(lwsec_openssl_store_of(store),
                                    &lwsec_openssl_store_of(store)->keys[slot], message, mac)
               : mac_of(store, slot, hmac, message, lwsec_bytes_of(NULL, 0), mac);
}

/* T(1) of HKDF-Expand, which is as much as lwsec asks for (RFC 5869 section 2.3). */
static lwsec_status expand(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                           uint8_t block[EVP_MAX_MD_SIZE])
{
    static const uint8_t one = 1;

    return mac_of(store, slot, hmac, info, lwsec_bytes_of(&one, 1), block);
}

lwsec_status lwsec_openssl_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived)
{
    uint8_t block[EVP_MAX_MD_SIZE];

    lwsec_status status = expand(store, slot, hmac, info, block);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(block, key_size), derived);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

lwsec_status lwsec_openssl_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                         lwsec_bytes info, uint8_t *out, size_t size)
{
    uint8_t block[EVP_MAX_MD_SIZE];

    const lwsec_status status = expand(store, slot, hmac, info, block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

/* HMAC with the salt as its key (RFC 5869 section 2.2). */
static lwsec_status extract(const lwsec_openssl_store *store, int32_t hmac, lwsec_bytes salt,
                            lwsec_bytes secret, uint8_t *prk, size_t size)
{
    static const uint8_t zeros[EVP_MAX_MD_SIZE];
    const lwsec_bytes used = salt.size > 0 ? salt : lwsec_bytes_of(zeros, size);
    bool done = false;

    (void)ERR_set_mark();
    EVP_MAC_CTX *context = make_hmac(store, hmac, used);
    if (context != NULL) {
        done = run(context, secret, lwsec_bytes_of(NULL, 0), prk, size);
        EVP_MAC_CTX_free(context);
    }
    (void)ERR_pop_to_mark();
    return done ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_openssl_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk)
{
    const lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    const lwsec_openssl_key *key = &self->keys[slot];
    const size_t size = lwsec_hash_size(hmac);
    uint8_t bytes[EVP_MAX_MD_SIZE];

    lwsec_status status =
        extract(self, hmac, salt, lwsec_bytes_of(key->secret, key->size), bytes, size);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(bytes, size), prk);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

static lwsec_status hmac_once(const void *store, int32_t hmac, lwsec_bytes secret,
                              lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac)
{
    bool done = false;

    (void)ERR_set_mark();
    EVP_MAC_CTX *context = make_hmac(store, hmac, secret);
    if (context != NULL) {
        done = run(context, message, suffix, mac, lwsec_hash_size(hmac));
        EVP_MAC_CTX_free(context);
    }
    (void)ERR_pop_to_mark();
    return done ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_openssl_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master)
{
    const lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    const lwsec_openssl_key *key = &self->keys[slot];

    return lwsec_memory_psk_master(hmac_once, self, hmac, lwsec_hash_size(hmac),
                                   lwsec_bytes_of(key->secret, key->size), seed, master);
}
