/* Every key store that this build has, and what each must be able to do. */
#ifndef LWSEC_TESTS_SUPPORT_STORES_H
#define LWSEC_TESTS_SUPPORT_STORES_H

#include <lwsec/store_check.h>

/* One kind of store. */
typedef struct lwsec_test_store {
    const char *name;
    lwsec_status (*open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*close)(lwsec_store **store);
    size_t (*size)(uint32_t slots); /* NULL: the store has memory of its own, `open` gets none */
    size_t macro_size_of_3;         /* what the header's macro says for three slots */
    /* The algorithms that it has, ended by 0. Written down beforehand: a store that loses one
     * fails. */
    const int32_t *algorithms;
    uint32_t lacks; /* operations that it has not although it has the algorithm */
    bool reference; /* only there to compare with */
    bool alone;     /* not to be opened twice at once */
    bool keeps;     /* keys with a name stay after closing */
    /* Not NULL: it imports nothing, and these keys are in it. */
    const lwsec_store_check_key *given;
    size_t given_count;
} lwsec_test_store;

/* Operations that a store may lack beside its algorithms, for `lacks`. */
enum {
    LWSEC_TEST_CAN_CTR = 1 << 0,
    LWSEC_TEST_CAN_BLOCK = 1 << 1,
    LWSEC_TEST_CAN_EXTRACT = 1 << 2,
    LWSEC_TEST_CAN_DERIVE = 1 << 3,
    LWSEC_TEST_CAN_VERIFY = 1 << 4,
    LWSEC_TEST_CAN_SIGN_DIGEST = 1 << 5,
    LWSEC_TEST_CAN_AGREE = 1 << 6,
    LWSEC_TEST_CAN_GENERATE = 1 << 7,
    LWSEC_TEST_CAN_RANDOM = 1 << 8,
    LWSEC_TEST_CAN_PUBLIC = 1 << 9, /* tells the public half of a private key that was imported */
    LWSEC_TEST_CAN_AGREE_OUT = 1 << 10, /* gives a shared secret into another store */
    LWSEC_TEST_CAN_GENERATE_PAIR = 1 << 11,
    LWSEC_TEST_CAN_GENERATE_PSK = 1 << 12,
    LWSEC_TEST_CAN_NAMES = 1 << 13
};

/* Lists for `algorithms`: all that lwsec has; and what SoftHSM2 and NSS do, themselves or composed.
 */
extern const int32_t lwsec_test_all_algorithms[];
extern const int32_t lwsec_test_token_algorithms[];

/* Whether a list has it. */
bool lwsec_test_lists(const int32_t *algorithms, int32_t algorithm);

/* Entry `index`, or NULL past the end. There is always at least one. */
const lwsec_test_store *lwsec_test_store_at(size_t index);

/* Whether the store must have the algorithm on this machine. */
bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm);

/* Opens a store in memory of its own, which closing frees. Fails the test otherwise. */
lwsec_store *lwsec_test_store_open(const lwsec_test_store *kind, uint32_t slots);
void lwsec_test_store_close(const lwsec_test_store *kind, lwsec_store *store);

/* Imports a key and fails the test if that does not work. */
lwsec_key lwsec_test_key(lwsec_store *store, int32_t algorithm, uint32_t usage, lwsec_bytes raw);

#endif
