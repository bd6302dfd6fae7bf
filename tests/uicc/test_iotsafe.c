/* The key store on the IoT SAFE applet of the test card, which was written apart from it. */
#include "tests/support/stores.h"
#include "tests/support/test.h"
#include "tests/uicc/card/card.h"

#include <lwsec/iotsafe.h>
#include <lwsec/oscore.h>
#include <lwsec/state_memory.h>
#include <lwsec/store.h>

#define SLOTS 8U

typedef struct kit {
    struct card *chip;
    unsigned fail_at; /* the command at which the card is gone; 0: never */
    unsigned commands;
    unsigned begun, ended;
    lwsec_apdu card;
    lwsec_store *inner;
    lwsec_store *store;
    uint64_t memory[LWSEC_IOTSAFE_SIZE(SLOTS) / 8];
    lwsec_iotsafe_config config;
    lwsec_reason reason;
} kit;

static lwsec_status transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    kit *own = context;
    struct room room = {response->data, response->capacity, 0, false};

    assert_int_equal(own->begun, own->ended + 1); /* nobody comes between its parts */
    if (own->fail_at != 0 && ++own->commands >= own->fail_at) {
        return LWSEC_ENGINE;
    }
    card_apdu(own->chip, (struct octets){command.data, command.size}, &room);
    assert_false(room.full);
    response->size = room.size;
    return LWSEC_OK;
}

static lwsec_status begin(void *context)
{
    ((kit *)context)->begun++;
    return LWSEC_OK;
}

static void end(void *context)
{
    ((kit *)context)->ended++;
}

static const lwsec_apdu_ops ops = {LWSEC_APDU_ABI, sizeof ops, transmit, begin, end};

static void insert(kit *own, unsigned quirks)
{
    const struct card_setup setup = {.iotsafe = true, .iotsafe_quirks = quirks};

    own->chip = card_open(&setup);
    assert_non_null(own->chip);
}

static lwsec_status open_store(kit *own)
{
    return lwsec_iotsafe_open(own->memory, sizeof own->memory, SLOTS, &own->config, &own->store,
                              &own->reason);
}

/* A store over a card with these quirks. */
static kit *kit_open(unsigned quirks)
{
    static const uint8_t peer = 0x10;
    kit *own = calloc(1, sizeof *own);

    assert_non_null(own);
    insert(own, quirks);
    assert_status(lwsec_apdu_init(&own->card, &ops, own, true), LWSEC_OK);
    own->inner = lwsec_test_store_open(lwsec_test_store_at(0), SLOTS);
    own->config.size = sizeof own->config;
    own->config.card = &own->card;
    own->config.inner = own->inner;
    own->config.peer = lwsec_bytes_of(&peer, 1);
    return own;
}

static kit *kit_opened(unsigned quirks)
{
    kit *own = kit_open(quirks);

    assert_status(open_store(own), LWSEC_OK);
    return own;
}

static void kit_close(kit *own)
{
    lwsec_iotsafe_close(&own->store);
    assert_null(own->store);
    lwsec_test_store_close(lwsec_test_store_at(0), own->inner);
    card_close(own->chip);
    free(own);
}

static lwsec_key find(kit *own, const char *name)
{
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_find(own->store, lwsec_bytes_of(name, strlen(name)), &key), LWSEC_OK);
    return key;
}

static lwsec_key_attributes named(const char *name, int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, algorithm, usage, {(const uint8_t *)name, strlen(name)}};
    return attributes;
}

/* ---- What the applet does ---- */

