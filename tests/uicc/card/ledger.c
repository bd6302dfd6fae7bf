/* The ledger's file: one line of hexadecimal text, replaced as a whole. */
#include "tests/uicc/card/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/uicc/card/scp03.h"

enum { LINE_MAX_SIZE = 512, PLACES = PACKET_CHECK_MAX * LEDGER_SENT };

static bool read_checks(FILE *file, struct ledger *ledger)
{
    for (size_t i = 0; i < PLACES; i++) {
        unsigned octet;

        if (fscanf(file, i % PACKET_CHECK_MAX == 0 ? " %2x" : "%2x", &octet) != 1) {
            return false;
        }
        ledger->checks[i / PACKET_CHECK_MAX][i % PACKET_CHECK_MAX] = (uint8_t)octet;
    }
    return true;
}

bool ledger_load(struct ledger *ledger)
{
    FILE *const file = ledger->path == NULL ? NULL : fopen(ledger->path, "r");
    struct ledger read = *ledger;

    if (file == NULL) {
        return ledger->path == NULL || errno == ENOENT;
    }
    const bool done = fscanf(file, "lwsec-test-card %" SCNx64 " %" SCNx64 " %" SCNx32,
                             &read.received, &read.sent, &read.sequence) == 3 &&
                      read_checks(file, &read) && read.received <= PACKET_COUNTER_MAX &&
                      read.sent <= PACKET_COUNTER_MAX && read.sequence <= SCP03_SEQUENCE_MAX;
    (void)fclose(file);
    if (done) {
        *ledger = read;
    }
    return done;
}

static int line_of(const struct ledger *ledger, char line[LINE_MAX_SIZE])
{
    int size = snprintf(line, LINE_MAX_SIZE, "lwsec-test-card %" PRIx64 " %" PRIx64 " %" PRIx32,
                        ledger->received, ledger->sent, ledger->sequence);

    for (size_t i = 0; i < PLACES; i++) {
        size += snprintf(line + size, (size_t)(LINE_MAX_SIZE - size), "%s%02x",
                         i % PACKET_CHECK_MAX == 0 ? " " : "",
                         ledger->checks[i / PACKET_CHECK_MAX][i % PACKET_CHECK_MAX]);
    }
    size += snprintf(line + size, (size_t)(LINE_MAX_SIZE - size), "\n");
    return size;
}

static bool write_durably(const char *path, const char *text, size_t size)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (file < 0) {
        return false;
    }
    const bool done = write(file, text, size) == (ssize_t)size && fsync(file) == 0;
    return close(file) == 0 && done;
}

static bool sync_folder_of(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *const end = strrchr(path, '/');

    if (end != NULL) {
        (void)snprintf(folder, sizeof(folder), "%.*s/", (int)(end - path), path);
    }
    const int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return false;
    }
    const bool done = fsync(opened) == 0;
    return close(opened) == 0 && done;
}

/* Makes `next` the ledger, in the file first. */
static bool store(struct ledger *ledger, const struct ledger *next)
{
    char line[LINE_MAX_SIZE], temporary[PATH_MAX];

    if (ledger->path != NULL) {
        const int size = snprintf(temporary, sizeof(temporary), "%s.new", ledger->path);
        if (size < 0 || (size_t)size >= sizeof(temporary) ||
            !write_durably(temporary, line, (size_t)line_of(next, line)) ||
            rename(temporary, ledger->path) != 0 || !sync_folder_of(ledger->path)) {
            return false;
        }
    }
    *ledger = *next;
    return true;
}

bool ledger_accept(struct ledger *ledger, uint64_t counter)
{
    struct ledger next = *ledger;

    next.received = counter;
    return counter > ledger->received && counter <= PACKET_COUNTER_MAX && store(ledger, &next);
}

bool ledger_send(struct ledger *ledger, uint64_t counter, const uint8_t check[PACKET_CHECK_MAX])
{
    struct ledger next = *ledger;

    next.sent = counter;
    memmove(&next.checks[1], &next.checks[0], sizeof(next.checks) - sizeof(next.checks[0]));
    memcpy(next.checks[0], check, PACKET_CHECK_MAX);
    return counter > ledger->sent && counter <= PACKET_COUNTER_MAX && store(ledger, &next);
}

bool ledger_next_sequence(struct ledger *ledger)
{
    struct ledger next = *ledger;

    next.sequence++;
    return next.sequence <= SCP03_SEQUENCE_MAX && store(ledger, &next);
}

bool ledger_has_sent(const struct ledger *ledger, const uint8_t check[PACKET_CHECK_MAX],
                     size_t size)
{
    static const uint8_t none[PACKET_CHECK_MAX];

    for (size_t i = 0; i < LEDGER_SENT; i++) {
        if (memcmp(ledger->checks[i], none, PACKET_CHECK_MAX) != 0 &&
            memcmp(ledger->checks[i], check, size) == 0) {
            return true;
        }
    }
    return false;
}
