/* AES-CMAC with OpenSSL's CBC, which takes many blocks in one call: its own CMAC goes block by
 * block, and takes up to twice as long. */
#include "crypto/cmac.h"
#include "crypto/openssl/store.h"

#include <openssl/err.h>

#define CHUNK 256U

static bool encrypt(EVP_CIPHER_CTX *context, const uint8_t *input, size_t size, uint8_t *out)
{
    int written = 0;

    return EVP_CipherUpdate(context, out, &written, input, (int)size) == 1 &&
           (size_t)written == size;
}

/* Back to the IV of zeros that the context began with: without a new one, CBC takes its first. */
static bool restart(EVP_CIPHER_CTX *context)
{
    return EVP_CipherInit_ex2(context, NULL, NULL, NULL, -1, NULL) == 1;
}

/* Passes over all blocks but the last one. */
static bool chain(EVP_CIPHER_CTX *context, lwsec_bytes blocks)
{
    uint8_t passed[CHUNK];
    bool done = true;

    for (size_t at = 0; done && at < blocks.size; at += CHUNK) {
        const size_t left = blocks.size - at;
        done = encrypt(context, &blocks.data[at], left < CHUNK ? left : CHUNK, passed);
    }
    lwsec_wipe(passed, blocks.size < CHUNK ? blocks.size : CHUNK);
    return done;
}

static bool run(EVP_CIPHER_CTX *context, const uint8_t *zero, lwsec_bytes message, uint8_t *mac)
{
    uint8_t last[LWSEC_CMAC_BLOCK];
    const size_t before = lwsec_cmac_before_last(message.size);
    const uint8_t *rest = message.size > 0 ? &message.data[before] : NULL;

    lwsec_cmac_last(zero, lwsec_bytes_of(rest, message.size - before), last);
    const bool done = restart(context) && chain(context, lwsec_bytes_of(message.data, before)) &&
                      encrypt(context, last, sizeof last, mac);
    lwsec_wipe(last, sizeof last);
    return done;
}

lwsec_status lwsec_openssl_make_cmac(const lwsec_openssl_store *store, lwsec_openssl_key *key)
{
    static const uint8_t zeros[LWSEC_CMAC_BLOCK];

    const lwsec_status status = lwsec_openssl_make_lanes(store, key, LWSEC_USE_ENCRYPT);
    if (status != LWSEC_OK) {
        return status;
    }
    EVP_CIPHER_CTX *context = key->lanes[LWSEC_LANE_ENCRYPT];
    return restart(context) && encrypt(context, zeros, sizeof zeros, key->cmac_zero) ? LWSEC_OK
                                                                                     : LWSEC_ENGINE;
}

lwsec_status lwsec_openssl_cmac(lwsec_openssl_store *store, lwsec_openssl_key *key,
                                lwsec_bytes message, uint8_t *mac)
{
    bool done = false;

    (void)ERR_set_mark();
    EVP_CIPHER_CTX *context = lwsec_openssl_borrow(store, key, LWSEC_LANE_ENCRYPT);
    if (context != NULL) {
        done = run(context, key->cmac_zero, message, mac);
        lwsec_openssl_give_back(key, LWSEC_LANE_ENCRYPT, context);
    }
    (void)ERR_pop_to_mark();
    if (!done) {
        lwsec_wipe(mac, LWSEC_CMAC_BLOCK);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}
