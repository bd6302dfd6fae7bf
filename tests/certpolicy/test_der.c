/* DER: elements, times, keys, certificates and lists that are not as they must be; PEM. */
#include "tests/certpolicy/certificates.h"

#include "certpolicy/der_certificate.h"
#include "certpolicy/der_crl.h"

/* ---- Elements ---- */

static lwsec_reader reader_of(const char *hex)
{
    return lwsec_reader_of(lwsec_test_hex(hex));
}

static void test_elements(void **state)
{
    static uint8_t large[0x10004] = {0x04, 0x83, 0x00, 0xff, 0xff};
    lwsec_reader reader = reader_of("0403010203"
                                    "3000");
    lwsec_der element = lwsec_der_next(&reader);

    (void)state;
    assert_int_equal(element.tag, 4);
    assert_bytes(element.value, lwsec_test_hex("010203"));
    assert_bytes(element.whole, lwsec_test_hex("0403010203"));
    element = lwsec_der_next(&reader);
    assert_int_equal(element.tag, 0x30);
    assert_int_equal(element.value.size, 0);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
    /* 0x00ffff is not minimal in three bytes; 0xffff in two is. */
    reader = lwsec_reader_of(lwsec_bytes_of(large, sizeof large));
    (void)lwsec_der_next(&reader);
    assert_true(lwsec_reader_failed(&reader));
    memcpy(large, "\x04\x82\xff\xff", 4);
    reader = lwsec_reader_of(lwsec_bytes_of(large, 4 + 0xffff));
    assert_int_equal(lwsec_der_next(&reader).value.size, 0xffff);
}

static void test_elements_that_are_not_der(void **state)
{
    static const char *const bad[] = {
        "",         "04",       "0401",         "0480",   "048100", "04817f",
        "04820001", "04820080", "0484ffffffff", "1f0100", "3f8101", "04850000000001",
        "0000",     "2400",     "1000",         "2c00"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lwsec_reader reader = reader_of(bad[i]);
        const lwsec_der element = lwsec_der_next(&reader);
        assert_true(lwsec_reader_failed(&reader));
        assert_null(element.value.data);
        assert_null(element.whole.data);
    }
}

static void test_an_element_of_another_tag_is_not_taken(void **state)
{
    lwsec_reader reader = reader_of("040101");

    (void)state;
    assert_null(lwsec_der_value(&reader, LWSEC_DER_INTEGER).data);
    assert_int_equal(reader.why, LWSEC_WHY_WRONG_TYPE);
    assert_int_equal(reader.position, 0);
    lwsec_reader inner = lwsec_der_open(&reader, LWSEC_DER_OCTET_STRING);
    assert_true(lwsec_reader_failed(&inner));
}

static void test_numbers(void **state)
{
    static const char *const bad[] = {"0200", "02020001", "0202ff80", "0101ff", "020102030405"};
    static const char *const large[] = {"0201ff", "020103", "02050100000000", "0206010000000000"};
    lwsec_reader reader;

    (void)state;
    reader = reader_of("020102");
    assert_int_equal(lwsec_der_small(&reader, 2), 2);
    reader = reader_of("020500ffffffff");
    assert_int_equal(lwsec_der_small(&reader, UINT32_MAX), UINT32_MAX);
    for (size_t i = 0; i < 4; i++) {
        reader = reader_of(bad[i]);
        (void)lwsec_der_integer(&reader);
        assert_true(lwsec_reader_failed(&reader));
        reader = reader_of(large[i]);
        assert_int_equal(lwsec_der_small(&reader, 2), 0);
        assert_true(lwsec_reader_failed(&reader));
    }
}

