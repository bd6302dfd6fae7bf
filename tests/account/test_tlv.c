/* The TLV format of LwM2M: items of every length, payloads in and out, and what is refused. */
#include "tests/account/kit.h"

#include <lwsec/lwm2m_tlv.h>

static uint8_t room[8192];

static lwsec_status read_payload(lwsec_accounts *accounts, uint16_t object, uint16_t instance,
                                 const char *hex, lwsec_reason *reason)
{
    return lwsec_accounts_read_tlv(accounts, object, instance, lwsec_test_hex(hex), reason);
}

static bool is_empty(const lwsec_accounts *accounts)
{
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;

    return !lwsec_accounts_next(accounts, &position, &path, &value);
}

/* ---- Items ---- */

/* The examples of the Core specification: type, identifier, length, value. */
static void items_of_every_form(void **state)
{
    static const struct {
        const char *hex;
        lwsec_tlv_kind kind;
        uint16_t id;
        size_t size;
    } items[] = {
        {"c80014"
         "4f70656e204d6f62696c6520416c6c69616e6365",
         LWSEC_TLV_RESOURCE, 0, 20},
        {"c30b"
         "555443",
         LWSEC_TLV_RESOURCE, 11, 3},
        {"860641000141010", LWSEC_TLV_MULTIPLE, 6, 6},
        {"4100"
         "01",
         LWSEC_TLV_RESOURCE_INSTANCE, 0, 1},
        {"e20104"
         "0102",
         LWSEC_TLV_RESOURCE, 260, 2},
        {"0800"
         "03"
         "c10a01",
         LWSEC_TLV_INSTANCE, 0, 3},
        {"d00700"
         "01"
         "ff",
         LWSEC_TLV_RESOURCE, 7, 1},                   /* 16 bits of length for 1 */
        {"f80007000001ff", LWSEC_TLV_RESOURCE, 7, 1}, /* 24 bits, long identifier */
        {"c005", LWSEC_TLV_RESOURCE, 5, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        char hex[128];
        (void)snprintf(hex, sizeof hex, "%s%s", items[i].hex, strlen(items[i].hex) % 2 ? "5" : "");
        const lwsec_bytes input = lwsec_test_hex(hex);
        size_t position = 0;
        lwsec_tlv item;
        assert_status(lwsec_tlv_read(input, &position, &item, NULL), LWSEC_OK);
        assert_int_equal(item.kind, items[i].kind);
        assert_int_equal(item.id, items[i].id);
        assert_int_equal(item.value.size, items[i].size);
        assert_int_equal(position, input.size);
        assert_status(lwsec_tlv_read(input, &position, &item, NULL), LWSEC_ABSENT);
        for (size_t size = 1; size < input.size; size++) { /* cut anywhere */
            lwsec_reason reason;
            position = 0;
            assert_status(
                lwsec_tlv_read(lwsec_bytes_of(input.data, size), &position, &item, &reason),
                LWSEC_REJECT);
            assert_int_equal(reason.why, LWSEC_WHY_TRUNCATED);
            assert_int_equal(position, 0);
        }
    }
}

static void items_are_written_in_their_shortest_form(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 8, 255, 256, 4000};
    static const size_t headers[] = {2, 2, 2, 3, 3, 4, 4};
    static uint8_t value[4000];

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        for (unsigned id = 255; id <= 256; id++) {
            const lwsec_tlv item = {LWSEC_TLV_RESOURCE, (uint16_t)id,
                                    lwsec_bytes_of(value, sizes[i])};
            const size_t header = headers[i] + (id > 255);
            lwsec_buffer out = lwsec_buffer_of(room, header + sizes[i]);
            lwsec_tlv again;
            size_t position = 0;
            assert_status(lwsec_tlv_write(&item, &out), LWSEC_OK);
            assert_int_equal(out.size, header + sizes[i]);
            assert_status(lwsec_tlv_read(lwsec_buffer_bytes(&out), &position, &again, NULL),
                          LWSEC_OK);
            assert_int_equal(again.id, id);
            assert_bytes(again.value, item.value);
            out = lwsec_buffer_of(room, header + sizes[i] - 1);
            assert_status(lwsec_tlv_write(&item, &out), LWSEC_BUFFER);
            assert_int_equal(out.size, 0);
        }
    }
}

/* ---- Payloads in ---- */

