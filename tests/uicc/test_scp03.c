/* How a secure channel ends: wrong cryptograms, MACs, padding; and what still goes out then. */
#include "tests/support/test.h"

#include "script.h"
#include "tests/support/stores.h"
#include "uicc/files.h"
#include "uicc/scp03.h"

/* The recorded session AES128_33 of tests/vectors/scp03.txt. */
#define UPDATE "8050300008fdf38259a1e0de4400"
#define UPDATED "000000000000000000003003703b1aca81e821f219081cdc01c26b372d000003"
#define AUTHENTICATE "84823300108c36f96bcc00724a4e13ad591d7da3f0"
#define STORE "84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00"
#define STORED "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9"
#define DATA "bf3e125a1089882119900000000000000000000005"
#define NEXT "84f2200208ac6a59024bed84cc"
#define ENC "000102030405060708090a0b0c0d0e0f"
#define MAC "101112131415161718191a1b1c1d1e1f"

static const uint8_t challenge[8] = {0xfd, 0xf3, 0x82, 0x59, 0xa1, 0xe0, 0xde, 0x44};
static const lwsec_test_store *kind;

typedef struct stage {
    lwsec_store *store;
    lwsec_scp03_config config;
    lwsec_scp03 session;
    lwsec_apdu card;
    uint8_t room[LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD];
    lwsec_buffer out;
    lwsec_reason reason;
} stage;

static void set_up(stage *on)
{
    memset(on, 0, sizeof *on);
    on->store = lwsec_test_store_open(kind, 5);
    on->config.size = sizeof on->config;
    on->config.version = 0x30;
    on->config.enc =
        lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, lwsec_test_hex(ENC));
    on->config.mac =
        lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, lwsec_test_hex(MAC));
    on->out = lwsec_buffer_of(on->room, sizeof on->room);
}

static void tear_down(stage *on)
{
    lwsec_scp03_end(&on->session);
    lwsec_test_store_close(kind, on->store);
}

static lwsec_status shake_hands(stage *on, script *played)
{
    on->card = script_card(played, false);
    return lwsec_scp03_handshake(&on->session, &on->config, &on->card, challenge, &on->reason);
}

static lwsec_status store(stage *on)
{
    const lwsec_apdu_command command = {
        .cla = 0x80, .ins = 0xe2, .p1 = 0x91, .data = lwsec_test_hex("bf3e035c015a"), .le = 256};

    return lwsec_apdu_exchange(&on->card, &command, &on->out, &on->reason);
}

/* Keys are gone, and nothing but a SELECT goes out. */
static void is_over(stage *on, script *played)
{
    static const lwsec_key none;
    const size_t before = played->at;

    assert_true(lwsec_scp03_ended(&on->session));
    assert_memory_equal(&on->session.enc, &none, sizeof none);
    assert_memory_equal(&on->session.mac, &none, sizeof none);
    assert_memory_equal(&on->session.r_mac, &none, sizeof none);
    assert_null(on->card.secure);
    for (unsigned i = 0; i < 2; i++) {
        const lwsec_status status = store(on);
        assert_status(status, on->card.lost ? LWSEC_ENGINE : LWSEC_NEED_REKEY);
        assert_int_equal(on->reason.why,
                         on->card.lost ? LWSEC_WHY_CARD_LOST : LWSEC_WHY_SCP03_ENDED);
    }
    assert_int_equal(played->at, before);
}

static void an_exchange(void **state)
{
    const script_step steps[] = {
        {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, STORED "9000"}, {NEXT, "6a88"}};
    const lwsec_apdu_command next = {.cla = 0x80, .ins = 0xf2, .p1 = 0x20, .p2 = 0x02};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(store(&on), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&on.out), lwsec_test_hex(DATA));
    assert_status(lwsec_apdu_exchange(&on.card, &next, &on.out, NULL), LWSEC_OK);
    assert_int_equal(on.out.size, 0);
    assert_int_equal(on.card.sw, 0x6a88);
    assert_int_equal(lwsec_apdu_data_max(&on.card), 239);
    script_is_done(&played);
    lwsec_scp03_end(&on.session);
    is_over(&on, &played);
    tear_down(&on);
}

