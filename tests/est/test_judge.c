/* Which certificate is taken as ours, and when it has to be renewed. */
#include "tests/est/ca.h"
#include "tests/support/stores.h"

#include <lwsec/est.h>

#include "tests/certpolicy/engines.h"

#define NAME "endpoint-1"

static const lwsec_test_store *kind;
static lwsec_store *store;
static lwsec_key key;
static lwsec_bytes request;
static ca *root, *between, *other;

static lwsec_cert_time now(void)
{
    return (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED, CA_TIME};
}

/* What is judged. */
typedef struct given {
    lwsec_bytes answer[4];
    lwsec_bytes authorities[4];
    lwsec_est_check check;
    lwsec_bytes chain[LWSEC_CERT_PATH_MAX];
    size_t count;
} given;

static void init(given *one, const ca *issuer, const ca_wish *wish)
{
    memset(one, 0, sizeof *one);
    one->answer[0] = ca_issue(issuer, request, wish);
    assert_non_null(one->answer[0].data);
    one->authorities[0] = ca_certificate(root);
    one->authorities[1] = ca_certificate(between);
    one->check = (lwsec_est_check){.size = sizeof one->check,
                                   .key = key,
                                   .answer = one->answer,
                                   .answer_count = 1,
                                   .authorities = one->authorities,
                                   .authority_count = 2,
                                   .time = now(),
                                   .endpoint = lwsec_bytes_of(NAME, strlen(NAME))};
}

/* With each engine. */
static void judge(given *one, lwsec_status status, lwsec_why why)
{
    for (size_t i = 0; test_engine_at(i) != NULL; i++) {
        lwsec_reason reason = {LWSEC_WHY_CONFIG, 0};
        one->count = 99;
        assert_status(lwsec_est_judge(test_engine_at(i)->get(), &one->check, one->chain,
                                      &one->count, &reason),
                      status);
        assert_string_equal(lwsec_why_text(reason.why), lwsec_why_text(why));
        assert_true(status == LWSEC_OK || one->count == 0);
    }
}

static const ca_wish good = {.name = NULL};

static void test_our_certificate_with_what_leads_up_is_taken(void **state)
{
    given one;

    (void)state;
    init(&one, between, &good);
    judge(&one, LWSEC_OK, LWSEC_WHY_NONE);
    assert_int_equal(one.count, 2);
    assert_bytes(one.chain[0], one.answer[0]);
    assert_bytes(one.chain[1], ca_certificate(between));
    /* The same in any order, with the authority in the answer, or with the root beside it. */
    one.answer[1] = one.answer[0];
    one.answer[0] = ca_certificate(between);
    one.answer[2] = ca_certificate(root);
    one.check.answer_count = 3;
    one.check.authority_count = 1;
    judge(&one, LWSEC_OK, LWSEC_WHY_NONE);
    assert_int_equal(one.count, 2);
    assert_bytes(one.chain[0], one.answer[1]);
    assert_bytes(one.chain[1], ca_certificate(between));
    /* Directly below the root. */
    init(&one, root, &good);
    judge(&one, LWSEC_OK, LWSEC_WHY_NONE);
    assert_int_equal(one.count, 1);
    /* No authority is self-issued: the one that is there is an anchor. */
    init(&one, between, &good);
    one.authorities[0] = ca_certificate(between);
    one.check.authority_count = 1;
    judge(&one, LWSEC_OK, LWSEC_WHY_NONE);
    assert_int_equal(one.count, 1);
    LWSEC_COVERS("R-5.2.4-15");
}

static void test_a_certificate_for_another_key_is_refused(void **state)
{
    const ca_wish wish = {.other_key = true};
    given one;

    (void)state;
    init(&one, between, &wish);
    judge(&one, LWSEC_REJECT, LWSEC_WHY_EST_OTHER_KEY);
}

static void test_a_certificate_of_another_authority_is_refused(void **state)
{
    given one;

    (void)state;
    init(&one, other, &good);
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR);
    /* The answer cannot bring its own authority along. */
    one.answer[1] = ca_certificate(other);
    one.check.answer_count = 2;
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR);
    init(&one, between, &good);
    one.check.authority_count = 0;
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR);
}

