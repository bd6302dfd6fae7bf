/* A client and a server of any two engines, in one process, with a network between them. */
#ifndef LWSEC_TESTS_DTLS_KIT_H
#define LWSEC_TESTS_DTLS_KIT_H

#include "tests/support/test.h"

#include <lwsec/dtls.h>

/* 2030-01-01T00:00:00Z */
#define KIT_TIME INT64_C(1893456000)
#define KIT_MTU 2048U

typedef struct kit_engine {
    const char *name;
    const lwsec_dtls_engine *(*get)(void);
    lwsec_status (*store_open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*store_close)(lwsec_store **store);
    size_t (*store_size)(uint32_t slots);
} kit_engine;

/* Entry `index`, or NULL past the end. There is always at least one. */
const kit_engine *kit_engine_at(size_t index);

/* The time of the tests, in ms. OpenSSL's clock is this one too. */
extern uint64_t kit_now;

/* One side: credentials that a test may change between kit_side_init and kit_open. */
typedef struct kit_side {
    const kit_engine *kind;
    lwsec_dtls_config config;
    lwsec_cert_check check;
    lwsec_bytes chain[3];
    lwsec_bytes trust[1];
    lwsec_store *store;
    void *store_memory;
    const char *psk_identity; /* what the side knows; NULL: no PSK */
    size_t psk_identity_size;
    lwsec_bytes psk;
    lwsec_bytes raw_key; /* of the client that a server has stored */
    lwsec_dtls_endpoint *endpoint;
    void *endpoint_memory;
    lwsec_dtls *session;
    void *session_memory;
    /* What came of it. */
    bool done;
    bool resumed;
    bool late; /* for tests with a clock */
    bool closed;
    uint64_t ended; /* when the handshake was done, or the session over */
    lwsec_why why;
    size_t alerts;
    size_t moves; /* of the peer's address */
    lwsec_alert alert;
    uint8_t got[KIT_MTU]; /* plaintext */
    size_t got_size;
} kit_side;

typedef struct kit {
    kit_side client;
    kit_side server;
    /* The network: per cent of datagrams that are lost, doubled, or delayed; 0: perfect. */
    unsigned loss, doubling, delay;
    uint64_t seed;
    size_t datagrams; /* sent by both */
} kit;

/* Credentials: "psk", "x509", "rpk". Every default is one that works. */
void kit_init(kit *pair, const kit_engine *client, const kit_engine *server, const char *mode);

/* Certificates and lists by name, of tests/vectors/dtls.txt and dtls_more.txt. */
lwsec_bytes kit_certificate(const char *name);
lwsec_bytes kit_scalar(const char *name); /* its private key */
/* The SubjectPublicKeyInfo of one; it points into the certificate. */
lwsec_bytes kit_raw_key(const char *name);
/* The handle that a side signs with, of the certificate's key. */
void kit_key(kit_side *side, const char *certificate);
void kit_identity(kit_side *side, const char *certificate, const char *intermediate);

/* Opens an endpoint alone, or both sides; the test fails if that does not work. */
lwsec_status kit_endpoint(kit_side *side, lwsec_reason *reason);
void kit_open(kit *pair);

/* Runs until nothing is due any more, or both are done or closed. */
void kit_run(kit *pair);

/* Moves what is queued, once in each direction; for tests that look at each step. */
void kit_exchange(kit *pair);
void kit_collect(kit_side *side);

/* Both are done, and data pass both ways. */
void kit_check_works(kit *pair);

void kit_close(kit *pair);

/* Calls `test` with each pair of engines. */
void kit_each(void (*test)(const kit_engine *client, const kit_engine *server));

#endif
