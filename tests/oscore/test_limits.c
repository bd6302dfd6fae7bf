/* The ends of what a key may do: 2^40 numbers, q seals, v failed opens, over all its lives. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

#define SEAL_LIMIT (1U << 20)
#define OPEN_LIMIT (1U << 14)

/* As if so many seals had been made in this life, and noted. */
static void raise_seals(endpoint *one, uint32_t seals)
{
    assert_status(lwsec_key_raise_uses(one->context->sender, seals, 0), LWSEC_OK);
    one->context->numbers.record_seals = seals + one->context->numbers.seals_left;
}

static void raise_failures(endpoint *one, uint32_t failures)
{
    assert_status(lwsec_key_raise_uses(one->context->recipient, 0, failures), LWSEC_OK);
}

/* A forged request that the server refuses. */
static lwsec_status forge_at(endpoint *server)
{
    static packet received;

    return unprotect(server, forge_blind(7, lwsec_bytes_of(NULL, 0), 0x33), &received);
}

/* ---- Numbers ---- */

static void the_last_number_is_used_once_and_none_after_it(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *refused = packet_new();

    both->client.config.start_ssn = LWSEC_OSCORE_SSN_MAX;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_bytes(outside(bytes_of(sent)).partial_iv, lwsec_test_hex("ffffffffff"));
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), refused), LWSEC_NEED_REKEY);
        assert_int_equal(refused->reason.why, LWSEC_WHY_OSCORE_SSN);
    }
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
}

static void exhausted_numbers_stay_exhausted_after_a_reboot(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    both->client.config.start_ssn = LWSEC_OSCORE_SSN_MAX - 2;
    pair_open(both);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), out), LWSEC_OK);
    }
    assert_status(protect(&both->client, plain_get(), out), LWSEC_NEED_REKEY);
    for (unsigned i = 0; i < 3; i++) {
        both->client.config.start_ssn = 0;
        endpoint_reboot(&both->client);
        assert_status(protect(&both->client, plain_get(), out), LWSEC_NEED_REKEY);
        assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_SSN);
    }
}

static void without_numbers_a_response_can_still_use_the_nonce_of_its_request(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *response = packet_new();
    packet *at_client = packet_new();

    both->server.config.start_ssn = LWSEC_OSCORE_SSN_MAX;
    pair_open(both);
    endpoint_trust(&both->server);
    assert_status(protect(&both->server, plain_get(), response), LWSEC_OK);
    assert_status(protect(&both->server, plain_get(), response), LWSEC_NEED_REKEY);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(respond_with_number(&both->server, received, plain_content(), response),
                  LWSEC_NEED_REKEY);
    assert_status(respond(&both->server, received, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(response), at_client), LWSEC_OK);
    assert_status(respond(&both->server, received, plain_content(), response), LWSEC_NEED_REKEY);
}

static void numbers_on_the_wire_have_the_fewest_bytes(void **state)
{
    static const struct {
        uint64_t number;
        const char *piv;
    } cases[] = {{0, "00"},
                 {1, "01"},
                 {255, "ff"},
                 {256, "0100"},
                 {65535, "ffff"},
                 {65536, "010000"},
                 {0xffffff, "ffffff"},
                 {0x1000000, "01000000"},
                 {0x7fffffff, "7fffffff"},
                 {0x80000000, "80000000"},
                 {0xffffffff, "ffffffff"},
                 {UINT64_C(0x100000000), "0100000000"},
                 {LWSEC_OSCORE_SSN_MAX - 1, "fffffffffe"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(pair_tear_down(state), 0);
        assert_int_equal(pair_set_up(state), 0);
        pair *both = *state;
        packet *sent = packet_new();
        packet *received = packet_new();
        both->client.config.start_ssn = cases[i].number;
        pair_open(both);
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_bytes(outside(bytes_of(sent)).partial_iv, lwsec_test_hex(cases[i].piv));
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
        exchange(both); /* and across the boundary */
    }
}

static void three_quarters_of_the_numbers_are_told_once(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    both->client.config.start_ssn = UINT64_C(3) << 38;
    both->server.config.start_ssn = (UINT64_C(3) << 38) - 3;
    pair_open(both);
    assert_int_equal(wear_of(&both->client).events, LWSEC_OSCORE_EVENT_SSN);
    assert_int_equal(wear_of(&both->client).events, 0);
    assert_int_equal(wear_of(&both->server).events, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->server, plain_get(), sent), LWSEC_OK);
    }
    assert_int_equal(wear_of(&both->server).events, LWSEC_OSCORE_EVENT_SSN);
    assert_int_equal(wear_of(&both->server).events, 0);
}

