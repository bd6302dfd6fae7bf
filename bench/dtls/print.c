/* lwsec-bench dtls: handshakes a CPU second, instructions of each, heap of a live session. */
#define _GNU_SOURCE

#include "bench/dtls/dtls.h"
#include "bench/engine.h"
#include "bench/measure.h"
#include "bench/rounds.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(BENCH_OPENSSL)
#include <lwsec/dtls_openssl.h>
#include <lwsec/memory_openssl.h>
#endif
#if defined(BENCH_MBEDTLS)
#include <lwsec/dtls_mbedtls.h>
#include <lwsec/memory_mbedtls.h>
#endif

#define ROUNDS 9
#define LIVE 50U
#define CROWD 10000U
#define OVERHEAD_LIMIT 1.05
#define HEAP_LIMIT 2048

const dtls_way dtls_ways[] = {
#if defined(BENCH_OPENSSL)
    {"openssl", "lwsec", lwsec_dtls_openssl, lwsec_memory_openssl_open, lwsec_memory_openssl_close,
     ours_open, ours_close, ours_shake, ours_end_client, ours_end},
    {"openssl", "bare", NULL, NULL, NULL, bare_openssl_open, bare_openssl_close, bare_openssl_shake,
     bare_openssl_end_client, bare_openssl_end},
#endif
#if defined(BENCH_MBEDTLS)
    {"mbedtls", "lwsec", lwsec_dtls_mbedtls, lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_close,
     ours_open, ours_close, ours_shake, ours_end_client, ours_end},
    {"mbedtls", "bare", NULL, NULL, NULL, bare_mbedtls_open, bare_mbedtls_close, bare_mbedtls_shake,
     bare_mbedtls_end_client, bare_mbedtls_end},
#endif
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

void *bench_memory(size_t size)
{
    void *memory = calloc(1, size);

    must(memory != NULL ? LWSEC_OK : LWSEC_BUFFER, "memory");
    return memory;
}

static void shake_some(const dtls_way *way, void *sides, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        way->end(way->shake(sides));
    }
}

int run_handshakes(const char *name, const char *kind, const char *mode, unsigned count)
{
    for (const dtls_way *way = dtls_ways; way->name != NULL; way++) {
        if (strcmp(way->name, name) == 0 && strcmp(way->kind, kind) == 0) {
            void *sides = way->open(way, strcmp(mode, "psk") == 0);
            shake_some(way, sides, count);
            way->close(sides);
            return 0;
        }
    }
    return 2;
}

/* ---- Instructions ---- */

static double instructions_of(const char *program, const dtls_way *way, bool psk)
{
    char command[1024];
    unsigned long long counted[2];

    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(command, sizeof command, "'%s' dtls --run %s %s %s %u", program, way->name,
                       way->kind, psk ? "psk" : "x509", 2 + 8 * i);
        counted[i] = count_instructions(command);
    }
    must(counted[1] > counted[0] ? LWSEC_OK : LWSEC_ENGINE, "valgrind (callgrind)");
    return (double)(counted[1] - counted[0]) / 8;
}

static int print_instructions_of(const char *program, const dtls_way *ours, bool psk)
{
    const double mine = instructions_of(program, ours, psk);
    const double bare = instructions_of(program, ours + 1, psk);
    const bool missed = mine > OVERHEAD_LIMIT * bare;

    (void)printf("  instructions: %.0f, bare %.0f, x %.3f%s\n", mine, bare, mine / bare,
                 missed ? "  MISSED" : "");
    return missed;
}

/* ---- Times ---- */

static double a_second(const dtls_way *way, void *sides, unsigned count)
{
    const double start = cpu_ns();

    shake_some(way, sides, count);
    return count * 1e9 / (cpu_ns() - start);
}

static void print_rate(const dtls_way *ours, void *mine, void *bare, bool psk)
{
    static double rate[ROUNDS], bare_rate[ROUNDS], ratio[ROUNDS];
    const unsigned count = psk ? 300 : 20;

    shake_some(ours, mine, 2);
    shake_some(ours + 1, bare, 2);
    for (unsigned i = 0; i < ROUNDS; i++) {
        rate[i] = a_second(ours, mine, count);
        bare_rate[i] = a_second(ours + 1, bare, count);
        ratio[i] = bare_rate[i] / rate[i];
    }
    (void)printf("  handshakes a CPU second: %.0f, bare %.0f, x %.3f\n", median(rate, ROUNDS),
                 median(bare_rate, ROUNDS), median(ratio, ROUNDS));
}

/* ---- Heap ---- */

static size_t heap(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

typedef struct sizes {
    double client, server;
} sizes;

static sizes live_heap(const dtls_way *way, void *sides)
{
    static void *pairs[LIVE];
    const size_t before = heap();

    for (unsigned i = 0; i < LIVE; i++) {
        pairs[i] = way->shake(sides);
    }
    const size_t both = heap();
    for (unsigned i = 0; i < LIVE; i++) {
        way->end_client(pairs[i]);
    }
    const size_t servers = heap();
    for (unsigned i = 0; i < LIVE; i++) {
        way->end(pairs[i]);
    }
    return (sizes){(double)(both - servers) / LIVE, (double)(servers - before) / LIVE};
}

static int print_heap(const dtls_way *ours, void *mine, void *bare)
{
    const sizes own = live_heap(ours, mine), floor = live_heap(ours + 1, bare);
    const bool missed =
        own.client - floor.client > HEAP_LIMIT || own.server - floor.server > HEAP_LIMIT;

    (void)printf("  heap of a live session: client %.0f bytes, bare %.0f, %+.0f; "
                 "server %.0f, bare %.0f, %+.0f%s\n",
                 own.client, floor.client, own.client - floor.client, own.server, floor.server,
                 own.server - floor.server, missed ? "  MISSED" : "");
    return missed;
}

static void print_crowd(const dtls_way *way, void *sides)
{
    void **pairs = bench_memory(CROWD * sizeof *pairs);
    const size_t before = heap();

    for (unsigned i = 0; i < CROWD; i++) {
        pairs[i] = way->shake(sides);
        way->end_client(pairs[i]);
    }
    (void)printf("  a server with %u live sessions: %zu bytes each\n", CROWD,
                 (heap() - before) / CROWD);
    for (unsigned i = 0; i < CROWD; i++) {
        way->end(pairs[i]);
    }
    free(pairs);
}

/* ---- */

static int measure(const char *program, const dtls_way *ours, bool psk, bool check)
{
    void *mine = ours->open(ours, psk), *bare = ours[1].open(ours + 1, psk);
    int missed = 0;

    (void)printf("%s, %s\n", ours->name, psk ? "PSK" : "ECDHE-ECDSA, X.509 on both sides");
    if (!check) {
        print_rate(ours, mine, bare, psk);
    }
    missed += print_heap(ours, mine, bare);
    if (psk && !check) {
        print_crowd(ours, mine);
    }
    ours->close(mine);
    ours[1].close(bare);
    missed += print_instructions_of(program, ours, psk);
    return missed;
}

int print_dtls(const char *program, bool check)
{
    int missed = 0;

    (void)printf("DTLS 1.2 with CCM_8, client and server in one process, with a cookie, against "
                 "the bare engine.\nA server's sessions share one queue. Rates: medians of %d "
                 "rounds.\n",
                 ROUNDS);
    for (const dtls_way *way = dtls_ways; way->name != NULL; way += 2) {
        missed += measure(program, way, true, check);
        missed += measure(program, way, false, check);
    }
    return check && missed > 0 ? 1 : 0;
}
