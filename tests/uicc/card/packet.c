/* TS 102 225 and 31.115 as far as LwM2M 5.4.2.1.3 lets them be used. */
#include "tests/uicc/card/packet.h"

#include <string.h>

#include <openssl/crypto.h>

enum {
    KIC,
    KID,
    SPI1,
    SPI2,
    TAR,
    TAR_SIZE = 3,
    KEY_AES = 2,
    KEY_3DES = 9,
    DES3_KEY = 24,
    SPI1_LWM2M = 0x16, /* checksum, ciphering, process if the counter is higher */
    SPI1_USED = 0x1F,
    POR_REQUIRED = 0x01,
    POR_MODE = 0x03,
    POR_SECURITY = 0x0C,
    POR_SECURITY_CC = 0x08,
    POR_CIPHERED = 0x10,
    POR_BY_SUBMIT = 0x20,
    POR_RESERVED = 0xC0,
    POR_OK = 0x00,
    CLEAR = 10,      /* CPL, CHL, SPI, KIc, KID, TAR */
    CHL_FIXED = 13,  /* SPI to PCNTR */
    RHL_FIXED = 10,  /* TAR to status */
    AFTER_CLEAR = 6, /* CNTR, PCNTR */
    SCRATCH = 1024
};

static bool key_of(uint8_t coding, struct octets key, enum block_cipher *cipher, uint8_t *out,
                   size_t *size)
{
    const uint8_t *const k = key.data;

    switch (coding & 0x0F) {
    case KEY_AES:
        *cipher = CIPHER_AES;
        if (key.size != 16 && key.size != 24 && key.size != 32) {
            return false;
        }
        break;
    case KEY_3DES:
        *cipher = CIPHER_3DES;
        if (key.size != DES3_KEY || memcmp(k, k + 8, 8) == 0 || memcmp(k + 8, k + 16, 8) == 0 ||
            memcmp(k, k + 16, 8) == 0) {
            return false;
        }
        break;
    default: return false;
    }
    memcpy(out, key.data, key.size);
    *size = key.size;
    return true;
}

/* How many octets of the keys are KIc's: what 3DES leaves, or one half. */
static size_t cipher_key_size(uint8_t kic, uint8_t kid, size_t all)
{
    if ((kic & 0x0F) == KEY_3DES) {
        return DES3_KEY;
    }
    return (kid & 0x0F) == KEY_3DES && all > DES3_KEY ? all - DES3_KEY : all / 2;
}

/* A report is protected as the command is, or not at all. */
static bool report_is_allowed(uint8_t spi2)
{
    const uint8_t security = spi2 & POR_SECURITY;

    return (spi2 & POR_MODE) != POR_MODE && (security == 0 || security == POR_SECURITY_CC) &&
           (spi2 & POR_RESERVED) == 0;
}

bool association_set(struct association *association, struct octets parameters, struct octets keys,
                     size_t check_size, uint8_t tag)
{
    const uint8_t *const p = parameters.data;
    struct octets tar, cipher_key;

    if (parameters.size != PACKET_PARAMETERS || p[SPI1] != SPI1_LWM2M ||
        !report_is_allowed(p[SPI2])) {
        return false;
    }
    uint64_t number = 0;
    tar = (struct octets){p + TAR, TAR_SIZE};
    *association = (struct association){.check_size = check_size, .tag = tag};
    memcpy(association->parameters, p, PACKET_PARAMETERS);
    if (!octets_take_number(&tar, TAR_SIZE, &number) || number != PACKET_TAR ||
        !octets_take(&keys, cipher_key_size(p[KIC], p[KID], keys.size), &cipher_key)) {
        return false;
    }
    return key_of(p[KIC], cipher_key, &association->cipher, association->cipher_key,
                  &association->cipher_key_size) &&
           key_of(p[KID], keys, &association->check, association->check_key,
                  &association->check_key_size) &&
           !octets_equal(cipher_key, keys) &&
           (check_size == 8 || (check_size == 4 && association->check == CIPHER_AES));
}

