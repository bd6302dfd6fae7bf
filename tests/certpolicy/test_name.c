/* Names: DNS names and wildcards, addresses, directory names, the reference, constraints. */
#include "tests/certpolicy/certificates.h"

#include "certpolicy/name.h"

static lwsec_bytes text(const char *characters)
{
    return lwsec_bytes_of(characters, strlen(characters));
}

/* ---- DNS ---- */

static void test_what_is_a_dns_name(void **state)
{
    static const char *const good[] = {"a",         "example.com", "xn--bcher-kva.example",
                                       "1.example", "a-b.c",       "EXAMPLE",
                                       "3com.com",  "1.2.3.com"};
    static const char *const bad[] = {"",          ".",    "a.",    ".a",           "a..b",
                                      "-a.b",      "a-.b", "a_b.c", "*.a.b",        "a b.c",
                                      "192.0.2.1", "a.1",  "1",     "b\xc3\xbc.de", "a/b"};
    char label[66], name[260];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(lwsec_name_is_dns(text(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(lwsec_name_is_dns(text(bad[i])));
    }
    assert_false(lwsec_name_is_dns(lwsec_bytes_of("a\0b.c", 5)));
    memset(label, 'a', sizeof label);
    assert_true(lwsec_name_is_dns(lwsec_bytes_of(label, 63)));
    assert_false(lwsec_name_is_dns(lwsec_bytes_of(label, 64)));
    for (size_t i = 0; i < sizeof name; i++) {
        name[i] = i % 2 == 0 ? 'a' : '.';
    }
    assert_true(lwsec_name_is_dns(lwsec_bytes_of(name, 253)));
    assert_false(lwsec_name_is_dns(lwsec_bytes_of(name, 255)));
}

static void test_presented_names_that_match(void **state)
{
    static const char *const rows[][2] = {
        {"server.example", "server.example"},   {"SERVER.example", "server.EXAMPLE"},
        {"server.example", "server.example."},  {"*.example.org", "a.example.org"},
        {"*.Example.org", "xn--a.example.org"}, {"localhost", "localhost"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(lwsec_name_dns_matches(text(rows[i][0]), text(rows[i][1])));
    }
    LWSEC_COVERS("R-5.2.9.3-23");
    LWSEC_COVERS("R-5.2.9.3-27");
}

static void test_presented_names_that_do_not_match(void **state)
{
    static const char *const rows[][2] = {
        {"server.example", "server.example.com"},
        {"server.example", "example"},
        {"erver.example", "server.example"},
        {"server.example.", "server.example"},
        {"*.example.org", "example.org"},
        {"*.example.org", "a.b.example.org"},
        {"*.example.org", ".example.org"},
        {"*.example.org", "a.example.com"},
        {"*.org", "example.org"},
        {"*", "localhost"},
        {"*", "example.org"},
        {"*.", "a."},
        {"a*.example.org", "ab.example.org"},
        {"*a.example.org", "ba.example.org"},
        {"*a.example.org", "a.example.org"},
        {"**.example.org", "a.example.org"},
        {"a.*.org", "a.example.org"},
        {"*.*.org", "a.example.org"},
        {"xn--*.example.org", "xn--a.example.org"},
        {"*.example.org", "*.example.org"},
        {"a_b.example", "a_b.example"},
        {"192.0.2.1", "192.0.2.1"},
        {"*.0.2.1", "192.0.2.1"},
        {"", ""},
        {"", "server.example"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (lwsec_name_dns_matches(text(rows[i][0]), text(rows[i][1]))) {
            fail_msg("%s matches %s", rows[i][0], rows[i][1]);
        }
    }
    /* A NUL ends nothing. */
    assert_false(
        lwsec_name_dns_matches(lwsec_bytes_of("server.example\0.bad", 19), text("server.example")));
    LWSEC_COVERS("R-5.2.9.3-23");
}

/* ---- Addresses ---- */

static void test_addresses(void **state)
{
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"192.0.2.1", "c0000201"},
        {"0.0.0.0", "00000000"},
        {"255.255.255.255", "ffffffff"},
        {"::", "00000000000000000000000000000000"},
        {"::1", "00000000000000000000000000000001"},
        {"1::", "00010000000000000000000000000000"},
        {"2001:db8::2:1", "20010db8000000000000000000020001"},
        {"2001:DB8:0:0:0:0:2:1", "20010db8000000000000000000020001"},
        {"::ffff:192.0.2.1", "00000000000000000000ffffc0000201"},
        {"1:2:3:4:5:6:192.0.2.1", "000100020003000400050006c0000201"},
        {"1:2:3:4:5:6:7::", "00010002000300040005000600070000"},
        {"::2:3:4:5:6:7:8", "00000002000300040005000600070008"},
    };
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "256.0.0.1",
                                      "01.2.3.4",
                                      "1.2.3.04",
                                      "1.2.3.4.",
                                      ".1.2.3.4",
                                      "1.2.3.a",
                                      "1..2.3",
                                      ":",
                                      ":::",
                                      "1:2",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "1:2:3:4::5:6:7:8:9",
                                      "1::2::3",
                                      "12345::",
                                      "g::",
                                      "1:2:3:4:5:6:7:",
                                      ":1:2:3:4:5:6:7:8",
                                      "::1.2.3",
                                      "1.2.3.4::",
                                      "::1.2.3.4:5",
                                      "fe80::1%eth0",
                                      "[::1]",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "::1 ",
                                      "1:2:3:4:5:6:7:8:"};
    uint8_t address[16];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t size = lwsec_name_read_address(text(rows[i].text), address);
        assert_bytes(lwsec_bytes_of(address, size), lwsec_test_hex(rows[i].hex));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (lwsec_name_read_address(text(bad[i]), address) != 0) {
            fail_msg("%s is an address", bad[i]);
        }
    }
}

