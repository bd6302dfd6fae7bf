/* What a (D)TLS alert means for a client: clause 5.2.10 of LwM2M Transport 1.2. */
#ifndef LWSEC_ALERT_H
#define LWSEC_ALERT_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The table ---- */

/* The recommendation of table 5.2.10.-1. */
typedef enum lwsec_alert_advice {
    LWSEC_ALERT_RETRY = 1, /* the handshake failed; another one may succeed */
    LWSEC_ALERT_FAIL = 2,  /* the handshake failed, and the client cannot recover by itself */
    LWSEC_ALERT_IGNORE = 3 /* should never occur; counts as RETRY once the connection is gone */
} lwsec_alert_advice;

/* What an alert belongs to. Outside of it, it says nothing. */
typedef enum lwsec_alert_scope {
    LWSEC_ALERT_ANY_HANDSHAKE = 0,
    LWSEC_ALERT_SERVER_NAME,            /* the extension server_name */
    LWSEC_ALERT_STATUS_REQUEST,         /* the extension status_request */
    LWSEC_ALERT_CLIENT_CERTIFICATE_URL, /* the extension client_certificate_url */
    LWSEC_ALERT_ALPN,                   /* the extension of that name */
    LWSEC_ALERT_FALLBACK_SCSV,          /* the suite value that marks a retry with less */
    LWSEC_ALERT_CONNECTION_ID,          /* the extension connection_id */
    LWSEC_ALERT_ENCRYPTED_HELLO         /* the extension encrypted_client_hello */
} lwsec_alert_scope;

typedef struct lwsec_alert_row {
    const char *name; /* as registered, in lower case; "unknown". Static text. */
    lwsec_alert_advice advice;
    lwsec_alert_scope scope;
    bool listed; /* in table 5.2.10.-1 */
} lwsec_alert_row;

/*
 * The row of an alert number; any of the 256 has one. Where the table is silent or wrong, it is
 * read so: 86 is inappropriate_fallback and 80 is internal_error, both RETRY; 109 and 120 are
 * RETRY, 116 is FAIL; all others are RETRY (readings T-04, T-05).
 */
LWSEC_API const lwsec_alert_row *lwsec_alert_find(uint8_t number);

/* ---- A verdict ---- */

/*
 * An alert that ended a handshake or a connection. Zeroed but for its number it is one that was
 * received and that nobody vouches for.
 */
typedef struct lwsec_alert {
    uint8_t number;
    bool sent;          /* by this client: its own verdict on the peer */
    bool authenticated; /* received under keys of a peer that has proved who it is: in DTLS 1.2
                         * after its Finished. Anybody can send one before. */
    bool out_of_scope;  /* this client did not offer what the row's scope names */
} lwsec_alert;

/* What an alert does to a sequence of attempts. */
typedef enum lwsec_alert_effect {
    LWSEC_ALERT_COUNTS = 1, /* a failed attempt: wait as usual, and try again */
    LWSEC_ALERT_DOUBTFUL,   /* the same, as anybody may have sent this FAIL. If the same number ends
                             * several attempts in a row, it is believed. */
    LWSEC_ALERT_ENDS        /* a FAIL that counts: no further attempt in this sequence */
} lwsec_alert_effect;

/*
 * FAIL ends the sequence when it is this client's own verdict, or came authenticated. A received
 * alert out of its scope is worth no more than an unknown one. IGNORE counts (reading T-06): a
 * fatal alert has closed the connection.
 */
LWSEC_API lwsec_alert_effect lwsec_alert_judge(const lwsec_alert *alert);

/* "retry", "fail" or "ignore"; "unknown" for another value. Static text. */
LWSEC_API const char *lwsec_alert_advice_name(lwsec_alert_advice advice);

#ifdef __cplusplus
}
#endif
#endif
