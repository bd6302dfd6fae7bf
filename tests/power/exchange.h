/* Single steps of exchanges. Each judges what comes of it: what may not be ends the proof. */
#ifndef LWSEC_TESTS_POWER_EXCHANGE_H
#define LWSEC_TESTS_POWER_EXCHANGE_H

#include "tests/power/pair.h"

#include <stdnoreturn.h>

/* Tells the peer to send a request of that slot, kept in its `asked`. False: it died, or refused;
 * `said` tells. */
bool exchange_ask(pair *both, unsigned from, uint32_t slot, answer *said);

/* Gives a request to the peer it is for, and judges the answer, or leaves that to the caller.
 * False: it died. */
bool exchange_give(pair *both, const datagram *given, uint32_t slot, answer *said);
bool exchange_hand(pair *both, const datagram *given, uint32_t slot, answer *said);

/* A free slot for a request that comes, or any. */
uint32_t exchange_slot(const side *own);

/* Makes a response to what is held in `slot`. False: the peer died, or its context is replaced. */
bool exchange_respond(pair *both, unsigned from, uint32_t slot, datagram *made);

/* Gives a response to the request of that slot; the caller judges the answer. False: it died. */
bool exchange_collect(pair *both, const datagram *given, uint32_t slot, answer *said);

/* The client of Appendix B.2 begins it. */
void exchange_rekey(pair *both);

/* ---- What may be answered ---- */

/* Whether it is a plain refusal. Agreed contexts replace one another: what belongs to one before is
 * not authentic, or belongs to nothing that is known. */
bool exchange_refuses(const answer *said, bool keyed);

/* A forgery has to be refused. */
void exchange_check_forged(const datagram *given, bool keyed, const answer *said);

/* Ends the proof: a peer has answered what it may not. */
noreturn void exchange_wrong(const char *to_what, unsigned number, const answer *said);

#endif
