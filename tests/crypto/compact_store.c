/* What the compact store has of its own: expanded keys that come and go. */
#include "tests/crypto/suite.h"

#include <lwsec/compact_openssl.h>
#include <lwsec/memory_openssl.h>
#include <lwsec/oscore_registry.h>

#include "crypto/openssl/compact.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEYS 64U
#define CACHED 8U /* two sets: keys drive each other out all the time */
#define TEXT 40U
#define THREADS 8U

static _Atomic size_t allocations;

static void *count_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    atomic_fetch_add(&allocations, 1);
    return malloc(size);
}

static void *count_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    atomic_fetch_add(&allocations, 1);
    return realloc(memory, size);
}

static void count_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

typedef struct fixture {
    lwsec_store *compact;
    lwsec_store *plain; /* what is right */
    lwsec_key keys[KEYS];
    lwsec_key right[KEYS];
    uint64_t compact_memory[LWSEC_COMPACT_OPENSSL_SIZE(KEYS, 32, CACHED) / 8 + 1];
    uint64_t plain_memory[LWSEC_MEMORY_OPENSSL_SIZE(KEYS) / 8];
} fixture;

/* Every AEAD in turn. */
static const lwsec_algorithm *aead_of(size_t number)
{
    return lwsec_algorithm_at(number % 12U);
}

