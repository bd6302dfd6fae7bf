/* State that must survive a reboot: counters, windows, associations. */
#ifndef LWSEC_STATE_H
#define LWSEC_STATE_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where records are kept. See the end of this file to write a back end. */
typedef struct lwsec_state lwsec_state;

/* Kinds of records. A number is never used again for something else. */
enum {
    LWSEC_RECORD_OSCORE = 1,   /* numbers and counts of use of an OSCORE Sender Key */
    LWSEC_RECORD_WINDOW = 2,   /* a replay window that several contexts share */
    LWSEC_RECORD_SMS = 3,      /* an SMS counter */
    LWSEC_RECORD_ACCOUNT = 4,  /* an account's settings */
    LWSEC_RECORD_AGREED = 5,   /* the ID Context that OSCORE Appendix B.2 agreed on */
    LWSEC_RECORD_RETRY = 6,    /* waits and counts of registration attempts */
    LWSEC_RECORD_KEYS = 7,     /* the version of a sealed key store */
    LWSEC_RECORD_ENROLLED = 8, /* the certificate that EST got for an account */

    LWSEC_RECORD_SECRET = 0x8000,        /* this bit marks the secret kinds */
    LWSEC_RECORD_ASSOCIATION = 0x8001,   /* a saved DTLS association */
    LWSEC_RECORD_TICKET = 0x8002,        /* a session ticket */
    LWSEC_RECORD_SEALED_ACCOUNT = 0x8003 /* an account's settings and secrets */
};

/* The longest value of a record, in bytes. */
#define LWSEC_RECORD_MAX 4096U

/*
 * The name of a record. For counters, `identity` is a fingerprint of the key that they count for,
 * so that the same secret finds its counter again however it was provisioned.
 */
typedef struct lwsec_record {
    uint32_t kind;
    uint8_t identity[16];
} lwsec_record;

/*
 * All calls: LWSEC_OK means durable. LWSEC_PENDING means that the medium is slow: call
 * lwsec_state_poll until it answers otherwise, then make the same call again. LWSEC_STATE means
 * that nothing may be sent or delivered that depends on it; with the reason STATE_SEALING for a
 * secret kind, the back end does not seal. LWSEC_FORKED: opened by another process. LWSEC_USAGE: a
 * pointer is NULL. Calls on one state may come from several threads; each is atomic. `reason` may
 * be NULL.
 */

/* Reads a record. `version` (1 and up) names what was read, for lwsec_state_store_if.
 * LWSEC_ABSENT: there is none, `version` is 0. LWSEC_BUFFER: `value` is too small. LWSEC_STATE with
 * the reason STATE_TORN or STATE_FOREIGN: there is one, but it cannot be trusted, and stays as it
 * is. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_load(lwsec_state *state,
                                                         const lwsec_record *record,
                                                         lwsec_buffer *value, uint64_t *version,
                                                         lwsec_reason *reason);

/* Writes a record if it still has `*version` (0: if there is none), and adds one to `*version`. A
 * record that was removed starts again at 1. LWSEC_CONFLICT: it has another version; load again.
 * LWSEC_USAGE with the reason TOO_LONG: over LWSEC_RECORD_MAX. LWSEC_STATE: the old record stays,
 * or, with STATE_IO, perhaps the new one stands: load again. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_store_if(lwsec_state *state,
                                                             const lwsec_record *record,
                                                             lwsec_bytes value, uint64_t *version,
                                                             lwsec_reason *reason);

/* Reads a record and removes it in one step: what was taken cannot be taken again, not even after a
 * power cut in between. LWSEC_ABSENT, LWSEC_BUFFER (then it stays). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_take(lwsec_state *state,
                                                         const lwsec_record *record,
                                                         lwsec_buffer *value, lwsec_reason *reason);

/* Raises a counter to `to`. A counter that is absent counts as "nothing used yet" and accepts any
 * value. Loaded, a counter is 8 bytes, big-endian. LWSEC_CONFLICT: it stands at `to` or higher
 * already. LWSEC_STATE with STATE_FOREIGN: the record is no counter. LWSEC_USAGE: a secret kind. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_advance(lwsec_state *state,
                                                            const lwsec_record *record, uint64_t to,
                                                            lwsec_reason *reason);

/* Accepts `number` (below 2^64 - 1) once: test-and-set in a window of `window` numbers (1 to 1024),
 * the last of which is the highest accepted. LWSEC_CONFLICT: it was accepted before, or is below
 * the window. One record is always used with one window size: LWSEC_USAGE for another one, and for
 * a secret kind. LWSEC_STATE with STATE_FOREIGN: the record is no window. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_window_accept(lwsec_state *state,
                                                                  const lwsec_record *record,
                                                                  uint64_t number, uint32_t window,
                                                                  lwsec_reason *reason);

/* Removes a record for good. LWSEC_ABSENT when there is none. Not for counters of keys that may
 * come back: without the record their numbers would start again. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_erase(lwsec_state *state,
                                                          const lwsec_record *record,
                                                          lwsec_reason *reason);

/* Goes on with what is pending. LWSEC_OK: nothing is pending any more; make the call again. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_poll(lwsec_state *state);

/* ---- For those who write a back end ---- */

#define LWSEC_STATE_ABI 1U

/*
 * The operations of a back end; each as the call of the same name. The core has checked before it
 * calls: the process, the pointers, the sizes of value and window, and that a secret kind goes to a
 * back end that seals and is neither counter nor window. It empties `value` after any answer but
 * LWSEC_OK. Versions go up by one, from 1: the sealing wrapper relies on it. `poll` may be NULL
 * where nothing is ever pending; every other entry is needed. `reason` is never NULL here.
 */
typedef struct lwsec_state_ops {
    uint32_t abi;  /* LWSEC_STATE_ABI */
    uint32_t size; /* sizeof(lwsec_state_ops) as the back end was compiled */
    const char *name;
    bool rollback_protected; /* an older copy of the whole store would be noticed */
    bool seals;              /* records are encrypted before they reach a medium */

    lwsec_status (*load)(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                         uint64_t *version, lwsec_reason *reason);
    lwsec_status (*store_if)(lwsec_state *state, const lwsec_record *record, lwsec_bytes value,
                             uint64_t *version, lwsec_reason *reason);
    lwsec_status (*take)(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                         lwsec_reason *reason);
    lwsec_status (*advance)(lwsec_state *state, const lwsec_record *record, uint64_t to,
                            lwsec_reason *reason);
    lwsec_status (*window_accept)(lwsec_state *state, const lwsec_record *record, uint64_t number,
                                  uint32_t window, lwsec_reason *reason);
    lwsec_status (*erase)(lwsec_state *state, const lwsec_record *record, lwsec_reason *reason);
    lwsec_status (*poll)(lwsec_state *state);
} lwsec_state_ops;

/* The head of every back end: the first member of its own struct. Filled by lwsec_state_init. */
struct lwsec_state {
    const lwsec_state_ops *ops;
    uint32_t epoch; /* of the process that opened it */
};

/* Makes a back end ready. LWSEC_USAGE: another ABI, or an entry that is missing. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_init(lwsec_state *state,
                                                         const lwsec_state_ops *ops);

/* Whether the back end would notice that the whole store was set back to an older copy. */
LWSEC_API bool lwsec_state_rollback_protected(const lwsec_state *state);

#ifdef __cplusplus
}
#endif
#endif
