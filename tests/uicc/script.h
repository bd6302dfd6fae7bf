/* A card that answers by a script, and notices every other command. */
#ifndef LWSEC_TESTS_UICC_SCRIPT_H
#define LWSEC_TESTS_UICC_SCRIPT_H

#include <lwsec/apdu.h>

/* One command in hex, and what is answered; NULL: the transport fails. */
typedef struct script_step {
    const char *command;
    const char *answer;
} script_step;

typedef struct script {
    const script_step *steps;
    size_t count;
    size_t at;      /* steps that were taken */
    unsigned begun; /* transactions */
    unsigned ended;
    bool refuse_begin;
} script;

/* A script of the steps of an array. */
#define SCRIPT_OF(array)                                                                           \
    {                                                                                              \
        .steps = (array), .count = sizeof(array) / sizeof((array)[0])                              \
    }

extern const lwsec_apdu_ops script_ops;

/* A card on the script, from its first step on. */
lwsec_apdu script_card(script *played, bool t0);

/* Fails the test unless every step was taken, and every transaction ended. */
void script_is_done(const script *played);

#endif
