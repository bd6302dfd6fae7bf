/* Messages under the security context, or as they are where DTLS alone protects them. */
#include "parts.h"

#include <string.h>

lwsec_status endpoint_copy(lwsec_bytes from, lwsec_buffer *out, lwsec_reason *reason)
{
    out->size = 0;
    reason->why = LWSEC_WHY_NONE;
    if (from.size > out->capacity) {
        reason->why = LWSEC_WHY_OUTPUT_FULL;
        return LWSEC_BUFFER;
    }
    if (from.size > 0) {
        memcpy(out->data, from.data, from.size);
    }
    out->size = from.size;
    return LWSEC_OK;
}

lwsec_status endpoint_protect_request(endpoint *self, lwsec_bytes plain,
                                      lwsec_oscore_request *request, lwsec_buffer *out,
                                      lwsec_reason *reason)
{
    lwsec_oscore *context = endpoint_context(self);

    return context != NULL ? lwsec_oscore_protect_request(context, plain, request, out, reason)
                           : endpoint_copy(plain, out, reason);
}

lwsec_status endpoint_protect_answer(endpoint *self, lwsec_oscore_request *request,
                                     lwsec_bytes plain, bool own_number, lwsec_buffer *out,
                                     lwsec_reason *reason)
{
    return self->oscore != NULL ? lwsec_oscore_protect_response(self->oscore, request, plain,
                                                                own_number, out, reason)
                                : endpoint_copy(plain, out, reason);
}
