/* When the state fails, or is slow, nothing is sent and nothing delivered; and nothing is lost for
 * it. */
#include "tests/oscore/pair.h"

#include "tests/oscore/faulty_state.h"
#include "tests/oscore/seal_log.h"

#include <lwsec/state_directory.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534U

static faulty_state faulty;

/* The client over a state that can fail. */
static void open_faulty_client(pair *both, uint32_t reserve)
{
    faulty_state_open(&faulty, both->client.state);
    both->client.config.state = &faulty.head;
    both->client.config.reserve = reserve;
    both->client.config.reserve_max = reserve;
    pair_open(both);
}

static lwsec_status init(endpoint *one, lwsec_reason *reason)
{
    return lwsec_oscore_init(one->memory, sizeof one->memory, &one->config, &one->context, reason);
}

/* ---- Failing ---- */

static void a_context_is_not_made_when_any_call_on_the_state_fails(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    lwsec_reason reason;
    unsigned failed = 0;

    faulty_state_open(&faulty, one->state);
    one->config.state = &faulty.head;
    one->config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    for (unsigned n = 1;; n++) {
        faulty.calls = 0;
        faulty.fail_from = n;
        faulty.fail_count = 1;
        faulty.answer = LWSEC_STATE;
        const lwsec_status status = init(one, &reason);
        if (status == LWSEC_OK) {
            break;
        }
        assert_status(status, LWSEC_STATE);
        assert_null(one->context);
        failed++;
    }
    assert_int_equal(failed, 2); /* load, store */
}

static void nothing_is_sent_when_the_block_cannot_be_stored(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 4);
    seal_log_start(both->store);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 4; i++) {
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
            assert_int_equal(piv_of(bytes_of(sent)), 4 * round + i);
        }
        faulty_state_fail(&faulty, 3, LWSEC_STATE);
        for (unsigned i = 0; i < 3; i++) {
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_STATE);
            assert_int_equal(sent->out.size, 0);
        }
    }
    assert_int_equal(seal_log_count(), 40);
    seal_log_stop();
    assert_no_nonce_twice();
}

static void a_response_is_not_sent_when_its_seal_cannot_be_reserved(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *response = packet_new();
    lwsec_status status = LWSEC_OK;

    faulty_state_open(&faulty, both->server.state);
    both->server.config.state = &faulty.head;
    pair_open(both);
    faulty_state_fail(&faulty, UINT32_MAX, LWSEC_STATE);
    while (status == LWSEC_OK) { /* until the seals in reserve are used up */
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
        status = respond(&both->server, received, plain_content(), response);
    }
    assert_status(status, LWSEC_STATE);
    assert_true(wear_of(&both->server).seals > 0 && wear_of(&both->server).seals <= 64);
    /* The nonce of the request was not used up. */
    faulty.fail_from = 0;
    assert_status(respond(&both->server, received, plain_content(), response), LWSEC_OK);
    assert_false(has_piv(bytes_of(response)));
}

static void numbers_in_reserve_need_no_state(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 16);
    faulty_state_fail(&faulty, UINT32_MAX, LWSEC_STATE);
    for (unsigned i = 0; i < 16; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    }
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_STATE);
    assert_status(lwsec_oscore_reserve(both->client.context, NULL), LWSEC_STATE);
    faulty.fail_from = 0;
    assert_status(lwsec_oscore_reserve(both->client.context, NULL), LWSEC_OK);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
}

static void a_block_is_written_once_for_its_numbers(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 64);
    for (unsigned i = 0; i < 640; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    }
    assert_int_equal(faulty.stores, 10);
}

/* 64, 128, 256, 512, then 1024 each: a long life writes seldom. */
static void blocks_grow_with_what_was_used(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 64);
    lwsec_oscore_close(&both->client.context);
    both->client.config.reserve_max = 0;
    both->client.config.flags = 0;
    endpoint_open(&both->client);
    faulty.stores = 0;
    for (unsigned i = 0; i < 960 + 3 * 1024; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    }
    assert_int_equal(faulty.stores, 4 + 3);
}

/* Whenever it ends, a life wastes no more numbers than it has used, and the first block. */
static void a_restart_skips_no_more_than_was_used(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    both->client.config.reserve = 4;
    pair_open(both);
    for (unsigned used = 1; used < 300; used += 37) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        const uint64_t first = piv_of(bytes_of(sent));
        for (unsigned i = 1; i < used; i++) {
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        }
        endpoint_reboot(&both->client);
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_true(piv_of(bytes_of(sent)) - first <= 2 * used + 4);
        endpoint_reboot(&both->client);
    }
}

