/* Deriving from keys in the token. HKDF runs inside where the token has it, and otherwise out of
 * its hash or its HMAC, with results that go back into the token at once. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include <string.h>

#define BLOCK_MAX 128U
#define HASH_MAX 64U

static bool has_hkdf(const lwsec_p11_store *self)
{
    return (self->capabilities & LWSEC_PKCS11_CAN_HKDF) != 0;
}

/* ---- Inside the token ---- */

typedef struct derivation {
    CK_MECHANISM mechanism;
    size_t size;
} derivation;

/* A maker. */
static CK_RV derive_key(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                        lwsec_p11_key *key, bool with_list, const void *how,
                        CK_OBJECT_HANDLE *object)
{
    const derivation *work = how;
    CK_MECHANISM mechanism = work->mechanism;
    lwsec_p11_template new_key = {.count = 0};

    if (lwsec_p11_calls(self)->C_DeriveKey == NULL) {
        return LWSEC_P11_LACKING;
    }
    lwsec_p11_describe_key(&new_key, key, with_list);
    lwsec_p11_add_number(&new_key, CKA_VALUE_LEN, (CK_ULONG)work->size);
    const CK_RV rv = lwsec_p11_calls(self)->C_DeriveKey(session, &mechanism, base, new_key.list,
                                                        new_key.count, object);
    /* In an agreement it is the peer's point that a token does not like. */
    return rv != CKR_OK && mechanism.mechanism == CKM_ECDH1_DERIVE && !lwsec_p11_is_loss(rv)
               ? LWSEC_P11_REFUSED
               : rv;
}

/* Makes a key out of the one in `slot`, in a new slot of the same store. */
static lwsec_status derive_inside(lwsec_p11_store *self, uint32_t slot, CK_MECHANISM mechanism,
                                  size_t size, const lwsec_key_attributes *attributes,
                                  lwsec_key *derived)
{
    uint32_t to = 0;

    lwsec_status status = lwsec_store_claim(&self->head, &to);
    if (status != LWSEC_OK) {
        return status;
    }
    const derivation work = {mechanism, size};
    lwsec_p11_key *key = &self->keys[to];
    status = lwsec_p11_plan_key(self, key, attributes);
    if (status == LWSEC_OK) {
        status = lwsec_p11_make_key(self, slot, key, derive_key, &work);
    }
    if (status == LWSEC_OK) {
        return lwsec_store_publish(&self->head, to, attributes, derived);
    }
    lwsec_wipe(key, sizeof *key);
    lwsec_store_give_back(&self->head, to);
    return status;
}

static CK_HKDF_PARAMS hkdf(bool extract, CK_MECHANISM_TYPE hash, lwsec_bytes salt, lwsec_bytes info)
{
    CK_HKDF_PARAMS parameters = {.bExtract = extract ? CK_TRUE : CK_FALSE,
                                 .bExpand = extract ? CK_FALSE : CK_TRUE,
                                 .prfHashMechanism = hash,
                                 .ulSaltType = CKF_HKDF_SALT_NULL};

    if (extract && salt.size > 0) {
        parameters.ulSaltType = CKF_HKDF_SALT_DATA;
        parameters.pSalt = lwsec_p11_input(salt);
        parameters.ulSaltLen = (CK_ULONG)salt.size;
    }
    if (!extract && info.size > 0) {
        parameters.pInfo = lwsec_p11_input(info);
        parameters.ulInfoLen = (CK_ULONG)info.size;
    }
    return parameters;
}

static CK_ECDH1_DERIVE_PARAMS ecdh(lwsec_bytes peer)
{
    const CK_ECDH1_DERIVE_PARAMS parameters = {.kdf = CKD_NULL,
                                               .ulPublicDataLen = (CK_ULONG)peer.size,
                                               .pPublicData = lwsec_p11_input(peer)};

    return parameters;
}

CK_RV lwsec_p11_ecdh(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                     lwsec_bytes peer, lwsec_p11_key *shared)
{
    CK_ECDH1_DERIVE_PARAMS parameters = ecdh(peer);
    const derivation work = {{CKM_ECDH1_DERIVE, &parameters, sizeof parameters}, 32};

    return derive_key(self, session, base, shared, false, &work, &shared->object);
}

/* The shared secret does not leave the token. */
lwsec_status lwsec_p11_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                             lwsec_store *target, const lwsec_key_attributes *attributes,
                             lwsec_key *shared)
{
    CK_ECDH1_DERIVE_PARAMS parameters = ecdh(peer);
    const CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &parameters, sizeof parameters};

    return target == store
               ? derive_inside(lwsec_p11_store_of(store), slot, mechanism, 32, attributes, shared)
               : LWSEC_UNSUPPORTED;
}

