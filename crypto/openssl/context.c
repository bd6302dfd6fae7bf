/* Keyed cipher contexts: made once for a key, borrowed by one thread at a time. */
#include "crypto/openssl/store.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

static EVP_CIPHER *aes(const lwsec_openssl_store *store, lwsec_openssl_cipher mode, size_t key_size)
{
    return store->ciphers[(size_t)mode + (key_size - 16) / 8];
}

/* The cipher of a key in a lane; NULL if this OpenSSL lacks it. */
static EVP_CIPHER *cipher_of(const lwsec_openssl_store *store, const lwsec_openssl_key *key,
                             lwsec_openssl_lane lane)
{
    switch (key->algorithm) {
    case LWSEC_ALG_A128GCM:
    case LWSEC_ALG_A192GCM:
    case LWSEC_ALG_A256GCM: return aes(store, LWSEC_OPENSSL_GCM, key->size);
    case LWSEC_ALG_CHACHA20_POLY1305: return store->ciphers[LWSEC_OPENSSL_CHACHA];
    case LWSEC_ALG_AES_CMAC: return aes(store, LWSEC_OPENSSL_CBC, key->size);
    case LWSEC_ALG_TDES_CBC: return store->ciphers[LWSEC_OPENSSL_TDES];
    case LWSEC_ALG_AES_CBC:
        return aes(store, lane == LWSEC_LANE_COUNTER ? LWSEC_OPENSSL_CTR : LWSEC_OPENSSL_CBC,
                   key->size);
    default: return aes(store, LWSEC_OPENSSL_CCM, key->size);
    }
}

/* Nonce and tag sizes of an AEAD. CCM takes them before its key only. */
static void size_params(const lwsec_algorithm *algorithm, size_t *nonce_size, OSSL_PARAM params[3])
{
    if (algorithm->kind == LWSEC_KIND_AEAD) {
        *nonce_size = algorithm->nonce_size;
        *params++ = OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_AEAD_IVLEN, nonce_size);
        if (lwsec_openssl_is_ccm(algorithm->id)) {
            *params++ = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, NULL,
                                                          algorithm->tag_size);
        }
    }
    *params = OSSL_PARAM_construct_end();
}

/* Only deciphering would hold back a last block. Being told so, OpenSSL passes it on with each
 * nonce that is set: so all others are not told. */
static bool stop_padding(EVP_CIPHER_CTX *context, const lwsec_openssl_key *key,
                         lwsec_openssl_lane lane)
{
    const bool pads = key->algorithm == LWSEC_ALG_AES_CBC || key->algorithm == LWSEC_ALG_TDES_CBC;
    return lane != LWSEC_LANE_DECRYPT || !pads || EVP_CIPHER_CTX_set_padding(context, 0) == 1;
}

bool lwsec_openssl_prepare(EVP_CIPHER_CTX *context, EVP_CIPHER *cipher,
                           const lwsec_algorithm *algorithm, int encrypt)
{
    OSSL_PARAM params[3];
    size_t nonce_size;

    size_params(algorithm, &nonce_size, params);
    return EVP_CipherInit_ex2(context, cipher, NULL, NULL, encrypt, params) == 1;
}

static EVP_CIPHER_CTX *make(const lwsec_openssl_store *store, const lwsec_openssl_key *key,
                            lwsec_openssl_lane lane)
{
    static const uint8_t zeros[16];
    const int encrypt = lane != LWSEC_LANE_DECRYPT;
    const uint8_t *iv = key->algorithm == LWSEC_ALG_AES_CMAC ? zeros : NULL; /* stays the first */
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    if (context == NULL ||
        !lwsec_openssl_prepare(context, cipher_of(store, key, lane),
                               lwsec_algorithm_find(key->algorithm), encrypt) ||
        EVP_CipherInit_ex2(context, NULL, key->secret, iv, encrypt, NULL) != 1 ||
        !stop_padding(context, key, lane)) {
        EVP_CIPHER_CTX_free(context);
        return NULL;
    }
    return context;
}

static bool has_lane(const lwsec_openssl_key *key, uint32_t usage, lwsec_openssl_lane lane)
{
    switch (lane) {
    case LWSEC_LANE_ENCRYPT: return (usage & (LWSEC_USE_SEAL | LWSEC_USE_ENCRYPT)) != 0;
    case LWSEC_LANE_DECRYPT: return (usage & (LWSEC_USE_OPEN | LWSEC_USE_DECRYPT)) != 0;
    default: return (usage & LWSEC_USE_ENCRYPT) != 0 && key->algorithm == LWSEC_ALG_AES_CBC;
    }
}

lwsec_status lwsec_openssl_make_lanes(const lwsec_openssl_store *store, lwsec_openssl_key *key,
                                      uint32_t usage)
{
    for (int i = 0; i < LWSEC_LANES; i++) {
        const lwsec_openssl_lane lane = (lwsec_openssl_lane)i;
        if (!has_lane(key, usage, lane)) {
            continue;
        }
        if (cipher_of(store, key, lane) == NULL) {
            return LWSEC_UNSUPPORTED;
        }
        key->lanes[lane] = make(store, key, lane);
        if (key->lanes[lane] == NULL) {
            return LWSEC_ENGINE;
        }
    }
    return LWSEC_OK;
}

EVP_CIPHER_CTX *lwsec_openssl_borrow(const lwsec_openssl_store *store, lwsec_openssl_key *key,
                                     lwsec_openssl_lane lane)
{
    if (atomic_exchange_explicit(&key->lane_busy[lane], true, memory_order_acquire)) {
        (void)ERR_set_mark();
        EVP_CIPHER_CTX *own = make(store, key, lane);
        (void)ERR_pop_to_mark();
        return own;
    }
    return key->lanes[lane];
}

void lwsec_openssl_give_back(lwsec_openssl_key *key, lwsec_openssl_lane lane,
                             EVP_CIPHER_CTX *context)
{
    if (context == key->lanes[lane]) {
        atomic_store_explicit(&key->lane_busy[lane], false, memory_order_release);
    } else {
        EVP_CIPHER_CTX_free(context);
    }
}
