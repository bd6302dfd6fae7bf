/* Provisioning as a transaction: begin, set, commit; after a power cut the old or the new accounts.
 */
#ifndef LWSEC_ACCOUNT_STORE_H
#define LWSEC_ACCOUNT_STORE_H

#include <lwsec/account.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where accounts are kept: values in records of a state, secrets as keys in a store.
 *
 * A bootstrap begins a stage, sets values in any order (lwsec_accounts_set, _delete, _read_tlv,
 * lwsec_unbootstrap_apply), and commits it at Bootstrap-Finish. The commit checks everything,
 * writes the new values beside the old ones, imports the keys, and then switches to them by one
 * record: whatever happens, the old accounts or the new ones are whole. The stage is wiped.
 *
 * Secrets are never in a record as they are:
 * - by default the store keeps the keys (a token, a sealed file), under names of the form
 *   "lwsec-...", and a record holds the names. The store has to find keys by name; accounts let go
 *   of the handles when they are closed or loaded anew.
 * - with LWSEC_PROVISIONING_SEALED the records are of a secret kind, which reaches a medium only
 *   through <lwsec/state_sealed.h>, and the keys are imported anew by each load.
 *
 * Over a state that answers LWSEC_PENDING, all calls poll it until it has answered: provisioning is
 * rare. Keys of stores that answer LWSEC_PENDING are too slow (LWSEC_UNSUPPORTED).
 *
 * One thread uses it at a time, and one object for each state and name: a second one would write
 * into the same place.
 */
typedef struct lwsec_provisioning lwsec_provisioning;

/* Secrets are kept in sealed records, not by the key store. */
#define LWSEC_PROVISIONING_SEALED 0x1U

/* A bootstrap that nothing is heard of for this long (EXCHANGE_LIFETIME) has failed. */
#define LWSEC_BOOTSTRAP_TIMEOUT_S 247U

/* Zero everything, then set what is needed. */
typedef struct lwsec_provisioning_config {
    size_t size; /* sizeof(lwsec_provisioning_config) */
    lwsec_state *state;
    lwsec_store *store;
    uint8_t name[8]; /* tells the clients of one state apart; part of record and key names */
    uint32_t flags;
} lwsec_provisioning_config;

/* Bytes of memory, aligned as for uint64_t. The function is authoritative. */
#define LWSEC_PROVISIONING_SIZE 1280U
LWSEC_API size_t lwsec_provisioning_size(void);

/* LWSEC_USAGE: a field of the configuration, memory that is not aligned. LWSEC_BUFFER: `size` is
 * too small. LWSEC_UNSUPPORTED: the store does not find keys by name, and _SEALED is not set. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_provisioning_open(void *memory, size_t size, const lwsec_provisioning_config *config,
                        lwsec_provisioning **provisioning);

/* Wipes the memory and zeroes the pointer. A stage is the caller's to close. */
LWSEC_API void lwsec_provisioning_close(lwsec_provisioning **provisioning);

/*
 * Reads the accounts that are in force; their secrets are keys (lwsec_accounts_key). What an
 * interrupted or finished commit has left behind is tidied up where the state allows it. What was
 * in `accounts` before is wiped.
 *
 * LWSEC_ABSENT: there are none yet. LWSEC_BUFFER: they need more room. LWSEC_STATE with
 * STATE_FOREIGN: the records are not ours. LWSEC_ENGINE with KEY_GONE: the store has lost a key.
 * Those of lwsec_state_load, and of lwsec_key_import.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_provisioning_load(lwsec_provisioning *provisioning,
                                                                lwsec_accounts *accounts,
                                                                lwsec_reason *reason);

/*
 * Begins a stage: a copy of what is in force, which has no values if there is nothing yet. A stage
 * that was begun before is given up. `now` is in seconds of any clock that goes on.
 *
 * Answers as lwsec_provisioning_load, but for LWSEC_ABSENT.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_provisioning_begin(lwsec_provisioning *provisioning,
                                                                 lwsec_accounts *stage,
                                                                 uint64_t now,
                                                                 lwsec_reason *reason);

/* Says that the Bootstrap-Server was heard of. */
LWSEC_API void lwsec_provisioning_heard(lwsec_provisioning *provisioning, uint64_t now);

/* When a stage times out; UINT64_MAX: there is none. */
LWSEC_API uint64_t lwsec_provisioning_deadline(const lwsec_provisioning *provisioning);

/* LWSEC_REJECT with TIMEOUT: the deadline has passed, the stage is wiped, the old accounts stay. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_provisioning_expire(lwsec_provisioning *provisioning,
                                                                  lwsec_accounts *stage,
                                                                  uint64_t now,
                                                                  lwsec_reason *reason);

/* Gives a stage up and wipes it. */
LWSEC_API void lwsec_provisioning_abort(lwsec_provisioning *provisioning, lwsec_accounts *stage);

/*
 * Commits a stage, at Bootstrap-Finish. On LWSEC_OK the new accounts are in force and durable, the
 * stage is wiped: load them. `count` is the number of findings, of which up to `capacity` are
 * written, whatever the answer: all of the check, and then those of keys that the store refuses or
 * that do not belong to their certificate.
 *
 * LWSEC_REJECT with WHY_ACCOUNT: a finding is fatal. LWSEC_BUFFER: loaded, with keys in the place
 * of secrets, they would need more room than this stage has. LWSEC_STATE, LWSEC_ENGINE,
 * LWSEC_LIMIT: it could not be written, or imported. In all these cases the old accounts are in
 * force and the stage is as it was: correct it and commit again, or abort.
 *
 * The stage is wiped, and lwsec_provisioning_deadline tells of none, where the store does not
 * destroy the keys of a commit that failed (the next begin does), and where the switch itself
 * failed: if that was LWSEC_STATE with STATE_IO, only a load tells which accounts are in force.
 * LWSEC_CONFLICT: another commit was first; the stage is wiped, begin anew. LWSEC_USAGE: no stage
 * was begun, or it is not this one.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_provisioning_commit(lwsec_provisioning *provisioning,
                                                                  lwsec_accounts *stage,
                                                                  lwsec_finding *findings,
                                                                  size_t capacity, size_t *count,
                                                                  lwsec_reason *reason);

/*
 * The code that an operation on an object has to be answered with, or 0 where accounts do not
 * forbid it (rights of the Access Control object are the stack's). Servers have no access to
 * Objects 0, 21 and 23; a Bootstrap-Server writes and deletes everything, and reads Objects 1 and 2
 * alone.
 */
LWSEC_API uint8_t lwsec_account_access(uint16_t object, bool bootstrap, bool reads);

/* The code that answers a Bootstrap-Finish: 2.04, 4.06 for LWSEC_REJECT, else 5.00. */
LWSEC_API uint8_t lwsec_provisioning_code(lwsec_status status);

#ifdef __cplusplus
}
#endif
#endif
