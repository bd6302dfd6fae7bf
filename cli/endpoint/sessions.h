/* DTLS sessions over one UDP socket: one with a server, or many with clients. */
#ifndef ENDPOINT_SESSIONS_H
#define ENDPOINT_SESSIONS_H

#include <lwsec/dtls_demux.h>

#include "udp.h"

/* Clients of a server at a time: those that are let in, and those that are not yet. */
#define ENDPOINT_SESSIONS_MAX 256U
#define ENDPOINT_HANDSHAKES_MAX 32U

/* For so long a client may be silent: a day, as long as a registration lasts if it does not say. */
#define ENDPOINT_SESSION_IDLE 86400000U

typedef struct endpoint_session {
    lwsec_dtls *dtls; /* NULL: the place is free */
    endpoint_address peer;
    unsigned serial; /* tells the sessions of one address apart; 0: it was never open */
    bool open;       /* the handshake is done, and it is not over */
} endpoint_session;

/* What the program is told. The session is there until it has returned. */
typedef struct endpoint_session_events {
    void (*happened)(void *program, const endpoint_session *session, const lwsec_dtls_event *event);
    void (*data)(void *program, const endpoint_session *session, lwsec_bytes plaintext);
} endpoint_session_events;

typedef struct endpoint_sessions {
    int socket;
    const lwsec_dtls_endpoint *endpoint;
    const endpoint_session_events *events;
    void *program;
    lwsec_state *kept; /* of a client: where it keeps what it resumes a session with; NULL: none */
    uint8_t name[LWSEC_DTLS_NAME];
    lwsec_dtls_demux *demux; /* of a server; NULL: a client, whose session has the first place */
    void *memory;            /* of the demultiplexer, or of the client's session */
    unsigned next_serial;
    endpoint_session table[ENDPOINT_SESSIONS_MAX + ENDPOINT_HANDSHAKES_MAX + 1];
} endpoint_sessions;

/* For both roles; a server listens at once. */
lwsec_status endpoint_sessions_open(endpoint_sessions *self, int socket,
                                    const lwsec_dtls_endpoint *endpoint, bool server,
                                    const endpoint_session_events *events, void *program,
                                    lwsec_reason *reason);

/* As a client: begins a handshake. */
lwsec_status endpoint_sessions_connect(endpoint_sessions *self, const endpoint_address *peer,
                                       lwsec_reason *reason);

/* A datagram that came. */
void endpoint_sessions_take(endpoint_sessions *self, const endpoint_address *peer,
                            lwsec_bytes datagram);

/* Sends plaintext to a peer. False: there is no open session with it, or no room in a datagram. */
bool endpoint_sessions_send(endpoint_sessions *self, const endpoint_address *peer,
                            lwsec_bytes plaintext);

/* The session with a peer; NULL: there is none. */
const endpoint_session *endpoint_sessions_find(const endpoint_sessions *self,
                                               const endpoint_address *peer);

/* When endpoint_sessions_step is due, but not after `until`. */
int64_t endpoint_sessions_deadline(const endpoint_sessions *self, int64_t until);
void endpoint_sessions_step(endpoint_sessions *self);

/* Takes leave of all peers, and frees. The socket is the caller's. */
void endpoint_sessions_close(endpoint_sessions *self);

#endif
