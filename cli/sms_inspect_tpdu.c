/* What one TPDU says. */
#include "members.h"
#include "sms_tpdu.h"

/* ---- Words ---- */

static const char *kind_name(lwsec_sms_tpdu_kind kind)
{
    static const char *const names[] = {"deliver", "submit", "deliver-report",
                                        "deliver-report in RP-ERROR"};

    return names[kind];
}

static const char *protocol_name(uint8_t protocol)
{
    return protocol == LWSEC_SMS_PID_DOWNLOAD ? "(U)SIM Data Download" : NULL;
}

static const char *coding_name(uint8_t coding)
{
    switch (coding) {
    case LWSEC_SMS_DCS_CLASS2:
    case LWSEC_SMS_DCS_CLASS2_GENERAL: return "class 2, 8 bits";
    case LWSEC_SMS_DCS_8BIT: return "8 bits";
    default: return NULL;
    }
}

static const char *element_name(uint8_t element)
{
    switch (element) {
    case LWSEC_SMS_IE_COMMAND: return "Command Packet";
    case LWSEC_SMS_IE_RESPONSE: return "Response Packet";
    default: return "no secured packet";
    }
}

/* ---- Members ---- */

/* Flags by name, those of the kind alone. */
static void add_flags(json_t *object, const lwsec_sms_tpdu *tpdu)
{
    const bool deliver = tpdu->kind == LWSEC_SMS_DELIVER;
    const struct {
        uint8_t flag;
        const char *name;
    } names[] = {
        {0x04, deliver ? "no more messages" : "reject duplicates"},
        {deliver ? LWSEC_SMS_LOOP_PREVENTION : 0, "loop prevention"},
        {LWSEC_SMS_STATUS_REPORT, "status report"},
        {LWSEC_SMS_REPLY_PATH, "reply path"},
    };
    char text[96] = "";
    size_t used = 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((tpdu->flags & names[i].flag) != 0) {
            used += (size_t)snprintf(&text[used], sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                     names[i].name);
        }
    }
    cli_add_text(object, "flags", used > 0 ? text : "none");
}

static void add_address(json_t *object, const lwsec_sms_address *address)
{
    char text[LWSEC_SMS_NUMBER_MAX];

    cli_add_octet(object, "address-type", address->type, NULL);
    if (lwsec_sms_address_text(address, text) == LWSEC_OK) {
        cli_add_text(object, "address", text);
    } else {
        cli_add_hex(object, "address-octets",
                    lwsec_bytes_of(address->value, (address->digits + 1U) / 2));
    }
}

/* Service centres do send what is no time. */
static void add_time(json_t *object, const char *name, const uint8_t wire[7])
{
    lwsec_sms_time stamp;
    char text[48];

    if (lwsec_sms_time_read(wire, &stamp) != LWSEC_OK) {
        cli_add_hex(object, name, lwsec_bytes_of(wire, 7));
        return;
    }
    const unsigned minutes = (unsigned)(stamp.zone < 0 ? -stamp.zone : stamp.zone) * 15;
    (void)snprintf(text, sizeof text, "%02u-%02u-%02uT%02u:%02u:%02u%c%02u:%02u", stamp.year,
                   stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second,
                   stamp.zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
    cli_add_text(object, name, text);
}

static void add_validity(json_t *object, const lwsec_sms_tpdu *tpdu)
{
    char text[32];

    switch (tpdu->validity_format) {
    case LWSEC_SMS_VALIDITY_RELATIVE:
        (void)snprintf(text, sizeof text, "%lu minutes",
                       (unsigned long)lwsec_sms_validity_minutes(tpdu->validity[0]));
        cli_add_text(object, "validity", text);
        return;
    case LWSEC_SMS_VALIDITY_ABSOLUTE: add_time(object, "validity", tpdu->validity); return;
    case LWSEC_SMS_VALIDITY_ENHANCED:
        cli_add_hex(object, "validity", lwsec_bytes_of(tpdu->validity, sizeof tpdu->validity));
        return;
    case LWSEC_SMS_VALIDITY_NONE: break;
    }
    cli_add_text(object, "validity", "none");
}

static void add_part(json_t *object, const lwsec_sms_part *part)
{
    char text[64];

    cli_add_octet(object, "element", part->element, element_name(part->element));
    if (part->total > 1) {
        (void)snprintf(text, sizeof text, "%u of %u, reference %0*x", part->number, part->total,
                       part->wide ? 4 : 2, part->reference);
        cli_add_text(object, "part", text);
    }
}

static void add_header(json_t *object, lwsec_bytes header)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_part part;

    if (header.data == NULL) {
        cli_add_text(object, "header", "none");
        return;
    }
    cli_add_hex(object, "header", header);
    if (lwsec_sms_header_read(header, &part, &reason) == LWSEC_OK) {
        add_part(object, &part);
    } else {
        cli_add_text(object, "header-error", lwsec_why_text(reason.why));
    }
}

json_t *cli_sms_tpdu_describe(const lwsec_sms_tpdu *tpdu)
{
    json_t *object = json_object();
    const bool report = tpdu->kind != LWSEC_SMS_DELIVER && tpdu->kind != LWSEC_SMS_SUBMIT;

    cli_add_text(object, "tpdu", kind_name(tpdu->kind));
    if (!report) {
        add_flags(object, tpdu);
    }
    if (tpdu->kind == LWSEC_SMS_SUBMIT) {
        cli_add_number(object, "reference", tpdu->reference);
    }
    if (!report) {
        add_address(object, &tpdu->address);
    }
    cli_add_octet(object, "pid", tpdu->protocol, protocol_name(tpdu->protocol));
    cli_add_octet(object, "dcs", tpdu->coding, coding_name(tpdu->coding));
    if (tpdu->kind == LWSEC_SMS_DELIVER) {
        add_time(object, "time", tpdu->timestamp);
    }
    if (tpdu->kind == LWSEC_SMS_SUBMIT) {
        add_validity(object, tpdu);
    }
    add_header(object, tpdu->header);
    cli_add_hex(object, "user-data", tpdu->data);
    return object;
}
