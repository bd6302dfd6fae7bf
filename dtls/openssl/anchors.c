/* The trust anchors of an endpoint, parsed once for all of its handshakes. */
#include "dtls/openssl/engine.h"

/* Takes what is a certificate, with bytes of its own. */
static bool add(const lwsec_dtls_openssl_endpoint *self, lwsec_openssl_known *anchors,
                lwsec_bytes given)
{
    X509 *certificate = given.size > 0 ? lwsec_dtls_openssl_parse(self, given) : NULL;
    unsigned char *copy = NULL;

    if (certificate == NULL) {
        return true;
    }
    const int size = i2d_X509(certificate, &copy);
    if (size <= 0) {
        X509_free(certificate);
        return false;
    }
    ((lwsec_bytes *)(uintptr_t)anchors->der)[anchors->count] = lwsec_bytes_of(copy, (size_t)size);
    ((X509 **)(uintptr_t)anchors->certificates)[anchors->count++] = certificate;
    return true;
}

bool lwsec_dtls_openssl_anchors_open(lwsec_dtls_openssl_endpoint *self,
                                     const lwsec_cert_check *check)
{
    const size_t most = check->trust_count + 1; /* and the association, which may be one */
    lwsec_openssl_known *anchors = &self->anchors;

    anchors->der = OPENSSL_zalloc(most * sizeof *anchors->der);
    anchors->certificates = OPENSSL_zalloc(most * sizeof(X509 *));
    bool good = anchors->der != NULL && anchors->certificates != NULL;
    for (size_t i = 0; good && i < check->trust_count; i++) {
        good = add(self, anchors, check->trust[i]);
    }
    return good && add(self, anchors, check->association);
}

void lwsec_dtls_openssl_anchors_close(lwsec_openssl_known *anchors)
{
    for (size_t i = 0; i < anchors->count; i++) {
        OPENSSL_free((void *)(uintptr_t)anchors->der[i].data);
        X509_free(anchors->certificates[i]);
    }
    OPENSSL_free((void *)(uintptr_t)anchors->der);
    OPENSSL_free((void *)(uintptr_t)anchors->certificates);
    *anchors = (lwsec_openssl_known){NULL, NULL, 0, NULL};
}
