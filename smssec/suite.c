/* What SPI, KIc and KID choose. TS 102 225 sections 5.1.1 to 5.1.3. */
#include "smssec/suite.h"

#include "core/reason.h"
#include "core/writer.h"
#include "crypto/cbc_mac.h"
#include "crypto/use.h"
#include "smssec/crc.h"

#include <string.h>

#define CC_SIZE 8U
#define CC_SIZE_SHORT 4U

/* ---- Codings ---- */

/* SPI1 and SPI2 ask for the same things in other bits. */
typedef struct wish {
    uint8_t check; /* LWSEC_SMS_SPI1_NO_CHECK, _RC, _CC, _DS */
    bool cipher;
} wish;

static wish wish_of(const lwsec_sms_parameters *parameters, lwsec_sms_kind kind)
{
    if (kind == LWSEC_SMS_COMMAND) {
        const wish command = {parameters->spi1 & LWSEC_SMS_SPI1_CHECK,
                              (parameters->spi1 & LWSEC_SMS_SPI1_CIPHER) != 0};
        return command;
    }
    const wish response = {(uint8_t)((parameters->spi2 & LWSEC_SMS_SPI2_CHECK) >> 2),
                           (parameters->spi2 & LWSEC_SMS_SPI2_CIPHER) != 0};
    return response;
}

/* The algorithm that a coding names, or 0 for one that is refused. R-5.4.2.1.3-06: single DES is
 * not among them. */
static int32_t algorithm_of(uint8_t octet, int32_t aes)
{
    switch (lwsec_sms_coding(octet)) {
    case LWSEC_SMS_KEY_AES: return aes;
    case LWSEC_SMS_KEY_TDES_2:
    case LWSEC_SMS_KEY_TDES_3: return LWSEC_ALG_TDES_CBC;
    default: return 0;
    }
}

/* R-5.4.2.1.3-04, R-5.4.2.1.3-05, R-5.4.2.1.3-07, R-5.4.2.1.3-08, R-5.4.2.1.3-09, R-5.4.2.1.3-10,
 * R-5.4.2.1.3-12. Key sets do not matter here. */
bool lwsec_sms_lwm2m_allows(const lwsec_sms_parameters *parameters)
{
    static const uint8_t tar[3] = LWSEC_SMS_TAR_LWM2M;
    const uint8_t kic = lwsec_sms_coding(parameters->kic);
    const uint8_t kid = lwsec_sms_coding(parameters->kid);
    const uint8_t por_check = parameters->spi2 & LWSEC_SMS_SPI2_CHECK;

    return parameters->spi1 ==
               (LWSEC_SMS_SPI1_CC | LWSEC_SMS_SPI1_CIPHER | LWSEC_SMS_SPI1_COUNTER_HIGHER) &&
           (kic == LWSEC_SMS_KEY_AES || kic == LWSEC_SMS_KEY_TDES_3) &&
           (kid == LWSEC_SMS_KEY_AES || kid == LWSEC_SMS_KEY_TDES_3) &&
           (por_check == 0 || por_check == LWSEC_SMS_SPI2_CC) && parameters->tar[0] == tar[0] &&
           parameters->tar[1] == tar[1] && parameters->tar[2] == tar[2];
}

static bool spi_has_meaning(const lwsec_sms_parameters *parameters)
{
    return (parameters->spi1 & ~LWSEC_SMS_SPI1_MEANING) == 0 &&
           (parameters->spi2 & ~LWSEC_SMS_SPI2_MEANING) == 0 &&
           (parameters->spi2 & LWSEC_SMS_SPI2_POR) != LWSEC_SMS_SPI2_POR;
}

/* Both keys come from one set, unless one of them does not name any. */
static bool one_key_set(const lwsec_sms_parameters *parameters)
{
    const uint8_t kic = parameters->kic >> 4;
    const uint8_t kid = parameters->kid >> 4;

    return kic == kid || kic == 0 || kid == 0;
}

/* ---- Keys ---- */

/* The algorithm of a key that is there; 0 for none. */
static int32_t algorithm_of_key(lwsec_key key)
{
    lwsec_key_description description = {.size = sizeof description};

    return lwsec_key_describe(key, &description) == LWSEC_OK ? description.algorithm : 0;
}

