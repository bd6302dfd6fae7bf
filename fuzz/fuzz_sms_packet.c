/* Covers smssec/: packets of both kinds over a store that ciphers nothing and whose every checksum
 * is zeros, so that the code behind them is reached. The first byte of an input chooses. */
#include <lwsec/sms_association.h>
#include <lwsec/state_memory.h>
#include <lwsec/store.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5U
#define PACKET_MAX 4096U
#define SLOTS 2U

/* Bits of the first byte. */
enum { RESPONSE = 1, ASSOCIATION = 2, LENIENT = 4, TRIPLE_DES = 8, SHORT_CHECK = 16 };

/* The other bits: SPI1 without the association, SPI2 that asks for as much. */
static const struct {
    uint8_t spi1, spi2, kid;
} suites[8] = {{0x16, 0x39, 2}, {0x00, 0x01, 2}, {0x12, 0x09, 2}, {0x04, 0x11, 2},
               {0x15, 0x15, 1}, {0x11, 0x05, 5}, {0x1e, 0x1a, 2}, {0x0e, 0x29, 2}};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

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

/* Names of records need to differ; checksums of packets are zeros. */
static bool names_a_record(lwsec_bytes message)
{
    return message.size >= 16 && memcmp(message.data, "lwsec sms record", 16) == 0;
}

static lwsec_status key_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                            uint8_t *mac)
{
    (void)store;
    (void)slot;
    (void)hmac;
    memset(mac, 0, 16);
    if (names_a_record(message)) {
        memcpy(mac, &message.data[16], 8);
    }
    return LWSEC_OK;
}

/* The ciphertext is the plaintext, and a CBC-MAC, which is one call on the whole message or a part
 * of it, the end of the message but for the direction and the half in a record's name. */
static lwsec_status key_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                            lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    (void)store;
    (void)direction;
    (void)iv;
    memmove(out, input.data, input.size);
    if (slot == 1 && input.size >= 8) {
        uint8_t *mac = &out[input.size - 8];
        if (names_a_record(input)) {
            memcpy(mac, &out[16], 8);
        } else {
            memset(mac, 0, 8);
        }
    }
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {.abi = LWSEC_STORE_ABI,
                                    .size = sizeof(lwsec_store_ops),
                                    .name = "open",
                                    .tier = LWSEC_TIER_MEMORY,
                                    .import = key_import,
                                    .destroy = key_destroy,
                                    .mac = key_mac,
                                    .cbc = key_cbc};

static lwsec_key_slot slots[SLOTS];
static lwsec_store store;

static lwsec_sms_security open_security(uint8_t choice)
{
    static const uint8_t raw[24];
    const bool tdes = (choice & TRIPLE_DES) != 0;
    const lwsec_key_attributes cipher = {sizeof cipher,
                                         tdes ? LWSEC_ALG_TDES_CBC : LWSEC_ALG_AES_CBC,
                                         LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
                                         {NULL, 0}};
    const lwsec_key_attributes check = {sizeof check,
                                        tdes ? LWSEC_ALG_TDES_CBC : LWSEC_ALG_AES_CMAC,
                                        tdes ? LWSEC_USE_ENCRYPT : LWSEC_USE_MAC,
                                        {NULL, 0}};
    const bool association = (choice & ASSOCIATION) != 0;
    const size_t suite = association ? 0 : choice >> 5;
    const bool redundancy = (suites[suite].spi1 & LWSEC_SMS_SPI1_CHECK) == LWSEC_SMS_SPI1_RC;
    lwsec_sms_security security = {
        .size = sizeof security,
        .profile = association ? LWSEC_SMS_LWM2M : LWSEC_SMS_ETSI,
        .parameters = {tdes ? 0x19 : 0x12,
                       (uint8_t)(0x10 | (tdes && !redundancy ? 9 : suites[suite].kid)),
                       suites[suite].spi1, suites[suite].spi2, LWSEC_SMS_TAR_LWM2M},
        .check_size = (choice & SHORT_CHECK) != 0 && !tdes ? 4 : 0};

    require(lwsec_store_init(&store, &ops, slots, SLOTS) == LWSEC_OK);
    require(lwsec_key_import(&store, &cipher, lwsec_bytes_of(raw, 24), &security.kic_key) ==
            LWSEC_OK);
    require(lwsec_key_import(&store, &check, lwsec_bytes_of(raw, 24), &security.kid_key) ==
            LWSEC_OK);
    return security;
}

/* ---- What must hold ---- */

static void require_room(const lwsec_buffer *out, lwsec_status status)
{
    require(status == LWSEC_OK || out->size == 0);
    for (size_t i = out->size; i < out->capacity; i++) {
        require(out->data[i] == UNTOUCHED || out->data[i] == 0);
    }
}

static void require_inside(lwsec_bytes field, lwsec_bytes packet)
{
    if (field.size > 0) {
        const uintptr_t offset = (uintptr_t)field.data - (uintptr_t)packet.data;
        require(offset < packet.size && field.size <= packet.size - offset);
    }
}

