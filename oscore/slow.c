/* Messages that wait for a slow key store. The seal's nonce, AAD and place are in the caller's
 * lwsec_oscore_pending until it is done. */
#include "oscore/slow.h"

#include "core/reason.h"
#include "crypto/use.h"
#include "oscore/request.h"

#include <string.h>

/* Before a number is taken: whether the sender key is free, and `pending` too. */
static lwsec_status check_free(const lwsec_oscore *context, const lwsec_oscore_pending *pending,
                               lwsec_reason *reason)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(context->sender, LWSEC_USE_SEAL, &slot);

    if (lwsec_oscore_is_pending(pending) || status == LWSEC_LIMIT) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    return status == LWSEC_OK ? LWSEC_OK : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

/* Notes that the message waits, if it is the key that is slow and not the state. */
static lwsec_status note(lwsec_oscore *context, lwsec_oscore_request *request, lwsec_slow *slow,
                         lwsec_status status)
{
    if (status != LWSEC_PENDING || slow->data == NULL) {
        lwsec_wipe(slow, sizeof *slow);
        return status;
    }
    slow->context = context;
    slow->life = context->life;
    slow->request = request;
    return status;
}

lwsec_status lwsec_oscore_begin_request(lwsec_oscore *context, lwsec_bytes message,
                                        lwsec_oscore_request *request,
                                        lwsec_oscore_pending *pending, lwsec_buffer *out,
                                        lwsec_reason *reason)
{
    lwsec_slow *slow = lwsec_slow_inside(pending);

    out->size = 0;
    const lwsec_status status = check_free(context, pending, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_wipe(pending, sizeof *pending);
    return note(context, request, slow,
                lwsec_oscore_protect_request_slow(context, message, request, slow, out, reason));
}

lwsec_status lwsec_oscore_begin_response(lwsec_oscore *context, lwsec_oscore_request *request,
                                         lwsec_bytes message, bool own_piv,
                                         lwsec_oscore_pending *pending, lwsec_buffer *out,
                                         lwsec_reason *reason)
{
    lwsec_slow *slow = lwsec_slow_inside(pending);

    out->size = 0;
    const lwsec_status status = check_free(context, pending, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_wipe(pending, sizeof *pending);
    return note(
        context, NULL, slow,
        lwsec_oscore_protect_response_slow(context, request, message, own_piv, slow, out, reason));
}

bool lwsec_oscore_is_pending(const lwsec_oscore_pending *pending)
{
    return ((const lwsec_slow *)pending)->context != NULL;
}

/* Whether the context is the one that the message began in. One that was closed is wiped. */
static bool lives(const lwsec_slow *slow)
{
    return slow->context->life == slow->life;
}

static void end(lwsec_slow *slow, bool done)
{
    if (!done) {
        lwsec_wipe(slow->data, slow->size);
    }
    lwsec_wipe(slow, sizeof *slow);
}

lwsec_status lwsec_oscore_resume(lwsec_oscore_pending *pending, lwsec_buffer *out,
                                 lwsec_reason *reason)
{
    lwsec_slow *slow = lwsec_slow_inside(pending);

    out->size = 0;
    if (slow->context == NULL || out->data != slow->data || out->capacity < slow->size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    const lwsec_status status = lives(slow) ? lwsec_key_poll(slow->context->sender) : LWSEC_USAGE;
    if (status == LWSEC_PENDING) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    if (status == LWSEC_OK) {
        out->size = slow->size;
        if (slow->request != NULL) {
            lwsec_request_open(slow->request, slow->context, slow->number, slow->flags);
        }
    }
    end(slow, status == LWSEC_OK);
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

void lwsec_oscore_cancel(lwsec_oscore_pending *pending)
{
    lwsec_slow *slow = lwsec_slow_inside(pending);

    if (slow->context == NULL) {
        return;
    }
    if (lives(slow)) {
        (void)lwsec_key_cancel(slow->context->sender);
    }
    end(slow, false);
}
