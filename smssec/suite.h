/* What SPI, KIc and KID choose: algorithms, sizes, and whether the profile allows them. */
#ifndef LWSEC_SMSSEC_SUITE_H
#define LWSEC_SMSSEC_SUITE_H

#include <lwsec/sms_packet.h>

/* How RC/CC is made. */
typedef enum lwsec_sms_check {
    LWSEC_SMS_CHECK_NONE = 0,
    LWSEC_SMS_CHECK_CRC16,
    LWSEC_SMS_CHECK_CRC32,
    LWSEC_SMS_CHECK_CMAC,
    LWSEC_SMS_CHECK_CBC_MAC
} lwsec_sms_check;

typedef struct lwsec_sms_suite {
    lwsec_sms_check check;
    uint8_t check_size;
    uint8_t block; /* of the cipher; 0: not ciphered */
} lwsec_sms_suite;

#define LWSEC_SMS_CHECK_MAX 8U

/* Whether the check proves who wrote the packet. */
static inline bool lwsec_sms_suite_authentic(const lwsec_sms_suite *suite)
{
    return suite->check == LWSEC_SMS_CHECK_CMAC || suite->check == LWSEC_SMS_CHECK_CBC_MAC;
}

/* The low bits of KIc or KID, which name the algorithm; and whether they leave it open. */
static inline uint8_t lwsec_sms_coding(uint8_t octet)
{
    return octet & 0x0f;
}

static inline bool lwsec_sms_coding_implicit(uint8_t octet)
{
    return (octet & 0x03) == 0;
}

/* The suite for one kind of packet, all of it checked. LWSEC_USAGE: SMS_CODING, SMS_KEYS, CONFIG.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_suite_of(const lwsec_sms_security *security,
                                                 lwsec_sms_kind kind, lwsec_sms_suite *suite,
                                                 lwsec_reason *reason);

/* Whether the LwM2M profile allows the parameters. */
bool lwsec_sms_lwm2m_allows(const lwsec_sms_parameters *parameters);

/* The check over `message`, and the comparison with one that was received, in constant time. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_check_make(const lwsec_sms_suite *suite, lwsec_key kid_key,
                                                   lwsec_bytes message,
                                                   uint8_t check[LWSEC_SMS_CHECK_MAX]);
LWSEC_MUST_CHECK lwsec_status lwsec_sms_check_verify(const lwsec_sms_suite *suite,
                                                     lwsec_key kid_key, lwsec_bytes message,
                                                     lwsec_bytes check);

#endif
