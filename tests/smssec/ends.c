/* A client and a server with one SMS association. */
#include "tests/smssec/ends.h"

#define UNTOUCHED 0xa5U

static void configure(end *one, lwsec_store *store)
{
    const lwsec_sms_security security = packet_lwm2m(store);

    assert_status(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory, END_RECORDS,
                                          END_VALUE, &one->state),
                  LWSEC_OK);
    faulty_state_open(&one->faulty, one->state);
    one->config.size = sizeof one->config;
    one->config.parameters = security.parameters;
    one->config.parameters.spi2 = 0x39;
    one->config.kic_key = security.kic_key;
    one->config.kid_key = security.kid_key;
    one->config.state = &one->faulty.head;
    one->config.flags = LWSEC_KEY_FRESH;
}

void ends_begin(ends *both, lwsec_store *store)
{
    memset(both, 0, sizeof *both);
    both->store = store;
    configure(&both->client, store);
    configure(&both->server, store);
}

int ends_set_up(void **state)
{
    ends *both = calloc(1, sizeof *both);

    assert_non_null(both);
    ends_begin(both, lwsec_test_store_open(packet_store_at(0), 8));
    *state = both;
    return 0;
}

static void release(end *one)
{
    lwsec_sms_close(&one->association);
    assert_null(one->association);
    lwsec_state_memory_close(&one->state);
}

void ends_end(ends *both)
{
    release(&both->client);
    release(&both->server);
}

int ends_tear_down(void **state)
{
    ends *both = *state;

    ends_end(both);
    lwsec_test_store_close(packet_store_at(0), both->store);
    free(both);
    return 0;
}

lwsec_status end_try(end *one, lwsec_reason *reason)
{
    memset(one->memory, UNTOUCHED, sizeof one->memory);
    one->association = NULL;
    return lwsec_sms_init(one->memory, sizeof one->memory, &one->config, &one->association, reason);
}

void end_open(end *one)
{
    assert_status(end_try(one, NULL), LWSEC_OK);
}

void ends_open(ends *both)
{
    end_open(&both->client);
    end_open(&both->server);
}

void end_reboot(end *one)
{
    lwsec_sms_close(&one->association);
    one->config.flags &= ~LWSEC_KEY_FRESH;
    end_open(one);
}

/* ---- Calls ---- */

static void begin(packet_result *result, size_t capacity)
{
    memset(result, 0, sizeof *result);
    memset(result->room, UNTOUCHED, sizeof result->room);
    assert_true(capacity <= sizeof result->room);
    result->out = lwsec_buffer_of(result->room, capacity);
    result->out.size = 77;
    result->reason.why = (lwsec_why)-1;
}

static lwsec_status finish(packet_result *result)
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

lwsec_status end_seal(end *one, lwsec_bytes coap, packet_result *sent)
{
    begin(sent, coap.size + LWSEC_SMS_OVERHEAD + 4);
    sent->status =
        lwsec_sms_seal(one->association, coap, &sent->counter, &sent->out, &sent->reason);
    return finish(sent);
}

lwsec_status end_receive(end *one, lwsec_bytes packet, packet_result *got,
                         lwsec_sms_received *received)
{
    lwsec_sms_received unused;

    begin(got, packet.size);
    received = received != NULL ? received : &unused;
    got->status = lwsec_sms_open(one->association, packet, received, &got->out, &got->reason);
    got->counter = received->counter;
    return finish(got);
}

lwsec_status end_answer(end *one, lwsec_sms_received *received, uint8_t status, lwsec_bytes data,
                        packet_result *sent)
{
    begin(sent, data.size + LWSEC_SMS_OVERHEAD);
    sent->status =
        lwsec_sms_por_seal(one->association, received, status, data, &sent->out, &sent->reason);
    return finish(sent);
}

lwsec_status end_answered(end *one, lwsec_bytes packet, uint64_t counter, packet_result *got)
{
    begin(got, packet.size + 3);
    got->status = lwsec_sms_por_open(one->association, packet, counter, &got->response, &got->out,
                                     &got->reason);
    return finish(got);
}

lwsec_bytes coap_message(void)
{
    return lwsec_test_hex("5402303aaabbccddb13101300138");
}

lwsec_bytes packet_of(const packet_result *result)
{
    return lwsec_buffer_bytes(&result->out);
}

void end_forge(const end *one, uint64_t counter, const char *data, packet_result *made)
{
    const lwsec_sms_security security = {.size = sizeof security,
                                         .parameters = one->config.parameters,
                                         .kic_key = one->config.kic_key,
                                         .kid_key = one->config.kid_key,
                                         .check_size = one->config.check_size};

    assert_status(packet_seal(&security, counter, lwsec_test_hex(data), made), LWSEC_OK);
}

lwsec_sms_wear end_wear(const end *one)
{
    lwsec_sms_wear wear = {.size = sizeof wear};

    assert_status(lwsec_sms_wear_of(one->association, &wear), LWSEC_OK);
    return wear;
}
