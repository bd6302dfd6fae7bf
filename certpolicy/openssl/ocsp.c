/* OCSP responses (RFC 6960) about one certificate, as they come stapled. */
#include "certpolicy/openssl/cert_openssl.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

/* A query, with what is parsed of it. */
typedef struct query {
    const lwsec_cert_ocsp *given;
    OCSP_BASICRESP *basic;
    X509 *certificate;
    EVP_PKEY *issuer_key;
    X509_PUBKEY *issuer_info;
} query;

/* ---- Who signed it ---- */

/* SHA-256, SHA-384 and SHA-512 alone, as in certificates. */
static bool digest_is_allowed(const OCSP_BASICRESP *basic)
{
    const ASN1_OBJECT *object = NULL;
    int digest = NID_undef, key = NID_undef;

    X509_ALGOR_get0(&object, NULL, NULL, OCSP_resp_get0_tbs_sigalg(basic));
    return OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &key) == 1 &&
           (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

static bool is_signed_by(const query *q, EVP_PKEY *key)
{
    return key != NULL &&
           ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), OCSP_resp_get0_tbs_sigalg(q->basic),
                            OCSP_resp_get0_signature(q->basic), OCSP_resp_get0_respdata(q->basic),
                            key) == 1;
}

static bool is_allowed(const query *q, const X509 *responder)
{
    unsigned char *der = NULL;
    const int size = i2d_X509(responder, &der);
    const bool allowed = size > 0 && q->given->responder_is_allowed(
                                         lwsec_bytes_of(der, (size_t)size), q->given->check);

    OPENSSL_free(der);
    return allowed;
}

/* RFC 6960 section 4.2.2.2: a responder that the issuer itself certified for this. */
static bool is_delegate(const query *q, X509 *responder)
{
    return X509_NAME_cmp(X509_get_issuer_name(responder), X509_get_issuer_name(q->certificate)) ==
               0 &&
           (X509_get_extension_flags(responder) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 &&
           (X509_get_extension_flags(responder) & EXFLAG_XKUSAGE) != 0 &&
           (X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN) != 0 &&
           is_allowed(q, responder) && X509_verify(responder, q->issuer_key) == 1;
}

static bool is_authentic(const query *q)
{
    const STACK_OF(X509) *certificates = OCSP_resp_get0_certs(q->basic);

    if (!digest_is_allowed(q->basic)) {
        return false;
    }
    if (is_signed_by(q, q->issuer_key)) {
        return true;
    }
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *responder = sk_X509_value(certificates, i);
        if (is_delegate(q, responder) && is_signed_by(q, X509_get0_pubkey(responder))) {
            return true;
        }
    }
    return false;
}

/* ---- What it says ---- */

/* -1 and 0 tell that the time is not after the other one, 0 and 1 that it is not before; -2 that it
 * is none. */
static bool is_fresh(const lwsec_cert_check *check, const ASN1_GENERALIZEDTIME *this_update,
                     const ASN1_GENERALIZEDTIME *next_update)
{
    const time_t now = (time_t)check->time.seconds, age = (time_t)check->status_age;
    const int since = this_update != NULL ? ASN1_TIME_cmp_time_t(this_update, now) : -2;

    if (since != -1 && since != 0) {
        return false;
    }
    if (next_update != NULL ? ASN1_TIME_cmp_time_t(next_update, now) < 0 : age == 0) {
        return false;
    }
    return age == 0 || ASN1_TIME_cmp_time_t(this_update, now - age) >= 0;
}

/* The identifier of our certificate, by the digest of the response's. */
static OCSP_CERTID *identify(const query *q, const EVP_MD *digest)
{
    const unsigned char *bits = NULL;
    int size = 0;
    OCSP_CERTID *id = NULL;
    ASN1_BIT_STRING *key = ASN1_BIT_STRING_new();

    if (key != NULL && X509_PUBKEY_get0_param(NULL, &bits, &size, NULL, q->issuer_info) == 1 &&
        ASN1_BIT_STRING_set(key, (unsigned char *)bits, size) == 1) {
        id = OCSP_cert_id_new(digest, X509_get_issuer_name(q->certificate), key,
                              X509_get0_serialNumber(q->certificate));
    }
    ASN1_BIT_STRING_free(key);
    return id;
}

static bool is_about_us(const query *q, const OCSP_SINGLERESP *single)
{
    const OCSP_CERTID *theirs = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT *algorithm = NULL;

    if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, (OCSP_CERTID *)theirs) != 1) {
        return false;
    }
    const EVP_MD *digest = EVP_get_digestbyobj(algorithm);
    OCSP_CERTID *ours = digest != NULL ? identify(q, digest) : NULL;
    const bool same = ours != NULL && OCSP_id_cmp(ours, theirs) == 0;
    OCSP_CERTID_free(ours);
    return same;
}

/* A response that says "revoked" is believed however old it is. */
static lwsec_why judge_single(const query *q, OCSP_SINGLERESP *single)
{
    ASN1_GENERALIZEDTIME *this_update = NULL, *next_update = NULL;
    const int status = OCSP_single_get0_status(single, NULL, NULL, &this_update, &next_update);

    if (status == V_OCSP_CERTSTATUS_REVOKED) {
        return LWSEC_WHY_CERT_REVOKED;
    }
    if (OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) >= 0 ||
        !is_fresh(q->given->check, this_update, next_update)) {
        return LWSEC_WHY_CERT_OCSP;
    }
    return status == V_OCSP_CERTSTATUS_GOOD ? LWSEC_WHY_NONE : LWSEC_WHY_CERT_STATUS;
}

static lwsec_why judge(const query *q)
{
    lwsec_why why = LWSEC_WHY_CERT_OCSP;

    /* No extension of a response changes what is done here: a critical one is not known. */
    if (!is_authentic(q) || OCSP_BASICRESP_get_ext_by_critical(q->basic, 1, -1) >= 0) {
        return why;
    }
    for (int i = 0; i < OCSP_resp_count(q->basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(q->basic, i);
        if (is_about_us(q, single)) {
            why = judge_single(q, single);
            if (why != LWSEC_WHY_NONE) {
                return why;
            }
        }
    }
    return why;
}

static OCSP_BASICRESP *parse(lwsec_bytes der)
{
    const unsigned char *end = der.data;
    OCSP_RESPONSE *response =
        der.size > LONG_MAX ? NULL : d2i_OCSP_RESPONSE(NULL, &end, (long)der.size);
    OCSP_BASICRESP *basic = NULL;

    if (response != NULL && end == der.data + der.size &&
        OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        basic = OCSP_response_get1_basic(response);
    }
    OCSP_RESPONSE_free(response);
    return basic;
}

lwsec_why lwsec_openssl_ocsp(const lwsec_cert_ocsp *given)
{
    const unsigned char *key = given->issuer_key.data;

    (void)ERR_set_mark();
    query q = {
        .given = given,
        .basic = parse(given->response),
        .certificate = lwsec_openssl_certificate(given->certificate),
        .issuer_key = lwsec_openssl_key(given->issuer_key),
        .issuer_info = d2i_X509_PUBKEY(NULL, &key, (long)given->issuer_key.size),
    };
    const bool all =
        q.basic != NULL && q.certificate != NULL && q.issuer_key != NULL && q.issuer_info != NULL;
    const lwsec_why why = all ? judge(&q) : LWSEC_WHY_CERT_OCSP;

    OCSP_BASICRESP_free(q.basic);
    X509_free(q.certificate);
    EVP_PKEY_free(q.issuer_key);
    X509_PUBKEY_free(q.issuer_info);
    (void)ERR_pop_to_mark();
    return why;
}
