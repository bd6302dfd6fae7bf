/* One end of OSCORE over files of its own: alone, or as client or server of Appendix B.2. */
#ifndef LWSEC_TESTS_POWER_END_H
#define LWSEC_TESTS_POWER_END_H

#include <lwsec/oscore_rederive.h>

typedef enum role {
    ROLE_ALONE,  /* one context, for ever */
    ROLE_CLIENT, /* begins Appendix B.2 when it is told to */
    ROLE_SERVER
} role;

/* How it is provisioned. */
typedef struct setting {
    role role;
    bool stateless; /* agreed contexts end with the process; not for an end alone */
    bool sealed;    /* its state is encrypted before it reaches a file */
    bool timed;     /* Echo values end with time */
    bool ruled;     /* registrations have to prove that they are fresh; only if timed */
    uint8_t secret[16];
    uint8_t sealing[16]; /* the key of a sealed state */
    uint8_t sender_id[LWSEC_OSCORE_ID_MAX];
    uint8_t recipient_id[LWSEC_OSCORE_ID_MAX];
    uint8_t sender_id_size;
    uint8_t recipient_id_size;
    uint32_t window;
    uint32_t reserve;
    uint32_t reserve_max;
    uint32_t flags;
} setting;

/* A request, and the context that it goes by. */
typedef struct end_request {
    lwsec_oscore_request request;
    lwsec_oscore *context;
} end_request;

/* Opens store, state and context, as after a start. The directory's path is that of the box. */
lwsec_status end_open(const setting *how, lwsec_reason *reason);

/* Closes all of it in order. */
void end_close(void);

/* What the clock of this process says, in milliseconds. */
void end_set_time(uint64_t now);

/* The four calls of OSCORE, by the role. */
lwsec_status end_ask(lwsec_bytes plain, end_request *asked, lwsec_buffer *out,
                     lwsec_reason *reason);
lwsec_status end_collect(end_request *asked, lwsec_bytes wire, lwsec_buffer *plain,
                         lwsec_reason *reason);
lwsec_status end_respond(end_request *held, lwsec_bytes plain, bool own_piv, lwsec_buffer *out,
                         lwsec_reason *reason);
/* LWSEC_CHALLENGE: if `challenged` is LWSEC_OK, what is to be sent back is in `out`. */
lwsec_status end_receive(lwsec_bytes wire, uint16_t message_id, end_request *held,
                         lwsec_buffer *out, lwsec_status *challenged, lwsec_reason *reason);

lwsec_status end_reserve(lwsec_reason *reason);

/* How many contexts it has agreed on as a server in this life. */
unsigned end_agreed(void);

/* Begins Appendix B.2. Only a client can. */
lwsec_status end_rekey(lwsec_reason *reason);

#endif
