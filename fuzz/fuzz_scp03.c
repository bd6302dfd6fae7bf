/* Covers uicc/: a secure channel over a store that ciphers nothing and whose every MAC is zeros, so
 * that the code behind them is reached. The first byte is the level, then come answers. */
#include <lwsec/scp03.h>
#include <lwsec/store.h>

#include "answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5U
#define SLOTS 5U
#define COMMANDS 6U

/* ---- The store ---- */

static lwsec_status key_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store;
    (void)slot;
    (void)attributes;
    (void)raw;
    return LWSEC_OK;
}

static lwsec_status key_destroy(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK;
}

static lwsec_status key_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                            uint8_t *mac)
{
    (void)store;
    (void)slot;
    (void)hmac;
    (void)message;
    memset(mac, 0, 16);
    return LWSEC_OK;
}

static lwsec_status key_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                            lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    (void)store;
    (void)slot;
    (void)direction;
    (void)iv;
    memmove(out, input.data, input.size);
    return LWSEC_OK;
}

static lwsec_status key_block(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out)
{
    (void)store;
    (void)slot;
    memmove(out, block.data, block.size);
    return LWSEC_OK;
}

static lwsec_status random_octets(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    memset(out, 0, size);
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {.abi = LWSEC_STORE_ABI,
                                    .size = sizeof(lwsec_store_ops),
                                    .name = "open",
                                    .tier = LWSEC_TIER_MEMORY,
                                    .import = key_import,
                                    .destroy = key_destroy,
                                    .mac = key_mac,
                                    .cbc = key_cbc,
                                    .block = key_block,
                                    .random = random_octets};

static lwsec_key_slot slots[SLOTS];
static lwsec_store store;

static lwsec_scp03_config open_config(uint8_t level)
{
    static const uint8_t raw[16];
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_scp03_config config = {.size = sizeof config, .level = level};

    memset(slots, 0, sizeof slots);
    require(lwsec_store_init(&store, &ops, slots, SLOTS) == LWSEC_OK);
    require(lwsec_key_import(&store, &attributes, lwsec_bytes_of(raw, 16), &config.enc) ==
            LWSEC_OK);
    require(lwsec_key_import(&store, &attributes, lwsec_bytes_of(raw, 16), &config.mac) ==
            LWSEC_OK);
    return config;
}

/* ---- What must hold ---- */

static void exchange(lwsec_apdu *card, answers *left, lwsec_scp03 *session)
{
    static const uint8_t text[239];
    uint8_t room[400];
    const lwsec_apdu_command command = {
        .cla = 0x80, .ins = 0xe2, .data = {text, left->commands * 40 % sizeof text}, .le = 256};
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room - 16);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(room, UNTOUCHED, sizeof room);
    const lwsec_status status = lwsec_apdu_exchange(card, &command, &out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(status == LWSEC_OK || (out.size == 0 && lwsec_scp03_ended(session)));
    for (size_t i = out.size; i < sizeof room; i++) {
        require(room[i] == (i < out.capacity && !left->nothing_more ? 0 : UNTOUCHED));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t memory[LWSEC_SCP03_SIZE / 8];
    lwsec_scp03 *session = NULL;
    lwsec_apdu card;

    if (size < 1) {
        return 0;
    }
    answers left = {&data[1], size - 1, 0, false};
    const lwsec_scp03_config config = open_config(data[0]);
    require(lwsec_apdu_init(&card, &answers_ops, &left, (size & 1U) != 0) == LWSEC_OK);
    const lwsec_status status =
        lwsec_scp03_open(memory, sizeof memory, &config, &card, &session, NULL);
    require((status == LWSEC_OK) == (session != NULL));
    if (session == NULL) {
        return 0;
    }
    for (unsigned i = 0; i < COMMANDS; i++) {
        left.nothing_more = lwsec_scp03_ended(session);
        exchange(&card, &left, session);
    }
    lwsec_scp03_close(&session);
    return 0;
}
