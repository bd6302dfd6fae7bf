/* Durable stores a second: a directory, SQLite one by one, SQLite in batches, against bare syncs of
 * the same medium in the same run. */
#define _GNU_SOURCE

#include "bench/measure.h"

#include <lwsec/state_directory.h>
#include <lwsec/state_sqlite.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VALUE_SIZE 19U           /* of the record of an OSCORE Sender Key */
#define FRAME_SIZE (24U + 4096U) /* a page and its head in the log of SQLite */
#define FLOOR_COUNT 50U
#define ROUNDS 10U
#define CALLS_MAX 1000U
#define PATH_SIZE 128U

static char home[PATH_SIZE];

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *need(void *memory)
{
    if (memory == NULL) {
        (void)fputs("lwsec-bench: no memory\n", stderr);
        exit(1);
    }
    return memory;
}

static void must(bool done, const char *what)
{
    if (!done) {
        (void)fprintf(stderr, "lwsec-bench: %s\n", what);
        exit(1);
    }
}

static const char *path_of(const char *name)
{
    static char path[PATH_SIZE + 64];
    (void)snprintf(path, sizeof path, "%s/%s", home, name);
    return path;
}

/* Writes and syncs a frame over the same place, as the log of SQLite is written when it has its
 * size: how many a second this medium makes durable now. */
