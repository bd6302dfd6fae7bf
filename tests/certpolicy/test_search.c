/* The search for a path: bounded, each signature once, and only on paths that keep all rules. */
#include "tests/certpolicy/certificates.h"

#include "certpolicy/engine.h"
#include "certpolicy/path.h"

#define SEEN_MAX 256

static const char *const crowd = "loop-server loop-a1 loop-b1 loop-a2 loop-b2 loop-a3 loop-b3 "
                                 "loop-a4 loop-b4";

/* An engine that counts, and accepts the steps up to a number. */
static struct seen {
    size_t steps, parses;
    size_t accepted; /* the first steps that are good */
    const uint8_t *below[SEEN_MAX];
    lwsec_bytes issuer[SEEN_MAX];
    bool twice;
} seen;

static bool parses(const lwsec_cert_engine *self, lwsec_bytes certificate)
{
    (void)self;
    (void)certificate;
    seen.parses++;
    return true;
}

static bool step(const lwsec_cert_engine *self, lwsec_bytes certificate, lwsec_bytes issuer)
{
    (void)self;
    for (size_t i = 0; i < seen.steps; i++) {
        seen.twice =
            seen.twice || (seen.below[i] == certificate.data && seen.issuer[i].data == issuer.data);
    }
    assert_true(seen.steps < SEEN_MAX);
    seen.below[seen.steps] = certificate.data;
    seen.issuer[seen.steps++] = issuer;
    return seen.steps <= seen.accepted;
}

static bool digest(unsigned bits, lwsec_bytes data, uint8_t out[LWSEC_CERT_DIGEST_MAX])
{
    (void)data;
    memset(out, 0, bits / 8);
    return true;
}

static const struct lwsec_cert_engine counting = {parses, step, NULL, digest, NULL};

static lwsec_why search(test_check *check, size_t accepted)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(&seen, 0, sizeof seen);
    seen.accepted = accepted;
    const lwsec_status status = lwsec_cert_verify(&counting, &check->check, &reason);
    assert_int_equal(status == LWSEC_OK, reason.why == LWSEC_WHY_NONE);
    return reason.why;
}

static void crowd_init(test_check *check, const char *trust)
{
    test_check_init(check, crowd, trust);
    check->check.policy = LWSEC_CERT_ALLOW_NO_KEY_IDS;
    check->check.intermediates = 9;
}

static void test_a_crowd_of_issuers_is_tried_64_times(void **state)
{
    test_check check;

    (void)state;
    crowd_init(&check, "root");
    assert_int_equal(search(&check, 0), LWSEC_WHY_CERT_LIMIT);
    assert_int_equal(seen.steps, 0); /* no path was complete */
    crowd_init(&check, "loop-root");
    assert_int_equal(search(&check, 0), LWSEC_WHY_CERT_SIGNATURE);
    assert_true(seen.steps > 0 && seen.steps <= LWSEC_PATH_TRIES);
}

static void test_no_signature_is_verified_twice(void **state)
{
    test_check check;

    (void)state;
    for (size_t accepted = 0; accepted < 20; accepted++) {
        crowd_init(&check, "loop-root");
        (void)search(&check, accepted);
        assert_false(seen.twice);
        assert_true(seen.steps <= LWSEC_PATH_TRIES);
    }
}

static void test_a_good_path_among_bad_ones_is_found(void **state)
{
    test_check check;

    (void)state;
    crowd_init(&check, "loop-root loop-a4");
    test_accepts(&check);
    crowd_init(&check, "loop-root");
    test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE); /* it is beyond the tries */
    test_check_init(&check, "loop-server loop-b1 loop-a1 loop-a4", "loop-root");
    check.check.policy = LWSEC_CERT_ALLOW_NO_KEY_IDS;
    test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE); /* loop-b1 did not sign loop-a4 */
}

static void test_rules_come_before_signatures(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "expired-server inter", "root");
    assert_int_equal(search(&check, 100), LWSEC_WHY_CERT_TIME);
    assert_int_equal(seen.steps, 0);
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "other-root");
    assert_int_equal(search(&check, 100), LWSEC_WHY_CERT_ASSOCIATION);
    assert_int_equal(seen.steps, 0);
    test_check_init(&check, "server inter", "root");
    assert_int_equal(search(&check, 100), LWSEC_WHY_NONE);
    assert_int_equal(seen.steps, 2);
}

static void test_usage_3_verifies_no_signature(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, "server");
    assert_int_equal(search(&check, 0), LWSEC_WHY_NONE);
    assert_int_equal(seen.steps, 0);
    assert_int_equal(seen.parses, 1);
    LWSEC_COVERS("R-5.2.9.7-12");
}

static void test_more_certificates_than_a_chain_has_are_refused(void **state)
{
    static lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX + 1];
    test_check check;

    (void)state;
    for (size_t i = 0; i <= LWSEC_CERT_CHAIN_MAX; i++) {
        chain[i] = test_certificate(i == 0 ? "server" : "inter");
    }
    test_check_init(&check, "server", "root");
    check.check.chain = chain;
    check.check.chain_count = LWSEC_CERT_CHAIN_MAX;
    test_accepts(&check);
    check.check.chain_count++;
    test_refuses(&check, LWSEC_WHY_CERT_LIMIT);
}

static void test_a_stand_in_has_the_name_and_the_key(void **state)
{
    static uint8_t room[2048];
    lwsec_cert_view view, inter;

    (void)state;
    assert_status(lwsec_cert_view_read(test_certificate("inter"), &inter, NULL), LWSEC_OK);
    for (size_t capacity = 0; capacity <= sizeof room; capacity++) {
        lwsec_buffer out = lwsec_buffer_of(room, capacity);
        if (!lwsec_path_stand_in(inter.subject, inter.key, &out)) {
            assert_int_equal(out.size, 0);
            continue;
        }
        assert_status(lwsec_cert_view_read(lwsec_buffer_bytes(&out), &view, NULL), LWSEC_OK);
        assert_int_equal(view.version, 1);
        assert_bytes(view.subject, inter.subject);
        assert_bytes(view.issuer, inter.subject);
        assert_bytes(view.key, inter.key);
    }
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    assert_true(lwsec_path_stand_in(inter.subject, inter.key, &out));
    assert_false(lwsec_path_stand_in(lwsec_bytes_of(room, 0x4001), inter.key, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crowd_of_issuers_is_tried_64_times),
        cmocka_unit_test(test_no_signature_is_verified_twice),
        cmocka_unit_test(test_a_good_path_among_bad_ones_is_found),
        cmocka_unit_test(test_rules_come_before_signatures),
        cmocka_unit_test(test_usage_3_verifies_no_signature),
        cmocka_unit_test(test_more_certificates_than_a_chain_has_are_refused),
        cmocka_unit_test(test_a_stand_in_has_the_name_and_the_key),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