static void blocks_that_cannot_be_are_refused(void **state)
{
    pair *both = *state;
    lwsec_reason reason;
    endpoint *client = &both->client;

    client->config.reserve = 8;
    client->config.reserve_max = 7;
    assert_status(lwsec_oscore_init(client->memory, sizeof client->memory, &client->config,
                                    &client->context, &reason),
                  LWSEC_USAGE);
    client->config.reserve_max = 65537;
    assert_status(lwsec_oscore_init(client->memory, sizeof client->memory, &client->config,
                                    &client->context, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
}

static void reserving_ahead_takes_the_write_out_of_protecting(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 8);
    for (unsigned i = 0; i < 100; i++) {
        assert_status(lwsec_oscore_reserve(both->client.context, NULL), LWSEC_OK);
        const unsigned before = faulty.calls;
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_int_equal(faulty.calls, before);
        assert_int_equal(piv_of(bytes_of(sent)), i);
    }
    assert_true(faulty.stores <= 26);
}

/* What an earlier life reserved and may have used is never used again, even if it died right there.
 */
static void every_number_is_stored_before_it_is_used(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    uint64_t highest = 0;
    bool any = false;

    both->client.config.reserve = 3;
    both->client.config.reserve_max = 3;
    for (unsigned life = 0; life < 30; life++) {
        endpoint_open(&both->client);
        for (unsigned i = 0; i < life % 5; i++) {
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
            assert_true(!any || piv_of(bytes_of(sent)) > highest);
            highest = piv_of(bytes_of(sent));
            any = true;
        }
        lwsec_oscore_close(&both->client.context);
    }
    assert_true(highest < 30 * 6); /* and a restart skips no more than a block */
    LWSEC_COVERS("R-5.5.3-09");
}

static void a_request_is_not_delivered_when_the_shared_window_cannot_be_stored(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    faulty_state_open(&faulty, both->server.state);
    both->server.config.state = &faulty.head;
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_POST, NULL, 0, "secret"), sent),
                  LWSEC_OK);
    faulty_state_fail(&faulty, 1, LWSEC_STATE);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_STATE);
    for (size_t at = 0; at + 6 <= received->out.capacity; at++) {
        assert_int_not_equal(memcmp(&received->data[at], "secret", 6), 0);
    }
    /* It was not taken: it can still come. */
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
}

static void a_record_that_is_not_ours_is_not_overwritten(void **state)
{
    static const char *const values[] = {
        "",                                     /* nothing */
        "02000000000000000000000000000000ff",   /* another format */
        "0100000000000000400000004000000000aa", /* one byte too much */
        "01000000000000004000000040000000",     /* one byte too few */
        "01000001000000000100000000 00000000",  /* a number past 2^40 */
        "01ffffffffffffffff0000004000000000",
    };
    pair *both = *state;
    endpoint *one = &both->client;
    lwsec_record record = {LWSEC_RECORD_OSCORE, {0}};
    lwsec_reason reason;

    endpoint_open(one);
    memcpy(record.identity, one->context->sender_record, sizeof record.identity);
    lwsec_oscore_close(&one->context);
    uint64_t version = 1;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char hex[80];
        size_t size = 0;
        for (const char *from = values[i]; *from != '\0'; from++) {
            if (*from != ' ') {
                hex[size++] = *from;
            }
        }
        hex[size] = '\0';
        assert_status(
            lwsec_state_store_if(one->state, &record, lwsec_test_hex(hex), &version, NULL),
            LWSEC_OK);
        assert_status(init(one, &reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
        assert_null(one->context);
    }
}

/* ---- Full, and read-only ---- */

static void a_full_state_lets_nobody_start(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    lwsec_reason reason;

    for (uint8_t i = 0; i < STATE_RECORDS; i++) {
        const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {i}};
        uint64_t version = 0;
        assert_status(
            lwsec_state_store_if(one->state, &record, lwsec_bytes_of("x", 1), &version, NULL),
            LWSEC_OK);
    }
    assert_status(init(one, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_null(one->context);
}

/* The write goes to a folder that is gone: a fault of a real medium that also root meets. */
static void nothing_is_sent_when_the_folder_of_the_state_is_gone(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    pair *both = *state;
    packet *sent = packet_new();
    lwsec_state *directory = NULL;
    char path[100];
    char command[250];

    (void)snprintf(path, sizeof path, "oscore-state-%ld", (long)getpid());
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &directory, NULL),
                  LWSEC_OK);
    both->client.config.state = directory;
    both->client.config.reserve = 2;
    both->client.config.reserve_max = 2;
    endpoint_open(&both->client);
    for (unsigned i = 0; i < 4; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    }
    (void)snprintf(command, sizeof command, "rm -rf ./%s", path);
    assert_int_equal(system(command), 0);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_STATE);
    for (unsigned i = 0; i < 3; i++) {
        const lwsec_status status = protect(&both->client, plain_get(), sent);
        assert_true(status == LWSEC_STATE || status == LWSEC_NEED_REKEY); /* the record is gone */
    }
    lwsec_oscore_close(&both->client.context);
    lwsec_state_directory_close(&directory);
}

