/* The enrolment as a machine: whole ones, lost messages, servers that are slow, and wrong. */
#include "tests/est/server.h"
#include "tests/support/stores.h"

#include <lwsec/cert_openssl.h>

#define NAME "endpoint-1"
#define START 1000000U

static const lwsec_test_store *kind;
static lwsec_store *store;
static ca *root, *between, *other;

/* A client, a server, and a network between them that loses what it is told to. */
typedef struct world {
    lwsec_csr_attribute subject;
    lwsec_csr_config request;
    lwsec_est_config config;
    est_server server;
    uint64_t memory[LWSEC_EST_SIZE(LWSEC_EST_ROOM_DEFAULT) / 8];
    lwsec_est *est;
    uint64_t now;
    uint64_t seed; /* 0: nothing is lost but what the next two say */
    unsigned loss; /* per cent */
    uint64_t lost; /* bit N: message N of all that are sent */
    unsigned sent;
    size_t largest;
    lwsec_status status; /* of the last feed or step */
    lwsec_reason reason;
    bool waited;
} world;

static lwsec_cert_time clock_of(void *argument)
{
    const world *of = argument;

    return (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED,
                             CA_TIME + (int64_t)((of->now - START) / 1000)};
}

static void init(world *of)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};

    memset(of, 0, sizeof *of);
    of->subject = (lwsec_csr_attribute){LWSEC_CSR_COMMON_NAME, lwsec_bytes_of(NAME, strlen(NAME))};
    of->request =
        (lwsec_csr_config){.size = sizeof of->request, .subject = &of->subject, .subject_count = 1};
    assert_status(lwsec_key_generate(store, &attributes, 0, &of->request.key), LWSEC_OK);
    of->config = (lwsec_est_config){.size = sizeof of->config,
                                    .flags = LWSEC_EST_SECURED,
                                    .request = &of->request,
                                    .engine = lwsec_cert_openssl(),
                                    .clock = clock_of,
                                    .argument = of,
                                    .endpoint = of->subject.value};
    est_server_init(&of->server, root);
    of->now = START;
}

static void open_client(world *of)
{
    assert_status(
        lwsec_est_open(of->memory, sizeof of->memory, &of->config, of->now, &of->est, &of->reason),
        LWSEC_OK);
}

static void end(world *of)
{
    lwsec_est_close(&of->est);
    assert_null(of->est);
    for (size_t i = 0; i < sizeof of->memory / 8 && of->config.room == 0; i++) {
        assert_int_equal(of->memory[i], 0);
    }
    assert_status(lwsec_key_destroy(&of->request.key), LWSEC_OK);
    est_server_close(&of->server);
}

static bool is_over(const world *of)
{
    const lwsec_est_phase phase = lwsec_est_phase_of(of->est);

    return phase == LWSEC_EST_DONE || phase == LWSEC_EST_FAILED;
}

static bool arrives(world *of)
{
    const unsigned number = of->sent++;

    if (number < 64 && (of->lost >> number & 1) != 0) {
        return false;
    }
    if (of->loss == 0) {
        return true;
    }
    of->seed ^= of->seed >> 12;
    of->seed ^= of->seed << 25;
    of->seed ^= of->seed >> 27;
    return (of->seed * UINT64_C(2685821657736338717) >> 32) % 100 >= of->loss;
}

/* Everything that is there to be sent, both ways. */
static void exchange(world *of)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);
    bool some = true;

    while (some) {
        some = false;
        while (lwsec_est_take(of->est, &message) == LWSEC_OK) {
            some = true;
            of->largest = message.size > of->largest ? message.size : of->largest;
            if (arrives(of)) {
                est_server_feed(&of->server, lwsec_buffer_bytes(&message), of->now);
            }
        }
        while (est_server_take(&of->server, of->now, &message)) {
            some = true;
            if (!arrives(of)) {
                continue;
            }
            const bool over = is_over(of);
            lwsec_reason reason;
            const lwsec_status status =
                lwsec_est_feed(of->est, lwsec_buffer_bytes(&message), of->now, &reason);
            if (!over) {
                of->status = status;
                of->reason = reason;
            } else {
                assert_true(status == LWSEC_OK || status == LWSEC_ABSENT);
            }
        }
    }
}

