/* Fresh contexts by two exchanges: RFC 8613 Appendix B.2. */
#include "tests/oscore/pair.h"

#include "tests/oscore/faulty_state.h"
#include "tests/oscore/seal_log.h"

#include <lwsec/oscore_rederive.h>

#include "oscore/option.h"

/* The client's side, and the server's: which of its two places the present context lives in. */
static struct {
    uint64_t client_memory[LWSEC_OSCORE_REDERIVE_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, 8) / 8];
    lwsec_oscore_rederive *client;
    lwsec_oscore_rederive_server server;
    lwsec_oscore_rederive_peer peer;
    uint64_t places[2][LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8];
    size_t place;
    lwsec_oscore *server_context;
} both_ends;

static packet sent, at_server, answer, at_client, again;

static void open_client(pair *both)
{
    assert_status(lwsec_oscore_rederive_init(both_ends.client_memory,
                                             sizeof both_ends.client_memory, &both->client.config,
                                             &both_ends.client, NULL),
                  LWSEC_OK);
}

static void open_server(pair *both)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};

    both_ends.server = (lwsec_oscore_rederive_server){.size = sizeof both_ends.server, .now = 7000};
    assert_status(lwsec_key_generate(both->store, &attributes, 32, &both_ends.server.key),
                  LWSEC_OK);
    both_ends.peer = (lwsec_oscore_rederive_peer){.size = sizeof both_ends.peer,
                                                  .inputs = &both->server.config,
                                                  .memory = both_ends.places[0],
                                                  .memory_size = sizeof both_ends.places[0]};
    both_ends.place = 0;
    both_ends.server_context = NULL;
}

static int set_up(void **state)
{
    const int result = pair_set_up(state);
    pair *both = *state;

    memset(&both_ends, 0, sizeof both_ends);
    both->client.config.flags = 0; /* nothing is known of its key: it may not send */
    both->server.config.flags = 0;
    open_server(both);
    return result;
}

static int tear_down(void **state)
{
    lwsec_oscore_close(&both_ends.server_context);
    lwsec_oscore_rederive_close(&both_ends.client);
    return pair_tear_down(state);
}

/* ---- The two ends ---- */

static void begin(packet *one, size_t capacity)
{
    memset(one, 0, sizeof *one);
    one->out = lwsec_buffer_of(one->data, capacity);
}

static void ask(lwsec_bytes plain, packet *out)
{
    begin(out, 600);
    assert_status(lwsec_oscore_protect_request(lwsec_oscore_rederive_context(both_ends.client),
                                               plain, &out->request, &out->out, &out->reason),
                  LWSEC_OK);
}

/* What a server does with every request: its present context first, then Appendix B.2. On CHALLENGE
 * and OK, `out` holds the answer or the plain request. */
static lwsec_status serve(lwsec_bytes wire, packet *out)
{
    lwsec_oscore *agreed = NULL;
    lwsec_oscore_option option;

    begin(out, wire.size + 128);
    assert_status(lwsec_oscore_peek(LWSEC_COAP_UDP, wire, &option, NULL), LWSEC_OK);
    if (both_ends.server_context != NULL) {
        const lwsec_status status = lwsec_oscore_unprotect_request(
            both_ends.server_context, wire, &out->request, &out->out, &out->reason);
        if (out->reason.why != LWSEC_WHY_OSCORE_OTHER_CONTEXT) {
            return status;
        }
    }
    const lwsec_status status =
        lwsec_oscore_rederive_request(&both_ends.server, &both_ends.peer, wire, 0x1234, &agreed,
                                      &out->request, &out->out, &out->reason);
    assert_true((status == LWSEC_OK) == (agreed != NULL));
    if (agreed != NULL) {
        lwsec_oscore_close(&both_ends.server_context);
        both_ends.server_context = agreed;
        both_ends.place ^= 1;
        both_ends.peer.memory = both_ends.places[both_ends.place];
    } else if (status != LWSEC_CHALLENGE) {
        assert_int_equal(out->out.size, 0);
    }
    return status;
}

