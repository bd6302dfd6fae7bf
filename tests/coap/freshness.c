/* Echo values without memory, and the rules that ask for them: RFC 9175. */
#include "tests/support/stores.h"
#include "tests/support/test.h"

#include <lwsec/coap_freshness.h>

static const lwsec_test_store *kind;
static lwsec_store *store;
static lwsec_freshness freshness;

static lwsec_key new_key(void)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key key;

    assert_status(lwsec_key_generate(store, &attributes, 32, &key), LWSEC_OK);
    return key;
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; kind == NULL || !lwsec_test_store_has(kind, LWSEC_ALG_HMAC_256); i++) {
        kind = lwsec_test_store_at(i);
        assert_non_null(kind);
    }
    store = lwsec_test_store_open(kind, 4);
    freshness = (lwsec_freshness){.size = sizeof freshness, .key = new_key(), .now = 1000000};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_test_store_close(kind, store);
    return 0;
}

static lwsec_bytes peer(const char *name)
{
    return lwsec_bytes_of(name, strlen(name));
}

static void make(const char *name, uint8_t echo[LWSEC_ECHO_SIZE])
{
    assert_status(lwsec_freshness_make(&freshness, peer(name), echo), LWSEC_OK);
}

static lwsec_status check(const char *name, const uint8_t echo[LWSEC_ECHO_SIZE])
{
    return lwsec_freshness_check(&freshness, peer(name), lwsec_bytes_of(echo, LWSEC_ECHO_SIZE));
}

/* ---- Values ---- */

static void a_value_counts_for_its_lifetime(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    make("one", echo);
    assert_status(check("one", echo), LWSEC_OK);
    freshness.now += LWSEC_ECHO_LIFETIME_DEFAULT;
    assert_status(check("one", echo), LWSEC_OK);
    freshness.now += 1;
    assert_status(check("one", echo), LWSEC_CHALLENGE);
    freshness.now += UINT32_MAX;
    assert_status(check("one", echo), LWSEC_CHALLENGE);
    LWSEC_COVERS("R-5.7-03");
}

static void a_value_of_the_future_does_not_count(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    make("one", echo);
    freshness.now -= 1;
    assert_status(check("one", echo), LWSEC_CHALLENGE);
}

static void the_lifetime_can_be_set(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    freshness.lifetime = 5;
    make("one", echo);
    freshness.now += 5;
    assert_status(check("one", echo), LWSEC_OK);
    freshness.now += 1;
    assert_status(check("one", echo), LWSEC_CHALLENGE);
}

static void many_values_are_outstanding_at_once(void **state)
{
    uint8_t echo[20][LWSEC_ECHO_SIZE];

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        make("one", echo[i]);
        freshness.now += 7;
    }
    for (size_t i = 0; i < 20; i++) {
        assert_status(check("one", echo[i]), LWSEC_OK);
    }
    LWSEC_COVERS("R-5.7-05");
}

static void a_value_is_bound_to_its_peer(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    make("one", echo);
    assert_status(check("other", echo), LWSEC_CHALLENGE);
    assert_status(check("one1", echo), LWSEC_CHALLENGE);
    assert_status(check("", echo), LWSEC_CHALLENGE);
}

static void a_value_is_bound_to_its_key(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    make("one", echo);
    freshness.key = new_key();
    assert_status(check("one", echo), LWSEC_CHALLENGE);
}

static void every_bit_of_a_value_counts(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE];

    (void)state;
    make("one", echo);
    for (size_t bit = 0; bit < 8 * sizeof echo; bit++) {
        echo[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_status(check("one", echo), LWSEC_CHALLENGE);
        echo[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_status(check("one", echo), LWSEC_OK);
}

static void every_other_length_is_none_of_ours(void **state)
{
    uint8_t echo[LWSEC_ECHO_SIZE + 30] = {0};

    (void)state;
    make("one", echo);
    for (size_t size = 0; size <= sizeof echo; size++) {
        const lwsec_status expected = size == LWSEC_ECHO_SIZE ? LWSEC_OK : LWSEC_CHALLENGE;
        assert_status(lwsec_freshness_check(&freshness, peer("one"), lwsec_bytes_of(echo, size)),
                      expected);
    }
}

static void what_cannot_be_made_is_a_fault(void **state)
{
    static const uint8_t long_name[65];
    uint8_t echo[LWSEC_ECHO_SIZE] = {0};

    (void)state;
    assert_status(
        lwsec_freshness_make(&freshness, lwsec_bytes_of(long_name, sizeof long_name), echo),
        LWSEC_USAGE);
    freshness.now = UINT64_C(1) << 40;
    assert_status(lwsec_freshness_make(&freshness, peer("one"), echo), LWSEC_USAGE);
    assert_status(check("one", echo), LWSEC_USAGE);
    freshness.now = 1;
    freshness.size = 1;
    assert_status(lwsec_freshness_make(&freshness, peer("one"), echo), LWSEC_USAGE);
    freshness.size = sizeof freshness;
    assert_status(lwsec_key_destroy(&freshness.key), LWSEC_OK);
    assert_status(lwsec_freshness_make(&freshness, peer("one"), echo), LWSEC_USAGE);
    assert_status(check("one", echo), LWSEC_USAGE);
}

/* ---- Rules ---- */

/* A request with the segments of `path`, which are single characters or words between slashes. */
static bool needed(uint8_t code, const char *path)
{
    static uint8_t room[128];
    lwsec_coap_option options[8];
    lwsec_buffer wire = lwsec_buffer_of(room, sizeof room);
    const lwsec_coap_message head = {.code = code};
    lwsec_coap_message message;
    size_t count = 0;

    while (*path == '/') {
        const size_t size = strcspn(path + 1, "/");
        options[count++] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of(path + 1, size)};
        path += 1 + size;
    }
    options[count++] = (lwsec_coap_option){LWSEC_COAP_URI_QUERY, peer("ep=13")};
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, count, &wire, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&wire), &message, NULL),
                  LWSEC_OK);
    return lwsec_freshness_needed(&freshness, &message);
}