static void run(world *of)
{
    for (;;) {
        exchange(of);
        of->waited = of->waited || lwsec_est_phase_of(of->est) == LWSEC_EST_WAITS;
        if (is_over(of)) {
            assert_int_equal(lwsec_est_deadline(of->est), UINT64_MAX);
            return;
        }
        const uint64_t mine = lwsec_est_deadline(of->est);
        const uint64_t theirs = est_server_deadline(&of->server);
        const uint64_t next = mine < theirs ? mine : theirs;
        assert_true(next != UINT64_MAX && next > of->now);
        of->now = next;
        if (next == mine) {
            of->status = lwsec_est_step(of->est, of->now, &of->reason);
        }
    }
}

static void check_done(world *of)
{
    uint8_t room[4096];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    size_t count = 0;

    if (lwsec_est_phase_of(of->est) != LWSEC_EST_DONE) {
        fail_msg("%s, code %02x", lwsec_why_text(of->reason.why), lwsec_est_code(of->est));
    }
    assert_status(of->status, LWSEC_OK);
    assert_int_equal(lwsec_est_code(of->est), LWSEC_COAP_CHANGED);
    assert_int_equal(of->server.enrolled + of->server.renewed, 1);
    assert_true(of->server.same_request);
    assert_status(lwsec_est_identity(of->est, &identity), LWSEC_OK);
    assert_true(identity.size >= of->server.issued.size);
    assert_memory_equal(identity.data, of->server.issued.data, of->server.issued.size);
    const lwsec_bytes *chain = lwsec_est_chain(of->est, &count);
    assert_true(count > 0);
    assert_bytes(chain[0], of->server.issued);
    const lwsec_bytes *authorities = lwsec_est_authorities(of->est, &count);
    assert_int_equal(count, of->server.crts_count);
    for (size_t i = 0; i < count && count == 1; i++) {
        assert_bytes(authorities[i], of->server.crts[i]);
    }
}

static void works(world *of)
{
    open_client(of);
    run(of);
    check_done(of);
    end(of);
}

static void fails(world *of, lwsec_status status, lwsec_why why)
{
    uint8_t room[16];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);

    open_client(of);
    run(of);
    assert_int_equal(lwsec_est_phase_of(of->est), LWSEC_EST_FAILED);
    size_t count = 99;
    (void)lwsec_est_chain(of->est, &count);
    assert_int_equal(count, 0);
    assert_status(of->status, status);
    assert_string_equal(lwsec_why_text(of->reason.why), lwsec_why_text(why));
    assert_status(lwsec_est_identity(of->est, &identity), LWSEC_ABSENT);
    assert_status(lwsec_est_take(of->est, &identity), LWSEC_ABSENT);
    end(of);
}

/* ---- It works ---- */

static void test_authorities_then_a_certificate_in_blocks_of_every_size(void **state)
{
    world of;

    (void)state;
    for (uint8_t szx = 0; szx <= 7; szx++) {
        for (uint8_t theirs = 0; theirs <= 6; theirs += 3) {
            init(&of);
            of.config.szx = szx;
            of.server.szx = theirs;
            of.server.authority = between;
            of.server.crts[1] = ca_certificate(between);
            of.server.crts_count = 2;
            of.server.wish.many_names = true; /* over 1 kB */
            works(&of);
            assert_true(of.largest < (szx == 0 ? 1024U : 8U << szx) + 128U);
            assert_int_equal(of.server.crts_asked, 1);
        }
    }
    LWSEC_COVERS("R-5.2.4-21");
    LWSEC_COVERS("R-5.2.4-15");
}

static void test_either_format_is_read_and_may_be_asked_for(void **state)
{
    world of;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        init(&of);
        of.server.format = i % 2 == 0 ? LWSEC_EST_CERTS_ONLY : LWSEC_EST_CERTIFICATE;
        of.config.accept = i < 2 ? 0 : of.server.format;
        works(&of);
    }
    init(&of);
    of.server.format = LWSEC_EST_CERTS_ONLY;
    of.config.accept = LWSEC_EST_CERTIFICATE;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_ANSWER);
}

