/* A whole enrolment over DTLS, and a session with what it gave: each pair of engines. */
#include "tests/dtls/kit.h"
#include "tests/est/server.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <lwsec/cert_openssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <lwsec/cert_mbedtls.h>
#endif

#define NAME "endpoint-1"
#define ROOM 4096U

static ca *root, *between;

static const lwsec_cert_engine *engine_of(const kit_engine *kind)
{
#if defined(LWSEC_TEST_MBEDTLS)
    if (strcmp(kind->name, "mbedtls") == 0) {
        return lwsec_cert_mbedtls();
    }
#endif
    (void)kind;
    return lwsec_cert_openssl();
}

static lwsec_cert_time clock_of(void *argument)
{
    (void)argument;
    return (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED, KIT_TIME};
}

/* The device: its session to the EST server, and the enrolment in it. */
typedef struct device {
    kit pair;
    est_server server;
    lwsec_est *est;
    uint64_t memory[LWSEC_EST_SIZE(ROOM) / 8];
    lwsec_key key; /* in the client's store */
    lwsec_reason reason;
} device;

/* R-5.2.4-18, R-5.2.4-19: made on the device, in the store that it stays in. */
static void generate(device *of)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};

    assert_status(lwsec_key_generate(of->pair.client.store, &attributes, 0, &of->key), LWSEC_OK);
}

static void begin(device *of, const lwsec_csr_config *request, uint32_t flags)
{
    const lwsec_est_config config = {.size = sizeof config,
                                     .flags = LWSEC_EST_SECURED | flags,
                                     .request = request,
                                     .engine = engine_of(of->pair.client.kind),
                                     .clock = clock_of,
                                     .endpoint = lwsec_bytes_of(NAME, strlen(NAME)),
                                     .szx = 6};

    assert_true(of->pair.client.done);
    assert_status(
        lwsec_est_open(of->memory, sizeof of->memory, &config, kit_now, &of->est, &of->reason),
        LWSEC_OK);
}

static bool is_over(const device *of)
{
    const lwsec_est_phase phase = lwsec_est_phase_of(of->est);

    return phase == LWSEC_EST_DONE || phase == LWSEC_EST_FAILED;
}

/* One message into a session, and whatever arrives at either end. */
static void send(device *of, kit_side *from, lwsec_bytes message)
{
    lwsec_reason reason;

    of->pair.client.got_size = of->pair.server.got_size = 0;
    assert_true(message.size <= lwsec_dtls_plaintext_max(from->session));
    assert_status(lwsec_dtls_write(from->session, message, kit_now, &reason), LWSEC_OK);
    kit_exchange(&of->pair);
    if (of->pair.server.got_size > 0) {
        est_server_feed(&of->server, lwsec_bytes_of(of->pair.server.got, of->pair.server.got_size),
                        kit_now);
    }
    if (of->pair.client.got_size > 0) {
        const lwsec_status status =
            lwsec_est_feed(of->est, lwsec_bytes_of(of->pair.client.got, of->pair.client.got_size),
                           kit_now, &reason);
        if (status == LWSEC_REJECT) {
            of->reason = reason;
        }
    }
}

static bool send_all(device *of)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);

    if (lwsec_est_take(of->est, &message) == LWSEC_OK) {
        send(of, &of->pair.client, lwsec_buffer_bytes(&message));
        return true;
    }
    if (est_server_take(&of->server, kit_now, &message)) {
        send(of, &of->pair.server, lwsec_buffer_bytes(&message));
        return true;
    }
    return false;
}

static void run(device *of)
{
    while (!is_over(of)) {
        while (send_all(of)) {
        }
        const uint64_t mine = lwsec_est_deadline(of->est);
        const uint64_t theirs = est_server_deadline(&of->server);
        if (mine == UINT64_MAX) {
            continue;
        }
        kit_now = mine < theirs ? mine : theirs;
        if (kit_now == mine) {
            assert_true(lwsec_est_step(of->est, kit_now, &of->reason) != LWSEC_PENDING);
        }
    }
    while (send_all(of)) { /* what is still to be acknowledged */
    }
}

static void end(device *of)
{
    lwsec_est_close(&of->est);
    est_server_close(&of->server);
    kit_close(&of->pair);
}

/* The certificates of an identity, one behind the other. */
static size_t split(lwsec_bytes identity, lwsec_bytes *list, size_t capacity)
{
    size_t count = 0;

    while (identity.size > 0) {
        assert_true(count < capacity && identity.size > 4 && identity.data[1] == 0x82);
        const size_t size = 4 + ((size_t)identity.data[2] << 8 | identity.data[3]);
        assert_true(size <= identity.size);
        list[count++] = lwsec_bytes_of(identity.data, size);
        identity = lwsec_bytes_of(&identity.data[size], identity.size - size);
    }
    return count;
}

/* A session to a server that trusts the authority of EST and nobody else: mode 2. */
static void works_in_mode_2(device *of, lwsec_bytes identity)
{
    uint8_t room[2048];
    lwsec_buffer peer = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential = LWSEC_DTLS_BY_PSK;
    lwsec_bytes chain[3];
    kit pair;

    kit_init(&pair, of->pair.client.kind, of->pair.server.kind, "x509");
    const size_t count = split(identity, chain, 3);
    pair.server.trust[0] = ca_certificate(root);
    const lwsec_key own = pair.client.config.key;
    pair.client.config.key = of->key;
    pair.client.config.chain = chain;
    pair.client.config.chain_count = count;
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &peer), LWSEC_OK);
    assert_int_equal(credential, LWSEC_DTLS_BY_CERTIFICATE);
    assert_bytes(lwsec_buffer_bytes(&peer), chain[0]);
    pair.client.config.key = own;
    kit_close(&pair);
}

