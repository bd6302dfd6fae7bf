/* The fake token: a PKCS#11 module in memory that keeps the rules, and breaks them on demand. */
#ifndef LWSEC_TESTS_PKCS11_FAKE_FAKE_H
#define LWSEC_TESTS_PKCS11_FAKE_FAKE_H

#include "pkcs11/p11_types.h"

#include <openssl/evp.h>
#include <pthread.h>

#include <stdbool.h>
#include <stddef.h>

#define FAKE_SESSIONS 64U
#define FAKE_OBJECTS 512U
#define FAKE_ATTRIBUTES 24U
#define FAKE_VALUE_MAX 2048U
#define FAKE_SLOT 7UL /* no number to rely on */

/* What a session is in the middle of. */
typedef enum fake_operation {
    FAKE_IDLE = 0,
    FAKE_ENCRYPT = 1,
    FAKE_DECRYPT = 2,
    FAKE_DIGEST = 3,
    FAKE_SIGN = 4,
    FAKE_VERIFY = 5
} fake_operation;

typedef struct fake_active {
    bool on;
    CK_MECHANISM_TYPE mechanism;
    CK_BYTE parameter[64]; /* counter block or vector */
    CK_ULONG parameter_size;
    CK_BYTE aad[1024];
    CK_ULONG aad_size;
    CK_ULONG tag_size;
    CK_BYTE key[256];
    CK_ULONG key_size;
    EVP_MD_CTX *digest;
} fake_active;

typedef struct fake_session {
    CK_SESSION_HANDLE handle; /* 0: free */
    bool writable;
    bool busy;        /* a call is in it: a second one aborts the program */
    pthread_t thread; /* of the call that began what is active */
    fake_active active[6];
    bool finding;
    CK_OBJECT_HANDLE found[FAKE_OBJECTS];
    CK_ULONG found_count;
    CK_ULONG found_at;
} fake_session;

typedef struct fake_attribute {
    CK_ATTRIBUTE_TYPE type;
    CK_ULONG size;
    CK_BYTE *value;
} fake_attribute;

typedef struct fake_object {
    CK_OBJECT_HANDLE handle;   /* 0: free */
    CK_SESSION_HANDLE session; /* of a session object; 0: it stays */
    fake_attribute attributes[FAKE_ATTRIBUTES];
    CK_ULONG count;
} fake_object;

/* guard.c: every call begins and ends there. With the lock held between the two only where it says
 * so: operations with keys run without it, as in a real token. */
CK_RV fake_enter(const char *function, CK_SESSION_HANDLE session);
CK_RV fake_leave(const char *function, CK_SESSION_HANDLE session, CK_RV rv, CK_ULONG *size);
bool fake_finds_all(void);
void fake_lock(void);
void fake_unlock(void);

/* token.c: slot, sessions, login. */
bool fake_is_present(void);
void fake_remove(void);
bool fake_is_logged_in(void);
void fake_lose_login(void);
void fake_close_sessions(void);
fake_session *fake_session_of(CK_SESSION_HANDLE handle);
void fake_reset_token(void);
unsigned fake_count_sessions(void);
void fake_set_tries(unsigned left);
void fake_return_token(void);

/* objects.c. The lock is held. */
CK_RV fake_create(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count,
                  CK_OBJECT_HANDLE *handle);
fake_object *fake_object_of(CK_OBJECT_HANDLE handle);
const fake_attribute *fake_attribute_of(const fake_object *object, CK_ATTRIBUTE_TYPE type);
bool fake_is_true(const fake_object *object, CK_ATTRIBUTE_TYPE type);
CK_RV fake_set(fake_object *object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG size);
void fake_destroy_session_objects(CK_SESSION_HANDLE session);
void fake_renew_private_handles(void);
void fake_destroy_objects(void);
unsigned fake_count_session_objects(void);
bool fake_value_was_read(void);
void fake_forget_value_was_read(void);

/* crypto.c: one mechanism, one piece of data. `out` may be too small: CKR_BUFFER_TOO_SMALL. */
CK_RV fake_crypt(fake_active *active, bool encrypt, const CK_BYTE *in, CK_ULONG in_size,
                 CK_BYTE *out, CK_ULONG *out_size);
CK_RV fake_sign(fake_active *active, const CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out,
                CK_ULONG *out_size);
CK_RV fake_verify(fake_active *active, const CK_BYTE *in, CK_ULONG in_size,
                  const CK_BYTE *signature, CK_ULONG signature_size);
const EVP_MD *fake_hash(CK_MECHANISM_TYPE mechanism);
CK_RV fake_check_mechanism(fake_operation operation, CK_MECHANISM_TYPE mechanism);
/* x of the peer's point times the scalar. */
CK_RV fake_agree(const CK_BYTE *scalar, const CK_BYTE *point, CK_ULONG point_size,
                 CK_BYTE shared[32]);
/* A new pair: the scalar and the uncompressed point. */
CK_RV fake_make_pair(CK_BYTE scalar[32], CK_BYTE point[65]);

#endif
