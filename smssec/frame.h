/* What command and response have in common: 16 octets, a check, data, padding. */
#ifndef LWSEC_SMSSEC_FRAME_H
#define LWSEC_SMSSEC_FRAME_H

#include "smssec/suite.h"

/*
 * The octets that the check covers before the data, 16 of them in both kinds:
 *
 *   command                CPL(2) CHL SPI(2) KIc KID TAR(3) | CNTR(5) PCNTR
 *   response  02 71 00     RPL(2) RHL TAR(3)                | CNTR(5) PCNTR STATUS
 *
 * Ciphering begins at the bar. The check stands behind them in the packet, and the first three of a
 * response do not stand in it at all.
 */
#define LWSEC_SMS_FIXED 16U

typedef struct lwsec_sms_layout {
    size_t prefix; /* octets that are covered and stand outside of the packet */
    size_t clear;  /* octets of the packet that are never ciphered */
} lwsec_sms_layout;

static inline lwsec_sms_layout lwsec_sms_layout_of(lwsec_sms_kind kind)
{
    const lwsec_sms_layout command = {0, 10};
    const lwsec_sms_layout response = {3, 6};
    return kind == LWSEC_SMS_RESPONSE ? response : command;
}

/* CHL or RHL: from behind itself to the end of a check of this size. */
static inline size_t lwsec_sms_header_length(const lwsec_sms_layout *layout, size_t check_size)
{
    return LWSEC_SMS_FIXED - layout->prefix - 3 + check_size;
}

/*
 * Makes a packet out of the fixed octets, in which lengths and PCNTR are still open, and data in
 * two parts. `made`, if not NULL, is the check that stands in it.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_frame_seal(
    const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
    const lwsec_sms_security *security, uint8_t fixed[LWSEC_SMS_FIXED], const lwsec_bytes data[2],
    lwsec_buffer *out, uint8_t made[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason);

/* Opens a packet: the fixed octets, deciphered, and the data, once all is checked. `found`, if not
 * NULL, is the check that stands in it. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_frame_open(
    const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
    const lwsec_sms_security *security, lwsec_bytes packet, uint8_t fixed[LWSEC_SMS_FIXED],
    lwsec_buffer *data, uint8_t found[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason);

#endif