static lwsec_why choose_algorithm(uint8_t octet, lwsec_key key, int32_t aes, int32_t *algorithm)
{
    const int32_t present = algorithm_of_key(key);

    *algorithm = algorithm_of(octet, aes);
    if (lwsec_sms_coding_implicit(octet)) {
        *algorithm = present == aes || present == LWSEC_ALG_TDES_CBC ? present : 0;
        return *algorithm != 0 ? LWSEC_WHY_NONE : LWSEC_WHY_SMS_KEYS;
    }
    if (*algorithm == 0) {
        return LWSEC_WHY_SMS_CODING;
    }
    return present == *algorithm ? LWSEC_WHY_NONE : LWSEC_WHY_SMS_KEYS;
}

/* One handle for both purposes: triple DES ciphers and makes its checksum with the same algorithm,
 * so that nothing else would tell. */
static bool one_key(const lwsec_sms_security *security)
{
    const lwsec_key kic = security->kic_key;
    const lwsec_key kid = security->kid_key;

    return kic.store == kid.store && kic.slot == kid.slot && kic.generation == kid.generation;
}

/* ---- The suite ---- */

/* KID means one thing under a redundancy check and another under a cryptographic one. */
static lwsec_why choose_redundancy(uint8_t kid, lwsec_sms_suite *suite)
{
    switch (lwsec_sms_coding(kid)) {
    case LWSEC_SMS_KID_CRC16:
        suite->check = LWSEC_SMS_CHECK_CRC16;
        suite->check_size = 2;
        return LWSEC_WHY_NONE;
    case LWSEC_SMS_KID_CRC32:
        suite->check = LWSEC_SMS_CHECK_CRC32;
        suite->check_size = 4;
        return LWSEC_WHY_NONE;
    default: return LWSEC_WHY_SMS_CODING;
    }
}

static lwsec_why choose_checksum(const lwsec_sms_security *security, lwsec_sms_suite *suite)
{
    int32_t algorithm;
    const lwsec_why why = choose_algorithm(security->parameters.kid, security->kid_key,
                                           LWSEC_ALG_AES_CMAC, &algorithm);

    if (why != LWSEC_WHY_NONE) {
        return why;
    }
    const bool cmac = algorithm == LWSEC_ALG_AES_CMAC;
    suite->check = cmac ? LWSEC_SMS_CHECK_CMAC : LWSEC_SMS_CHECK_CBC_MAC;
    suite->check_size = security->check_size != 0 ? security->check_size : CC_SIZE;
    return suite->check_size == CC_SIZE || (cmac && suite->check_size == CC_SIZE_SHORT)
               ? LWSEC_WHY_NONE
               : LWSEC_WHY_CONFIG;
}

static lwsec_why choose_check(const lwsec_sms_security *security, uint8_t check,
                              lwsec_sms_suite *suite)
{
    switch (check) {
    case LWSEC_SMS_SPI1_NO_CHECK: return LWSEC_WHY_NONE;
    case LWSEC_SMS_SPI1_RC: return choose_redundancy(security->parameters.kid, suite);
    case LWSEC_SMS_SPI1_CC: return choose_checksum(security, suite);
    default: return LWSEC_WHY_SMS_CODING;
    }
}

static lwsec_why choose_cipher(const lwsec_sms_security *security, lwsec_sms_suite *suite)
{
    int32_t algorithm;
    const lwsec_why why = choose_algorithm(security->parameters.kic, security->kic_key,
                                           LWSEC_ALG_AES_CBC, &algorithm);

    if (why == LWSEC_WHY_NONE) {
        suite->block = algorithm == LWSEC_ALG_AES_CBC ? 16 : 8;
    }
    return why;
}

