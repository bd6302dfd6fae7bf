/* The last things that happened, and the end of the program. */
#include "tests/power/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES 24U

static char lines[LINES][160];
static unsigned count;

void happened_now(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(lines[count++ % LINES], sizeof lines[0], format, arguments);
    va_end(arguments);
}

noreturn void wrong(const char *format, ...)
{
    va_list arguments;

    (void)fflush(stdout);
    for (unsigned i = count > LINES ? count - LINES : 0; i < count; i++) {
        (void)fprintf(stderr, "  %s\n", lines[i % LINES]);
    }
    (void)fputs("FAILED: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}
