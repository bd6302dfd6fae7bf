/* What the calls of the fake token do, part by part. The lock is held. */
#ifndef LWSEC_TESTS_TOKENS_FAKE_PARTS_H
#define LWSEC_TESTS_TOKENS_FAKE_PARTS_H

#include "tests/tokens/fake/fake.h"

/* token.c */
CK_RV fake_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info);
CK_RV fake_open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE *handle);
CK_RV fake_close_session(CK_SESSION_HANDLE handle);
CK_RV fake_get_session_info(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info);
CK_RV fake_login(CK_USER_TYPE user, const CK_BYTE *pin, CK_ULONG size);

/* objects.c */
CK_RV fake_destroy_object(const fake_session *session, CK_OBJECT_HANDLE handle);
CK_RV fake_find_init(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count);
CK_RV fake_find(fake_session *session, CK_OBJECT_HANDLE *handles, CK_ULONG room, CK_ULONG *count);
CK_RV fake_find_final(fake_session *session);
CK_RV fake_get_attributes(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *attributes, CK_ULONG count);

/* operations.c */
CK_RV fake_begin(fake_session *session, fake_operation operation, const CK_MECHANISM *mechanism,
                 CK_OBJECT_HANDLE key);
CK_RV fake_run(fake_session *session, fake_operation operation, const CK_BYTE *in, CK_ULONG in_size,
               CK_BYTE *out, CK_ULONG *out_size);
CK_RV fake_run_verify(fake_session *session, const CK_BYTE *in, CK_ULONG in_size,
                      const CK_BYTE *signature, CK_ULONG signature_size);
CK_RV fake_digest(fake_session *session, const CK_BYTE *part, CK_ULONG size);
CK_RV fake_digest_key(fake_session *session, CK_OBJECT_HANDLE key);

/* make.c: keys that the token makes. */
typedef struct fake_pair {
    const CK_ATTRIBUTE *public_attributes;
    CK_ULONG public_count;
    const CK_ATTRIBUTE *private_attributes;
    CK_ULONG private_count;
} fake_pair;

CK_RV fake_generate(fake_session *session, const CK_MECHANISM *mechanism,
                    const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key);
CK_RV fake_generate_pair(fake_session *session, const CK_MECHANISM *mechanism,
                         const fake_pair *pair, CK_OBJECT_HANDLE *public_key,
                         CK_OBJECT_HANDLE *private_key);
CK_RV fake_derive(fake_session *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                  const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key);

#endif
