/* Endpoint names against identities of each kind: equality, a table, and what fits neither. */
#include "tests/support/test.h"

#include <lwsec/endpoint_name.h>

#define BAD LWSEC_COAP_BAD_REQUEST

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static lwsec_identity identity_of(lwsec_identity_kind kind, lwsec_bytes value)
{
    const lwsec_identity identity = {kind, value, {NULL, 0}};

    return identity;
}

static uint8_t check(const char *name, lwsec_identity_kind kind, const char *value)
{
    const lwsec_identity identity = identity_of(kind, text_of(value));

    return lwsec_endpoint_name_check(text_of(name), &identity, NULL, NULL);
}

/* ---- Equality ---- */

static void a_name_is_compared_with_the_identity_of_the_handshake(void **state)
{
    const lwsec_identity_kind kinds[] = {LWSEC_IDENTITY_PSK, LWSEC_IDENTITY_CERTIFICATE,
                                         LWSEC_IDENTITY_NETWORK, LWSEC_IDENTITY_OSCORE};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const lwsec_identity none = identity_of(kinds[i], lwsec_bytes_of(NULL, 0));
        assert_int_equal(check("urn:imei:1", kinds[i], "urn:imei:1"), 0);
        assert_int_equal(check("urn:imei:1", kinds[i], "urn:imei:2"), BAD);
        assert_int_equal(check("urn:imei:1", kinds[i], "urn:imei:10"), BAD);
        assert_int_equal(check("urn:imei:10", kinds[i], "urn:imei:1"), BAD);
        assert_int_equal(check("urn:imei:1", kinds[i], "URN:IMEI:1"), BAD);
        assert_int_equal(check("urn:imei:1", kinds[i], ""), BAD);
        assert_int_equal(check("", kinds[i], "urn:imei:1"), BAD);
        assert_int_equal(lwsec_endpoint_name_check(text_of("urn:imei:1"), &none, NULL, NULL), BAD);
        assert_int_equal(lwsec_endpoint_name_check(text_of(""), &none, NULL, NULL), BAD);
        assert_int_equal(check("", kinds[i], ""), kinds[i] == LWSEC_IDENTITY_OSCORE ? 0 : BAD);
    }
    LWSEC_COVERS("R-5.2.6-02");
    LWSEC_COVERS("R-5.2.6-04");
    LWSEC_COVERS("R-5.2.9.3-22");
    LWSEC_COVERS("R-5.3-04");
    LWSEC_COVERS("R-5.5.5-01");
    LWSEC_COVERS("R-5.5.5-02");
    LWSEC_COVERS("R-5.5.5-03");
    LWSEC_COVERS("R-5.5.5-05");
}

/* Bytes, not text: what stands behind a zero counts. */
static void identities_are_bytes(void **state)
{
    const lwsec_identity identity = identity_of(LWSEC_IDENTITY_PSK, lwsec_test_hex("610062"));

    (void)state;
    assert_int_equal(lwsec_endpoint_name_check(lwsec_test_hex("610062"), &identity, NULL, NULL), 0);
    assert_int_equal(lwsec_endpoint_name_check(lwsec_test_hex("610063"), &identity, NULL, NULL),
                     BAD);
    assert_int_equal(lwsec_endpoint_name_check(lwsec_test_hex("61"), &identity, NULL, NULL), BAD);
}

/* A name that is the bytes of somebody's key proves nothing. */
static void a_raw_public_key_is_no_name(void **state)
{
    (void)state;
    assert_int_equal(check("key", LWSEC_IDENTITY_RPK, "key"), BAD);
    assert_int_equal(check("", LWSEC_IDENTITY_RPK, ""), BAD);
    LWSEC_COVERS("R-5.2.6-03");
}

static bool always(void *table, lwsec_bytes endpoint_name, const lwsec_identity *identity)
{
    (void)table;
    (void)endpoint_name;
    (void)identity;
    return true;
}