/* HKDF to bytes: a data object, which is read and destroyed. */
static CK_RV derive_data(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                         void *arguments)
{
    lwsec_p11_transform *work = arguments;
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_template data = {.count = 0};
    CK_OBJECT_HANDLE object = 0;
    size_t size = 0;

    if (calls->C_DeriveKey == NULL) {
        return LWSEC_P11_LACKING;
    }
    lwsec_p11_add_number(&data, CKA_CLASS, CKO_DATA);
    lwsec_p11_add_flag(&data, CKA_TOKEN, false);
    lwsec_p11_add_number(&data, CKA_VALUE_LEN, (CK_ULONG)work->out_size);
    CK_RV rv = calls->C_DeriveKey(session, &work->mechanism, base, data.list, data.count, &object);
    if (rv != CKR_OK) {
        return rv;
    }
    if (lwsec_p11_read(self, session, object, CKA_VALUE, work->out, work->out_size, &size) !=
            CKR_OK ||
        size != work->out_size) {
        rv = CKR_FUNCTION_FAILED;
    }
    (void)calls->C_DestroyObject(session, object);
    return rv;
}

CK_RV lwsec_p11_hkdf_extract(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                             CK_OBJECT_HANDLE base, lwsec_bytes salt, lwsec_p11_key *prk)
{
    CK_HKDF_PARAMS parameters = hkdf(true, CKM_SHA256, salt, lwsec_bytes_of(NULL, 0));
    const derivation work = {{CKM_HKDF_DERIVE, &parameters, sizeof parameters}, 32};

    return derive_key(self, session, base, prk, false, &work, &prk->object);
}

CK_RV lwsec_p11_hkdf_expand(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                            lwsec_bytes info, uint8_t *out, size_t size)
{
    CK_HKDF_PARAMS parameters = hkdf(false, CKM_SHA256, lwsec_bytes_of(NULL, 0), info);
    lwsec_p11_transform work = {
        {CKM_HKDF_DATA, &parameters, sizeof parameters}, {NULL, 0}, out, size};

    return derive_data(self, session, base, &work);
}

static lwsec_status hkdf_to_bytes(lwsec_p11_store *self, uint32_t slot, CK_HKDF_PARAMS *parameters,
                                  uint8_t *out, size_t size)
{
    lwsec_p11_transform work = {
        {CKM_HKDF_DATA, parameters, sizeof *parameters}, {NULL, 0}, out, size};

    return lwsec_p11_run(self, slot, derive_data, &work);
}

/* ---- HKDF-Extract ---- */

/* HMAC(salt, secret) with the token's hash over the key (C_DigestKey), and the hash over that. */
static lwsec_status extract_by_digest(lwsec_p11_store *self, uint32_t slot, lwsec_p11_hash hash,
                                      lwsec_bytes salt, uint8_t prk[HASH_MAX])
{
    uint8_t pad[BLOCK_MAX] = {0};
    uint8_t inner[HASH_MAX];
    const lwsec_bytes nothing = {NULL, 0};
    const lwsec_bytes padded = {pad, hash.block};
    lwsec_p11_digest_work work = {hash.hash, salt, nothing, pad, hash.size};
    lwsec_status status = LWSEC_OK;

    if (salt.size > hash.block) {
        status = lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_digest, &work);
    } else if (salt.size > 0) {
        memcpy(pad, salt.data, salt.size);
    }
    for (size_t i = 0; i < hash.block; i++) {
        pad[i] ^= 0x36U;
    }
    if (status == LWSEC_OK) {
        const lwsec_p11_digest_work first = {hash.hash, padded, nothing, inner, hash.size};
        work = first;
        status = lwsec_p11_run(self, slot, lwsec_p11_digest, &work);
    }
    for (size_t i = 0; i < hash.block; i++) {
        pad[i] ^= 0x36U ^ 0x5cU;
    }
    if (status == LWSEC_OK) {
        const lwsec_p11_digest_work second = {hash.hash, padded, lwsec_bytes_of(inner, hash.size),
                                              prk, hash.size};
        work = second;
        status = lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_digest, &work);
    }
    lwsec_wipe(pad, sizeof pad);
    lwsec_wipe(inner, sizeof inner);
    return status;
}

static lwsec_status extract_to_bytes(lwsec_p11_store *self, uint32_t slot, lwsec_p11_hash hash,
                                     lwsec_bytes salt, uint8_t prk[HASH_MAX])
{
    if (has_hkdf(self)) {
        CK_HKDF_PARAMS parameters = hkdf(true, hash.hash, salt, lwsec_bytes_of(NULL, 0));
        return hkdf_to_bytes(self, slot, &parameters, prk, hash.size);
    }
    return extract_by_digest(self, slot, hash, salt, prk);
}

