/* Fresh requests: Echo values that need no memory, and which operations need one. RFC 9175. */
#ifndef LWSEC_COAP_FRESHNESS_H
#define LWSEC_COAP_FRESHNESS_H

#include <lwsec/coap.h>
#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The size of an Echo value of ours: 5 bytes of time, 8 of MAC. RFC 9175 allows 1 to 40. */
#define LWSEC_ECHO_SIZE 13U
/* How long an Echo value counts where nothing else is said, in milliseconds: longer than a client
 * takes to repeat its request over a constrained network (MAX_TRANSMIT_SPAN is 45 s). */
#define LWSEC_ECHO_LIFETIME_DEFAULT 60000U

/*
 * An operation that needs freshness: R-5.7-01. Requests with one of the methods that `codes` names
 * (bit N: code 0.N, as in 1 << LWSEC_COAP_POST) to the path "/3/0/13", where a segment "*" stands
 * for any one. With `ancestors`, requests to a path above it count too: a Write to /3/0 may hold
 * Current Time.
 */
typedef struct lwsec_freshness_rule {
    const char *path;
    uint32_t codes;
    bool ancestors;
} lwsec_freshness_rule;

/*
 * The rules of LwM2M 1.2. For a Bootstrap-Server and a Server: Bootstrap-Request,
 * Bootstrap-Pack-Request and Register (R-6.x-adj-02, R-6.x-adj-05). For a Client: Write to Current
 * Time and the Executes that reboot, reset or update it (R-5.7-01).
 */
LWSEC_API const lwsec_freshness_rule *lwsec_lwm2m_server_freshness(size_t *count);
LWSEC_API const lwsec_freshness_rule *lwsec_lwm2m_client_freshness(size_t *count);

/*
 * What makes and judges Echo values, without memory of those that were given out: a value holds the
 * time at which it was made and a MAC over that time and its peer. Any number may be outstanding
 * (R-5.7-05). A value that is used twice is the replay window's affair.
 *
 * Filled by the caller, who sets `now` before each message that is fed to what refers to it. One
 * struct may serve all peers of a thread.
 */
typedef struct lwsec_freshness {
    size_t size;       /* sizeof(lwsec_freshness) */
    lwsec_key key;     /* LWSEC_ALG_HMAC_256 with LWSEC_USE_MAC, generated in this process */
    uint64_t now;      /* milliseconds of a clock that does not go back, below 2^40 */
    uint32_t lifetime; /* milliseconds; 0: LWSEC_ECHO_LIFETIME_DEFAULT */
    const lwsec_freshness_rule *rules; /* which requests need it; NULL with `rule_count` 0: none */
    size_t rule_count;
} lwsec_freshness;

/* Whether a rule asks for a fresh Echo with this request. */
LWSEC_API bool lwsec_freshness_needed(const lwsec_freshness *freshness,
                                      const lwsec_coap_message *request);

/* Makes an Echo value for `peer`, any bytes that name the peer and its security association.
 * Answers as lwsec_key_mac; LWSEC_USAGE: `size`, or a time that is past 2^40. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_freshness_make(const lwsec_freshness *freshness,
                                                             lwsec_bytes peer,
                                                             uint8_t echo[LWSEC_ECHO_SIZE]);

/*
 * Judges an Echo value that `peer` brought. LWSEC_OK: it was made here, for this peer, at most
 * `lifetime` ago. LWSEC_CHALLENGE: it was not, or there is none (size 0): the request is not known
 * to be fresh. Otherwise as lwsec_freshness_make. R-5.7-03, R-5.7-06.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_freshness_check(const lwsec_freshness *freshness,
                                                              lwsec_bytes peer, lwsec_bytes echo);

#ifdef __cplusplus
}
#endif
#endif
