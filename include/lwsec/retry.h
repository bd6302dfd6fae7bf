/* When to register again, and when to bootstrap: LwM2M Core 6.2.1, Transport 5.2.10. */
#ifndef LWSEC_RETRY_H
#define LWSEC_RETRY_H

#include <lwsec/alert.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A client makes an engine for its Servers and its Bootstrap-Server, and starts it. Then, always:
 *
 *   lwsec_retry_next     until it answers LWSEC_RETRY_NOTHING: what to do now;
 *   lwsec_retry_deadline when to call it again, at the latest;
 *   lwsec_retry_report   what came of an attempt, and what follows from it.
 *
 * One attempt is a handshake and a Register, or a handshake and a Bootstrap-Request up to
 * Bootstrap-Finish. Several Servers may be tried at the same time; while there is an attempt to
 * bootstrap there is no other one.
 */
typedef struct lwsec_retry lwsec_retry;

/* ---- Time ---- */

typedef enum lwsec_retry_trust {
    LWSEC_RETRY_CLOCK_UNSET = 0,   /* `wall` says nothing */
    LWSEC_RETRY_CLOCK_DOUBTED = 1, /* it was set, but anybody may have set it */
    LWSEC_RETRY_CLOCK_TRUSTED = 2
} lwsec_retry_trust;

/* Now. A monotonic clock that goes back counts as one that stood still. */
typedef struct lwsec_retry_time {
    uint64_t monotonic; /* milliseconds since any moment of this run, time asleep included */
    uint64_t wall;      /* seconds since 1970 */
    lwsec_retry_trust trust;
} lwsec_retry_time;

#define LWSEC_RETRY_NO_DEADLINE UINT64_MAX

/* ---- Servers ---- */

/* Which resources of the Server object (1) the instance has; an absent one has its default. */
enum {
    LWSEC_RETRY_HAS_PRIORITY = 0x01,
    LWSEC_RETRY_HAS_INITIAL_DELAY = 0x02,
    LWSEC_RETRY_HAS_FAILURE_BLOCK = 0x04,
    LWSEC_RETRY_HAS_BOOTSTRAP = 0x08,
    LWSEC_RETRY_HAS_COUNT = 0x10,
    LWSEC_RETRY_HAS_TIMER = 0x20,
    LWSEC_RETRY_HAS_SEQUENCE_DELAY = 0x40,
    LWSEC_RETRY_HAS_SEQUENCE_COUNT = 0x80
};

/* A sequence delay of this value: no further sequence, ever. Values that do not fit are this one.
 */
#define LWSEC_RETRY_NEVER UINT32_MAX

typedef struct lwsec_retry_server {
    size_t size;                   /* sizeof(lwsec_retry_server) */
    uint16_t id;                   /* Short Server ID, 1 to 65534 */
    uint32_t present;              /* LWSEC_RETRY_HAS_... */
    uint32_t priority;             /* 13; absent: not in the order, begins by itself */
    uint32_t initial_delay;        /* 14, seconds; absent: 0 */
    bool failure_block;            /* 15; absent: false */
    bool bootstrap_on_failure;     /* 16; absent: true */
    uint32_t retry_count;          /* 17, attempts in a sequence; absent: 5; 0 is taken for 1 */
    uint32_t retry_timer;          /* 18, seconds; absent: 60; 0 is taken for 1 */
    uint32_t sequence_delay;       /* 19, seconds; absent: 86400; 0 is taken for 1 */
    uint32_t sequence_retry_count; /* 20; absent: 1; 0 is taken for 1 */
} lwsec_retry_server;

/* The Bootstrap-Server account. */
typedef struct lwsec_retry_bootstrap_server {
    size_t size;           /* sizeof(lwsec_retry_bootstrap_server) */
    uint32_t hold_off;     /* 0/x/11, seconds */
    uint32_t retry_timer;  /* seconds; 0: 60 */
    uint32_t longest_wait; /* seconds between two attempts at most; 0: 86400 */
} lwsec_retry_bootstrap_server;

#define LWSEC_RETRY_SERVERS_MAX 16U

