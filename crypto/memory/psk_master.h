/* The TLS 1.2 master secret of a PSK for the stores in memory, each with its own HMAC. */
#ifndef LWSEC_CRYPTO_MEMORY_PSK_MASTER_H
#define LWSEC_CRYPTO_MEMORY_PSK_MASTER_H

#include "core/writer.h"

#define LWSEC_PSK_MAX 64U
#define LWSEC_MASTER 48U

/* HMAC of `message` and then `suffix`. */
typedef lwsec_status (*lwsec_memory_hmac)(const void *store, int32_t hmac, lwsec_bytes secret,
                                          lwsec_bytes message, lwsec_bytes suffix, uint8_t *mac);

/* The premaster secret of RFC 4279 section 2: as many zeros as the PSK has bytes, and the PSK, each
 * after its length; then P_hash of RFC 5246 section 5. */
static inline lwsec_status lwsec_memory_psk_master(lwsec_memory_hmac run, const void *store,
                                                   int32_t hmac, size_t hash_size, lwsec_bytes psk,
                                                   lwsec_bytes seed, uint8_t master[LWSEC_MASTER])
{
    static const uint8_t zeros[LWSEC_PSK_MAX];
    const lwsec_bytes nothing = {NULL, 0};
    uint8_t premaster[2 * (2 + LWSEC_PSK_MAX)];
    uint8_t chain[64], block[64];
    lwsec_writer writer = lwsec_writer_of(premaster, sizeof premaster);
    lwsec_writer out = lwsec_writer_of(master, LWSEC_MASTER);

    lwsec_writer_uint(&writer, psk.size, 2);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(zeros, psk.size));
    lwsec_writer_uint(&writer, psk.size, 2);
    lwsec_writer_bytes(&writer, psk);
    const lwsec_bytes secret = {premaster, writer.size};
    lwsec_status status = run(store, hmac, secret, seed, nothing, chain);
    while (status == LWSEC_OK && out.size < LWSEC_MASTER) {
        const lwsec_bytes link = {chain, hash_size};
        const size_t left = LWSEC_MASTER - out.size;
        status = run(store, hmac, secret, link, seed, block);
        lwsec_writer_bytes(&out, lwsec_bytes_of(block, left < hash_size ? left : hash_size));
        if (status == LWSEC_OK) {
            status = run(store, hmac, secret, link, nothing, block);
            memcpy(chain, block, hash_size);
        }
    }
    lwsec_wipe(premaster, sizeof premaster);
    lwsec_wipe(chain, sizeof chain);
    lwsec_wipe(block, sizeof block);
    if (status != LWSEC_OK) {
        lwsec_wipe(master, LWSEC_MASTER);
    }
    return status;
}

#endif