static void keys_are_listed_as_what_they_are_for(void **state)
{
    static const struct {
        const char *name;
        int32_t algorithm;
        uint32_t usage;
        lwsec_tier tier;
    } expected[] = {{"device", LWSEC_ALG_ES256, LWSEC_USE_SIGN, LWSEC_TIER_TOKEN},
                    {"master", LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, LWSEC_TIER_MIXED},
                    {"psk", LWSEC_ALG_PSK, LWSEC_USE_PSK, LWSEC_TIER_TOKEN}};
    kit *own = kit_opened(0);
    uint8_t room[LWSEC_KEY_NAME_MAX], before[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes after = {before, 0};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        lwsec_key_description told = {.size = sizeof told};
        assert_status(lwsec_key_next_name(own->store, after, &name), LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&name),
                     lwsec_bytes_of(expected[i].name, strlen(expected[i].name)));
        assert_status(lwsec_key_describe(find(own, expected[i].name), &told), LWSEC_OK);
        assert_int_equal(told.algorithm, expected[i].algorithm);
        assert_int_equal(told.usage, expected[i].usage);
        assert_int_equal(told.tier, expected[i].tier);
        memcpy(before, room, name.size);
        after.size = name.size;
    }
    assert_status(lwsec_key_next_name(own->store, after, &name), LWSEC_ABSENT);
    kit_close(own);
}

static void check_signatures(unsigned quirks)
{
    kit *own = kit_opened(quirks);
    static const size_t sizes[] = {0, 1, 127, 128, 252, 253, 254, 255, 256, 300, 600, 1100};
    static uint8_t message[1200];
    uint8_t point[65], signature[64];
    const lwsec_key key = find(own, "device");

    for (size_t i = 0; i < sizeof message; i++) {
        message[i] = (uint8_t)(i * 31);
    }
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const lwsec_bytes text = {message, sizes[i]};
        assert_status(lwsec_key_sign(key, text, signature, sizeof signature), LWSEC_OK);
        assert_status(lwsec_verify(own->inner, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), text,
                                   lwsec_bytes_of(signature, 64)),
                      LWSEC_OK);
    }
    /* SHA-256 of "abc". */
    assert_status(
        lwsec_key_sign_digest(
            key, lwsec_test_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            signature, sizeof signature),
        LWSEC_OK);
    assert_status(lwsec_verify(own->inner, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                               lwsec_bytes_of("abc", 3), lwsec_bytes_of(signature, 64)),
                  LWSEC_OK);
    kit_close(own);
}

static void signatures_verify(void **state)
{
    (void)state;
    check_signatures(0);
    check_signatures(CARD_IOTSAFE_WIDE);
}

