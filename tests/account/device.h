/* A device whose program starts, is killed, and starts again: its medium stays. */
#ifndef LWSEC_TESTS_ACCOUNT_DEVICE_H
#define LWSEC_TESTS_ACCOUNT_DEVICE_H

#include "tests/account/keeper.h"
#include "tests/account/kit.h"

#include <lwsec/account_store.h>
#include <lwsec/state_memory.h>

#define DEVICE_RECORDS 16U

typedef struct device {
    /* the medium */
    keeper_medium keys;
    lwsec_state *records;
    uint64_t record_memory[LWSEC_STATE_MEMORY_SIZE(DEVICE_RECORDS, 1024) / 8];

    /* the program */
    keeper_life life;
    keeper_store store;
    keeper_state state;
    uint32_t flags;
    lwsec_provisioning *provisioning;
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
} device;

/* A new device; LWSEC_PROVISIONING_SEALED or 0. */
void device_make(device *of, uint32_t flags);
void device_end(device *of);

/* The program starts. It dies at its call number `dies_at` (0: never). */
void device_start(device *of, unsigned dies_at, bool after);

/* Two sets of accounts that differ in values and keys, each longer than a record. */
void device_fill_old(lwsec_accounts *stage);
void device_fill_new(lwsec_accounts *stage);

/* Makes the old set the one in force. */
void device_provision(device *of);

/* Loads what is in force. 'o': the old set, 'n': the new one, each with all its keys; fails the
 * test on anything else. */
char device_look(device *of);

#endif
