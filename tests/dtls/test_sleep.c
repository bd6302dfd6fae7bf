/* Sleep: a live session becomes a record and a session again, once, and under the same policy. */
#include "tests/dtls/kit.h"

#include "tests/state/temporary.h"

#if defined(LWSEC_TEST_MBEDTLS)
#include "dtls/mbedtls/engine.h"
#endif

#include <lwsec/state_directory.h>
#include <lwsec/state_memory.h>
#include <lwsec/state_sealed.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t name[LWSEC_DTLS_NAME] = "association one";
static const uint8_t own_cid[] = {0xc1, 0xd0, 3};

static bool can(const kit_engine *engine, uint32_t capability)
{
    return (lwsec_dtls_capabilities(engine->get()) & capability) != 0;
}

/* ---- A state that seals, in a folder ---- */

typedef struct sealed {
    void *store_memory;
    void *directory_memory;
    void *wrapper_memory;
    lwsec_store *store;
    lwsec_state *directory;
    lwsec_state *state;
} sealed;

static void sealed_open(sealed *self, const char *folder)
{
    const kit_engine *kind = kit_engine_at(0);
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, {NULL, 0}};
    lwsec_key key;
    lwsec_reason reason;

    self->store_memory = malloc(kind->store_size(1));
    assert_status(kind->store_open(self->store_memory, kind->store_size(1), 1, &self->store),
                  LWSEC_OK);
    assert_status(
        lwsec_key_import(self->store, &attributes, lwsec_bytes_of("sealing-key-0123", 16), &key),
        LWSEC_OK);
    self->directory_memory = malloc(lwsec_state_directory_size());
    assert_status(lwsec_state_directory_open(self->directory_memory, lwsec_state_directory_size(),
                                             folder, &self->directory, &reason),
                  LWSEC_OK);
    self->wrapper_memory = malloc(lwsec_state_sealed_size());
    assert_status(lwsec_state_sealed_open(self->wrapper_memory, lwsec_state_sealed_size(),
                                          self->directory, key, &self->state),
                  LWSEC_OK);
}

static void sealed_close(sealed *self)
{
    lwsec_state_sealed_close(&self->state);
    lwsec_state_directory_close(&self->directory);
    kit_engine_at(0)->store_close(&self->store);
    free(self->wrapper_memory);
    free(self->directory_memory);
    free(self->store_memory);
}

/* ---- Both sides ---- */

static void init(kit *pair, const kit_engine *client, const kit_engine *server, const char *mode)
{
    kit_init(pair, client, server, mode);
    pair->client.config.flags = LWSEC_DTLS_ALLOW_SLEEP;
    pair->server.config.flags = LWSEC_DTLS_ALLOW_SLEEP;
    pair->client.config.cid = LWSEC_DTLS_CID_OFFERED;
    pair->server.config.cid = LWSEC_DTLS_CID_OFFERED;
    pair->server.config.cid_size = sizeof own_cid;
}

static void open_both(kit *pair)
{
    lwsec_reason reason;

    kit_open(pair);
    assert_status(
        lwsec_dtls_set_cid(pair->server.session, lwsec_bytes_of(own_cid, sizeof own_cid), &reason),
        LWSEC_OK);
    kit_run(pair);
    kit_check_works(pair);
}

static lwsec_status save(const kit_side *side, lwsec_state *state, lwsec_why *why)
{
    lwsec_reason reason;
    const lwsec_status status = lwsec_dtls_save(side->session, state, name, &reason);

    *why = reason.why;
    return status;
}

