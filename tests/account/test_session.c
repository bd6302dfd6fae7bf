/* What accounts become: contexts, associations and sessions; firmware; changes. */
#include "tests/account/device.h"

#include <lwsec/account_session.h>

#include "tests/support/stores.h"

static device box;

/* Puts a stage in force and loads it. */
static lwsec_accounts *in_force(void (*fill)(lwsec_accounts *stage), uint32_t flags)
{
    lwsec_accounts *stage = kit_open(0, flags);
    lwsec_finding found[8];
    size_t count = 0;

    device_make(&box, 0);
    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 0, NULL), LWSEC_OK);
    fill(stage);
    const lwsec_status status =
        lwsec_provisioning_commit(box.provisioning, stage, found, 8, &count, NULL);
    for (size_t i = 0; status != LWSEC_OK && i < count && i < 8; i++) {
        print_error("%s /%u/%u/%u %s\n", found[i].requirement, found[i].object, found[i].instance,
                    found[i].resource, found[i].text);
    }
    assert_status(status, LWSEC_OK);
    lwsec_accounts *accounts = kit_open(1, flags);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    return accounts;
}

/* ---- OSCORE and SMS ---- */

static void fill_oscore(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_psk_account(stage, 1);
    kit_psk_account(stage, 2);
    kit_number(stage, "/0/2/1", 1); /* a Bootstrap-Server */
    kit_delete(stage, "/1/2/65535");
    kit_oscore(stage, 2, 8);
    kit_oscore(stage, 0, 7);
    kit_number(stage, "/21/7/3", 11);
    kit_number(stage, "/21/7/4", 7);
    kit_hex(stage, "/21/7/5", "5a17");
    kit_hex(stage, "/21/7/6", "");
}

static void an_account_gives_its_oscore_context(void **state)
{
    lwsec_accounts *accounts = in_force(fill_oscore, 0);
    lwsec_oscore_object object;
    lwsec_oscore_config config = {0};
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_accounts_oscore(accounts, 0, &object, &config, &reason), LWSEC_OK);
    assert_int_equal(config.size, sizeof config);
    assert_bytes(keeper_raw(config.secret), kit_secret(107, 16));
    assert_bytes(config.sender_id, lwsec_test_hex("01"));
    assert_bytes(config.recipient_id, lwsec_test_hex("02"));
    assert_bytes(config.salt, lwsec_test_hex("5a17"));
    assert_non_null(config.id_context.data);
    assert_int_equal(config.id_context.size, 0);
    assert_int_equal(config.aead, 11);
    assert_int_equal(config.hmac, 7);
    config = (lwsec_oscore_config){0};
    assert_status(lwsec_accounts_oscore(accounts, 2, &object, &config, &reason), LWSEC_OK);
    assert_bytes(keeper_raw(config.secret), kit_secret(108, 16));
    assert_status(lwsec_accounts_oscore(accounts, 1, &object, &config, &reason), LWSEC_ABSENT);
    assert_status(lwsec_accounts_oscore(accounts, 9, &object, &config, &reason), LWSEC_ABSENT);
    device_end(&box);
    LWSEC_COVERS("R-5.5.1-01");
    LWSEC_COVERS("R-5.5.7.1-09");
    LWSEC_COVERS("R-5.5.7.1-01");
    LWSEC_COVERS("R-5.5.7.1-08");
    LWSEC_COVERS("R-5.5.7.1-09");
    LWSEC_COVERS("R-5.5.3-01");
}

