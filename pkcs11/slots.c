/* Finding a token by what it says of itself: slot numbers change from start to start. */
#include "pkcs11/token.h"

/* More slots than any module has; p11-kit's proxy may have a dozen. */
#define SLOTS 64U

/* A field of fixed size, filled up with spaces; some modules fill with NULs. */
static lwsec_bytes trimmed(const CK_BYTE *field, size_t size)
{
    while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == 0)) {
        size--;
    }
    return lwsec_bytes_of(field, size);
}

lwsec_pkcs11_token lwsec_p11_identity(const CK_TOKEN_INFO *info)
{
    const lwsec_pkcs11_token token = {
        trimmed(info->label, sizeof info->label),
        trimmed(info->serialNumber, sizeof info->serialNumber),
        trimmed(info->manufacturerID, sizeof info->manufacturerID),
        trimmed(info->model, sizeof info->model),
    };
    return token;
}

static bool fits(lwsec_bytes wanted, lwsec_bytes found)
{
    return wanted.data == NULL || lwsec_equal_secret(trimmed(wanted.data, wanted.size), found);
}

static bool is_wanted(const lwsec_pkcs11_token *wanted, const CK_TOKEN_INFO *info)
{
    const lwsec_pkcs11_token found = lwsec_p11_identity(info);

    return (info->flags & CKF_TOKEN_INITIALIZED) != 0 && fits(wanted->label, found.label) &&
           fits(wanted->serial, found.serial) && fits(wanted->manufacturer, found.manufacturer) &&
           fits(wanted->model, found.model);
}

lwsec_status lwsec_p11_find_token(const lwsec_p11_module *module, const lwsec_pkcs11_token *wanted,
                                  CK_SLOT_ID *slot, CK_TOKEN_INFO *info, CK_RV *rv)
{
    CK_SLOT_ID slots[SLOTS];
    CK_ULONG count = SLOTS;
    unsigned found = 0;

    *rv = module->calls->C_GetSlotList(CK_TRUE, slots, &count);
    if (*rv != CKR_OK) {
        return LWSEC_ENGINE;
    }
    for (CK_ULONG i = 0; i < count && i < SLOTS; i++) {
        CK_TOKEN_INFO candidate;
        if (module->calls->C_GetTokenInfo(slots[i], &candidate) == CKR_OK &&
            is_wanted(wanted, &candidate)) {
            *slot = slots[i];
            *info = candidate;
            found++;
        }
    }
    return found == 1 ? LWSEC_OK : LWSEC_ABSENT;
}
