/* The pairs of calls of PKCS#11 that make one operation. Outputs always have their full room. */
#include "pkcs11/call.h"

#include <string.h>

CK_BYTE *lwsec_p11_input(lwsec_bytes bytes)
{
    static const CK_BYTE nothing[1] = {0};

    return (CK_BYTE *)(bytes.size > 0 ? bytes.data : nothing);
}

/* Room for the output of most messages, and of the longest. */
#define ROOM 1088U
#define LARGE_ROOM ((size_t)65536 + 64)

/* The second call of a pair. Another size than it must be is a failure of the token. */
static CK_RV call_with(CK_CRYPT call, CK_SESSION_HANDLE session, const lwsec_p11_transform *work,
                       uint8_t *out, size_t room)
{
    CK_ULONG size = (CK_ULONG)room;
    const CK_RV rv = call(session, lwsec_p11_input(work->in), (CK_ULONG)work->in.size, out, &size);

    return rv == CKR_OK && size != work->out_size ? CKR_FUNCTION_FAILED : rv;
}

/* By way of a buffer: a call that fails may have written over its input, with which it could not be
 * made again; and some tokens want as much room for a plaintext as for its ciphertext. */
static CK_RV call_aside(CK_CRYPT call, CK_SESSION_HANDLE session, const lwsec_p11_transform *work,
                        uint8_t *aside, size_t room)
{
    const CK_RV rv = call_with(call, session, work, aside, room);

    if (rv == CKR_OK) {
        memcpy(work->out, aside, work->out_size);
    }
    lwsec_wipe(aside, room);
    return rv;
}

/* Kept apart, so that only long messages take that much of the stack. */
__attribute__((noinline)) static CK_RV call_large(CK_CRYPT call, CK_SESSION_HANDLE session,
                                                  const lwsec_p11_transform *work, size_t room)
{
    uint8_t aside[LARGE_ROOM];

    return call_aside(call, session, work, aside, room);
}

static CK_RV finish(CK_CRYPT call, CK_SESSION_HANDLE session, const lwsec_p11_transform *work)
{
    const size_t room = work->in.size > work->out_size ? work->in.size : work->out_size;
    uint8_t aside[ROOM];

    if (work->in.data != work->out && work->in.size <= work->out_size) {
        return call_with(call, session, work, work->out, work->out_size);
    }
    if (room <= sizeof aside) {
        return call_aside(call, session, work, aside, room);
    }
    return room <= LARGE_ROOM ? call_large(call, session, work, room) : LWSEC_P11_LACKING;
}

/* MACs and signatures have outputs of their own, whatever the size of the message. */
static CK_RV finish_short(CK_CRYPT call, CK_SESSION_HANDLE session, const lwsec_p11_transform *work)
{
    return call_with(call, session, work, work->out, work->out_size);
}

CK_RV lwsec_p11_encrypt(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                        void *transform)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_transform *work = transform;

    if (calls->C_EncryptInit == NULL || calls->C_Encrypt == NULL) {
        return LWSEC_P11_LACKING;
    }
    const CK_RV rv = calls->C_EncryptInit(session, &work->mechanism, key);
    return rv == CKR_OK ? finish(calls->C_Encrypt, session, work) : rv;
}

CK_RV lwsec_p11_decrypt(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                        void *transform)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_transform *work = transform;

    if (calls->C_DecryptInit == NULL || calls->C_Decrypt == NULL) {
        return LWSEC_P11_LACKING;
    }
    const CK_RV rv = calls->C_DecryptInit(session, &work->mechanism, key);
    return rv == CKR_OK ? finish(calls->C_Decrypt, session, work) : rv;
}

CK_RV lwsec_p11_decrypt_tagged(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                               CK_OBJECT_HANDLE key, void *transform)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_transform *work = transform;

    if (calls->C_DecryptInit == NULL || calls->C_Decrypt == NULL) {
        return LWSEC_P11_LACKING;
    }
    CK_RV rv = calls->C_DecryptInit(session, &work->mechanism, key);
    if (rv == CKR_OK) {
        rv = finish(calls->C_Decrypt, session, work);
        if (rv != CKR_OK && rv != LWSEC_P11_LACKING && !lwsec_p11_is_loss(rv)) {
            return LWSEC_P11_REFUSED;
        }
    }
    return rv;
}

CK_RV lwsec_p11_sign(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                     void *transform)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_transform *work = transform;

    if (calls->C_SignInit == NULL || calls->C_Sign == NULL) {
        return LWSEC_P11_LACKING;
    }
    const CK_RV rv = calls->C_SignInit(session, &work->mechanism, key);
    return rv == CKR_OK ? finish_short(calls->C_Sign, session, work) : rv;
}

static CK_RV update(const CK_FUNCTION_LIST *calls, CK_SESSION_HANDLE session, lwsec_bytes part)
{
    return part.size > 0
               ? calls->C_DigestUpdate(session, lwsec_p11_input(part), (CK_ULONG)part.size)
               : CKR_OK;
}

CK_RV lwsec_p11_digest(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                       void *work)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    lwsec_p11_digest_work *hash = work;
    CK_MECHANISM mechanism = {hash->hash, NULL, 0};
    CK_ULONG size = (CK_ULONG)hash->digest_size;

    if (calls->C_DigestInit == NULL || calls->C_DigestUpdate == NULL ||
        calls->C_DigestFinal == NULL || (key != 0 && calls->C_DigestKey == NULL)) {
        return LWSEC_P11_LACKING;
    }
    CK_RV rv = calls->C_DigestInit(session, &mechanism);
    if (rv == CKR_OK) {
        rv = update(calls, session, hash->before);
    }
    if (rv == CKR_OK && key != 0) {
        rv = calls->C_DigestKey(session, key);
    }
    if (rv == CKR_OK) {
        rv = update(calls, session, hash->after);
    }
    if (rv == CKR_OK) {
        rv = calls->C_DigestFinal(session, hash->digest, &size);
    }
    return rv == CKR_OK && size != hash->digest_size ? CKR_FUNCTION_FAILED : rv;
}

lwsec_p11_hash lwsec_p11_hash_of(int32_t hmac)
{
    static const lwsec_p11_hash none;
    static const lwsec_p11_hash sha256 = {CKM_SHA256, CKM_SHA256_HMAC, 32, 64};
    static const lwsec_p11_hash sha384 = {CKM_SHA384, CKM_SHA384_HMAC, 48, 128};
    static const lwsec_p11_hash sha512 = {CKM_SHA512, CKM_SHA512_HMAC, 64, 128};

    switch (hmac) {
    case LWSEC_ALG_HMAC_256: return sha256;
    case LWSEC_ALG_HMAC_384: return sha384;
    case LWSEC_ALG_HMAC_512: return sha512;
    default: return none;
    }
}
