/* Keys as objects: their form and their mark in CKA_ID, how they are searched and recognised. */
#include "pkcs11/object.h"

#include "core/reader.h"
#include "core/writer.h"
#include "crypto/use.h"

#include <sys/random.h>

/* CKA_ID of our keys: four bytes that say whose they are and in which version, the form, a byte
 * that is zero, the algorithm, the usage, and twelve that are random. */
static const uint8_t mark[] = {'l', 'w', 's', 1};

static bool can(const lwsec_p11_store *self, uint32_t capability)
{
    return (self->capabilities & capability) != 0;
}

static bool can_chain(const lwsec_p11_store *self)
{
    return can(self, LWSEC_PKCS11_CAN_AES_CBC) || can(self, LWSEC_PKCS11_CAN_AES_ECB);
}

static uint8_t form_if(bool possible, lwsec_p11_form form)
{
    return possible ? (uint8_t)form : 0;
}

static uint8_t form_of_aead(const lwsec_p11_store *self, int32_t algorithm)
{
    switch (algorithm) {
    case LWSEC_ALG_A128GCM:
    case LWSEC_ALG_A192GCM:
    case LWSEC_ALG_A256GCM:
        return form_if(can(self, LWSEC_PKCS11_CAN_AES_GCM), LWSEC_P11_FORM_NATIVE);
    case LWSEC_ALG_CHACHA20_POLY1305: return 0;
    default: break;
    }
    const bool stream = can(self, LWSEC_PKCS11_CAN_AES_CTR) || can(self, LWSEC_PKCS11_CAN_AES_ECB);
    return can(self, LWSEC_PKCS11_CAN_AES_CCM)
               ? LWSEC_P11_FORM_NATIVE
               : form_if(stream && can_chain(self), LWSEC_P11_FORM_BLOCKS);
}

static uint8_t form_of_mac(const lwsec_p11_store *self, int32_t algorithm)
{
    switch (algorithm) {
    case LWSEC_ALG_HMAC_256:
        return form_if(can(self, LWSEC_PKCS11_CAN_HMAC_256), LWSEC_P11_FORM_HMAC);
    case LWSEC_ALG_HMAC_384:
        return form_if(can(self, LWSEC_PKCS11_CAN_HMAC_384), LWSEC_P11_FORM_HMAC);
    case LWSEC_ALG_HMAC_512:
        return form_if(can(self, LWSEC_PKCS11_CAN_HMAC_512), LWSEC_P11_FORM_HMAC);
    default: break;
    }
    return can(self, LWSEC_PKCS11_CAN_AES_CMAC) ? LWSEC_P11_FORM_NATIVE
                                                : form_if(can_chain(self), LWSEC_P11_FORM_BLOCKS);
}

static uint8_t form_of_kdf(const lwsec_p11_store *self, uint32_t usage)
{
    const bool hkdf = can(self, LWSEC_PKCS11_CAN_HKDF);

    if ((usage & LWSEC_USE_EXTRACT) != 0) {
        return form_if(hkdf || can(self, LWSEC_PKCS11_CAN_DIGEST_KEY), LWSEC_P11_FORM_SECRET);
    }
    return hkdf ? LWSEC_P11_FORM_PRK_HKDF
                : form_if(can(self, LWSEC_PKCS11_CAN_HMAC_256), LWSEC_P11_FORM_PRK);
}

/* The form that a new key gets; 0: this token has no use for it. */
static uint8_t form_of(const lwsec_p11_store *self, const lwsec_algorithm *algorithm,
                       uint32_t usage)
{
    switch (algorithm->kind) {
    case LWSEC_KIND_AEAD: return form_of_aead(self, algorithm->id);
    case LWSEC_KIND_MAC: return form_of_mac(self, algorithm->id);
    case LWSEC_KIND_KDF: return form_of_kdf(self, usage);
    case LWSEC_KIND_CIPHER:
        return form_if(can(self, algorithm->id == LWSEC_ALG_TDES_CBC ? LWSEC_PKCS11_CAN_TDES_CBC
                                                                     : LWSEC_PKCS11_CAN_AES_CBC),
                       LWSEC_P11_FORM_NATIVE);
    case LWSEC_KIND_SIGNATURE:
        return form_if(can(self, LWSEC_PKCS11_CAN_ECDSA), LWSEC_P11_FORM_P256);
    case LWSEC_KIND_AGREEMENT:
        return form_if(can(self, LWSEC_PKCS11_CAN_ECDH), LWSEC_P11_FORM_P256);
    case LWSEC_KIND_PSK:
        return form_if(can(self, LWSEC_PKCS11_CAN_HMAC_256), LWSEC_P11_FORM_PREMASTER);
    }
    return 0;
}

