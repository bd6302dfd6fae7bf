/* Finding the context of a request in a registry, and opening the request with it. */
#include "oscore/registry_walk.h"

#include "core/reason.h"

#include <string.h>

/* ---- Searching ---- */

/* A search goes over the four passes that these two make, by number. */
enum {
    WITHOUT_CONTEXT = 1 << 0, /* in the places of the kid alone, not of the kid with its context */
    OTHER_ADDRESS = 1 << 1, /* only contexts whose peer was last seen elsewhere; before, the rest */
    PASSES = 1 << 2
};

/* What a search is for. */
typedef struct wanted {
    const lwsec_oscore_registry *registry;
    const lwsec_oscore_option *option;
    lwsec_bytes address;
    lwsec_oscore_id kid;
} wanted;

typedef struct position {
    uint32_t pass; /* how many are done, and whether one that may be meant was in use */
    uint32_t skip; /* how many contexts of this pass were found already */
} position;

/* One that was in use, and is given back while the search goes on, may be missed. */
#define WAS_BUSY (UINT32_C(1) << 31)

_Static_assert(sizeof(position) == sizeof(lwsec_oscore_search), "fits its opaque room");

/* Whether a pass can find anything. */
static bool is_needed(const wanted *want, uint32_t pass)
{
    const bool addressed = want->registry->address_max > 0 && want->address.size > 0;

    return ((pass & OTHER_ADDRESS) != 0 || addressed) &&
           ((pass & WITHOUT_CONTEXT) != 0 || want->option->kid_context.data != NULL);
}

/*
 * Whether the request can be for the context at all; lwsec_oscore_unprotect_request looks again.
 * Without a kid context the hash has told that there is none to compare: what stands in the first
 * bytes is enough, and no other cache line is read.
 */
static bool is_meant(const wanted *want, const lwsec_oscore *context, bool with_context)
{
    const lwsec_bytes kid_context = want->option->kid_context;

    if (!lwsec_registry_same_id(&want->kid, &context->recipient_id)) {
        return false;
    }
    return kid_context.data == NULL ||
           (with_context == context->send_kid_context && context->has_id_context &&
            lwsec_equal_secret(kid_context, lwsec_oscore_id_context(context)));
}

static bool has_address(const wanted *want, lwsec_registry_record *record)
{
    if (want->registry->address_max == 0 || want->address.size == 0) {
        return false;
    }
    const uint8_t *kept = lwsec_registry_address(want->registry, record);
    return lwsec_equal_secret(want->address, lwsec_bytes_of(&kept[1], kept[0]));
}

/* The context number `skip` of a pass, taken, or NULL. */
static lwsec_registry_record *search_pass(const wanted *want, uint32_t pass, uint32_t skip,
                                          bool *busy)
{
    const bool with_context = (pass & WITHOUT_CONTEXT) == 0;
    lwsec_registry_walk walk = {
        lwsec_registry_hash(want->registry, &want->kid,
                            with_context ? want->option->kid_context : lwsec_bytes_of(NULL, 0)),
        0, 0};
    const uint32_t tag = lwsec_registry_tag(walk.hash);
    lwsec_registry_record *record;

    while ((record = lwsec_registry_walk_on(want->registry, &walk)) != NULL) {
        if (!lwsec_registry_try_take(record, tag, busy)) {
            continue;
        }
        if (is_meant(want, lwsec_registry_context(record), with_context) &&
            has_address(want, record) == ((pass & OTHER_ADDRESS) == 0) && skip-- == 0) {
            return record;
        }
        lwsec_registry_let_go(record);
    }
    return NULL;
}

/* The next context of all passes, taken, or NULL. */
static lwsec_registry_record *search_on(const wanted *want, position *at)
{
    lwsec_registry_record *record = NULL;
    uint32_t pass = at->pass & ~WAS_BUSY;
    bool busy = (at->pass & WAS_BUSY) != 0;

    while (pass < PASSES && record == NULL) {
        record = is_needed(want, pass) ? search_pass(want, pass, at->skip, &busy) : NULL;
        pass += record == NULL ? 1U : 0U;
        at->skip = record == NULL ? 0U : at->skip + 1U;
    }
    at->pass = pass | (busy ? WAS_BUSY : 0U);
    return record;
}

lwsec_status lwsec_oscore_registry_take(lwsec_oscore_registry *registry,
                                        const lwsec_oscore_option *option, lwsec_bytes address,
                                        uint32_t now, lwsec_oscore_search *search,
                                        lwsec_oscore **context, lwsec_reason *reason)
{
    const wanted want = {registry, option, address, lwsec_oscore_id_of(option->kid)};
    position *at = (position *)search;
    bool loaded = registry->load == NULL || at->pass != 0 || at->skip != 0;

    *context = NULL;
    if (!option->present || option->kid.data == NULL) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NO_KID, 0, reason);
    }
    if (option->kid.size > LWSEC_OSCORE_ID_MAX) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_OSCORE_OTHER_KID, 0, reason);
    }
    lwsec_registry_record *record = search_on(&want, at);
    if (record == NULL && (at->pass & WAS_BUSY) == 0 && !loaded) {
        const lwsec_status status = registry->load(registry->load_argument, registry, option, now);
        if (status != LWSEC_OK) {
            return lwsec_refuse(status, LWSEC_WHY_OSCORE_OTHER_KID, 0, reason);
        }
        *at = (position){0, 0};
        record = search_on(&want, at);
    }
    if (record == NULL) {
        return (at->pass & WAS_BUSY) != 0
                   ? lwsec_refuse(LWSEC_PENDING, LWSEC_WHY_REGISTRY_BUSY, 0, reason)
                   : lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_OSCORE_OTHER_KID, 0, reason);
    }
    record->last_used = now;
    *context = lwsec_registry_context(record);
    return lwsec_accept(reason);
}

