/* Two ends of KUDOS, each client and server, and what goes between them. */
#include "tests/oscore/kudos_sides.h"

side a, b;
packet sent, at_peer, answer, back;
lwsec_oscore *used;

void open_side(side *one)
{
    lwsec_reason reason;
    assert_status(lwsec_oscore_kudos_init(one->memory, sizeof one->memory, &one->config,
                                          &one->kudos, &reason),
                  LWSEC_OK);
}

void reboot(side *one)
{
    lwsec_oscore_kudos_close(&one->kudos);
    assert_null(one->kudos);
    open_side(one);
}

int set_up(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    const int result = pair_set_up(state);
    pair *both = *state;
    const lwsec_key secret =
        lwsec_test_key(both->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE,
                       lwsec_bytes_of(bytes, sizeof bytes));

    both->client.config.secret = secret;
    both->server.config.secret = secret;
    a = (side){
        .config = {sizeof a.config, &both->client.config, 0, LWSEC_OSCORE_KUDOS_FS_VOLATILE}};
    b = (side){
        .config = {sizeof b.config, &both->server.config, 0, LWSEC_OSCORE_KUDOS_FS_VOLATILE}};
    open_side(&a);
    open_side(&b);
    return result;
}

int set_up_bootstrap(void **state)
{
    const int result = set_up(state);
    pair *both = *state;

    lwsec_oscore_kudos_close(&a.kudos);
    lwsec_oscore_kudos_close(&b.kudos);
    both->client.config.state = NULL;
    both->server.config.state = NULL;
    a.config.mode = LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    b.config.mode = LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    open_side(&a);
    open_side(&b);
    return result;
}

int tear_down(void **state)
{
    lwsec_oscore_kudos_close(&a.kudos);
    lwsec_oscore_kudos_close(&b.kudos);
    return pair_tear_down(state);
}

/* ---- The calls ---- */

static void begin(packet *one, size_t capacity)
{
    memset(one, 0, sizeof *one);
    one->out = lwsec_buffer_of(one->data, capacity);
}

lwsec_bytes plain_kudos(void)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, ".well-known"),
                                         text_option(LWSEC_COAP_URI_PATH, "kudos")};
    return udp_message(LWSEC_COAP_POST, options, 2, "");
}

void ask(side *one, lwsec_bytes plain, packet *out)
{
    begin(out, 600);
    assert_status(lwsec_oscore_protect_request(lwsec_oscore_kudos_context(one->kudos), plain,
                                               &out->request, &out->out, &out->reason),
                  LWSEC_OK);
}

lwsec_status serve(side *one, lwsec_bytes wire, packet *out)
{
    begin(out, wire.size + 136);
    const lwsec_status status = lwsec_oscore_kudos_incoming(one->kudos, wire, 0x7777, &used,
                                                            &out->request, &out->out, &out->reason);
    if (status != LWSEC_OK && status != LWSEC_CHALLENGE) {
        assert_int_equal(out->out.size, 0);
    }
    return status;
}

void reply(packet *received, packet *out)
{
    begin(out, 600);
    assert_status(lwsec_oscore_protect_response(used, &received->request, plain_content(), false,
                                                &out->out, &out->reason),
                  LWSEC_OK);
}

lwsec_status hear(side *one, packet *request, lwsec_bytes wire, packet *out)
{
    begin(out, wire.size + 8);
    const lwsec_status status =
        lwsec_oscore_kudos_response(one->kudos, &request->request, wire, &out->out, &out->reason);
    if (status != LWSEC_OK) {
        assert_int_equal(out->out.size, 0);
    }
    return status;
}

void assert_states(lwsec_oscore_kudos_state of_a, lwsec_oscore_kudos_state of_b)
{
    assert_int_equal(lwsec_oscore_kudos_get_state(a.kudos), of_a);
    assert_int_equal(lwsec_oscore_kudos_get_state(b.kudos), of_b);
}

void keep(packet *copy, const packet *one)
{
    *copy = *one;
    copy->out.data = copy->data;
}

void assert_x(const packet *one, int x)
{
    lwsec_oscore_kudos_option option;

    assert_status(lwsec_oscore_kudos_peek(LWSEC_COAP_UDP, bytes_of(one), &option, NULL), LWSEC_OK);
    assert_true(option.base.present);
    if (x >= 0 && a.config.mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        x = (x & LWSEC_OSCORE_KUDOS_CONVERGENT) | LWSEC_OSCORE_KUDOS_NO_FS | 15;
    }
    assert_int_equal(option.nonce.data != NULL ? option.x : -1, x);
}

uint8_t code_of(const packet *one)
{
    lwsec_coap_message message;
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(one), &message, NULL), LWSEC_OK);
    return message.code;
}

void talk(side *client, side *server)
{
    ask(client, plain_get(), &sent);
    assert_status(serve(server, bytes_of(&sent), &at_peer), LWSEC_OK);
    assert_bytes(bytes_of(&at_peer), plain_get());
    reply(&at_peer, &answer);
    assert_status(hear(client, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_bytes(bytes_of(&back), plain_content());
}

void settle_and_talk(void)
{
    talk(&a, &b);
    assert_states(IDLE, IDLE);
    ask(&b, plain_get(), &sent);
    assert_x(&sent, -1);
    talk(&b, &a);
    talk(&a, &b);
    assert_states(IDLE, IDLE);
}

void run_to_answer(void)
{
    assert_status(lwsec_oscore_kudos_start(a.kudos, NULL), LWSEC_OK);
    ask(&a, plain_kudos(), &sent);
    assert_status(serve(&b, bytes_of(&sent), &answer), LWSEC_CHALLENGE);
    assert_int_equal(answer.reason.why, LWSEC_WHY_OSCORE_REDERIVED);
}

void run(void)
{
    run_to_answer();
    assert_status(hear(&a, &sent, bytes_of(&answer), &back), LWSEC_OK);
    assert_int_equal(lwsec_oscore_kudos_get_state(a.kudos), IDLE);
}