static void test_booleans_and_bits(void **state)
{
    static const char *const bad[] = {"010100", "010101", "0102ffff", "0100"};
    static const char *const bits[] = {"0300",         "030100",   "03020800",
                                       "030401000000", "0302072a", "03020781"};
    lwsec_reader reader;

    (void)state;
    reader = reader_of("0101ff");
    assert_true(lwsec_der_default_false(&reader));
    reader = reader_of("0500");
    assert_false(lwsec_der_default_false(&reader));
    assert_false(lwsec_reader_failed(&reader));
    for (size_t i = 0; i < 4; i++) {
        reader = reader_of(bad[i]);
        assert_false(lwsec_der_default_false(&reader));
        assert_true(lwsec_reader_failed(&reader));
    }
    reader = reader_of("03020780");
    assert_int_equal(lwsec_der_named_bits(&reader), LWSEC_KU_DIGITAL_SIGNATURE);
    reader = reader_of("03020106");
    assert_int_equal(lwsec_der_named_bits(&reader), LWSEC_KU_KEY_CERT_SIGN | LWSEC_KU_CRL_SIGN);
    reader = reader_of("0303070080");
    assert_int_equal(lwsec_der_named_bits(&reader), 1 << 8);
    for (size_t i = 0; i < 6; i++) {
        reader = reader_of(bits[i]);
        (void)lwsec_der_named_bits(&reader);
        assert_true(lwsec_reader_failed(&reader));
    }
}

/* ---- Times ---- */

static int64_t time_of(uint8_t tag, const char *text, bool *good)
{
    uint8_t der[40] = {tag, (uint8_t)strlen(text)};

    memcpy(&der[2], text, strlen(text));
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(der, strlen(text) + 2));
    const int64_t seconds = lwsec_der_time(&reader);
    *good = lwsec_reader_finish(&reader, NULL) == LWSEC_OK;
    return seconds;
}

static void test_times(void **state)
{
    static const struct {
        uint8_t tag;
        const char *text;
        int64_t seconds;
    } rows[] = {
        {0x17, "700101000000Z", 0},
        {0x17, "700101000001Z", 1},
        {0x17, "691231235959Z", -1 + INT64_C(0)},
        {0x17, "491231235959Z", INT64_C(2524607999)},
        {0x17, "500101000000Z", INT64_C(-631152000)},
        {0x17, "300101000000Z", TEST_TIME},
        {0x17, "000229120000Z", INT64_C(951825600)},
        {0x18, "20300101000000Z", TEST_TIME},
        {0x18, "99991231235959Z", INT64_C(253402300799)},
        {0x18, "19000301000000Z", INT64_C(-2203891200)},
        {0x18, "00010101000000Z", INT64_C(-62135596800)},
    };
    bool good;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(time_of(rows[i].tag, rows[i].text, &good) == rows[i].seconds);
        assert_true(good);
    }
}

static void test_times_that_are_none(void **state)
{
    static const char *const bad[] = {"",
                                      "300101000000",
                                      "3001010000Z",
                                      "300101000000+0000",
                                      "301301000000Z",
                                      "300001000000Z",
                                      "300100000000Z",
                                      "300132000000Z",
                                      "300229000000Z",
                                      "300431000000Z",
                                      "300101240000Z",
                                      "300101006000Z",
                                      "300101000060Z",
                                      "30010100000Z",
                                      "3001010000000Z",
                                      "30010a000000Z",
                                      "300101000000.0Z",
                                      "300101000000z"};
    bool good;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)time_of(0x17, bad[i], &good);
        assert_false(good);
    }
    (void)time_of(0x18, "19000229000000Z", &good);
    assert_false(good);
    (void)time_of(0x18, "00000101000000Z", &good);
    assert_false(good);
    (void)time_of(0x16, "300101000000Z", &good);
    assert_false(good);
}

/* ---- Certificates and lists ---- */

