/* Fresh contexts under the endpoint: RFC 8613 Appendix B.2 in both roles. */
#ifndef ENDPOINT_AGREEMENT_H
#define ENDPOINT_AGREEMENT_H

#include <lwsec/oscore_rederive.h>

/* What an endpoint needs to agree on contexts. All zeros: it does not. */
typedef struct endpoint_agreement {
    lwsec_oscore_rederive *client; /* NULL: not as a client */

    lwsec_oscore_rederive_server server; /* `size` 0: not as a server */
    lwsec_oscore_rederive_peer peer;
    void *places[2];      /* for the present context and the next one; the first is the next */
    lwsec_oscore *agreed; /* NULL: none yet */
} endpoint_agreement;

struct endpoint;

/* The context to protect the next request with. */
lwsec_oscore *endpoint_context(struct endpoint *self);

/* As lwsec_oscore_unprotect_response. LWSEC_CHALLENGE: the request has to be made again. */
lwsec_status endpoint_open_answer(struct endpoint *self, lwsec_oscore_request *request,
                                  lwsec_bytes wire, lwsec_buffer *out, lwsec_reason *reason);

/* As lwsec_oscore_unprotect_request. LWSEC_CHALLENGE with something in `out`: that is the answer.
 */
lwsec_status endpoint_open_request(struct endpoint *self, lwsec_oscore_request *request,
                                   lwsec_bytes wire, lwsec_buffer *out, lwsec_reason *reason);

#endif
