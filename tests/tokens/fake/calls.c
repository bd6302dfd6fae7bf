/* The functions of PKCS#11 that the fake token has, each between fake_enter and fake_leave. */
#include "tests/tokens/fake/fake.h"
#include "tests/tokens/fake/parts.h"

#include <openssl/rand.h>
#include <string.h>

static bool initialized;

/* What runs with the lock held, between the guard's two calls. */
#define CALL(function, session, size, expression)                                                  \
    do {                                                                                           \
        CK_RV rv_ = fake_enter(function, session);                                                 \
        if (rv_ == CKR_OK) {                                                                       \
            rv_ = initialized ? (expression) : CKR_CRYPTOKI_NOT_INITIALIZED;                       \
        }                                                                                          \
        return fake_leave(function, session, rv_, size);                                           \
    } while (0)

static CK_RV do_initialize(void)
{
    if (initialized) {
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    }
    initialized = true;
    return CKR_OK;
}

static CK_RV fake_C_Initialize(void *arguments)
{
    (void)arguments;
    CK_RV rv = fake_enter("C_Initialize", 0);
    if (rv == CKR_OK) {
        rv = do_initialize();
    }
    return fake_leave("C_Initialize", 0, rv, NULL);
}

static CK_RV do_finalize(void)
{
    fake_close_sessions();
    initialized = false;
    return CKR_OK;
}

static CK_RV fake_C_Finalize(void *reserved)
{
    (void)reserved;
    CALL("C_Finalize", 0, NULL, do_finalize());
}

static CK_RV do_get_info(CK_INFO *info)
{
    memset(info, 0, sizeof *info);
    memset(info->manufacturerID, ' ', sizeof info->manufacturerID);
    memset(info->libraryDescription, ' ', sizeof info->libraryDescription);
    memcpy(info->manufacturerID, "lwsec", 5);
    info->cryptokiVersion.major = 2;
    info->cryptokiVersion.minor = 40;
    return CKR_OK;
}

static CK_RV fake_C_GetInfo(CK_INFO *info)
{
    CALL("C_GetInfo", 0, NULL, do_get_info(info));
}

static CK_RV do_get_slots(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *count)
{
    const CK_ULONG room = *count;

    *count = with_token && !fake_is_present() ? 0 : 1;
    if (slots != NULL && *count > 0) {
        if (room < 1) {
            return CKR_BUFFER_TOO_SMALL;
        }
        slots[0] = FAKE_SLOT;
    }
    return CKR_OK;
}

static CK_RV fake_C_GetSlotList(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *count)
{
    CALL("C_GetSlotList", 0, NULL, do_get_slots(with_token, slots, count));
}

static CK_RV do_get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    memset(info, 0, sizeof *info);
    info->flags = fake_is_present() ? CKF_TOKEN_PRESENT : 0;
    return slot == FAKE_SLOT ? CKR_OK : CKR_SLOT_ID_INVALID;
}

static CK_RV fake_C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    CALL("C_GetSlotInfo", 0, NULL, do_get_slot_info(slot, info));
}

static CK_RV fake_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CALL("C_GetTokenInfo", 0, NULL, fake_get_token_info(slot, info));
}

static CK_RV fake_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
                                CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
    (void)application;
    (void)notify;
    CALL("C_OpenSession", 0, NULL, fake_open_session(slot, flags, session));
}

static CK_RV fake_C_CloseSession(CK_SESSION_HANDLE session)
{
    CALL("C_CloseSession", session, NULL, fake_close_session(session));
}

static CK_RV do_close_all(CK_SLOT_ID slot)
{
    fake_close_sessions();
    return slot == FAKE_SLOT ? CKR_OK : CKR_SLOT_ID_INVALID;
}

static CK_RV fake_C_CloseAllSessions(CK_SLOT_ID slot)
{
    CALL("C_CloseAllSessions", 0, NULL, do_close_all(slot));
}

static CK_RV fake_C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
    CALL("C_GetSessionInfo", session, NULL, fake_get_session_info(session, info));
}