static void save_well(kit_side *side, lwsec_state *state)
{
    lwsec_reason reason;
    lwsec_why why;

    assert_status(save(side, state, &why), LWSEC_OK);
    /* It is over here. */
    assert_status(lwsec_dtls_write(side->session, lwsec_bytes_of("x", 1), kit_now, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_DTLS_CLOSED);
    lwsec_dtls_close(&side->session);
}

static lwsec_status load(kit_side *side, lwsec_state *state, lwsec_why *why)
{
    lwsec_reason reason;
    const size_t size = lwsec_dtls_size(side->endpoint);

    assert_null(side->session);
    free(side->session_memory);
    side->session_memory = malloc(size);
    const lwsec_status status = lwsec_dtls_load(side->endpoint, side->session_memory, size, state,
                                                name, kit_now, &side->session, &reason);
    *why = reason.why;
    return status;
}

/* ---- It goes on ---- */

static const char *const modes[] = {"psk", "x509"};

static void sleeps(const kit_engine *client, const kit_engine *server, sealed *at)
{
    for (size_t i = 0; i < 4; i++) {
        uint8_t room[1024];
        lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
        lwsec_dtls_credential credential;
        lwsec_why why;
        kit pair;

        init(&pair, client, server, modes[i % 2]);
        open_both(&pair);
        kit_side *side = i < 2 ? &pair.client : &pair.server;
        save_well(side, at->state);
        assert_status(load(side, at->state, &why), LWSEC_OK);
        assert_int_equal(lwsec_dtls_deadline(side->session), UINT64_MAX);
        kit_check_works(&pair);
        assert_status(lwsec_dtls_peer(side->session, &credential, &identity), LWSEC_OK);
        assert_int_equal(credential, i % 2 == 0 ? LWSEC_DTLS_BY_PSK : LWSEC_DTLS_BY_CERTIFICATE);
        assert_true(identity.size > 0);
        /* Once. */
        lwsec_dtls_close(&side->session);
        assert_status(load(side, at->state, &why), LWSEC_ABSENT);
        kit_close(&pair);
    }
}

static void with_state(void (*test)(const kit_engine *client, const kit_engine *server, sealed *at),
                       bool with_cid)
{
    sealed at;
    size_t pairs = 0;
    const char *folder = temporary_folder();

    sealed_open(&at, folder);
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const kit_engine *one = kit_engine_at(i);
        if (can(one, LWSEC_DTLS_SLEEP) && (!with_cid || can(one, LWSEC_DTLS_CID))) {
            test(one, one, &at);
            pairs++;
        }
    }
    sealed_close(&at);
    temporary_remove(folder);
    if (pairs == 0) {
        skip();
    }
}

static void test_a_session_sleeps_and_goes_on(void **state)
{
    (void)state;
    with_state(sleeps, false);
}

/* With a CID the client that wakes may be at another address. */
static void wakes_elsewhere(const kit_engine *client, const kit_engine *server, sealed *at)
{
    uint8_t room[KIT_MTU], known[LWSEC_DTLS_ADDRESS_MAX];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer address = lwsec_buffer_of(known, sizeof known);
    lwsec_reason reason;
    lwsec_why why;
    kit pair;

    init(&pair, client, server, "psk");
    open_both(&pair);
    assert_true(lwsec_dtls_has_cid(pair.client.session));
    save_well(&pair.client, at->state);
    assert_status(load(&pair.client, at->state, &why), LWSEC_OK);
    assert_true(lwsec_dtls_has_cid(pair.client.session));
    save_well(&pair.server, at->state);
    assert_status(load(&pair.server, at->state, &why), LWSEC_OK);
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of("moved", 5), kit_now, &reason),
        LWSEC_OK);
    assert_status(lwsec_dtls_take(pair.client.session, &datagram), LWSEC_OK);
    assert_status(lwsec_dtls_feed(pair.server.session, lwsec_buffer_bytes(&datagram),
                                  lwsec_bytes_of("client:2000", 11), kit_now, &reason),
                  LWSEC_OK);
    pair.server.got_size = 0;
    kit_collect(&pair.server);
    assert_bytes(lwsec_bytes_of(pair.server.got, pair.server.got_size), lwsec_bytes_of("moved", 5));
    assert_status(lwsec_dtls_address(pair.server.session, &address), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&address), lwsec_bytes_of("client:2000", 11));
    kit_close(&pair);
}

static void test_both_wake_and_the_client_has_moved(void **state)
{
    (void)state;
    with_state(wakes_elsewhere, true);
    LWSEC_COVERS("R-5.2.8-01");
}

/* ---- What is not saved ---- */

