/* CBC-MAC over a key for CBC, which may sit in a token. */
#ifndef LWSEC_CRYPTO_CBC_MAC_H
#define LWSEC_CRYPTO_CBC_MAC_H

#include <lwsec/key.h>

/* Octets of a triple DES block, and so of the result. */
#define LWSEC_CBC_MAC_SIZE 8U

/*
 * CBC-MAC with triple DES in every block: vector of zeros, the message padded with zeros to whole
 * blocks, the last block is the result (TS 102 225 section 5.1.3, FIPS 113 with another cipher).
 * The key has LWSEC_ALG_TDES_CBC and LWSEC_USE_ENCRYPT. Safe only where a message says its own
 * length in its first block, as secured packets do. Answers as lwsec_key_cbc.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_cbc_mac(lwsec_key key, lwsec_bytes message,
                                            uint8_t mac[LWSEC_CBC_MAC_SIZE]);

#endif
