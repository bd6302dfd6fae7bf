/* The SMS channel: who is heard, how it must be protected, what a trigger may be. */
#include "tests/support/test.h"

#include <lwsec/sms_channel.h>
#include <lwsec/sms_concat.h>

#define SERVER "+4915112345678"

static lwsec_sms_channel channel;
static lwsec_sms_address server;
static lwsec_sms_address stranger;
static lwsec_sms_arrival arrival;

/* A client on UDP that secures it by DTLS, with SMS for triggers, in NoSec mode. */
static int set_up(void **state)
{
    (void)state;
    channel = (lwsec_sms_channel){.size = sizeof channel,
                                  .security = LWSEC_SMS_SECURITY_NOSEC,
                                  .flags = LWSEC_SMS_TRIGGERED | LWSEC_SMS_OTHER_SECURED,
                                  .server = 7,
                                  .number = SERVER};
    assert_status(lwsec_sms_address_of(SERVER, &server), LWSEC_OK);
    assert_status(lwsec_sms_address_of("+4915112345679", &stranger), LWSEC_OK);
    return 0;
}

/* ---- Messages ---- */

static uint8_t wire[256];

/* A request with these options and header. */
static lwsec_coap_message message_of(uint8_t type, uint8_t code, const lwsec_coap_option *options,
                                     size_t count)
{
    const lwsec_coap_message head = {.type = type, .code = code, .message_id = 1};
    lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
    lwsec_coap_message message;

    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, count, &out, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &message, NULL),
                  LWSEC_OK);
    return message;
}

/* A NON POST to a path like "/1/7/8", with a query unless it is NULL. */
static lwsec_coap_message request(const char *path, const char *query)
{
    lwsec_coap_option options[8];
    size_t count = 0;

    while (*path == '/') {
        const size_t size = strcspn(path + 1, "/");
        options[count++] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of(path + 1, size)};
        path += 1 + size;
    }
    if (query != NULL) {
        options[count++] =
            (lwsec_coap_option){LWSEC_COAP_URI_QUERY, lwsec_bytes_of(query, strlen(query))};
    }
    return message_of(LWSEC_COAP_NON, LWSEC_COAP_POST, options, count);
}

static lwsec_status judge(lwsec_coap_message message)
{
    return lwsec_sms_channel_judge(&channel, &server, lwsec_sms_channel_protection(&channel),
                                   &message, &arrival, NULL);
}