static void test_an_engine_that_cannot_says_so(void **state)
{
    sealed at;
    lwsec_why why;
    const char *folder = temporary_folder();

    (void)state;
    sealed_open(&at, folder);
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        kit pair;
        init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
        open_both(&pair);
        if (!can(kit_engine_at(i), LWSEC_DTLS_SLEEP)) {
            assert_status(save(&pair.client, at.state, &why), LWSEC_UNSUPPORTED);
            lwsec_dtls_close(&pair.client.session);
            assert_status(load(&pair.client, at.state, &why), LWSEC_UNSUPPORTED);
        }
        kit_close(&pair);
    }
    sealed_close(&at);
    temporary_remove(folder);
}

static void is_not_at_rest(const kit_engine *client, const kit_engine *server, sealed *at)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    lwsec_why why;
    kit pair;

    init(&pair, client, server, "psk");
    kit_open(&pair);
    assert_status(save(&pair.client, at->state, &why), LWSEC_REJECT);
    assert_int_equal(why, LWSEC_WHY_DTLS_HANDSHAKE);
    kit_run(&pair);
    /* The client may not have its last flight yet: the server would send it again. */
    assert_status(save(&pair.server, at->state, &why), LWSEC_REJECT);
    assert_int_equal(why, LWSEC_WHY_DTLS_BUSY);
    kit_check_works(&pair);
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of("wait", 4), kit_now, &reason),
        LWSEC_OK);
    assert_status(save(&pair.client, at->state, &why), LWSEC_REJECT);
    assert_int_equal(why, LWSEC_WHY_DTLS_BUSY);
    assert_status(lwsec_dtls_take(pair.client.session, &datagram), LWSEC_OK);
    assert_status(lwsec_dtls_feed(pair.server.session, lwsec_buffer_bytes(&datagram),
                                  lwsec_bytes_of("client:1000", 11), kit_now, &reason),
                  LWSEC_OK);
    assert_status(save(&pair.server, at->state, &why), LWSEC_REJECT); /* not read yet */
    assert_int_equal(why, LWSEC_WHY_DTLS_BUSY);
    kit_collect(&pair.server);
    kit_check_works(&pair); /* and nothing happened to it */
    save_well(&pair.server, at->state);
    kit_close(&pair);
}

static void test_what_still_waits_keeps_it_awake(void **state)
{
    (void)state;
    with_state(is_not_at_rest, false);
}

static void needs(const kit_engine *client, const kit_engine *server, sealed *at)
{
    lwsec_why why;
    kit pair;

    /* A state that seals. */
    init(&pair, client, server, "psk");
    open_both(&pair);
    assert_status(save(&pair.client, at->directory, &why), LWSEC_STATE);
    assert_int_equal(why, LWSEC_WHY_STATE_SEALING);
    kit_check_works(&pair);
    kit_close(&pair);
    /* To be allowed. */
    init(&pair, client, server, "psk");
    pair.client.config.flags = 0;
    open_both(&pair);
    assert_status(save(&pair.client, at->state, &why), LWSEC_USAGE);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_it_needs_a_sealing_state_and_leave(void **state)
{
    (void)state;
    with_state(needs, false);
}

/* CBC_SHA256, by a client that has nothing else. */
#if defined(LWSEC_TEST_MBEDTLS)
static void uses_cbc(const kit_engine *client, const kit_engine *server, sealed *at)
{
    lwsec_why why;
    kit pair;

    init(&pair, client, server, "psk");
    pair.client.config.flags |= LWSEC_DTLS_ALLOW_CBC;
    kit_open(&pair);
    int *suites = lwsec_dtls_mbedtls_endpoint_of(pair.client.endpoint)->suites;
    suites[0] = suites[1];
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.client.session), 0x00AE);
    assert_status(save(&pair.client, at->state, &why), LWSEC_UNSUPPORTED);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_cbc_is_not_saved(void **state)
{
    (void)state;
    with_state(uses_cbc, false);
}
#endif

/* ---- Another configuration ---- */

