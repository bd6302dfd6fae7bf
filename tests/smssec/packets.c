/* Packets, and what protects them. */
#include "tests/smssec/packets.h"

#define SLOTS 40U
#define UNTOUCHED 0xa5U

const lwsec_test_store *packet_store_at(size_t index)
{
    const lwsec_test_store *kind;
    size_t found = 0;

    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        if (lwsec_test_store_has(kind, LWSEC_ALG_AES_CBC) &&
            lwsec_test_store_has(kind, LWSEC_ALG_AES_CMAC) &&
            lwsec_test_store_has(kind, LWSEC_ALG_TDES_CBC) && found++ == index) {
            return kind;
        }
    }
    return NULL;
}

void packet_each_store(packet_test test)
{
    const lwsec_test_store *kind;
    size_t count = 0;

    while ((kind = packet_store_at(count)) != NULL) {
        lwsec_store *store = lwsec_test_store_open(kind, SLOTS);
        test(store);
        lwsec_test_store_close(kind, store);
        count++;
    }
    assert_true(count > 0);
}

lwsec_key packet_kic_key(lwsec_store *store, uint8_t kic, lwsec_bytes raw)
{
    const lwsec_key none = {NULL, 0, 0};
    const int32_t algorithm = (kic & 0x0f) == 2 ? LWSEC_ALG_AES_CBC : LWSEC_ALG_TDES_CBC;

    return raw.size < 16
               ? none
               : lwsec_test_key(store, algorithm, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, raw);
}

lwsec_key packet_kid_key(lwsec_store *store, uint8_t kid, lwsec_bytes raw)
{
    const lwsec_key none = {NULL, 0, 0};
    const bool aes = (kid & 0x0f) == 2;

    return raw.size < 16 ? none
                         : lwsec_test_key(store, aes ? LWSEC_ALG_AES_CMAC : LWSEC_ALG_TDES_CBC,
                                          aes ? LWSEC_USE_MAC : LWSEC_USE_ENCRYPT, raw);
}

lwsec_sms_security packet_security(lwsec_store *store, const char *spi, const char *kic,
                                   const char *kid, const char *tar, const char *kic_key,
                                   const char *kid_key)
{
    lwsec_sms_security security = {.size = sizeof security, .profile = LWSEC_SMS_ETSI};
    lwsec_sms_parameters *parameters = &security.parameters;

    parameters->spi1 = lwsec_test_hex(spi).data[0];
    parameters->spi2 = lwsec_test_hex(spi).data[1];
    parameters->kic = lwsec_test_hex(kic).data[0];
    parameters->kid = lwsec_test_hex(kid).data[0];
    memcpy(parameters->tar, lwsec_test_hex(tar).data, 3);
    security.kic_key = packet_kic_key(store, parameters->kic, lwsec_test_hex(kic_key));
    security.kid_key = packet_kid_key(store, parameters->kid, lwsec_test_hex(kid_key));
    return security;
}

void packet_security_destroy(lwsec_sms_security *security)
{
    assert_status(lwsec_key_destroy(&security->kic_key), LWSEC_OK);
    assert_status(lwsec_key_destroy(&security->kid_key), LWSEC_OK);
}

lwsec_sms_security packet_lwm2m(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1601", "12", "12", "b20203", "000102030405060708090a0b0c0d0e0f",
                        "101112131415161718191a1b1c1d1e1f");

    security.profile = LWSEC_SMS_LWM2M;
    return security;
}

/* ---- Calls ---- */

static void begin(packet_result *result)
{
    memset(result, 0, sizeof *result);
    memset(result->room, UNTOUCHED, sizeof result->room);
    result->out = lwsec_buffer_of(result->room, sizeof result->room);
    result->out.size = 77; /* what a refusal has to set to 0 */
    result->counter = UINT64_MAX;
    result->reason.why = (lwsec_why)-1;
}

/* After a refusal there is a reason and no output, and the room holds zeros at most. */
static lwsec_status end(packet_result *result)
{
    if (result->status == LWSEC_OK) {
        assert_int_equal(result->reason.why, LWSEC_WHY_NONE);
        return LWSEC_OK;
    }
    assert_int_equal(result->out.size, 0);
    assert_int_not_equal(result->reason.why, LWSEC_WHY_NONE);
    for (size_t i = 0; i < sizeof result->room; i++) {
        assert_true(result->room[i] == UNTOUCHED || result->room[i] == 0);
    }
    return result->status;
}

lwsec_status packet_seal(const lwsec_sms_security *security, uint64_t counter, lwsec_bytes data,
                         packet_result *result)
{
    begin(result);
    result->out.capacity = data.size + LWSEC_SMS_OVERHEAD;
    result->status = lwsec_sms_command_seal(security, counter, data, &result->out, &result->reason);
    return end(result);
}

lwsec_status packet_open(const lwsec_sms_security *security, lwsec_bytes packet,
                         packet_result *result)
{
    begin(result);
    result->out.capacity = packet.size;
    result->status =
        lwsec_sms_command_open(security, packet, &result->counter, &result->out, &result->reason);
    if (result->status != LWSEC_OK) {
        assert_true(result->counter == UINT64_MAX);
    }
    return end(result);
}

lwsec_status packet_respond(const lwsec_sms_security *security, uint64_t counter, uint8_t status,
                            lwsec_bytes data, packet_result *result)
{
    begin(result);
    result->out.capacity = data.size + LWSEC_SMS_OVERHEAD;
    result->response.counter = counter;
    result->response.status = status;
    result->status =
        lwsec_sms_response_seal(security, &result->response, data, &result->out, &result->reason);
    return end(result);
}

lwsec_status packet_receive(const lwsec_sms_security *security, lwsec_bytes packet,
                            packet_result *result)
{
    begin(result);
    result->out.capacity = packet.size + 3;
    result->response.counter = UINT64_MAX;
    result->status =
        lwsec_sms_response_open(security, packet, &result->response, &result->out, &result->reason);
    if (result->status != LWSEC_OK) {
        assert_true(result->response.counter == UINT64_MAX && !result->response.authenticated);
    }
    return end(result);
}

void packet_refused(const packet_result *result, lwsec_status status, lwsec_why why)
{
    if (result->status != status || result->reason.why != why) {
        print_error("%s, %s; not %s, %s\n", lwsec_status_name(result->status),
                    lwsec_why_text(result->reason.why), lwsec_status_name(status),
                    lwsec_why_text(why));
        fail();
    }
}