static void a_write_sets_what_it_holds(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_value value;

    (void)state;
    assert_status(read_payload(accounts, 0, 4,
                               "c80008"
                               "636f6170733a2f2f"       /* 0: "coaps://" */
                               "c10101"                 /* 1: true */
                               "c10200"                 /* 2: mode 0 */
                               "c4030a0b0c0d"           /* 3 */
                               "c20a0065"               /* 10: 101 */
                               "8810084200c0a84201c0ac" /* 16: two suites */
                               "c41100150007",          /* 17: 21:7 */
                               NULL),
                  LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/1"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 1);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/16/1"), &value), LWSEC_OK);
    assert_int_equal(value.unsigned_integer, 0xc0ac);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/17"), &value), LWSEC_OK);
    assert_int_equal(value.link_instance, 7);
    /* A multiple resource is replaced as a whole; the rest stays. */
    assert_status(read_payload(accounts, 0, 4,
                               "86104202c0aec200"
                               "0000",
                               NULL),
                  LWSEC_REJECT);
    assert_status(read_payload(accounts, 0, 4, "84104202c0ae", NULL), LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/16/1"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/16/2"), &value), LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/4/10"), &value), LWSEC_OK);
    LWSEC_COVERS("R-5-02");
}

static void a_write_on_an_object_has_instances(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_value value;

    (void)state;
    assert_status(read_payload(accounts, 2, LWSEC_PATH_NONE,
                               "08000e" /* one byte short of what is in it */
                               "c10003c1010083024165"
                               "1f"
                               "c2030065"
                               "0301c10004",
                               NULL),
                  LWSEC_REJECT);
    assert_true(is_empty(accounts));
    assert_status(read_payload(accounts, 2, LWSEC_PATH_NONE,
                               "08000f"
                               "c10003c1010083024165"
                               "1f"
                               "c2030065"
                               "0301c10004",
                               NULL),
                  LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/2/0/2/101"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 31);
    assert_status(lwsec_accounts_get(accounts, kit_path("/2/0/3"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 101);
    assert_status(lwsec_accounts_get(accounts, kit_path("/2/1/0"), &value), LWSEC_OK);
}

static void numbers_of_every_size(void **state)
{
    static const struct {
        const char *hex;
        int64_t number;
    } numbers[] = {
        {"c1027f", 127},
        {"c10280", -128},
        {"c202ff7f", -129},
        {"c4027fffffff", INT32_MAX},
        {"c802088000000000000000", INT64_MIN},
        {"c80208ffffffffffffffff", -1},
    };
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_value value;

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_status(read_payload(accounts, 1, 0, numbers[i].hex, NULL), LWSEC_OK);
        assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/2"), &value), LWSEC_OK);
        assert_true(value.integer == numbers[i].number);
    }
    assert_status(read_payload(accounts, 1, 0, "c11180", NULL), LWSEC_OK); /* unsigned */
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/17"), &value), LWSEC_OK);
    assert_int_equal(value.unsigned_integer, 128);
}

static void what_does_not_fit_sets_nothing(void **state)
{
    static const char *const bad[] = {
        "c10101"
        "c30203"
        "0000", /* an integer of 3 bytes */
        "c10101"
        "c002", /* of none */
        "c10101"
        "c10205", /* mode 5 */
        "c10102", /* no Boolean */
        "c10101"
        "c31100"
        "0000", /* a link of 3 bytes */
        "c10101"
        "c10e80", /* no UTF-8 */
        "c10101"
        "81024100"
        "", /* cut */
        "c10101"
        "83024100"
        "00", /* a single resource as a multiple one */
        "c10101"
        "c11001", /* a multiple one as a single one */
        "c10101"
        "8310c10001", /* a resource within one */
        "c10101"
        "410001", /* an instance of nothing */
        "c10101"
        "0100c10101", /* an Object Instance in one */
        "c10101"
        "c9", /* cut */
    };
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_status(read_payload(accounts, 0, 0, bad[i], &reason), LWSEC_REJECT);
        assert_true(reason.why == LWSEC_WHY_VALUE || reason.why == LWSEC_WHY_TRUNCATED);
        assert_true(is_empty(accounts));
    }
    assert_status(read_payload(accounts, 0, LWSEC_PATH_NONE, "c10101", &reason), LWSEC_REJECT);
    assert_status(read_payload(accounts, 0, LWSEC_PATH_NONE, "23ffffc10101", &reason),
                  LWSEC_REJECT); /* instance 65535 */
    assert_status(read_payload(accounts, 3, 0, "c10101", &reason), LWSEC_ABSENT);
    assert_status(read_payload(accounts, 0, 0, "c11f01c10101", &reason), LWSEC_OK); /* 31 is new */
}

static void memory_bounds_a_payload(void **state)
{
    static uint64_t memory[LWSEC_ACCOUNTS_SIZE(40) / 8];
    const lwsec_accounts_config config = {.size = sizeof config};
    lwsec_accounts *accounts = NULL;
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_accounts_init(memory, lwsec_accounts_size(40), &config, &accounts),
                  LWSEC_OK);
    assert_status(read_payload(accounts, 0, 0, "c10101c10200c10300", &reason), LWSEC_BUFFER);
    assert_true(is_empty(accounts));
    assert_status(read_payload(accounts, 0, 0, "c10101c10200", &reason), LWSEC_OK);
}

