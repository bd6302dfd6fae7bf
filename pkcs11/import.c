/* Bringing key bytes into the token, each in the form that serves all tokens. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include "core/writer.h"
#include "crypto/memory/key_rules.h"

/* Room for the largest form: a block of HMAC-SHA512, or a secret as it is. */
#define VALUE_MAX LWSEC_SECRET_MAX

/* A value on its way into the token. Wiped after use. */
typedef struct normal_key {
    uint8_t bytes[VALUE_MAX];
    size_t size;
} normal_key;

/* Short keys are filled up with zeros, as HMAC itself does: some tokens refuse less than a hash
 * length. Longer ones than a block are hashed, as HMAC does too (RFC 2104 section 2). */
static lwsec_status as_hmac_key(lwsec_p11_store *self, int32_t hmac, lwsec_bytes raw,
                                normal_key *to)
{
    const lwsec_p11_hash hash = lwsec_p11_hash_of(hmac);
    lwsec_p11_digest_work work = {hash.hash, raw, {NULL, 0}, to->bytes, hash.size};

    to->size = hash.block;
    if (raw.size > hash.block) {
        return lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_digest, &work);
    }
    memcpy(to->bytes, raw.data, raw.size);
    return LWSEC_OK;
}

/* RFC 4279 section 2: as many zeros as the PSK has bytes, and the PSK, each after its length. */
static lwsec_status as_premaster(lwsec_p11_store *self, lwsec_bytes psk, normal_key *to)
{
    static const uint8_t zeros[64];
    uint8_t premaster[2 * (2 + sizeof zeros)];
    lwsec_writer writer = lwsec_writer_of(premaster, sizeof premaster);

    lwsec_writer_uint(&writer, psk.size, 2);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(zeros, psk.size));
    lwsec_writer_uint(&writer, psk.size, 2);
    lwsec_writer_bytes(&writer, psk);
    const lwsec_status status =
        as_hmac_key(self, LWSEC_ALG_HMAC_256, lwsec_bytes_of(premaster, writer.size), to);
    lwsec_wipe(premaster, sizeof premaster);
    return status;
}

static lwsec_status as_it_is(const lwsec_p11_key *key, lwsec_bytes raw, normal_key *to)
{
    to->size = raw.size;
    if (key->algorithm == LWSEC_ALG_TDES_CBC) {
        to->size = LWSEC_TDES_KEY;
        return lwsec_expand_tdes_key(raw, to->bytes) ? LWSEC_OK : LWSEC_USAGE;
    }
    if (key->form == LWSEC_P11_FORM_P256 && !lwsec_is_p256_scalar(raw.data)) {
        return LWSEC_USAGE;
    }
    memcpy(to->bytes, raw.data, raw.size);
    return LWSEC_OK;
}

static lwsec_status normalise(lwsec_p11_store *self, const lwsec_p11_key *key, lwsec_bytes raw,
                              normal_key *to)
{
    switch (key->form) {
    case LWSEC_P11_FORM_HMAC: return as_hmac_key(self, key->algorithm, raw, to);
    case LWSEC_P11_FORM_PREMASTER: return as_premaster(self, raw, to);
    case LWSEC_P11_FORM_PRK:
        /* Which hash it is used with is not known yet: no block is shorter than 64 bytes, and no
         * pseudorandom key is longer. */
        return raw.size <= 64 ? as_hmac_key(self, LWSEC_ALG_HMAC_256, raw, to) : LWSEC_UNSUPPORTED;
    default: return as_it_is(key, raw, to);
    }
}

CK_RV lwsec_p11_create(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                       lwsec_p11_key *key, bool with_list, const void *value,
                       CK_OBJECT_HANDLE *object)
{
    lwsec_p11_template new_key = {.count = 0};

    (void)none;
    lwsec_p11_describe_key(&new_key, key, with_list);
    if (key->form == LWSEC_P11_FORM_P256) {
        lwsec_p11_add(&new_key, CKA_EC_PARAMS, lwsec_p11_p256);
    }
    lwsec_p11_add(&new_key, CKA_VALUE, *(const lwsec_bytes *)value);
    return lwsec_p11_calls(self)->C_CreateObject(session, new_key.list, new_key.count, object);
}

lwsec_status lwsec_p11_import(lwsec_store *store, uint32_t slot,
                              const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    lwsec_p11_key *key = &self->keys[slot];
    normal_key normal = {{0}, 0};

    lwsec_status status = lwsec_p11_plan_key(self, key, attributes);
    if (status == LWSEC_OK) {
        status = normalise(self, key, raw, &normal);
    }
    if (status == LWSEC_OK) {
        const lwsec_bytes value = {normal.bytes, normal.size};
        status = lwsec_p11_make_key(self, LWSEC_P11_NO_KEY, key, lwsec_p11_create, &value);
    }
    lwsec_wipe(&normal, sizeof normal);
    if (status != LWSEC_OK) {
        lwsec_wipe(key, sizeof *key);
    }
    return status;
}
