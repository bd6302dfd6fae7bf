/* lwsec-bench sms: nanoseconds a message, lwsec and the raw CBC and CMAC of the same engine in
 * turn.
 */
#include "bench/sms.h"
#include "bench/measure.h"
#include "bench/rounds.h"

#include <stdio.h>
#include <string.h>

#if defined(BENCH_OPENSSL)
#include <lwsec/memory_openssl.h>
#endif
#if defined(BENCH_MBEDTLS)
#include <lwsec/memory_mbedtls.h>
#endif

#define ROUNDS 161
#define RATIO_LIMIT 1.5
#define TEXT_MAX 512U

const block_engine block_engines[] = {
#if defined(BENCH_OPENSSL)
    {"openssl", lwsec_memory_openssl_open, lwsec_memory_openssl_close, &raw_block_openssl},
#endif
#if defined(BENCH_MBEDTLS)
    {"mbedtls", lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_close, &raw_block_mbedtls},
#endif
    {NULL, NULL, NULL, NULL},
};

typedef struct raw_task {
    const raw_block *raw;
    size_t covered;
    size_t ciphered;
    uint8_t text[SMS_BATCH][TEXT_MAX];
} raw_task;

static void raw_seal(raw_task *task)
{
    uint8_t mac[16];

    for (size_t i = 0; i < SMS_BATCH; i++) {
        task->raw->mac(task->text[i], task->covered, mac);
        task->raw->encrypt(task->text[i], task->ciphered);
    }
}

static void raw_open(raw_task *task)
{
    uint8_t mac[16];

    for (size_t i = 0; i < SMS_BATCH; i++) {
        task->raw->decrypt(task->text[i], task->ciphered);
        task->raw->mac(task->text[i], task->covered, mac);
    }
}

/* One direction: nanoseconds a message, and how much more than the floor of the same round. */
typedef struct series {
    double ours[ROUNDS], raw[ROUNDS], ratio[ROUNDS];
} series;

static void note(series *s, int round, double start, double middle, double end)
{
    s->raw[round] = (middle - start) / SMS_BATCH;
    s->ours[round] = (end - middle) / SMS_BATCH;
    s->ratio[round] = s->ours[round] / s->raw[round];
}

/* What is compared with the floor: packets, which have a limit, or whole messages. */
typedef struct way {
    const char *name;
    bool limited;
    void (*seal)(sms_exchange *x);
    void (*open)(sms_exchange *x);
} way;

static void one_round(const way *by, sms_exchange *x, raw_task *task, series s[2], int round)
{
    const double t0 = cpu_ns();
    raw_seal(task);
    const double t1 = cpu_ns();
    by->seal(x);
    const double t2 = cpu_ns();
    raw_open(task);
    const double t3 = cpu_ns();
    by->open(x);
    const double t4 = cpu_ns();
    note(&s[0], round, t0, t1, t2);
    note(&s[1], round, t2, t3, t4);
}

/* Prints a row; true if a ratio is over the limit. */
static bool print_row(const block_engine *with, unsigned parts, const way *by, series s[2])
{
    const double seal = median(s[0].ratio, ROUNDS);
    const double open = median(s[1].ratio, ROUNDS);
    const bool over = by->limited && (seal > RATIO_LIMIT || open > RATIO_LIMIT);

    (void)printf("%-8s %u TPDU%s %-7s seal %5.0f ns, raw %5.0f, x %.2f   "
                 "open %5.0f ns, raw %5.0f, x %.2f%s\n",
                 with->name, parts, parts > 1 ? "s" : " ", by->name, median(s[0].ours, ROUNDS),
                 median(s[0].raw, ROUNDS), seal, median(s[1].ours, ROUNDS),
                 median(s[1].raw, ROUNDS), open, over ? "  OVER" : "");
    return over;
}

static bool measure(const block_engine *with, unsigned parts, const way *by)
{
    static const uint8_t kic[16] = "lwsec-bench kic";
    static const uint8_t kid[16] = "lwsec-bench kid";
    static raw_task task;
    static series s[2];
    sms_exchange *x = sms_exchange_open(with, parts);

    memset(&task, 0, sizeof task);
    task.raw = with->raw;
    task.covered = sms_exchange_covered(x);
    task.ciphered = sms_exchange_ciphered(x);
    task.raw->start(kic, kid);
    for (int round = 0; round < ROUNDS; round++) {
        one_round(by, x, &task, s, round);
    }
    task.raw->stop();
    sms_exchange_close(x);
    return print_row(with, parts, by, s);
}

int print_sms(bool check)
{
    static const way ways[] = {
        {"packet", true, sms_exchange_seal_packets, sms_exchange_open_packets},
        {"wire", false, sms_exchange_seal, sms_exchange_receive},
    };
    bool over = false;

    (void)printf("CoAP messages in secured packets, against the raw AES-CBC and AES-CMAC of the "
                 "same engine with kept keys.\npacket: sealed and opened, counters in a state in "
                 "memory. wire: from and to TPDUs as well. Medians of %d rounds of %u.\n\n",
                 ROUNDS, SMS_BATCH);
    for (const block_engine *with = block_engines; with->name != NULL; with++) {
        for (unsigned parts = 1; parts <= SMS_PARTS_MAX; parts += 2) {
            over = measure(with, parts, &ways[0]) || over;
            over = measure(with, parts, &ways[1]) || over;
        }
    }
    return check && over ? 1 : 0;
}
