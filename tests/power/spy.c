/* Notes of seals that owe nothing to what the library counts. */
#include "tests/power/spy.h"

#include "tests/power/box.h"

#include <stdlib.h>
#include <string.h>

static const lwsec_store_ops *real;
static lwsec_store_ops spying;

/* The tag over nothing, under a nonce of ones: equal for equal keys only. */
static void fingerprint(lwsec_store *store, uint32_t slot, size_t nonce_size, uint8_t key[8])
{
    uint8_t nonce[13];
    uint8_t tag[32];

    memset(nonce, 0xff, sizeof nonce);
    if (real->seal(store, slot, lwsec_bytes_of(nonce, nonce_size), lwsec_bytes_of(NULL, 0),
                   lwsec_bytes_of(NULL, 0), tag) != LWSEC_OK) {
        abort();
    }
    memcpy(key, tag, 8);
}

static lwsec_status seal_and_note(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                  lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    seal noted = {.nonce_size = (uint8_t)nonce.size};

    fingerprint(store, slot, nonce.size, noted.key);
    memcpy(noted.nonce, nonce.data, nonce.size);
    box_note_seal(&noted);
    box_step(STEP_SEAL);
    const lwsec_status status = real->seal(store, slot, nonce, aad, plaintext, out);
    box_step(STEP_SEALED);
    return status;
}

static lwsec_status open_in_steps(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                  lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    box_step(STEP_OPEN);
    const lwsec_status status = real->open(store, slot, nonce, aad, ciphertext, out);
    if (status == LWSEC_OK) {
        box_step(STEP_OPENED);
    }
    return status;
}

void spy_on(lwsec_store *store)
{
    real = store->ops;
    spying = *real;
    spying.seal = seal_and_note;
    spying.open = open_in_steps;
    store->ops = &spying;
}
