/* Calls of the module, around the store. */
#include "tests/support/test.h"

#include "tests/pkcs11/raw.h"
#include "tests/pkcs11/token.h"

#include <dlfcn.h>

const CK_FUNCTION_LIST *raw_calls(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_RV (*get)(CK_FUNCTION_LIST * *list);
    void *library = dlopen(token_module(), RTLD_NOW | RTLD_LOCAL);

    assert_non_null(library);
    void *symbol = dlsym(library, "C_GetFunctionList");
    assert_non_null(symbol);
    memcpy(&get, &symbol, sizeof get);
    assert_int_equal(get(&list), CKR_OK);
    return list;
}

CK_SLOT_ID raw_slot(const char *label)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    CK_BYTE padded[32];

    for (size_t i = 0, size = strlen(label); i < sizeof padded; i++) {
        padded[i] = i < size ? (CK_BYTE)label[i] : ' ';
    }
    assert_int_equal(raw_calls()->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        assert_int_equal(raw_calls()->C_GetTokenInfo(slots[i], &info), CKR_OK);
        if (memcmp(info.label, padded, sizeof padded) == 0) {
            return slots[i];
        }
    }
    fail_msg("no token %s", label);
    return 0;
}

CK_SESSION_HANDLE raw_session(const char *label)
{
    CK_SESSION_HANDLE session = 0;

    assert_int_equal(raw_calls()->C_OpenSession(raw_slot(label),
                                                CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                                &session),
                     CKR_OK);
    return session;
}

unsigned raw_count(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label,
                   CK_OBJECT_HANDLE *object)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                             {CKA_TOKEN, &yes, sizeof yes},
                             {CKA_LABEL, (void *)label, strlen(label)}};
    CK_OBJECT_HANDLE found[8];
    CK_ULONG count = 0;

    assert_int_equal(raw_calls()->C_FindObjectsInit(session, wanted, 3), CKR_OK);
    assert_int_equal(raw_calls()->C_FindObjects(session, found, 8, &count), CKR_OK);
    assert_int_equal(raw_calls()->C_FindObjectsFinal(session), CKR_OK);
    if (count > 0 && object != NULL) {
        *object = found[count - 1];
    }
    return (unsigned)count;
}

int raw_flag(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL flag = CK_FALSE;
    CK_ATTRIBUTE attribute = {type, &flag, sizeof flag};

    return raw_calls()->C_GetAttributeValue(session, object, &attribute, 1) == CKR_OK ? flag : -1;
}
