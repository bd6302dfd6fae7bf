/* lwsec sms inspect */
#include "members.h"
#include "sms_tpdu.h"

#include <lwsec/sms_packet.h>

typedef struct inspection {
    cli_bytes packet;
    cli_parts tpdus;
    cli_sms_reading how;
    bool ciphered;
    bool json;
} inspection;

/* ---- Words ---- */

static const char *check_name(unsigned bits)
{
    static const char *const names[] = {"none", "RC", "CC", "DS"};

    return names[bits & 3];
}

static const char *counter_name(uint8_t spi1)
{
    static const char *const names[] = {"none", "not checked", "higher", "exactly one higher"};

    return names[spi1 >> 3 & 3];
}

static const char *por_name(uint8_t spi2)
{
    static const char *const names[] = {"none", "always", "on error", "reserved"};

    return names[spi2 & LWSEC_SMS_SPI2_POR];
}

/* Without keys, what KIc or KID says of them. */
static const char *coding_name(uint8_t octet)
{
    switch (octet & 0x0f) {
    case LWSEC_SMS_KEY_AES: return "AES";
    case LWSEC_SMS_KEY_TDES_2: return "3DES with two keys";
    case LWSEC_SMS_KEY_TDES_3: return "3DES with three keys";
    case 0x1:
    case 0xd: return "single DES";
    default: return (octet & 3) == 0 ? "implicit" : (octet & 3) == 3 ? "proprietary" : "reserved";
    }
}

static const char *kid_name(uint8_t spi1, uint8_t kid)
{
    if ((spi1 & LWSEC_SMS_SPI1_CHECK) != LWSEC_SMS_SPI1_RC) {
        return coding_name(kid);
    }
    switch (kid & 0x0f) {
    case LWSEC_SMS_KID_CRC16: return "CRC-16";
    case LWSEC_SMS_KID_CRC32: return "CRC-32";
    default: return "reserved";
    }
}

/* ---- Members ---- */

static void add_spi(json_t *object, const lwsec_sms_fields *fields)
{
    char text[96];

    (void)snprintf(text, sizeof text, "%02x check %s, ciphering %s, counter %s", fields->spi1,
                   check_name(fields->spi1), fields->ciphered ? "yes" : "no",
                   counter_name(fields->spi1));
    cli_add_text(object, "spi1", text);
    (void)snprintf(text, sizeof text, "%02x PoR %s, check %s, ciphering %s, by %s", fields->spi2,
                   por_name(fields->spi2), check_name((unsigned)fields->spi2 >> 2),
                   (fields->spi2 & LWSEC_SMS_SPI2_CIPHER) != 0 ? "yes" : "no",
                   (fields->spi2 & LWSEC_SMS_SPI2_SUBMIT) != 0 ? "SMS-SUBMIT" : "delivery report");
    cli_add_text(object, "spi2", text);
    cli_add_octet(object, "kic", fields->kic, coding_name(fields->kic));
    cli_add_octet(object, "kid", fields->kid, kid_name(fields->spi1, fields->kid));
}

static void add_body(json_t *object, const lwsec_sms_fields *fields)
{
    if (fields->ciphered) {
        cli_add_hex(object, "ciphered", fields->body);
        return;
    }
    cli_add_number(object, "counter", fields->counter);
    cli_add_number(object, "padding", fields->padding);
    if (fields->kind == LWSEC_SMS_RESPONSE) {
        cli_add_octet(object, "status", fields->status, lwsec_sms_por_text(fields->status));
    }
    cli_add_hex(object, "check", fields->check);
    cli_add_hex(object, "data", fields->data);
}

static json_t *describe(const lwsec_sms_fields *fields)
{
    json_t *object = json_object();
    const bool command = fields->kind == LWSEC_SMS_COMMAND;

    cli_add_text(object, "kind", command ? "command" : "response");
    cli_add_number(object, command ? "cpl" : "rpl", fields->length);
    cli_add_number(object, command ? "chl" : "rhl", fields->header_length);
    if (command) {
        add_spi(object, fields);
    }
    cli_add_hex(object, "tar", lwsec_bytes_of(fields->tar, sizeof fields->tar));
    add_body(object, fields);
    return object;
}

/* ---- A packet ---- */

/* Header lengths of responses, with a check of 0, 2, 4 or 8 octets: none is that of a command. */
static bool looks_like_response(lwsec_bytes packet)
{
    const uint8_t length = packet.size > 2 ? packet.data[2] : 0;

    return length == 10 || length == 12 || length == 14 || length == 18;
}

static int describe_packet(const inspection *given, lwsec_sms_kind kind, lwsec_bytes packet,
                           const char *option, json_t **object)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_fields fields;

    const lwsec_status status =
        lwsec_sms_packet_inspect(kind, given->ciphered, packet, &fields, &reason);
    if (status != LWSEC_OK) {
        return cli_error(option, lwsec_why_text(reason.why));
    }
    *object = describe(&fields);
    return CLI_DONE;
}

