/* The public half of a pair in the token: found, and put beside a private key that was imported. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include "core/epoch.h"

#include <string.h>

/* Longer certificates are not looked into. */
#define CERTIFICATE_MAX 4096U

void lwsec_p11_describe_public(lwsec_p11_template *of, const lwsec_p11_key *key)
{
    lwsec_p11_add_number(of, CKA_CLASS, CKO_PUBLIC_KEY);
    lwsec_p11_add_number(of, CKA_KEY_TYPE, CKK_EC);
    lwsec_p11_add_flag(of, CKA_TOKEN, key->kept);
    lwsec_p11_add_flag(of, CKA_PRIVATE, false);
    lwsec_p11_add_flag(of, CKA_VERIFY, key->algorithm == LWSEC_ALG_ES256);
    lwsec_p11_add(of, CKA_EC_PARAMS, lwsec_p11_p256);
    lwsec_p11_add(of, CKA_ID, lwsec_bytes_of(key->id, key->id_size));
    if (key->kept) {
        lwsec_p11_add(of, CKA_LABEL, lwsec_bytes_of(key->name, key->name_size));
    }
}

bool lwsec_p11_read_point(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          uint8_t point[LWSEC_P11_POINT])
{
    uint8_t room[LWSEC_P11_POINT + 2];
    size_t size = 0;
    size_t at = 0;

    if (lwsec_p11_read(self, session, object, CKA_EC_POINT, room, sizeof room, &size) != CKR_OK) {
        return false;
    }
    /* An OCTET STRING of DER around the point, as the standard says; some give it bare. */
    if (size == sizeof room && room[0] == 0x04 && room[1] == LWSEC_P11_POINT) {
        at = 2;
    }
    if (size - at != LWSEC_P11_POINT || room[at] != 0x04) {
        return false;
    }
    memcpy(point, &room[at], LWSEC_P11_POINT);
    return true;
}

/* ---- Finding ---- */

/* A certificate up to its key: TBSCertificate's version, serialNumber, signature, issuer, validity,
 * subject, and SubjectPublicKeyInfo with the algorithm and a BIT STRING. */
static bool point_of_certificate(lwsec_bytes der, uint8_t point[LWSEC_P11_POINT])
{
    static const uint8_t key_kind[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
    lwsec_reader all = lwsec_reader_of(der);
    lwsec_reader certificate;
    lwsec_reader tbs;
    lwsec_reader info;
    lwsec_reader algorithm;
    lwsec_reader bits;
    lwsec_reader skipped;

    (void)lwsec_p11_element(&all, &certificate);
    (void)lwsec_p11_element(&certificate, &tbs);
    if (lwsec_reader_peek(&tbs) == 0xa0U) {
        (void)lwsec_p11_element(&tbs, &skipped);
    }
    for (unsigned i = 0; i < 5; i++) {
        (void)lwsec_p11_element(&tbs, &skipped);
    }
    (void)lwsec_p11_element(&tbs, &info);
    (void)lwsec_p11_element(&info, &algorithm);
    const bool right = lwsec_equal_secret(lwsec_p11_element(&algorithm, &skipped),
                                          lwsec_bytes_of(key_kind, sizeof key_kind)) &&
                       lwsec_equal_secret(lwsec_p11_element(&algorithm, &skipped), lwsec_p11_p256);
    const bool is_bits = lwsec_reader_peek(&info) == 0x03U;
    (void)lwsec_p11_element(&info, &bits);
    const bool whole = lwsec_reader_u8(&bits) == 0 && lwsec_reader_peek(&bits) == 0x04U;
    const lwsec_bytes found = lwsec_reader_take(&bits, LWSEC_P11_POINT);
    if (!right || !is_bits || !whole || lwsec_reader_failed(&bits) ||
        lwsec_reader_left(&bits) != 0) {
        return false;
    }
    memcpy(point, found.data, LWSEC_P11_POINT);
    return true;
}

static bool read_certificate(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                             CK_OBJECT_HANDLE object, uint8_t point[LWSEC_P11_POINT])
{
    uint8_t room[CERTIFICATE_MAX];
    size_t size = 0;

    return lwsec_p11_read(self, session, object, CKA_VALUE, room, sizeof room, &size) == CKR_OK &&
           point_of_certificate(lwsec_bytes_of(room, size), point);
}

/* The one object of a class that has an attribute of the key. */
static CK_RV look_by(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
                     CK_ATTRIBUTE_TYPE type, lwsec_bytes value, lwsec_p11_key *key)
{
    lwsec_p11_template wanted = {.count = 0};
    lwsec_p11_one one = {0, 0};

    if (key->has_point || value.size == 0) {
        return CKR_OK;
    }
    lwsec_p11_add_number(&wanted, CKA_CLASS, class);
    lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
    lwsec_p11_add(&wanted, type, value);
    const CK_RV rv = lwsec_p11_search_one(self, session, &wanted, &one);
    if (rv == CKR_OK && one.count == 1) {
        key->has_point = class == CKO_CERTIFICATE
                             ? read_certificate(self, session, one.object, key->point)
                             : lwsec_p11_read_point(self, session, one.object, key->point);
    }
    return rv;
}

static CK_RV look(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
                  lwsec_p11_key *key)
{
    const CK_RV rv =
        look_by(self, session, class, CKA_ID, lwsec_bytes_of(key->id, key->id_size), key);

    return rv == CKR_OK ? look_by(self, session, class, CKA_LABEL,
                                  lwsec_bytes_of(key->name, key->name_size), key)
                        : rv;
}

/* A certificate is asked last, as it may be of an older key of that name. */
CK_RV lwsec_p11_find_point(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           CK_OBJECT_HANDLE object, lwsec_p11_key *key)
{
    key->has_point = false;
    CK_RV rv = key->kept ? look(self, session, CKO_PUBLIC_KEY, key) : CKR_OK;
    if (rv == CKR_OK && !key->has_point) {
        key->has_point = lwsec_p11_read_point(self, session, object, key->point);
    }
    return rv == CKR_OK && key->kept ? look(self, session, CKO_CERTIFICATE, key) : rv;
}

static CK_RV find_step(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                       void *key)
{
    return lwsec_p11_find_point(self, session, object, key);
}

/* It may have come into the token after the key was found: a copy is looked up, as threads share
 * the key. */
lwsec_status lwsec_p11_public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    lwsec_p11_key key = self->keys[slot];
    lwsec_status status = LWSEC_OK;

    if (!key.has_point && key.kept) {
        status = lwsec_p11_run(self, slot, find_step, &key);
    }
    if (status == LWSEC_OK && key.has_point) {
        memcpy(point, key.point, LWSEC_P11_POINT);
    }
    return status == LWSEC_OK && !key.has_point ? LWSEC_UNSUPPORTED : status;
}

