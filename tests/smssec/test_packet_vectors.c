/* Packets of other implementations and of real cards, made and opened. */
#include "tests/smssec/packets.h"

#include "tests/support/vector_file.h"

#define FILE_NAME "sms_packets.txt"

typedef struct counts {
    lwsec_store *store;
    size_t commands;
    size_t responses;
    size_t refused;
    size_t allowed;   /* by the profile of LwM2M */
    size_t forbidden; /* by it */
} counts;

static bool is(const lwsec_vector *vector, const char *key, const char *value)
{
    return strcmp(lwsec_vector_text(vector, key), value) == 0;
}

static uint64_t number_of(lwsec_bytes bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        number = number << 8 | bytes.data[i];
    }
    return number;
}

/* SPI of a response: the first octet plays no part. */
static const char *spi_of(const lwsec_vector *vector)
{
    static char spi[5];

    if (lwsec_vector_has(vector, "spi")) {
        return lwsec_vector_text(vector, "spi");
    }
    (void)snprintf(spi, sizeof spi, "00%s", lwsec_vector_text(vector, "spi2"));
    return spi;
}

static lwsec_sms_security security_of(const lwsec_vector *vector, lwsec_store *store, bool keys)
{
    lwsec_sms_security security = packet_security(
        store, spi_of(vector), lwsec_vector_text(vector, "kic"), lwsec_vector_text(vector, "kid"),
        lwsec_vector_text(vector, "tar"), keys ? lwsec_vector_text(vector, "kic_key") : "",
        keys ? lwsec_vector_text(vector, "kid_key") : "");

    security.check_size =
        lwsec_vector_number(vector, "check_size") == 4 && (security.parameters.kid & 0x0f) == 2 ? 4
                                                                                                : 0;
    return security;
}

static void check_command(const lwsec_vector *vector, const lwsec_sms_security *security)
{
    const lwsec_bytes packet = lwsec_vector_bytes(vector, "packet");
    const lwsec_bytes data = lwsec_vector_bytes(vector, "data");
    const uint64_t counter = number_of(lwsec_vector_bytes(vector, "counter"));
    packet_result made;
    packet_result opened;

    assert_status(packet_seal(security, counter, data, &made), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&made.out), packet);
    assert_status(packet_open(security, packet, &opened), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&opened.out), data);
    assert_true(opened.counter == counter);
}

static void check_response(const lwsec_vector *vector, const lwsec_sms_security *security)
{
    const lwsec_bytes packet = lwsec_vector_bytes(vector, "packet");
    const lwsec_bytes data = lwsec_vector_bytes(vector, "data");
    const uint64_t counter = number_of(lwsec_vector_bytes(vector, "counter"));
    const uint8_t status = lwsec_vector_bytes(vector, "status").data[0];
    packet_result made;
    packet_result opened;

    assert_status(packet_respond(security, counter, status, data, &made), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&made.out), packet);
    assert_status(packet_receive(security, packet, &opened), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&opened.out), data);
    assert_true(opened.response.counter == counter);
    assert_int_equal(opened.response.status, status);
    assert_int_equal(opened.response.authenticated,
                     (security->parameters.spi2 & LWSEC_SMS_SPI2_CC) != 0);
}

/* Single DES and keys that come down to it. */
static void check_refused(const lwsec_vector *vector, counts *count)
{
    packet_result result;

    count->refused++;
    if (is(vector, "outcome", "coding")) {
        lwsec_sms_security security = security_of(vector, count->store, false);
        (void)packet_open(&security, lwsec_vector_bytes(vector, "packet"), &result);
        packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_CODING);
        (void)packet_seal(&security, 1, lwsec_vector_bytes(vector, "data"), &result);
        packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_CODING);
        return;
    }
    const bool kic = number_of(lwsec_vector_bytes(vector, "kic_key")) == 0;
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_TDES_CBC, LWSEC_USE_ENCRYPT, {NULL, 0}};
    lwsec_key key;
    assert_status(lwsec_key_import(count->store, &attributes,
                                   lwsec_vector_bytes(vector, kic ? "kic_key" : "kid_key"), &key),
                  LWSEC_USAGE);
}

/* Packets made for LwM2M pass its profile, those made to break its rules do not. */
static void check_profile(const lwsec_vector *vector, counts *count)
{
    const char *name = lwsec_vector_text(vector, "name");
    const bool lwm2m = strncmp(name, "lwm2m-", 6) == 0;
    const bool policy = strncmp(name, "policy-", 7) == 0;
    packet_result result;

    if (!lwm2m && !policy) {
        return;
    }
    lwsec_sms_security security = security_of(vector, count->store, lwm2m);
    security.profile = LWSEC_SMS_LWM2M;
    (void)packet_open(&security, lwsec_vector_bytes(vector, "packet"), &result);
    if (lwm2m) {
        assert_status(result.status, LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&result.out), lwsec_vector_bytes(vector, "data"));
        check_command(vector, &security);
        count->allowed++;
    } else {
        packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_CODING);
        (void)packet_seal(&security, 1, lwsec_vector_bytes(vector, "data"), &result);
        packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_CODING);
        count->forbidden++;
    }
    packet_security_destroy(&security);
}