typedef struct lwsec_retry_config {
    size_t size; /* sizeof(lwsec_retry_config) */
    const lwsec_retry_server *servers;
    size_t count;                                  /* 0 to LWSEC_RETRY_SERVERS_MAX */
    const lwsec_retry_bootstrap_server *bootstrap; /* NULL: none */
    uint32_t same_alert;    /* so many attempts in a row that end with the same unauthenticated FAIL
                             * alert are believed; 0: 3 */
    uint32_t attempt_limit; /* seconds; an attempt of which nothing is reported has failed then;
                             * 0: 600 */
    lwsec_state *state;     /* keeps waits and counts over a reset; NULL: nothing is kept */
    uint8_t identity[16];   /* of the record, LWSEC_RECORD_RETRY */
} lwsec_retry_config;

/* Memory that is enough, for static use; lwsec_retry_size is authoritative. */
#define LWSEC_RETRY_SIZE(servers) (256U + 128U * (1U + (size_t)(servers)))
LWSEC_API size_t lwsec_retry_size(size_t servers);

/* What an engine found in its state. */
typedef enum lwsec_retry_origin {
    LWSEC_RETRY_FRESH = 0,    /* no record: the first start */
    LWSEC_RETRY_RESTORED = 1, /* goes on where it stood */
    LWSEC_RETRY_REFUSED = 2   /* a record that cannot be trusted: the strictest start */
} lwsec_retry_origin;

/*
 * Makes an engine in the caller's memory, aligned as for uint64_t; the configuration is copied.
 *
 * With a record the engine goes on: a wait goes on with what is left of it. Time that the device
 * was off counts where the clock was trusted then and is now; elsewhere it does not. An attempt
 * that the reset cut short has failed. A registration is made anew, at once. A Server that had
 * stopped begins again, after the longest wait of its sequence. Servers are known by their Short
 * Server ID; one that the record does not know is new.
 *
 * A record that is damaged or of another format is not used: each Server begins as if its last
 * sequence had just failed, and bootstrapping with its longest wait. If the back end itself cannot
 * read the record, it stays, and the engine keeps nothing.
 *
 * LWSEC_USAGE with CONFIG: sizes, two Servers of one ID, neither Server nor Bootstrap-Server.
 * LWSEC_BUFFER. LWSEC_PENDING, LWSEC_STATE, LWSEC_FORKED: of the state; nothing was made.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_retry_init(void *memory, size_t size,
                                                         const lwsec_retry_config *config,
                                                         const lwsec_retry_time *now,
                                                         lwsec_retry **retry, lwsec_reason *reason);

/* Forgets the engine, not its record, and zeroes the pointer. */
LWSEC_API void lwsec_retry_close(lwsec_retry **retry);

LWSEC_API lwsec_retry_origin lwsec_retry_get_origin(const lwsec_retry *retry);

/* ---- Decisions ---- */

/* The Bootstrap-Server where a Short Server ID is asked for. */
#define LWSEC_RETRY_BOOTSTRAP_ID 0U

typedef enum lwsec_retry_action {
    LWSEC_RETRY_NOTHING = 0,
    LWSEC_RETRY_CONNECT,       /* handshake with the Server and Register, now */
    LWSEC_RETRY_BOOTSTRAP,     /* connect to the Bootstrap-Server and bootstrap, now */
    LWSEC_RETRY_AGAIN,         /* the attempt failed; the next one follows after `wait` */
    LWSEC_RETRY_NEXT_SEQUENCE, /* the sequence failed; the next one follows after `wait` */
    LWSEC_RETRY_FAILED,        /* the registration failed; it begins anew after `wait` */
    LWSEC_RETRY_REGISTERED,    /* counts are back at zero */
    LWSEC_RETRY_BOOTSTRAPPED,  /* all Servers begin anew: lwsec_retry_next stores that, then make an
                                * engine for the new accounts */
    LWSEC_RETRY_IGNORED        /* the report fits no attempt and no registration */
} lwsec_retry_action;

typedef struct lwsec_retry_decision {
    lwsec_retry_action action;
    uint16_t server;    /* Short Server ID, or LWSEC_RETRY_BOOTSTRAP_ID */
    uint32_t attempt;   /* of the sequence: 1 and up */
    uint32_t attempts;  /* in a sequence; 0 for bootstrapping: no limit */
    uint32_t sequence;  /* 1 and up; 0 for bootstrapping */
    uint32_t sequences; /* before the registration fails; 0 for bootstrapping */
    uint64_t wait;      /* milliseconds from now; LWSEC_RETRY_NO_DEADLINE: for ever, the resources
                         * of the Server end it here */
    bool has_alert;     /* `alert` is to be written to TLS-DTLS Alert Code (1/x/11) */
    uint8_t alert;
} lwsec_retry_decision;

/* ---- The life of an engine ---- */