/* Notes that a key was made of bytes that passed through this process. */
static void mark_passed(lwsec_p11_store *self, lwsec_key key)
{
    if (key.store == &self->head) {
        self->keys[key.slot].passed_here = true;
    }
}

/* Bytes into whatever store the caller named. */
static lwsec_status import_into(lwsec_p11_store *self, lwsec_store *target,
                                const lwsec_key_attributes *attributes, lwsec_bytes raw,
                                lwsec_key *key)
{
    const lwsec_status status = lwsec_key_import(target, attributes, raw, key);

    if (status == LWSEC_OK) {
        mark_passed(self, *key);
    }
    return status;
}

lwsec_status lwsec_p11_extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                               lwsec_store *target, const lwsec_key_attributes *attributes,
                               lwsec_key *prk)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_hash hash = lwsec_p11_hash_of(hmac);
    uint8_t bytes[HASH_MAX];

    if (target == store && has_hkdf(self)) {
        CK_HKDF_PARAMS parameters = hkdf(true, hash.hash, salt, lwsec_bytes_of(NULL, 0));
        const CK_MECHANISM mechanism = {CKM_HKDF_DERIVE, &parameters, sizeof parameters};
        return derive_inside(self, slot, mechanism, hash.size, attributes, prk);
    }
    lwsec_status status = extract_to_bytes(self, slot, hash, salt, bytes);
    if (status == LWSEC_OK) {
        status = import_into(self, target, attributes, lwsec_bytes_of(bytes, hash.size), prk);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

/* ---- HKDF-Expand ---- */

static bool expands_inside(const lwsec_p11_store *self, const lwsec_p11_key *prk)
{
    return prk->form == LWSEC_P11_FORM_PRK_HKDF ||
           (prk->form == LWSEC_P11_FORM_SECRET && has_hkdf(self));
}

/* Keys whose form is the bytes as they are, so that the token may make them itself. */
static bool is_made_as_it_is(const lwsec_key_attributes *attributes)
{
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(attributes->algorithm);

    switch (algorithm != NULL ? algorithm->kind : LWSEC_KIND_PSK) {
    case LWSEC_KIND_AEAD:
    case LWSEC_KIND_KDF: return true;
    case LWSEC_KIND_CIPHER:
    case LWSEC_KIND_MAC:
        return algorithm->id == LWSEC_ALG_AES_CBC || algorithm->id == LWSEC_ALG_AES_CMAC;
    default: return false;
    }
}

lwsec_status lwsec_p11_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                     lwsec_bytes info, uint8_t *out, size_t size)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);

    if (!expands_inside(self, &self->keys[slot])) {
        return LWSEC_UNSUPPORTED; /* composed by the core, out of HMAC */
    }
    CK_HKDF_PARAMS parameters =
        hkdf(false, lwsec_p11_hash_of(hmac).hash, lwsec_bytes_of(NULL, 0), info);
    return hkdf_to_bytes(self, slot, &parameters, out, size);
}

/* Where the token has no HKDF: T(1) by HMAC inside it (RFC 5869 section 2.3). */
static lwsec_status expand_by_hmac(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes info, uint8_t block[HASH_MAX])
{
    uint8_t message[320];

    if (info.size >= sizeof message) {
        return LWSEC_USAGE;
    }
    if (info.size > 0) {
        memcpy(message, info.data, info.size);
    }
    message[info.size] = 1;
    return lwsec_p11_mac(store, slot, hmac, lwsec_bytes_of(message, info.size + 1), block);
}

lwsec_status lwsec_p11_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                              lwsec_store *target, const lwsec_key_attributes *attributes,
                              size_t key_size, lwsec_key *derived)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const bool inside = expands_inside(self, &self->keys[slot]);
    uint8_t block[HASH_MAX];

    CK_HKDF_PARAMS parameters =
        hkdf(false, lwsec_p11_hash_of(hmac).hash, lwsec_bytes_of(NULL, 0), info);
    if (inside && target == store && is_made_as_it_is(attributes)) {
        const CK_MECHANISM mechanism = {CKM_HKDF_DERIVE, &parameters, sizeof parameters};
        return derive_inside(self, slot, mechanism, key_size, attributes, derived);
    }
    lwsec_status status = inside ? hkdf_to_bytes(self, slot, &parameters, block, key_size)
                                 : expand_by_hmac(store, slot, hmac, info, block);
    if (status == LWSEC_OK) {
        status = import_into(self, target, attributes, lwsec_bytes_of(block, key_size), derived);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}