static void reply(packet *received, packet *out)
{
    begin(out, 600);
    assert_status(lwsec_oscore_protect_response(both_ends.server_context, &received->request,
                                                plain_content(), false, &out->out, &out->reason),
                  LWSEC_OK);
}

static lwsec_status hear(packet *request, lwsec_bytes wire, packet *out)
{
    begin(out, wire.size + 8);
    const lwsec_status status = lwsec_oscore_rederive_response(both_ends.client, &request->request,
                                                               wire, &out->out, &out->reason);
    if (status != LWSEC_OK) {
        assert_int_equal(out->out.size, 0);
    }
    return status;
}

/* Up to response 1, which the client has accepted. */
static void run_first_half(void)
{
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    assert_int_equal(at_client.reason.why, LWSEC_WHY_OSCORE_REDERIVED);
}

static void run_second_half(void)
{
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
    assert_bytes(bytes_of(&at_server), plain_get());
    reply(&at_server, &answer);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_OK);
    assert_false(lwsec_oscore_rederive_running(both_ends.client));
}

static void run(void)
{
    run_first_half();
    run_second_half();
}

/* A request and its response by what was agreed. */
static void talk(void)
{
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
    reply(&at_server, &answer);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_OK);
}

/* ---- The protocol ---- */

static void two_ends_agree_and_go_on(void **state)
{
    open_client(*state);
    assert_null(lwsec_oscore_rederive_context(both_ends.client));
    run();
    for (unsigned i = 0; i < 10; i++) {
        talk();
    }
    LWSEC_COVERS("R-5.5.3-10");
}

static lwsec_bytes kid_context_of(const packet *one)
{
    return outside(bytes_of(one)).kid_context;
}

/* As measured with libcoap: byte strings of ID1, of R2, of R2 || R3; then as it is. */
static void the_kid_context_is_wrapped_while_it_is_agreed(void **state)
{
    uint8_t r2[LWSEC_OSCORE_R2_MAX];
    lwsec_bytes inside;

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_int_equal(kid_context_of(&sent).size, 9);
    assert_int_equal(kid_context_of(&sent).data[0], 0x48);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_int_equal(kid_context_of(&answer).size, 17);
    assert_int_equal(kid_context_of(&answer).data[0], 0x50);
    memcpy(r2, &kid_context_of(&answer).data[1], 16);
    assert_null(outside(bytes_of(&answer)).kid.data);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    ask(plain_get(), &again);
    assert_true(lwsec_oscore_unwrap(kid_context_of(&again), &inside));
    assert_int_equal(inside.size, 24);
    assert_memory_equal(inside.data, r2, 16);
    assert_status(serve(bytes_of(&again), &at_server), LWSEC_OK);
    reply(&at_server, &answer);
    assert_null(kid_context_of(&answer).data);
    assert_status(hear(&again, bytes_of(&answer), &at_client), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_int_equal(kid_context_of(&sent).size, 24);
    assert_memory_equal(kid_context_of(&sent).data, r2, 16);
}

static void the_first_response_is_a_protected_401(void **state)
{
    lwsec_coap_message decoded;

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(&answer), &decoded, NULL), LWSEC_OK);
    assert_int_equal(decoded.type, LWSEC_COAP_ACK);
    assert_int_equal(decoded.message_id, 0x5d1f);
    assert_bytes(decoded.token, lwsec_test_hex("00003974"));
    assert_int_equal(decoded.code, LWSEC_COAP_CHANGED);
}