static void ignores(lwsec_coap_message message, lwsec_why why)
{
    lwsec_reason reason;

    arrival.answer = true;
    arrival.action = LWSEC_SMS_UPDATE_TRIGGER;
    assert_status(lwsec_sms_channel_judge(&channel, &server, lwsec_sms_channel_protection(&channel),
                                          &message, &arrival, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_false(arrival.answer);
    assert_int_equal(arrival.action, LWSEC_SMS_NO_TRIGGER);
}

/* ---- Triggers ---- */

static void the_two_triggers_are_told_and_never_answered(void **state)
{
    (void)state;
    assert_status(judge(request("/1/7/8", NULL)), LWSEC_OK);
    assert_int_equal(arrival.action, LWSEC_SMS_UPDATE_TRIGGER);
    assert_false(arrival.answer);
    assert_null(arrival.binding.data);
    assert_status(judge(request("/1/7/9", NULL)), LWSEC_OK);
    assert_int_equal(arrival.action, LWSEC_SMS_BOOTSTRAP_TRIGGER);
    assert_false(arrival.answer);
    LWSEC_COVERS("R-6.6-02");
}

static void a_confirmable_trigger_is_not_answered_either(void **state)
{
    const lwsec_coap_option path[] = {{LWSEC_COAP_URI_PATH, lwsec_bytes_of("1", 1)},
                                      {LWSEC_COAP_URI_PATH, lwsec_bytes_of("7", 1)},
                                      {LWSEC_COAP_URI_PATH, lwsec_bytes_of("8", 1)}};

    (void)state;
    assert_status(judge(message_of(LWSEC_COAP_CON, LWSEC_COAP_POST, path, 3)), LWSEC_OK);
    assert_false(arrival.answer);
    ignores(message_of(LWSEC_COAP_ACK, LWSEC_COAP_POST, path, 3), LWSEC_WHY_SMS_TRIGGER);
    ignores(message_of(LWSEC_COAP_RST, LWSEC_COAP_POST, path, 3), LWSEC_WHY_SMS_TRIGGER);
    LWSEC_COVERS("R-6.6-02");
}

static void the_argument_names_a_binding(void **state)
{
    (void)state;
    assert_status(judge(request("/1/7/8", "o=U")), LWSEC_OK);
    assert_bytes(arrival.binding, lwsec_bytes_of("U", 1));
    assert_status(judge(request("/1/7/8", "o=")), LWSEC_OK);
    assert_null(arrival.binding.data);
    assert_status(judge(request("/1/7/8", "p=U")), LWSEC_OK);
    assert_null(arrival.binding.data);
    assert_status(judge(request("/1/7/9", "o=U")), LWSEC_OK);
    assert_null(arrival.binding.data);
    LWSEC_COVERS("R-6.6.1-02");
}

static void every_other_path_is_ignored(void **state)
{
    static const char *const paths[] = {
        "",        "/1",      "/1/7",    "/1/7/",      "/1/7/8/",  "/1/7/8/0", "/1/8/8",  "/1/0/8",
        "/1/07/8", "/1/7/08", "/1/7/7",  "/1/7/10",    "/1/7/88",  "/1/7/4",   "/0/7/8",  "/3/7/8",
        "/1//8",   "/1/7//8", "//1/7/8", "/1/65543/8", "/1/+7/8",  "/1/7/8/8", "/11/7/8", "/1/ 7/8",
        "/3/0/4",  "/rd",     "/bs",     "/1/7a/8",    "/1/007/8", "/01/7/8",  "/1/7/9/9"};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        ignores(request(paths[i], NULL), LWSEC_WHY_SMS_TRIGGER);
    }
    LWSEC_COVERS("R-6.6-03");
}

static void every_instance_is_compared(void **state)
{
    char path[16];

    (void)state;
    for (unsigned instance = 0; instance < 65536; instance += 257) {
        channel.server = (uint16_t)instance;
        (void)snprintf(path, sizeof path, "/1/%u/8", instance);
        assert_status(judge(request(path, NULL)), LWSEC_OK);
        channel.server ^= 1;
        ignores(request(path, NULL), LWSEC_WHY_SMS_TRIGGER);
    }
}

static void every_other_code_is_ignored(void **state)
{
    const lwsec_coap_option path[] = {{LWSEC_COAP_URI_PATH, lwsec_bytes_of("1", 1)},
                                      {LWSEC_COAP_URI_PATH, lwsec_bytes_of("7", 1)},
                                      {LWSEC_COAP_URI_PATH, lwsec_bytes_of("8", 1)}};
    static const uint8_t codes[] = {LWSEC_COAP_GET,     LWSEC_COAP_PUT,        LWSEC_COAP_DELETE,
                                    LWSEC_COAP_FETCH,   LWSEC_COAP_PATCH,      LWSEC_COAP_IPATCH,
                                    LWSEC_COAP_CHANGED, LWSEC_COAP_BAD_REQUEST};

    (void)state;
    for (size_t i = 0; i < sizeof codes; i++) {
        ignores(message_of(LWSEC_COAP_NON, codes[i], path, 3), LWSEC_WHY_SMS_TRIGGER);
    }
    ignores(message_of(LWSEC_COAP_CON, LWSEC_COAP_EMPTY, NULL, 0), LWSEC_WHY_SMS_TRIGGER);
    LWSEC_COVERS("R-6.6-03");
}

/* An option that a server must understand can make it another request. */
static void a_critical_option_makes_it_no_trigger(void **state)
{
    static const struct {
        uint32_t number;
        bool ignored;
    } extra[] = {{LWSEC_COAP_IF_MATCH, true},     {LWSEC_COAP_IF_NONE_MATCH, true},
                 {LWSEC_COAP_OSCORE, true},       {LWSEC_COAP_BLOCK2, true},
                 {LWSEC_COAP_BLOCK1, true},       {LWSEC_COAP_PROXY_URI, true},
                 {LWSEC_COAP_PROXY_SCHEME, true}, {2049, true},
                 {LWSEC_COAP_URI_HOST, false},    {LWSEC_COAP_URI_PORT, false},
                 {LWSEC_COAP_ACCEPT, false},      {LWSEC_COAP_CONTENT_FORMAT, false},
                 {LWSEC_COAP_NO_RESPONSE, false}};

    (void)state;
    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
        const lwsec_coap_option other = {extra[i].number, lwsec_bytes_of("x", 1)};
        const bool first = extra[i].number < LWSEC_COAP_URI_PATH;
        lwsec_coap_option options[4] = {other, other, other, other};
        lwsec_coap_option *path = &options[first ? 1 : 0];

        path[0] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of("1", 1)};
        path[1] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of("7", 1)};
        path[2] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of("8", 1)};
        const lwsec_coap_message message = message_of(LWSEC_COAP_NON, LWSEC_COAP_POST, options, 4);
        if (extra[i].ignored) {
            ignores(message, LWSEC_WHY_SMS_TRIGGER);
        } else {
            assert_status(judge(message), LWSEC_OK);
        }
    }
}

