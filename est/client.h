/* The state of an enrolment. */
#ifndef LWSEC_EST_CLIENT_H
#define LWSEC_EST_CLIENT_H

#include <lwsec/coap_block.h>

#include "est/exchange.h"

/* Where a function is, if the server was asked: a path. */
typedef struct lwsec_est_function {
    size_t size; /* 0: at the usual place */
    uint8_t path[LWSEC_EST_PATH_MAX];
} lwsec_est_function;

/* Behind it lie two rooms: the answer of /crts, and that of /sen. */
struct lwsec_est {
    uint32_t flags;
    const lwsec_cert_engine *engine;
    lwsec_est_clock clock;
    void *argument;
    lwsec_key key;
    lwsec_bytes endpoint;
    uint32_t policy;
    lwsec_bytes path;
    lwsec_est_function crts;
    lwsec_est_function enrols; /* sen, or sren */
    uint16_t accept;
    uint8_t szx; /* as szx + 1 */
    uint32_t room;

    lwsec_est_phase phase;
    uint64_t end;  /* of the patience */
    uint64_t wait; /* in WAITS: until then */
    uint8_t code;
    lwsec_est_exchange exchange;

    /* The present transfer. */
    lwsec_request_tags tags;
    lwsec_request_tag tag;
    lwsec_block1_send sending;
    lwsec_block2_receive receiving;
    bool posts;   /* the body of the request is on its way */
    bool formats; /* a first block has told its format */
    uint32_t format;

    /* What was got. */
    lwsec_bytes authorities[LWSEC_CERT_CHAIN_MAX];
    size_t authority_count;
    lwsec_bytes chain[LWSEC_CERT_PATH_MAX];
    size_t chain_count;

    size_t request_size;
    uint8_t request[LWSEC_EST_REQUEST_MAX];
};

/* Where the answer of the present phase goes: that of /sen does not lie over that of /crts. */
static inline lwsec_buffer lwsec_est_room(lwsec_est *est)
{
    uint8_t *rooms = (uint8_t *)est + (sizeof *est + 7) / 8 * 8;

    return lwsec_buffer_of(est->phase == LWSEC_EST_ENROLS ? &rooms[est->room] : rooms, est->room);
}

/* Begins the transfer of the present phase, and makes its first message. */
LWSEC_MUST_CHECK lwsec_status lwsec_est_transfer_begin(lwsec_est *est, uint64_t now,
                                                       lwsec_reason *reason);

/*
 * Takes an answer. LWSEC_OK with `body`: all of it is there, with its format in the state.
 * LWSEC_PENDING: the next message was made. LWSEC_CHALLENGE: to come again in `max_age` seconds.
 * LWSEC_REJECT: it has failed.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_est_transfer_take(lwsec_est *est,
                                                      const lwsec_coap_message *answer,
                                                      uint64_t now, lwsec_bytes *body,
                                                      uint32_t *max_age, lwsec_reason *reason);

#endif
