/* Reserving numbers and seals before they are used. RFC 8613 Appendix B.1.1. */
#ifndef LWSEC_OSCORE_NUMBERS_H
#define LWSEC_OSCORE_NUMBERS_H

#include "oscore/context.h"

/* Finds the record. LWSEC_ABSENT: there is none. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_load(lwsec_oscore *context,
                                                        lwsec_reason *reason);

/* Stores that a block of numbers and seals from now on is used, and allows them. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_reserve(lwsec_oscore *context,
                                                           lwsec_reason *reason);

/* Takes one seal, and one number if `number` is not NULL. Reserves first where nothing is left. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_take(lwsec_oscore *context, uint64_t *number,
                                                        lwsec_reason *reason);

/* Before an open: stores the count of failed opens when it has grown by a step since it was last
 * stored. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_save_failures(lwsec_oscore *context,
                                                                 lwsec_reason *reason);

#endif
