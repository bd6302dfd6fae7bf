/* What is compared: a key store, and the same engine called directly with a key that is kept. */
#ifndef LWSEC_BENCH_ENGINE_H
#define LWSEC_BENCH_ENGINE_H

#include <lwsec/key.h>

/* The floor: one AEAD key, set once; each call seals or opens in place. Aborts if the engine fails.
 */
typedef struct raw_aead {
    void (*start)(const uint8_t key[32]);
    void (*seal)(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text,
                 size_t size); /* tag behind it */
    void (*open)(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text,
                 size_t size); /* without tag */
    void (*stop)(void);
} raw_aead;

typedef struct engine {
    const char *name;
    int32_t aead;
    lwsec_status (*open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*close)(lwsec_store **store);
    const raw_aead *raw;    /* NULL: there is none (the null engine) */
    unsigned protect_limit; /* instructions wire to wire for 32 bytes; 0: no limit */
    unsigned unprotect_limit;
} engine;

#define BENCH_SLOTS 8U

extern const raw_aead raw_openssl;
extern const raw_aead raw_mbedtls;
extern const raw_aead raw_sodium;

/* A store whose AEAD does nothing: what is left is the protocol. Its other operations are those of
 * a real store, so that contexts can be made. */
lwsec_status null_store_open(void *memory, size_t size, uint32_t slots, lwsec_store **store);
void null_store_close(lwsec_store **store);
size_t null_store_size(uint32_t slots);

/* All engines of this build, ended by one without a name. */
extern const engine engines[];

/* Ends the program with a message when a call did not answer LWSEC_OK. */
void must(lwsec_status status, const char *what);

#endif
