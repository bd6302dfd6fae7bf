/* SMS associations: LwM2M Transport 5.4.2. R-5.4-02, R-5.4.2-01, R-5.4.2.1.3-01. */
#include "smssec/association.h"

#include "core/epoch.h"
#include "core/reason.h"
#include "smssec/command.h"
#include "smssec/tlv.h"

#include <string.h>

#define ALL_FLAGS                                                                                  \
    (LWSEC_KEY_FRESH | (uint32_t)(LWSEC_SMS_LENIENT_LENGTH | LWSEC_SMS_SEND_POR |                  \
                                  LWSEC_SMS_SEND_UPPER | LWSEC_SMS_SEND_LOWER))
#define BOTH_HALVES ((uint32_t)(LWSEC_SMS_SEND_UPPER | LWSEC_SMS_SEND_LOWER))

/* Another association of the same keys may win the record a few times, not for ever. */
#define ATTEMPTS_MAX 32

size_t lwsec_sms_size(void)
{
    return sizeof(lwsec_sms);
}

/* ---- Making and closing ---- */

static bool config_makes_sense(const lwsec_sms_config *config)
{
    return config->size == sizeof *config && config->state != NULL &&
           (config->flags & ~ALL_FLAGS) == 0 && (config->flags & BOTH_HALVES) != BOTH_HALVES &&
           (config->tag & 0x1f) != 0x1f && config->send_from <= LWSEC_SMS_COUNTER_MAX &&
           config->received_up_to <= LWSEC_SMS_COUNTER_MAX;
}

static uint64_t first_counter(const lwsec_sms_config *config)
{
    const uint64_t lowest =
        (config->flags & LWSEC_SMS_SEND_UPPER) != 0 ? LWSEC_SMS_COUNTER_UPPER : 1;

    return config->send_from > lowest ? config->send_from : lowest;
}

static void fill(lwsec_sms *association, const lwsec_sms_config *config)
{
    memset(association, 0, sizeof *association);
    association->security.size = sizeof association->security;
    association->security.profile = LWSEC_SMS_LWM2M;
    association->security.parameters = config->parameters;
    association->security.kic_key = config->kic_key;
    association->security.kid_key = config->kid_key;
    association->security.check_size = config->check_size;
    association->state = config->state;
    association->jump_max = config->jump_max;
    association->next_counter = first_counter(config);
    association->flags = config->flags;
    association->epoch = lwsec_epoch();
    association->tag = config->tag != 0 ? config->tag : LWSEC_SMS_TAG_DEFAULT;
}

lwsec_status lwsec_sms_init(void *memory, size_t size, const lwsec_sms_config *config,
                            lwsec_sms **association, lwsec_reason *reason)
{
    lwsec_sms *made = memory;

    if (!config_makes_sense(config)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < sizeof *made) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    fill(made, config);
    lwsec_status status = lwsec_sms_security_check(&made->security, reason);
    if (status == LWSEC_OK) {
        status = lwsec_sms_records_name(made, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_sms_records_begin(made, config, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(made, sizeof *made);
        return status;
    }
    *association = made;
    return lwsec_accept(reason);
}

void lwsec_sms_close(lwsec_sms **association)
{
    if (*association != NULL) {
        lwsec_wipe(*association, sizeof **association);
        *association = NULL;
    }
}

static lwsec_status check_process(const lwsec_sms *association, lwsec_reason *reason)
{
    return association->epoch == lwsec_epoch()
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
}

/* ---- Sending ---- */

/* Takes back what is in the room: it must not be sent. */
static lwsec_status withdraw(lwsec_buffer *out, lwsec_status status)
{
    lwsec_wipe(out->data, out->size);
    out->size = 0;
    return status;
}

/* A packet under the next counter, which is stored as used before the packet is given out. */
static lwsec_status seal_once(lwsec_sms *association, lwsec_bytes coap, uint64_t *counter,
                              lwsec_buffer *out, lwsec_reason *reason)
{
    uint8_t head[LWSEC_SMS_TLV_HEAD_MAX];
    uint8_t check[LWSEC_SMS_CHECK_MAX];
    const size_t head_size = lwsec_sms_tlv_head(association->tag, coap.size, head);
    const uint64_t number = association->next_counter;

    if (number > lwsec_sms_send_max(association)) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END, 0, reason);
    }
    lwsec_status status = lwsec_sms_command_make(
        &association->security, number, lwsec_bytes_of(head, head_size), coap, out, check, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_sms_sent_store(association, number + 1, check, reason);
    if (status != LWSEC_OK) {
        return withdraw(out, status);
    }
    *counter = number;
    return LWSEC_OK;
}

/* R-5.4.2.1.3-02: requests and responses alike are Command Packets. */
lwsec_status lwsec_sms_seal(lwsec_sms *association, lwsec_bytes coap, uint64_t *counter,
                            lwsec_buffer *out, lwsec_reason *reason)
{
    uint64_t used = 0;

    out->size = 0;
    lwsec_status status = check_process(association, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (coap.size > LWSEC_SMS_PACKET_MAX - LWSEC_SMS_OVERHEAD - LWSEC_SMS_TLV_HEAD_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        status = seal_once(association, coap, &used, out, reason);
        if (status == LWSEC_OK && counter != NULL) {
            *counter = used;
        }
        if (status != LWSEC_CONFLICT) {
            return status == LWSEC_OK ? lwsec_accept(reason) : status;
        }
        status = lwsec_sms_sent_load(association, reason);
        if (status != LWSEC_OK) {
            break;
        }
    }
    return status == LWSEC_ABSENT || status == LWSEC_OK
               ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
               : status;
}

/* ---- Receiving ---- */

/* Whether the packet was sealed at this end, by whichever association of these keys. */
static lwsec_status refuse_reflected(const lwsec_sms *association, uint64_t counter,
                                     const uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    const bool upper = counter >= LWSEC_SMS_COUNTER_UPPER;
    bool reflected =
        (association->flags & (uint32_t)(upper ? LWSEC_SMS_SEND_UPPER : LWSEC_SMS_SEND_LOWER)) != 0;
    lwsec_status status = LWSEC_OK;

    if (!reflected) {
        status = lwsec_sms_sent_find(association, check, &reflected, reason);
    }
    return reflected ? lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED, 0, reason) : status;
}

static lwsec_status is_higher(const lwsec_sms *association, uint64_t counter, lwsec_reason *reason)
{
    uint8_t por;

    return lwsec_sms_counter_check(association->security.parameters.spi1,
                                   association->last_received, counter, &por, reason);
}

static bool jumps(const lwsec_sms *association, uint64_t counter)
{
    return association->jump_max != 0 &&
           counter - association->last_received > association->jump_max;
}

/* How far the counter is ahead of the last one that any association of these keys received. */
static lwsec_status check_jump(lwsec_sms *association, uint64_t counter, lwsec_reason *reason)
{
    if (!jumps(association, counter)) {
        return LWSEC_OK;
    }
    lwsec_status status = lwsec_sms_received_load(association, reason);
    if (status == LWSEC_OK) {
        status = is_higher(association, counter, reason);
    }
    return status == LWSEC_OK && jumps(association, counter)
               ? lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_JUMP, 0, reason)
               : status;
}

