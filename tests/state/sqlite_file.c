/* An SQLite file for one test. */
#include "tests/state/sqlite_file.h"

#include <sqlite3.h>

lwsec_status sqlite_file_try(sqlite_file *file, const char *folder, uint32_t calls, lwsec_why *why)
{
    char path[128];
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_state_sqlite_config config = {
        .size = sizeof config, .path = path, .busy_ms = 20000, .calls = calls};

    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_true(lwsec_state_sqlite_size(calls) <= sizeof file->memory);
    file->state = NULL;
    const lwsec_status status =
        lwsec_state_sqlite_open(file->memory, sizeof file->memory, &config, &file->state, &reason);
    *why = reason.why;
    return status;
}

void sqlite_file_open(sqlite_file *file, const char *folder, uint32_t calls)
{
    lwsec_why why;

    const lwsec_status status = sqlite_file_try(file, folder, calls, &why);

    if (status != LWSEC_OK) {
        print_error("%s\n", lwsec_why_text(why));
    }
    assert_status(status, LWSEC_OK);
}

void sqlite_file_close(sqlite_file *file)
{
    lwsec_state_sqlite_close(&file->state);
    assert_null(file->state);
}

void sqlite_file_run(const char *folder, const char *text)
{
    char path[128];
    sqlite3 *connection = NULL;

    (void)snprintf(path, sizeof path, "%s/records", folder);
    assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

uint64_t counter_of(lwsec_state *state, const lwsec_record *record)
{
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    uint64_t number = 0;

    const lwsec_status status = lwsec_state_load(state, record, &value, &version, NULL);
    if (status == LWSEC_ABSENT) {
        return UINT64_MAX;
    }
    assert_status(status, LWSEC_OK);
    assert_int_equal(value.size, sizeof room);
    for (size_t i = 0; i < sizeof room; i++) {
        number = number << 8 | room[i];
    }
    return number;
}

lwsec_status store_text(lwsec_state *state, const lwsec_record *record, const char *text,
                        uint64_t *version)
{
    return lwsec_state_store_if(state, record, lwsec_bytes_of(text, strlen(text)), version, NULL);
}

void assert_text(lwsec_state *state, const lwsec_record *record, const char *text)
{
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    const lwsec_status status = lwsec_state_load(state, record, &value, &version, NULL);

    if (text == NULL) {
        assert_status(status, LWSEC_ABSENT);
        return;
    }
    assert_status(status, LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), lwsec_bytes_of(text, strlen(text)));
}
