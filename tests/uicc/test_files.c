/* The content of a card's files: objects, directories, FCP. */
#include "tests/support/test.h"

#include "uicc/files.h"

/* What a card in a modem's own tests holds: one object, LwM2M Security, and filler. */
#define CONTENT                                                                                    \
    "00010036000000003108002ec80025636f61703a2f2f6c657368616e2e65636c6970736570726f6a656374732e"   \
    "696f3a35373833c10101c10203"
#define DODF "a127300030110c0f4c774d324d20426f6f747374726170a110300e06060604672b0901300404026432"

static lwsec_status objects(const char *file, lwsec_smartcard_walk *walk)
{
    return lwsec_smartcard_objects(lwsec_test_hex(file), walk, NULL);
}

static void an_object_and_filler(void **state)
{
    const char *const files[] = {CONTENT, CONTENT "ffff", CONTENT "000000"};
    lwsec_smartcard_object object;
    lwsec_smartcard_walk walk;

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_status(objects(files[i], &walk), LWSEC_OK);
        assert_true(lwsec_smartcard_next(&walk, &object));
        assert_int_equal(object.id, 0);
        assert_int_equal(object.major, 0);
        assert_int_equal(object.instances.size, 49);
        assert_int_equal(object.instances.data[0], 0x08);
        assert_false(lwsec_smartcard_next(&walk, &object));
    }
    assert_status(objects(CONTENT "fe", &walk), LWSEC_REJECT);
    assert_status(objects(CONTENT "ff00", &walk), LWSEC_REJECT);
}

static void versions_of_one_and_of_two_octets(void **state)
{
    lwsec_smartcard_object object;
    lwsec_smartcard_walk walk;

    (void)state;
    assert_status(objects("00030011"
                          "0000000001aa"
                          "000101000000"
                          "00150205000102"
                          "ff",
                          &walk),
                  LWSEC_REJECT); /* size and objects do not fit */
    assert_status(objects("00030012"
                          "0000000001aa"
                          "000101000000"
                          "00150205000102"
                          "ff",
                          &walk),
                  LWSEC_REJECT);
    assert_status(objects("00030014"
                          "0000000001aa"
                          "00010101000000"
                          "00150205000102"
                          "ff",
                          &walk),
                  LWSEC_REJECT); /* a length of zero with one octet of version too much */
    assert_status(objects("00030014"
                          "0000000001aa"
                          "0001010100"
                          "01bb"
                          "00150205000102"
                          "ff",
                          &walk),
                  LWSEC_OK);
    assert_true(lwsec_smartcard_next(&walk, &object));
    assert_int_equal(object.id, 0);
    assert_bytes(object.instances, lwsec_test_hex("aa"));
    assert_true(lwsec_smartcard_next(&walk, &object));
    assert_int_equal(object.id, 1);
    assert_int_equal(object.major, 1);
    assert_int_equal(object.minor, 1);
    assert_bytes(object.instances, lwsec_test_hex("bb"));
    assert_true(lwsec_smartcard_next(&walk, &object));
    assert_int_equal(object.id, 21);
    assert_int_equal(object.major, 2);
    assert_int_equal(object.minor, 5);
    assert_bytes(object.instances, lwsec_test_hex("02"));
    assert_false(lwsec_smartcard_next(&walk, &object));
}

static void an_empty_file(void **state)
{
    lwsec_smartcard_object object;
    lwsec_smartcard_walk walk;

    (void)state;
    assert_status(objects("00000000", &walk), LWSEC_OK);
    assert_false(lwsec_smartcard_next(&walk, &object));
    assert_status(objects("00000000ffffffff", &walk), LWSEC_OK);
    assert_status(objects("ffffffffffffffff", &walk), LWSEC_REJECT);
    assert_status(objects("", &walk), LWSEC_REJECT);
    assert_status(objects("0001000500000000", &walk), LWSEC_REJECT);
    assert_status(objects("000100050000000000", &walk), LWSEC_OK);
}

static void an_object_stands_once(void **state)
{
    lwsec_smartcard_walk walk;

    (void)state;
    assert_status(objects("0002000a00000000000000000000", &walk), LWSEC_REJECT);
    assert_status(objects("0002000a00000000000001000000", &walk), LWSEC_OK);
    assert_status(objects("0002000b0000000000000001000000", &walk), LWSEC_REJECT);
}

