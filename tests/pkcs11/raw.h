/* The module's own functions, for what a test does behind the store's back. */
#ifndef LWSEC_TESTS_PKCS11_RAW_H
#define LWSEC_TESTS_PKCS11_RAW_H

#include "pkcs11/p11_types.h"

/* Those of the module that token_module() names. */
const CK_FUNCTION_LIST *raw_calls(void);

/* The slot of the token with this label. */
CK_SLOT_ID raw_slot(const char *label);

/* A session beside those of the store, which must have initialised the module. */
CK_SESSION_HANDLE raw_session(const char *label);

/* How many token objects of a class have this label; the last of them in `object`, unless NULL. */
unsigned raw_count(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label,
                   CK_OBJECT_HANDLE *object);

/* A flag of an object: 1 or 0, or -1 if it has none. */
int raw_flag(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

#endif
