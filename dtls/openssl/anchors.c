/* The trust anchors of an endpoint, parsed once for all of its handshakes. */
#include "dtls/openssl/engine.h"

#include <string.h>

/* Takes what is a certificate, with bytes of its own. */
static bool add(const lwsec_dtls_openssl_endpoint *self, lwsec_dtls_openssl_anchors *anchors,
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
    anchors->copies[anchors->known.count] = copy;
    anchors->der[anchors->known.count] = lwsec_bytes_of(copy, (size_t)size);
    anchors->certificates[anchors->known.count++] = certificate;
    return true;
}

bool lwsec_dtls_openssl_anchors_open(lwsec_dtls_openssl_endpoint *self,
                                     const lwsec_cert_check *check)
{
    const size_t most = check->trust_count + 1; /* and the association, which may be one */
    lwsec_dtls_openssl_anchors *anchors = &self->anchors;

    anchors->copies = OPENSSL_zalloc(most * sizeof *anchors->copies);
    anchors->der = OPENSSL_zalloc(most * sizeof *anchors->der);
    anchors->certificates = OPENSSL_zalloc(most * sizeof(X509 *));
    bool good = anchors->copies != NULL && anchors->der != NULL && anchors->certificates != NULL;
    anchors->known.der = anchors->der;
    anchors->known.certificates = anchors->certificates;
    for (size_t i = 0; good && i < check->trust_count; i++) {
        good = add(self, anchors, check->trust[i]);
    }
    return good && add(self, anchors, check->association);
}

void lwsec_dtls_openssl_anchors_close(lwsec_dtls_openssl_anchors *anchors)
{
    for (size_t i = 0; i < anchors->known.count; i++) {
        OPENSSL_free(anchors->copies[i]);
        X509_free(anchors->certificates[i]);
    }
    OPENSSL_free(anchors->copies);
    OPENSSL_free(anchors->der);
    OPENSSL_free(anchors->certificates);
    memset(anchors, 0, sizeof *anchors);
}
