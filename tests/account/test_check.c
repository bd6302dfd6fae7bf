/* Findings about the credentials of a Security instance, mode by mode. */
#include "tests/account/kit.h"

#define MUST true
#define SHOULD false

static lwsec_bytes cut(lwsec_bytes bytes, size_t size)
{
    return lwsec_bytes_of(bytes.data, size);
}

/* A copy with one byte changed. */
static lwsec_bytes changed(lwsec_bytes bytes, size_t at, uint8_t byte)
{
    static uint8_t room[1024];

    assert_true(bytes.size <= sizeof room && at < bytes.size);
    memcpy(room, bytes.data, bytes.size);
    room[at] = byte;
    return lwsec_bytes_of(room, bytes.size);
}

static lwsec_bytes joined(lwsec_bytes one, lwsec_bytes other)
{
    static uint8_t room[4096];

    assert_true(one.size + other.size <= sizeof room);
    memcpy(room, one.data, one.size);
    memcpy(&room[one.size], other.data, other.size);
    return lwsec_bytes_of(room, one.size + other.size);
}

static lwsec_accounts *psk(uint32_t flags)
{
    lwsec_accounts *accounts = kit_open(0, flags);

    kit_psk_account(accounts, 0);
    assert_int_equal(kit_findings(accounts), 0);
    return accounts;
}

static lwsec_accounts *rpk(void)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    kit_rpk_account(accounts, 0);
    assert_int_equal(kit_findings(accounts), 0);
    return accounts;
}

static lwsec_accounts *certificate(void)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    kit_certificate_account(accounts, 0);
    assert_int_equal(kit_findings(accounts), 0);
    return accounts;
}

/* ---- The server ---- */

static void an_account_names_its_server(void **state)
{
    lwsec_accounts *accounts = psk(0);

    (void)state;
    kit_delete(accounts, "/0/0/0");
    kit_only(accounts, "/0/0/0", "R-5.2.9-02", MUST);
    accounts = psk(0);
    kit_text(accounts, "/0/0/0", "");
    kit_only(accounts, "/0/0/0", "R-5.2.9-02", MUST);
    accounts = psk(0);
    kit_delete(accounts, "/0/0/1");
    kit_only(accounts, "/0/0/1", "R-5.2.9-02", SHOULD);
    accounts = psk(0);
    kit_delete(accounts, "/0/0/2");
    kit_only(accounts, "/0/0/2", "R-5.2.4-12", MUST);
    LWSEC_COVERS("R-5.2.9-02");
    LWSEC_COVERS("R-5.2.4-12");
}

static void scheme_and_mode_agree(void **state)
{
    static const char *const secure[] = {"coaps://a", "COAPS+TCP://a", "coaps+ws://a"};
    static const char *const open[] = {"coap://a", "coap+tcp://a:5684", "http://a"};
    lwsec_accounts *accounts = psk(LWSEC_ACCOUNTS_NOSEC);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        kit_text(accounts, "/0/0/0", secure[i]);
        assert_int_equal(kit_findings(accounts), 0);
        kit_text(accounts, "/0/0/0", open[i]);
        kit_only(accounts, "/0/0/0", "R-5.2.1-01", MUST);
    }
    kit_text(accounts, "/0/0/0", "tel:+15105550101"); /* tells nothing */
    assert_int_equal(kit_findings(accounts), 0);
    kit_delete(accounts, "/0/0/3");
    kit_delete(accounts, "/0/0/5");
    kit_number(accounts, "/0/0/2", 3);
    kit_text(accounts, "/0/0/0", "coaps://a");
    assert_true(kit_finds(accounts, "/0/0/0", "R-5.2.1-01", MUST));
    kit_text(accounts, "/0/0/0", "coap://a");
    kit_only(accounts, "/0/0/2", "R-5.3-01", SHOULD);
    LWSEC_COVERS("R-5.2.1-01");
    LWSEC_COVERS("R-5.1-06");
}

