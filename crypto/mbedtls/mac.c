/* HMAC, CMAC and HKDF with mbedTLS. */
#include "crypto/mbedtls/store.h"

#include "crypto/memory/psk_master.h"

#include <mbedtls/version.h>

#include <mbedtls/cmac.h>
#include <mbedtls/md.h>

/* The hash of an HMAC algorithm; NULL: not in this mbedTLS. */
static const mbedtls_md_info_t *hash_of(int32_t hmac)
{
    switch (hmac) {
    case LWSEC_ALG_HMAC_256: return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    case LWSEC_ALG_HMAC_384: return mbedtls_md_info_from_type(MBEDTLS_MD_SHA384);
    case LWSEC_ALG_HMAC_512: return mbedtls_md_info_from_type(MBEDTLS_MD_SHA512);
    default: return NULL;
    }
}

static int start_hmac(mbedtls_md_context_t *context, int32_t hmac, lwsec_bytes secret)
{
    mbedtls_md_init(context);
    const int error = mbedtls_md_setup(context, hash_of(hmac), 1);
    return error != 0 ? error : mbedtls_md_hmac_starts(context, secret.data, secret.size);
}

static int setup_hmac(void *context, const lwsec_mbedtls_key *key)
{
    return start_hmac(context, key->algorithm, lwsec_bytes_of(key->secret, key->size));
}

static void clear_hmac(void *context)
{
    mbedtls_md_free(context);
}

/* The MAC of `message` and then `suffix`. A reset context begins again with its own key. */
static int run_hmac(mbedtls_md_context_t *context, lwsec_bytes message, lwsec_bytes suffix,
                    uint8_t *mac)
{
    int error = mbedtls_md_hmac_reset(context);

    if (error == 0 && message.size > 0) {
        error = mbedtls_md_hmac_update(context, message.data, message.size);
    }
    if (error == 0 && suffix.size > 0) {
        error = mbedtls_md_hmac_update(context, suffix.data, suffix.size);
    }
    return error != 0 ? error : mbedtls_md_hmac_finish(context, mac);
}

static int mac_hmac(void *context, lwsec_bytes message, uint8_t *mac)
{
    return run_hmac(context, message, lwsec_bytes_of(NULL, 0), mac);
}

static int setup_cmac(void *context, const lwsec_mbedtls_key *key)
{
    const int bits = key->size * 8;

    mbedtls_cipher_init(context);
    const mbedtls_cipher_info_t *cipher =
        mbedtls_cipher_info_from_values(MBEDTLS_CIPHER_ID_AES, bits, MBEDTLS_MODE_ECB);
    const int error = mbedtls_cipher_setup(context, cipher);
    return error != 0 ? error : mbedtls_cipher_cmac_starts(context, key->secret, (size_t)bits);
}

static void clear_cmac(void *context)
{
    mbedtls_cipher_free(context);
}

static int mac_cmac(void *context, lwsec_bytes message, uint8_t *mac)
{
    static const uint8_t nothing;
    const uint8_t *data = message.size > 0 ? message.data : &nothing;

    int error = mbedtls_cipher_cmac_reset(context);
    if (error == 0) {
        error = mbedtls_cipher_cmac_update(context, data, message.size);
    }
    return error != 0 ? error : mbedtls_cipher_cmac_finish(context, mac);
}

const lwsec_mbedtls_kind *lwsec_mbedtls_mac_kind(int32_t algorithm)
{
    static const lwsec_mbedtls_kind hmac = {.context_size = sizeof(mbedtls_md_context_t),
                                            .setup = setup_hmac,
                                            .clear = clear_hmac,
                                            .mac = mac_hmac};
    static const lwsec_mbedtls_kind cmac = {.context_size = sizeof(mbedtls_cipher_context_t),
                                            .setup = setup_cmac,
                                            .clear = clear_cmac,
                                            .mac = mac_cmac};

    return algorithm == LWSEC_ALG_AES_CMAC ? &cmac : &hmac;
}

/* HMAC with a context for this once: for HKDF, where each call names its hash. */
static lwsec_status hmac_once(int32_t hmac, lwsec_bytes secret, lwsec_bytes message,
                              lwsec_bytes suffix, uint8_t mac[LWSEC_HASH_MAX])
{
    mbedtls_md_context_t context;

    if (hash_of(hmac) == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    int error = start_hmac(&context, hmac, secret);
    if (error == 0) {
        error = run_hmac(&context, message, suffix, mac);
    }
    mbedtls_md_free(&context);
    return error == 0 ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_mbedtls_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                               uint8_t *mac)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];

    if (key->context == NULL) {
        return hmac_once(hmac, lwsec_bytes_of(key->secret, key->size), message,
                         lwsec_bytes_of(NULL, 0), mac);
    }
    void *context = lwsec_mbedtls_borrow(key);
    if (context == NULL) {
        return LWSEC_ENGINE;
    }
    const int error = key->kind->mac(context, message, mac);
    lwsec_mbedtls_give_back(key, context);
    if (error != 0) {
        lwsec_wipe(mac, key->tag_size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

/* T(1) of HKDF-Expand, which is as much as lwsec asks for (RFC 5869 section 2.3). */
static lwsec_status expand(const lwsec_mbedtls_key *key, int32_t hmac, lwsec_bytes info,
                           uint8_t block[LWSEC_HASH_MAX])
{
    static const uint8_t one = 1;

    return hmac_once(hmac, lwsec_bytes_of(key->secret, key->size), info, lwsec_bytes_of(&one, 1),
                     block);
}

lwsec_status lwsec_mbedtls_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived)
{
    uint8_t block[LWSEC_HASH_MAX];

    lwsec_status status = expand(&lwsec_mbedtls_store_of(store)->keys[slot], hmac, info, block);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(block, key_size), derived);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

lwsec_status lwsec_mbedtls_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                         lwsec_bytes info, uint8_t *out, size_t size)
{
    uint8_t block[LWSEC_HASH_MAX];

    const lwsec_status status =
        expand(&lwsec_mbedtls_store_of(store)->keys[slot], hmac, info, block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

/* HMAC with the salt as its key (RFC 5869 section 2.2). */
lwsec_status lwsec_mbedtls_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk)
{
    static const uint8_t zeros[LWSEC_HASH_MAX];
    const lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    const size_t size = lwsec_hash_size(hmac);
    const lwsec_bytes used = salt.size > 0 ? salt : lwsec_bytes_of(zeros, size);
    uint8_t bytes[LWSEC_HASH_MAX];

    lwsec_status status = hmac_once(hmac, used, lwsec_bytes_of(key->secret, key->size),
                                    lwsec_bytes_of(NULL, 0), bytes);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(bytes, size), prk);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

static lwsec_status hmac_for_psk(const void *store, int32_t hmac, lwsec_bytes secret,
                                 lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac)
{
    (void)store;
    return hmac_once(hmac, secret, message, suffix, mac);
}

lwsec_status lwsec_mbedtls_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master)
{
    const lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];

    return lwsec_memory_psk_master(hmac_for_psk, store, hmac, lwsec_hash_size(hmac),
                                   lwsec_bytes_of(key->secret, key->size), seed, master);
}