static void test_another_path_and_a_renewal(void **state)
{
    const lwsec_bytes old = {NULL, 0};
    world of;

    (void)state;
    init(&of);
    of.server.path = "/est/devices";
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_REFUSED);
    init(&of);
    of.server.path = "/est/devices";
    of.config.path = lwsec_bytes_of("/est/devices", 12);
    open_client(&of);
    run(&of);
    check_done(&of);
    uint8_t room[2048];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_est_identity(of.est, &identity), LWSEC_OK);
    end(&of);
    /* The same names, another key. */
    init(&of);
    of.request.subject = NULL;
    of.request.subject_count = 0;
    of.request.renews = lwsec_buffer_bytes(&identity);
    of.config.flags |= LWSEC_EST_RENEW;
    open_client(&of);
    run(&of);
    check_done(&of);
    assert_int_equal(of.server.renewed, 1);
    end(&of);
    init(&of);
    of.config.flags |= LWSEC_EST_RENEW; /* of nothing */
    of.request.renews = old;
    assert_status(lwsec_est_open(of.memory, sizeof of.memory, &of.config, of.now, &of.est, NULL),
                  LWSEC_USAGE);
    end(&of);
}

/* ---- Where the functions are ---- */

#define LINKS(root)                                                                                \
    "<" root "crts>;rt=\"ace.est.crts\";ct=\"281 287\",<" root                                     \
    "sen>;rt=\"ace.est.sen\";ct=\"281 287\",<" root "sren>;rt=\"ace.est.sren\""

static void test_the_functions_are_found_where_the_server_says(void **state)
{
    world of;

    (void)state;
    for (uint8_t szx = 0; szx <= 4; szx += 4) {
        init(&of);
        of.config.flags |= LWSEC_EST_DISCOVER;
        of.config.szx = szx;
        of.server.path = "/est";
        of.server.links = LINKS("/est/");
        open_client(&of);
        assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_DISCOVERS);
        run(&of);
        check_done(&of);
        assert_int_equal(of.server.discovered, 1);
        end(&of);
    }
}

static void test_functions_that_are_not_here_are_not_followed(void **state)
{
    const struct {
        const char *links;
        lwsec_why why;
    } bad[] = {{NULL, LWSEC_WHY_EST_REFUSED},
               {LINKS("coaps://[2001:db8::1]:61617/est/"), LWSEC_WHY_EST_ANSWER},
               {LINKS("//elsewhere/est/"), LWSEC_WHY_EST_ANSWER},
               {LINKS("/e%73t/"), LWSEC_WHY_EST_ANSWER},
               {LINKS("/est?"), LWSEC_WHY_EST_ANSWER},
               {"</est/crts>;rt=\"ace.est.crts\"", LWSEC_WHY_EST_ANSWER},
               {"</est/sen>;rt=\"ace.est.sen\"", LWSEC_WHY_EST_ANSWER},
               {LINKS("/est/") ",", LWSEC_WHY_NOT_CANONICAL},
               {LINKS("/est/") ";rt=\"", LWSEC_WHY_TRUNCATED}};
    world of;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        init(&of);
        of.config.flags |= LWSEC_EST_DISCOVER;
        of.server.path = "/est";
        of.server.links = bad[i].links;
        fails(&of, LWSEC_REJECT, bad[i].why);
        assert_int_equal(of.server.crts_asked, 0);
    }
    init(&of);
    of.config.flags |= LWSEC_EST_DISCOVER;
    of.server.links = LINKS("/.well-known/est/");
    of.server.links_format = LWSEC_EST_CERTS_ONLY;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_ANSWER);
}

/* ---- Messages that are lost ---- */

static void test_each_message_may_be_lost(void **state)
{
    world of;

    (void)state;
    for (unsigned number = 0; number < 24; number++) {
        init(&of);
        of.config.szx = 5; /* 256 bytes */
        of.server.szx = 4;
        of.lost = UINT64_C(1) << number;
        works(&of);
        init(&of);
        of.lost = UINT64_C(1) << number;
        of.server.separate = 5000;
        works(&of);
    }
}

static void test_a_bad_network_delays_and_nothing_else(void **state)
{
    unsigned done = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        world of;
        init(&of);
        of.config.szx = 5;
        of.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
        of.loss = 30;
        of.server.separate = seed % 3 == 0 ? 1000 : 0;
        open_client(&of);
        run(&of);
        if (lwsec_est_phase_of(of.est) == LWSEC_EST_DONE) {
            check_done(&of);
            done++;
        } else {
            assert_int_equal(of.reason.why, LWSEC_WHY_EST_SILENT);
        }
        end(&of);
    }
    assert_true(done > 80);
}

