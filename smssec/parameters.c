/* SMS Binding Key Parameters and SMS Binding Secret Keys: resources 7 and 8 of Object 0. */
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "smssec/suite.h"

#include <string.h>

#define SHORT_FORM 6U
#define LONG_FORM 7U
#define DES_KEY ((size_t)8)

/* R-5.4-08: KIc is octet 0, then KID, SPI, TAR. R-5.4-09: the most significant bit comes first, as
 * in any octet here. */
lwsec_status lwsec_sms_parameters_read(lwsec_bytes resource, uint8_t spi2,
                                       lwsec_sms_parameters *parameters, lwsec_reason *reason)
{
    static const uint8_t lwm2m[3] = LWSEC_SMS_TAR_LWM2M;
    lwsec_reader reader = lwsec_reader_of(resource);
    lwsec_sms_parameters read = {.spi2 = spi2};

    read.kic = lwsec_reader_u8(&reader);
    read.kid = lwsec_reader_u8(&reader);
    read.spi1 = lwsec_reader_u8(&reader);
    if (resource.size == LONG_FORM) {
        read.spi2 = lwsec_reader_u8(&reader);
    }
    const lwsec_bytes tar = lwsec_reader_take(&reader, sizeof read.tar);
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_equal_secret(tar, lwsec_bytes_of(lwm2m, sizeof lwm2m))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS, resource.size - sizeof lwm2m,
                            reason);
    }
    memcpy(read.tar, lwm2m, sizeof lwm2m);
    *parameters = read;
    return lwsec_accept(reason);
}

lwsec_status lwsec_sms_parameters_write(const lwsec_sms_parameters *parameters, size_t size,
                                        lwsec_buffer *out)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    out->size = 0;
    if (size != SHORT_FORM && size != LONG_FORM) {
        return LWSEC_USAGE;
    }
    if (out->capacity < size) {
        return LWSEC_BUFFER;
    }
    lwsec_writer_u8(&writer, parameters->kic);
    lwsec_writer_u8(&writer, parameters->kid);
    lwsec_writer_u8(&writer, parameters->spi1);
    if (size == LONG_FORM) {
        lwsec_writer_u8(&writer, parameters->spi2);
    }
    lwsec_writer_bytes(&writer, lwsec_bytes_of(parameters->tar, sizeof parameters->tar));
    out->size = writer.size;
    return LWSEC_OK;
}

/* ---- Keys ---- */

/* Whether two DES keys are the same cipher: the lowest bit of an octet is parity. Takes the same
 * time for all. */
static bool same_des_key(const uint8_t *one, const uint8_t *other)
{
    unsigned difference = 0;

    for (size_t i = 0; i < DES_KEY; i++) {
        difference |= (unsigned)(one[i] ^ other[i]) & 0xfeU;
    }
    return difference == 0;
}

/* R-5.4.2.1.3-08: three different keys. Of two, the store refuses equal ones by itself. */
static bool key_is_sound(uint8_t octet, lwsec_bytes raw)
{
    switch (lwsec_sms_coding(octet)) {
    case LWSEC_SMS_KEY_AES: return raw.size == 16 || raw.size == 24 || raw.size == 32;
    case LWSEC_SMS_KEY_TDES_2:
        return raw.size == 2 * DES_KEY && !same_des_key(raw.data, &raw.data[DES_KEY]);
    default:
        return raw.size == 3 * DES_KEY && !same_des_key(raw.data, &raw.data[DES_KEY]) &&
               !same_des_key(&raw.data[DES_KEY], &raw.data[2 * DES_KEY]) &&
               !same_des_key(raw.data, &raw.data[2 * DES_KEY]);
    }
}

static bool names_a_cipher(uint8_t octet)
{
    const uint8_t coding = lwsec_sms_coding(octet);

    return coding == LWSEC_SMS_KEY_AES || coding == LWSEC_SMS_KEY_TDES_2 ||
           coding == LWSEC_SMS_KEY_TDES_3;
}

static lwsec_why check_key(uint8_t octet, lwsec_bytes raw)
{
    if (!names_a_cipher(octet)) {
        return LWSEC_WHY_SMS_CODING;
    }
    return key_is_sound(octet, raw) ? LWSEC_WHY_NONE : LWSEC_WHY_SMS_KEYS;
}

