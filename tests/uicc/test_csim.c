/* Lines of AT commands, and a card behind a modem. */
#include "tests/support/test.h"

#include <lwsec/apdu_csim.h>

static lwsec_status read(const char *line, lwsec_buffer *out)
{
    return lwsec_csim_response(line, strlen(line), out, NULL);
}

static void commands(void **state)
{
    char line[LWSEC_CSIM_COMMAND_SIZE];
    uint8_t longest[LWSEC_APDU_COMMAND_SIZE + 1] = {0};

    (void)state;
    assert_status(lwsec_csim_command(lwsec_test_hex("0070000001"), line, sizeof line), LWSEC_OK);
    assert_string_equal(line, "AT+CSIM=10,\"0070000001\"");
    assert_status(lwsec_csim_command(lwsec_test_hex("01a404040ca000000063504b43532d313500"), line,
                                     sizeof line),
                  LWSEC_OK);
    assert_string_equal(line, "AT+CSIM=36,\"01A404040CA000000063504B43532D313500\"");
    assert_status(lwsec_cgla_command(1, lwsec_test_hex("00b0000080"), line, sizeof line), LWSEC_OK);
    assert_string_equal(line, "AT+CGLA=1,10,\"00B0000080\"");
    assert_status(lwsec_ccho_command(lwsec_test_hex("d276000118"), line, sizeof line), LWSEC_OK);
    assert_string_equal(line, "AT+CCHO=\"D276000118\"");
    assert_status(lwsec_cchc_command(4294967295U, line, sizeof line), LWSEC_OK);
    assert_string_equal(line, "AT+CCHC=4294967295");
    assert_status(lwsec_cchc_command(0, line, sizeof line), LWSEC_OK);
    assert_string_equal(line, "AT+CCHC=0");
    assert_status(lwsec_cgla_command(4294967295U, lwsec_bytes_of(longest, sizeof longest - 1), line,
                                     sizeof line),
                  LWSEC_OK);
    assert_status(lwsec_csim_command(lwsec_bytes_of(longest, sizeof longest), line, sizeof line),
                  LWSEC_USAGE);
    assert_status(lwsec_csim_command(lwsec_bytes_of(longest, 0), line, sizeof line), LWSEC_USAGE);
    assert_status(lwsec_csim_command(lwsec_bytes_of(longest, 5), line, 23), LWSEC_BUFFER);
    assert_status(lwsec_csim_command(lwsec_bytes_of(longest, 5), line, 24), LWSEC_OK);
}

