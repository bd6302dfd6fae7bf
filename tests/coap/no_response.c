/* No-Response (RFC 7967): which classes of answers a request asks not to be sent. */
#include "tests/support/test.h"

#include <lwsec/coap.h>

/* Whether a GET with these options (in hex) suppresses the code. */
static bool suppressed(const char *options, uint8_t code)
{
    lwsec_coap_message request = {.code = LWSEC_COAP_GET, .options = lwsec_test_hex(options)};

    return lwsec_coap_no_response(&request, code);
}

static void assert_classes(const char *options, bool two, bool four, bool five)
{
    assert_int_equal(suppressed(options, LWSEC_COAP_CREATED), two);
    assert_int_equal(suppressed(options, LWSEC_COAP_CONTINUE), two);
    assert_int_equal(suppressed(options, LWSEC_COAP_BAD_REQUEST), four);
    assert_int_equal(suppressed(options, LWSEC_COAP_CODE(4, 31)), four);
    assert_int_equal(suppressed(options, LWSEC_COAP_CODE(5, 0)), five);
}

/* e?: delta 258 = 13 + 245. */
static void each_bit_stands_for_a_class(void **state)
{
    (void)state;
    assert_classes("", false, false, false);
    assert_classes("d0f5", false, false, false); /* empty: all are wanted */
    assert_classes("d1f500", false, false, false);
    assert_classes("d1f502", true, false, false);
    assert_classes("d1f508", false, true, false);
    assert_classes("d1f510", false, false, true);
    assert_classes("d1f51a", true, true, true);
    assert_classes("d1f5e5", false, false, false); /* bits without meaning */
}

static void what_is_no_response_of_a_known_class_is_never_suppressed(void **state)
{
    (void)state;
    assert_false(suppressed("d1f5ff", LWSEC_COAP_EMPTY));
    assert_false(suppressed("d1f5ff", LWSEC_COAP_GET));
    assert_false(suppressed("d1f5ff", LWSEC_COAP_CODE(1, 0)));
    assert_false(suppressed("d1f5ff", LWSEC_COAP_CODE(3, 0)));
    assert_false(suppressed("d1f5ff", LWSEC_COAP_CODE(6, 0)));
    assert_false(suppressed("d1f5ff", LWSEC_COAP_CODE(7, 2)));
}

static void a_malformed_option_is_ignored_and_the_first_one_counts(void **state)
{
    (void)state;
    assert_classes("d2f5001a", false, false, false);
    assert_classes("d1f5020118", true, false, false);
    /* Numbers 2 and 257 are other options: trap 13. */
    assert_classes("211a", false, false, false);
    assert_classes("d1f41a", false, false, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bit_stands_for_a_class),
        cmocka_unit_test(what_is_no_response_of_a_known_class_is_never_suppressed),
        cmocka_unit_test(a_malformed_option_is_ignored_and_the_first_one_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