/* The answer to the first command, changed in one octet, or in its status word. */
static void ends_by(const char *answer)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, answer}};
    script played = SCRIPT_OF(steps);
    stage on;

    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(store(&on), LWSEC_REJECT);
    assert_int_equal(on.reason.why, LWSEC_WHY_SCP03_MAC);
    assert_int_equal(on.out.size, 0);
    for (size_t i = 0; i < sizeof on.room; i++) {
        assert_int_equal(on.room[i], 0);
    }
    is_over(&on, &played);
    tear_down(&on);
}

static void every_changed_octet_ends_it(void **state)
{
    const char answer[] = STORED "9000";
    char changed[sizeof answer];

    (void)state;
    for (size_t i = 0; i + 5 < sizeof answer; i++) {
        memcpy(changed, answer, sizeof answer);
        changed[i] = changed[i] == '0' ? '1' : '0';
        if (changed[i] != answer[i]) {
            ends_by(changed);
        }
    }
    ends_by(STORED "6282"); /* the MAC is over the status word */
    ends_by(STORED "6300");
}

static void an_answer_without_its_mac_ends_it(void **state)
{
    (void)state;
    ends_by("9000");
    ends_by("019000");
    ends_by("f3ba2b1013aa629000");
    ends_by("f3ba2b1013aa62246282");
    ends_by(STORED "6a88"); /* data with a status word that has no MAC */
    ends_by(STORED "9101");
    ends_by("2e68f8a0144975b99000"); /* cut */
    ends_by("f3ba2b1013aa6224f5e1c138d71805c52e68f8a0144975b99000");
}

static void ends_after(const char *answer, lwsec_status expected)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, answer}};
    script played = SCRIPT_OF(steps);
    stage on;

    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(store(&on), expected);
    is_over(&on, &played);
    tear_down(&on);
}

static void the_card_or_the_transport_ends_it(void **state)
{
    (void)state;
    ends_after("6982", LWSEC_OK);
    ends_after("6987", LWSEC_OK);
    ends_after("6988", LWSEC_OK);
    ends_after(NULL, LWSEC_ENGINE);
    ends_after("90", LWSEC_REJECT);
}

static void too_little_room_ends_it(void **state)
{
    (void)state;
    for (size_t capacity = 0; capacity < 96; capacity += 5) {
        const script_step steps[] = {
            {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, STORED "9000"}};
        script played = SCRIPT_OF(steps);
        stage on;
        set_up(&on);
        assert_status(shake_hands(&on, &played), LWSEC_OK);
        on.out.capacity = capacity;
        const lwsec_status status = store(&on);
        assert_status(status, capacity < 16 + 40 + 2 ? LWSEC_BUFFER : LWSEC_OK);
        assert_int_equal(on.out.size, status == LWSEC_OK ? 21 : 0);
        assert_int_equal(lwsec_scp03_ended(&on.session), status != LWSEC_OK);
        for (size_t i = on.out.size; i < sizeof on.room; i++) {
            assert_int_equal(on.room[i], 0);
        }
        tear_down(&on);
    }
}

static lwsec_why handshake_fails(const char *updated, const char *authenticated,
                                 lwsec_status expected)
{
    const script_step steps[] = {{UPDATE, updated}, {AUTHENTICATE, authenticated}};
    script played = {.steps = steps, .count = authenticated != NULL ? 2 : 1};
    stage on;

    set_up(&on);
    assert_status(shake_hands(&on, &played), expected);
    const lwsec_why why = on.reason.why;
    script_is_done(&played);
    is_over(&on, &played);
    tear_down(&on);
    return why;
}

