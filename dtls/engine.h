/* What an engine does for DTLS, and what sessions do for their engine. */
#ifndef LWSEC_DTLS_ENGINE_H
#define LWSEC_DTLS_ENGINE_H

#include <lwsec/dtls.h>

#include "core/lock.h"
#include "core/reader.h"
#include "core/siphash.h"
#include "core/writer.h"

/* Room for the longest cookie. */
#define LWSEC_DTLS_COOKIE 16U

#define LWSEC_DTLS_SESSION_ID 32U

/* How a session stands. */
typedef enum lwsec_dtls_state {
    LWSEC_DTLS_LISTENING = 1, /* a server without a client */
    LWSEC_DTLS_SHAKING,
    LWSEC_DTLS_OPEN,
    LWSEC_DTLS_OVER
} lwsec_dtls_state;

/* What came of a call into the engine. */
typedef enum lwsec_dtls_outcome {
    LWSEC_DTLS_WAITS = 0, /* the handshake goes on, or nothing is to be read */
    LWSEC_DTLS_DONE,      /* the handshake is done */
    LWSEC_DTLS_CLOSED,    /* close_notify */
    LWSEC_DTLS_FAILED
} lwsec_dtls_outcome;

struct lwsec_dtls_engine {
    const char *name;
    uint32_t capabilities;
    size_t psk_max;
    size_t endpoint_size; /* of its own data; multiples of 8 */
    size_t session_size;

    /* Makes its data, zeroed before, and the cookie's key. On failure it has freed all. */
    lwsec_status (*endpoint_open)(lwsec_dtls_endpoint *endpoint);
    void (*endpoint_close)(lwsec_dtls_endpoint *endpoint);
    lwsec_status (*open)(lwsec_dtls *session);
    void (*close)(lwsec_dtls *session);

    /* Goes on with the handshake, or with the records of `input`; also after a timeout. */
    lwsec_dtls_outcome (*drive)(lwsec_dtls *session);
    uint64_t (*deadline)(const lwsec_dtls *session);

    size_t (*pending)(const lwsec_dtls *session); /* bytes left of the record that is read */
    bool (*read)(lwsec_dtls *session, uint8_t *out, size_t size); /* exactly; at most pending */
    bool (*write)(lwsec_dtls *session, lwsec_bytes plaintext);
    void (*shut)(lwsec_dtls *session);
    uint16_t (*suite)(const lwsec_dtls *session);
    const lwsec_cert_engine *(*certificates)(void);

    /* The whole session as bytes; LWSEC_OK: it is used up. NULL without LWSEC_DTLS_SLEEP. */
    lwsec_status (*save)(lwsec_dtls *session, lwsec_buffer *out);
    bool (*load)(lwsec_dtls *session, lwsec_bytes saved); /* after `open` */

    /* What a short handshake needs, as bytes; the session's ID; whether one was taken up. To offer
     * it comes after `open`. */
    lwsec_status (*ticket)(lwsec_dtls *session, lwsec_buffer *out);
    bool (*offer)(lwsec_dtls *session, lwsec_bytes ticket);
    size_t (*session_id)(const lwsec_dtls *session, uint8_t id[LWSEC_DTLS_SESSION_ID]);
    bool (*is_resumed)(const lwsec_dtls *session);

    /* Connection IDs; NULL without LWSEC_DTLS_CID. Whether it takes the session's own; the size of
     * the peer's, and whether they are in use; the number of the newest record that was authentic.
     */
    bool (*set_cid)(lwsec_dtls *session);
    bool (*has_cid)(const lwsec_dtls *session, size_t *peer_size);
    uint64_t (*newest)(const lwsec_dtls *session);
    /* The peer's end-entity certificate into the room; its size also if that is too small. */
    size_t (*certificate)(const lwsec_dtls *session, uint8_t *out, size_t capacity);
    /* The same for the peer's raw public key; NULL without LWSEC_DTLS_RPK. */
    size_t (*raw_key)(const lwsec_dtls *session, uint8_t *out, size_t capacity);
};

