/* Very many contexts: the tables, and their limits. */
#define _POSIX_C_SOURCE 200809L

#include "bench/registry.h"
#include "bench/rounds.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BYTES_LIMIT 320U
#define RESIDENT_LIMIT_KB 400000U
#define RATIO_LIMIT 1.25
#define LOOK_UPS 400000U
#define WARM_UPS 3U
#define MESSAGES 200000U
#define ROUNDS 15
#define ATTEMPTS 3

/* ---- Two threads ---- */

typedef struct runner {
    const crowd *all;
    const bare_table *table;
    bool bare;
    uint32_t seed;
    pthread_t thread;
} runner;

static void run_chain(const runner *one)
{
    if (one->bare) {
        (void)bare_chain(one->table, one->all->count, LOOK_UPS, one->seed);
    } else {
        (void)crowd_chain(one->all, LOOK_UPS, one->seed);
    }
}

static void *run_thread(void *argument)
{
    run_chain(argument);
    return NULL;
}

/* Look-ups a second of two threads together, by those of one thread alone. */
static double two_threads(const crowd *all, const bare_table *table, bool bare, uint32_t seed)
{
    runner one = {all, table, bare, seed, 0};
    runner other = {all, table, bare, seed + 1, 0};
    const double start = clock_ns();
    run_chain(&one);
    const double alone = clock_ns();
    if (pthread_create(&other.thread, NULL, run_thread, &other) != 0) {
        abort();
    }
    run_chain(&one);
    (void)pthread_join(other.thread, NULL);
    return 2 * (alone - start) / (clock_ns() - alone);
}

/* ---- One size ---- */

static int limit(bool missed, const char *what)
{
    if (missed) {
        (void)printf("MISSED  %s\n", what);
    }
    return missed;
}

/* A chain when the caches hold what they can of its table, and not what the other one has left. */
static double bare_warm(const crowd *all, const bare_table *table, uint32_t seed)
{
    for (uint32_t i = 1; i <= WARM_UPS; i++) {
        (void)bare_chain(table, all->count, LOOK_UPS, seed + i * ROUNDS);
    }
    return bare_chain(table, all->count, LOOK_UPS, seed);
}

static double crowd_warm(const crowd *all, uint32_t seed)
{
    for (uint32_t i = 1; i <= WARM_UPS; i++) {
        (void)crowd_chain(all, LOOK_UPS, seed + i * ROUNDS);
    }
    return crowd_chain(all, LOOK_UPS, seed);
}

/* How many times as long a look-up takes as that of the bare table. */
static double look_up_ratio(const crowd *all, const bare_table *table)
{
    static double bare[ROUNDS], registry[ROUNDS], ratio[ROUNDS];

    for (uint32_t i = 0; i < ROUNDS; i++) {
        bare[i] = bare_warm(all, table, i);
        registry[i] = crowd_warm(all, i);
        ratio[i] = registry[i] / bare[i];
    }
    const double by = median(ratio, ROUNDS);
    (void)printf("  look-up: %.0f ns, bare table %.0f ns (load %.2f), x %.2f\n",
                 median(registry, ROUNDS), median(bare, ROUNDS), (double)all->count / table->slots,
                 by);
    return by;
}

/* Other programs on the machine take their part of the cache that both tables live in, now from
 * one and now from the other: a miss counts if it stays one. */
static int look_ups(const crowd *all, const bare_table *table)
{
    static double pair[ROUNDS], bare_pair[ROUNDS];
    double by = look_up_ratio(all, table);

    for (unsigned i = 1; by > RATIO_LIMIT && i < ATTEMPTS; i++) {
        by = look_up_ratio(all, table);
    }
    for (uint32_t i = 0; i < ROUNDS; i++) {
        pair[i] = two_threads(all, table, false, 100 + i);
        bare_pair[i] = two_threads(all, table, true, 100 + i);
    }
    (void)printf("  two threads do the work of %.2f; on the bare table, of %.2f\n",
                 median(pair, ROUNDS), median(bare_pair, ROUNDS));
    return limit(by > RATIO_LIMIT, "a look-up takes over 1.25 times that of the bare table");
}

static int measure(uint32_t count, bool check)
{
    static bare_table table;
    static crowd all;
    int missed = 0;

    const size_t before = resident_kb();
    const double start = clock_ns();
    crowd_open(&all, count);
    const double made = (clock_ns() - start) / count;
    const size_t resident = resident_kb();
    (void)printf("%u peers, made in %.1f us each\n", count, made / 1e3);
    (void)printf("  %zu bytes a peer in all; %zu MB resident (%zu MB before)\n", all.bytes_per_peer,
                 resident / 1000, before / 1000);
    missed += limit(all.bytes_per_peer > BYTES_LIMIT, "a peer takes over 320 bytes");
    missed += limit(resident > RESIDENT_LIMIT_KB, "over 400 MB are resident");
    bare_open(&table, count, crowd_record_size(&all));
    missed += look_ups(&all, &table);
    bare_close(&table);
    if (!check) {
        const double protect = crowd_protect(&all, MESSAGES, 1);
        const double seal = crowd_seal(&all, MESSAGES, 2);
        (void)printf("  protect, random peers: %.0f ns; seal alone %.0f ns, all keys expanded "
                     "%.0f ns\n",
                     protect, seal, expanded_seal(count, MESSAGES, 2));
    }
    crowd_close(&all);
    return missed;
}

int print_registry(bool check)
{
    static const uint32_t counts[] = {1000, 100000, 1000000};
    int missed = 0;

    (void)printf("A registry over the compact key store; each look-up depends on the one before.\n"
                 "Bare table: linear probing, the same hash and record size; its records are taken "
                 "and given back.\nMedians of %d rounds, each after a warm-up; a miss is measured "
                 "again, up to %d "
                 "times in all.\n",
                 ROUNDS, ATTEMPTS);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        missed += measure(counts[i], check);
    }
    return check && missed > 0 ? 1 : 0;
}
