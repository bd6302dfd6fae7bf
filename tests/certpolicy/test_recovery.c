/* From a certificate that is refused to what the client does next: clauses 5.2.9.6 and 5.2.10. */
#include "tests/certpolicy/certificates.h"
#include "tests/certpolicy/engines.h"

#include <lwsec/retry.h>

static uint64_t memory[LWSEC_RETRY_SIZE(1) / 8];
static const lwsec_retry_time now = {0, 0, LWSEC_RETRY_CLOCK_UNSET};

/* A client with a Server and a Bootstrap-Server, in its first attempt to register. */
static lwsec_retry *connecting(bool bootstrap_on_failure)
{
    const lwsec_retry_bootstrap_server bootstrap = {.size = sizeof bootstrap};
    const lwsec_retry_server server = {.size = sizeof server,
                                       .id = 1,
                                       .present = LWSEC_RETRY_HAS_BOOTSTRAP,
                                       .bootstrap_on_failure = bootstrap_on_failure};
    const lwsec_retry_config config = {
        .size = sizeof config, .servers = &server, .count = 1, .bootstrap = &bootstrap};
    lwsec_retry_decision decision;
    lwsec_retry *retry = NULL;

    assert_status(lwsec_retry_init(memory, sizeof memory, &config, &now, &retry, NULL), LWSEC_OK);
    lwsec_retry_start(retry, &now);
    assert_status(lwsec_retry_next(retry, &now, &decision, NULL), LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_CONNECT);
    return retry;
}

/* What the client tells of its handshake: the alert that it sends. */
static lwsec_retry_decision report(lwsec_retry *retry, lwsec_why why)
{
    const lwsec_retry_outcome outcome = {.size = sizeof outcome,
                                         .event = LWSEC_RETRY_ALERT,
                                         .alert = {lwsec_cert_alert(why), true, false, false}};
    lwsec_retry_decision decision;

    assert_status(lwsec_retry_report(retry, &now, 1, &outcome, &decision), LWSEC_OK);
    return decision;
}

static lwsec_why refusal_of_a_revoked_server(const lwsec_cert_engine *engine)
{
    lwsec_reason reason;
    test_check check;

    test_check_init(&check, "revoked-server inter", "root");
    test_check_crls(&check, "crl");
    assert_status(lwsec_cert_verify(engine, &check.check, &reason), LWSEC_REJECT);
    return reason.why;
}

static void test_a_revoked_server_is_left_for_the_bootstrap_server(void **state)
{
    const test_engine *engine;
    lwsec_retry_decision decision;

    (void)state;
    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        lwsec_retry *retry = connecting(true);
        decision = report(retry, refusal_of_a_revoked_server(engine->get()));
        assert_int_equal(decision.action, LWSEC_RETRY_FAILED); /* no further attempt */
        assert_int_equal(decision.attempt, 1);
        assert_status(lwsec_retry_next(retry, &now, &decision, NULL), LWSEC_OK);
        assert_int_equal(decision.action, LWSEC_RETRY_BOOTSTRAP);
        lwsec_retry_close(&retry);
    }
    LWSEC_COVERS("R-5.2.9.6-02");
}

static void test_the_resources_of_the_server_can_keep_it_from_that(void **state)
{
    lwsec_retry *retry = connecting(false);
    lwsec_retry_decision decision = report(retry, LWSEC_WHY_CERT_REVOKED);

    (void)state;
    assert_int_equal(decision.action, LWSEC_RETRY_FAILED);
    assert_status(lwsec_retry_next(retry, &now, &decision, NULL), LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_NOTHING);
    lwsec_retry_close(&retry);
    LWSEC_COVERS("R-5.2.9.6-02");
}

/* Every verdict on a certificate ends the sequence, but for one that is about this device. */
static void test_a_verdict_is_final_and_a_fault_is_not(void **state)
{
    (void)state;
    for (int why = LWSEC_WHY_CERT_MALFORMED; why <= LWSEC_WHY_CERT_OCSP; why++) {
        lwsec_retry *retry = connecting(true);
        assert_int_equal(report(retry, (lwsec_why)why).action, LWSEC_RETRY_FAILED);
        lwsec_retry_close(&retry);
    }
    lwsec_retry *retry = connecting(true);
    assert_int_equal(report(retry, LWSEC_WHY_CONFIG).action, LWSEC_RETRY_AGAIN);
    lwsec_retry_close(&retry);
    LWSEC_COVERS("R-5.2.9.4-05");
    LWSEC_COVERS("R-5.2.10-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_revoked_server_is_left_for_the_bootstrap_server),
        cmocka_unit_test(test_the_resources_of_the_server_can_keep_it_from_that),
        cmocka_unit_test(test_a_verdict_is_final_and_a_fault_is_not),
    };

    return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
