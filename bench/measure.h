/* The two ways to measure: time, and instructions under callgrind. */
#ifndef LWSEC_BENCH_MEASURE_H
#define LWSEC_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of nanoseconds and ratios. */
int print_times(void);

/* A table of instructions; `program` is this program, to run it under callgrind. */
int print_instructions(const char *program);

/* Counts for 32 bytes against the limits of `engines`; 1 when one is missed. */
int check_instructions(const char *program);

/* One measured run: `what` is protect, unprotect, seal or open. */
int run_batches(const char *engine_name, const char *what, size_t payload, unsigned batches);

/* Instructions of a whole run of a command, as callgrind counts them; 0 if it could not be run. */
unsigned long long count_instructions(const char *run);

/* Handshakes over each engine; with `check`, 1 if instructions or heap are over their limits. */
int print_dtls(const char *program, bool check);

/* So many handshakes: `kind` is lwsec or bare, `mode` psk or x509. */
int run_handshakes(const char *name, const char *kind, const char *mode, unsigned count);

/* Keys in the token of the environment; with `check`, 1 if they cost more than they may. */
int print_keystore(bool check);

/* SMS packets of one and three TPDUs; with `check`, 1 if a ratio is over its limit. */
int print_sms(bool check);

/* Durable stores a second in a new folder below `folder`, of so many records; SQLite of `many`,
 * too, unless that is 0. In a build with SQLite. */
int print_state(const char *folder, uint32_t records, uint32_t many);

#endif
