/* base64url without padding: RFC 4648 section 5. No secrets: it looks into tables. */
#ifndef LWSEC_OSCORE_BASE64URL_H
#define LWSEC_OSCORE_BASE64URL_H

#include "core/reader.h"
#include "core/writer.h"

void lwsec_base64url_write(lwsec_writer *writer, lwsec_bytes bytes);

/* Reads to the end of the reader, or fails it: with LWSEC_WHY_HTTP, or with LWSEC_WHY_NOT_CANONICAL
 * where unused bits are not zero. */
void lwsec_base64url_read(lwsec_reader *reader, lwsec_writer *writer);

#endif
