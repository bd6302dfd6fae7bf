/* Certificate requests, by the eyes of OpenSSL and mbedTLS; and names and keys that are refused. */
#include "tests/support/stores.h"
#include "tests/support/test.h"

#include <lwsec/csr.h>

#include "certpolicy/der_write.h"
#include "tests/support/vector_file.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <mbedtls/x509_csr.h>
#endif

#define NAME "urn:imei:490154203237518"

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

/* A key pair in the first store that has them. */
static const lwsec_test_store *kind_with_keys(void)
{
    size_t i = 0;

    while (!lwsec_test_store_has(lwsec_test_store_at(i), LWSEC_ALG_ES256)) {
        i++;
    }
    return lwsec_test_store_at(i);
}

static lwsec_key generate(lwsec_store *store, int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_generate(store, &attributes, 0, &key), LWSEC_OK);
    return key;
}

/* ---- What others see ---- */

/* Subject in one line, alternative names, and the point of the public key: as OpenSSL and as
 * mbedTLS read them, after the signature has been checked. */
static void openssl_reads(lwsec_bytes request, const char *subject, size_t names,
                          const uint8_t point[65])
{
#if defined(LWSEC_TEST_OPENSSL)
    const unsigned char *data = request.data;
    X509_REQ *read = d2i_X509_REQ(NULL, &data, (long)request.size);
    assert_non_null(read);
    assert_ptr_equal(data, request.data + request.size);
    assert_int_equal(X509_REQ_get_version(read), 0);
    assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
    BIO *out = BIO_new(BIO_s_mem());
    char *line = NULL;
    (void)X509_NAME_print_ex(out, X509_REQ_get_subject_name(read), 0, XN_FLAG_RFC2253);
    const long size = BIO_get_mem_data(out, &line);
    assert_int_equal(size, strlen(subject));
    assert_memory_equal(line, subject, (size_t)size);
    (void)BIO_free(out);
    const unsigned char *key = NULL;
    int key_size = 0;
    assert_int_equal(
        X509_PUBKEY_get0_param(NULL, &key, &key_size, NULL, X509_REQ_get_X509_PUBKEY(read)), 1);
    assert_bytes(lwsec_bytes_of(key, (size_t)key_size), lwsec_bytes_of(point, 65));
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(read);
    GENERAL_NAMES *list = X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(list == NULL ? 0 : sk_GENERAL_NAME_num(list), (int)names);
    GENERAL_NAMES_free(list);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_free(read);
#else
    (void)request;
    (void)subject;
    (void)names;
    (void)point;
#endif
}

static void mbedtls_reads(lwsec_bytes request, const char *common_name)
{
#if defined(LWSEC_TEST_MBEDTLS)
    mbedtls_x509_csr read;
    char line[256];

    mbedtls_x509_csr_init(&read);
    assert_int_equal(mbedtls_x509_csr_parse_der(&read, request.data, request.size), 0);
    assert_true(mbedtls_x509_dn_gets(line, sizeof line, &read.subject) > 0);
    assert_non_null(strstr(line, common_name));
    mbedtls_x509_csr_free(&read);
#else
    (void)request;
    (void)common_name;
#endif
}

/* The signature is over the info, and by the key that the info holds. */
static void verify(lwsec_store *store, lwsec_bytes request, const uint8_t point[65])
{
    lwsec_reader reader = lwsec_reader_of(request);
    lwsec_reader whole = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const lwsec_bytes info = lwsec_der_whole(&whole, LWSEC_DER_SEQUENCE);
    (void)lwsec_der_whole(&whole, LWSEC_DER_SEQUENCE);
    lwsec_reader bits = lwsec_reader_of(lwsec_der_bits(&whole));
    lwsec_reader pair = lwsec_der_open(&bits, LWSEC_DER_SEQUENCE);
    uint8_t signature[64] = {0};
    for (size_t i = 1; i <= 2; i++) {
        lwsec_bytes number = lwsec_der_integer(&pair);
        if (number.size == 33) {
            number = lwsec_bytes_of(&number.data[1], 32);
        }
        assert_true(number.size > 0 && number.size <= 32);
        memcpy(&signature[32 * i - number.size], number.data, number.size);
    }
    assert_status(lwsec_reader_finish(&pair, NULL), LWSEC_OK);
    assert_status(lwsec_reader_finish(&whole, NULL), LWSEC_OK);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
    assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), info,
                               lwsec_bytes_of(signature, sizeof signature)),
                  LWSEC_OK);
}

