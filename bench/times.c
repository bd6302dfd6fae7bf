/* Nanoseconds of the processor, lwsec and the raw AEAD in turn, so that a drift of the machine hits
 * both. */
#include "bench/exchange.h"
#include "bench/measure.h"
#include "bench/rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 161

typedef struct raw_task {
    const raw_aead *raw;
    size_t text_size;
    uint8_t text[BATCH][MESSAGE_MAX];
    uint8_t nonce[BATCH][16];
} raw_task;

static void raw_seal(raw_task *task)
{
    for (size_t i = 0; i < BATCH; i++) {
        task->nonce[i][0]++;
        task->raw->seal(task->nonce[i], exchange_aad(), task->text[i], task->text_size);
    }
}

static void raw_open(raw_task *task)
{
    for (size_t i = 0; i < BATCH; i++) {
        task->raw->open(task->nonce[i], exchange_aad(), task->text[i], task->text_size);
    }
}

/* Times of one round, in ns an operation. */
typedef struct series {
    double protect[ROUNDS], unprotect[ROUNDS], seal[ROUNDS], open[ROUNDS];
    double protect_ratio[ROUNDS], unprotect_ratio[ROUNDS];
} series;

static void one_round(exchange *x, raw_task *task, series *s, int round)
{
    double t0 = cpu_ns();
    if (task->raw != NULL) {
        raw_seal(task);
    }
    double t1 = cpu_ns();
    exchange_protect(x);
    double t2 = cpu_ns();
    if (task->raw != NULL) {
        raw_open(task);
    }
    double t3 = cpu_ns();
    exchange_unprotect(x);
    double t4 = cpu_ns();
    s->seal[round] = (t1 - t0) / BATCH;
    s->protect[round] = (t2 - t1) / BATCH;
    s->open[round] = (t3 - t2) / BATCH;
    s->unprotect[round] = (t4 - t3) / BATCH;
    s->protect_ratio[round] = s->protect[round] / s->seal[round];
    s->unprotect_ratio[round] = s->unprotect[round] / s->open[round];
}

static void print_row(const engine *with, size_t payload, series *s)
{
    if (with->raw == NULL) {
        (void)printf("%-8s %5zu B  protect %5.0f ns                        unprotect %5.0f ns\n",
                     with->name, payload, median(s->protect, ROUNDS), median(s->unprotect, ROUNDS));
        return;
    }
    (void)printf("%-8s %5zu B  protect %5.0f ns, raw %5.0f, x %.2f   "
                 "unprotect %5.0f ns, raw %5.0f, x %.2f\n",
                 with->name, payload, median(s->protect, ROUNDS), median(s->seal, ROUNDS),
                 median(s->protect_ratio, ROUNDS), median(s->unprotect, ROUNDS),
                 median(s->open, ROUNDS), median(s->unprotect_ratio, ROUNDS));
}

static void measure(const engine *with, size_t payload)
{
    static raw_task task;
    static series s;
    static const uint8_t key[32] = "lwsec-bench";
    exchange *x = exchange_open(with, payload);

    memset(&task, 0, sizeof task);
    task.raw = with->raw;
    task.text_size = exchange_text_size(payload);
    if (task.raw != NULL) {
        task.raw->start(key);
    }
    for (int round = 0; round < ROUNDS; round++) {
        one_round(x, &task, &s, round);
    }
    if (task.raw != NULL) {
        task.raw->stop();
    }
    exchange_close(x);
    print_row(with, payload, &s);
}

int print_times(void)
{
    static const size_t payloads[] = {32, 256, 1024};

    (void)printf(
        "OSCORE requests wire to wire, against the raw AEAD of the same engine with a kept key.\n"
        "null: an AEAD that does nothing; what is left is the protocol. Medians of %d rounds of "
        "%u.\n\n",
        ROUNDS, BATCH);
    for (const engine *with = engines; with->name != NULL; with++) {
        for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
            measure(with, payloads[i]);
        }
    }
    return 0;
}
