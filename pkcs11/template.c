/* What a key looks like in a token: nothing gets its value out, and it has one purpose. */
#include "pkcs11/object.h"

#include <string.h>

/* 1.2.840.10045.3.1.7 */
static const uint8_t curve[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
const lwsec_bytes lwsec_p11_p256 = {curve, sizeof curve};

/* Modules only read what a template points at, but their calls do not say so. */
static void *unlocked(const void *value)
{
    return (void *)value;
}

static void add(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, const void *value, size_t size)
{
    if (of->count < LWSEC_P11_ATTRIBUTES) {
        of->list[of->count].type = type;
        of->list[of->count].pValue = unlocked(value);
        of->list[of->count].ulValueLen = (CK_ULONG)size;
        of->count++;
    }
}

void lwsec_p11_add(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, lwsec_bytes value)
{
    add(of, type, value.data, value.size);
}

void lwsec_p11_add_flag(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, bool value)
{
    static const CK_BBOOL yes = CK_TRUE;
    static const CK_BBOOL no = CK_FALSE;

    add(of, type, value ? &yes : &no, sizeof yes);
}

void lwsec_p11_add_number(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, CK_ULONG value)
{
    if (of->number_count < sizeof of->numbers / sizeof of->numbers[0]) {
        CK_ULONG *number = &of->numbers[of->number_count++];
        *number = value;
        add(of, type, number, sizeof *number);
    }
}

CK_OBJECT_CLASS lwsec_p11_class_of(const lwsec_p11_key *key)
{
    return key->form == LWSEC_P11_FORM_P256 ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
}

CK_KEY_TYPE lwsec_p11_type_of(const lwsec_p11_key *key)
{
    switch (key->form) {
    case LWSEC_P11_FORM_P256: return CKK_EC;
    case LWSEC_P11_FORM_BLOCKS: return CKK_AES;
    case LWSEC_P11_FORM_NATIVE: return key->algorithm == LWSEC_ALG_TDES_CBC ? CKK_DES3 : CKK_AES;
    default: return CKK_GENERIC_SECRET;
    }
}

/* What a key may do, by its form; all else is forbidden by name. */
typedef struct purpose {
    bool encrypt, decrypt, sign, derive;
} purpose;

static purpose of_native(const lwsec_p11_key *key)
{
    purpose may = {false, false, false, false};

    may.sign = key->algorithm == LWSEC_ALG_AES_CMAC;
    may.encrypt = (key->usage & (LWSEC_USE_SEAL | LWSEC_USE_ENCRYPT)) != 0;
    may.decrypt = (key->usage & (LWSEC_USE_OPEN | LWSEC_USE_DECRYPT)) != 0;
    return may;
}

static purpose purpose_of(const lwsec_p11_key *key)
{
    purpose may = {false, false, false, false};

    switch (key->form) {
    case LWSEC_P11_FORM_NATIVE: return of_native(key);
    case LWSEC_P11_FORM_BLOCKS: may.encrypt = true; break;
    case LWSEC_P11_FORM_HMAC:
    case LWSEC_P11_FORM_PRK:
    case LWSEC_P11_FORM_PREMASTER: may.sign = true; break;
    case LWSEC_P11_FORM_PRK_HKDF: may.derive = true; break;
    case LWSEC_P11_FORM_SECRET:
        may.derive = true;
        may.sign = (key->usage & LWSEC_USE_DERIVE) != 0;
        break;
    case LWSEC_P11_FORM_P256:
        may.sign = (key->usage & LWSEC_USE_SIGN) != 0;
        may.derive = (key->usage & LWSEC_USE_AGREE) != 0;
        break;
    default: break;
    }
    return may;
}

/* The mechanisms of a key, for tokens that let one name them; how many. */
static size_t mechanisms_of(const lwsec_p11_key *key, CK_MECHANISM_TYPE list[4])
{
    size_t count = 0;

    switch (key->form) {
    case LWSEC_P11_FORM_BLOCKS:
        list[count++] = CKM_AES_CBC;
        list[count++] = CKM_AES_ECB;
        if (key->algorithm != LWSEC_ALG_AES_CMAC) {
            list[count++] = CKM_AES_CTR;
        }
        return count;
    case LWSEC_P11_FORM_PRK:
        list[count++] = CKM_SHA256_HMAC;
        list[count++] = CKM_SHA384_HMAC;
        list[count++] = CKM_SHA512_HMAC;
        return count;
    case LWSEC_P11_FORM_PREMASTER: list[count++] = CKM_SHA256_HMAC; return count;
    case LWSEC_P11_FORM_PRK_HKDF:
        list[count++] = CKM_HKDF_DERIVE;
        list[count++] = CKM_HKDF_DATA;
        return count;
    case LWSEC_P11_FORM_P256:
        list[count++] = key->algorithm == LWSEC_ALG_ES256 ? CKM_ECDSA : CKM_ECDH1_DERIVE;
        return count;
    case LWSEC_P11_FORM_SECRET: return 0; /* C_DigestKey is no mechanism of the key */
    default: break;
    }
    switch (key->algorithm) {
    case LWSEC_ALG_HMAC_256: list[count++] = CKM_SHA256_HMAC; break;
    case LWSEC_ALG_HMAC_384: list[count++] = CKM_SHA384_HMAC; break;
    case LWSEC_ALG_HMAC_512: list[count++] = CKM_SHA512_HMAC; break;
    case LWSEC_ALG_AES_CMAC: list[count++] = CKM_AES_CMAC; break;
    case LWSEC_ALG_TDES_CBC:
        list[count++] = CKM_DES3_CBC;
        list[count++] = CKM_DES3_ECB;
        break;
    case LWSEC_ALG_AES_CBC:
        list[count++] = CKM_AES_CBC;
        list[count++] = CKM_AES_CTR;
        list[count++] = CKM_AES_ECB;
        break;
    case LWSEC_ALG_A128GCM:
    case LWSEC_ALG_A192GCM:
    case LWSEC_ALG_A256GCM: list[count++] = CKM_AES_GCM; break;
    default: list[count++] = CKM_AES_CCM; break;
    }
    return count;
}

void lwsec_p11_describe_key(lwsec_p11_template *of, const lwsec_p11_key *key, bool with_list)
{
    const purpose may = purpose_of(key);

    lwsec_p11_add_number(of, CKA_CLASS, lwsec_p11_class_of(key));
    lwsec_p11_add_number(of, CKA_KEY_TYPE, lwsec_p11_type_of(key));
    lwsec_p11_add_flag(of, CKA_TOKEN, key->kept);
    lwsec_p11_add_flag(of, CKA_PRIVATE, true);
    lwsec_p11_add_flag(of, CKA_SENSITIVE, true);
    lwsec_p11_add_flag(of, CKA_EXTRACTABLE, false);
    lwsec_p11_add_flag(of, CKA_DECRYPT, may.decrypt);
    lwsec_p11_add_flag(of, CKA_SIGN, may.sign);
    lwsec_p11_add_flag(of, CKA_DERIVE, may.derive);
    lwsec_p11_add_flag(of, CKA_UNWRAP, false);
    if (key->form != LWSEC_P11_FORM_P256) {
        lwsec_p11_add_flag(of, CKA_ENCRYPT, may.encrypt);
        lwsec_p11_add_flag(of, CKA_VERIFY, false);
        lwsec_p11_add_flag(of, CKA_WRAP, false);
    }
    if (key->kept) {
        lwsec_p11_add(of, CKA_LABEL, lwsec_bytes_of(key->name, key->name_size));
    }
    if (key->kept || key->form == LWSEC_P11_FORM_P256) {
        lwsec_p11_add(of, CKA_ID, lwsec_bytes_of(key->id, key->id_size));
    }
    if (with_list) {
        const size_t count = mechanisms_of(key, of->mechanisms);
        if (count > 0) {
            lwsec_p11_add(of, CKA_ALLOWED_MECHANISMS,
                          lwsec_bytes_of(of->mechanisms, count * sizeof of->mechanisms[0]));
        }
    }
}
