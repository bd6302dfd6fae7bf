/* What was really sent, delivered and sealed, by the notes of the peers. */
#ifndef LWSEC_TESTS_POWER_LEDGER_H
#define LWSEC_TESTS_POWER_LEDGER_H

#include "tests/power/box.h"

/* A new message of `from` (0 or 1): its number, 1 and up. `about`: the request that it answers. */
uint64_t ledger_message(unsigned from, bool response, uint64_t about);

/* `to` was given a message: it must be one that the other side made, and not given before. */
void ledger_delivery(unsigned to, const delivery *noted);

/* A seal: its key must never have been used with this nonce. */
void ledger_seal(unsigned by, const seal *noted);

#endif
