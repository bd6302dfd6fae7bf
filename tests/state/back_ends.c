/* Every back end, opened in one way. */
#include "tests/state/back_ends.h"

#ifdef LWSEC_TEST_SQLITE
#include <lwsec/state_sqlite.h>
#endif

#include "tests/state/temporary.h"

const back_end back_ends[] = {
    {"memory", IN_MEMORY, false},
    {"directory", IN_DIRECTORY, false},
    {"sealed over memory", IN_MEMORY, true},
    {"sealed over a directory", IN_DIRECTORY, true},
#ifdef LWSEC_TEST_SQLITE
    {"sqlite", IN_SQLITE, false},
    {"sqlite in batches", IN_SQLITE_BATCHES, false},
    {"sealed over sqlite", IN_SQLITE, true},
    {"sealed over sqlite in batches", IN_SQLITE_BATCHES, true},
#endif
};
const size_t back_end_count = sizeof back_ends / sizeof back_ends[0];

#ifdef LWSEC_TEST_SQLITE
static void sqlite_open(opened *one)
{
    char file[64];
    const lwsec_state_sqlite_config config = {
        .size = sizeof config,
        .path = file,
        .calls = one->medium == IN_SQLITE_BATCHES ? BACK_END_CALLS : 0};

    (void)snprintf(file, sizeof file, "%s/records", one->path);
    assert_status(
        lwsec_state_sqlite_open(one->sqlite, sizeof one->sqlite, &config, &one->inner, NULL),
        LWSEC_OK);
}

static void sqlite_close(opened *one)
{
    lwsec_state_sqlite_close(&one->inner);
}
#else
static void sqlite_open(opened *one)
{
    (void)one;
    fail();
}

static void sqlite_close(opened *one)
{
    (void)one;
}
#endif

static void open_medium(opened *one)
{
    if (one->medium == IN_MEMORY) {
        assert_status(lwsec_state_memory_open(one->memory, sizeof one->memory, BACK_END_RECORDS,
                                              LWSEC_RECORD_MAX, &one->inner),
                      LWSEC_OK);
        return;
    }
    one->path = temporary_folder();
    if (one->medium == IN_DIRECTORY) {
        assert_status(lwsec_state_directory_open(one->directory, sizeof one->directory, one->path,
                                                 &one->inner, NULL),
                      LWSEC_OK);
    } else {
        sqlite_open(one);
    }
}

void back_end_open(opened *one, const back_end *which, lwsec_key key)
{
    memset(one, 0, sizeof *one);
    one->value_max = LWSEC_RECORD_MAX;
    one->medium = which->medium;
    open_medium(one);
    lwsec_state *ends[2] = {one->inner, one->inner};
    for (size_t i = 0; i < 2 && which->sealed; i++) {
        assert_status(lwsec_state_sealed_open(one->wrapper[i], sizeof one->wrapper[i], one->inner,
                                              key, &one->sealed[i]),
                      LWSEC_OK);
        ends[i] = one->sealed[i];
        one->value_max = LWSEC_RECORD_MAX - (1 + 8 + 12 + 16);
    }
    for (size_t i = 0; i < 2 && which->medium == IN_SQLITE_BATCHES; i++) {
        ends[i] = polling_open(&one->polling[i], ends[i]);
    }
    one->state = ends[0];
    one->another = ends[1];
}

void back_end_release(opened *one)
{
    lwsec_state_sealed_close(&one->sealed[0]);
    lwsec_state_sealed_close(&one->sealed[1]);
    switch (one->medium) {
    case IN_MEMORY: lwsec_state_memory_close(&one->inner); break;
    case IN_DIRECTORY: lwsec_state_directory_close(&one->inner); break;
    case IN_SQLITE:
    case IN_SQLITE_BATCHES: sqlite_close(one); break;
    }
}

void back_end_close(opened *one)
{
    back_end_release(one);
    if (one->path != NULL) {
        temporary_remove(one->path);
    }
}

lwsec_record record_of(uint32_t kind, uint8_t filler)
{
    lwsec_record record = {.kind = kind};

    memset(record.identity, filler, sizeof record.identity);
    return record;
}