static void without_the_trigger_resource_there_is_no_trigger(void **state)
{
    (void)state;
    channel.flags &= ~(uint32_t)LWSEC_SMS_TRIGGERED;
    ignores(request("/1/7/8", NULL), LWSEC_WHY_SMS_TRIGGER);
    LWSEC_COVERS("R-6.6-03");
}

static void where_sms_is_the_binding_the_stack_gets_everything(void **state)
{
    (void)state;
    channel.security = LWSEC_SMS_SECURITY_PACKET;
    channel.flags = LWSEC_SMS_IS_BINDING;
    assert_status(judge(request("/3/0/4", NULL)), LWSEC_OK);
    assert_int_equal(arrival.action, LWSEC_SMS_NO_TRIGGER);
    assert_true(arrival.answer);
    assert_status(judge(request("/1/7/8", NULL)), LWSEC_OK);
    assert_int_equal(arrival.action, LWSEC_SMS_NO_TRIGGER);
    assert_true(arrival.answer);
}

/* ---- Senders ---- */

static void a_stranger_is_ignored_in_every_mode(void **state)
{
    const lwsec_coap_message trigger = request("/1/7/8", NULL);
    lwsec_reason reason;

    (void)state;
    for (int security = LWSEC_SMS_SECURITY_DTLS; security <= LWSEC_SMS_SECURITY_NOSEC; security++) {
        channel.security = (lwsec_sms_channel_security)security;
        assert_true(lwsec_sms_channel_from(&channel, &server));
        assert_false(lwsec_sms_channel_from(&channel, &stranger));
        assert_status(lwsec_sms_channel_judge(&channel, &stranger,
                                              lwsec_sms_channel_protection(&channel), &trigger,
                                              &arrival, &reason),
                      LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_SMS_SENDER);
        assert_false(arrival.answer);
    }
    LWSEC_COVERS("R-5.4-03");
}

static void without_a_number_everybody_is_a_stranger(void **state)
{
    (void)state;
    channel.number = NULL;
    assert_false(lwsec_sms_channel_from(&channel, &server));
    channel.number = "";
    assert_false(lwsec_sms_channel_from(&channel, &server));
    ignores(request("/1/7/8", NULL), LWSEC_WHY_SMS_SENDER);
    LWSEC_COVERS("R-5.4-03");
}

static void for_debugging_any_sender_is_taken(void **state)
{
    const lwsec_coap_message trigger = request("/1/7/8", NULL);

    (void)state;
    channel.flags |= LWSEC_SMS_DEBUGGING;
    assert_true(lwsec_sms_channel_from(&channel, &stranger));
    assert_status(lwsec_sms_channel_judge(&channel, &stranger, LWSEC_SMS_BY_NOTHING, &trigger,
                                          &arrival, NULL),
                  LWSEC_OK);
    LWSEC_COVERS("R-5.4-01");
}

