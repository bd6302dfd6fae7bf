/* The two records of an association: what was sent, and the last counter that was received. */
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "smssec/association.h"

#include <string.h>

#define RECORD_FORMAT 1U
#define RECORD_SIZE (11U + LWSEC_SMS_REMEMBERED * LWSEC_SMS_CHECK_MAX)
#define LABEL_SIZE 16U

/* ---- Names ---- */

/* Half of a name: KID over a text of ours and over what KIc makes of it. No packet is like it: its
 * first octets would be a length that it does not have. */
static lwsec_status fingerprint_half(const lwsec_sms *association, const lwsec_sms_suite *suite,
                                     uint8_t direction, uint8_t half, lwsec_bytes kic_part,
                                     uint8_t out[8])
{
    uint8_t text[2 * LABEL_SIZE + 8];
    lwsec_writer writer = lwsec_writer_of(text, sizeof text);

    lwsec_writer_bytes(&writer, lwsec_bytes_of("lwsec sms record", LABEL_SIZE));
    lwsec_writer_u8(&writer, direction);
    lwsec_writer_u8(&writer, half);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(association->security.parameters.tar, 3));
    lwsec_writer_uint(&writer, 0, 3);
    lwsec_writer_bytes(&writer, kic_part);
    return lwsec_sms_check_make(suite, association->security.kid_key,
                                lwsec_bytes_of(text, writer.size), out);
}

static lwsec_status fingerprint(const lwsec_sms *association, const lwsec_sms_suite *suite,
                                uint8_t direction, lwsec_bytes kic_part, lwsec_record *record)
{
    record->kind = LWSEC_RECORD_SMS;
    lwsec_status status =
        fingerprint_half(association, suite, direction, 1, kic_part, record->identity);
    if (status == LWSEC_OK) {
        status = fingerprint_half(association, suite, direction, 2, kic_part, &record->identity[8]);
    }
    return status;
}

static lwsec_status name_both(lwsec_sms *association, const lwsec_sms_suite *suite)
{
    static const uint8_t zeros[16];
    uint8_t kic_part[LABEL_SIZE];

    lwsec_status status = lwsec_key_at_once(
        association->security.kic_key,
        lwsec_key_cbc(association->security.kic_key, LWSEC_ENCRYPT,
                      lwsec_bytes_of(zeros, suite->block),
                      lwsec_bytes_of("lwsec sms record", LABEL_SIZE), kic_part, sizeof kic_part));
    if (status == LWSEC_OK) {
        status = fingerprint(association, suite, 's', lwsec_bytes_of(kic_part, sizeof kic_part),
                             &association->sent_record);
    }
    if (status == LWSEC_OK) {
        status = fingerprint(association, suite, 'r', lwsec_bytes_of(kic_part, sizeof kic_part),
                             &association->received_record);
    }
    lwsec_wipe(kic_part, sizeof kic_part);
    return status;
}

