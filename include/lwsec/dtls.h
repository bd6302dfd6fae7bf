/* DTLS 1.2 sessions, client and server, on OpenSSL or mbedTLS: clause 5.2 of LwM2M Transport 1.2.
 */
#ifndef LWSEC_DTLS_H
#define LWSEC_DTLS_H

#include <lwsec/alert.h>
#include <lwsec/cert.h>
#include <lwsec/key.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An endpoint holds what its sessions have in common: role, credentials, policy. A session is one
 * association with one peer. Datagrams and the time go in; datagrams, plaintext, events and the
 * next deadline come out. No socket is opened; see the engine's header for its clock and its heap.
 *
 *   client: open, then { take all -> send; wait until deadline; feed or step; event; read }
 *   server: open one that listens; when lwsec_dtls_is_bound says so after a feed, it belongs to the
 *           address of that datagram: open another one that listens.
 *
 * There is no renegotiation, no compression, and no resumption unless asked for. The extended
 * master secret is offered and taken.
 */
typedef struct lwsec_dtls_engine lwsec_dtls_engine;
typedef struct lwsec_dtls_endpoint lwsec_dtls_endpoint;
typedef struct lwsec_dtls lwsec_dtls;

/* ---- What an engine can do ---- */

enum {
    LWSEC_DTLS_PSK = 1 << 0,
    LWSEC_DTLS_X509 = 1 << 1,
    LWSEC_DTLS_RPK = 1 << 2,
    LWSEC_DTLS_CID = 1 << 3,
    LWSEC_DTLS_VIRTUAL_TIME = 1 << 4, /* timers run by `now`; otherwise by the engine's own clock */
    LWSEC_DTLS_ASYNC_SIGN = 1 << 5,   /* a key that answers PENDING can be waited for */
    LWSEC_DTLS_IDENTITY_NUL = 1 << 6, /* a PSK identity may hold zero bytes */
    LWSEC_DTLS_PSK_HANDLE = 1 << 7,   /* a PSK may be a handle, and stay in its store */
    LWSEC_DTLS_SLEEP = 1 << 8,        /* lwsec_dtls_save and lwsec_dtls_load */
    LWSEC_DTLS_EXTENDED_MASTER = 1 << 9, /* tells whether a session has that master secret */
    LWSEC_DTLS_STATUS = 1 << 10          /* OCSP stapling */
};

/* Bits of the list above. What is not there is refused with LWSEC_UNSUPPORTED, never replaced. */
LWSEC_API uint32_t lwsec_dtls_capabilities(const lwsec_dtls_engine *engine);

/* "openssl" or "mbedtls". Static text. */
LWSEC_API const char *lwsec_dtls_engine_name(const lwsec_dtls_engine *engine);

/* ---- Endpoints ---- */

#define LWSEC_DTLS_IDENTITY_MAX 128U /* R-5.2.9.1-08 */
#define LWSEC_DTLS_PSK_MAX 64U       /* R-5.2.9.1-11 */
#define LWSEC_DTLS_ADDRESS_MAX 32U
#define LWSEC_DTLS_KEPT 2048U
#define LWSEC_DTLS_MTU_MIN 128U
#define LWSEC_DTLS_MTU_SMS 140U /* RFC 7925 Appendix A: one short message, without ports */
#define LWSEC_DTLS_MTU_MAX 8192U
#define LWSEC_DTLS_MTU_DEFAULT 1232U   /* 1280, less IPv6 and UDP */
#define LWSEC_DTLS_QUEUE_DEFAULT 8192U /* bytes of datagrams that wait to be taken */
#define LWSEC_DTLS_QUEUE_SIZE(queue) ((queue) + 2U * sizeof(uint64_t))
#define LWSEC_DTLS_TIMEOUT_DEFAULT 1000U /* ms; RFC 6347 section 4.2.4.1 */
#define LWSEC_DTLS_TIMEOUT_RFC7925 9000U /* ms; for constrained networks, RFC 7925 section 11 */
#define LWSEC_DTLS_TIMEOUT_MAX 60000U    /* ms; timeouts double up to this */
#define LWSEC_DTLS_HANDSHAKE_MAX 180000U /* ms */

