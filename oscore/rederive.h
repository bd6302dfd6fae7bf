/* What both sides of Appendix B.2 do: contexts with another ID Context, and their record. */
#ifndef LWSEC_OSCORE_REDERIVE_INSIDE_H
#define LWSEC_OSCORE_REDERIVE_INSIDE_H

#include <lwsec/oscore_rederive.h>

#include "oscore/context.h"

/* An ID Context that is put together: R2 and what follows it. */
typedef struct lwsec_oscore_joined {
    uint8_t data[LWSEC_OSCORE_AGREED_ID_MAX];
    size_t size;
} lwsec_oscore_joined;

/* Joins two parts; false if they are too long. */
bool lwsec_oscore_join(lwsec_oscore_joined *joined, lwsec_bytes first, lwsec_bytes second);

/* Memory for a context of one step, which ends with it. */
#define LWSEC_OSCORE_STEP_WORDS (LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8U)
typedef struct lwsec_oscore_step {
    uint64_t memory[LWSEC_OSCORE_STEP_WORDS];
} lwsec_oscore_step;

/* A context of the inputs with another ID Context, for one step: with a window of its own. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_step_make(lwsec_oscore_step *step,
                                                     const lwsec_oscore_config *inputs,
                                                     lwsec_bytes id_context, lwsec_oscore **context,
                                                     lwsec_reason *reason);

/* A context of the inputs with an ID Context that was agreed or is being agreed. It has no record
 * yet, and wraps its kid context. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_agree(void *memory, size_t size,
                                                 const lwsec_oscore_config *inputs,
                                                 lwsec_bytes id_context, lwsec_oscore **context,
                                                 lwsec_reason *reason);

/* Whether requests go by the first context now: they ask for R2, and nobody delivers them. */
bool lwsec_oscore_rederive_asks(const lwsec_oscore_rederive *rederive);

/*
 * Makes an agreed context the one that counts: its kid context is wrapped no more. Gives it its
 * record, notes its ID Context for lwsec_oscore_rederive_resume, removes the records of the one
 * that was agreed before. Without a state, nothing is kept.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_settle(lwsec_oscore *context,
                                                  const lwsec_oscore_config *inputs,
                                                  lwsec_reason *reason);

#endif
