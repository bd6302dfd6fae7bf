/* Opening and closing a store on a token. */
#include <lwsec/pkcs11.h>

#include "core/reason.h"

size_t lwsec_pkcs11_size(uint32_t slots)
{
    return LWSEC_PKCS11_SIZE(slots);
}

lwsec_status lwsec_pkcs11_open(void *memory, size_t size, uint32_t slots,
                               const lwsec_pkcs11_config *config, lwsec_store **store,
                               lwsec_reason *reason)
{
    *store = NULL;
    (void)memory;
    (void)size;
    (void)slots;
    (void)config;
    return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_PKCS11_MODULE, 0, reason);
}

void lwsec_pkcs11_close(lwsec_store **store)
{
    *store = NULL;
}

lwsec_pkcs11_login_state lwsec_pkcs11_login(const lwsec_store *store)
{
    (void)store;
    return LWSEC_PKCS11_LOGIN_UNSET;
}

lwsec_status lwsec_pkcs11_login_again(lwsec_store *store, uint32_t flags, lwsec_reason *reason)
{
    (void)store;
    (void)flags;
    return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_PKCS11_PIN, 0, reason);
}

uint32_t lwsec_pkcs11_capabilities(const lwsec_store *store)
{
    (void)store;
    return 0;
}

const char *lwsec_pkcs11_capability_name(unsigned bit)
{
    (void)bit;
    return NULL;
}

void lwsec_pkcs11_describe(const lwsec_store *store, lwsec_pkcs11_token *token)
{
    (void)store;
    (void)token;
}

lwsec_status lwsec_pkcs11_check(lwsec_store *store)
{
    (void)store;
    return LWSEC_ENGINE;
}

unsigned long lwsec_pkcs11_error(const lwsec_store *store)
{
    (void)store;
    return 0;
}

lwsec_status lwsec_pkcs11_get_certificate(lwsec_store *store, lwsec_bytes name, lwsec_buffer *der)
{
    (void)store;
    (void)name;
    (void)der;
    return LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_pkcs11_put_certificate(lwsec_store *store, lwsec_bytes name, lwsec_bytes der)
{
    (void)store;
    (void)name;
    (void)der;
    return LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_pkcs11_remove_certificate(lwsec_store *store, lwsec_bytes name)
{
    (void)store;
    (void)name;
    return LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_pkcs11_get_data(lwsec_store *store, lwsec_bytes name, lwsec_buffer *data)
{
    (void)store;
    (void)name;
    (void)data;
    return LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_pkcs11_put_data(lwsec_store *store, lwsec_bytes name, lwsec_bytes data)
{
    (void)store;
    (void)name;
    (void)data;
    return LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_pkcs11_remove_data(lwsec_store *store, lwsec_bytes name)
{
    (void)store;
    (void)name;
    return LWSEC_UNSUPPORTED;
}
