/* Keys that the fake token makes: generated, or derived. */
#include "tests/tokens/fake/parts.h"

#include <openssl/rand.h>
#include <string.h>

#define TEMPLATE_MAX (FAKE_ATTRIBUTES)

/* An attribute of a template as a number; `otherwise` where it is missing. */
static CK_ULONG number_in(const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
                          CK_ULONG otherwise)
{
    CK_ULONG number = otherwise;

    for (CK_ULONG i = 0; i < count; i++) {
        if (attributes[i].type == type && attributes[i].ulValueLen == sizeof number) {
            memcpy(&number, attributes[i].pValue, sizeof number);
        }
    }
    return number;
}

/* The object of a template and of what the token adds to it; what the template says wins. */
static CK_RV create_with(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count,
                         const CK_ATTRIBUTE *more, CK_ULONG more_count, CK_OBJECT_HANDLE *key)
{
    CK_ATTRIBUTE all[TEMPLATE_MAX];

    if (count + more_count > TEMPLATE_MAX) {
        return CKR_TEMPLATE_INCONSISTENT;
    }
    memcpy(all, more, more_count * sizeof *more);
    memcpy(&all[more_count], attributes, count * sizeof *attributes);
    return fake_create(session, all, more_count + count, key);
}

static CK_RV create_secret(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count,
                           CK_KEY_TYPE type, CK_BYTE *value, CK_ULONG size, CK_OBJECT_HANDLE *key)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE key_type = number_in(attributes, count, CKA_KEY_TYPE, type);
    const CK_ATTRIBUTE more[] = {{CKA_CLASS, &class, sizeof class},
                                 {CKA_KEY_TYPE, &key_type, sizeof key_type},
                                 {CKA_VALUE, value, size}};

    return create_with(session, attributes, count, more, 3, key);
}

CK_RV fake_generate(fake_session *session, const CK_MECHANISM *mechanism,
                    const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    const CK_ULONG size = mechanism->mechanism == CKM_DES3_KEY_GEN
                              ? 24
                              : number_in(attributes, count, CKA_VALUE_LEN, 0);
    CK_BYTE value[256];
    CK_KEY_TYPE type;

    switch (mechanism->mechanism) {
    case CKM_AES_KEY_GEN: type = CKK_AES; break;
    case CKM_DES3_KEY_GEN: type = CKK_DES3; break;
    case CKM_GENERIC_SECRET_KEY_GEN: type = CKK_GENERIC_SECRET; break;
    default: return CKR_MECHANISM_INVALID;
    }
    if (size == 0 || size > sizeof value) {
        return CKR_KEY_SIZE_RANGE;
    }
    return RAND_bytes(value, (int)size) == 1
               ? create_secret(session, attributes, count, type, value, size, key)
               : CKR_FUNCTION_FAILED;
}

CK_RV fake_generate_pair(fake_session *session, const CK_MECHANISM *mechanism,
                         const fake_pair *pair, CK_OBJECT_HANDLE *public_key,
                         CK_OBJECT_HANDLE *private_key)
{
    CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
    CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BYTE parameters[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_BYTE point[67] = {0x04, 65};
    CK_BYTE scalar[32];
    const CK_ATTRIBUTE public_more[] = {{CKA_CLASS, &public_class, sizeof public_class},
                                        {CKA_KEY_TYPE, &type, sizeof type},
                                        {CKA_EC_POINT, point, sizeof point}};
    const CK_ATTRIBUTE private_more[] = {{CKA_CLASS, &private_class, sizeof private_class},
                                         {CKA_KEY_TYPE, &type, sizeof type},
                                         {CKA_EC_PARAMS, parameters, sizeof parameters},
                                         {CKA_VALUE, scalar, sizeof scalar}};

    if (mechanism->mechanism != CKM_EC_KEY_PAIR_GEN) {
        return CKR_MECHANISM_INVALID;
    }
    CK_RV rv = fake_make_pair(scalar, &point[2]);
    if (rv == CKR_OK) {
        rv = create_with(session, pair->public_attributes, pair->public_count, public_more, 3,
                         public_key);
    }
    if (rv == CKR_OK) {
        rv = create_with(session, pair->private_attributes, pair->private_count, private_more, 4,
                         private_key);
    }
    return rv;
}

/* The peer's point comes plain or inside of an OCTET STRING. */
CK_RV fake_derive(fake_session *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                  const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    const CK_ECDH1_DERIVE_PARAMS *ecdh = mechanism->pParameter;
    const fake_object *object = fake_object_of(base);
    CK_BYTE shared[32];

    if (mechanism->mechanism != CKM_ECDH1_DERIVE) {
        return CKR_MECHANISM_INVALID;
    }
    if (object == NULL || !fake_is_true(object, CKA_DERIVE)) {
        return object == NULL ? CKR_KEY_HANDLE_INVALID : CKR_KEY_FUNCTION_NOT_PERMITTED;
    }
    const CK_ULONG skip = ecdh->ulPublicDataLen == 67 ? 2 : 0;
    const CK_RV rv = fake_agree(fake_attribute_of(object, CKA_VALUE)->value,
                                &ecdh->pPublicData[skip], ecdh->ulPublicDataLen - skip, shared);
    return rv == CKR_OK ? create_secret(session, attributes, count, CKK_GENERIC_SECRET, shared,
                                        sizeof shared, key)
                        : rv;
}
