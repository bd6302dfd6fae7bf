/* Rounds of a measurement: times, and what stands in the middle of them. */
#ifndef LWSEC_BENCH_ROUNDS_H
#define LWSEC_BENCH_ROUNDS_H

#include <stddef.h>

/* Nanoseconds that this process has had a processor. */
double cpu_ns(void);

/* Sorts the values; the one in the middle of them. */
double median(double *values, size_t count);

#endif
