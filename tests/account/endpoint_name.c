/* Endpoint name against Sender ID: equality, a table, and what fits neither. */
#include "tests/support/test.h"

#include <lwsec/endpoint_name.h>

#include <lwsec/coap.h>

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static uint8_t check(const char *name, const char *id)
{
    return lwsec_endpoint_name_check(text_of(name), text_of(id), NULL, NULL);
}

static void a_name_may_be_the_sender_id(void **state)
{
    (void)state;
    assert_int_equal(check("node", "node"), 0);
    assert_int_equal(check("node", "nod"), LWSEC_COAP_BAD_REQUEST);
    assert_int_equal(check("nod", "node"), LWSEC_COAP_BAD_REQUEST);
    assert_int_equal(check("node", "Node"), LWSEC_COAP_BAD_REQUEST);
    assert_int_equal(check("node", ""), LWSEC_COAP_BAD_REQUEST);
    assert_int_equal(check("", "node"), LWSEC_COAP_BAD_REQUEST);
    assert_int_equal(check("", ""), 0); /* an ID may be empty */
    LWSEC_COVERS("R-5.5.5-03");
    LWSEC_COVERS("R-5.5.5-05");
}

static void an_absent_name_claims_nothing(void **state)
{
    (void)state;
    assert_int_equal(
        lwsec_endpoint_name_check(lwsec_bytes_of(NULL, 0), text_of("node"), NULL, NULL), 0);
}

static void a_table_alone_decides(void **state)
{
    const lwsec_endpoint_names_entry entries[] = {{text_of("urn:dev:one"), lwsec_test_hex("01")},
                                                  {text_of("urn:dev:two"), lwsec_test_hex("02")},
                                                  {text_of("urn:dev:none"), lwsec_test_hex("")}};
    lwsec_endpoint_names names = {entries, 3};
    const struct {
        const char *name;
        const char *id;
        uint8_t code;
    } cases[] = {{"urn:dev:one", "01", 0},
                 {"urn:dev:two", "02", 0},
                 {"urn:dev:none", "", 0},
                 {"urn:dev:one", "02", LWSEC_COAP_BAD_REQUEST},
                 {"urn:dev:two", "01", LWSEC_COAP_BAD_REQUEST},
                 {"urn:dev:one", "", LWSEC_COAP_BAD_REQUEST},
                 {"urn:dev:one", "0100", LWSEC_COAP_BAD_REQUEST},
                 {"urn:dev:on", "01", LWSEC_COAP_BAD_REQUEST},
                 {"A", "41", LWSEC_COAP_BAD_REQUEST}}; /* equal, yet not in the table */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(lwsec_endpoint_name_check(text_of(cases[i].name),
                                                   lwsec_test_hex(cases[i].id),
                                                   lwsec_endpoint_names_lookup, &names),
                         cases[i].code);
    }
    names.count = 0;
    assert_int_equal(lwsec_endpoint_name_check(text_of("urn:dev:one"), lwsec_test_hex("01"),
                                               lwsec_endpoint_names_lookup, &names),
                     LWSEC_COAP_BAD_REQUEST);
    LWSEC_COVERS("R-5.5.5-04");
    LWSEC_COVERS("R-5.5.5-05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_be_the_sender_id),
        cmocka_unit_test(an_absent_name_claims_nothing),
        cmocka_unit_test(a_table_alone_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
