/* Response Packets, Proofs of Receipt: TS 102 225 section 5.2, 3GPP TS 31.115 section 4.4. */
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "smssec/command.h"
#include "smssec/frame.h"

#define COUNTER_OFFSET 9U

lwsec_status lwsec_sms_response_make(const lwsec_sms_security *security,
                                     const lwsec_sms_response *response, lwsec_bytes data,
                                     lwsec_buffer *out, uint8_t check[LWSEC_SMS_CHECK_MAX],
                                     lwsec_reason *reason)
{
    const lwsec_sms_layout layout = lwsec_sms_layout_of(LWSEC_SMS_RESPONSE);
    const lwsec_bytes parts[2] = {{NULL, 0}, data};
    uint8_t fixed[LWSEC_SMS_FIXED] = {0x02, 0x71, 0x00};
    lwsec_sms_suite suite;

    out->size = 0;
    const lwsec_status status = lwsec_sms_suite_of(security, LWSEC_SMS_RESPONSE, &suite, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (response->counter > LWSEC_SMS_COUNTER_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_SMS_COUNTER_END, 0, reason);
    }
    lwsec_writer writer = lwsec_writer_of(&fixed[6], sizeof fixed - 6);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(security->parameters.tar, 3));
    lwsec_writer_uint(&writer, response->counter, 5);
    lwsec_writer_u8(&writer, 0); /* PCNTR, still open */
    lwsec_writer_u8(&writer, response->status);
    return lwsec_sms_frame_seal(&layout, &suite, security, fixed, parts, out, check, reason);
}

/* Whether a PoR that should have a check has none, as cards send errors: its header says so, and
 * what it says is believed no more than that of anybody. */
static bool comes_plain(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                        lwsec_bytes packet)
{
    lwsec_reader reader = lwsec_reader_of(packet);

    (void)lwsec_reader_take(&reader, 2);
    return suite->check_size != 0 && lwsec_reader_u8(&reader) == lwsec_sms_header_length(layout, 0);
}

static lwsec_status check_tar(const lwsec_sms_parameters *agreed, lwsec_bytes packet,
                              lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(packet);

    (void)lwsec_reader_take(&reader, 3);
    const lwsec_bytes tar = lwsec_reader_take(&reader, 3);
    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    return lwsec_equal_secret(tar, lwsec_bytes_of(agreed->tar, sizeof agreed->tar))
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS, 3, reason);
}

lwsec_status lwsec_sms_response_take(const lwsec_sms_security *security, lwsec_bytes packet,
                                     lwsec_sms_response *response, lwsec_buffer *data,
                                     uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    static const lwsec_sms_suite plain = {LWSEC_SMS_CHECK_NONE, 0, 0};
    const lwsec_sms_layout layout = lwsec_sms_layout_of(LWSEC_SMS_RESPONSE);
    uint8_t fixed[LWSEC_SMS_FIXED];
    lwsec_sms_suite suite;

    data->size = 0;
    lwsec_status status = lwsec_sms_suite_of(security, LWSEC_SMS_RESPONSE, &suite, reason);
    if (status == LWSEC_OK) {
        status = check_tar(&security->parameters, packet, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (comes_plain(&layout, &suite, packet)) {
        suite = plain;
    }
    status = lwsec_sms_frame_open(&layout, &suite, security, packet, fixed, data, check, reason);
    if (status == LWSEC_OK) {
        lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(&fixed[COUNTER_OFFSET], 7));
        response->counter = lwsec_reader_uint(&reader, 5);
        (void)lwsec_reader_u8(&reader); /* PCNTR */
        response->status = lwsec_reader_u8(&reader);
        response->authenticated = lwsec_sms_suite_authentic(&suite);
    }
    return status;
}

lwsec_status lwsec_sms_response_seal(const lwsec_sms_security *security,
                                     const lwsec_sms_response *response, lwsec_bytes data,
                                     lwsec_buffer *out, lwsec_reason *reason)
{
    return lwsec_sms_response_make(security, response, data, out, NULL, reason);
}

lwsec_status lwsec_sms_response_open(const lwsec_sms_security *security, lwsec_bytes packet,
                                     lwsec_sms_response *response, lwsec_buffer *data,
                                     lwsec_reason *reason)
{
    return lwsec_sms_response_take(security, packet, response, data, NULL, reason);
}

const char *lwsec_sms_por_text(uint8_t status)
{
    static const char *const texts[] = {
        "PoR OK",
        "RC/CC/DS failed",
        "counter low",
        "counter high",
        "counter blocked",
        "ciphering error",
        "unidentified security error",
        "insufficient memory",
        "more time needed",
        "TAR unknown",
        "insufficient security level",
        "actual response to be sent by SMS-SUBMIT",
        "actual response to be sent by USSD",
    };

    return status < sizeof texts / sizeof texts[0] ? texts[status] : "reserved or proprietary";
}
