/* Reads options, numbers and files. */
#include "tests/uicc/card/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VPCD = 1,
    AID,
    GET_DATA,
    PARAMETERS,
    KEYS,
    CHECK_SIZE,
    TAG,
    SENDER,
    RECEIVED,
    SENT,
    LEDGER,
    SCP03_ENC,
    SCP03_MAC_KEY,
    SCP03_VERSION,
    REQUIRE_SCP03,
    BOOTSTRAP,
    TRANSPARENT_DIR,
    TRACE,
    HELP
};

static const struct option names[] = {
    {"vpcd", required_argument, NULL, VPCD},
    {"aid", required_argument, NULL, AID},
    {"get-data", required_argument, NULL, GET_DATA},
    {"params", required_argument, NULL, PARAMETERS},
    {"keys", required_argument, NULL, KEYS},
    {"check-size", required_argument, NULL, CHECK_SIZE},
    {"tag", required_argument, NULL, TAG},
    {"sender", required_argument, NULL, SENDER},
    {"received", required_argument, NULL, RECEIVED},
    {"sent", required_argument, NULL, SENT},
    {"ledger", required_argument, NULL, LEDGER},
    {"scp03-enc", required_argument, NULL, SCP03_ENC},
    {"scp03-mac", required_argument, NULL, SCP03_MAC_KEY},
    {"scp03-version", required_argument, NULL, SCP03_VERSION},
    {"require-scp03", no_argument, NULL, REQUIRE_SCP03},
    {"bootstrap", required_argument, NULL, BOOTSTRAP},
    {"transparent-dir", no_argument, NULL, TRANSPARENT_DIR},
    {"trace", no_argument, NULL, TRACE},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "uicc-card [OPTION...]: a UICC with the LwM2M application, behind vpcd\n"
    "  --vpcd HOST:PORT      where vpcd listens (127.0.0.1:35963)\n"
    "  --aid HEX             of the LwM2M application (d2760001184c574d324d)\n"
    "  --get-data HEX        P1 P2 of GET DATA (0000)\n"
    "  --params HEX          KIc KID SPI1 SPI2 TAR of secured packets\n"
    "  --keys HEX            the key of KIc, then the key of KID\n"
    "  --check-size N        octets of the checksum: 8, or 4 with AES (8)\n"
    "  --tag HEX             of the BER-TLV in a packet, and CoAP_TAG (05)\n"
    "  --sender NUMBER       hears nobody else, as +4915112345678\n"
    "  --received N          highest counter received, without a ledger yet (0)\n"
    "  --sent N              last counter used, without a ledger yet (0)\n"
    "  --ledger FILE         keeps counters there\n"
    "  --scp03-enc HEX       static ENC key of SCP03, AES of 16, 24 or 32 octets\n"
    "  --scp03-mac HEX       static MAC key of SCP03\n"
    "  --scp03-version HEX   key version number (30)\n"
    "  --require-scp03       GET DATA and STORE DATA only at security level 33\n"
    "  --bootstrap FILE      content of EF(LwM2M_Bootstrap)\n"
    "  --transparent-dir     EF(DIR) without records\n"
    "  --trace               prints commands and responses\n";

static int digit(char character)
{
    static const char digits[] = "0123456789abcdef";
    const char lower = (char)(character | 0x20);
    const char *const at = character == 0 ? NULL : strchr(digits, lower);

    return at == NULL ? -1 : (int)(at - digits);
}

static bool put_hex(const char *text, struct room *room)
{
    for (; *text != 0; text += 2) {
        const int high = digit(text[0]), low = digit(text[1]);

        if (high < 0 || low < 0) {
            return false;
        }
        room_put_number(room, 1, (uint64_t)(high << 4 | low));
    }
    return !room->full;
}

static bool hex(const char *text, uint8_t *data, size_t capacity, struct octets *octets)
{
    struct room room = {.data = data, .capacity = capacity};

    if (!put_hex(text, &room)) {
        return false;
    }
    *octets = room_octets(&room);
    return octets->size > 0;
}

static bool number_of(const char *text, int base, uint64_t most, uint64_t *number)
{
    char *end = NULL;
    const unsigned long long value = strtoull(text, &end, base);

    *number = value;
    return *text != 0 && *text != '-' && *end == 0 && value <= most;
}

bool options_address(const char *number, struct room *address)
{
    const bool international = *number == '+';
    const char *const digits = number + (international ? 1 : 0);
    const size_t count = strlen(digits);

    if (count == 0 || count > 20 || strspn(digits, "0123456789") != count) {
        return false;
    }
    room_put_number(address, 1, count);
    room_put_number(address, 1, international ? 0x91 : 0x81);
    for (size_t i = 0; i < count; i += 2) {
        const int high = i + 1 < count ? digits[i + 1] - '0' : 0x0F;

        room_put_number(address, 1, (uint64_t)(high << 4 | (digits[i] - '0')));
    }
    return !address->full;
}

static bool read_sender(struct options *options, const char *text)
{
    struct room address = ROOM_OF(options->sender);

    if (!options_address(text, &address)) {
        return false;
    }
    options->setup.sender = room_octets(&address);
    return true;
}

static bool read_file(struct options *options, const char *path)
{
    FILE *const file = fopen(path, "rb");

    if (file == NULL) {
        return false;
    }
    const size_t size = fread(options->bootstrap, 1, sizeof(options->bootstrap), file);
    const bool whole = fgetc(file) == EOF && ferror(file) == 0;
    (void)fclose(file);
    options->setup.bootstrap = (struct octets){options->bootstrap, size};
    return whole && size > 0;
}

static bool read_place(struct options *options, char *text)
{
    char *const colon = strrchr(text, ':');

    if (colon == NULL) {
        return false;
    }
    *colon = 0;
    options->host = text;
    options->port = colon + 1;
    return true;
}

static bool read_option(struct options *options, int option, char *text)
{
    struct card_setup *const setup = &options->setup;
    uint64_t number = 0;
    bool right = true;

    switch (option) {
    case VPCD: return read_place(options, text);
    case AID: return hex(text, options->aid, sizeof(options->aid), &setup->aid);
    case GET_DATA:
        right = number_of(text, 16, 0xFFFF, &number);
        setup->get_data = (uint16_t)number;
        return right;
    case PARAMETERS:
        return hex(text, options->parameters, sizeof(options->parameters), &setup->parameters);
    case KEYS: return hex(text, options->keys, sizeof(options->keys), &setup->keys);
    case CHECK_SIZE:
        right = number_of(text, 10, 8, &number);
        setup->check_size = (size_t)number;
        return right;
    case TAG:
        right = number_of(text, 16, 0xFF, &number);
        setup->tag = (uint8_t)number;
        return right;
    case SENDER: return read_sender(options, text);
    case RECEIVED: return number_of(text, 10, PACKET_COUNTER_MAX, &setup->received);
    case SENT: return number_of(text, 10, PACKET_COUNTER_MAX, &setup->sent);
    case LEDGER: setup->ledger = text; return true;
    case SCP03_ENC: return hex(text, options->enc, sizeof(options->enc), &setup->scp03_enc);
    case SCP03_MAC_KEY: return hex(text, options->mac, sizeof(options->mac), &setup->scp03_mac);
    case SCP03_VERSION:
        right = number_of(text, 16, 0xFF, &number);
        setup->scp03_version = (uint8_t)number;
        return right;
    case REQUIRE_SCP03: setup->require_secure_channel = true; return true;
    case BOOTSTRAP: return read_file(options, text);
    case TRANSPARENT_DIR: setup->transparent_ef_dir = true; return true;
    case TRACE: options->trace = true; return true;
    case HELP: (void)fputs(usage, stdout); exit(0);
    default: return false;
    }
}

bool options_read(struct options *options, int count, char **arguments)
{
    int option, index = 0;

    *options = (struct options){.host = "127.0.0.1", .port = "35963"};
    options->setup.scp03_version = 0x30;
    while ((option = getopt_long(count, arguments, "", names, &index)) != -1) {
        if (option == '?') {
            return false; /* getopt has said it */
        }
        if (!read_option(options, option, optarg)) {
            (void)fprintf(stderr, "uicc-card: the value of --%s is not right\n", names[index].name);
            return false;
        }
    }
    if (optind != count) {
        (void)fprintf(stderr, "uicc-card: %s is no option\n", arguments[optind]);
        return false;
    }
    return true;
}
