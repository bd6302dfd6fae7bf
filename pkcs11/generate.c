/* Making keys inside the token. */
#include "pkcs11/operations.h"

#include <string.h>

CK_RV lwsec_p11_make_pair(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                          lwsec_p11_key *key, bool with_list, const void *nothing,
                          CK_OBJECT_HANDLE *object)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    lwsec_p11_template public_half = {.count = 0};
    lwsec_p11_template private_half = {.count = 0};
    CK_OBJECT_HANDLE public_key = 0;

    (void)none;
    (void)nothing;
    if (calls->C_GenerateKeyPair == NULL) {
        return CKR_FUNCTION_NOT_SUPPORTED;
    }
    lwsec_p11_describe_public(&public_half, key);
    lwsec_p11_describe_key(&private_half, key, with_list);
    const CK_RV rv =
        calls->C_GenerateKeyPair(session, &mechanism, public_half.list, public_half.count,
                                 private_half.list, private_half.count, &public_key, object);
    if (rv == CKR_OK) {
        key->has_point = lwsec_p11_read_point(self, session, public_key, key->point);
    }
    if (rv == CKR_OK && !key->kept) {
        (void)calls->C_DestroyObject(session, public_key);
    }
    return rv;
}

CK_RV lwsec_p11_make_secret(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                            lwsec_p11_key *key, bool with_list, const void *size,
                            CK_OBJECT_HANDLE *object)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    const CK_KEY_TYPE type = lwsec_p11_type_of(key);
    lwsec_p11_template new_key = {.count = 0};
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};

    (void)none;
    if (calls->C_GenerateKey == NULL) {
        return CKR_FUNCTION_NOT_SUPPORTED;
    }
    lwsec_p11_describe_key(&new_key, key, with_list);
    if (type == CKK_DES3) {
        mechanism.mechanism = CKM_DES3_KEY_GEN;
    } else {
        mechanism.mechanism = type == CKK_AES ? CKM_AES_KEY_GEN : mechanism.mechanism;
        lwsec_p11_add_number(&new_key, CKA_VALUE_LEN, (CK_ULONG) * (const size_t *)size);
    }
    return calls->C_GenerateKey(session, &mechanism, new_key.list, new_key.count, object);
}

/* What cannot be made in a token in the form that it needs there. */
static bool is_possible(const lwsec_p11_key *key, size_t size)
{
    switch (key->form) {
    case LWSEC_P11_FORM_PREMASTER: return false; /* nobody could know the PSK */
    case LWSEC_P11_FORM_HMAC:
    case LWSEC_P11_FORM_PRK: return size >= 32; /* nothing fills it up with zeros */
    case LWSEC_P11_FORM_NATIVE: return key->algorithm != LWSEC_ALG_TDES_CBC || size == 24;
    default: return true;
    }
}

/* R-5.2.4-16: the token's own generator makes the pair. */
lwsec_status lwsec_p11_generate(lwsec_store *store, uint32_t slot,
                                const lwsec_key_attributes *attributes, size_t key_size)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    lwsec_p11_key *key = &self->keys[slot];

    lwsec_status status = lwsec_p11_plan_key(self, key, attributes);
    if (status == LWSEC_OK) {
        status = is_possible(key, key_size)
                     ? lwsec_p11_make_key(self, LWSEC_P11_NO_KEY, key,
                                          key->form == LWSEC_P11_FORM_P256 ? lwsec_p11_make_pair
                                                                           : lwsec_p11_make_secret,
                                          &key_size)
                     : LWSEC_UNSUPPORTED;
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(key, sizeof *key);
    }
    return status;
}