static void check_vector(const lwsec_vector *vector, void *argument)
{
    counts *count = argument;
    packet_result result;

    check_profile(vector, count);
    if (is(vector, "outcome", "coding") || is(vector, "outcome", "key")) {
        check_refused(vector, count);
        return;
    }
    lwsec_sms_security security = security_of(vector, count->store, true);
    if (is(vector, "outcome", "negative")) {
        (void)packet_receive(&security, lwsec_vector_bytes(vector, "packet"), &result);
        packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
        count->refused++;
    } else if (is(vector, "kind", "command")) {
        check_command(vector, &security);
        count->commands++;
    } else {
        check_response(vector, &security);
        count->responses++;
    }
    packet_security_destroy(&security);
}

static void check_all(lwsec_store *store)
{
    counts count = {store, 0, 0, 0, 0, 0};

    assert_int_equal(lwsec_vector_each(FILE_NAME, check_vector, &count), 64);
    assert_int_equal(count.commands, 32);
    assert_int_equal(count.responses, 21);
    assert_int_equal(count.refused, 11);
    assert_int_equal(count.allowed, 9);
    assert_int_equal(count.forbidden, 6);
}

static void test_packets_of_others_are_made_and_opened(void **state)
{
    (void)state;
    packet_each_store(check_all);
    LWSEC_COVERS("R-5.4.2.1.3-01");
    LWSEC_COVERS("R-5.4.2.1.3-03");
    LWSEC_COVERS("R-5.4.2.1.3-09");
    LWSEC_COVERS("R-5.4.2.1.3-06");
}

/* A token that has ciphers and no MAC: the core makes AES-CMAC out of blocks, the key stays. */
static const lwsec_store_ops *software;

static lwsec_status import_as_cipher(lwsec_store *store, uint32_t slot,
                                     const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_key_attributes cipher = *attributes;

    if (cipher.algorithm == LWSEC_ALG_AES_CMAC) {
        cipher.algorithm = LWSEC_ALG_AES_CBC;
        cipher.usage = LWSEC_USE_ENCRYPT;
    }
    return software->import(store, slot, &cipher, raw);
}

static void check_without_mac(lwsec_store *store)
{
    lwsec_store_ops token = *store->ops;

    software = store->ops;
    token.import = import_as_cipher;
    token.mac = NULL;
    token.composer = lwsec_compose;
    store->ops = &token;
    check_all(store);
    store->ops = software;
}

static void test_a_token_without_mac_is_enough(void **state)
{
    (void)state;
    packet_each_store(check_without_mac);
}

/* What the vectors show without keys. */
static void inspect_vector(const lwsec_vector *vector, void *argument)
{
    const bool command = is(vector, "kind", "command");
    const lwsec_bytes packet = lwsec_vector_bytes(vector, "packet");
    const lwsec_bytes spi = lwsec_test_hex(spi_of(vector));
    const bool ciphered = command ? (spi.data[0] & 4) != 0 : (spi.data[1] & 0x10) != 0;
    lwsec_sms_fields fields;

    (void)argument;
    assert_status(lwsec_sms_packet_inspect(command ? LWSEC_SMS_COMMAND : LWSEC_SMS_RESPONSE,
                                           ciphered, packet, &fields, NULL),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(fields.tar, 3), lwsec_vector_bytes(vector, "tar"));
    assert_int_equal(fields.ciphered, ciphered);
    assert_int_equal(fields.length, packet.size - 2);
    if (command) {
        const uint8_t coding[4] = {fields.spi1, fields.spi2, fields.kic, fields.kid};
        assert_bytes(lwsec_bytes_of(coding, 2), spi);
        assert_bytes(lwsec_bytes_of(&coding[2], 1), lwsec_vector_bytes(vector, "kic"));
        assert_bytes(lwsec_bytes_of(&coding[3], 1), lwsec_vector_bytes(vector, "kid"));
    }
    if (!ciphered && !is(vector, "outcome", "negative")) {
        assert_true(fields.counter == number_of(lwsec_vector_bytes(vector, "counter")));
        assert_bytes(fields.check, lwsec_vector_bytes(vector, "check"));
        assert_bytes(fields.data, lwsec_vector_bytes(vector, "data"));
    }
}

static void test_packets_of_others_are_inspected(void **state)
{
    (void)state;
    assert_int_equal(lwsec_vector_each(FILE_NAME, inspect_vector, NULL), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_of_others_are_made_and_opened),
        cmocka_unit_test(test_a_token_without_mac_is_enough),
        cmocka_unit_test(test_packets_of_others_are_inspected),
    };
    return cmocka_run_group_tests_name("sms-packet-vectors", tests, NULL, NULL);
}
