/* A key that signs through its handle, in the place of one of mbedTLS's own. The layout of its
 * table is one of each major version, and in no public header from 3.0 on. */
#include "crypto/use.h"
#include "dtls/mbedtls/engine.h"

#include <mbedtls/asn1write.h>
#include <mbedtls/bignum.h>
#include <mbedtls/version.h>

#include <string.h>

#define HALF 32U
#define BITS 256U
#define DER_SIGNATURE 72U

static int can_do(mbedtls_pk_type_t type)
{
    return type == MBEDTLS_PK_ECKEY || type == MBEDTLS_PK_ECDSA;
}

static int write_number(const uint8_t *raw, unsigned char **at, unsigned char *begin)
{
    mbedtls_mpi number;

    mbedtls_mpi_init(&number);
    int size = mbedtls_mpi_read_binary(&number, raw, HALF);
    if (size == 0) {
        size = mbedtls_asn1_write_mpi(at, begin, &number);
    }
    mbedtls_mpi_free(&number);
    return size;
}

/* Written from its end, as mbedTLS does it. */
static int to_der(const uint8_t raw[2 * HALF], unsigned char *out, size_t *size)
{
    unsigned char der[DER_SIGNATURE + 8];
    unsigned char *at = der + sizeof der;
    const int s = write_number(&raw[HALF], &at, der);
    const int r = s > 0 ? write_number(raw, &at, der) : s;

    if (r <= 0 || mbedtls_asn1_write_len(&at, der, (size_t)r + (size_t)s) < 0 ||
        mbedtls_asn1_write_tag(&at, der, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) < 0) {
        return MBEDTLS_ERR_PK_BAD_INPUT_DATA;
    }
    *size = (size_t)(der + sizeof der - at);
    memcpy(out, at, *size);
    return 0;
}

static int sign_by_handle(const lwsec_key *key, mbedtls_md_type_t digest, const unsigned char *hash,
                          size_t hash_size, unsigned char *out, size_t *size)
{
    uint8_t raw[2 * HALF];

    if (digest != MBEDTLS_MD_SHA256 || hash_size != HALF ||
        lwsec_key_at_once(*key, lwsec_key_sign_digest(*key, lwsec_bytes_of(hash, hash_size), raw,
                                                      sizeof raw)) != LWSEC_OK) {
        return MBEDTLS_ERR_PK_BAD_INPUT_DATA;
    }
    return to_der(raw, out, size);
}

#if MBEDTLS_VERSION_MAJOR == 2
#include <mbedtls/pk_internal.h>

static size_t bit_size(const void *context)
{
    (void)context;
    return BITS;
}

static int sign(void *context, mbedtls_md_type_t digest, const unsigned char *hash,
                size_t hash_size, unsigned char *out, size_t *size,
                int (*random)(void *, unsigned char *, size_t), void *random_context)
{
    (void)random;
    (void)random_context;
    return sign_by_handle(context, digest, hash, hash_size, out, size);
}
#else
/* The head of 3.x's table; what follows in it is not called for a key that signs. */
struct mbedtls_pk_info_t {
    mbedtls_pk_type_t type;
    const char *name;
    size_t (*get_bitlen)(mbedtls_pk_context *pk);
    int (*can_do)(mbedtls_pk_type_t type);
    int (*verify_func)(mbedtls_pk_context *pk, mbedtls_md_type_t digest, const unsigned char *hash,
                       size_t hash_size, const unsigned char *signature, size_t size);
    int (*sign_func)(mbedtls_pk_context *pk, mbedtls_md_type_t digest, const unsigned char *hash,
                     size_t hash_size, unsigned char *out, size_t room, size_t *size,
                     int (*random)(void *, unsigned char *, size_t), void *random_context);
    void (*more[12])(void);
};

static size_t bit_size(mbedtls_pk_context *pk)
{
    (void)pk;
    return BITS;
}

static int sign(mbedtls_pk_context *pk, mbedtls_md_type_t digest, const unsigned char *hash,
                size_t hash_size, unsigned char *out, size_t room, size_t *size,
                int (*random)(void *, unsigned char *, size_t), void *random_context)
{
    (void)random;
    (void)random_context;
    return room < DER_SIGNATURE
               ? MBEDTLS_ERR_PK_BUFFER_TOO_SMALL
               : sign_by_handle(pk->MBEDTLS_PRIVATE(pk_ctx), digest, hash, hash_size, out, size);
}
#endif

void lwsec_dtls_mbedtls_key(mbedtls_pk_context *pk, lwsec_key *key)
{
    static const struct mbedtls_pk_info_t info = {.type = MBEDTLS_PK_ECDSA,
                                                  .name = "lwsec",
                                                  .get_bitlen = bit_size,
                                                  .can_do = can_do,
                                                  .sign_func = sign};

    mbedtls_pk_init(pk);
    pk->MBEDTLS_PRIVATE(pk_info) = &info;
    pk->MBEDTLS_PRIVATE(pk_ctx) = key;
}