static bool checksum(const struct association *association, struct octets message,
                     uint8_t check[PACKET_CHECK_MAX])
{
    const struct octets key = {association->check_key, association->check_key_size};
    uint8_t mac[AES_BLOCK];

    if (association->check == CIPHER_3DES) {
        return des3_cbc_mac(key, message, check);
    }
    if (!aes_cmac(key, message, mac)) {
        return false;
    }
    memcpy(check, mac, association->check_size);
    return true;
}

static bool cipher(const struct association *association, enum direction direction,
                   struct octets in, uint8_t *out)
{
    return cbc(association->cipher, direction,
               (struct octets){association->cipher_key, association->cipher_key_size}, NULL, in,
               out);
}

static void put_clear(const struct association *association, size_t size, struct room *packet)
{
    const uint8_t *const p = association->parameters;

    room_put_number(packet, 2, size - 2);
    room_put_number(packet, 1, CHL_FIXED + association->check_size);
    room_put(packet, (struct octets){p + SPI1, 2});
    room_put(packet, (struct octets){p + KIC, 2});
    room_put(packet, (struct octets){p + TAR, TAR_SIZE});
}

/* The head of a packet that is `size` octets long must be what this end would send itself. */
static bool clear_is_ours(const struct association *association, struct octets packet)
{
    uint8_t bytes[CLEAR];
    struct room ours = ROOM_OF(bytes);

    put_clear(association, packet.size, &ours);
    return !ours.full && octets_equal(room_octets(&ours), (struct octets){packet.data, CLEAR});
}

/* Checks a deciphered packet: the checksum covers all of it but itself. */
static bool check_is_right(const struct association *association, struct octets clear,
                           struct octets body, uint8_t check[PACKET_CHECK_MAX])
{
    uint8_t bytes[SCRATCH];
    struct room covered = ROOM_OF(bytes);
    struct octets counters, received;

    if (!octets_take(&body, AFTER_CLEAR, &counters) ||
        !octets_take(&body, association->check_size, &received)) {
        return false;
    }
    room_put(&covered, clear);
    room_put(&covered, counters);
    room_put(&covered, body);
    return !covered.full && checksum(association, room_octets(&covered), check) &&
           CRYPTO_memcmp(check, received.data, association->check_size) == 0;
}

/* Reads an authentic body: CNTR, PCNTR, checksum, one BER-TLV, padding. */
static bool read_body(const struct association *association, struct octets body,
                      struct opened *opened)
{
    uint64_t padding;
    uint8_t tag;
    struct octets check;

    if (!octets_take_number(&body, PACKET_COUNTER_WIDTH, &opened->counter) ||
        !octets_take_number(&body, 1, &padding) ||
        !octets_take(&body, association->check_size, &check) ||
        padding >= block_size(association->cipher) || padding > body.size) {
        return false;
    }
    body.size -= (size_t)padding;
    return octets_take_tlv(&body, &tag, &opened->coap) && tag == association->tag &&
           body.size == 0 && opened->coap.size > 0;
}

bool packet_open(const struct association *association, struct octets packet, struct room *plain,
                 struct opened *opened)
{
    struct octets body = packet, clear;
    const size_t block = block_size(association->cipher);

    if (!octets_take(&body, CLEAR, &clear) || body.size == 0 || body.size % block != 0 ||
        body.size > plain->capacity || !clear_is_ours(association, packet) ||
        !cipher(association, DECIPHER, body, plain->data)) {
        return false;
    }
    plain->size = body.size;
    if (check_is_right(association, clear, room_octets(plain), opened->check) &&
        read_body(association, room_octets(plain), opened)) {
        return true;
    }
    OPENSSL_cleanse(plain->data, plain->size);
    plain->size = 0;
    return false;
}

