/* A server with one loop goes on serving others while a token takes 700 ms for one answer. */
#include "tests/oscore/pair.h"
#include "tests/tokens/kit.h"

#include <lwsec/oscore_slow.h>
#include <lwsec/worker.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 4U
#define JOBS 2U
#define ROOM 512U
#define ASKS 1000U        /* of the fast peer, at most */
#define DELAY 700000000UL /* of each operation with a key of the token, in nanoseconds */

/* The server and its two peers, all in this program. The server's sender key towards the slow peer
 * is in the token, all other keys are in memory. */
typedef struct scene {
    kit token;
    lwsec_store *worker;
    uint64_t worker_memory[LWSEC_WORKER_SIZE(SLOTS, JOBS, ROOM) / 8 + 1];
    pair *slow;
    endpoint fast_client, fast_server;
    int sockets[2]; /* of the server, and of its peers */
    int wakes[2];   /* a pipe: its reading end is the loop's */
    lwsec_oscore_pending pending;
    packet *slow_request, *fast_request; /* as their clients know them */
    packet *slow_answer;                 /* on its way out of the server */
    size_t answered;                     /* to the fast peer */
    char *events;                        /* what has happened: 'S' begun, 's' sent, 'f' served */
    char log[ASKS + 3];
} scene;

static scene on;

static void wake(void *context)
{
    const scene *self = context;
    const ssize_t written = write(self->wakes[1], "", 1);

    (void)written;
}

static void open_worker(void)
{
    const lwsec_worker_config config = {.size = sizeof config,
                                        .inner = on.token.store,
                                        .threads = 1,
                                        .jobs = JOBS,
                                        .room = ROOM,
                                        .ready = wake,
                                        .context = &on};

    assert_status(
        lwsec_worker_open(on.worker_memory, sizeof on.worker_memory, SLOTS, &config, &on.worker),
        LWSEC_OK);
}

/* A second pair of the same secret, with other IDs: other keys. */
static void open_fast_pair(void)
{
    static const uint8_t ids[2] = {2, 3};

    on.fast_client.config = on.slow->client.config;
    on.fast_client.config.sender_id = lwsec_bytes_of(&ids[0], 1);
    on.fast_client.config.recipient_id = lwsec_bytes_of(&ids[1], 1);
    on.fast_server.config = on.slow->client.config;
    on.fast_server.config.state = on.slow->server.state;
    on.fast_server.config.sender_id = lwsec_bytes_of(&ids[1], 1);
    on.fast_server.config.recipient_id = lwsec_bytes_of(&ids[0], 1);
    endpoint_open(&on.fast_client);
    endpoint_open(&on.fast_server);
}

static int set_up(void **state)
{
    memset(&on, 0, sizeof on);
    on.events = on.log;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, on.sockets), 0);
    assert_int_equal(pipe(on.wakes), 0);
    kit_begin(&on.token);
    assert_status(kit_open(&on.token), LWSEC_OK);
    open_worker();
    assert_int_equal(pair_set_up(state), 0);
    on.slow = *state;
    on.slow->server.config.store = on.worker;
    on.slow->server.config.recipient_store = on.slow->store;
    pair_open(on.slow);
    open_fast_pair();
    on.slow_request = packet_new();
    on.fast_request = packet_new();
    on.slow_answer = packet_new();
    return 0;
}

static int tear_down(void **state)
{
    on.token.token->set_delay(0);
    lwsec_oscore_close(&on.fast_client.context);
    lwsec_oscore_close(&on.fast_server.context);
    assert_int_equal(pair_tear_down(state), 0);
    lwsec_worker_close(&on.worker);
    kit_close(&on.token);
    for (size_t i = 0; i < 2; i++) {
        (void)close(on.sockets[i]);
        (void)close(on.wakes[i]);
    }
    return 0;
}

static void happened(char event)
{
    assert_true(on.events < on.log + sizeof on.log - 1);
    *on.events++ = event;
}

static void send_bytes(int from, lwsec_bytes bytes)
{
    assert_int_equal(send(from, bytes.data, bytes.size, 0), bytes.size);
}

