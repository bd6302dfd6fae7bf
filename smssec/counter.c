/* The four counter modes: TS 102 225 section 5.1.4. */
#include <lwsec/sms_packet.h>

#include "core/reason.h"

static lwsec_status refuse(lwsec_status answer, lwsec_why why, uint8_t por, uint8_t *status,
                           lwsec_reason *reason)
{
    *status = por;
    return lwsec_refuse(answer, why, 0, reason);
}

lwsec_status lwsec_sms_counter_check(uint8_t spi1, uint64_t stored, uint64_t counter,
                                     uint8_t *status, lwsec_reason *reason)
{
    const uint8_t mode = spi1 & LWSEC_SMS_SPI1_COUNTER;

    *status = LWSEC_SMS_POR_OK;
    if (mode == LWSEC_SMS_SPI1_COUNTER_NONE || mode == LWSEC_SMS_SPI1_COUNTER_UNCHECKED) {
        return lwsec_accept(reason);
    }
    if (stored >= LWSEC_SMS_COUNTER_MAX) {
        return refuse(LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END, LWSEC_SMS_POR_COUNTER_BLOCKED,
                      status, reason);
    }
    if (counter <= stored || counter > LWSEC_SMS_COUNTER_MAX) {
        return refuse(LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER, LWSEC_SMS_POR_COUNTER_LOW, status,
                      reason);
    }
    if (mode == LWSEC_SMS_SPI1_COUNTER_NEXT && counter != stored + 1) {
        return refuse(LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER, LWSEC_SMS_POR_COUNTER_HIGH, status,
                      reason);
    }
    return lwsec_accept(reason);
}
