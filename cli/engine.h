/* The cryptographic engines that the program is linked with. */
#ifndef CLI_ENGINE_H
#define CLI_ENGINE_H

#include <lwsec/cert.h>
#include <lwsec/dtls.h>
#include <lwsec/key.h>

typedef struct cli_engine {
    const char *name;
    size_t (*size)(uint32_t slots);
    lwsec_status (*open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*close)(lwsec_store **store);
    void (*version)(char *text, size_t size);
    const lwsec_cert_engine *(*certificates)(void);
    const lwsec_dtls_engine *(*dtls)(void);
} cli_engine;

/* Entry number `index`, or NULL past the end. The first one is the default. */
const cli_engine *cli_engine_at(size_t index);

/* By name; NULL if there is none. */
const cli_engine *cli_engine_find(const char *name);

#endif
