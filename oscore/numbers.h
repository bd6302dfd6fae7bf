/* Reserving numbers and seals before they are used. RFC 8613 Appendix B.1.1. */
#ifndef LWSEC_OSCORE_NUMBERS_H
#define LWSEC_OSCORE_NUMBERS_H

#include "oscore/context.h"

/* Begins a life of the context: finds the record and goes on behind all that it has reserved.
 * LWSEC_ABSENT: there is none. LWSEC_USAGE: it belongs to contexts with another kind of window. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_begin(lwsec_oscore *context,
                                                         lwsec_reason *reason);

/* Stores that a block of numbers and seals from now on is used, and allows them. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_reserve(lwsec_oscore *context,
                                                           lwsec_reason *reason);

/* Whether little of the last block is left, and more can be had. */
bool lwsec_oscore_numbers_short(const lwsec_oscore *context);

/* Takes one seal, and one number if `number` is not NULL. Reserves first where nothing is left. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_take(lwsec_oscore *context, uint64_t *number,
                                                        lwsec_reason *reason);

/* Stores the count of failed opens: `all` of them, or when they have grown by a step since it was
 * last stored. Uses up nothing. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_save_failures(lwsec_oscore *context, bool all,
                                                                 lwsec_reason *reason);

/* Whether the record of a context with a state is still there. LWSEC_NEED_REKEY: another context
 * has replaced this one, and removed it. A context that has never had one passes. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_numbers_confirm(const lwsec_oscore *context,
                                                           lwsec_reason *reason);

#endif