static void the_new_context_needs_no_echo(void **state)
{
    pair *both = *state;

    open_client(both);
    run();
    talk();
    /* Also in the other direction: both ends send requests. */
    begin(&sent, 600);
    assert_status(lwsec_oscore_protect_request(both_ends.server_context, plain_get(), &sent.request,
                                               &sent.out, &sent.reason),
                  LWSEC_OK);
    lwsec_oscore *by;
    begin(&at_client, 600);
    assert_status(lwsec_oscore_rederive_incoming(both_ends.client, bytes_of(&sent), &by,
                                                 &at_client.request, &at_client.out, NULL),
                  LWSEC_OK);
    assert_ptr_equal(by, lwsec_oscore_rederive_context(both_ends.client));
    assert_bytes(bytes_of(&at_client), plain_get());
}

/* Register needs to be fresh by rule: its R2 proves it, and the next one has to bring an Echo. */
static void the_second_request_is_fresh_by_its_r2(void **state)
{
    static const lwsec_coap_option path = {LWSEC_COAP_URI_PATH, {(const uint8_t *)"rd", 2}};
    const lwsec_bytes registration = udp_message(LWSEC_COAP_POST, &path, 1, "");
    pair *both = *state;
    lwsec_freshness freshness = {
        .size = sizeof freshness, .key = both_ends.server.key, .now = 7000};

    freshness.rules = lwsec_lwm2m_server_freshness(&freshness.rule_count);
    both->server.config.freshness = &freshness;
    open_client(both);
    run_first_half();
    ask(registration, &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
    assert_bytes(bytes_of(&at_server), registration);
    reply(&at_server, &answer);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_OK);
    ask(registration, &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_CHALLENGE);
}

static void each_run_has_other_keys_and_no_nonce_twice(void **state)
{
    pair *both = *state;

    open_client(both);
    seal_log_start(both->store);
    for (unsigned i = 0; i < 20; i++) {
        run();
        talk();
        both_ends.server.now += 1;
    }
    seal_log_stop();
    assert_no_nonce_twice();
}

/* The server's clock stands still, or the peer is fast: R2 are different all the same. */
static void no_r2_is_given_twice(void **state)
{
    uint8_t earlier[17];

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    for (unsigned i = 0; i < 10; i++) {
        assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
        assert_memory_not_equal(kid_context_of(&answer).data, earlier, sizeof earlier);
        memcpy(earlier, kid_context_of(&answer).data, sizeof earlier);
    }
}

/* ---- The server begins: its numbers are lost ---- */

static void a_server_that_lost_its_numbers_begins_by_itself(void **state)
{
    pair *both = *state;
    static const uint8_t id_context[] = {1, 2, 3};

    both->client.config.flags = LWSEC_KEY_FRESH;
    both->client.config.id_context = lwsec_bytes_of(id_context, sizeof id_context);
    both->server.config.id_context = both->client.config.id_context;
    open_client(both);
    ask(plain_get(), &sent); /* an ordinary request */
    assert_int_equal(kid_context_of(&sent).size, 3);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
    talk();
}

static void also_where_there_is_no_id_context(void **state)
{
    pair *both = *state;

    both->client.config.flags = LWSEC_KEY_FRESH;
    open_client(both);
    ask(plain_get(), &sent);
    assert_null(kid_context_of(&sent).data);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
}

/* It has lost what was agreed: the ID Context comes as it is, in no byte string. */
static void also_after_it_lost_what_was_agreed(void **state)
{
    open_client(*state);
    run();
    lwsec_oscore_close(&both_ends.server_context);
    open_server(*state);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
    talk();
}

/* ---- Replays ---- */

static void a_replayed_request_1_brings_nobody_further(void **state)
{
    static packet first, other;

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &first);
    sent = first;
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
    assert_status(serve(bytes_of(&first), &other), LWSEC_CHALLENGE);
    assert_status(hear(&first, bytes_of(&other), &at_client), LWSEC_USAGE);
    talk();
}