static lwsec_why choose(const lwsec_sms_security *security, lwsec_sms_kind kind,
                        lwsec_sms_suite *suite)
{
    const lwsec_sms_parameters *parameters = &security->parameters;
    const wish wanted = wish_of(parameters, kind);
    const lwsec_sms_suite nothing = {LWSEC_SMS_CHECK_NONE, 0, 0};

    *suite = nothing;
    if (security->size != sizeof *security ||
        (security->profile != LWSEC_SMS_LWM2M && security->profile != LWSEC_SMS_ETSI)) {
        return LWSEC_WHY_CONFIG;
    }
    if (!spi_has_meaning(parameters) ||
        (security->profile == LWSEC_SMS_LWM2M && !lwsec_sms_lwm2m_allows(parameters))) {
        return LWSEC_WHY_SMS_CODING;
    }
    lwsec_why why = choose_check(security, wanted.check, suite);
    if (why == LWSEC_WHY_NONE && wanted.cipher) {
        why = choose_cipher(security, suite);
    }
    const bool both = why == LWSEC_WHY_NONE && wanted.cipher && lwsec_sms_suite_authentic(suite);
    if (both && !one_key_set(parameters)) {
        return LWSEC_WHY_SMS_CODING;
    }
    if (both && security->profile == LWSEC_SMS_LWM2M && one_key(security)) {
        return LWSEC_WHY_SMS_KEYS;
    }
    return why;
}

lwsec_status lwsec_sms_suite_of(const lwsec_sms_security *security, lwsec_sms_kind kind,
                                lwsec_sms_suite *suite, lwsec_reason *reason)
{
    const lwsec_why why = choose(security, kind, suite);

    return why == LWSEC_WHY_NONE ? LWSEC_OK : lwsec_refuse(LWSEC_USAGE, why, 0, reason);
}

lwsec_status lwsec_sms_security_check(const lwsec_sms_security *security, lwsec_reason *reason)
{
    lwsec_sms_suite suite;

    lwsec_status status = lwsec_sms_suite_of(security, LWSEC_SMS_COMMAND, &suite, reason);
    if (status == LWSEC_OK && (security->parameters.spi2 & LWSEC_SMS_SPI2_POR) != 0) {
        status = lwsec_sms_suite_of(security, LWSEC_SMS_RESPONSE, &suite, reason);
    }
    return status == LWSEC_OK ? lwsec_accept(reason) : status;
}

/* ---- The check ---- */

static lwsec_status make_checksum(const lwsec_sms_suite *suite, lwsec_key kid_key,
                                  lwsec_bytes message, uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    uint8_t whole[16];

    if (suite->check == LWSEC_SMS_CHECK_CBC_MAC) {
        return lwsec_cbc_mac(kid_key, message, check);
    }
    const lwsec_status status =
        lwsec_key_at_once(kid_key, lwsec_key_mac(kid_key, message, whole, sizeof whole));
    if (status == LWSEC_OK) {
        memcpy(check, whole, suite->check_size);
    }
    lwsec_wipe(whole, sizeof whole);
    return status;
}

lwsec_status lwsec_sms_check_make(const lwsec_sms_suite *suite, lwsec_key kid_key,
                                  lwsec_bytes message, uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    lwsec_writer writer = lwsec_writer_of(check, LWSEC_SMS_CHECK_MAX);

    switch (suite->check) {
    case LWSEC_SMS_CHECK_NONE: return LWSEC_OK;
    case LWSEC_SMS_CHECK_CRC16:
        lwsec_writer_uint(&writer, lwsec_sms_crc16(message), 2);
        return LWSEC_OK;
    case LWSEC_SMS_CHECK_CRC32:
        lwsec_writer_uint(&writer, lwsec_sms_crc32(message), 4);
        return LWSEC_OK;
    default: return make_checksum(suite, kid_key, message, check);
    }
}

lwsec_status lwsec_sms_check_verify(const lwsec_sms_suite *suite, lwsec_key kid_key,
                                    lwsec_bytes message, lwsec_bytes check)
{
    uint8_t expected[LWSEC_SMS_CHECK_MAX] = {0};

    lwsec_status status = lwsec_sms_check_make(suite, kid_key, message, expected);
    if (status == LWSEC_OK &&
        !lwsec_equal_secret(lwsec_bytes_of(expected, suite->check_size), check)) {
        status = LWSEC_REJECT;
    }
    lwsec_wipe(expected, sizeof expected);
    return status;
}