static void test_a_certificate_as_a_view(void **state)
{
    lwsec_cert_view view;

    (void)state;
    assert_status(lwsec_cert_view_read(test_certificate("inter"), &view, NULL), LWSEC_OK);
    assert_int_equal(view.version, 3);
    assert_true(view.is_ca && view.has_path_length);
    assert_int_equal(view.path_length, 0);
    assert_int_equal(view.key_usage, LWSEC_KU_KEY_CERT_SIGN | LWSEC_KU_CRL_SIGN);
    assert_bytes(view.key, test_certificate_key("inter"));
    assert_int_equal(view.key_kind, LWSEC_CERT_ALGORITHM_EC);
    assert_int_equal(view.seal.hash, 256);
    assert_true(view.not_before == INT64_C(1577836800) && view.not_after == INT64_C(2208988800));
    assert_int_equal(view.critical, LWSEC_EXT_BASIC_CONSTRAINTS | LWSEC_EXT_KEY_USAGE);
    LWSEC_COVERS("R-5.2.9.3-01");
    LWSEC_COVERS("R-5.2.9.3-14");
    LWSEC_COVERS("R-5.2.9.3-19");
}

/* Every prefix, and every extension by a byte, of each certificate and list is refused whole. */
static void test_what_is_cut_or_longer_is_refused(void **state)
{
    static uint8_t longer[8192];
    lwsec_cert_view view;
    lwsec_crl_view list;
    lwsec_bytes der;
    size_t certificates = 0, lists = 0;

    (void)state;
    for (size_t i = 0; (der = test_certificate_at(i)).data != NULL; i++) {
        const bool certificate = lwsec_cert_view_read(der, &view, NULL) == LWSEC_OK;
        const bool is_list = lwsec_crl_view_read(der, &list, NULL) == LWSEC_OK;
        certificates += certificate;
        lists += is_list;
        assert_false(certificate && is_list);
        for (size_t size = 0; size < der.size; size++) {
            assert_status(lwsec_cert_view_read(lwsec_bytes_of(der.data, size), &view, NULL),
                          LWSEC_REJECT);
            assert_int_equal(view.version, 0);
            assert_status(lwsec_crl_view_read(lwsec_bytes_of(der.data, size), &list, NULL),
                          LWSEC_REJECT);
        }
        memcpy(longer, der.data, der.size);
        assert_status(lwsec_cert_view_read(lwsec_bytes_of(longer, der.size + 1), &view, NULL),
                      LWSEC_REJECT);
        assert_status(lwsec_crl_view_read(lwsec_bytes_of(longer, der.size + 1), &list, NULL),
                      LWSEC_REJECT);
    }
    assert_true(certificates > 60 && lists > 10);
}

/* RFC 5280 section 6.1.4 (a). */
static void test_no_policy_is_mapped_to_or_from_any(void **state)
{
    static const char *const mappings[] = {
        "30130603551d21040c300a300806022a0306022a04",
        "30150603551d21040e300c300a0604551d200006022a04",
        "30150603551d21040e300c300a06022a030604551d2000",
        "300b0603551d21040430023000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++) {
        lwsec_reader extensions = reader_of(mappings[i]);
        lwsec_cert_view view = {.version = 3};
        lwsec_cert_extensions_read(&extensions, &view);
        assert_int_equal(lwsec_reader_failed(&extensions), i > 0);
        assert_int_equal(view.present, LWSEC_EXT_POLICY_MAPPINGS);
    }
}

static void test_entries_of_a_list(void **state)
{
    lwsec_cert_view revoked, other;
    lwsec_crl_view list;

    (void)state;
    assert_status(lwsec_cert_view_read(test_certificate("revoked-server"), &revoked, NULL),
                  LWSEC_OK);
    assert_status(lwsec_cert_view_read(test_certificate("server"), &other, NULL), LWSEC_OK);
    assert_status(lwsec_crl_view_read(test_certificate("crl"), &list, NULL), LWSEC_OK);
    assert_true(lwsec_crl_has(&list, revoked.serial));
    assert_false(lwsec_crl_has(&list, other.serial));
    assert_true(list.has_number && list.has_next_update && !list.unhandled);
    assert_status(lwsec_crl_view_read(test_certificate("crl-empty"), &list, NULL), LWSEC_OK);
    assert_false(lwsec_crl_has(&list, revoked.serial));
}

