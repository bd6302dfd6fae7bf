/* A store that protects nothing, so that fuzzers reach what lies behind the tag. */
#ifndef FUZZ_OPEN_STORE_H
#define FUZZ_OPEN_STORE_H

#include <lwsec/store.h>

#define SLOTS 16U

typedef struct open_store {
    lwsec_store head;
    lwsec_key_slot slots[SLOTS];
    size_t tag_sizes[SLOTS];
} open_store;

extern const lwsec_store_ops open_ops;

#endif