static void test_others_read_what_was_asked_for(void **state)
{
    const lwsec_csr_attribute subject[] = {{LWSEC_CSR_COUNTRY, text("DE")},
                                           {LWSEC_CSR_ORGANIZATION, text("B\xc3\xa4r & Co")},
                                           {LWSEC_CSR_SERIAL_NUMBER, text("A-17")},
                                           {LWSEC_CSR_COMMON_NAME, text(NAME)}};
    const lwsec_csr_name names[] = {{LWSEC_CSR_URI, text(NAME)},
                                    {LWSEC_CSR_DNS, text("device.example")},
                                    {LWSEC_CSR_IP, lwsec_test_hex("c0000201")}};
    uint8_t room[LWSEC_CSR_MAX], point[65];

    (void)state;
    for (size_t i = 0; lwsec_test_store_at(i) != NULL; i++) {
        const lwsec_test_store *kind = lwsec_test_store_at(i);
        if (!lwsec_test_store_has(kind, LWSEC_ALG_ES256)) {
            continue;
        }
        lwsec_store *store = lwsec_test_store_open(kind, 1);
        lwsec_csr_config config = {.size = sizeof config,
                                   .key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN),
                                   .subject = subject,
                                   .subject_count = 4,
                                   .names = names,
                                   .name_count = 3};
        assert_status(lwsec_key_public(config.key, point, sizeof point), LWSEC_OK);
        /* Signatures have other sizes now and then. */
        for (unsigned round = 0; round < 64; round++) {
            lwsec_buffer request = lwsec_buffer_of(room, sizeof room);
            lwsec_reason reason;
            assert_status(lwsec_csr_make(&config, &request, &reason), LWSEC_OK);
            verify(store, lwsec_buffer_bytes(&request), point);
            openssl_reads(lwsec_buffer_bytes(&request),
                          "CN=" NAME ",serialNumber=A-17,O=B\\C3\\A4r & Co,C=DE", 3, point);
            mbedtls_reads(lwsec_buffer_bytes(&request), "CN=" NAME);
        }
        config.subject = &subject[3];
        config.subject_count = 1;
        config.name_count = 0;
        lwsec_buffer request = lwsec_buffer_of(room, LWSEC_CSR_OVERHEAD + sizeof NAME);
        assert_status(lwsec_csr_make(&config, &request, NULL), LWSEC_OK);
        openssl_reads(lwsec_buffer_bytes(&request), "CN=" NAME, 0, point);
        mbedtls_reads(lwsec_buffer_bytes(&request), "CN=" NAME);
        assert_status(lwsec_key_destroy(&config.key), LWSEC_OK);
        lwsec_test_store_close(kind, store);
    }
    LWSEC_COVERS("R-5.2.4-17");
}

/* ---- What is refused ---- */

typedef struct wrong {
    lwsec_csr_attribute_kind kind;
    const char *value;
} wrong;

static void refuse(const lwsec_csr_config *config, lwsec_status status, lwsec_why why,
                   uint32_t offset)
{
    uint8_t room[1024];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 99};

    request.size = 7;
    assert_status(lwsec_csr_make(config, &request, &reason), status);
    assert_int_equal(reason.why, why);
    assert_int_equal(reason.offset, offset);
    assert_int_equal(request.size, 0);
}

