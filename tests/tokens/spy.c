/* A PKCS#11 module that passes each call on to a real one and writes it down.
 *
 * LWSEC_SPY_MODULE is the file of the real module. LWSEC_SPY_LOG is a file that gets a line for
 * each call: its name, its answer in hexadecimal, and for C_GetAttributeValue "value" where
 * somebody asks for the value of a secret or private key. */
#define _POSIX_C_SOURCE 200809L

#include "pkcs11/p11_types.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const CK_FUNCTION_LIST *real;
static int spy_log = -1;

static CK_RV note(const char *function, CK_RV rv, const char *more)
{
    char line[96];
    const int size = snprintf(line, sizeof line, "%s 0x%lx%s\n", function, rv, more);

    if (spy_log < 0 || write(spy_log, line, (size_t)size) != size) {
        abort(); /* a call that is not written down would be one that nobody made */
    }
    return rv;
}

/* A function of the real module, and its name. */
#define SPY(name, parameters, ...)                                                                 \
    static CK_RV spy_##name parameters                                                             \
    {                                                                                              \
        return note(#name, real->name(__VA_ARGS__), "");                                           \
    }

SPY(C_Initialize, (void *arguments), arguments)
SPY(C_Finalize, (void *reserved), reserved)
SPY(C_GetInfo, (CK_INFO * info), info)
SPY(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count), present, slots, count)
SPY(C_GetSlotInfo, (CK_SLOT_ID slot, CK_SLOT_INFO *info), slot, info)
SPY(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO *info), slot, info)
SPY(C_GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count), slot, list,
    count)
SPY(C_GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info), slot,
    type, info)
SPY(C_OpenSession,
    (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
     CK_SESSION_HANDLE *session),
    slot, flags, application, notify, session)
SPY(C_CloseSession, (CK_SESSION_HANDLE session), session)
SPY(C_CloseAllSessions, (CK_SLOT_ID slot), slot)
SPY(C_GetSessionInfo, (CK_SESSION_HANDLE session, CK_SESSION_INFO *info), session, info)
SPY(C_Login, (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG size), session,
    user, pin, size)
SPY(C_Logout, (CK_SESSION_HANDLE session), session)
SPY(C_CreateObject,
    (CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *object),
    session, attributes, count, object)
SPY(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), session, object)
SPY(C_SetAttributeValue,
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count),
    session, object, attributes, count)
SPY(C_FindObjectsInit, (CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count),
    session, attributes, count)
SPY(C_FindObjects,
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count), session,
    objects, room, count)
SPY(C_FindObjectsFinal, (CK_SESSION_HANDLE session), session)

#define SPY_INIT(name)                                                                             \
    SPY(name, (CK_SESSION_HANDLE session, CK_MECHANISM * mechanism, CK_OBJECT_HANDLE key),         \
        session, mechanism, key)
#define SPY_CRYPT(name)                                                                            \
    SPY(name,                                                                                      \
        (CK_SESSION_HANDLE session, CK_BYTE * in, CK_ULONG in_size, CK_BYTE * out,                 \
         CK_ULONG * size),                                                                         \
        session, in, in_size, out, size)
#define SPY_UPDATE(name)                                                                           \
    SPY(name, (CK_SESSION_HANDLE session, CK_BYTE * part, CK_ULONG size), session, part, size)
#define SPY_FINAL(name)                                                                            \
    SPY(name, (CK_SESSION_HANDLE session, CK_BYTE * out, CK_ULONG * size), session, out, size)

SPY_INIT(C_EncryptInit)
SPY_CRYPT(C_Encrypt)
SPY_CRYPT(C_EncryptUpdate)
SPY_FINAL(C_EncryptFinal)
SPY_INIT(C_DecryptInit)
SPY_CRYPT(C_Decrypt)
SPY(C_DigestInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism), session, mechanism)
SPY_CRYPT(C_Digest)
SPY_UPDATE(C_DigestUpdate)
SPY(C_DigestKey, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key), session, key)
SPY_FINAL(C_DigestFinal)
SPY_INIT(C_SignInit)
SPY_CRYPT(C_Sign)
SPY_UPDATE(C_SignUpdate)
SPY_FINAL(C_SignFinal)
SPY_INIT(C_VerifyInit)
SPY(C_Verify,
    (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG size, CK_BYTE *signature,
     CK_ULONG signature_size),
    session, data, size, signature, signature_size)