static void an_absent_name_claims_nothing(void **state)
{
    const lwsec_bytes absent = {NULL, 0};

    (void)state;
    for (int kind = LWSEC_IDENTITY_PSK; kind <= LWSEC_IDENTITY_NETWORK; kind++) {
        const lwsec_identity identity = identity_of((lwsec_identity_kind)kind, text_of("node"));
        assert_int_equal(lwsec_endpoint_name_check(absent, &identity, NULL, NULL), 0);
    }
}

/* Nobody may claim to be nobody, whatever a table says. */
static void who_has_proved_nothing_is_refused(void **state)
{
    const lwsec_identity nobody = {.kind = LWSEC_IDENTITY_NONE};
    const lwsec_identity other = {.kind = (lwsec_identity_kind)(LWSEC_IDENTITY_NETWORK + 1)};

    (void)state;
    assert_int_equal(lwsec_endpoint_name_check(text_of("node"), &nobody, always, NULL), BAD);
    assert_int_equal(lwsec_endpoint_name_check(lwsec_bytes_of(NULL, 0), &nobody, NULL, NULL), BAD);
    assert_int_equal(lwsec_endpoint_name_check(text_of("node"), &other, always, NULL), BAD);
    LWSEC_COVERS("R-5.2.6-02");
}

/* ---- A table ---- */

static lwsec_endpoint_names_entry entry_of(const char *name, lwsec_identity_kind kind,
                                           const char *hex)
{
    const lwsec_endpoint_names_entry entry = {text_of(name),
                                              identity_of(kind, lwsec_test_hex(hex))};

    return entry;
}

static void a_table_alone_decides(void **state)
{
    const lwsec_endpoint_names_entry entries[] = {
        entry_of("urn:dev:one", LWSEC_IDENTITY_OSCORE, "01"),
        entry_of("urn:dev:two", LWSEC_IDENTITY_OSCORE, "02"),
        entry_of("urn:dev:none", LWSEC_IDENTITY_OSCORE, ""),
        entry_of("urn:dev:key", LWSEC_IDENTITY_RPK, "3059301306072a86"),
        entry_of("urn:dev:psk", LWSEC_IDENTITY_PSK, "03")};
    lwsec_endpoint_names names = {entries, 5};
    const struct {
        const char *name;
        lwsec_identity_kind kind;
        const char *id;
        uint8_t code;
    } cases[] = {{"urn:dev:one", LWSEC_IDENTITY_OSCORE, "01", 0},
                 {"urn:dev:two", LWSEC_IDENTITY_OSCORE, "02", 0},
                 {"urn:dev:none", LWSEC_IDENTITY_OSCORE, "", 0},
                 {"urn:dev:key", LWSEC_IDENTITY_RPK, "3059301306072a86", 0},
                 {"urn:dev:psk", LWSEC_IDENTITY_PSK, "03", 0},
                 {"urn:dev:one", LWSEC_IDENTITY_OSCORE, "02", BAD},
                 {"urn:dev:two", LWSEC_IDENTITY_OSCORE, "01", BAD},
                 {"urn:dev:one", LWSEC_IDENTITY_OSCORE, "", BAD},
                 {"urn:dev:one", LWSEC_IDENTITY_OSCORE, "0100", BAD},
                 {"urn:dev:on", LWSEC_IDENTITY_OSCORE, "01", BAD},
                 {"urn:dev:one", LWSEC_IDENTITY_PSK, "01", BAD}, /* of another kind */
                 {"urn:dev:psk", LWSEC_IDENTITY_NETWORK, "03", BAD},
                 {"urn:dev:key", LWSEC_IDENTITY_RPK, "3059301306072a87", BAD},
                 {"A", LWSEC_IDENTITY_OSCORE, "41", BAD}}; /* equal, yet not in the table */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_identity identity = identity_of(cases[i].kind, lwsec_test_hex(cases[i].id));
        assert_int_equal(lwsec_endpoint_name_check(text_of(cases[i].name), &identity,
                                                   lwsec_endpoint_names_lookup, &names),
                         cases[i].code);
    }
    const lwsec_identity one = identity_of(LWSEC_IDENTITY_OSCORE, lwsec_test_hex("01"));
    names.count = 0;
    assert_int_equal(lwsec_endpoint_name_check(text_of("urn:dev:one"), &one,
                                               lwsec_endpoint_names_lookup, &names),
                     BAD);
    LWSEC_COVERS("R-5.2.6-03");
    LWSEC_COVERS("R-5.5.5-04");
    LWSEC_COVERS("R-5.5.5-05");
}

