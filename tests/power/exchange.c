/* Single steps of exchanges, and what may come of them. */
#include "tests/power/exchange.h"

#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/ledger.h"
#include "tests/power/random.h"

#include <string.h>

/* ---- What may be answered ---- */

static void count_refusal(const answer *said)
{
    counted.replays += said->status == LWSEC_REPLAY;
    counted.rejects += said->status == LWSEC_REJECT;
    counted.need_rekeys += said->status == LWSEC_NEED_REKEY;
    counted.limits += said->status == LWSEC_LIMIT;
}

noreturn void exchange_wrong(const char *to_what, unsigned number, const answer *said)
{
    wrong("peer %u answers %s with %s (%d)", number, to_what, lwsec_status_name(said->status),
          (int)said->why);
}

bool exchange_refuses(const answer *said, bool keyed)
{
    return said->status == LWSEC_REPLAY || said->status == LWSEC_LIMIT ||
           (keyed && (said->status == LWSEC_REJECT || said->status == LWSEC_USAGE ||
                      said->status == LWSEC_NEED_REKEY));
}

void exchange_check_forged(const datagram *given, bool keyed, const answer *said)
{
    if (said->status != LWSEC_REJECT && !exchange_refuses(said, keyed)) {
        exchange_wrong("a forgery", given->to, said);
    }
}

static uint64_t number_of(const datagram *request)
{
    lwsec_oscore_option option;
    uint64_t number = 0;

    if (lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_bytes_of(request->bytes, request->size), &option,
                          NULL) != LWSEC_OK) {
        wrong("a request of ours cannot be read");
    }
    for (size_t i = 0; i < option.partial_iv.size; i++) {
        number = number << 8 | option.partial_iv.data[i];
    }
    return number;
}

/* A request above all numbers before is new, whatever was lost, replayed or forged. */
static void check_request(const pair *both, const datagram *given, bool is_new, const answer *said)
{
    if (given->forged) {
        exchange_check_forged(given, both->keyed, said);
    } else if (said->status == LWSEC_OK) {
        if (said->id != given->about) {
            wrong("peer %u took a request for another one", given->to);
        }
    } else if (said->status == LWSEC_CHALLENGE) {
        if (said->challenged != LWSEC_OK || said->size == 0) {
            wrong("peer %u cannot challenge: %s", given->to, lwsec_status_name(said->challenged));
        }
    } else if (is_new || !exchange_refuses(said, both->keyed)) {
        exchange_wrong(is_new ? "a new request" : "a request", given->to, said);
    }
}

/* ---- Requests ---- */

/* A call that may be the peer's last one. */
static bool call(pair *both, unsigned number, order *what, answer *said)
{
    return host_call(&both->sides[number].peer, what, said);
}

bool exchange_ask(pair *both, unsigned from, uint32_t slot, answer *said)
{
    side *own = &both->sides[from];
    asking *one = &own->asked[slot];
    order what = {.kind = ORDER_SEND, .slot = slot, .observe = one->observe};

    one->used = true;
    one->tries++;
    one->id = ledger_message(from, false, 0);
    what.id = one->id;
    memcpy(what.echo, one->echo, one->echo_size);
    what.echo_size = one->echo_size;
    if (!call(both, from, &what, said) || said->status != LWSEC_OK) {
        one->used = false;
        return false;
    }
    one->sent = (datagram){.to = 1 - from, .about = one->id, .size = said->size};
    memcpy(one->sent.bytes, said->wire, said->size);
    const uint64_t number = number_of(&one->sent);
    if (number < own->sent && !both->keyed) {
        wrong("peer %u sends number %llu again", from, (unsigned long long)number);
    }
    own->sent = number + 1;
    return true;
}

void exchange_rekey(pair *both)
{
    order what = {.kind = ORDER_REKEY};
    answer said;

    if (call(both, both->client, &what, &said)) {
        counted.rekeys++;
        if (said.status != LWSEC_OK) {
            exchange_wrong("an order to agree on a context", both->client, &said);
        }
    }
    if (pair_is_dead(both, both->client)) {
        pair_restart(both, both->client);
    }
}

bool exchange_hand(pair *both, const datagram *given, uint32_t slot, answer *said)
{
    order what = {.kind = ORDER_RECEIVE, .slot = slot, .id = random_next(), .size = given->size};

    memcpy(what.wire, given->bytes, given->size);
    both->sides[given->to].held[slot].used = false;
    if (!call(both, given->to, &what, said)) {
        return false;
    }
    count_refusal(said);
    counted.challenges += said->status == LWSEC_CHALLENGE && said->size > 0;
    counted.agreed += said->agreed;
    return true;
}

bool exchange_give(pair *both, const datagram *given, uint32_t slot, answer *said)
{
    side *own = &both->sides[given->to];
    const uint64_t number = given->forged ? 0 : number_of(given);
    const bool is_higher = !given->forged && number >= own->next;

    own->next = is_higher ? number + 1 : own->next;
    if (!exchange_hand(both, given, slot, said)) {
        return false;
    }
    check_request(both, given, is_higher && !both->keyed, said);
    if (said->status == LWSEC_OK) {
        own->held[slot] = (holding){.used = true, .id = given->about};
    }
    return true;
}

uint32_t exchange_slot(const side *own)
{
    for (uint32_t slot = 0; slot < HELD_MAX; slot++) {
        if (!own->held[slot].used) {
            return slot;
        }
    }
    return random_below(HELD_MAX);
}

/* ---- Responses ---- */

bool exchange_respond(pair *both, unsigned from, uint32_t slot, datagram *made)
{
    holding *one = &both->sides[from].held[slot];
    const bool notify = one->observe && !random_once_in(4);
    answer said;
    order what = {.kind = ORDER_RESPOND,
                  .slot = slot,
                  .id = ledger_message(from, true, one->id),
                  .observe = notify,
                  .own_piv = random_once_in(4)};

    if (!call(both, from, &what, &said)) {
        return false;
    }
    if (said.status == LWSEC_USAGE && both->keyed) { /* its context is replaced */
        one->used = false;
        return false;
    }
    if (said.status != LWSEC_OK) {
        exchange_wrong("an order to respond", from, &said);
    }
    *made = (datagram){.to = 1 - from, .response = true, .about = one->id, .size = said.size};
    memcpy(made->bytes, said.wire, said.size);
    one->answers++;
    one->used = notify || random_once_in(6); /* some answer again: a nonce of its own */
    return true;
}

bool exchange_collect(pair *both, const datagram *given, uint32_t slot, answer *said)
{
    order what = {.kind = ORDER_COLLECT, .slot = slot, .size = given->size};

    memcpy(what.wire, given->bytes, given->size);
    if (!call(both, given->to, &what, said)) {
        return false;
    }
    count_refusal(said);
    return true;
}
