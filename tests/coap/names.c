/* The names of options, codes and types. */
#include "tests/support/test.h"

#include <lwsec/coap.h>

static void test_options_have_their_registered_names(void **state)
{
    static const struct {
        uint32_t number;
        const char *name;
    } options[] = {
        {1, "If-Match"},   {3, "Uri-Host"},        {4, "ETag"},          {5, "If-None-Match"},
        {6, "Observe"},    {7, "Uri-Port"},        {8, "Location-Path"}, {9, "OSCORE"},
        {11, "Uri-Path"},  {12, "Content-Format"}, {14, "Max-Age"},      {15, "Uri-Query"},
        {16, "Hop-Limit"}, {17, "Accept"},         {19, "Q-Block1"},     {20, "Location-Query"},
        {21, "EDHOC"},     {23, "Block2"},         {27, "Block1"},       {28, "Size2"},
        {31, "Q-Block2"},  {35, "Proxy-Uri"},      {39, "Proxy-Scheme"}, {60, "Size1"},
        {252, "Echo"},     {258, "No-Response"},   {292, "Request-Tag"},
    };
    size_t named = 0;

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        assert_string_equal(lwsec_coap_option_name(options[i].number), options[i].name);
    }
    for (uint32_t number = 0; number <= LWSEC_COAP_OPTION_MAX + 1; number++) {
        named += lwsec_coap_option_name(number) != NULL;
    }
    assert_int_equal(named, sizeof options / sizeof options[0]);
}

static void test_a_number_that_has_no_name_gives_null(void **state)
{
    (void)state;
    assert_null(lwsec_coap_option_name(0));
    assert_null(lwsec_coap_option_name(2));
    assert_null(lwsec_coap_option_name(267)); /* 11 in 8 bits */
    assert_null(lwsec_coap_option_name(65536 + 11));
    assert_null(lwsec_coap_option_name(UINT32_MAX));
}

static void test_codes_have_their_registered_names(void **state)
{
    (void)state;
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_EMPTY), "Empty");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_GET), "GET");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_POST), "POST");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_PUT), "PUT");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_DELETE), "DELETE");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_FETCH), "FETCH");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_PATCH), "PATCH");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_IPATCH), "iPATCH");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_CHANGED), "Changed");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_CONTINUE), "Continue");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_NOT_FOUND), "Not Found");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_CODE(4, 13)), "Request Entity Too Large");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_CODE(5, 3)), "Service Unavailable");
    assert_string_equal(lwsec_coap_code_name(LWSEC_COAP_CODE(7, 5)), "Abort");
}

static void test_a_code_that_has_no_name_gives_null(void **state)
{
    (void)state;
    assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(0, 8)));
    assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(2, 0)));
    assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(4, 31)));
    assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(5, 31)));
    assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(7, 0)));
    for (unsigned detail = 0; detail < 32; detail++) {
        assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(1, detail)));
        assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(3, detail)));
        assert_null(lwsec_coap_code_name(LWSEC_COAP_CODE(6, detail)));
    }
}

static void test_types(void **state)
{
    (void)state;
    assert_string_equal(lwsec_coap_type_name(0), "CON");
    assert_string_equal(lwsec_coap_type_name(1), "NON");
    assert_string_equal(lwsec_coap_type_name(2), "ACK");
    assert_string_equal(lwsec_coap_type_name(3), "RST");
    for (unsigned type = 4; type < 256; type++) {
        assert_null(lwsec_coap_type_name((uint8_t)type));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_have_their_registered_names),
        cmocka_unit_test(test_a_number_that_has_no_name_gives_null),
        cmocka_unit_test(test_codes_have_their_registered_names),
        cmocka_unit_test(test_a_code_that_has_no_name_gives_null),
        cmocka_unit_test(test_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
