/* The algorithms of lwsec as constant data: COSE number, sizes, limits of use. */
#ifndef LWSEC_ALGORITHM_H
#define LWSEC_ALGORITHM_H

#include <lwsec/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Algorithm numbers. A registered COSE algorithm has its registered number (RFC 9053, RFC 9459);
 * the others have numbers from COSE's private-use range (below -65536), which never leave the
 * device. 0 is reserved in COSE and means "not set" here.
 */
enum {
    LWSEC_ALG_A128GCM = 1,
    LWSEC_ALG_A192GCM = 2,
    LWSEC_ALG_A256GCM = 3,
    LWSEC_ALG_HMAC_256 = 5,
    LWSEC_ALG_HMAC_384 = 6,
    LWSEC_ALG_HMAC_512 = 7,
    LWSEC_ALG_AES_CCM_16_64_128 = 10,
    LWSEC_ALG_AES_CCM_16_64_256 = 11,
    LWSEC_ALG_AES_CCM_64_64_128 = 12,
    LWSEC_ALG_AES_CCM_64_64_256 = 13,
    LWSEC_ALG_CHACHA20_POLY1305 = 24,
    LWSEC_ALG_AES_CCM_16_128_128 = 30,
    LWSEC_ALG_AES_CCM_16_128_256 = 31,
    LWSEC_ALG_AES_CCM_64_128_128 = 32,
    LWSEC_ALG_AES_CCM_64_128_256 = 33,
    LWSEC_ALG_ES256 = -7,

    LWSEC_ALG_HKDF = -70001,      /* HKDF input or pseudorandom key; the hash is named per call */
    LWSEC_ALG_AES_CMAC = -70002,  /* RFC 4493, NIST SP 800-38B; 16-byte result, cut by the caller */
    LWSEC_ALG_AES_CBC = -70003,   /* AES as CBC without padding, and as CTR and single blocks */
    LWSEC_ALG_TDES_CBC = -70004,  /* triple DES, outer CBC, without padding; 16 or 24 byte keys */
    LWSEC_ALG_ECDH_P256 = -70005, /* ECDH on secp256r1 */
    LWSEC_ALG_PSK = -70006        /* a TLS pre-shared key */
};

/* What kind of operation an algorithm is for. */
typedef enum lwsec_algorithm_kind {
    LWSEC_KIND_AEAD = 1,
    LWSEC_KIND_MAC,
    LWSEC_KIND_KDF,
    LWSEC_KIND_CIPHER,
    LWSEC_KIND_SIGNATURE,
    LWSEC_KIND_AGREEMENT,
    LWSEC_KIND_PSK
} lwsec_algorithm_kind;

/*
 * One algorithm. Sizes in bytes; 0 where a size has no meaning for the kind.
 *
 * `seal_limit` (q) and `open_limit` (v) are the numbers of seals and of failed opens after which a
 * key of this algorithm answers LWSEC_LIMIT (RFC 9053 section 4 and the OSCORE key limits draft:
 * 2^20 and 2^14 for CCM with an 8-byte tag, 2^20 and 2^20 for the other AEADs). 0 is no limit.
 */
typedef struct lwsec_algorithm {
    int32_t id;
    lwsec_algorithm_kind kind;
    uint8_t key_size_min;
    uint8_t key_size_max;
    uint8_t nonce_size;
    uint8_t tag_size; /* AEAD tag, full MAC, or signature */
    uint32_t seal_limit;
    uint32_t open_limit;
    const char *name; /* as in the COSE registry where it is there */
} lwsec_algorithm;

/* The entry for a number, or NULL for one that lwsec does not know. Lives as long as the program.
 */
LWSEC_API const lwsec_algorithm *lwsec_algorithm_find(int32_t id);

/* Entry number `index` of the table, or NULL past its end: to list what there is. */
LWSEC_API const lwsec_algorithm *lwsec_algorithm_at(size_t index);

#ifdef __cplusplus
}
#endif
#endif
