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

#define VALUE_SIZE 19U /* of the record of an OSCORE Sender Key */
#define BLOCK_SIZE 4096U
#define FRAME_SIZE (24U + BLOCK_SIZE) /* a page and its head in the log of SQLite */
#define FLOOR_COUNT 1000U
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

/* Writes and syncs `size` bytes, again and again over the same place or at the end: how many a
 * second this medium makes durable. */
static double floor_of(size_t size, bool append)
{
    static const uint8_t bytes[FRAME_SIZE] = {1};
    const int file = open(path_of("floor"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(file >= 0, "cannot make a file");
    const double start = now();
    for (unsigned i = 0; i < FLOOR_COUNT; i++) {
        const off_t at = append ? (off_t)(i * size) : 0;
        must(pwrite(file, bytes, size, at) == (ssize_t)size && fdatasync(file) == 0,
             "cannot write and sync");
    }
    const double rate = FLOOR_COUNT / (now() - start);
    (void)close(file);
    (void)unlink(path_of("floor"));
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

/* Stores a second: new records, or a next version of records that are there. */
static double rate_of(lwsec_state *state, uint32_t records, uint32_t batch, uint64_t version)
{
    const double start = now();
    for (uint32_t i = 0; i < records; i += batch) {
        store_batch(state, i, records - i < batch ? records - i : batch, version);
    }
    return records / (now() - start);
}

static void print_row(const char *name, uint32_t records, double made, double changed, double floor)
{
    (void)printf("%-24s %8u records  new %8.0f /s, x %7.2f   next version %8.0f /s, x %7.2f\n",
                 name, records, made, made / floor, changed, changed / floor);
    (void)fflush(stdout);
}

static void measure_directory(uint32_t records, double floor)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *state = NULL;

    must(lwsec_state_directory_open(memory, sizeof memory, path_of("directory"), &state, NULL) ==
             LWSEC_OK,
         "cannot open a directory");
    const double made = rate_of(state, records, 1, 0);
    const double changed = rate_of(state, records, 1, 1);
    lwsec_state_directory_close(&state);
    print_row("directory", records, made, changed, floor);
}

static void measure_sqlite(const char *name, uint32_t records, uint32_t batch, uint32_t changes,
                           double floor)
{
    const char *path = path_of("sqlite");
    const lwsec_state_sqlite_config config = {
        .size = sizeof config, .path = path, .calls = batch > 1 ? batch : 0};
    const size_t size = lwsec_state_sqlite_size(config.calls);
    void *memory = need(malloc(size));
    lwsec_state *state = NULL;
    struct stat about;

    must(lwsec_state_sqlite_open(memory, size, &config, &state, NULL) == LWSEC_OK,
         "cannot open an SQLite file");
    const double made = rate_of(state, records, batch, 0);
    const double changed = rate_of(state, changes, batch, 1);
    lwsec_state_sqlite_close(&state);
    must(stat(path, &about) == 0, "cannot look at the file");
    print_row(name, records, made, changed, floor);
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
    const double block = floor_of(BLOCK_SIZE, false);
    const double frame = floor_of(FRAME_SIZE, true);
    (void)printf("Durable stores of %u bytes a second; x: against the sync of a frame.\n"
                 "floor: write and sync %8.0f /s blocks of %u over the same place,\n"
                 "                      %8.0f /s frames of %u at the end of a file\n\n",
                 VALUE_SIZE, block, BLOCK_SIZE, frame, FRAME_SIZE);
    measure_directory(records, frame);
    measure_sqlite("sqlite", records, 1, records, frame);
    measure_sqlite("sqlite, batches of 100", records, 100, records, frame);
    measure_sqlite("sqlite, batches of 1000", records, CALLS_MAX, records, frame);
    if (many > 0) {
        measure_sqlite("sqlite, batches of 1000", many, CALLS_MAX, records, frame);
    }
    remove_all(records);
    return 0;
}
