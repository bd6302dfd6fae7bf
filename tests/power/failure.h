/* How the proof fails: with what was wrong, and with the last things that happened before. */
#ifndef LWSEC_TESTS_POWER_FAILURE_H
#define LWSEC_TESTS_POWER_FAILURE_H

#include <stdnoreturn.h>

/* Something that happened: the last ones are told when something is wrong. */
__attribute__((format(printf, 1, 2))) void happened_now(const char *format, ...);

/* Prints it and ends the program with 1. */
__attribute__((format(printf, 1, 2))) noreturn void wrong(const char *format, ...);

#endif