static lwsec_status import_key(lwsec_store *store, uint8_t octet, lwsec_bytes raw,
                               const lwsec_key_attributes *attributes, lwsec_key *key,
                               lwsec_reason *reason)
{
    const lwsec_why why = check_key(octet, raw);

    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    const lwsec_status status = lwsec_key_import(store, attributes, raw, key);
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

lwsec_status lwsec_sms_kic_import(lwsec_store *store, uint8_t kic, lwsec_bytes raw, lwsec_key *key,
                                  lwsec_reason *reason)
{
    const bool aes = lwsec_sms_coding(kic) == LWSEC_SMS_KEY_AES;
    const lwsec_key_attributes attributes = {sizeof attributes,
                                             aes ? LWSEC_ALG_AES_CBC : LWSEC_ALG_TDES_CBC,
                                             LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
                                             {NULL, 0}};

    return import_key(store, kic, raw, &attributes, key, reason);
}

lwsec_status lwsec_sms_kid_import(lwsec_store *store, uint8_t kid, lwsec_bytes raw, lwsec_key *key,
                                  lwsec_reason *reason)
{
    const bool aes = lwsec_sms_coding(kid) == LWSEC_SMS_KEY_AES;
    const lwsec_key_attributes attributes = {sizeof attributes,
                                             aes ? LWSEC_ALG_AES_CMAC : LWSEC_ALG_TDES_CBC,
                                             aes ? LWSEC_USE_MAC : LWSEC_USE_ENCRYPT,
                                             {NULL, 0}};

    return import_key(store, kid, raw, &attributes, key, reason);
}

static lwsec_status import_both(lwsec_store *store, const lwsec_sms_parameters *parameters,
                                lwsec_bytes kic, lwsec_bytes kid, lwsec_key *kic_key,
                                lwsec_key *kid_key, lwsec_reason *reason)
{
    lwsec_key first;
    lwsec_key second;

    lwsec_status status = lwsec_sms_kic_import(store, parameters->kic, kic, &first, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_sms_kid_import(store, parameters->kid, kid, &second, reason);
    if (status != LWSEC_OK) {
        return lwsec_key_destroy(&first) == LWSEC_OK ? status : LWSEC_ENGINE;
    }
    *kic_key = first;
    *kid_key = second;
    return LWSEC_OK;
}

static bool both_aes(const lwsec_sms_parameters *parameters)
{
    return lwsec_sms_coding(parameters->kic) == LWSEC_SMS_KEY_AES &&
           lwsec_sms_coding(parameters->kid) == LWSEC_SMS_KEY_AES;
}

/* Whether KIc and KID, of one size, are one key: to triple DES they are so but for parity. Takes
 * the same time for all. */
static bool same_key(const lwsec_sms_parameters *parameters, lwsec_bytes kic, lwsec_bytes kid)
{
    const unsigned counts = both_aes(parameters) ? 0xffU : 0xfeU;
    unsigned difference = 0;

    for (size_t i = 0; i < kic.size; i++) {
        difference |= (unsigned)(kic.data[i] ^ kid.data[i]) & counts;
    }
    return difference == 0;
}

lwsec_status lwsec_sms_keys_import(lwsec_store *store, const lwsec_sms_parameters *parameters,
                                   lwsec_bytes raw, uint32_t flags, lwsec_key *kic_key,
                                   lwsec_key *kid_key, lwsec_reason *reason)
{
    const bool one_key = raw.size == 16 && (flags & LWSEC_SMS_ONE_KEY) != 0;
    const size_t half = one_key ? raw.size : raw.size / 2;

    if ((flags & ~LWSEC_SMS_ONE_KEY) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (raw.size % 2 != 0 || half < 16 || (one_key && !both_aes(parameters))) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_SMS_KEYS, 0, reason);
    }
    const lwsec_bytes kic = lwsec_bytes_of(raw.data, half);
    const lwsec_bytes kid = one_key ? kic : lwsec_bytes_of(&raw.data[half], half);
    if (!one_key && same_key(parameters, kic, kid)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_SMS_KEYS, 0, reason);
    }
    return import_both(store, parameters, kic, kid, kic_key, kid_key, reason);
}
