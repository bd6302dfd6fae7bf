/* What the SMS channel of LwM2M takes: clauses 5.3, 5.4, 6.6 and 6.8.3 of LwM2M Transport 1.2. */
#include <lwsec/sms_channel.h>
#include <lwsec/sms_concat.h>

#include "core/reason.h"

#define FLAGS_KNOWN                                                                                \
    ((uint32_t)(LWSEC_SMS_IS_BINDING | LWSEC_SMS_TRIGGERED | LWSEC_SMS_HAS_OSCORE |                \
                LWSEC_SMS_OTHER_SECURED | LWSEC_SMS_LINK_SECURED | LWSEC_SMS_DEBUGGING))

static bool has(const lwsec_sms_channel *channel, uint32_t flags)
{
    return (channel->flags & flags) != 0;
}

static bool known(const lwsec_sms_channel *channel)
{
    const bool nosec = channel->security == LWSEC_SMS_SECURITY_NOSEC;

    return channel->size == sizeof *channel && channel->security >= LWSEC_SMS_SECURITY_DTLS &&
           channel->security <= LWSEC_SMS_SECURITY_NOSEC && (channel->flags & ~FLAGS_KNOWN) == 0 &&
           (nosec || !has(channel, LWSEC_SMS_DEBUGGING));
}

/*
 * R-5.4-01, R-5.4-02: NoSec where SMS is the binding is for debugging; OSCORE and security outside
 * of LwM2M (R-5.3-03) make it another thing. R-5.4-04, R-5.4-05: where SMS triggers only, it may
 * have any mode, and it is the other binding that must be secured.
 */
static bool allowed(const lwsec_sms_channel *channel)
{
    const uint32_t secured = LWSEC_SMS_HAS_OSCORE | LWSEC_SMS_LINK_SECURED;

    if (has(channel, LWSEC_SMS_DEBUGGING | secured)) {
        return true;
    }
    if (has(channel, LWSEC_SMS_IS_BINDING)) {
        return channel->security != LWSEC_SMS_SECURITY_NOSEC;
    }
    return has(channel, LWSEC_SMS_OTHER_SECURED);
}

lwsec_status lwsec_sms_channel_check(const lwsec_sms_channel *channel, lwsec_reason *reason)
{
    if (!known(channel)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (!allowed(channel)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_CHANNEL, 0, reason);
    }
    return lwsec_accept(reason);
}

lwsec_sms_protection lwsec_sms_channel_protection(const lwsec_sms_channel *channel)
{
    switch (channel->security) {
    case LWSEC_SMS_SECURITY_DTLS: return LWSEC_SMS_BY_DTLS; /* R-5.4.2.1-01 */
    case LWSEC_SMS_SECURITY_PACKET: return LWSEC_SMS_BY_PACKET;
    case LWSEC_SMS_SECURITY_NOSEC: break;
    }
    /* R-5.4.1-02: NoSec beside OSCORE means that OSCORE protects the channel. */
    return has(channel, LWSEC_SMS_HAS_OSCORE) ? LWSEC_SMS_BY_OSCORE : LWSEC_SMS_BY_NOTHING;
}

/* R-5.4-03: in any security mode, except for debugging. */
bool lwsec_sms_channel_from(const lwsec_sms_channel *channel, const lwsec_sms_address *sender)
{
    return has(channel, LWSEC_SMS_DEBUGGING) ||
           lwsec_sms_number_is(channel->number, sender, &channel->numbering);
}

/* ---- Triggers: R-6.6-02, R-6.6-03 ---- */

static bool text_is(lwsec_bytes value, char only)
{
    return value.size == 1 && value.data[0] == (uint8_t)only;
}

