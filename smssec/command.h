/* Command Packets, with the check that stands in them: for the association. */
#ifndef LWSEC_SMSSEC_COMMAND_H
#define LWSEC_SMSSEC_COMMAND_H

#include "smssec/suite.h"

/* As lwsec_sms_command_seal and lwsec_sms_command_open; `check` is the CC that the packet holds,
 * with zeros behind a shorter one. The data are `lead`, then `data`. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_command_make(const lwsec_sms_security *security,
                                                     uint64_t counter, lwsec_bytes lead,
                                                     lwsec_bytes data, lwsec_buffer *out,
                                                     uint8_t check[LWSEC_SMS_CHECK_MAX],
                                                     lwsec_reason *reason);
LWSEC_MUST_CHECK lwsec_status lwsec_sms_command_take(const lwsec_sms_security *security,
                                                     lwsec_bytes packet, uint64_t *counter,
                                                     lwsec_buffer *data,
                                                     uint8_t check[LWSEC_SMS_CHECK_MAX],
                                                     lwsec_reason *reason);

/* The same for Response Packets. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_response_make(const lwsec_sms_security *security,
                                                      const lwsec_sms_response *response,
                                                      lwsec_bytes data, lwsec_buffer *out,
                                                      uint8_t check[LWSEC_SMS_CHECK_MAX],
                                                      lwsec_reason *reason);
LWSEC_MUST_CHECK lwsec_status lwsec_sms_response_take(
    const lwsec_sms_security *security, lwsec_bytes packet, lwsec_sms_response *response,
    lwsec_buffer *data, uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason);

#endif