SPY(C_GenerateKey,
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *attributes, CK_ULONG count,
     CK_OBJECT_HANDLE *key),
    session, mechanism, attributes, count, key)
SPY(C_GenerateKeyPair,
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_attributes,
     CK_ULONG public_count, CK_ATTRIBUTE *private_attributes, CK_ULONG private_count,
     CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key),
    session, mechanism, public_attributes, public_count, private_attributes, private_count,
    public_key, private_key)
SPY(C_DeriveKey,
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
     CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key),
    session, mechanism, base, attributes, count, key)
SPY_UPDATE(C_GenerateRandom)

/* A value of data or of a certificate is no secret. */
static bool is_secret(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_ATTRIBUTE asked = {CKA_CLASS, &class, sizeof class};

    (void)real->C_GetAttributeValue(session, object, &asked, 1);
    return class == CKO_SECRET_KEY || class == CKO_PRIVATE_KEY;
}

static CK_RV spy_C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                     CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    bool value = false;

    for (CK_ULONG i = 0; i < count; i++) {
        value = value || (attributes[i].type == CKA_VALUE && is_secret(session, object));
    }
    return note("C_GetAttributeValue",
                real->C_GetAttributeValue(session, object, attributes, count),
                value ? " value" : "");
}

/* Only what the real module has is there. */
#define HAS(name) .name = real->name != NULL ? spy_##name : NULL

static CK_FUNCTION_LIST list_of(CK_RV (*get)(CK_FUNCTION_LIST **))
{
    const CK_FUNCTION_LIST list = {
        .version = real->version,
        .C_GetFunctionList = get,
        HAS(C_Initialize),
        HAS(C_Finalize),
        HAS(C_GetInfo),
        HAS(C_GetSlotList),
        HAS(C_GetSlotInfo),
        HAS(C_GetTokenInfo),
        HAS(C_GetMechanismList),
        HAS(C_GetMechanismInfo),
        HAS(C_OpenSession),
        HAS(C_CloseSession),
        HAS(C_CloseAllSessions),
        HAS(C_GetSessionInfo),
        HAS(C_Login),
        HAS(C_Logout),
        HAS(C_CreateObject),
        HAS(C_DestroyObject),
        HAS(C_GetAttributeValue),
        HAS(C_SetAttributeValue),
        HAS(C_FindObjectsInit),
        HAS(C_FindObjects),
        HAS(C_FindObjectsFinal),
        HAS(C_EncryptInit),
        HAS(C_Encrypt),
        HAS(C_EncryptUpdate),
        HAS(C_EncryptFinal),
        HAS(C_DecryptInit),
        HAS(C_Decrypt),
        HAS(C_DigestInit),
        HAS(C_Digest),
        HAS(C_DigestUpdate),
        HAS(C_DigestKey),
        HAS(C_DigestFinal),
        HAS(C_SignInit),
        HAS(C_Sign),
        HAS(C_SignUpdate),
        HAS(C_SignFinal),
        HAS(C_VerifyInit),
        HAS(C_Verify),
        HAS(C_GenerateKey),
        HAS(C_GenerateKeyPair),
        HAS(C_DeriveKey),
        HAS(C_GenerateRandom),
    };
    return list;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    static CK_FUNCTION_LIST spied;
    const char *module = getenv("LWSEC_SPY_MODULE");
    const char *path = getenv("LWSEC_SPY_LOG");

    if (real == NULL) {
        void *object = module != NULL ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
        CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
        if (object != NULL) {
            void *symbol = dlsym(object, "C_GetFunctionList");
            memcpy(&get, &symbol, sizeof get);
        }
        spy_log = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
        if (get == NULL || spy_log < 0 || get((CK_FUNCTION_LIST **)&real) != CKR_OK) {
            (void)fprintf(stderr, "spy: no module, or no log\n");
            return CKR_GENERAL_ERROR;
        }
        spied = list_of(C_GetFunctionList);
    }
    *list = &spied;
    return CKR_OK;
}
