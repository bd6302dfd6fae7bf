/* The client's part of Appendix B.2. */
#include "core/reason.h"
#include "crypto/use.h"
#include "oscore/option.h"
#include "oscore/rederive.h"
#include "oscore/request.h"

#include <string.h>

#define ID1_SIZE 8U

typedef enum rederive_phase {
    IDLE,  /* nothing is being agreed */
    FIRST, /* `next` is the first context: waiting for R2 */
    THIRD  /* `next` is the third context: waiting for a response, or a request, by it */
} rederive_phase;

struct lwsec_oscore_rederive {
    lwsec_oscore_config inputs;
    lwsec_oscore *current; /* NULL: there is none that may send */
    lwsec_oscore *next;    /* NULL while idle */
    rederive_phase phase;
    size_t room; /* bytes of each half of the memory below */
    uint64_t memory[];
};

/* ---- Memory: two contexts, of which each may be the present one ---- */

static size_t room_of(const lwsec_oscore_config *inputs)
{
    lwsec_oscore_config longest = *inputs;

    if (longest.id_context.size < LWSEC_OSCORE_AGREED_ID_MAX) {
        longest.id_context.size = LWSEC_OSCORE_AGREED_ID_MAX;
    }
    return lwsec_oscore_size(&longest);
}

size_t lwsec_oscore_rederive_size(const lwsec_oscore_config *inputs)
{
    return sizeof(lwsec_oscore_rederive) + 2U * room_of(inputs);
}

/* The half that the present context does not live in. */
static void *free_half(lwsec_oscore_rederive *rederive)
{
    uint8_t *memory = (uint8_t *)rederive->memory;

    return (void *)rederive->current == (void *)memory ? memory + rederive->room : memory;
}

/* ---- Beginning and ending ---- */

/* The context that was agreed before, or that of the inputs if it may send. */
static lwsec_status find_current(lwsec_oscore_rederive *rederive, lwsec_reason *reason)
{
    lwsec_oscore_config *inputs = &rederive->inputs;

    if (inputs->state == NULL) {
        return LWSEC_OK;
    }
    lwsec_status status = lwsec_oscore_rederive_resume(rederive->memory, rederive->room, inputs,
                                                       &rederive->current, reason);
    if (status == LWSEC_ABSENT) {
        status =
            lwsec_oscore_init(rederive->memory, rederive->room, inputs, &rederive->current, reason);
    }
    if (status == LWSEC_OK && rederive->current->numbers.version == 0) {
        lwsec_oscore_close(&rederive->current);
    }
    return status;
}