static int inspect_packet(const inspection *given)
{
    const lwsec_bytes packet = cli_view(&given->packet);
    const bool response = given->how.response || looks_like_response(packet);
    json_t *object = NULL;

    const int answer = describe_packet(given, response ? LWSEC_SMS_RESPONSE : LWSEC_SMS_COMMAND,
                                       packet, "--packet", &object);
    return answer == CLI_DONE ? cli_print(object, given->json, cli_text_lines) : answer;
}

/* ---- TPDUs ---- */

/* Each TPDU, an empty line, and the packet if it is there. */
static void print_message(const json_t *object)
{
    const json_t *tpdus = json_object_get(object, "tpdus");
    const json_t *packet = json_object_get(object, "packet");

    for (size_t i = 0; i < json_array_size(tpdus); i++) {
        if (i > 0) {
            (void)putchar('\n');
        }
        cli_text_lines(json_array_get(tpdus, i));
    }
    if (packet != NULL) {
        (void)putchar('\n');
        cli_text_lines(packet);
    }
}

static json_t *describe_tpdus(const inspection *given)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_tpdu tpdu;
    json_t *list = json_array();

    for (size_t i = 0; i < given->tpdus.count; i++) {
        if (cli_sms_tpdu_read(&given->how, &given->tpdus.items[i], &tpdu, &reason) == LWSEC_OK) {
            (void)json_array_append_new(list, cli_sms_tpdu_describe(&tpdu));
        }
    }
    return list;
}

/* Messages without a packet, of CoAP or DTLS, are their data. */
static int describe_carried(const inspection *given, const cli_sms_carried *carried, json_t *object)
{
    const uint8_t element = carried->part.element;
    json_t *packet = NULL;
    int answer = CLI_DONE;

    if (carried->part.packet.data == NULL) {
        return CLI_DONE;
    }
    if (element == LWSEC_SMS_IE_NONE) {
        packet = json_object();
        cli_add_text(packet, "kind", "no packet");
        cli_add_hex(packet, "data", carried->part.packet);
    } else {
        answer = describe_packet(
            given, element == LWSEC_SMS_IE_RESPONSE ? LWSEC_SMS_RESPONSE : LWSEC_SMS_COMMAND,
            carried->part.packet, "--tpdu", &packet);
    }
    if (answer == CLI_DONE) {
        (void)json_object_set_new(object, "packet", packet);
    }
    return answer;
}

static int inspect_tpdus(const inspection *given)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    cli_sms_carried carried;

    const lwsec_status status = cli_sms_assemble(&given->how, &given->tpdus, &carried, &reason);
    if (status != LWSEC_OK) {
        return cli_error("--tpdu", lwsec_why_text(reason.why));
    }
    json_t *object = json_pack("{s:o}", "tpdus", describe_tpdus(given));
    const int answer = describe_carried(given, &carried, object);
    cli_sms_carried_free(&carried);
    if (answer != CLI_DONE) {
        json_decref(object);
        return answer;
    }
    return cli_print(object, given->json, print_message);
}

static int inspect(const inspection *given)
{
    if ((given->packet.data != NULL) == (given->tpdus.count > 0)) {
        return cli_error(NULL, "either --packet or --tpdu is needed");
    }
    if (given->how.report && given->tpdus.count == 0) {
        return cli_error("--report", "is for --tpdu");
    }
    return given->packet.data != NULL ? inspect_packet(given) : inspect_tpdus(given);
}

int cli_sms_inspect(int argc, char **argv)
{
    inspection given = {.json = false};
    const cli_option options[] = {
        {"packet", CLI_KIND_HEX, false, &given.packet, "HEX", "a packet, from CPL or RPL on", 0},
        {"tpdu", CLI_KIND_PARTS, false, &given.tpdus, "HEX...",
         "or SMS-DELIVER or SMS-SUBMIT, all parts of a message in any order", 0},
        {"report", CLI_KIND_FLAG, false, &given.how.report, NULL,
         "the TPDU is an SMS-DELIVER-REPORT, which looks like SMS-DELIVER", 0},
        {"response", CLI_KIND_FLAG, false, &given.how.response, NULL,
         "it is a Response Packet, whatever its header length", 0},
        {"ciphered", CLI_KIND_FLAG, false, &given.ciphered, NULL,
         "a response is ciphered, which it does not say itself", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "sms inspect",
        "Prints what short messages and a secured packet (TS 102 225) show without keys.\n"
        "Nothing of it is authenticated.",
        {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = inspect(&given);
    cli_arguments_free(&usage);
    return answer;
}
