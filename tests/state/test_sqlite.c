/* The SQLite file: how it is made, and what is refused. */
#include "tests/support/test.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/state/sqlite_file.h"
#include "tests/state/temporary.h"

#define NOBODY 65534U
#define PAGE 4096U

static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1, 2, 3}};
static const lwsec_record counter = {LWSEC_RECORD_SMS, {4}};

static char home[32];
static const char *folder = home;
static sqlite_file file;
static sqlite_file other;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_sqlite_close(&file.state);
    lwsec_state_sqlite_close(&other.state);
    temporary_remove(folder);
    return 0;
}

static void assert_not_opened(lwsec_why expected)
{
    lwsec_why why = LWSEC_WHY_NONE;

    assert_status(sqlite_file_try(&file, folder, 0, &why), LWSEC_STATE);
    assert_int_equal(why, expected);
    assert_null(file.state);
}

/* A file with one record. */
static void make_file(void)
{
    uint64_t version = 0;

    sqlite_file_open(&file, folder, 0);
    assert_status(store_text(file.state, &record, "a value", &version), LWSEC_OK);
    sqlite_file_close(&file);
}

static mode_t mode_of(const char *name)
{
    char path[128];
    struct stat about;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(stat(path, &about), 0);
    return about.st_mode & 0777;
}

static void files_are_for_their_owner_alone(void **state)
{
    const mode_t mask = umask(0);

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_status(lwsec_state_advance(file.state, &counter, 1, NULL), LWSEC_OK);
    assert_int_equal(mode_of("records"), 0600);
    assert_int_equal(mode_of("records-wal"), 0600);
    assert_int_equal(mode_of("records-shm"), 0600);
    (void)umask(mask);
}

static void arguments_are_checked(void **state)
{
    static uint64_t memory[2048];
    char path[256];
    lwsec_state *made = NULL;
    lwsec_reason reason;
    lwsec_state_sqlite_config config = {.size = sizeof config, .path = path};
    static const char *const paths[] = {"", ":memory:", "file:records", NULL};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        config.path = paths[i];
        assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, &reason),
                      LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
    }
    memset(path, 'a', sizeof path);
    path[201] = '\0';
    config.path = path;
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, NULL),
                  LWSEC_USAGE);
    (void)snprintf(path, sizeof path, "%s/records", folder);
    config.calls = LWSEC_STATE_SQLITE_CALLS_MAX + 1;
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, NULL),
                  LWSEC_USAGE);
    assert_true(lwsec_state_sqlite_size(config.calls) == SIZE_MAX);
    config.calls = 8;
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, NULL),
                  LWSEC_BUFFER);
    config.calls = 0;
    config.busy_ms = LWSEC_STATE_SQLITE_BUSY_MS_MAX + 1;
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, NULL),
                  LWSEC_USAGE);
    config.busy_ms = 0;
    config.size--;
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, &made, NULL),
                  LWSEC_USAGE);
    config.size++;
    assert_status(
        lwsec_state_sqlite_open((uint8_t *)memory + 1, sizeof memory - 8, &config, &made, NULL),
        LWSEC_USAGE);
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, NULL, &made, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_sqlite_open(memory, sizeof memory, &config, NULL, NULL), LWSEC_USAGE);
    assert_null(made);
    assert_false(file_exists(folder, "records"));
    lwsec_state_sqlite_close(NULL);
}