static void test_keys(void **state)
{
    const lwsec_bytes key = test_certificate_key("server");

    (void)state;
    assert_true(lwsec_der_is_key(key));
    assert_false(lwsec_der_is_key(test_certificate("server")));
    assert_false(lwsec_der_is_key(lwsec_bytes_of(key.data, key.size - 1)));
    assert_false(lwsec_der_is_key(lwsec_bytes_of(NULL, 0)));
    assert_int_equal(lwsec_der_key_kind(key), LWSEC_CERT_ALGORITHM_EC);
    assert_int_equal(lwsec_der_key_kind(test_certificate_key("rsa2048-server")),
                     LWSEC_CERT_ALGORITHM_RSA);
    assert_int_equal(lwsec_der_key_kind(test_certificate_key("rsa1024-server")),
                     LWSEC_CERT_ALGORITHM_NONE);
    assert_int_equal(lwsec_der_key_kind(test_certificate_key("secp224r1-server")),
                     LWSEC_CERT_ALGORITHM_NONE);
    LWSEC_COVERS("R-5.2.9.3-04");
}

/* ---- PEM ---- */

static lwsec_status decode(const char *text, size_t *position, lwsec_buffer *der)
{
    return lwsec_pem_next(lwsec_bytes_of(text, strlen(text)), "X", position, der, NULL);
}

static void test_pem_blocks_one_after_the_other(void **state)
{
    const char *const text =
        "words\n-----BEGIN Y-----\nAAAA\n-----END Y-----\n-----BEGIN X-----\nAQI"
        "D\nBA==\n-----END X-----\r\n-----BEGIN X----- BQY= -----END X-----";
    uint8_t room[8];
    lwsec_buffer der = lwsec_buffer_of(room, sizeof room);
    size_t position = 0;

    (void)state;
    assert_status(decode(text, &position, &der), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&der), lwsec_test_hex("01020304"));
    assert_status(decode(text, &position, &der), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&der), lwsec_test_hex("0506"));
    assert_status(decode(text, &position, &der), LWSEC_ABSENT);
    assert_int_equal(der.size, 0);
    position = 1000;
    assert_status(decode(text, &position, &der), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.2.9.3-15");
    LWSEC_COVERS("R-5.2.9.3-20");
}

static void test_pem_that_is_not_well_formed(void **state)
{
    static const char *const bad[] = {
        "-----BEGIN X-----",
        "-----BEGIN X-----\nAQID",
        "-----BEGIN X-----\nAQID\n-----END Y-----",
        "-----BEGIN X-----\nAQID\n-----END X----",
        "-----BEGIN X-----\n-----END X-----",
        "-----BEGIN X-----\nAQI\n-----END X-----",
        "-----BEGIN X-----\nAQI=AQID\n-----END X-----",
        "-----BEGIN X-----\nA===\n-----END X-----",
        "-----BEGIN X-----\nAQJ=\n-----END X-----",
        "-----BEGIN X-----\nAR==\n-----END X-----",
        "-----BEGIN X-----\nAQ!D\n-----END X-----",
        "-----BEGIN X-----\nProc-Type: 4\n\nAQID\n-----END X-----",
    };
    uint8_t room[8];
    lwsec_buffer der = lwsec_buffer_of(room, sizeof room);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t position = 0;
        assert_status(decode(bad[i], &position, &der), LWSEC_REJECT);
        assert_int_equal(position, 0);
        assert_int_equal(der.size, 0);
    }
    size_t position = 0;
    der.capacity = 2;
    assert_status(decode("-----BEGIN X-----AQID-----END X-----", &position, &der), LWSEC_BUFFER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_elements_that_are_not_der),
        cmocka_unit_test(test_an_element_of_another_tag_is_not_taken),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_booleans_and_bits),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_times_that_are_none),
        cmocka_unit_test(test_a_certificate_as_a_view),
        cmocka_unit_test(test_what_is_cut_or_longer_is_refused),
        cmocka_unit_test(test_no_policy_is_mapped_to_or_from_any),
        cmocka_unit_test(test_entries_of_a_list),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_pem_blocks_one_after_the_other),
        cmocka_unit_test(test_pem_that_is_not_well_formed),
    };

    return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
