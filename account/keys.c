/* Secrets of accounts as keys: what each becomes, and under which name a store keeps it. */
#include "account/keys.h"

#include <lwsec/oscore_object.h>
#include <lwsec/sms_packet.h>

#include "account/der.h"
#include "account/hex.h"

#include <string.h>

#define COSE_AEAD 1U
#define COSE_KEY 2U
#define SMS_SECURED 2

static bool is_sms(uint16_t object, uint16_t resource)
{
    return object == LWSEC_OBJECT_SECURITY && resource == LWSEC_SECURITY_SMS_SECRETS;
}

size_t lwsec_account_key_count(uint16_t object, uint16_t resource)
{
    return is_sms(object, resource) ? 2 : 1;
}

static int64_t number_beside(const lwsec_accounts *accounts, const lwsec_entry *entry,
                             uint16_t resource)
{
    return lwsec_image_number(
        accounts, lwsec_path_of(entry->path.object, entry->path.instance, resource), -1);
}

bool lwsec_account_is_secret(const lwsec_accounts *accounts, const lwsec_entry *entry)
{
    const lwsec_resource *resource = lwsec_resource_find(
        entry->path.object, lwsec_accounts_version(accounts, entry->path.object),
        entry->path.resource);

    return resource != NULL && resource->secret;
}

bool lwsec_account_uses(const lwsec_accounts *accounts, const lwsec_entry *entry)
{
    if (!lwsec_account_is_secret(accounts, entry) || entry->value.size == 0) {
        return false;
    }
    if (is_sms(entry->path.object, entry->path.resource)) {
        return number_beside(accounts, entry, LWSEC_SECURITY_SMS_MODE) == SMS_SECURED;
    }
    if (entry->path.object == LWSEC_OBJECT_SECURITY) {
        const int64_t mode = number_beside(accounts, entry, LWSEC_SECURITY_MODE);
        return mode == LWSEC_MODE_PSK || mode == LWSEC_MODE_RPK || mode == LWSEC_MODE_CERTIFICATE;
    }
    return true;
}

/* ---- What a key is ---- */

/* KIc enciphers, KID checks: R-5.4-07. */
static int32_t sms_algorithm(const lwsec_accounts *accounts, const lwsec_entry *entry, size_t index)
{
    lwsec_sms_parameters parameters;
    const lwsec_path path =
        lwsec_path_of(entry->path.object, entry->path.instance, LWSEC_SECURITY_SMS_PARAMETERS);

    if (lwsec_sms_parameters_read(lwsec_image_bytes(accounts, path), 0, &parameters, NULL) !=
        LWSEC_OK) {
        return 0;
    }
    const uint8_t octet = index == 0 ? parameters.kic : parameters.kid;
    if ((octet & 0x0fU) != LWSEC_SMS_KEY_AES) {
        return LWSEC_ALG_TDES_CBC;
    }
    return index == 0 ? LWSEC_ALG_AES_CBC : LWSEC_ALG_AES_CMAC;
}

int32_t lwsec_account_algorithm(const lwsec_accounts *accounts, const lwsec_entry *entry,
                                size_t index)
{
    if (is_sms(entry->path.object, entry->path.resource)) {
        return sms_algorithm(accounts, entry, index);
    }
    if (entry->path.object == LWSEC_OBJECT_SECURITY) {
        const int64_t mode = number_beside(accounts, entry, LWSEC_SECURITY_MODE);
        return mode == LWSEC_MODE_PSK ? LWSEC_ALG_PSK : LWSEC_ALG_ES256;
    }
    return entry->path.object == LWSEC_OBJECT_COSE
               ? (int32_t)number_beside(accounts, entry, COSE_AEAD)
               : LWSEC_ALG_HKDF;
}

