/* The SMS channel of the examples: a server wakes its client by a secured packet. */
#include "sms.h"

#include <stdio.h>
#include <string.h>

#define KEYS_SIZE 32U
#define PACKET_MAX 512U
#define ARGUMENT_SIZE 240U

/* ---- The channel ---- */

lwsec_sms_channel sms_channel(void)
{
    return (lwsec_sms_channel){
        .size = sizeof(lwsec_sms_channel),
        .security = LWSEC_SMS_SECURITY_PACKET,
        .flags = LWSEC_SMS_TRIGGERED | LWSEC_SMS_HAS_OSCORE | LWSEC_SMS_OTHER_SECURED,
        .number = SMS_SERVER_NUMBER,
    };
}

static bool ignored(const lwsec_reason *reason)
{
    say("sms ignored: %s", lwsec_why_text(reason->why));
    return false;
}

bool sms_obey(const lwsec_sms_channel *channel, const lwsec_sms_address *sender, lwsec_bytes coap,
              const char *who)
{
    lwsec_sms_arrival arrival;
    lwsec_coap_message message;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, coap, &message, &reason);
    if (status == LWSEC_OK) {
        status = lwsec_sms_channel_judge(channel, sender, LWSEC_SMS_BY_PACKET, &message, &arrival,
                                         &reason);
    }
    if (status != LWSEC_OK) {
        return ignored(&reason);
    }
    say("sms opened by %s: %s", who,
        arrival.action == LWSEC_SMS_UPDATE_TRIGGER ? "update the registration" : "nothing for us");
    return arrival.action == LWSEC_SMS_UPDATE_TRIGGER;
}

/* ---- The association ---- */

/* AES-128 for both keys, CC and ciphering, a counter that is strictly higher, no PoR. */
static const uint8_t key_parameters[] = {0x12, 0x12, 0x16, 0x00, 0xb2, 0x02, 0x03};

static lwsec_status import_keys(lwsec_store *store, const char *path, lwsec_sms_config *config,
                                lwsec_reason *reason)
{
    uint8_t raw[KEYS_SIZE + 1U];
    FILE *file = fopen(path, "rb");

    if (file == NULL || setvbuf(file, NULL, _IONBF, 0) != 0) {
        return LWSEC_ABSENT;
    }
    const size_t size = fread(raw, 1, sizeof raw, file);
    (void)fclose(file);
    lwsec_status status = lwsec_sms_parameters_read(
        lwsec_bytes_of(key_parameters, sizeof key_parameters), 0, &config->parameters, reason);
    if (status == LWSEC_OK) {
        status = lwsec_sms_keys_import(store, &config->parameters, lwsec_bytes_of(raw, size), 0,
                                       &config->kic_key, &config->kid_key, reason);
    }
    lwsec_wipe(raw, sizeof raw);
    return status;
}

static lwsec_status open_all(lwm2m_sms *sms, const lwm2m_side *side, const char *keys,
                             lwsec_sms_config *config, lwsec_reason *reason)
{
    const lwsec_sms_assembler_config assembler = {
        .size = sizeof assembler, .messages = 2, .parts = 8};

    lwsec_status status = import_keys(side->store, keys, config, reason);
    if (status == LWSEC_OK) {
        config->state = side->state;
        status = lwsec_sms_init(sms->association_memory, sizeof sms->association_memory, config,
                                &sms->association, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_sms_assembler_init(sms->assembler_memory, sizeof sms->assembler_memory,
                                          &assembler, &sms->assembler, reason);
    }
    return status;
}

bool sms_open(lwm2m_sms *sms, const lwm2m_side *side, const char *keys, bool fresh)
{
    lwsec_sms_config config = {.size = sizeof config, .flags = fresh ? LWSEC_KEY_FRESH : 0U};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(sms, 0, sizeof *sms);
    sms->channel = sms_channel();
    const lwsec_status status = open_all(sms, side, keys, &config, &reason);
    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "no SMS association: %s, %s\n", lwsec_status_name(status),
                      lwsec_why_text(reason.why));
        sms_close(sms);
        return false;
    }
    return true;
}

void sms_close(lwm2m_sms *sms)
{
    lwsec_sms_close(&sms->association);
    lwsec_sms_assembler_close(&sms->assembler);
}

/* ---- Sending ---- */

/* Execute /1/0/8: Registration Update Trigger. Nobody answers it. */
static lwsec_status encode_trigger(lwsec_buffer *coap, lwsec_reason *reason)
{
    static const char *const path[] = {"1", "0", "8"};
    char argument[ARGUMENT_SIZE];
    lwsec_coap_option options[3];
    lwsec_coap_message head = {.type = LWSEC_COAP_NON, .code = LWSEC_COAP_POST, .message_id = 1};

    for (size_t i = 0; i < 3; i++) {
        options[i] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of(path[i], 1)};
    }
    memset(argument, '.', sizeof argument); /* 0='....' */
    argument[0] = '0';
    argument[1] = '=';
    argument[2] = argument[sizeof argument - 1U] = '\'';
    head.payload = lwsec_bytes_of(argument, sizeof argument);
    return lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, 3, coap, reason);
}

static void print_line(FILE *file, lwsec_bytes tpdu)
{
    for (size_t i = 0; i < tpdu.size; i++) {
        (void)fprintf(file, "%02x", tpdu.data[i]);
    }
    (void)putc('\n', file);
}