/* Two clients of one Sender ID are told apart by their ID Contexts. */
static void an_id_context_counts_where_the_table_has_one(void **state)
{
    const lwsec_identity first = {LWSEC_IDENTITY_OSCORE, text_of("s"), text_of("one")};
    const lwsec_identity second = {LWSEC_IDENTITY_OSCORE, text_of("s"), text_of("two")};
    const lwsec_identity plain = {LWSEC_IDENTITY_OSCORE, text_of("s"), {NULL, 0}};
    const lwsec_endpoint_names_entry entries[] = {{text_of("node-1"), first},
                                                  {text_of("node-any"), plain}};
    lwsec_endpoint_names names = {entries, 2};

    (void)state;
    assert_true(lwsec_endpoint_names_lookup(&names, text_of("node-1"), &first));
    assert_false(lwsec_endpoint_names_lookup(&names, text_of("node-1"), &second));
    assert_false(lwsec_endpoint_names_lookup(&names, text_of("node-1"), &plain));
    assert_true(lwsec_endpoint_names_lookup(&names, text_of("node-any"), &second));
    assert_true(lwsec_endpoint_names_lookup(&names, text_of("node-any"), &plain));
}

/* ---- The name in a request ---- */

static lwsec_status find(const char *one, const char *other, lwsec_bytes *name)
{
    const lwsec_coap_option options[] = {
        {LWSEC_COAP_URI_PATH, text_of("rd")},
        {LWSEC_COAP_URI_QUERY, text_of(one)},
        {LWSEC_COAP_URI_QUERY, text_of(other)},
    };
    static uint8_t wire[128];
    lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
    lwsec_coap_message message = {.type = LWSEC_COAP_CON, .code = LWSEC_COAP_POST};

    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &message, options, 3, &out, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &message, NULL),
                  LWSEC_OK);
    return lwsec_endpoint_name_find(&message, name);
}

static void the_name_stands_in_the_query(void **state)
{
    lwsec_bytes name;

    (void)state;
    assert_status(find("lt=60", "ep=urn:imei:1", &name), LWSEC_OK);
    assert_bytes(name, text_of("urn:imei:1"));
    assert_status(find("ep=", "lt=60", &name), LWSEC_OK);
    assert_true(name.data != NULL && name.size == 0);
    assert_status(find("EP=urn:imei:1", "ep", &name), LWSEC_OK);
    assert_null(name.data);
    assert_status(find("epx=urn:imei:1", "xep=1", &name), LWSEC_OK);
    assert_null(name.data);
    LWSEC_COVERS("R-5.3-04");
}

static void two_names_are_none(void **state)
{
    lwsec_bytes name;

    (void)state;
    assert_status(find("ep=a", "ep=b", &name), LWSEC_REJECT);
    assert_status(find("ep=a", "ep=a", &name), LWSEC_REJECT);
    assert_status(find("ep=", "ep=a", &name), LWSEC_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_compared_with_the_identity_of_the_handshake),
        cmocka_unit_test(identities_are_bytes),
        cmocka_unit_test(a_raw_public_key_is_no_name),
        cmocka_unit_test(an_absent_name_claims_nothing),
        cmocka_unit_test(who_has_proved_nothing_is_refused),
        cmocka_unit_test(a_table_alone_decides),
        cmocka_unit_test(an_id_context_counts_where_the_table_has_one),
        cmocka_unit_test(the_name_stands_in_the_query),
        cmocka_unit_test(two_names_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