static void change(kit_side *side, unsigned what)
{
    static const lwsec_bytes no_trust[1];

    switch (what) {
    case 0: side->psk = lwsec_bytes_of("0123456789abcdeF", 16); break;
    case 1: side->config.flags |= LWSEC_DTLS_ALLOW_CBC; break;
    case 2:
        side->psk_identity = "endpoint-2";
        side->config.identity.data = (const uint8_t *)"endpoint-2";
        break;
    case 3: side->check.usage = LWSEC_CERT_CA_CONSTRAINT; break;
    case 4: side->check.association = kit_certificate("server"); break;
    case 5: side->check.reference.name = lwsec_bytes_of("other.example", 13); break;
    case 6: kit_identity(side, "client-unknown", "inter"); break;
    case 7: side->check.policy = 0; break;
    case 8:
        side->check.trust = no_trust;
        side->check.trust_count = 1;
        break;
    default: side->check.time.seconds += INT64_C(100) * 366 * 86400; break;
    }
}

static void changes(const kit_engine *client, const kit_engine *server, sealed *at)
{
    for (unsigned what = 0; what < 10; what++) {
        lwsec_reason reason;
        lwsec_why why;
        kit pair;

        init(&pair, client, server, what < 3 ? "psk" : "x509");
        open_both(&pair);
        save_well(&pair.client, at->state);
        lwsec_dtls_endpoint_close(&pair.client.endpoint);
        change(&pair.client, what);
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_OK);
        assert_status(load(&pair.client, at->state, &why), LWSEC_REJECT);
        assert_int_equal(why, what == 9 ? LWSEC_WHY_CERT_TIME : LWSEC_WHY_DTLS_CHANGED);
        assert_null(pair.client.session);
        /* And it is gone for good. */
        assert_status(load(&pair.client, at->state, &why), LWSEC_ABSENT);
        kit_close(&pair);
    }
}

static void test_another_credential_or_policy_refuses_it(void **state)
{
    (void)state;
    with_state(changes, false);
}

/* A server looks its client's PSK up again. */
static void forgets(const kit_engine *client, const kit_engine *server, sealed *at)
{
    for (unsigned what = 0; what < 2; what++) {
        lwsec_why why;
        kit pair;

        init(&pair, client, server, "psk");
        open_both(&pair);
        save_well(&pair.server, at->state);
        pair.server.psk_identity = what == 0 ? NULL : pair.server.psk_identity;
        pair.server.psk = lwsec_bytes_of("another-key-....", 16);
        assert_status(load(&pair.server, at->state, &why), LWSEC_REJECT);
        assert_int_equal(why, LWSEC_WHY_DTLS_CHANGED);
        kit_close(&pair);
    }
}

static void test_a_server_asks_for_the_psk_again(void **state)
{
    (void)state;
    with_state(forgets, false);
}

static void is_foreign(const kit_engine *client, const kit_engine *server, sealed *at)
{
    lwsec_record record = {.kind = LWSEC_RECORD_ASSOCIATION};
    lwsec_reason reason;
    lwsec_why why;
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer whole = lwsec_buffer_of(bytes, sizeof bytes);
    kit pair;

    memcpy(record.identity, name, sizeof name);
    for (size_t cut = 0; cut < 400; cut += 11) {
        init(&pair, client, server, "psk");
        open_both(&pair);
        save_well(&pair.client, at->state);
        assert_status(lwsec_state_take(at->state, &record, &whole, &reason), LWSEC_OK);
        if (cut >= whole.size) {
            kit_close(&pair);
            break;
        }
        uint64_t version = 0;
        assert_status(
            lwsec_state_store_if(at->state, &record, lwsec_bytes_of(bytes, cut), &version, &reason),
            LWSEC_OK);
        const lwsec_status status = load(&pair.client, at->state, &why);
        assert_true(status == LWSEC_STATE || status == LWSEC_REJECT);
        assert_null(pair.client.session);
        kit_close(&pair);
    }
}

static void test_a_record_that_is_cut_short_is_refused(void **state)
{
    (void)state;
    with_state(is_foreign, false);
}

/* ---- Processes ---- */

static int run(int (*body)(const kit_engine *engine, const char *folder, int line),
               const kit_engine *engine, const char *folder, int line)
{
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(body(engine, folder, line));
    }
    return (int)child;
}