/* As the service centre hands it to the client. */
static lwsec_status write_parts(lwm2m_sms *sms, lwsec_bytes packet, FILE *file,
                                lwsec_reason *reason)
{
    const lwsec_sms_split split = {packet, LWSEC_SMS_IE_COMMAND, sms->reference++};
    const unsigned parts = lwsec_sms_parts(split.element, packet.size);
    lwsec_status status = parts > 0 ? LWSEC_OK : LWSEC_LIMIT;

    for (unsigned number = 1; number <= parts && status == LWSEC_OK; number++) {
        uint8_t room[LWSEC_SMS_HEADER_ROOM];
        uint8_t wire[LWSEC_SMS_TPDU_MAX];
        lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
        lwsec_sms_tpdu tpdu = {.kind = LWSEC_SMS_DELIVER,
                               .protocol = 0x7f,
                               .coding = 0xf6,
                               .timestamp = {0x62, 0x11, 0x42, 0x21, 0x00, 0x00, 0x00}};
        status = lwsec_sms_address_of(SMS_SERVER_NUMBER, &tpdu.address);
        if (status == LWSEC_OK) {
            status = lwsec_sms_split_part(&split, number, room, &tpdu);
        }
        if (status == LWSEC_OK) {
            status = lwsec_sms_tpdu_encode(&tpdu, &out, reason);
        }
        if (status == LWSEC_OK) {
            say("sms %u of %u to %s, %zu octets", number, parts, SMS_CLIENT_NUMBER, out.size);
            print_line(stdout, lwsec_buffer_bytes(&out));
            print_line(file, lwsec_buffer_bytes(&out));
        }
    }
    return status;
}

bool sms_wake(lwm2m_sms *sms, const char *to)
{
    uint8_t plain[PACKET_MAX];
    uint8_t sealed[PACKET_MAX];
    lwsec_buffer coap = lwsec_buffer_of(plain, sizeof plain);
    lwsec_buffer packet = lwsec_buffer_of(sealed, sizeof sealed);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    FILE *file = fopen(to, "a");

    if (file == NULL) {
        say("cannot write %s", to);
        return false;
    }
    lwsec_status status = encode_trigger(&coap, &reason);
    if (status == LWSEC_OK) {
        status =
            lwsec_sms_seal(sms->association, lwsec_buffer_bytes(&coap), NULL, &packet, &reason);
    }
    if (status == LWSEC_OK) {
        status = write_parts(sms, lwsec_buffer_bytes(&packet), file, &reason);
    }
    if (fclose(file) != 0 || status != LWSEC_OK) {
        say("no SMS was sent: %s", lwsec_why_text(reason.why));
        return false;
    }
    return true;
}

/* ---- Receiving ---- */

/* A packet is complete: whether it wakes us. */
static bool take_packet(lwm2m_sms *sms, const lwsec_sms_address *sender, lwsec_bytes packet)
{
    uint8_t room[PACKET_MAX];
    lwsec_buffer coap = lwsec_buffer_of(room, sizeof room);
    lwsec_sms_received received;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = lwsec_sms_open(sms->association, packet, &received, &coap, &reason);
    if (status != LWSEC_OK) {
        return ignored(&reason);
    }
    say("sms counter %llu", (unsigned long long)received.counter);
    return sms_obey(&sms->channel, sender, lwsec_buffer_bytes(&coap), "the client");
}

static bool take_tpdu(lwm2m_sms *sms, lwsec_bytes wire)
{
    lwsec_sms_tpdu tpdu;
    lwsec_sms_message message;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    lwsec_status status = lwsec_sms_tpdu_decode(LWSEC_SMS_DELIVER, wire, &tpdu, &reason);
    if (status == LWSEC_OK && !lwsec_sms_channel_from(&sms->channel, &tpdu.address)) {
        status = LWSEC_REJECT; /* before a part is kept, and before anything is opened */
        reason.why = LWSEC_WHY_SMS_SENDER;
    }
    if (status == LWSEC_OK) {
        status = lwsec_sms_assembler_add(sms->assembler, (uint64_t)endpoint_now(), &tpdu.address,
                                         &tpdu, &message, &reason);
    }
    if (status == LWSEC_OK && message.packet.data != NULL &&
        message.element != LWSEC_SMS_IE_COMMAND) {
        status = LWSEC_REJECT;
        reason.why = LWSEC_WHY_SMS_CHANNEL;
    }
    if (status != LWSEC_OK) {
        return ignored(&reason);
    }
    if (message.packet.data == NULL) {
        say("sms part taken, others are missing");
        return false;
    }
    return take_packet(sms, &tpdu.address, message.packet);
}

/* The value of a hex digit, or -1. */
static int digit_of(char character)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = character != '\0' ? strchr(digits, character) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static bool take_line(lwm2m_sms *sms)
{
    uint8_t wire[LWSEC_SMS_TPDU_MAX];
    const size_t size = sms->line_size / 2;

    for (size_t i = 0; i < size; i++) {
        const int high = digit_of(sms->line[2 * i]);
        const int low = digit_of(sms->line[2 * i + 1]);
        if (high < 0 || low < 0) {
            say("a line is no TPDU");
            return false;
        }
        wire[i] = (uint8_t)(high * 16 + low);
    }
    return take_tpdu(sms, lwsec_bytes_of(wire, size));
}

bool sms_take(lwm2m_sms *sms, char character)
{
    bool woken = false;

    if (character == '\n') {
        woken = take_line(sms);
        sms->line_size = 0;
    } else if (sms->line_size < SMS_LINE_MAX) {
        sms->line[sms->line_size++] = character;
    }
    return woken;
}