/* The client is always the (D)TLS client: R-5.2.7-01, R-5.2.7-02. */
typedef enum lwsec_dtls_role { LWSEC_DTLS_CLIENT = 1, LWSEC_DTLS_SERVER = 2 } lwsec_dtls_role;

/* Bits of `flags`. */
enum {
    /* A client also offers the CBC_SHA256 suites, which it should not (T-39). Servers always take
     * them, after CCM_8. */
    LWSEC_DTLS_ALLOW_CBC = 1 << 0,
    /* A server with certificates shows its first one where SNI says a name that none of them has,
     * and goes on. */
    LWSEC_DTLS_ANY_NAME = 1 << 1,
    /* A session without the extended master secret (RFC 7627) is closed as soon as its handshake is
     * done; with an engine that has LWSEC_DTLS_EXTENDED_MASTER. Without the flag it is offered and
     * taken, and peers without it are, too. */
    LWSEC_DTLS_NEED_EXTENDED_MASTER = 1 << 2,
    /* A client with certificates asks for an OCSP response (status_request of RFC 6066, T-07;
     * R-5.2.9.6-03), which becomes `ocsp` of the check; with an engine that has LWSEC_DTLS_STATUS.
     * A server that sends none is taken, unless the check has LWSEC_CERT_NEED_STATUS. What lists
     * and responses say is judged after all else, and each refusal by them is alert 113. Not with
     * LWSEC_DTLS_ALLOW_RESUME: a short handshake has no response. */
    LWSEC_DTLS_ASK_STATUS = 1 << 3,
    /* Sessions may be saved. With certificates each keeps those of its peer, to judge them again:
     * LWSEC_DTLS_KEPT bytes more. */
    LWSEC_DTLS_ALLOW_SLEEP = 1 << 4,
    /* Sessions may be resumed by a short handshake. Certificates are kept likewise. */
    LWSEC_DTLS_ALLOW_RESUME = 1 << 5
};

/*
 * The pre-shared key of an identity. The callback fills `secret` (LWSEC_DTLS_PSK_MAX bytes of
 * room), which is wiped after use. Any answer but LWSEC_OK: there is none.
 *
 * The engine keeps a copy for the time of the handshake (mbedTLS as a client: of the endpoint).
 */
typedef lwsec_status (*lwsec_dtls_psk)(void *argument, lwsec_bytes identity, lwsec_buffer *secret);

/*
 * The same as a handle with LWSEC_USE_PSK, whose store derives the master secret: the PSK itself
 * does not leave it. With an engine that has LWSEC_DTLS_PSK_HANDLE; with another, and with a store
 * that cannot derive it, LWSEC_UNSUPPORTED on a client and no handshake on a server.
 */
typedef lwsec_status (*lwsec_dtls_psk_key)(void *argument, lwsec_bytes identity, lwsec_key *key);

/* One more certificate of a server. */
typedef struct lwsec_dtls_certificate {
    const lwsec_bytes *chain; /* DER, the end entity first; P-256 */
    size_t chain_count;
    lwsec_key key; /* LWSEC_USE_SIGN */
} lwsec_dtls_certificate;

#define LWSEC_DTLS_MORE_MAX 7U

/*
 * Whether a raw public key (RFC 7250) is that of a client: a SubjectPublicKeyInfo in DER, on a
 * curve that is allowed. Any answer but LWSEC_OK: it is stored nowhere (R-5.2.9.2-15,
 * R-5.2.9.2-16).
 */
typedef lwsec_status (*lwsec_dtls_raw_key)(void *argument, lwsec_bytes key);

