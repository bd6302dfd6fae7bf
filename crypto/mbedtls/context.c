/* Keyed contexts of mbedTLS: made once for a key, borrowed by one thread at a time. */
#include "crypto/mbedtls/store.h"

#include <mbedtls/version.h>

#include <mbedtls/platform.h>

static void *make(const lwsec_mbedtls_key *key)
{
    void *context = mbedtls_calloc(1, key->kind->context_size);

    if (context != NULL && key->kind->setup(context, key) != 0) {
        key->kind->clear(context);
        mbedtls_free(context);
        return NULL;
    }
    return context;
}

lwsec_status lwsec_mbedtls_make_context(lwsec_mbedtls_key *key)
{
    key->context = make(key);
    return key->context != NULL ? LWSEC_OK : LWSEC_ENGINE;
}

void lwsec_mbedtls_drop_context(lwsec_mbedtls_key *key, void *context)
{
    if (context != NULL) {
        key->kind->clear(context);
        mbedtls_free(context);
    }
}

void *lwsec_mbedtls_borrow(lwsec_mbedtls_key *key)
{
    if (atomic_exchange_explicit(&key->busy, true, memory_order_acquire)) {
        return make(key);
    }
    return key->context;
}

void lwsec_mbedtls_give_back(lwsec_mbedtls_key *key, void *context)
{
    if (context == key->context) {
        atomic_store_explicit(&key->busy, false, memory_order_release);
    } else {
        lwsec_mbedtls_drop_context(key, context);
    }
}
