/* Packets of SMS between two peers that are killed: lost, doubled, replayed, forged, sent back. */
#include "tests/power/sms_pair.h"

#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/ledger.h"
#include "tests/power/random.h"

#include <lwsec/sms_association.h>

#include <stdio.h>
#include <string.h>

#define STEPS_PER_CUT 5U

/* ---- Lives ---- */

static void revive(sms_pair *both, unsigned number)
{
    if (both->peers[number].pid == 0) {
        host_bury(&both->peers[number]);
        host_start(&both->peers[number]);
    }
}

void sms_pair_begin(sms_pair *both, const char *where)
{
    static const uint32_t half[2] = {LWSEC_SMS_SEND_UPPER, LWSEC_SMS_SEND_LOWER};
    char path[128];
    setting how = {.role = ROLE_ALONE};

    random_fill(how.secret, sizeof how.secret);
    random_fill(how.sealing, sizeof how.sealing);
    network_clear();
    both->halves = random_once_in(2);
    for (unsigned number = 0; number < 2; number++) {
        how.sealed = random_once_in(4);
        how.sender_id[0] = (uint8_t)number;
        how.flags = both->halves ? half[number] : 0U;
        (void)snprintf(path, sizeof path, "%s/peer-%u", where, number);
        host_begin(&both->peers[number], number, &how, path);
        host_start(&both->peers[number]);
        both->last[number].size = 0;
    }
    counted.pairs++;
}

void sms_pair_end(sms_pair *both)
{
    for (unsigned number = 0; number < 2; number++) {
        host_close(&both->peers[number]);
        medium_erase(&both->peers[number].own->medium);
    }
}

/* ---- Single steps ---- */

static void expect(unsigned number, const char *to_what, const answer *said, lwsec_status status)
{
    if (said->status != status) {
        wrong("peer %u answers %s with %s (%d)", number, to_what, lwsec_status_name(said->status),
              (int)said->why);
    }
}

/* A new packet. False: the peer died with it. */
static bool make(sms_pair *both, unsigned from, datagram *made)
{
    order what = {.kind = ORDER_SEND, .id = ledger_message(from, false, 0)};
    answer said;

    counted.begun++;
    if (!host_call(&both->peers[from], &what, &said)) {
        return false;
    }
    expect(from, "an order to send", &said, LWSEC_OK);
    *made = (datagram){.to = 1 - from, .about = what.id, .size = said.size};
    memcpy(made->bytes, said.wire, said.size);
    both->last[from] = *made;
    happened_now("peer %u sends message %llu", from, (unsigned long long)what.id);
    return true;
}

/* False: the peer died, and may have taken it. */
static bool hand(sms_pair *both, const datagram *given, answer *said)
{
    order what = {.kind = ORDER_RECEIVE, .size = given->size};

    memcpy(what.wire, given->bytes, given->size);
    if (!host_call(&both->peers[given->to], &what, said)) {
        return false;
    }
    happened_now("peer %u answers message %llu with %s", given->to,
                 (unsigned long long)given->about, lwsec_status_name(said->status));
    counted.completed += said->status == LWSEC_OK;
    return true;
}

/* A packet that is genuine: delivered, or old. */
static void give(sms_pair *both, const datagram *given)
{
    answer said;

    if (hand(both, given, &said) && said.status != LWSEC_OK) {
        expect(given->to, "a genuine packet", &said, LWSEC_REPLAY);
        counted.replays++;
    }
}

static void give_wrong(sms_pair *both, const datagram *given, const char *what)
{
    answer said;

    if (hand(both, given, &said)) {
        /* A packet that comes back may be too old as well. */
        if (said.status != LWSEC_REPLAY || given->forged) {
            expect(given->to, what, &said, LWSEC_REJECT);
        }
        counted.rejects++;
    }
}

/* ---- Events ---- */

static void send_one(sms_pair *both)
{
    datagram made;

    if (make(both, random_below(2), &made)) {
        network_send(&made);
    }
}