static void test_a_server_that_says_nothing_is_given_up(void **state)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX], first[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);
    uint64_t before = 0;
    world of;

    (void)state;
    init(&of);
    open_client(&of);
    for (unsigned i = 0; i < 5; i++) {
        assert_status(lwsec_est_take(of.est, &message), LWSEC_OK);
        if (i == 0) {
            memcpy(first, room, message.size);
        } else {
            assert_memory_equal(first, room, message.size); /* byte by byte the same */
        }
        assert_status(lwsec_est_take(of.est, &message), LWSEC_ABSENT);
        const uint64_t wait = lwsec_est_deadline(of.est) - of.now;
        assert_true(i == 0 ? wait >= LWSEC_EST_ACK_TIMEOUT && wait < LWSEC_EST_ACK_TIMEOUT * 3 / 2
                           : wait == 2 * before);
        before = wait;
        assert_status(lwsec_est_step(of.est, of.now + wait - 1, &of.reason), LWSEC_OK);
        assert_status(lwsec_est_take(of.est, &message), LWSEC_ABSENT);
        of.now += wait;
        assert_status(lwsec_est_step(of.est, of.now, &of.reason), i < 4 ? LWSEC_OK : LWSEC_REJECT);
    }
    assert_int_equal(of.reason.why, LWSEC_WHY_EST_SILENT);
    assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_FAILED);
    end(&of);
    /* Acknowledged, and then nothing. */
    init(&of);
    of.server.separate = 2 * LWSEC_EST_ANSWER_TIMEOUT;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_SILENT);
    init(&of);
    of.server.sen_fault = EST_SILENT;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_SILENT);
    init(&of);
    of.server.crts_fault = EST_RESETS;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_REFUSED);
}

/* ---- Servers that take their time ---- */

static void test_a_separate_answer_is_acknowledged_as_often_as_it_comes(void **state)
{
    world of;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        init(&of);
        of.server.separate = 20000;
        of.server.separate_non = i == 1;
        works(&of);
        assert_int_equal(of.server.acknowledged, i == 0);
        assert_int_equal(of.server.resends, 0);
    }
    /* The acknowledgement is lost: message 3 is that of the answer to /crts. */
    init(&of);
    of.server.separate = 1000;
    of.server.separate_crts = true;
    of.server.later = 1; /* time for it to come again */
    of.server.max_age = 10;
    of.lost = 1 << 3;
    works(&of);
    assert_int_equal(of.server.resends, 1);
    assert_true(of.server.acknowledged);
}

static void test_asked_to_wait_it_comes_again_with_the_same(void **state)
{
    world of;

    (void)state;
    init(&of);
    of.server.later = 3;
    of.server.max_age = 120;
    of.config.szx = 4; /* 128 bytes: the request goes in blocks each time */
    works(&of);
    assert_true(of.waited && of.now >= START + 3 * 120000);
    assert_int_equal(of.server.crts_asked, 1);
    /* Without the option it is a minute; with 0, a second at least. */
    init(&of);
    of.server.later = 1;
    of.server.max_age = UINT32_MAX;
    works(&of);
    assert_int_equal(of.now, START + 60000);
    init(&of);
    of.server.later = 5;
    works(&of);
    assert_int_equal(of.now, START + 5000);
}

static void test_patience_ends(void **state)
{
    world of;

    (void)state;
    init(&of);
    of.server.later = 1;
    of.server.max_age = 3600;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_PATIENCE);
    assert_int_equal(of.now, START); /* it does not wait for what it will not wait for */
    init(&of);
    of.server.later = 1000;
    of.server.max_age = 100;
    of.config.patience = 1000000;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_PATIENCE);
    assert_int_equal(of.now, START + 900000);
    init(&of);
    of.config.patience = 2500;
    of.server.crts_fault = EST_SILENT;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_PATIENCE);
    assert_int_equal(of.now, START + 2500);
    /* A Max-Age beyond what 32 bits of seconds in milliseconds can hold. */
    init(&of);
    of.server.later = 1;
    of.server.max_age = UINT32_MAX - 1;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_PATIENCE);
}