/* ---- The reference ---- */

static void test_the_reference_is_the_sni_or_the_host(void **state)
{
    const lwsec_bytes absent = {NULL, 0};
    lwsec_cert_reference reference;
    lwsec_bytes server_name;

    (void)state;
    assert_status(
        lwsec_cert_reference_of(absent, text("server.example"), &reference, &server_name, NULL),
        LWSEC_OK);
    assert_int_equal(reference.kind, LWSEC_CERT_REFERENCE_DNS);
    assert_bytes(reference.name, text("server.example"));
    assert_bytes(server_name, text("server.example"));

    assert_status(lwsec_cert_reference_of(text("sni.example"), text("[2001:db8::2:1]"), &reference,
                                          &server_name, NULL),
                  LWSEC_OK);
    assert_int_equal(reference.kind, LWSEC_CERT_REFERENCE_DNS);
    assert_bytes(reference.name, text("sni.example"));
    assert_bytes(server_name, text("sni.example"));

    /* T-12: no server_name for a bare address. */
    assert_status(
        lwsec_cert_reference_of(absent, text("[2001:db8::2:1]"), &reference, &server_name, NULL),
        LWSEC_OK);
    assert_int_equal(reference.kind, LWSEC_CERT_REFERENCE_IP);
    assert_int_equal(reference.address_size, 16);
    assert_null(server_name.data);
    assert_status(lwsec_cert_reference_of(absent, text("192.0.2.1"), &reference, NULL, NULL),
                  LWSEC_OK);
    assert_int_equal(reference.kind, LWSEC_CERT_REFERENCE_IP);
    assert_int_equal(reference.address_size, 4);
    LWSEC_COVERS("R-5.2.9.4-03");
    LWSEC_COVERS("R-5.2.9.3-28");
    LWSEC_COVERS("R-5.2.9.3-29");
}

static void test_what_is_neither_name_nor_address_is_no_reference(void **state)
{
    static const char *const snis[] = {
        "", "192.0.2.1", "::1", "a_b.example", "*.example.org", "server.example."};
    static const char *const hosts[] = {"", "[", "[]", "256.1.1.1", "*.example.org", "a b"};
    const lwsec_bytes absent = {NULL, 0};
    lwsec_cert_reference reference;
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof snis / sizeof snis[0]; i++) {
        assert_status(lwsec_cert_reference_of(text(snis[i]), text("server.example"), &reference,
                                              NULL, &reason),
                      LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_CERT_REFERENCE);
    }
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        assert_status(lwsec_cert_reference_of(absent, text(hosts[i]), &reference, NULL, NULL),
                      LWSEC_REJECT);
    }
    LWSEC_COVERS("R-5.2.9.3-28");
}