/* Starts a fresh engine; an engine that runs, as one with a record does, is left as it is. */
LWSEC_API void lwsec_retry_start(lwsec_retry *retry, const lwsec_retry_time *now);

/*
 * One thing to do now; call it until it answers LWSEC_RETRY_NOTHING. It also tells of attempts that
 * took too long, as lwsec_retry_report would.
 *
 * LWSEC_RETRY_CONNECT and LWSEC_RETRY_BOOTSTRAP are given out after they are stored: an attempt
 * that a reset cuts short was made. LWSEC_PENDING: poll the state and call again. Another status of
 * the state: nothing was decided; call again later, or make an engine without state.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_retry_next(lwsec_retry *retry,
                                                         const lwsec_retry_time *now,
                                                         lwsec_retry_decision *decision,
                                                         lwsec_reason *reason);

/* When to call lwsec_retry_next again, on the monotonic clock of the last call.
 * LWSEC_RETRY_NO_DEADLINE: not before something is reported. Then each Server is registered, has
 * stopped as its resources say, or stands in the order behind one that has. */
LWSEC_API uint64_t lwsec_retry_deadline(const lwsec_retry *retry);

/* ---- Reports ---- */

typedef enum lwsec_retry_event {
    LWSEC_RETRY_SUCCESS = 1, /* Register was answered 2.01; Bootstrap-Finish was answered 2.04 */
    LWSEC_RETRY_ALERT,       /* `alert` ended the handshake or the connection */
    LWSEC_RETRY_TIMEOUT,     /* no answer, no way, or no Bootstrap-Finish in EXCHANGE_LIFETIME */
    LWSEC_RETRY_RESPONSE,    /* Register or Bootstrap-Request was answered by an error, `code` */
    LWSEC_RETRY_LOST,        /* the registration is gone: Update failed, its lifetime ended */
    LWSEC_RETRY_RENEWED,     /* registered, and there is a new security context: a whole handshake
                              * (LWSEC_DTLS_EVENT_DONE that is not resumed), OSCORE derived anew */
    LWSEC_RETRY_MOVED        /* registered without security, and the own address is another one */
} lwsec_retry_event;

typedef struct lwsec_retry_outcome {
    size_t size; /* sizeof(lwsec_retry_outcome) */
    lwsec_retry_event event;
    lwsec_alert alert; /* of LWSEC_RETRY_ALERT */
    uint8_t code;      /* of LWSEC_RETRY_RESPONSE: a CoAP code, 4.00 and up */
} lwsec_retry_outcome;

/*
 * What came of an attempt, or of a registration that stood.
 *
 * Failed attempt n of a sequence is followed by a wait of the retry timer times 2^(n-1), the last
 * one by the sequence delay, if a sequence is left. Then, or at once with an alert that ends the
 * sequence (lwsec_alert_judge), the registration has failed: the client bootstraps, if resource 16
 * and the accounts let it, and in any case registration begins anew after the sequence delay. An
 * explicit rejection (4.xx but 4.08, 4.13 and 4.29) does the same where resource 16 is true, and is
 * an ordinary failure where it is false.
 *
 * A registration that is lost is made anew at once, but not before the retry timer has passed since
 * it was tried last. So is one whose security context is a new one, and one without security whose
 * client has another address: a Server knows its client by nothing else (Transport 6.4.3). An
 * attempt goes on over both. An alert that ends sequences makes the registration fail.
 *
 * An attempt to bootstrap that failed is followed by another one, for ever: after the retry timer
 * times 2^(n-1), at most the longest wait. Its count starts again when the Servers that it was made
 * for are registered; the first wait of it, the retry timer, is kept after any attempt. The
 * accounts are kept, and their Servers are tried meanwhile.
 *
 * LWSEC_ABSENT: no such Server. LWSEC_USAGE: an event or code that there is not.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_retry_report(lwsec_retry *retry,
                                                           const lwsec_retry_time *now,
                                                           uint16_t server,
                                                           const lwsec_retry_outcome *outcome,
                                                           lwsec_retry_decision *decision);

/* Somebody wants to bootstrap: the trigger /1/x/9 was executed, or a person asked for it. It comes
 * after the hold-off, and not earlier than the waits between attempts allow. LWSEC_ABSENT: there is
 * no Bootstrap-Server account. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_retry_bootstrap(lwsec_retry *retry,
                                                              const lwsec_retry_time *now);

#ifdef __cplusplus
}
#endif
#endif
