/* A log of seals that is independent of what the library counts. */
#include "tests/support/test.h"

#include "tests/oscore/seal_log.h"

#include "crypto/slot.h"

#define SEALS_MAX 20000U

typedef struct seal {
    uint8_t key[8]; /* tells equal keys from others, whatever their slots */
    uint8_t nonce[13];
} seal;

static lwsec_store *watched;
static const lwsec_store_ops *real;
static lwsec_store_ops spying;
static seal seals[SEALS_MAX];
static size_t count;

/* The tag over nothing, under a nonce of ones: equal for equal keys only. */
static void fingerprint(lwsec_store *store, uint32_t slot, size_t nonce_size, uint8_t key[8])
{
    uint8_t nonce[13];
    uint8_t tag[32];

    memset(nonce, 0xff, sizeof nonce);
    assert_status(real->seal(store, slot, lwsec_bytes_of(nonce, nonce_size),
                             lwsec_bytes_of(NULL, 0), lwsec_bytes_of(NULL, 0), tag),
                  LWSEC_OK);
    memcpy(key, tag, 8);
}

static lwsec_status seal_and_note(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                  lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    assert_true(count < SEALS_MAX);
    seal *noted = &seals[count++];
    memset(noted, 0, sizeof *noted);
    fingerprint(store, slot, nonce.size, noted->key);
    memcpy(noted->nonce, nonce.data, nonce.size);
    return real->seal(store, slot, nonce, aad, plaintext, out);
}

void seal_log_start(lwsec_store *store)
{
    watched = store;
    real = store->ops;
    spying = *real;
    spying.seal = seal_and_note;
    store->ops = &spying;
    count = 0;
}

void seal_log_stop(void)
{
    watched->ops = real;
}

size_t seal_log_count(void)
{
    return count;
}

static int compare(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(seal));
}

void assert_no_nonce_twice(void)
{
    qsort(seals, count, sizeof seals[0], compare);
    for (size_t i = 1; i < count; i++) {
        assert_int_not_equal(compare(&seals[i - 1], &seals[i]), 0);
    }
}
