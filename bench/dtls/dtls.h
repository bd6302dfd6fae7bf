/* Handshakes: those of lwsec over an engine, and those of the bare engine. */
#ifndef LWSEC_BENCH_DTLS_H
#define LWSEC_BENCH_DTLS_H

#include <lwsec/dtls.h>

/* DER; P-256 scalars. */
typedef struct dtls_credentials {
    lwsec_bytes root, intermediate, server, client, server_scalar, client_scalar;
} dtls_credentials;

extern const dtls_credentials credentials;

#define BENCH_IDENTITY "lwsec-bench"
#define BENCH_PSK "0123456789abcdef"
#define BENCH_SERVER_NAME "server.example"

/*
 * One way to have sessions. Both do the same work: a cookie, CCM_8, one group, one signature
 * algorithm; with X.509 both sides verify a chain of two certificates below the root.
 */
typedef struct dtls_way {
    const char *name;                         /* "openssl", "mbedtls" */
    const char *kind;                         /* "lwsec", "bare" */
    const lwsec_dtls_engine *(*engine)(void); /* of lwsec's */
    lwsec_status (*store_open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*store_close)(lwsec_store **store);

    /* What client and server have in common for all sessions. */
    void *(*open)(const struct dtls_way *way, bool psk);
    void (*close)(void *sides);

    /* A client and a server whose handshake is done. `end_client` leaves the server alive. */
    void *(*shake)(void *sides);
    void (*end_client)(void *pair);
    void (*end)(void *pair);
} dtls_way;

/* Ended by one without a name; lwsec's and the bare engine's in turn. */
extern const dtls_way dtls_ways[];

void *ours_open(const dtls_way *way, bool psk);
void ours_close(void *sides);
void *ours_shake(void *sides);
void ours_end_client(void *pair);
void ours_end(void *pair);

void *bare_openssl_open(const dtls_way *way, bool psk);
void bare_openssl_close(void *sides);
void *bare_openssl_shake(void *sides);
void bare_openssl_end_client(void *pair);
void bare_openssl_end(void *pair);

void *bare_mbedtls_open(const dtls_way *way, bool psk);
void bare_mbedtls_close(void *sides);
void *bare_mbedtls_shake(void *sides);
void bare_mbedtls_end_client(void *pair);
void bare_mbedtls_end(void *pair);

/* Zeroed memory, or the end of the program. */
void *bench_memory(size_t size);

#endif
