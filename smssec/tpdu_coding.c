/* What TP-PID and TP-DCS say: 3GPP TS 23.038 clause 4. */
#include "smssec/tpdu.h"

/* General data coding, with and without automatic deletion: bits 8 and 7 are 0x. */
static bool general_septets(uint8_t coding)
{
    const bool compressed = (coding & 0x20U) != 0;
    const unsigned alphabet = coding >> 2 & 3U;

    /* 1 is 8-bit data, 2 is UCS2; 3 is reserved, and read as the default alphabet. */
    return !compressed && alphabet != 1 && alphabet != 2;
}

bool lwsec_sms_coding_septets(uint8_t coding)
{
    switch (coding >> 4) {
    case 0xf: return (coding & 0x04U) == 0; /* data coding and message class */
    case 0xe: return false;                 /* message waiting, UCS2 */
    default: return coding >= 0x80U || general_septets(coding);
    }
}

/* R-5.4.2.1.2-02, R-5.4.2.1.2-03. */
bool lwsec_sms_is_download(const lwsec_sms_tpdu *tpdu)
{
    return tpdu->protocol == LWSEC_SMS_PID_DOWNLOAD &&
           (tpdu->coding == LWSEC_SMS_DCS_CLASS2 || tpdu->coding == LWSEC_SMS_DCS_CLASS2_GENERAL);
}
