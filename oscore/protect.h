/* Protecting what is decoded already. */
#ifndef LWSEC_OSCORE_PROTECT_H
#define LWSEC_OSCORE_PROTECT_H

#include "oscore/request.h"

/* Protects a response that is decoded already, with a bit in `seen` for each of its option numbers
 * below
 * 64. The request object is open for this context. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_protect_parsed(lwsec_oscore *context,
                                                          lwsec_request *request,
                                                          const lwsec_coap_message *plain,
                                                          uint64_t seen, bool own_piv,
                                                          lwsec_buffer *out, lwsec_reason *reason);

#endif