/* R-5.4.2.1.3-10: only if the counter is higher than the stored one. */
static lwsec_status check_counter(lwsec_sms *association, uint64_t counter,
                                  const uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    lwsec_status status = is_higher(association, counter, reason);

    if (status == LWSEC_OK) {
        status = refuse_reflected(association, counter, check, reason);
    }
    return status == LWSEC_OK ? check_jump(association, counter, reason) : status;
}

/* The state has the last word: another association of these keys may have taken the packet. */
static lwsec_status store_counter(lwsec_sms *association, uint64_t counter, lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_state_advance(association->state, &association->received_record, counter, reason);

    if (status == LWSEC_OK || status == LWSEC_CONFLICT) {
        association->last_received = counter;
    }
    return status == LWSEC_CONFLICT ? lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER, 0, reason)
                                    : status;
}

/* Everything between an authentic packet and its delivery. */
static lwsec_status judge(lwsec_sms *association, uint64_t counter,
                          const uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_bytes data,
                          lwsec_bytes *value, lwsec_reason *reason)
{
    const bool lenient = (association->flags & (uint32_t)LWSEC_SMS_LENIENT_LENGTH) != 0;

    if (!lwsec_sms_tlv_open(data, association->tag, lenient, value)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_DATA, 0, reason);
    }
    const lwsec_status status = check_counter(association, counter, check, reason);
    return status == LWSEC_OK ? store_counter(association, counter, reason) : status;
}

/* Leaves the message alone in the room. */
static void strip(lwsec_buffer *out, lwsec_bytes value)
{
    const size_t all = out->size;

    if (value.size > 0) {
        memmove(out->data, value.data, value.size);
    }
    lwsec_wipe(&out->data[value.size], all - value.size);
    out->size = value.size;
}

/* Tells these keys from others that the same memory may hold later. */
static uint64_t keys_of(const lwsec_sms *association)
{
    uint64_t keys;

    memcpy(&keys, association->received_record.identity, sizeof keys);
    return keys;
}

