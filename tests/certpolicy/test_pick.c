/* Which of its certificates a server uses for a name, and whether any has it. */
#include "tests/certpolicy/certificates.h"

#include <lwsec/cert_server.h>

#define CN LWSEC_CERT_POLICY_LWM2M

static lwsec_status pick(const lwsec_bytes *of, size_t count, const char *name, uint32_t policy,
                         size_t *which)
{
    *which = 77;
    return lwsec_cert_pick(of, count, lwsec_bytes_of(name, strlen(name)), policy, which, NULL);
}

static void test_the_name_of_the_client_picks(void **state)
{
    const lwsec_bytes own[] = {test_certificate("wildcard-server"), test_certificate("server"),
                               test_certificate("cn-and-dns-server"),
                               test_certificate("server-second")};
    size_t which;

    (void)state;
    assert_status(pick(own, 4, "a.example.org", 0, &which), LWSEC_OK);
    assert_int_equal(which, 0);
    assert_status(pick(own, 4, "SERVER.example", 0, &which), LWSEC_OK);
    assert_int_equal(which, 1); /* the first of two */
    assert_status(pick(own, 4, "other.example", CN, &which), LWSEC_OK);
    assert_int_equal(which, 2);
    assert_status(pick(own, 4, "unknown.example", CN, &which), LWSEC_ABSENT);
    assert_int_equal(which, 77);
    assert_status(pick(own, 1, "server.example", CN, &which), LWSEC_ABSENT);
    assert_status(pick(own, 1, "a.b.example.org", CN, &which), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.2.9.4-04");
}

static void test_a_server_sees_that_its_name_is_missing(void **state)
{
    const lwsec_bytes own = test_certificate("cn-server");
    const lwsec_bytes client = test_certificate("client");
    const lwsec_bytes none = lwsec_bytes_of("\x30\x80", 2);
    size_t which;

    (void)state;
    assert_status(pick(&own, 1, "server.example", CN, &which), LWSEC_OK);
    assert_status(pick(&own, 1, "server.example", 0, &which), LWSEC_ABSENT);
    assert_status(pick(&own, 1, "example", CN, &which), LWSEC_ABSENT);
    assert_status(pick(&client, 1, "server.example", CN, &which), LWSEC_ABSENT);
    assert_status(pick(&none, 1, "server.example", CN, &which), LWSEC_ABSENT);
    assert_status(pick(&own, 0, "server.example", CN, &which), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.2.9.3-26");
}

static void test_what_is_no_name_picks_nothing(void **state)
{
    static const char *const bad[] = {"", "192.0.2.1", "[2001:db8::1]", "a..b", "*.example.org"};
    const lwsec_bytes own = test_certificate("server");
    lwsec_reason reason;
    size_t which;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const lwsec_bytes name = lwsec_bytes_of(bad[i], strlen(bad[i]));
        assert_status(lwsec_cert_pick(&own, 1, name, CN, &which, &reason), LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_CERT_REFERENCE);
    }
    assert_status(pick(&own, 1, "server.example", CN | LWSEC_CERT_ALLOW_RSA, &which), LWSEC_USAGE);
    LWSEC_COVERS("R-5.2.9.4-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_name_of_the_client_picks),
        cmocka_unit_test(test_a_server_sees_that_its_name_is_missing),
        cmocka_unit_test(test_what_is_no_name_picks_nothing),
    };

    return cmocka_run_group_tests_name("pick", tests, NULL, NULL);
}