static void pairs_are_generated_in_their_containers(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_key_attributes pair = named("id:0a0b", LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    uint8_t point[65], again[65];
    lwsec_key key = {NULL, 0, 0}, none = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_find(own->store, pair.name, &key), LWSEC_ABSENT); /* empty yet */
    assert_status(lwsec_key_generate(own->store, &pair, 0, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    assert_status(lwsec_key_public(find(own, "id:0a0b"), again, sizeof again), LWSEC_OK);
    assert_memory_equal(point, again, sizeof point);
    /* What is there is not generated over, nor where there is no container, nor for another use. */
    assert_status(lwsec_key_generate(own->store, &pair, 0, &none), LWSEC_USAGE);
    const lwsec_key_attributes device = named("device", LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    assert_status(lwsec_key_generate(own->store, &device, 0, &none), LWSEC_UNSUPPORTED);
    const lwsec_key_attributes nobody = named("nobody", LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    assert_status(lwsec_key_generate(own->store, &nobody, 0, &none), LWSEC_UNSUPPORTED);
    const lwsec_key_attributes other = named("ephemeral", LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    assert_status(lwsec_key_generate(own->store, &other, 0, &none), LWSEC_USAGE);
    const lwsec_key_attributes unnamed = {
        sizeof unnamed, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    assert_status(lwsec_key_generate(own->store, &unnamed, 0, &none), LWSEC_UNSUPPORTED);
    kit_close(own);
}

/* Both ends derive the same key out of what they agreed on. */
static void agreement_gives_both_ends_the_same(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_key_attributes pair = named("ephemeral", LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE);
    const lwsec_key_attributes theirs = {
        sizeof theirs, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, {NULL, 0}};
    lwsec_key ours = {NULL, 0, 0}, other = {NULL, 0, 0}, shared[2], prk[2], mac[2];
    uint8_t point[65], peer[65], macs[2][32];
    const lwsec_key_attributes hmac = {sizeof hmac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const lwsec_bytes text = lwsec_bytes_of("text", 4);

    (void)state;
    assert_status(lwsec_key_generate(own->store, &pair, 0, &ours), LWSEC_OK);
    assert_status(lwsec_key_generate(own->inner, &theirs, 0, &other), LWSEC_OK);
    assert_status(lwsec_key_public(ours, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_public(other, peer, sizeof peer), LWSEC_OK);
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(peer, 65), NULL, &shared[0]), LWSEC_OK);
    assert_ptr_equal(shared[0].store, own->inner);
    assert_status(lwsec_key_agree(other, lwsec_bytes_of(point, 65), NULL, &shared[1]), LWSEC_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_status(lwsec_key_extract(shared[i], LWSEC_ALG_HMAC_256, text, NULL, &prk[i]),
                      LWSEC_OK);
        assert_status(lwsec_key_derive(prk[i], LWSEC_ALG_HMAC_256, text, NULL, &hmac, 32, &mac[i]),
                      LWSEC_OK);
        assert_status(lwsec_key_mac(mac[i], text, macs[i], 32), LWSEC_OK);
    }
    assert_memory_equal(macs[0], macs[1], 32);
    peer[64] ^= 1; /* not on the curve */
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(peer, 65), NULL, &shared[0]), LWSEC_REJECT);
    /* A card that is gone says nothing about the peer, whatever it said before. */
    peer[64] ^= 1;
    own->fail_at = 1;
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(peer, 65), NULL, &shared[0]), LWSEC_ENGINE);
    assert_int_equal(lwsec_iotsafe_status_word(own->store), 0x6a80); /* the last that there was */
    kit_close(own);
}

/* RFC 8613 Appendix C.1.1 and C.4, with the Master Secret on the card. */
static void oscore_works_with_a_master_secret_on_the_card(void **state)
{
    kit *own = kit_opened(0);
    static uint64_t numbers[LWSEC_STATE_MEMORY_SIZE(2, 64) / 8],
        memory[LWSEC_OSCORE_SIZE(32, 0) / 8];
    lwsec_oscore_request request;
    lwsec_oscore *context = NULL;
    uint8_t room[128];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_config config = {.size = sizeof config,
                                  .secret = find(own, "master"),
                                  .store = own->inner,
                                  .salt = lwsec_test_hex("9e7ca92223786340"),
                                  .sender_id = lwsec_bytes_of("", 0),
                                  .recipient_id = lwsec_test_hex("01"),
                                  .start_ssn = 20,
                                  .flags = LWSEC_KEY_FRESH};

    (void)state;
    assert_status(lwsec_state_memory_open(numbers, sizeof numbers, 2, 64, &config.state), LWSEC_OK);
    assert_status(lwsec_oscore_init(memory, sizeof memory, &config, &context, NULL), LWSEC_OK);
    assert_status(lwsec_oscore_protect_request(
                      context, lwsec_test_hex("44015d1f00003974396c6f63616c686f737483747631"),
                      &request, &out, NULL),
                  LWSEC_OK);
    assert_bytes(
        lwsec_buffer_bytes(&out),
        lwsec_test_hex("44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e"));
    lwsec_oscore_close(&context);
    lwsec_state_memory_close(&config.state);
    kit_close(own);
}

/* The card and a store in memory have the same PSK. */
static void the_master_secret_of_a_psk_comes_from_the_card(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_bytes seed = lwsec_bytes_of("master secret and randoms of both", 33);
    const lwsec_key same = lwsec_test_key(own->inner, LWSEC_ALG_PSK, LWSEC_USE_PSK,
                                          lwsec_test_hex("0102030405060708090a0b0c0d0e0f10"));
    uint8_t master[48], expected[48], long_seed[128] = {1};

    (void)state;
    assert_status(
        lwsec_key_tls12_psk_master(same, LWSEC_ALG_HMAC_256, seed, expected, sizeof expected),
        LWSEC_OK);
    assert_status(lwsec_key_tls12_psk_master(find(own, "psk"), LWSEC_ALG_HMAC_256, seed, master,
                                             sizeof master),
                  LWSEC_OK);
    assert_memory_equal(master, expected, sizeof master);
    assert_status(lwsec_key_tls12_psk_master(find(own, "psk"), LWSEC_ALG_HMAC_256,
                                             lwsec_bytes_of(long_seed, sizeof long_seed), master,
                                             sizeof master),
                  LWSEC_UNSUPPORTED);
    kit_close(own);
}

static void random_octets_come_in_any_number(void **state)
{
    kit *own = kit_opened(0);
    static uint8_t drawn[2][700];

    (void)state;
    assert_status(lwsec_random(own->store, drawn[0], sizeof drawn[0]), LWSEC_OK);
    assert_status(lwsec_random(own->store, drawn[1], sizeof drawn[1]), LWSEC_OK);
    for (size_t at = 0; at + 16 <= sizeof drawn[0]; at += 16) {
        assert_memory_not_equal(&drawn[0][at], &drawn[1][at], 16);
    }
    assert_status(lwsec_random(own->store, drawn[0], 0), LWSEC_OK);
    kit_close(own);
}

static void files_are_read_whole(void **state)
{
    kit *own = kit_opened(0);
    uint8_t room[600];
    lwsec_buffer file = lwsec_buffer_of(room, sizeof room);
    const lwsec_bytes name = lwsec_bytes_of("certificate", 11);

    (void)state;
    assert_status(lwsec_iotsafe_read_file(own->store, name, &file, &own->reason), LWSEC_OK);
    assert_int_equal(file.size, 500);
    for (size_t i = 0; i < file.size; i++) {
        assert_int_equal(room[i], 7 * i & 0xff);
    }
    file = lwsec_buffer_of(room, 499);
    assert_status(lwsec_iotsafe_read_file(own->store, name, &file, &own->reason), LWSEC_BUFFER);
    assert_int_equal(file.size, 0);
    assert_status(
        lwsec_iotsafe_read_file(own->store, lwsec_bytes_of("device", 6), &file, &own->reason),
        LWSEC_ABSENT);
    kit_close(own);
}

/* ---- Refusals ---- */

static void keys_are_neither_brought_nor_destroyed(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_key_attributes attributes = named("new", LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT);
    lwsec_key key = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_import(own->store, &attributes, lwsec_bytes_of("secret", 6), &key),
                  LWSEC_UNSUPPORTED);
    key = find(own, "device");
    assert_status(lwsec_key_destroy(&key), LWSEC_UNSUPPORTED);
    assert_null(key.store);
    (void)find(own, "device");
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("id:01", 5), &key), LWSEC_ABSENT);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("certificate", 11), &key),
                  LWSEC_ABSENT);
    kit_close(own);
}

