/* A client of pcscd that meets the test card: `wait`, or the way to a secure channel. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <winscard.h>

enum { READERS_MAX = 1024, RESPONSE_MAX = 258, ROUNDS = 1000, WAIT_MS = 10000 };

struct connection {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    char readers[READERS_MAX];
};

static bool failed(const char *what, LONG result)
{
    if (result == SCARD_S_SUCCESS) {
        return false;
    }
    (void)fprintf(stderr, "%s: %s\n", what, pcsc_stringify_error(result));
    return true;
}

/* The first reader, when it shows a card. */
static bool wait_for_card(struct connection *connection)
{
    DWORD size = sizeof(connection->readers);
    SCARD_READERSTATE state = {.dwCurrentState = SCARD_STATE_UNAWARE};
    LONG result;

    if (failed("SCardListReaders",
               SCardListReaders(connection->context, NULL, connection->readers, &size))) {
        return false;
    }
    state.szReader = connection->readers;
    do {
        result = SCardGetStatusChange(connection->context, WAIT_MS, &state, 1);
        state.dwCurrentState = state.dwEventState;
    } while (result == SCARD_S_SUCCESS && (state.dwEventState & SCARD_STATE_PRESENT) == 0);
    return !failed("SCardGetStatusChange", result);
}

static bool connect_card(struct connection *connection)
{
    DWORD protocol = 0;

    if (failed("SCardConnect",
               SCardConnect(connection->context, connection->readers, SCARD_SHARE_SHARED,
                            SCARD_PROTOCOL_T0, &connection->card, &protocol))) {
        return false;
    }
    return protocol == SCARD_PROTOCOL_T0;
}

/* The status, and the data before it. */
static unsigned transmit(const struct connection *connection, const char *hex,
                         uint8_t response[RESPONSE_MAX], size_t *size)
{
    uint8_t command[261];
    DWORD count = 0, got = RESPONSE_MAX;
    unsigned octet;

    while (sscanf(hex + 2 * count, "%2x", &octet) == 1) {
        command[count++] = (uint8_t)octet;
    }
    if (failed("SCardTransmit", SCardTransmit(connection->card, SCARD_PCI_T0, command, count, NULL,
                                              response, &got)) ||
        got < 2) {
        return 0;
    }
    *size = got - 2;
    return (unsigned)(response[got - 2] << 8 | response[got - 1]);
}

static bool expect(const struct connection *connection, const char *hex, unsigned status,
                   size_t size)
{
    uint8_t response[RESPONSE_MAX];
    size_t got_size = 0;
    const unsigned got = transmit(connection, hex, response, &got_size);

    if (got != status || got_size != size) {
        (void)fprintf(stderr, "%s: %04x and %zu octets, not %04x and %zu\n", hex, got, got_size,
                      status, size);
        return false;
    }
    return true;
}

static bool exchange(const struct connection *connection)
{
    return expect(connection, "00a404000ad2760001184c574d324d", 0x6115, 0) &&
           expect(connection, "00c0000015", 0x9000, 0x15) &&
           expect(connection, "80ca000000", 0x6a88, 0) &&
           expect(connection, "80503000080102030405060708", 0x6120, 0) &&
           expect(connection, "00c0000020", 0x9000, 0x20) &&
           expect(connection, "848233001000000000000000000000000000000000", 0x6300, 0) &&
           expect(connection, "00a4040c0ca000000063504b43532d3135", 0x9000, 0) &&
           expect(connection, "00a4000c026432", 0x9000, 0) &&
           expect(connection, "00b0000000", 0x6c2f, 0) &&
           expect(connection, "00b000002f", 0x9000, 0x2f);
}

/* Tells how fast it is, and judges nothing by it. */
static bool measure(const struct connection *connection)
{
    struct timespec from, to;

    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < ROUNDS; i++) {
        if (!expect(connection, "00b0000010", 0x9000, 0x10)) {
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
    struct connection connection = {0};
    const bool only_wait = count == 2 && strcmp(arguments[1], "wait") == 0;
    bool done = false;

    if (failed("SCardEstablishContext",
               SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &connection.context))) {
        return EXIT_FAILURE;
    }
    if (wait_for_card(&connection)) {
        done = only_wait ||
               (connect_card(&connection) && exchange(&connection) && measure(&connection));
    }
    if (connection.card != 0) {
        (void)SCardDisconnect(connection.card, SCARD_LEAVE_CARD);
    }
    (void)SCardReleaseContext(connection.context);
    if (done && !only_wait) {
        (void)puts("ok");
    }
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