/* Whether a recorded form is one that the algorithm can have. */
static bool form_fits(const lwsec_algorithm *algorithm, uint8_t form)
{
    switch (algorithm->kind) {
    case LWSEC_KIND_AEAD: return form == LWSEC_P11_FORM_NATIVE || form == LWSEC_P11_FORM_BLOCKS;
    case LWSEC_KIND_MAC:
        return algorithm->id == LWSEC_ALG_AES_CMAC
                   ? form == LWSEC_P11_FORM_NATIVE || form == LWSEC_P11_FORM_BLOCKS
                   : form == LWSEC_P11_FORM_HMAC;
    case LWSEC_KIND_KDF:
        return form == LWSEC_P11_FORM_PRK || form == LWSEC_P11_FORM_PRK_HKDF ||
               form == LWSEC_P11_FORM_SECRET;
    case LWSEC_KIND_CIPHER: return form == LWSEC_P11_FORM_NATIVE;
    case LWSEC_KIND_SIGNATURE:
    case LWSEC_KIND_AGREEMENT: return form == LWSEC_P11_FORM_P256;
    case LWSEC_KIND_PSK: return form == LWSEC_P11_FORM_PREMASTER;
    }
    return false;
}

static lwsec_status write_id(lwsec_p11_key *key)
{
    uint8_t random[12];
    lwsec_writer writer = lwsec_writer_of(key->id, sizeof key->id);

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return LWSEC_ENGINE;
    }
    lwsec_writer_bytes(&writer, lwsec_bytes_of(mark, sizeof mark));
    lwsec_writer_u8(&writer, key->form);
    lwsec_writer_u8(&writer, 0);
    lwsec_writer_uint(&writer, (uint32_t)key->algorithm, 4);
    lwsec_writer_uint(&writer, key->usage, 2);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(random, sizeof random));
    key->id_size = (uint8_t)writer.size;
    return writer.full ? LWSEC_ENGINE : LWSEC_OK;
}

lwsec_status lwsec_p11_plan_key(const lwsec_p11_store *self, lwsec_p11_key *key,
                                const lwsec_key_attributes *attributes)
{
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(attributes->algorithm);

    memset(key, 0, sizeof *key);
    if (algorithm == NULL || attributes->name.size > sizeof key->name) {
        return LWSEC_USAGE;
    }
    key->algorithm = attributes->algorithm;
    key->usage = (uint16_t)attributes->usage;
    key->form = form_of(self, algorithm, attributes->usage);
    key->kept = attributes->name.size > 0;
    if (key->kept) {
        key->name_size = (uint8_t)attributes->name.size;
        memcpy(key->name, attributes->name.data, attributes->name.size);
    }
    return key->form != 0 ? write_id(key) : LWSEC_UNSUPPORTED;
}

void lwsec_p11_place(lwsec_p11_store *self, lwsec_p11_key *key, CK_OBJECT_HANDLE object)
{
    (void)pthread_mutex_lock(&self->lock);
    key->object = object;
    key->generation = self->generation;
    key->anchor = self->anchors;
    (void)pthread_mutex_unlock(&self->lock);
}

/* ---- Searches ---- */

