/* The certificates of an answer: what OpenSSL writes is read, and everything else is refused. */
#include "tests/est/ca.h"

#include <lwsec/est.h>

#include "certpolicy/der_write.h"

#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#define MAX 4U

static lwsec_bytes certificates[MAX];
static ca *authorities[MAX + 1];

static lwsec_status read(lwsec_bytes payload, uint16_t format, size_t *count, lwsec_reason *reason)
{
    lwsec_bytes found[MAX];
    const lwsec_status status = lwsec_est_certificates(payload, format, found, MAX, count, reason);

    assert_int_equal(status == LWSEC_OK, *count > 0);
    for (size_t i = 0; i < *count; i++) {
        assert_true(found[i].data >= payload.data &&
                    found[i].data + found[i].size <= payload.data + payload.size);
    }
    return status;
}

static void refuse(lwsec_bytes payload, uint16_t format, lwsec_why why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    size_t count = 99;

    assert_status(read(payload, format, &count, &reason), LWSEC_REJECT);
    assert_string_equal(lwsec_why_text(reason.why), lwsec_why_text(why));
}

static void test_what_openssl_packs_is_read(void **state)
{
    lwsec_bytes found[MAX];
    lwsec_reason reason;
    size_t count;

    (void)state;
    for (size_t some = 1; some <= MAX; some++) {
        const lwsec_bytes packed = ca_pack(certificates, some);
        assert_status(
            lwsec_est_certificates(packed, LWSEC_EST_CERTS_ONLY, found, MAX, &count, &reason),
            LWSEC_OK);
        assert_int_equal(count, some);
        /* OpenSSL sorts a SET: each is there once. */
        for (size_t i = 0; i < some; i++) {
            size_t times = 0;
            for (size_t j = 0; j < some; j++) {
                times += found[j].size == certificates[i].size &&
                         memcmp(found[j].data, certificates[i].data, found[j].size) == 0;
            }
            assert_int_equal(times, 1);
        }
    }
    assert_status(
        lwsec_est_certificates(certificates[0], LWSEC_EST_CERTIFICATE, found, MAX, &count, &reason),
        LWSEC_OK);
    assert_int_equal(count, 1);
    assert_bytes(found[0], certificates[0]);
}

static void test_more_than_there_is_room_for_is_refused(void **state)
{
    lwsec_bytes all[MAX + 1];

    (void)state;
    for (size_t i = 0; i <= MAX; i++) {
        all[i] = ca_certificate(authorities[i]);
    }
    refuse(ca_pack(all, MAX + 1), LWSEC_EST_CERTS_ONLY, LWSEC_WHY_CERT_LIMIT);
}

static void test_no_cut_and_no_byte_behind_is_taken(void **state)
{
    const lwsec_bytes packed = ca_pack(certificates, 2);
    size_t count;

    (void)state;
    for (size_t size = 0; size < packed.size; size++) {
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, packed.data, size);
        assert_status(read(lwsec_bytes_of(copy, size), LWSEC_EST_CERTS_ONLY, &count, NULL),
                      LWSEC_REJECT);
        free(copy);
    }
    uint8_t *longer = calloc(1, packed.size + 1);
    memcpy(longer, packed.data, packed.size);
    refuse(lwsec_bytes_of(longer, packed.size + 1), LWSEC_EST_CERTS_ONLY, LWSEC_WHY_TRAILING_BYTES);
    free(longer);
    longer = calloc(1, certificates[0].size + 1);
    memcpy(longer, certificates[0].data, certificates[0].size);
    refuse(lwsec_bytes_of(longer, certificates[0].size + 1), LWSEC_EST_CERTIFICATE,
           LWSEC_WHY_TRAILING_BYTES);
    free(longer);
}

static void test_the_format_says_what_it_is(void **state)
{
    const lwsec_bytes packed = ca_pack(certificates, 1);

    (void)state;
    refuse(packed, LWSEC_EST_CERTIFICATE, LWSEC_WHY_CERT_MALFORMED);
    refuse(certificates[0], LWSEC_EST_CERTS_ONLY, LWSEC_WHY_WRONG_TYPE);
    refuse(certificates[0], LWSEC_EST_PKCS10, LWSEC_WHY_EST_ANSWER);
    refuse(certificates[0], 0, LWSEC_WHY_EST_ANSWER);
}

/* ---- Messages that OpenSSL does not write ---- */

typedef struct shape {
    uint8_t version;
    bool algorithms;
    bool content;
    bool other_type;
    bool no_certificates;
    bool empty_set;
    bool attribute_certificate;
    bool lists;
    bool signers;
    bool behind;
    bool other_message;
} shape;