static void a_card_without_derivations_says_so(void **state)
{
    kit *own = kit_opened(CARD_IOTSAFE_NO_DERIVATION);
    lwsec_key prk = {NULL, 0, 0};
    uint8_t master[48];
    const lwsec_bytes seed = lwsec_bytes_of("seed", 4);

    (void)state;
    assert_status(lwsec_key_tls12_psk_master(find(own, "psk"), LWSEC_ALG_HMAC_256, seed, master,
                                             sizeof master),
                  LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_extract(find(own, "master"), LWSEC_ALG_HMAC_256, seed, NULL, &prk),
                  LWSEC_UNSUPPORTED);
    assert_int_equal(lwsec_iotsafe_status_word(own->store), 0x6d00);
    kit_close(own);
}

static void what_comes_out_needs_a_place(void **state)
{
    kit *own = kit_open(0);
    lwsec_key prk = {NULL, 0, 0};
    const lwsec_bytes salt = lwsec_bytes_of("salt", 4);

    (void)state;
    own->config.inner = NULL;
    assert_status(open_store(own), LWSEC_OK);
    const lwsec_key master = find(own, "master");
    assert_status(lwsec_key_extract(master, LWSEC_ALG_HMAC_256, salt, NULL, &prk),
                  LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_extract(master, LWSEC_ALG_HMAC_512, salt, own->inner, &prk),
                  LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_extract(master, LWSEC_ALG_HMAC_256, salt, own->inner, &prk), LWSEC_OK);
    kit_close(own);
}

static void signatures_of_another_size_are_refused(void **state)
{
    kit *own = kit_opened(CARD_IOTSAFE_SHORT);
    uint8_t signature[64];

    (void)state;
    assert_status(
        lwsec_key_sign(find(own, "device"), lwsec_bytes_of("abc", 3), signature, sizeof signature),
        LWSEC_ENGINE);
    kit_close(own);
}

