/* EVP calls behind the few primitives that the card has. */
#include "tests/uicc/card/primitives.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { CBC_MAC_MAX = 1024 };

size_t block_size(enum block_cipher cipher)
{
    return cipher == CIPHER_AES ? AES_BLOCK : DES_BLOCK;
}

static const char *aes_name(size_t key_size, bool ecb)
{
    switch (key_size) {
    case 16: return ecb ? "AES-128-ECB" : "AES-128-CBC";
    case 24: return ecb ? "AES-192-ECB" : "AES-192-CBC";
    case 32: return ecb ? "AES-256-ECB" : "AES-256-CBC";
    default: return NULL;
    }
}

bool aes_cmac(struct octets key, struct octets message, uint8_t mac[AES_BLOCK])
{
    const char *const cipher = aes_name(key.size, false);
    char name[] = "AES-000-CBC";
    OSSL_PARAM parameters[2] = {OSSL_PARAM_END, OSSL_PARAM_END};
    size_t size = 0;

    if (cipher == NULL) {
        return false;
    }
    memcpy(name, cipher, sizeof(name));
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0);
    return EVP_Q_mac(NULL, "CMAC", NULL, NULL, parameters, key.data, key.size, message.data,
                     message.size, mac, AES_BLOCK, &size) != NULL &&
           size == AES_BLOCK;
}

static bool run(const char *name, enum direction direction, struct octets key, const uint8_t *iv,
                struct octets in, uint8_t *out)
{
    EVP_CIPHER *const cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *const context = EVP_CIPHER_CTX_new();
    int size = 0, last = 0;
    const bool done =
        cipher != NULL && context != NULL && EVP_CIPHER_get_key_length(cipher) == (int)key.size &&
        EVP_CipherInit_ex2(context, cipher, key.data, iv, direction == ENCIPHER, NULL) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
        EVP_CipherUpdate(context, out, &size, in.data, (int)in.size) == 1 &&
        EVP_CipherFinal_ex(context, out + size, &last) == 1 && (size_t)size == in.size;

    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return done;
}

bool aes_block(struct octets key, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
    const char *const name = aes_name(key.size, true);

    return name != NULL && run(name, ENCIPHER, key, NULL, (struct octets){in, AES_BLOCK}, out);
}

bool cbc(enum block_cipher cipher, enum direction direction, struct octets key, const uint8_t *iv,
         struct octets in, uint8_t *out)
{
    static const uint8_t zeros[AES_BLOCK];
    const char *const name = cipher == CIPHER_AES ? aes_name(key.size, false) : "DES-EDE3-CBC";

    return name != NULL && run(name, direction, key, iv == NULL ? zeros : iv, in, out);
}

bool des3_cbc_mac(struct octets key, struct octets message, uint8_t mac[DES_BLOCK])
{
    uint8_t padded[CBC_MAC_MAX], ciphered[CBC_MAC_MAX];
    struct room room = ROOM_OF(padded);

    room_put(&room, message);
    room_put_zeros(&room, (DES_BLOCK - message.size % DES_BLOCK) % DES_BLOCK);
    if (room.full || room.size == 0 ||
        !cbc(CIPHER_3DES, ENCIPHER, key, NULL, room_octets(&room), ciphered)) {
        return false;
    }
    memcpy(mac, ciphered + room.size - DES_BLOCK, DES_BLOCK);
    return true;
}