/* ---- Seals ---- */

static void after_q_seals_nothing_is_sent(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    raise_seals(&both->client, SEAL_LIMIT - 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), out), LWSEC_OK);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), out), LWSEC_LIMIT);
        assert_int_equal(out->reason.why, LWSEC_WHY_KEY_LIMIT);
    }
    assert_int_equal(wear_of(&both->client).seals, SEAL_LIMIT);
    assert_int_equal(wear_of(&both->client).seal_limit, SEAL_LIMIT);
}

static void a_context_with_all_seals_used_still_receives(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    pair_open(both);
    raise_seals(&both->server, SEAL_LIMIT);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(respond(&both->server, received, plain_content(), out), LWSEC_LIMIT);
    assert_status(respond_with_number(&both->server, received, plain_content(), out), LWSEC_LIMIT);
}

static void responses_without_number_count_as_seals(void **state)
{
    pair *both = *state;

    pair_open(both);
    for (uint32_t i = 1; i <= 5; i++) {
        exchange(both);
        assert_int_equal(wear_of(&both->server).seals, i);
        assert_int_equal(wear_of(&both->server).next_ssn, 0);
    }
}

static void three_quarters_of_the_seals_are_told_once(void **state)
{
    pair *both = *state;

    pair_open(both);
    raise_seals(&both->client, SEAL_LIMIT / 4 * 3 - 1);
    assert_int_equal(wear_of(&both->client).events, 0);
    exchange(both);
    assert_int_equal(wear_of(&both->client).events, LWSEC_OSCORE_EVENT_SEALS);
    exchange(both);
    assert_int_equal(wear_of(&both->client).events, 0);
}

static void seals_come_back_after_a_reboot(void **state)
{
    pair *both = *state;
    uint32_t lower_limit = 0;
    packet *sent = packet_new();

    both->client.config.reserve = 4;
    pair_open(both);
    for (unsigned life = 0; life < 5; life++) {
        for (unsigned i = 0; i < 7; i++) {
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
            lower_limit++;
        }
        endpoint_reboot(&both->client);
        assert_true(wear_of(&both->client).seals >= lower_limit);
        /* A reboot loses what was in reserve: a block at most. */
        assert_true(wear_of(&both->client).seals <= lower_limit + 64 * (life + 1));
    }
}

static void seals_of_responses_without_number_come_back_after_a_reboot(void **state)
{
    pair *both = *state;

    both->server.config.reserve = 4;
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW; /* no challenge after the reboot */
    pair_open(both);
    for (unsigned i = 0; i < 30; i++) {
        exchange(both);
    }
    endpoint_reboot(&both->server);
    assert_true(wear_of(&both->server).seals >= 30);
    exchange(both);
}

static void all_seals_used_stays_so_after_a_reboot(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    raise_seals(&both->client, SEAL_LIMIT - 100);
    for (unsigned i = 0; i < 100; i++) {
        assert_status(protect(&both->client, plain_get(), out), LWSEC_OK);
    }
    assert_status(protect(&both->client, plain_get(), out), LWSEC_LIMIT);
    for (unsigned i = 0; i < 3; i++) {
        endpoint_reboot(&both->client);
        assert_status(protect(&both->client, plain_get(), out), LWSEC_LIMIT);
    }
}

/* ---- Failed opens ---- */

