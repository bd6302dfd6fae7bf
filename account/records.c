/* Accounts as records of a state: chunks of values, and a head that tells which are in force. */
#include "account/keys.h"
#include "account/provisioning.h"
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

#include <string.h>

#define FORMAT 1U
#define HEAD_SIZE 5U                 /* format (1), generation (4) */
#define VALUES_MAX ((size_t)1 << 24) /* more is no image of ours */
#define HEADER_SIZE 5U               /* of the first chunk: format (1), size of the values (4) */

/* R-5.1-15: secrets are in records of a kind that is sealed, or in none. */
static lwsec_record record_of(const lwsec_provisioning *provisioning, uint32_t generation,
                              uint32_t index)
{
    lwsec_record record = {.kind = lwsec_provisioning_seals(provisioning)
                                       ? LWSEC_RECORD_SEALED_ACCOUNT
                                       : LWSEC_RECORD_ACCOUNT};
    lwsec_writer writer = lwsec_writer_of(record.identity, sizeof record.identity);

    lwsec_writer_bytes(&writer, lwsec_bytes_of(provisioning->name, sizeof provisioning->name));
    lwsec_writer_uint(&writer, generation, 4);
    lwsec_writer_uint(&writer, index, 4);
    return record;
}

/* ---- Calls of the state, which are waited for ---- */

/* Whether the call has to be made again. */
static bool wait_for(lwsec_state *state, lwsec_status *status)
{
    if (*status != LWSEC_PENDING) {
        return false;
    }
    do {
        *status = lwsec_state_poll(state);
    } while (*status == LWSEC_PENDING);
    return *status == LWSEC_OK;
}

static lwsec_status load(lwsec_provisioning *provisioning, const lwsec_record *record,
                         lwsec_buffer *value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_load(provisioning->state, record, value, version, reason);
    } while (wait_for(provisioning->state, &status));
    return status;
}

static lwsec_status store(lwsec_provisioning *provisioning, const lwsec_record *record,
                          lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_store_if(provisioning->state, record, value, version, reason);
    } while (wait_for(provisioning->state, &status));
    return status;
}

/* What is not there is erased. */
static lwsec_status erase(lwsec_provisioning *provisioning, const lwsec_record *record,
                          lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_state_erase(provisioning->state, record, reason);
    } while (wait_for(provisioning->state, &status));
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static lwsec_status foreign(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
}

/* ---- The head ---- */

lwsec_status lwsec_records_find_head(lwsec_provisioning *provisioning, lwsec_reason *reason)
{
    const lwsec_record record = record_of(provisioning, 0, 0);
    uint8_t room[HEAD_SIZE];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    const lwsec_status status = load(provisioning, &record, &value, &version, reason);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status == LWSEC_BUFFER ? foreign(reason) : status;
    }
    lwsec_reader reader = lwsec_reader_of(lwsec_buffer_bytes(&value));
    uint32_t generation = 0;
    if (status == LWSEC_OK) {
        const uint8_t format = lwsec_reader_u8(&reader);
        generation = (uint32_t)lwsec_reader_uint(&reader, 4);
        if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || format != FORMAT || generation == 0) {
            return foreign(reason);
        }
    }
    provisioning->generation = generation;
    provisioning->head_version = version;
    return lwsec_accept(reason);
}

lwsec_status lwsec_records_switch(lwsec_provisioning *provisioning, uint32_t generation,
                                  lwsec_reason *reason)
{
    const lwsec_record record = record_of(provisioning, 0, 0);
    uint8_t room[HEAD_SIZE];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    lwsec_writer_u8(&writer, FORMAT);
    lwsec_writer_uint(&writer, generation, 4);
    return store(provisioning, &record, lwsec_bytes_of(room, sizeof room),
                 &provisioning->head_version, reason);
}

/* ---- Chunks, written ---- */

/* A part of a long text that is written as a whole: what is outside of it is counted alone. */
typedef struct window {
    uint8_t *room;
    size_t from;
    size_t to;
    size_t position;
} window;

static void put(window *of, lwsec_bytes bytes)
{
    const size_t begin = of->position;
    const size_t end = begin + bytes.size;
    const size_t first = begin > of->from ? begin : of->from;
    const size_t last = end < of->to ? end : of->to;

    if (first < last) {
        memcpy(&of->room[first - of->from], &bytes.data[first - begin], last - first);
    }
    of->position = end;
}

