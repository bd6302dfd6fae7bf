/* A state that fails on demand and passes everything else on. */
#include "tests/support/test.h"

#include "tests/oscore/faulty_state.h"

#include "core/reason.h"

/* The real state if this call is to succeed, or NULL. */
static lwsec_state *enter(lwsec_state *state, lwsec_reason *reason)
{
    faulty_state *faulty = (faulty_state *)state;

    faulty->calls++;
    if (faulty->fail_from != 0 && faulty->calls >= faulty->fail_from &&
        faulty->calls - faulty->fail_from < faulty->fail_count) {
        reason->why = LWSEC_WHY_STATE_IO;
        return NULL;
    }
    return faulty->inner;
}

static lwsec_status answer_of(const lwsec_state *state)
{
    return ((const faulty_state *)state)->answer;
}

static lwsec_status faulty_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);
    return inner != NULL ? lwsec_state_load(inner, record, value, version, reason)
                         : answer_of(state);
}

static lwsec_status faulty_store_if(lwsec_state *state, const lwsec_record *record,
                                    lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);

    if (inner == NULL) {
        return answer_of(state);
    }
    const lwsec_status status = lwsec_state_store_if(inner, record, value, version, reason);
    ((faulty_state *)state)->stores += status == LWSEC_OK;
    return status;
}

static lwsec_status faulty_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);
    return inner != NULL ? lwsec_state_take(inner, record, value, reason) : answer_of(state);
}

static lwsec_status faulty_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);
    return inner != NULL ? lwsec_state_advance(inner, record, to, reason) : answer_of(state);
}

static lwsec_status faulty_window_accept(lwsec_state *state, const lwsec_record *record,
                                         uint64_t number, uint32_t window, lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);
    return inner != NULL ? lwsec_state_window_accept(inner, record, number, window, reason)
                         : answer_of(state);
}

static lwsec_status faulty_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    lwsec_state *inner = enter(state, reason);
    return inner != NULL ? lwsec_state_erase(inner, record, reason) : answer_of(state);
}

static const lwsec_state_ops faulty_ops = {
    .abi = LWSEC_STATE_ABI,
    .size = sizeof(lwsec_state_ops),
    .name = "faulty",
    .load = faulty_load,
    .store_if = faulty_store_if,
    .take = faulty_take,
    .advance = faulty_advance,
    .window_accept = faulty_window_accept,
    .erase = faulty_erase,
};

void faulty_state_open(faulty_state *state, lwsec_state *inner)
{
    memset(state, 0, sizeof *state);
    state->inner = inner;
    assert_status(lwsec_state_init(&state->head, &faulty_ops), LWSEC_OK);
}

void faulty_state_fail(faulty_state *state, unsigned count, lwsec_status answer)
{
    state->fail_from = state->calls + 1;
    state->fail_count = count;
    state->answer = answer;
}