lwsec_status lwsec_oscore_rederive_init(void *memory, size_t size,
                                        const lwsec_oscore_config *inputs,
                                        lwsec_oscore_rederive **rederive, lwsec_reason *reason)
{
    lwsec_oscore_rederive *made = memory;

    *rederive = NULL;
    if (memory == NULL || (uintptr_t)memory % _Alignof(lwsec_oscore_rederive) != 0 ||
        (inputs->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < lwsec_oscore_rederive_size(inputs)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(made, 0, sizeof *made);
    made->inputs = *inputs;
    made->room = room_of(inputs);
    const lwsec_status status = find_current(made, reason);
    if (status != LWSEC_OK) {
        lwsec_oscore_rederive_close(&made);
        return status;
    }
    *rederive = made;
    return lwsec_accept(reason);
}

void lwsec_oscore_rederive_close(lwsec_oscore_rederive **rederive)
{
    if (*rederive == NULL) {
        return;
    }
    lwsec_oscore_close(&(*rederive)->current);
    lwsec_oscore_close(&(*rederive)->next);
    lwsec_wipe(*rederive, sizeof **rederive);
    *rederive = NULL;
}

lwsec_oscore *lwsec_oscore_rederive_context(lwsec_oscore_rederive *rederive)
{
    return rederive->next != NULL ? rederive->next : rederive->current;
}

bool lwsec_oscore_rederive_running(const lwsec_oscore_rederive *rederive)
{
    return rederive->phase != IDLE;
}

bool lwsec_oscore_rederive_asks(const lwsec_oscore_rederive *rederive)
{
    return rederive->phase == FIRST;
}

void lwsec_oscore_rederive_abandon(lwsec_oscore_rederive *rederive)
{
    lwsec_oscore_close(&rederive->next);
    rederive->phase = IDLE;
}

/* A context with this ID Context takes the place of the one that is being agreed. */
static lwsec_status make_next(lwsec_oscore_rederive *rederive, lwsec_bytes id_context,
                              rederive_phase phase, lwsec_reason *reason)
{
    lwsec_oscore_rederive_abandon(rederive);
    const lwsec_status status =
        lwsec_oscore_agree(free_half(rederive), rederive->room, &rederive->inputs, id_context,
                           &rederive->next, reason);
    if (status == LWSEC_OK) {
        rederive->phase = phase;
    }
    return status;
}

static lwsec_status draw(const lwsec_oscore_rederive *rederive, uint8_t *random, size_t size,
                         lwsec_reason *reason)
{
    const lwsec_oscore_config *inputs = &rederive->inputs;
    lwsec_store *store = inputs->store != NULL ? inputs->store : inputs->secret.store;
    const lwsec_status status = lwsec_random(store, random, size);

    return status == LWSEC_OK ? status : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

/* R-5.5.3-10, step 1. */
lwsec_status lwsec_oscore_rederive_start(lwsec_oscore_rederive *rederive, lwsec_reason *reason)
{
    uint8_t id1[ID1_SIZE];

    const lwsec_status status = draw(rederive, id1, sizeof id1, reason);
    return status == LWSEC_OK ? make_next(rederive, lwsec_bytes_of(id1, sizeof id1), FIRST, reason)
                              : status;
}

/* The context that is being agreed has proven itself: it replaces the one before. One that cannot
 * be recorded is given up, as what it would send could not be recalled. */
static lwsec_status adopt(lwsec_oscore_rederive *rederive, lwsec_reason *reason)
{
    lwsec_oscore *agreed = rederive->next;
    const lwsec_status status = lwsec_oscore_settle(agreed, &rederive->inputs, reason);

    if (status != LWSEC_OK) {
        lwsec_oscore_rederive_abandon(rederive);
        return status;
    }
    lwsec_oscore_close(&rederive->current);
    rederive->current = agreed;
    rederive->next = NULL;
    rederive->phase = IDLE;
    return LWSEC_OK;
}

/* ---- Step 3 ---- */

/* R2, if the response may be response 1 to a request of this context: also to request 2, where the
 * server has restarted meanwhile and begins anew. A server that names the context itself does not.
 */
static bool find_r2(const lwsec_oscore *context, lwsec_bytes wire, lwsec_bytes *r2)
{
    lwsec_oscore_option option;

    return lwsec_oscore_peek(context->framing, wire, &option, NULL) == LWSEC_OK &&
           option.kid_context.data != NULL && lwsec_oscore_unwrap(option.kid_context, r2) &&
           r2->size <= LWSEC_OSCORE_R2_MAX &&
           !lwsec_equal_secret(*r2, lwsec_oscore_id_context(context));
}

/* Response 1 is for the request that was made with ID1. Without a Partial IV it has the nonce of
 * that request, which the second context would make otherwise. */
static lwsec_status verify_second(const lwsec_request *asked, lwsec_oscore *second,
                                  lwsec_bytes wire, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request;
    lwsec_oscore_option option;
    lwsec_coap_message answer;

    lwsec_status status = lwsec_oscore_peek(second->framing, wire, &option, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (option.partial_iv.data == NULL) {
        memcpy(second->common_iv, asked->context->common_iv, sizeof second->common_iv);
    }
    lwsec_request_open(&request, second, asked->number, LWSEC_REQUEST_OURS | LWSEC_REQUEST_NONCE);
    status = lwsec_oscore_unprotect_response(second, &request, wire, out, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_coap_decode(second->framing, lwsec_buffer_bytes(out), &answer, reason);
    const bool unauthorised = status == LWSEC_OK && answer.code == LWSEC_COAP_UNAUTHORIZED;
    lwsec_wipe(out->data, out->size);
    out->size = 0;
    return unauthorised ? LWSEC_OK
                        : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
}

static lwsec_status third_step(lwsec_oscore_rederive *rederive, lwsec_oscore_request *request,
                               lwsec_bytes wire, lwsec_bytes r2, lwsec_buffer *out,
                               lwsec_reason *reason)
{
    const lwsec_request *asked = lwsec_request_inside(request);
    uint8_t r3[LWSEC_OSCORE_R3_SIZE];
    lwsec_oscore_joined id;
    lwsec_oscore_step step;
    lwsec_oscore *second;

    if (!lwsec_oscore_join(&id, r2, lwsec_oscore_id_context(asked->context))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    lwsec_status status = lwsec_oscore_step_make(&step, &rederive->inputs,
                                                 lwsec_bytes_of(id.data, id.size), &second, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = verify_second(asked, second, wire, out, reason);
    lwsec_oscore_close(&second);
    if (status == LWSEC_OK) {
        status = draw(rederive, r3, sizeof r3, reason);
    }
    if (status == LWSEC_OK && !lwsec_oscore_join(&id, r2, lwsec_bytes_of(r3, sizeof r3))) {
        status = lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (status == LWSEC_OK) {
        status = make_next(rederive, lwsec_bytes_of(id.data, id.size), THIRD, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_request_clear(request);
    return lwsec_refuse(LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_REDERIVED, 0, reason);
}

/* ---- Responses and requests ---- */

/* Refuses what was verified and cannot be delivered. */
static lwsec_status withhold(lwsec_buffer *out, lwsec_status status)
{
    lwsec_wipe(out->data, out->size);
    out->size = 0;
    return status;
}

lwsec_status lwsec_oscore_rederive_response(lwsec_oscore_rederive *rederive,
                                            lwsec_oscore_request *request, lwsec_bytes wire,
                                            lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_request *asked = lwsec_request_inside(request);
    lwsec_oscore *context = rederive->current;
    lwsec_bytes r2;

    out->size = 0;
    if (rederive->next != NULL && lwsec_request_is(asked, rederive->next, LWSEC_REQUEST_OURS)) {
        context = rederive->next;
    }
    if (context == NULL || !lwsec_request_is(asked, context, LWSEC_REQUEST_OURS)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    if (find_r2(context, wire, &r2)) {
        return third_step(rederive, request, wire, r2, out, reason);
    }
    lwsec_status status = lwsec_oscore_unprotect_response(context, request, wire, out, reason);
    if (status == LWSEC_OK && context == rederive->next) {
        status = rederive->phase == THIRD
                     ? adopt(rederive, reason)
                     : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
    }
    return status == LWSEC_OK ? status : withhold(out, status);
}

/* Whether the request names the context that is being agreed, or may be meant for it. */
static bool meant_for_next(const lwsec_oscore_rederive *rederive, lwsec_bytes wire)
{
    lwsec_oscore_option option;
    lwsec_bytes id_context;

    if (rederive->phase != THIRD ||
        lwsec_oscore_peek(rederive->inputs.framing, wire, &option, NULL) != LWSEC_OK) {
        return false;
    }
    if (option.kid_context.data == NULL) {
        return rederive->current == NULL;
    }
    if (!lwsec_oscore_unwrap(option.kid_context, &id_context)) {
        id_context = option.kid_context;
    }
    return lwsec_equal_secret(id_context, lwsec_oscore_id_context(rederive->next));
}

lwsec_status lwsec_oscore_rederive_incoming(lwsec_oscore_rederive *rederive, lwsec_bytes wire,
                                            lwsec_oscore **context, lwsec_oscore_request *request,
                                            lwsec_buffer *out, lwsec_reason *reason)
{
    const bool for_next = meant_for_next(rederive, wire);

    out->size = 0;
    *context = for_next ? rederive->next : rederive->current;
    if (*context == NULL) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason);
    }
    lwsec_status status = lwsec_oscore_unprotect_request(*context, wire, request, out, reason);
    if (status == LWSEC_OK && for_next) {
        status = adopt(rederive, reason);
        if (status != LWSEC_OK) {
            lwsec_request_clear(request);
            *context = NULL;
        }
    }
    return status == LWSEC_OK || status == LWSEC_CHALLENGE ? status : withhold(out, status);
}