/*
 * The OCSP response about a server's own certificate, DER, for clients that ask; copied. Any answer
 * but LWSEC_OK: there is none at present, and the handshake goes on without.
 */
typedef lwsec_status (*lwsec_dtls_staple)(void *argument, lwsec_bytes certificate,
                                          lwsec_bytes *response);

/* A list out of an account, the most preferred first. */
typedef struct lwsec_dtls_numbers {
    const uint16_t *list;
    size_t count;
} lwsec_dtls_numbers;

/* The time for certificates. */
typedef lwsec_cert_time (*lwsec_dtls_clock)(void *argument);

/*
 * Connection IDs (RFC 9146; R-5.2.8-01): a client that comes from another address is known by the
 * ID that stands in its records.
 *
 * OFFERED: used if both sides have it. REQUIRED: otherwise the handshake fails with
 * LWSEC_WHY_DTLS_CID, and an engine without LWSEC_DTLS_CID is LWSEC_UNSUPPORTED.
 */
typedef enum lwsec_dtls_cid_mode {
    LWSEC_DTLS_CID_OFF = 0,
    LWSEC_DTLS_CID_OFFERED,
    LWSEC_DTLS_CID_REQUIRED
} lwsec_dtls_cid_mode;

#define LWSEC_DTLS_CID_MAX 16U

#define LWSEC_DTLS_RESUME_PSK 640U
#define LWSEC_DTLS_RESUME_X509 4608U

/*
 * What it points at must live as long as the endpoint. PSK, X.509 or raw public keys; a server may
 * have any of the three together, and asks every client that does not use a PSK for a certificate
 * or a raw public key. An end that is set up for raw public keys alone takes nothing else.
 */
typedef struct lwsec_dtls_config {
    size_t size;
    lwsec_dtls_role role;
    uint32_t flags;
    void *argument; /* for the callbacks */

    lwsec_dtls_cid_mode cid;
    uint32_t cid_size; /* of a server's own CIDs, 1 to LWSEC_DTLS_CID_MAX bytes; of a client 0: it
                          asks for none in what it receives */

    void *resume; /* of a server with LWSEC_DTLS_ALLOW_RESUME: where it remembers sessions, aligned
                     as for uint64_t; the oldest make room for new ones */
    size_t resume_size; /* LWSEC_DTLS_RESUME_PSK for each, or with X.509 or raw public keys
                           LWSEC_DTLS_RESUME_X509 */

    lwsec_bytes identity; /* of a client with a PSK: 1 to 128 bytes */
    lwsec_dtls_psk psk;   /* at most one of the two; both NULL: no PSK */
    lwsec_dtls_psk_key psk_key;

    const lwsec_bytes *chain;      /* own certificates, DER, the end entity first; P-256 */
    size_t chain_count;            /* 0: no X.509 */
    lwsec_key key;                 /* LWSEC_USE_SIGN; its public key is that of chain[0], or
                                      what is shown as a raw public key */
    const lwsec_cert_check *check; /* how the peer's are judged; `chain` and `chain_count` of it
                                      are not looked at, its role is the peer's */
    lwsec_dtls_clock clock;        /* NULL: the time in `check` */
    lwsec_bytes server_name;       /* of a client: what SNI carries; empty: no SNI */

    /* Of a server with a `chain`: other certificates. The first that names what the client's SNI
     * says is shown, `chain` among them and before them: R-5.2.9.4-04. Without SNI it is `chain`. A
     * name that none has is fatal alert 112, see LWSEC_DTLS_ANY_NAME. How the client's certificate
     * is judged does not depend on it. */
    const lwsec_dtls_certificate *more;
    size_t more_count;        /* up to LWSEC_DTLS_MORE_MAX */
    lwsec_dtls_staple staple; /* of a server with a `chain`; NULL: none */

    /* What an account says in resources 16, 18 and 20 of its Security object, with IANA's numbers;
     * no list: all of these suites, secp256r1, ecdsa_secp256r1_sha256. Lists narrow and order what
     * is there, and what they name beside is passed over:
     *   suites      0xC0A8, 0xC0AE; where CBC is allowed 0x00AE, 0xC023
     *   groups      23, 24, 25, 29 (secp256r1, secp384r1, secp521r1, x25519), 23 among them, for
     *               the keys of both sides are on it
     *   signatures  0x0403 among them, which is the one that is used
     * Resources 19, 21 and 23 are those of the server, 22 is for TLS 1.3: they change nothing here.
     * Of the extensions of resource 24 there are server_name (`server_name`), status_request
     * (LWSEC_DTLS_ASK_STATUS) and connection_id (`cid`). */
    lwsec_dtls_numbers suites;
    lwsec_dtls_numbers groups;
    lwsec_dtls_numbers signatures;

    /* Raw public keys, with an engine that has LWSEC_DTLS_RPK; `key` is the own one. */
    lwsec_bytes server_key;     /* of a client: the one that the server has to have, as it stands in
                                   Server Public Key; empty: none are used */
    lwsec_dtls_raw_key raw_key; /* of a server; NULL: none are used */

    uint32_t mtu;           /* the largest datagram; 0: LWSEC_DTLS_MTU_DEFAULT. A message of the
                               handshake that cannot be cut so small ends it: WHY_TOO_LONG */
    uint32_t queue;         /* at least 2 * mtu; 0: LWSEC_DTLS_QUEUE_DEFAULT, or 2 * mtu if more */
    void *queue_memory;     /* NULL: each session has a queue of its own. Else
                               LWSEC_DTLS_QUEUE_SIZE(queue) bytes, aligned as for uint64_t and
                               zeroed, that all sessions of one thread share, for servers: take all
                               before the next session emits, what is left is lost */
    uint32_t first_timeout; /* ms, up to LWSEC_DTLS_TIMEOUT_MAX; 0: LWSEC_DTLS_TIMEOUT_DEFAULT */
    uint32_t handshake_max; /* ms until a handshake is given up; 0: LWSEC_DTLS_HANDSHAKE_MAX */
} lwsec_dtls_config;

