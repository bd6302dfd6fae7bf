/* Hexadecimal digits of secrets. */
#ifndef LWSEC_ACCOUNT_HEX_H
#define LWSEC_ACCOUNT_HEX_H

#include "core/writer.h"

/* Writes the bytes of pairs of digits. False: something else is among them. */
bool lwsec_hex_read(lwsec_bytes digits, lwsec_writer *writer);

#endif
