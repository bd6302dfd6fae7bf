/* The header of an item of the TLV format of LwM2M. */
#ifndef LWSEC_ACCOUNT_TLV_H
#define LWSEC_ACCOUNT_TLV_H

#include <lwsec/lwm2m_tlv.h>

#define LWSEC_TLV_HEADER_MAX 6U

/* Writes the header of an item with a value of `size` bytes; gives the length of the header. */
size_t lwsec_tlv_header(lwsec_tlv_kind kind, uint16_t id, size_t size,
                        uint8_t header[LWSEC_TLV_HEADER_MAX]);

#endif
