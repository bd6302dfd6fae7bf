/* What KUDOS refuses: replays, forgeries, the other mode, other configurations. */
#include "tests/oscore/kudos_sides.h"

/* ---- Replays, forgeries, reflections ---- */

static void a_replayed_divergent_request_changes_nothing(void **state)
{
    static packet first;

    (void)state;
    run_to_answer();
    keep(&first, &sent);
    lwsec_oscore *next = lwsec_oscore_kudos_context(b.kudos);
    assert_status(serve(&b, bytes_of(&first), &back), LWSEC_CHALLENGE);
    assert_ptr_equal(lwsec_oscore_kudos_context(b.kudos), next);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    /* The client has confirmed; the server does not know yet. */
    assert_status(serve(&b, bytes_of(&first), &back), LWSEC_CHALLENGE);
    settle_and_talk();
    assert_status(serve(&b, bytes_of(&first), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_TAG);
    assert_states(IDLE, IDLE);
}

static void a_replayed_answer_is_refused(void **state)
{
    static packet old;

    (void)state;
    run();
    keep(&old, &answer);
    settle_and_talk();
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_status(hear(&a, &sent, bytes_of(&old), &back), LWSEC_REJECT);
    assert_states(BUSY, IDLE);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_USAGE);
}

static void a_replayed_convergent_request_is_refused(void **state)
{
    (void)state;
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    talk(&a, &b);
    ask(&a, plain_get(), &sent);
    assert_x(&sent, 0x47);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_REPLAY);
}