static void a_replayed_request_2_is_refused(void **state)
{
    static packet second;

    open_client(*state);
    run_first_half();
    ask(plain_get(), &second);
    assert_status(serve(bytes_of(&second), &at_server), LWSEC_OK);
    assert_status(serve(bytes_of(&second), &at_server), LWSEC_REPLAY);
    /* Also when its context is there no more: its R2 is used up. */
    lwsec_oscore_close(&both_ends.server_context);
    assert_status(serve(bytes_of(&second), &at_server), LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_R2);
}

static void a_request_2_of_an_earlier_run_is_refused(void **state)
{
    static packet second;

    open_client(*state);
    run_first_half();
    ask(plain_get(), &second); /* is held back */
    run();
    assert_status(serve(bytes_of(&second), &at_server), LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_R2);
    talk();
}

/* Deleted and provisioned again, a peer takes no request 2 from before, nor the keys of it. */
static void a_peer_that_is_made_anew_takes_no_old_r2(void **state)
{
    open_client(*state);
    run_first_half();
    ask(plain_get(), &again);
    assert_status(serve(bytes_of(&again), &at_server), LWSEC_OK);
    reply(&at_server, &answer);
    lwsec_oscore_close(&both_ends.server_context);
    both_ends.peer.floor = 0;
    assert_status(serve(bytes_of(&again), &at_server), LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_R2);
    run();
    talk();
}

static void an_r2_ends_with_time(void **state)
{
    open_client(*state);
    run_first_half();
    both_ends.server.now += 60000;
    run_second_half();
    run_first_half();
    both_ends.server.now += 60002;
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_R2);
}

/* Of another life of the server, or not of ours at all: it is the ID1 of a new run. */
static void a_foreign_r2_begins_anew(void **state)
{
    open_client(*state);
    run_first_half();
    open_server(*state);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_int_equal(answer.reason.why, LWSEC_WHY_OSCORE_NOT_FRESH);
    /* The client follows: nobody has to begin by hand. */
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
    talk();
}

static void a_replayed_response_1_is_refused(void **state)
{
    static packet old_answer;

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &old_answer), LWSEC_CHALLENGE);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(hear(&sent, bytes_of(&old_answer), &at_client), LWSEC_REJECT);
    assert_int_equal(at_client.reason.why, LWSEC_WHY_OSCORE_TAG);
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    /* Once more, to request 2. */
    ask(plain_get(), &sent);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_REJECT);
}

/* ---- Forgeries ---- */

static void every_changed_byte_is_refused(void **state)
{
    static packet forged;

    open_client(*state);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    for (size_t at = 18; at < sent.out.size; at++) { /* behind Uri-Host, which is not protected */
        lwsec_oscore_option option;
        forged = sent;
        forged.data[at] ^= 1;
        if (lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_bytes_of(forged.data, sent.out.size), &option,
                              NULL) != LWSEC_OK ||
            !option.present) {
            continue;
        }
        assert_status(serve(lwsec_bytes_of(forged.data, sent.out.size), &answer), LWSEC_REJECT);
    }
    assert_status(serve(bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    for (size_t at = 8; at < answer.out.size; at++) {
        forged = answer;
        forged.data[at] ^= 1;
        const lwsec_status status =
            hear(&sent, lwsec_bytes_of(forged.data, answer.out.size), &at_client);
        assert_true(status == LWSEC_REJECT || status == LWSEC_REPLAY);
    }
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_CHALLENGE);
    run_second_half();
}

/* A forged request 2 with a genuine R2 leaves no record behind, nor uses up the R2. */
static void a_forged_request_2_leaves_nothing(void **state)
{
    static packet forged;
    pair *both = *state;

    open_client(both);
    run_first_half();
    ask(plain_get(), &sent);
    const size_t r3_at = (size_t)(kid_context_of(&sent).data - sent.data) + 2 + 16;
    for (unsigned i = 0; i < 3 * STATE_RECORDS; i++) { /* each with an R3 of its own */
        forged = sent;
        forged.data[r3_at] = (uint8_t)(forged.data[r3_at] + 1 + i);
        assert_status(serve(lwsec_bytes_of(forged.data, sent.out.size), &at_server), LWSEC_REJECT);
        assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_TAG);
    }
    assert_status(lwsec_oscore_rederive_resume(both_ends.places[1], sizeof both_ends.places[1],
                                               &both->server.config, &both_ends.server_context,
                                               NULL),
                  LWSEC_ABSENT);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
}