static void import_pair(fixture *f, size_t at, uint8_t seed)
{
    const uint32_t both = LWSEC_USE_SEAL | LWSEC_USE_OPEN;

    f->keys[at] = suite_key(f->compact, aead_of(at), both, seed);
    f->right[at] = suite_key(f->plain, aead_of(at), both, seed);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    assert_status(lwsec_compact_openssl_open(f->compact_memory, sizeof f->compact_memory, KEYS, 32,
                                             CACHED, &f->compact),
                  LWSEC_OK);
    assert_status(
        lwsec_memory_openssl_open(f->plain_memory, sizeof f->plain_memory, KEYS, &f->plain),
        LWSEC_OK);
    for (size_t i = 0; i < KEYS; i++) {
        import_pair(f, i, (uint8_t)i);
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    lwsec_compact_openssl_close(&f->compact);
    lwsec_memory_openssl_close(&f->plain);
    free(f);
    return 0;
}

/* Seals and opens with one key: both ways must be those of the plain store. */
static bool same_as_plain(const fixture *f, size_t at, uint8_t number)
{
    const lwsec_algorithm *aead = aead_of(at);
    const size_t size = TEXT + aead->tag_size;
    uint8_t nonce[16] = {number, (uint8_t)at};
    uint8_t text[TEXT] = {number};
    uint8_t sealed[TEXT + 16];
    uint8_t right[TEXT + 16];
    uint8_t opened[TEXT];
    const lwsec_bytes n = lwsec_bytes_of(nonce, aead->nonce_size);
    const lwsec_bytes plain = lwsec_bytes_of(text, TEXT);

    if (lwsec_key_seal(f->right[at], n, plain, plain, right, sizeof right) != LWSEC_OK ||
        lwsec_key_seal(f->keys[at], n, plain, plain, sealed, sizeof sealed) != LWSEC_OK ||
        memcmp(sealed, right, size) != 0 ||
        lwsec_key_open(f->keys[at], n, plain, lwsec_bytes_of(right, size), opened, TEXT) !=
            LWSEC_OK ||
        memcmp(opened, text, TEXT) != 0) {
        return false;
    }
    right[0] ^= 1;
    return lwsec_key_open(f->keys[at], n, plain, lwsec_bytes_of(right, size), opened, TEXT) ==
           LWSEC_REJECT;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static void test_keys_that_come_and_go_seal_and_open_as_those_that_stay(void **state)
{
    const fixture *f = *state;
    uint32_t seed = 1;

    for (unsigned i = 0; i < 4000; i++) {
        /* Now one key again and again, now any of them. */
        const size_t at = i % 100 < 50 ? i / 100 % KEYS : next_random(&seed) % KEYS;
        assert_true(same_as_plain(f, at, (uint8_t)i));
    }
}

static void test_the_successor_of_a_destroyed_key_never_uses_what_was_expanded(void **state)
{
    fixture *f = *state;

    for (unsigned i = 0; i < 200; i++) {
        const size_t at = i % KEYS;
        const uint32_t slot = f->keys[at].slot;
        for (unsigned use = 0; use < 4; use++) {
            assert_true(same_as_plain(f, at, (uint8_t)use)); /* it is expanded by now */
        }
        assert_status(lwsec_key_destroy(&f->keys[at]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&f->right[at]), LWSEC_OK);
        import_pair(f, at, (uint8_t)(i + 100));
        assert_int_equal(f->keys[at].slot, slot);
        for (unsigned use = 0; use < 4; use++) {
            assert_true(same_as_plain(f, at, (uint8_t)use));
        }
    }
}

static void test_nothing_is_allocated_for_a_message_whatever_is_kept(void **state)
{
    const fixture *f = *state;
    uint32_t seed = 7;

    assert_true(same_as_plain(f, 0, 1)); /* the thread's error queue */
    allocations = 0;
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(same_as_plain(f, i % 10 < 5 ? 3 : next_random(&seed) % KEYS, (uint8_t)i));
    }
    assert_int_equal(allocations, 0);
}

/* A cache that no key ever comes into, or that each one does, seals as well: the count of cipher
 * contexts tells that they are few. */
static void test_a_store_of_many_keys_keeps_few_contexts(void **state)
{
    enum { MANY = 20000 };
    const size_t size = lwsec_compact_openssl_size(MANY, 16, 16);
    void *memory = malloc(size);
    lwsec_store *store = NULL;

    (void)state;
    assert_status(lwsec_compact_openssl_open(memory, size, MANY, 16, 16, &store), LWSEC_OK);
    allocations = 0;
    for (unsigned i = 0; i < MANY; i++) {
        (void)lwsec_test_key(store, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL,
                             suite_pattern(16, (uint8_t)i));
    }
    assert_in_range(allocations, 16, 64); /* two for each of sixteen contexts, and none after */
    lwsec_compact_openssl_close(&store);
    free(memory);
}

static void test_keys_that_do_not_fit_are_unsupported(void **state)
{
    const fixture *f = *state;
    const size_t size = lwsec_compact_openssl_size(2, 16, 0);
    void *memory = malloc(size);
    lwsec_store *store = NULL;
    lwsec_key key;
    const lwsec_key_attributes hkdf = suite_attributes(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT);
    const lwsec_key_attributes long_one = suite_attributes(LWSEC_ALG_A256GCM, LWSEC_USE_SEAL);
    const lwsec_key_attributes short_one = suite_attributes(LWSEC_ALG_A128GCM, LWSEC_USE_SEAL);

    assert_status(lwsec_key_import(f->compact, &hkdf, suite_pattern(16, 1), &key), LWSEC_LIMIT);
    assert_status(lwsec_compact_openssl_open(memory, size, 2, 15, 0, &store), LWSEC_USAGE);
    assert_status(lwsec_compact_openssl_open(memory, size, 2, 33, 0, &store), LWSEC_USAGE);
    assert_status(lwsec_compact_openssl_open(memory, size, 2, 16, 0, &store), LWSEC_OK);
    assert_status(lwsec_key_import(store, &hkdf, suite_pattern(16, 1), &key), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_import(store, &long_one, suite_pattern(32, 1), &key),
                  LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_import(store, &short_one, suite_pattern(16, 1), &key), LWSEC_OK);
    lwsec_compact_openssl_close(&store);
    free(memory);
}

/* ---- Threads ---- */

typedef struct worker {
    fixture *f;
    unsigned number;
    _Atomic unsigned *wrong;
} worker;

/* Uses all keys of the lower half, and renews those of the upper half that are its own. */
static void *work(void *argument)
{
    const worker *self = argument;
    uint32_t seed = self->number;

    for (unsigned i = 0; i < 2000; i++) {
        const size_t shared = next_random(&seed) % (KEYS / 2);
        const size_t own = KEYS / 2 + self->number;
        if (!same_as_plain(self->f, shared, (uint8_t)i) ||
            !same_as_plain(self->f, own, (uint8_t)i)) {
            atomic_fetch_add(self->wrong, 1);
        }
        if (i % 10 == 0) {
            lwsec_key *keys[] = {&self->f->keys[own], &self->f->right[own]};
            lwsec_store *stores[] = {self->f->compact, self->f->plain};
            const uint8_t raw[32] = {(uint8_t)i, (uint8_t)self->number};
            const lwsec_key_attributes attributes =
                suite_attributes(aead_of(own)->id, LWSEC_USE_SEAL | LWSEC_USE_OPEN);
            for (size_t which = 0; which < 2; which++) {
                if (lwsec_key_destroy(keys[which]) != LWSEC_OK ||
                    lwsec_key_import(stores[which], &attributes,
                                     lwsec_bytes_of(raw, aead_of(own)->key_size_max),
                                     keys[which]) != LWSEC_OK) {
                    atomic_fetch_add(self->wrong, 1);
                }
            }
        }
    }
    return NULL;
}

static void test_threads_use_and_renew_keys_at_once(void **state)
{
    pthread_t threads[THREADS];
    worker workers[THREADS];
    _Atomic unsigned wrong = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){*state, i, &wrong};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(wrong, 0);
}

