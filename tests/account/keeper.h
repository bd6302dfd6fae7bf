/* A key store that keeps keys by name, and a state, on a medium that outlives them: both die at a
 * call that a test chooses. */
#ifndef LWSEC_TESTS_ACCOUNT_KEEPER_H
#define LWSEC_TESTS_ACCOUNT_KEEPER_H

#include <lwsec/state.h>
#include <lwsec/store.h>

#define KEEPER_KEYS 24U
#define KEEPER_SLOTS 512U

/* What is left of a device when its program dies: keys by name, and the records of `inner`. */
typedef struct keeper_key {
    bool used;
    uint8_t name[64];
    size_t name_size;
    int32_t algorithm;
    uint32_t usage;
    uint8_t raw[255];
    size_t raw_size;
} keeper_key;

typedef struct keeper_medium {
    keeper_key keys[KEEPER_KEYS];
} keeper_medium;

/* When to die: calls are counted in both, from 1. */
typedef struct keeper_life {
    unsigned calls;
    unsigned dies_at; /* 0: never */
    bool after;       /* the last call still does its work; its answer is lost */
} keeper_life;

typedef struct keeper_store {
    lwsec_store head;
    lwsec_key_slot slots[KEEPER_SLOTS];
    size_t index[KEEPER_SLOTS]; /* of the key in the medium; KEEPER_KEYS: one without a name */
    keeper_medium *medium;
    keeper_life *life;
} keeper_store;

typedef struct keeper_state {
    lwsec_state head;
    lwsec_state *inner;
    keeper_life *life;
    bool slow;   /* each call answers LWSEC_PENDING first, and is made after a poll */
    bool polled; /* the next call is made */
} keeper_state;

void keeper_store_open(keeper_store *store, keeper_medium *medium, keeper_life *life);
void keeper_state_open(keeper_state *state, lwsec_state *inner, keeper_life *life);

/* How many keys the medium has; the bytes of the one that a handle names. */
size_t keeper_count(const keeper_medium *medium);
lwsec_bytes keeper_raw(lwsec_key key);

#endif
