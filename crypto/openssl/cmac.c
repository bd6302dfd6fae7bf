/* AES-CMAC with OpenSSL's CBC, which takes many blocks in one call: its own CMAC goes block by
 * block, and takes up to twice as long. */
#include "crypto/cmac.h"
#include "crypto/openssl/errors.h"
#include "crypto/openssl/store.h"

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

/* Of what CBC makes of the message, its last block changed, the last block is the MAC. */
static bool run(EVP_CIPHER_CTX *context, const uint8_t *zero, lwsec_bytes message, uint8_t *mac)
{
    uint8_t room[CHUNK + LWSEC_CMAC_BLOCK];
    const size_t before = lwsec_cmac_before_last(message.size);
    bool done = restart(context);
    size_t at = 0;

    for (; done && before - at > CHUNK; at += CHUNK) {
        done = encrypt(context, &message.data[at], CHUNK, room);
    }
    if (done) {
        const size_t left = before - at;
        const uint8_t *rest = message.size > 0 ? &message.data[before] : NULL;
        if (left > 0) {
            memcpy(room, &message.data[at], left);
        }
        lwsec_cmac_last(zero, lwsec_bytes_of(rest, message.size - before), &room[left]);
        done = encrypt(context, room, left + LWSEC_CMAC_BLOCK, room);
        memcpy(mac, &room[left], LWSEC_CMAC_BLOCK);
        at = before;
    }
    lwsec_wipe(room, at < CHUNK ? at + LWSEC_CMAC_BLOCK : sizeof room);
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

    const bool marked = lwsec_openssl_errors_mark();
    EVP_CIPHER_CTX *context = lwsec_openssl_borrow(store, key, LWSEC_LANE_ENCRYPT);
    if (context != NULL) {
        done = run(context, key->cmac_zero, message, mac);
        lwsec_openssl_give_back(key, LWSEC_LANE_ENCRYPT, context);
    }
    lwsec_openssl_errors_restore(marked, done);
    if (!done) {
        lwsec_wipe(mac, LWSEC_CMAC_BLOCK);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}