/* What a server remembers of sessions, in sets of few places: an ID names its set. */
typedef struct lwsec_dtls_cache {
    lwsec_lock lock;
    uint8_t *places; /* NULL: nothing is remembered */
    size_t place_size;
    size_t sets;
    size_t ways;
    uint64_t now; /* the latest time that a session was told */
} lwsec_dtls_cache;

struct lwsec_dtls_endpoint {
    const lwsec_dtls_engine *engine;
    lwsec_dtls_config config;         /* defaults filled in */
    lwsec_siphash_key cookie_keys[3]; /* two for cookies, one for demultiplexers */
    uint32_t epoch;
    lwsec_dtls_cache *cache; /* in its own memory; NULL: nothing is remembered */
    uint64_t room[];
};

/* Whether there are pre-shared keys, in either way. */
static inline bool lwsec_dtls_has_psk(const lwsec_dtls_config *config)
{
    return config->psk != NULL || config->psk_key != NULL;
}

/* Whether there are raw public keys. */
static inline bool lwsec_dtls_has_raw_key(const lwsec_dtls_config *config)
{
    return config->server_key.size > 0 || config->raw_key != NULL;
}

/* Whether the suites are those with ECDSA. */
static inline bool lwsec_dtls_has_ecdsa(const lwsec_dtls_config *config)
{
    return config->chain_count > 0 || lwsec_dtls_has_raw_key(config);
}

/* IANA's numbers. */
enum {
    LWSEC_DTLS_PSK_CCM_8 = 0xC0A8,
    LWSEC_DTLS_PSK_CBC = 0x00AE,
    LWSEC_DTLS_ECDSA_CCM_8 = 0xC0AE,
    LWSEC_DTLS_ECDSA_CBC = 0xC023,
    LWSEC_DTLS_SECP256R1 = 23,
    LWSEC_DTLS_ECDSA_SHA256 = 0x0403
};

/* The most suites and groups of an endpoint. */
#define LWSEC_DTLS_SUITES 4U
#define LWSEC_DTLS_GROUPS 4U

/* Datagrams to be taken, of the session that emitted last; `queue` bytes of the configuration. */
typedef struct lwsec_dtls_queue {
    const lwsec_dtls *owner;
    size_t used;
    uint8_t data[];
} lwsec_dtls_queue;

/* Which events are to be told. */
enum {
    LWSEC_DTLS_TELL_DONE = 1,
    LWSEC_DTLS_TELL_ALERT = 2,
    LWSEC_DTLS_TELL_CLOSED = 4,
    LWSEC_DTLS_TELL_ADDRESS = 8
};

struct lwsec_dtls {
    const lwsec_dtls_endpoint *endpoint;
    lwsec_dtls_state state;
    uint32_t epoch;
    uint64_t now;
    uint64_t limit;    /* of the handshake */
    uint64_t active;   /* when a record was authentic, or sent, for the last time */
    lwsec_bytes input; /* the datagram that the engine has not taken yet */
    uint32_t tell;
    bool authenticated; /* a PSK was found, or certificates were judged, in this handshake */
    bool resumed;
    lwsec_alert alert;
    bool canceled; /* by user_canceled; the engine sets it, while the handshake goes on */
    lwsec_why why;
    uint8_t address[LWSEC_DTLS_ADDRESS_MAX];
    size_t address_size;
    uint8_t from[LWSEC_DTLS_ADDRESS_MAX]; /* of the last datagram, where it is another one */
    size_t from_size;
    uint8_t cid[LWSEC_DTLS_CID_MAX];
    size_t cid_size;
    uint8_t identity[LWSEC_DTLS_IDENTITY_MAX];
    size_t identity_size;
    lwsec_dtls_queue *queue;
    uint8_t *kept; /* the peer's certificates, each behind its size, or its raw public key behind
                      two zeros; NULL: no room */
    size_t kept_size;
    uint64_t room[];
};

