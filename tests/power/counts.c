/* The table of counts. */
#include "tests/power/counts.h"

#include "tests/power/proof.h"

#include <stdio.h>

counts counted;

static void line(const char *name, unsigned count)
{
    (void)printf("  %-44s %8u\n", name, count);
}

static void print_restarts(void)
{
    (void)puts("restarts");
    line("after SIGKILL, files as they were", counted.killed);
    line("after a power cut, unsynced files at risk", counted.power);
    line("in order", counted.closed);
    (void)puts("cuts");
    for (unsigned at = 0; at < STEPS; at++) {
        line(step_name((step)at), counted.cuts[at]);
    }
    (void)puts("what power cuts did");
    line("changes of a folder lost", counted.damage.lost);
    line("changes of a folder there though not synced", counted.damage.kept);
    line("of them while an earlier one was lost", counted.damage.reorder);
    line("files cut short, zeroed, or torn", counted.damage.torn);
    line("folders lost", counted.damage.folders);
}

static void print_messages(void)
{
    (void)puts("datagrams");
    line("lost", counted.lost);
    line("doubled", counted.doubled);
    line("replayed", counted.replayed);
    line("led to another request", counted.strayed);
    line("forged", counted.forged);
    (void)puts("answers");
    line("requests delivered, each once", counted.requests);
    line("responses delivered, each once", counted.responses);
    line("challenges", counted.challenges);
    line("refused as replays", counted.replays);
    line("refused as not authentic or malformed", counted.rejects);
    line("refused for want of new keys", counted.need_rekeys);
    line("refused for too many forgeries", counted.limits);
}

void counts_print(void)
{
    line("pairs of peers", counted.pairs);
    line("exchanges begun", counted.begun);
    line("exchanges completed", counted.completed);
    print_restarts();
    print_messages();
    (void)puts("keys and numbers");
    line("seals", counted.seals);
    line("different pairs of key and nonce", counted.nonces);
    line("recoveries, in each direction", counted.recoveries);
    line("most requests that one took", counted.most_tries);
    line("accounts deleted and provisioned again", counted.deletions);
    line("contexts worn out by forgeries", counted.floods);
    line("contexts whose state was lost", counted.losses);
    line("agreements begun by Appendix B.2", counted.rekeys);
    line("contexts agreed", counted.agreed);
}

void counts_check(void)
{
    for (unsigned at = 0; at < STEPS; at++) {
        proof_happened(step_name((step)at), counted.cuts[at]);
    }
    proof_happened("SIGKILL", counted.killed);
    proof_happened("power cuts", counted.power);
    proof_happened("changes lost", counted.damage.lost);
    proof_happened("changes out of order", counted.damage.reorder);
    proof_happened("files torn", counted.damage.torn);
    proof_happened("challenges", counted.challenges);
    proof_happened("recoveries", counted.recoveries);
    proof_happened("deleted accounts", counted.deletions);
    proof_happened("forgeries up to the limit", counted.floods);
    proof_happened("lost state", counted.losses);
    proof_happened("contexts agreed", counted.agreed);
}
