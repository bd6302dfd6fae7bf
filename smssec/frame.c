/* Sealing and opening of a packet, of either kind. TS 102 225 sections 5.1 and 5.2. */
#include "smssec/frame.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"

#include <string.h>

#define COUNTER_SIZE 5U

static const uint8_t zeros[16];

static bool overlap(lwsec_bytes input, const uint8_t *out, size_t size)
{
    const uintptr_t from = (uintptr_t)input.data;
    const uintptr_t to = (uintptr_t)out;

    return input.size > 0 && size > 0 && from < to + size && to < from + input.size;
}

static size_t pcntr_offset(const lwsec_sms_layout *layout)
{
    return layout->prefix + layout->clear + COUNTER_SIZE;
}

static lwsec_status run_cipher(const lwsec_sms_suite *suite, lwsec_key key,
                               lwsec_direction direction, lwsec_bytes from, uint8_t *to)
{
    if (suite->block == 0) {
        memmove(to, from.data, from.size);
        return LWSEC_OK;
    }
    return lwsec_key_at_once(key, lwsec_key_cbc(key, direction, lwsec_bytes_of(zeros, suite->block),
                                                from, to, from.size));
}

static lwsec_status key_failed(lwsec_status status, lwsec_reason *reason)
{
    return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

/* ---- Sealing ---- */

typedef struct sizes {
    size_t padding;
    size_t text;  /* data and padding */
    size_t total; /* of the packet */
    size_t work;  /* of what is made in the room on the way to it */
} sizes;

/* What is ciphered has whole blocks: padding makes them. */
static sizes sizes_of(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                      size_t data_size)
{
    const size_t head = LWSEC_SMS_FIXED - layout->prefix + suite->check_size;
    const size_t body = head - layout->clear + data_size;
    sizes found = {0};

    found.padding = suite->block == 0 ? 0 : (suite->block - body % suite->block) % suite->block;
    found.text = data_size + found.padding;
    found.total = head + found.text;
    found.work = LWSEC_SMS_FIXED + found.text;
    found.work = found.total > found.work ? found.total : found.work;
    return found;
}

/* Writes lengths and PCNTR into the fixed octets, and what the check covers into the room. */
static void write_covered(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                          const sizes *planned, uint8_t fixed[LWSEC_SMS_FIXED],
                          const lwsec_bytes data[2], uint8_t *room)
{
    lwsec_writer lengths = lwsec_writer_of(&fixed[layout->prefix], 3);
    lwsec_writer writer = lwsec_writer_of(room, planned->work);

    lwsec_writer_uint(&lengths, planned->total - 2, 2);
    lwsec_writer_u8(&lengths, (uint8_t)lwsec_sms_header_length(layout, suite->check_size));
    fixed[pcntr_offset(layout)] = (uint8_t)planned->padding;
    lwsec_writer_bytes(&writer, lwsec_bytes_of(fixed, LWSEC_SMS_FIXED));
    lwsec_writer_bytes(&writer, data[0]);
    lwsec_writer_bytes(&writer, data[1]);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(zeros, planned->padding));
}

/* Check and cipher over fixed octets, data and padding, which stand in `out` side by side: the
 * place of the check is made between them. */
static lwsec_status protect(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                            const lwsec_sms_security *security, size_t text_size, uint8_t *out,
                            uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    const size_t head = LWSEC_SMS_FIXED - layout->prefix;
    const size_t total = head + suite->check_size + text_size;

    lwsec_status status = lwsec_sms_check_make(
        suite, security->kid_key, lwsec_bytes_of(out, LWSEC_SMS_FIXED + text_size), check);
    if (status != LWSEC_OK) {
        return status;
    }
    memmove(out, &out[layout->prefix], head);
    memmove(&out[head + suite->check_size], &out[LWSEC_SMS_FIXED], text_size);
    memcpy(&out[head], check, suite->check_size);
    return run_cipher(suite, security->kic_key, LWSEC_ENCRYPT,
                      lwsec_bytes_of(&out[layout->clear], total - layout->clear),
                      &out[layout->clear]);
}

lwsec_status lwsec_sms_frame_seal(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                                  const lwsec_sms_security *security,
                                  uint8_t fixed[LWSEC_SMS_FIXED], const lwsec_bytes data[2],
                                  lwsec_buffer *out, uint8_t made[LWSEC_SMS_CHECK_MAX],
                                  lwsec_reason *reason)
{
    uint8_t check[LWSEC_SMS_CHECK_MAX] = {0};

    out->size = 0;
    if (data[1].size > LWSEC_SMS_PACKET_MAX - LWSEC_SMS_OVERHEAD - data[0].size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    const sizes planned = sizes_of(layout, suite, data[0].size + data[1].size);
    if (out->capacity < planned.work) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    if (overlap(data[1], out->data, out->capacity)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OVERLAP, 0, reason);
    }
    write_covered(layout, suite, &planned, fixed, data, out->data);
    const lwsec_status status = protect(layout, suite, security, planned.text, out->data, check);
    if (status != LWSEC_OK) {
        lwsec_wipe(out->data, planned.work);
        return key_failed(status, reason);
    }
    lwsec_wipe(&out->data[planned.total], planned.work - planned.total);
    if (made != NULL) {
        memcpy(made, check, sizeof check);
    }
    out->size = planned.total;
    return lwsec_accept(reason);
}

