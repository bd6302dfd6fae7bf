/* The record file: what is read is what was written, and nothing else. */
#include "tests/support/test.h"

#include "state/record_file.h"
#include "tests/state/back_ends.h"

static uint8_t file[LWSEC_RECORD_FILE_MAX + 8];

static size_t write_file(size_t value_size, uint64_t version)
{
    static uint8_t value[LWSEC_RECORD_MAX + 1];
    const lwsec_record_file content = {record_of(0x01020304, 0xab), version,
                                       lwsec_bytes_of(value, value_size)};

    for (size_t i = 0; i < sizeof value; i++) {
        value[i] = (uint8_t)(i * 3 + 1);
    }
    return lwsec_record_file_write(&content, file, sizeof file);
}

static void assert_refused(size_t size, lwsec_why why)
{
    lwsec_record_file parsed;
    lwsec_reason reason;
    /* A copy of its exact size, so that a sanitizer sees one byte too far. */
    uint8_t *exact = malloc(size > 0 ? size : 1);

    assert_non_null(exact);
    memcpy(exact, file, size);
    assert_status(lwsec_record_file_parse(lwsec_bytes_of(exact, size), &parsed, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, why);
    free(exact);
}

static void file_has_the_documented_bytes(void **state)
{
    (void)state;
    const lwsec_record_file content = {record_of(1, 0x11), 2, lwsec_bytes_of("value", 5)};
    const size_t size = lwsec_record_file_write(&content, file, sizeof file);

    /* The checksum is that of zlib's crc32 over the bytes before it. */
    assert_bytes(lwsec_bytes_of(file, size), lwsec_test_hex("4c575352"
                                                            "01"
                                                            "00000001"
                                                            "11111111111111111111111111111111"
                                                            "0000000000000002"
                                                            "0005"
                                                            "76616c7565"
                                                            "6907ca5d"));
}

static void written_file_is_read_back(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, LWSEC_RECORD_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const size_t size = write_file(sizes[i], UINT64_MAX);
        lwsec_record_file parsed;
        assert_int_equal(size, 39 + sizes[i]);
        assert_status(lwsec_record_file_parse(lwsec_bytes_of(file, size), &parsed, NULL), LWSEC_OK);
        assert_int_equal(parsed.record.kind, 0x01020304);
        assert_int_equal(parsed.record.identity[15], 0xab);
        assert_int_equal(parsed.version, UINT64_MAX);
        assert_int_equal(parsed.value.size, sizes[i]);
    }
}

/* A changed magic or format is not ours to judge; any other change is damage. */
static void every_changed_bit_is_refused(void **state)
{
    (void)state;
    const size_t size = write_file(40, 7);

    for (size_t i = 0; i < size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            file[i] ^= (uint8_t)(1U << bit);
            assert_refused(size, i < 5 ? LWSEC_WHY_STATE_FOREIGN : LWSEC_WHY_STATE_TORN);
            file[i] ^= (uint8_t)(1U << bit);
        }
    }
}

static void every_shorter_file_is_torn(void **state)
{
    (void)state;
    const size_t size = write_file(40, 7);

    for (size_t shorter = 0; shorter < size; shorter++) {
        assert_refused(shorter, LWSEC_WHY_STATE_TORN);
    }
}

static void every_longer_file_is_torn(void **state)
{
    (void)state;
    const size_t size = write_file(40, 7);

    for (size_t longer = size + 1; longer < size + 8; longer++) {
        assert_refused(longer, LWSEC_WHY_STATE_TORN);
    }
}

static void zeros_in_place_of_the_end_are_torn(void **state)
{
    (void)state;
    for (size_t keep = 5; keep < 79; keep++) {
        const size_t size = write_file(40, 7);
        memset(&file[keep], 0, size - keep);
        assert_refused(size, LWSEC_WHY_STATE_TORN);
    }
}

static void file_of_somebody_else_is_foreign(void **state)
{
    (void)state;
    memset(file, 0, sizeof file);
    assert_refused(100, LWSEC_WHY_STATE_FOREIGN);
    assert_refused(1, LWSEC_WHY_STATE_FOREIGN);
    memcpy(file, "hello", 5);
    assert_refused(5, LWSEC_WHY_STATE_FOREIGN);
    memcpy(file, "LWS ", 4);
    assert_refused(4, LWSEC_WHY_STATE_FOREIGN);
}

static void whole_file_that_this_library_never_writes_is_foreign(void **state)
{
    (void)state;
    assert_refused(write_file(4, 0), LWSEC_WHY_STATE_FOREIGN);
    assert_refused(write_file(LWSEC_RECORD_MAX + 1, 1), LWSEC_WHY_STATE_FOREIGN);
}

static void file_that_does_not_fit_is_not_written(void **state)
{
    (void)state;
    const lwsec_record_file content = {record_of(1, 1), 1, lwsec_bytes_of("value", 5)};

    for (size_t capacity = 0; capacity < 44; capacity++) {
        assert_int_equal(lwsec_record_file_write(&content, file, capacity), 0);
    }
    assert_int_equal(lwsec_record_file_write(&content, file, 44), 44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_has_the_documented_bytes),
        cmocka_unit_test(written_file_is_read_back),
        cmocka_unit_test(every_changed_bit_is_refused),
        cmocka_unit_test(every_shorter_file_is_torn),
        cmocka_unit_test(every_longer_file_is_torn),
        cmocka_unit_test(zeros_in_place_of_the_end_are_torn),
        cmocka_unit_test(file_of_somebody_else_is_foreign),
        cmocka_unit_test(whole_file_that_this_library_never_writes_is_foreign),
        cmocka_unit_test(file_that_does_not_fit_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