/* ---- Putting ---- */

typedef struct putting {
    const lwsec_p11_key *key;
    lwsec_bytes point;
} putting;

static CK_RV create(lwsec_p11_store *self, CK_SESSION_HANDLE session, const putting *work)
{
    uint8_t encoded[2 + LWSEC_P11_POINT] = {0x04, LWSEC_P11_POINT};
    lwsec_p11_template public_half = {.count = 0};
    CK_OBJECT_HANDLE object = 0;

    memcpy(&encoded[2], work->point.data, LWSEC_P11_POINT);
    lwsec_p11_describe_public(&public_half, work->key);
    lwsec_p11_add(&public_half, CKA_EC_POINT, lwsec_bytes_of(encoded, sizeof encoded));
    const CK_RV rv = lwsec_p11_calls(self)->C_CreateObject(session, public_half.list,
                                                           public_half.count, &object);
    return rv == CKR_OK || lwsec_p11_is_loss(rv) ? rv : LWSEC_P11_LACKING;
}

/* One that is there already, be it from a first try whose answer was lost, must be the same. */
static CK_RV put(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                 void *arguments)
{
    const putting *work = arguments;
    lwsec_p11_key there = *work->key;

    (void)object;
    there.has_point = false;
    const CK_RV rv = look_by(self, session, CKO_PUBLIC_KEY, CKA_ID,
                             lwsec_bytes_of(there.id, there.id_size), &there);
    if (rv != CKR_OK) {
        return rv;
    }
    if (!there.has_point) {
        return create(self, session, work);
    }
    return lwsec_equal_secret(lwsec_bytes_of(there.point, LWSEC_P11_POINT), work->point)
               ? CKR_OK
               : LWSEC_P11_REFUSED;
}

/* A key that signs shows whether the point is its own, where the token verifies. */
static lwsec_status prove(lwsec_store *store, uint32_t slot, lwsec_bytes point)
{
    static const uint8_t digest[32] = {1};
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    uint8_t signature[64];
    lwsec_p11_verification work = {point, digest, {signature, sizeof signature}};

    if (self->keys[slot].algorithm != LWSEC_ALG_ES256 ||
        (self->capabilities & LWSEC_PKCS11_CAN_ECDSA_VERIFY) == 0) {
        return LWSEC_OK;
    }
    const lwsec_status status = lwsec_p11_sign_digest(store, slot, digest, signature);
    return status == LWSEC_OK ? lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_verify_step, &work)
                              : status;
}

lwsec_status lwsec_pkcs11_put_public_key(lwsec_key key, lwsec_bytes point)
{
    lwsec_key_description told = {.size = sizeof told};

    if (lwsec_pkcs11_capabilities(key.store) == 0 || point.size != LWSEC_P11_POINT ||
        point.data[0] != 0x04) {
        return LWSEC_USAGE;
    }
    if (key.store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    lwsec_status status = lwsec_key_describe(key, &told);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_p11_store *self = lwsec_p11_store_of(key.store);
    putting work = {&self->keys[key.slot], point};
    if (work.key->form != LWSEC_P11_FORM_P256 || !work.key->kept) {
        return LWSEC_USAGE;
    }
    status = prove(key.store, key.slot, point);
    return status == LWSEC_OK ? lwsec_p11_run(self, key.slot, put, &work) : status;
}