static size_t padding_of(const struct association *association, size_t size)
{
    const size_t block = block_size(association->cipher);

    return (block - size % block) % block;
}

/* Checks and ciphers: `head` stands before the counters, `rest` after the checksum. */
static bool put_protected(const struct association *association, struct octets head,
                          struct octets counters, struct octets rest, size_t check_size,
                          bool ciphered, struct room *packet, uint8_t check[PACKET_CHECK_MAX])
{
    uint8_t bytes[SCRATCH], body_bytes[SCRATCH];
    struct room covered = ROOM_OF(bytes), body = ROOM_OF(body_bytes);

    room_put(&covered, head);
    room_put(&covered, counters);
    room_put(&covered, rest);
    if (covered.full || (check_size > 0 && !checksum(association, room_octets(&covered), check))) {
        return false;
    }
    /* The status of a report is the last octet of its counters and stands before the checksum. */
    room_put(&body, counters);
    room_put(&body, (struct octets){check, check_size});
    room_put(&body, rest);
    if (body.full || (ciphered && !cipher(association, ENCIPHER, room_octets(&body), body.data))) {
        return false;
    }
    room_put(packet, room_octets(&body));
    return !packet->full;
}

bool packet_seal(const struct association *association, uint64_t counter, struct octets coap,
                 struct room *packet, uint8_t check[PACKET_CHECK_MAX])
{
    uint8_t rest_bytes[SCRATCH], counter_bytes[AFTER_CLEAR];
    struct room rest = ROOM_OF(rest_bytes), counters = ROOM_OF(counter_bytes);

    room_put_tlv(&rest, association->tag, coap);
    const size_t padding =
        padding_of(association, AFTER_CLEAR + association->check_size + rest.size);
    room_put_zeros(&rest, padding);
    room_put_number(&counters, PACKET_COUNTER_WIDTH, counter);
    room_put_number(&counters, 1, padding);
    put_clear(association, CLEAR + AFTER_CLEAR + association->check_size + rest.size, packet);
    return !rest.full && !packet->full &&
           put_protected(association, room_octets(packet), room_octets(&counters),
                         room_octets(&rest), association->check_size, true, packet, check);
}

enum report_way packet_report_way(const struct association *association)
{
    const uint8_t spi2 = association->parameters[SPI2];

    if ((spi2 & POR_MODE) != POR_REQUIRED) {
        return REPORT_NONE;
    }
    return (spi2 & POR_BY_SUBMIT) != 0 ? REPORT_BY_SUBMIT : REPORT_IN_DELIVERY;
}

bool packet_report(const struct association *association, uint64_t counter, struct room *report)
{
    const uint8_t spi2 = association->parameters[SPI2];
    const bool ciphered = (spi2 & POR_CIPHERED) != 0;
    const size_t check_size = (spi2 & POR_SECURITY) != 0 ? association->check_size : 0;
    const size_t size = AFTER_CLEAR + 1 + check_size;
    const size_t padding = ciphered ? padding_of(association, size) : 0;
    uint8_t counter_bytes[AFTER_CLEAR + 1], rest_bytes[AES_BLOCK], check[PACKET_CHECK_MAX];
    struct room counters = ROOM_OF(counter_bytes), rest = ROOM_OF(rest_bytes);

    room_put_number(&counters, PACKET_COUNTER_WIDTH, counter);
    room_put_number(&counters, 1, padding);
    room_put_number(&counters, 1, POR_OK);
    room_put_zeros(&rest, padding);
    room_put_number(report, 3, 0x027100);
    room_put_number(report, 2, 1 + TAR_SIZE + size + padding);
    room_put_number(report, 1, RHL_FIXED + check_size);
    room_put(report, (struct octets){association->parameters + TAR, TAR_SIZE});
    return !report->full && put_protected(association, room_octets(report), room_octets(&counters),
                                          room_octets(&rest), check_size, ciphered, report, check);
}