static void an_ordinary_response_to_request_1_is_not_delivered(void **state)
{
    pair *both = *state;
    static uint64_t memory[LWSEC_OSCORE_AGREED_SIZE(32) / 8];
    lwsec_oscore_config config = both->server.config;
    lwsec_oscore *first;
    lwsec_bytes id1;

    open_client(both);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    ask(plain_get(), &sent);
    /* A server that takes any ID Context. */
    assert_true(lwsec_oscore_unwrap(kid_context_of(&sent), &id1));
    config.id_context = id1;
    config.flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO;
    assert_status(lwsec_oscore_init(memory, sizeof memory, &config, &first, NULL), LWSEC_OK);
    begin(&at_server, 600);
    assert_status(lwsec_oscore_unprotect_request(first, bytes_of(&sent), &at_server.request,
                                                 &at_server.out, NULL),
                  LWSEC_OK);
    begin(&answer, 600);
    assert_status(lwsec_oscore_protect_response(first, &at_server.request, plain_content(), false,
                                                &answer.out, NULL),
                  LWSEC_OK);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_REJECT);
    assert_int_equal(at_client.reason.why, LWSEC_WHY_OSCORE_NOT_ASKED);
    lwsec_oscore_close(&first);
}

static void without_oscore_nothing_begins(void **state)
{
    lwsec_oscore *agreed;

    open_client(*state);
    begin(&at_server, 600);
    assert_status(lwsec_oscore_rederive_request(&both_ends.server, &both_ends.peer, plain_get(), 1,
                                                &agreed, &at_server.request, &at_server.out,
                                                &at_server.reason),
                  LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
    both_ends.peer.size--;
    assert_status(lwsec_oscore_rederive_request(&both_ends.server, &both_ends.peer, plain_get(), 1,
                                                &agreed, &at_server.request, &at_server.out,
                                                &at_server.reason),
                  LWSEC_USAGE);
}

static void an_id_that_is_too_long_is_refused(void **state)
{
    static const size_t sizes[] = {49, 64, 65, 100, LWSEC_OSCORE_ID_CONTEXT_MAX}; /* and 16 of R2 */
    static uint8_t id[LWSEC_OSCORE_ID_CONTEXT_MAX];
    pair *both = *state;

    both->client.config.flags = LWSEC_KEY_FRESH;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        both->client.config.id_context = lwsec_bytes_of(id, sizes[i]);
        both->server.config.id_context = both->client.config.id_context;
        endpoint_open(&both->client);
        assert_status(protect(&both->client, plain_get(), &sent), LWSEC_OK);
        assert_status(serve(bytes_of(&sent), &answer), LWSEC_REJECT);
        assert_int_equal(answer.reason.why, LWSEC_WHY_TOO_LONG);
        lwsec_oscore_close(&both->client.context);
    }
}