static void take_one(sms_pair *both)
{
    datagram taken;

    if (network_take(&taken)) {
        give(both, &taken);
    }
}

static void replay_one(sms_pair *both)
{
    datagram seen;

    if (network_replay(&seen)) {
        counted.replayed++;
        give(both, &seen);
    }
}

/* One bit of a packet that was seen is another. */
static void forge_one(sms_pair *both)
{
    datagram seen;

    if (network_replay(&seen)) {
        const uint32_t bit = random_below((uint32_t)seen.size * 8);
        seen.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        seen.forged = true;
        counted.forged++;
        give_wrong(both, &seen, "a forged packet");
    }
}

/* The packet that a peer sent last comes back to it: it remembers a few, over restarts too. */
static void send_back(sms_pair *both)
{
    const unsigned number = random_below(2);
    datagram back = both->last[number];

    if (back.size > 0) {
        back.to = number;
        counted.strayed++;
        give_wrong(both, &back, "its own packet");
    }
}

/* Everything is gone but the state, which belongs to the device. The keys are said to be fresh. */
static void provision_again(sms_pair *both)
{
    const unsigned number = random_below(2);
    host *peer = &both->peers[number];

    if (random_once_in(2)) {
        host_close(peer);
    } else {
        host_bury(peer);
    }
    peer->claims = true;
    host_start(peer);
    counted.deletions++;
    for (unsigned i = 0; i < 5; i++) {
        replay_one(both);
        revive(both, 0);
        revive(both, 1);
    }
}

static void prove_one(sms_pair *both, unsigned from)
{
    datagram made;
    answer said = {.status = LWSEC_ENGINE};

    if (!make(both, from, &made) || !hand(both, &made, &said)) {
        wrong("a peer dies though nobody kills it");
    }
    expect(made.to, "a new packet", &said, LWSEC_OK);
    counted.recoveries++;
}

void sms_prove(sms_pair *both)
{
    for (unsigned number = 0; number < 2; number++) {
        host_disarm(&both->peers[number]);
        revive(both, number);
    }
    prove_one(both, 0);
    prove_one(both, 1);
}

void sms_traffic_step(sms_pair *both)
{
    const uint32_t event = random_below(100);
    host *peer = &both->peers[random_below(2)];

    if (random_once_in(STEPS_PER_CUT) && peer->own->end_count == 0 && !peer->at_random) {
        host_arm(peer);
        revive(both, peer->number);
    }
    if (event < 40) {
        send_one(both);
    } else if (event < 75) {
        take_one(both);
    } else if (event < 83) {
        replay_one(both);
    } else if (event < 91) {
        forge_one(both);
    } else if (event < 95) {
        send_back(both);
    } else if (event < 97) {
        provision_again(both);
    } else {
        sms_prove(both);
    }
    revive(both, 0);
    revive(both, 1);
}

/* ---- Lost state ---- */

static void expect_silence(sms_pair *both, unsigned number)
{
    order what = {.kind = ORDER_SEND, .id = ledger_message(number, false, 0)};
    datagram made;
    answer said = {.status = LWSEC_ENGINE};

    if (!host_call(&both->peers[number], &what, &said)) {
        wrong("a peer dies though nobody kills it");
    }
    expect(number, "an order to send, its counters lost", &said, LWSEC_NEED_REKEY);
    if (!make(both, 1 - number, &made) || !hand(both, &made, &said)) {
        wrong("a peer dies though nobody kills it");
    }
    expect(number, "a packet, its counters lost", &said, LWSEC_NEED_REKEY);
    counted.need_rekeys += 2;
}

void sms_lose_state(sms_pair *both)
{
    const unsigned number = random_below(2);
    host *peer = &both->peers[number];

    sms_prove(both);
    host_kill(peer);
    counted.killed++;
    medium_erase(&peer->own->medium);
    peer->lost = true;
    host_start(peer);
    counted.losses++;
    expect_silence(both, number);
    host_bury(peer);
    host_start(peer);
    expect_silence(both, number);
}
