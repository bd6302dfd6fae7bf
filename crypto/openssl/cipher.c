/* CBC, CTR and single blocks with OpenSSL. */
#include "crypto/openssl/errors.h"
#include "crypto/openssl/store.h"

#include <limits.h>

static lwsec_status run(lwsec_store *store, uint32_t slot, lwsec_openssl_lane lane, lwsec_bytes iv,
                        lwsec_bytes input, uint8_t *out)
{
    lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    lwsec_openssl_key *key = &self->keys[slot];
    bool done = false;
    int size = 0;

    if (input.size == 0) {
        return LWSEC_OK;
    }
    if (input.size > INT_MAX) {
        return LWSEC_ENGINE;
    }
    const bool marked = lwsec_openssl_errors_mark();
    EVP_CIPHER_CTX *context = lwsec_openssl_borrow(self, key, lane);
    if (context != NULL) {
        done = EVP_CipherInit_ex2(context, NULL, NULL, iv.data, -1, NULL) == 1 &&
               EVP_CipherUpdate(context, out, &size, input.data, (int)input.size) == 1 &&
               (size_t)size == input.size;
        lwsec_openssl_give_back(key, lane, context);
    }
    lwsec_openssl_errors_restore(marked, done);
    if (!done) {
        lwsec_wipe(out, input.size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_openssl_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                               lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    const lwsec_openssl_lane lane =
        direction == LWSEC_ENCRYPT ? LWSEC_LANE_ENCRYPT : LWSEC_LANE_DECRYPT;

    return run(store, slot, lane, iv, input, out);
}

lwsec_status lwsec_openssl_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                               lwsec_bytes input, uint8_t *out)
{
    return run(store, slot, LWSEC_LANE_COUNTER, counter, input, out);
}

/* One block of CBC after a vector of zeros is the block cipher itself. */
lwsec_status lwsec_openssl_block(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out)
{
    static const uint8_t zeros[EVP_MAX_IV_LENGTH];

    return run(store, slot, LWSEC_LANE_ENCRYPT, lwsec_bytes_of(zeros, block.size), block, out);
}