static void after_v_failed_opens_nothing_is_opened(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    raise_failures(&both->server, OPEN_LIMIT - 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(forge_at(&both->server), LWSEC_REJECT);
    }
    assert_status(forge_at(&both->server), LWSEC_LIMIT);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_LIMIT);
    assert_int_equal(received->reason.why, LWSEC_WHY_KEY_LIMIT);
    assert_int_equal(wear_of(&both->server).failed_opens, OPEN_LIMIT);
    assert_int_equal(wear_of(&both->server).open_limit, OPEN_LIMIT);
    /* Its own requests still go out. */
    assert_status(protect(&both->server, plain_get(), sent), LWSEC_OK);
}

/* Whoever closes the store before its contexts does not wear out their keys for all lives to come.
 */
static void keys_that_are_gone_count_no_failed_opens(void **state)
{
    static const uint8_t secret[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_status(forge_at(&both->server), LWSEC_REJECT);
    lwsec_store_release_all(both->store);
    assert_status(protect(&both->server, plain_get(), sent), LWSEC_USAGE);
    lwsec_oscore_close(&both->server.context);
    lwsec_oscore_close(&both->client.context);
    both->server.config.secret = import_secret(both->store, lwsec_bytes_of(secret, sizeof secret));
    both->client.config.secret = both->server.config.secret;
    pair_open(both);
    assert_true(wear_of(&both->client).failed_opens == 0);
    assert_true(wear_of(&both->server).failed_opens <= 1);
    endpoint_trust(&both->server);
    exchange(both);
}

/* By policy only, and with an alarm each way. */
static void past_its_limits_a_context_goes_on_if_told_to(void **state)
{
    pair *both = *state;
    packet *out = packet_new();
    packet *received = packet_new();

    both->client.config.flags |= LWSEC_OSCORE_PAST_LIMITS;
    both->server.config.flags |= LWSEC_OSCORE_PAST_LIMITS;
    pair_open(both);
    assert_int_equal(wear_of(&both->client).events & LWSEC_OSCORE_EVENT_PAST_LIMIT, 0);
    raise_seals(&both->client, SEAL_LIMIT - 1);
    raise_failures(&both->server, OPEN_LIMIT - 1);
    assert_int_equal(wear_of(&both->client).events & LWSEC_OSCORE_EVENT_PAST_LIMIT, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), out), LWSEC_OK);
        assert_status(forge_at(&both->server), LWSEC_REJECT);
    }
    assert_status(unprotect(&both->server, bytes_of(out), received), LWSEC_OK);
    assert_true((wear_of(&both->client).events & LWSEC_OSCORE_EVENT_PAST_LIMIT) != 0);
    assert_true((wear_of(&both->server).events & LWSEC_OSCORE_EVENT_PAST_LIMIT) != 0);
    assert_int_equal(wear_of(&both->client).events & LWSEC_OSCORE_EVENT_PAST_LIMIT, 0);
    assert_int_equal(wear_of(&both->client).seals, SEAL_LIMIT + 2);
    assert_int_equal(wear_of(&both->server).failed_opens, OPEN_LIMIT + 2);
}

static void a_limit_that_holds_is_told_too(void **state)
{
    pair *both = *state;

    pair_open(both);
    raise_failures(&both->server, OPEN_LIMIT);
    assert_true((wear_of(&both->server).events & LWSEC_OSCORE_EVENT_PAST_LIMIT) != 0);
}

static void failed_responses_count_as_failed_opens(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond(&both->server, at_server, plain_content(), response), LWSEC_OK);
    response->data[response->out.size - 1] ^= 1;
    for (uint32_t i = 1; i <= 5; i++) {
        assert_status(receive(&both->client, sent, bytes_of(response), received), LWSEC_REJECT);
        assert_int_equal(wear_of(&both->client).failed_opens, i);
    }
}

static void what_is_refused_before_it_is_opened_does_not_count(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    assert_status(unprotect(&both->server, plain_get(), received), LWSEC_REJECT);
    assert_status(unprotect(&both->server, forge_blind(9, lwsec_test_hex("55"), 1), received),
                  LWSEC_REJECT);
    assert_int_equal(wear_of(&both->server).failed_opens, 0);
}

