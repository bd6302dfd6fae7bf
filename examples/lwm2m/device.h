/* One side of an LwM2M connection: its secret, its state, its endpoint. */
#ifndef LWM2M_DEVICE_H
#define LWM2M_DEVICE_H

#include <lwsec/memory_openssl.h>
#include <lwsec/oscore.h>
#include <lwsec/state_directory.h>

#include "endpoint.h"

/* What both programs take on the command line. */
typedef struct lwm2m_settings {
    const char *address;      /* client: of the server; server: where to listen */
    const char *secret;       /* file that holds the Master Secret */
    const char *state;        /* directory for sequence numbers */
    const char *registration; /* client: file that keeps the place of the registration */
    const char *sms_keys;     /* file that holds KIc and KID; NULL: no SMS channel */
    const char *card_keys; /* client: file that holds K-ENC and K-MAC; KIc and KID are in a card */
    const char *sms;       /* server: file that TPDUs go to; client: pipe that they come from */
    bool fresh;            /* secret and keys were made for this provisioning, never used */
} lwm2m_settings;

#define KEY_SLOTS 8U

/* All memory of one side: nothing of lwsec is allocated. */
typedef struct lwm2m_side {
    _Alignas(uint64_t) uint8_t store_memory[LWSEC_MEMORY_OPENSSL_SIZE(KEY_SLOTS)];
    _Alignas(uint64_t) uint8_t state_memory[LWSEC_STATE_DIRECTORY_SIZE];
    _Alignas(uint64_t) uint8_t oscore_memory[LWSEC_OSCORE_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, 0)];
    lwsec_store *store;
    lwsec_state *state;
    lwsec_oscore *oscore;
    endpoint endpoint;
} lwm2m_side;

/* Reads the command line; prints how to call the program where it is wrong. */
bool read_settings(int argc, char **argv, lwm2m_settings *given);

/* Opens store, state and security context. Prints what is wrong where it cannot. */
bool open_side(lwm2m_side *side, const lwm2m_settings *given, const char *sender_id,
               const char *recipient_id);
void close_side(lwm2m_side *side);

/* Prints a line that begins with "* ", at once. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For endpoint_events: each message as lines of the log. */
void log_message(void *program, const endpoint_trace *trace);

/* Ends the program's loop when SIGTERM or SIGINT came. */
void stop_on_signals(void);
bool stopped(void);

#endif