static void without_rules_nothing_needs_it(void **state)
{
    (void)state;
    assert_false(needed(LWSEC_COAP_POST, "/rd"));
}

static void a_server_asks_at_the_beginning_of_a_dialogue(void **state)
{
    (void)state;
    freshness.rules = lwsec_lwm2m_server_freshness(&freshness.rule_count);
    assert_true(needed(LWSEC_COAP_POST, "/rd"));
    assert_true(needed(LWSEC_COAP_POST, "/bs"));
    assert_true(needed(LWSEC_COAP_GET, "/bspack"));
    assert_true(needed(LWSEC_COAP_POST, "/rd/"));      /* an empty segment hides nothing */
    assert_false(needed(LWSEC_COAP_POST, "/rd/5a3f")); /* Update */
    assert_false(needed(LWSEC_COAP_DELETE, "/rd"));
    assert_false(needed(LWSEC_COAP_POST, "/dp"));
    assert_false(needed(LWSEC_COAP_POST, "/r"));
    assert_false(needed(LWSEC_COAP_POST, "/rdd"));
    assert_false(needed(LWSEC_COAP_POST, ""));
    LWSEC_COVERS("R-6.x-adj-02");
    LWSEC_COVERS("R-6.x-adj-05");
}

static void a_client_asks_before_it_sets_its_clock_or_restarts(void **state)
{
    (void)state;
    freshness.rules = lwsec_lwm2m_client_freshness(&freshness.rule_count);
    assert_true(needed(LWSEC_COAP_PUT, "/3/0/13"));
    assert_true(needed(LWSEC_COAP_PUT, "/3/0"));
    assert_true(needed(LWSEC_COAP_POST, "/3/0"));
    assert_true(needed(LWSEC_COAP_PUT, "/3"));
    assert_true(needed(LWSEC_COAP_IPATCH, ""));
    assert_true(needed(LWSEC_COAP_POST, "/3/0/4"));
    assert_true(needed(LWSEC_COAP_POST, "/3//0/4"));
    assert_true(needed(LWSEC_COAP_POST, "/1/7/8"));
    assert_true(needed(LWSEC_COAP_POST, "/5/0/2"));
    assert_false(needed(LWSEC_COAP_GET, "/3/0/13"));
    assert_false(needed(LWSEC_COAP_PUT, "/3/0/14"));
    assert_false(needed(LWSEC_COAP_PUT, "/3/0/13/1"));
    assert_false(needed(LWSEC_COAP_PUT, "/4"));
    assert_false(needed(LWSEC_COAP_POST, "/5/0/3"));
    assert_false(needed(LWSEC_COAP_POST, "/5/0"));
    LWSEC_COVERS("R-5.2.9.5-04");
    LWSEC_COVERS("R-5.7-01");
    LWSEC_COVERS("R-5.2.9.5-04");
    LWSEC_COVERS("R-5.1-12");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown((name), set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(a_value_counts_for_its_lifetime),
        test(a_value_of_the_future_does_not_count),
        test(the_lifetime_can_be_set),
        test(many_values_are_outstanding_at_once),
        test(a_value_is_bound_to_its_peer),
        test(a_value_is_bound_to_its_key),
        test(every_bit_of_a_value_counts),
        test(every_other_length_is_none_of_ours),
        test(what_cannot_be_made_is_a_fault),
        test(without_rules_nothing_needs_it),
        test(a_server_asks_at_the_beginning_of_a_dialogue),
        test(a_client_asks_before_it_sets_its_clock_or_restarts),
    };
    return cmocka_run_group_tests_name("coap-freshness", tests, NULL, NULL);
}