static void init(device *of, const kit_engine *client, const kit_engine *server)
{
    memset(of, 0, sizeof *of);
    kit_init(&of->pair, client, server, "x509");
    of->pair.client.config.mtu = of->pair.server.config.mtu = 1280;
    est_server_init(&of->server, between);
    of->server.crts[0] = ca_certificate(root);
    of->server.crts[1] = ca_certificate(between);
    of->server.crts_count = 2;
}

static void connect(device *of)
{
    kit_open(&of->pair);
    kit_run(&of->pair);
    kit_check_works(&of->pair);
    generate(of);
}

static const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME,
                                            {(const uint8_t *)NAME, sizeof NAME - 1}};

static void enrols(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[ROOM];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    device of;

    init(&of, client, server);
    connect(&of);
    const lwsec_csr_config request = {
        .size = sizeof request, .key = of.key, .subject = &subject, .subject_count = 1};
    begin(&of, &request, 0);
    run(&of);
    assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_DONE);
    assert_status(lwsec_est_identity(of.est, &identity), LWSEC_OK);
    works_in_mode_2(&of, lwsec_buffer_bytes(&identity));
    /* Before it ends, the same again with a new key. */
    lwsec_bytes chain[3];
    assert_int_equal(split(lwsec_buffer_bytes(&identity), chain, 3), 2);
    int64_t due = 0;
    assert_status(lwsec_est_renew_at(chain[0], 0, &due), LWSEC_OK);
    assert_true(due > KIT_TIME && due < KIT_TIME + 365 * CA_DAY);
    lwsec_est_close(&of.est);
    assert_status(lwsec_key_destroy(&of.key), LWSEC_OK);
    generate(&of);
    const lwsec_csr_config renewal = {.size = sizeof renewal, .key = of.key, .renews = chain[0]};
    begin(&of, &renewal, LWSEC_EST_RENEW);
    run(&of);
    assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_DONE);
    assert_int_equal(of.server.renewed, 1);
    uint8_t second[ROOM];
    lwsec_buffer renewed = lwsec_buffer_of(second, sizeof second);
    assert_status(lwsec_est_identity(of.est, &renewed), LWSEC_OK);
    works_in_mode_2(&of, lwsec_buffer_bytes(&renewed));
    end(&of);
}

static void test_a_key_of_the_device_gets_a_certificate_that_others_take(void **state)
{
    (void)state;
    kit_each(enrols);
    LWSEC_COVERS("R-5.2.4-15");
    LWSEC_COVERS("R-5.2.4-18");
    LWSEC_COVERS("R-5.2.4-19");
    LWSEC_COVERS("R-5.2.4-21");
    LWSEC_COVERS("R-5.2.9.5-01");
}

static void enrols_with_loss(const kit_engine *client, const kit_engine *server)
{
    unsigned done = 0;

    for (uint64_t seed = 1; seed <= 5; seed++) {
        device of;
        init(&of, client, server);
        connect(&of);
        const lwsec_csr_config request = {
            .size = sizeof request, .key = of.key, .subject = &subject, .subject_count = 1};
        of.pair.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
        of.pair.loss = 20;
        of.pair.doubling = 20;
        of.server.szx = 4;
        of.server.later = (unsigned)(seed % 2);
        of.server.max_age = 30;
        of.server.separate = seed % 3 == 0 ? 3000 : 0;
        begin(&of, &request, 0);
        run(&of);
        assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_DONE);
        assert_true(of.server.same_request);
        done++;
        end(&of);
    }
    assert_int_equal(done, 5);
}

static void test_an_enrolment_gets_through_a_bad_network(void **state)
{
    (void)state;
    kit_each(enrols_with_loss);
}

/* R-5.2.4-14: the server of EST is the one that Server Public Key says, or there is no session and
 * nothing to enrol in. */
static void meets_another(const kit_engine *client, const kit_engine *server)
{
    lwsec_reason reason;
    device of;

    init(&of, client, server);
    of.pair.client.check.association = kit_certificate("other-root");
    kit_open(&of.pair);
    kit_run(&of.pair);
    assert_false(of.pair.client.done);
    assert_true(of.pair.client.closed);
    assert_status(
        lwsec_dtls_write(of.pair.client.session, lwsec_bytes_of("x", 1), kit_now, &reason),
        LWSEC_REJECT);
    end(&of);
}

static void test_another_server_than_the_one_that_is_meant_is_refused(void **state)
{
    (void)state;
    kit_each(meets_another);
    LWSEC_COVERS("R-5.2.4-14");
}

static int set_up(void **state)
{
    (void)state;
    root = ca_open("EST Root", NULL);
    between = ca_open("EST Authority", root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ca_close(root);
    ca_close(between);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_of_the_device_gets_a_certificate_that_others_take),
        cmocka_unit_test(test_an_enrolment_gets_through_a_bad_network),
        cmocka_unit_test(test_another_server_than_the_one_that_is_meant_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