static void put_hex(lwsec_writer *writer, const char *hex)
{
    lwsec_writer_bytes(writer, lwsec_test_hex(hex));
}

static lwsec_bytes write(uint8_t *room, size_t size, const shape *of)
{
    lwsec_writer writer = lwsec_writer_of(room, size);
    const size_t info = lwsec_der_begin(&writer, LWSEC_DER_SEQUENCE);
    put_hex(&writer, of->other_message ? "06092a864886f70d010703" : "06092a864886f70d010702");
    const size_t explicit = lwsec_der_begin(&writer, LWSEC_DER_CONTEXT_CONSTRUCTED);
    const size_t signed_data = lwsec_der_begin(&writer, LWSEC_DER_SEQUENCE);
    lwsec_der_put(&writer, LWSEC_DER_INTEGER, lwsec_bytes_of(&of->version, 1));
    put_hex(&writer, of->algorithms ? "310d300b0609608648016503040201" : "3100");
    const size_t content = lwsec_der_begin(&writer, LWSEC_DER_SEQUENCE);
    put_hex(&writer, of->other_type ? "06092a864886f70d010702" : "06092a864886f70d010701");
    if (of->content) {
        put_hex(&writer, "a003040141");
    }
    lwsec_der_end(&writer, content);
    if (!of->no_certificates) {
        const size_t set = lwsec_der_begin(&writer, LWSEC_DER_CONTEXT_CONSTRUCTED);
        if (!of->empty_set) {
            lwsec_writer_bytes(&writer, certificates[0]);
        }
        if (of->attribute_certificate) {
            put_hex(&writer, "a2023000");
        }
        lwsec_der_end(&writer, set);
    }
    if (of->lists) {
        put_hex(&writer, "a1023000");
    }
    put_hex(&writer, of->signers ? "31023000" : "3100");
    if (of->behind) {
        put_hex(&writer, "0500");
    }
    lwsec_der_end(&writer, signed_data);
    lwsec_der_end(&writer, explicit);
    lwsec_der_end(&writer, info);
    assert_false(writer.full);
    return lwsec_bytes_of(room, writer.size);
}

static void test_a_message_with_anything_else_is_refused(void **state)
{
    uint8_t room[2048];
    const shape good = {.version = 1};
    const shape with_lists = {.version = 1, .lists = true};
    const shape bad[] = {{.version = 0},
                         {.version = 2},
                         {.version = 3},
                         {.version = 1, .algorithms = true},
                         {.version = 1, .content = true},
                         {.version = 1, .other_type = true},
                         {.version = 1, .no_certificates = true},
                         {.version = 1, .empty_set = true},
                         {.version = 1, .attribute_certificate = true},
                         {.version = 1, .signers = true},
                         {.version = 1, .behind = true},
                         {.version = 1, .other_message = true}};
    size_t count;

    (void)state;
    assert_status(read(write(room, sizeof room, &good), LWSEC_EST_CERTS_ONLY, &count, NULL),
                  LWSEC_OK);
    assert_status(read(write(room, sizeof room, &with_lists), LWSEC_EST_CERTS_ONLY, &count, NULL),
                  LWSEC_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read(write(room, sizeof room, &bad[i]), LWSEC_EST_CERTS_ONLY, &count, NULL) !=
            LWSEC_REJECT) {
            fail_msg("shape %zu was taken", i);
        }
    }
}

/* BER, as some libraries write it: no length in front. */
static void test_indefinite_lengths_are_refused(void **state)
{
    const lwsec_bytes packed = ca_pack(certificates, 1);
    uint8_t room[2048];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    put_hex(&writer, "3080");
    lwsec_writer_bytes(&writer, lwsec_bytes_of(&packed.data[4], packed.size - 4));
    put_hex(&writer, "0000");
    refuse(lwsec_bytes_of(room, writer.size), LWSEC_EST_CERTS_ONLY, LWSEC_WHY_NOT_CANONICAL);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i <= MAX; i++) {
        char name[] = "Authority 0";
        name[sizeof name - 2] = (char)('0' + i);
        authorities[i] = ca_open(name, i == 0 ? NULL : authorities[0]);
        if (i < MAX) {
            certificates[i] = ca_certificate(authorities[i]);
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i <= MAX; i++) {
        ca_close(authorities[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_openssl_packs_is_read),
        cmocka_unit_test(test_more_than_there_is_room_for_is_refused),
        cmocka_unit_test(test_no_cut_and_no_byte_behind_is_taken),
        cmocka_unit_test(test_the_format_says_what_it_is),
        cmocka_unit_test(test_a_message_with_anything_else_is_refused),
        cmocka_unit_test(test_indefinite_lengths_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
