/* Commands as they go over the transport: octets, GET RESPONSE, and the right Le. */
#ifndef LWSEC_UICC_RAW_H
#define LWSEC_UICC_RAW_H

#include <lwsec/apdu.h>

/* The class octet on a logical channel: `cla` is 00 or 80. */
uint8_t lwsec_apdu_class(uint8_t cla, uint8_t channel, bool secure);

/*
 * Sends a command whose CLA is final, and gathers the data of the answer in `response`, behind what
 * its `size` says is there already. The status word goes to `card->sw`. On any answer but LWSEC_OK
 * `response` is as it was. `continued` is the CLA of GET RESPONSE.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_apdu_raw(lwsec_apdu *card, const lwsec_apdu_command *command,
                                             uint8_t continued, lwsec_buffer *response,
                                             lwsec_reason *reason);

/* Sends a command in the clear on the card's channel, whatever security it has. */
LWSEC_MUST_CHECK lwsec_status lwsec_apdu_plain(lwsec_apdu *card, const lwsec_apdu_command *command,
                                               lwsec_buffer *response, lwsec_reason *reason);

/*
 * What to answer for the card's status word: LWSEC_OK for 9000, LWSEC_ABSENT for `absent` (0: for
 * none, as a card may say 0000, too). 91xx is
 * 9000 and the news that a proactive command waits (TS 102 221 section 10.2.1.1). Where answers
 * have a MAC it comes without one, and would be anybody's word.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_apdu_judge(const lwsec_apdu *card, uint16_t absent,
                                               lwsec_reason *reason);

#endif
