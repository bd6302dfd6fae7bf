/* Contexts over an SQLite file: after a power cut they go on, and use no number twice. */
#include "tests/oscore/pair.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(contexts_go_on_after_a_power_cut),
        pair_test(contexts_go_on_after_a_power_cut_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
