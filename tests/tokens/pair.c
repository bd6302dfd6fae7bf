/* Puts a key pair into the token: both halves by lwsec. */
#include "tests/tokens/pair.h"

#include "tests/support/test.h"

#include <lwsec/pkcs11.h>

lwsec_key token_pair(lwsec_store *store, const char *name, lwsec_bytes scalar, lwsec_bytes point)
{
    const lwsec_bytes text = lwsec_bytes_of(name, strlen(name));
    const lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN,
                                             text};
    lwsec_key key = {NULL, 0, 0};

    if (lwsec_key_find(store, text, &key) == LWSEC_ABSENT) {
        assert_status(lwsec_key_import(store, &attributes, scalar, &key), LWSEC_OK);
        assert_status(lwsec_pkcs11_put_public_key(key, point), LWSEC_OK);
    }
    assert_non_null(key.store);
    return key;
}