/* Bytes that wait to be taken. */
size_t lwsec_dtls_queue_used(const lwsec_dtls *session);
/* How large a datagram may be that still finds a place. */
size_t lwsec_dtls_queue_left(const lwsec_dtls *session);
/* Before a session goes: nothing of it stays in the room. */
void lwsec_dtls_queue_leave(lwsec_dtls *session);
/* Whether a datagram from another address may be looked at: the session is open, and its CID stands
 * in front. */
bool lwsec_dtls_comes_by_cid(const lwsec_dtls *session, lwsec_bytes datagram);

/* The address of the last datagram becomes the peer's if a record of it is newer than `newest`. */
uint64_t lwsec_dtls_newest(const lwsec_dtls *session);
void lwsec_dtls_follow(lwsec_dtls *session, uint64_t newest);

/* Bytes that the peer's CID adds to a record. */
size_t lwsec_dtls_cid_overhead(const lwsec_dtls *session);

/* Room for certificates that are kept: whether sessions of this endpoint have it. */
bool lwsec_dtls_keeps(const lwsec_dtls_endpoint *endpoint);

/* Whether enough is kept of the peer to judge it anew: an identity or certificates. Not of one with
 * a raw public key, or with more certificates than find room: its session goes no further. */
bool lwsec_dtls_is_kept(const lwsec_dtls *session);

/* Keeps the certificates of a peer, if they find room, and judges them again. */
void lwsec_dtls_keep(lwsec_dtls *session, const lwsec_bytes *chain, size_t count);
void lwsec_dtls_keep_key(lwsec_dtls *session, lwsec_bytes key); /* a raw public key */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_judge_kept(lwsec_dtls *session, lwsec_reason *reason);

/* Judges, and keeps nothing. */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_verify(const lwsec_dtls_endpoint *endpoint,
                                                const lwsec_cert_engine *engine,
                                                const lwsec_bytes *chain, size_t count,
                                                lwsec_reason *reason);

/* The same for a raw public key: NONE, or why not. */
lwsec_why lwsec_dtls_verify_key(const lwsec_dtls_config *config, lwsec_bytes key);

/* The PSK of an identity, or what stands in its place; the caller wipes. */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_psk_of(const lwsec_dtls_endpoint *endpoint,
                                                lwsec_bytes identity, lwsec_buffer *secret);

/* What an association rests on, but for time and revocation: role, own credential, the peer's PSK
 * by its identity, and whom else the endpoint takes for its peer. SHA-256 of it. */
#define LWSEC_DTLS_FINGERPRINT 32U
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_fingerprint(const lwsec_dtls_endpoint *endpoint,
                                                     lwsec_bytes identity,
                                                     uint8_t out[LWSEC_DTLS_FINGERPRINT]);

/* A session in memory, before its engine opens it. */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_prepare(const lwsec_dtls_endpoint *endpoint, void *memory,
                                                 size_t size, uint64_t now, lwsec_reason *reason);

/* A PSK's identity; empty where the peer has certificates. */
lwsec_bytes lwsec_dtls_psk_identity(const lwsec_dtls *session);

/* What stands before the engine's bytes in all that is kept of a session: fingerprint, identity,
 * certificates. Reading fills the session, and leaves the reader before those bytes. */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_write_head(const lwsec_dtls *session,
                                                    lwsec_writer *writer);
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_read_head(lwsec_dtls *session, lwsec_reader *reader,
                                                   lwsec_reason *reason);

/* A client's own identity is the one that its session has. */
void lwsec_dtls_set_own_identity(lwsec_dtls *session);

/* Ends a session without a word to the peer. */
void lwsec_dtls_end(lwsec_dtls *session, lwsec_why why);

/* Opens, and offers a record that lwsec_dtls_store_ticket made, if any. */
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_open_with(const lwsec_dtls_endpoint *endpoint,
                                                   void *memory, size_t size, lwsec_bytes address,
                                                   uint64_t now, lwsec_bytes ticket,
                                                   lwsec_dtls **session, lwsec_reason *reason);
void lwsec_dtls_offer(lwsec_dtls *session, lwsec_bytes ticket);

