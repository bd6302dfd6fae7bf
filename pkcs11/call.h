/* Operations as steps: the calls of PKCS#11 that make one, with the checks that each needs. */
#ifndef LWSEC_PKCS11_CALL_H
#define LWSEC_PKCS11_CALL_H

#include "pkcs11/token.h"

/* Bytes in, bytes of a size that is known beforehand out: encrypting, decrypting, signing. */
typedef struct lwsec_p11_transform {
    CK_MECHANISM mechanism;
    lwsec_bytes in;
    uint8_t *out; /* may be the input */
    size_t out_size;
} lwsec_p11_transform;

/* Steps on an lwsec_p11_transform. */
CK_RV lwsec_p11_encrypt(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                        void *transform);
CK_RV lwsec_p11_decrypt(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                        void *transform);
/* Decrypting with a tag: LWSEC_P11_REFUSED for every failure that is not a loss, as tokens do not
 * agree on what a wrong tag is called. */
CK_RV lwsec_p11_decrypt_tagged(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                               CK_OBJECT_HANDLE key, void *transform);
CK_RV lwsec_p11_sign(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                     void *transform);

/* A hash: of `key` in the middle if there is one, between two pieces of data. */
typedef struct lwsec_p11_digest_work {
    CK_MECHANISM_TYPE hash;
    lwsec_bytes before;
    lwsec_bytes after;
    uint8_t *digest;
    size_t digest_size;
} lwsec_p11_digest_work;
CK_RV lwsec_p11_digest(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                       void *work);

/* A step that verifies ECDSA over a SHA-256 with a public key: LWSEC_P11_REFUSED if the point or
 * the signature is wrong. */
typedef struct lwsec_p11_verification {
    lwsec_bytes point;
    const uint8_t *digest;
    lwsec_bytes signature;
} lwsec_p11_verification;
CK_RV lwsec_p11_verify_step(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                            void *verification);

/* What goes with an HMAC algorithm of ours; zeros for any other number. */
typedef struct lwsec_p11_hash {
    CK_MECHANISM_TYPE hash;
    CK_MECHANISM_TYPE hmac;
    size_t size;
    size_t block;
} lwsec_p11_hash;
lwsec_p11_hash lwsec_p11_hash_of(int32_t hmac);

/* Modules only read their inputs, but their calls do not say so; some refuse NULL even for none. */
CK_BYTE *lwsec_p11_input(lwsec_bytes bytes);

#endif
