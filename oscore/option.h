/* Reading an OSCORE option inside of the library. */
#ifndef LWSEC_OSCORE_OPTION_H
#define LWSEC_OSCORE_OPTION_H

#include <lwsec/oscore.h>

#include "core/reader.h"

/* Flags in the first byte, over the size of the Partial IV. */
#define LWSEC_OSCORE_FLAG_KID_CONTEXT 0x10U
#define LWSEC_OSCORE_FLAG_KID 0x08U

/*
 * The fields of an option value whose first byte, `flags`, was read and found without reserved
 * bits: Partial IV and kid context, then the kid, which takes the rest. KUDOS has fields of its own
 * between the two calls. The reader fails on a Partial IV of 6 or 7 bytes, or one that begins with
 * a zero and goes on, and where something is left that is no kid.
 */
void lwsec_oscore_read_piv_and_context(lwsec_reader *reader, uint8_t flags,
                                       lwsec_oscore_option *option);
void lwsec_oscore_read_kid(lwsec_reader *reader, uint8_t flags, lwsec_oscore_option *option);

/* As lwsec_oscore_option_decode, with what is wrong or NONE, and where. */
lwsec_why lwsec_oscore_option_read(lwsec_bytes value, lwsec_oscore_option *option, size_t *offset);

/* Takes a kid context out of the CBOR byte string that Appendix B.2 wraps it in; false if it is
 * none, or an empty one. */
bool lwsec_oscore_unwrap(lwsec_bytes kid_context, lwsec_bytes *unwrapped);

#endif
