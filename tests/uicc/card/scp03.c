/* Keys, cryptograms, and the protection of commands and responses in SCP03. */
#include "tests/uicc/card/scp03.h"

#include <string.h>

#include <openssl/crypto.h>

enum {
    CARD_CRYPTOGRAM = 0x00,
    HOST_CRYPTOGRAM = 0x01,
    CHALLENGE = 0x02,
    S_ENC = 0x04,
    S_MAC = 0x06,
    S_RMAC = 0x07
};

enum {
    PROTOCOL = 0x03,
    IMPLEMENTATION = 0x70, /* i: pseudo-random challenge, R-MAC, R-ENCRYPTION */
    DIVERSIFICATION = 10,
    SECURE_MESSAGING = 0x04,
    LOGICAL_CHANNEL = 0x0F,
    ROOM_MAX = 1200
};

/* SP 800-108 in counter mode over AES-CMAC, in the order of fields of Amendment D, 4.1.5. */
static bool derive(struct octets key, uint8_t constant, struct octets context, size_t size,
                   uint8_t *out)
{
    for (size_t done = 0, i = 1; done < size; i++) {
        uint8_t input[64], block[AES_BLOCK];
        struct room room = ROOM_OF(input);
        const size_t part = size - done < AES_BLOCK ? size - done : AES_BLOCK;

        room_put_zeros(&room, 11);
        room_put_number(&room, 1, constant);
        room_put_number(&room, 1, 0);
        room_put_number(&room, 2, size * 8);
        room_put_number(&room, 1, i);
        room_put(&room, context);
        if (room.full || !aes_cmac(key, room_octets(&room), block)) {
            return false;
        }
        memcpy(out + done, block, part);
        done += part;
    }
    return true;
}

static bool make_challenge(const struct scp03_keys *keys, uint32_t sequence, struct octets aid,
                           uint8_t challenge[SCP03_CHALLENGE])
{
    uint8_t bytes[3 + 16];
    struct room context = ROOM_OF(bytes);

    room_put_number(&context, 3, sequence);
    room_put(&context, aid);
    return !context.full && derive((struct octets){keys->enc, keys->size}, CHALLENGE,
                                   room_octets(&context), SCP03_CHALLENGE, challenge);
}

static bool make_session(struct scp03 *session, const struct scp03_keys *keys,
                         struct octets context, uint8_t card_cryptogram[SCP03_MAC])
{
    const struct octets enc = {keys->enc, keys->size}, mac = {keys->mac, keys->size};
    const struct octets s_mac = {session->s_mac, keys->size};

    session->size = keys->size;
    return derive(enc, S_ENC, context, keys->size, session->s_enc) &&
           derive(mac, S_MAC, context, keys->size, session->s_mac) &&
           derive(mac, S_RMAC, context, keys->size, session->s_rmac) &&
           derive(s_mac, CARD_CRYPTOGRAM, context, SCP03_MAC, card_cryptogram) &&
           derive(s_mac, HOST_CRYPTOGRAM, context, SCP03_MAC, session->host_cryptogram);
}

bool scp03_initialize_update(struct scp03 *session, const struct scp03_keys *keys,
                             uint32_t sequence, struct octets aid, struct octets host_challenge,
                             struct room *response)
{
    uint8_t challenge[SCP03_CHALLENGE], cryptogram[SCP03_MAC], bytes[2 * SCP03_CHALLENGE];
    struct room context = ROOM_OF(bytes);

    scp03_close(session);
    if (!make_challenge(keys, sequence, aid, challenge)) {
        return false;
    }
    room_put(&context, host_challenge);
    room_put(&context, (struct octets){challenge, sizeof(challenge)});
    if (context.full || !make_session(session, keys, room_octets(&context), cryptogram)) {
        scp03_close(session);
        return false;
    }
    session->state = SCP03_INITIALIZED;
    room_put_zeros(response, DIVERSIFICATION);
    room_put_number(response, 1, keys->version);
    room_put_number(response, 1, PROTOCOL);
    room_put_number(response, 1, IMPLEMENTATION);
    room_put(response, (struct octets){challenge, sizeof(challenge)});
    room_put(response, (struct octets){cryptogram, sizeof(cryptogram)});
    room_put_number(response, 3, sequence);
    return !response->full;
}

/*
 * The C-MAC, over the chain, the header with the secure messaging bit and without the logical
 * channel, Lc and the data. The chain goes on only if the MAC is right.
 */