static bool sees_private_objects(lwsec_p11_store *self, CK_SESSION_HANDLE session)
{
    CK_SESSION_INFO info = {0};

    (void)pthread_mutex_lock(&self->lock);
    const bool needs_login = (self->identity.flags & CKF_LOGIN_REQUIRED) != 0;
    (void)pthread_mutex_unlock(&self->lock);
    return !needs_login || lwsec_p11_calls(self)->C_GetSessionInfo(session, &info) != CKR_OK ||
           info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

CK_RV lwsec_p11_search(lwsec_p11_store *self, CK_SESSION_HANDLE session, lwsec_p11_template *wanted,
                       lwsec_p11_visit visit, void *arguments)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    CK_OBJECT_HANDLE found[32];
    CK_ULONG count = 1;
    bool more = true;

    CK_RV rv = calls->C_FindObjectsInit(session, wanted->list, wanted->count);
    if (rv != CKR_OK) {
        return rv;
    }
    while (rv == CKR_OK && more && count > 0) {
        count = 0;
        rv = calls->C_FindObjects(session, found, sizeof found / sizeof found[0], &count);
        if (rv == CKR_OK && count > sizeof found / sizeof found[0]) {
            rv = CKR_GENERAL_ERROR;
        }
        for (CK_ULONG i = 0; rv == CKR_OK && more && i < count; i++) {
            rv = visit(self, session, found[i], arguments);
            more = rv == CKR_OK;
            rv = rv == LWSEC_P11_LACKING ? CKR_OK : rv;
        }
    }
    const CK_RV end = calls->C_FindObjectsFinal(session);
    rv = rv == CKR_OK ? end : rv;
    /* Who is not logged in any more finds nothing, and no call says why. */
    return rv == CKR_OK && !sees_private_objects(self, session) ? CKR_USER_NOT_LOGGED_IN : rv;
}

static CK_RV note_one(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                      void *arguments)
{
    lwsec_p11_one *one = arguments;

    (void)self;
    (void)session;
    one->object = object;
    one->count++;
    return one->count < 2 ? CKR_OK : LWSEC_P11_LACKING; /* two say enough */
}

CK_RV lwsec_p11_search_one(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           lwsec_p11_template *wanted, lwsec_p11_one *one)
{
    one->object = 0;
    one->count = 0;
    return lwsec_p11_search(self, session, wanted, note_one, one);
}

CK_RV lwsec_p11_find_again(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           const lwsec_p11_key *key, CK_OBJECT_HANDLE *object)
{
    lwsec_p11_template wanted = {.count = 0};
    lwsec_p11_one one;

    lwsec_p11_add_number(&wanted, CKA_CLASS, lwsec_p11_class_of(key));
    lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
    lwsec_p11_add(&wanted, CKA_ID, lwsec_bytes_of(key->id, key->id_size));
    lwsec_p11_add(&wanted, CKA_LABEL, lwsec_bytes_of(key->name, key->name_size));
    const CK_RV rv = lwsec_p11_search_one(self, session, &wanted, &one);
    if (rv != CKR_OK) {
        return rv;
    }
    *object = one.object;
    return one.count == 1 ? lwsec_p11_check_id(self, session, one.object, key)
                          : CKR_OBJECT_HANDLE_INVALID;
}

CK_RV lwsec_p11_check_id(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                         const lwsec_p11_key *key)
{
    uint8_t id[LWSEC_P11_ID_SIZE];
    size_t size = 0;
    const CK_RV rv = lwsec_p11_read(self, session, object, CKA_ID, id, sizeof id, &size);

    if (rv != CKR_OK && rv != LWSEC_P11_LACKING) {
        return rv;
    }
    const bool same = rv == CKR_OK && lwsec_equal_secret(lwsec_bytes_of(id, size),
                                                         lwsec_bytes_of(key->id, key->id_size));
    return same ? CKR_OK : CKR_OBJECT_HANDLE_INVALID;
}

CK_RV lwsec_p11_read(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                     CK_ATTRIBUTE_TYPE type, void *value, size_t room, size_t *size)
{
    CK_ATTRIBUTE attribute = {type, value, (CK_ULONG)room};
    const CK_RV rv = lwsec_p11_calls(self)->C_GetAttributeValue(session, object, &attribute, 1);

    *size = 0;
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
        rv == CKR_BUFFER_TOO_SMALL) {
        return LWSEC_P11_LACKING;
    }
    if (rv != CKR_OK) {
        return rv;
    }
    if (attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION || attribute.ulValueLen > room) {
        return LWSEC_P11_LACKING;
    }
    *size = attribute.ulValueLen;
    return CKR_OK;
}

static CK_RV read_number(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                         CK_ATTRIBUTE_TYPE type, CK_ULONG *number)
{
    size_t size = 0;
    const CK_RV rv = lwsec_p11_read(self, session, object, type, number, sizeof *number, &size);

    return rv == CKR_OK && size != sizeof *number ? LWSEC_P11_LACKING : rv;
}

