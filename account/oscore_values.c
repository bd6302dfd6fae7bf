/* Object 21 out of accounts. */
#include "account/oscore_values.h"

static lwsec_oscore_object_version version_of(const lwsec_accounts *accounts)
{
    const uint16_t version = lwsec_accounts_version(accounts, LWSEC_OBJECT_OSCORE);

    return version == LWSEC_VERSION(1, 0)   ? LWSEC_OSCORE_OBJECT_1_0
           : version == LWSEC_VERSION(1, 1) ? LWSEC_OSCORE_OBJECT_1_1
                                            : LWSEC_OSCORE_OBJECT_2_0;
}

static lwsec_status set(lwsec_oscore_object *object, uint16_t resource, lwsec_bytes bytes)
{
    return resource == LWSEC_OSCORE_OBJECT_AEAD || resource == LWSEC_OSCORE_OBJECT_HMAC
               ? lwsec_oscore_object_set_integer(object, resource, (int64_t)lwsec_image_uint(bytes))
               : lwsec_oscore_object_set(object, resource, bytes, NULL);
}

uint32_t lwsec_oscore_values(const lwsec_accounts *accounts, uint16_t instance, uint32_t flags,
                             lwsec_oscore_object *object)
{
    const lwsec_oscore_object_version version = version_of(accounts);
    const bool hex =
        (accounts->flags & LWSEC_ACCOUNTS_HEX) != 0 && version != LWSEC_OSCORE_OBJECT_2_0;
    uint32_t bad = 0;

    if (lwsec_oscore_object_init(object, version, instance,
                                 flags | (hex ? (uint32_t)LWSEC_OSCORE_OBJECT_HEX : 0U)) !=
        LWSEC_OK) {
        return UINT32_MAX;
    }
    for (unsigned i = 0; i < LWSEC_OSCORE_OBJECT_RESOURCES; i++) {
        const lwsec_bytes bytes =
            lwsec_image_bytes(accounts, lwsec_path_of(LWSEC_OBJECT_OSCORE, instance, (uint16_t)i));
        if (bytes.data != NULL && set(object, (uint16_t)i, bytes) != LWSEC_OK) {
            bad |= UINT32_C(1) << i;
        }
    }
    return bad;
}