static void responses(void **state)
{
    uint8_t room[16];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(read("+CSIM: 6,\"019000\"", &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("019000"));
    assert_status(read("\r\n+CSIM: 4,\"9000\"\r\n", &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("9000"));
    assert_status(read("+CGLA:8,aAbB9000", &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("aabb9000"));
    out.capacity = 3;
    assert_status(read("+CGLA: 8,\"AABB9000\"", &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
}

static void what_is_no_response_is_refused(void **state)
{
    const char *const lines[] = {
        "",
        "ERROR",
        "+CME ERROR: 13",
        "+CSIM: 6,\"01900\"",
        "+CSIM: 6,\"0190\"",
        "+CSIM: 4,\"019000\"",
        "+CSIM: 5,\"01900\"",
        "+CSIM: 4,\"90g0\"",
        "+CSIM: \"9000\"",
        "+CSIM: 4 \"9000\"",
        "+CSIM: 4,\"9000",
        "+CSIM: 4,9000\"",
        "+CSIM: -4,\"9000\"",
        "+CSIM: 4294967300,\"9000\"",
        "+CSIM: 4,\"9000\"x",
        "+CSIM: 4,\"9000\"\r\nOK",
        "+CSIN: 4,\"9000\"",
        "+CSIM: 4,\"90 00\"",
        "+CSIM: 99999999999999999999,\"9000\"",
    };
    uint8_t room[16];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        memset(room, 0xa5, sizeof room);
        assert_status(read(lines[i], &out), LWSEC_REJECT);
        assert_int_equal(out.size, 0);
        assert_int_equal(room[0], 0);
    }
}

static void sessions(void **state)
{
    const char *const wrong[] = {"", "+CCHO:", "+CCHO: x", "1 2", "+CCHO: 4294967296", "OK"};
    uint32_t session = 77;

    (void)state;
    assert_status(lwsec_ccho_response("+CCHO: 1\r\n", 10, &session, NULL), LWSEC_OK);
    assert_int_equal(session, 1);
    assert_status(lwsec_ccho_response("\r\n4294967295", 12, &session, NULL), LWSEC_OK);
    assert_int_equal(session, 4294967295U);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        session = 77;
        assert_status(lwsec_ccho_response(wrong[i], strlen(wrong[i]), &session, NULL),
                      LWSEC_REJECT);
        assert_int_equal(session, 77);
    }
}

/* A modem that expects one line. */
typedef struct modem {
    const char *expected;
    const char *answer; /* NULL: none comes */
    size_t length;      /* what it says; 0: that of the answer */
} modem;

static lwsec_status exchange(void *context, const char *command, char *response, size_t capacity,
                             size_t *length)
{
    const modem *asked = context;

    assert_string_equal(command, asked->expected);
    if (asked->answer == NULL) {
        return LWSEC_ENGINE;
    }
    *length = strlen(asked->answer);
    assert_true(*length <= capacity);
    memcpy(response, asked->answer, *length);
    *length = asked->length != 0 ? asked->length : *length;
    return LWSEC_OK;
}

static lwsec_status ask(modem *asked, uint32_t session, lwsec_buffer *out, bool *lost)
{
    const lwsec_apdu_command command = {.ins = 0xb0, .le = 128};
    lwsec_csim csim = {sizeof csim, exchange, asked, session};
    lwsec_apdu card;

    assert_status(lwsec_apdu_init_csim(&card, &csim), LWSEC_OK);
    const lwsec_status status = lwsec_apdu_exchange(&card, &command, out, NULL);
    *lost = card.lost;
    return status;
}

static void a_card_behind_a_modem(void **state)
{
    modem csim = {"AT+CSIM=10,\"00B0000080\"", "+CSIM: 8,\"AABB9000\"", 0};
    modem cgla = {"AT+CGLA=3,10,\"00B0000080\"", "+CGLA: 8,\"AABB9000\"", 0};
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    bool lost;

    (void)state;
    assert_status(ask(&csim, 0, &out, &lost), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("aabb"));
    assert_false(lost);
    assert_status(ask(&cgla, 3, &out, &lost), LWSEC_OK);
    csim.length = 100000; /* more than there is */
    assert_status(ask(&csim, 0, &out, &lost), LWSEC_ENGINE);
    csim.length = 0;
    csim.answer = "+CME ERROR: 13";
    assert_status(ask(&csim, 0, &out, &lost), LWSEC_ENGINE);
    assert_true(lost);
    csim.answer = NULL;
    assert_status(ask(&csim, 0, &out, &lost), LWSEC_ENGINE);
    assert_true(lost);
}

static void a_modem_without_a_line_is_refused(void **state)
{
    lwsec_csim csim = {sizeof csim, NULL, NULL, 0};
    lwsec_apdu card;

    (void)state;
    assert_status(lwsec_apdu_init_csim(&card, &csim), LWSEC_USAGE);
    csim.exchange = exchange;
    csim.size = 1;
    assert_status(lwsec_apdu_init_csim(&card, &csim), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(responses),
        cmocka_unit_test(what_is_no_response_is_refused),
        cmocka_unit_test(sessions),
        cmocka_unit_test(a_card_behind_a_modem),
        cmocka_unit_test(a_modem_without_a_line_is_refused),
    };
    return cmocka_run_group_tests_name("uicc-csim", tests, NULL, NULL);
}
