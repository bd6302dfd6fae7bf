/* Reading an OSCORE option inside of the library. */
#ifndef LWSEC_OSCORE_OPTION_H
#define LWSEC_OSCORE_OPTION_H

#include <lwsec/oscore.h>

/* As lwsec_oscore_option_decode, with what is wrong or NONE, and where. */
lwsec_why lwsec_oscore_option_read(lwsec_bytes value, lwsec_oscore_option *option, size_t *offset);

/* Takes a kid context out of the CBOR byte string that Appendix B.2 wraps it in; false if it is
 * none, or an empty one. */
bool lwsec_oscore_unwrap(lwsec_bytes kid_context, lwsec_bytes *unwrapped);

#endif
