/* One client and one server context, and messages of a given size to pass between them. */
#ifndef LWSEC_BENCH_EXCHANGE_H
#define LWSEC_BENCH_EXCHANGE_H

#include "bench/engine.h"

#include <lwsec/oscore.h>

/* Messages are made and opened by the batch, so that only one side stands between two looks at the
 * clock. */
#define BATCH 256U
#define MESSAGE_MAX 1200U

typedef struct exchange exchange;

exchange *exchange_open(const engine *with, size_t payload);
void exchange_close(exchange *x);

/* BATCH requests, protected and unprotected wire to wire. */
void exchange_protect(exchange *x);
void exchange_unprotect(exchange *x);

/* What the raw AEAD gets to do for the same message: payload and 10 bytes more. */
size_t exchange_text_size(size_t payload);
lwsec_bytes exchange_aad(void);

#endif
