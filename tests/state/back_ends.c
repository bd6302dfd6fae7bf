/* Every back end, opened in one way. */
#include "tests/state/back_ends.h"

#include "tests/state/temporary.h"

const back_end back_ends[4] = {
    {"memory", false, false},
    {"directory", true, false},
    {"sealed over memory", false, true},
    {"sealed over a directory", true, true},
};

void back_end_open(opened *one, const back_end *which, lwsec_key key)
{
    memset(one, 0, sizeof *one);
    one->value_max = LWSEC_RECORD_MAX;
    if (which->directory) {
        one->path = temporary_folder();
        assert_status(lwsec_state_directory_open(one->directory, sizeof one->directory, one->path,
                                                 &one->inner, NULL),
                      LWSEC_OK);
    } else {
        assert_status(lwsec_state_memory_open(one->memory, sizeof one->memory, BACK_END_RECORDS,
                                              LWSEC_RECORD_MAX, &one->inner),
                      LWSEC_OK);
    }
    one->state = one->inner;
    one->another = one->inner;
    if (which->sealed) {
        one->value_max -= 1 + 8 + 12 + 16;
        assert_status(lwsec_state_sealed_open(one->wrapper[0], sizeof one->wrapper[0], one->inner,
                                              key, &one->state),
                      LWSEC_OK);
        assert_status(lwsec_state_sealed_open(one->wrapper[1], sizeof one->wrapper[1], one->inner,
                                              key, &one->another),
                      LWSEC_OK);
    }
}

void back_end_release(opened *one)
{
    if (one->state != one->inner) {
        lwsec_state_sealed_close(&one->state);
        lwsec_state_sealed_close(&one->another);
    }
    if (one->path != NULL) {
        lwsec_state_directory_close(&one->inner);
    } else {
        lwsec_state_memory_close(&one->inner);
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