static void every_other_count_and_every_cut(void **state)
{
    const lwsec_bytes file = lwsec_test_hex(CONTENT);
    uint8_t changed[64];
    lwsec_smartcard_walk walk;

    (void)state;
    for (size_t size = 0; size < file.size; size++) {
        assert_status(lwsec_smartcard_objects(lwsec_bytes_of(file.data, size), &walk, NULL),
                      LWSEC_REJECT);
    }
    for (size_t i = 0; i < 9; i++) { /* the header, and the length of the object */
        if (i == 4 || i == 5) {
            continue; /* another object */
        }
        memcpy(changed, file.data, file.size);
        changed[i] ^= 1U;
        assert_status(lwsec_smartcard_objects(lwsec_bytes_of(changed, file.size), &walk, NULL),
                      LWSEC_REJECT);
    }
}

static void a_file_is_limited(void **state)
{
    static uint8_t file[LWSEC_SMARTCARD_FILE_MAX + 1];
    lwsec_smartcard_walk walk;

    (void)state;
    assert_status(lwsec_smartcard_objects(lwsec_bytes_of(file, sizeof file - 1), &walk, NULL),
                  LWSEC_OK);
    assert_status(lwsec_smartcard_objects(lwsec_bytes_of(file, sizeof file), &walk, NULL),
                  LWSEC_REJECT);
}

static void object_directories(void **state)
{
    const lwsec_bytes file = lwsec_test_hex("a606300404024407a7063004040264"
                                            "30a70830060404500f6431ffff");
    lwsec_smartcard_path path;

    (void)state;
    assert_status(lwsec_smartcard_read_odf(file, 0, &path, NULL), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(path.octets, path.size), lwsec_test_hex("6430"));
    assert_status(lwsec_smartcard_read_odf(file, 1, &path, NULL), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(path.octets, path.size), lwsec_test_hex("500f6431"));
    assert_status(lwsec_smartcard_read_odf(file, 2, &path, NULL), LWSEC_ABSENT);
    assert_status(lwsec_smartcard_read_odf(lwsec_test_hex("ffff"), 0, &path, NULL), LWSEC_ABSENT);
    assert_status(lwsec_smartcard_read_odf(lwsec_test_hex(""), 0, &path, NULL), LWSEC_ABSENT);
}

static void malformed_directories(void **state)
{
    const char *const files[] = {
        "a70630040402",
        "a706300404036430ff",
        "a7053003040164",
        "a704300204000",
        "a702300",
        "a7",
        "a7820630040402643",
        "a7840000000630040402",
        "bf0106300404026430",
        "a7063004040364",
        "a70731050403643000",
        "a71530130411000102030405060708090a0b0c0d0e0f10",
    };
    lwsec_smartcard_path path = {{0}, 77};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char even[64];
        (void)snprintf(even, sizeof even, "%s%s", files[i], strlen(files[i]) % 2 != 0 ? "0" : "");
        assert_status(lwsec_smartcard_read_odf(lwsec_test_hex(even), 0, &path, NULL), LWSEC_REJECT);
        assert_int_equal(path.size, 77);
    }
}

static lwsec_status dodf(const char *file, lwsec_smartcard_path *path)
{
    return lwsec_smartcard_read_dodf(lwsec_test_hex(file), path, NULL);
}

static void the_bootstrap_file_is_named_by_its_oid(void **state)
{
    /* As cards have it, and as it should be; then by the OID of the application; behind others. */
    const char *const files[] = {
        DODF,
        "a125300030110c0f4c774d324d20426f6f747374726170a10e300c0604672b0901300404026432ff",
    };
    lwsec_smartcard_path path;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_status(dodf(files[i], &path), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(path.octets, path.size), lwsec_test_hex("6432"));
    }
    assert_status(dodf("3017300030060604672b0901a10b300904073f007fff643264", &path), LWSEC_REJECT);
    assert_status(dodf("3018300030060604672b0901a10c300a04083f007fff643264330000", &path),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(path.octets, path.size), lwsec_test_hex("3f007fff64326433"));
    assert_status(dodf("3012300030060604672b0902a106300404026431" DODF, &path), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(path.octets, path.size), lwsec_test_hex("6432"));
}

static void other_data_objects_are_not_taken(void **state)
{
    lwsec_smartcard_path path;

    (void)state;
    assert_status(dodf("", &path), LWSEC_ABSENT);
    assert_status(dodf("ffffffff", &path), LWSEC_ABSENT);
    assert_status(dodf("3012300030060604672b0902a106300404026431", &path), LWSEC_ABSENT);
    assert_status(dodf("301330003007060567"
                       "2b090101a106300404026431",
                       &path),
                  LWSEC_ABSENT);
    assert_status(dodf("a0123000"
                       "30060604672b0901a106300404026431",
                       &path),
                  LWSEC_ABSENT);
    assert_status(dodf("3012300030060604672b0901a206300404026431", &path), LWSEC_REJECT);
    assert_status(dodf("3010300031060604672b0901a1043002"
                       "6431",
                       &path),
                  LWSEC_REJECT);
}

