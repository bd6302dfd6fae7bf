/* Processes of peers, their deaths, and their notes. */
#include "tests/power/host.h"

#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/ledger.h"
#include "tests/power/random.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_BEFORE_STEP 30U
#define OPENINGS_PER_CUT 5U
#define TICKS 100U /* milliseconds between two calls, at most */
#define CALL_SPIN_BITS 18U
#define OPENING_SPIN_BITS 22U

/* It often stands still between two calls. */
static uint64_t clock_now;

void host_begin(host *one, unsigned number, const setting *how, const char *path)
{
    box *own = one->own != NULL ? one->own : box_memory(sizeof *own);

    memset(one, 0, sizeof *one);
    memset(own, 0, sizeof *own);
    one->number = number;
    one->how = *how;
    one->own = own;
    one->socket = -1;
    medium_begin(&own->medium, path);
    medium_erase(&own->medium);
}

/* ---- Its notes ---- */

static void read_notes(host *one)
{
    const unsigned seals = atomic_load(&one->own->seal_count);
    const unsigned deliveries = atomic_load(&one->own->delivery_count);

    if (seals > BOX_NOTES || deliveries > BOX_NOTES) {
        wrong("one call made %u seals and %u deliveries", seals, deliveries);
    }
    for (unsigned i = 0; i < seals; i++) {
        ledger_seal(one->number, &one->own->seals[i]);
    }
    for (unsigned i = 0; i < deliveries; i++) {
        ledger_delivery(one->number, &one->own->deliveries[i]);
    }
    atomic_store(&one->own->seal_count, 0);
    atomic_store(&one->own->delivery_count, 0);
}

/* ---- Its end ---- */

static int reap(host *one)
{
    int how = 0;
    pid_t found;

    do {
        found = waitpid(one->pid, &how, 0);
    } while (found < 0 && errno == EINTR);
    if (found != one->pid) {
        wrong("waitpid: %s", strerror(errno));
    }
    (void)close(one->socket);
    one->socket = -1;
    one->pid = 0;
    return how;
}

static void reap_killed(host *one)
{
    const int how = reap(one);

    if (!WIFSIGNALED(how) || WTERMSIG(how) != SIGKILL) {
        wrong("peer %u ended by itself: status %#x", one->number, (unsigned)how);
    }
    read_notes(one);
    const step at = one->own->ended ? one->own->end_at : one->at_random ? STEP_ANY : STEP_IDLE;
    counted.cuts[at]++;
    happened_now("peer %u dies: %s", one->number, step_name(at));
    host_disarm(one);
}

void host_kill(host *one)
{
    if (one->pid != 0) {
        (void)kill(one->pid, SIGKILL);
        reap_killed(one);
    }
    medium_settle(&one->own->medium);
}

void host_cut_power(host *one)
{
    host_kill(one);
    medium_cut(&one->own->medium, &counted.damage);
    counted.power++;
    happened_now("peer %u had a power cut", one->number);
}

/* Most cuts amid files are cuts of the power: only they can lose what is not synced. */
void host_bury(host *one)
{
    const uint32_t of_four = one->own->medium.pending_count > 0 ? 3 : 2;

    if (random_below(4) < of_four) {
        host_cut_power(one);
    } else {
        host_kill(one);
        counted.killed++;
    }
}

void host_close(host *one)
{
    order what = {.kind = ORDER_CLOSE};
    answer said;

    host_disarm(one);
    if (one->pid == 0) {
        return;
    }
    if (!host_call(one, &what, &said)) {
        host_bury(one);
        return;
    }
    const int how = reap(one);
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) {
        wrong("peer %u did not close: status %#x", one->number, (unsigned)how);
    }
    counted.closed++;
}

/* ---- Its life ---- */

