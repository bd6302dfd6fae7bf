/* A modem's part beside the card in pcscd's reader: brings short messages to it and takes them. */
#include "tests/uicc/card/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROACTIVE = 0xD0, DOWNLOAD = 0xD1, DETAILS = 0x81, TPDU = 0x8B };

static const char usage[] =
    "uicc-card-terminal envelope TPDU...  gives SMS-DELIVERs to the card, in hexadecimal; prints\n"
    "                                     what the card answers to the network, a line for each\n"
    "uicc-card-terminal fetch             prints the SMS-SUBMITs that the card wants to send\n"
    "uicc-card-terminal apdu COMMAND...   sends commands; prints data and status of each\n";

static void print(struct octets octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        (void)printf("%02x", octets.data[i]);
    }
}

static bool is_done(unsigned status)
{
    if (status != 0x9000 && status >> 8 != 0x91) {
        (void)fprintf(stderr, "uicc-card-terminal: the card answers %04x\n", status);
        return false;
    }
    return true;
}

static bool envelope(const struct reader *reader, const char *hex)
{
    static const uint8_t head[] = {0x80, 0xC2, 0, 0}, identities[] = {0x82, 0x02, 0x83, 0x81};
    uint8_t tpdu_bytes[180], object_bytes[200], download_bytes[210], command_bytes[261], bytes[512];
    struct room tpdu = ROOM_OF(tpdu_bytes), objects = ROOM_OF(object_bytes);
    struct room download = ROOM_OF(download_bytes), command = ROOM_OF(command_bytes);
    struct room answer = ROOM_OF(bytes);

    if (!reader_hex(hex, &tpdu)) {
        (void)fprintf(stderr, "uicc-card-terminal: that is no TPDU\n");
        return false;
    }
    room_put(&objects, (struct octets){identities, sizeof(identities)});
    room_put_tlv(&objects, TPDU, room_octets(&tpdu));
    room_put_tlv(&download, DOWNLOAD, room_octets(&objects));
    room_put(&command, (struct octets){head, sizeof(head)});
    room_put_number(&command, 1, download.size);
    room_put(&command, room_octets(&download));
    if (!is_done(reader_send(reader, room_octets(&command), &answer))) {
        return false;
    }
    print(room_octets(&answer));
    (void)putchar('\n');
    return true;
}

/* The SMS-SUBMIT in a proactive command, and the command's details. */
static bool read_command(struct octets command, struct octets *details, struct octets *submit)
{
    struct octets objects, value;
    uint8_t tag;

    *details = *submit = (struct octets){0};
    if (!octets_take_tlv(&command, &tag, &objects) || tag != PROACTIVE) {
        return false;
    }
    while (octets_take_tlv(&objects, &tag, &value)) {
        if (tag == DETAILS) {
            *details = value;
        } else if (tag == TPDU) {
            *submit = value;
        }
    }
    return details->size > 0 && submit->size > 0;
}

static unsigned fetch_one(const struct reader *reader, uint8_t size)
{
    static const uint8_t head[] = {0x80, 0x14, 0, 0, 12};
    static const uint8_t sent[] = {0x82, 0x02, 0x82, 0x81, 0x83, 0x01, 0x00};
    const uint8_t fetch[] = {0x80, 0x12, 0, 0, size};
    uint8_t bytes[256], response_bytes[32];
    struct room command = ROOM_OF(bytes), response = ROOM_OF(response_bytes);
    struct octets details, submit;

    if (!is_done(reader_send(reader, (struct octets){fetch, sizeof(fetch)}, &command)) ||
        !read_command(room_octets(&command), &details, &submit)) {
        return 0;
    }
    print(submit);
    (void)putchar('\n');
    room_put(&response, (struct octets){head, sizeof(head)});
    room_put_tlv(&response, DETAILS, details);
    room_put(&response, (struct octets){sent, sizeof(sent)});
    return reader_send(reader, room_octets(&response), NULL);
}

static bool fetch(const struct reader *reader)
{
    static const uint8_t ask[] = {0x80, 0xF2, 0x00, 0x0C};
    unsigned status = reader_send(reader, (struct octets){ask, sizeof(ask)}, NULL);

    while (status >> 8 == 0x91) {
        status = fetch_one(reader, (uint8_t)status);
    }
    return is_done(status);
}

static bool apdu(const struct reader *reader, const char *hex)
{
    uint8_t command_bytes[261], bytes[1024];
    struct room command = ROOM_OF(command_bytes), data = ROOM_OF(bytes);

    if (!reader_hex(hex, &command) || command.size < 4) {
        (void)fprintf(stderr, "uicc-card-terminal: that is no command\n");
        return false;
    }
    const unsigned status = reader_send(reader, room_octets(&command), &data);
    print(room_octets(&data));
    (void)printf("%s%04x\n", data.size > 0 ? " " : "", status);
    return status != 0;
}

static bool run(const struct reader *reader, int count, char **arguments)
{
    bool done = count > 0;

    if (strcmp(arguments[0], "fetch") == 0) {
        return count == 1 && fetch(reader);
    }
    for (int i = 1; done && i < count; i++) {
        if (strcmp(arguments[0], "envelope") == 0) {
            done = envelope(reader, arguments[i]);
        } else {
            done = strcmp(arguments[0], "apdu") == 0 && apdu(reader, arguments[i]);
        }
    }
    return done && count > 1;
}

int main(int count, char **arguments)
{
    struct reader reader;
    bool done = false;

    if (count < 2 || (strcmp(arguments[1], "fetch") != 0 && count < 3)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (reader_open(&reader) && reader_wait(&reader) && reader_connect(&reader) &&
        reader_begin(&reader)) {
        done = run(&reader, count - 1, arguments + 1);
        reader_end(&reader);
    }
    reader_close(&reader);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
