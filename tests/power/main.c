/* The proof that OSCORE outlives power cuts: random exchanges between peers that are killed.
 *
 * Each peer is a process (peer.c) with an OSCORE context over real files (end.c). It shares memory
 * with this program (box.h), in which it notes each seal before it is done (spy.c), each delivery,
 * and each change of its files (medium.c). It is killed by SIGKILL at a random instant, or kills
 * itself so at a chosen step. Then its files stay as they are, or the power was cut too: of what
 * was not synced anything may be lost, torn, or there (host.c).
 *
 * Between two peers is a network that loses, doubles, delays, replays and forges (network.c).
 * traffic.c makes the exchanges out of the steps of exchange.c, recovery.c sees that requests go
 * through again after each restart, stories.c deletes, floods and loses whole accounts, ledger.c
 * holds what must never be: a nonce twice with one key, a message delivered twice, or one that
 * nobody sent.
 */
#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/random.h"
#include "tests/power/recovery.h"
#include "tests/power/stories.h"
#include "tests/power/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXCHANGES_PER_PAIR 200U
#define EXCHANGES_OF_LONG_RUN 5000U

static char where[64];
static pid_t self;

/* What a failed proof leaves behind may tell why. */
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

/* Every third pair agrees on its contexts; every story comes to both kinds. */
static void run_pair(pair *both, unsigned exchanges)
{
    const unsigned number = counted.pairs;
    const unsigned end = counted.completed + exchanges;

    pair_begin(both, number % 3 == 0, where);
    while (counted.completed < end) {
        traffic_step(both);
    }
    recovery_prove(both);
    stories_tell(both, number);
    pair_end(both);
}

int main(int count, char **arguments)
{
    static pair both;

    if (count != 3) {
        (void)fprintf(stderr, "usage: %s EXCHANGES SEED\n", arguments[0]);
        return 2;
    }
    const unsigned long exchanges = number_from(arguments[1]);
    (void)printf("seed %s\n", arguments[2]);
    random_seed(number_from(arguments[2]));
    (void)snprintf(where, sizeof where, "power-XXXXXX");
    if (mkdtemp(where) == NULL) {
        perror(where);
        return 2;
    }
    self = getpid();
    (void)atexit(leave);
    while (counted.completed < exchanges) {
        run_pair(&both, EXCHANGES_PER_PAIR);
    }
    counts_print();
    if (exchanges >= EXCHANGES_OF_LONG_RUN) {
        counts_check();
    }
    return 0;
}
