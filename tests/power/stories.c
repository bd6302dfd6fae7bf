/* Accounts that are deleted and come back, that are flooded, and that lose their state. */
#include "tests/power/stories.h"

#include "tests/power/counts.h"
#include "tests/power/exchange.h"
#include "tests/power/failure.h"
#include "tests/power/random.h"
#include "tests/power/recovery.h"
#include "tests/power/traffic.h"

#define OPEN_LIMIT (1U << 14)                        /* v of AES-CCM-16-64-128 */
#define FORGOTTEN_BY_A_CUT ((OPEN_LIMIT >> 10) + 1U) /* what is not yet stored of it */
#define FLOOD_CALLS_PER_CUT 2000U
#define REPLAYS 40U
#define EXCHANGES_AFTER 20U
#define SLOT 0U

/* Normal traffic, with all that goes wrong in it. */
static void go_on(pair *both)
{
    const unsigned end = counted.completed + EXCHANGES_AFTER;

    recovery_prove(both);
    while (counted.completed < end) {
        traffic_step(both);
    }
    recovery_prove(both);
}

static void replay_much(pair *both)
{
    for (unsigned i = 0; i < REPLAYS; i++) {
        traffic_replay(both);
    }
}

/* ---- The account is deleted, the identical secret provisioned, and a request sent ---- */

/* Everything is gone but the state, which belongs to the device. The key is said to be fresh. */
static void provision_again(pair *both, unsigned number)
{
    host *peer = &both->sides[number].peer;

    if (random_once_in(2)) {
        host_close(peer);
    } else {
        host_bury(peer);
    }
    peer->claims = true;
    peer->how.reserve = 1 + random_below(80);
    peer->how.reserve_max = 0;
    if ((peer->how.flags & LWSEC_OSCORE_SHARED_WINDOW) == 0) {
        peer->how.window = 1 + random_below(64);
    }
    pair_revive(both, number);
    counted.deletions++;
}

/* Numbers go on (the ledger and exchange_ask see to it), and nothing old is taken for new. */
static void delete_account(pair *both)
{
    const unsigned number = random_below(2);

    provision_again(both, number);
    if (random_once_in(2)) {
        provision_again(both, 1 - number);
    }
    replay_much(both);
    go_on(both);
}

/* ---- Forgeries up to the limit ---- */

/* The other side sends a real request to it: `said` is what comes of it. */
static void knock(pair *both, unsigned to, answer *said)
{
    asking *one = &both->sides[1 - to].asked[SLOT];

    *one = (asking){.used = false};
    if (!exchange_ask(both, 1 - to, SLOT, said) || !exchange_hand(both, &one->sent, SLOT, said)) {
        wrong("peer %u cannot be asked: %s", to, lwsec_status_name(said->status));
    }
}

static void expect_limit(pair *both, unsigned to)
{
    answer said;

    knock(both, to, &said);
    if (said.status != LWSEC_LIMIT) {
        wrong("peer %u answers %s although its key is worn out", to,
              lwsec_status_name(said.status));
    }
}

/* What power cuts may forget of the failed opens is little, however many there are. */
static void flood(pair *both, unsigned to)
{
    side *own = &both->sides[to];
    const setting *sender = &both->sides[1 - to].peer.how;
    const lwsec_bytes kid = lwsec_bytes_of(sender->sender_id, sender->sender_id_size);
    unsigned most = OPEN_LIMIT;
    datagram forged = {.to = to};
    answer said = {.status = LWSEC_REJECT};

    for (unsigned count = 0; said.status != LWSEC_LIMIT; count++) {
        if (count > most) {
            wrong("peer %u goes on after %u forgeries", to, count);
        }
        if (!own->peer.how.stateless && random_once_in(FLOOD_CALLS_PER_CUT)) {
            pair_restart(both, to);
            most += FORGOTTEN_BY_A_CUT;
        }
        network_made_up(&forged, kid, own->next + 1000 + count);
        counted.forged++;
        if (!exchange_hand(both, &forged, SLOT, &said) ||
            (said.status != LWSEC_REJECT && said.status != LWSEC_LIMIT)) {
            wrong("peer %u answers a forgery with %s", to, lwsec_status_name(said.status));
        }
    }
    counted.floods++;
}

/* The limit outlives restarts. Then Appendix B.2, where it can be had, and normal traffic. */
static void wear_out(pair *both)
{
    const unsigned to = random_below(2);

    flood(both, to);
    expect_limit(both, to);
    if (!both->sides[to].peer.how.stateless) {
        pair_restart(both, to);
        expect_limit(both, to);
    }
    if (both->keyed) {
        go_on(both);
    }
}

/* ---- The state is lost ---- */

static void expect_silence(pair *both, unsigned number)
{
    answer said;

    if (exchange_ask(both, number, SLOT, &said) || said.status != LWSEC_NEED_REKEY) {
        wrong("peer %u sends although its numbers are lost", number);
    }
    counted.need_rekeys++;
    knock(both, number, &said);
    if (said.status != LWSEC_CHALLENGE || said.challenged != LWSEC_NEED_REKEY || said.size != 0) {
        wrong("peer %u answers %s although its numbers are lost", number,
              lwsec_status_name(said.status));
    }
}

/* Nothing is sealed with the old keys; only Appendix B.2 gives the peer a voice again. */
static void lose_state(pair *both)
{
    const unsigned number = random_below(2);
    host *peer = &both->sides[number].peer;

    host_kill(peer);
    counted.killed++;
    medium_erase(&peer->own->medium);
    peer->lost = true;
    pair_revive(both, number);
    counted.losses++;
    if (both->keyed) {
        replay_much(both);
        go_on(both);
        return;
    }
    expect_silence(both, number);
    pair_restart(both, number);
    expect_silence(both, number);
}

void stories_tell(pair *both, unsigned number)
{
    switch (number % 5) {
    case 0: wear_out(both); break;
    case 1:
    case 2: delete_account(both); break;
    case 3: lose_state(both); break;
    default:
        delete_account(both);
        lose_state(both);
        break;
    }
}