/* Without its ID Context it would be another context; it is not taken for none. */
static void a_context_of_a_later_version_is_refused(void **state)
{
    const lwsec_accounts_config earlier = {.size = sizeof earlier,
                                           .oscore_version = LWSEC_VERSION(1, 0)};
    lwsec_oscore_object object;
    lwsec_oscore_config config = {0};
    lwsec_reason reason;

    (void)state;
    (void)in_force(fill_oscore, 0);
    lwsec_accounts *accounts = kit_open_config(1, &earlier);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_status(lwsec_accounts_oscore(accounts, 0, &object, &config, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
    assert_null(config.secret.store);
    device_end(&box);
}

static void fill_sms(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_psk_account(stage, 1);
    kit_number(stage, "/0/0/6", 2);
    kit_hex(stage, "/0/0/7", "121216b20203");
    kit_bytes(stage, "/0/0/8", kit_secret(9, 48));
    kit_text(stage, "/0/0/9", "+15105550101");
}

static void an_account_gives_its_sms_association(void **state)
{
    lwsec_accounts *accounts = in_force(fill_sms, 0);
    lwsec_sms_config config = {0};
    lwsec_key_description description = {.size = sizeof description};
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_accounts_sms(accounts, 0, 0x21, &config, &reason), LWSEC_OK);
    assert_int_equal(config.parameters.spi1, 0x16);
    assert_int_equal(config.parameters.spi2, 0x21);
    assert_bytes(keeper_raw(config.kic_key), lwsec_bytes_of(kit_secret(9, 48).data, 24));
    assert_bytes(keeper_raw(config.kid_key), lwsec_bytes_of(&kit_secret(9, 48).data[24], 24));
    assert_status(lwsec_key_describe(config.kid_key, &description), LWSEC_OK);
    assert_int_equal(description.algorithm, LWSEC_ALG_AES_CMAC);
    assert_status(lwsec_accounts_sms(accounts, 1, 0, &config, &reason), LWSEC_ABSENT);
    device_end(&box);
    LWSEC_COVERS("R-5.4-07");
}

/* ---- DTLS ---- */

static void fill_sessions(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_certificate_account(stage, 1);
    kit_text(stage, "/0/1/0", "coaps://[2001:db8::1]:9000/x");
    kit_number(stage, "/0/1/13", 1);
    kit_number(stage, "/0/1/15", 1);
    kit_bytes(stage, "/0/1/4", kit_secret(8, 32));
    kit_text(stage, "/0/1/14", "sni.example");
    kit_number(stage, "/0/1/16/0", 0xc0ae);
    kit_number(stage, "/0/1/16/5", 0xc0ac);
    kit_number(stage, "/0/1/18/0", 23);
    kit_psk_account(stage, 2);
    kit_delete(stage, "/0/2/3");
    kit_delete(stage, "/0/2/5");
    kit_number(stage, "/0/2/2", 3);
    kit_text(stage, "/0/2/0", "coap://plain.example");
    kit_oscore(stage, 2, 0);
    kit_psk_account(stage, 3);
    kit_number(stage, "/0/3/1", 1);
    kit_delete(stage, "/1/3/65535");
    kit_text(stage, "/0/3/0", "coaps+tcp://192.0.2.1");
}

static lwsec_session_description describe(const lwsec_accounts *accounts, uint16_t instance)
{
    lwsec_session_description session = {.size = sizeof session};

    assert_status(lwsec_accounts_session(accounts, instance, &session, NULL), LWSEC_OK);
    return session;
}

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static void an_account_describes_its_session(void **state)
{
    lwsec_accounts *accounts = in_force(fill_sessions, 0);

    (void)state;
    lwsec_session_description session = describe(accounts, 0);
    assert_int_equal(session.mode, LWSEC_MODE_PSK);
    assert_int_equal(session.ssid, 101);
    assert_bytes(session.identity, text("device"));
    assert_bytes(keeper_raw(session.key), kit_secret(0, 16));
    assert_bytes(session.host, text("server0.example.com"));
    assert_bytes(session.sni, text("server0.example.com"));
    assert_int_equal(session.port, 5684);
    assert_true(session.datagrams);
    assert_false(session.oscore);
    assert_int_equal(session.usage, 3); /* what absent means */
    assert_int_equal(session.matching, 0);
    assert_null(session.server_key.data);

    session = describe(accounts, 1);
    assert_int_equal(session.mode, LWSEC_MODE_CERTIFICATE);
    assert_bytes(session.identity, kit_credential("pair-1", "certificate"));
    assert_bytes(session.server_key, kit_secret(8, 32));
    assert_int_equal(session.usage, 1);
    assert_int_equal(session.matching, 1);
    assert_bytes(session.host, text("[2001:db8::1]"));
    assert_int_equal(session.port, 9000);
    assert_bytes(session.sni, text("sni.example"));
    assert_int_equal(session.suite_count, 2);
    assert_int_equal(session.suites[1], 0xc0ac);
    assert_int_equal(session.group_count, 1);

    session = describe(accounts, 2);
    assert_int_equal(session.mode, LWSEC_MODE_NOSEC);
    assert_true(session.oscore);
    assert_null(session.key.store);

    session = describe(accounts, 3);
    assert_true(session.bootstrap);
    assert_int_equal(session.ssid, 0);
    assert_false(session.datagrams);
    assert_int_equal(session.sni.size, 0); /* a bare address */
    device_end(&box);
    LWSEC_COVERS("R-5.2.1-06");
    LWSEC_COVERS("R-5.2.9.3-29");
    LWSEC_COVERS("R-5.2.9.4-03");
    LWSEC_COVERS("R-5.2.9.4-02");
    LWSEC_COVERS("R-5.2.4-01");
}

static void fill_longest(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_bytes(stage, "/0/0/3", kit_secret(9, 128));
    kit_bytes(stage, "/0/0/5", kit_secret(1, 64));
}

static void the_longest_identity_and_key_reach_the_session(void **state)
{
    lwsec_accounts *accounts = in_force(fill_longest, 0);
    lwsec_session_description session = describe(accounts, 0);

    (void)state;
    assert_bytes(session.identity, kit_secret(9, 128));
    assert_bytes(keeper_raw(session.key), kit_secret(1, 64));
    device_end(&box);
    LWSEC_COVERS("R-5.2.9.1-07");
    LWSEC_COVERS("R-5.2.9.1-08");
    LWSEC_COVERS("R-5.2.9.1-09");
    LWSEC_COVERS("R-5.2.9.1-11");
}

/* Mode 4 with what modes 1 and 2 use, which is left over. */
static void fill_est(lwsec_accounts *stage)
{
    kit_certificate_account(stage, 0);
    kit_number(stage, "/0/0/2", 4);
}

static void mode_4_has_neither_certificate_nor_key_of_the_account(void **state)
{
    lwsec_accounts *accounts = in_force(fill_est, 0);
    lwsec_session_description session = describe(accounts, 0);

    (void)state;
    assert_int_equal(session.mode, LWSEC_MODE_EST);
    assert_int_equal(session.identity.size, 0);
    assert_null(session.key.store);
    assert_int_equal(keeper_count(&box.keys), 0);
    assert_bytes(session.server_key, kit_credential("leaf", "certificate"));
    device_end(&box);
    LWSEC_COVERS("R-5.2.4-13");
    LWSEC_COVERS("R-5.2.4-14");
    LWSEC_COVERS("R-5.2.4-20");
}

static void fill_nosec(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_delete(stage, "/0/0/3");
    kit_delete(stage, "/0/0/5");
    kit_number(stage, "/0/0/2", 3);
    kit_text(stage, "/0/0/0", "coap://plain.example");
}

static void nosec_is_not_described_without_a_policy(void **state)
{
    lwsec_accounts *accounts = in_force(fill_nosec, LWSEC_ACCOUNTS_NOSEC);
    lwsec_session_description session = {.size = sizeof session};
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_accounts_session(accounts, 0, &session, &reason), LWSEC_OK);
    accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    session = (lwsec_session_description){.size = sizeof session};
    assert_status(lwsec_accounts_session(accounts, 0, &session, &reason), LWSEC_UNSUPPORTED);
    assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
    assert_null(session.uri.data);
    session.size--;
    assert_status(lwsec_accounts_session(accounts, 0, &session, &reason), LWSEC_USAGE);
    session.size++;
    assert_status(lwsec_accounts_session(accounts, 1, &session, &reason), LWSEC_ABSENT);
    device_end(&box);
}