static int ended(int child)
{
    int status = -1;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void send_all(kit_side *side, int line)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);

    while (lwsec_dtls_take(side->session, &datagram) == LWSEC_OK) {
        (void)send(line, datagram.data, datagram.size, MSG_NOSIGNAL);
    }
}

/* One datagram; false: the other process is gone. */
static bool receive(kit_side *side, int line, const char *from)
{
    uint8_t room[KIT_MTU];
    lwsec_reason reason;
    const ssize_t size = recv(line, room, sizeof room, 0);

    if (size <= 0) {
        return false;
    }
    const lwsec_status status =
        lwsec_dtls_feed(side->session, lwsec_bytes_of(room, (size_t)size),
                        lwsec_bytes_of(from, strlen(from)), kit_now, &reason);
    kit_collect(side);
    return status == LWSEC_OK;
}

/* The first process: a handshake, a word, and sleep. */
static int first_process(const kit_engine *engine, const char *folder, int line)
{
    lwsec_reason reason;
    sealed at;
    kit pair;

    sealed_open(&at, folder);
    init(&pair, engine, engine, "psk");
    if (kit_endpoint(&pair.client, &reason) != LWSEC_OK) {
        return 1;
    }
    pair.client.session_memory = malloc(lwsec_dtls_size(pair.client.endpoint));
    if (lwsec_dtls_open(pair.client.endpoint, pair.client.session_memory,
                        lwsec_dtls_size(pair.client.endpoint), lwsec_bytes_of("server", 6), kit_now,
                        &pair.client.session, &reason) != LWSEC_OK) {
        return 2;
    }
    while (!pair.client.done) {
        send_all(&pair.client, line);
        if (!receive(&pair.client, line, "server")) {
            return 3;
        }
    }
    if (lwsec_dtls_write(pair.client.session, lwsec_bytes_of("first", 5), kit_now, &reason) !=
        LWSEC_OK) {
        return 4;
    }
    send_all(&pair.client, line);
    return lwsec_dtls_save(pair.client.session, at.state, name, &reason) == LWSEC_OK ? 0 : 5;
}

/* The second: no handshake, another address, and an answer. */
static int second_process(const kit_engine *engine, const char *folder, int line)
{
    lwsec_reason reason;
    lwsec_why why;
    sealed at;
    kit pair;

    sealed_open(&at, folder);
    init(&pair, engine, engine, "psk");
    if (kit_endpoint(&pair.client, &reason) != LWSEC_OK ||
        load(&pair.client, at.state, &why) != LWSEC_OK) {
        return 1;
    }
    if (lwsec_dtls_write(pair.client.session, lwsec_bytes_of("second", 6), kit_now, &reason) !=
        LWSEC_OK) {
        return 2;
    }
    send_all(&pair.client, line);
    if (!receive(&pair.client, line, "server")) {
        return 3;
    }
    if (pair.client.got_size != 6 || memcmp(pair.client.got, "answer", 6) != 0) {
        return 4;
    }
    lwsec_dtls_close(&pair.client.session);
    return load(&pair.client, at.state, &why) == LWSEC_ABSENT ? 0 : 5;
}

static void serve(kit *pair, const kit_engine *engine, const char *folder, bool moves)
{
    int first[2], second[2];
    lwsec_reason reason;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, first), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, second), 0);
    int child = run(first_process, engine, folder, first[1]);
    (void)close(first[1]);
    while (receive(&pair->server, first[0], "client:1")) {
        send_all(&pair->server, first[0]);
    }
    assert_int_equal(ended(child), 0);
    assert_bytes(lwsec_bytes_of(pair->server.got, pair->server.got_size),
                 lwsec_bytes_of("first", 5));
    child = run(second_process, engine, folder, second[1]);
    (void)close(second[1]);
    pair->server.got_size = 0;
    assert_true(receive(&pair->server, second[0], moves ? "client:2" : "client:1"));
    assert_bytes(lwsec_bytes_of(pair->server.got, pair->server.got_size),
                 lwsec_bytes_of("second", 6));
    assert_int_equal(pair->server.moves, moves ? 1 : 0);
    assert_status(
        lwsec_dtls_write(pair->server.session, lwsec_bytes_of("answer", 6), kit_now, &reason),
        LWSEC_OK);
    send_all(&pair->server, second[0]);
    assert_int_equal(ended(child), 0);
    (void)close(first[0]);
    (void)close(second[0]);
}

