/* The SMS channel of a client whose end-point is a smartcard: clause 5.4.2.1.2, Appendix H. */
#ifndef LWM2M_CARD_H
#define LWM2M_CARD_H

#include <lwsec/apdu_pcsc.h>
#include <lwsec/scp03.h>

#include "sms.h"

/* The card of the first reader, and the secure channel to its LwM2M application. */
typedef struct lwm2m_card {
    _Alignas(uint64_t) uint8_t pcsc_memory[LWSEC_PCSC_SIZE];
    _Alignas(uint64_t) uint8_t session_memory[LWSEC_SCP03_SIZE];
    lwsec_apdu apdu;
    lwsec_pcsc *pcsc;
    lwsec_scp03 *session;
    lwsec_sms_channel channel;
} lwm2m_card;

/* Connects, and opens the secure channel with the keys of file `keys`: K-ENC, then K-MAC. Prints
 * what is wrong where it cannot. */
bool card_open(lwm2m_card *card, const lwm2m_side *side, const char *keys);
void card_close(lwm2m_card *card);

/* Fetches what the card has opened. True when one of these messages asks for an update of the
 * registration. */
bool card_take(lwm2m_card *card);

#endif
