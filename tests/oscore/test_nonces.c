/* No nonce is used twice with one key, whatever is answered, provisioned or lost. A log between
 * library and store is the witness, not the library's own counts. */
#include "tests/oscore/pair.h"

#include "tests/oscore/seal_log.h"

#include <lwsec/state_directory.h>

#include <stdio.h>
#include <unistd.h>

static lwsec_bytes notification(void)
{
    const lwsec_coap_option observe = {LWSEC_COAP_OBSERVE, {NULL, 0}};

    return udp_message(LWSEC_COAP_CONTENT, &observe, 1, "x");
}

static lwsec_bytes registration(void)
{
    const lwsec_coap_option observe = {LWSEC_COAP_OBSERVE, {NULL, 0}};

    return udp_message(LWSEC_COAP_GET, &observe, 1, "");
}

static void send_requests(endpoint *one, unsigned count)
{
    static packet sent;

    for (unsigned i = 0; i < count; i++) {
        assert_status(protect(one, plain_get(), &sent), LWSEC_OK);
    }
}

/* ---- One pair ---- */

static void answers_in_any_order_have_different_nonces(void **state)
{
    static packet sent[6], received[6], response;
    static const unsigned orders[][6] = {
        {0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {2, 0, 5, 1, 4, 3}};
    pair *both = *state;

    pair_open(both);
    seal_log_start(both->store);
    for (size_t order = 0; order < 3; order++) {
        for (unsigned i = 0; i < 6; i++) {
            assert_status(protect(&both->client, plain_get(), &sent[i]), LWSEC_OK);
            assert_status(unprotect(&both->server, bytes_of(&sent[i]), &received[i]), LWSEC_OK);
        }
        for (unsigned i = 0; i < 6; i++) {
            assert_status(
                respond(&both->server, &received[orders[order][i]], plain_content(), &response),
                LWSEC_OK);
        }
    }
    seal_log_stop();
    assert_int_equal(seal_log_count(), 36);
    assert_no_nonce_twice();
}

static void second_responses_have_nonces_of_their_own(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *response = packet_new();

    pair_open(both);
    seal_log_start(both->store);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    for (unsigned i = 0; i < 100; i++) {
        assert_status(i % 3 == 2
                          ? respond_with_number(&both->server, received, plain_content(), response)
                          : respond(&both->server, received, plain_content(), response),
                      LWSEC_OK);
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

static void notifications_among_requests_have_nonces_of_their_own(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *wire = packet_new();

    pair_open(both);
    seal_log_start(both->store);
    assert_status(protect(&both->client, registration(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    for (unsigned i = 0; i < 100; i++) {
        assert_status(respond(&both->server, received, notification(), wire), LWSEC_OK);
        exchange(both);
        send_requests(&both->server, 1);
        if (i == 50) {
            /* A response after notifications is not the first one, so it has a number as well. */
            assert_status(respond(&both->server, received, plain_content(), wire), LWSEC_OK);
            assert_true(has_piv(bytes_of(wire)));
        }
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

static void challenges_and_responses_have_different_nonces(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *wire = packet_new();

    both->server.config.flags = LWSEC_KEY_FRESH;
    pair_open(both);
    seal_log_start(both->store);
    for (unsigned i = 0; i < 20; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
        assert_status(challenge(&both->server, received, bytes_of(sent), wire), LWSEC_OK);
        /* The same answer asked for again, and the same datagram again. */
        assert_status(challenge(&both->server, received, bytes_of(sent), wire), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
        send_requests(&both->server, 1);
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

/* The role of the traffic decides about nothing: both ends are client and server. */
static void both_ends_send_and_answer_with_different_nonces(void **state)
{
    pair *both = *state;

    pair_open(both);
    seal_log_start(both->store);
    for (unsigned i = 0; i < 100; i++) {
        exchange(both);
        send_requests(&both->client, 1);
        send_requests(&both->server, 1);
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

/* ---- The same secret, provisioned twice ---- */

static void a_secret_provisioned_again_goes_on_above(void **state)
{
    pair *both = *state;

    both->client.config.reserve = 8;
    seal_log_start(both->store);
    for (unsigned life = 0; life < 20; life++) {
        /* Another handle of the same bytes, said to be fresh each time: the record knows better. */
        lwsec_key again =
            import_secret(both->store, lwsec_test_hex("0102030405060708090a0b0c0d0e0f10"));
        both->client.config.secret = again;
        endpoint_open(&both->client);
        send_requests(&both->client, life);
        lwsec_oscore_close(&both->client.context);
        assert_status(lwsec_key_destroy(&again), LWSEC_OK);
    }
    seal_log_stop();
    assert_no_nonce_twice();
    LWSEC_COVERS("R-5.5.3-09");
}

static void a_lower_first_number_does_not_win_over_the_record(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    endpoint_open(&both->client);
    send_requests(&both->client, 3);
    both->client.config.start_ssn = 1;
    endpoint_reboot(&both->client);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_true(piv_of(bytes_of(sent)) >= 64);
    both->client.config.start_ssn = 5000;
    endpoint_reboot(&both->client);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(sent)), 5000);
}

static void contexts_of_one_secret_that_live_at_once_share_the_numbers(void **state)
{
    static endpoint twins[3];
    pair *both = *state;

    both->client.config.reserve = 5;
    endpoint_open(&both->client);
    seal_log_start(both->store);
    for (size_t i = 0; i < 3; i++) {
        endpoint_twin(&twins[i], &both->client);
    }
    for (unsigned round = 0; round < 60; round++) {
        send_requests(&both->client, round % 4);
        for (size_t i = 0; i < 3; i++) {
            send_requests(&twins[i], (unsigned)(round + i) % 7);
        }
    }
    seal_log_stop();
    for (size_t i = 0; i < 3; i++) {
        /* What all of them sealed counts for each of them, once they reserve again. */
        assert_status(lwsec_oscore_reserve(twins[i].context, NULL), LWSEC_OK);
        lwsec_oscore_close(&twins[i].context);
    }
    assert_true(seal_log_count() > 400);
    assert_no_nonce_twice();
}

static void a_twin_that_closes_gives_no_number_back(void **state)
{
    static endpoint twin;
    pair *both = *state;

    both->client.config.reserve = 10;
    endpoint_open(&both->client);
    seal_log_start(both->store);
    send_requests(&both->client, 3);
    for (unsigned i = 0; i < 10; i++) {
        endpoint_twin(&twin, &both->client);
        send_requests(&twin, 3);
        lwsec_oscore_close(&twin.context);
        send_requests(&both->client, 4);
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

/* ---- Lives on a medium ---- */

static const char *directory_path(void)
{
    static char path[100];

    (void)snprintf(path, sizeof path, "oscore-nonces-%ld", (long)getpid());
    return path;
}

static void remove_directory(const char *path)
{
    char command[200];

    (void)snprintf(command, sizeof command, "rm -rf ./%s", path);
    assert_int_equal(system(command), 0);
}

static void lives_over_a_directory_go_on_above(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    pair *both = *state;
    const char *path = directory_path();

    remove_directory(path);
    both->client.config.reserve = 3;
    seal_log_start(both->store);
    for (unsigned life = 0; life < 8; life++) {
        lwsec_state *directory = NULL;
        assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &directory, NULL),
                      LWSEC_OK);
        both->client.config.state = directory;
        endpoint_open(&both->client);
        send_requests(&both->client, 2 * life);
        lwsec_oscore_close(&both->client.context);
        lwsec_state_directory_close(&directory);
    }
    seal_log_stop();
    remove_directory(path);
    assert_int_equal(seal_log_count(), 2 * (7 * 8 / 2));
    assert_no_nonce_twice();
}

/* ---- Different keys have different records ---- */

static void other_inputs_have_other_numbers(void **state)
{
    static const uint8_t id_context[] = {7};
    pair *both = *state;
    packet *sent = packet_new();
    endpoint *one = &both->client;

    endpoint_open(one);
    send_requests(one, 3);
    lwsec_oscore_close(&one->context);
    /* Each is another key, so each is fresh and starts at 0: the name of a record is that of its
     * key. */
    for (unsigned i = 0; i < 5; i++) {
        switch (i) {
        case 0: one->config.id_context = lwsec_bytes_of(id_context, 1); break;
        case 1: one->config.salt = lwsec_bytes_of(NULL, 0); break;
        case 2: one->config.sender_id = lwsec_bytes_of(id_context, 1); break;
        case 3: one->config.aead = LWSEC_ALG_AES_CCM_16_64_256; break;
        default: one->config.hmac = LWSEC_ALG_HMAC_512; break;
        }
        endpoint_open(one);
        assert_status(protect(one, plain_get(), sent), LWSEC_OK);
        assert_int_equal(piv_of(bytes_of(sent)), 0);
        lwsec_oscore_close(&one->context);
    }
}

/* The name of the record is not that of the account: the Recipient ID is no part of the Sender Key.
 */
static void the_same_sender_key_finds_its_record_whatever_the_peer_is_called(void **state)
{
    static const uint8_t other[] = {0x77, 0x78};
    pair *both = *state;
    endpoint *one = &both->client;

    seal_log_start(both->store);
    endpoint_open(one);
    send_requests(one, 3);
    lwsec_oscore_close(&one->context);
    one->config.recipient_id = lwsec_bytes_of(other, 2);
    one->config.window = 64;
    one->config.framing = LWSEC_COAP_UDP;
    endpoint_open(one);
    send_requests(one, 3);
    seal_log_stop();
    assert_no_nonce_twice();
    LWSEC_COVERS("R-5.5.3-09");
}

/* ---- Without a record ---- */

static void a_key_without_record_and_not_fresh_sends_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    both->server.config.flags = 0;
    pair_open(both);
    seal_log_start(both->store);
    assert_status(protect(&both->server, plain_get(), out), LWSEC_NEED_REKEY);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_NO_RECORD);
    assert_status(lwsec_oscore_reserve(both->server.context, NULL), LWSEC_NEED_REKEY);
    assert_int_equal(seal_log_count(), 0);
    seal_log_stop();
    /* It opens: the request is authentic, only its freshness is not known. */
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_NEED_REKEY);
    LWSEC_COVERS("R-5.5.3-09");
}

static void a_key_without_record_answers_no_request_with_its_nonce_either(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    /* A window in the state is known, so the request is taken; the Sender Key has no record. */
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    lwsec_record record = {LWSEC_RECORD_OSCORE, {0}};
    memcpy(record.identity, both->server.context->sender_record, sizeof record.identity);
    assert_status(lwsec_state_erase(both->server.state, &record, NULL), LWSEC_OK);
    both->server.config.flags = LWSEC_OSCORE_SHARED_WINDOW;
    endpoint_reboot(&both->server);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(respond(&both->server, received, plain_content(), out), LWSEC_NEED_REKEY);
    assert_status(respond_with_number(&both->server, received, plain_content(), out),
                  LWSEC_NEED_REKEY);
}

static void a_record_makes_a_key_usable_without_the_flag(void **state)
{
    pair *both = *state;

    pair_open(both);
    both->client.config.flags = 0;
    endpoint_reboot(&both->client);
    exchange(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(answers_in_any_order_have_different_nonces),
        pair_test(second_responses_have_nonces_of_their_own),
        pair_test(notifications_among_requests_have_nonces_of_their_own),
        pair_test(challenges_and_responses_have_different_nonces),
        pair_test(both_ends_send_and_answer_with_different_nonces),
        pair_test(a_secret_provisioned_again_goes_on_above),
        pair_test(a_lower_first_number_does_not_win_over_the_record),
        pair_test(contexts_of_one_secret_that_live_at_once_share_the_numbers),
        pair_test(a_twin_that_closes_gives_no_number_back),
        pair_test(lives_over_a_directory_go_on_above),
        pair_test(other_inputs_have_other_numbers),
        pair_test(the_same_sender_key_finds_its_record_whatever_the_peer_is_called),
        pair_test(a_key_without_record_and_not_fresh_sends_nothing),
        pair_test(a_key_without_record_answers_no_request_with_its_nonce_either),
        pair_test(a_record_makes_a_key_usable_without_the_flag),
    };
    return cmocka_run_group_tests_name("oscore-nonces", tests, NULL, NULL);
}