void lwsec_oscore_registry_give_back(lwsec_oscore_registry *registry, lwsec_oscore **context)
{
    (void)registry;
    if (*context != NULL) {
        lwsec_registry_let_go(lwsec_registry_record_of(*context));
        *context = NULL;
    }
}

lwsec_status lwsec_oscore_registry_next(lwsec_oscore_registry *registry, uint32_t *at,
                                        lwsec_oscore **context)
{
    *context = NULL;
    while (*at < registry->place_count) {
        lwsec_registry_record *record = lwsec_registry_at(registry, (*at)++);
        if (lwsec_registry_try_take_any(record)) {
            *context = lwsec_registry_context(record);
            return LWSEC_OK;
        }
    }
    return LWSEC_ABSENT;
}

/* ---- Refused requests ---- */

/* Threads that come at the same moment may count a few into the wrong interval. */
static void begin_interval(lwsec_oscore_registry *registry, uint32_t now)
{
    uint32_t began = atomic_load_explicit(&registry->began, memory_order_relaxed);
    const uint32_t passed = lwsec_registry_passed(now, began);

    if (passed >= registry->interval &&
        atomic_compare_exchange_strong(&registry->began, &began, now)) {
        const uint32_t refused = atomic_exchange(&registry->refused, 0);
        /* Where more than one interval has passed, the last one had none. */
        atomic_store(&registry->refused_before,
                     passed - registry->interval < registry->interval ? refused : 0);
    }
}

static void count_refused(lwsec_oscore_registry *registry, uint32_t now)
{
    begin_interval(registry, now);
    atomic_fetch_add_explicit(&registry->refused, 1, memory_order_relaxed);
}

uint32_t lwsec_oscore_registry_refused(lwsec_oscore_registry *registry, uint32_t now)
{
    begin_interval(registry, now);
    const uint32_t before = atomic_load(&registry->refused_before);
    const uint32_t so_far = atomic_load(&registry->refused);
    return before > so_far ? before : so_far;
}

/* ---- Opening ---- */

/* Whether another context may still open the message. */
static bool may_be_anothers(lwsec_status status, const lwsec_reason *reason)
{
    return status == LWSEC_REPLAY || status == LWSEC_LIMIT || status == LWSEC_NEED_REKEY ||
           (status == LWSEC_REJECT &&
            (reason->why == LWSEC_WHY_OSCORE_TAG || reason->why == LWSEC_WHY_OSCORE_NO_PAYLOAD ||
             reason->why == LWSEC_WHY_OSCORE_OTHER_KID ||
             reason->why == LWSEC_WHY_OSCORE_OTHER_CONTEXT));
}

static bool is_refusal(lwsec_status status)
{
    return status == LWSEC_REJECT || status == LWSEC_REPLAY || status == LWSEC_LIMIT;
}

/* Tries the contexts that may be meant, one after the other. On OK and CHALLENGE it stays taken. */
static lwsec_status try_each(lwsec_oscore_registry *registry, const lwsec_oscore_option *option,
                             const lwsec_oscore_arrival *arrival, lwsec_oscore **context,
                             lwsec_oscore_request *request, lwsec_buffer *out, lwsec_reason *why)
{
    lwsec_oscore_search search = {{0, 0}};
    lwsec_status answer = LWSEC_ABSENT;

    for (;;) {
        lwsec_reason reason = {LWSEC_WHY_NONE, 0};
        const lwsec_status taken = lwsec_oscore_registry_take(
            registry, option, arrival->address, arrival->now, &search, context, &reason);
        if (taken != LWSEC_OK) {
            if (taken != LWSEC_ABSENT || answer == LWSEC_ABSENT) {
                *why = reason; /* none was tried, or one that was not may be the right one */
                answer = taken;
            }
            return answer;
        }
        answer = lwsec_oscore_unprotect_request(*context, arrival->message, request, out, &reason);
        *why = reason;
        if (answer == LWSEC_OK || answer == LWSEC_CHALLENGE) {
            return answer;
        }
        lwsec_oscore_registry_give_back(registry, context);
        if (!may_be_anothers(answer, &reason)) {
            return answer;
        }
    }
}

lwsec_status lwsec_oscore_registry_unprotect(lwsec_oscore_registry *registry,
                                             const lwsec_oscore_arrival *arrival,
                                             lwsec_oscore **context, lwsec_oscore_request *request,
                                             lwsec_buffer *out, lwsec_reason *reason)
{
    static const lwsec_oscore_request none;
    lwsec_oscore_option option;
    lwsec_reason why = {LWSEC_WHY_NONE, 0};

    *context = NULL;
    *request = none;
    out->size = 0;
    lwsec_status status = lwsec_oscore_peek(arrival->framing, arrival->message, &option, &why);
    if (status == LWSEC_OK && !option.present) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNPROTECTED, 0, reason);
    }
    if (status == LWSEC_OK) {
        status = try_each(registry, &option, arrival, context, request, out, &why);
    }
    if (status == LWSEC_ABSENT) {
        status = LWSEC_REJECT;
    }
    if (is_refusal(status)) {
        count_refused(registry, arrival->now);
    }
    if (status == LWSEC_OK) {
        lwsec_registry_set_address(registry, lwsec_registry_record_of(*context), arrival->address);
    }
    return lwsec_refuse(status, why.why, why.offset, reason);
}
