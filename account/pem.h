/* Certificates in PEM: RFC 7468. */
#ifndef LWSEC_ACCOUNT_PEM_H
#define LWSEC_ACCOUNT_PEM_H

#include "core/reader.h"
#include "core/writer.h"

/* Whether a value is text that begins a block with the label CERTIFICATE. */
bool lwsec_pem_is_certificate(lwsec_bytes value);

/* Writes the bytes of the next certificate. A failed reader: it is malformed. */
void lwsec_pem_certificate(lwsec_reader *text, lwsec_writer *out);

/* Passes white space. */
void lwsec_pem_skip(lwsec_reader *text);

#endif
