/* The proof that SMS packets outlive power cuts: peers with the same keys, killed at any moment.
 *
 * It stands on what main.c describes: processes over real files (sms_peer.c), killed by SIGKILL at
 * a random instant or at a chosen step, and power cuts that keep what was synced and of the rest
 * anything (medium.c). sms_spy.c reads the counter of each packet that is given out in what is
 * ciphered; ledger.c holds what must never be: a counter twice by one peer with one key, a message
 * delivered twice, or one that nobody sent.
 */
#include "tests/power/counts.h"
#include "tests/power/proof.h"
#include "tests/power/sms_pair.h"

#include <stdio.h>

#define DELIVERIES_PER_PAIR 100U
#define DELIVERIES_OF_LONG_RUN 2000U
#define PAIRS_PER_LOSS 3U

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

static void check_counts(void)
{
    for (unsigned at = 0; at < STEPS; at++) {
        proof_happened(step_name((step)at), counted.cuts[at]);
    }
    proof_happened("SIGKILL", counted.killed);
    proof_happened("power cuts", counted.power);
    proof_happened("changes lost", counted.damage.lost);
    proof_happened("files torn", counted.damage.torn);
    proof_happened("replays", counted.replays);
    proof_happened("forgeries", counted.forged);
    proof_happened("packets sent back", counted.strayed);
    proof_happened("deleted keys", counted.deletions);
    proof_happened("lost state", counted.losses);
}

static void run_pair(sms_pair *both)
{
    const unsigned end = counted.requests + DELIVERIES_PER_PAIR;

    sms_pair_begin(both, proof_folder());
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

    const unsigned long deliveries = proof_begin(count, arguments, "DELIVERIES");
    while (counted.requests < deliveries) {
        run_pair(&both);
    }
    print_counts();
    if (deliveries >= DELIVERIES_OF_LONG_RUN) {
        check_counts();
    }
    return 0;
}
