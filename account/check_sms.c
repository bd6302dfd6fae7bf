/* Resources 6 to 9 of the Security object: section 5.4. */
#include "account/report.h"

#include <lwsec/sms_packet.h>

/* SMS Security Mode; 2 is the one with secured packets. */
enum { MODE_DTLS = 1, MODE_SECURED = 2, MODE_NOSEC = 3, MODE_RESERVED_END = 203 };

#define PARAMETERS LWSEC_SECURITY_SMS_PARAMETERS
#define SECRETS LWSEC_SECURITY_SMS_SECRETS
#define CODING 0x0fU
#define DES_KEY ((size_t)8)

/* R-5.4.2.1.3-05, R-5.4.2.1.3-06, R-5.4.2.1.3-07: AES, or triple DES; never single DES. */
static void check_coding(const lwsec_subject *subject, uint8_t octet)
{
    const uint8_t coding = octet & CODING;

    if (coding == LWSEC_SMS_KEY_TDES_3) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2.1.3-07", LWSEC_BREAKS_SHOULD,
                   "triple DES where AES should be used");
    } else if (coding == LWSEC_SMS_KEY_TDES_2) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2.1.3-08", LWSEC_BREAKS_MUST,
                   "triple DES with two keys: it has to have three different ones");
    } else if (coding == 0x1 || coding == 0xd) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2.1.3-06", LWSEC_BREAKS_MUST, "single DES");
    } else if (coding != LWSEC_SMS_KEY_AES) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2.1.3-05", LWSEC_BREAKS_MUST,
                   "KIc or KID name an algorithm that is neither AES nor triple DES");
    }
}

/* R-5.4.2.1.3-04: checksum, ciphering, a counter that must be higher. */
static void check_parameters(const lwsec_subject *subject, const lwsec_sms_parameters *parameters)
{
    const uint8_t wanted =
        LWSEC_SMS_SPI1_CC | LWSEC_SMS_SPI1_CIPHER | LWSEC_SMS_SPI1_COUNTER_HIGHER;

    if ((parameters->spi1 & LWSEC_SMS_SPI1_MEANING) != wanted) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2.1.3-04", LWSEC_BREAKS_MUST,
                   "the SPI does not ask for checksum, ciphering and a higher counter");
    }
    check_coding(subject, parameters->kic);
    if (((parameters->kic ^ parameters->kid) & CODING) != 0) {
        check_coding(subject, parameters->kid);
    }
}

/* Whether two of the three DES keys in a triple one are the same: the lowest bit is parity. */
static bool repeats_des_key(lwsec_bytes key)
{
    unsigned differences[3] = {0, 0, 0};

    for (size_t i = 0; i < DES_KEY; i++) {
        const uint8_t *octet = &key.data[i];
        differences[0] |= (unsigned)(octet[0] ^ octet[DES_KEY]) & 0xfeU;
        differences[1] |= (unsigned)(octet[DES_KEY] ^ octet[2 * DES_KEY]) & 0xfeU;
        differences[2] |= (unsigned)(octet[0] ^ octet[2 * DES_KEY]) & 0xfeU;
    }
    return differences[0] == 0 || differences[1] == 0 || differences[2] == 0;
}

/* R-5.4.2.1.3-08: of three keys no two are the same. */
static void check_triple_des(const lwsec_subject *subject, lwsec_bytes kic, lwsec_bytes kid)
{
    if (repeats_des_key(kic) || repeats_des_key(kid)) {
        lwsec_tell(subject, SECRETS, "R-5.4.2.1.3-08", LWSEC_BREAKS_MUST,
                   "triple DES of which two keys are the same");
    }
}