static void links_are_not_followed(void **state)
{
    char path[128];
    const char *elsewhere = temporary_folder();

    (void)state;
    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_not_opened(LWSEC_WHY_STATE_IO);
    assert_false(file_exists(folder, "elsewhere"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    (void)snprintf(path, sizeof path, "../tests/%s", elsewhere);
    assert_int_equal(symlink(elsewhere, folder), 0); /* a folder on the way */
    assert_not_opened(LWSEC_WHY_STATE_IO);
    assert_int_equal(unlink(folder), 0);
    temporary_remove(elsewhere);
}

static void what_cannot_be_a_file_is_refused(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_not_opened(LWSEC_WHY_STATE_IO);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_not_opened(LWSEC_WHY_STATE_IO);
}

static void another_programs_file_is_refused_and_stays(void **state)
{
    static const char text[] = "Dear diary, this is no database, but it is a long file of words.";
    static uint8_t letter[PAGE];

    (void)state;
    for (size_t i = 0; i < sizeof letter; i++) {
        letter[i] = (uint8_t)text[i % (sizeof text - 1)];
    }
    file_write(folder, "records", lwsec_bytes_of(letter, sizeof letter));
    assert_not_opened(LWSEC_WHY_STATE_FOREIGN);
    assert_bytes(file_read(folder, "records"), lwsec_bytes_of(letter, sizeof letter));
}

static void other_databases_and_later_formats_are_refused(void **state)
{
    static const char *const changes[] = {
        "PRAGMA user_version=2",
        "PRAGMA application_id=1",
        "ALTER TABLE record ADD COLUMN more",
        "CREATE TABLE more(a)",
        "CREATE TRIGGER less AFTER INSERT ON record BEGIN DELETE FROM record; END",
        "DROP TABLE record",
        "ALTER TABLE record RENAME TO records",
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *outer = folder;
        folder = temporary_folder();
        make_file();
        sqlite_file_run(folder, changes[i]);
        const lwsec_bytes before = file_read(folder, "records");
        assert_not_opened(LWSEC_WHY_STATE_FOREIGN);
        assert_bytes(file_read(folder, "records"), before);
        temporary_remove(folder);
        folder = outer;
    }
    sqlite_file_run(folder, "CREATE TABLE t(a)"); /* a database of somebody else */
    assert_not_opened(LWSEC_WHY_STATE_FOREIGN);
}

static void rows_that_are_none_of_ours_are_refused(void **state)
{
    static const char *const rows[] = {
        "REPLACE INTO record SELECT kind, identity, 0, value FROM record",
        "REPLACE INTO record SELECT kind, identity, -5, value FROM record",
        "REPLACE INTO record SELECT kind, identity, 'one', value FROM record",
        "REPLACE INTO record SELECT kind, identity, 1, 'text' FROM record",
        "REPLACE INTO record SELECT kind, identity, 1, zeroblob(4097) FROM record",
    };
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 1;
    lwsec_reason reason;

    (void)state;
    make_file();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sqlite_file_run(folder, rows[i]);
        sqlite_file_open(&file, folder, 0);
        assert_status(lwsec_state_load(file.state, &record, &value, &version, &reason),
                      LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
        assert_status(store_text(file.state, &record, "x", &version), LWSEC_STATE);
        assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_STATE);
        assert_status(lwsec_state_erase(file.state, &record, NULL), LWSEC_STATE);
        assert_status(lwsec_state_advance(file.state, &counter, i + 1, NULL), LWSEC_OK);
        sqlite_file_close(&file);
        sqlite_file_run(folder, "DELETE FROM record WHERE kind = 3");
    }
}

static void versions_end_before_they_wrap(void **state)
{
    uint64_t version = INT64_MAX;

    (void)state;
    make_file();
    sqlite_file_run(folder, "UPDATE record SET version = 9223372036854775807");
    sqlite_file_open(&file, folder, 0);
    assert_status(store_text(file.state, &record, "x", &version), LWSEC_STATE);
    assert_text(file.state, &record, "a value");
}

/* Overwrites the page of the table: its structure is gone. */
static void damaged_file_is_refused(void **state)
{
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_reason reason;
    static uint8_t bytes[2 * PAGE];

    (void)state;
    make_file();
    const lwsec_bytes whole = file_read(folder, "records");
    assert_int_equal(whole.size, 2 * PAGE);
    memcpy(bytes, whole.data, sizeof bytes);
    memset(&bytes[PAGE], 0xa5, PAGE);
    file_write(folder, "records", lwsec_bytes_of(bytes, sizeof bytes));
    sqlite_file_open(&file, folder, 0);
    assert_status(lwsec_state_load(file.state, &record, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_TORN);
    assert_status(lwsec_state_advance(file.state, &counter, 1, NULL), LWSEC_STATE);
    sqlite_file_close(&file);
    for (size_t size = 2; size <= PAGE; size += 46) { /* cut short; 0 and 1 are new to SQLite */
        file_write(folder, "records", lwsec_bytes_of(whole.data, size));
        lwsec_why why = LWSEC_WHY_NONE;
        lwsec_status status = sqlite_file_try(&file, folder, 0, &why);
        if (status == LWSEC_OK) {
            status = lwsec_state_load(file.state, &record, &value, &version, NULL);
        }
        assert_status(status, LWSEC_STATE);
        lwsec_state_sqlite_close(&file.state);
    }
}

static void file_that_cannot_be_written_is_refused(void **state)
{
    char path[128];
    int status = 0;

    (void)state;
    make_file();
    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* root may write everything */
        lwsec_why why = LWSEC_WHY_NONE;
        if (geteuid() == 0 && seteuid(NOBODY) != 0) {
            _exit(2);
        }
        _exit(sqlite_file_try(&file, folder, 0, &why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void two_openings_see_one_another(void **state)
{
    uint64_t version = 0;
    uint64_t stale = 0;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    sqlite_file_open(&other, folder, 0);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_OK);
    assert_text(other.state, &record, "one");
    assert_status(store_text(other.state, &record, "two", &stale), LWSEC_CONFLICT);
    assert_status(store_text(other.state, &record, "two", &version), LWSEC_OK);
    assert_text(file.state, &record, "two");
}

static void who_waits_too_long_is_told_that_it_is_locked(void **state)
{
    char path[128];
    lwsec_reason reason;
    const lwsec_state_sqlite_config config = {.size = sizeof config, .path = path, .busy_ms = 30};

    (void)state;
    (void)snprintf(path, sizeof path, "%s/records", folder);
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    assert_status(
        lwsec_state_sqlite_open(other.memory, sizeof other.memory, &config, &other.state, NULL),
        LWSEC_OK);
    assert_status(lwsec_state_advance(file.state, &counter, 5, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_advance(other.state, &counter, 5, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_LOCKED);
    assert_true(counter_of(other.state, &counter) == UINT64_MAX); /* reading goes on */
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    assert_status(lwsec_state_advance(other.state, &counter, 5, NULL), LWSEC_CONFLICT);
    assert_status(lwsec_state_advance(other.state, &counter, 6, NULL), LWSEC_OK);
}

static void secrets_are_refused_without_a_seal(void **state)
{
    const lwsec_record secret = {LWSEC_RECORD_TICKET, {1}};
    uint64_t version = 0;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_status(store_text(file.state, &secret, "x", &version), LWSEC_STATE);
    assert_false(lwsec_state_rollback_protected(file.state));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(files_are_for_their_owner_alone),
        IN_FOLDER(arguments_are_checked),
        IN_FOLDER(links_are_not_followed),
        IN_FOLDER(what_cannot_be_a_file_is_refused),
        IN_FOLDER(another_programs_file_is_refused_and_stays),
        IN_FOLDER(other_databases_and_later_formats_are_refused),
        IN_FOLDER(rows_that_are_none_of_ours_are_refused),
        IN_FOLDER(versions_end_before_they_wrap),
        IN_FOLDER(damaged_file_is_refused),
        IN_FOLDER(file_that_cannot_be_written_is_refused),
        IN_FOLDER(two_openings_see_one_another),
        IN_FOLDER(who_waits_too_long_is_told_that_it_is_locked),
        IN_FOLDER(secrets_are_refused_without_a_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