/* A value of more than 65535 bytes has no entry, however large the memory is. */
static void a_value_too_long_sets_nothing(void **state)
{
    static uint64_t memory[LWSEC_ACCOUNTS_SIZE(200000) / 8];
    static uint8_t payload[3 + 5 + 65536] = {0xc1, 1, 1, 0xd8, 3, 1, 0, 0};
    const lwsec_accounts_config config = {.size = sizeof config, .flags = LWSEC_ACCOUNTS_LAX};
    lwsec_accounts *accounts = NULL;
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_accounts_init(memory, sizeof memory, &config, &accounts), LWSEC_OK);
    assert_status(
        lwsec_accounts_read_tlv(accounts, 0, 0, lwsec_bytes_of(payload, sizeof payload), &reason),
        LWSEC_BUFFER);
    assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
    assert_true(is_empty(accounts));
}

/* ---- Payloads out ---- */

static void assert_round_trip(const lwsec_accounts *accounts, uint16_t object)
{
    lwsec_accounts *again = kit_open(1, 0);
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    static uint8_t second[sizeof room];
    lwsec_buffer other = lwsec_buffer_of(second, sizeof second);

    assert_status(
        lwsec_accounts_write_tlv(accounts, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &out),
        LWSEC_OK);
    assert_status(
        lwsec_accounts_read_tlv(again, object, LWSEC_PATH_NONE, lwsec_buffer_bytes(&out), NULL),
        LWSEC_OK);
    assert_status(
        lwsec_accounts_write_tlv(again, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &other),
        LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&other), lwsec_buffer_bytes(&out));
    const size_t needed = out.size;
    for (size_t size = 0; size < needed; size += 1 + needed / 50) {
        out = lwsec_buffer_of(room, size);
        assert_status(
            lwsec_accounts_write_tlv(accounts, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &out),
            LWSEC_BUFFER);
        assert_int_equal(out.size, 0);
    }
    lwsec_accounts_close(&again);
}

static void what_is_written_is_read_again(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    uint64_t random = 88172645463325252ULL;

    (void)state;
    kit_certificate_account(accounts, 0);
    kit_psk_account(accounts, 300);
    kit_oscore(accounts, 300, 2);
    assert_round_trip(accounts, 0);
    assert_round_trip(accounts, 1);
    assert_round_trip(accounts, 21);
    for (unsigned round = 0; round < 200; round++) { /* numbers and lists of all sizes */
        lwsec_accounts *some = kit_open(2, 0);
        for (unsigned i = 0; i < 6; i++) {
            char path[32];
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            kit_number(some, "/1/0/17", (int64_t)(random >> (random & 63U)));
            kit_number(some, "/1/0/2", (int64_t)(random << 1) >> (random >> 8 & 63U));
            (void)snprintf(path, sizeof path, "/1/%u/25/%u", (unsigned)(random >> 20 & 3U) * 100,
                           (unsigned)(random >> 24 & 1023U));
            kit_bytes(some, path, lwsec_bytes_of(path, random >> 40 & 15U));
        }
        assert_round_trip(some, 1);
        lwsec_accounts_close(&some);
    }
}

static void secrets_are_written_only_where_told(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    const lwsec_bytes secret = kit_secret(0, 16);

    (void)state;
    kit_psk_account(accounts, 0);
    assert_status(lwsec_accounts_write_tlv(accounts, 0, 0, 0, &out), LWSEC_OK);
    for (size_t i = 0; i + 16 <= out.size; i++) {
        assert_memory_not_equal(&room[i], secret.data, 16);
    }
    assert_status(lwsec_accounts_write_tlv(accounts, 0, 1, 0, &out), LWSEC_ABSENT);
    assert_status(lwsec_accounts_write_tlv(accounts, 23, LWSEC_PATH_NONE, 0, &out), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.1-15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_of_every_form),
        cmocka_unit_test(items_are_written_in_their_shortest_form),
        cmocka_unit_test(a_write_sets_what_it_holds),
        cmocka_unit_test(a_write_on_an_object_has_instances),
        cmocka_unit_test(numbers_of_every_size),
        cmocka_unit_test(what_does_not_fit_sets_nothing),
        cmocka_unit_test(memory_bounds_a_payload),
        cmocka_unit_test(a_value_too_long_sets_nothing),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(secrets_are_written_only_where_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
