/* A sealed file in a folder of its own, opened again and again. */
#ifndef LWSEC_TESTS_CRYPTO_SEALED_FILE_KIT_H
#define LWSEC_TESTS_CRYPTO_SEALED_FILE_KIT_H

#include <lwsec/sealed_file.h>
#include <lwsec/store.h>

#include "tests/support/stores.h"
#include "tests/support/test.h"

#define KIT_SLOTS 8U
#define KIT_KEYS 6U

typedef struct kit {
    char home[64]; /* removed at the end */
    char path[80]; /* of the store's folder in it */
    lwsec_store *inner;
    void *memory;
    size_t size;
    lwsec_store *store;
    lwsec_sealed_file_config config; /* for the next opening; a raw key unless a test changes it */
    lwsec_reason reason;
} kit;

/* For cmocka: a new kit with nothing in its folder, and its end. */
int kit_begin(void **state);
int kit_end(void **state);

lwsec_status kit_open(kit *own);
void kit_close(kit *own);

/* Closes, and opens again; fails the test if that does not work. */
void kit_reopen(kit *own);

/* Attributes of a key with a name. */
lwsec_key_attributes kit_named(const char *name, int32_t algorithm, uint32_t usage);

/* Keeps a key for HMAC-256 of 32 times `filler`. */
lwsec_status kit_keep(kit *own, const char *name, uint8_t filler);

/* Finds it and sees that it is of this filler; its handle is let go of. LWSEC_OK, or what the
 * search says. */
lwsec_status kit_look(kit *own, const char *name, uint8_t filler);

lwsec_status kit_destroy(kit *own, const char *name);

/* The names, joined by commas. */
const char *kit_names(kit *own);

/* The bytes of the file "keys", and their replacement. */
lwsec_bytes kit_file(kit *own);
void kit_put(kit *own, lwsec_bytes file);

/* Sets the digest at the end of a file right after a change. */
void kit_mend_digest(uint8_t *file, size_t size);

#endif