/* Whoever has seen an R2 may send it with anything behind it. */
static void an_r2_with_too_much_behind_it_is_refused(void **state)
{
    uint8_t id[LWSEC_OSCORE_ID_CONTEXT_MAX] = {0};
    uint8_t value[300];
    uint8_t room[400];
    lwsec_buffer option = lwsec_buffer_of(value, sizeof value);
    lwsec_buffer wire = lwsec_buffer_of(room, sizeof room);

    open_client(*state);
    run_first_half();
    memcpy(id, &kid_context_of(&answer).data[1], 16);
    const lwsec_oscore_option fields = {.present = true,
                                        .partial_iv = lwsec_bytes_of("", 1),
                                        .kid = lwsec_bytes_of("", 0),
                                        .kid_context = lwsec_bytes_of(id, sizeof id)};
    assert_status(lwsec_oscore_option_encode(&fields, &option), LWSEC_OK);
    const lwsec_coap_option oscore = {LWSEC_COAP_OSCORE, lwsec_buffer_bytes(&option)};
    const lwsec_coap_message forged = {.code = LWSEC_COAP_POST,
                                       .payload = lwsec_bytes_of("nothing of this is true", 23)};
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &forged, &oscore, 1, &wire, NULL), LWSEC_OK);
    assert_status(serve(lwsec_buffer_bytes(&wire), &at_server), LWSEC_REJECT);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_TOO_LONG);
    run_second_half();
}

/* ---- After a restart ---- */

static void what_was_agreed_goes_on_after_a_restart(void **state)
{
    pair *both = *state;

    open_client(both);
    run();
    talk();
    lwsec_oscore_rederive_close(&both_ends.client);
    open_client(both);
    assert_non_null(lwsec_oscore_rederive_context(both_ends.client));
    talk();
    /* And on the server: an Echo challenge, and its numbers go on. */
    lwsec_oscore_close(&both_ends.server_context);
    assert_status(lwsec_oscore_rederive_resume(both_ends.places[0], sizeof both_ends.places[0],
                                               &both->server.config, &both_ends.server_context,
                                               NULL),
                  LWSEC_OK);
    both_ends.peer.memory = both_ends.places[1];
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_CHALLENGE);
    assert_int_equal(at_server.reason.why, LWSEC_WHY_OSCORE_NOT_FRESH);
}

/* What the state keeps does not grow with the number of runs. */
static void the_records_of_what_went_before_are_removed(void **state)
{
    pair *both = *state;

    open_client(both);
    for (unsigned i = 0; i < 2 * STATE_RECORDS; i++) {
        run();
        both_ends.server.now += 1;
    }
    lwsec_oscore_rederive_close(&both_ends.client);
    open_client(both);
    talk();
}

static void nothing_is_resumed_where_nothing_was_agreed(void **state)
{
    pair *both = *state;

    assert_status(lwsec_oscore_rederive_resume(both_ends.places[0], sizeof both_ends.places[0],
                                               &both->server.config, &both_ends.server_context,
                                               NULL),
                  LWSEC_ABSENT);
    open_client(both);
    run_first_half();
    lwsec_oscore_rederive_close(&both_ends.client);
    open_client(both);
    assert_null(lwsec_oscore_rederive_context(both_ends.client));
}

static void without_a_state_it_runs_and_ends_with_the_process(void **state)
{
    pair *both = *state;

    both->client.config.state = NULL;
    both->server.config.state = NULL;
    open_client(both);
    run();
    talk();
    lwsec_oscore_rederive_close(&both_ends.client);
    open_client(both);
    assert_null(lwsec_oscore_rederive_context(both_ends.client));
}

/* A key at its limit of failed opens, or one whose numbers were lost: a new one goes on. */
static void a_run_gives_a_key_that_has_not_failed(void **state)
{
    pair *both = *state;
    lwsec_oscore_wear wear = {.size = sizeof wear};

    both->client.config.flags = LWSEC_KEY_FRESH;
    open_client(both);
    lwsec_oscore *worn = lwsec_oscore_rederive_context(both_ends.client);
    assert_status(lwsec_key_raise_uses(worn->recipient, 0, 1U << 14), LWSEC_OK);
    assert_status(lwsec_key_raise_uses(worn->sender, 1U << 20, 0), LWSEC_OK);
    run();
    talk();
    assert_status(lwsec_oscore_get_wear(lwsec_oscore_rederive_context(both_ends.client), &wear),
                  LWSEC_OK);
    assert_int_equal(wear.failed_opens, 0);
}

