/* A plugin of lwsec-store-check: the IoT SAFE applet of the test card, a fresh one each time. */
#include "tests/uicc/card/card.h"

#include <lwsec/iotsafe.h>
#include <lwsec/memory_openssl.h>
#include <lwsec/store_check.h>

#include <stdlib.h>

#define INNER_SLOTS 32U

/* The card, what talks to it, and the store, which is first. */
typedef struct holder {
    struct card *chip;
    lwsec_apdu card;
    lwsec_store *inner;
    void *inner_memory;
    uint64_t memory[]; /* of the store */
} holder;

/* FIPS 186-4's private key of RFC 6979 A.2.5: its point is known to everybody. */
static const uint8_t device[32] = {0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21,
                                   0x57, 0x67, 0xb1, 0xd6, 0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8,
                                   0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21};
/* Of the PSK and of the Master Secret of the test card. */
static const uint8_t secret[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static const lwsec_store_check_key keys[] = {
    {"device", LWSEC_ALG_ES256, LWSEC_USE_SIGN, {device, sizeof device}, {NULL, 0}},
    {"master", LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {secret, sizeof secret}, {NULL, 0}},
    {"psk", LWSEC_ALG_PSK, LWSEC_USE_PSK, {secret, sizeof secret}, {NULL, 0}},
    {"ephemeral", LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, {NULL, 0}, {NULL, 0}},
    {"id:0a0b", LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}, {NULL, 0}},
};

static lwsec_status transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    const holder *own = context;
    struct room room = {response->data, response->capacity, 0, false};

    card_apdu(own->chip, (struct octets){command.data, command.size}, &room);
    response->size = room.size;
    return room.full ? LWSEC_ENGINE : LWSEC_OK;
}

static const lwsec_apdu_ops ops = {LWSEC_APDU_ABI, sizeof ops, transmit, NULL, NULL};

static void drop(holder *own)
{
    lwsec_memory_openssl_close(&own->inner);
    free(own->inner_memory);
    card_close(own->chip);
    free(own);
}

static lwsec_status open_on(holder *own, uint32_t slots, lwsec_store **store)
{
    static const uint8_t peer = 0x10;
    const struct card_setup setup = {.iotsafe = true, .iotsafe_device = {device, sizeof device}};
    const size_t inner_size = lwsec_memory_openssl_size(INNER_SLOTS);
    lwsec_iotsafe_config config = {
        .size = sizeof config, .card = &own->card, .peer = {&peer, sizeof peer}};

    own->chip = card_open(&setup);
    own->inner_memory = malloc(inner_size);
    if (own->chip == NULL || own->inner_memory == NULL ||
        lwsec_memory_openssl_open(own->inner_memory, inner_size, INNER_SLOTS, &own->inner) !=
            LWSEC_OK) {
        return LWSEC_ENGINE;
    }
    config.inner = own->inner;
    const lwsec_status status = lwsec_apdu_init(&own->card, &ops, own, true);
    return status == LWSEC_OK ? lwsec_iotsafe_open(own->memory, lwsec_iotsafe_size(slots), slots,
                                                   &config, store, NULL)
                              : status;
}

static lwsec_status open_store(uint32_t slots, lwsec_store **store)
{
    holder *own = calloc(1, sizeof *own + lwsec_iotsafe_size(slots));
    const lwsec_status status = own != NULL ? open_on(own, slots, store) : LWSEC_ENGINE;

    if (status != LWSEC_OK && own != NULL) {
        drop(own);
    }
    return status;
}

/* A store is the first thing in its memory, and that is the last thing in the holder. */
static void close_store(lwsec_store **store)
{
    holder *own = (holder *)(void *)((uint8_t *)*store - offsetof(holder, memory));

    lwsec_iotsafe_close(store);
    drop(own);
}

const lwsec_store_check lwsec_store_check_plugin = {
    sizeof(lwsec_store_check), open_store, close_store, true, keys, sizeof keys / sizeof keys[0]};
