/* lwsec sms inspect */
#include "arguments.h"
#include "output.h"

#include <lwsec/sms_packet.h>

typedef struct inspection {
    cli_bytes packet;
    bool response;
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

static void add_text(json_t *object, const char *name, const char *text)
{
    (void)json_object_set_new(object, name, json_string(text));
}

static void add_octet(json_t *object, const char *name, uint8_t octet, const char *words)
{
    char text[64];

    (void)snprintf(text, sizeof text, words != NULL ? "%02x %s" : "%02x", octet, words);
    add_text(object, name, text);
}

static void add_number(json_t *object, const char *name, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    add_text(object, name, text);
}

static void add_hex(json_t *object, const char *name, lwsec_bytes bytes)
{
    (void)json_object_set_new(object, name, cli_json_hex(bytes));
}

static void add_spi(json_t *object, const lwsec_sms_fields *fields)
{
    char text[96];

    (void)snprintf(text, sizeof text, "%02x check %s, ciphering %s, counter %s", fields->spi1,
                   check_name(fields->spi1), fields->ciphered ? "yes" : "no",
                   counter_name(fields->spi1));
    add_text(object, "spi1", text);
    (void)snprintf(text, sizeof text, "%02x PoR %s, check %s, ciphering %s, by %s", fields->spi2,
                   por_name(fields->spi2), check_name((unsigned)fields->spi2 >> 2),
                   (fields->spi2 & LWSEC_SMS_SPI2_CIPHER) != 0 ? "yes" : "no",
                   (fields->spi2 & LWSEC_SMS_SPI2_SUBMIT) != 0 ? "SMS-SUBMIT" : "delivery report");
    add_text(object, "spi2", text);
    add_octet(object, "kic", fields->kic, coding_name(fields->kic));
    add_octet(object, "kid", fields->kid, kid_name(fields->spi1, fields->kid));
}

static void add_body(json_t *object, const lwsec_sms_fields *fields)
{
    if (fields->ciphered) {
        add_hex(object, "ciphered", fields->body);
        return;
    }
    add_number(object, "counter", fields->counter);
    add_number(object, "padding", fields->padding);
    if (fields->kind == LWSEC_SMS_RESPONSE) {
        add_octet(object, "status", fields->status, lwsec_sms_por_text(fields->status));
    }
    add_hex(object, "check", fields->check);
    add_hex(object, "data", fields->data);
}

static json_t *describe(const lwsec_sms_fields *fields)
{
    json_t *object = json_object();
    const bool command = fields->kind == LWSEC_SMS_COMMAND;

    add_text(object, "kind", command ? "command" : "response");
    add_number(object, command ? "cpl" : "rpl", fields->length);
    add_number(object, command ? "chl" : "rhl", fields->header_length);
    if (command) {
        add_spi(object, fields);
    }
    add_hex(object, "tar", lwsec_bytes_of(fields->tar, sizeof fields->tar));
    add_body(object, fields);
    return object;
}

/* Header lengths of responses, with a check of 0, 2, 4 or 8 octets: none is that of a command. */
static bool looks_like_response(const cli_bytes *packet)
{
    const uint8_t length = packet->size > 2 ? packet->data[2] : 0;

    return length == 10 || length == 12 || length == 14 || length == 18;
}

/* Short messages (--tpdu) are put together here, once the program has their codec. */
static int inspect(const inspection *given)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_fields fields;

    const bool response = given->response || looks_like_response(&given->packet);
    const lwsec_status status =
        lwsec_sms_packet_inspect(response ? LWSEC_SMS_RESPONSE : LWSEC_SMS_COMMAND, given->ciphered,
                                 cli_view(&given->packet), &fields, &reason);
    return status == LWSEC_OK ? cli_print(describe(&fields), given->json, cli_text_lines)
                              : cli_error("--packet", lwsec_why_text(reason.why));
}

int cli_sms_inspect(int argc, char **argv)
{
    inspection given = {.json = false};
    const cli_option options[] = {
        {"packet", CLI_KIND_HEX, true, &given.packet, "HEX", "a packet, from CPL or RPL on", 0},
        {"response", CLI_KIND_FLAG, false, &given.response, NULL,
         "it is a Response Packet, whatever its header length", 0},
        {"ciphered", CLI_KIND_FLAG, false, &given.ciphered, NULL,
         "a response is ciphered, which it does not say itself", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "sms inspect",
        "Prints what a secured packet (TS 102 225) shows without keys. Nothing "
        "of it is\nauthenticated.",
        {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = inspect(&given);
    cli_arguments_free(&usage);
    return answer;
}
