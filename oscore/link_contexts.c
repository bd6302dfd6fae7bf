/* Which context a link works with: one that stays, or the present one of Appendix B.2. */
#include "oscore/link.h"

lwsec_status lwsec_link_choose(lwsec_oscore_link *link, lwsec_oscore **context,
                               lwsec_reason *reason)
{
    *context = link->context;
    if (link->rederive == NULL) {
        return LWSEC_OK;
    }
    *context = lwsec_oscore_rederive_context(link->rederive);
    if (*context != NULL) {
        return LWSEC_OK;
    }
    const lwsec_status status = lwsec_oscore_rederive_start(link->rederive, reason);
    *context = lwsec_oscore_rederive_context(link->rederive);
    return status;
}

lwsec_status lwsec_link_open_request(lwsec_oscore_link *link, lwsec_bytes wire,
                                     lwsec_oscore **context, lwsec_oscore_request *request,
                                     lwsec_buffer *plain, lwsec_reason *reason)
{
    if (link->rederive != NULL) {
        return lwsec_oscore_rederive_incoming(link->rederive, wire, context, request, plain,
                                              reason);
    }
    *context = link->context;
    return lwsec_oscore_unprotect_request(link->context, wire, request, plain, reason);
}

lwsec_status lwsec_link_open_response(lwsec_oscore_link *link, lwsec_bytes wire,
                                      lwsec_oscore_request *request, lwsec_buffer *plain,
                                      lwsec_reason *reason)
{
    return link->rederive != NULL
               ? lwsec_oscore_rederive_response(link->rederive, request, wire, plain, reason)
               : lwsec_oscore_unprotect_response(link->context, request, wire, plain, reason);
}