static CK_RV fake_C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin,
                          CK_ULONG pin_size)
{
    CALL("C_Login", session, NULL, fake_login(user, pin, pin_size));
}

static CK_RV do_logout(void)
{
    if (!fake_is_logged_in()) {
        return CKR_USER_NOT_LOGGED_IN;
    }
    fake_lose_login();
    return CKR_OK;
}

static CK_RV fake_C_Logout(CK_SESSION_HANDLE session)
{
    CALL("C_Logout", session, NULL, do_logout());
}

static CK_RV fake_C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                                 CK_ULONG count, CK_OBJECT_HANDLE *object)
{
    CALL("C_CreateObject", session, NULL,
         fake_create(fake_session_of(session), attributes, count, object));
}

static CK_RV fake_C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    CALL("C_DestroyObject", session, NULL, fake_destroy_object(fake_session_of(session), object));
}

static CK_RV fake_C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    const bool value = attributes->type == CKA_VALUE && attributes->pValue != NULL;

    CALL("C_GetAttributeValue", session, value ? &attributes->ulValueLen : NULL,
         fake_get_attributes(object, attributes, count));
}

static CK_RV do_set_attributes(CK_OBJECT_HANDLE handle, const CK_ATTRIBUTE *attributes,
                               CK_ULONG count)
{
    fake_object *object = fake_object_of(handle);
    CK_RV rv = object != NULL ? CKR_OK : CKR_OBJECT_HANDLE_INVALID;

    for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
        rv = fake_set(object, attributes[i].type, attributes[i].pValue, attributes[i].ulValueLen);
    }
    return rv;
}

static CK_RV fake_C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    CALL("C_SetAttributeValue", session, NULL, do_set_attributes(object, attributes, count));
}

static CK_RV fake_C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                                    CK_ULONG count)
{
    CALL("C_FindObjectsInit", session, NULL,
         fake_find_init(fake_session_of(session), attributes, fake_finds_all() ? 0 : count));
}

static CK_RV fake_C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room,
                                CK_ULONG *count)
{
    CALL("C_FindObjects", session, NULL, fake_find(fake_session_of(session), objects, room, count));
}

static CK_RV fake_C_FindObjectsFinal(CK_SESSION_HANDLE session)
{
    CALL("C_FindObjectsFinal", session, NULL, fake_find_final(fake_session_of(session)));
}

/* The Init and the one-piece call of an operation with a key. */
#define KEY_INIT(name, operation)                                                                  \
    static CK_RV fake_C_##name(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,                 \
                               CK_OBJECT_HANDLE key)                                               \
    {                                                                                              \
        CALL("C_" #name, session, NULL,                                                            \
             fake_begin(fake_session_of(session), operation, mechanism, key));                     \
    }
#define ONE_PIECE(name, operation)                                                                 \
    static CK_RV fake_C_##name(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_size,           \
                               CK_BYTE *out, CK_ULONG *out_size)                                   \
    {                                                                                              \
        CALL("C_" #name, session, out_size,                                                        \
             fake_run(fake_session_of(session), operation, in, in_size, out, out_size));           \
    }
KEY_INIT(EncryptInit, FAKE_ENCRYPT)
KEY_INIT(DecryptInit, FAKE_DECRYPT)
KEY_INIT(SignInit, FAKE_SIGN)
KEY_INIT(VerifyInit, FAKE_VERIFY)
ONE_PIECE(Encrypt, FAKE_ENCRYPT)
ONE_PIECE(Decrypt, FAKE_DECRYPT)
ONE_PIECE(Sign, FAKE_SIGN)
ONE_PIECE(Digest, FAKE_DIGEST)

static CK_RV fake_C_Verify(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG size,
                           CK_BYTE *signature, CK_ULONG signature_size)
{
    CALL("C_Verify", session, NULL,
         fake_run_verify(fake_session_of(session), data, size, signature, signature_size));
}

static CK_RV fake_C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
    CALL("C_DigestInit", session, NULL,
         fake_begin(fake_session_of(session), FAKE_DIGEST, mechanism, 0));
}

