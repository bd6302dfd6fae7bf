/* Fresh contexts under the endpoint: RFC 8613 Appendix B.2. */
#include "parts.h"

lwsec_oscore *endpoint_context(endpoint *self)
{
    lwsec_oscore_rederive *client = self->agreement.client;

    return client != NULL ? lwsec_oscore_rederive_context(client) : self->oscore;
}

lwsec_status endpoint_open_answer(endpoint *self, lwsec_oscore_request *request, lwsec_bytes wire,
                                  lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_rederive *client = self->agreement.client;

    if (self->oscore == NULL && client == NULL) {
        return endpoint_copy(wire, out, reason);
    }
    return client != NULL
               ? lwsec_oscore_rederive_response(client, request, wire, out, reason)
               : lwsec_oscore_unprotect_response(self->oscore, request, wire, out, reason);
}

/* Whether the present context may seal at all: a lost record is a reason to agree on another. */
static bool may_send(lwsec_oscore *context)
{
    lwsec_reason reason;

    return lwsec_oscore_reserve(context, &reason) != LWSEC_NEED_REKEY;
}

/* What was agreed takes the place of what was there before. */
static void take_over(endpoint *self, lwsec_oscore *agreed)
{
    endpoint_agreement *agreement = &self->agreement;
    void *used = agreement->places[0];

    lwsec_oscore_close(&agreement->agreed);
    agreement->agreed = agreed;
    agreement->places[0] = agreement->places[1];
    agreement->places[1] = used;
    agreement->peer.memory = agreement->places[0];
    self->oscore = agreed;
}

lwsec_status endpoint_open_request(endpoint *self, lwsec_oscore_request *request, lwsec_bytes wire,
                                   lwsec_buffer *out, lwsec_reason *reason)
{
    endpoint_agreement *agreement = &self->agreement;
    lwsec_oscore *agreed = NULL;
    lwsec_status status = LWSEC_NEED_REKEY;

    if (self->oscore == NULL) {
        return endpoint_copy(wire, out, reason);
    }
    if (agreement->server.size == 0 || may_send(self->oscore)) {
        status = lwsec_oscore_unprotect_request(self->oscore, wire, request, out, reason);
        if (agreement->server.size == 0 || status != LWSEC_REJECT ||
            reason->why != LWSEC_WHY_OSCORE_OTHER_CONTEXT) {
            return status;
        }
    }
    agreement->server.now = (uint64_t)endpoint_now();
    status = lwsec_oscore_rederive_request(&agreement->server, &agreement->peer, wire,
                                           self->next_message_id++, &agreed, request, out, reason);
    if (status == LWSEC_OK) {
        take_over(self, agreed);
    }
    return status;
}
