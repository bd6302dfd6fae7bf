/* What a context can be made of, and what is refused before anything is made. */
#include "tests/oscore/pair.h"

static const uint8_t id_bytes[] = {0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9};

static lwsec_status open_reason(endpoint *one, lwsec_why *why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_oscore_init(one->memory, sizeof one->memory, &one->config, &one->context, &reason);
    *why = reason.why;
    return status;
}

static void assert_not_made(endpoint *one, lwsec_status status, lwsec_why expected)
{
    lwsec_why why;

    assert_status(open_reason(one, &why), status);
    assert_int_equal(why, expected);
    assert_null(one->context);
}

/* ---- IDs ---- */

typedef struct limit {
    int32_t aead;
    size_t id_max;
} limit;

static const limit limits[] = {
    {LWSEC_ALG_AES_CCM_16_64_128, 7},
    {LWSEC_ALG_AES_CCM_16_64_256, 7},
    {LWSEC_ALG_AES_CCM_16_128_128, 7},
    {LWSEC_ALG_AES_CCM_16_128_256, 7},
    {LWSEC_ALG_A128GCM, 6},
    {LWSEC_ALG_A192GCM, 6},
    {LWSEC_ALG_A256GCM, 6},
    {LWSEC_ALG_CHACHA20_POLY1305, 6},
    {LWSEC_ALG_AES_CCM_64_64_128, 1},
    {LWSEC_ALG_AES_CCM_64_64_256, 1},
    {LWSEC_ALG_AES_CCM_64_128_128, 1},
    {LWSEC_ALG_AES_CCM_64_128_256, 1},
};

static void ids_up_to_nonce_length_minus_six_work_with_every_algorithm(void **state)
{
    static const uint8_t other[] = {0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        assert_int_equal(pair_tear_down(state), 0);
        assert_int_equal(pair_set_up(state), 0);
        pair *both = *state;
        both->client.config.aead = both->server.config.aead = limits[i].aead;
        both->client.config.sender_id = lwsec_bytes_of(id_bytes, limits[i].id_max);
        both->server.config.recipient_id = both->client.config.sender_id;
        both->client.config.recipient_id = lwsec_bytes_of(other, limits[i].id_max);
        both->server.config.sender_id = both->client.config.recipient_id;
        /* The longest Partial IVs, too: every field of the AAD has its full length. */
        both->client.config.start_ssn = both->server.config.start_ssn = LWSEC_OSCORE_SSN_MAX - 9;
        pair_open(both);
        endpoint_trust(&both->server);
        exchange(both);
        exchange(both);
    }
}

static void an_id_one_byte_over_the_limit_is_refused(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    const lwsec_bytes short_id = lwsec_bytes_of(NULL, 0);

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const lwsec_bytes long_id = lwsec_bytes_of(id_bytes, limits[i].id_max + 1);
        one->config.aead = limits[i].aead;
        one->config.sender_id = long_id;
        one->config.recipient_id = short_id;
        assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_OSCORE_ID_LENGTH);
        one->config.sender_id = short_id;
        one->config.recipient_id = long_id;
        assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_OSCORE_ID_LENGTH);
    }
}

static void equal_sender_and_recipient_ids_are_refused(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;

    for (size_t size = 0; size <= 7; size++) {
        uint8_t copy[7];
        memcpy(copy, id_bytes, sizeof copy);
        one->config.sender_id = lwsec_bytes_of(id_bytes, size);
        one->config.recipient_id = lwsec_bytes_of(copy, size);
        assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_OSCORE_SAME_IDS);
    }
}

static void ids_that_differ_in_length_only_are_not_equal(void **state)
{
    static const uint8_t zeros[2];
    pair *both = *state;

    both->client.config.sender_id = lwsec_bytes_of(zeros, 1);
    both->client.config.recipient_id = lwsec_bytes_of(zeros, 2);
    both->server.config.sender_id = lwsec_bytes_of(zeros, 2);
    both->server.config.recipient_id = lwsec_bytes_of(zeros, 1);
    pair_open(both);
    exchange(both);
    LWSEC_COVERS("R-5.5.6-02");
}

