/* Commands to a card in this process, and SCP03 as the host does it. */
#include "tests/uicc/card/meet.h"
#include "tests/support/test.h"

#include <lwsec/bytes.h>

struct octets meet_hex(const char *hex)
{
    const lwsec_bytes bytes = lwsec_test_hex(hex);

    return (struct octets){bytes.data, bytes.size};
}

struct card *meet_card(void (*change)(struct card_setup *setup))
{
    struct card_setup setup = {
        .scp03_enc = meet_hex("404142434445464748494a4b4c4d4e4f"),
        .scp03_mac = meet_hex("505152535455565758595a5b5c5d5e5f"),
        .scp03_version = 0x30,
        .parameters = meet_hex(MEET_PARAMETERS),
        .keys = meet_hex(MEET_KEYS),
    };

    if (change != NULL) {
        change(&setup);
    }
    struct card *const card = card_open(&setup);
    assert_non_null(card);
    return card;
}

uint16_t meet_once(struct card *card, struct octets command, struct room *data)
{
    uint8_t bytes[CARD_RESPONSE_MAX];
    struct room response = ROOM_OF(bytes);

    card_apdu(card, command, &response);
    assert_false(response.full);
    assert_true(response.size >= 2);
    response.size -= 2;
    if (data != NULL) {
        room_put(data, room_octets(&response));
        assert_false(data->full);
    }
    return (uint16_t)(bytes[response.size] << 8 | bytes[response.size + 1]);
}

uint16_t meet_octets(struct card *card, struct octets command, struct room *data)
{
    uint8_t again[261];
    uint16_t status = meet_once(card, command, data);

    if (status >> 8 == 0x6C) {
        assert_true(command.size >= 4 && command.size <= 5);
        memcpy(again, command.data, 4);
        again[4] = (uint8_t)status;
        status = meet_once(card, (struct octets){again, 5}, data);
    }
    while (status >> 8 == 0x61) {
        const uint8_t get[] = {command.data[0] & 0x03, 0xC0, 0, 0, (uint8_t)status};
        status = meet_once(card, (struct octets){get, sizeof(get)}, data);
    }
    return status;
}

uint16_t meet(struct card *card, const char *command, struct room *data)
{
    return meet_octets(card, meet_hex(command), data);
}

uint16_t meet_envelope(struct card *card, struct octets tpdu, struct room *data)
{
    uint8_t object_bytes[250], command_bytes[261];
    struct room objects = ROOM_OF(object_bytes), command = ROOM_OF(command_bytes);
    uint8_t download_bytes[255];
    struct room download = ROOM_OF(download_bytes);

    room_put(&objects, meet_hex("82028381"));
    room_put_tlv(&objects, 0x8B, tpdu);
    room_put_tlv(&download, 0xD1, room_octets(&objects));
    room_put(&command, meet_hex("80c20000"));
    room_put_number(&command, 1, download.size);
    room_put(&command, room_octets(&download));
    assert_false(objects.full || download.full || command.full);
    return meet_octets(card, room_octets(&command), data);
}

static void derive(struct octets key, uint8_t constant, struct octets context, size_t size,
                   uint8_t *out)
{
    uint8_t blocks[2 * AES_BLOCK];

    for (uint8_t i = 1; i <= 2; i++) {
        const uint8_t head[] = {0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                constant,
                                0,
                                (uint8_t)(size * 8 >> 8),
                                (uint8_t)(size * 8),
                                i};
        uint8_t bytes[64];
        struct room input = ROOM_OF(bytes);

        room_put(&input, (struct octets){head, sizeof(head)});
        room_put(&input, context);
        assert_true(aes_cmac(key, room_octets(&input), blocks + (i - 1) * AES_BLOCK));
    }
    memcpy(out, blocks, size);
}

void host_begin(struct host *host, struct card *card, uint8_t channel)
{
    const struct octets enc = meet_hex("404142434445464748494a4b4c4d4e4f");
    const struct octets mac = meet_hex("505152535455565758595a5b5c5d5e5f");
    uint8_t response[64], context_bytes[16], expected[SCP03_MAC];
    struct room data = ROOM_OF(response), context = ROOM_OF(context_bytes);
    const uint8_t update[] = {(uint8_t)(0x80 | channel), 0x50, 0x30, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};

    *host = (struct host){.card = card, .channel = channel, .size = 16};
    assert_int_equal(meet_octets(card, (struct octets){update, sizeof(update)}, &data), 0x9000);
    assert_int_equal(data.size, 32);
    assert_memory_equal(response + 10, "\x30\x03\x70", 3);
    room_put(&context, (struct octets){update + 5, 8});
    room_put(&context, (struct octets){response + 13, 8});
    derive(enc, 4, room_octets(&context), 16, host->enc);
    derive(mac, 6, room_octets(&context), 16, host->mac);
    derive(mac, 7, room_octets(&context), 16, host->rmac);
    const struct octets s_mac = {host->mac, 16};
    derive(s_mac, 0, room_octets(&context), 8, expected);
    assert_memory_equal(response + 21, expected, 8);
    derive(s_mac, 1, room_octets(&context), 8, host->cryptogram);
}

