/* Operations of a session of the fake token: begun, run, and over. */
#include "tests/tokens/fake/parts.h"

#include <string.h>

static const CK_ATTRIBUTE_TYPE usages[] = {[FAKE_ENCRYPT] = CKA_ENCRYPT,
                                           [FAKE_DECRYPT] = CKA_DECRYPT,
                                           [FAKE_DIGEST] = 0,
                                           [FAKE_SIGN] = CKA_SIGN,
                                           [FAKE_VERIFY] = CKA_VERIFY};

static CK_ULONG number_of(const fake_object *object, CK_ATTRIBUTE_TYPE type)
{
    const fake_attribute *attribute = fake_attribute_of(object, type);
    CK_ULONG number = 0;

    if (attribute != NULL && attribute->size == sizeof number) {
        memcpy(&number, attribute->value, sizeof number);
    }
    return number;
}

static CK_KEY_TYPE key_type_of(CK_MECHANISM_TYPE mechanism)
{
    switch (mechanism) {
    case CKM_AES_ECB:
    case CKM_AES_CBC:
    case CKM_AES_CTR:
    case CKM_AES_GCM:
    case CKM_AES_CMAC: return CKK_AES;
    case CKM_DES3_ECB:
    case CKM_DES3_CBC: return CKK_DES3;
    case CKM_ECDSA: return CKK_EC;
    default: return CKK_GENERIC_SECRET;
    }
}

/* A point is inside of an OCTET STRING: two bytes before it. */
static CK_RV take_key(fake_active *active, const fake_object *object)
{
    const bool public = number_of(object, CKA_CLASS) == CKO_PUBLIC_KEY;
    const fake_attribute *value = fake_attribute_of(object, public ? CKA_EC_POINT : CKA_VALUE);
    const CK_ULONG skip = public ? 2 : 0;
    const EVP_MD *hash = fake_hash(active->mechanism);

    if (value == NULL || value->size < skip || value->size - skip > sizeof active->key) {
        return CKR_KEY_SIZE_RANGE;
    }
    if (hash != NULL && value->size < (CK_ULONG)EVP_MD_get_size(hash)) {
        return CKR_KEY_SIZE_RANGE; /* as SoftHSM2 */
    }
    active->key_size = value->size - skip;
    memcpy(active->key, &value->value[skip], active->key_size);
    return CKR_OK;
}

static CK_RV take_gcm(fake_active *active, const CK_MECHANISM *mechanism)
{
    const CK_GCM_PARAMS *gcm = mechanism->pParameter;

    if (mechanism->ulParameterLen != sizeof *gcm || gcm->ulIvLen > sizeof active->parameter ||
        gcm->ulAADLen > sizeof active->aad || gcm->ulTagBits != 128) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    memcpy(active->parameter, gcm->pIv, gcm->ulIvLen);
    active->parameter_size = gcm->ulIvLen;
    if (gcm->ulAADLen != 0) {
        memcpy(active->aad, gcm->pAAD, gcm->ulAADLen);
    }
    active->aad_size = gcm->ulAADLen;
    active->tag_size = 16;
    return CKR_OK;
}

static CK_RV take_parameter(fake_active *active, const CK_MECHANISM *mechanism)
{
    const CK_AES_CTR_PARAMS *counter = mechanism->pParameter;
    const CK_ULONG block = mechanism->mechanism == CKM_DES3_CBC ? 8 : 16;

    switch (mechanism->mechanism) {
    case CKM_AES_GCM: return take_gcm(active, mechanism);
    case CKM_AES_CTR:
        if (mechanism->ulParameterLen != sizeof *counter) {
            return CKR_MECHANISM_PARAM_INVALID;
        }
        memcpy(active->parameter, counter->cb, 16);
        active->parameter_size = 16;
        return CKR_OK;
    case CKM_AES_CBC:
    case CKM_DES3_CBC:
        if (mechanism->ulParameterLen != block) {
            return CKR_MECHANISM_PARAM_INVALID;
        }
        memcpy(active->parameter, mechanism->pParameter, block);
        active->parameter_size = block;
        return CKR_OK;
    default: return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
    }
}