static bool hear(host *one, answer *said)
{
    ssize_t got;

    do {
        got = recv(one->socket, said, sizeof *said, 0);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *said;
}

static void fork_peer(host *one)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        wrong("socketpair: %s", strerror(errno));
    }
    (void)fflush(stdout);
    one->pid = fork();
    if (one->pid < 0) {
        wrong("fork: %s", strerror(errno));
    }
    if (one->pid == 0) {
        (void)close(ends[0]);
        peer_run(ends[1], &one->how, one->own);
        _exit(2);
    }
    (void)close(ends[1]);
    one->socket = ends[0];
}

/* Provisioning says by mistake that a key is fresh which was used before. */
static void provision(host *one)
{
    const uint32_t claims = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO;

    one->how.flags &= ~claims;
    one->booted = random_once_in(2) ? 0 : clock_now;
    if (one->claims) {
        one->how.flags |= claims;
    } else if (!one->lost && (!one->opened || random_once_in(3))) {
        one->how.flags |= LWSEC_KEY_FRESH;
        one->how.flags |= random_once_in(2) ? LWSEC_OSCORE_NO_FIRST_ECHO : 0U;
    }
}

/* Mostly short: a call takes some microseconds, one that writes files some hundred. */
static void wait_a_while(unsigned spin_bits)
{
    const uint32_t spins = 1U << random_below(spin_bits);

    for (volatile uint32_t i = random_below(spins); i > 0; i--) {
    }
}

/* Some lives end before they have begun. */
static void arm_opening(host *one)
{
    const step at = (step)random_below(STEPS);

    if (random_once_in(OPENINGS_PER_CUT)) {
        one->at_random = at >= STEP_SEAL;
        one->own->end_at = at;
        one->own->end_count = at < STEP_SEAL ? 1 : 0;
        one->so_long = 1;
    }
}

/* One life's beginning. False: it was cut. */
static bool opens(host *one)
{
    answer said;

    provision(one);
    arm_opening(one);
    one->own->ended = false;
    fork_peer(one);
    if (one->at_random) {
        wait_a_while(OPENING_SPIN_BITS);
        (void)kill(one->pid, SIGKILL);
    }
    const bool heard = hear(one, &said);
    if (heard && said.status != LWSEC_OK) {
        wrong("peer %u does not open after a restart: %s (%d)", one->number,
              lwsec_status_name(said.status), (int)said.why);
    }
    one->opened = one->opened || heard;
    if (!heard || one->at_random || one->own->ended) {
        reap_killed(one);
        return false;
    }
    read_notes(one);
    return true;
}

void host_start(host *one)
{
    while (!opens(one)) {
        host_bury(one);
    }
    host_disarm(one);
    one->claims = false;
    happened_now("peer %u opens, flags %#x", one->number, one->how.flags);
}

void host_disarm(host *one)
{
    one->own->end_count = 0;
    one->at_random = false;
}

void host_arm(host *one)
{
    const step at = (step)random_below(STEPS);

    if (at == STEP_IDLE) {
        (void)kill(one->pid, SIGKILL);
        reap_killed(one);
    } else if (at == STEP_ANY) {
        one->at_random = true;
    } else {
        one->own->end_at = at;
        one->own->end_count = 1 + random_below(3);
        one->so_long = CALLS_BEFORE_STEP;
    }
}

static void give_up_waiting(host *one)
{
    if (one->own->end_count > 0 && --one->so_long == 0) {
        host_disarm(one);
    }
}

bool host_call(host *one, order *what, answer *said)
{
    if (one->pid == 0) {
        return false;
    }
    give_up_waiting(one);
    clock_now += random_once_in(2) ? 0 : random_below(TICKS);
    what->now = clock_now - one->booted;
    const bool sent = send(one->socket, what, sizeof *what, MSG_NOSIGNAL) == (ssize_t)sizeof *what;
    if (sent && one->at_random) {
        wait_a_while(CALL_SPIN_BITS);
        (void)kill(one->pid, SIGKILL);
    }
    const bool heard = sent && hear(one, said);
    if (!heard || one->at_random || one->own->ended) {
        reap_killed(one);
    } else {
        read_notes(one);
    }
    return heard;
}
