/* A store whose operations stand before a gate, and a store with threads over it. */
#ifndef LWSEC_TESTS_WORKER_GATE_H
#define LWSEC_TESTS_WORKER_GATE_H

#include "tests/support/test.h"

#include <lwsec/store.h>
#include <lwsec/worker.h>

#define GATE_SLOTS 8U
#define GATE_JOBS 3U
#define GATE_ROOM 256U

typedef struct gate {
    lwsec_store *inner;  /* a store in memory; seal, open and mac go through the gate */
    lwsec_store *worker; /* over it: GATE_SLOTS, GATE_JOBS, GATE_ROOM */
} gate;

/* Opens both stores, with so many threads. The gate is open. */
void gate_begin(gate *self, uint32_t threads);
void gate_end(gate *self);

void gate_close(void);
void gate_open(void);
/* Waits until so many operations in all have come to the gate. */
void gate_await_entered(unsigned count);
unsigned gate_left(void); /* so many have gone through */

/* Waits until `ready` has been called once more than it was waited for. */
void gate_await_ready(void);
unsigned gate_ready_calls(void);

/* Whether the memory of the store with threads holds these bytes somewhere. */
bool gate_memory_holds(lwsec_bytes bytes);

/* Polls until the operation has ended, waiting for `ready` between. */
lwsec_status gate_finish(lwsec_key key, lwsec_status begun);

lwsec_key gate_import(lwsec_store *store, int32_t algorithm, uint32_t usage, size_t size);

/* 64 bytes for everything. */
extern const uint8_t gate_bytes[65];

#endif