lwsec_status lwsec_sms_records_name(lwsec_sms *association, lwsec_reason *reason)
{
    lwsec_sms_suite suite;

    lwsec_status status =
        lwsec_sms_suite_of(&association->security, LWSEC_SMS_COMMAND, &suite, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    suite.check_size = LWSEC_SMS_CHECK_MAX; /* whatever the size of it in packets */
    status = name_both(association, &suite);
    return status == LWSEC_OK ? status : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

/* ---- What was sent ---- */

static lwsec_status foreign(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
}

/* What a record holds, in place. */
typedef struct sent_view {
    uint64_t next_counter;
    uint8_t count;
    uint8_t next;
    const uint8_t (*checks)[LWSEC_SMS_CHECK_MAX];
} sent_view;

static bool parse_sent(lwsec_bytes value, sent_view *view)
{
    lwsec_reader reader = lwsec_reader_of(value);
    const uint8_t format = lwsec_reader_u8(&reader);

    view->next_counter = lwsec_reader_uint(&reader, 8);
    view->count = lwsec_reader_u8(&reader);
    view->next = lwsec_reader_u8(&reader);
    const lwsec_bytes checks =
        lwsec_reader_take(&reader, (size_t)LWSEC_SMS_REMEMBERED * LWSEC_SMS_CHECK_MAX);
    view->checks = (const uint8_t(*)[LWSEC_SMS_CHECK_MAX])checks.data;
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK && checks.data != NULL &&
           format == RECORD_FORMAT && view->next_counter <= LWSEC_SMS_COUNTER_MAX + 1 &&
           view->count <= LWSEC_SMS_REMEMBERED && view->next < LWSEC_SMS_REMEMBERED;
}

static lwsec_status read_sent(const lwsec_sms *association, lwsec_buffer *value, sent_view *view,
                              uint64_t *version, lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_state_load(association->state, &association->sent_record, value, version, reason);

    if (status == LWSEC_BUFFER) {
        return foreign(reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    return parse_sent(lwsec_buffer_bytes(value), view) ? LWSEC_OK : foreign(reason);
}

lwsec_status lwsec_sms_sent_load(lwsec_sms *association, lwsec_reason *reason)
{
    uint8_t room[RECORD_SIZE + 1];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    sent_view view;

    const lwsec_status status = read_sent(association, &value, &view, &version, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (view.next_counter > association->next_counter) {
        association->next_counter = view.next_counter;
    }
    association->sent.count = view.count;
    association->sent.next = view.next;
    memcpy(association->sent.checks, view.checks, sizeof association->sent.checks);
    association->version = version;
    return LWSEC_OK;
}

static void remember(lwsec_sms_sent *sent, const uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    memcpy(sent->checks[sent->next], check, LWSEC_SMS_CHECK_MAX);
    sent->next = (uint8_t)((sent->next + 1U) % LWSEC_SMS_REMEMBERED);
    if (sent->count < LWSEC_SMS_REMEMBERED) {
        sent->count++;
    }
}

lwsec_status lwsec_sms_sent_store(lwsec_sms *association, uint64_t next_counter,
                                  const uint8_t check[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    lwsec_sms_sent sent = association->sent;
    uint8_t room[RECORD_SIZE];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    if (check != NULL) {
        remember(&sent, check);
    }
    lwsec_writer_u8(&writer, RECORD_FORMAT);
    lwsec_writer_uint(&writer, next_counter, 8);
    lwsec_writer_u8(&writer, sent.count);
    lwsec_writer_u8(&writer, sent.next);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(sent.checks, sizeof sent.checks));
    const lwsec_status status =
        lwsec_state_store_if(association->state, &association->sent_record,
                             lwsec_bytes_of(room, writer.size), &association->version, reason);
    if (status == LWSEC_OK) {
        association->sent = sent;
        association->next_counter = next_counter;
    }
    return status;
}

/* Nothing here is secret: whoever has the packet has its checksum. */
static bool has(const sent_view *view, const uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    bool found = false;

    for (size_t i = 0; i < view->count; i++) {
        found |= memcmp(view->checks[i], check, LWSEC_SMS_CHECK_MAX) == 0;
    }
    return found;
}

/* A record that was there is gone: somebody removed it, or its medium did. */
static lwsec_status must_be_there(lwsec_status status, lwsec_reason *reason)
{
    return status == LWSEC_ABSENT ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
                                  : status;
}

lwsec_status lwsec_sms_sent_find(const lwsec_sms *association,
                                 const uint8_t check[LWSEC_SMS_CHECK_MAX], bool *found,
                                 lwsec_reason *reason)
{
    uint8_t room[RECORD_SIZE + 1];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    sent_view view;

    const lwsec_status status = read_sent(association, &value, &view, &version, reason);
    *found = status == LWSEC_OK && has(&view, check);
    return must_be_there(status, reason);
}

/* ---- What was received ---- */

static lwsec_status load_received(lwsec_sms *association, lwsec_reason *reason)
{
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    const lwsec_status status = lwsec_state_load(association->state, &association->received_record,
                                                 &value, &version, reason);
    if (status != LWSEC_OK) {
        return status == LWSEC_BUFFER ? foreign(reason) : status;
    }
    lwsec_reader reader = lwsec_reader_of(lwsec_buffer_bytes(&value));
    const uint64_t last = lwsec_reader_uint(&reader, sizeof room);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || last > LWSEC_SMS_COUNTER_MAX) {
        return foreign(reason);
    }
    if (last > association->last_received) {
        association->last_received = last;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_sms_received_load(lwsec_sms *association, lwsec_reason *reason)
{
    return must_be_there(load_received(association, reason), reason);
}

/* Raises the counter of what was received to where another implementation has come. */
static lwsec_status raise_received(lwsec_sms *association, uint64_t to, lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_state_advance(association->state, &association->received_record, to, reason);

    if (status == LWSEC_CONFLICT) {
        return load_received(association, reason);
    }
    if (status == LWSEC_OK) {
        association->last_received = to;
    }
    return status;
}

static lwsec_status no_record(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_SMS_NO_RECORD, 0, reason);
}

/* The record of what was received comes first: where there is the other one, there are both. */
static lwsec_status begin_received(lwsec_sms *association, const lwsec_sms_config *config,
                                   lwsec_reason *reason)
{
    const bool fresh = (association->flags & LWSEC_KEY_FRESH) != 0;
    const lwsec_status status = load_received(association, reason);

    if (status == LWSEC_ABSENT) {
        return fresh ? raise_received(association, config->received_up_to, reason)
                     : no_record(reason);
    }
    if (status == LWSEC_OK && config->received_up_to > association->last_received) {
        return raise_received(association, config->received_up_to, reason);
    }
    return status;
}

static lwsec_status begin_sent(lwsec_sms *association, lwsec_reason *reason)
{
    const bool fresh = (association->flags & LWSEC_KEY_FRESH) != 0;
    lwsec_status status = lwsec_sms_sent_load(association, reason);

    if (status != LWSEC_ABSENT) {
        return status;
    }
    if (!fresh) {
        return no_record(reason);
    }
    status = lwsec_sms_sent_store(association, association->next_counter, NULL, reason);
    return status == LWSEC_CONFLICT ? lwsec_sms_sent_load(association, reason) : status;
}

lwsec_status lwsec_sms_records_begin(lwsec_sms *association, const lwsec_sms_config *config,
                                     lwsec_reason *reason)
{
    const lwsec_status status = begin_received(association, config, reason);

    return status == LWSEC_OK ? begin_sent(association, reason) : status;
}
