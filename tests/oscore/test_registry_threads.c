/* Threads add, find, use, expire and remove contexts at once: each context has one user at a time,
 * and is the one that was asked for. */
#include "tests/oscore/peers.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 8U
#define ROUNDS 3000U
#define PEERS 32U
#define PLACES 24U /* fewer than peers: it is full again and again */

typedef struct worker {
    peers *all;
    uint32_t seed;
    pthread_t thread;
} worker;

static lwsec_oscore_config configs[PEERS];
static peer known[PEERS];
static _Atomic uint32_t users[PEERS];
static _Atomic uint32_t wrong;
static _Atomic uint32_t found;
static _Atomic uint32_t added;
static _Atomic uint32_t removed;

static uint32_t next_random(worker *self)
{
    self->seed = self->seed * 1664525U + 1013904223U;
    return self->seed >> 16;
}

static void note(bool right)
{
    atomic_fetch_add(&wrong, right ? 0U : 1U);
}

static void add(worker *self, uint32_t number)
{
    const lwsec_status status = lwsec_oscore_registry_add(
        self->all->registry, &configs[number], lwsec_bytes_of(NULL, 0), next_random(self), NULL);

    note(status == LWSEC_OK || status == LWSEC_CONFLICT || status == LWSEC_LIMIT);
    atomic_fetch_add(&added, status == LWSEC_OK ? 1U : 0U);
}

/* Uses a context that was found: nobody else does meanwhile. */
static void use(worker *self, uint32_t number, lwsec_oscore *context)
{
    lwsec_oscore_wear wear = {.size = sizeof wear};

    note(atomic_fetch_add(&users[number], 1) == 0);
    note(lwsec_oscore_get_wear(context, &wear) == LWSEC_OK);
    note(context->recipient_id.size == 2 && context->recipient_id.data[1] == number);
    atomic_fetch_add(&found, 1);
    atomic_fetch_sub(&users[number], 1);
    if (next_random(self) % 4 == 0) {
        lwsec_oscore_registry_remove(self->all->registry, &context);
        atomic_fetch_add(&removed, 1);
    } else {
        lwsec_oscore_registry_give_back(self->all->registry, &context);
    }
}

static void find(worker *self, uint32_t number)
{
    const lwsec_oscore_option option = {true, {NULL, 0}, known[number].kid, {NULL, 0}};
    lwsec_oscore_search search = {{0, 0}};
    lwsec_oscore *context = NULL;
    const lwsec_status status =
        lwsec_oscore_registry_take(self->all->registry, &option, lwsec_bytes_of(NULL, 0),
                                   next_random(self), &search, &context, NULL);

    note(status == LWSEC_OK || status == LWSEC_ABSENT || status == LWSEC_PENDING);
    if (status == LWSEC_OK) {
        use(self, number, context);
    }
}

/* Nothing in here may fail a test: an assertion jumps, and only the main thread may. */
static void *work(void *argument)
{
    worker *self = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint32_t number = next_random(self) % PEERS;
        if (next_random(self) % 4 == 0) {
            add(self, number);
        } else {
            find(self, number);
        }
        if (i % 64 == 0) {
            const uint32_t closed =
                lwsec_oscore_registry_expire(self->all->registry, next_random(self), 60000, PLACES);
            atomic_fetch_add(&removed, closed);
        }
    }
    return NULL;
}

static void threads_meet_in_one_registry(void **state)
{
    peers *all = *state;
    static worker workers[THREADS];
    uint32_t left = 0;
    uint32_t at = 0;
    lwsec_oscore *context = NULL;

    all->config.capacity = PLACES;
    peers_open(all);
    for (uint32_t i = 0; i < PEERS; i++) {
        known[i] = peer_of((uint8_t)i);
        configs[i] = peer_config(all, &known[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){.all = all, .seed = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    assert_int_equal(wrong, 0);
    assert_true(found > 0 && added > PLACES && removed > 0);
    while (lwsec_oscore_registry_next(all->registry, &at, &context) == LWSEC_OK) {
        left++;
        lwsec_oscore_registry_remove(all->registry, &context);
    }
    assert_int_equal(left, added - removed);
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 0);
    for (uint32_t i = 0; i < PEERS; i++) {
        peer_config_done(&configs[i]);
    }
}

/* All want the same one: they get it, or hear that it is in use. */
static void *want_one(void *argument)
{
    worker *self = argument;
    const lwsec_oscore_option option = {true, {NULL, 0}, known[0].kid, {NULL, 0}};

    for (unsigned i = 0; i < 100 * ROUNDS; i++) {
        lwsec_oscore_search search = {{0, 0}};
        lwsec_oscore *context = NULL;
        const lwsec_status status = lwsec_oscore_registry_take(
            self->all->registry, &option, lwsec_bytes_of(NULL, 0), 0, &search, &context, NULL);
        note(status == LWSEC_OK || status == LWSEC_PENDING);
        lwsec_oscore_registry_give_back(self->all->registry, &context);
    }
    return NULL;
}

static void a_context_that_others_use_is_never_absent(void **state)
{
    peers *all = *state;
    static worker workers[THREADS];

    wrong = 0;
    peers_open(all);
    known[0] = peer_of(0);
    assert_status(peer_add(all, &known[0], "", 0), LWSEC_OK);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){.all = all};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, want_one, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        peers_test(threads_meet_in_one_registry),
        peers_test(a_context_that_others_use_is_never_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
