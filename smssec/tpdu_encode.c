/* TPDUs to the wire: 3GPP TS 23.040 clause 9.2.2. */
#include "core/reason.h"
#include "smssec/address.h"
#include "smssec/tpdu.h"

static bool is_report(const lwsec_sms_tpdu *tpdu)
{
    return tpdu->kind == LWSEC_SMS_REPORT || tpdu->kind == LWSEC_SMS_REPORT_ERROR;
}

/* Octets of user data; SIZE_MAX when the two together cannot be told. */
static size_t data_size(const lwsec_sms_tpdu *tpdu)
{
    const size_t header = tpdu->header.data != NULL ? 1 + tpdu->header.size : 0;

    if (tpdu->header.size > LWSEC_SMS_REPORT_DATA_MAX ||
        tpdu->data.size > LWSEC_SMS_REPORT_DATA_MAX) {
        return SIZE_MAX;
    }
    return header + tpdu->data.size;
}

static lwsec_why check_data(const lwsec_sms_tpdu *tpdu)
{
    const size_t size = data_size(tpdu);

    if (size > lwsec_sms_data_max(tpdu->kind)) {
        return LWSEC_WHY_TOO_LONG;
    }
    if (size == 0) {
        return LWSEC_WHY_NONE;
    }
    /* In 7-bit text the length counts septets, which octets do not tell. */
    const bool announced = !is_report(tpdu) || ((tpdu->present & LWSEC_SMS_HAS_DATA) != 0 &&
                                                (tpdu->present & LWSEC_SMS_HAS_DCS) != 0);
    return announced && !lwsec_sms_coding_septets(tpdu->coding) ? LWSEC_WHY_NONE
                                                                : LWSEC_WHY_SMS_TPDU;
}

static lwsec_why check(const lwsec_sms_tpdu *tpdu)
{
    switch (tpdu->kind) {
    case LWSEC_SMS_SUBMIT:
        if (lwsec_sms_validity_size(tpdu->validity_format) == SIZE_MAX) {
            return LWSEC_WHY_SMS_TPDU;
        }
        break;
    case LWSEC_SMS_REPORT_ERROR:
        if (tpdu->cause < LWSEC_SMS_FCS_MIN) {
            return LWSEC_WHY_SMS_TPDU;
        }
        break;
    case LWSEC_SMS_DELIVER:
    case LWSEC_SMS_REPORT: break;
    default: return LWSEC_WHY_SMS_TPDU;
    }
    if (is_report(tpdu) && (tpdu->present & ~LWSEC_SMS_PI_KNOWN) != 0) {
        return LWSEC_WHY_SMS_TPDU;
    }
    if (!is_report(tpdu) && !lwsec_sms_address_valid(&tpdu->address)) {
        return LWSEC_WHY_SMS_ADDRESS;
    }
    return check_data(tpdu);
}

static void put_first(lwsec_writer *writer, const lwsec_sms_tpdu *tpdu)
{
    unsigned first = tpdu->flags & lwsec_sms_flags_of(tpdu->kind);

    if (tpdu->header.data != NULL) {
        first |= LWSEC_SMS_UDHI;
    }
    if (tpdu->kind == LWSEC_SMS_SUBMIT) {
        first |= LWSEC_SMS_MTI_SUBMIT | (unsigned)tpdu->validity_format << LWSEC_SMS_VPF_SHIFT;
    }
    lwsec_writer_u8(writer, (uint8_t)first);
}

static void put_data(lwsec_writer *writer, const lwsec_sms_tpdu *tpdu)
{
    lwsec_writer_u8(writer, (uint8_t)data_size(tpdu));
    if (tpdu->header.data != NULL) {
        lwsec_writer_u8(writer, (uint8_t)tpdu->header.size);
        lwsec_writer_bytes(writer, tpdu->header);
    }
    lwsec_writer_bytes(writer, tpdu->data);
}

static void put_report(lwsec_writer *writer, const lwsec_sms_tpdu *tpdu)
{
    if (tpdu->kind == LWSEC_SMS_REPORT_ERROR) {
        lwsec_writer_u8(writer, tpdu->cause);
    }
    lwsec_writer_u8(writer, tpdu->present);
    if ((tpdu->present & LWSEC_SMS_HAS_PID) != 0) {
        lwsec_writer_u8(writer, tpdu->protocol);
    }
    if ((tpdu->present & LWSEC_SMS_HAS_DCS) != 0) {
        lwsec_writer_u8(writer, tpdu->coding);
    }
    if ((tpdu->present & LWSEC_SMS_HAS_DATA) != 0) {
        put_data(writer, tpdu);
    }
}

static void put_message(lwsec_writer *writer, const lwsec_sms_tpdu *tpdu)
{
    if (tpdu->kind == LWSEC_SMS_SUBMIT) {
        lwsec_writer_u8(writer, tpdu->reference);
    }
    lwsec_sms_put_address(writer, &tpdu->address);
    lwsec_writer_u8(writer, tpdu->protocol);
    lwsec_writer_u8(writer, tpdu->coding);
    if (tpdu->kind == LWSEC_SMS_SUBMIT) {
        lwsec_writer_bytes(
            writer, lwsec_bytes_of(tpdu->validity, lwsec_sms_validity_size(tpdu->validity_format)));
    } else {
        lwsec_writer_bytes(writer, lwsec_bytes_of(tpdu->timestamp, sizeof tpdu->timestamp));
    }
    put_data(writer, tpdu);
}

lwsec_status lwsec_sms_tpdu_encode(const lwsec_sms_tpdu *tpdu, lwsec_buffer *out,
                                   lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    const lwsec_why why = check(tpdu);

    out->size = 0;
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    put_first(&writer, tpdu);
    if (is_report(tpdu)) {
        put_report(&writer, tpdu);
    } else {
        put_message(&writer, tpdu);
    }
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    out->size = writer.size;
    return lwsec_accept(reason);
}
