/* Threads with a context each, of one secret over one state: a request is delivered once among them
 * all, and no number is sent twice. */
#include "tests/oscore/pair.h"

#include <pthread.h>

#define ROUNDS 2000U
#define THREADS 2U

typedef struct worker {
    endpoint one;
    pthread_t thread;
    packet wire;
    packet received;
    lwsec_status answers[ROUNDS];
} worker;

static worker workers[THREADS];
static packet requests[ROUNDS / 10];
static pthread_barrier_t barrier;

/* Nothing in here may fail a test: an assertion jumps, and only the main thread may. */
static void *open_all(void *argument)
{
    worker *self = argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        packet *request = &requests[round % (ROUNDS / 10)];
        lwsec_buffer out = lwsec_buffer_of(self->received.data, 1024);
        (void)pthread_barrier_wait(&barrier);
        self->answers[round] = lwsec_oscore_unprotect_request(self->one.context, bytes_of(request),
                                                              &self->received.request, &out, NULL);
        (void)pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void a_datagram_that_two_threads_open_is_delivered_once(void **state)
{
    pair *both = *state;

    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    both->server.config.window = 1024;
    pair_open(both);
    exchange(both); /* the shared window is there from now on */
    exchange(
        both); /* so that there is a window in the state: who joins later challenges otherwise */
    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS + 1), 0);
    for (size_t i = 0; i < THREADS; i++) {
        endpoint_twin(&workers[i].one, &both->server);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&workers[i].thread, NULL, open_all, &workers[i]), 0);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        lwsec_status status = protect(&both->client, plain_get(), &requests[round % (ROUNDS / 10)]);
        (void)pthread_barrier_wait(&barrier);
        (void)pthread_barrier_wait(&barrier);
        assert_status(status, LWSEC_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    unsigned by_first = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned delivered = 0;
        for (size_t i = 0; i < THREADS; i++) {
            const lwsec_status answer = workers[i].answers[round];
            assert_true(answer == LWSEC_OK || answer == LWSEC_REPLAY);
            delivered += answer == LWSEC_OK;
        }
        by_first += workers[0].answers[round] == LWSEC_OK;
        assert_int_equal(delivered, 1);
    }
    print_message("of %u datagrams the first thread delivered %u\n", ROUNDS, by_first);
    assert_int_equal(pthread_barrier_destroy(&barrier), 0);
    for (size_t i = 0; i < THREADS; i++) {
        lwsec_oscore_close(&workers[i].one.context);
    }
    LWSEC_COVERS("R-5.1-10");
}

static uint8_t used[THREADS * ROUNDS * 4];

typedef struct sender {
    endpoint one;
    pthread_t thread;
    lwsec_status answers[ROUNDS];
    uint64_t numbers[ROUNDS];
} sender;

static sender senders[THREADS];

static void *send_all(void *argument)
{
    static const uint8_t get[] = {0x40, 0x01, 0, 1};
    sender *self = argument;
    uint8_t room[256];

    for (unsigned round = 0; round < ROUNDS; round++) {
        lwsec_oscore_request request;
        lwsec_oscore_option option = {0};
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
        self->answers[round] = lwsec_oscore_protect_request(
            self->one.context, lwsec_bytes_of(get, sizeof get), &request, &out, NULL);
        if (lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &option, NULL) ==
            LWSEC_OK) {
            for (size_t i = 0; i < option.partial_iv.size; i++) {
                self->numbers[round] = self->numbers[round] << 8 | option.partial_iv.data[i];
            }
        }
    }
    return NULL;
}

static void two_threads_that_send_never_use_one_number(void **state)
{
    pair *both = *state;

    both->client.config.reserve = 3;
    endpoint_open(&both->client);
    for (size_t i = 0; i < THREADS; i++) {
        endpoint_twin(&senders[i].one, &both->client);
        memset(senders[i].numbers, 0, sizeof senders[i].numbers);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
    }
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < THREADS; i++) {
        for (unsigned round = 0; round < ROUNDS; round++) {
            const uint64_t number = senders[i].numbers[round];
            assert_status(senders[i].answers[round], LWSEC_OK);
            assert_true(number < sizeof used);
            assert_int_equal(used[number], 0);
            used[number] = 1;
        }
        lwsec_oscore_close(&senders[i].one.context);
    }
    LWSEC_COVERS("R-5.5.3-09");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_datagram_that_two_threads_open_is_delivered_once),
        pair_test(two_threads_that_send_never_use_one_number),
    };
    return cmocka_run_group_tests_name("oscore-threads", tests, NULL, NULL);
}
