/* A program that provisions over a folder of records, which it seals. */
#ifndef LWSEC_TESTS_ACCOUNT_PROGRAM_H
#define LWSEC_TESTS_ACCOUNT_PROGRAM_H

#include "tests/account/kit.h"

#include <lwsec/account_store.h>
#include <lwsec/state_directory.h>
#include <lwsec/state_sealed.h>

#include "tests/support/stores.h"

typedef struct program {
    const lwsec_test_store *kind;
    lwsec_store *store;
    lwsec_state *directory;
    lwsec_state *sealed;
    lwsec_provisioning *provisioning;
    uint64_t directory_memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    uint64_t sealed_memory[LWSEC_STATE_SEALED_SIZE / 8];
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
} program;

void program_start(program *of, const char *path);
void program_end(program *of);

/* Puts an account in force whose values are all of one letter, in more than one record. */
void program_provision(program *of, char letter);

/* The letter of what is in force; ' ' for nothing. Fails the test where letters are mixed. */
char program_look(program *of);

#endif