/* R-5.4-07 (T-18): resources 7 and 8 hold the keys of SMS; two of one size, KIc first. */
static void check_secrets(const lwsec_subject *subject, const lwsec_sms_parameters *parameters)
{
    const lwsec_bytes secrets = lwsec_subject_bytes(subject, SECRETS);
    const size_t half = secrets.size / 2;
    const bool des = (parameters->kic & CODING) == LWSEC_SMS_KEY_TDES_3;

    if (secrets.size == 0) {
        return;
    }
    if (secrets.size != 2 * half || (half != 16 && half != 24 && half != 32) ||
        (des && half != 24)) {
        lwsec_tell(subject, SECRETS, "R-5.4-07", LWSEC_BREAKS_MUST,
                   "the secret keys are not two keys of the size that KIc and KID need");
    } else if (lwsec_equal_secret(lwsec_bytes_of(secrets.data, half),
                                  lwsec_bytes_of(&secrets.data[half], half))) {
        lwsec_tell(subject, SECRETS, "R-5.4-07", LWSEC_BREAKS_MUST,
                   "the keys for ciphering and for the checksum are the same");
    } else if (des) {
        check_triple_des(subject, lwsec_bytes_of(secrets.data, half),
                         lwsec_bytes_of(&secrets.data[half], half));
    }
}

/* R-5.4.2-01, R-5.4.2-05: mode 2 needs resources 7 and 8. R-5.4-08: KIc, KID, SPI, TAR.
 * R-5.4.2.1.3-12: the TAR is B20203. */
static void check_secured(const lwsec_subject *subject)
{
    lwsec_sms_parameters parameters = {.kic = LWSEC_SMS_KEY_AES};

    if (!lwsec_subject_filled(subject, PARAMETERS)) {
        lwsec_tell(subject, PARAMETERS, "R-5.4.2-05", LWSEC_BREAKS_MUST,
                   "SMS Secured mode without SMS Binding Key Parameters");
    } else if (lwsec_sms_parameters_read(lwsec_subject_bytes(subject, PARAMETERS), 0, &parameters,
                                         NULL) != LWSEC_OK) {
        lwsec_tell(subject, PARAMETERS, "R-5.4-08", LWSEC_BREAKS_MUST,
                   "the parameters are not KIc, KID, SPI and the TAR B20203");
    } else {
        check_parameters(subject, &parameters);
    }
    if (!lwsec_subject_filled(subject, SECRETS)) {
        lwsec_tell(subject, SECRETS, "R-5.4.2-05", LWSEC_BREAKS_MUST,
                   "SMS Secured mode without SMS Binding Secret Keys");
    } else {
        check_secrets(subject, &parameters);
    }
}

/* R-5.4.1-01, R-5.4.1-02: NoSec for SMS is for OSCORE, and for triggers. */
static void check_nosec(const lwsec_subject *subject)
{
    if (!lwsec_subject_has(subject, LWSEC_SECURITY_OSCORE)) {
        lwsec_tell(subject, LWSEC_SECURITY_SMS_MODE, "R-5.4.1-01", LWSEC_BREAKS_SHOULD,
                   "SMS NoSec without OSCORE: good for triggers alone");
    }
}

void lwsec_check_sms(const lwsec_subject *subject)
{
    const int64_t mode = lwsec_subject_number(subject, LWSEC_SECURITY_SMS_MODE, -1);

    if (mode < 0) {
        if (lwsec_subject_has(subject, PARAMETERS) || lwsec_subject_has(subject, SECRETS)) {
            lwsec_tell(subject, LWSEC_SECURITY_SMS_MODE, "R-5.4.2-01", LWSEC_BREAKS_SHOULD,
                       "SMS keys without an SMS Security Mode: they are not used");
        }
        return;
    }
    if (mode == 0 || (mode > MODE_NOSEC && mode <= MODE_RESERVED_END)) {
        lwsec_tell(subject, LWSEC_SECURITY_SMS_MODE, "R-5.4.2-01", LWSEC_BREAKS_SHOULD,
                   "the SMS Security Mode is reserved");
    } else if (mode == MODE_SECURED) {
        check_secured(subject);
    } else if (mode == MODE_NOSEC) {
        check_nosec(subject);
    }
    /* R-5.4-03: messages from any other number are ignored. */
    if (!lwsec_subject_filled(subject, LWSEC_SECURITY_SMS_NUMBER)) {
        lwsec_tell(subject, LWSEC_SECURITY_SMS_NUMBER, "R-5.4-03", LWSEC_BREAKS_SHOULD,
                   "no LwM2M Server SMS Number: every message will be ignored");
    }
}
