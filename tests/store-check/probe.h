/* What a store can do, found by doing it once beside the reference. */
#ifndef LWSEC_TESTS_STORE_CHECK_PROBE_H
#define LWSEC_TESTS_STORE_CHECK_PROBE_H

#include <lwsec/store_check.h>

/* The two stores: the one under check, and memory_openssl. */
typedef struct probe_stores {
    lwsec_store *store;
    lwsec_store *reference;
    const lwsec_store_check_key *keys; /* in the store under check */
    size_t key_count;
} probe_stores;

/* One capability. `algorithm` is what it needs a key of; 0 where it needs none. */
typedef struct probe {
    const char *name;
    int32_t algorithm;
    /* The operation that is missing with it (LWSEC_TEST_CAN_...); 0: the algorithm itself. */
    uint32_t operation;
    lwsec_status (*run)(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier);
} probe;

/* Probe `index`, or NULL past the end. */
const probe *probe_at(size_t index);

#endif