static void make_iv(const struct host *host, uint8_t first, uint8_t iv[AES_BLOCK])
{
    uint8_t bytes[AES_BLOCK];
    struct room block = ROOM_OF(bytes);

    room_put_number(&block, 1, first);
    room_put_number(&block, 15, host->counter);
    assert_true(aes_block((struct octets){host->enc, host->size}, bytes, iv));
}

void host_wrap(struct host *host, struct octets header, struct octets data, struct room *command)
{
    uint8_t padded_bytes[256], body_bytes[256], mac[AES_BLOCK], iv[AES_BLOCK], input_bytes[300];
    struct room padded = ROOM_OF(padded_bytes), input = ROOM_OF(input_bytes);
    struct octets body = data;

    host->counter++;
    if ((host->level & SCP03_C_DECRYPTION) != 0 && data.size > 0) {
        room_put(&padded, data);
        room_put_number(&padded, 1, 0x80);
        room_put_zeros(&padded, (16 - padded.size % 16) % 16);
        make_iv(host, 0, iv);
        assert_true(cbc(CIPHER_AES, ENCIPHER, (struct octets){host->enc, host->size}, iv,
                        room_octets(&padded), body_bytes));
        body = (struct octets){body_bytes, padded.size};
    }
    room_put(&input, (struct octets){host->chain, AES_BLOCK});
    room_put_number(&input, 1, header.data[0] | 0x04u);
    room_put(&input, (struct octets){header.data + 1, 3});
    room_put_number(&input, 1, body.size + 8);
    room_put(&input, body);
    assert_true(aes_cmac((struct octets){host->mac, host->size}, room_octets(&input), mac));
    memcpy(host->chain, mac, AES_BLOCK);
    room_put_number(command, 1, header.data[0] | 0x04u | host->channel);
    room_put(command, (struct octets){header.data + 1, 3});
    room_put_number(command, 1, body.size + 8);
    room_put(command, body);
    room_put(command, (struct octets){mac, 8});
    assert_false(input.full || padded.full || command->full);
}

uint16_t host_authenticate(struct host *host, uint8_t level)
{
    const uint8_t header[] = {0x80, 0x82, level, 0};
    uint8_t bytes[64];
    struct room command = ROOM_OF(bytes);

    host->level = 0;
    host_wrap(host, (struct octets){header, 4}, (struct octets){host->cryptogram, 8}, &command);
    host->level = level;
    host->counter = 0;
    return meet_octets(host->card, room_octets(&command), NULL);
}

void host_open(struct host *host, struct card *card, uint8_t channel, uint8_t level)
{
    host_begin(host, card, channel);
    assert_int_equal(host_authenticate(host, level), 0x9000);
}

static void open_response(struct host *host, struct octets response, uint16_t status,
                          struct room *plain)
{
    uint8_t bytes[1100], mac[AES_BLOCK], iv[AES_BLOCK], clear[1024];
    struct room input = ROOM_OF(bytes);
    struct octets body = response;

    if ((host->level & SCP03_R_MAC) != 0) {
        assert_true(response.size >= 8);
        body.size -= 8;
        room_put(&input, (struct octets){host->chain, AES_BLOCK});
        room_put(&input, body);
        room_put_number(&input, 2, status);
        assert_true(aes_cmac((struct octets){host->rmac, host->size}, room_octets(&input), mac));
        assert_memory_equal(mac, response.data + body.size, 8);
    }
    if ((host->level & SCP03_R_ENCRYPTION) != 0 && body.size > 0) {
        make_iv(host, 0x80, iv);
        assert_true(
            cbc(CIPHER_AES, DECIPHER, (struct octets){host->enc, host->size}, iv, body, clear));
        body.data = clear;
        while (body.size > 0 && clear[body.size - 1] == 0) {
            body.size--;
        }
        assert_true(body.size > 0 && clear[body.size - 1] == 0x80);
        body.size--;
    }
    if (plain != NULL) {
        room_put(plain, body);
        assert_false(plain->full);
    }
}

uint16_t host_send(struct host *host, const char *header, struct octets data, struct room *plain)
{
    uint8_t command_bytes[261], response_bytes[1024];
    struct room command = ROOM_OF(command_bytes), response = ROOM_OF(response_bytes);

    host_wrap(host, meet_hex(header), data, &command);
    const uint16_t status = meet_octets(host->card, room_octets(&command), &response);
    if (status == 0x9000 || status >> 8 == 0x62 || status >> 8 == 0x63) {
        open_response(host, room_octets(&response), status, plain);
    } else if (plain != NULL) {
        room_put(plain, room_octets(&response));
    }
    return status;
}
