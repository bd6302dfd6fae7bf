/* Mode 4: the certificate that EST got for an account, kept over a reboot, and used as in mode 2.
 */
#include <lwsec/account_enrolled.h>

#include "account/image.h"
#include "certpolicy/der_certificate.h"
#include "certpolicy/der_write.h"
#include "core/reason.h"
#include "core/writer.h"

#include <string.h>

#define FORMAT 1U

/* The first certificate of an identity is for this key. */
static lwsec_status check_key(const lwsec_enrolled *enrolled, lwsec_reason *reason)
{
    uint8_t key[LWSEC_DER_P256_INFO];
    lwsec_reader reader = lwsec_reader_of(enrolled->identity);
    const lwsec_bytes first = lwsec_der_whole(&reader, LWSEC_DER_SEQUENCE);
    lwsec_cert_view view;

    if (enrolled->key.store == NULL) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_status status = lwsec_cert_view_read(first, &view, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_der_public_key(enrolled->key, key);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    return lwsec_der_same(view.key, lwsec_bytes_of(key, sizeof key))
               ? lwsec_accept(reason)
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_EST_OTHER_KEY, 0, reason);
}

/* R-5.2.4-15: once there is a certificate, all goes on as in mode 2. */
lwsec_status lwsec_enrolled_use(const lwsec_enrolled *enrolled,
                                lwsec_session_description *description, lwsec_reason *reason)
{
    if (enrolled->size != sizeof *enrolled || description->size != sizeof *description ||
        description->mode != LWSEC_MODE_EST) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const lwsec_status status = check_key(enrolled, reason);
    if (status == LWSEC_OK) {
        description->mode = LWSEC_MODE_CERTIFICATE;
        description->identity = enrolled->identity;
        description->key = enrolled->key;
    }
    return status;
}

/* ---- The record ---- */

static lwsec_record record_of(const lwsec_enrolled_place *place)
{
    lwsec_record record = {.kind = LWSEC_RECORD_ENROLLED};
    lwsec_writer writer = lwsec_writer_of(record.identity, sizeof record.identity);

    lwsec_writer_bytes(&writer, lwsec_bytes_of(place->name, sizeof place->name));
    lwsec_writer_uint(&writer, place->instance, 8);
    return record;
}

static lwsec_bytes uri_of(const lwsec_enrolled_place *place)
{
    return lwsec_image_bytes(
        place->accounts, lwsec_path_of(LWSEC_OBJECT_SECURITY, place->instance, LWSEC_SECURITY_URI));
}

static bool is_mode_4(const lwsec_enrolled_place *place)
{
    return lwsec_image_number(
               place->accounts,
               lwsec_path_of(LWSEC_OBJECT_SECURITY, place->instance, LWSEC_SECURITY_MODE),
               -1) == LWSEC_MODE_EST;
}

static bool is_known(const lwsec_enrolled_place *place)
{
    return place->size == sizeof *place && place->state != NULL && place->accounts != NULL;
}

static void put(lwsec_writer *writer, lwsec_bytes bytes)
{
    lwsec_writer_uint(writer, bytes.size, 2);
    lwsec_writer_bytes(writer, bytes);
}

static lwsec_bytes take(lwsec_reader *reader)
{
    return lwsec_reader_take(reader, (size_t)lwsec_reader_uint(reader, 2));
}

/* What a record says. */
typedef struct contents {
    lwsec_bytes uri;
    lwsec_bytes key_name;
    lwsec_bytes identity;
} contents;

static lwsec_status read_record(lwsec_bytes value, contents *to, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(value);
    const uint8_t format = lwsec_reader_u8(&reader);

    to->uri = take(&reader);
    to->key_name = take(&reader);
    to->identity = take(&reader);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || format != FORMAT) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return LWSEC_OK;
}

/* The version of what is there, to be replaced. */
static lwsec_status find_version(const lwsec_enrolled_place *place, const lwsec_record *record,
                                 uint64_t *version, lwsec_reason *reason)
{
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_buffer before = lwsec_buffer_of(room, sizeof room);
    const lwsec_status status = lwsec_state_load(place->state, record, &before, version, reason);

    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static lwsec_status write_record(const lwsec_enrolled_place *place, const lwsec_enrolled *enrolled,
                                 lwsec_reason *reason)
{
    const lwsec_record record = record_of(place);
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);
    uint64_t version = 0;

    lwsec_writer_u8(&writer, FORMAT);
    put(&writer, uri_of(place));
    put(&writer, place->key_name);
    put(&writer, enrolled->identity);
    if (writer.full) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    const lwsec_status status = find_version(place, &record, &version, reason);
    return status == LWSEC_OK
               ? lwsec_state_store_if(place->state, &record, lwsec_bytes_of(room, writer.size),
                                      &version, reason)
               : status;
}

lwsec_status lwsec_enrolled_store(const lwsec_enrolled_place *place, const lwsec_enrolled *enrolled,
                                  lwsec_reason *reason)
{
    if (!is_known(place) || enrolled->size != sizeof *enrolled || place->key_name.size == 0 ||
        place->key_name.size > LWSEC_KEY_NAME_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    (void)lwsec_accept(reason);
    if (!is_mode_4(place)) {
        return LWSEC_ABSENT;
    }
    const lwsec_status status = check_key(enrolled, reason);
    return status == LWSEC_OK ? write_record(place, enrolled, reason) : status;
}

/* A key of the store that has the name, if it is that of the certificate. */
static lwsec_status find_key(lwsec_store *store, const contents *of, lwsec_enrolled *found,
                             lwsec_reason *reason)
{
    const lwsec_status status = lwsec_key_find(store, of->key_name, &found->key);

    if (status != LWSEC_OK) {
        return status == LWSEC_ABSENT ? status
                                      : lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    const lwsec_status good = check_key(found, reason);
    if (good != LWSEC_OK) {
        (void)!lwsec_key_release(&found->key);
    }
    return good;
}

lwsec_status lwsec_enrolled_load(const lwsec_enrolled_place *place, lwsec_store *store,
                                 lwsec_buffer *room, lwsec_enrolled *enrolled, lwsec_reason *reason)
{
    lwsec_enrolled found = {.size = sizeof found};
    uint64_t version = 0;
    contents read;

    if (!is_known(place) || enrolled->size != sizeof *enrolled) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    (void)lwsec_accept(reason);
    if (!is_mode_4(place)) {
        return LWSEC_ABSENT;
    }
    const lwsec_record record = record_of(place);
    lwsec_status status = lwsec_state_load(place->state, &record, room, &version, reason);
    if (status == LWSEC_OK) {
        status = read_record(lwsec_buffer_bytes(room), &read, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_der_same(read.uri, uri_of(place))) {
        return LWSEC_ABSENT; /* of another server, which had this instance before */
    }
    found.identity = read.identity;
    status = find_key(store, &read, &found, reason);
    if (status == LWSEC_OK) {
        *enrolled = found;
    }
    return status;
}

lwsec_status lwsec_enrolled_erase(const lwsec_enrolled_place *place, lwsec_reason *reason)
{
    if (!is_known(place)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const lwsec_record record = record_of(place);
    return lwsec_state_erase(place->state, &record, reason);
}
