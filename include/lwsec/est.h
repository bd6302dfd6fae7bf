/* Enrolment over EST-coaps (RFC 9148 on RFC 7030): a certificate for a key of the device. */
#ifndef LWSEC_EST_H
#define LWSEC_EST_H

#include <lwsec/cert.h>
#include <lwsec/coap.h>
#include <lwsec/csr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Content-Formats of CoAP that EST-coaps has: RFC 9148 section 8.1. */
enum {
    LWSEC_EST_CERTS_ONLY = 281, /* application/pkcs7-mime; smime-type=certs-only */
    LWSEC_EST_LINKS = 40,       /* application/link-format */
    LWSEC_EST_PKCS10 = 286,     /* application/pkcs10 */
    LWSEC_EST_CERTIFICATE = 287 /* application/pkix-cert */
};

/* ---- What a server answers ---- */

/*
 * The certificates of an answer, in DER, at most `capacity` of them, in the order of the answer.
 * They point into `payload`. LWSEC_EST_CERTIFICATE: one certificate. LWSEC_EST_CERTS_ONLY: a
 * SignedData without content and without signers (RFC 5652 section 5, in DER: RFC 9148 section
 * 4.3), with at least one certificate; CRLs in it are passed over.
 *
 * Each is read as a certificate, and nothing is verified: see lwsec_est_judge.
 *
 * LWSEC_REJECT: malformed, with the reason of the reader; with LWSEC_WHY_EST_ANSWER: another
 * format; with LWSEC_WHY_CERT_LIMIT: more than `capacity`.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_certificates(lwsec_bytes payload, uint16_t format,
                                                               lwsec_bytes *certificates,
                                                               size_t capacity, size_t *count,
                                                               lwsec_reason *reason);

typedef struct lwsec_est_check {
    size_t size;
    lwsec_key key;             /* whose certificate it has to be */
    const lwsec_bytes *answer; /* of /sen or /sren */
    size_t answer_count;
    const lwsec_bytes *authorities; /* of /crts */
    size_t authority_count;
    lwsec_cert_time time;
    lwsec_bytes endpoint; /* the common name that it has to have (R-5.2.6-02); empty: any */
    uint32_t policy;      /* LWSEC_CERT_ALLOW_...; those of a status do not count here */
} lwsec_est_check;

/*
 * Judges what the server answered, and gives the certificate with those above it, without the root,
 * as a peer needs them: the end entity first.
 *
 * There must be a certificate for the public key of `key`; it has to be one of a client by the
 * rules of lwsec_cert_verify (RFC 7925: an end entity that may sign), valid now, and have a path to
 * the authorities: to those of them that are self-issued, the others being between; to any of them
 * where none is. RFC 7030 section 4.1.3.
 *
 * LWSEC_REJECT with LWSEC_WHY_EST_OTHER_KEY: no certificate is for this key. Otherwise as
 * lwsec_cert_verify and lwsec_key_public.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_judge(const lwsec_cert_engine *engine,
                                                        const lwsec_est_check *check,
                                                        lwsec_bytes chain[LWSEC_CERT_PATH_MAX],
                                                        size_t *count, lwsec_reason *reason);

/*
 * When a certificate is to be renewed, in seconds since 1970: `before` seconds before its end, or,
 * with 0, when a third of its time is left; never before it is valid. INT64_MAX: never, as it has
 * no end (99991231235959Z, RFC 5280 section 4.1.2.5). R-5.2.9.5-01.
 *
 * LWSEC_REJECT: no certificate.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_renew_at(lwsec_bytes certificate, uint32_t before,
                                                           int64_t *seconds);

/* ---- The client ---- */

/*
 * One enrolment: asks for the certificates of the authorities (/crts), then for its own (/sen), and
 * checks what it is given; both parts of EST that LwM2M needs (R-5.2.4-21). Messages are plain
 * CoAP, confirmable, in blocks where they are large; retransmission is done here.
 *
 *   open, then { take all -> into the session; wait until deadline; feed or step } until the phase
 *   is DONE or FAILED.
 */
typedef struct lwsec_est lwsec_est;

/* Bits of `flags`. */
enum {
    /* The caller says: every message goes through a (D)TLS session in which the server was
     * authenticated by Server Public Key (R-5.2.4-14), and the client by a certificate or as the
     * server asks. Without it nothing is done. */
    LWSEC_EST_SECURED = 1 << 0,
    /* A renewal: /sren. The session is authenticated with the certificate that is renewed, which is
     * `renews` of the request (RFC 7030 section 4.2.2). */
    LWSEC_EST_RENEW = 1 << 1,
    /* Asks the server first where it has its functions (/.well-known/core?rt=ace.est*); `path` is
     * empty. Functions that it has elsewhere, behind another name or port, are not followed. */
    LWSEC_EST_DISCOVER = 1 << 2
};

#define LWSEC_EST_PATH_MAX 96U
#define LWSEC_EST_REQUEST_MAX 1024U      /* bytes of the certificate request */
#define LWSEC_EST_ROOM_DEFAULT 4096U     /* bytes of an answer */
#define LWSEC_EST_MESSAGE_MAX 1280U      /* bytes of a message */
#define LWSEC_EST_ACK_TIMEOUT 2000U      /* ms; RFC 7252 section 4.8 */
#define LWSEC_EST_ANSWER_TIMEOUT 247000U /* ms; EXCHANGE_LIFETIME */
#define LWSEC_EST_PATIENCE 3600000U      /* ms */
#define LWSEC_EST_MAX_AGE_DEFAULT 60U    /* s; RFC 7252 section 5.10.5 */

