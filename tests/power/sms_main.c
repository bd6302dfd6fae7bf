/* The proof that SMS packets outlive power cuts: peers with the same keys, killed at any moment.
 *
 * It stands on what main.c describes: processes over real files (sms_peer.c), killed by SIGKILL at
 * a random instant or at a chosen step, and power cuts that keep what was synced and of the rest
 * anything (medium.c). sms_spy.c reads the counter of each packet that is given out in what is
 * ciphered; ledger.c holds what must never be: a counter twice by one peer with one key, a message
 * delivered twice, or one that nobody sent.
 */
#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/random.h"
#include "tests/power/sms_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DELIVERIES_PER_PAIR 100U
#define DELIVERIES_OF_LONG_RUN 2000U
#define PAIRS_PER_LOSS 3U

static char where[64];
static pid_t self;

/* What a failed proof leaves behind may tell why. */
static void leave(void)
{
    if (getpid() == self && rmdir(where) != 0) {
        (void)fprintf(stderr, "The files of the peers are in %s.\n", where);
    }
}

static void line(const char *name, unsigned count)
{
    (void)printf("  %-44s %8u\n", name, count);
}

static void print_counts(void)
{
    line("pairs of peers", counted.pairs);
    line("packets ordered", counted.begun);
    line("packets given out, counters all different", counted.nonces);
    line("messages delivered, each once", counted.requests);
    line("restarts after SIGKILL", counted.killed);
    line("restarts after a power cut", counted.power);
    line("restarts in order", counted.closed);
    for (unsigned at = 0; at < STEPS; at++) {
        line(step_name((step)at), counted.cuts[at]);
    }
    line("changes of a folder lost", counted.damage.lost);
    line("changes there while an earlier one was lost", counted.damage.reorder);
    line("files cut short, zeroed, or torn", counted.damage.torn);
    line("packets replayed", counted.replayed);
    line("refused as replays", counted.replays);
    line("packets forged", counted.forged);
    line("packets sent back to their sender", counted.strayed);
    line("refused as not authentic, or as its own", counted.rejects);
    line("keys deleted and provisioned again", counted.deletions);
    line("new packets that had to be taken", counted.recoveries);
    line("associations whose state was lost", counted.losses);
}

static void check_happened(const char *name, unsigned count)
{
    if (count == 0) {
        wrong("nothing was shown of this: %s", name);
    }
}

static void check_counts(void)
{
    for (unsigned at = 0; at < STEPS; at++) {
        check_happened(step_name((step)at), counted.cuts[at]);
    }
    check_happened("SIGKILL", counted.killed);
    check_happened("power cuts", counted.power);
    check_happened("changes lost", counted.damage.lost);
    check_happened("files torn", counted.damage.torn);
    check_happened("replays", counted.replays);
    check_happened("forgeries", counted.forged);
    check_happened("packets sent back", counted.strayed);
    check_happened("deleted keys", counted.deletions);
    check_happened("lost state", counted.losses);
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

static void run_pair(sms_pair *both)
{
    const unsigned end = counted.requests + DELIVERIES_PER_PAIR;

    sms_pair_begin(both, where);
    while (counted.requests < end) {
        sms_traffic_step(both);
    }
    if (counted.pairs % PAIRS_PER_LOSS == 0) {
        sms_lose_state(both);
    } else {
        sms_prove(both);
    }
    sms_pair_end(both);
}

int main(int count, char **arguments)
{
    static sms_pair both;

    if (count != 3) {
        (void)fprintf(stderr, "usage: %s DELIVERIES SEED\n", arguments[0]);
        return 2;
    }
    const unsigned long deliveries = number_from(arguments[1]);
    (void)printf("seed %s\n", arguments[2]);
    random_seed(number_from(arguments[2]));
    (void)snprintf(where, sizeof where, "power-XXXXXX");
    if (mkdtemp(where) == NULL) {
        perror(where);
        return 2;
    }
    self = getpid();
    (void)atexit(leave);
    while (counted.requests < deliveries) {
        run_pair(&both);
    }
    print_counts();
    if (deliveries >= DELIVERIES_OF_LONG_RUN) {
        check_counts();
    }
    return 0;
}
