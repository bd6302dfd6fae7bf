/* Time stamps and validity periods of short messages. */
#include "tests/support/test.h"

#include <lwsec/sms_tpdu.h>

static void a_time_comes_and_goes(void **state)
{
    static const struct {
        const char *wire;
        lwsec_sms_time time;
    } times[] = {
        {"52114211000000", {25, 11, 24, 11, 0, 0, 0}},
        {"22705200000000", {22, 7, 25, 0, 0, 0, 0}},
        {"99211332959580", {99, 12, 31, 23, 59, 59, 8}}, /* two hours ahead */
        {"0010100000008a", {0, 1, 1, 0, 0, 0, -28}},     /* seven hours behind */
        {"0010100000009f", {0, 1, 1, 0, 0, 0, -79}},
        {"00101000000097", {0, 1, 1, 0, 0, 0, 79}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        const lwsec_bytes wire = lwsec_test_hex(times[i].wire);
        lwsec_sms_time time;
        uint8_t back[7];

        assert_status(lwsec_sms_time_read(wire.data, &time), LWSEC_OK);
        assert_int_equal(time.year, times[i].time.year);
        assert_int_equal(time.month, times[i].time.month);
        assert_int_equal(time.day, times[i].time.day);
        assert_int_equal(time.hour, times[i].time.hour);
        assert_int_equal(time.minute, times[i].time.minute);
        assert_int_equal(time.second, times[i].time.second);
        assert_int_equal(time.zone, times[i].time.zone);
        assert_status(lwsec_sms_time_write(&time, back), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(back, 7), wire);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wires[] = {"a0104211000000", "0a104211000000", "52004211000000",
                                        "52314211000000", "52110011000000", "52112311000000",
                                        "52114242000000", "52114211060000", "52114211000600"};
    lwsec_sms_time time;

    (void)state;
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        assert_status(lwsec_sms_time_read(lwsec_test_hex(wires[i]).data, &time), LWSEC_REJECT);
    }
    assert_status(lwsec_sms_time_read(lwsec_test_hex("521142110000a0").data, &time), LWSEC_REJECT);
    assert_status(lwsec_sms_time_read(lwsec_test_hex("521142110000ff").data, &time), LWSEC_REJECT);
    /* The sign is no part of the digits: 8 tens do not exist. */
    assert_status(lwsec_sms_time_read(lwsec_test_hex("52114211000008").data, &time), LWSEC_OK);
    assert_int_equal(time.zone, 0);
}

static void a_time_out_of_range_is_not_written(void **state)
{
    const lwsec_sms_time good = {25, 11, 24, 11, 0, 0, 0};
    lwsec_sms_time bad[9];
    uint8_t wire[7];

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        bad[i] = good;
    }
    bad[0].year = 100;
    bad[1].month = 0;
    bad[2].month = 13;
    bad[3].day = 32;
    bad[4].hour = 24;
    bad[5].minute = 60;
    bad[6].second = 60;
    bad[7].zone = 80;
    bad[8].zone = -80;
    for (size_t i = 0; i < 9; i++) {
        assert_status(lwsec_sms_time_write(&bad[i], wire), LWSEC_USAGE);
    }
}

static void a_relative_period_is_told_in_minutes(void **state)
{
    static const struct {
        uint8_t relative;
        uint32_t minutes;
    } periods[] = {
        {0, 5},          {11, 60},         {143, 720},          {144, 750},          {167, 1440},
        {168, 2 * 1440}, {196, 30 * 1440}, {197, 5 * 7 * 1440}, {255, 63 * 7 * 1440}};

    (void)state;
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        assert_int_equal(lwsec_sms_validity_minutes(periods[i].relative), periods[i].minutes);
    }
    for (unsigned relative = 1; relative < 256; relative++) {
        assert_true(lwsec_sms_validity_minutes((uint8_t)relative) >
                    lwsec_sms_validity_minutes((uint8_t)(relative - 1)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_comes_and_goes),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_time_out_of_range_is_not_written),
        cmocka_unit_test(a_relative_period_is_told_in_minutes),
    };
    return cmocka_run_group_tests_name("sms-time", tests, NULL, NULL);
}
