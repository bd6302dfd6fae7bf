/* The invariants: nothing twice, nothing that nobody sent, no nonce again. */
#include "tests/power/ledger.h"

#include "tests/power/counts.h"
#include "tests/power/failure.h"

#include <stdlib.h>
#include <string.h>

#define NONCES (1U << 21)
#define FULL (NONCES / 4 * 3)

typedef struct message {
    uint64_t about;
    uint8_t from;
    bool response;
    bool delivered;
} message;

static message *messages;
static uint64_t message_count = 1; /* 0 is no message */
static uint64_t message_room;

/* Open addressing; a seal without a nonce is a free place. */
static seal *nonces;

uint64_t ledger_message(unsigned from, bool response, uint64_t about)
{
    if (message_count >= message_room) {
        message_room = message_room * 2 + 1024;
        message *more = realloc(messages, message_room * sizeof *more);
        if (more == NULL) {
            wrong("no memory");
        }
        messages = more;
    }
    messages[message_count] = (message){about, (uint8_t)from, response, false};
    return message_count++;
}

void ledger_delivery(unsigned to, const delivery *noted)
{
    if (!noted->intact || noted->id == 0 || noted->id >= message_count) {
        wrong("peer %u was given what nobody sent", to);
    }
    message *given = &messages[noted->id];
    if (given->from == to || given->response != noted->response) {
        wrong("peer %u was given message %llu, which is not for it", to,
              (unsigned long long)noted->id);
    }
    if (given->delivered) {
        wrong("peer %u was given message %llu twice", to, (unsigned long long)noted->id);
    }
    if (given->response && given->about != noted->about) {
        wrong("peer %u took response %llu for one to request %llu", to,
              (unsigned long long)noted->id, (unsigned long long)noted->about);
    }
    given->delivered = true;
    counted.requests += !given->response;
    counted.responses += given->response;
}

static size_t place_of(const seal *noted)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    const uint8_t *bytes = (const uint8_t *)noted;

    for (size_t i = 0; i < sizeof *noted; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
    }
    return (size_t)(hash ^ hash >> 32) % NONCES;
}

void ledger_seal(unsigned by, const seal *noted)
{
    if (nonces == NULL) {
        nonces = box_memory(NONCES * sizeof *nonces);
    }
    size_t place = place_of(noted);
    for (; nonces[place].nonce_size != 0; place = (place + 1) % NONCES) {
        if (memcmp(&nonces[place], noted, sizeof *noted) == 0) {
            wrong("peer %u used a nonce again with the same key, the last bytes %02x%02x%02x", by,
                  noted->nonce[noted->nonce_size - 3], noted->nonce[noted->nonce_size - 2],
                  noted->nonce[noted->nonce_size - 1]);
        }
    }
    nonces[place] = *noted;
    counted.seals++;
    if (++counted.nonces > FULL) {
        wrong("too many seals to compare");
    }
}
