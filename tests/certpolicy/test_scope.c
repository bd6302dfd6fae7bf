/* Lists that are not for all certificates of their CA. */
#include "tests/support/test.h"

#include "certpolicy/path.h"

/* distributionPoint: the URIs "a", "b", both, and a relative name. */
#define A "a005a003860161"
#define B "a005a003860162"
#define A_AND_B "a008a006860161860162"
#define RELATIVE "a00da10b300906035504030c0161"

typedef struct row {
    const char *points; /* contents of CRLDistributionPoints, of the certificate */
    const char *point;  /* of the list */
    bool in_scope;
} row;

static void test_a_list_of_a_point_is_for_those_who_name_it(void **state)
{
    static const row rows[] = {
        {"3007" A, A, true},
        {"3007" A, B, false},
        {"3007" A "3007" B, B, true},
        {"300a" A_AND_B, B, true},
        {"3007" B, A_AND_B, true},
        {"", A, false},
        {"3000", A, false},
        {"3007" A, "a005a003820161", false},           /* a DNS name */
        {"3007" A, "a000", false},                     /* no name at all */
        {"3004a002a000", "a002a000", false},           /* nor here */
        {"300b" A "81020640", A, false},               /* for some reasons */
        {"300c" A "a203860163", A, false},             /* of another issuer */
        {"3005a203860161", A, false},                  /* of another issuer, and nowhere */
        {"300f" RELATIVE, RELATIVE, false},            /* advised against */
        {"3007" A, "a00aa003860161a003860161", false}, /* full names twice */
        {"3007a005a003860261"
         "3007" A,
         A, true},            /* malformed, and another one */
        {"3008" A, A, false}, /* longer than there is */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const lwsec_cert_view certificate = {.crl_points = lwsec_test_hex(rows[i].points)};
        lwsec_crl_view list = {.partial = true, .point = lwsec_test_hex(rows[i].point)};
        if (lwsec_path_in_scope(&certificate, &list) != rows[i].in_scope) {
            fail_msg("row %zu", i);
        }
    }
}

static void test_directory_names_are_compared_as_names(void **state)
{
    const char *const upper = "a012a010a40e300c310a300806035504030c0141";
    const char *const lower = "3014a012a010a40e300c310a300806035504030c0161";
    const lwsec_cert_view certificate = {.crl_points = lwsec_test_hex(lower)};
    const lwsec_crl_view list = {.partial = true, .point = lwsec_test_hex(upper)};

    (void)state;
    assert_true(lwsec_path_in_scope(&certificate, &list));
}

static void test_a_list_may_be_for_authorities_or_for_the_others(void **state)
{
    const lwsec_cert_view authority = {.is_ca = true}, end_entity = {.is_ca = false};
    const lwsec_crl_view all = {.partial = false};
    const lwsec_crl_view of_authorities = {.partial = true, .only_authorities = true};
    const lwsec_crl_view of_others = {.partial = true, .only_end_entities = true};

    (void)state;
    assert_true(lwsec_path_in_scope(&authority, &all));
    assert_true(lwsec_path_in_scope(&end_entity, &all));
    assert_true(lwsec_path_in_scope(&authority, &of_authorities));
    assert_false(lwsec_path_in_scope(&end_entity, &of_authorities));
    assert_false(lwsec_path_in_scope(&authority, &of_others));
    assert_true(lwsec_path_in_scope(&end_entity, &of_others));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_of_a_point_is_for_those_who_name_it),
        cmocka_unit_test(test_directory_names_are_compared_as_names),
        cmocka_unit_test(test_a_list_may_be_for_authorities_or_for_the_others),
    };

    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
