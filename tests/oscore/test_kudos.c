/* KUDOS, draft-ietf-core-oscore-key-update-14: the examples of the draft, and what goes with them.
 */
#include "tests/oscore/kudos_sides.h"

#include "tests/oscore/seal_log.h"

/* ---- The examples of the draft ---- */

static void initiated_with_a_request(void **state)
{
    (void)state;
    talk(&a, &b);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    assert_states(BUSY, IDLE);
    ask(&a, plain_kudos(), &sent);
    assert_x(&sent, 0x07);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_null(used);
    assert_states(BUSY, PENDING);
    assert_x(&answer, 0x47);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_int_equal(code_of(&back), LWSEC_COAP_CHANGED);
    assert_states(IDLE, PENDING);
    ask(&a, plain_get(), &sent);
    assert_x(&sent, -1);
    settle_and_talk();
}

static void initiated_with_a_response(void **state)
{
    (void)state;
    ask(&a, plain_get(), &sent);
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    assert_bytes(bytes_of(&at_peer), plain_get());
    reply(&at_peer, &answer);
    assert_x(&answer, 0x07);
    assert_states(IDLE, BUSY);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_bytes(bytes_of(&back), plain_content());
    assert_states(PENDING, BUSY);
    ask(&a, plain_kudos(), &sent);
    assert_x(&sent, 0x47);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    assert_states(PENDING, IDLE);
    reply(&at_peer, &answer);
    assert_x(&answer, -1);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_states(IDLE, IDLE);
    settle_and_talk();
}

static void without_forward_secrecy_with_a_server_that_has_rebooted(void **state)
{
    (void)state;
    run();
    settle_and_talk();
    reboot(&b);
    assert_null(lwsec_oscore_kudos_context(b.kudos));
    ask(&a, plain_get(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_NEED_REKEY);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_x(&sent, 0x1f);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_x(&answer, 0x5f);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    settle_and_talk();
    /* And the end that begins. */
    reboot(&a);
    run();
    settle_and_talk();
}

static void again_at_once_after_the_first_run(void **state)
{
    (void)state;
    run();
    assert_states(IDLE, PENDING);
    run();
    assert_states(IDLE, PENDING);
    settle_and_talk();
}

static void where_response_1_is_lost(void **state)
{
    (void)state;
    run_to_answer();
    lwsec_oscore *next = lwsec_oscore_kudos_context(b.kudos);
    ask(&a, plain_kudos(), &sent);
    assert_x(&sent, 0x07);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_ptr_equal(lwsec_oscore_kudos_context(b.kudos), next);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    settle_and_talk();
}

/* Both ends begin; both requests arrive, then both answers, in every order of arrival. */
static void with_two_requests(void **state)
{
    static packet from_a, from_b, to_a, to_b;

    (void)state;
    for (unsigned order = 0; order < 4; order++) {
        assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
        assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
        ask(&a, plain_kudos(), &from_a);
        ask(&b, plain_kudos(), &from_b);
        assert_status(serve(&b, bytes_of(&from_a), &to_a), LWSEC_CHALLENGE);
        assert_x(&to_a, 0x47);
        if ((order & 1) != 0) { /* a hears the answer before the request of b */
            assert_status(hear(&a, &from_a, bytes_of(&to_a), &back), LWSEC_OK);
            assert_states(IDLE, PENDING);
        } else {
            assert_status(serve(&a, bytes_of(&from_b), &to_b), LWSEC_CHALLENGE);
            assert_states(PENDING, PENDING);
            assert_x(&to_b, 0x47);
            if ((order & 2) != 0) {
                assert_status(hear(&b, &from_b, bytes_of(&to_b), &back), LWSEC_OK);
                assert_states(PENDING, IDLE);
            }
            assert_status(hear(&a, &from_a, bytes_of(&to_a), &back), LWSEC_OK);
        }
        talk(&b, &a);
        settle_and_talk();
    }
}

static void where_the_final_response_is_lost(void **state)
{
    (void)state;
    run();
    ask(&a, plain_get(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    reply(&at_peer, &answer); /* is lost */
    settle_and_talk();
}

/* ---- What else belongs to it ---- */

static void a_divergent_request_is_not_delivered(void **state)
{
    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_get(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_int_equal(code_of(&back), LWSEC_COAP_UNAUTHORIZED);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(&back), LWSEC_COAP_ECHO), 1);
    settle_and_talk();
}

/* "/.well-known/kudos/more" is a resource of the application. */
static void only_the_kudos_resource_gets_204(void **state)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, ".well-known"),
                                         text_option(LWSEC_COAP_URI_PATH, "kudos"),
                                         text_option(LWSEC_COAP_URI_PATH, "more")};
    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, udp_message(LWSEC_COAP_POST, options, 3, ""), &sent);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_int_equal(code_of(&back), LWSEC_COAP_UNAUTHORIZED);
}

