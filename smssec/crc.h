/* The two redundancy checks of TS 102 225: no security, and no part of LwM2M. */
#ifndef LWSEC_SMSSEC_CRC_H
#define LWSEC_SMSSEC_CRC_H

#include <lwsec/bytes.h>

/* CRC-16 (x^16 + x^12 + x^5 + 1) and CRC-32 (ISO 3309), reflected, from all ones, inverted
 * (TS 102 225 section 5.1.3.2 and annex B). */
uint16_t lwsec_sms_crc16(lwsec_bytes message);
uint32_t lwsec_sms_crc32(lwsec_bytes message);

#endif