static void a_card_that_does_not_have_the_keys(void **state)
{
    const char updated[] = UPDATED "9000";
    char changed[sizeof updated];

    (void)state;
    /* Challenge and cryptogram of the card. */
    for (size_t i = 26; i < 58; i++) {
        memcpy(changed, updated, sizeof updated);
        changed[i] = changed[i] == '0' ? '1' : '0';
        assert_int_equal(handshake_fails(changed, NULL, LWSEC_REJECT), LWSEC_WHY_SCP03_MAC);
    }
    assert_int_equal(handshake_fails(updated, "6300", LWSEC_REJECT), LWSEC_WHY_CARD_STATUS);
    assert_int_equal(handshake_fails(updated, "6988", LWSEC_REJECT), LWSEC_WHY_CARD_STATUS);
    assert_int_equal(handshake_fails("6a88", NULL, LWSEC_REJECT), LWSEC_WHY_CARD_STATUS);
    assert_int_equal(handshake_fails(updated, "0000", LWSEC_REJECT), LWSEC_WHY_CARD_STATUS);
    assert_int_equal(handshake_fails(NULL, NULL, LWSEC_ENGINE), LWSEC_WHY_CARD_LOST);
}

static void a_card_that_speaks_otherwise(void **state)
{
    (void)state;
    /* SCP02, another key version, S16, a reserved bit, no R-ENCRYPTION, no R-MAC. */
    assert_int_equal(
        handshake_fails("000000000000000000003002703b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_SCP03_CARD);
    assert_int_equal(
        handshake_fails("000000000000000000003103703b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_SCP03_CARD);
    assert_int_equal(
        handshake_fails("000000000000000000003003713b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_UNSUPPORTED),
        LWSEC_WHY_SCP03_CARD);
    assert_int_equal(
        handshake_fails("000000000000000000003003723b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_SCP03_CARD);
    assert_int_equal(
        handshake_fails("000000000000000000003003303b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_SCP03_CARD);
    assert_int_equal(
        handshake_fails("000000000000000000003003103b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_SCP03_CARD);
    /* A random challenge has no sequence counter, a pseudo-random one has. */
    assert_int_equal(
        handshake_fails("000000000000000000003003603b1aca81e821f219081cdc01c26b372d0000039000",
                        NULL, LWSEC_REJECT),
        LWSEC_WHY_TRAILING_BYTES);
    assert_int_equal(
        handshake_fails("000000000000000000003003703b1aca81e821f219081cdc01c26b372d9000", NULL,
                        LWSEC_REJECT),
        LWSEC_WHY_TRUNCATED);
}

static void a_random_challenge(void **state)
{
    const script_step steps[] = {
        {UPDATE, "000000000000000000003003603b1aca81e821f219081cdc01c26b372d9000"},
        {AUTHENTICATE, "9000"}};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    script_is_done(&played);
    tear_down(&on);
}

static void the_last_command_is_the_last(void **state)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    on.session.counter = UINT32_MAX;
    assert_status(store(&on), LWSEC_LIMIT);
    is_over(&on, &played);
    tear_down(&on);
}

/* A SELECT ends it; what follows may go through a new one only. */
static void a_select_or_a_reset_ends_it(void **state)
{
    const script_step steps[] = {
        {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {"00a4040005d27600011800", "9000"},
        {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, STORED "9000"}};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(lwsec_apdu_open_channel(&on.card, NULL), LWSEC_USAGE);
    assert_status(lwsec_apdu_select(&on.card, lwsec_test_hex("d276000118"), 0, NULL, NULL),
                  LWSEC_OK);
    is_over(&on, &played);
    assert_status(lwsec_scp03_handshake(&on.session, &on.config, &on.card, challenge, NULL),
                  LWSEC_OK);
    assert_status(store(&on), LWSEC_OK);
    lwsec_apdu_was_reset(&on.card);
    is_over(&on, &played);
    tear_down(&on);
}

/* A command that cannot be sent has not gone out: nothing is lost by it. */
static void a_command_that_does_not_fit_ends_nothing(void **state)
{
    static const uint8_t data[255];
    const script_step steps[] = {
        {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, STORED "9000"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu_command command = {.cla = 0x80, .ins = 0xe2, .data = {data, 240}};
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(lwsec_apdu_exchange(&on.card, &command, &on.out, NULL), LWSEC_USAGE);
    command.data.size = 1;
    command.cla = 0x84;
    assert_status(lwsec_apdu_exchange(&on.card, &command, &on.out, NULL), LWSEC_USAGE);
    assert_status(store(&on), LWSEC_OK);
    script_is_done(&played);
    tear_down(&on);
}

/* Static keys in one store, session keys in another one; or in one that cannot have them. */
static void session_keys_live_in_the_named_store(void **state)
{
    const script_step steps[] = {
        {UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, STORED "9000"}};
    const lwsec_test_store *other;

    (void)state;
    for (size_t i = 0; (other = lwsec_test_store_at(i)) != NULL; i++) {
        const bool able = lwsec_test_store_has(other, LWSEC_ALG_AES_CBC) &&
                          lwsec_test_store_has(other, LWSEC_ALG_AES_CMAC);
        script played = {.steps = steps, .count = able ? 3 : 1};
        stage on;
        set_up(&on);
        on.config.session_store = lwsec_test_store_open(other, 3);
        if (able) {
            assert_status(shake_hands(&on, &played), LWSEC_OK);
            assert_ptr_equal(on.session.enc.store, on.config.session_store);
            assert_ptr_equal(on.session.mac.store, on.config.session_store);
            assert_ptr_equal(on.session.r_mac.store, on.config.session_store);
            assert_status(store(&on), LWSEC_OK);
        } else {
            assert_status(shake_hands(&on, &played), LWSEC_UNSUPPORTED);
            is_over(&on, &played);
        }
        script_is_done(&played);
        lwsec_scp03_end(&on.session);
        lwsec_test_store_close(other, on.config.session_store);
        tear_down(&on);
    }
}

/* Two slots are not enough for three keys: the one that was made is not left behind. */
static void a_full_store(void **state)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {UPDATE, UPDATED "9000"}};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    lwsec_key third =
        lwsec_test_key(on.store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, lwsec_test_hex(MAC));
    assert_status(shake_hands(&on, &played), LWSEC_LIMIT);
    assert_status(lwsec_scp03_handshake(&on.session, &on.config, &on.card, challenge, NULL),
                  LWSEC_LIMIT);
    is_over(&on, &played);
    assert_status(lwsec_key_destroy(&third), LWSEC_OK);
    tear_down(&on);
}

static lwsec_status slow_import(lwsec_store *store_, uint32_t slot,
                                const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store_;
    (void)slot;
    (void)attributes;
    (void)raw;
    return LWSEC_OK;
}

static lwsec_status slow_destroy(lwsec_store *store_, uint32_t slot)
{
    (void)store_;
    (void)slot;
    return LWSEC_OK;
}

static lwsec_status slow_mac(lwsec_store *store_, uint32_t slot, int32_t hmac, lwsec_bytes message,
                             uint8_t *mac)
{
    (void)store_;
    (void)slot;
    (void)hmac;
    (void)message;
    (void)mac;
    return LWSEC_PENDING;
}

static lwsec_status slow_random(lwsec_store *store_, uint8_t *out, size_t size)
{
    (void)store_;
    (void)out;
    (void)size;
    return LWSEC_PENDING;
}

static void a_slow_store_is_not_waited_for(void **state)
{
    static const lwsec_store_ops slow = {.abi = LWSEC_STORE_ABI,
                                         .size = sizeof(lwsec_store_ops),
                                         .name = "slow",
                                         .tier = LWSEC_TIER_TOKEN,
                                         .import = slow_import,
                                         .destroy = slow_destroy,
                                         .mac = slow_mac,
                                         .random = slow_random};
    const script_step steps[] = {{UPDATE, UPDATED "9000"}};
    script played = SCRIPT_OF(steps);
    uint64_t memory[LWSEC_SCP03_SIZE / 8];
    lwsec_scp03 *session = NULL;
    lwsec_key_slot slots[2] = {0};
    lwsec_store token;
    stage on;

    (void)state;
    set_up(&on);
    assert_status(lwsec_store_init(&token, &slow, slots, 2), LWSEC_OK);
    on.config.enc = lwsec_test_key(&token, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, lwsec_test_hex(ENC));
    on.config.session_store = on.store;
    assert_status(shake_hands(&on, &played), LWSEC_UNSUPPORTED);
    is_over(&on, &played);
    script_is_done(&played);
    on.config.session_store = &token; /* which draws the challenge, too */
    assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_UNSUPPORTED);
    tear_down(&on);
}

static void a_store_that_becomes_slow_ends_it(void **state)
{
    static const lwsec_store_ops slow = {.abi = LWSEC_STORE_ABI,
                                         .size = sizeof(lwsec_store_ops),
                                         .name = "slow",
                                         .tier = LWSEC_TIER_TOKEN,
                                         .import = slow_import,
                                         .destroy = slow_destroy,
                                         .mac = slow_mac};
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}};
    script played = SCRIPT_OF(steps);
    lwsec_key_slot slots[1] = {0};
    lwsec_store token;
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    assert_status(lwsec_store_init(&token, &slow, slots, 1), LWSEC_OK);
    assert_status(lwsec_key_destroy(&on.session.mac), LWSEC_OK);
    on.session.mac = lwsec_test_key(&token, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, lwsec_test_hex(MAC));
    assert_status(store(&on), LWSEC_UNSUPPORTED);
    is_over(&on, &played);
    script_is_done(&played);
    tear_down(&on);
}

/* ---- A card that has the session's own keys ---- */

/* Answers each command with what `mirror_data` holds, protected as the level says. */
static lwsec_scp03 *mirrored;
static lwsec_bytes mirror_data;
static lwsec_bytes last_command;
static uint8_t command_octets[LWSEC_APDU_COMMAND_SIZE];

static size_t encrypt_answer(uint8_t *data, size_t size)
{
    uint8_t counter[16] = {0x80};
    uint8_t iv[16];
    const size_t padded = (size / 16 + 1) * 16;

    for (size_t i = 0; i < 4; i++) {
        counter[15 - i] = (uint8_t)(mirrored->counter >> 8 * i);
    }
    data[size] = 0x80;
    memset(&data[size + 1], 0, padded - size - 1);
    assert_status(lwsec_key_block(mirrored->enc, lwsec_bytes_of(counter, 16), iv, 16), LWSEC_OK);
    assert_status(lwsec_key_cbc(mirrored->enc, LWSEC_ENCRYPT, lwsec_bytes_of(iv, 16),
                                lwsec_bytes_of(data, padded), data, padded),
                  LWSEC_OK);
    return padded;
}

static lwsec_status mirror(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    uint8_t message[16 + 258];
    uint8_t mac[16];
    size_t size = mirror_data.size;

    (void)context;
    memcpy(command_octets, command.data, command.size);
    last_command = lwsec_bytes_of(command_octets, command.size);
    if (size > 0) {
        memcpy(&message[16], mirror_data.data, size);
    }
    if ((mirrored->level & LWSEC_SCP03_BIT_R_ENC) != 0 && size > 0) {
        size = encrypt_answer(&message[16], size);
    }
    memcpy(message, mirrored->chain, 16);
    message[16 + size] = 0x90;
    message[17 + size] = 0x00;
    memcpy(response->data, &message[16], size + 2);
    response->size = size + 2;
    if ((mirrored->level & LWSEC_SCP03_BIT_R_MAC) != 0) {
        assert_status(lwsec_key_mac(mirrored->r_mac, lwsec_bytes_of(message, 18 + size), mac, 16),
                      LWSEC_OK);
        memcpy(&response->data[size], mac, 8);
        memcpy(&response->data[size + 8], &message[16 + size], 2);
        response->size += 8;
    }
    return LWSEC_OK;
}

static const lwsec_apdu_ops mirror_ops = {
    .abi = LWSEC_APDU_ABI, .size = sizeof(lwsec_apdu_ops), .transmit = mirror};

/* A handshake, and then the mirror in the place of the card. */
static void mirror_session(stage *on, uint8_t level)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}};
    script played = SCRIPT_OF(steps);

    set_up(on);
    assert_status(shake_hands(on, &played), LWSEC_OK);
    on->session.level = level;
    on->card.ops = &mirror_ops;
    mirrored = &on->session;
}

static void every_level_takes_every_size(void **state)
{
    static const struct {
        uint8_t level;
        size_t data_max;
        size_t answer_max;
    } levels[] = {
        {0x01, 247, 256}, {0x03, 239, 256}, {0x11, 247, 248}, {0x13, 239, 248}, {0x33, 239, 239}};
    uint8_t text[256];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(i * 31);
    }
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        stage on;
        mirror_session(&on, levels[i].level);
        assert_int_equal(lwsec_apdu_data_max(&on.card), levels[i].data_max);
        for (size_t size = 0; size <= levels[i].answer_max; size++) {
            const size_t sent = size < levels[i].data_max ? size : levels[i].data_max;
            const lwsec_apdu_command command = {
                .cla = 0x80, .ins = 0xe2, .data = {text, sent}, .le = 256};
            mirror_data = lwsec_bytes_of(text, size);
            assert_status(lwsec_apdu_exchange(&on.card, &command, &on.out, NULL), LWSEC_OK);
            assert_bytes(lwsec_buffer_bytes(&on.out), mirror_data);
            assert_int_equal(last_command.data[0], 0x84);
            /* The data stands in the command as it is, or not at all. */
            if (sent >= 8) {
                const bool plain = memcmp(&last_command.data[5], text, 8) == 0;
                assert_int_equal(plain, (levels[i].level & LWSEC_SCP03_BIT_C_ENC) == 0);
            }
        }
        tear_down(&on);
    }
}

static void the_same_command_is_never_the_same_octets(void **state)
{
    uint8_t before[LWSEC_APDU_COMMAND_SIZE];
    stage on;

    (void)state;
    mirror_session(&on, LWSEC_SCP03_ALL);
    mirror_data = lwsec_bytes_of(NULL, 0);
    memset(before, 0, sizeof before);
    for (unsigned i = 0; i < 8; i++) {
        assert_status(store(&on), LWSEC_OK);
        assert_int_equal(last_command.size, 5 + 16 + 8 + 1);
        assert_true(memcmp(&before[5], &last_command.data[5], 16) != 0);
        assert_true(memcmp(&before[21], &last_command.data[21], 8) != 0);
        memcpy(before, last_command.data, last_command.size);
    }
    tear_down(&on);
}

static void stored_data_goes_in_smaller_blocks(void **state)
{
    uint8_t text[240] = {0};
    stage on;

    (void)state;
    mirror_session(&on, LWSEC_SCP03_ALL);
    mirror_data = lwsec_bytes_of(NULL, 0);
    assert_status(lwsec_apdu_store_data(&on.card, 0, lwsec_bytes_of(text, 239), NULL), LWSEC_OK);
    assert_int_equal(last_command.data[2], 0x80);
    assert_int_equal(last_command.data[3], 0);
    assert_int_equal(last_command.data[4], 248);
    assert_status(lwsec_apdu_store_data(&on.card, 0, lwsec_bytes_of(text, 240), NULL), LWSEC_OK);
    assert_int_equal(last_command.data[3], 1);
    assert_int_equal(last_command.data[4], 24);
    tear_down(&on);
    LWSEC_COVERS("R-5.4.2.1.2-13");
}

/* A protected READ BINARY has no Le with T=0: the card gives what fits, and never more than there
 * is in the file. */
static void a_file_in_larger_pieces(void **state)
{
    static const uint8_t text[239] = {1, 2, 3};
    uint8_t room[512];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    mirror_data = lwsec_bytes_of(text, sizeof text);
    for (unsigned t0 = 0; t0 < 2; t0++) {
        for (size_t size = 238; size <= 478; size += 120) {
            const lwsec_card_file file = {.size = size};
            const bool fits = t0 == 1 && size == 478; /* two pieces of 239 */
            stage on;
            mirror_session(&on, LWSEC_SCP03_ALL);
            on.card.t0 = t0 == 1;
            assert_status(lwsec_card_read_binary(&on.card, &file, &out, NULL),
                          fits ? LWSEC_OK : LWSEC_REJECT);
            assert_int_equal(out.size, fits ? 478 : 0);
            tear_down(&on);
        }
    }
}

/* The MAC is made as if on the basic channel, or, for other cards, with the channel. */
static void the_channel_and_the_mac(void **state)
{
    uint8_t macs[3][8];

    (void)state;
    mirror_data = lwsec_bytes_of(NULL, 0);
    for (unsigned i = 0; i < 3; i++) {
        stage on;
        mirror_session(&on, LWSEC_SCP03_C_MAC);
        on.card.channel = i > 0 ? 2 : 0;
        on.session.channel_in_mac = i == 2;
        assert_status(store(&on), LWSEC_OK);
        assert_int_equal(last_command.data[0], i > 0 ? 0x86 : 0x84);
        memcpy(macs[i], &last_command.data[11], 8);
        tear_down(&on);
    }
    assert_memory_equal(macs[0], macs[1], 8);
    assert_memory_not_equal(macs[0], macs[2], 8);
}

/* 91xx has no MAC: with R-MAC it proves nothing. */
static void an_unproven_success_is_none(void **state)
{
    const script_step steps[] = {{UPDATE, UPDATED "9000"}, {AUTHENTICATE, "9000"}, {STORE, "9101"}};
    script played = SCRIPT_OF(steps);
    stage on;

    (void)state;
    set_up(&on);
    assert_status(shake_hands(&on, &played), LWSEC_OK);
    /* STORE DATA has no Le, which is no part of the MAC. */
    const script_step bare = {"84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f", "9101"};
    played.steps = &bare;
    played.at = 0;
    played.count = 1;
    assert_status(lwsec_apdu_store_data(&on.card, 0x11, lwsec_test_hex("bf3e035c015a"), &on.reason),
                  LWSEC_REJECT);
    assert_int_equal(on.reason.why, LWSEC_WHY_CARD_STATUS);
    tear_down(&on);
}

/* ---- The call ---- */

static lwsec_status fail_transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    unsigned *sent = context;

    (void)response;
    assert_int_equal(command.data[1], 0x50);
    (*sent)++;
    return LWSEC_ENGINE;
}

static void configurations_that_are_refused(void **state)
{
    static const lwsec_apdu_ops failing = {
        .abi = LWSEC_APDU_ABI, .size = sizeof(lwsec_apdu_ops), .transmit = fail_transmit};
    uint64_t memory[LWSEC_SCP03_SIZE / 8];
    const uint8_t levels[] = {0x02, 0x10, 0x30, 0x31, 0x23, 0x21, 0xff};
    lwsec_scp03 *session = NULL;
    unsigned sent = 0;
    stage on;

    (void)state;
    set_up(&on);
    assert_status(lwsec_apdu_init(&on.card, &failing, &sent, false), LWSEC_OK);
    for (size_t i = 0; i < sizeof levels; i++) {
        on.config.level = levels[i];
        assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                      LWSEC_USAGE);
    }
    on.config.level = 0;
    on.config.key_size = 17;
    assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_USAGE);
    on.config.key_size = 0;
    on.config.size--;
    assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_USAGE);
    on.config.size++;
    assert_status(
        lwsec_scp03_open(memory, lwsec_scp03_size() - 1, &on.config, &on.card, &session, NULL),
        LWSEC_BUFFER);
    assert_status(lwsec_scp03_open(NULL, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_USAGE);
    assert_int_equal(sent, 0);
    assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_ENGINE);
    assert_int_equal(sent, 1);
    assert_null(session);
    assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                  LWSEC_ENGINE);
    assert_int_equal(sent, 1);
    lwsec_scp03_close(&session);
    tear_down(&on);
}

