/* TPDUs from the wire: 3GPP TS 23.040 clause 9.2.2. */
#include "core/reason.h"
#include "smssec/address.h"
#include "smssec/tpdu.h"

static void copy(uint8_t *to, lwsec_bytes from)
{
    for (size_t i = 0; i < from.size; i++) {
        to[i] = from.data[i];
    }
}

/* The user data header. One of no octets is not NULL, so that it is told from none. */
static void read_header(lwsec_reader *reader, lwsec_sms_tpdu *tpdu)
{
    const uint8_t length = lwsec_reader_u8(reader);

    if (!lwsec_reader_failed(reader)) {
        const uint8_t *start = &reader->data[reader->position];
        tpdu->header = lwsec_bytes_of(start, lwsec_reader_take(reader, length).size);
    }
}

/* TP-UDL and TP-UD. Its size in octets follows from what the length counts. */
static void read_data(lwsec_reader *reader, bool headed, lwsec_sms_tpdu *tpdu)
{
    const size_t length = lwsec_reader_u8(reader);
    const size_t size = lwsec_sms_coding_septets(tpdu->coding) ? (length * 7 + 7) / 8 : length;

    if (size > lwsec_sms_data_max(tpdu->kind)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
    }
    lwsec_reader data = lwsec_reader_child(reader, size);
    if (headed) {
        read_header(&data, tpdu);
    }
    tpdu->data = lwsec_reader_rest(&data);
    lwsec_reader_finish_child(reader, &data);
}

static void read_deliver(lwsec_reader *reader, bool headed, lwsec_sms_tpdu *tpdu)
{
    lwsec_sms_read_address(reader, &tpdu->address);
    tpdu->protocol = lwsec_reader_u8(reader);
    tpdu->coding = lwsec_reader_u8(reader);
    copy(tpdu->timestamp, lwsec_reader_take(reader, sizeof tpdu->timestamp));
    read_data(reader, headed, tpdu);
}

static void read_submit(lwsec_reader *reader, uint8_t first, lwsec_sms_tpdu *tpdu)
{
    tpdu->validity_format = (lwsec_sms_validity)(first >> LWSEC_SMS_VPF_SHIFT & LWSEC_SMS_VPF_MASK);
    tpdu->reference = lwsec_reader_u8(reader);
    lwsec_sms_read_address(reader, &tpdu->address);
    tpdu->protocol = lwsec_reader_u8(reader);
    tpdu->coding = lwsec_reader_u8(reader);
    copy(tpdu->validity, lwsec_reader_take(reader, lwsec_sms_validity_size(tpdu->validity_format)));
    read_data(reader, (first & LWSEC_SMS_UDHI) != 0, tpdu);
}

/* All octets of TP-PI; the first one counts. Whether it announces fields that are not known. */
static bool read_indicator(lwsec_reader *reader, uint8_t *present)
{
    const uint8_t first = lwsec_reader_u8(reader);
    uint8_t next = first;

    while ((next & LWSEC_SMS_PI_EXTENDED) != 0) {
        next = lwsec_reader_u8(reader);
    }
    *present = first & LWSEC_SMS_PI_KNOWN;
    return (first & ~LWSEC_SMS_PI_KNOWN) != 0;
}

static void read_report(lwsec_reader *reader, bool headed, lwsec_sms_tpdu *tpdu)
{
    const bool more = read_indicator(reader, &tpdu->present);

    if ((tpdu->present & LWSEC_SMS_HAS_PID) != 0) {
        tpdu->protocol = lwsec_reader_u8(reader);
    }
    if ((tpdu->present & LWSEC_SMS_HAS_DCS) != 0) {
        tpdu->coding = lwsec_reader_u8(reader);
    }
    if ((tpdu->present & LWSEC_SMS_HAS_DATA) != 0) {
        read_data(reader, headed, tpdu);
    } else if (headed) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_TPDU);
    }
    if (more) {
        (void)lwsec_reader_rest(reader);
    }
}

static void read_cause(lwsec_reader *reader, lwsec_sms_tpdu *tpdu)
{
    tpdu->cause = lwsec_reader_u8(reader);
    if (tpdu->cause < LWSEC_SMS_FCS_MIN) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_TPDU);
    }
}

/* False: there is no such kind. */
static bool read_kind(lwsec_reader *reader, lwsec_sms_tpdu *tpdu)
{
    const uint8_t first = lwsec_reader_u8(reader);
    const bool headed = (first & LWSEC_SMS_UDHI) != 0;
    const unsigned type =
        tpdu->kind == LWSEC_SMS_SUBMIT ? LWSEC_SMS_MTI_SUBMIT : LWSEC_SMS_MTI_DELIVER;

    if ((first & LWSEC_SMS_MTI_MASK) != type) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_TPDU);
    }
    tpdu->flags = first & lwsec_sms_flags_of(tpdu->kind);
    switch (tpdu->kind) {
    case LWSEC_SMS_DELIVER: read_deliver(reader, headed, tpdu); return true;
    case LWSEC_SMS_SUBMIT: read_submit(reader, first, tpdu); return true;
    case LWSEC_SMS_REPORT_ERROR:
        read_cause(reader, tpdu);
        read_report(reader, headed, tpdu);
        return true;
    case LWSEC_SMS_REPORT: read_report(reader, headed, tpdu); return true;
    }
    return false;
}

lwsec_status lwsec_sms_tpdu_decode(lwsec_sms_tpdu_kind kind, lwsec_bytes wire, lwsec_sms_tpdu *tpdu,
                                   lwsec_reason *reason)
{
    static const lwsec_sms_tpdu nothing;
    lwsec_reader reader = lwsec_reader_of(wire);
    lwsec_sms_tpdu read = nothing;

    read.kind = kind;
    if (!read_kind(&reader, &read)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *tpdu = read;
    return lwsec_accept(reason);
}
