/* The cryptography of the test card: OpenSSL's primitives and nothing of lwsec. */
#ifndef LWSEC_TESTS_UICC_CARD_PRIMITIVES_H
#define LWSEC_TESTS_UICC_CARD_PRIMITIVES_H

#include "tests/uicc/card/octets.h"

enum { AES_BLOCK = 16, DES_BLOCK = 8 };

enum block_cipher { CIPHER_AES, CIPHER_3DES };
enum direction { DECIPHER, ENCIPHER };

size_t block_size(enum block_cipher cipher);

/* AES-CMAC (SP 800-38B), all 16 octets. */
bool aes_cmac(struct octets key, struct octets message, uint8_t mac[AES_BLOCK]);

/* One block under AES. */
bool aes_block(struct octets key, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK]);

/* CBC over whole blocks, without padding. `iv` has one block; NULL is zeros. 3DES: outer CBC. */
bool cbc(enum block_cipher cipher, enum direction direction, struct octets key, const uint8_t *iv,
         struct octets in, uint8_t *out);

/* CBC-MAC with three keys: IV 0, zeros up to a block, the last block. At most 1024 octets. */
bool des3_cbc_mac(struct octets key, struct octets message, uint8_t mac[DES_BLOCK]);

#endif