static void nothing_is_sent_when_the_state_is_read_only(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    pair *both = *state;
    packet *sent = packet_new();
    lwsec_state *directory = NULL;
    char path[100];
    char command[250];

    /* Nothing is read-only for root, so root is somebody else meanwhile. */
    const bool root = geteuid() == 0;
    assert_true(!root || seteuid(NOBODY) == 0);
    (void)snprintf(path, sizeof path, "/tmp/lwsec-read-only-%ld", (long)getpid());
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &directory, NULL),
                  LWSEC_OK);
    both->client.config.state = directory;
    both->client.config.reserve = 1;
    both->client.config.reserve_max = 1;
    endpoint_open(&both->client);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_int_equal(chmod(path, 0500), 0);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_STATE);
    assert_int_equal(chmod(path, 0700), 0);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(sent)), 1);
    lwsec_oscore_close(&both->client.context);
    lwsec_state_directory_close(&directory);
    assert_true(!root || seteuid(0) == 0);
    (void)snprintf(command, sizeof command, "rm -rf %s", path);
    assert_int_equal(system(command), 0);
}

/* ---- Slow ---- */

static void a_slow_state_loses_and_doubles_no_number(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    open_faulty_client(both, 4);
    seal_log_start(both->store);
    for (unsigned i = 0; i < 40; i++) {
        if (i % 4 == 0 && i > 0) {
            faulty_state_fail(&faulty, 2, LWSEC_PENDING);
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_PENDING);
            assert_status(protect(&both->client, plain_get(), sent), LWSEC_PENDING);
        }
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_int_equal(piv_of(bytes_of(sent)), i);
    }
    assert_int_equal(seal_log_count(), 40);
    seal_log_stop();
    assert_no_nonce_twice();
}

static void a_context_over_a_slow_state_is_made_by_the_same_call_again(void **state)
{
    pair *both = *state;
    endpoint *one = &both->client;
    lwsec_reason reason;
    unsigned pending = 0;

    faulty_state_open(&faulty, one->state);
    one->config.state = &faulty.head;
    one->config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    for (unsigned n = 1;; n++) {
        faulty.calls = 0;
        faulty.fail_from = n;
        faulty.fail_count = 1;
        faulty.answer = LWSEC_PENDING;
        const lwsec_status status = init(one, &reason);
        if (status == LWSEC_OK) {
            break;
        }
        assert_status(status, LWSEC_PENDING);
        assert_null(one->context);
        pending++;
    }
    assert_int_equal(pending, 2);
    endpoint_open(&both->server);
    exchange(both);
}

static void a_request_over_a_slow_shared_window_is_delivered_once(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    faulty_state_open(&faulty, both->server.state);
    both->server.config.state = &faulty.head;
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    faulty_state_fail(&faulty, 2, LWSEC_PENDING);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_PENDING);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_PENDING);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_bytes(bytes_of(received), plain_get());
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
}

static void a_shared_window_starts_at_the_proven_number_or_not_at_all(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *answer = packet_new();
    packet *received = packet_new();
    packet *old = packet_new();
    static endpoint twin;
    lwsec_coap_message decoded;
    lwsec_coap_option echo;

    faulty_state_open(&faulty, both->server.state);
    both->server.config.state = &faulty.head;
    both->server.config.flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_SHARED_WINDOW;
    both->client.config.start_ssn = 100;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), old), LWSEC_OK);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_CHALLENGE);
    assert_status(challenge(&both->server, at_server, bytes_of(sent), answer), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(answer), received), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &decoded, NULL), LWSEC_OK);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_ECHO, &echo));
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_GET, &echo, 1, ""), sent),
                  LWSEC_OK);
    for (unsigned n = 1; n <= 2; n++) {
        faulty.fail_from = faulty.calls + n;
        faulty.fail_count = 1;
        faulty.answer = LWSEC_STATE;
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_STATE);
    }
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    /* Another context of the secret takes over the window, with its lower limit. */
    endpoint_twin(&twin, &both->server);
    assert_status(unprotect(&twin, bytes_of(old), received), LWSEC_REPLAY);
    assert_status(unprotect(&twin, bytes_of(sent), received), LWSEC_REPLAY);
    lwsec_oscore_close(&twin.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_context_is_not_made_when_any_call_on_the_state_fails),
        pair_test(nothing_is_sent_when_the_block_cannot_be_stored),
        pair_test(a_response_is_not_sent_when_its_seal_cannot_be_reserved),
        pair_test(numbers_in_reserve_need_no_state),
        pair_test(a_block_is_written_once_for_its_numbers),
        pair_test(blocks_grow_with_what_was_used),
        pair_test(a_restart_skips_no_more_than_was_used),
        pair_test(blocks_that_cannot_be_are_refused),
        pair_test(reserving_ahead_takes_the_write_out_of_protecting),
        pair_test(every_number_is_stored_before_it_is_used),
        pair_test(a_request_is_not_delivered_when_the_shared_window_cannot_be_stored),
        pair_test(a_record_that_is_not_ours_is_not_overwritten),
        pair_test(a_full_state_lets_nobody_start),
        pair_test(nothing_is_sent_when_the_folder_of_the_state_is_gone),
        pair_test(nothing_is_sent_when_the_state_is_read_only),
        pair_test(a_slow_state_loses_and_doubles_no_number),
        pair_test(a_context_over_a_slow_state_is_made_by_the_same_call_again),
        pair_test(a_request_over_a_slow_shared_window_is_delivered_once),
        pair_test(a_shared_window_starts_at_the_proven_number_or_not_at_all),
    };
    return cmocka_run_group_tests_name("oscore-state", tests, NULL, NULL);
}