static void three_quarters_of_the_failed_opens_are_told_once(void **state)
{
    pair *both = *state;

    pair_open(both);
    raise_failures(&both->server, OPEN_LIMIT / 4 * 3 - 1);
    assert_int_equal(wear_of(&both->server).events, 0);
    assert_status(forge_at(&both->server), LWSEC_REJECT);
    assert_int_equal(wear_of(&both->server).events, LWSEC_OSCORE_EVENT_FAILED_OPENS);
    assert_status(forge_at(&both->server), LWSEC_REJECT);
    assert_int_equal(wear_of(&both->server).events, 0);
}

static void failed_opens_come_back_after_a_reboot(void **state)
{
    pair *both = *state;
    const uint32_t step = OPEN_LIMIT >> 10; /* this many may be forgotten */

    pair_open(both);
    for (unsigned i = 0; i < 200; i++) {
        assert_status(forge_at(&both->server), LWSEC_REJECT);
    }
    endpoint_reboot(&both->server);
    assert_true(wear_of(&both->server).failed_opens >= 200 - step - 1);
    assert_true(wear_of(&both->server).failed_opens <= 200);
}

static void all_failed_opens_used_stays_so_after_a_reboot(void **state)
{
    pair *both = *state;

    pair_open(both);
    raise_failures(&both->server, OPEN_LIMIT - 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_status(forge_at(&both->server), LWSEC_REJECT);
    }
    assert_status(forge_at(&both->server), LWSEC_LIMIT);
    endpoint_reboot(&both->server);
    assert_status(forge_at(&both->server), LWSEC_LIMIT);
    assert_int_equal(wear_of(&both->server).failed_opens, OPEN_LIMIT);
}

static void every_one_of_v_forgeries_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (unsigned i = 0; i < OPEN_LIMIT; i++) {
        assert_status(forge_at(&both->server), LWSEC_REJECT);
    }
    assert_status(forge_at(&both->server), LWSEC_LIMIT);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_LIMIT);
}

static void wear_of_another_size_is_refused(void **state)
{
    pair *both = *state;
    lwsec_oscore_wear wear = {.size = sizeof wear - 1};

    pair_open(both);
    assert_status(lwsec_oscore_get_wear(both->client.context, &wear), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(the_last_number_is_used_once_and_none_after_it),
        pair_test(exhausted_numbers_stay_exhausted_after_a_reboot),
        pair_test(without_numbers_a_response_can_still_use_the_nonce_of_its_request),
        pair_test(numbers_on_the_wire_have_the_fewest_bytes),
        pair_test(three_quarters_of_the_numbers_are_told_once),
        pair_test(after_q_seals_nothing_is_sent),
        pair_test(a_context_with_all_seals_used_still_receives),
        pair_test(responses_without_number_count_as_seals),
        pair_test(three_quarters_of_the_seals_are_told_once),
        pair_test(seals_come_back_after_a_reboot),
        pair_test(seals_of_responses_without_number_come_back_after_a_reboot),
        pair_test(all_seals_used_stays_so_after_a_reboot),
        pair_test(after_v_failed_opens_nothing_is_opened),
        pair_test(keys_that_are_gone_count_no_failed_opens),
        pair_test(past_its_limits_a_context_goes_on_if_told_to),
        pair_test(a_limit_that_holds_is_told_too),
        pair_test(failed_responses_count_as_failed_opens),
        pair_test(what_is_refused_before_it_is_opened_does_not_count),
        pair_test(three_quarters_of_the_failed_opens_are_told_once),
        pair_test(failed_opens_come_back_after_a_reboot),
        pair_test(all_failed_opens_used_stays_so_after_a_reboot),
        pair_test(every_one_of_v_forgeries_is_refused),
        pair_test(wear_of_another_size_is_refused),
    };
    return cmocka_run_group_tests_name("oscore-limits", tests, NULL, NULL);
}