static bool take_command_mac(struct scp03 *session, const uint8_t header[4], struct octets *data)
{
    uint8_t bytes[AES_BLOCK + 5 + 255], mac[AES_BLOCK];
    struct room input = ROOM_OF(bytes);
    const size_t lc = data->size;
    struct octets body, received;

    if (lc < SCP03_MAC || !octets_take(data, lc - SCP03_MAC, &body) ||
        !octets_take(data, SCP03_MAC, &received)) {
        return false;
    }
    room_put(&input, (struct octets){session->chain, AES_BLOCK});
    room_put_number(&input, 1, (uint64_t)(header[0] & (0xFF - LOGICAL_CHANNEL)) | SECURE_MESSAGING);
    room_put(&input, (struct octets){header + 1, 3});
    room_put_number(&input, 1, lc);
    room_put(&input, body);
    if (input.full ||
        !aes_cmac((struct octets){session->s_mac, session->size}, room_octets(&input), mac) ||
        CRYPTO_memcmp(mac, received.data, SCP03_MAC) != 0) {
        return false;
    }
    memcpy(session->chain, mac, AES_BLOCK);
    *data = body;
    return true;
}

static bool is_level(uint8_t level)
{
    return level == 0x01 || level == 0x03 || level == 0x11 || level == 0x13 || level == 0x33;
}

bool scp03_external_authenticate(struct scp03 *session, const uint8_t header[4], struct octets data)
{
    if (session->state != SCP03_INITIALIZED || !is_level(header[2]) ||
        !take_command_mac(session, header, &data) || data.size != SCP03_MAC ||
        CRYPTO_memcmp(data.data, session->host_cryptogram, SCP03_MAC) != 0) {
        scp03_close(session);
        return false;
    }
    session->state = SCP03_OPEN;
    session->level = header[2];
    session->counter = 0;
    return true;
}

static bool make_iv(const struct scp03 *session, uint8_t first, uint8_t iv[AES_BLOCK])
{
    uint8_t block[AES_BLOCK];
    struct room room = ROOM_OF(block);

    room_put_number(&room, 1, first);
    room_put_number(&room, AES_BLOCK - 1, session->counter);
    return aes_block((struct octets){session->s_enc, session->size}, block, iv);
}

/* Padding 80 00..: the octets before it. */
static bool without_padding(struct octets *data)
{
    while (data->size > 0 && data->data[data->size - 1] == 0) {
        data->size--;
    }
    if (data->size == 0 || data->data[data->size - 1] != 0x80) {
        return false;
    }
    data->size--;
    return true;
}

static bool decipher(const struct scp03 *session, struct octets data, struct room *plain)
{
    uint8_t iv[AES_BLOCK], bytes[256];
    struct octets clear = {bytes, data.size};

    if (data.size % AES_BLOCK != 0 || data.size > sizeof(bytes) || !make_iv(session, 0, iv) ||
        !cbc(CIPHER_AES, DECIPHER, (struct octets){session->s_enc, session->size}, iv, data,
             bytes) ||
        !without_padding(&clear)) {
        return false;
    }
    room_put(plain, clear);
    return true;
}

bool scp03_unwrap(struct scp03 *session, const uint8_t header[4], struct octets data,
                  struct room *plain)
{
    bool right = session->state == SCP03_OPEN && take_command_mac(session, header, &data);

    session->counter++;
    if (right && (session->level & SCP03_C_DECRYPTION) != 0 && data.size > 0) {
        right = decipher(session, data, plain);
    } else if (right) {
        room_put(plain, data);
    }
    if (!right || plain->full) {
        scp03_close(session);
        return false;
    }
    return true;
}

static bool encipher(const struct scp03 *session, struct octets data, struct room *response)
{
    uint8_t iv[AES_BLOCK], bytes[ROOM_MAX], ciphered[ROOM_MAX];
    struct room padded = ROOM_OF(bytes);

    room_put(&padded, data);
    room_put_number(&padded, 1, 0x80);
    room_put_zeros(&padded, (AES_BLOCK - padded.size % AES_BLOCK) % AES_BLOCK);
    if (padded.full || !make_iv(session, 0x80, iv) ||
        !cbc(CIPHER_AES, ENCIPHER, (struct octets){session->s_enc, session->size}, iv,
             room_octets(&padded), ciphered)) {
        return false;
    }
    room_put(response, (struct octets){ciphered, padded.size});
    return !response->full;
}

static bool put_response_mac(const struct scp03 *session, uint16_t sw, struct room *response)
{
    uint8_t bytes[ROOM_MAX], mac[AES_BLOCK];
    struct room input = ROOM_OF(bytes);

    room_put(&input, (struct octets){session->chain, AES_BLOCK});
    room_put(&input, room_octets(response));
    room_put_number(&input, 2, sw);
    if (input.full ||
        !aes_cmac((struct octets){session->s_rmac, session->size}, room_octets(&input), mac)) {
        return false;
    }
    room_put(response, (struct octets){mac, SCP03_MAC});
    return !response->full;
}

bool scp03_wrap(struct scp03 *session, struct octets data, uint16_t sw, struct room *response)
{
    if ((session->level & SCP03_R_ENCRYPTION) != 0 && data.size > 0) {
        if (!encipher(session, data, response)) {
            return false;
        }
    } else {
        room_put(response, data);
    }
    return (session->level & SCP03_R_MAC) == 0 || put_response_mac(session, sw, response);
}

void scp03_close(struct scp03 *session)
{
    OPENSSL_cleanse(session, sizeof(*session));
}
