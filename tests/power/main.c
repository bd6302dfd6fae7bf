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
#include "tests/power/proof.h"
#include "tests/power/recovery.h"
#include "tests/power/stories.h"
#include "tests/power/traffic.h"

#define EXCHANGES_PER_PAIR 200U
#define EXCHANGES_OF_LONG_RUN 5000U

/* Every third pair agrees on its contexts; every story comes to both kinds. */
static void run_pair(pair *both, unsigned exchanges)
{
    const unsigned number = counted.pairs;
    const unsigned end = counted.completed + exchanges;

    pair_begin(both, number % 3 == 0, proof_folder());
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

    const unsigned long exchanges = proof_begin(count, arguments, "EXCHANGES");
    while (counted.completed < exchanges) {
        run_pair(&both, EXCHANGES_PER_PAIR);
    }
    counts_print();
    if (exchanges >= EXCHANGES_OF_LONG_RUN) {
        counts_check();
    }
    return 0;
}
