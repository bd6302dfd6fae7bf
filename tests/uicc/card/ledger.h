/* What the card must not forget: counters, and the checksums of what it has sent. */
#ifndef LWSEC_TESTS_UICC_CARD_LEDGER_H
#define LWSEC_TESTS_UICC_CARD_LEDGER_H

#include "tests/uicc/card/packet.h"

enum { LEDGER_SENT = 8 };

struct ledger {
    const char *path;  /* of the file; NULL: nothing outlives the program */
    uint64_t received; /* highest counter that was accepted */
    uint64_t sent;     /* last counter that was used */
    uint32_t sequence; /* last sequence counter of SCP03 */
    uint8_t checks[LEDGER_SENT][PACKET_CHECK_MAX]; /* of the last packets sent: no reflection */
};

/* Reads the file if there is one. False: it cannot be read, or is no ledger. */
bool ledger_load(struct ledger *ledger);

/*
 * Each is durable when it answers true, and changes nothing when it answers false. Only then may
 * the packet be delivered, the sealed one leave the card, the challenge be told.
 */
bool ledger_accept(struct ledger *ledger, uint64_t counter);
bool ledger_send(struct ledger *ledger, uint64_t counter, const uint8_t check[PACKET_CHECK_MAX]);
bool ledger_next_sequence(struct ledger *ledger);

/* Whether the card has sent a packet with this checksum lately. */
bool ledger_has_sent(const struct ledger *ledger, const uint8_t check[PACKET_CHECK_MAX],
                     size_t size);

#endif
