/* OSCORE messages that wait for a sender key in a slow store, and what goes on meanwhile. */
#include "tests/oscore/pair.h"
#include "tests/worker/gate.h"

#include <lwsec/oscore_slow.h>

static gate on;
static lwsec_oscore_pending pending;

/* The client's sender key is slow; all else is in memory. */
static int set_up(void **state)
{
    gate_begin(&on, 1);
    assert_int_equal(pair_set_up(state), 0);
    pair *both = *state;
    both->client.config.store = on.worker;
    both->client.config.recipient_store = both->store;
    memset(&pending, 0, sizeof pending);
    return 0;
}

static int tear_down(void **state)
{
    gate_open();
    assert_int_equal(pair_tear_down(state), 0);
    gate_end(&on);
    return 0;
}

static void make_room(packet *one)
{
    memset(one->data, 0xa5, 300);
    one->out = lwsec_buffer_of(one->data, 300);
}

static lwsec_status begin(endpoint *client, lwsec_bytes plain, packet *sent)
{
    make_room(sent);
    return lwsec_oscore_begin_request(client->context, plain, &sent->request, &pending, &sent->out,
                                      &sent->reason);
}

static lwsec_status resume(packet *sent)
{
    return lwsec_oscore_resume(&pending, &sent->out, &sent->reason);
}

static bool holds(lwsec_bytes memory, const char *text)
{
    const size_t size = strlen(text);

    for (size_t i = 0; i + size <= memory.size; i++) {
        if (memcmp(&memory.data[i], text, size) == 0) {
            return true;
        }
    }
    return false;
}

/* A request with a payload, to be looked for. */
static lwsec_bytes plain_put(void)
{
    return udp_message(LWSEC_COAP_PUT, NULL, 0, "a payload to look for");
}

static lwsec_bytes whole(const packet *one)
{
    return lwsec_bytes_of(one->data, 300);
}

/* Begun, and done behind the gate. */
static void seal_at_once(endpoint *client, lwsec_bytes plain, packet *sent)
{
    assert_status(begin(client, plain, sent), LWSEC_PENDING);
    gate_await_ready();
    assert_status(resume(sent), LWSEC_OK);
    assert_int_equal(sent->reason.why, LWSEC_WHY_NONE);
}

static void a_request_is_finished_when_its_seal_is_there(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *received = packet_new();
    packet *answer = packet_new(), *response = packet_new();

    pair_open(both);
    gate_close();
    assert_status(begin(&both->client, plain_get(), sent), LWSEC_PENDING);
    assert_true(lwsec_oscore_is_pending(&pending));
    assert_status(resume(sent), LWSEC_PENDING);
    assert_int_equal(sent->out.size, 0);
    assert_status(receive(&both->client, sent, plain_get(), response), LWSEC_USAGE); /* not sent */
    gate_open();
    gate_await_ready();
    assert_status(resume(sent), LWSEC_OK);
    assert_false(lwsec_oscore_is_pending(&pending));
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_bytes(bytes_of(received), plain_get());
    assert_status(respond(&both->server, received, plain_content(), answer), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(answer), response), LWSEC_OK);
    assert_bytes(bytes_of(response), plain_content());
    make_room(answer);
    assert_status(lwsec_oscore_resume(&pending, &answer->out, NULL), LWSEC_USAGE);
}

/* TCP: the head is written last, and its size depends on the body's. */
static void it_is_the_same_message_in_each_framing(void **state)
{
    static const lwsec_coap_framing framings[] = {LWSEC_COAP_UDP, LWSEC_COAP_TCP};
    pair *both = *state;

    for (size_t i = 0; i < 2; i++) {
        packet *slow = packet_new(), *fast = packet_new();
        both->client.config.framing = framings[i];
        both->client.config.store = on.worker;
        const lwsec_bytes plain =
            message(framings[i], LWSEC_COAP_PUT, NULL, 0, lwsec_bytes_of(gate_bytes, 40));
        endpoint_open(&both->client);
        const uint64_t number = both->client.context->numbers.next_ssn;
        seal_at_once(&both->client, plain, slow);
        lwsec_oscore_close(&both->client.context);
        both->client.config.store = both->store;
        endpoint_open(&both->client);
        both->client.context->numbers.next_ssn = number; /* for this comparison alone */
        assert_status(protect(&both->client, plain, fast), LWSEC_OK);
        assert_bytes(bytes_of(slow), bytes_of(fast));
        lwsec_oscore_close(&both->client.context);
    }
}

static void one_message_of_a_context_waits(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *other = packet_new();
    lwsec_oscore_pending second = {{0}};

    pair_open(both);
    gate_close();
    assert_status(begin(&both->client, plain_get(), sent), LWSEC_PENDING);
    make_room(other);
    assert_status(lwsec_oscore_begin_request(both->client.context, plain_get(), &other->request,
                                             &second, &other->out, &other->reason),
                  LWSEC_USAGE);
    assert_int_equal(other->reason.why, LWSEC_WHY_KEY_USAGE);
    assert_false(lwsec_oscore_is_pending(&second));
    assert_status(begin(&both->client, plain_get(), other), LWSEC_USAGE);
    assert_true(lwsec_oscore_is_pending(&pending));
    gate_open();
    gate_await_ready();
    assert_status(resume(sent), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(sent)), 0);
    seal_at_once(&both->client, plain_get(), sent);
    assert_int_equal(piv_of(bytes_of(sent)), 1); /* what was refused took no number */
}