static void every_cut_of_a_directory(void **state)
{
    const lwsec_bytes file = lwsec_test_hex(DODF);
    lwsec_smartcard_path path;

    (void)state;
    for (size_t size = 1; size < file.size; size++) {
        assert_status(lwsec_smartcard_read_dodf(lwsec_bytes_of(file.data, size), &path, NULL),
                      LWSEC_REJECT);
    }
}

static void records_of_the_directory_of_applications(void **state)
{
    lwsec_bytes aid = {NULL, 0};

    (void)state;
    assert_status(lwsec_smartcard_read_dir(
                      lwsec_test_hex("61124f0ca000000063504b43532d313551027f50ffff"), &aid, NULL),
                  LWSEC_OK);
    assert_bytes(aid, lwsec_test_hex("a000000063504b43532d3135"));
    assert_status(lwsec_smartcard_read_dir(lwsec_test_hex("61104f0ea000000063504b43532d31350102"),
                                           &aid, NULL),
                  LWSEC_OK);
    assert_int_equal(aid.size, 14);
    aid.size = 77;
    assert_status(lwsec_smartcard_read_dir(
                      lwsec_test_hex("61124f10a0000000871002ffffffff8907090000"), &aid, NULL),
                  LWSEC_ABSENT);
    assert_status(lwsec_smartcard_read_dir(lwsec_test_hex("ffffff"), &aid, NULL), LWSEC_ABSENT);
    assert_status(
        lwsec_smartcard_read_dir(lwsec_test_hex("610d4f0ba000000063504b43532d31"), &aid, NULL),
        LWSEC_ABSENT);
    assert_status(
        lwsec_smartcard_read_dir(lwsec_test_hex("610e4f0da000000063504b43532d3135"), &aid, NULL),
        LWSEC_REJECT);
    assert_status(lwsec_smartcard_read_dir(
                      lwsec_test_hex("61134f11a000000063504b43532d31350102030405"), &aid, NULL),
                  LWSEC_REJECT);
    assert_int_equal(aid.size, 77);
}

static void control_parameters_of_files(void **state)
{
    const char *const wrong[] = {
        "",
        "6f16",
        "621282024121830264308a01058b036f0602880",
        "621482024121830264308a01058b036f0602800200",
        "621282024121830264308a01058b036f0602",
        "62048002007888",
        "6207820142800200788800",
        "620a8205460100000580020078",
        "620a8205420100000580020078",
        "620a820542210100058002007800ff",
    };
    lwsec_card_file file;

    (void)state;
    assert_status(
        lwsec_card_read_fcp(lwsec_test_hex("621682024121830264308a01058b036f0602800200788800"),
                            &file, NULL),
        LWSEC_OK);
    assert_int_equal(file.size, 0x78);
    assert_int_equal(file.record_size, 0);
    assert_status(lwsec_card_read_fcp(lwsec_test_hex("620b820542210026058002"
                                                     "00be"),
                                      &file, NULL),
                  LWSEC_OK);
    assert_int_equal(file.record_size, 0x26);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char even[64];
        (void)snprintf(even, sizeof even, "%s%s", wrong[i], strlen(wrong[i]) % 2 != 0 ? "0" : "");
        assert_status(lwsec_card_read_fcp(lwsec_test_hex(even), &file, NULL), LWSEC_REJECT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_and_filler),
        cmocka_unit_test(versions_of_one_and_of_two_octets),
        cmocka_unit_test(an_empty_file),
        cmocka_unit_test(an_object_stands_once),
        cmocka_unit_test(every_other_count_and_every_cut),
        cmocka_unit_test(a_file_is_limited),
        cmocka_unit_test(object_directories),
        cmocka_unit_test(malformed_directories),
        cmocka_unit_test(the_bootstrap_file_is_named_by_its_oid),
        cmocka_unit_test(other_data_objects_are_not_taken),
        cmocka_unit_test(every_cut_of_a_directory),
        cmocka_unit_test(records_of_the_directory_of_applications),
        cmocka_unit_test(control_parameters_of_files),
    };
    return cmocka_run_group_tests_name("uicc-files", tests, NULL, NULL);
}