/* Bytes of memory for an endpoint of this engine. */
LWSEC_API size_t lwsec_dtls_endpoint_size(const lwsec_dtls_engine *engine);

/*
 * Makes an endpoint in the caller's memory, aligned as for uint64_t.
 *
 * LWSEC_USAGE with LWSEC_WHY_CONFIG: a value that is not known or does not fit, no credentials;
 * with LWSEC_WHY_DTLS_OWN_KEY: own certificates that cannot be read, or a key that is not theirs.
 * LWSEC_UNSUPPORTED: a PSK identity or a PSK of a client that this engine cannot carry; raw public
 * keys where it has none; with LWSEC_WHY_DTLS_SUITE, lists of which nothing is left. LWSEC_BUFFER,
 * LWSEC_ENGINE.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_endpoint_open(const lwsec_dtls_engine *engine,
                                                                 const lwsec_dtls_config *config,
                                                                 void *memory, size_t size,
                                                                 lwsec_dtls_endpoint **endpoint,
                                                                 lwsec_reason *reason);

/* Closes it, after all of its sessions, and sets the pointer to NULL. */
LWSEC_API void lwsec_dtls_endpoint_close(lwsec_dtls_endpoint **endpoint);

/* ---- Sessions ---- */

/* Bytes of memory for a session of this endpoint. */
LWSEC_API size_t lwsec_dtls_size(const lwsec_dtls_endpoint *endpoint);