static double floor_now(void)
{
    static const uint8_t bytes[FRAME_SIZE] = {1};
    const int file = open(path_of("floor"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    must(file >= 0, "cannot make a file");
    must(pwrite(file, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes && fdatasync(file) == 0,
         "cannot write and sync");
    const double start = now();
    for (unsigned i = 0; i < FLOOR_COUNT; i++) {
        must(pwrite(file, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes && fdatasync(file) == 0,
             "cannot write and sync");
    }
    const double rate = FLOOR_COUNT / (now() - start);
    (void)close(file);
    return rate;
}

/* The records of a store are scattered, as fingerprints of keys are. */
static lwsec_record record_at(uint32_t index)
{
    lwsec_record record = {.kind = LWSEC_RECORD_OSCORE};
    uint64_t x = index * UINT64_C(0x9e3779b97f4a7c15) + 1;

    for (size_t i = 0; i < sizeof record.identity; i += sizeof x) {
        x ^= x >> 31;
        x *= UINT64_C(0xbf58476d1ce4e5b9);
        x ^= x >> 29;
        memcpy(&record.identity[i], &x, sizeof x);
    }
    return record;
}

/* Stores one version of the records from `first` on; all of them are in flight before the poll. */
static void store_batch(lwsec_state *state, uint32_t first, uint32_t count, uint64_t version)
{
    static const uint8_t value[VALUE_SIZE] = {1};
    bool pending = false;

    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = first; i < first + count; i++) {
            const lwsec_record record = record_at(i);
            uint64_t given = version;
            const lwsec_status status = lwsec_state_store_if(
                state, &record, lwsec_bytes_of(value, sizeof value), &given, NULL);
            must(status == LWSEC_OK || (status == LWSEC_PENDING && round == 0), "cannot store");
            pending = status == LWSEC_PENDING;
        }
        if (!pending) {
            return;
        }
        must(lwsec_state_poll(state) == LWSEC_OK, "cannot poll");
    }
}

static int by_value(const void *one, const void *other)
{
    const double a = *(const double *)one;
    const double b = *(const double *)other;
    return a < b ? -1 : a > b;
}

/* Stores in ROUNDS parts, a floor before each of them and after the last: a medium that others use
 * drifts, and both meet the same drift. */
static void measure(const char *name, lwsec_state *state, uint32_t records, uint32_t batch,
                    uint64_t version)
{
    double rates[ROUNDS], floors[ROUNDS], ratios[ROUNDS];
    const uint32_t part = records / ROUNDS;
    double before = floor_now();

    for (uint32_t round = 0; round < ROUNDS; round++) {
        const uint32_t end = (round + 1) * part;
        const double start = now();
        for (uint32_t i = round * part; i < end; i += batch) {
            store_batch(state, i, end - i < batch ? end - i : batch, version);
        }
        rates[round] = part / (now() - start);
        const double after = floor_now();
        floors[round] = (before + after) / 2;
        ratios[round] = rates[round] / floors[round];
        before = after;
    }
    qsort(rates, ROUNDS, sizeof rates[0], by_value);
    qsort(floors, ROUNDS, sizeof floors[0], by_value);
    qsort(ratios, ROUNDS, sizeof ratios[0], by_value);
    (void)printf("%-24s %8u %-8s %8.0f /s, floor %6.0f /s, x %6.2f (%.2f to %.2f)\n", name, records,
                 version == 0 ? "new" : "changed", rates[ROUNDS / 2], floors[ROUNDS / 2],
                 ratios[ROUNDS / 2], ratios[ROUNDS / 4], ratios[ROUNDS - 1 - ROUNDS / 4]);
    (void)fflush(stdout);
}

static void measure_directory(uint32_t records)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *state = NULL;

    must(lwsec_state_directory_open(memory, sizeof memory, path_of("directory"), &state, NULL) ==
             LWSEC_OK,
         "cannot open a directory");
    measure("directory", state, records, 1, 0);
    measure("directory", state, records, 1, 1);
    lwsec_state_directory_close(&state);
}

static void measure_sqlite(const char *name, uint32_t records, uint32_t batch, uint32_t changes)
{
    char path[PATH_SIZE + 64];
    const lwsec_state_sqlite_config config = {
        .size = sizeof config, .path = path, .calls = batch > 1 ? batch : 0};
    const size_t size = lwsec_state_sqlite_size(config.calls);
    void *memory = need(malloc(size));
    lwsec_state *state = NULL;
    struct stat about;

    (void)snprintf(path, sizeof path, "%s", path_of("sqlite"));
    must(lwsec_state_sqlite_open(memory, size, &config, &state, NULL) == LWSEC_OK,
         "cannot open an SQLite file");
    measure(name, state, records, batch, 0);
    measure(name, state, changes, batch, 1);
    lwsec_state_sqlite_close(&state);
    must(stat(path, &about) == 0, "cannot look at the file");
    (void)printf("%-24s %8.1f bytes a record\n", "", (double)about.st_size / records);
    must(unlink(path) == 0, "cannot remove the file");
    free(memory);
}

/* Removes what the directory has left. */
static void remove_all(uint32_t records)
{
    char name[64];

    for (uint32_t i = 0; i < records; i++) {
        const lwsec_record record = record_at(i);
        int size = snprintf(name, sizeof name, "directory/%08x-", record.kind);
        for (size_t j = 0; j < sizeof record.identity; j++) {
            size += snprintf(&name[size], sizeof name - (size_t)size, "%02x", record.identity[j]);
        }
        (void)unlink(path_of(name));
    }
    (void)unlink(path_of("directory/lock"));
    (void)rmdir(path_of("directory"));
    (void)rmdir(home);
}

int print_state(const char *folder, uint32_t records, uint32_t many)
{
    (void)snprintf(home, sizeof home, "%s/lwsec-bench-XXXXXX", folder);
    must(mkdtemp(home) != NULL, "cannot make a folder there");
    (void)printf("Durable stores of %u bytes, and their floor: write and sync of %u bytes over the "
                 "same place.\nMedians of %u parts, each between two floors; x: stores for a sync, "
                 "with its quartiles.\n\n",
                 VALUE_SIZE, FRAME_SIZE, ROUNDS);
    measure_directory(records);
    measure_sqlite("sqlite", records, 1, records);
    measure_sqlite("sqlite, batches of 100", records, 100, records);
    measure_sqlite("sqlite, batches of 1000", records, CALLS_MAX, records);
    if (many > 0) {
        measure_sqlite("sqlite, batches of 1000", many, CALLS_MAX, many);
    }
    (void)unlink(path_of("floor"));
    remove_all(records);
    return 0;
}
