/* Random traffic: what is asked, answered, lost, replayed, forged and cut. */
#include "tests/power/traffic.h"

#include "tests/power/counts.h"
#include "tests/power/exchange.h"
#include "tests/power/random.h"
#include "tests/power/recovery.h"

#include <string.h>

#define TRIES_MAX 5U
#define NOTIFICATIONS 3U
#define LOSE_ECHO_ONCE_IN 8U
#define REKEY_ONCE_IN 60U

/* ---- Requests ---- */

static void ask(pair *both, unsigned from, uint32_t slot)
{
    answer said;

    if (exchange_ask(both, from, slot, &said)) {
        network_send(&both->sides[from].asked[slot].sent);
    } else if (!pair_is_dead(both, from)) {
        counted.need_rekeys += said.status == LWSEC_NEED_REKEY;
        if (!both->keyed || said.status != LWSEC_NEED_REKEY) {
            exchange_wrong("an order to send", from, &said);
        }
        exchange_rekey(both);
        return;
    }
    if (pair_is_dead(both, from)) {
        pair_restart(both, from);
    }
}

static void begin_exchange(pair *both)
{
    const unsigned from = random_below(2);
    const uint32_t slot = random_below(PAIR_SPARE_SLOT);
    asking *one = &both->sides[from].asked[slot];

    if (one->used) {
        return;
    }
    counted.begun++;
    memset(one, 0, sizeof *one);
    one->observe = random_once_in(5);
    ask(both, from, slot);
}

/* Its timer has run out: the same bytes again, or a new try, or nothing more. */
static void lose_patience(pair *both)
{
    const unsigned from = random_below(2);
    const uint32_t slot = random_below(PAIR_SPARE_SLOT);
    asking *one = &both->sides[from].asked[slot];

    if (!one->used) {
        return;
    }
    if (random_once_in(2)) {
        network_send(&one->sent);
    } else if (one->tries < TRIES_MAX) {
        ask(both, from, slot);
    } else {
        one->used = false;
    }
}

/* Whether the request of that number registers; its sender may have forgotten it. */
static bool registers(const pair *both, unsigned from, uint64_t id)
{
    for (size_t i = 0; i < ASKED_MAX; i++) {
        const asking *one = &both->sides[from].asked[i];
        if (one->used && one->id == id) {
            return one->observe;
        }
    }
    return false;
}

static void give_request(pair *both, const datagram *given)
{
    side *own = &both->sides[given->to];
    const uint32_t slot = exchange_slot(own);
    answer said;

    if (exchange_give(both, given, slot, &said)) {
        if (said.status == LWSEC_OK) {
            own->held[slot].observe = registers(both, 1 - given->to, given->about);
        } else if (said.status == LWSEC_CHALLENGE) {
            datagram back = {
                .to = 1 - given->to, .response = true, .about = given->about, .size = said.size};
            memcpy(back.bytes, said.wire, said.size);
            network_send(&back);
        }
    }
    if (pair_is_dead(both, given->to)) {
        pair_restart(both, given->to);
    }
}

/* ---- Responses ---- */

/* Any of those held; HELD_MAX: none is. */
static uint32_t some_held(const side *own)
{
    const uint32_t start = random_below(HELD_MAX);

    for (uint32_t i = 0; i < HELD_MAX; i++) {
        if (own->held[(start + i) % HELD_MAX].used) {
            return (start + i) % HELD_MAX;
        }
    }
    return HELD_MAX;
}

static void respond(pair *both)
{
    const unsigned from = random_below(2);
    const uint32_t slot = some_held(&both->sides[from]);
    datagram made;

    if (slot == HELD_MAX) {
        return;
    }
    if (exchange_respond(both, from, slot, &made)) {
        network_send(&made);
    }
    if (pair_is_dead(both, from)) {
        pair_restart(both, from);
    }
}

/* The request that a response is for; ASKED_MAX: nobody waits for it. */
static uint32_t waits_for(const side *own, uint64_t id)
{
    uint32_t slot = 0;

    while (slot < ASKED_MAX && (!own->asked[slot].used || own->asked[slot].id != id)) {
        slot++;
    }
    return slot;
}

/* A challenge came back: the same request again, with what it asks for, or by another context. */
static void bring_back(pair *both, unsigned from, uint32_t slot, const answer *said)
{
    asking *one = &both->sides[from].asked[slot];

    memcpy(one->echo, said->echo, said->echo_size);
    one->echo_size = said->echo_size;
    if (!random_once_in(LOSE_ECHO_ONCE_IN)) {
        ask(both, from, slot);
    }
}

