/* The deterministic subset of CBOR (RFC 8949 section 4.2.1) that OSCORE and COSE need. */
#ifndef LWSEC_CORE_CBOR_H
#define LWSEC_CORE_CBOR_H

#include "core/reader.h"
#include "core/writer.h"

/* Writing: lengths and numbers in their shortest form, definite lengths only. */
void lwsec_cbor_write_int(lwsec_writer *writer, int64_t number);
void lwsec_cbor_write_bytes(lwsec_writer *writer, lwsec_bytes bytes);
void lwsec_cbor_write_text(lwsec_writer *writer, const char *text);
void lwsec_cbor_write_array(lwsec_writer *writer, size_t items); /* the items follow */
void lwsec_cbor_write_map(lwsec_writer *writer, size_t pairs);   /* key, value, key, value follow */
void lwsec_cbor_write_null(lwsec_writer *writer);

/* Reading: any other encoding of the same value fails with NOT_CANONICAL, another type with
 * WRONG_TYPE. The order of the keys of a map is the caller's to judge. */
int64_t lwsec_cbor_read_int(lwsec_reader *reader);
lwsec_bytes lwsec_cbor_read_bytes(lwsec_reader *reader); /* empty: non-NULL data, size 0 */
lwsec_bytes lwsec_cbor_read_text(lwsec_reader *reader);  /* UTF-8 is not judged */
size_t lwsec_cbor_read_array(lwsec_reader *reader);
size_t lwsec_cbor_read_map(lwsec_reader *reader);
bool lwsec_cbor_read_null(lwsec_reader *reader); /* false, and nothing read, if it is not null */

#endif