static void fill_many_suites(lwsec_accounts *stage)
{
    char path[32];

    kit_psk_account(stage, 0);
    for (unsigned i = 0; i <= LWSEC_SESSION_LIST_MAX; i++) {
        (void)snprintf(path, sizeof path, "/0/0/16/%u", i);
        kit_number(stage, path, 0xc0a8);
    }
}

static void lists_are_bounded(void **state)
{
    lwsec_accounts *accounts = in_force(fill_many_suites, 0);
    lwsec_session_description session = {.size = sizeof session};

    (void)state;
    assert_status(lwsec_accounts_session(accounts, 0, &session, NULL), LWSEC_BUFFER);
    device_end(&box);
}

/* ---- Firmware ---- */

static void fill_firmware(lwsec_accounts *stage)
{
    fill_sessions(stage); /* 0: PSK, 1: certificate, 2: OSCORE alone, 3: bootstrap */
    kit_psk_account(stage, 4);
    kit_text(stage, "/0/4/0", "coaps://server0.example.com:7000");
    kit_text(stage, "/0/3/0", "coaps://bootstrap.example");
}

static lwsec_status choose(const lwsec_accounts *accounts, const char *uri, uint16_t ssid,
                           uint32_t flags, lwsec_firmware_choice *choice)
{
    lwsec_reason reason;
    const lwsec_status status =
        lwsec_firmware_choose(accounts, text(uri), ssid, flags, choice, &reason);

    assert_true((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    return status;
}

static void firmware_is_protected_by_the_account_of_its_host(void **state)
{
    lwsec_accounts *accounts = in_force(fill_firmware, 0);
    lwsec_firmware_choice choice;

    (void)state;
    assert_status(choose(accounts, "coaps://SERVER0.example.com/fw", 101, 0, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, 0);
    assert_true(choice.tls);
    assert_status(choose(accounts, "coaps://server0.example.com:7000/fw", 101, 0, &choice),
                  LWSEC_OK);
    assert_int_equal(choice.instance, 4); /* the port decides */
    assert_status(choose(accounts, "coaps://server0.example.com:1/fw", 101, 0, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, 0);
    assert_status(choose(accounts, "https://[2001:db8::1]/fw", 101, 0, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, 1);
    assert_status(choose(accounts, "coap://plain.example/fw", 101, 0, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, 2);
    assert_true(choice.oscore);
    assert_false(choice.tls);
    device_end(&box);
    LWSEC_COVERS("R-5.2.4-01");
    LWSEC_COVERS("R-5.5.3-01");
}

static void firmware_is_refused_without_a_named_policy(void **state)
{
    lwsec_accounts *accounts = in_force(fill_firmware, 0);
    lwsec_firmware_choice choice;
    const uint32_t nosec = LWSEC_FIRMWARE_NOSEC;
    const uint32_t by_server = LWSEC_FIRMWARE_BY_SERVER;

    (void)state;
    assert_status(choose(accounts, "coaps://other.example/fw", 101, 0, &choice), LWSEC_REJECT);
    assert_status(choose(accounts, "coaps://other.example/fw", 101, nosec, &choice), LWSEC_REJECT);
    assert_status(choose(accounts, "coaps://other.example/fw", 101, by_server, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, 0);
    assert_status(choose(accounts, "coaps://other.example/fw", 0, by_server, &choice),
                  LWSEC_REJECT);
    assert_status(choose(accounts, "coaps://other.example/fw", 103, by_server, &choice),
                  LWSEC_REJECT); /* that one has OSCORE alone */
    assert_status(choose(accounts, "coaps://bootstrap.example/fw", 101, 0, &choice),
                  LWSEC_REJECT); /* keys of the bootstrap are for the bootstrap */
    assert_status(choose(accounts, "coap://server0.example.com/fw", 101, 0, &choice), LWSEC_REJECT);
    assert_status(choose(accounts, "http://other.example/fw", 101, 0, &choice), LWSEC_REJECT);
    assert_status(choose(accounts, "http://other.example/fw", 101, nosec, &choice), LWSEC_OK);
    assert_int_equal(choice.instance, LWSEC_PATH_NONE);
    assert_status(choose(accounts, "file:///fw", 101, nosec, &choice), LWSEC_REJECT);
    assert_status(choose(accounts, "coaps://user@server0.example.com/fw", 101, 0, &choice),
                  LWSEC_REJECT);
    device_end(&box);
}

/* ---- Changes ---- */

static void changed_credentials_close_what_runs(void **state)
{
    lwsec_accounts *before = kit_open(2, 0);
    lwsec_accounts *after = kit_open(3, 0);
    const lwsec_change_policy closes = LWSEC_CHANGE_CLOSES;

    (void)state;
    device_make(&box, 0);
    device_provision(&box);
    assert_status(lwsec_provisioning_begin(box.provisioning, before, 0, NULL), LWSEC_OK);
    assert_status(lwsec_provisioning_begin(box.provisioning, after, 0, NULL), LWSEC_OK);
    for (uint16_t i = 0; i < 3; i++) {
        assert_int_equal(lwsec_accounts_change(before, after, i, closes), LWSEC_CHANGE_NONE);
    }
    kit_number(after, "/0/0/11", 30); /* the hold-off time secures nothing */
    assert_int_equal(lwsec_accounts_change(before, after, 0, closes), LWSEC_CHANGE_NONE);
    kit_bytes(after, "/0/1/5", kit_secret(90, 16));
    assert_int_equal(lwsec_accounts_change(before, after, 1, closes), LWSEC_CHANGE_CLOSE);
    assert_int_equal(lwsec_accounts_change(before, after, 1, LWSEC_CHANGE_KEEPS),
                     LWSEC_CHANGE_KEEP);
    assert_int_equal(lwsec_accounts_change(before, after, 0, closes), LWSEC_CHANGE_NONE);
    kit_hex(after, "/21/0/5", "01"); /* in the OSCORE instance that it links to */
    assert_int_equal(lwsec_accounts_change(before, after, 0, closes), LWSEC_CHANGE_CLOSE);
    kit_delete(after, "/0/1/65535");
    assert_int_equal(lwsec_accounts_change(before, after, 1, LWSEC_CHANGE_KEEPS),
                     LWSEC_CHANGE_CLOSE); /* gone */
    device_end(&box);
    LWSEC_COVERS("R-5.5.3-11");
    LWSEC_COVERS("R-5.2.4-10");
    LWSEC_COVERS("R-5.2.4-11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_gives_its_oscore_context),
        cmocka_unit_test(a_context_of_a_later_version_is_refused),
        cmocka_unit_test(an_account_gives_its_sms_association),
        cmocka_unit_test(an_account_describes_its_session),
        cmocka_unit_test(the_longest_identity_and_key_reach_the_session),
        cmocka_unit_test(mode_4_has_neither_certificate_nor_key_of_the_account),
        cmocka_unit_test(nosec_is_not_described_without_a_policy),
        cmocka_unit_test(lists_are_bounded),
        cmocka_unit_test(firmware_is_protected_by_the_account_of_its_host),
        cmocka_unit_test(firmware_is_refused_without_a_named_policy),
        cmocka_unit_test(changed_credentials_close_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