/* ---- Opening ---- */

/* Lengths must fit each other, the check that was agreed on, and the blocks of the cipher. The
 * size of the check is never taken from the packet: a header of 13 would hide it. */
static lwsec_status check_lengths(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                                  lwsec_bytes packet, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(packet);
    const uint64_t length = lwsec_reader_uint(&reader, 2);
    const uint8_t header_length = lwsec_reader_u8(&reader);

    (void)lwsec_reader_take(&reader, LWSEC_SMS_FIXED - layout->prefix - 3 + suite->check_size);
    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    if (length != packet.size - 2) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH, 0, reason);
    }
    if (header_length != lwsec_sms_header_length(layout, suite->check_size)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH, 2, reason);
    }
    if (suite->block != 0 && (packet.size - layout->clear) % suite->block != 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH, layout->clear, reason);
    }
    return LWSEC_OK;
}

/* Deciphers into `room` what the check covers, side by side, and takes the check out of it. The
 * text comes to its place at once: in front of it there is room for the fixed octets and the check.
 */
static lwsec_status decipher(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                             const lwsec_sms_security *security, lwsec_bytes packet, uint8_t *room,
                             uint8_t check[LWSEC_SMS_CHECK_MAX])
{
    static const uint8_t before_response[3] = {0x02, 0x71, 0x00};
    const size_t in_clear = layout->prefix + layout->clear; /* of the fixed octets */
    uint8_t *body = &room[in_clear - suite->check_size];
    const lwsec_status status =
        run_cipher(suite, security->kic_key, LWSEC_DECRYPT,
                   lwsec_bytes_of(&packet.data[layout->clear], packet.size - layout->clear), body);

    if (status == LWSEC_OK) {
        memcpy(check, &room[LWSEC_SMS_FIXED - suite->check_size], suite->check_size);
        memmove(&room[in_clear], body, LWSEC_SMS_FIXED - in_clear);
        memcpy(room, before_response, layout->prefix);
        memcpy(&room[layout->prefix], packet.data, layout->clear);
    }
    return status;
}

/* PCNTR counts as many octets as there may be, whatever their values. */
static bool padding_fits(const lwsec_sms_suite *suite, size_t padding, size_t text_size)
{
    return suite->block == 0 ? padding == 0 : padding < suite->block && padding <= text_size;
}

static lwsec_status open_in(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                            const lwsec_sms_security *security, lwsec_bytes packet, uint8_t *room,
                            size_t *data_size, uint8_t check[LWSEC_SMS_CHECK_MAX],
                            lwsec_reason *reason)
{
    const size_t text_size = layout->prefix + packet.size - LWSEC_SMS_FIXED - suite->check_size;

    lwsec_status status = decipher(layout, suite, security, packet, room, check);
    if (status != LWSEC_OK) {
        return key_failed(status, reason);
    }
    status = lwsec_sms_check_verify(suite, security->kid_key,
                                    lwsec_bytes_of(room, LWSEC_SMS_FIXED + text_size),
                                    lwsec_bytes_of(check, suite->check_size));
    if (status == LWSEC_REJECT) {
        return lwsec_refuse(status, LWSEC_WHY_SMS_CHECK, LWSEC_SMS_FIXED - layout->prefix, reason);
    }
    if (status != LWSEC_OK) {
        return key_failed(status, reason);
    }
    const size_t padding = room[pcntr_offset(layout)];
    if (!padding_fits(suite, padding, text_size)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PADDING,
                            pcntr_offset(layout) - layout->prefix, reason);
    }
    *data_size = text_size - padding;
    return LWSEC_OK;
}

lwsec_status lwsec_sms_frame_open(const lwsec_sms_layout *layout, const lwsec_sms_suite *suite,
                                  const lwsec_sms_security *security, lwsec_bytes packet,
                                  uint8_t fixed[LWSEC_SMS_FIXED], lwsec_buffer *data,
                                  uint8_t found[LWSEC_SMS_CHECK_MAX], lwsec_reason *reason)
{
    uint8_t check[LWSEC_SMS_CHECK_MAX] = {0};
    const size_t all = layout->prefix + packet.size;
    size_t data_size = 0;

    data->size = 0;
    lwsec_status status = check_lengths(layout, suite, packet, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (data->capacity < all) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    if (overlap(packet, data->data, data->capacity)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OVERLAP, 0, reason);
    }
    status = open_in(layout, suite, security, packet, data->data, &data_size, check, reason);
    if (status != LWSEC_OK) {
        lwsec_wipe(data->data, all);
        lwsec_wipe(check, sizeof check);
        return status;
    }
    memcpy(fixed, data->data, LWSEC_SMS_FIXED);
    memmove(data->data, &data->data[LWSEC_SMS_FIXED], data_size);
    lwsec_wipe(&data->data[data_size], all - data_size);
    if (found != NULL) {
        memcpy(found, check, sizeof check);
    }
    data->size = data_size;
    return lwsec_accept(reason);
}
