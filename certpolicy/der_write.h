/* DER out: elements over the one writer. */
#ifndef LWSEC_CERTPOLICY_DER_WRITE_H
#define LWSEC_CERTPOLICY_DER_WRITE_H

#include <lwsec/key.h>

#include "certpolicy/der.h"
#include "core/writer.h"

/* Bytes of the SubjectPublicKeyInfo of a key on secp256r1. */
#define LWSEC_DER_P256_INFO 91U

/*
 * Begins an element and gives the place of its contents; what is written from now on is in it. The
 * end writes the length, for which the contents move up where one byte is not enough.
 */
size_t lwsec_der_begin(lwsec_writer *writer, uint8_t tag);
void lwsec_der_end(lwsec_writer *writer, size_t begin);

/* A whole element with these contents. */
void lwsec_der_put(lwsec_writer *writer, uint8_t tag, lwsec_bytes value);

/* An INTEGER that is not negative, from big-endian bytes: at least one. */
void lwsec_der_put_unsigned(lwsec_writer *writer, lwsec_bytes number);

/* A BIT STRING of whole bytes. */
void lwsec_der_put_bits(lwsec_writer *writer, lwsec_bytes bits);

/* The SubjectPublicKeyInfo of a key pair. Answers as lwsec_key_public. */
LWSEC_MUST_CHECK lwsec_status lwsec_der_public_key(lwsec_key key,
                                                   uint8_t info[LWSEC_DER_P256_INFO]);

#endif
