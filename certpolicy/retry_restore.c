/* How a retry engine goes on with its record, or begins strictly without a good one. */
#include "certpolicy/retry_record.h"

#include "core/reader.h"
#include "core/reason.h"

/* So many attempts that the wait is the longest one. */
#define MANY_ATTEMPTS 32U

/* As written: `deadline` is what is left, `begun` how long ago it was. */
static lwsec_retry_peer read_peer(lwsec_reader *reader)
{
    lwsec_retry_peer peer = {.phase = lwsec_reader_u8(reader)};

    peer.flags = lwsec_reader_u8(reader);
    peer.alert = lwsec_reader_u8(reader);
    peer.same = lwsec_reader_u8(reader);
    peer.attempt = (uint32_t)lwsec_reader_uint(reader, 4);
    peer.sequence = (uint32_t)lwsec_reader_uint(reader, 4);
    peer.deadline = lwsec_reader_uint(reader, 8);
    peer.begun = lwsec_reader_uint(reader, 8);
    const uint8_t attempted = lwsec_reader_u8(reader);
    peer.attempted = attempted == 1;
    if (peer.phase > LWSEC_RETRY_STOPPED || (peer.flags & ~LWSEC_RETRY_FLAGS) != 0 ||
        peer.sequence == 0 || attempted > 1 ||
        (peer.phase == LWSEC_RETRY_TRYING && peer.attempt == 0)) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    return peer;
}

typedef struct saved_head {
    uint8_t flags;
    lwsec_retry_time time;
} saved_head;

static saved_head read_head(lwsec_reader *reader)
{
    saved_head head;

    if (lwsec_reader_u8(reader) != LWSEC_RETRY_RECORD_FORMAT) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    head.flags = lwsec_reader_u8(reader);
    const uint8_t trust = lwsec_reader_u8(reader);
    head.time.monotonic = 0;
    head.time.wall = lwsec_reader_uint(reader, 8);
    head.time.trust = (lwsec_retry_trust)trust;
    if ((head.flags & ~(LWSEC_RETRY_RECORD_STARTED | LWSEC_RETRY_RECORD_WANTED)) != 0 ||
        trust > LWSEC_RETRY_CLOCK_TRUSTED) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    return head;
}

static bool is_whole(lwsec_bytes record)
{
    if (record.size <= LWSEC_RETRY_RECORD_CHECK) {
        return false;
    }
    lwsec_reader reader = lwsec_reader_of(record);
    const lwsec_bytes body = lwsec_reader_take(&reader, record.size - LWSEC_RETRY_RECORD_CHECK);
    if (lwsec_reader_uint(&reader, LWSEC_RETRY_RECORD_CHECK) != lwsec_retry_record_check(body)) {
        return false;
    }
    reader = lwsec_reader_of(body);
    (void)read_head(&reader);
    (void)read_peer(&reader);
    const uint8_t count = lwsec_reader_u8(&reader);
    for (uint8_t i = 0; i < count && !lwsec_reader_failed(&reader); i++) {
        (void)lwsec_reader_uint(&reader, 2);
        (void)read_peer(&reader);
    }
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK;
}

/* How much of a wait is over. Only two trusted readings of the clock tell; a second less, as they
 * are whole seconds. Milliseconds. */