static void an_empty_id_is_sent_as_an_empty_kid(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_non_null(outside(bytes_of(sent)).kid.data);
    assert_int_equal(outside(bytes_of(sent)).kid.size, 0);
}

/* ---- Algorithms and sizes ---- */

static void an_unknown_aead_is_refused(void **state)
{
    static const int32_t unknown[] = {4,
                                      14,
                                      23,
                                      25,
                                      34,
                                      -1,
                                      1000,
                                      INT32_MAX,
                                      INT32_MIN,
                                      LWSEC_ALG_HMAC_256,
                                      LWSEC_ALG_HKDF,
                                      LWSEC_ALG_AES_CBC,
                                      LWSEC_ALG_ES256};
    pair *both = *state;

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        both->client.config.aead = unknown[i];
        assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_OSCORE_ALGORITHM);
    }
}

static void an_unknown_hmac_is_refused(void **state)
{
    static const int32_t unknown[] = {4, 8, 10, -10, -11, LWSEC_ALG_AES_CMAC, LWSEC_ALG_HKDF};
    pair *both = *state;

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        both->client.config.hmac = unknown[i];
        assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_OSCORE_ALGORITHM);
    }
}

static void aead_and_hmac_default_to_those_of_the_rfc(void **state)
{
    pair *both = *state;

    both->server.config.aead = LWSEC_ALG_AES_CCM_16_64_128;
    both->server.config.hmac = LWSEC_ALG_HMAC_256;
    pair_open(both);
    exchange(both);
    LWSEC_COVERS("R-5.5.2-01");
    LWSEC_COVERS("R-5.5.2-02");
}

static void a_window_of_zero_is_32_and_one_over_1024_is_refused(void **state)
{
    pair *both = *state;

    both->client.config.window = LWSEC_OSCORE_WINDOW_MAX + 1;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW);
    both->client.config.window = UINT32_MAX;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW);
    both->client.config.window = LWSEC_OSCORE_WINDOW_MAX;
    pair_open(both);
    assert_int_equal(both->client.context->window.size, 1024);
    assert_int_equal(both->server.context->window.size, LWSEC_OSCORE_WINDOW_DEFAULT);
    exchange(both);
}

static void an_id_context_over_255_bytes_is_refused(void **state)
{
    static const uint8_t bytes[256] = {1};
    pair *both = *state;

    both->client.config.id_context = lwsec_bytes_of(bytes, 256);
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_TOO_LONG);
    both->client.config.id_context = lwsec_bytes_of(bytes, 255);
    both->server.config.id_context = lwsec_bytes_of(bytes, 255);
    pair_open(both);
    exchange(both);
}

static void an_empty_id_context_is_another_than_none(void **state)
{
    static const uint8_t bytes[1];
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    both->client.config.id_context = lwsec_bytes_of(bytes, 0);
    both->client.config.flags |= LWSEC_OSCORE_OMIT_KID_CONTEXT;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_TAG);
    lwsec_oscore_close(&both->client.context);
    both->client.config.flags &= ~(uint32_t)LWSEC_OSCORE_OMIT_KID_CONTEXT;
    endpoint_open(&both->client);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_non_null(outside(bytes_of(sent)).kid_context.data);
    assert_int_equal(outside(bytes_of(sent)).kid_context.size, 0);
}

static void a_first_number_past_the_last_one_is_refused(void **state)
{
    pair *both = *state;

    both->client.config.start_ssn = LWSEC_OSCORE_SSN_MAX + 1;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_CONFIG);
}

