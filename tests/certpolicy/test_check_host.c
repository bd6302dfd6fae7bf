/* DNS names against OpenSSL's X509_check_host: random names that are near each other. */
#include "tests/certpolicy/certificates.h"

#include "certpolicy/name.h"

#include <openssl/x509v3.h>

#define ROUNDS 200000
#define NAME_SIZE 48

/* A sequence that is the same on each machine (xorshift). */
static uint64_t seed = 88172645463325252U;

static uint32_t next_number(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % below;
}

/* Labels out of few, so that names often match. */
static void make_name(char name[NAME_SIZE], bool presented)
{
    static const char *const labels[] = {"a", "b", "xn--a", "A", "ab", "a-b", "1"};
    static const char *const odd[] = {"*", "a*", "*b", "", "a_b", "-a", "xn--*"};
    const uint32_t count = 1 + next_number(4);

    name[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        const bool strange = next_number(presented ? 6 : 40) == 0;
        (void)snprintf(&name[strlen(name)], NAME_SIZE - strlen(name), "%s%s", i == 0 ? "" : ".",
                       strange ? odd[next_number(7)] : labels[next_number(7)]);
    }
}

/* Makes the presented name out of the reference: a wildcard, another case, or as it is. */
static void derive(char presented[NAME_SIZE], const char *reference)
{
    const char *dot = strchr(reference, '.');

    switch (next_number(4)) {
    case 0: (void)snprintf(presented, NAME_SIZE, "%s", reference); break;
    case 1: (void)snprintf(presented, NAME_SIZE, "*%.40s", dot != NULL ? dot : ""); break;
    case 2: (void)snprintf(presented, NAME_SIZE, "*.%.40s", reference); break;
    default: make_name(presented, true); break;
    }
}

/* A certificate with one dNSName. */
static X509 *with_name(const char *name)
{
    X509 *certificate = X509_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *one = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();

    assert_non_null(certificate);
    assert_non_null(names);
    assert_non_null(one);
    assert_int_equal(ASN1_STRING_set(text, name, (int)strlen(name)), 1);
    GENERAL_NAME_set0_value(one, GEN_DNS, text);
    assert_true(sk_GENERAL_NAME_push(names, one) > 0);
    assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
    GENERAL_NAMES_free(names);
    return certificate;
}

static bool openssl_matches(const char *presented, const char *reference)
{
    X509 *certificate = with_name(presented);
    const unsigned flags =
        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    const bool matches =
        X509_check_host(certificate, reference, strlen(reference), flags, NULL) == 1;

    X509_free(certificate);
    return matches;
}

/* Names that both sides read in the same way. */
static bool is_plain(const char *presented, const char *reference)
{
    const bool wildcard = strncmp(presented, "*.", 2) == 0;

    return lwsec_name_is_dns(lwsec_bytes_of(reference, strlen(reference))) &&
           lwsec_name_is_dns(lwsec_bytes_of(presented + (wildcard ? 2 : 0),
                                            strlen(presented) - (wildcard ? 2 : 0)));
}

static void test_what_matches_is_what_openssl_says(void **state)
{
    char presented[NAME_SIZE], reference[NAME_SIZE];
    size_t both = 0, neither = 0, stricter = 0;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        make_name(reference, false);
        derive(presented, reference);
        const size_t size = strlen(reference);
        /* X509_check_host takes an empty name for none, and a final dot for a difference. */
        if (size == 0 || reference[size - 1] == '.' || presented[0] == '\0') {
            continue;
        }
        const bool ours = lwsec_name_dns_matches(lwsec_bytes_of(presented, strlen(presented)),
                                                 lwsec_bytes_of(reference, strlen(reference)));
        const bool theirs = openssl_matches(presented, reference);
        if (ours && !theirs) {
            fail_msg("OpenSSL refuses %s for %s", presented, reference);
        }
        if (theirs && !ours && is_plain(presented, reference)) {
            fail_msg("OpenSSL accepts %s for %s", presented, reference);
        }
        both += ours && theirs;
        neither += !ours && !theirs;
        stricter += theirs && !ours;
    }
    print_message("%zu match, %zu do not, %zu match in OpenSSL alone\n", both, neither, stricter);
    assert_true(both > ROUNDS / 10 && neither > ROUNDS / 10 && stricter > 0);
    LWSEC_COVERS("R-5.2.9.3-23");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_matches_is_what_openssl_says),
    };

    return cmocka_run_group_tests_name("check-host", tests, NULL, NULL);
}