static void test_names_that_are_none_are_refused(void **state)
{
    char long_text[130];
    const lwsec_test_store *kind = kind_with_keys();
    lwsec_store *store = lwsec_test_store_open(kind, 1);
    lwsec_csr_attribute subject[2] = {{LWSEC_CSR_COMMON_NAME, text(NAME)}, {0}};
    lwsec_csr_config config = {.size = sizeof config,
                               .key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN),
                               .subject = subject,
                               .subject_count = 2};

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    long_text[65] = '\0';
    const wrong attributes[] = {{LWSEC_CSR_COMMON_NAME, ""},
                                {LWSEC_CSR_COMMON_NAME, long_text},
                                {LWSEC_CSR_COMMON_NAME, "line\nfeed"},
                                {LWSEC_CSR_COMMON_NAME, "delete\x7f"},
                                {LWSEC_CSR_COMMON_NAME, "\xc2\x85"},
                                {LWSEC_CSR_COMMON_NAME, "\xff"},
                                {LWSEC_CSR_COMMON_NAME, "cut \xc3"},
                                {LWSEC_CSR_COMMON_NAME, "\xed\xa0\x80"},
                                {LWSEC_CSR_SERIAL_NUMBER, "under_score"},
                                {LWSEC_CSR_SERIAL_NUMBER, "\xc3\xa4"},
                                {LWSEC_CSR_COUNTRY, "D"},
                                {LWSEC_CSR_COUNTRY, "DEU"},
                                {LWSEC_CSR_COUNTRY, "D1"},
                                {LWSEC_CSR_ORGANIZATION, long_text},
                                {LWSEC_CSR_UNIT, long_text},
                                {(lwsec_csr_attribute_kind)0, "x"},
                                {(lwsec_csr_attribute_kind)(LWSEC_CSR_UNIT + 1), "x"},
                                {(lwsec_csr_attribute_kind)-1, "x"}};
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        subject[1].kind = attributes[i].kind;
        subject[1].value = text(attributes[i].value);
        refuse(&config, LWSEC_USAGE, LWSEC_WHY_CSR_NAME, 1);
    }
    /* With a zero byte in it a name reads differently for others. */
    subject[1] = (lwsec_csr_attribute){LWSEC_CSR_COMMON_NAME, lwsec_bytes_of("a\0b", 3)};
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CSR_NAME, 1);
    config.subject_count = 1;
    const lwsec_csr_name names[] = {{LWSEC_CSR_DNS, text("")},
                                    {LWSEC_CSR_DNS, text("two..dots")},
                                    {LWSEC_CSR_DNS, text("*.example")},
                                    {LWSEC_CSR_DNS, text("192.0.2.1")},
                                    {LWSEC_CSR_URI, text("")},
                                    {LWSEC_CSR_URI, text("urn: x")},
                                    {LWSEC_CSR_URI, text("urn:\xc3\xa4")},
                                    {LWSEC_CSR_IP, text("")},
                                    {LWSEC_CSR_IP, text("12345")},
                                    {(lwsec_csr_name_kind)0, text("x")},
                                    {(lwsec_csr_name_kind)4, text("x")}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        config.names = &names[i];
        config.name_count = 1;
        refuse(&config, LWSEC_USAGE, LWSEC_WHY_CSR_NAME, 1);
    }
    /* 64 characters of two bytes each are not too long. */
    config.name_count = 0;
    for (size_t i = 0; i < 64; i++) {
        memcpy(&long_text[2 * i], "\xc3\xa4", 2);
    }
    subject[0].value = lwsec_bytes_of(long_text, 128);
    uint8_t room[1024];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_csr_make(&config, &request, NULL), LWSEC_OK);
    lwsec_test_store_close(kind, store);
}

static void test_only_a_key_that_may_sign_asks(void **state)
{
    const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME, text(NAME)};
    const lwsec_test_store *kind = kind_with_keys();
    lwsec_store *store = lwsec_test_store_open(kind, 2);
    lwsec_csr_config config = {.size = sizeof config, .subject = &subject, .subject_count = 1};

    (void)state;
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0);
    config.key = generate(store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE);
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0);
    assert_status(lwsec_key_destroy(&config.key), LWSEC_OK);
    config.key = generate(store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0);
    assert_status(lwsec_key_destroy(&config.key), LWSEC_OK);
    config.key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    lwsec_key gone = config.key;
    uint8_t room[LWSEC_CSR_MAX];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_csr_make(&config, &request, NULL), LWSEC_OK);
    assert_status(lwsec_key_destroy(&gone), LWSEC_OK);
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0);
    lwsec_test_store_close(kind, store);
}

static void test_a_room_that_is_too_small_gets_nothing(void **state)
{
    const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME, text(NAME)};
    const lwsec_test_store *kind = kind_with_keys();
    lwsec_store *store = lwsec_test_store_open(kind, 1);
    const lwsec_csr_config config = {.size = sizeof config,
                                     .key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN),
                                     .subject = &subject,
                                     .subject_count = 1};

    (void)state;
    /* The smallest request has two numbers of 32 bytes or less: some 220 bytes. */
    for (size_t size = 0; size < 200; size++) {
        uint8_t *room = malloc(size + 1);
        lwsec_buffer request = lwsec_buffer_of(room, size);
        lwsec_reason reason;
        room[size] = 0xa5;
        assert_status(lwsec_csr_make(&config, &request, &reason), LWSEC_BUFFER);
        assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
        assert_int_equal(request.size, 0);
        assert_int_equal(room[size], 0xa5);
        free(room);
    }
    lwsec_test_store_close(kind, store);
}