static CK_RV fake_C_DigestUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG size)
{
    CALL("C_DigestUpdate", session, NULL, fake_digest(fake_session_of(session), part, size));
}

static CK_RV fake_C_DigestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    CALL("C_DigestKey", session, NULL, fake_digest_key(fake_session_of(session), key));
}

static CK_RV fake_C_DigestFinal(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *size)
{
    CALL("C_DigestFinal", session, size,
         fake_run(fake_session_of(session), FAKE_DIGEST, NULL, 0, out, size));
}

static CK_RV fake_C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                                CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    CALL("C_GenerateKey", session, NULL,
         fake_generate(fake_session_of(session), mechanism, attributes, count, key));
}

static CK_RV fake_C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                                    CK_ATTRIBUTE *public_attributes, CK_ULONG public_count,
                                    CK_ATTRIBUTE *private_attributes, CK_ULONG private_count,
                                    CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    const fake_pair pair = {public_attributes, public_count, private_attributes, private_count};

    CALL("C_GenerateKeyPair", session, NULL,
         fake_generate_pair(fake_session_of(session), mechanism, &pair, public_key, private_key));
}

static CK_RV fake_C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                              CK_OBJECT_HANDLE base, CK_ATTRIBUTE *attributes, CK_ULONG count,
                              CK_OBJECT_HANDLE *key)
{
    CALL("C_DeriveKey", session, NULL,
         fake_derive(fake_session_of(session), mechanism, base, attributes, count, key));
}

static CK_RV fake_C_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG size)
{
    CALL("C_GenerateRandom", session, NULL,
         RAND_bytes(out, (int)size) == 1 ? CKR_OK : CKR_FUNCTION_FAILED);
}

/* What it has not stays NULL. */
static const CK_FUNCTION_LIST functions = {
    .version = {2, 40},
    .C_Initialize = fake_C_Initialize,
    .C_Finalize = fake_C_Finalize,
    .C_GetInfo = fake_C_GetInfo,
    .C_GetSlotList = fake_C_GetSlotList,
    .C_GetSlotInfo = fake_C_GetSlotInfo,
    .C_GetTokenInfo = fake_C_GetTokenInfo,
    .C_OpenSession = fake_C_OpenSession,
    .C_CloseSession = fake_C_CloseSession,
    .C_CloseAllSessions = fake_C_CloseAllSessions,
    .C_GetSessionInfo = fake_C_GetSessionInfo,
    .C_Login = fake_C_Login,
    .C_Logout = fake_C_Logout,
    .C_CreateObject = fake_C_CreateObject,
    .C_DestroyObject = fake_C_DestroyObject,
    .C_GetAttributeValue = fake_C_GetAttributeValue,
    .C_SetAttributeValue = fake_C_SetAttributeValue,
    .C_FindObjectsInit = fake_C_FindObjectsInit,
    .C_FindObjects = fake_C_FindObjects,
    .C_FindObjectsFinal = fake_C_FindObjectsFinal,
    .C_EncryptInit = fake_C_EncryptInit,
    .C_Encrypt = fake_C_Encrypt,
    .C_DecryptInit = fake_C_DecryptInit,
    .C_Decrypt = fake_C_Decrypt,
    .C_DigestInit = fake_C_DigestInit,
    .C_Digest = fake_C_Digest,
    .C_DigestUpdate = fake_C_DigestUpdate,
    .C_DigestKey = fake_C_DigestKey,
    .C_DigestFinal = fake_C_DigestFinal,
    .C_SignInit = fake_C_SignInit,
    .C_Sign = fake_C_Sign,
    .C_VerifyInit = fake_C_VerifyInit,
    .C_Verify = fake_C_Verify,
    .C_GenerateKey = fake_C_GenerateKey,
    .C_GenerateKeyPair = fake_C_GenerateKeyPair,
    .C_DeriveKey = fake_C_DeriveKey,
    .C_GenerateRandom = fake_C_GenerateRandom,
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    static CK_FUNCTION_LIST copy;

    copy = functions;
    copy.C_GetFunctionList = C_GetFunctionList;
    *list = &copy;
    return CKR_OK;
}