/* Bytes of a registry of so many contexts (window 32, no ID Context) and of their keys. */
static size_t bytes_for(const suite_state *suite, uint32_t peers)
{
    const lwsec_oscore_registry_config config = {
        .size = sizeof config, .capacity = peers, .store = suite->store};

    return lwsec_oscore_registry_size(&config) + lwsec_compact_openssl_size(2 * peers, 16, 4096);
}

/* A million peers fit into 320 MB: raw keys, windows, IDs, counters and the index. */
/* As if another thread of the parent had each expanded key at the moment of the fork. */
static void set_busy(lwsec_store *store, bool busy)
{
    lwsec_compact_store *self = lwsec_compact_store_of(store);

    for (uint32_t i = 0; i < self->set_count; i++) {
        for (size_t way = 0; way < LWSEC_COMPACT_WAYS; way++) {
            atomic_store(&self->sets[i].busy[way], busy);
        }
    }
    for (size_t i = 0; i < LWSEC_COMPACT_SCRATCH; i++) {
        atomic_store(&self->scratch[i].busy, busy);
    }
}

static void test_a_child_closes_its_copy_and_waits_for_no_thread_of_its_parent(void **state)
{
    fixture *f = *state;
    int status = -1;

    for (size_t at = 0; at < KEYS; at++) {
        assert_true(same_as_plain(f, at, 0) && same_as_plain(f, at, 1));
    }
    set_busy(f->compact, true);
    const pid_t child = fork();
    if (child == 0) {
        (void)alarm(60);
        const lwsec_status destroyed = lwsec_key_destroy(&f->keys[KEYS - 1]);
        lwsec_compact_openssl_close(&f->compact);
        _exit(destroyed == LWSEC_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    set_busy(f->compact, false);
    assert_true(same_as_plain(f, KEYS - 1, 2));
}

static void test_one_more_peer_takes_320_bytes_at_most(void **state)
{
    const size_t less = bytes_for(*state, 1000000);
    const size_t more = bytes_for(*state, 2000000);

    assert_true(less > 200U * 1000000U && less <= 320U * 1000000U);
    assert_true(more - less <= 320U * 1000000U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys_that_come_and_go_seal_and_open_as_those_that_stay,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_the_successor_of_a_destroyed_key_never_uses_what_was_expanded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_allocated_for_a_message_whatever_is_kept,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_of_many_keys_keeps_few_contexts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_keys_that_do_not_fit_are_unsupported, setup, teardown),
        cmocka_unit_test_setup_teardown(test_threads_use_and_renew_keys_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_child_closes_its_copy_and_waits_for_no_thread_of_its_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_more_peer_takes_320_bytes_at_most, setup,
                                        teardown),
    };

    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1) {
        return 1; /* OpenSSL has allocated before: nothing could be counted */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