/* Decimal, without zeros before it. */
static bool number_is(lwsec_bytes value, uint16_t expected)
{
    uint32_t number = 0;

    if (value.size == 0 || value.size > 5 || (value.size > 1 && value.data[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }
        number = number * 10 + (uint32_t)(value.data[i] - '0');
    }
    return number == expected;
}

/* Takes segment `index` of /1/x/8 or /1/x/9. */
static bool take_segment(const lwsec_sms_channel *channel, unsigned index, lwsec_bytes segment,
                         lwsec_sms_arrival *arrival)
{
    switch (index) {
    case 0: return text_is(segment, '1');
    case 1: return number_is(segment, channel->server);
    case 2:
        arrival->action =
            text_is(segment, '8') ? LWSEC_SMS_UPDATE_TRIGGER : LWSEC_SMS_BOOTSTRAP_TRIGGER;
        return text_is(segment, '8') || text_is(segment, '9');
    default: return false;
    }
}

/* R-6.6.1-02: ?o=U names a binding. */
static void take_query(lwsec_bytes query, lwsec_sms_arrival *arrival)
{
    if (query.size > 2 && query.data[0] == 'o' && query.data[1] == '=') {
        arrival->binding = lwsec_bytes_of(&query.data[2], query.size - 2);
    }
}

/* Options that do not change what a trigger means; of the others, those that are elective too. */
static bool harmless(uint32_t number)
{
    return number % 2 == 0 || number == LWSEC_COAP_URI_HOST || number == LWSEC_COAP_URI_PORT ||
           number == LWSEC_COAP_URI_QUERY || number == LWSEC_COAP_ACCEPT;
}

static bool is_trigger(const lwsec_sms_channel *channel, const lwsec_coap_message *message,
                       lwsec_sms_arrival *arrival)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    unsigned segments = 0;

    if (message->type > LWSEC_COAP_NON || message->code != LWSEC_COAP_POST) {
        return false;
    }
    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number == LWSEC_COAP_URI_PATH) {
            if (!take_segment(channel, segments++, option.value, arrival)) {
                return false;
            }
        } else if (!harmless(option.number)) {
            return false;
        } else if (option.number == LWSEC_COAP_URI_QUERY) {
            take_query(option.value, arrival);
        }
    }
    if (arrival->action == LWSEC_SMS_BOOTSTRAP_TRIGGER) {
        arrival->binding = lwsec_bytes_of(NULL, 0);
    }
    return segments == 3;
}

lwsec_status lwsec_sms_channel_judge(const lwsec_sms_channel *channel,
                                     const lwsec_sms_address *sender,
                                     lwsec_sms_protection protection,
                                     const lwsec_coap_message *message, lwsec_sms_arrival *arrival,
                                     lwsec_reason *reason)
{
    static const lwsec_sms_arrival nothing;
    lwsec_sms_arrival judged = nothing;

    *arrival = nothing;
    const lwsec_status status = lwsec_sms_channel_check(channel, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_sms_channel_from(channel, sender)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_SENDER, 0, reason);
    }
    /* R-5.4.2-05: what is not protected as it must be is discarded. */
    if (protection != lwsec_sms_channel_protection(channel)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_CHANNEL, 0, reason);
    }
    judged.answer = has(channel, LWSEC_SMS_IS_BINDING); /* R-6.6-02 */
    if (!judged.answer &&
        (!has(channel, LWSEC_SMS_TRIGGERED) || !is_trigger(channel, message, &judged))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_TRIGGER, 0, reason);
    }
    *arrival = judged;
    return lwsec_accept(reason);
}

/* ---- Sizes ---- */

/* R-5.4.2.1.1-01, R-5.4.2.1.1-02. The text says 13 + 16 in one place and 13 + 8 + 8 in another: it
 * is the same. */
size_t lwsec_sms_dtls_payload(unsigned parts, size_t token_size)
{
    const size_t header = LWSEC_SMS_DTLS_OVERHEAD + 4;
    const size_t room = lwsec_sms_capacity(LWSEC_SMS_IE_NONE, parts);

    return room > header && token_size < room - header ? room - header - token_size : 0;
}
