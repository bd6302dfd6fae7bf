/* The cases of x509-limbo as checks of lwsec: LWSEC_LIMBO names the file. */
#include "tests/certpolicy/limbo/limbo.h"

#include <jansson.h>
#include <time.h>

#define DEPTH_DEFAULT 8

/* Decoded certificates of all cases. */
static uint8_t decoded[1 << 24];
static size_t decoded_size;

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static lwsec_bytes decode(const char *pem, const char *label)
{
    lwsec_buffer der = lwsec_buffer_of(&decoded[decoded_size], sizeof decoded - decoded_size);
    size_t position = 0;

    assert_non_null(pem);
    assert_status(lwsec_pem_next(lwsec_bytes_of(pem, strlen(pem)), label, &position, &der, NULL),
                  LWSEC_OK);
    decoded_size += der.size;
    return lwsec_buffer_bytes(&der);
}

static size_t decode_all(const json_t *list, const char *label, lwsec_bytes *out, size_t capacity)
{
    const size_t count = json_array_size(list);

    assert_true(count <= capacity);
    for (size_t i = 0; i < count; i++) {
        out[i] = decode(json_string_value(json_array_get(list, i)), label);
    }
    return count;
}

/* RFC 3339 in UTC; fractions are rounded down. */
static int64_t time_of(const char *text)
{
    struct tm parts = {0};

    if (text == NULL) {
        return (int64_t)time(NULL); /* what the suite says of a case without time */
    }
    assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
                            &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec),
                     6);
    assert_non_null(strstr(text, "+00:00"));
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return (int64_t)timegm(&parts);
}

static void set_reference(const json_t *name, lwsec_cert_reference *reference)
{
    const char *kind = text_of(name, "kind"), *value = text_of(name, "value");

    reference->kind = LWSEC_CERT_REFERENCE_NONE;
    if (kind == NULL) {
        return;
    }
    if (strcmp(kind, "IP") == 0) {
        assert_status(lwsec_cert_reference_of(lwsec_bytes_of(NULL, 0),
                                              lwsec_bytes_of(value, strlen(value)), reference, NULL,
                                              NULL),
                      LWSEC_OK);
        assert_int_equal(reference->kind, LWSEC_CERT_REFERENCE_IP);
        return;
    }
    reference->kind = LWSEC_CERT_REFERENCE_DNS;
    reference->name = lwsec_bytes_of(value, strlen(value));
}

static bool begins(const char *id, const char *group)
{
    return strncmp(id, group, strlen(group)) == 0;
}

/* Groups that hold for LwM2M; "pedantic" features are rules of browsers. */
static bool is_core(const json_t *test)
{
    static const char *const groups[] = {
        "rfc5280::", "pathlen::", "crl::", "cve::", "pathological::", "online::"};
    const json_t *feature;
    size_t i;

    json_array_foreach(json_object_get(test, "features"), i, feature)
    {
        if (begins(json_string_value(feature), "pedantic")) {
            return false;
        }
    }
    for (i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (begins(text_of(test, "id"), groups[i])) {
            return true;
        }
    }
    return false;
}

static void read_case(const json_t *test, limbo_case *one)
{
    const json_t *depth = json_object_get(test, "max_chain_depth");
    lwsec_cert_check *check = &one->check;

    memset(one, 0, sizeof *one);
    one->id = text_of(test, "id");
    one->expected = strcmp(text_of(test, "expected_result"), "SUCCESS") == 0;
    one->core = is_core(test);
    one->chain[0] = decode(text_of(test, "peer_certificate"), "CERTIFICATE");
    check->size = sizeof *check;
    check->chain = one->chain;
    check->chain_count = 1 + decode_all(json_object_get(test, "untrusted_intermediates"),
                                        "CERTIFICATE", &one->chain[1], LIMBO_CERTIFICATES_MAX - 1);
    check->trust = one->trust;
    check->trust_count = decode_all(json_object_get(test, "trusted_certs"), "CERTIFICATE",
                                    one->trust, LIMBO_TRUST_MAX);
    check->crls = one->crls;
    check->crl_count =
        decode_all(json_object_get(test, "crls"), "X509 CRL", one->crls, LIMBO_TRUST_MAX);
    check->usage = LWSEC_CERT_PKIX;
    check->policy = LWSEC_CERT_ALLOW_RSA;
    check->time.clock = LWSEC_CERT_CLOCK_TRUSTED;
    check->time.seconds = time_of(text_of(test, "validation_time"));
    check->intermediates =
        1 + (json_is_integer(depth) ? (uint32_t)json_integer_value(depth) : DEPTH_DEFAULT);
    set_reference(json_object_get(test, "expected_peer_name"), &check->reference);
    if (strcmp(text_of(test, "validation_kind"), "CLIENT") == 0) {
        check->role = LWSEC_CERT_OF_CLIENT;
    }
}

size_t limbo_each(const char *kind, limbo_use use, void *argument)
{
    const char *named = getenv("LWSEC_LIMBO");
    const char *path = named != NULL ? named : LWSEC_TEST_LIMBO;
    static limbo_case one;
    json_error_t error;
    const json_t *test;
    size_t count = 0, i;
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        print_message("%s is not there: no case of x509-limbo was run\n", path);
        skip();
    }
    json_t *suite = json_loadf(file, 0, &error);
    (void)fclose(file);
    assert_non_null(suite);
    json_array_foreach(json_object_get(suite, "testcases"), i, test)
    {
        if (strcmp(text_of(test, "validation_kind"), kind) == 0) {
            decoded_size = 0;
            read_case(test, &one);
            use(&one, argument);
            count++;
        }
    }
    json_decref(suite);
    return count;
}