static uint32_t usage_of(int32_t algorithm, size_t index)
{
    switch (algorithm) {
    case LWSEC_ALG_PSK: return LWSEC_USE_PSK;
    case LWSEC_ALG_ES256: return LWSEC_USE_SIGN;
    case LWSEC_ALG_HKDF: return LWSEC_USE_EXTRACT;
    case LWSEC_ALG_AES_CMAC: return LWSEC_USE_MAC;
    case LWSEC_ALG_AES_CBC: return LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT;
    case LWSEC_ALG_TDES_CBC:
        return LWSEC_USE_ENCRYPT | (index == 0 ? (uint32_t)LWSEC_USE_DECRYPT : 0U);
    default: return LWSEC_USE_SEAL | LWSEC_USE_OPEN;
    }
}

/* T-24, T-34: the bytes of a String, unless they are digits by agreement. */
static bool text_of(const lwsec_accounts *accounts, const lwsec_entry *entry,
                    lwsec_account_key *key)
{
    lwsec_writer writer = lwsec_writer_of(key->room, sizeof key->room);
    const lwsec_resource *resource = lwsec_resource_find(
        entry->path.object, lwsec_accounts_version(accounts, entry->path.object),
        entry->path.resource);

    key->raw = entry->value;
    if ((accounts->flags & LWSEC_ACCOUNTS_HEX) == 0 || resource == NULL ||
        resource->type != LWSEC_VALUE_STRING) {
        return true;
    }
    const bool good = lwsec_hex_read(entry->value, &writer);
    key->raw = lwsec_bytes_of(key->room, writer.size);
    return good && !writer.full;
}

static bool scalar_of(const lwsec_entry *entry, lwsec_account_key *key)
{
    lwsec_private_key read = {.curve = LWSEC_CURVE_NONE};
    const bool good = lwsec_der_private_key(entry->value, &read) == LWSEC_PRIVATE_GOOD;

    key->raw = read.scalar;
    return good && read.curve == LWSEC_CURVE_P256;
}

bool lwsec_account_key_of(const lwsec_accounts *accounts, const lwsec_entry *entry, size_t index,
                          lwsec_account_key *key)
{
    const size_t half = entry->value.size / 2;

    key->algorithm = lwsec_account_algorithm(accounts, entry, index);
    key->usage = usage_of(key->algorithm, index);
    key->raw = entry->value;
    if (is_sms(entry->path.object, entry->path.resource)) {
        key->raw = lwsec_bytes_of(&entry->value.data[index * half], half);
        return key->algorithm != 0;
    }
    if (key->algorithm == LWSEC_ALG_ES256) {
        return scalar_of(entry, key);
    }
    return entry->path.object == LWSEC_OBJECT_SECURITY || text_of(accounts, entry, key);
}

/* ---- Names ---- */

static void write_hex(lwsec_writer *writer, uint64_t number, size_t digits)
{
    static const char texts[] = "0123456789abcdef";

    for (size_t i = digits; i > 0; i--) {
        lwsec_writer_u8(writer, (uint8_t)texts[number >> (4 * (i - 1)) & 0xfU]);
    }
}

size_t lwsec_account_key_name(const uint8_t name[8], uint32_t generation, lwsec_path path,
                              uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX])
{
    lwsec_writer writer = lwsec_writer_of(text, LWSEC_ACCOUNT_KEY_NAME_MAX);

    lwsec_writer_bytes(&writer, lwsec_bytes_of("lwsec-", 6));
    for (size_t i = 0; i < 8; i++) {
        write_hex(&writer, name[i], 2);
    }
    lwsec_writer_u8(&writer, '-');
    write_hex(&writer, generation, 8);
    lwsec_writer_u8(&writer, '-');
    write_hex(&writer, path.object, 4);
    write_hex(&writer, path.instance, 4);
    write_hex(&writer, path.resource, 4);
    return writer.size;
}

lwsec_bytes lwsec_account_part_name(lwsec_bytes secret, size_t count, size_t index,
                                    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX])
{
    lwsec_writer writer = lwsec_writer_of(text, LWSEC_ACCOUNT_KEY_NAME_MAX);

    lwsec_writer_bytes(&writer, secret);
    if (count > 1) {
        lwsec_writer_bytes(&writer, lwsec_bytes_of(index == 0 ? "-kic" : "-kid", 4));
    }
    return lwsec_bytes_of(writer.full ? NULL : text, writer.full ? 0 : writer.size);
}
