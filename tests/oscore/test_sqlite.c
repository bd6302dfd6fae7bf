/* Contexts over an SQLite file: after a power cut they go on, and use no number twice. */
#include "tests/oscore/pair.h"

#include <lwsec/oscore_rederive.h>
#include <lwsec/state_sqlite.h>

#include "tests/state/power.h"
#include "tests/state/temporary.h"

#define CALLS 8U

static uint64_t memory[8192];
static lwsec_state *records;

/* Both ends over one file. */
static void open_records(pair *both, const char *folder, uint32_t calls)
{
    char path[128];
    const lwsec_state_sqlite_config config = {.size = sizeof config, .path = path, .calls = calls};

    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &records, NULL),
                  LWSEC_OK);
    both->client.config.state = records;
    both->server.config.state = records;
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
}

/* Does again what is pending. */
static bool again(lwsec_status status)
{
    if (status != LWSEC_PENDING) {
        assert_status(status, LWSEC_OK);
        return false;
    }
    assert_status(lwsec_state_poll(records), LWSEC_OK);
    return true;
}

static void open_end(endpoint *one)
{
    lwsec_status status;

    do {
        status =
            lwsec_oscore_init(one->memory, sizeof one->memory, &one->config, &one->context, NULL);
    } while (again(status));
}

static void send_request(pair *both, packet *sent, packet *received)
{
    while (again(protect(&both->client, plain_get(), sent))) {
    }
    while (again(unprotect(&both->server, bytes_of(sent), received))) {
    }
}

/* The power fails after some requests, in the middle of a reserved block of numbers. */
static void survive(pair *both, uint32_t calls)
{
    const char *folder = temporary_folder();
    packet *last = packet_new();
    packet *sent = packet_new();
    packet *received = packet_new();

    power_start();
    open_records(both, folder, calls);
    both->client.config.reserve = 4;
    open_end(&both->client);
    open_end(&both->server);
    /* In batches, the call that goes on finds the record that the first one made: an old context.
     */
    endpoint_trust(&both->server);
    send_request(both, last, received);
    const uint64_t first = piv_of(bytes_of(last));
    for (unsigned i = 1; i < 10; i++) {
        send_request(both, last, received);
        assert_int_equal(piv_of(bytes_of(last)), first + i);
    }
    const char *left = power_cut();
    lwsec_oscore_close(&both->client.context);
    lwsec_oscore_close(&both->server.context);
    lwsec_state_sqlite_close(&records);

    power_pause(true);
    open_records(both, left, calls);
    open_end(&both->client);
    open_end(&both->server);
    lwsec_status status;
    do {
        status = unprotect(&both->server, bytes_of(last), received);
    } while (status == LWSEC_PENDING && lwsec_state_poll(records) == LWSEC_OK);
    assert_status(status, LWSEC_REPLAY);
    send_request(both, sent, received);
    assert_true(piv_of(bytes_of(sent)) >= first + 10);
    assert_true(piv_of(bytes_of(sent)) <= first + 10 + 4); /* a block is lost at most */
    lwsec_oscore_close(&both->client.context);
    lwsec_oscore_close(&both->server.context);
    lwsec_state_sqlite_close(&records);
    temporary_remove(folder);
    temporary_remove(left);
}

static void contexts_go_on_after_a_power_cut(void **state)
{
    survive(*state, 0);
}

static void contexts_go_on_after_a_power_cut_in_batches(void **state)
{
    survive(*state, CALLS);
}

/* ---- What a slow state must not lose ---- */

/* The request with the Echo value that `challenge` brought. */
static lwsec_bytes proving(const packet *challenged)
{
    lwsec_coap_message decoded;
    lwsec_coap_option echo;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(challenged), &decoded, NULL),
                  LWSEC_OK);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_ECHO, &echo));
    return udp_message(LWSEC_COAP_GET, &echo, 1, "");
}

/* The request that makes the shared window is delivered, and once. */
static void the_first_proof_is_delivered_in_batches(void **state)
{
    pair *both = *state;
    const char *folder = temporary_folder();
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *answer = packet_new();

    open_records(both, folder, CALLS);
    open_end(&both->client);
    open_end(&both->server);
    while (again(protect(&both->client, plain_get(), sent))) {
    }
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    while (again(challenge(&both->server, received, bytes_of(sent), answer))) {
    }
    assert_status(receive(&both->client, sent, bytes_of(answer), received), LWSEC_OK);
    while (again(protect(&both->client, proving(received), sent))) {
    }
    while (again(unprotect(&both->server, bytes_of(sent), received))) {
    }
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    send_request(both, sent, received);
    lwsec_oscore_close(&both->client.context);
    lwsec_oscore_close(&both->server.context);
    lwsec_state_sqlite_close(&records);
    temporary_remove(folder);
}