/* Nothing is delivered, nothing goes on with numbers that could not be kept, and a new run can. */
static void what_cannot_be_recorded_is_given_up(void **state)
{
    static faulty_state faulty;
    pair *both = *state;

    faulty_state_open(&faulty, both->client.state);
    both->client.config.state = &faulty.head;
    open_client(both);
    run_first_half();
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
    reply(&at_server, &answer);
    faulty_state_fail(&faulty, UINT32_MAX, LWSEC_STATE);
    assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_STATE);
    assert_false(lwsec_oscore_rederive_running(both_ends.client));
    assert_null(lwsec_oscore_rederive_context(both_ends.client));
    faulty.fail_from = 0;
    run();
    talk();
}

static void who_gives_up_goes_on_with_the_present_context(void **state)
{
    pair *both = *state;

    both->client.config.flags = LWSEC_KEY_FRESH;
    open_client(both);
    lwsec_oscore *present = lwsec_oscore_rederive_context(both_ends.client);
    assert_status(lwsec_oscore_rederive_start(both_ends.client, NULL), LWSEC_OK);
    assert_ptr_not_equal(lwsec_oscore_rederive_context(both_ends.client), present);
    lwsec_oscore_rederive_abandon(both_ends.client);
    assert_ptr_equal(lwsec_oscore_rederive_context(both_ends.client), present);
    ask(plain_get(), &sent);
}

static void memory_that_does_not_fit_is_refused(void **state)
{
    pair *both = *state;
    lwsec_reason reason;

    const size_t needed = lwsec_oscore_rederive_size(&both->client.config);
    assert_true(needed <= sizeof both_ends.client_memory);
    assert_status(lwsec_oscore_rederive_init(both_ends.client_memory, needed - 1,
                                             &both->client.config, &both_ends.client, &reason),
                  LWSEC_BUFFER);
    both->client.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    assert_status(lwsec_oscore_rederive_init(both_ends.client_memory, needed, &both->client.config,
                                             &both_ends.client, &reason),
                  LWSEC_USAGE);
    assert_null(both_ends.client);
}

/* ---- Where several processes serve one peer ---- */

/* A context that was replaced in one process still stands in another one, where the window that
 * both shared may have gone: neither does it deliver a request once more, nor answer it with the
 * same nonce. */
