/* A state that polls and asks again where the one below answers LWSEC_PENDING. */
#include "tests/state/polling.h"

#include "tests/support/test.h"

#include <string.h>

static lwsec_state *inner_of(lwsec_state *state)
{
    return ((polling_state *)state)->inner;
}

/* Whether to ask again. */
static bool again(lwsec_state *state, lwsec_status status)
{
    return status == LWSEC_PENDING && lwsec_state_poll(inner_of(state)) == LWSEC_OK;
}

static lwsec_status polling_load(lwsec_state *state, const lwsec_record *record,
                                 lwsec_buffer *value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_load(inner_of(state), record, value, version, reason);
    } while (again(state, status));
    return status;
}

static lwsec_status polling_store_if(lwsec_state *state, const lwsec_record *record,
                                     lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_store_if(inner_of(state), record, value, version, reason);
    } while (again(state, status));
    return status;
}

static lwsec_status polling_take(lwsec_state *state, const lwsec_record *record,
                                 lwsec_buffer *value, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_take(inner_of(state), record, value, reason);
    } while (again(state, status));
    return status;
}

static lwsec_status polling_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                    lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_advance(inner_of(state), record, to, reason);
    } while (again(state, status));
    return status;
}

static lwsec_status polling_window_accept(lwsec_state *state, const lwsec_record *record,
                                          uint64_t number, uint32_t window, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_window_accept(inner_of(state), record, number, window, reason);
    } while (again(state, status));
    return status;
}

static lwsec_status polling_erase(lwsec_state *state, const lwsec_record *record,
                                  lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_erase(inner_of(state), record, reason);
    } while (again(state, status));
    return status;
}

lwsec_state *polling_open(polling_state *polling, lwsec_state *inner)
{
    static const lwsec_state_ops ops = {
        .abi = LWSEC_STATE_ABI,
        .size = sizeof(lwsec_state_ops),
        .name = "polling",
        .load = polling_load,
        .store_if = polling_store_if,
        .take = polling_take,
        .advance = polling_advance,
        .window_accept = polling_window_accept,
        .erase = polling_erase,
    };

    polling->ops = ops;
    polling->ops.seals = inner->ops->seals;
    polling->inner = inner;
    assert_status(lwsec_state_init(&polling->head, &polling->ops), LWSEC_OK);
    return &polling->head;
}