/* ---- Protection ---- */

static void each_mode_has_its_protection(void **state)
{
    static const struct {
        lwsec_sms_channel_security security;
        bool oscore;
        lwsec_sms_protection protection;
    } modes[] = {
        {LWSEC_SMS_SECURITY_DTLS, false, LWSEC_SMS_BY_DTLS},
        {LWSEC_SMS_SECURITY_DTLS, true, LWSEC_SMS_BY_DTLS},
        {LWSEC_SMS_SECURITY_PACKET, false, LWSEC_SMS_BY_PACKET},
        {LWSEC_SMS_SECURITY_PACKET, true, LWSEC_SMS_BY_PACKET},
        {LWSEC_SMS_SECURITY_NOSEC, false, LWSEC_SMS_BY_NOTHING},
        {LWSEC_SMS_SECURITY_NOSEC, true, LWSEC_SMS_BY_OSCORE},
    };
    const lwsec_coap_message trigger = request("/1/7/8", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        channel.security = modes[i].security;
        channel.flags = LWSEC_SMS_TRIGGERED | LWSEC_SMS_OTHER_SECURED;
        channel.flags |= modes[i].oscore ? LWSEC_SMS_HAS_OSCORE : 0;
        assert_int_equal(lwsec_sms_channel_protection(&channel), modes[i].protection);
        for (int came = LWSEC_SMS_BY_NOTHING; came <= LWSEC_SMS_BY_OSCORE; came++) {
            lwsec_reason reason;
            const lwsec_status status = lwsec_sms_channel_judge(
                &channel, &server, (lwsec_sms_protection)came, &trigger, &arrival, &reason);

            assert_status(status, came == (int)modes[i].protection ? LWSEC_OK : LWSEC_REJECT);
            assert_true(status == LWSEC_OK || reason.why == LWSEC_WHY_SMS_CHANNEL);
        }
    }
    LWSEC_COVERS("R-5.4.1-02");
    LWSEC_COVERS("R-5.4.2-05");
    LWSEC_COVERS("R-5.4.2.1-01");
}

static void check(lwsec_sms_channel_security security, uint32_t flags, lwsec_status expected)
{
    channel.security = security;
    channel.flags = flags;
    assert_status(lwsec_sms_channel_check(&channel, NULL), expected);
    if (expected != LWSEC_OK) {
        const lwsec_coap_message trigger = request("/1/7/8", NULL);
        assert_status(lwsec_sms_channel_judge(&channel, &server,
                                              lwsec_sms_channel_protection(&channel), &trigger,
                                              &arrival, NULL),
                      expected);
    }
}

static void nosec_on_sms_alone_is_for_debugging(void **state)
{
    (void)state;
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING, LWSEC_REJECT);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING | LWSEC_SMS_OTHER_SECURED, LWSEC_REJECT);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING | LWSEC_SMS_TRIGGERED, LWSEC_REJECT);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING | LWSEC_SMS_DEBUGGING, LWSEC_OK);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING | LWSEC_SMS_HAS_OSCORE, LWSEC_OK);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_IS_BINDING | LWSEC_SMS_LINK_SECURED, LWSEC_OK);
    check(LWSEC_SMS_SECURITY_PACKET, LWSEC_SMS_IS_BINDING, LWSEC_OK);
    check(LWSEC_SMS_SECURITY_DTLS, LWSEC_SMS_IS_BINDING, LWSEC_OK);
    LWSEC_COVERS("R-5.4-01");
    LWSEC_COVERS("R-5.4-02");
    LWSEC_COVERS("R-5.3-03");
}

