/* The record of a retry engine: waits and counts that survive a reset. */
#include "certpolicy/retry.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/siphash.h"
#include "core/writer.h"

#define RECORD_FORMAT 1U
#define CHECK_SIZE 8U
#define HEAD_SIZE 11U
#define PEER_SIZE 29U
#define RECORD_MAX                                                                                 \
    (HEAD_SIZE + PEER_SIZE + 1U + LWSEC_RETRY_SERVERS_MAX * (2U + PEER_SIZE) + CHECK_SIZE)

#define STARTED 0x01U
#define WANTED 0x02U

/* So many attempts that the wait is the longest one. */
#define MANY_ATTEMPTS 32U

/*
 * format 1 (1), flags (1), trust (1), wall clock (8); of bootstrapping: phase, flags, alert, same
 * (1 each), attempt, sequence (4 each), milliseconds that are left to wait (8), milliseconds since
 * the last attempt began (8), whether there was one (1); number of Servers (1); for each its Short
 * Server ID (2), and as of bootstrapping; SipHash of all before it (8). Numbers are big-endian.
 */

/* No secret: it finds damage, not an attacker, who may write into the device's state anyway. */
static uint64_t check_of(lwsec_bytes record)
{
    static const lwsec_siphash_key key = {{0x6c77736563207265U, 0x747279207265636fU}};

    return lwsec_siphash(&key, record);
}

/* ---- Writing ---- */

static uint64_t left_at(const lwsec_retry_peer *peer, uint64_t now)
{
    const bool waits = peer->phase == LWSEC_RETRY_WAITING || peer->phase == LWSEC_RETRY_IDLE;

    return waits && peer->deadline > now ? peer->deadline - now : 0;
}

static void write_peer(lwsec_writer *writer, const lwsec_retry_peer *peer, uint64_t now)
{
    lwsec_writer_u8(writer, peer->phase);
    lwsec_writer_u8(writer, peer->flags);
    lwsec_writer_u8(writer, peer->alert);
    lwsec_writer_u8(writer, peer->same);
    lwsec_writer_uint(writer, peer->attempt, 4);
    lwsec_writer_uint(writer, peer->sequence, 4);
    lwsec_writer_uint(writer, left_at(peer, now), 8);
    lwsec_writer_uint(writer, peer->begun < now ? now - peer->begun : 0, 8);
    lwsec_writer_u8(writer, peer->attempted ? 1 : 0);
}

static size_t write_record(const lwsec_retry *retry, uint8_t room[RECORD_MAX])
{
    const uint64_t now = retry->stored.monotonic;
    lwsec_writer writer = lwsec_writer_of(room, RECORD_MAX);

    lwsec_writer_u8(&writer, RECORD_FORMAT);
    lwsec_writer_u8(&writer,
                    (uint8_t)((retry->started ? STARTED : 0) | (retry->wanted ? WANTED : 0)));
    lwsec_writer_u8(&writer, (uint8_t)retry->stored.trust);
    lwsec_writer_uint(&writer, retry->stored.wall, 8);
    write_peer(&writer, &retry->bootstrap, now);
    lwsec_writer_u8(&writer, (uint8_t)retry->count);
    for (size_t i = 0; i < retry->count; i++) {
        lwsec_writer_uint(&writer, retry->peers[i].server.id, 2);
        write_peer(&writer, &retry->peers[i], now);
    }
    lwsec_writer_uint(&writer, check_of(lwsec_bytes_of(room, writer.size)), CHECK_SIZE);
    return writer.size;
}

/* Which version stands, after a store that failed. */
static lwsec_status look_again(lwsec_retry *retry, lwsec_reason *reason)
{
    uint8_t room[RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);

    const lwsec_status status =
        lwsec_state_load(retry->state, &retry->record, &value, &retry->version, reason);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status;
    }
    retry->in_doubt = false;
    return LWSEC_OK;
}

static lwsec_status store(lwsec_retry *retry, lwsec_reason *reason)
{
    uint8_t room[RECORD_MAX];

    /* What is pending is stored again as it was. */
    if (!retry->pending) {
        retry->stored = retry->last;
    }
    const size_t size = write_record(retry, room);
    const lwsec_status status = lwsec_state_store_if(
        retry->state, &retry->record, lwsec_bytes_of(room, size), &retry->version, reason);
    retry->pending = status == LWSEC_PENDING;
    retry->in_doubt = status != LWSEC_OK && status != LWSEC_PENDING;
    return status;
}

lwsec_status lwsec_retry_store(lwsec_retry *retry, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (retry->dirty && retry->state != NULL) {
        status = retry->in_doubt ? look_again(retry, reason) : LWSEC_OK;
        if (status == LWSEC_OK) {
            status = store(retry, reason);
        }
    }
    if (status != LWSEC_OK) {
        return status;
    }
    retry->dirty = false;
    return lwsec_accept(reason);
}

bool lwsec_retry_keeps_waiting(const lwsec_retry *retry, uint64_t *checkpoint)
{
    *checkpoint = lwsec_retry_after(retry->stored.monotonic, LWSEC_RETRY_CHECKPOINT);
    if (retry->state == NULL) {
        return false;
    }
    bool keeps = left_at(&retry->bootstrap, *checkpoint) > 0;
    for (size_t i = 0; i < retry->count; i++) {
        keeps = keeps || left_at(&retry->peers[i], *checkpoint) > 0;
    }
    return keeps;
}

/* ---- Reading ---- */

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

    if (lwsec_reader_u8(reader) != RECORD_FORMAT) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    head.flags = lwsec_reader_u8(reader);
    const uint8_t trust = lwsec_reader_u8(reader);
    head.time.monotonic = 0;
    head.time.wall = lwsec_reader_uint(reader, 8);
    head.time.trust = (lwsec_retry_trust)trust;
    if ((head.flags & ~(STARTED | WANTED)) != 0 || trust > LWSEC_RETRY_CLOCK_TRUSTED) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    return head;
}

static bool is_whole(lwsec_bytes record)
{
    if (record.size <= CHECK_SIZE) {
        return false;
    }
    lwsec_reader reader = lwsec_reader_of(record);
    const lwsec_bytes body = lwsec_reader_take(&reader, record.size - CHECK_SIZE);
    if (lwsec_reader_uint(&reader, CHECK_SIZE) != check_of(body)) {
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

    retry->started = (head.flags & STARTED) != 0;
    retry->wanted = (head.flags & WANTED) != 0;
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
    uint8_t room[RECORD_MAX];
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
