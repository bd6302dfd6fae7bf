/* Counters of packets, read in what is ciphered, and owing nothing to what the library counts. */
#include "tests/power/sms_spy.h"

#include "tests/power/box.h"

#include <stdlib.h>
#include <string.h>

#define COUNTER_SIZE 5U
#define NAME "lwsec sms record" /* what a name of a record is made of; no packet */

static const lwsec_store_ops *real;
static lwsec_store_ops spying;
static uint8_t peer_number;
static seal sealed;
static bool opening;

/* A block of ones by the same key: equal for equal keys only. */
static void fingerprint(lwsec_store *store, uint32_t slot, uint8_t key[8])
{
    static const uint8_t zeros[16];
    uint8_t block[16];

    memset(block, 0xff, sizeof block);
    if (real->cbc(store, slot, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, sizeof zeros),
                  lwsec_bytes_of(block, sizeof block), block) != LWSEC_OK) {
        abort();
    }
    memcpy(key, block, 8);
}

/* Ciphering begins at the counter. Where it lies is overwritten, if input and output are one. */
static void look_at(lwsec_store *store, uint32_t slot, lwsec_bytes input)
{
    memset(&sealed, 0, sizeof sealed);
    fingerprint(store, slot, sealed.key);
    memcpy(sealed.nonce, input.data, COUNTER_SIZE);
    sealed.nonce[COUNTER_SIZE] = peer_number;
    sealed.nonce_size = COUNTER_SIZE + 1;
}

static lwsec_status cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                        lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    const bool name = input.size == strlen(NAME) && memcmp(input.data, NAME, input.size) == 0;

    opening = direction == LWSEC_DECRYPT;
    if (opening) {
        box_step(STEP_OPEN);
    } else if (!name) {
        look_at(store, slot, input);
        box_step(STEP_SEAL);
    }
    const lwsec_status status = real->cbc(store, slot, direction, iv, input, out);
    if (!opening && !name) {
        box_step(STEP_SEALED);
    }
    return status;
}

static lwsec_status mac(lwsec_store *store, uint32_t slot, int32_t algorithm, lwsec_bytes message,
                        uint8_t *out)
{
    const lwsec_status status = real->mac(store, slot, algorithm, message, out);

    if (opening) {
        opening = false;
        box_step(STEP_OPENED);
    }
    return status;
}

void sms_spy_on(lwsec_store *store, uint8_t number)
{
    real = store->ops;
    spying = *real;
    spying.cbc = cbc;
    spying.mac = mac;
    store->ops = &spying;
    peer_number = number;
}

void sms_spy_note(void)
{
    box_note_seal(&sealed);
}