static void check_inspection(uint8_t choice, lwsec_bytes packet)
{
    lwsec_sms_fields fields;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const bool response = (choice & RESPONSE) != 0;

    const lwsec_status status =
        lwsec_sms_packet_inspect(response ? LWSEC_SMS_RESPONSE : LWSEC_SMS_COMMAND,
                                 (choice & LENIENT) != 0, packet, &fields, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status == LWSEC_OK) {
        require_inside(fields.check, packet);
        require_inside(fields.data, packet);
        require_inside(fields.body, packet);
        require((size_t)fields.length + 2 == packet.size);
    }
}

/* What was opened can be sealed again, and has as many octets then. */
static void check_command(const lwsec_sms_security *security, lwsec_bytes packet, lwsec_buffer *out)
{
    static uint8_t again[PACKET_MAX + LWSEC_SMS_OVERHEAD];
    lwsec_buffer sealed = lwsec_buffer_of(again, sizeof again);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    uint64_t counter = UINT64_MAX;

    const lwsec_status status = lwsec_sms_command_open(security, packet, &counter, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(status == LWSEC_OK || (status == LWSEC_REJECT && counter == UINT64_MAX));
    require_room(out, status);
    if (status == LWSEC_OK) {
        require(lwsec_sms_command_seal(security, counter, lwsec_buffer_bytes(out), &sealed, NULL) ==
                LWSEC_OK);
        require(sealed.size <= packet.size);
        require(packet.size - sealed.size <
                16); /* padding that nobody needs is less than a block */
    }
}

static void check_response(const lwsec_sms_security *security, lwsec_bytes packet,
                           lwsec_buffer *out)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_response response = {.counter = UINT64_MAX};

    const lwsec_status status = lwsec_sms_response_open(security, packet, &response, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(status == LWSEC_OK || status == LWSEC_REJECT);
    require_room(out, status);
    require(status != LWSEC_OK || response.counter <= LWSEC_SMS_COUNTER_MAX);
    require(!response.authenticated || (security->parameters.spi2 & LWSEC_SMS_SPI2_CC) != 0);
}

/* ---- The association ---- */

static uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 256) / 8];
static uint64_t memory[LWSEC_SMS_SIZE / 8];

static void check_delivery(lwsec_sms *association, lwsec_bytes packet, lwsec_buffer *out)
{
    lwsec_sms_received received;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    uint8_t proof[64];
    lwsec_buffer room = lwsec_buffer_of(proof, sizeof proof);

    const lwsec_status status = lwsec_sms_open(association, packet, &received, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require_room(out, status);
    if (status == LWSEC_OK) {
        require(out->size < packet.size);
        require(lwsec_sms_por_seal(association, &received, 0, lwsec_bytes_of(NULL, 0), &room,
                                   NULL) == LWSEC_OK);
        const lwsec_status again = lwsec_sms_open(association, packet, &received, out, NULL);
        require(again == LWSEC_REPLAY || again == LWSEC_NEED_REKEY);
    } else {
        require(lwsec_sms_por_seal(association, &received, 0, lwsec_bytes_of(NULL, 0), &room,
                                   NULL) == LWSEC_REJECT);
    }
}

static void check_proof(lwsec_sms *association, lwsec_bytes packet, lwsec_buffer *out)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_response response = {0};

    const lwsec_status status = lwsec_sms_por_open(association, packet, 1, &response, out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require_room(out, status);
    require(!response.authenticated || response.counter == 1);
}

static void check_association(uint8_t choice, const lwsec_sms_security *security,
                              lwsec_bytes packet, lwsec_buffer *out)
{
    lwsec_state *state;
    lwsec_sms *association;

    require(lwsec_state_memory_open(state_memory, sizeof state_memory, 4, 256, &state) == LWSEC_OK);
    const lwsec_sms_config config = {
        .size = sizeof config,
        .parameters = security->parameters,
        .kic_key = security->kic_key,
        .kid_key = security->kid_key,
        .state = state,
        .check_size = security->check_size,
        .jump_max = 0x100000000,
        .flags = LWSEC_KEY_FRESH | LWSEC_SMS_SEND_POR |
                 ((choice & LENIENT) != 0 ? (uint32_t)LWSEC_SMS_LENIENT_LENGTH : 0U)};
    require(lwsec_sms_init(memory, sizeof memory, &config, &association, NULL) == LWSEC_OK);
    if ((choice & RESPONSE) != 0) {
        check_proof(association, packet, out);
    } else {
        check_delivery(association, packet, out);
    }
    lwsec_sms_close(&association);
    lwsec_state_memory_close(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > PACKET_MAX) {
        return 0;
    }
    const uint8_t choice = data[0];
    const lwsec_bytes packet = lwsec_bytes_of(&data[1], size - 1);
    const size_t capacity = packet.size + 3;
    uint8_t *room = malloc(capacity);
    lwsec_buffer out = lwsec_buffer_of(room, capacity);
    const lwsec_sms_security security = open_security(choice);

    require(room != NULL);
    memset(room, UNTOUCHED, capacity);
    check_inspection(choice, packet);
    if ((choice & ASSOCIATION) != 0) {
        check_association(choice, &security, packet, &out);
    } else if ((choice & RESPONSE) != 0) {
        check_response(&security, packet, &out);
    } else {
        check_command(&security, packet, &out);
    }
    free(room);
    return 0;
}