/* ---- Identity of a server ---- */

static bool identifies(const char *certificate, const char *reference, bool common_name)
{
    lwsec_cert_view view;
    lwsec_cert_reference meant;

    assert_status(lwsec_cert_view_read(test_certificate(certificate), &view, NULL), LWSEC_OK);
    assert_status(
        lwsec_cert_reference_of(lwsec_bytes_of(NULL, 0), text(reference), &meant, NULL, NULL),
        LWSEC_OK);
    return lwsec_name_identifies(&view, &meant, common_name);
}

static void test_alternative_names_identify(void **state)
{
    (void)state;
    assert_true(identifies("server", "server.example", false));
    assert_true(identifies("server", "192.0.2.1", false));
    assert_true(identifies("server", "2001:DB8:0::1", false));
    assert_true(identifies("wildcard-server", "b.example.org", false));
    assert_false(identifies("server", "other.example", true));
    assert_false(identifies("server", "192.0.2.2", true));
    assert_false(identifies("server", "::192.0.2.1", true));
    assert_false(identifies("ip-as-dns-server", "192.0.2.1", true));
    LWSEC_COVERS("R-5.2.9.3-25");
    LWSEC_COVERS("R-5.2.9.4-04");
}

static void test_the_common_name_counts_where_nothing_else_does(void **state)
{
    (void)state;
    assert_true(identifies("cn-server", "server.example", true));
    assert_true(identifies("cn-and-ip-server", "server.example", true));
    assert_true(identifies("cn-wildcard-server", "a.example.org", true));
    assert_false(identifies("cn-server", "server.example", false)); /* the switch */
    assert_false(identifies("cn-and-dns-server", "server.example", true));
    assert_false(identifies("cn-and-uri-server", "server.example", true));
    assert_false(identifies("cn-ip-server", "192.0.2.1", true));
    LWSEC_COVERS("R-5.2.9.3-27");
}

static void test_the_common_name_of_a_certificate(void **state)
{
    lwsec_bytes name = {NULL, 0};

    (void)state;
    assert_status(lwsec_cert_common_name(test_certificate("client"), &name), LWSEC_OK);
    assert_bytes(name, text("urn:dev:os:1"));
    assert_status(lwsec_cert_common_name(test_certificate("client-two-names"), &name),
                  LWSEC_ABSENT);
    assert_status(lwsec_cert_common_name(text("no certificate"), &name), LWSEC_REJECT);
    /* An empty one and "a" are two. */
    name = lwsec_test_hex("3017"
                          "3109300706035504030c00"
                          "310a300806035504030c0161");
    assert_int_equal(lwsec_name_common_name(name).size, 0);
    LWSEC_COVERS("R-5.2.9.3-22");
}

/* ---- Directory names ---- */

/* A Name with one attribute in each RDN: pairs of a string tag and a text. */
static lwsec_bytes directory(uint8_t *room, size_t count, const uint8_t *tags,
                             const char *const *texts)
{
    size_t at = 2;

    for (size_t i = 0; i < count; i++) {
        const size_t size = strlen(texts[i]);
        const uint8_t head[] = {0x31, (uint8_t)(size + 9), 0x30,    (uint8_t)(size + 7), 6, 3, 0x55,
                                4,    (uint8_t)(3 + i),    tags[i], (uint8_t)size};
        memcpy(&room[at], head, sizeof head);
        memcpy(&room[at + sizeof head], texts[i], size);
        at += sizeof head + size;
    }
    room[0] = 0x30;
    room[1] = (uint8_t)(at - 2);
    assert_true(at < 0x80);
    return lwsec_bytes_of(room, at);
}

static bool same(uint8_t tag, const char *one, uint8_t other_tag, const char *other)
{
    uint8_t room[2][128];

    return lwsec_name_same(directory(room[0], 1, &tag, &one),
                           directory(room[1], 1, &other_tag, &other));
}