/* LWSEC_P11_LACKING: not set. */
static CK_RV read_flag(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                       CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL flag = CK_FALSE;
    size_t size = 0;
    const CK_RV rv = lwsec_p11_read(self, session, object, type, &flag, sizeof flag, &size);

    return rv == CKR_OK && (size != sizeof flag || flag != CK_TRUE) ? LWSEC_P11_LACKING : rv;
}

/* ---- Recognising ---- */

/* What CKA_ID of one of our keys says. */
static bool parse_id(lwsec_p11_key *key)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(key->id, key->id_size));

    if (key->id_size != LWSEC_P11_ID_SIZE ||
        !lwsec_equal_secret(lwsec_reader_take(&reader, sizeof mark),
                            lwsec_bytes_of(mark, sizeof mark))) {
        return false;
    }
    key->form = lwsec_reader_u8(&reader);
    const bool zero = lwsec_reader_u8(&reader) == 0;
    key->algorithm = (int32_t)(uint32_t)lwsec_reader_uint(&reader, 4);
    key->usage = (uint16_t)lwsec_reader_uint(&reader, 2);
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(key->algorithm);
    return zero && !lwsec_reader_failed(&reader) && algorithm != NULL && key->usage != 0 &&
           (key->usage & ~lwsec_possible_usage(algorithm->kind)) == 0 &&
           form_fits(algorithm, key->form);
}

/* A P-256 private key that somebody else made: for what its attributes allow, signing before
 * agreeing, as one key has one purpose. */
static CK_RV take_foreign_pair(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                               CK_OBJECT_HANDLE object, lwsec_p11_key *key)
{
    uint8_t parameters[16];
    size_t size = 0;

    CK_RV rv =
        lwsec_p11_read(self, session, object, CKA_EC_PARAMS, parameters, sizeof parameters, &size);
    if (rv != CKR_OK || !lwsec_equal_secret(lwsec_bytes_of(parameters, size), lwsec_p11_p256)) {
        return rv != CKR_OK ? rv : LWSEC_P11_LACKING;
    }
    key->form = LWSEC_P11_FORM_P256;
    rv = read_flag(self, session, object, CKA_SIGN);
    if (rv != LWSEC_P11_LACKING) {
        key->algorithm = LWSEC_ALG_ES256;
        key->usage = LWSEC_USE_SIGN;
        return rv;
    }
    key->algorithm = LWSEC_ALG_ECDH_P256;
    key->usage = LWSEC_USE_AGREE;
    return read_flag(self, session, object, CKA_DERIVE);
}

CK_RV lwsec_p11_recognise(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          lwsec_p11_key *key)
{
    CK_ULONG class = 0;
    CK_ULONG type = 0;
    size_t id_size = 0;
    size_t name_size = 0;

    memset(key, 0, sizeof *key);
    CK_RV rv = read_number(self, session, object, CKA_CLASS, &class);
    if (rv == CKR_OK && class != CKO_PRIVATE_KEY && class != CKO_SECRET_KEY) {
        rv = LWSEC_P11_LACKING;
    }
    if (rv == CKR_OK) {
        rv = read_number(self, session, object, CKA_KEY_TYPE, &type);
    }
    if (rv == CKR_OK) {
        rv = lwsec_p11_read(self, session, object, CKA_LABEL, key->name, sizeof key->name,
                            &name_size);
    }
    if (rv == CKR_OK) {
        rv = lwsec_p11_read(self, session, object, CKA_ID, key->id, sizeof key->id, &id_size);
    }
    if (rv != CKR_OK) {
        return rv;
    }
    key->name_size = (uint8_t)name_size;
    key->id_size = (uint8_t)id_size;
    key->kept = true;
    if (parse_id(key)) {
        const bool right = class == lwsec_p11_class_of(key) && type == lwsec_p11_type_of(key);
        return right ? CKR_OK : LWSEC_P11_LACKING;
    }
    return class == CKO_PRIVATE_KEY && type == CKK_EC
               ? take_foreign_pair(self, session, object, key)
               : LWSEC_P11_LACKING;
}
