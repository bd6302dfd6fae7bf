/* Findings about SMS, other objects, and what several accounts share. */
#include "tests/account/kit.h"

#include <lwsec/lwm2m_tlv.h>

#define MUST true
#define SHOULD false

static lwsec_accounts *two(void)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    kit_psk_account(accounts, 0);
    kit_psk_account(accounts, 1);
    assert_int_equal(kit_findings(accounts), 0);
    return accounts;
}

/* ---- SMS ---- */

static lwsec_accounts *sms(void)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    kit_psk_account(accounts, 0);
    kit_number(accounts, "/0/0/6", 2);
    kit_hex(accounts, "/0/0/7", "12121600b20203");
    kit_bytes(accounts, "/0/0/8", kit_secret(5, 32));
    kit_text(accounts, "/0/0/9", "+15105550101");
    assert_int_equal(kit_findings(accounts), 0);
    return accounts;
}

static void sms_secured_mode_needs_parameters_and_keys(void **state)
{
    lwsec_accounts *accounts = sms();

    (void)state;
    kit_delete(accounts, "/0/0/7");
    kit_only(accounts, "/0/0/7", "R-5.4.2-05", MUST);
    accounts = sms();
    kit_delete(accounts, "/0/0/8");
    kit_only(accounts, "/0/0/8", "R-5.4.2-05", MUST);
    accounts = sms();
    kit_delete(accounts, "/0/0/9");
    kit_only(accounts, "/0/0/9", "R-5.4-03", SHOULD);
    accounts = sms();
    kit_delete(accounts, "/0/0/6");
    kit_only(accounts, "/0/0/6", "R-5.4.2-01", SHOULD);
    accounts = sms();
    kit_number(accounts, "/0/0/6", 3);
    kit_only(accounts, "/0/0/6", "R-5.4.1-01", SHOULD);
    kit_oscore(accounts, 0, 0);
    assert_int_equal(kit_findings(accounts), 0);
    kit_number(accounts, "/0/0/6", 5);
    kit_only(accounts, "/0/0/6", "R-5.4.2-01", SHOULD);
    LWSEC_COVERS("R-5.4.2-01");
    LWSEC_COVERS("R-5.4.1-02");
    LWSEC_COVERS("R-5.4-03");
}

static void sms_parameters_ask_for_all_protection(void **state)
{
    static const struct {
        const char *parameters;
        const char *requirement;
        bool fatal;
    } bad[] = {
        {"12121200b20203", "R-5.4.2.1.3-04", MUST}, /* no ciphering */
        {"12121e00b20203", "R-5.4.2.1.3-04", MUST}, /* counter one higher */
        {"12121500b20203", "R-5.4.2.1.3-04", MUST}, /* CRC */
        {"11111600b20203", "R-5.4.2.1.3-06", MUST}, /* single DES */
        {"1d121600b20203", "R-5.4.2.1.3-06", MUST}, {"15151600b20203", "R-5.4.2.1.3-08", MUST},
        {"10121600b20203", "R-5.4.2.1.3-05", MUST}, {"12121600b20204", "R-5.4-08", MUST},
    };
    lwsec_accounts *accounts = sms();

    (void)state;
    kit_hex(accounts, "/0/0/7", "121216b20203"); /* the form of 6 octets */
    assert_int_equal(kit_findings(accounts), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kit_hex(accounts, "/0/0/7", bad[i].parameters);
        kit_only(accounts, "/0/0/7", bad[i].requirement, bad[i].fatal);
    }
    kit_hex(accounts, "/0/0/7", "19191600b20203");
    kit_bytes(accounts, "/0/0/8", kit_secret(5, 48));
    kit_only(accounts, "/0/0/7", "R-5.4.2.1.3-07", SHOULD);
    uint8_t weak[48];
    memcpy(weak, kit_secret(5, 48).data, sizeof weak);
    memcpy(&weak[40], &weak[24], 8); /* the third DES key of KID is the first one */
    weak[40] ^= 1;                   /* but for parity */
    kit_bytes(accounts, "/0/0/8", lwsec_bytes_of(weak, sizeof weak));
    assert_true(kit_finds(accounts, "/0/0/8", "R-5.4.2.1.3-08", MUST));
    LWSEC_COVERS("R-5.4.2.1.3-08");
    LWSEC_COVERS("R-5.4.2.1.3-04");
    LWSEC_COVERS("R-5.4.2.1.3-05");
    LWSEC_COVERS("R-5.4.2.1.3-06");
    LWSEC_COVERS("R-5.4.2.1.3-07");
    LWSEC_COVERS("R-5.4.2.1.3-12");
    LWSEC_COVERS("R-5.4-08");
}

