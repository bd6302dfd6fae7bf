/* Proves that requests go through again. */
#include "tests/power/recovery.h"

#include "tests/power/counts.h"
#include "tests/power/exchange.h"
#include "tests/power/failure.h"

#include <string.h>

#define PROOF_TRIES 3U /* once, again with an Echo value, and once more if that was too old */
/* Refused, first and second request of Appendix B.2, and those three. */
#define PROOF_TRIES_KEYED 6U

typedef enum outcome { THROUGH, AGAIN, REFUSED } outcome;

/* A pair that agrees on contexts may have to do it anew. */
static outcome refused(const pair *both, const char *to_what, unsigned number, const answer *said)
{
    if (!both->keyed || !exchange_refuses(said, true)) {
        exchange_wrong(to_what, number, said);
    }
    happened_now("peer %u answers %s with %s (%d)", number, to_what,
                 lwsec_status_name(said->status), (int)said->why);
    return REFUSED;
}

/* One exchange without the network's tricks. */
static outcome get_through(pair *both, unsigned from)
{
    asking *one = &both->sides[from].asked[PAIR_SPARE_SLOT];
    const uint32_t slot = exchange_slot(&both->sides[1 - from]);
    datagram back = {.to = from, .response = true};
    answer said = {.status = LWSEC_ENGINE};

    if (!exchange_ask(both, from, PAIR_SPARE_SLOT, &said)) {
        return refused(both, "an order to send", from, &said);
    }
    (void)exchange_give(both, &one->sent, slot, &said);
    if (said.status == LWSEC_CHALLENGE) {
        memcpy(back.bytes, said.wire, said.size);
        back.size = said.size;
    } else if (said.status != LWSEC_OK || !exchange_respond(both, 1 - from, slot, &back)) {
        return refused(both, "a request after a restart", 1 - from, &said);
    }
    if (!exchange_collect(both, &back, PAIR_SPARE_SLOT, &said) ||
        (said.status != LWSEC_OK && said.status != LWSEC_CHALLENGE)) {
        return refused(both, "a response after a restart", from, &said);
    }
    memcpy(one->echo, said.echo, said.echo_size);
    one->echo_size = said.echo_size;
    return said.id != 0 ? THROUGH : AGAIN;
}

static void prove_one(pair *both, unsigned from)
{
    asking *one = &both->sides[from].asked[PAIR_SPARE_SLOT];
    const unsigned most = both->keyed ? PROOF_TRIES_KEYED : PROOF_TRIES;
    unsigned tries = 1;

    counted.begun++;
    memset(one, 0, sizeof *one);
    for (outcome so_far = get_through(both, from); so_far != THROUGH;
         so_far = get_through(both, from)) {
        if (++tries > most) {
            wrong("peer %u gets no request through", from);
        }
        if (so_far == REFUSED) {
            if (from != both->client) {
                wrong("peer %u is refused although the client's request went through", from);
            }
            exchange_rekey(both);
        }
    }
    one->used = false;
    counted.completed++;
    counted.recoveries++;
    counted.most_tries = tries > counted.most_tries ? tries : counted.most_tries;
}

void recovery_prove(pair *both)
{
    for (unsigned number = 0; number < 2; number++) {
        host_disarm(&both->sides[number].peer);
    }
    prove_one(both, both->client);
    prove_one(both, 1 - both->client);
    both->sides[0].unproven = false;
    both->sides[1].unproven = false;
}