static void a_message_comes_back_to_its_sender(void **state)
{
    (void)state;
    run_to_answer();
    assert_status(serve(&a, bytes_of(&sent), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_OTHER_KID);
    assert_status(hear(&a, &sent, bytes_of(&sent), &back), LWSEC_REJECT);
    assert_states(BUSY, PENDING);
}

/* x and nonce are in the keys: every bit of them counts. */
static void every_changed_bit_is_refused(void **state)
{
    static packet forged;

    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    for (size_t bit = 8 * 8; bit < 8 * sent.out.size; bit++) {
        lwsec_oscore_kudos_option option;
        forged = sent;
        forged.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        const lwsec_bytes wire = lwsec_bytes_of(forged.data, sent.out.size);
        if (lwsec_oscore_kudos_peek(LWSEC_COAP_UDP, wire, &option, NULL) == LWSEC_OK) {
            assert_status(serve(&b, wire, &answer), LWSEC_REJECT);
        }
    }
    assert_states(BUSY, IDLE);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    for (size_t bit = 8 * 8; bit < 8 * answer.out.size; bit++) {
        forged = answer;
        forged.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        const lwsec_bytes wire = lwsec_bytes_of(forged.data, answer.out.size);
        lwsec_oscore_kudos_option option;
        if (lwsec_oscore_kudos_peek(LWSEC_COAP_UDP, wire, &option, NULL) == LWSEC_OK &&
            option.base.kid.data != NULL) {
            continue; /* in a response, a kid says nothing and is not protected */
        }
        assert_status(hear(&a, &sent, wire, &back), LWSEC_REJECT);
    }
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    settle_and_talk();
}

/* Their keys are derived anew for each, and count together. */
static void failed_opens_are_limited(void **state)
{
    static packet forged;
    const uint32_t limit = lwsec_algorithm_find(LWSEC_ALG_AES_CCM_16_64_128)->open_limit;

    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    keep(&forged, &sent);
    forged.data[sent.out.size - 1] ^= 1;
    b.kudos->failed_opens = limit - 2;
    assert_status(serve(&b, bytes_of(&forged), &back), LWSEC_REJECT);
    assert_int_equal(b.kudos->failed_opens, limit - 1);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    /* PENDING: it fails by the old context, and is not tried by the new one any more. */
    assert_status(serve(&b, bytes_of(&forged), &back), LWSEC_LIMIT);
    assert_int_equal(b.kudos->failed_opens, limit);
    assert_status(serve(&b, bytes_of(&sent), &back), LWSEC_LIMIT);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    talk(&a, &b);
    assert_int_equal(b.kudos->failed_opens, 0);
    settle_and_talk();
}

static void the_other_mode_is_refused(void **state)
{
    pair *both = *state;
    lwsec_state *kept = both->client.config.state;

    lwsec_oscore_kudos_close(&a.kudos);
    a.config.mode = LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    both->client.config.state = NULL;
    open_side(&a);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_NOT_ASKED);
    assert_int_equal(lwsec_oscore_kudos_get_state(b.kudos), IDLE);
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    ask(&b, plain_kudos(), &sent);
    assert_status(serve(&a, bytes_of(&sent), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_NOT_ASKED);
    both->client.config.state = kept;
}

/* A response to a divergent request that was made by no new context. */
static void an_answer_by_the_old_context_is_refused(void **state)
{
    static packet old;

    (void)state;
    ask(&a, plain_get(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    reply(&at_peer, &old);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_status(hear(&a, &sent, bytes_of(&old), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_NOT_ASKED);
}

/* Without forward secrecy, it could be old: its keys and the number of the request may come again.
 */
static void a_divergent_response_of_a_bootstrap_secret_is_not_delivered(void **state)
{
    (void)state;
    run();
    settle_and_talk();
    ask(&a, plain_get(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    const uint64_t number = lwsec_request_inside(&at_peer.request)->number;
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    used = lwsec_oscore_kudos_context(b.kudos);
    lwsec_request_open(&at_peer.request, used, number, LWSEC_REQUEST_PEERS);
    reply(&at_peer, &answer);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_CHALLENGE);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_REDERIVED);
    assert_states(PENDING, BUSY);
    settle_and_talk();
}

static void a_bootstrap_secret_gives_no_divergent_response(void **state)
{
    (void)state;
    run();
    settle_and_talk();
    ask(&a, plain_get(), &sent);
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_REJECT);
    assert_int_equal(at_peer.reason.why, LWSEC_WHY_OSCORE_NOT_ASKED);
}

/* The request of an earlier run verifies again: its secret is the same. Nothing is delivered, and
 * the server waits in vain until it gives up. */
static void an_old_request_to_a_bootstrap_secret_is_survived(void **state)
{
    static packet old;

    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_get(), &old);
    assert_status(serve(&b, bytes_of(&old), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&a, &old, bytes_of(&answer), &back), LWSEC_OK);
    settle_and_talk();
    assert_status(serve(&b, bytes_of(&old), &answer), LWSEC_CHALLENGE);
    assert_states(IDLE, PENDING);
    lwsec_oscore_kudos_abandon(b.kudos);
    settle_and_talk();
    /* Or the client begins. */
    assert_status(serve(&b, bytes_of(&old), &answer), LWSEC_CHALLENGE);
    run();
    settle_and_talk();
}

static void a_divergent_response_is_bound_to_its_request(void **state)
{
    static packet other;

    (void)state;
    ask(&a, plain_get(), &sent);
    ask(&a, plain_get(), &other);
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    reply(&at_peer, &answer);
    assert_status(hear(&a, &other, bytes_of(&answer), &back), LWSEC_REJECT);
    assert_int_equal(back.reason.why, LWSEC_WHY_OSCORE_TAG);
    assert_states(IDLE, BUSY);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_USAGE);
}

/* ---- The option ---- */

static void ordinary_contexts_refuse_the_fields(void **state)
{
    pair *both = *state;

    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    endpoint_open(&both->server);
    assert_status(unprotect(&both->server, bytes_of(&sent), &at_peer), LWSEC_REJECT);
    assert_int_equal(at_peer.reason.why, LWSEC_WHY_OSCORE_RESERVED);
}

/* ---- Configurations ---- */

static lwsec_status try_config(lwsec_oscore_kudos_config config, size_t size, lwsec_why why)
{
    static uint64_t memory[sizeof a.memory / 8];
    lwsec_oscore_kudos *kudos;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = lwsec_oscore_kudos_init(memory, size, &config, &kudos, &reason);
    assert_null(kudos);
    assert_int_equal(reason.why, why);
    return status;
}

static void what_cannot_be_done_is_refused(void **state)
{
    pair *both = *state;
    lwsec_oscore_kudos_config config = a.config;
    lwsec_oscore_config inputs = both->client.config;
    const size_t size = sizeof a.memory;

    config.inputs = &inputs;
    assert_true(lwsec_oscore_kudos_size(&inputs) <= size);
    assert_status(try_config(config, lwsec_oscore_kudos_size(&inputs) - 1, LWSEC_WHY_OUTPUT_FULL),
                  LWSEC_BUFFER);
    config.mode = LWSEC_OSCORE_KUDOS_FS;
    assert_status(try_config(config, size, LWSEC_WHY_KEY_STORE), LWSEC_UNSUPPORTED);
    config.mode = LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    assert_status(try_config(config, size, LWSEC_WHY_CONFIG), LWSEC_USAGE);
    config.mode = LWSEC_OSCORE_KUDOS_FS_VOLATILE;
    config.secret_size = 33;
    assert_status(try_config(config, size, LWSEC_WHY_TOO_LONG), LWSEC_UNSUPPORTED);
    config.secret_size = 0;
    inputs.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    assert_status(try_config(config, size, LWSEC_WHY_CONFIG), LWSEC_USAGE);
    inputs = both->client.config;
    inputs.secret = import_secret(both->store, lwsec_bytes_of("0123456789abcdef", 16));
    assert_status(try_config(config, size, LWSEC_WHY_KEY_USAGE), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&inputs.secret), LWSEC_OK);
    assert_status(try_config(config, size, LWSEC_WHY_KEY_GONE), LWSEC_USAGE);
    config.size--;
    assert_status(try_config(config, size, LWSEC_WHY_CONFIG), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        side_test(a_replayed_divergent_request_changes_nothing),
        side_test(a_replayed_answer_is_refused),
        side_test(a_replayed_convergent_request_is_refused),
        side_test(a_message_comes_back_to_its_sender),
        side_test(every_changed_bit_is_refused),
        side_test(failed_opens_are_limited),
        side_test(the_other_mode_is_refused),
        side_test(an_answer_by_the_old_context_is_refused),
        bootstrap_test(a_divergent_response_of_a_bootstrap_secret_is_not_delivered),
        bootstrap_test(a_bootstrap_secret_gives_no_divergent_response),
        bootstrap_test(an_old_request_to_a_bootstrap_secret_is_survived),
        side_test(a_divergent_response_is_bound_to_its_request),
        side_test(ordinary_contexts_refuse_the_fields),
        side_test(what_cannot_be_done_is_refused),
    };
    return cmocka_run_group_tests_name("oscore-kudos_refusals", tests, NULL, NULL);
}
