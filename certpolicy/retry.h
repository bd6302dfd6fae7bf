/* What the parts of the retry engine share. */
#ifndef LWSEC_CERTPOLICY_RETRY_H
#define LWSEC_CERTPOLICY_RETRY_H

#include <lwsec/retry.h>

typedef enum lwsec_retry_phase {
    LWSEC_RETRY_IDLE = 0,     /* its turn has not come; of bootstrapping: nobody wants it */
    LWSEC_RETRY_WAITING = 1,  /* for the deadline */
    LWSEC_RETRY_TRYING = 2,   /* until something is reported, or the deadline */
    LWSEC_RETRY_STANDING = 3, /* registered */
    LWSEC_RETRY_STOPPED = 4
} lwsec_retry_phase;

enum {
    LWSEC_RETRY_PASSED = 0x01, /* the next one in the order may begin */
    LWSEC_RETRY_ONCE = 0x02,   /* was registered since the last bootstrap: no initial delay */
    LWSEC_RETRY_WANTS = 0x04,  /* wants to be bootstrapped */
    LWSEC_RETRY_ASKED = 0x08   /* wanted it, and was not registered since */
};

#define LWSEC_RETRY_FLAGS 0x0fU

/* How far the attempts with one peer have come. Times are of the monotonic clock. */
typedef struct lwsec_retry_peer {
    lwsec_retry_server server; /* as provisioned; of bootstrapping: not used */
    uint8_t phase;             /* lwsec_retry_phase */
    uint8_t flags;
    uint8_t alert;     /* the last unauthenticated FAIL */
    uint8_t same;      /* how many attempts in a row it has ended */
    uint32_t attempt;  /* begun in this sequence */
    uint32_t sequence; /* 1 and up */
    uint64_t deadline; /* of WAITING and TRYING; of IDLE: not to begin before it */
    uint64_t begun;    /* the last attempt; if `attempted` */
    bool attempted;
} lwsec_retry_peer;

struct lwsec_retry {
    lwsec_retry_bootstrap_server bootstrap_server;
    lwsec_retry_peer bootstrap;
    bool has_bootstrap;
    bool started;
    bool wanted; /* somebody asked to bootstrap */
    uint32_t same_alert;
    uint64_t attempt_limit; /* milliseconds */
    lwsec_retry_time last;  /* of the last call */

    lwsec_retry_origin origin;
    lwsec_state *state;
    lwsec_record record;
    uint64_t version;
    bool dirty;              /* not stored yet */
    bool pending;            /* a store waits for its medium */
    bool in_doubt;           /* a store failed: which version stands is not known */
    lwsec_retry_time stored; /* when it was stored last, or is being stored */
    lwsec_retry_peer *owed;  /* its attempt is to be given out when it is stored */
    lwsec_retry_peer before; /* what `owed` was */

    size_t count;
    lwsec_retry_peer peers[];
};

/* A wait longer than this is stored anew each time so much of it is over: a device without a clock
 * that is reset again and again would begin the same wait for ever. Milliseconds. */
#define LWSEC_RETRY_CHECKPOINT 3600000U

/* A time after `from`; it never reaches LWSEC_RETRY_NO_DEADLINE. */
static inline uint64_t lwsec_retry_after(uint64_t from, uint64_t wait)
{
    const uint64_t last = LWSEC_RETRY_NO_DEADLINE - 1;

    return from > last || wait > last - from ? last : from + wait;
}

/* What a resource says, in milliseconds. */
static inline uint64_t lwsec_retry_seconds(uint32_t seconds)
{
    return (uint64_t)seconds * 1000U;
}

/* Takes the time of a call. A clock that went back moves all times with it. */
void lwsec_retry_take_time(lwsec_retry *retry, const lwsec_retry_time *now);

/* ---- Attempts (retry_attempt.c) ---- */

/* `timer` times 2^(n-1), at most `longest`; milliseconds; n from 1. */
uint64_t lwsec_retry_back_off(uint64_t timer, uint32_t n, uint64_t longest);

/* The wait after failed attempt n of the Server's sequence. */
uint64_t lwsec_retry_wait_after(const lwsec_retry_server *server, uint32_t n);

/* The longest wait that a Server's resources know, LWSEC_RETRY_NEVER left aside. */
uint64_t lwsec_retry_longest(const lwsec_retry_server *server);

/* The attempt of a Server failed. `ends`: by something that no further attempt mends. */
void lwsec_retry_failed_attempt(lwsec_retry *retry, lwsec_retry_peer *peer, bool ends,
                                lwsec_retry_decision *decision);

/* Begins a round of sequences that waits until `deadline` for its first attempt. */
void lwsec_retry_begin_round(lwsec_retry_peer *peer, uint64_t deadline);

/* The numbers of a decision about a peer. */
void lwsec_retry_describe(const lwsec_retry *retry, const lwsec_retry_peer *peer,
                          lwsec_retry_action action, lwsec_retry_decision *decision);

/* ---- The order of Servers (retry_order.c) ---- */

/* Sorts the Servers: first those of the order. */
void lwsec_retry_sort(lwsec_retry *retry);

/* Lets those begin whose turn has come. */
void lwsec_retry_release(lwsec_retry *retry);

/* ---- Bootstrapping (retry_bootstrap.c) ---- */

/* Sees to it that the Bootstrap-Server is waited for, or is not. */
void lwsec_retry_consider_bootstrap(lwsec_retry *retry);

/* An attempt to bootstrap came to its end. */
void lwsec_retry_bootstrap_failed(lwsec_retry *retry, bool ends, lwsec_retry_decision *decision);
void lwsec_retry_bootstrapped(lwsec_retry *retry, lwsec_retry_decision *decision);

/* A Server was registered: it needs no bootstrap any more. */
void lwsec_retry_content(lwsec_retry *retry, lwsec_retry_peer *peer);

/* The wait between two attempts to bootstrap, after `attempt` of them. */
uint64_t lwsec_retry_bootstrap_wait(const lwsec_retry *retry);

/* ---- The record (retry_record.c, retry_restore.c) ---- */

/* Goes on where the record says, or begins as strictly as can be. */
LWSEC_MUST_CHECK lwsec_status lwsec_retry_restore(lwsec_retry *retry, lwsec_reason *reason);

/* Whether a wait has gone on for so long that it should be stored anew, and when. */
bool lwsec_retry_keeps_waiting(const lwsec_retry *retry, uint64_t *checkpoint);

/* Stores what is not stored yet. */
LWSEC_MUST_CHECK lwsec_status lwsec_retry_store(lwsec_retry *retry, lwsec_reason *reason);

#endif
