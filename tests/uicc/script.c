/* A card that answers by a script, and notices every other command. */
#include "tests/support/test.h"

#include "script.h"

static lwsec_status transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    script *played = context;

    assert_true(played->at < played->count);
    assert_int_equal(played->begun, played->ended + 1); /* nobody comes between its parts */
    const script_step *step = &played->steps[played->at++];
    assert_bytes(command, lwsec_test_hex(step->command));
    if (step->answer == NULL) {
        return LWSEC_ENGINE;
    }
    const lwsec_bytes answer = lwsec_test_hex(step->answer);
    assert_true(answer.size <= response->capacity);
    if (answer.size > 0) {
        memcpy(response->data, answer.data, answer.size);
    }
    response->size = answer.size;
    return LWSEC_OK;
}

static lwsec_status begin(void *context)
{
    script *played = context;

    if (played->refuse_begin) {
        return LWSEC_ENGINE;
    }
    played->begun++;
    return LWSEC_OK;
}

static void end(void *context)
{
    script *played = context;

    played->ended++;
}

const lwsec_apdu_ops script_ops = {.abi = LWSEC_APDU_ABI,
                                   .size = sizeof(lwsec_apdu_ops),
                                   .transmit = transmit,
                                   .begin = begin,
                                   .end = end};

lwsec_apdu script_card(script *played, bool t0)
{
    lwsec_apdu card;

    played->at = 0;
    played->begun = 0;
    played->ended = 0;
    assert_status(lwsec_apdu_init(&card, &script_ops, played, t0), LWSEC_OK);
    return card;
}

void script_is_done(const script *played)
{
    assert_int_equal(played->at, played->count);
    assert_int_equal(played->begun, played->ended);
}
