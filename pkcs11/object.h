/* Objects of a token: what a key looks like there, and how it is found again. */
#ifndef LWSEC_PKCS11_OBJECT_H
#define LWSEC_PKCS11_OBJECT_H

#include "pkcs11/token.h"

/* ---- Templates ---- */

#define LWSEC_P11_ATTRIBUTES 24U

/* Attributes for one call. What they point at lives as long as the template is used. */
typedef struct lwsec_p11_template {
    CK_ATTRIBUTE list[LWSEC_P11_ATTRIBUTES];
    CK_ULONG count;
    CK_ULONG numbers[4]; /* values of lwsec_p11_add_number */
    CK_ULONG number_count;
    CK_MECHANISM_TYPE mechanisms[4]; /* value of CKA_ALLOWED_MECHANISMS */
} lwsec_p11_template;

void lwsec_p11_add(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, lwsec_bytes value);
void lwsec_p11_add_flag(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, bool value);
void lwsec_p11_add_number(lwsec_p11_template *of, CK_ATTRIBUTE_TYPE type, CK_ULONG value);

/*
 * All of a new secret or private key but its value: where it lives, that nothing gets its value
 * out, its name and CKA_ID, and the least that it may be used for. `with_list`: with
 * CKA_ALLOWED_MECHANISMS, where it has one.
 */
void lwsec_p11_describe_key(lwsec_p11_template *of, const lwsec_p11_key *key, bool with_list);

/* Names curve P-256, in DER. */
extern const lwsec_bytes lwsec_p11_p256;

/* ---- Keys ---- */

/* Fills in a slot for a new key: its form for what this token can do, a new CKA_ID.
 * LWSEC_UNSUPPORTED when it could never be used. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_plan_key(const lwsec_p11_store *self, lwsec_p11_key *key,
                                                 const lwsec_key_attributes *attributes);

CK_OBJECT_CLASS lwsec_p11_class_of(const lwsec_p11_key *key);
CK_KEY_TYPE lwsec_p11_type_of(const lwsec_p11_key *key);

/* Notes that the slot has this object. Called by steps that make keys, in the anchor. */
void lwsec_p11_place(lwsec_p11_store *self, lwsec_p11_key *key, CK_OBJECT_HANDLE object);

/* Whether an object that was found has the CKA_ID of the key: a token that passes over an attribute
 * of a template finds others too. CKR_OBJECT_HANDLE_INVALID: it has not. */
CK_RV lwsec_p11_check_id(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                         const lwsec_p11_key *key);

/* The object of a kept key, by class, CKA_ID and CKA_LABEL. CKR_OBJECT_HANDLE_INVALID: none. */
CK_RV lwsec_p11_find_again(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           const lwsec_p11_key *key, CK_OBJECT_HANDLE *object);

/* ---- Searches ---- */

/* Called for each object that is found. LWSEC_P11_LACKING ends the search, an error makes it fail.
 */
typedef CK_RV (*lwsec_p11_visit)(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                                 CK_OBJECT_HANDLE object, void *arguments);

CK_RV lwsec_p11_search(lwsec_p11_store *self, CK_SESSION_HANDLE session, lwsec_p11_template *wanted,
                       lwsec_p11_visit visit, void *arguments);

/* How many objects there are, at most 2, and one of them. */
typedef struct lwsec_p11_one {
    CK_OBJECT_HANDLE object;
    unsigned count;
} lwsec_p11_one;
CK_RV lwsec_p11_search_one(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           lwsec_p11_template *wanted, lwsec_p11_one *one);

/* One attribute, into `room` bytes; its size. LWSEC_P11_LACKING: it has none, or it is longer. */
CK_RV lwsec_p11_read(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                     CK_ATTRIBUTE_TYPE type, void *value, size_t room, size_t *size);

/* What an object is as one of our keys; LWSEC_P11_LACKING: it is none. */
CK_RV lwsec_p11_recognise(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          lwsec_p11_key *key);

/* ---- public.c ---- */

/* The public point of a key pair, from where the token has it: the private key where it tells; for
 * a kept one, a public key object or a certificate with the same CKA_ID, or else with the same
 * name. No point is CKR_OK, too. */
CK_RV lwsec_p11_find_point(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           CK_OBJECT_HANDLE object, lwsec_p11_key *key);
bool lwsec_p11_read_point(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          uint8_t point[LWSEC_P11_POINT]);

/* A new public half but its point: beside a kept key, with its name. */
void lwsec_p11_describe_public(lwsec_p11_template *of, const lwsec_p11_key *key);

#endif