static lwsec_bytes take(int at, uint8_t *memory, size_t size)
{
    const ssize_t got = recv(at, memory, size, 0);

    assert_true(got > 0);
    return lwsec_bytes_of(memory, (size_t)got);
}

/* ---- The server ---- */

static void begin_slow_answer(lwsec_bytes wire)
{
    static packet received;
    packet *answer = on.slow_answer;

    assert_status(unprotect(&on.slow->server, wire, &received), LWSEC_OK);
    answer->out = lwsec_buffer_of(answer->data, 200);
    assert_status(lwsec_oscore_begin_response(on.slow->server.context, &received.request,
                                              plain_content(), false, &on.pending, &answer->out,
                                              &answer->reason),
                  LWSEC_PENDING);
    happened('S');
}

static void finish_slow_answer(void)
{
    uint8_t byte;
    lwsec_key key;

    assert_int_equal(read(on.wakes[0], &byte, 1), 1);
    assert_status(lwsec_worker_next_ready(on.worker, &key), LWSEC_OK);
    assert_memory_equal(&key, &on.slow->server.context->sender, sizeof key);
    assert_status(lwsec_oscore_resume(&on.pending, &on.slow_answer->out, NULL), LWSEC_OK);
    happened('s');
    send_bytes(on.sockets[0], bytes_of(on.slow_answer));
}

static void serve_fast(lwsec_bytes wire)
{
    static packet received, answer;

    assert_status(unprotect(&on.fast_server, wire, &received), LWSEC_OK);
    assert_status(respond(&on.fast_server, &received, plain_content(), &answer), LWSEC_OK);
    happened('f');
    send_bytes(on.sockets[0], bytes_of(&answer));
}

/* Waits for what comes first: a datagram, or an answer of the token. Then takes one of each. */
static void turn(void)
{
    uint8_t memory[256];
    struct pollfd waits[2] = {{.fd = on.sockets[0], .events = POLLIN},
                              {.fd = on.wakes[0], .events = POLLIN}};

    assert_true(poll(waits, 2, -1) > 0);
    if ((waits[0].revents & POLLIN) != 0) {
        const lwsec_bytes wire = take(on.sockets[0], memory, sizeof memory);
        const bool slow = outside(wire).kid.size == 0; /* the slow client's ID is empty */
        (slow ? begin_slow_answer : serve_fast)(wire);
    }
    if ((waits[1].revents & POLLIN) != 0) {
        finish_slow_answer();
    }
}

/* ---- The peers ---- */

static void ask(endpoint *client, packet *request)
{
    assert_status(protect(client, plain_get(), request), LWSEC_OK);
    send_bytes(on.sockets[1], bytes_of(request));
}

/* Takes what the server has answered. The fast peer asks again, some times. True: the slow one has
 * its answer. */
static bool peers_take(char event)
{
    static packet received;
    uint8_t memory[256];
    const lwsec_bytes wire = take(on.sockets[1], memory, sizeof memory);

    if (event == 's') {
        assert_status(receive(&on.slow->client, on.slow_request, wire, &received), LWSEC_OK);
        return true;
    }
    assert_status(receive(&on.fast_client, on.fast_request, wire, &received), LWSEC_OK);
    if (++on.answered < ASKS) {
        ask(&on.fast_client, on.fast_request);
    }
    return false;
}

static void others_are_served_while_a_token_takes_long(void **state)
{
    const char *seen = on.log;
    bool done = false;

    (void)state;
    on.token.token->set_delay(DELAY);
    ask(&on.slow->client, on.slow_request); /* comes first */
    ask(&on.fast_client, on.fast_request);
    while (!done) {
        turn();
        for (; seen < on.events && !done; seen++) {
            done = *seen != 'S' && peers_take(*seen);
        }
    }
    /* First come was not first served: the fast peer had answers before the slow one had its. */
    assert_int_equal(on.log[0], 'S');
    assert_int_equal(on.log[1], 'f');
    assert_int_equal(on.events[-1], 's');
    assert_ptr_equal(strchr(on.log, 's'), on.events - 1);
    print_message("%zu others were served meanwhile\n", strlen(on.log) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(others_are_served_while_a_token_takes_long, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