static void put_uint(window *of, uint64_t number, size_t size)
{
    uint8_t room[8];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    lwsec_writer_uint(&writer, number, size);
    put(of, lwsec_bytes_of(room, size));
}

static void put_entry(window *of, const lwsec_entry *entry, lwsec_form form, lwsec_bytes value)
{
    put_uint(of, lwsec_path_key(entry->path), 8);
    put_uint(of, (uint64_t)form, 1);
    put_uint(of, value.size, 2);
    put(of, value);
}

/* A secret becomes the name of its key, or goes as it is into a record that is sealed. One that its
 * account does not use goes nowhere. */
static void put_secret(window *of, const lwsec_provisioning *provisioning,
                       const lwsec_accounts *stage, uint32_t generation, const lwsec_entry *entry)
{
    uint8_t name[LWSEC_ACCOUNT_KEY_NAME_MAX];

    if (!lwsec_account_uses(stage, entry)) {
        return;
    }
    if (lwsec_provisioning_seals(provisioning)) {
        put_entry(of, entry, LWSEC_FORM_PLAIN, entry->value);
        return;
    }
    const size_t size = lwsec_account_key_name(provisioning->name, generation, entry->path, name);
    put_entry(of, entry, LWSEC_FORM_NAME, lwsec_bytes_of(name, size));
}

static void put_value(window *of, const lwsec_provisioning *provisioning,
                      const lwsec_accounts *stage, uint32_t generation, const lwsec_entry *entry)
{
    if (entry->form == LWSEC_FORM_PLAIN && lwsec_account_is_secret(stage, entry)) {
        put_secret(of, provisioning, stage, generation, entry);
    } else {
        put_entry(of, entry, entry->form, entry->value);
    }
}

static void put_values(window *of, const lwsec_provisioning *provisioning,
                       const lwsec_accounts *stage, uint32_t generation)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(stage, &position, &entry)) {
        put_value(of, provisioning, stage, generation, &entry);
    }
}

size_t lwsec_records_room(const lwsec_provisioning *provisioning, const lwsec_accounts *stage,
                          uint32_t generation)
{
    window all = {NULL, 0, 0, 0};
    size_t more = 0; /* that handles take beyond what stood in their place */
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(stage, &position, &entry)) {
        const size_t before = all.position;
        put_value(&all, provisioning, stage, generation, &entry);
        const size_t size = all.position - before;
        const size_t handles =
            LWSEC_ENTRY_HEADER +
            sizeof(lwsec_key) * lwsec_account_key_count(entry.path.object, entry.path.resource);
        if (size > 0 && lwsec_account_is_secret(stage, &entry) && handles > size) {
            more += handles - size;
        }
    }
    return all.position + more;
}

static lwsec_status store_chunk(lwsec_provisioning *provisioning, const lwsec_accounts *stage,
                                uint32_t generation, uint32_t index, size_t total,
                                lwsec_reason *reason)
{
    const lwsec_record record = record_of(provisioning, generation, index);
    const size_t from = (size_t)index * LWSEC_ACCOUNT_CHUNK;
    window part = {provisioning->chunk, from, from + LWSEC_ACCOUNT_CHUNK, 0};
    uint64_t version = 0;

    put_uint(&part, FORMAT, 1);
    put_uint(&part, total, 4);
    put_values(&part, provisioning, stage, generation);
    const size_t end = part.position < part.to ? part.position : part.to;
    const lwsec_status status = store(
        provisioning, &record, lwsec_bytes_of(provisioning->chunk, end - from), &version, reason);
    lwsec_wipe(provisioning->chunk, sizeof provisioning->chunk);
    return status;
}