/*
 * Makes a session. `address` is the peer's, in whatever bytes the caller writes addresses, 1 to
 * LWSEC_DTLS_ADDRESS_MAX; a server's session listens, and takes no address (empty). `now` is in
 * milliseconds of a clock that never goes back.
 *
 * A client has its first flight to be taken.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_open(const lwsec_dtls_endpoint *endpoint,
                                                        void *memory, size_t size,
                                                        lwsec_bytes address, uint64_t now,
                                                        lwsec_dtls **session, lwsec_reason *reason);

/* Ends a session without a word to the peer, wipes it, and sets the pointer to NULL. */
LWSEC_API void lwsec_dtls_close(lwsec_dtls **session);

/*
 * A datagram that came from `address`. Plaintext that was not read before is lost.
 *
 * LWSEC_OK says only that it was looked at: events and plaintext tell what came of it. Forged,
 * repeated and broken records are dropped without a word (R-5.2.10-11). LWSEC_REJECT with
 * LWSEC_WHY_DTLS_ADDRESS: from another address than the peer's, and without our CID: not looked at.
 * With it, the address becomes the peer's once a record of it is authentic and newer than all
 * before (RFC 9146 section 6): LWSEC_DTLS_EVENT_ADDRESS. LWSEC_REJECT with
 * LWSEC_WHY_DTLS_CLOSED: the session is over. LWSEC_FORKED.
 *
 * A server that listens keeps nothing of a client whose address is not proved: it answers the first
 * ClientHello with a cookie, and is bound when that comes back. A session that is open does not
 * hear a ClientHello: for a client that starts anew from the same address, close it.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_feed(lwsec_dtls *session, lwsec_bytes datagram,
                                                        lwsec_bytes address, uint64_t now,
                                                        lwsec_reason *reason);

/* To be called at the deadline; at another time it does no harm. Answers as lwsec_dtls_feed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_step(lwsec_dtls *session, uint64_t now,
                                                        lwsec_reason *reason);

/* When lwsec_dtls_step is due; UINT64_MAX: never. Never past the limit of the handshake. */
LWSEC_API uint64_t lwsec_dtls_deadline(const lwsec_dtls *session);

/*
 * The next datagram to send to the peer: LWSEC_ABSENT when there is none, LWSEC_BUFFER when the
 * room is too small (mtu bytes are enough). Take all after each call: what finds no place in the
 * queue is lost, as on the way. A listening server's goes to the address that was fed last.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_take(lwsec_dtls *session,
                                                        lwsec_buffer *datagram);

/* The plaintext of the next record: LWSEC_ABSENT when there is none; LWSEC_BUFFER, and it is still
 * there, when the room is too small (mtu bytes are enough). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_read(lwsec_dtls *session,
                                                        lwsec_buffer *plaintext);

/*
 * One record with this plaintext, to be taken. LWSEC_REJECT with LWSEC_WHY_DTLS_HANDSHAKE: the
 * handshake is not done; with LWSEC_WHY_DTLS_CLOSED: the session is over. LWSEC_BUFFER with
 * LWSEC_WHY_TOO_LONG: more than lwsec_dtls_plaintext_max; with LWSEC_WHY_OUTPUT_FULL: take first.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_write(lwsec_dtls *session, lwsec_bytes plaintext,
                                                         uint64_t now, lwsec_reason *reason);

/* The most plaintext that fits a datagram of the MTU; 0 before the handshake is done. */
LWSEC_API size_t lwsec_dtls_plaintext_max(const lwsec_dtls *session);

/* Tells the peer that it is over (close_notify, to be taken), and closes: the event is there at
 * once, and no answer comes. Look for events before waiting for the next datagram. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_shut(lwsec_dtls *session, uint64_t now);

/* ---- Events ---- */

typedef enum lwsec_dtls_event_kind {
    LWSEC_DTLS_EVENT_DONE = 1, /* the handshake is done, the peer authenticated: lwsec_dtls_peer */
    LWSEC_DTLS_EVENT_ALERT,    /* a fatal alert was sent or received, or the peer has canceled the
                                * handshake (90); CLOSED follows */
    LWSEC_DTLS_EVENT_CLOSED,   /* it is over; the last event */
    LWSEC_DTLS_EVENT_ADDRESS   /* the peer has another address: lwsec_dtls_address */
} lwsec_dtls_event_kind;