/* The time for the certificate is that of its arrival. */
static void test_a_certificate_that_begins_during_the_wait_is_taken(void **state)
{
    world of;

    (void)state;
    init(&of);
    of.server.wish.begin = 600;
    of.server.wish.end = CA_DAY;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_CERT_TIME);
    init(&of);
    of.server.wish.begin = 600;
    of.server.wish.end = CA_DAY;
    of.server.later = 1;
    of.server.max_age = 601;
    works(&of);
}

/* ---- Servers that are wrong ---- */

static void test_answers_of_another_kind_are_refused(void **state)
{
    const struct {
        est_fault fault;
        lwsec_why why;
    } faults[] = {
        {EST_NO_FORMAT, LWSEC_WHY_EST_ANSWER},       {EST_OTHER_FORMAT, LWSEC_WHY_EST_ANSWER},
        {EST_CHANGING_FORMAT, LWSEC_WHY_EST_ANSWER}, {EST_OTHER_SUCCESS, LWSEC_WHY_EST_ANSWER},
        {EST_EMPTY, LWSEC_WHY_EST_ANSWER},           {EST_CRITICAL, LWSEC_WHY_EST_ANSWER},
        {EST_FORBIDS, LWSEC_WHY_EST_REFUSED},        {EST_BROKEN, LWSEC_WHY_TRUNCATED}};
    world of;

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        for (unsigned function = 0; function < 2; function++) {
            init(&of);
            of.server.szx = 4;
            *(function == 0 ? &of.server.crts_fault : &of.server.sen_fault) = faults[i].fault;
            fails(&of, LWSEC_REJECT, faults[i].why);
            assert_int_equal(of.server.enrolled, function);
        }
    }
}

static void test_wrong_certificates_are_refused(void **state)
{
    world of;

    (void)state;
    init(&of);
    of.server.wish.other_key = true;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_EST_OTHER_KEY);
    init(&of);
    of.server.issuer = other;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR);
    init(&of);
    of.server.wish.name = "endpoint-2";
    fails(&of, LWSEC_REJECT, LWSEC_WHY_CERT_REFERENCE);
    /* More than there is room for. */
    init(&of);
    of.config.room = 1024;
    of.server.wish.many_names = true;
    fails(&of, LWSEC_REJECT, LWSEC_WHY_COAP_BODY);
}

static void test_messages_of_others_are_left_alone(void **state)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX], sent[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(sent, sizeof sent);
    const char *const foreign[] = {
        "",                 /* nothing */
        "ff",               /* no CoAP */
        "40010001",         /* a request */
        "4000ffff",         /* a ping */
        "6445ffff00000000", /* an answer with another Message ID and token */
        "50451234",         /* a notification without token */
        "7000aaaa",         /* a reset of something else */
        "6000aaaa"          /* an acknowledgement of something else */
    };
    world of;

    (void)state;
    init(&of);
    open_client(&of);
    assert_status(lwsec_est_take(of.est, &message), LWSEC_OK);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_status(lwsec_est_feed(of.est, lwsec_test_hex(foreign[i]), of.now, NULL),
                      LWSEC_ABSENT);
    }
    /* Its Message ID with another token, and its token in an answer to somebody else's message. */
    memcpy(room, sent, 8);
    room[0] = 0x64;
    room[1] = LWSEC_COAP_CODE(4, 4);
    room[7] ^= 1;
    assert_status(lwsec_est_feed(of.est, lwsec_bytes_of(room, 8), of.now, NULL), LWSEC_ABSENT);
    room[7] ^= 1;
    room[3] ^= 1;
    assert_status(lwsec_est_feed(of.est, lwsec_bytes_of(room, 8), of.now, NULL), LWSEC_ABSENT);
    assert_int_equal(lwsec_est_phase_of(of.est), LWSEC_EST_AUTHORITIES);
    assert_int_equal(lwsec_est_code(of.est), 0);
    est_server_feed(&of.server, lwsec_buffer_bytes(&message), of.now);
    run(&of);
    check_done(&of);
    end(&of);
}

/* ---- Configurations ---- */