static void test_configurations_that_are_not_known_are_refused(void **state)
{
    const lwsec_csr_attribute subject[LWSEC_CSR_ATTRIBUTES_MAX + 1] = {
        {LWSEC_CSR_COMMON_NAME, text(NAME)}};
    const lwsec_csr_name name = {LWSEC_CSR_URI, text(NAME)};
    const lwsec_test_store *kind = kind_with_keys();
    lwsec_store *store = lwsec_test_store_open(kind, 1);
    const lwsec_csr_config good = {.size = sizeof good,
                                   .key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN),
                                   .subject = subject,
                                   .subject_count = 1};

    (void)state;
    lwsec_csr_config config = good;
    config.size--;
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG, 0);
    config = good;
    config.subject_count = 0;
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG, 0);
    config.subject_count = LWSEC_CSR_ATTRIBUTES_MAX + 1;
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG, 0);
    config = good;
    config.names = &name;
    config.name_count = LWSEC_CSR_NAMES_MAX + 1;
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG, 0);
    config = good;
    config.renews = text("beside a subject");
    refuse(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG, 0);
    config.subject_count = 0;
    refuse(&config, LWSEC_REJECT, LWSEC_WHY_WRONG_TYPE, 0);
    lwsec_test_store_close(kind, store);
}

/* ---- Renewal ---- */

static lwsec_bytes renewed;

static void pick(const lwsec_vector *vector, void *argument)
{
    if (strcmp(lwsec_vector_text(vector, "name"), argument) == 0) {
        renewed = lwsec_vector_bytes(vector, "der");
    }
}

static void test_a_renewal_asks_for_the_same_names(void **state)
{
    static char with_names[] = "server";
    const lwsec_test_store *kind = kind_with_keys();
    lwsec_store *store = lwsec_test_store_open(kind, 1);
    lwsec_csr_config config = {.size = sizeof config,
                               .key = generate(store, LWSEC_ALG_ES256, LWSEC_USE_SIGN)};
    uint8_t room[1024], point[65];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_true(lwsec_vector_each("dtls.txt", pick, with_names) > 0);
    config.renews = renewed;
    assert_status(lwsec_key_public(config.key, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_csr_make(&config, &request, NULL), LWSEC_OK);
    verify(store, lwsec_buffer_bytes(&request), point);
#if defined(LWSEC_TEST_OPENSSL)
    const unsigned char *data = request.data, *old_data = renewed.data;
    X509_REQ *read = d2i_X509_REQ(NULL, &data, (long)request.size);
    X509 *old = d2i_X509(NULL, &old_data, (long)renewed.size);
    assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
    assert_int_equal(X509_NAME_cmp(X509_REQ_get_subject_name(read), X509_get_subject_name(old)), 0);
    STACK_OF(X509_EXTENSION) *asked = X509_REQ_get_extensions(read);
    assert_int_equal(sk_X509_EXTENSION_num(asked), 1);
    const int place = X509_get_ext_by_NID(old, NID_subject_alt_name, -1);
    assert_int_equal(ASN1_STRING_cmp(X509_EXTENSION_get_data(sk_X509_EXTENSION_value(asked, 0)),
                                     X509_EXTENSION_get_data(X509_get_ext(old, place))),
                     0);
    sk_X509_EXTENSION_pop_free(asked, X509_EXTENSION_free);
    X509_REQ_free(read);
    X509_free(old);
#endif
    mbedtls_reads(lwsec_buffer_bytes(&request), "CN=");
    lwsec_test_store_close(kind, store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_others_read_what_was_asked_for),
        cmocka_unit_test(test_names_that_are_none_are_refused),
        cmocka_unit_test(test_only_a_key_that_may_sign_asks),
        cmocka_unit_test(test_a_room_that_is_too_small_gets_nothing),
        cmocka_unit_test(test_configurations_that_are_not_known_are_refused),
        cmocka_unit_test(test_a_renewal_asks_for_the_same_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