static void a_flag_or_a_block_that_nobody_knows_is_refused(void **state)
{
    pair *both = *state;

    both->client.config.reserve = 65537;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    both->client.config.reserve = 65536;
    both->client.config.flags |= 0x20U;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    both->client.config.flags = 0x80000000U;
    assert_not_made(&both->client, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    both->client.config.flags = LWSEC_KEY_FRESH;
    endpoint_open(&both->client);
}

/* ---- Memory, state, secret ---- */

static void memory_that_is_one_byte_too_small_is_refused(void **state)
{
    static const uint8_t bytes[255] = {1};
    pair *both = *state;
    endpoint *one = &both->client;

    for (uint32_t window = 1; window <= LWSEC_OSCORE_WINDOW_MAX; window++) {
        for (size_t id_context = 0; id_context <= 255; id_context += 51) {
            one->config.window = window;
            one->config.id_context = lwsec_bytes_of(bytes, id_context);
            const size_t needed = lwsec_oscore_size(&one->config);
            assert_true(needed <= LWSEC_OSCORE_SIZE(window, id_context));
            if (window > 2 && window % 64 > 1) {
                continue; /* the sizes between two words are alike */
            }
            assert_status(
                lwsec_oscore_init(one->memory, needed - 1, &one->config, &one->context, NULL),
                LWSEC_BUFFER);
            assert_null(one->context);
            assert_status(lwsec_oscore_init(one->memory, needed, &one->config, &one->context, NULL),
                          LWSEC_OK);
            lwsec_oscore_close(&one->context);
        }
    }
}

static void memory_that_is_not_aligned_or_absent_is_refused(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    uint8_t *crooked = (uint8_t *)one->memory + 1;

    assert_status(
        lwsec_oscore_init(crooked, sizeof one->memory - 1, &one->config, &one->context, NULL),
        LWSEC_USAGE);
    assert_status(lwsec_oscore_init(NULL, sizeof one->memory, &one->config, &one->context, NULL),
                  LWSEC_USAGE);
    assert_null(one->context);
}

static void a_configuration_of_another_size_or_without_state_is_refused(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;

    one->config.size--;
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config.size++;
    one->config.framing = (lwsec_coap_framing)2;
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config.framing = LWSEC_COAP_UDP;
    one->config.state = NULL;
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
}

static void a_secret_of_another_kind_or_life_is_refused(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    const lwsec_key_attributes aead = {
        sizeof aead, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, {NULL, 0}};
    lwsec_key key = {0};

    one->config.secret = key;
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_KEY_GONE);
    assert_status(lwsec_key_import(both->store, &aead,
                                   lwsec_test_hex("000102030405060708090a0b0c0d0e0f"), &key),
                  LWSEC_OK);
    one->config.secret = key;
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_KEY_USAGE);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_not_made(one, LWSEC_USAGE, LWSEC_WHY_KEY_GONE);
}

static void a_refusal_leaves_no_key_behind(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;

    /* More refusals than the store has slots: each must give its slots back. */
    for (unsigned i = 0; i < 200; i++) {
        lwsec_state_memory_close(&one->state);
        assert_status(
            lwsec_state_memory_open(one->state_memory, sizeof one->state_memory, 1, 8, &one->state),
            LWSEC_OK);
        one->config.state = one->state; /* too small a value for a record of numbers */
        assert_not_made(one, LWSEC_STATE, LWSEC_WHY_STATE_FULL);
    }
    lwsec_state_memory_close(&one->state);
    assert_status(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory,
                                          STATE_RECORDS, STATE_VALUE_MAX, &one->state),
                  LWSEC_OK);
    one->config.state = one->state;
    pair_open(both);
    exchange(both);
}

static void a_store_without_room_answers_limit_and_keeps_nothing(void **state)
{
    pair *both = *state;
    const lwsec_key_attributes aead = {
        sizeof aead, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, {NULL, 0}};
    lwsec_key keys[1024];
    size_t count = 0;
    lwsec_why why;

    while (lwsec_key_import(both->store, &aead, lwsec_test_hex("00010203040506070809101112131415"),
                            &keys[count]) == LWSEC_OK) {
        count++;
        assert_true(count < 1024);
    }
    /* With one and two slots left some keys are made and given back; with four it works. */
    for (unsigned left = 0; left < 3; left++) {
        assert_status(open_reason(&both->client, &why), LWSEC_LIMIT);
        assert_null(both->client.context);
        assert_status(lwsec_key_destroy(&keys[--count]), LWSEC_OK);
    }
    endpoint_open(&both->client);
    while (count > 0) {
        assert_status(lwsec_key_destroy(&keys[--count]), LWSEC_OK);
    }
}