static void a_context_that_another_process_has_replaced_takes_no_request(void **state)
{
    static uint64_t place[LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8];
    pair *both = *state;
    endpoint other = {.config = both->server.config};

    both->server.config.flags = LWSEC_OSCORE_SHARED_WINDOW;
    open_client(both);
    run();
    assert_status(lwsec_oscore_rederive_resume(place, sizeof place, &both->server.config,
                                               &other.context, NULL),
                  LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(unprotect(&other, bytes_of(&sent), &at_server), LWSEC_OK);
    ask(plain_get(), &sent);
    assert_status(serve(bytes_of(&sent), &at_server), LWSEC_OK);
    assert_status(unprotect(&other, bytes_of(&sent), &at_client), LWSEC_REPLAY);
    again = sent;
    both_ends.server.now += 1;
    run();
    for (unsigned i = 0; i < 3; i++) {
        again.out.data = again.data;
        assert_status(unprotect(&other, bytes_of(&again), &at_client), LWSEC_NEED_REKEY);
        assert_int_equal(at_client.reason.why, LWSEC_WHY_OSCORE_NO_RECORD);
    }
    talk();
    lwsec_oscore_close(&other.context);
}

/* A run in which the server's state may fail once: it comes to an end or it does not. */
static void try_run(void)
{
    run_first_half();
    ask(plain_get(), &sent);
    if (serve(bytes_of(&sent), &at_server) == LWSEC_OK) {
        reply(&at_server, &answer);
        assert_status(hear(&sent, bytes_of(&answer), &at_client), LWSEC_OK);
    }
    lwsec_oscore_rederive_abandon(both_ends.client);
}

/* Also where the records of a context that was replaced could not all be removed. */
static void whatever_fails_no_other_process_takes_a_request_again(void **state)
{
    static uint64_t place[LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8];
    static uint64_t records[LWSEC_STATE_MEMORY_SIZE(64, 128) / 8]; /* failed runs leave some */
    static faulty_state faulty;
    pair *both = *state;
    endpoint other = {.config = both->server.config};
    lwsec_state *many;
    unsigned calls = 1;

    assert_status(lwsec_state_memory_open(records, sizeof records, 64, 128, &many), LWSEC_OK);
    faulty_state_open(&faulty, many);
    both->server.config.state = &faulty.head;
    both->server.config.flags = LWSEC_OSCORE_SHARED_WINDOW;
    open_client(both);
    for (unsigned n = 0; n < calls; n++) {
        run();
        assert_status(lwsec_oscore_rederive_resume(place, sizeof place, &both->server.config,
                                                   &other.context, NULL),
                      LWSEC_OK);
        ask(plain_get(), &sent);
        assert_status(unprotect(&other, bytes_of(&sent), &at_server), LWSEC_OK);
        ask(plain_get(), &again);
        assert_status(serve(bytes_of(&again), &at_server), LWSEC_OK);
        const unsigned before = faulty.calls;
        faulty.fail_from = n > 0 ? before + n : 0;
        faulty.fail_count = 1;
        faulty.answer = LWSEC_STATE;
        try_run();
        faulty.fail_from = 0;
        calls = n > 0 ? calls : faulty.calls - before;
        const lwsec_status status = unprotect(&other, bytes_of(&again), &at_client);
        assert_true(status == LWSEC_REPLAY || status == LWSEC_NEED_REKEY);
        lwsec_oscore_close(&other.context);
    }
    assert_true(calls > 5);
    lwsec_oscore_close(&both_ends.server_context);
    lwsec_state_memory_close(&many);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown((name), set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(two_ends_agree_and_go_on),
        test(the_kid_context_is_wrapped_while_it_is_agreed),
        test(the_first_response_is_a_protected_401),
        test(the_new_context_needs_no_echo),
        test(the_second_request_is_fresh_by_its_r2),
        test(each_run_has_other_keys_and_no_nonce_twice),
        test(no_r2_is_given_twice),
        test(a_server_that_lost_its_numbers_begins_by_itself),
        test(also_where_there_is_no_id_context),
        test(also_after_it_lost_what_was_agreed),
        test(a_replayed_request_1_brings_nobody_further),
        test(a_replayed_request_2_is_refused),
        test(a_request_2_of_an_earlier_run_is_refused),
        test(a_peer_that_is_made_anew_takes_no_old_r2),
        test(an_r2_ends_with_time),
        test(a_foreign_r2_begins_anew),
        test(a_replayed_response_1_is_refused),
        test(every_changed_byte_is_refused),
        test(a_forged_request_2_leaves_nothing),
        test(an_ordinary_response_to_request_1_is_not_delivered),
        test(without_oscore_nothing_begins),
        test(an_id_that_is_too_long_is_refused),
        test(an_r2_with_too_much_behind_it_is_refused),
        test(what_was_agreed_goes_on_after_a_restart),
        test(the_records_of_what_went_before_are_removed),
        test(nothing_is_resumed_where_nothing_was_agreed),
        test(without_a_state_it_runs_and_ends_with_the_process),
        test(a_run_gives_a_key_that_has_not_failed),
        test(what_cannot_be_recorded_is_given_up),
        test(who_gives_up_goes_on_with_the_present_context),
        test(memory_that_does_not_fit_is_refused),
        test(a_context_that_another_process_has_replaced_takes_no_request),
        test(whatever_fails_no_other_process_takes_a_request_again),
    };
    return cmocka_run_group_tests_name("oscore-rederive", tests, NULL, NULL);
}
