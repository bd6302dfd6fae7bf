/* Handshakes of lwsec: client and server hand each other their datagrams. */
#define _POSIX_C_SOURCE 200809L

#include "bench/dtls/dtls.h"
#include "bench/engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE 8192U
#define ROUNDS_MAX 20

typedef struct side {
    lwsec_dtls_config config;
    lwsec_cert_check check;
    lwsec_bytes chain[2];
    lwsec_dtls_endpoint *endpoint;
    void *memory;
} side;

typedef struct sides {
    const dtls_way *way;
    lwsec_store *store;
    side client, server;
    uint64_t store_memory[8192];
    uint64_t queue[LWSEC_DTLS_QUEUE_SIZE(QUEUE) / sizeof(uint64_t)];
} sides;

typedef struct pair {
    lwsec_dtls *client, *server;
    void *client_memory, *server_memory;
} pair;

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    (void)argument;
    (void)identity;
    memcpy(secret->data, BENCH_PSK, sizeof BENCH_PSK - 1);
    secret->size = sizeof BENCH_PSK - 1;
    return LWSEC_OK;
}

static void set_x509(sides *all, side *one, bool client)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    const lwsec_bytes scalar = client ? credentials.client_scalar : credentials.server_scalar;

    must(lwsec_key_import(all->store, &attributes, scalar, &one->config.key), "key");
    one->chain[0] = client ? credentials.client : credentials.server;
    one->chain[1] = credentials.intermediate;
    one->config.chain = one->chain;
    one->config.chain_count = 2;
    one->check = (lwsec_cert_check){
        .size = sizeof one->check,
        .role = client ? LWSEC_CERT_OF_SERVER : LWSEC_CERT_OF_CLIENT,
        .usage = LWSEC_CERT_PKIX,
        .trust = &credentials.root,
        .trust_count = 1,
        .time = {LWSEC_CERT_CLOCK_TRUSTED, (int64_t)time(NULL)},
        .policy = LWSEC_CERT_POLICY_LWM2M,
        .reference = {.kind = client ? LWSEC_CERT_REFERENCE_DNS : LWSEC_CERT_REFERENCE_NONE}};
    if (client) {
        one->check.reference.name = lwsec_bytes_of(BENCH_SERVER_NAME, strlen(BENCH_SERVER_NAME));
        one->config.server_name = one->check.reference.name;
    }
    one->config.check = &one->check;
}

static void open_side(sides *all, side *one, bool client, bool psk)
{
    const lwsec_dtls_engine *by = all->way->engine();
    const size_t size = lwsec_dtls_endpoint_size(by);

    one->config.size = sizeof one->config;
    one->config.role = client ? LWSEC_DTLS_CLIENT : LWSEC_DTLS_SERVER;
    one->config.queue = QUEUE;
    one->config.queue_memory = all->queue;
    if (!psk) {
        set_x509(all, one, client);
    } else {
        one->config.psk = give_psk;
        if (client) {
            one->config.identity = lwsec_bytes_of(BENCH_IDENTITY, strlen(BENCH_IDENTITY));
        }
    }
    one->memory = bench_memory(size);
    must(lwsec_dtls_endpoint_open(by, &one->config, one->memory, size, &one->endpoint, NULL),
         "endpoint");
}

void *ours_open(const dtls_way *way, bool psk)
{
    sides *all = bench_memory(sizeof *all);

    all->way = way;
    must(way->store_open(all->store_memory, sizeof all->store_memory, 4, &all->store), "store");
    open_side(all, &all->client, true, psk);
    open_side(all, &all->server, false, psk);
    return all;
}

void ours_close(void *opened)
{
    sides *all = opened;

    lwsec_dtls_endpoint_close(&all->client.endpoint);
    lwsec_dtls_endpoint_close(&all->server.endpoint);
    all->way->store_close(&all->store);
    free(all->client.memory);
    free(all->server.memory);
    free(all);
}

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

/* All that one side has to say, at once: the other one's answers go into the same queue. */
static void carry(lwsec_dtls *from, lwsec_dtls *to, const char *address)
{
    static uint8_t flight[QUEUE];
    size_t sizes[16];
    size_t count = 0, used = 0;
    lwsec_buffer datagram = lwsec_buffer_of(flight, sizeof flight);

    while (count < 16 && lwsec_dtls_take(from, &datagram) == LWSEC_OK) {
        used += sizes[count++] = datagram.size;
        datagram = lwsec_buffer_of(&flight[used], sizeof flight - used);
    }
    const uint8_t *at = flight;
    for (size_t i = 0; i < count; i++) {
        must(lwsec_dtls_feed(to, lwsec_bytes_of(at, sizes[i]),
                             lwsec_bytes_of(address, strlen(address)), now_ms(), NULL),
             "feed");
        at += sizes[i];
    }
}

static bool is_done(lwsec_dtls *session)
{
    return lwsec_dtls_suite(session) != 0;
}

static lwsec_dtls *open_session(const side *one, const char *address, void **memory)
{
    const size_t size = lwsec_dtls_size(one->endpoint);
    lwsec_dtls *session = NULL;

    *memory = bench_memory(size);
    must(lwsec_dtls_open(one->endpoint, *memory, size, lwsec_bytes_of(address, strlen(address)),
                         now_ms(), &session, NULL),
         "session");
    return session;
}

void *ours_shake(void *opened)
{
    sides *all = opened;
    pair *both = bench_memory(sizeof *both);

    both->server = open_session(&all->server, "", &both->server_memory);
    both->client = open_session(&all->client, "server", &both->client_memory);
    for (int i = 0; i < ROUNDS_MAX && !(is_done(both->client) && is_done(both->server)); i++) {
        carry(both->client, both->server, "client");
        carry(both->server, both->client, "server");
    }
    must(is_done(both->client) && is_done(both->server) ? LWSEC_OK : LWSEC_ENGINE, "handshake");
    return both;
}

void ours_end_client(void *made)
{
    pair *both = made;

    lwsec_dtls_close(&both->client);
    free(both->client_memory);
    both->client_memory = NULL;
}

void ours_end(void *made)
{
    pair *both = made;

    ours_end_client(both);
    lwsec_dtls_close(&both->server);
    free(both->server_memory);
    free(both);
}
