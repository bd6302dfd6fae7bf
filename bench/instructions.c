/* Instructions an operation, by callgrind: the difference of two runs of this program. */
#define _POSIX_C_SOURCE 200809L

#include "bench/exchange.h"
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const engine *find_engine(const char *name)
{
    for (const engine *with = engines; with->name != NULL; with++) {
        if (strcmp(with->name, name) == 0) {
            return with;
        }
    }
    return NULL;
}

static void run_raw(const engine *with, bool opening, size_t payload, unsigned batches)
{
    static const uint8_t key[32] = "lwsec-bench";
    static uint8_t text[MESSAGE_MAX];
    uint8_t nonce[16] = {0};
    uint8_t copy[MESSAGE_MAX];
    const size_t size = exchange_text_size(payload);

    with->raw->start(key);
    memset(text, 0, sizeof text);
    with->raw->seal(nonce, exchange_aad(), text, size);
    for (unsigned long i = 0; i < (unsigned long)batches * BATCH; i++) {
        if (opening) {
            memcpy(copy, text, size + 16);
            with->raw->open(nonce, exchange_aad(), copy, size);
        } else {
            with->raw->seal(nonce, exchange_aad(), text, size);
        }
    }
    with->raw->stop();
}

/* A run of `unprotect` protects as many messages in both runs of a pair, so that only opening
 * differs. */
int run_batches(const char *engine_name, const char *what, size_t payload, unsigned batches)
{
    const engine *with = find_engine(engine_name);

    if (with == NULL || payload + 100 > MESSAGE_MAX) {
        return 2;
    }
    if (strcmp(what, "seal") == 0 || strcmp(what, "open") == 0) {
        run_raw(with, what[0] == 'o', payload, batches);
        return 0;
    }
    exchange *x = exchange_open(with, payload);
    exchange_protect(x);
    for (unsigned i = 1; i < batches; i++) {
        if (strcmp(what, "protect") == 0) {
            exchange_protect(x);
        }
    }
    if (strcmp(what, "unprotect") == 0 && batches > 1) {
        exchange_unprotect(x);
    }
    exchange_close(x);
    return 0;
}

unsigned long long count_instructions(const char *run)
{
    char command[1200];
    char line[512];
    unsigned long long instructions = 0;

    (void)snprintf(command, sizeof command,
                   "valgrind --tool=callgrind --callgrind-out-file=/dev/null %s 2>&1", run);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): our own path and numbers */
    if (pipe == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, pipe) != NULL) {
        const char *at = strstr(line, "Collected :");
        if (at != NULL) {
            instructions = strtoull(at + strlen("Collected :"), NULL, 10);
        }
    }
    return pclose(pipe) == 0 ? instructions : 0;
}

static unsigned long long count(const char *program, const engine *with, const char *what,
                                size_t payload, unsigned batches)
{
    char run[1024];

    (void)snprintf(run, sizeof run, "'%s' oscore --run %s %s %zu %u", program, with->name, what,
                   payload, batches);
    return count_instructions(run);
}

/* Instructions an operation: two runs that differ by one batch. */
static double per_operation(const char *program, const engine *with, const char *what,
                            size_t payload)
{
    const unsigned long long one = count(program, with, what, payload, 1);
    const unsigned long long two = count(program, with, what, payload, 2);

    if (one == 0 || two <= one) {
        (void)fputs("lwsec-bench: valgrind (callgrind) is needed and did not run\n", stderr);
        exit(1);
    }
    return (double)(two - one) / BATCH;
}

static void print_row(const char *program, const engine *with, size_t payload)
{
    const double protect = per_operation(program, with, "protect", payload);
    const double unprotect = per_operation(program, with, "unprotect", payload);

    (void)printf("%-8s %5zu B  protect %6.0f", with->name, payload, protect);
    if (with->raw == NULL) {
        (void)printf("                       unprotect %6.0f\n", unprotect);
        return;
    }
    const double seal = per_operation(program, with, "seal", payload);
    const double open = per_operation(program, with, "open", payload);
    (void)printf(", raw %6.0f, x %.2f   unprotect %6.0f, raw %6.0f, x %.2f\n", seal, protect / seal,
                 unprotect, open, unprotect / open);
}

int print_instructions(const char *program)
{
    static const size_t payloads[] = {32, 256, 1024};

    (void)printf("\nInstructions an operation (callgrind).\n\n");
    for (const engine *with = engines; with->name != NULL; with++) {
        for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
            print_row(program, with, payloads[i]);
        }
    }
    return 0;
}

static int check(const char *program, const engine *with, const char *what, unsigned limit)
{
    const double instructions = per_operation(program, with, what, 32);
    const int missed = instructions > limit;

    (void)printf("%-6s %-8s %-9s 32 B: %6.0f instructions, limit %u\n", missed ? "MISSED" : "ok",
                 with->name, what, instructions, limit);
    return missed;
}

int check_instructions(const char *program)
{
    int missed = 0;

    for (const engine *with = engines; with->name != NULL; with++) {
        if (with->protect_limit != 0) {
            missed += check(program, with, "protect", with->protect_limit);
            missed += check(program, with, "unprotect", with->unprotect_limit);
        }
    }
    return missed > 0 ? 1 : 0;
}