static void test_another_process_goes_on(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const kit_engine *engine = kit_engine_at(i);
        if (!can(engine, LWSEC_DTLS_SLEEP)) {
            continue;
        }
        const char *folder = temporary_folder();
        lwsec_reason reason;
        kit pair;
        init(&pair, engine, engine, "psk");
        kit_open(&pair);
        assert_status(lwsec_dtls_set_cid(pair.server.session,
                                         lwsec_bytes_of(own_cid, sizeof own_cid), &reason),
                      LWSEC_OK);
        serve(&pair, engine, folder, can(engine, LWSEC_DTLS_CID));
        kit_close(&pair);
        temporary_remove(folder);
        runs++;
    }
    if (runs == 0) {
        skip();
    }
}

/* ---- Death at any step ---- */

/* A state that dies before, or after, its operation number `at` (from 0). */
typedef struct deadly {
    lwsec_state head;
    lwsec_state *inner;
    unsigned count;
    unsigned at;
    bool after;
} deadly;

static deadly *deadly_of(lwsec_state *state)
{
    return (deadly *)(void *)state;
}

static bool dies(deadly *self, bool after)
{
    return self->count == self->at && self->after == after;
}

static void begin(deadly *self)
{
    if (dies(self, false)) {
        _exit(7);
    }
}

static lwsec_status end(deadly *self, lwsec_status status)
{
    if (dies(self, true)) {
        _exit(7);
    }
    self->count++;
    return status;
}

static lwsec_status deadly_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    begin(deadly_of(state));
    return end(deadly_of(state),
               lwsec_state_load(deadly_of(state)->inner, record, value, version, reason));
}

static lwsec_status deadly_store(lwsec_state *state, const lwsec_record *record, lwsec_bytes value,
                                 uint64_t *version, lwsec_reason *reason)
{
    begin(deadly_of(state));
    return end(deadly_of(state),
               lwsec_state_store_if(deadly_of(state)->inner, record, value, version, reason));
}

static lwsec_status deadly_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    begin(deadly_of(state));
    return end(deadly_of(state), lwsec_state_take(deadly_of(state)->inner, record, value, reason));
}

static lwsec_status deadly_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    return lwsec_state_advance(deadly_of(state)->inner, record, to, reason);
}

static lwsec_status deadly_window(lwsec_state *state, const lwsec_record *record, uint64_t number,
                                  uint32_t window, lwsec_reason *reason)
{
    return lwsec_state_window_accept(deadly_of(state)->inner, record, number, window, reason);
}

static lwsec_status deadly_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    begin(deadly_of(state));
    return end(deadly_of(state), lwsec_state_erase(deadly_of(state)->inner, record, reason));
}

static const lwsec_state_ops deadly_ops = {.abi = LWSEC_STATE_ABI,
                                           .size = sizeof deadly_ops,
                                           .name = "deadly",
                                           .seals = true,
                                           .load = deadly_load,
                                           .store_if = deadly_store,
                                           .take = deadly_take,
                                           .advance = deadly_advance,
                                           .window_accept = deadly_window,
                                           .erase = deadly_erase};

/* The child saves, over an older association of the same name, and loads what it saved. What it
 * sent last tells how often the association lived: each life sends one record. */
typedef struct plan {
    const kit_engine *engine;
    unsigned at;
    bool after;
} plan;

static void live_once(kit_side *client, int line, const char *text)
{
    lwsec_reason reason;

    assert_status(
        lwsec_dtls_write(client->session, lwsec_bytes_of(text, strlen(text)), kit_now, &reason),
        LWSEC_OK);
    send_all(client, line);
}

