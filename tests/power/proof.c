/* How a proof begins: its arguments, its dice, a folder for the files of the peers. */
#include "tests/power/proof.h"

#include "tests/power/failure.h"
#include "tests/power/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char where[64];
static pid_t self;

static void leave(void)
{
    if (getpid() == self && rmdir(where) != 0) {
        (void)fprintf(stderr, "The files of the peers are in %s.\n", where);
    }
}

static unsigned long number_from(const char *text)
{
    char *end = NULL;
    const unsigned long number = strtoul(text, &end, 0);

    if (*text == '\0' || *end != '\0') {
        (void)fprintf(stderr, "%s is no number\n", text);
        exit(2);
    }
    return number;
}

unsigned long proof_begin(int count, char **arguments, const char *unit)
{
    if (count != 3) {
        (void)fprintf(stderr, "usage: %s %s SEED\n", arguments[0], unit);
        exit(2);
    }
    const unsigned long number = number_from(arguments[1]);
    (void)printf("seed %s\n", arguments[2]);
    random_seed(number_from(arguments[2]));
    (void)snprintf(where, sizeof where, "power-XXXXXX");
    if (mkdtemp(where) == NULL) {
        perror(where);
        exit(2);
    }
    self = getpid();
    (void)atexit(leave);
    return number;
}

const char *proof_folder(void)
{
    return where;
}

void proof_happened(const char *name, unsigned count)
{
    if (count == 0) {
        wrong("nothing was shown of this: %s", name);
    }
}