static void test_directory_names_that_are_the_same(void **state)
{
    (void)state;
    assert_true(same(0x0c, "Example CA", 0x13, "Example CA"));
    assert_true(same(0x0c, "example ca", 0x0c, "EXAMPLE CA"));
    assert_true(same(0x13, "  Example   CA ", 0x13, "Example CA"));
    assert_true(same(0x16, "a", 0x1a, "A"));
    assert_false(same(0x13, "ExampleCA", 0x13, "Example CA"));
    assert_false(same(0x13, "Example", 0x13, "Example CA"));
    assert_false(same(0x13, "", 0x13, "a"));
    assert_false(same(0x1e, "ab", 0x1e, "AB")); /* of 16 bits: as it is */
    assert_true(same(0x1e, "ab", 0x1e, "ab"));
    assert_false(same(0x1e, "ab", 0x13, "ab"));
}

static void test_directory_names_within_others(void **state)
{
    static const uint8_t tags[] = {0x13, 0x13, 0x13};
    static const uint8_t wide[] = {0x1e};
    static const char *const texts[] = {"a", "b", "c"};
    static const char *const others[] = {"a", "x", "c"};
    uint8_t room[3][128];

    (void)state;
    const lwsec_bytes whole = directory(room[0], 3, tags, texts);
    for (size_t i = 0; i <= 3; i++) {
        assert_true(lwsec_name_begins(whole, directory(room[1], i, tags, texts), false));
        assert_int_equal(lwsec_name_same(whole, directory(room[1], i, tags, texts)), i == 3);
        assert_int_equal(lwsec_name_begins(directory(room[1], i, tags, texts), whole, false),
                         i == 3);
    }
    assert_true(lwsec_name_begins(whole, directory(room[1], 1, tags, others), false));
    assert_false(lwsec_name_begins(whole, directory(room[1], 2, tags, others), false));
    assert_false(lwsec_name_begins(whole, directory(room[1], 1, tags, &texts[1]), false));
    assert_false(lwsec_name_begins(whole, directory(room[1], 1, wide, others), false));
    assert_true(lwsec_name_begins(whole, directory(room[1], 1, wide, others), true));
    assert_false(lwsec_name_begins(whole, directory(room[1], 1, tags, &others[1]), true));
}

/* ---- Constraints ---- */

/* A view with one alternative name, and one of a CA with one subtree. */
static bool keeps(uint8_t kind, const char *name, size_t name_size, const char *constraint,
                  size_t constraint_size, bool excluded)
{
    uint8_t names[128] = {kind, (uint8_t)name_size};
    uint8_t subtrees[128] = {0x30, (uint8_t)(constraint_size + 2), kind, (uint8_t)constraint_size};
    static const uint8_t nobody[] = {0x30, 0};
    uint32_t comparisons = 100;

    memcpy(&names[2], name, name_size);
    memcpy(&subtrees[4], constraint, constraint_size);
    const lwsec_bytes tree = lwsec_bytes_of(subtrees, constraint_size + 4);
    const lwsec_cert_view below = {.subject = lwsec_bytes_of(nobody, 2),
                                   .alt_names = lwsec_bytes_of(names, name_size + 2)};
    const lwsec_cert_view authority = {.present = LWSEC_EXT_NAME_CONSTRAINTS,
                                       .permitted = excluded ? lwsec_bytes_of(NULL, 0) : tree,
                                       .excluded = excluded ? tree : lwsec_bytes_of(NULL, 0)};
    return lwsec_name_constraints_kept(&authority, &below, false, &comparisons);
}

static void check_constraint(uint8_t kind, const char *name, const char *constraint, bool permitted,
                             bool excluded)
{
    if (keeps(kind, name, strlen(name), constraint, strlen(constraint), false) != permitted ||
        keeps(kind, name, strlen(name), constraint, strlen(constraint), true) == excluded) {
        fail_msg("%s under %s", name, constraint);
    }
}