static void a_number_stays_used_when_its_message_is_given_up(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    gate_close();
    assert_status(begin(&both->client, plain_put(), sent), LWSEC_PENDING);
    assert_true(holds(whole(sent), "a payload to look for"));
    lwsec_oscore_cancel(&pending);
    assert_false(holds(whole(sent), "a payload to look for"));
    assert_false(lwsec_oscore_is_pending(&pending));
    lwsec_oscore_cancel(&pending); /* once more: nothing */
    gate_open();
    seal_at_once(&both->client, plain_get(), sent);
    assert_int_equal(piv_of(bytes_of(sent)), 1);
}

static void a_seal_that_fails_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *none = packet_new();

    pair_open(both);
    assert_status(begin(&both->client, plain_put(), sent), LWSEC_PENDING);
    gate_await_ready();
    /* As if the answer had been another one: the operation is not there any more. */
    assert_status(lwsec_key_cancel(both->client.context->sender), LWSEC_OK);
    assert_status(resume(sent), LWSEC_USAGE);
    assert_false(lwsec_oscore_is_pending(&pending));
    assert_false(holds(whole(sent), "a payload to look for"));
    assert_status(receive(&both->client, sent, plain_get(), none), LWSEC_USAGE);
}

/* Closing is not the order that the header asks for, and does no harm. */
static void a_context_that_was_closed_finishes_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    gate_close();
    assert_status(begin(&both->client, plain_put(), sent), LWSEC_PENDING);
    gate_await_entered(1);
    gate_open();
    lwsec_oscore_close(&both->client.context);
    assert_status(resume(sent), LWSEC_USAGE);
    assert_false(holds(whole(sent), "a payload to look for"));
}

static void the_output_must_be_the_same(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *other = packet_new();

    pair_open(both);
    assert_status(begin(&both->client, plain_get(), sent), LWSEC_PENDING);
    gate_await_ready();
    make_room(other);
    assert_status(resume(other), LWSEC_USAGE);
    assert_true(lwsec_oscore_is_pending(&pending));
    assert_status(resume(sent), LWSEC_OK);
}

/* The other calls cannot wait: they say so, and leave nothing pending. */
static void other_calls_refuse_a_slow_key(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_put(), sent), LWSEC_UNSUPPORTED);
    assert_int_equal(sent->reason.why, LWSEC_WHY_KEY_STORE);
    assert_false(holds(whole(sent), "a payload to look for"));
    assert_status(lwsec_key_poll(both->client.context->sender), LWSEC_USAGE);
}

static void a_fast_store_finishes_at_once(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *received = packet_new();

    both->client.config.store = both->store;
    pair_open(both);
    assert_status(begin(&both->client, plain_get(), sent), LWSEC_OK);
    assert_false(lwsec_oscore_is_pending(&pending));
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
}

static void a_response_waits_too(void **state)
{
    pair *both = *state;
    packet *sent = packet_new(), *received = packet_new();
    packet *answer = packet_new(), *response = packet_new();

    both->client.config.store = both->store;
    both->server.config.store = on.worker;
    both->server.config.recipient_store = both->store;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    make_room(answer);
    assert_status(lwsec_oscore_begin_response(both->server.context, &received->request,
                                              plain_content(), false, &pending, &answer->out,
                                              &answer->reason),
                  LWSEC_PENDING);
    gate_await_ready();
    assert_status(resume(answer), LWSEC_OK);
    assert_false(has_piv(bytes_of(answer)));
    assert_status(receive(&both->client, sent, bytes_of(answer), response), LWSEC_OK);
    assert_bytes(bytes_of(response), plain_content());
    /* Its nonce is used: a second response has a number. */
    make_room(answer);
    assert_status(lwsec_oscore_begin_response(both->server.context, &received->request,
                                              plain_content(), false, &pending, &answer->out,
                                              &answer->reason),
                  LWSEC_PENDING);
    lwsec_oscore_cancel(&pending);
    make_room(answer);
    assert_status(lwsec_oscore_begin_response(both->server.context, &received->request,
                                              plain_content(), false, &pending, &answer->out,
                                              &answer->reason),
                  LWSEC_PENDING);
    lwsec_status status;
    do {
        status = resume(answer);
    } while (status == LWSEC_PENDING);
    assert_status(status, LWSEC_OK);
    assert_true(has_piv(bytes_of(answer)));
}

#define SLOW_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SLOW_TEST(a_request_is_finished_when_its_seal_is_there),
        SLOW_TEST(it_is_the_same_message_in_each_framing),
        SLOW_TEST(one_message_of_a_context_waits),
        SLOW_TEST(a_number_stays_used_when_its_message_is_given_up),
        SLOW_TEST(a_seal_that_fails_leaves_nothing),
        SLOW_TEST(a_context_that_was_closed_finishes_nothing),
        SLOW_TEST(the_output_must_be_the_same),
        SLOW_TEST(other_calls_refuse_a_slow_key),
        SLOW_TEST(a_fast_store_finishes_at_once),
        SLOW_TEST(a_response_waits_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