static void sms_keys_are_two(void **state)
{
    uint8_t twice[32];
    lwsec_accounts *accounts = sms();

    (void)state;
    kit_bytes(accounts, "/0/0/8", kit_secret(5, 16));
    kit_only(accounts, "/0/0/8", "R-5.4-07", MUST);
    kit_bytes(accounts, "/0/0/8", kit_secret(5, 40));
    kit_only(accounts, "/0/0/8", "R-5.4-07", MUST);
    memcpy(twice, kit_secret(5, 16).data, 16);
    memcpy(&twice[16], kit_secret(5, 16).data, 16);
    kit_bytes(accounts, "/0/0/8", lwsec_bytes_of(twice, sizeof twice));
    kit_only(accounts, "/0/0/8", "R-5.4-07", MUST);
    kit_bytes(accounts, "/0/0/8", kit_secret(5, 64));
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.4-07");
}

/* ---- Roles and links ---- */

static void there_is_an_account(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    (void)state;
    kit_only(accounts, "/0/0/0", "R-5.2.4-04", MUST);
    kit_psk_account(accounts, 0);
    kit_delete(accounts, "/0/0/10");
    kit_delete(accounts, "/1/65535/65535");
    kit_only(accounts, "/0/0/10", "R-6.7-04", MUST);
    kit_number(accounts, "/0/0/1", 1); /* a Bootstrap-Server needs neither */
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.2.4-04");
}

/* A Bootstrap-Server writes, and a client takes, accounts of all three kinds of credentials. */
static void accounts_of_each_kind_can_be_bootstrapped(void **state)
{
    static void (*const fill[])(lwsec_accounts * accounts, uint16_t n) = {
        kit_psk_account, kit_rpk_account, kit_certificate_account};
    static const uint16_t objects[] = {0, 1, 21};
    static uint8_t room[2048];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        lwsec_accounts *accounts = kit_open(0, 0);
        lwsec_accounts *client = kit_open(1, 0);
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
        fill[i](accounts, 0);
        kit_oscore(accounts, 0, 4);
        for (size_t object = 0; object < 3; object++) {
            assert_status(lwsec_accounts_write_tlv(accounts, objects[object], LWSEC_PATH_NONE,
                                                   LWSEC_TLV_SECRETS, &out),
                          LWSEC_OK);
            assert_status(lwsec_accounts_read_tlv(client, objects[object], LWSEC_PATH_NONE,
                                                  lwsec_buffer_bytes(&out), NULL),
                          LWSEC_OK);
        }
        assert_true(kit_same(accounts, client));
        assert_int_equal(kit_findings(client), 0);
    }
    LWSEC_COVERS("R-5-01");
    LWSEC_COVERS("R-5.5.3-07");
    LWSEC_COVERS("R-5.2.1-06");
}

static void there_is_one_bootstrap_account(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_delete(accounts, "/1/65535/65535");
    kit_number(accounts, "/0/0/1", 1);
    kit_number(accounts, "/0/1/1", 1);
    kit_only(accounts, "/0/1/1", "R-5.2.4-04", MUST);
}

static void each_account_has_one_server(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_number(accounts, "/1/1/0", 103);
    assert_true(kit_finds(accounts, "/0/1/10", "R-6.7-04", MUST));
    assert_true(kit_finds(accounts, "/1/1/0", "R-6.7-04", MUST));
    assert_int_equal(kit_findings(accounts), 2);
    accounts = two();
    kit_number(accounts, "/1/1/0", 101);
    assert_true(kit_finds(accounts, "/0/0/10", "R-6.7-04", MUST)); /* two of them */
    accounts = two();
    kit_number(accounts, "/0/1/10", 101);
    assert_true(kit_finds(accounts, "/0/1/10", "R-6.7-04", MUST));
    accounts = two();
    kit_delete(accounts, "/1/1/0");
    assert_true(kit_finds(accounts, "/1/1/0", "R-6.7-04", MUST));
    accounts = two();
    kit_delete(accounts, "/1/1/7");
    kit_only(accounts, "/1/1/7", "R-6.7-04", SHOULD);
    LWSEC_COVERS("R-6.7-04");
}

static void servers_may_be_kept_elsewhere(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_delete(accounts, "/1/65535/65535");
    assert_int_equal(kit_findings(accounts), 2);
    assert_status(lwsec_accounts_set_flags(accounts, 1U << 20), LWSEC_USAGE);
    assert_status(lwsec_accounts_set_flags(accounts, LWSEC_ACCOUNTS_NO_SERVERS), LWSEC_OK);
    assert_int_equal(kit_findings(accounts), 0);
    kit_delete(accounts, "/0/1/10");
    kit_only(accounts, "/0/1/10", "R-6.7-04", SHOULD);
}

