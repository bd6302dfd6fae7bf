/* The directory: its files, and what it refuses to read. */
#include "tests/support/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "state/record_file.h"
#include "tests/state/back_ends.h"
#include "tests/state/temporary.h"

static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8 + 1];
static const char *path;
static lwsec_state *open_state;
static const lwsec_record record = {LWSEC_RECORD_ACCOUNT,
                                    {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99,
                                     0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}};
static const char name[] = "00000004-00112233445566778899aabbccddeeff";

static int set_up(void **state)
{
    (void)state;
    path = temporary_folder();
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &open_state, NULL),
                  LWSEC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_directory_close(&open_state);
    temporary_remove(path);
    return 0;
}

static void store(const lwsec_record *into, const char *text)
{
    uint64_t version = 0;

    assert_status(
        lwsec_state_store_if(open_state, into, lwsec_bytes_of(text, strlen(text)), &version, NULL),
        LWSEC_OK);
}

/* No call accepts the record or changes its file. */
static void assert_refused(lwsec_why why)
{
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 1;
    lwsec_reason reason;

    assert_status(lwsec_state_load(open_state, &record, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, why);
    assert_status(
        lwsec_state_store_if(open_state, &record, lwsec_bytes_of("x", 1), &version, &reason),
        LWSEC_STATE);
    assert_int_equal(reason.why, why);
    assert_status(lwsec_state_take(open_state, &record, &value, &reason), LWSEC_STATE);
    assert_status(lwsec_state_advance(open_state, &record, UINT64_MAX, &reason), LWSEC_STATE);
    assert_status(lwsec_state_window_accept(open_state, &record, 5, 32, &reason), LWSEC_STATE);
    assert_status(lwsec_state_erase(open_state, &record, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, why);
    assert_true(file_exists(path, name));
}

static void record_lies_in_a_file_with_a_readable_name(void **state)
{
    (void)state;
    struct stat about;
    char full[128];
    lwsec_record_file parsed;

    store(&record, "a value");
    assert_status(lwsec_record_file_parse(file_read(path, name), &parsed, NULL), LWSEC_OK);
    assert_bytes(parsed.value, lwsec_bytes_of("a value", 7));
    (void)snprintf(full, sizeof full, "%s/%s", path, name);
    assert_int_equal(stat(full, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_false(file_exists(path, "new"));
}

static void directory_is_made_for_its_owner_alone(void **state)
{
    (void)state;
    char inside[128];
    struct stat about;
    static uint64_t more[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *made = NULL;

    (void)snprintf(inside, sizeof inside, "%s/inside", path);
    assert_status(lwsec_state_directory_open(more, sizeof more, inside, &made, NULL), LWSEC_OK);
    assert_int_equal(stat(inside, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    lwsec_state_directory_close(&made);
}

static void records_outlive_closing(void **state)
{
    (void)state;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    store(&record, "a value");
    lwsec_state_directory_close(&open_state);
    assert_null(open_state);
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &open_state, NULL),
                  LWSEC_OK);
    assert_status(lwsec_state_load(open_state, &record, &value, &version, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), lwsec_bytes_of("a value", 7));
    assert_int_equal(version, 1);
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    store(&record, "a value");
    const lwsec_bytes good = file_read(path, name);
    uint8_t bad[64];

    for (size_t i = 0; i < good.size; i++) {
        memcpy(bad, good.data, good.size);
        bad[i] ^= 0xff;
        file_write(path, name, lwsec_bytes_of(bad, good.size));
        assert_refused(i < 5 ? LWSEC_WHY_STATE_FOREIGN : LWSEC_WHY_STATE_TORN);
    }
}

static void every_other_length_is_refused(void **state)
{
    (void)state;
    store(&record, "a value");
    const lwsec_bytes good = file_read(path, name);
    static uint8_t bad[3 * LWSEC_RECORD_FILE_MAX];

    memcpy(bad, good.data, good.size);
    for (size_t size = 0; size < sizeof bad; size += size < good.size + 2 ? 1 : 997) {
        if (size != good.size) {
            file_write(path, name, lwsec_bytes_of(bad, size));
            assert_refused(LWSEC_WHY_STATE_TORN);
        }
    }
}

static void foreign_file_is_refused(void **state)
{
    (void)state;
    file_write(path, name, lwsec_bytes_of("hello\n", 6));
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
}

static void record_under_the_name_of_another_is_refused(void **state)
{
    (void)state;
    lwsec_record other = record;

    store(&record, "a value");
    other.identity[0] ^= 1;
    store(&other, "another");
    file_write(path, name, file_read(path, "00000004-01112233445566778899aabbccddeeff"));
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
    other = record;
    other.kind = LWSEC_RECORD_SMS;
    store(&other, "another");
    file_write(path, name, file_read(path, "00000003-00112233445566778899aabbccddeeff"));
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
}

static void what_is_no_plain_file_is_refused(void **state)
{
    (void)state;
    char full[128];

    (void)snprintf(full, sizeof full, "%s/%s", path, name);
    assert_int_equal(mkdir(full, 0700), 0);
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
    assert_int_equal(rmdir(full), 0);
    assert_int_equal(mkfifo(full, 0600), 0); /* must not wait for a writer */
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
    assert_int_equal(unlink(full), 0);
    file_write(path, "elsewhere", lwsec_bytes_of("x", 1));
    assert_int_equal(symlink("elsewhere", full), 0);
    assert_refused(LWSEC_WHY_STATE_FOREIGN);
}

static void links_in_place_of_own_files_are_not_followed(void **state)
{
    (void)state;
    char full[128];

    (void)snprintf(full, sizeof full, "%s/new", path);
    file_write(path, "victim", lwsec_bytes_of("precious", 8));
    assert_int_equal(symlink("victim", full), 0);
    store(&record, "a value"); /* the link is replaced, its target stays */
    assert_bytes(file_read(path, "victim"), lwsec_bytes_of("precious", 8));

    lwsec_reason reason;
    lwsec_state_directory_close(&open_state);
    (void)snprintf(full, sizeof full, "%s/lock", path);
    assert_int_equal(unlink(full), 0);
    assert_int_equal(symlink("victim", full), 0);
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &open_state, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    (void)snprintf(full, sizeof full, "%s/link", path);
    assert_int_equal(symlink(".", full), 0);
    assert_status(lwsec_state_directory_open(memory, sizeof memory, full, &open_state, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
}

static void leftovers_are_removed_when_it_is_opened(void **state)
{
    (void)state;
    lwsec_state_directory_close(&open_state);
    file_write(path, "new", lwsec_bytes_of("half a rec", 10));
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &open_state, NULL),
                  LWSEC_OK);
    assert_false(file_exists(path, "new"));
}

static void last_version_is_the_last(void **state)
{
    (void)state;
    uint8_t room[64];
    const lwsec_record_file last = {record, UINT64_MAX, {NULL, 0}};
    uint64_t version = UINT64_MAX;
    lwsec_reason reason;

    const size_t size = lwsec_record_file_write(&last, room, sizeof room);
    file_write(path, name, lwsec_bytes_of(room, size));
    assert_status(
        lwsec_state_store_if(open_state, &record, lwsec_bytes_of("x", 1), &version, &reason),
        LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    static uint64_t more[LWSEC_STATE_DIRECTORY_SIZE / 8 + 1];
    lwsec_state *made = NULL;
    lwsec_reason reason;
    char long_path[202];

    memset(long_path, '/', sizeof long_path); /* as a path, the root */
    long_path[201] = '\0';
    assert_status(lwsec_state_directory_open(more, sizeof more, long_path, &made, &reason),
                  LWSEC_USAGE);
    assert_status(lwsec_state_directory_open(more, sizeof more, "", &made, &reason), LWSEC_USAGE);
    assert_status(lwsec_state_directory_open(more, sizeof more, NULL, &made, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_directory_open(NULL, sizeof more, path, &made, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_directory_open(more, sizeof more, path, NULL, NULL), LWSEC_USAGE);
    assert_status(
        lwsec_state_directory_open((uint8_t *)more + 4, sizeof more - 4, path, &made, NULL),
        LWSEC_USAGE);
    assert_status(
        lwsec_state_directory_open(more, lwsec_state_directory_size() - 1, path, &made, &reason),
        LWSEC_BUFFER);
    assert_status(lwsec_state_directory_open(more, sizeof more, "no/such/parent", &made, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    file_write(path, "file", lwsec_bytes_of("x", 1));
    (void)snprintf(long_path, sizeof long_path, "%s/file", path);
    assert_status(lwsec_state_directory_open(more, sizeof more, long_path, &made, &reason),
                  LWSEC_STATE);
    assert_null(made);
    lwsec_state_directory_close(&made);
    lwsec_state_directory_close(NULL);
}

static void longest_path_is_accepted(void **state)
{
    (void)state;
    char long_path[201];
    static uint64_t more[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *made = NULL;
    const size_t used = strlen(path);

    memset(long_path, '/', sizeof long_path);
    memcpy(long_path, path, used);
    memcpy(&long_path[199], "d", 2);
    assert_status(lwsec_state_directory_open(more, sizeof more, long_path, &made, NULL), LWSEC_OK);
    lwsec_state_directory_close(&made);
    assert_true(file_exists(path, "d"));
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(record_lies_in_a_file_with_a_readable_name),
        OPENED(directory_is_made_for_its_owner_alone),
        OPENED(records_outlive_closing),
        OPENED(every_changed_byte_is_refused),
        OPENED(every_other_length_is_refused),
        OPENED(foreign_file_is_refused),
        OPENED(record_under_the_name_of_another_is_refused),
        OPENED(what_is_no_plain_file_is_refused),
        OPENED(links_in_place_of_own_files_are_not_followed),
        OPENED(leftovers_are_removed_when_it_is_opened),
        OPENED(last_version_is_the_last),
        OPENED(wrong_arguments_are_refused),
        OPENED(longest_path_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