/* The memory of a server. Whether it fits; to begin and to end; the time. */
bool lwsec_dtls_cache_fits(const lwsec_dtls_config *config);
LWSEC_MUST_CHECK lwsec_status lwsec_dtls_cache_open(lwsec_dtls_endpoint *endpoint);
void lwsec_dtls_cache_close(lwsec_dtls_endpoint *endpoint);
void lwsec_dtls_cache_tell_time(const lwsec_dtls *session);

void lwsec_dtls_forget(const lwsec_dtls *session);

/* At the end of a handshake: a server remembers the session, or remembers whose it was. False: that
 * is not known any more, or nobody has judged a client's peer. */
bool lwsec_dtls_settle(lwsec_dtls *session);

/* ---- For engines, which live in their own libraries; not for applications ---- */

/* A datagram to send. What finds no place is lost. */
LWSEC_API void lwsec_dtls_emit(lwsec_dtls *session, lwsec_bytes datagram);

/* A fatal alert was seen. The first one counts. */
LWSEC_API void lwsec_dtls_saw_alert(lwsec_dtls *session, uint8_t number, bool sent);

/* The cookie for the session's address at present, and whether one is right. */
LWSEC_API void lwsec_dtls_cookie_make(const lwsec_dtls *session, uint8_t out[LWSEC_DTLS_COOKIE]);
LWSEC_API bool lwsec_dtls_cookie_check(const lwsec_dtls *session, lwsec_bytes cookie);

/* What a server remembers under an ID, if all of it still holds: the engine's bytes. */
LWSEC_API bool lwsec_dtls_recall(const lwsec_dtls_endpoint *endpoint, lwsec_bytes id,
                                 lwsec_buffer *ticket);

/* Judges the peer's certificates with the engine's own parser: 0, or the alert to send. */
LWSEC_API uint8_t lwsec_dtls_judge(lwsec_dtls *session, const lwsec_cert_engine *engine,
                                   const lwsec_bytes *chain, size_t count);

/* What an endpoint offers and takes, in its order: how many; 0: its lists leave nothing. */
LWSEC_API size_t lwsec_dtls_suites(const lwsec_dtls_config *config,
                                   uint16_t out[LWSEC_DTLS_SUITES]);
LWSEC_API size_t lwsec_dtls_groups(const lwsec_dtls_config *config,
                                   uint16_t out[LWSEC_DTLS_GROUPS]);

/* Whether what is signed with is among the signatures of its list. */
bool lwsec_dtls_signs(const lwsec_dtls_config *config);

/* Which of a server's certificates is for the name that SNI says: 0 is `chain`, then those of
 * `more`. False: none, to be told by alert 112. */
LWSEC_API bool lwsec_dtls_pick(lwsec_dtls *session, lwsec_bytes server_name, size_t *which);

/* Whether the status of the server's certificate is asked for. Then its chain is judged first, as
 * it comes, without it, and again with the response, which may be empty. */
static inline bool lwsec_dtls_asks_status(const lwsec_dtls_config *config)
{
    return (config->flags & (uint32_t)LWSEC_DTLS_ASK_STATUS) != 0;
}
LWSEC_API uint8_t lwsec_dtls_judge_status(lwsec_dtls *session, const lwsec_cert_engine *engine,
                                          const lwsec_bytes *chain, size_t count,
                                          lwsec_bytes response);

/* Judges the peer's raw public key: 0, or the alert to send. */
LWSEC_API uint8_t lwsec_dtls_judge_key(lwsec_dtls *session, lwsec_bytes key);

/* Where a PSK is a handle: what stands in the place of its bytes, to be known again in the
 * premaster secret. */
#define LWSEC_DTLS_PLACEHOLDER "lwsec-psk-handle"
#define LWSEC_DTLS_PLACEHOLDER_SIZE 16U

/* The PSK of a client's identity; the caller wipes. False: there is none. */
LWSEC_API bool lwsec_dtls_find_psk(lwsec_dtls *session, lwsec_bytes identity, lwsec_buffer *secret);

/* The PSK of a client's own configuration. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_own_psk(const lwsec_dtls_endpoint *endpoint,
                                                           lwsec_buffer *secret);

#endif