static void take_response(pair *both, const datagram *given, uint32_t slot, const answer *said)
{
    asking *one = &both->sides[given->to].asked[slot];

    if (given->forged) {
        exchange_check_forged(given, both->keyed, said);
    } else if (said->status == LWSEC_CHALLENGE ||
               (said->status == LWSEC_OK && said->echo_size > 0)) {
        bring_back(both, given->to, slot, said);
    } else if (said->status == LWSEC_OK) {
        counted.completed += one->notified == 0;
        one->notified++;
        one->used = one->observe && one->notified < NOTIFICATIONS;
    } else if (!exchange_refuses(said, both->keyed)) {
        exchange_wrong("a response", given->to, said);
    }
}

static void give_response(pair *both, const datagram *given)
{
    const uint32_t slot = waits_for(&both->sides[given->to], given->about);
    answer said;

    if (slot < ASKED_MAX && exchange_collect(both, given, slot, &said)) {
        take_response(both, given, slot, &said);
    }
    if (pair_is_dead(both, given->to)) {
        pair_restart(both, given->to);
    }
}

/* Somebody leads a response to another request: the tag binds it to its own. */
static void stray(pair *both)
{
    const uint32_t slot = random_below(PAIR_SPARE_SLOT);
    datagram given;
    answer said;

    if (!network_replay(&given) || !given.response || !both->sides[given.to].asked[slot].used ||
        both->sides[given.to].asked[slot].id == given.about) {
        return;
    }
    counted.strayed++;
    if (exchange_collect(both, &given, slot, &said)) {
        exchange_check_forged(&given, both->keyed, &said);
    }
    if (pair_is_dead(both, given.to)) {
        pair_restart(both, given.to);
    }
}

/* ---- Events ---- */

static void give(pair *both, const datagram *given)
{
    if (given->response) {
        give_response(both, given);
    } else {
        give_request(both, given);
    }
}

static void carry(pair *both)
{
    datagram given;

    if (network_take(&given)) {
        give(both, &given);
    }
}

void traffic_replay(pair *both)
{
    datagram given;

    if (network_replay(&given)) {
        counted.replayed++;
        give(both, &given);
    }
}

static void forge(pair *both)
{
    const unsigned to = random_below(2);
    const setting *sender = &both->sides[1 - to].peer.how;
    datagram given = {.to = to};

    if (network_forge(&given, lwsec_bytes_of(sender->sender_id, sender->sender_id_size),
                      both->sides[to].next)) {
        counted.forged++;
        give(both, &given);
    }
}

static void reserve(pair *both)
{
    const unsigned number = random_below(2);
    order what = {.kind = ORDER_RESERVE};
    answer said;

    if (host_call(&both->sides[number].peer, &what, &said) && said.status != LWSEC_OK &&
        !(both->keyed && said.status == LWSEC_NEED_REKEY)) {
        exchange_wrong("an order to reserve", number, &said);
    }
    if (pair_is_dead(both, number)) {
        pair_restart(both, number);
    }
}

static void cut(pair *both)
{
    const unsigned number = random_below(2);

    host_arm(&both->sides[number].peer);
    if (pair_is_dead(both, number)) {
        pair_restart(both, number);
    }
}

static void cut_both(pair *both)
{
    for (unsigned number = 0; number < 2; number++) {
        host_cut_power(&both->sides[number].peer);
    }
    for (unsigned number = 0; number < 2; number++) {
        pair_revive(both, number);
    }
}

static void reopen(pair *both)
{
    const unsigned number = random_below(2);

    host_close(&both->sides[number].peer);
    pair_revive(both, number);
}

void traffic_step(pair *both)
{
    const uint32_t chance = random_below(1000);

    if (chance < 370) {
        carry(both);
    } else if (chance < 530) {
        begin_exchange(both);
    } else if (chance < 720) {
        respond(both);
    } else if (chance < 780) {
        traffic_replay(both);
    } else if (chance < 840) {
        forge(both);
    } else if (chance < 890) {
        lose_patience(both);
    } else if (chance < 910) {
        stray(both);
    } else if (chance < 930) {
        reserve(both);
    } else if (chance < 993) {
        cut(both);
    } else if (chance < 995) {
        cut_both(both);
    } else {
        reopen(both);
    }
    if (both->keyed && random_once_in(REKEY_ONCE_IN)) {
        exchange_rekey(both);
    }
    if ((both->sides[0].unproven || both->sides[1].unproven) && random_once_in(30)) {
        recovery_prove(both);
    }
}