/* ---- Appendix B.2 ---- */

static uint64_t client_memory[LWSEC_OSCORE_REDERIVE_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, 8) / 8];
static uint64_t places[2][LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8];

typedef struct agreeing {
    lwsec_oscore_rederive *client;
    lwsec_oscore_rederive_server server;
    lwsec_oscore_rederive_peer peer;
    lwsec_oscore *agreed;
} agreeing;

static lwsec_status serve(agreeing *ends, const packet *request, packet *out)
{
    lwsec_oscore *agreed = NULL;

    out->out = lwsec_buffer_of(out->data, 600);
    const lwsec_status status =
        lwsec_oscore_rederive_request(&ends->server, &ends->peer, bytes_of(request), 1, &agreed,
                                      &out->request, &out->out, &out->reason);
    if (agreed != NULL) {
        lwsec_oscore_close(&ends->agreed);
        ends->agreed = agreed;
        ends->peer.memory = places[ends->peer.memory == places[0]];
    }
    return status;
}

static void ask(agreeing *ends, packet *sent)
{
    sent->out = lwsec_buffer_of(sent->data, 600);
    while (again(lwsec_oscore_protect_request(lwsec_oscore_rederive_context(ends->client),
                                              plain_get(), &sent->request, &sent->out, NULL))) {
    }
}

static lwsec_status hear(agreeing *ends, packet *request, const packet *answer, packet *out)
{
    out->out = lwsec_buffer_of(out->data, 600);
    return lwsec_oscore_rederive_response(ends->client, &request->request, bytes_of(answer),
                                          &out->out, NULL);
}

static void run(agreeing *ends)
{
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *received = packet_new();

    assert_status(lwsec_oscore_rederive_start(ends->client, NULL), LWSEC_OK);
    ask(ends, sent);
    assert_status(serve(ends, sent, at_server), LWSEC_CHALLENGE);
    assert_status(hear(ends, sent, at_server, received), LWSEC_CHALLENGE);
    ask(ends, sent);
    for (unsigned calls = 1; again(serve(ends, sent, at_server)); calls++) {
        assert_true(calls < 10);
    }
    received->out = lwsec_buffer_of(received->data, 600);
    while (again(lwsec_oscore_protect_response(ends->agreed, &at_server->request, plain_content(),
                                               false, &received->out, NULL))) {
    }
    assert_status(hear(ends, sent, received, at_server), LWSEC_OK);
    assert_false(lwsec_oscore_rederive_running(ends->client));
}

static void agree_in_batches(pair *both, uint32_t window)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const char *folder = temporary_folder();
    agreeing ends = {.server = {.size = sizeof ends.server, .now = 7000},
                     .peer = {.size = sizeof ends.peer,
                              .inputs = &both->server.config,
                              .memory = places[0],
                              .memory_size = sizeof places[0]}};

    open_records(both, folder, CALLS);
    both->client.config.flags = 0;
    both->server.config.flags = window;
    assert_status(lwsec_key_generate(both->store, &attributes, 32, &ends.server.key), LWSEC_OK);
    assert_status(lwsec_oscore_rederive_init(client_memory, sizeof client_memory,
                                             &both->client.config, &ends.client, NULL),
                  LWSEC_OK);
    run(&ends);
    ends.server.now++;
    run(&ends);
    lwsec_oscore_rederive_close(&ends.client);
    lwsec_oscore_close(&ends.agreed);
    lwsec_state_sqlite_close(&records);
    temporary_remove(folder);
}

static void new_contexts_are_agreed_in_batches(void **state)
{
    agree_in_batches(*state, 0);
}

static void new_contexts_that_share_a_window_are_agreed_in_batches(void **state)
{
    agree_in_batches(*state, LWSEC_OSCORE_SHARED_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(contexts_go_on_after_a_power_cut),
        pair_test(contexts_go_on_after_a_power_cut_in_batches),
        pair_test(the_first_proof_is_delivered_in_batches),
        pair_test(new_contexts_are_agreed_in_batches),
        pair_test(new_contexts_that_share_a_window_are_agreed_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