/* R-5.4.2-05, R-5.4.2-06: discarded unless all is right, and never answered. */
lwsec_status lwsec_sms_open(lwsec_sms *association, lwsec_bytes packet,
                            lwsec_sms_received *received, lwsec_buffer *coap, lwsec_reason *reason)
{
    uint8_t check[LWSEC_SMS_CHECK_MAX];
    lwsec_bytes value = {NULL, 0};
    lwsec_reason own = {LWSEC_WHY_NONE, 0};
    uint64_t counter = 0;

    memset(received, 0, sizeof *received);
    coap->size = 0;
    lwsec_status status = check_process(association, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_sms_command_take(&association->security, packet, &counter, coap, check, &own);
    if (status == LWSEC_OK) {
        status = judge(association, counter, check, lwsec_buffer_bytes(coap), &value, &own);
    } else if (own.why == LWSEC_WHY_SMS_CHECK && association->refused < UINT32_MAX) {
        association->refused++;
    }
    if (status != LWSEC_OK) {
        return lwsec_refuse(withdraw(coap, status), own.why, own.offset, reason);
    }
    strip(coap, value);
    received->counter = counter;
    received->opaque[0] = (uint64_t)(uintptr_t)association;
    received->opaque[1] = keys_of(association);
    return lwsec_accept(reason);
}

/* ---- Proof of Receipt ---- */

/* R-5.4.2.1.3-11: by policy, and only if the sender asked for it. */
static bool por_allowed(const lwsec_sms *association, const lwsec_sms_received *received,
                        uint8_t status)
{
    const uint8_t asked = association->security.parameters.spi2 & LWSEC_SMS_SPI2_POR;

    return received->opaque[0] == (uint64_t)(uintptr_t)association &&
           received->opaque[1] == keys_of(association) &&
           (association->flags & (uint32_t)LWSEC_SMS_SEND_POR) != 0 &&
           (asked == LWSEC_SMS_SPI2_POR_ALWAYS ||
            (asked == LWSEC_SMS_SPI2_POR_ON_ERROR && status != LWSEC_SMS_POR_OK));
}

/* A PoR that is signed must not come back as one for a command of ours. */
static lwsec_status remember_por(lwsec_sms *association, const uint8_t check[LWSEC_SMS_CHECK_MAX],
                                 lwsec_reason *reason)
{
    lwsec_status status = LWSEC_CONFLICT;

    if ((association->security.parameters.spi2 & LWSEC_SMS_SPI2_CC) == 0) {
        return LWSEC_OK;
    }
    for (int attempt = 0; attempt < ATTEMPTS_MAX && status == LWSEC_CONFLICT; attempt++) {
        status = lwsec_sms_sent_store(association, association->next_counter, check, reason);
        if (status == LWSEC_CONFLICT) {
            const lwsec_status loaded = lwsec_sms_sent_load(association, reason);
            status = loaded == LWSEC_OK ? LWSEC_CONFLICT : loaded;
        }
    }
    return status == LWSEC_ABSENT || status == LWSEC_CONFLICT
               ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
               : status;
}

lwsec_status lwsec_sms_por_seal(lwsec_sms *association, lwsec_sms_received *received,
                                uint8_t status, lwsec_bytes data, lwsec_buffer *out,
                                lwsec_reason *reason)
{
    const lwsec_sms_response response = {.counter = received->counter, .status = status};
    uint8_t check[LWSEC_SMS_CHECK_MAX];

    out->size = 0;
    lwsec_status answer = check_process(association, reason);
    if (answer != LWSEC_OK) {
        return answer;
    }
    if (!por_allowed(association, received, status)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_POR, 0, reason);
    }
    answer = lwsec_sms_response_make(&association->security, &response, data, out, check, reason);
    if (answer != LWSEC_OK) {
        return answer;
    }
    answer = remember_por(association, check, reason);
    if (answer != LWSEC_OK) {
        return withdraw(out, answer);
    }
    received->opaque[0] = 0; /* it has its answer */
    return lwsec_accept(reason);
}

static lwsec_status judge_por(const lwsec_sms *association, const lwsec_sms_response *response,
                              uint64_t counter, const uint8_t check[LWSEC_SMS_CHECK_MAX],
                              lwsec_reason *reason)
{
    if (!response->authenticated) {
        return LWSEC_OK;
    }
    bool ours = false;
    const lwsec_status status = lwsec_sms_sent_find(association, check, &ours, reason);
    if (ours) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED, 0, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    return response->counter == counter
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_COUNTER, 0, reason);
}

lwsec_status lwsec_sms_por_open(lwsec_sms *association, lwsec_bytes packet, uint64_t counter,
                                lwsec_sms_response *response, lwsec_buffer *data,
                                lwsec_reason *reason)
{
    uint8_t check[LWSEC_SMS_CHECK_MAX];
    lwsec_sms_response found = {0};

    data->size = 0;
    lwsec_status status = check_process(association, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if ((association->security.parameters.spi2 & LWSEC_SMS_SPI2_POR) == LWSEC_SMS_SPI2_POR_NONE) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_POR, 0, reason);
    }
    status = lwsec_sms_response_take(&association->security, packet, &found, data, check, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = judge_por(association, &found, counter, check, reason);
    if (status != LWSEC_OK) {
        return withdraw(data, status);
    }
    *response = found;
    return lwsec_accept(reason);
}

/* ---- Wear ---- */

lwsec_status lwsec_sms_wear_of(const lwsec_sms *association, lwsec_sms_wear *wear)
{
    if (wear->size != sizeof *wear) {
        return LWSEC_USAGE;
    }
    wear->last_received = association->last_received;
    wear->last_sent = association->next_counter - 1;
    const uint64_t last = lwsec_sms_receive_max(association);
    wear->receives_left = last > association->last_received ? last - association->last_received : 0;
    const uint64_t end = lwsec_sms_send_max(association) + 1;
    wear->sends_left = end > association->next_counter ? end - association->next_counter : 0;
    wear->refused = association->refused;
    return LWSEC_OK;
}
