/* ECDSA and ECDH on P-256 with mbedTLS. */
#include "crypto/mbedtls/store.h"

#include <mbedtls/version.h>

#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>

#define HALF 32U /* of a raw signature: r, or s */

/*
 * What an operation computes with. The group is loaded for each: mbedTLS 2.28 keeps a table in it
 * that it makes on first use, so it cannot be shared by threads.
 */
typedef struct curve {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi scalar;
    mbedtls_mpi r; /* of a signature; the shared secret */
    mbedtls_mpi s;
} curve;

static int curve_init(curve *p256)
{
    mbedtls_ecp_group_init(&p256->group);
    mbedtls_ecp_point_init(&p256->point);
    mbedtls_mpi_init(&p256->scalar);
    mbedtls_mpi_init(&p256->r);
    mbedtls_mpi_init(&p256->s);
    return mbedtls_ecp_group_load(&p256->group, MBEDTLS_ECP_DP_SECP256R1);
}

static void curve_free(curve *p256)
{
    mbedtls_ecp_group_free(&p256->group);
    mbedtls_ecp_point_free(&p256->point);
    mbedtls_mpi_free(&p256->scalar);
    mbedtls_mpi_free(&p256->r);
    mbedtls_mpi_free(&p256->s);
}

static lwsec_status answer(curve *p256, int error)
{
    curve_free(p256);
    return error == 0 ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_mbedtls_make_pair(const lwsec_mbedtls_store *store, lwsec_mbedtls_key *key)
{
    curve p256;
    size_t size = 0;
    int error = curve_init(&p256);

    if (error == 0) {
        error = mbedtls_mpi_read_binary(&p256.scalar, key->secret, LWSEC_SCALAR);
    }
    if (error == 0) {
        error = mbedtls_ecp_mul(&p256.group, &p256.point, &p256.scalar, &p256.group.G,
                                lwsec_mbedtls_random_fill, store->random);
    }
    if (error == 0) {
        error =
            mbedtls_ecp_point_write_binary(&p256.group, &p256.point, MBEDTLS_ECP_PF_UNCOMPRESSED,
                                           &size, &key->secret[LWSEC_SCALAR], LWSEC_POINT);
    }
    key->size = LWSEC_SCALAR + LWSEC_POINT;
    return answer(&p256, error);
}

/* A point of somebody else's: read, and checked to be on the curve. */
static int read_point(curve *p256, lwsec_bytes point)
{
    const int error =
        mbedtls_ecp_point_read_binary(&p256->group, &p256->point, point.data, point.size);

    return error != 0 ? error : mbedtls_ecp_check_pubkey(&p256->group, &p256->point);
}

static int hash_message(lwsec_bytes message, uint8_t hash[HALF])
{
    return mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), message.data, message.size,
                      hash);
}

/* RFC 6979: the nonce comes from key and message, so that no weak random source gives the key away.
 */
lwsec_status lwsec_mbedtls_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature)
{
    const lwsec_mbedtls_store *self = lwsec_mbedtls_store_of(store);
    curve p256;
    int error = curve_init(&p256);

    if (error == 0) {
        error = mbedtls_mpi_read_binary(&p256.scalar, self->keys[slot].secret, LWSEC_SCALAR);
    }
    if (error == 0) {
        error =
            mbedtls_ecdsa_sign_det_ext(&p256.group, &p256.r, &p256.s, &p256.scalar, digest, HALF,
                                       MBEDTLS_MD_SHA256, lwsec_mbedtls_random_fill, self->random);
    }
    if (error == 0) {
        error = mbedtls_mpi_write_binary(&p256.r, signature, HALF);
    }
    if (error == 0) {
        error = mbedtls_mpi_write_binary(&p256.s, &signature[HALF], HALF);
    }
    return answer(&p256, error);
}

lwsec_status lwsec_mbedtls_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature)
{
    uint8_t hash[HALF];

    return hash_message(message, hash) == 0
               ? lwsec_mbedtls_sign_digest(store, slot, hash, signature)
               : LWSEC_ENGINE;
}

static int check_signature(curve *p256, lwsec_bytes message, lwsec_bytes signature)
{
    uint8_t hash[HALF];
    int error = hash_message(message, hash);

    if (error == 0) {
        error = mbedtls_mpi_read_binary(&p256->r, signature.data, HALF);
    }
    if (error == 0) {
        error = mbedtls_mpi_read_binary(&p256->s, &signature.data[HALF], HALF);
    }
    if (error == 0) {
        error =
            mbedtls_ecdsa_verify(&p256->group, hash, sizeof hash, &p256->point, &p256->r, &p256->s);
    }
    return error;
}

lwsec_status lwsec_mbedtls_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                                  lwsec_bytes signature)
{
    curve p256;

    (void)store;
    if (curve_init(&p256) != 0) {
        return answer(&p256, -1);
    }
    const bool verified =
        read_point(&p256, public_key) == 0 && check_signature(&p256, message, signature) == 0;
    curve_free(&p256);
    return verified ? LWSEC_OK : LWSEC_REJECT;
}

static int compute_shared(const lwsec_mbedtls_store *self, const lwsec_mbedtls_key *key,
                          curve *p256, uint8_t shared[HALF])
{
    int error = mbedtls_mpi_read_binary(&p256->scalar, key->secret, LWSEC_SCALAR);

    if (error == 0) {
        error = mbedtls_ecdh_compute_shared(&p256->group, &p256->r, &p256->point, &p256->scalar,
                                            lwsec_mbedtls_random_fill, self->random);
    }
    return error != 0 ? error : mbedtls_mpi_write_binary(&p256->r, shared, HALF);
}

lwsec_status lwsec_mbedtls_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared)
{
    const lwsec_mbedtls_store *self = lwsec_mbedtls_store_of(store);
    uint8_t bytes[HALF];
    curve p256;

    if (curve_init(&p256) != 0) {
        return answer(&p256, -1);
    }
    if (read_point(&p256, peer) != 0) {
        curve_free(&p256);
        return LWSEC_REJECT;
    }
    lwsec_status status = answer(&p256, compute_shared(self, &self->keys[slot], &p256, bytes));
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(bytes, HALF), shared);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

lwsec_status lwsec_mbedtls_public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    const lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];

    memcpy(point, &key->secret[LWSEC_SCALAR], LWSEC_POINT);
    return LWSEC_OK;
}
