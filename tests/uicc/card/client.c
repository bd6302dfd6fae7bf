/* A client of pcscd that meets the test card, and tells how fast it answers. */
#include "tests/uicc/card/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 1000 };

static bool expect(const struct reader *reader, const char *hex, unsigned status, size_t size)
{
    uint8_t command_bytes[261], bytes[READER_RESPONSE];
    struct room command = ROOM_OF(command_bytes), data = ROOM_OF(bytes);

    if (!reader_hex(hex, &command)) {
        return false;
    }
    const unsigned got = reader_once(reader, room_octets(&command), &data);
    if (got != status || data.size != size) {
        (void)fprintf(stderr, "%s: %04x and %zu octets, not %04x and %zu\n", hex, got, data.size,
                      status, size);
        return false;
    }
    return true;
}

static bool exchange(const struct reader *reader)
{
    return expect(reader, "00a404000ad2760001184c574d324d", 0x6115, 0) &&
           expect(reader, "00c0000015", 0x9000, 0x15) && expect(reader, "80ca000000", 0x6a88, 0) &&
           expect(reader, "80503000080102030405060708", 0x6120, 0) &&
           expect(reader, "00c0000020", 0x9000, 0x20) &&
           expect(reader, "848233001000000000000000000000000000000000", 0x6300, 0) &&
           expect(reader, "00a4040c0ca000000063504b43532d3135", 0x9000, 0) &&
           expect(reader, "00a4000c026432", 0x9000, 0) && expect(reader, "00b0000000", 0x6c2f, 0) &&
           expect(reader, "00b000002f", 0x9000, 0x2f);
}

/* Nothing is judged by it. */
static bool measure(const struct reader *reader)
{
    struct timespec from, to;

    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < ROUNDS; i++) {
        if (!expect(reader, "00b0000010", 0x9000, 0x10)) {
            return false;
        }
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    const double seconds =
        (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    (void)printf("%d commands in %.3f s: %.0f a second\n", ROUNDS, seconds, ROUNDS / seconds);
    return true;
}

int main(int count, char **arguments)
{
    const bool only_wait = count == 2 && strcmp(arguments[1], "wait") == 0;
    struct reader reader;
    const bool done =
        reader_open(&reader) && reader_wait(&reader) &&
        (only_wait || (reader_connect(&reader) && exchange(&reader) && measure(&reader)));

    reader_close(&reader);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