static void an_oscore_instance_is_linked_once(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_oscore(accounts, 0, 4);
    assert_int_equal(kit_findings(accounts), 0);
    kit_link(accounts, "/0/1/17", 21, 4);
    kit_only(accounts, "/0/1/17", "R-5.5.7.1-01", MUST);
    kit_link(accounts, "/0/1/17", 21, 5);
    kit_only(accounts, "/0/1/17", "R-5.5.7.1-01", MUST);
    kit_link(accounts, "/0/1/17", 1, 0);
    kit_only(accounts, "/0/1/17", "R-5.5.7.1-01", MUST);
    kit_link(accounts, "/0/1/17", 65535, 65535);
    kit_link(accounts, "/0/0/17", 65535, 65535);
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.5.7.1-01");
}

static void oscore_values_are_checked(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_oscore(accounts, 0, 0);
    kit_delete(accounts, "/21/0/0");
    kit_only(accounts, "/21/0/0", "R-5.5.7.1-02", MUST);
    kit_bytes(accounts, "/21/0/0", kit_secret(3, 15));
    kit_only(accounts, "/21/0/0", "R-5.5.3-05", MUST);
    kit_bytes(accounts, "/21/0/0", kit_secret(3, 16));
    kit_delete(accounts, "/21/0/1");
    kit_only(accounts, "/21/0/1", "R-5.5.7.1-04", MUST);
    kit_hex(accounts, "/21/0/1", "");
    assert_int_equal(kit_findings(accounts), 0);
    kit_hex(accounts, "/21/0/1", "0102030405060708"); /* 8: the nonce has 7 for it */
    kit_only(accounts, "/21/0/1", "R-5.5.7.1-04", MUST);
    kit_hex(accounts, "/21/0/1", "01");
    kit_number(accounts, "/21/0/4", -10);
    kit_only(accounts, "/21/0/4", "R-5.5.7.1-07", MUST);
    kit_bytes(accounts, "/21/0/5", kit_secret(3, 255));
    kit_number(accounts, "/21/0/4", 5);
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.5.7.1-02");
    LWSEC_COVERS("R-5.5.7-01");
    LWSEC_COVERS("R-5.5.3-05");
}

static void cose_and_mqtt_links(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_link(accounts, "/0/0/27/0", 23, 2);
    kit_only(accounts, "/0/0/27", "R-8.8-03", MUST);
    kit_text(accounts, "/23/2/0", "kid");
    kit_number(accounts, "/23/2/1", 10);
    kit_text(accounts, "/23/2/2", "0123456789abcdef");
    assert_int_equal(kit_findings(accounts), 0);
    kit_number(accounts, "/23/2/1", 5);
    kit_only(accounts, "/23/2/1", "R-8.6-02", MUST);
    kit_number(accounts, "/23/2/1", 1);
    kit_delete(accounts, "/23/2/2");
    kit_only(accounts, "/23/2/2", "R-8.6-02", MUST);
    accounts = two();
    kit_link(accounts, "/0/0/26", 24, 0);
    kit_only(accounts, "/0/0/0", "R-8.8-01", MUST);
    kit_text(accounts, "/0/0/0", "mqtts://broker.example");
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-8.6-02");
    LWSEC_COVERS("R-8.8-01");
    LWSEC_COVERS("R-8.8-03");
}

/* ---- What may not be shared ---- */

static void key_pairs_are_not_shared(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    (void)state;
    kit_rpk_account(accounts, 0);
    kit_rpk_account(accounts, 1);
    kit_only(accounts, "/0/1/5", "R-5.2.1-07", MUST);
    kit_number(accounts, "/0/0/1", 1); /* a Bootstrap-Server's account does not differ here */
    assert_true(kit_finds(accounts, "/0/1/5", "R-5.2.1-07", MUST));
    accounts = kit_open(0, 0);
    kit_rpk_account(accounts, 0);
    kit_bytes(accounts, "/0/0/4", kit_credential("pair-1", "public")); /* the client's own */
    kit_only(accounts, "/0/0/4", "R-5.2.1-07", MUST);
    LWSEC_COVERS("R-5.2.1-07");
}

static void shared_pre_shared_keys_are_told(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_bytes(accounts, "/0/1/5", kit_secret(0, 16));
    kit_only(accounts, "/0/1/5", "R-5.2.1-09", SHOULD);
    LWSEC_COVERS("R-5.2.1-09");
}

static void a_key_serves_one_protocol(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_oscore(accounts, 0, 0);
    kit_bytes(accounts, "/21/0/0", kit_secret(1, 16));
    kit_only(accounts, "/21/0/0", "R-5.5.3-06", MUST);
    LWSEC_COVERS("R-5.5.3-06");
}

