/* What the author of a key store gives to `lwsec-store-check`, the conformance suite of stores. */
#ifndef LWSEC_STORE_CHECK_H
#define LWSEC_STORE_CHECK_H

#include <lwsec/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key that is in the store already: for stores that take no keys, as cards and some tokens. */
typedef struct lwsec_store_check_key {
    const char *name;
    int32_t algorithm;
    uint32_t usage;
    /* What the suite compares with: the same key in the shape of lwsec_key_import, or the point of
     * a pair, 65 bytes. Both empty: there is room for a pair under that name, which the store can
     * generate at least once between opening and closing. */
    lwsec_bytes secret;
    lwsec_bytes point;
} lwsec_store_check_key;

/*
 * One kind of store. The shared object that `lwsec-store-check` loads defines a constant of this
 * type, named lwsec_store_check_plugin, and links the shared liblwsec.
 *
 * The suite opens the store for each test and closes it again. Where it must reach a token, `open`
 * finds out how by itself: from the environment, for example.
 */
typedef struct lwsec_store_check {
    size_t size; /* sizeof(lwsec_store_check) */
    lwsec_status (*open)(uint32_t slots, lwsec_store **store);
    void (*close)(lwsec_store **store); /* sets it to NULL */
    /* Keys with a name are there again after closing and opening. The suite needs a store that
     * keeps no other keys: it makes some whose names begin with "lwsec-check-", and destroys them.
     */
    bool keeps;
    /* Not NULL: the store imports nothing, and the suite takes these keys, which it neither changes
     * nor destroys. They are there whenever the store is opened. */
    const lwsec_store_check_key *keys;
    size_t key_count;
} lwsec_store_check;

/* Visible whatever the compiler's options are. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const lwsec_store_check lwsec_store_check_plugin;

#ifdef __cplusplus
}
#endif
#endif