static void nosec_needs_a_policy_or_oscore(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    (void)state;
    kit_psk_account(accounts, 0);
    kit_number(accounts, "/0/0/2", 3);
    kit_text(accounts, "/0/0/0", "coap://a");
    assert_true(kit_finds(accounts, "/0/0/3", "R-5.2.4-02", SHOULD));
    assert_true(kit_finds(accounts, "/0/0/5", "R-5.2.4-02", SHOULD));
    kit_delete(accounts, "/0/0/3");
    kit_delete(accounts, "/0/0/5");
    kit_only(accounts, "/0/0/2", "R-5.3-01", MUST);
    kit_oscore(accounts, 0, 0);
    assert_int_equal(kit_findings(accounts), 0);
    kit_link(accounts, "/0/0/17", 65535, 65535); /* a link that leads nowhere */
    kit_only(accounts, "/0/0/2", "R-5.3-01", MUST);
    LWSEC_COVERS("R-5.5.1-07");
    LWSEC_COVERS("R-5.3-02");
}

/* ---- Mode 0 ---- */

static void psk_needs_identity_and_key(void **state)
{
    lwsec_accounts *accounts = psk(0);

    (void)state;
    kit_text(accounts, "/0/0/3", "");
    kit_only(accounts, "/0/0/3", "R-5.2.9.1-07", MUST);
    kit_delete(accounts, "/0/0/3");
    kit_only(accounts, "/0/0/3", "R-5.2.9.1-07", MUST);
    kit_bytes(accounts, "/0/0/3", kit_secret(9, 128)); /* any bytes */
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/3", kit_secret(9, 129));
    kit_only(accounts, "/0/0/3", "R-5.2.9.1-08", MUST);
    accounts = psk(0);
    kit_delete(accounts, "/0/0/5");
    kit_only(accounts, "/0/0/5", "R-5.2.9.1-09", MUST);
    kit_bytes(accounts, "/0/0/5", kit_secret(1, 64));
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/5", kit_secret(1, 65));
    kit_only(accounts, "/0/0/5", "R-5.2.9.1-11", MUST);
    LWSEC_COVERS("R-5.2.9.1-07");
    LWSEC_COVERS("R-5.2.9.1-08");
    LWSEC_COVERS("R-5.2.9.1-09");
    LWSEC_COVERS("R-5.2.9.1-11");
    LWSEC_COVERS("R-5.2.9.1-06");
}

static void psk_that_is_weak_is_told(void **state)
{
    lwsec_accounts *accounts = psk(0);

    (void)state;
    kit_bytes(accounts, "/0/0/5", kit_secret(1, 15));
    kit_only(accounts, "/0/0/5", "R-5.2.9.1-10", SHOULD);
    kit_text(accounts, "/0/0/5", "password");
    assert_true(kit_finds(accounts, "/0/0/5", "R-5.2.4-06", MUST));
    assert_true(kit_finds(accounts, "/0/0/5", "R-5.2.9.1-10", SHOULD));
    kit_hex(accounts, "/0/0/5", "000102030405060708090a0b0c0d0e0f");
    kit_only(accounts, "/0/0/5", "R-5.2.4-06", MUST);
    kit_text(accounts, "/0/0/5", "0123456789abcdeffedcba9876543210"); /* 128 bits of digits */
    assert_int_equal(kit_findings(accounts), 0);
    kit_text(accounts, "/0/0/5", "correct horse battery"); /* 21 * 6.6 bits at the most */
    assert_int_equal(kit_findings(accounts), 0);
    kit_text(accounts, "/0/0/5", "correcthorsebattery");
    kit_only(accounts, "/0/0/5", "R-5.2.4-06", MUST);
    accounts = psk(LWSEC_ACCOUNTS_WEAK_SECRETS);
    kit_hex(accounts, "/0/0/5", "000102030405060708090a0b0c0d0e0f");
    kit_only(accounts, "/0/0/5", "R-5.2.4-06", SHOULD);
    kit_text(accounts, "/0/0/5", "password"); /* still */
    assert_true(kit_finds(accounts, "/0/0/5", "R-5.2.4-06", MUST));
    LWSEC_COVERS("R-5.2.4-06");
    LWSEC_COVERS("R-5.2.9.1-10");
}

