/* Two ends of KUDOS, each client and server, and what goes between them. */
#ifndef LWSEC_TESTS_OSCORE_KUDOS_SIDES_H
#define LWSEC_TESTS_OSCORE_KUDOS_SIDES_H

#include "tests/oscore/pair.h"

#include <lwsec/oscore_kudos.h>

#include "oscore/kudos.h"
#include "oscore/request.h"

#define IDLE LWSEC_OSCORE_KUDOS_IDLE
#define BUSY LWSEC_OSCORE_KUDOS_BUSY
#define PENDING LWSEC_OSCORE_KUDOS_PENDING

/* One end, which is client and server. */
typedef struct side {
    lwsec_oscore_kudos_config config;
    lwsec_oscore_kudos *kudos;
    uint64_t memory[LWSEC_OSCORE_KUDOS_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, 8) / 8];
} side;

extern side a, b;
extern packet sent, at_peer, answer, back;
extern lwsec_oscore *used; /* the context that verified the last request */

/* ---- Set-up ---- */

void open_side(side *one);
/* What a reboot does. */
void reboot(side *one);
/* Both ends with forward secrecy, in volatile memory. */
int set_up(void **state);
/* Both ends in the mode without forward secrecy. */
int set_up_bootstrap(void **state);
int tear_down(void **state);
/* ---- The calls of the library ---- */

/* POST /.well-known/kudos */
lwsec_bytes plain_kudos(void);
/* A request of this end; what the other one makes of it, which sets `used`; a response by `used`;
 * and what comes back. */
void ask(side *one, lwsec_bytes plain, packet *out);
lwsec_status serve(side *one, lwsec_bytes wire, packet *out);
void reply(packet *received, packet *out);
lwsec_status hear(side *one, packet *request, lwsec_bytes wire, packet *out);
/* ---- Looking ---- */

void assert_states(lwsec_oscore_kudos_state of_a, lwsec_oscore_kudos_state of_b);

/* A copy to be sent later. */
void keep(packet *copy, const packet *one);

/* What stands outside; `x` -1: this is no KUDOS message. Given for a nonce of 8 bytes and forward
 * secrecy, and changed as the mode says. */
void assert_x(const packet *one, int x);
uint8_t code_of(const packet *one);
/* ---- Runs ---- */

/* One whole exchange with application data. */
void talk(side *client, side *server);
/* Ordinary exchanges, by the new context. */
void settle_and_talk(void);
/* The divergent request and its answer. */
void run_to_answer(void);
/* Until the client has confirmed. */
void run(void);

#define side_test(name) cmocka_unit_test_setup_teardown((name), set_up, tear_down)
#define bootstrap_test(name) cmocka_unit_test_setup_teardown((name), set_up_bootstrap, tear_down)

#endif
