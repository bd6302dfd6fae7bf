/* Command Packets: TS 102 225 section 5.1, 3GPP TS 31.115 section 4.2. R-5.4.2.1.3-03. */
#include "smssec/command.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "smssec/frame.h"

#define COUNTER_OFFSET 10U

lwsec_status lwsec_sms_command_make(const lwsec_sms_security *security, uint64_t counter,
                                    lwsec_bytes lead, lwsec_bytes data, lwsec_buffer *out,
                                    uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    const lwsec_sms_layout layout = lwsec_sms_layout_of(LWSEC_SMS_COMMAND);
    const lwsec_sms_parameters *parameters = &security->parameters;
    uint8_t fixed[LWSEC_SMS_FIXED] = {0};
    const lwsec_bytes parts[2] = {lead, data};
    lwsec_sms_suite suite;

    out->size = 0;
    const lwsec_status status = lwsec_sms_suite_of(security, LWSEC_SMS_COMMAND, &suite, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (counter > LWSEC_SMS_COUNTER_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_SMS_COUNTER_END, 0, reason);
    }
    lwsec_writer writer = lwsec_writer_of(&fixed[3], sizeof fixed - 3);
    lwsec_writer_u8(&writer, parameters->spi1);
    lwsec_writer_u8(&writer, parameters->spi2);
    lwsec_writer_u8(&writer, parameters->kic);
    lwsec_writer_u8(&writer, parameters->kid);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(parameters->tar, sizeof parameters->tar));
    lwsec_writer_uint(&writer, counter, 5);
    return lwsec_sms_frame_seal(&layout, &suite, security, fixed, parts, out, check, reason);
}

/* What protects a packet is what was agreed on, never what the packet says of itself. Reserved bits
 * of the SPI are ignored. */
static lwsec_status check_parameters(const lwsec_sms_parameters *agreed, lwsec_bytes packet,
                                     lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(packet);

    (void)lwsec_reader_take(&reader, 3);
    const uint8_t spi1 = lwsec_reader_u8(&reader) & LWSEC_SMS_SPI1_MEANING;
    const uint8_t spi2 = lwsec_reader_u8(&reader) & LWSEC_SMS_SPI2_MEANING;
    const uint8_t kic = lwsec_reader_u8(&reader);
    const uint8_t kid = lwsec_reader_u8(&reader);
    const lwsec_bytes tar = lwsec_reader_take(&reader, 3);

    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    if (spi1 != agreed->spi1 || spi2 != agreed->spi2 || kic != agreed->kic || kid != agreed->kid ||
        !lwsec_equal_secret(tar, lwsec_bytes_of(agreed->tar, sizeof agreed->tar))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS, 3, reason);
    }
    return LWSEC_OK;
}

lwsec_status lwsec_sms_command_take(const lwsec_sms_security *security, lwsec_bytes packet,
                                    uint64_t *counter, lwsec_buffer *data,
                                    uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    const lwsec_sms_layout layout = lwsec_sms_layout_of(LWSEC_SMS_COMMAND);
    uint8_t fixed[LWSEC_SMS_FIXED];
    lwsec_sms_suite suite;

    data->size = 0;
    lwsec_status status = lwsec_sms_suite_of(security, LWSEC_SMS_COMMAND, &suite, reason);
    if (status == LWSEC_OK) {
        status = check_parameters(&security->parameters, packet, reason);
    }
    if (status == LWSEC_OK) {
        status =
            lwsec_sms_frame_open(&layout, &suite, security, packet, fixed, data, check, reason);
    }
    if (status == LWSEC_OK) {
        lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(&fixed[COUNTER_OFFSET], 5));
        *counter = lwsec_reader_uint(&reader, 5);
    }
    return status;
}

lwsec_status lwsec_sms_command_seal(const lwsec_sms_security *security, uint64_t counter,
                                    lwsec_bytes data, lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_bytes nothing = {NULL, 0};

    return lwsec_sms_command_make(security, counter, nothing, data, out, NULL, reason);
}

lwsec_status lwsec_sms_command_open(const lwsec_sms_security *security, lwsec_bytes packet,
                                    uint64_t *counter, lwsec_buffer *data, lwsec_reason *reason)
{
    return lwsec_sms_command_take(security, packet, counter, data, NULL, reason);
}