/* The time for certificates: asked when one is judged, which may be long after the start. */
typedef lwsec_cert_time (*lwsec_est_clock)(void *argument);

typedef struct lwsec_est_config {
    size_t size;
    uint32_t flags;
    const lwsec_csr_config *request; /* what is asked for; looked at during open alone */
    const lwsec_cert_engine *engine;
    lwsec_est_clock clock;
    void *argument;       /* of `clock` */
    lwsec_bytes endpoint; /* as in lwsec_est_check; stays until the end */
    uint32_t policy;      /* as in lwsec_est_check */
    lwsec_bytes path;     /* as "/est/label", at most LWSEC_EST_PATH_MAX bytes; empty:
                             "/.well-known/est", which every server has; stays until the end */
    uint16_t accept;      /* the format to ask for; 0: none is asked for, either is taken */
    uint8_t szx;          /* the largest block, as szx + 1; 0: 1024 bytes */
    uint32_t room;        /* bytes of an answer, at most; 0: LWSEC_EST_ROOM_DEFAULT */
    uint32_t ack_timeout; /* ms until the first retransmission; 0: LWSEC_EST_ACK_TIMEOUT. Four are
                             made, each after twice the time, as RFC 7252 section 4.2 says */
    uint32_t answer_timeout; /* ms to wait for an answer whose request was acknowledged; 0:
                                LWSEC_EST_ANSWER_TIMEOUT */
    uint32_t patience;       /* ms for all of it, with the waits that the server asks for; 0:
                                LWSEC_EST_PATIENCE */
} lwsec_est_config;

typedef enum lwsec_est_phase {
    LWSEC_EST_AUTHORITIES = 1, /* /crts */
    LWSEC_EST_ENROLS,          /* /sen or /sren */
    LWSEC_EST_WAITS,           /* the server asked to come again later (5.03 with Max-Age) */
    LWSEC_EST_DONE,
    LWSEC_EST_FAILED,
    LWSEC_EST_DISCOVERS /* where the functions are */
} lwsec_est_phase;

/* Bytes of memory, with `room` as it is used. The function is authoritative. */
#define LWSEC_EST_SIZE(room) (5120U + 2U * (((size_t)(room) + 7U) / 8U * 8U))
LWSEC_API size_t lwsec_est_size(const lwsec_est_config *config);

/*
 * Begins, in the caller's memory, aligned as for uint64_t. The certificate request is made here,
 * once: a server that asked to wait gets the identical one again. `now` is in milliseconds of a
 * clock that never goes back. Random numbers are those of the key's store.
 *
 * LWSEC_USAGE with LWSEC_WHY_EST_UNSECURED: the flag is not set, nothing was done. LWSEC_USAGE with
 * LWSEC_WHY_CONFIG: a field that is not known or out of its range. LWSEC_BUFFER: `size` is too
 * small, or the request is larger than LWSEC_EST_REQUEST_MAX. Otherwise as lwsec_csr_make and
 * lwsec_random.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_open(void *memory, size_t size,
                                                       const lwsec_est_config *config, uint64_t now,
                                                       lwsec_est **est, lwsec_reason *reason);

/* Wipes it and zeroes the pointer. */
LWSEC_API void lwsec_est_close(lwsec_est **est);

/* The next message to send: LWSEC_ABSENT when there is none, LWSEC_BUFFER when the room is too
 * small. Take all after each call. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_take(lwsec_est *est, lwsec_buffer *message);

/*
 * A message that came through the session.
 *
 * LWSEC_ABSENT: it is none of this enrolment (or one that comes again); it was not looked at
 * further. LWSEC_REJECT: the enrolment has failed by it, with LWSEC_WHY_EST_REFUSED (see
 * lwsec_est_code), EST_ANSWER, EST_PATIENCE, or why the blocks or the certificates are refused.
 * LWSEC_PENDING and the faults of lwsec_est_judge fail it too.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_feed(lwsec_est *est, lwsec_bytes message,
                                                       uint64_t now, lwsec_reason *reason);

/* To be called at the deadline; at another time it does no harm. LWSEC_REJECT with
 * LWSEC_WHY_EST_SILENT or EST_PATIENCE: it has failed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_step(lwsec_est *est, uint64_t now,
                                                       lwsec_reason *reason);

/* When lwsec_est_step is due; UINT64_MAX: never. While it waits for a server that asked to, the
 * session may be closed, and another one opened in time. */
LWSEC_API uint64_t lwsec_est_deadline(const lwsec_est *est);

LWSEC_API lwsec_est_phase lwsec_est_phase_of(const lwsec_est *est);

/* The code of the last answer, 0 before the first one. */
LWSEC_API uint8_t lwsec_est_code(const lwsec_est *est);

/*
 * What was got, once the phase is DONE: the certificate and those above it, one behind the other in
 * DER, as the resource Public Key or Identity has them in mode 2. LWSEC_ABSENT: not done.
 * LWSEC_BUFFER: the room is too small.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_est_identity(const lwsec_est *est,
                                                           lwsec_buffer *identity);

/* The same as certificates, the end entity first; none until the phase is DONE. They live in the
 * enrolment. */
LWSEC_API const lwsec_bytes *lwsec_est_chain(const lwsec_est *est, size_t *count);

/* The certificates of the authorities, from the phase ENROLS on; they live in the enrolment. */
LWSEC_API const lwsec_bytes *lwsec_est_authorities(const lwsec_est *est, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
