/* Values of resources as the TLV format of LwM2M writes them. */
#ifndef LWSEC_ACCOUNT_TLV_VALUES_H
#define LWSEC_ACCOUNT_TLV_VALUES_H

#include <lwsec/account.h>

/* False: bytes that no value of the type has. */
bool lwsec_tlv_value_read(lwsec_value_type type, lwsec_bytes bytes, lwsec_value *value);

/* The bytes of a value, numbers in `room` and as short as they can be. */
lwsec_bytes lwsec_tlv_value_write(const lwsec_value *value, uint8_t room[8]);

#endif
