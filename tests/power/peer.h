/* A peer: a process that has an OSCORE context over its own files, and does what it is told. */
#ifndef LWSEC_TESTS_POWER_PEER_H
#define LWSEC_TESTS_POWER_PEER_H

#include "tests/power/box.h"
#include "tests/power/end.h"

#define WIRE_MAX 320U
#define ASKED_MAX 8U /* requests of its own that a peer keeps */
#define HELD_MAX 16U /* requests that it got and keeps */
#define ECHO_MAX 40U

typedef enum order_kind {
    ORDER_SEND,    /* protect a request, kept in `slot` of those asked */
    ORDER_RECEIVE, /* unprotect a request, kept in `slot` of those held; or challenge it */
    ORDER_RESPOND, /* protect a response to that of `slot` */
    ORDER_COLLECT, /* unprotect a response to that of `slot` */
    ORDER_RESERVE,
    ORDER_REKEY, /* begin Appendix B.2 */
    ORDER_CLOSE, /* close everything in order, and end */
    ORDER_KINDS
} order_kind;

typedef struct order {
    order_kind kind;
    uint32_t slot;
    uint64_t id;  /* of the message to be made */
    uint64_t now; /* set by the host: what the peer's clock says */
    bool observe; /* a registration, or a notification */
    bool own_piv;
    uint8_t echo[ECHO_MAX];
    size_t echo_size;
    size_t size;
    uint8_t wire[WIRE_MAX];
} order;

typedef struct answer {
    lwsec_status status;
    lwsec_why why;
    lwsec_status challenged; /* whether the challenge could be made */
    bool agreed;             /* it made a new context */
    uint64_t id;             /* of the message that was delivered; 0: none */
    uint8_t echo[ECHO_MAX];  /* of a challenge that came back */
    size_t echo_size;
    size_t size; /* of what is to be sent; 0: nothing */
    uint8_t wire[WIRE_MAX];
} answer;

/* The process: its first answer is that of opening everything. Does not return. */
void peer_run(int socket, const setting *how, box *own);

#endif
