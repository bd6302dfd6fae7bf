/* A queue that sessions share: each takes its own datagrams, or none. */
#include "tests/dtls/kit.h"

#define QUEUE 4096U

static uint64_t shared[LWSEC_DTLS_QUEUE_SIZE(QUEUE) / sizeof(uint64_t)];

/* Both sides of a pair, which here are both in one thread and use one queue. */
static void open_shared(kit *pair, const kit_engine *client, const kit_engine *server)
{
    memset(shared, 0, sizeof shared);
    kit_init(pair, client, server, "psk");
    pair->client.config.queue = pair->server.config.queue = QUEUE;
    pair->client.config.queue_memory = pair->server.config.queue_memory = shared;
    kit_open(pair);
}

static lwsec_status take(const kit_side *side, size_t *size)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    const lwsec_status status = lwsec_dtls_take(side->session, &datagram);

    *size = datagram.size;
    return status;
}

static void write_one(kit_side *side, size_t size)
{
    static const uint8_t text[64];
    lwsec_reason reason;

    assert_status(lwsec_dtls_write(side->session, lwsec_bytes_of(text, size), kit_now, &reason),
                  LWSEC_OK);
}

static void shares(const kit_engine *client, const kit_engine *server)
{
    size_t size;
    kit pair;

    open_shared(&pair, client, server);
    kit_run(&pair);
    kit_check_works(&pair);

    write_one(&pair.client, 10);
    write_one(&pair.server, 20); /* before the client's was taken: it is lost */
    assert_status(take(&pair.client, &size), LWSEC_ABSENT);
    assert_status(take(&pair.server, &size), LWSEC_OK);
    assert_int_equal(size, 13 + 8 + 20 + 8);
    assert_status(take(&pair.server, &size), LWSEC_ABSENT);

    write_one(&pair.client, 10); /* a session that goes leaves nothing behind */
    lwsec_dtls_close(&pair.client.session);
    assert_status(take(&pair.server, &size), LWSEC_ABSENT);
    for (size_t i = 0; i < 2; i++) {
        assert_true(shared[i] == 0);
    }
    kit_close(&pair);
}

static void test_a_datagram_is_taken_by_its_own_session_alone(void **state)
{
    (void)state;
    kit_each(shares);
}

static void test_a_session_without_a_queue_of_its_own_is_small(void **state)
{
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        open_shared(&pair, kit_engine_at(i), kit_engine_at(i));
        assert_true(lwsec_dtls_size(pair.server.endpoint) < 2048);
        kit_close(&pair);
    }
}

static void test_a_queue_that_is_not_aligned_is_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    kit_init(&pair, kit_engine_at(0), kit_engine_at(0), "psk");
    pair.client.config.queue_memory = (uint8_t *)shared + 1;
    assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
    kit_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_datagram_is_taken_by_its_own_session_alone),
        cmocka_unit_test(test_a_session_without_a_queue_of_its_own_is_small),
        cmocka_unit_test(test_a_queue_that_is_not_aligned_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
