/* Puts a key pair into the token: the private half by lwsec, the public half by PKCS#11 alone, as
 * the tools that provision a token do. */
#include "tests/tokens/pair.h"

#include "pkcs11/p11_types.h"
#include "tests/support/test.h"
#include "tests/tokens/environment.h"

#include <dlfcn.h>

#define SLOTS_MAX 8U

static const CK_FUNCTION_LIST *functions(void)
{
    void *object = dlopen(token_config().module, RTLD_NOW | RTLD_LOCAL);
    void *symbol = object != NULL ? dlsym(object, "C_GetFunctionList") : NULL;
    CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
    CK_FUNCTION_LIST *list = NULL;

    assert_non_null(symbol);
    memcpy(&get, &symbol, sizeof get);
    assert_int_equal(get(&list), CKR_OK);
    return list;
}

/* A session with the token, which is logged in by what lwsec has open. */
static CK_SESSION_HANDLE open_session(const CK_FUNCTION_LIST *calls)
{
    const lwsec_bytes label = token_config().token.label;
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_SESSION_HANDLE session = 0;
    CK_TOKEN_INFO info;

    assert_int_equal(calls->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count && session == 0; i++) {
        assert_int_equal(calls->C_GetTokenInfo(slots[i], &info), CKR_OK);
        if (memcmp(info.label, label.data, label.size) == 0 && info.label[label.size] == ' ') {
            assert_int_equal(calls->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                  NULL, NULL, &session),
                             CKR_OK);
        }
    }
    assert_true(session != 0);
    return session;
}

static CK_OBJECT_HANDLE private_half(const CK_FUNCTION_LIST *calls, CK_SESSION_HANDLE session,
                                     lwsec_bytes name)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                             {CKA_LABEL, (void *)(uintptr_t)name.data, name.size}};
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG count = 0;

    assert_int_equal(calls->C_FindObjectsInit(session, wanted, 2), CKR_OK);
    assert_int_equal(calls->C_FindObjects(session, &object, 1, &count), CKR_OK);
    assert_int_equal(calls->C_FindObjectsFinal(session), CKR_OK);
    assert_int_equal(count, 1);
    return object;
}

static void add_public_half(lwsec_bytes name, lwsec_bytes point)
{
    const CK_FUNCTION_LIST *calls = functions();
    const CK_SESSION_HANDLE session = open_session(calls);
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_BYTE encoded[67] = {0x04, 65};
    CK_BYTE id[64];
    CK_ATTRIBUTE asked = {CKA_ID, id, sizeof id};
    CK_OBJECT_HANDLE object = private_half(calls, session, name);

    memcpy(&encoded[2], point.data, 65);
    assert_int_equal(calls->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    CK_ATTRIBUTE public_half[] = {{CKA_CLASS, &class, sizeof class},
                                  {CKA_KEY_TYPE, &type, sizeof type},
                                  {CKA_TOKEN, &yes, sizeof yes},
                                  {CKA_PRIVATE, &no, sizeof no},
                                  {CKA_VERIFY, &yes, sizeof yes},
                                  {CKA_LABEL, (void *)(uintptr_t)name.data, name.size},
                                  {CKA_ID, id, asked.ulValueLen},
                                  {CKA_EC_PARAMS, p256, sizeof p256},
                                  {CKA_EC_POINT, encoded, sizeof encoded}};
    assert_int_equal(calls->C_CreateObject(session, public_half,
                                           sizeof public_half / sizeof public_half[0], &object),
                     CKR_OK);
    assert_int_equal(calls->C_CloseSession(session), CKR_OK);
}

lwsec_key token_pair(lwsec_store *store, const char *name, lwsec_bytes scalar, lwsec_bytes point)
{
    const lwsec_bytes text = lwsec_bytes_of(name, strlen(name));
    const lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN,
                                             text};
    lwsec_key key = {NULL, 0, 0};

    if (lwsec_key_find(store, text, &key) == LWSEC_ABSENT) {
        assert_status(lwsec_key_import(store, &attributes, scalar, &key), LWSEC_OK);
        assert_status(lwsec_key_release(&key), LWSEC_OK);
        add_public_half(text, point);
        assert_status(lwsec_key_find(store, text, &key), LWSEC_OK);
    }
    assert_non_null(key.store);
    return key;
}