static int saves_and_dies(const plan *how, const char *folder, int line)
{
    lwsec_why why;
    sealed at;
    kit pair;

    sealed_open(&at, folder);
    deadly medium = {.inner = at.state, .at = how->at, .after = how->after};
    assert_status(lwsec_state_init(&medium.head, &deadly_ops), LWSEC_OK);
    init(&pair, how->engine, how->engine, "psk");
    open_both(&pair);
    live_once(&pair.client, line, "one");
    (void)save(&pair.client, &medium.head, &why);
    lwsec_reason reason;
    if (lwsec_dtls_write(pair.client.session, lwsec_bytes_of("x", 1), kit_now, &reason) ==
        LWSEC_OK) {
        return 1;
    }
    lwsec_dtls_close(&pair.client.session);
    if (load(&pair.client, &medium.head, &why) == LWSEC_OK) {
        live_once(&pair.client, line, "two");
        return 0;
    }
    return 2;
}

/* The nonce of each record that was sent: no two may be the same. */
static void check_nonces(int line, uint64_t *last)
{
    uint8_t room[KIT_MTU];

    for (;;) {
        const ssize_t size = recv(line, room, sizeof room, MSG_DONTWAIT);
        if (size <= 0) {
            return;
        }
        uint64_t number = 0;
        for (size_t i = 3; i < 11; i++) {
            number = number << 8 | room[i];
        }
        assert_true(number > *last);
        *last = number;
    }
}

static void dies_at(const plan *how, const char *folder)
{
    int line[2];
    uint64_t last = 0;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, line), 0);
    (void)fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        _exit(saves_and_dies(how, folder, line[1]));
    }
    const int code = ended(child);
    assert_true(code == 0 || code == 7);
    check_nonces(line[0], &last);
    /* What is left can be loaded once, or not at all. */
    sealed at;
    lwsec_reason reason;
    lwsec_why why;
    kit pair;
    sealed_open(&at, folder);
    init(&pair, how->engine, how->engine, "psk");
    assert_status(kit_endpoint(&pair.client, &reason), LWSEC_OK);
    const lwsec_status status = load(&pair.client, at.state, &why);
    assert_true(status == LWSEC_OK || status == LWSEC_ABSENT);
    if (status == LWSEC_OK) {
        live_once(&pair.client, line[1], "three");
        check_nonces(line[0], &last);
        lwsec_dtls_close(&pair.client.session);
        assert_status(load(&pair.client, at.state, &why), LWSEC_ABSENT);
    }
    /* Only a life that was stored, and not taken yet, is left: after the store, before the take. */
    const bool stored = (how->at == 1 && how->after) || (how->at == 2 && !how->after);
    assert_int_equal(status == LWSEC_OK, stored);
    kit_close(&pair);
    sealed_close(&at);
    (void)close(line[0]);
    (void)close(line[1]);
}

static void test_death_at_any_step_leaves_one_life_at_most(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        if (!can(kit_engine_at(i), LWSEC_DTLS_SLEEP)) {
            continue;
        }
        /* Erase, store, take; and one step that never comes. */
        for (unsigned step = 0; step < 8; step++) {
            const plan how = {kit_engine_at(i), step / 2, step % 2 == 1};
            const char *folder = temporary_folder();
            dies_at(&how, folder);
            temporary_remove(folder);
            runs++;
        }
    }
    if (runs == 0) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_sleeps_and_goes_on),
        cmocka_unit_test(test_both_wake_and_the_client_has_moved),
        cmocka_unit_test(test_an_engine_that_cannot_says_so),
        cmocka_unit_test(test_what_still_waits_keeps_it_awake),
        cmocka_unit_test(test_it_needs_a_sealing_state_and_leave),
#if defined(LWSEC_TEST_MBEDTLS)
        cmocka_unit_test(test_cbc_is_not_saved),
#endif
        cmocka_unit_test(test_another_credential_or_policy_refuses_it),
        cmocka_unit_test(test_a_server_asks_for_the_psk_again),
        cmocka_unit_test(test_a_record_that_is_cut_short_is_refused),
        cmocka_unit_test(test_another_process_goes_on),
        cmocka_unit_test(test_death_at_any_step_leaves_one_life_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
