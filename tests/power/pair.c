/* Pairs of peers: how they are provisioned, started and ended. */
#include "tests/power/pair.h"

#include "tests/power/counts.h"
#include "tests/power/random.h"

#include <stdio.h>
#include <string.h>

bool pair_is_dead(const pair *both, unsigned number)
{
    return both->sides[number].peer.pid == 0;
}

void pair_revive(pair *both, unsigned number)
{
    side *own = &both->sides[number];

    if (own->peer.pid == 0) {
        host_start(&own->peer);
    }
    memset(own->asked, 0, sizeof own->asked);
    memset(own->held, 0, sizeof own->held);
    own->unproven = true;
}

void pair_restart(pair *both, unsigned number)
{
    host_bury(&both->sides[number].peer);
    pair_revive(both, number);
}

static void random_setting(const pair *both, unsigned number, setting *how)
{
    static const uint32_t reserves[] = {1, 2, 3, 5, 16, 64, 0};
    static const uint32_t windows[] = {1, 2, 8, 32, 63, 64, 0};

    how->role = ROLE_ALONE;
    if (both->keyed) {
        how->role = number == both->client ? ROLE_CLIENT : ROLE_SERVER;
        how->stateless = random_once_in(3);
    }
    how->sealed = random_once_in(4);
    random_fill(how->sealing, sizeof how->sealing);
    how->timed = random_once_in(3);
    how->ruled = how->timed && random_once_in(2);
    how->reserve = reserves[random_below(sizeof reserves / sizeof reserves[0])];
    how->reserve_max = random_once_in(2) ? how->reserve : 0;
    how->window = random_once_in(2) ? windows[random_below(sizeof windows / sizeof windows[0])]
                                    : 1 + random_below(64);
    how->flags = how->role != ROLE_CLIENT && random_once_in(4) ? LWSEC_OSCORE_SHARED_WINDOW : 0U;
}

static void random_names(setting how[2])
{
    setting *one = &how[0];

    random_fill(one->secret, sizeof one->secret);
    one->sender_id_size = (uint8_t)random_below(LWSEC_OSCORE_ID_MAX + 1);
    random_fill(one->sender_id, one->sender_id_size);
    one->recipient_id_size = (uint8_t)((one->sender_id_size + 1U) % (LWSEC_OSCORE_ID_MAX + 1));
    random_fill(one->recipient_id, one->recipient_id_size);
    how[1] = *one;
    how[1].sender_id_size = one->recipient_id_size;
    how[1].recipient_id_size = one->sender_id_size;
    memcpy(how[1].sender_id, one->recipient_id, sizeof how[1].sender_id);
    memcpy(how[1].recipient_id, one->sender_id, sizeof how[1].recipient_id);
}

void pair_begin(pair *both, bool keyed, const char *where)
{
    char path[128];
    setting how[2];

    memset(how, 0, sizeof how);
    random_names(how);
    network_clear();
    both->keyed = keyed;
    both->client = random_below(2);
    for (unsigned number = 0; number < 2; number++) {
        side *own = &both->sides[number];
        random_setting(both, number, &how[number]);
        (void)snprintf(path, sizeof path, "%s/peer-%u", where, number);
        host_begin(&own->peer, number, &how[number], path);
        own->next = 0;
        own->sent = 0;
        pair_revive(both, number);
    }
    counted.pairs++;
}

void pair_end(pair *both)
{
    for (unsigned number = 0; number < 2; number++) {
        host_close(&both->sides[number].peer);
        medium_erase(&both->sides[number].peer.own->medium);
    }
}
