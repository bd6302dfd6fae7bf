/* Server Public Key and Matching Type against a certificate. */
#include "certpolicy/usage.h"

/* R-5.2.9.7-13: what the Matching Type says is compared; there is no selector, so that a
 * certificate and its key both count. */
static bool is_digest_of(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                         lwsec_bytes data)
{
    static const uint16_t bits[] = {0, 256, 384, 512};
    uint8_t digest[LWSEC_CERT_DIGEST_MAX];
    const unsigned size = bits[check->matching];

    return check->association.size == size / 8 && engine->digest(size, data, digest) &&
           lwsec_der_same(check->association, lwsec_bytes_of(digest, size / 8));
}

bool lwsec_usage_matches(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                         const lwsec_cert_view *view)
{
    if (check->matching == LWSEC_CERT_EXACT) {
        return lwsec_der_same(check->association, view->der) ||
               lwsec_der_same(check->association, view->key);
    }
    return is_digest_of(engine, check, view->der) || is_digest_of(engine, check, view->key);
}