typedef struct lwsec_dtls_event {
    size_t size;
    lwsec_dtls_event_kind kind;
    bool resumed;      /* of DONE: by a short handshake */
    lwsec_alert alert; /* of ALERT: for lwsec_alert_judge, and for the report to the retry engine */
    lwsec_why why;     /* of CLOSED: NONE: as agreed (close_notify, after the handshake);
                          DTLS_TIMEOUT, DTLS_ALERT, DTLS_HANDSHAKE, DTLS_IDENTITY, TOO_LONG, or
                          why the certificates were refused */
} lwsec_dtls_event;

/* The next event: LWSEC_ABSENT when there is none. `size` is set by the caller. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_next_event(lwsec_dtls *session,
                                                              lwsec_dtls_event *event);

/* Whether a server's session has a client: its address is proved, its handshake goes on. */
LWSEC_API bool lwsec_dtls_is_bound(const lwsec_dtls *session);

typedef enum lwsec_dtls_credential {
    LWSEC_DTLS_BY_PSK = 1,
    LWSEC_DTLS_BY_CERTIFICATE = 2,
    LWSEC_DTLS_BY_RAW_KEY = 3
} lwsec_dtls_credential;

/*
 * Who the peer is, once the handshake is done: the identity that a client gave (for a client: that
 * of its own PSK), the end-entity certificate, for lwsec_cert_common_name, or the raw public key, a
 * SubjectPublicKeyInfo; each for the check of the endpoint name (R-5.2.6-02). LWSEC_ABSENT: not
 * done. LWSEC_BUFFER: the room is too small.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_peer(const lwsec_dtls *session,
                                                        lwsec_dtls_credential *credential,
                                                        lwsec_buffer *identity);

/* ---- Connection IDs ---- */

/*
 * The CID of a server's session that listens, `cid_size` bytes: what clients will put into their
 * records. No two sessions of one socket may have the same. A session without takes part in no
 * negotiation. LWSEC_USAGE with LWSEC_WHY_CONFIG: not such a session, or another size.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_set_cid(lwsec_dtls *session, lwsec_bytes cid,
                                                           lwsec_reason *reason);

/* Whether CIDs were agreed on; false before the handshake is done. */
LWSEC_API bool lwsec_dtls_has_cid(const lwsec_dtls *session);

/* The CID of `size` bytes in the first record of a datagram, for routing; it points into it.
 * LWSEC_ABSENT: there is none. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_cid_of(lwsec_bytes datagram, size_t size,
                                                          lwsec_bytes *cid);

/*
 * The peer's address: where datagrams go. Nothing tells that the peer hears at a new one, which
 * whoever is on the path can write into a datagram: send little there before it has answered.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_address(const lwsec_dtls *session,
                                                           lwsec_buffer *address);

/* ---- Sleep ---- */

#define LWSEC_DTLS_NAME 16U

