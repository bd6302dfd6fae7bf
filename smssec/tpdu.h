/* What encoding and decoding of TPDUs share. */
#ifndef LWSEC_SMSSEC_TPDU_H
#define LWSEC_SMSSEC_TPDU_H

#include <lwsec/sms_tpdu.h>

/* The first octet: 3GPP TS 23.040 clauses 9.2.3.1, 9.2.3.3 and 9.2.3.23. */
#define LWSEC_SMS_MTI_MASK 0x03U
#define LWSEC_SMS_MTI_DELIVER 0x00U /* and SMS-DELIVER-REPORT in the other direction */
#define LWSEC_SMS_MTI_SUBMIT 0x01U
#define LWSEC_SMS_VPF_SHIFT 3U
#define LWSEC_SMS_VPF_MASK 0x03U
#define LWSEC_SMS_UDHI 0x40U

/* TP-PI, clause 9.2.3.27: the fields of today, and one more octet of TP-PI. */
#define LWSEC_SMS_PI_KNOWN 0x07U
#define LWSEC_SMS_PI_EXTENDED 0x80U

/* TP-FCS, clause 9.2.3.22: below are reserved values. */
#define LWSEC_SMS_FCS_MIN 0x80U

/* The flags that a kind has; a kind that does not exist has none. */
static inline uint8_t lwsec_sms_flags_of(lwsec_sms_tpdu_kind kind)
{
    switch (kind) {
    case LWSEC_SMS_DELIVER:
        return LWSEC_SMS_NO_MORE | LWSEC_SMS_LOOP_PREVENTION | LWSEC_SMS_STATUS_REPORT |
               LWSEC_SMS_REPLY_PATH;
    case LWSEC_SMS_SUBMIT:
        return LWSEC_SMS_REJECT_DUPLICATES | LWSEC_SMS_STATUS_REPORT | LWSEC_SMS_REPLY_PATH;
    case LWSEC_SMS_REPORT:
    case LWSEC_SMS_REPORT_ERROR: break;
    }
    return 0;
}

/* The most octets of user data that a kind may have. */
static inline size_t lwsec_sms_data_max(lwsec_sms_tpdu_kind kind)
{
    switch (kind) {
    case LWSEC_SMS_REPORT: return LWSEC_SMS_REPORT_DATA_MAX;
    case LWSEC_SMS_REPORT_ERROR: return LWSEC_SMS_ERROR_DATA_MAX;
    case LWSEC_SMS_DELIVER:
    case LWSEC_SMS_SUBMIT: break;
    }
    return LWSEC_SMS_DATA_MAX;
}

/* How many octets the validity period of that form takes; SIZE_MAX for an unknown form. */
static inline size_t lwsec_sms_validity_size(lwsec_sms_validity format)
{
    switch (format) {
    case LWSEC_SMS_VALIDITY_NONE: return 0;
    case LWSEC_SMS_VALIDITY_RELATIVE: return 1;
    case LWSEC_SMS_VALIDITY_ENHANCED:
    case LWSEC_SMS_VALIDITY_ABSOLUTE: return 7;
    }
    return SIZE_MAX;
}

/* Whether TP-UDL counts septets under that TP-DCS: 3GPP TS 23.038 clause 4. */
bool lwsec_sms_coding_septets(uint8_t coding);

#endif
