/* A small EST-coaps server, right or wrong: CoAP messages in and out, with an authority behind it.
 */
#ifndef LWSEC_TESTS_EST_SERVER_H
#define LWSEC_TESTS_EST_SERVER_H

#include "tests/est/ca.h"

#include <lwsec/coap_block.h>
#include <lwsec/est.h>

/* What is wrong with an answer. */
typedef enum est_fault {
    EST_RIGHT = 0,
    EST_NO_FORMAT,
    EST_OTHER_FORMAT,
    EST_CHANGING_FORMAT, /* in the second block */
    EST_OTHER_SUCCESS,   /* 2.04 for a GET, 2.05 for a POST */
    EST_EMPTY,
    EST_CRITICAL, /* an option that nobody knows */
    EST_FORBIDS,  /* 4.03 */
    EST_BROKEN,   /* the last byte is missing */
    EST_RESETS,
    EST_SILENT
} est_fault;

#define EST_SERVER_QUEUE 8U

typedef struct est_server {
    const ca *authority;
    lwsec_bytes crts[4]; /* what /crts gives: DER certificates */
    size_t crts_count;
    ca_wish wish;
    const ca *issuer;  /* NULL: the authority */
    const char *path;  /* as "/.well-known/est" */
    const char *links; /* what /.well-known/core gives; NULL: nothing */
    uint16_t links_format;
    unsigned discovered;
    uint8_t szx;     /* largest block, 0 to 6 */
    uint16_t format; /* of both answers */
    est_fault crts_fault, sen_fault;
    unsigned later;     /* how often an enrolment is answered with 5.03 */
    uint32_t max_age;   /* seconds, with it; UINT32_MAX: no such option */
    uint64_t separate;  /* ms from an acknowledgement to the answer of /crts and /sen; 0: none */
    bool separate_non;  /* in a message that is not confirmable */
    bool separate_crts; /* that of /crts alone */

    /* What came of it. */
    unsigned crts_asked, enrolled, renewed, resends; /* resends: of separate answers */
    bool acknowledged;
    lwsec_bytes request; /* the last body of /sen */
    bool same_request;   /* all of them were the same */
    lwsec_bytes issued;  /* the answer of /sen */

    /* Its own. */
    uint8_t memory[LWSEC_BLOCK1_RECEIVER_SIZE(1, 2048, 256)];
    lwsec_block1_receiver *receiver;
    struct {
        uint64_t at;
        size_t size;
        uint8_t data[LWSEC_EST_MESSAGE_MAX];
    } queue[EST_SERVER_QUEUE];
    size_t queued;
    uint16_t message_id;
    bool has_last; /* the last request, and what was sent for it: for one that comes twice */
    uint16_t last_id;
    size_t last_size;
    uint8_t last[LWSEC_EST_MESSAGE_MAX];
    uint8_t waiting[LWSEC_EST_MESSAGE_MAX]; /* a separate answer, until it is acknowledged */
    size_t waiting_size;
    uint16_t waiting_id;
    uint64_t waiting_until;
    uint8_t request_room[2048];
} est_server;

void est_server_init(est_server *server, const ca *authority);
void est_server_close(est_server *server);

void est_server_feed(est_server *server, lwsec_bytes message, uint64_t now);

/* The next message that is to be sent by now; false: none. */
bool est_server_take(est_server *server, uint64_t now, lwsec_buffer *message);

/* When the next one is due; UINT64_MAX: nothing is. */
uint64_t est_server_deadline(const est_server *server);

#endif