static void refuse(world *of, size_t size, lwsec_status status, lwsec_why why)
{
    of->est = (lwsec_est *)of->memory;
    assert_status(lwsec_est_open(of->memory, size, &of->config, of->now, &of->est, &of->reason),
                  status);
    assert_string_equal(lwsec_why_text(of->reason.why), lwsec_why_text(why));
    assert_null(of->est);
}

static void test_nothing_is_done_outside_of_a_secured_session(void **state)
{
    world of;

    (void)state;
    init(&of);
    of.config.flags = 0;
    refuse(&of, sizeof of.memory, LWSEC_USAGE, LWSEC_WHY_EST_UNSECURED);
    end(&of);
}

static void test_configurations_that_are_not_known_are_refused(void **state)
{
    static const char *const paths[] = {
        "est", "/", "/est/", "//est", "/e st", "/\x7f", "/1/2/3/4/5/6/7/8/9/10/11"};
    world of;

    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        init(&of);
        switch (i) {
        case 0: of.config.size--; break;
        case 1: of.config.flags |= 1U << 31; break;
        case 2: of.config.engine = NULL; break;
        case 3: of.config.clock = NULL; break;
        case 4: of.config.accept = LWSEC_EST_PKCS10; break;
        case 5: of.config.szx = 8; break;
        case 6: of.config.room = UINT32_MAX; break;
        case 7:
            of.config.flags |= LWSEC_EST_DISCOVER;
            of.config.path = lwsec_bytes_of("/est", 4);
            break;
        default: of.config.request = NULL; break;
        }
        refuse(&of, sizeof of.memory, LWSEC_USAGE, LWSEC_WHY_CONFIG);
        of.config.room = 0;
        end(&of);
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        init(&of);
        of.config.path = lwsec_bytes_of(paths[i], strlen(paths[i]));
        refuse(&of, sizeof of.memory, LWSEC_USAGE, LWSEC_WHY_CONFIG);
        end(&of);
    }
    init(&of);
    refuse(&of, lwsec_est_size(&of.config) - 1, LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL);
    of.subject.value.size = 0;
    refuse(&of, sizeof of.memory, LWSEC_USAGE, LWSEC_WHY_CSR_NAME);
    end(&of);
}

static void test_the_macro_has_room_for_what_the_function_says(void **state)
{
    static const uint32_t rooms[] = {1, 7, 8, 1024, 4096, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        const lwsec_est_config config = {.size = sizeof config, .room = rooms[i]};
        assert_true(LWSEC_EST_SIZE(rooms[i]) >= lwsec_est_size(&config));
    }
}

static int set_up(void **state)
{
    (void)state;
    kind = lwsec_test_store_at(0);
    store = lwsec_test_store_open(kind, 4);
    root = ca_open("Root", NULL);
    between = ca_open("Between", root);
    other = ca_open("Other", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ca_close(root);
    ca_close(between);
    ca_close(other);
    lwsec_test_store_close(kind, store);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authorities_then_a_certificate_in_blocks_of_every_size),
        cmocka_unit_test(test_either_format_is_read_and_may_be_asked_for),
        cmocka_unit_test(test_another_path_and_a_renewal),
        cmocka_unit_test(test_the_functions_are_found_where_the_server_says),
        cmocka_unit_test(test_functions_that_are_not_here_are_not_followed),
        cmocka_unit_test(test_each_message_may_be_lost),
        cmocka_unit_test(test_a_bad_network_delays_and_nothing_else),
        cmocka_unit_test(test_a_server_that_says_nothing_is_given_up),
        cmocka_unit_test(test_a_separate_answer_is_acknowledged_as_often_as_it_comes),
        cmocka_unit_test(test_asked_to_wait_it_comes_again_with_the_same),
        cmocka_unit_test(test_patience_ends),
        cmocka_unit_test(test_a_certificate_that_begins_during_the_wait_is_taken),
        cmocka_unit_test(test_answers_of_another_kind_are_refused),
        cmocka_unit_test(test_wrong_certificates_are_refused),
        cmocka_unit_test(test_messages_of_others_are_left_alone),
        cmocka_unit_test(test_nothing_is_done_outside_of_a_secured_session),
        cmocka_unit_test(test_configurations_that_are_not_known_are_refused),
        cmocka_unit_test(test_the_macro_has_room_for_what_the_function_says),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