/* One key pair is one, also as a raw key here and in a certificate there. */
static void a_key_pair_is_known_in_any_form(void **state)
{
    const lwsec_value name = {.type = LWSEC_VALUE_KEY, .bytes = lwsec_bytes_of("kept", 4)};
    lwsec_accounts *accounts = kit_open(0, 0);

    (void)state;
    kit_rpk_account(accounts, 0);
    kit_certificate_account(accounts, 1);
    /* the private key of an earlier bootstrap is a name by now */
    assert_status(lwsec_accounts_set(accounts, kit_path("/0/0/5"), &name, NULL), LWSEC_OK);
    kit_only(accounts, "/0/1/5", "R-5.2.1-07", MUST);
    kit_bytes(accounts, "/0/0/3", kit_credential("pair-2", "public"));
    kit_bytes(accounts, "/0/0/4", kit_credential("pair-1", "public"));
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.2.1-07");
}

/* The IDs of two contexts of one Master Secret: Sender ID and Recipient ID. */
static lwsec_accounts *contexts(const char *sender, const char *recipient)
{
    lwsec_accounts *accounts = two();

    kit_oscore(accounts, 0, 4);
    kit_oscore(accounts, 1, 5);
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/21/5/0", kit_secret(104, 16));
    kit_hex(accounts, "/21/5/1", sender);
    kit_hex(accounts, "/21/5/2", recipient);
    return accounts;
}

static void an_oscore_key_is_derived_once(void **state)
{
    static const char *const ids[][2] = {{"01", "02"}, {"02", "01"}, {"01", "03"},
                                         {"03", "01"}, {"02", "03"}, {"03", "02"}};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        lwsec_accounts *accounts = contexts(ids[i][0], ids[i][1]);
        kit_only(accounts, "/21/5/0", "R-5.5.3-09", MUST);
        kit_hex(accounts, "/21/5/5", ""); /* as none */
        kit_only(accounts, "/21/5/0", "R-5.5.3-09", MUST);
        kit_hex(accounts, "/21/5/5", "aa"); /* another salt, and so other keys */
        assert_int_equal(kit_findings(accounts), 0);
        kit_hex(accounts, "/21/4/5", "aa");
        kit_only(accounts, "/21/5/0", "R-5.5.3-09", MUST);
        kit_hex(accounts, "/21/4/6", "bb");
        assert_int_equal(kit_findings(accounts), 0);
    }
    assert_int_equal(kit_findings(contexts("03", "04")), 0);
    assert_int_equal(kit_findings(contexts("", "03")), 0);
    LWSEC_COVERS("R-5.5.3-09");
}

static void access_control_is_whole(void **state)
{
    lwsec_accounts *accounts = two();

    (void)state;
    kit_number(accounts, "/2/0/0", 3);
    kit_number(accounts, "/2/0/1", 0);
    kit_number(accounts, "/2/0/3", 101);
    kit_number(accounts, "/2/0/2/101", 31);
    assert_int_equal(kit_findings(accounts), 0);
    kit_delete(accounts, "/2/0/3");
    kit_only(accounts, "/2/0/3", "R-5-03", MUST);
    LWSEC_COVERS("R-5-03");
}

static void findings_hold_no_secret_and_all_are_counted(void **state)
{
    lwsec_finding found[2];
    lwsec_accounts *accounts = kit_open(0, 0);

    (void)state;
    kit_text(accounts, "/0/0/0", "coaps://a");
    kit_number(accounts, "/0/0/2", 0);
    kit_text(accounts, "/0/0/5", "hunter2");
    kit_number(accounts, "/0/1/2", 2);
    const size_t count = lwsec_accounts_check(accounts, found, 2);
    assert_true(count > 6);
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(found[i].requirement);
        assert_null(strstr(found[i].text, "hunter2"));
    }
    assert_int_equal(lwsec_accounts_check(accounts, NULL, 0), count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sms_secured_mode_needs_parameters_and_keys),
        cmocka_unit_test(sms_parameters_ask_for_all_protection),
        cmocka_unit_test(sms_keys_are_two),
        cmocka_unit_test(there_is_an_account),
        cmocka_unit_test(accounts_of_each_kind_can_be_bootstrapped),
        cmocka_unit_test(there_is_one_bootstrap_account),
        cmocka_unit_test(each_account_has_one_server),
        cmocka_unit_test(servers_may_be_kept_elsewhere),
        cmocka_unit_test(an_oscore_instance_is_linked_once),
        cmocka_unit_test(oscore_values_are_checked),
        cmocka_unit_test(cose_and_mqtt_links),
        cmocka_unit_test(key_pairs_are_not_shared),
        cmocka_unit_test(shared_pre_shared_keys_are_told),
        cmocka_unit_test(a_key_serves_one_protocol),
        cmocka_unit_test(a_key_pair_is_known_in_any_form),
        cmocka_unit_test(an_oscore_key_is_derived_once),
        cmocka_unit_test(access_control_is_whole),
        cmocka_unit_test(findings_hold_no_secret_and_all_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
