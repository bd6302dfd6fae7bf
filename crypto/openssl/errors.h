/* OpenSSL's queue of errors belongs to the host: it is left as found. For calls that seldom fail,
 * and in which marks would take their share of the time. */
#ifndef LWSEC_CRYPTO_OPENSSL_ERRORS_H
#define LWSEC_CRYPTO_OPENSSL_ERRORS_H

#include <openssl/err.h>

#include <stdbool.h>

/* Before the call: whether errors of the host are there, which are marked then. */
static inline bool lwsec_openssl_errors_mark(void)
{
    return ERR_peek_error() != 0 && ERR_set_mark() == 1;
}

/* After it: takes away what a call that failed has left. */
static inline void lwsec_openssl_errors_restore(bool marked, bool done)
{
    if (marked) {
        (void)ERR_pop_to_mark();
    } else if (!done) {
        ERR_clear_error();
    }
}

#endif
