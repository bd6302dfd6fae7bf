/* Stands between the SMS packets and their store: sees the counter of each packet that is sealed.
 */
#ifndef LWSEC_TESTS_POWER_SMS_SPY_H
#define LWSEC_TESTS_POWER_SMS_SPY_H

#include <lwsec/store.h>

/* `number` tells the packets of one peer from those of the other, who has the same keys. */
void sms_spy_on(lwsec_store *store, uint8_t number);

/* The packet that was sealed last is given out from now on: it is noted. */
void sms_spy_note(void);

#endif
