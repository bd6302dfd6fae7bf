/* PC/SC through libpcsclite. */
#include "tests/uicc/card/reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WAIT_MS = 10000 };

static bool went_well(const char *what, LONG result)
{
    if (result != SCARD_S_SUCCESS) {
        (void)fprintf(stderr, "%s: %s\n", what, pcsc_stringify_error(result));
    }
    return result == SCARD_S_SUCCESS;
}

bool reader_open(struct reader *reader)
{
    DWORD size = sizeof(reader->names);

    *reader = (struct reader){0};
    return went_well("SCardEstablishContext",
                     SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &reader->context)) &&
           went_well("SCardListReaders",
                     SCardListReaders(reader->context, NULL, reader->names, &size));
}

bool reader_wait(struct reader *reader)
{
    SCARD_READERSTATE state = {.szReader = reader->names, .dwCurrentState = SCARD_STATE_UNAWARE};
    LONG result;

    do {
        result = SCardGetStatusChange(reader->context, WAIT_MS, &state, 1);
        state.dwCurrentState = state.dwEventState;
    } while (result == SCARD_S_SUCCESS && (state.dwEventState & SCARD_STATE_PRESENT) == 0);
    return went_well("SCardGetStatusChange", result);
}

bool reader_connect(struct reader *reader)
{
    DWORD protocol = 0;

    return went_well("SCardConnect",
                     SCardConnect(reader->context, reader->names, SCARD_SHARE_SHARED,
                                  SCARD_PROTOCOL_T0, &reader->card, &protocol)) &&
           protocol == SCARD_PROTOCOL_T0;
}

void reader_close(struct reader *reader)
{
    if (reader->card != 0) {
        (void)SCardDisconnect(reader->card, SCARD_LEAVE_CARD);
    }
    if (reader->context != 0) {
        (void)SCardReleaseContext(reader->context);
    }
}

bool reader_begin(struct reader *reader)
{
    return went_well("SCardBeginTransaction", SCardBeginTransaction(reader->card));
}

void reader_end(struct reader *reader)
{
    (void)SCardEndTransaction(reader->card, SCARD_LEAVE_CARD);
}

unsigned reader_once(const struct reader *reader, struct octets command, struct room *data)
{
    uint8_t response[READER_RESPONSE];
    DWORD size = sizeof(response);

    if (!went_well("SCardTransmit", SCardTransmit(reader->card, SCARD_PCI_T0, command.data,
                                                  command.size, NULL, response, &size)) ||
        size < 2) {
        return 0;
    }
    if (data != NULL) {
        room_put(data, (struct octets){response, size - 2});
    }
    return (unsigned)(response[size - 2] << 8 | response[size - 1]);
}

unsigned reader_send(const struct reader *reader, struct octets command, struct room *data)
{
    unsigned status = reader_once(reader, command, data);

    if (status >> 8 == 0x6C && command.size >= 4) {
        uint8_t again[5];

        memcpy(again, command.data, 4);
        again[4] = (uint8_t)status;
        status = reader_once(reader, (struct octets){again, sizeof(again)}, data);
    }
    while (status >> 8 == 0x61) {
        const uint8_t get[] = {command.data[0] & 0x03, 0xC0, 0, 0, (uint8_t)status};

        status = reader_once(reader, (struct octets){get, sizeof(get)}, data);
    }
    return status;
}

bool reader_hex(const char *text, struct room *room)
{
    unsigned octet;

    for (; text[0] != 0; text += 2) {
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
            sscanf(text, "%2x", &octet) != 1) {
            return false;
        }
        room_put_number(room, 1, octet);
    }
    return !room->full;
}
