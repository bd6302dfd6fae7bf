/* The parts of a path or a query, one after the other, and written as options. */
#ifndef LWSEC_COAP_URI_PARTS_H
#define LWSEC_COAP_URI_PARTS_H

#include <lwsec/coap_uri.h>

#include "core/writer.h"

/* What stands between the segments of a path, and between the arguments of a query. */
#define LWSEC_COAP_PATH_SEPARATOR '/'
#define LWSEC_COAP_QUERY_SEPARATOR '&'

/* Takes the next part, still percent-encoded, off the front of `rest`; false when `rest` has NULL
 * data, which it gets with its last part. */
bool lwsec_coap_uri_part(lwsec_bytes *rest, char separator, lwsec_bytes *part);

/* Size of a part once it is percent-decoded. The encoding was checked before. */
size_t lwsec_coap_uri_decoded_size(lwsec_bytes part);

/* Percent-decodes a part into the writer. */
void lwsec_coap_uri_write_decoded(lwsec_writer *writer, lwsec_bytes part);

/* Writes one option of this number for each part, and gives the number of the option written last:
 * `previous` if there was no part. */
uint32_t lwsec_coap_uri_write_options(lwsec_writer *writer, uint32_t previous, uint32_t number,
                                      lwsec_bytes parts, char separator);

/* Writes scheme, host and port: lwsec_coap_uri_origin. */
void lwsec_coap_uri_write_origin(lwsec_writer *writer, const lwsec_coap_uri *uri);

#endif