static void lists_and_cards_that_do_not_do_are_refused(void **state)
{
    static const uint8_t nowhere[] = {0xa0, 0, 0, 5, 0x59, 0, 0x11};
    kit *own = kit_open(CARD_IOTSAFE_BAD_LIST);

    (void)state;
    assert_status(open_store(own), LWSEC_REJECT);
    assert_int_equal(own->reason.why, LWSEC_WHY_CARD_RESPONSE);
    own->config.aid = lwsec_bytes_of(nowhere, sizeof nowhere);
    assert_status(open_store(own), LWSEC_ABSENT);
    own->config.size--;
    assert_status(open_store(own), LWSEC_USAGE);
    own->config.size++;
    own->config.flags = 2;
    assert_status(open_store(own), LWSEC_USAGE);
    own->config.flags = 0;
    own->config.card = NULL;
    assert_status(open_store(own), LWSEC_USAGE);
    own->config.card = &own->card;
    assert_status(lwsec_iotsafe_open(own->memory, sizeof own->memory - 8, SLOTS, &own->config,
                                     &own->store, NULL),
                  LWSEC_BUFFER);
    assert_null(own->store);
    kit_close(own);
}

/* The card is gone at each command of each operation; the next operation finds it again. */
static void a_card_that_is_removed_in_the_middle_comes_back(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_key device = find(own, "device"), master = find(own, "master");
    const lwsec_bytes text = lwsec_bytes_of("text", 4);
    uint8_t signature[64], point[65];
    lwsec_key prk = {NULL, 0, 0};

    (void)state;
    for (unsigned at = 1; at <= 2; at++) {
        own->commands = 0;
        own->fail_at = at;
        assert_status(lwsec_key_sign(device, text, signature, sizeof signature), LWSEC_ENGINE);
        assert_status(lwsec_key_public(device, point, sizeof point), LWSEC_ENGINE);
        assert_status(lwsec_key_extract(master, LWSEC_ALG_HMAC_256, text, NULL, &prk),
                      LWSEC_ENGINE);
        own->fail_at = 0;
        card_reset(own->chip);
        assert_status(lwsec_key_sign(device, text, signature, sizeof signature), LWSEC_OK);
        assert_status(lwsec_key_public(device, point, sizeof point), LWSEC_OK);
        assert_status(lwsec_verify(own->inner, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), text,
                                   lwsec_bytes_of(signature, 64)),
                      LWSEC_OK);
    }
    kit_close(own);
}

static void another_card_in_the_reader_is_not_ours(void **state)
{
    kit *own = kit_opened(0);
    const lwsec_key device = find(own, "device");
    uint8_t point[65];

    (void)state;
    card_close(own->chip);
    insert(own, CARD_IOTSAFE_OTHER);
    lwsec_apdu_was_reset(&own->card);
    assert_status(lwsec_key_public(device, point, sizeof point), LWSEC_ENGINE);
    assert_status(lwsec_key_public(device, point, sizeof point), LWSEC_ENGINE); /* nor later */
    kit_close(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_listed_as_what_they_are_for),
        cmocka_unit_test(signatures_verify),
        cmocka_unit_test(pairs_are_generated_in_their_containers),
        cmocka_unit_test(agreement_gives_both_ends_the_same),
        cmocka_unit_test(oscore_works_with_a_master_secret_on_the_card),
        cmocka_unit_test(the_master_secret_of_a_psk_comes_from_the_card),
        cmocka_unit_test(random_octets_come_in_any_number),
        cmocka_unit_test(files_are_read_whole),
        cmocka_unit_test(keys_are_neither_brought_nor_destroyed),
        cmocka_unit_test(a_card_without_derivations_says_so),
        cmocka_unit_test(what_comes_out_needs_a_place),
        cmocka_unit_test(signatures_of_another_size_are_refused),
        cmocka_unit_test(lists_and_cards_that_do_not_do_are_refused),
        cmocka_unit_test(a_card_that_is_removed_in_the_middle_comes_back),
        cmocka_unit_test(another_card_in_the_reader_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
