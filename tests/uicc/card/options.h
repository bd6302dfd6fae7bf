/* The command line of the test card. */
#ifndef LWSEC_TESTS_UICC_CARD_OPTIONS_H
#define LWSEC_TESTS_UICC_CARD_OPTIONS_H

#include "tests/uicc/card/card.h"
#include "tests/uicc/card/packet.h"
#include "tests/uicc/card/tpdu.h"

struct options {
    const char *host, *port; /* where vpcd listens */
    bool trace;              /* every command and response on standard error */
    struct card_setup setup; /* points into what follows */

    uint8_t aid[CARD_AID_MAX], parameters[16], keys[64], enc[32], mac[32];
    uint8_t sender[TPDU_ADDRESS];
    uint8_t bootstrap[CARD_BOOTSTRAP_MAX];
};

/* False: a message was printed; `--help` prints the options and ends the program. */
bool options_read(struct options *options, int count, char **arguments);

/* The address field of a number: digits, with + before them if they are international. */
bool options_address(const char *number, struct room *address);

#endif