static void test_a_certificate_that_we_cannot_use_is_refused(void **state)
{
    const struct {
        ca_wish wish;
        lwsec_why why;
    } bad[] = {
        {{.begin = -2 * CA_DAY, .end = -CA_DAY}, LWSEC_WHY_CERT_TIME},
        {{.begin = CA_DAY, .end = 2 * CA_DAY}, LWSEC_WHY_CERT_TIME},
        {{.name = "endpoint-2"}, LWSEC_WHY_CERT_REFERENCE},
        {{.purpose = "serverAuth"}, LWSEC_WHY_CERT_KEY_USAGE},
        {{.usage = "critical,keyAgreement"}, LWSEC_WHY_CERT_KEY_USAGE},
        {{.authority = true}, LWSEC_WHY_CERT_AUTHORITY},
    };
    given one;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        init(&one, between, &bad[i].wish);
        judge(&one, LWSEC_REJECT, bad[i].why);
    }
    init(&one, between, &good);
    one.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_CLOCK);
    one.answer[1] = lwsec_bytes_of("x", 1);
    one.check.answer_count = 2;
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED);
    /* One byte of the signature. */
    init(&one, between, &good);
    uint8_t *copy = malloc(one.answer[0].size);
    memcpy(copy, one.answer[0].data, one.answer[0].size);
    copy[one.answer[0].size - 1] ^= 1;
    one.answer[0].data = copy;
    judge(&one, LWSEC_REJECT, LWSEC_WHY_CERT_SIGNATURE);
    free(copy);
}

static void test_checks_that_are_not_known_are_refused(void **state)
{
    given one;

    (void)state;
    init(&one, between, &good);
    one.check.size--;
    judge(&one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    init(&one, between, &good);
    one.check.answer_count = 0;
    judge(&one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    init(&one, between, &good);
    one.check.key.store = NULL;
    judge(&one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    init(&one, between, &good);
    one.check.policy = LWSEC_CERT_NEED_STATUS;
    judge(&one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
}

/* ---- Renewal ---- */

static void test_renewal_is_due_before_the_end(void **state)
{
    const ca_wish thirty_days = {.begin = -10 * CA_DAY, .end = 20 * CA_DAY};
    const lwsec_bytes certificate = ca_issue(root, request, &thirty_days);
    int64_t due = 0;

    (void)state;
    assert_status(lwsec_est_renew_at(certificate, 0, &due), LWSEC_OK);
    assert_int_equal(due, CA_TIME + 10 * CA_DAY);
    assert_status(lwsec_est_renew_at(certificate, 5 * CA_DAY, &due), LWSEC_OK);
    assert_int_equal(due, CA_TIME + 15 * CA_DAY);
    /* Not before it is valid. */
    assert_status(lwsec_est_renew_at(certificate, 40 * CA_DAY, &due), LWSEC_OK);
    assert_int_equal(due, CA_TIME - 10 * CA_DAY);
    /* 99991231235959Z. */
    const ca_wish for_ever = {.begin = -CA_DAY, .end = INT64_C(253402300799) - CA_TIME};
    assert_status(lwsec_est_renew_at(ca_issue(root, request, &for_ever), 0, &due), LWSEC_OK);
    assert_int_equal(due, INT64_MAX);
    assert_status(lwsec_est_renew_at(lwsec_bytes_of("x", 1), 0, &due), LWSEC_REJECT);
    assert_int_equal(due, 0);
}

static int set_up(void **state)
{
    static uint8_t room[LWSEC_CSR_MAX];
    const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME, lwsec_bytes_of(NAME, strlen(NAME))};
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_buffer made = lwsec_buffer_of(room, sizeof room);

    (void)state;
    kind = lwsec_test_store_at(0);
    store = lwsec_test_store_open(kind, 1);
    assert_status(lwsec_key_generate(store, &attributes, 0, &key), LWSEC_OK);
    const lwsec_csr_config config = {
        .size = sizeof config, .key = key, .subject = &subject, .subject_count = 1};
    assert_status(lwsec_csr_make(&config, &made, NULL), LWSEC_OK);
    request = lwsec_buffer_bytes(&made);
    root = ca_open("Root", NULL);
    between = ca_open("Between", root);
    other = ca_open("Other", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ca_close(root);
    ca_close(between);
    ca_close(other);
    lwsec_test_store_close(kind, store);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_our_certificate_with_what_leads_up_is_taken),
        cmocka_unit_test(test_a_certificate_for_another_key_is_refused),
        cmocka_unit_test(test_a_certificate_of_another_authority_is_refused),
        cmocka_unit_test(test_a_certificate_that_we_cannot_use_is_refused),
        cmocka_unit_test(test_checks_that_are_not_known_are_refused),
        cmocka_unit_test(test_renewal_is_due_before_the_end),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