/*
 * Puts an open session to sleep: it becomes a record (LWSEC_RECORD_ASSOCIATION) under a name of the
 * caller's choice, in a state that seals, and is over here. An older record of that name goes.
 * The other side notices nothing. Needs 5 kB of stack.
 *
 * It is over as soon as its record is written, before that is durable: if the state then fails
 * (LWSEC_STATE, LWSEC_CONFLICT), it is lost, and never lives twice. Nothing but the state holds
 * that: whoever sets it back to an older copy, whose session was loaded since, has two sessions
 * encrypt with the same nonces. Save only into a state that notices (see
 * lwsec_state_rollback_protected), or whose medium nobody can set back.
 *
 * LWSEC_REJECT with LWSEC_WHY_DTLS_HANDSHAKE or LWSEC_WHY_DTLS_CLOSED: not open; with
 * LWSEC_WHY_DTLS_BUSY: take and read first; or nothing was heard yet from the peer since we sent
 * the last flight of the handshake.
 * LWSEC_UNSUPPORTED with LWSEC_WHY_DTLS_BUSY: the engine or the suite (CBC) cannot; with
 * LWSEC_WHY_TOO_LONG: the peer's certificates are more than LWSEC_DTLS_KEPT. LWSEC_USAGE with
 * LWSEC_WHY_CONFIG: without LWSEC_DTLS_ALLOW_SLEEP. LWSEC_STATE with LWSEC_WHY_STATE_SEALING: the
 * state does not seal; then the session is as it was. LWSEC_PENDING as that of the state.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_save(lwsec_dtls *session, lwsec_state *state,
                                                        const uint8_t name[LWSEC_DTLS_NAME],
                                                        lwsec_reason *reason);

/*
 * Makes a session out of a record, which is taken: what was loaded once is not there any more, also
 * if it is then refused. It is open, with the peer's address as it was saved; no event tells so.
 *
 * LWSEC_ABSENT: no such record. LWSEC_REJECT with LWSEC_WHY_DTLS_CHANGED: it was saved with another
 * role, credential, or policy for the peer; with a reason of certificates: those of the peer do not
 * hold any more. LWSEC_STATE: as the state; or with LWSEC_WHY_STATE_FOREIGN, not such a record.
 * Otherwise as lwsec_dtls_open. Needs 5 kB of stack, and that of lwsec_cert_verify.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_load(
    const lwsec_dtls_endpoint *endpoint, void *memory, size_t size, lwsec_state *state,
    const uint8_t name[LWSEC_DTLS_NAME], uint64_t now, lwsec_dtls **session, lwsec_reason *reason);

/* ---- Resumption ---- */

/*
 * A client stores what it needs to resume an open session (LWSEC_RECORD_TICKET: a session ID, or
 * the ticket that the server gave), in a state that seals. The session goes on. After a fatal alert
 * in it the record is to be erased (RFC 5246 section 7.2), as a server forgets its own. Answers as
 * lwsec_dtls_save; LWSEC_USAGE also on a server. Needs 9 kB of stack.
 *
 * What nobody could judge again is not resumed: a peer with certificates of more than
 * LWSEC_DTLS_KEPT bytes. A server does not remember it; here LWSEC_UNSUPPORTED with
 * LWSEC_WHY_TOO_LONG.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_store_ticket(lwsec_dtls *session,
                                                                lwsec_state *state,
                                                                const uint8_t name[LWSEC_DTLS_NAME],
                                                                lwsec_reason *reason);

/*
 * As lwsec_dtls_open for a client, and offers what was stored, if the configuration is the same and
 * the server's certificates still hold: neither is left to what the engine remembers. If not, or if
 * the server does not take it, the handshake is a whole one, and judges anew.
 *
 * A server (LWSEC_DTLS_ALLOW_RESUME) checks the same before it takes an offer: the PSK is looked up
 * again and has to be the same, the certificates are judged again. It remembers a session for
 * LWSEC_DTLS_RESUME_MAX, and needs 12 kB of stack more for it.
 *
 * LWSEC_STATE, LWSEC_PENDING: as the state.
 */
#define LWSEC_DTLS_RESUME_MAX 86400000U /* ms; RFC 5246 section F.1.4 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_open_again(
    const lwsec_dtls_endpoint *endpoint, void *memory, size_t size, lwsec_bytes address,
    uint64_t now, lwsec_state *state, const uint8_t name[LWSEC_DTLS_NAME], lwsec_dtls **session,
    lwsec_reason *reason);

/* The suite's number, as 0xC0A8; 0 before the handshake is done. */
LWSEC_API uint16_t lwsec_dtls_suite(const lwsec_dtls *session);

#ifdef __cplusplus
}
#endif
#endif
