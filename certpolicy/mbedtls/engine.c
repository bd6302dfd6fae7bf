/* The engine of mbedTLS: its parser, and its path validation one step at a time. */
#include <lwsec/cert_mbedtls.h>

#include "certpolicy/mbedtls/cert_mbedtls.h"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <string.h>

static const mbedtls_x509_crt_profile profile = {
    MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    0xfffffff,
    MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP521R1),
    2048,
};

/* Extensions that mbedTLS does not know were judged before: critical ones too. */
static int is_judged(void *context, const mbedtls_x509_crt *certificate,
                     const mbedtls_x509_buf *oid, int critical, const unsigned char *value,
                     const unsigned char *end)
{
    (void)context;
    (void)certificate;
    (void)oid;
    (void)critical;
    (void)value;
    (void)end;
    return 0;
}

/* Parses without a copy of the bytes, which outlive the certificate. */
static bool parse(mbedtls_x509_crt *certificate, lwsec_bytes der)
{
    mbedtls_x509_crt_init(certificate);
    return mbedtls_x509_crt_parse_der_with_ext_cb(certificate, der.data, der.size, 0, is_judged,
                                                  NULL) == 0 &&
           certificate->raw.len == der.size;
}

static bool parses(const lwsec_cert_engine *self, lwsec_bytes der)
{
    mbedtls_x509_crt certificate;

    (void)self;
    const bool good = parse(&certificate, der);

    mbedtls_x509_crt_free(&certificate);
    return good;
}

/* Time is judged elsewhere, by a clock that mbedTLS does not know. */
static bool validate(mbedtls_x509_crt *certificate, mbedtls_x509_crt *issuer)
{
    const uint32_t time = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
    uint32_t flags = 0;
    const int answer = mbedtls_x509_crt_verify_with_profile(certificate, issuer, NULL, &profile,
                                                            NULL, &flags, NULL, NULL);

    return answer == 0 ||
           (answer == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && (flags & ~time) == 0 && flags != 0);
}

static bool is_known(const lwsec_cert_engine *self, lwsec_bytes der, lwsec_bytes issuer_der)
{
    const lwsec_mbedtls_engine *engine = (const lwsec_mbedtls_engine *)(const void *)self;

    for (size_t i = 0; i < engine->count; i++) {
        if (lwsec_equal_secret(engine->known[i].certificate, der) &&
            lwsec_equal_secret(engine->known[i].issuer, issuer_der)) {
            return true;
        }
    }
    return false;
}

static bool step(const lwsec_cert_engine *self, lwsec_bytes der, lwsec_bytes issuer_der)
{
    mbedtls_x509_crt certificate, issuer;

    if (is_known(self, der, issuer_der)) {
        return true;
    }
    const bool one = parse(&certificate, der);
    const bool other = parse(&issuer, issuer_der);
    const bool good = one && other && validate(&certificate, &issuer);

    mbedtls_x509_crt_free(&certificate);
    mbedtls_x509_crt_free(&issuer);
    return good;
}

static const mbedtls_md_info_t *hash(unsigned bits)
{
    return mbedtls_md_info_from_type(bits == 256   ? MBEDTLS_MD_SHA256
                                     : bits == 384 ? MBEDTLS_MD_SHA384
                                                   : MBEDTLS_MD_SHA512);
}

static bool digest(unsigned bits, lwsec_bytes data, uint8_t out[LWSEC_CERT_DIGEST_MAX])
{
    return mbedtls_md(hash(bits), data.data, data.size, out) == 0;
}

static bool verify(const lwsec_cert_signed *seal, lwsec_bytes key_der)
{
    uint8_t digested[LWSEC_CERT_DIGEST_MAX];
    mbedtls_pk_context key;

    mbedtls_pk_init(&key);
    const mbedtls_pk_type_t kind =
        seal->kind == LWSEC_CERT_ALGORITHM_RSA ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECDSA;
    const bool good =
        mbedtls_pk_parse_public_key(&key, key_der.data, key_der.size) == 0 &&
        mbedtls_pk_can_do(&key, kind) == 1 && digest(seal->hash, seal->tbs, digested) &&
        mbedtls_pk_verify(&key, mbedtls_md_get_type(hash(seal->hash)), digested, seal->hash / 8U,
                          seal->signature.data, seal->signature.size) == 0;
    mbedtls_pk_free(&key);
    return good;
}

/* Its path validation has no time of ours: the signature is verified by itself. Its parser refuses
 * each critical extension, and with it deltas, which would hide who is revoked; der_crl.c judges
 * them. */
static bool list(lwsec_bytes der, const lwsec_cert_signed *seal, lwsec_bytes key)
{
    (void)der;
    return verify(seal, key);
}

static const lwsec_mbedtls_engine engine = {{parses, step, list, digest, NULL}, NULL, 0};

const lwsec_cert_engine *lwsec_cert_mbedtls(void)
{
    return &engine.head;
}

const mbedtls_x509_crt_profile *lwsec_mbedtls_profile(void)
{
    return &profile;
}

lwsec_mbedtls_engine lwsec_mbedtls_engine_with(const lwsec_mbedtls_known *known, size_t count)
{
    return (lwsec_mbedtls_engine){engine.head, known, count};
}