/* The challenge of the host is drawn anew each time. */
static uint8_t challenges[2][8];
static unsigned drawn;

static lwsec_status keep_challenge(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    (void)context;
    assert_int_equal(command.size, 14);
    memcpy(challenges[drawn++], &command.data[5], 8);
    response->data[0] = 0x6a;
    response->data[1] = 0x88;
    response->size = 2;
    return LWSEC_OK;
}

static void a_challenge_is_drawn_each_time(void **state)
{
    static const lwsec_apdu_ops keeping = {
        .abi = LWSEC_APDU_ABI, .size = sizeof(lwsec_apdu_ops), .transmit = keep_challenge};
    uint64_t memory[LWSEC_SCP03_SIZE / 8];
    lwsec_scp03 *session = NULL;
    stage on;

    (void)state;
    drawn = 0;
    set_up(&on);
    assert_status(lwsec_apdu_init(&on.card, &keeping, NULL, false), LWSEC_OK);
    for (unsigned i = 0; i < 2; i++) {
        assert_status(lwsec_scp03_open(memory, sizeof memory, &on.config, &on.card, &session, NULL),
                      LWSEC_REJECT);
    }
    assert_memory_not_equal(challenges[0], challenges[1], 8);
    tear_down(&on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange),
        cmocka_unit_test(every_changed_octet_ends_it),
        cmocka_unit_test(an_answer_without_its_mac_ends_it),
        cmocka_unit_test(the_card_or_the_transport_ends_it),
        cmocka_unit_test(too_little_room_ends_it),
        cmocka_unit_test(a_card_that_does_not_have_the_keys),
        cmocka_unit_test(a_card_that_speaks_otherwise),
        cmocka_unit_test(a_random_challenge),
        cmocka_unit_test(the_last_command_is_the_last),
        cmocka_unit_test(a_select_or_a_reset_ends_it),
        cmocka_unit_test(a_command_that_does_not_fit_ends_nothing),
        cmocka_unit_test(session_keys_live_in_the_named_store),
        cmocka_unit_test(a_full_store),
        cmocka_unit_test(a_slow_store_is_not_waited_for),
        cmocka_unit_test(a_store_that_becomes_slow_ends_it),
        cmocka_unit_test(every_level_takes_every_size),
        cmocka_unit_test(the_same_command_is_never_the_same_octets),
        cmocka_unit_test(stored_data_goes_in_smaller_blocks),
        cmocka_unit_test(a_file_in_larger_pieces),
        cmocka_unit_test(the_channel_and_the_mac),
        cmocka_unit_test(an_unproven_success_is_none),
        cmocka_unit_test(configurations_that_are_refused),
        cmocka_unit_test(a_challenge_is_drawn_each_time),
    };
    int failed = 0;

    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        if (lwsec_test_store_has(kind, LWSEC_ALG_AES_CBC) &&
            lwsec_test_store_has(kind, LWSEC_ALG_AES_CMAC)) {
            failed += cmocka_run_group_tests_name(kind->name, tests, NULL, NULL);
        }
    }
    return failed;
}
