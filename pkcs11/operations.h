/* The entries of the store's table, by file. */
#ifndef LWSEC_PKCS11_OPERATIONS_H
#define LWSEC_PKCS11_OPERATIONS_H

#include "pkcs11/object.h"

#include "core/reader.h"

/* ---- keys.c, generate.c, import.c ---- */

lwsec_status lwsec_p11_import(lwsec_store *store, uint32_t slot,
                              const lwsec_key_attributes *attributes, lwsec_bytes raw);
lwsec_status lwsec_p11_generate(lwsec_store *store, uint32_t slot,
                                const lwsec_key_attributes *attributes, size_t key_size);
lwsec_status lwsec_p11_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key);
lwsec_status lwsec_p11_destroy(lwsec_store *store, uint32_t slot);
lwsec_status lwsec_p11_release(lwsec_store *store, uint32_t slot);
lwsec_status lwsec_p11_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name);
lwsec_tier lwsec_p11_key_tier(lwsec_store *store, uint32_t slot);

/* ---- make.c ---- */

/* Makes the object of a planned key, out of `how`, and of the key `base` where it is derived.
 * `with_list`: with CKA_ALLOWED_MECHANISMS. */
typedef CK_RV (*lwsec_p11_maker)(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                                 CK_OBJECT_HANDLE base, lwsec_p11_key *key, bool with_list,
                                 const void *how, CK_OBJECT_HANDLE *object);

/* Runs a maker in the anchor. LWSEC_USAGE: the name is taken. LWSEC_UNSUPPORTED: the token does not
 * want such a key. `base`: a slot, or LWSEC_P11_NO_KEY. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_make_key(lwsec_p11_store *self, uint32_t base,
                                                 lwsec_p11_key *key, lwsec_p11_maker maker,
                                                 const void *how);

/* Makers: out of a value (`how`: lwsec_bytes), and new ones (`how`: size_t, the size of a secret).
 * A pair leaves its point in the key. */
CK_RV lwsec_p11_create(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                       lwsec_p11_key *key, bool with_list, const void *value,
                       CK_OBJECT_HANDLE *object);
CK_RV lwsec_p11_make_secret(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                            lwsec_p11_key *key, bool with_list, const void *size,
                            CK_OBJECT_HANDLE *object);
CK_RV lwsec_p11_make_pair(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                          lwsec_p11_key *key, bool with_list, const void *nothing,
                          CK_OBJECT_HANDLE *object);

/* Whether the token keeps a key of this name, of whatever kind. */
CK_RV lwsec_p11_name_is_taken(lwsec_p11_store *self, CK_SESSION_HANDLE session, lwsec_bytes name,
                              bool *taken);

/* ---- cipher.c ---- */

lwsec_status lwsec_p11_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes plaintext, uint8_t *out);
lwsec_status lwsec_p11_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes ciphertext, uint8_t *out);
lwsec_status lwsec_p11_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                           lwsec_bytes iv, lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_p11_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                           lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_p11_block(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out);

/* ---- mac.c ---- */

lwsec_status lwsec_p11_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                           uint8_t *mac);

/* ---- derive.c ---- */

lwsec_status lwsec_p11_extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                               lwsec_store *target, const lwsec_key_attributes *attributes,
                               lwsec_key *prk);
lwsec_status lwsec_p11_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                              lwsec_store *target, const lwsec_key_attributes *attributes,
                              size_t key_size, lwsec_key *derived);
lwsec_status lwsec_p11_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                     lwsec_bytes info, uint8_t *out, size_t size);

/* One step of HKDF-SHA256 in the token each: to a key, and to bytes. */
CK_RV lwsec_p11_hkdf_extract(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                             CK_OBJECT_HANDLE base, lwsec_bytes salt, lwsec_p11_key *prk);
CK_RV lwsec_p11_hkdf_expand(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                            lwsec_bytes info, uint8_t *out, size_t size);

/* The shared secret with a peer's point, as a key. */
CK_RV lwsec_p11_ecdh(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                     lwsec_bytes peer, lwsec_p11_key *shared);

/* ---- p256.c ---- */

lwsec_status lwsec_p11_sign_message(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                    uint8_t *signature);
lwsec_status lwsec_p11_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                   uint8_t *signature);
lwsec_status lwsec_p11_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                              lwsec_bytes signature);
lwsec_status lwsec_p11_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                             lwsec_store *target, const lwsec_key_attributes *attributes,
                             lwsec_key *shared);

/* ---- public.c ---- */

lwsec_status lwsec_p11_public_key(lwsec_store *store, uint32_t slot, uint8_t *point);

/* ---- certificate.c ---- */

/* The next element of DER, header and contents; its contents in `inside` too. */
lwsec_bytes lwsec_p11_element(lwsec_reader *reader, lwsec_reader *inside);

/* ---- random.c ---- */

lwsec_status lwsec_p11_random(lwsec_store *store, uint8_t *out, size_t size);

/* ---- probe.c ---- */

/* Tries each operation once, and notes what works. Before any other call of the store. */
void lwsec_p11_probe(lwsec_p11_store *self);

#endif