static CK_RV begin_with_key(fake_active *active, fake_operation operation, CK_OBJECT_HANDLE key)
{
    const fake_object *object = fake_object_of(key);

    if (object == NULL) {
        return CKR_KEY_HANDLE_INVALID;
    }
    if (number_of(object, CKA_KEY_TYPE) != key_type_of(active->mechanism)) {
        return CKR_KEY_TYPE_INCONSISTENT;
    }
    if (!fake_is_true(object, usages[operation])) {
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    }
    return take_key(active, object);
}

CK_RV fake_begin(fake_session *session, fake_operation operation, const CK_MECHANISM *mechanism,
                 CK_OBJECT_HANDLE key)
{
    fake_active *active = &session->active[operation];
    EVP_MD_CTX *digest = active->digest;
    CK_RV rv = fake_check_mechanism(operation, mechanism->mechanism);

    if (rv != CKR_OK || active->on) {
        return active->on ? CKR_OPERATION_ACTIVE : rv;
    }
    memset(active, 0, sizeof *active);
    active->mechanism = mechanism->mechanism;
    if (operation == FAKE_DIGEST) {
        active->digest = digest != NULL ? digest : EVP_MD_CTX_new();
        rv = EVP_DigestInit_ex(active->digest, fake_hash(mechanism->mechanism), NULL) == 1
                 ? CKR_OK
                 : CKR_FUNCTION_FAILED;
    } else {
        rv = take_parameter(active, mechanism);
        rv = rv == CKR_OK ? begin_with_key(active, operation, key) : rv;
    }
    active->on = rv == CKR_OK;
    return rv;
}

static CK_RV finish_digest(fake_active *active, const CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out,
                           CK_ULONG *out_size)
{
    const CK_ULONG size = (CK_ULONG)EVP_MD_CTX_get_size(active->digest);

    if (out == NULL || *out_size < size) {
        const CK_RV rv = out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
        *out_size = size;
        return rv;
    }
    *out_size = size;
    return (in_size == 0 || EVP_DigestUpdate(active->digest, in, in_size) == 1) &&
                   EVP_DigestFinal_ex(active->digest, out, NULL) == 1
               ? CKR_OK
               : CKR_FUNCTION_FAILED;
}

CK_RV fake_run(fake_session *session, fake_operation operation, const CK_BYTE *in, CK_ULONG in_size,
               CK_BYTE *out, CK_ULONG *out_size)
{
    fake_active *active = &session->active[operation];
    CK_RV rv;

    if (!active->on || (operation == FAKE_DIGEST && active->digest == NULL) ||
        (operation != FAKE_DIGEST && active->mechanism == 0)) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    switch (operation) {
    case FAKE_ENCRYPT:
    case FAKE_DECRYPT:
        rv = fake_crypt(active, operation == FAKE_ENCRYPT, in, in_size, out, out_size);
        break;
    case FAKE_SIGN: rv = fake_sign(active, in, in_size, out, out_size); break;
    default: rv = finish_digest(active, in, in_size, out, out_size); break;
    }
    /* A question for the length, or too little room, leaves the operation where it was. */
    active->on = rv == CKR_BUFFER_TOO_SMALL || (rv == CKR_OK && out == NULL);
    return rv;
}

CK_RV fake_run_verify(fake_session *session, const CK_BYTE *in, CK_ULONG in_size,
                      const CK_BYTE *signature, CK_ULONG signature_size)
{
    fake_active *active = &session->active[FAKE_VERIFY];

    if (!active->on) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    active->on = false;
    return active->mechanism == CKM_ECDSA
               ? fake_verify(active, in, in_size, signature, signature_size)
               : CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV fake_digest(fake_session *session, const CK_BYTE *part, CK_ULONG size)
{
    fake_active *active = &session->active[FAKE_DIGEST];

    if (!active->on) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    return EVP_DigestUpdate(active->digest, part, size) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV fake_digest_key(fake_session *session, CK_OBJECT_HANDLE key)
{
    const fake_object *object = fake_object_of(key);

    if (object == NULL) {
        return CKR_KEY_HANDLE_INVALID;
    }
    const fake_attribute *value = fake_attribute_of(object, CKA_VALUE);
    return fake_digest(session, value->value, value->size);
}