lwsec_status lwsec_records_store(lwsec_provisioning *provisioning, const lwsec_accounts *stage,
                                 uint32_t generation, lwsec_reason *reason)
{
    window all = {NULL, 0, 0, 0};

    put_values(&all, provisioning, stage, generation);
    const size_t total = all.position;
    for (uint32_t i = 0; (size_t)i * LWSEC_ACCOUNT_CHUNK < HEADER_SIZE + total; i++) {
        const lwsec_status status = store_chunk(provisioning, stage, generation, i, total, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return LWSEC_OK;
}

/* ---- Chunks, read ---- */

/* Reads a chunk into the provisioning's own room. */
static lwsec_status load_chunk(lwsec_provisioning *provisioning, uint32_t generation,
                               uint32_t index, lwsec_bytes *chunk, lwsec_reason *reason)
{
    const lwsec_record record = record_of(provisioning, generation, index);
    lwsec_buffer value = lwsec_buffer_of(provisioning->chunk, sizeof provisioning->chunk);
    uint64_t version = 0;

    const lwsec_status status = load(provisioning, &record, &value, &version, reason);
    *chunk = lwsec_buffer_bytes(&value);
    return status == LWSEC_BUFFER ? foreign(reason) : status;
}

/* The size of all values, out of the first chunk, whose reader stands behind it then. */
static size_t read_header(lwsec_reader *reader)
{
    const uint8_t format = lwsec_reader_u8(reader);
    const size_t total = (size_t)lwsec_reader_uint(reader, 4);

    if (format != FORMAT || total > VALUES_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_STATE_FOREIGN);
    }
    return total;
}

static uint32_t chunks_of(size_t total)
{
    return (uint32_t)((HEADER_SIZE + total + LWSEC_ACCOUNT_CHUNK - 1) / LWSEC_ACCOUNT_CHUNK);
}

/* Entries in their order, of forms that a record can have, to the end. */
static bool is_sound(const lwsec_accounts *accounts)
{
    size_t position = 0;
    lwsec_entry entry;
    uint64_t last = 0;

    while (lwsec_image_next(accounts, &position, &entry)) {
        const uint64_t key = lwsec_path_key(entry.path);
        if ((entry.begin > 0 && key <= last) || entry.form == LWSEC_FORM_HANDLE ||
            entry.form > LWSEC_FORM_GIVEN) {
            return false;
        }
        last = key;
    }
    return position == accounts->size;
}

/* Takes a chunk behind what was read. */
static bool take_chunk(lwsec_accounts *accounts, lwsec_bytes part, size_t total, bool last)
{
    if (part.size > total - accounts->size || (last && part.size != total - accounts->size)) {
        return false;
    }
    if (part.size > 0) {
        memcpy(&accounts->image[accounts->size], part.data, part.size);
        accounts->size += part.size;
    }
    return true;
}

static lwsec_status load_all(lwsec_provisioning *provisioning, uint32_t generation,
                             lwsec_accounts *accounts, lwsec_reason *reason)
{
    size_t total = 0;
    uint32_t count = 1;

    for (uint32_t i = 0; i < count; i++) {
        lwsec_bytes chunk;
        const lwsec_status status = load_chunk(provisioning, generation, i, &chunk, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        lwsec_reader reader = lwsec_reader_of(chunk);
        if (i == 0) {
            total = read_header(&reader);
            count = chunks_of(total);
        }
        if (lwsec_reader_failed(&reader)) {
            return foreign(reason);
        }
        if (total > accounts->capacity) {
            return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
        }
        if (!take_chunk(accounts, lwsec_reader_rest(&reader), total, i + 1 == count)) {
            return foreign(reason);
        }
    }
    return is_sound(accounts) ? lwsec_accept(reason) : foreign(reason);
}

lwsec_status lwsec_records_load(lwsec_provisioning *provisioning, uint32_t generation,
                                lwsec_accounts *accounts, lwsec_reason *reason)
{
    lwsec_image_clear(accounts);
    const lwsec_status status = load_all(provisioning, generation, accounts, reason);
    lwsec_wipe(provisioning->chunk, sizeof provisioning->chunk);
    if (status != LWSEC_OK) {
        lwsec_image_clear(accounts);
    }
    return status;
}

lwsec_status lwsec_records_erase(lwsec_provisioning *provisioning, uint32_t generation,
                                 lwsec_reason *reason)
{
    lwsec_bytes chunk;

    lwsec_status status = load_chunk(provisioning, generation, 0, &chunk, reason);
    if (status != LWSEC_OK) {
        return status == LWSEC_ABSENT ? LWSEC_OK : status;
    }
    lwsec_reader reader = lwsec_reader_of(chunk);
    const size_t total = read_header(&reader);
    const bool known = !lwsec_reader_failed(&reader);
    lwsec_wipe(provisioning->chunk, sizeof provisioning->chunk);
    if (!known) {
        return foreign(reason);
    }
    for (uint32_t i = chunks_of(total); i > 0 && status == LWSEC_OK; i--) {
        const lwsec_record record = record_of(provisioning, generation, i - 1);
        status = erase(provisioning, &record, reason);
    }
    return status;
}