static void triggers_need_another_binding_that_is_secured(void **state)
{
    (void)state;
    for (int security = LWSEC_SMS_SECURITY_DTLS; security <= LWSEC_SMS_SECURITY_NOSEC; security++) {
        check((lwsec_sms_channel_security)security, LWSEC_SMS_TRIGGERED, LWSEC_REJECT);
        check((lwsec_sms_channel_security)security, LWSEC_SMS_OTHER_SECURED, LWSEC_OK);
        check((lwsec_sms_channel_security)security, LWSEC_SMS_HAS_OSCORE, LWSEC_OK);
        check((lwsec_sms_channel_security)security, LWSEC_SMS_LINK_SECURED, LWSEC_OK);
    }
    LWSEC_COVERS("R-5.4-04");
    LWSEC_COVERS("R-5.4-05");
}

static void a_channel_that_is_not_known_is_a_fault(void **state)
{
    (void)state;
    check((lwsec_sms_channel_security)0, LWSEC_SMS_OTHER_SECURED, LWSEC_USAGE);
    check((lwsec_sms_channel_security)4, LWSEC_SMS_OTHER_SECURED, LWSEC_USAGE);
    check(LWSEC_SMS_SECURITY_NOSEC, LWSEC_SMS_OTHER_SECURED | 0x40, LWSEC_USAGE);
    check(LWSEC_SMS_SECURITY_PACKET, LWSEC_SMS_IS_BINDING | LWSEC_SMS_DEBUGGING, LWSEC_USAGE);
    check(LWSEC_SMS_SECURITY_DTLS, LWSEC_SMS_IS_BINDING | LWSEC_SMS_DEBUGGING, LWSEC_USAGE);
    channel.size--;
    check(LWSEC_SMS_SECURITY_PACKET, LWSEC_SMS_IS_BINDING, LWSEC_USAGE);
}

/* ---- Sizes ---- */

static void dtls_leaves_107_and_99_octets(void **state)
{
    (void)state;
    assert_int_equal(LWSEC_SMS_DTLS_OVERHEAD, 13 + 8 + 8);
    assert_int_equal(lwsec_sms_dtls_payload(1, 0), 107);
    assert_int_equal(lwsec_sms_dtls_payload(1, 8), 99);
    assert_int_equal(lwsec_sms_dtls_payload(2, 0), 2 * 134 - 33);
    assert_int_equal(lwsec_sms_dtls_payload(255, 8), 255 * 134 - 41);
    assert_int_equal(lwsec_sms_dtls_payload(1, 106), 1);
    assert_int_equal(lwsec_sms_dtls_payload(1, 107), 0);
    assert_int_equal(lwsec_sms_dtls_payload(1, SIZE_MAX), 0);
    assert_int_equal(lwsec_sms_dtls_payload(0, 0), 0);
    assert_int_equal(lwsec_sms_dtls_payload(256, 0), 0);
    assert_int_equal(LWSEC_SMS_MAX_RETRANSMIT, 0);
    LWSEC_COVERS("R-5.4.2.1.1-01");
    LWSEC_COVERS("R-5.4.2.1.1-02");
    LWSEC_COVERS("R-6.8.3-03");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup((name), set_up)
    const struct CMUnitTest tests[] = {
        test(the_two_triggers_are_told_and_never_answered),
        test(a_confirmable_trigger_is_not_answered_either),
        test(the_argument_names_a_binding),
        test(every_other_path_is_ignored),
        test(every_instance_is_compared),
        test(every_other_code_is_ignored),
        test(a_critical_option_makes_it_no_trigger),
        test(without_the_trigger_resource_there_is_no_trigger),
        test(where_sms_is_the_binding_the_stack_gets_everything),
        test(a_stranger_is_ignored_in_every_mode),
        test(without_a_number_everybody_is_a_stranger),
        test(for_debugging_any_sender_is_taken),
        test(each_mode_has_its_protection),
        test(nosec_on_sms_alone_is_for_debugging),
        test(triggers_need_another_binding_that_is_secured),
        test(a_channel_that_is_not_known_is_a_fault),
        test(dtls_leaves_107_and_99_octets),
    };
    return cmocka_run_group_tests_name("sms-channel", tests, NULL, NULL);
}