static void the_pending_end_may_send_first(void **state)
{
    (void)state;
    run();
    ask(&b, plain_get(), &sent);
    assert_x(&sent, 0x47);
    talk(&b, &a);
    assert_states(IDLE, IDLE);
    settle_and_talk();
}

/* Its requests are convergent until it is confirmed, and fit no offer of the next run. */
static void the_pending_end_is_heard_by_who_begins_again(void **state)
{
    (void)state;
    run();
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    lwsec_oscore_kudos_abandon(a.kudos);
    ask(&b, plain_get(), &sent);
    assert_x(&sent, 0x47);
    assert_status(serve(&a, bytes_of(&sent), &at_peer), LWSEC_OK);
    reply(&at_peer, &answer);
    assert_x(&answer, -1);
    assert_status(hear(&b, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_states(IDLE, IDLE);
    run();
    settle_and_talk();
}

/* The same, answered by an offer: it confirms the run before, and begins the next one. */
static void the_pending_end_gets_the_next_offer(void **state)
{
    (void)state;
    run();
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&b, plain_get(), &sent);
    assert_status(serve(&a, bytes_of(&sent), &at_peer), LWSEC_OK);
    reply(&at_peer, &answer);
    assert_x(&answer, 0x07);
    assert_status(hear(&b, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_bytes(bytes_of(&back), plain_content());
    assert_states(BUSY, PENDING);
    talk(&b, &a);
    settle_and_talk();
}

static void the_old_context_is_gone_afterwards(void **state)
{
    static packet old;

    (void)state;
    for (unsigned i = 0; i < 20; i++) { /* a number that the new context has not used */
        ask(&a, plain_get(), &old);
    }
    run();
    settle_and_talk();
    assert_status(serve(&b, bytes_of(&old), &at_peer), LWSEC_REJECT);
    assert_int_equal(at_peer.reason.why, LWSEC_WHY_OSCORE_TAG);
    assert_status(hear(&a, &old, bytes_of(&answer), &back), LWSEC_USAGE);
}

static void a_worn_key_is_replaced(void **state)
{
    lwsec_oscore_wear wear = {.size = sizeof wear};

    (void)state;
    assert_status(lwsec_key_raise_uses(a.kudos->current.context->sender, 1U << 20, 0), LWSEC_OK);
    sent.out = lwsec_buffer_of(sent.data, sizeof sent.data);
    assert_status(lwsec_oscore_protect_request(lwsec_oscore_kudos_context(a.kudos), plain_get(),
                                               &sent.request, &sent.out, NULL),
                  LWSEC_LIMIT);
    run();
    settle_and_talk();
    assert_status(lwsec_oscore_get_wear(lwsec_oscore_kudos_context(a.kudos), &wear), LWSEC_OK);
    assert_true(wear.seals < 10);
}

static void many_runs_keep_no_slots_and_no_nonces(void **state)
{
    pair *both = *state;

    seal_log_start(both->store);
    for (unsigned i = 0; i < 40; i++) {
        run();
        settle_and_talk();
        assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_OK);
        talk(&a, &b); /* the reverse flow */
        assert_states(PENDING, BUSY);
        settle_and_talk();
    }
    assert_no_nonce_twice();
    seal_log_stop();
}

/* Either end crashes in every state, and the other one does not know. */
static void crashes_repeat_no_nonce(void **state)
{
    pair *both = *state;

    seal_log_start(both->store);
    for (unsigned i = 0; i < 16; i++) {
        reboot((i & 1) != 0 ? &a : &b);
        assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
        ask(&a, plain_kudos(), &sent);
        if ((i & 2) != 0) {
            reboot(&a);
            assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
            ask(&a, plain_kudos(), &sent);
        }
        assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
        if ((i & 4) != 0) {
            reboot(&b);
            assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
        }
        if ((i & 8) != 0) {
            lwsec_oscore_kudos_abandon(b.kudos);
            assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
        }
        assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
        settle_and_talk();
    }
    assert_no_nonce_twice();
    seal_log_stop();
}

/* Other inputs than the least: a wide window, an ID Context. */
static void with_other_inputs(void **state)
{
    static uint64_t memory[2][LWSEC_OSCORE_KUDOS_SIZE(1024, 8) / 8];
    static const uint8_t id_context[] = {1, 2, 3, 4, 5, 6, 7};
    pair *both = *state;
    side *sides[] = {&a, &b};
    lwsec_oscore_config *inputs[] = {&both->client.config, &both->server.config};

    for (int i = 0; i < 2; i++) {
        lwsec_oscore_kudos_close(&sides[i]->kudos);
        inputs[i]->window = 1024;
        inputs[i]->id_context = lwsec_bytes_of(id_context, sizeof id_context);
        assert_true(lwsec_oscore_kudos_size(inputs[i]) <= sizeof memory[i]);
        assert_status(lwsec_oscore_kudos_init(memory[i], sizeof memory[i], &sides[i]->config,
                                              &sides[i]->kudos, NULL),
                      LWSEC_OK);
    }
    run();
    settle_and_talk();
    run();
    settle_and_talk();
}

static void over_tcp(void **state)
{
    pair *both = *state;

    lwsec_oscore_kudos_close(&a.kudos);
    lwsec_oscore_kudos_close(&b.kudos);
    both->client.config.framing = LWSEC_COAP_TCP;
    both->server.config.framing = LWSEC_COAP_TCP;
    open_side(&a);
    open_side(&b);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    const lwsec_bytes request =
        message(LWSEC_COAP_TCP, LWSEC_COAP_GET, NULL, 0, lwsec_bytes_of(NULL, 0));
    ask(&a, request, &sent);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    ask(&a, request, &sent);
    assert_status(serve(&b, bytes_of(&sent), &at_peer), LWSEC_OK);
    assert_bytes(bytes_of(&at_peer), request);
    assert_states(IDLE, IDLE);
}

static void begun_again_while_busy_numbers_go_on(void **state)
{
    lwsec_oscore_kudos_option first, second;
    static packet other;

    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &other);
    assert_status(lwsec_oscore_kudos_peek(LWSEC_COAP_UDP, bytes_of(&sent), &first, NULL), LWSEC_OK);
    assert_status(lwsec_oscore_kudos_peek(LWSEC_COAP_UDP, bytes_of(&other), &second, NULL),
                  LWSEC_OK);
    assert_bytes(first.nonce, second.nonce);
    assert_int_equal(second.base.partial_iv.data[0], first.base.partial_iv.data[0] + 1);
}

static void who_gives_up_goes_on_with_the_present_context(void **state)
{
    (void)state;
    lwsec_oscore *present = lwsec_oscore_kudos_context(a.kudos);
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    assert_ptr_not_equal(lwsec_oscore_kudos_context(a.kudos), present);
    lwsec_oscore_kudos_abandon(a.kudos);
    assert_ptr_equal(lwsec_oscore_kudos_context(a.kudos), present);
    talk(&a, &b);
    run_to_answer();
    assert_status(lwsec_oscore_kudos_start(b.kudos, NULL), LWSEC_CONFLICT);
}

static void an_answer_that_comes_late_is_taken(void **state)
{
    (void)state;
    run_to_answer();
    lwsec_oscore_kudos_abandon(a.kudos);
    assert_states(IDLE, PENDING);
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    settle_and_talk();
}

/* Were its second offer another one, b would leave the keys that a has confirmed. */
static void a_request_that_was_held_back_sets_nobody_back(void **state)
{
    static packet held;

    (void)state;
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &held);
    lwsec_oscore_kudos_abandon(a.kudos);
    talk(&a, &b);
    run();
    assert_status(serve(&b, bytes_of(&held), &back), LWSEC_CHALLENGE);
    settle_and_talk();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        side_test(initiated_with_a_request),
        side_test(initiated_with_a_response),
        bootstrap_test(without_forward_secrecy_with_a_server_that_has_rebooted),
        side_test(again_at_once_after_the_first_run),
        bootstrap_test(again_at_once_after_the_first_run),
        side_test(where_response_1_is_lost),
        bootstrap_test(where_response_1_is_lost),
        side_test(with_two_requests),
        bootstrap_test(with_two_requests),
        side_test(where_the_final_response_is_lost),
        side_test(a_divergent_request_is_not_delivered),
        side_test(only_the_kudos_resource_gets_204),
        side_test(the_pending_end_may_send_first),
        side_test(the_pending_end_is_heard_by_who_begins_again),
        side_test(the_pending_end_gets_the_next_offer),
        side_test(the_old_context_is_gone_afterwards),
        side_test(a_worn_key_is_replaced),
        side_test(many_runs_keep_no_slots_and_no_nonces),
        bootstrap_test(crashes_repeat_no_nonce),
        side_test(with_other_inputs),
        side_test(over_tcp),
        side_test(begun_again_while_busy_numbers_go_on),
        side_test(who_gives_up_goes_on_with_the_present_context),
        side_test(an_answer_that_comes_late_is_taken),
        side_test(a_request_that_was_held_back_sets_nobody_back),
    };
    return cmocka_run_group_tests_name("oscore-kudos", tests, NULL, NULL);
}
