/* Addresses of short messages, as the TPDUs and the card's payloads carry them. */
#ifndef LWSEC_SMSSEC_ADDRESS_H
#define LWSEC_SMSSEC_ADDRESS_H

#include <lwsec/sms_tpdu.h>

#include "core/reader.h"
#include "core/writer.h"

/* Reads an address; the reader fails on one that is malformed. */
void lwsec_sms_read_address(lwsec_reader *reader, lwsec_sms_address *address);

/* Whether an address may stand on the wire. */
bool lwsec_sms_address_valid(const lwsec_sms_address *address);

/* Writes a valid address. */
void lwsec_sms_put_address(lwsec_writer *writer, const lwsec_sms_address *address);

/* The semi-octet at `index`, which is below `digits` of a valid address. */
static inline uint8_t lwsec_sms_digit(const lwsec_sms_address *address, size_t index)
{
    return (uint8_t)(address->value[index / 2] >> (index % 2 == 0 ? 0 : 4) & 0x0f);
}

#endif