static uint64_t time_off(const lwsec_retry_time *then, const lwsec_retry_time *now)
{
    if (then->trust != LWSEC_RETRY_CLOCK_TRUSTED || now->trust != LWSEC_RETRY_CLOCK_TRUSTED ||
        now->wall <= then->wall) {
        return 0;
    }
    const uint64_t seconds = now->wall - then->wall - 1;
    return seconds < UINT64_MAX / 1000U ? seconds * 1000U : UINT64_MAX;
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* The longest that this peer can have to wait, as its resources are now. */
static uint64_t bound_of(const lwsec_retry *retry, const lwsec_retry_peer *peer)
{
    const lwsec_retry_server *server = &peer->server;

    if (peer == &retry->bootstrap) {
        return larger(lwsec_retry_seconds(retry->bootstrap_server.longest_wait),
                      lwsec_retry_seconds(retry->bootstrap_server.hold_off));
    }
    return larger(
        larger(lwsec_retry_wait_after(server, server->retry_count), lwsec_retry_longest(server)),
        lwsec_retry_seconds(server->initial_delay));
}

static void take_deadline(lwsec_retry *retry, lwsec_retry_peer *peer, uint64_t left, uint64_t off)
{
    const uint64_t bound = bound_of(retry, peer);
    const uint64_t bounded = left < bound ? left : bound;

    peer->deadline = lwsec_retry_after(retry->last.monotonic, bounded > off ? bounded - off : 0);
}

static void take_counts(lwsec_retry *retry, lwsec_retry_peer *peer, const lwsec_retry_peer *saved,
                        uint64_t off)
{
    const uint64_t now = retry->last.monotonic;
    const uint64_t age = lwsec_retry_after(saved->begun, off);

    peer->flags = saved->flags;
    peer->alert = saved->alert;
    peer->same = saved->same;
    peer->attempt = saved->attempt;
    peer->sequence = saved->sequence;
    peer->begun = age < now ? now - age : 0;
    peer->attempted = saved->attempted;
}

static void restore_bootstrap(lwsec_retry *retry, const lwsec_retry_peer *saved, uint64_t off)
{
    lwsec_retry_decision unread;

    take_counts(retry, &retry->bootstrap, saved, off);
    if (!retry->has_bootstrap) {
        return;
    }
    if (saved->phase == LWSEC_RETRY_WAITING) {
        retry->bootstrap.phase = LWSEC_RETRY_WAITING;
        take_deadline(retry, &retry->bootstrap, saved->deadline, off);
    } else if (saved->phase == LWSEC_RETRY_TRYING) {
        lwsec_retry_bootstrap_failed(retry, false, &unread);
    }
}

/* A reset is the only remedy that a device in the field has for a Server that has stopped. */
static void begin_again(lwsec_retry *retry, lwsec_retry_peer *peer)
{
    lwsec_retry_begin_round(
        peer, lwsec_retry_after(retry->last.monotonic, lwsec_retry_longest(&peer->server)));
}

static void restore_server(lwsec_retry *retry, lwsec_retry_peer *peer,
                           const lwsec_retry_peer *saved, uint64_t off)
{
    lwsec_retry_decision unread;

    take_counts(retry, peer, saved, off);
    if (!retry->has_bootstrap || !peer->server.bootstrap_on_failure) {
        peer->flags &= (uint8_t) ~(unsigned)(LWSEC_RETRY_WANTS | LWSEC_RETRY_ASKED);
    }
    peer->phase = saved->phase;
    switch ((lwsec_retry_phase)saved->phase) {
    case LWSEC_RETRY_WAITING:
    case LWSEC_RETRY_IDLE: take_deadline(retry, peer, saved->deadline, off); break;
    case LWSEC_RETRY_TRYING: lwsec_retry_failed_attempt(retry, peer, false, &unread); break;
    case LWSEC_RETRY_STANDING: /* registered anew, when its turn comes */
        peer->phase = LWSEC_RETRY_IDLE;
        peer->flags &= (uint8_t) ~(unsigned)LWSEC_RETRY_PASSED;
        break;
    case LWSEC_RETRY_STOPPED: break;
    }
    if (peer->phase == LWSEC_RETRY_STOPPED) {
        begin_again(retry, peer);
    }
}

static void restore_of(lwsec_retry *retry, uint16_t id, const lwsec_retry_peer *saved, uint64_t off)
{
    for (size_t i = 0; i < retry->count; i++) {
        if (retry->peers[i].server.id == id) {
            restore_server(retry, &retry->peers[i], saved, off);
        }
    }
}

static void go_on(lwsec_retry *retry, lwsec_bytes record)
{
    lwsec_reader reader = lwsec_reader_of(record);
    const saved_head head = read_head(&reader);
    const uint64_t off = time_off(&head.time, &retry->last);

    retry->started = (head.flags & LWSEC_RETRY_RECORD_STARTED) != 0;
    retry->wanted = (head.flags & LWSEC_RETRY_RECORD_WANTED) != 0;
    lwsec_retry_peer saved = read_peer(&reader);
    restore_bootstrap(retry, &saved, off);
    const uint8_t count = lwsec_reader_u8(&reader);
    for (uint8_t i = 0; i < count; i++) {
        const uint16_t id = (uint16_t)lwsec_reader_uint(&reader, 2);
        saved = read_peer(&reader);
        restore_of(retry, id, &saved, off);
    }
    retry->origin = LWSEC_RETRY_RESTORED;
    retry->dirty = true;
}

/* Nothing is known: each Server waits for as long as it may have to, also before its turn comes,
 * and bootstrapping has been tried in vain. */
static void begin_strictly(lwsec_retry *retry)
{
    const uint64_t now = retry->last.monotonic;

    for (size_t i = 0; i < retry->count; i++) {
        lwsec_retry_peer *peer = &retry->peers[i];
        peer->deadline = lwsec_retry_after(now, lwsec_retry_longest(&peer->server));
    }
    retry->started = true;
    retry->wanted = retry->count == 0;
    retry->bootstrap.attempt = MANY_ATTEMPTS;
    retry->bootstrap.attempted = true;
    retry->bootstrap.begun = now;
    retry->origin = LWSEC_RETRY_REFUSED;
    retry->dirty = true;
}

static bool is_damaged(lwsec_status status, const lwsec_reason *reason)
{
    return status == LWSEC_BUFFER ||
           (status == LWSEC_STATE &&
            (reason->why == LWSEC_WHY_STATE_TORN || reason->why == LWSEC_WHY_STATE_FOREIGN));
}

lwsec_status lwsec_retry_restore(lwsec_retry *retry, lwsec_reason *reason)
{
    uint8_t room[LWSEC_RETRY_RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_reason why = {LWSEC_WHY_NONE, 0};

    if (retry->state == NULL) {
        return LWSEC_OK;
    }
    const lwsec_status status =
        lwsec_state_load(retry->state, &retry->record, &value, &retry->version, &why);
    if (status == LWSEC_OK) {
        if (is_whole(lwsec_buffer_bytes(&value))) {
            go_on(retry, lwsec_buffer_bytes(&value));
        } else {
            begin_strictly(retry);
        }
    } else if (is_damaged(status, &why)) {
        retry->state = NULL; /* such a record stays as it is, and cannot be replaced */
        begin_strictly(retry);
    } else if (status != LWSEC_ABSENT) {
        return lwsec_refuse(status, why.why, why.offset, reason);
    }
    return LWSEC_OK;
}
