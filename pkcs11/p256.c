/* ECDSA and ECDH with P-256 keys in the token. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include <string.h>

#define DIGEST 32U
#define SIGNATURE 64U

lwsec_status lwsec_p11_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                   uint8_t *signature)
{
    lwsec_p11_transform work = {
        {CKM_ECDSA, NULL, 0}, lwsec_bytes_of(digest, DIGEST), signature, SIGNATURE};
    const lwsec_status status =
        lwsec_p11_run(lwsec_p11_store_of(store), slot, lwsec_p11_sign, &work);

    if (status != LWSEC_OK) {
        lwsec_wipe(signature, SIGNATURE);
    }
    return status;
}

static lwsec_status sha256(lwsec_p11_store *self, lwsec_bytes message, uint8_t digest[DIGEST])
{
    lwsec_p11_digest_work work = {CKM_SHA256, message, {NULL, 0}, digest, DIGEST};

    return lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_digest, &work);
}

/* The hash by the token, too: not every token signs messages, all sign hashes. */
lwsec_status lwsec_p11_sign_message(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                    uint8_t *signature)
{
    uint8_t digest[DIGEST];
    const lwsec_status status = sha256(lwsec_p11_store_of(store), message, digest);

    return status == LWSEC_OK ? lwsec_p11_sign_digest(store, slot, digest, signature) : status;
}

static CK_RV verify_with(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                         const lwsec_p11_verification *work)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};

    const CK_RV rv = calls->C_VerifyInit(session, &mechanism, key);
    return rv == CKR_OK
               ? calls->C_Verify(session, lwsec_p11_input(lwsec_bytes_of(work->digest, DIGEST)),
                                 DIGEST, lwsec_p11_input(work->signature),
                                 (CK_ULONG)work->signature.size)
               : rv;
}

/* The public key lives in the session for one verification. Whatever the token does not like about
 * the point or the signature is a refusal. */
CK_RV lwsec_p11_verify_step(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                            void *arguments)
{
    const lwsec_p11_verification *work = arguments;
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    uint8_t encoded[2 + LWSEC_P11_POINT] = {0x04, LWSEC_P11_POINT};
    lwsec_p11_template public_key = {.count = 0};
    CK_OBJECT_HANDLE object = 0;

    (void)none;
    if (calls->C_VerifyInit == NULL || calls->C_Verify == NULL) {
        return LWSEC_P11_LACKING;
    }
    memcpy(&encoded[2], work->point.data, LWSEC_P11_POINT);
    lwsec_p11_add_number(&public_key, CKA_CLASS, CKO_PUBLIC_KEY);
    lwsec_p11_add_number(&public_key, CKA_KEY_TYPE, CKK_EC);
    lwsec_p11_add_flag(&public_key, CKA_TOKEN, false);
    lwsec_p11_add_flag(&public_key, CKA_PRIVATE, false);
    lwsec_p11_add_flag(&public_key, CKA_VERIFY, true);
    lwsec_p11_add(&public_key, CKA_EC_PARAMS, lwsec_p11_p256);
    lwsec_p11_add(&public_key, CKA_EC_POINT, lwsec_bytes_of(encoded, sizeof encoded));
    CK_RV rv = calls->C_CreateObject(session, public_key.list, public_key.count, &object);
    if (rv == CKR_OK) {
        rv = verify_with(self, session, object, work);
        (void)calls->C_DestroyObject(session, object);
    }
    return rv == CKR_OK || lwsec_p11_is_loss(rv) ? rv : LWSEC_P11_REFUSED;
}

lwsec_status lwsec_p11_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                              lwsec_bytes signature)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    uint8_t digest[DIGEST];
    lwsec_p11_verification work = {public_key, digest, signature};

    if ((self->capabilities & LWSEC_PKCS11_CAN_ECDSA_VERIFY) == 0) {
        return LWSEC_UNSUPPORTED;
    }
    const lwsec_status status = sha256(self, message, digest);
    return status == LWSEC_OK ? lwsec_p11_run(self, LWSEC_P11_NO_KEY, lwsec_p11_verify_step, &work)
                              : status;
}
