/* PKCS#11 URIs: what is taken apart, what is refused and where, and that what is printed is read.
 */
#include "tests/support/test.h"

#include <lwsec/pkcs11.h>

static lwsec_pkcs11_uri uri;

static lwsec_status parse(const char *text, lwsec_reason *reason)
{
    return lwsec_pkcs11_uri_parse(lwsec_bytes_of(text, strlen(text)), &uri, reason);
}

static void assert_text(lwsec_bytes got, const char *expected)
{
    if (expected == NULL) {
        assert_null(got.data);
        return;
    }
    assert_non_null(got.data);
    assert_bytes(got, lwsec_bytes_of(expected, strlen(expected)));
}

static void test_parts(void **state)
{
    lwsec_reason reason;

    (void)state;
    assert_status(parse("pkcs11:token=My%20token;serial=0a;manufacturer=Snake%20Oil;model=x.1;"
                        "object=oscore;id=%00%FF%41;type=secret-key?"
                        "module-path=/usr/lib/a.so&module-name=softhsm2&pin-source=file:/etc/pin",
                        &reason),
                  LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_text(uri.token.label, "My token");
    assert_text(uri.token.serial, "0a");
    assert_text(uri.token.manufacturer, "Snake Oil");
    assert_text(uri.token.model, "x.1");
    assert_text(uri.object, "oscore");
    assert_bytes(uri.id, lwsec_test_hex("00ff41"));
    assert_text(uri.type, "secret-key");
    assert_text(uri.module_path, "/usr/lib/a.so");
    assert_text(uri.module_name, "softhsm2");
    assert_text(uri.pin_source, "file:/etc/pin");
}

/* Attributes in any order, no path at all, an empty value, attributes that are not for us. */
static void test_accepted(void **state)
{
    static const char *const texts[] = {
        "pkcs11:",
        "PKCS11:object=a",
        "pkcs11:?module-path=/a",
        "pkcs11:token=",
        "pkcs11:object=a;token=b",
        "pkcs11:token=a&b",          /* '&' is an ordinary character of the path */
        "pkcs11:?module-path=a?b|c", /* and '?' and '|' of the query */
        "pkcs11:token=%41%6a%4A",
        "pkcs11:object=a:b[c]d@e!f$g'h(i)j*k+l,m=n~o_p.q-r",
        "pkcs11:library-version=3.1;library-description=x;library-manufacturer=y",
        "pkcs11:slot-id=327;slot-description=z;slot-manufacturer=z",
        "pkcs11:object=a?x-vendor=1&x-vendor=2", /* vendors' attributes may repeat */
        "pkcs11:type=private",
        "pkcs11:type=public",
        "pkcs11:type=cert",
        "pkcs11:type=data",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const lwsec_status status = parse(texts[i], NULL);
        if (status != LWSEC_OK) {
            print_error("%s\n", texts[i]);
        }
        assert_status(status, LWSEC_OK);
    }
    assert_status(parse("pkcs11:token=", NULL), LWSEC_OK);
    assert_text(uri.token.label, "");
    assert_text(uri.token.serial, NULL);
}

static const struct {
    const char *text;
    lwsec_why why;
} bad[] = {
    {"", LWSEC_WHY_TRUNCATED},
    {"pkcs11", LWSEC_WHY_TRUNCATED},
    {"pkcs12:", LWSEC_WHY_PKCS11_URI},
    {" pkcs11:", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token", LWSEC_WHY_TRUNCATED},
    {"pkcs11:=a", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:;", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a;", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a;;object=b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a?", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?module-path=a&", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a;token=a", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:slot-id=1;slot-id=1", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?module-path=a&module-path=b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:Token=a", LWSEC_WHY_PKCS11_URI}, /* names are in lower case */
    {"pkcs11:tokens=a", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:x-vendor=a", LWSEC_WHY_PKCS11_URI}, /* in the path it would narrow the choice */
    {"pkcs11:module-path=/a", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:type=secretkey", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:type=", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=%", LWSEC_WHY_TRUNCATED},
    {"pkcs11:token=%4", LWSEC_WHY_TRUNCATED},
    {"pkcs11:token=%4;", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=%4g", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=%zz", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a%00", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?pin-source=a%00b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a/b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a#b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=a\"b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=\xc3\xa4", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:token=123456789012345678901234567890123", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:serial=12345678901234567", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:model=12345678901234567", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?module-path=a;object=b", LWSEC_WHY_PKCS11_URI},
    {"pkcs11:?pin-value=1234", LWSEC_WHY_PKCS11_PIN_VALUE},
    {"pkcs11:token=a?module-path=b&pin-value=", LWSEC_WHY_PKCS11_PIN_VALUE},
    {"pkcs11:pin-value=1234", LWSEC_WHY_PKCS11_PIN_VALUE},
};

static void test_refused(void **state)
{
    static const lwsec_pkcs11_uri nothing;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lwsec_reason reason = {LWSEC_WHY_NONE, 0};
        const lwsec_status status = parse(bad[i].text, &reason);
        if (status != LWSEC_REJECT || reason.why != bad[i].why) {
            print_error("%s: %s, %s\n", bad[i].text, lwsec_status_name(status),
                        lwsec_why_text(reason.why));
        }
        assert_status(status, LWSEC_REJECT);
        assert_int_equal(reason.why, bad[i].why);
        assert_true(reason.offset <= strlen(bad[i].text));
        assert_memory_equal(&uri, &nothing, sizeof uri); /* nothing of a PIN is left */
    }
}

/* Longer than any attribute or text may be. */
static void test_too_long(void **state)
{
    static char text[70000];

    (void)state;
    const int begin = snprintf(text, sizeof text, "pkcs11:object=");
    memset(&text[begin], 'a', LWSEC_PKCS11_FIELD_MAX);
    assert_status(parse(text, NULL), LWSEC_OK);
    memset(&text[begin], 'a', LWSEC_PKCS11_FIELD_MAX + 1);
    assert_status(parse(text, NULL), LWSEC_REJECT);
    const int query = snprintf(text, sizeof text, "pkcs11:?x=");
    memset(&text[query], 'a', 60000);
    assert_status(parse(text, NULL), LWSEC_REJECT);
}

/* Every prefix of a URI is read without going past its end. */
static void test_cut(void **state)
{
    static const char whole[] = "pkcs11:token=%41b;object=c;type=cert?module-path=/d&pin-source=e";

    (void)state;
    for (size_t size = 0; size < sizeof whole; size++) {
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, whole, size);
        (void)!lwsec_pkcs11_uri_parse(lwsec_bytes_of(copy, size), &uri, NULL);
        free(copy);
    }
}

static void test_print(void **state)
{
    static const char text[] = "pkcs11:token=My%20%25;serial=0a;object=%C3%A4%3B;id=%00%FF;"
                               "type=private?module-path=%2Fusr%2Fa.so&pin-source=file%3A%2Fp";
    uint8_t room[LWSEC_PKCS11_URI_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(parse(text, NULL), LWSEC_OK);
    assert_status(lwsec_pkcs11_uri_print(&uri, &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_bytes_of(text, sizeof text - 1));
    out.capacity = sizeof text - 2;
    assert_status(lwsec_pkcs11_uri_print(&uri, &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
}

/* Each byte as CKA_ID: printed and read again. The longest URI has its room. */
static void test_print_all(void **state)
{
    static lwsec_pkcs11_uri made;
    uint8_t bytes[256];
    uint8_t room[LWSEC_PKCS11_URI_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    made.id = lwsec_bytes_of(bytes, sizeof bytes);
    assert_status(lwsec_pkcs11_uri_print(&made, &out), LWSEC_OK);
    assert_status(lwsec_pkcs11_uri_parse(lwsec_buffer_bytes(&out), &uri, NULL), LWSEC_OK);
    assert_bytes(uri.id, lwsec_bytes_of(bytes, sizeof bytes));

    memset(bytes, '%', sizeof bytes);
    const lwsec_bytes longest = {bytes, LWSEC_PKCS11_FIELD_MAX};
    made.object = made.id = made.module_path = made.module_name = made.pin_source = longest;
    made.token.label = made.token.manufacturer = lwsec_bytes_of(bytes, 32);
    made.token.serial = made.token.model = lwsec_bytes_of(bytes, 16);
    made.type = lwsec_bytes_of("secret-key", 10);
    assert_status(lwsec_pkcs11_uri_print(&made, &out), LWSEC_OK);
    assert_status(lwsec_pkcs11_uri_parse(lwsec_buffer_bytes(&out), &uri, NULL), LWSEC_OK);
    assert_bytes(uri.pin_source, longest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),     cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_cut),       cmocka_unit_test(test_print),
        cmocka_unit_test(test_print_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