static void psk_has_no_server_key(void **state)
{
    lwsec_accounts *accounts = psk(0);

    (void)state;
    kit_text(accounts, "/0/0/4", "");
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/4", kit_credential("pair-1", "public"));
    kit_only(accounts, "/0/0/4", "R-5.2.9.1-13", MUST);
    LWSEC_COVERS("R-5.2.9.1-13");
}

/* ---- Mode 1 ---- */

static void rpk_needs_three_keys(void **state)
{
    lwsec_accounts *accounts = rpk();

    (void)state;
    kit_delete(accounts, "/0/0/3");
    kit_only(accounts, "/0/0/3", "R-5.2.9.2-09", MUST);
    accounts = rpk();
    kit_delete(accounts, "/0/0/5");
    kit_only(accounts, "/0/0/5", "R-5.2.9.2-10", MUST);
    accounts = rpk();
    kit_delete(accounts, "/0/0/4");
    kit_only(accounts, "/0/0/4", "R-5.2.9.2-11", MUST);
    LWSEC_COVERS("R-5.2.9.2-08");
    LWSEC_COVERS("R-5.2.9.2-09");
    LWSEC_COVERS("R-5.2.9.2-10");
    LWSEC_COVERS("R-5.2.9.2-11");
}

static void public_key_is_a_whole_spki(void **state)
{
    const lwsec_bytes good = kit_credential("pair-1", "public");
    lwsec_accounts *accounts = rpk();

    (void)state;
    kit_bytes(accounts, "/0/0/3", kit_credential("pair-1", "certificate"));
    kit_only(accounts, "/0/0/3", "R-5.2.9.2-09", MUST);
    kit_bytes(accounts, "/0/0/3", lwsec_bytes_of(&good.data[26], 65)); /* the bare point */
    kit_only(accounts, "/0/0/3", "R-5.2.9.2-09", MUST);
    for (size_t size = 1; size < good.size; size += 3) {
        kit_bytes(accounts, "/0/0/3", cut(good, size));
        kit_only(accounts, "/0/0/3", "R-5.2.9.2-09", MUST);
    }
    kit_bytes(accounts, "/0/0/3", joined(good, lwsec_bytes_of("", 1)));
    kit_only(accounts, "/0/0/3", "R-5.2.9.2-09", MUST);
    kit_bytes(accounts, "/0/0/4", cut(good, 90));
    assert_true(kit_finds(accounts, "/0/0/4", "R-5.2.9.2-11", MUST));
}