static void the_memory_of_a_closed_context_holds_no_key_handle(void **state)
{
    static const uint8_t zeros[sizeof(lwsec_oscore)];
    pair *both = *state;

    endpoint_open(&both->client);
    lwsec_oscore_close(&both->client.context);
    assert_null(both->client.context);
    assert_memory_equal(both->client.memory, zeros, sizeof zeros);
    lwsec_oscore_close(&both->client.context); /* once more does nothing */
}

static void keys_live_in_the_store_that_the_configuration_names(void **state)
{
    pair *both = *state;
    lwsec_store *other = lwsec_test_store_open(pair_store(), 4);

    both->client.config.store = other;
    pair_open(both);
    assert_ptr_equal(both->client.context->sender.store, other);
    assert_ptr_equal(both->client.context->recipient.store, other);
    exchange(both);
    lwsec_oscore_close(&both->client.context);
    lwsec_test_store_close(pair_store(), other);
}

static void a_pseudorandom_key_takes_the_place_of_the_secret(void **state)
{
    pair *both = *state;
    lwsec_key prk = {0};

    assert_status(lwsec_key_extract(both->client.config.secret, LWSEC_ALG_HMAC_256,
                                    both->client.config.salt, NULL, &prk),
                  LWSEC_OK);
    both->client.config.secret = prk;
    pair_open(both);
    exchange(both);
    assert_status(lwsec_key_destroy(&prk), LWSEC_OK); /* not needed any more, and not destroyed */
    exchange(both);
}

static void the_secret_is_not_needed_after_creation(void **state)
{
    pair *both = *state;
    lwsec_key secret = both->client.config.secret;

    pair_open(both);
    assert_status(lwsec_key_destroy(&secret), LWSEC_OK);
    exchange(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(ids_up_to_nonce_length_minus_six_work_with_every_algorithm),
        pair_test(an_id_one_byte_over_the_limit_is_refused),
        pair_test(equal_sender_and_recipient_ids_are_refused),
        pair_test(ids_that_differ_in_length_only_are_not_equal),
        pair_test(an_empty_id_is_sent_as_an_empty_kid),
        pair_test(an_unknown_aead_is_refused),
        pair_test(an_unknown_hmac_is_refused),
        pair_test(aead_and_hmac_default_to_those_of_the_rfc),
        pair_test(a_window_of_zero_is_32_and_one_over_1024_is_refused),
        pair_test(an_id_context_over_255_bytes_is_refused),
        pair_test(an_empty_id_context_is_another_than_none),
        pair_test(a_first_number_past_the_last_one_is_refused),
        pair_test(a_flag_or_a_block_that_nobody_knows_is_refused),
        pair_test(memory_that_is_one_byte_too_small_is_refused),
        pair_test(memory_that_is_not_aligned_or_absent_is_refused),
        pair_test(a_configuration_of_another_size_or_without_state_is_refused),
        pair_test(a_secret_of_another_kind_or_life_is_refused),
        pair_test(a_refusal_leaves_no_key_behind),
        pair_test(a_store_without_room_answers_limit_and_keeps_nothing),
        pair_test(the_memory_of_a_closed_context_holds_no_key_handle),
        pair_test(keys_live_in_the_store_that_the_configuration_names),
        pair_test(a_pseudorandom_key_takes_the_place_of_the_secret),
        pair_test(the_secret_is_not_needed_after_creation),
    };
    return cmocka_run_group_tests_name("oscore-creation", tests, NULL, NULL);
}
