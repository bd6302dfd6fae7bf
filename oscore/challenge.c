/* The Echo challenge: RFC 8613 Appendix B.1.2, RFC 9175 section 2. */
#include "coap/option.h"
#include "core/reason.h"
#include "crypto/use.h"
#include "oscore/frame.h"
#include "oscore/protect.h"

/* R-5.5.3-12: what a peer must bring back to prove that its request is not old. */
static lwsec_status make_echo(const lwsec_oscore *context, uint8_t value[LWSEC_ECHO_SIZE],
                              lwsec_coap_option *echo)
{
    echo->number = LWSEC_COAP_ECHO;
    if (context->freshness == NULL) {
        echo->value = lwsec_oscore_life(context);
        return LWSEC_OK;
    }
    echo->value = lwsec_bytes_of(value, LWSEC_ECHO_SIZE);
    return lwsec_freshness_make(context->freshness, lwsec_oscore_life(context), value);
}

/* R-5.5.3-12, R-6.x-adj-02, R-6.x-adj-05: the first request of a context has to prove that it is
 * fresh. */
lwsec_status lwsec_oscore_challenge(lwsec_oscore *context, lwsec_oscore_request *request,
                                    lwsec_bytes wire, uint16_t message_id, lwsec_buffer *out,
                                    lwsec_reason *reason)
{
    lwsec_request *inside = lwsec_request_inside(request);
    uint8_t value[LWSEC_ECHO_SIZE];
    uint8_t room[LWSEC_ECHO_SIZE + 5];
    lwsec_writer options = lwsec_writer_of(room, sizeof room);
    lwsec_coap_option echo;
    lwsec_coap_message received;
    uint64_t seen;

    out->size = 0;
    if (!lwsec_request_is(inside, context, LWSEC_REQUEST_CHALLENGED)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    lwsec_status status = lwsec_oscore_decode_apart(context, wire, out, &received, &seen, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = make_echo(context, value, &echo);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    }
    lwsec_coap_write_option(&options, 0, &echo);
    const bool confirmable = received.type == LWSEC_COAP_CON;
    const lwsec_coap_message plain = {
        .type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON,
        .code = LWSEC_COAP_UNAUTHORIZED,
        .message_id = confirmable ? received.message_id : message_id,
        .token = received.token,
        .options = lwsec_bytes_of(room, options.size),
    };
    return lwsec_oscore_protect_parsed(context, inside, &plain, 0, true, out, reason);
}