static void test_constraints_of_each_kind(void **state)
{
    (void)state;
    check_constraint(0x82, "a.example", "example", true, true);
    check_constraint(0x82, "EXAMPLE", "example", true, true);
    check_constraint(0x82, "anexample", "example", false, false);
    check_constraint(0x82, "a.example", "", true, true);
    check_constraint(0x82, "*.example", "example", true, true);
    check_constraint(0x82, "*.b.example", "a.b.example", false, true);
    check_constraint(0x82, "*.b.example", "c.a.b.example", false, false);
    check_constraint(0x82, ".example", "example", false, true); /* cannot be told */
    check_constraint(0x82, "a_b.example", "example", false, true);
    check_constraint(0x81, "a@host.example", "host.example", true, true);
    check_constraint(0x81, "a@b.host.example", "host.example", false, false);
    check_constraint(0x81, "a@b.host.example", ".host.example", true, true);
    check_constraint(0x81, "a@host.example", ".host.example", false, false);
    check_constraint(0x81, "a@host.example", "a@HOST.example", true, true);
    check_constraint(0x81, "A@host.example", "a@host.example", false, false);
    check_constraint(0x81, "a@b@host.example", "host.example", false, true);
    check_constraint(0x86, "coaps://h.example:5684/a", "h.example", true, true);
    check_constraint(0x86, "coaps://u@h.example", ".example", true, true);
    check_constraint(0x86, "coaps://x.h.example", "h.example", false, false);
    check_constraint(0x86, "coaps://192.0.2.1", "h.example", false, true);
    check_constraint(0x86, "urn:dev:os:1", "h.example", false, true);
}

/* What excludes nobody although somebody is meant. */
static void test_what_is_no_constraint_of_mail_is_refused(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {{"host.example", true},
                {".host.example", true},
                {"a@host.example", true},
                {"", false},
                {".", false},
                {"a@", false},
                {"@host.example", false},
                {"a@.host.example", false},
                {"a@b@host.example", false},
                {"*.host.example", false},
                {"host.example.", false},
                {" host.example", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t size = (uint8_t)strlen(rows[i].text);
        uint8_t subtree[64] = {0x30, (uint8_t)(size + 2), 0x81, size};
        memcpy(&subtree[4], rows[i].text, size);
        lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(subtree, size + 4U));
        (void)lwsec_name_subtree_next(&reader);
        assert_int_equal(!lwsec_reader_failed(&reader), rows[i].good);
    }
}

static void test_constraints_of_addresses(void **state)
{
    (void)state;
    assert_true(keeps(0x87, "\xc0\0\2\1", 4, "\xc0\0\2\0\xff\xff\xff\0", 8, false));
    assert_false(keeps(0x87, "\xc0\0\3\1", 4, "\xc0\0\2\0\xff\xff\xff\0", 8, false));
    assert_false(keeps(0x87, "\xc0\0\2\1", 4, "\xc0\0\2\0\xff\xff\xff\0", 8, true));
    assert_true(keeps(0x87, "\xc0\0\3\1", 4, "\xc0\0\2\0\xff\xff\xff\0", 8, true));
    assert_false(keeps(0x87, "0123456789abcdef", 16, "\xc0\0\2\0\xff\xff\xff\0", 8, false));
}

static void test_comparisons_are_bounded(void **state)
{
    static const uint8_t names[] = {0x82, 1, 'a'}, subtree[] = {0x30, 3, 0x82, 1, 'a'};
    static const uint8_t nobody[] = {0x30, 0};
    const lwsec_cert_view below = {.subject = lwsec_bytes_of(nobody, 2),
                                   .alt_names = lwsec_bytes_of(names, sizeof names)};
    const lwsec_cert_view authority = {.present = LWSEC_EXT_NAME_CONSTRAINTS,
                                       .permitted = lwsec_bytes_of(subtree, sizeof subtree)};
    uint32_t comparisons = 1;

    (void)state;
    assert_true(lwsec_name_constraints_kept(&authority, &below, false, &comparisons));
    assert_int_equal(comparisons, 0);
    assert_false(lwsec_name_constraints_kept(&authority, &below, false, &comparisons));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_a_dns_name),
        cmocka_unit_test(test_presented_names_that_match),
        cmocka_unit_test(test_presented_names_that_do_not_match),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_the_reference_is_the_sni_or_the_host),
        cmocka_unit_test(test_what_is_neither_name_nor_address_is_no_reference),
        cmocka_unit_test(test_alternative_names_identify),
        cmocka_unit_test(test_the_common_name_counts_where_nothing_else_does),
        cmocka_unit_test(test_the_common_name_of_a_certificate),
        cmocka_unit_test(test_directory_names_that_are_the_same),
        cmocka_unit_test(test_directory_names_within_others),
        cmocka_unit_test(test_constraints_of_each_kind),
        cmocka_unit_test(test_what_is_no_constraint_of_mail_is_refused),
        cmocka_unit_test(test_constraints_of_addresses),
        cmocka_unit_test(test_comparisons_are_bounded),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
