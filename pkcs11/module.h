/* PKCS#11 modules of this process: loaded once, initialised once, shared by stores. */
#ifndef LWSEC_PKCS11_MODULE_H
#define LWSEC_PKCS11_MODULE_H

#include <lwsec/bytes.h>

#include "pkcs11/p11_types.h"

#include <pthread.h>

typedef struct lwsec_p11_module lwsec_p11_module;

/* Its functions: look at lwsec_p11_has before those that a module may lack. */
struct lwsec_p11_module {
    const CK_FUNCTION_LIST *calls;
    void *library;  /* what dlopen gave: the same for the same file. Never closed */
    uint32_t epoch; /* of the process that initialised it */
    uint32_t users; /* stores */
    bool ours;      /* we initialised it, so we finalise it */
    bool serial;    /* it has no locks: one call at a time, under `turn` */
    pthread_mutex_t turn;
    pthread_mutex_t login; /* held from the last look at the token until a PIN is judged */
    uint64_t bad_pins[4];  /* fingerprints of token and PIN, the oldest goes first */
    uint32_t bad_pin_next;
};

/*
 * Loads and initialises the module, or shares one that is there. `arguments`: for C_Initialize, or
 * NULL. LWSEC_ENGINE: it cannot be loaded, is no module, or does not start; LWSEC_LIMIT: more
 * modules than one process needs. `rv`: what C_Initialize answered.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_module_take(const char *path, const char *arguments,
                                                    lwsec_p11_module **module, CK_RV *rv);

/* Lets go of it; the last user finalises what lwsec initialised. */
void lwsec_p11_module_give_back(lwsec_p11_module *module);

/*
 * Starts a module again that somebody finalised, or, with `finalize`, one that hangs, which is only
 * for a store that has it alone and has no call under way.
 */
CK_RV lwsec_p11_module_restart(lwsec_p11_module *module, const char *arguments, bool finalize);

/* A store that is the only user of its module. */
bool lwsec_p11_module_alone(lwsec_p11_module *module);

/* PINs that were wrong in this process, as fingerprints: never tried again on that token. */
bool lwsec_p11_module_pin_was_bad(lwsec_p11_module *module, uint64_t fingerprint);
void lwsec_p11_module_pin_is_bad(lwsec_p11_module *module, uint64_t fingerprint);

/* The fingerprint of a PIN for a token, with a key of this process. 0: no random bytes. */
uint64_t lwsec_p11_pin_fingerprint(const CK_TOKEN_INFO *token, lwsec_bytes pin);

#endif