static void curves_have_255_bits(void **state)
{
    lwsec_accounts *accounts = rpk();

    (void)state;
    kit_bytes(accounts, "/0/0/4", kit_credential("small-curve", "public"));
    kit_only(accounts, "/0/0/4", "R-5.2.3-03", MUST);
    kit_bytes(accounts, "/0/0/4", kit_credential("rsa", "public"));
    kit_only(accounts, "/0/0/4", "R-5.2.9.2-06", SHOULD);
    accounts = rpk();
    kit_bytes(accounts, "/0/0/5", kit_credential("small-curve", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.3-03", MUST);
    accounts = certificate();
    kit_bytes(accounts, "/0/0/4", kit_credential("small-curve", "certificate"));
    assert_true(kit_finds(accounts, "/0/0/4", "R-5.2.3-03", MUST));
    accounts = certificate();
    kit_number(accounts, "/0/0/18/0", 23);
    kit_number(accounts, "/0/0/18/1", 29);
    assert_int_equal(kit_findings(accounts), 0);
    kit_number(accounts, "/0/0/18/2", 21);
    kit_only(accounts, "/0/0/18", "R-5.2.3-03", MUST);
    LWSEC_COVERS("R-5.2.3-03");
    LWSEC_COVERS("R-5.2.9.3-04");
    LWSEC_COVERS("R-5.2.9.2-06");
}

static void private_key_is_version_one_and_open(void **state)
{
    const lwsec_bytes good = kit_credential("pair-1", "private");
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_bytes(accounts, "/0/0/5", kit_credential("encrypted", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-17", MUST);
    kit_bytes(accounts, "/0/0/5", changed(good, 5, 1)); /* version 2 is the number 1 */
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-17", MUST);
    kit_bytes(accounts, "/0/0/5", kit_credential("sec1", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-17", MUST);
    for (size_t size = 1; size < good.size; size += 5) {
        kit_bytes(accounts, "/0/0/5", cut(good, size));
        kit_only(accounts, "/0/0/5", "R-5.2.9.3-16", MUST);
    }
    kit_bytes(accounts, "/0/0/5", kit_credential("pair-1", "public"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-16", MUST);
    kit_bytes(accounts, "/0/0/5", changed(good, 5, 2));
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-16", MUST);
    accounts = rpk();
    kit_bytes(accounts, "/0/0/5", kit_credential("encrypted", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.2-10", MUST);
    LWSEC_COVERS("R-5.2.9.3-16");
    LWSEC_COVERS("R-5.2.9.3-17");
}

static void key_pair_belongs_together(void **state)
{
    lwsec_accounts *accounts = rpk();

    (void)state;
    kit_bytes(accounts, "/0/0/5", kit_credential("pair-2", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.2-10", MUST);
    accounts = certificate();
    kit_bytes(accounts, "/0/0/5", kit_credential("pair-2", "private"));
    kit_only(accounts, "/0/0/5", "R-5.2.9.3-16", MUST);
}

/* ---- Mode 2 ---- */

static void certificate_is_der_or_pem(void **state)
{
    const lwsec_bytes der = kit_credential("pair-1", "certificate");
    const lwsec_bytes pem = kit_credential("leaf", "pem");
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_delete(accounts, "/0/0/3");
    kit_only(accounts, "/0/0/3", "R-5.2.9.3-13", MUST);
    for (size_t size = 1; size < der.size; size += 7) {
        kit_bytes(accounts, "/0/0/3", cut(der, size));
        kit_only(accounts, "/0/0/3", "R-5.2.9.3-14", MUST);
    }
    kit_bytes(accounts, "/0/0/3", joined(der, lwsec_bytes_of("", 1)));
    kit_only(accounts, "/0/0/3", "R-5.2.9.3-14", MUST);
    kit_bytes(accounts, "/0/0/3", joined(der, kit_credential("pair-2", "certificate")));
    assert_int_equal(kit_findings(accounts), 0); /* a chain */
    kit_bytes(accounts, "/0/0/3", pem);
    kit_bytes(accounts, "/0/0/5", kit_credential("pair-2", "private")); /* the leaf's key */
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/3", joined(pem, pem));
    assert_int_equal(kit_findings(accounts), 0);
    for (size_t size = 30; size < pem.size - 1; size += 11) {
        kit_bytes(accounts, "/0/0/3", cut(pem, size));
        kit_only(accounts, "/0/0/3", "R-5.2.9.3-15", MUST);
    }
    kit_bytes(accounts, "/0/0/3", changed(pem, 40, '*'));
    kit_only(accounts, "/0/0/3", "R-5.2.9.3-15", MUST);
    LWSEC_COVERS("R-5.2.9.3-12");
    LWSEC_COVERS("R-5.2.9.3-13");
    LWSEC_COVERS("R-5.2.9.3-14");
    LWSEC_COVERS("R-5.2.9.3-15");
    LWSEC_COVERS("R-5.2.9.3-01");
}

static void server_key_is_certificate_or_key_or_digest(void **state)
{
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_delete(accounts, "/0/0/4");
    kit_only(accounts, "/0/0/4", "R-5.2.9.3-18", MUST);
    kit_text(accounts, "/0/0/4", "server");
    kit_only(accounts, "/0/0/4", "R-5.2.9.3-18", MUST);
    kit_bytes(accounts, "/0/0/4", kit_credential("pair-2", "public"));
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/4", kit_credential("leaf", "pem"));
    assert_int_equal(kit_findings(accounts), 0);
    kit_bytes(accounts, "/0/0/4",
              joined(kit_credential("leaf", "certificate"), kit_credential("leaf", "certificate")));
    kit_only(accounts, "/0/0/4", "R-5.2.9.3-18", MUST);
    for (int64_t matching = 1; matching <= 3; matching++) {
        kit_number(accounts, "/0/0/13", matching);
        kit_bytes(accounts, "/0/0/4", kit_secret(4, 16 * ((size_t)matching + 1)));
        assert_int_equal(kit_findings(accounts), 0);
        kit_bytes(accounts, "/0/0/4", kit_secret(4, 16 * (size_t)matching));
        kit_only(accounts, "/0/0/4", "R-5.2.9.7-13", MUST);
    }
    LWSEC_COVERS("R-5.2.9.3-18");
    LWSEC_COVERS("R-5.2.9.3-19");
    LWSEC_COVERS("R-5.2.9.3-20");
    LWSEC_COVERS("R-5.2.9.7-01");
    LWSEC_COVERS("R-5.2.9.7-13");
}

static void anchor_without_usage_is_told(void **state)
{
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_bytes(accounts, "/0/0/4", kit_credential("pair-2", "certificate")); /* self-signed */
    kit_only(accounts, "/0/0/4", "R-5.2.9.7-13", SHOULD);
    kit_number(accounts, "/0/0/15", 2);
    assert_int_equal(kit_findings(accounts), 0);
}

static void name_is_a_name(void **state)
{
    static const char *const bad[] = {
        "", "192.0.2.1", "[2001:db8::1]", "2001:db8::1", "a..b", "-a.example", "a b"};
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_text(accounts, "/0/0/14", "other.example.com");
    assert_int_equal(kit_findings(accounts), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kit_text(accounts, "/0/0/14", bad[i]);
        kit_only(accounts, "/0/0/14", "R-5.2.9.3-28", MUST);
    }
    accounts = certificate();
    kit_text(accounts, "/0/0/0", "coaps://[2001:db8::1]:5684");
    assert_int_equal(kit_findings(accounts), 0); /* usage 3 compares no name */
    kit_number(accounts, "/0/0/15", 1);
    kit_only(accounts, "/0/0/14", "R-5.2.9.4-01", SHOULD);
    kit_text(accounts, "/0/0/14", "a.example");
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.2.9.3-28");
    LWSEC_COVERS("R-5.2.9.4-01");
}

/* ---- Mode 4, suites ---- */

static void est_has_the_servers_certificate_alone(void **state)
{
    lwsec_accounts *accounts = certificate();

    (void)state;
    kit_number(accounts, "/0/0/2", 4);
    assert_true(kit_finds(accounts, "/0/0/3", "R-5.2.4-20", SHOULD));
    assert_true(kit_finds(accounts, "/0/0/5", "R-5.2.4-19", SHOULD));
    kit_delete(accounts, "/0/0/3");
    kit_delete(accounts, "/0/0/5");
    assert_int_equal(kit_findings(accounts), 0);
    kit_delete(accounts, "/0/0/4");
    kit_only(accounts, "/0/0/4", "R-5.2.4-14", MUST);
    LWSEC_COVERS("R-5.2.4-13");
    LWSEC_COVERS("R-5.2.4-14");
    LWSEC_COVERS("R-5.2.4-19");
    LWSEC_COVERS("R-5.2.4-20");
}

static void suites_fit_the_mode(void **state)
{
    lwsec_accounts *accounts = psk(0);

    (void)state;
    kit_number(accounts, "/0/0/16/0", 0xc0a8);
    assert_int_equal(kit_findings(accounts), 0);
    kit_number(accounts, "/0/0/16/1", 0x00ae);
    kit_only(accounts, "/0/0/16", "R-5.2.9.1-03", SHOULD);
    kit_number(accounts, "/0/0/16/1", 0xc0ae);
    kit_only(accounts, "/0/0/16", "R-5.2.9-01", SHOULD);
    accounts = rpk();
    kit_number(accounts, "/0/0/16/0", 0xc0ae);
    kit_number(accounts, "/0/0/16/1", 0x1305);
    assert_int_equal(kit_findings(accounts), 0);
    kit_number(accounts, "/0/0/16/2", 0xc023);
    kit_only(accounts, "/0/0/16", "R-5.2.9.2-03", SHOULD);
    kit_number(accounts, "/0/0/16/2", 0x002f);
    kit_only(accounts, "/0/0/16", "R-5.2.9.2-06", SHOULD);
    kit_number(accounts, "/0/0/16/2", 0xc004); /* ECDSA, but not ECDHE */
    kit_only(accounts, "/0/0/16", "R-5.2.9.2-06", SHOULD);
    accounts = certificate();
    kit_number(accounts, "/0/0/16/2", 0xc023);
    kit_only(accounts, "/0/0/16", "R-5.2.9.3-07", SHOULD);
    kit_number(accounts, "/0/0/16/2", 0xc02f); /* ECDHE, but not ECDSA */
    kit_only(accounts, "/0/0/16", "R-5.2.9.3-10", SHOULD);
    kit_number(accounts, "/0/0/16/2", 0xc004);
    kit_only(accounts, "/0/0/16", "R-5.2.9.3-10", SHOULD);
    LWSEC_COVERS("R-5.2.9-01");
    LWSEC_COVERS("R-5.2.9.1-03");
    LWSEC_COVERS("R-5.2.9.2-03");
    LWSEC_COVERS("R-5.2.9.2-07");
    LWSEC_COVERS("R-5.2.9.3-07");
    LWSEC_COVERS("R-5.2.9.3-10");
    LWSEC_COVERS("R-5.2.9.3-11");
}

static void ranges_are_told_where_they_were_let_in(void **state)
{
    lwsec_accounts *accounts = psk(LWSEC_ACCOUNTS_LAX);

    (void)state;
    kit_number(accounts, "/0/0/2", 5);
    kit_only(accounts, "/0/0/2", "R-5.2.4-12", MUST);
    accounts = psk(LWSEC_ACCOUNTS_LAX);
    kit_number(accounts, "/0/0/15", 4);
    kit_only(accounts, "/0/0/15", "R-5.2.9.7-13", MUST);
    accounts = psk(LWSEC_ACCOUNTS_LAX);
    kit_number(accounts, "/0/0/10", 70000);
    assert_true(kit_finds(accounts, "/0/0/10", "R-6.7-04", MUST));
    LWSEC_COVERS("R-6.7-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_names_its_server),
        cmocka_unit_test(scheme_and_mode_agree),
        cmocka_unit_test(nosec_needs_a_policy_or_oscore),
        cmocka_unit_test(psk_needs_identity_and_key),
        cmocka_unit_test(psk_that_is_weak_is_told),
        cmocka_unit_test(psk_has_no_server_key),
        cmocka_unit_test(rpk_needs_three_keys),
        cmocka_unit_test(public_key_is_a_whole_spki),
        cmocka_unit_test(curves_have_255_bits),
        cmocka_unit_test(private_key_is_version_one_and_open),
        cmocka_unit_test(key_pair_belongs_together),
        cmocka_unit_test(certificate_is_der_or_pem),
        cmocka_unit_test(server_key_is_certificate_or_key_or_digest),
        cmocka_unit_test(anchor_without_usage_is_told),
        cmocka_unit_test(name_is_a_name),
        cmocka_unit_test(est_has_the_servers_certificate_alone),
        cmocka_unit_test(suites_fit_the_mode),
        cmocka_unit_test(ranges_are_told_where_they_were_let_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
