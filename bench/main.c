/* lwsec-bench: what OSCORE and SMS packets cost, against the raw ciphers of the same engine in the
 * same run; and what durable state costs, against a bare sync. */
#include "bench/exchange.h"
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(BENCH_OPENSSL)
#include <lwsec/memory_openssl.h>

#include "bench/registry.h"
#endif
#if defined(BENCH_MBEDTLS)
#include <lwsec/memory_mbedtls.h>
#endif
#if defined(BENCH_SODIUM)
#include <lwsec/memory_sodium.h>
#endif

/* Limits for a payload of 32 bytes: the protocol alone, and wire to wire over each engine. */
const engine engines[] = {
    {"null", LWSEC_ALG_AES_CCM_16_64_128, null_store_open, null_store_close, NULL, 1200, 1500},
#if defined(BENCH_OPENSSL)
    {"openssl", LWSEC_ALG_AES_CCM_16_64_128, lwsec_memory_openssl_open, lwsec_memory_openssl_close,
     &raw_openssl, 4500, 4500},
#endif
#if defined(BENCH_MBEDTLS)
    {"mbedtls", LWSEC_ALG_AES_CCM_16_64_128, lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_close,
     &raw_mbedtls, 3800, 3800},
#endif
#if defined(BENCH_SODIUM)
    {"sodium", LWSEC_ALG_CHACHA20_POLY1305, lwsec_memory_sodium_open, lwsec_memory_sodium_close,
     &raw_sodium, 0, 0},
#endif
    {NULL, 0, NULL, NULL, NULL, 0, 0},
};

#define RECORDS_MIN 10000U /* ten parts, each a batch at least */
#define RECORDS_MAX 100000000U

static int usage(void)
{
    (void)fputs(
        "usage: lwsec-bench oscore [--instructions | --check]\n"
        "       lwsec-bench state FOLDER [RECORDS [MANY]]\n"
        "  without options: nanoseconds, interleaved with the raw AEAD of each engine\n"
        "  --instructions:  instructions as well, counted by callgrind\n"
        "  --check:         instructions for 32 bytes against their limits; exit 1 if missed\n"
        "  state: durable stores a second on the medium of FOLDER, a directory and SQLite, of\n"
        "         RECORDS (10000); then SQLite in batches of MANY (1000000; 0: not)\n"
        "       lwsec-bench registry [--check]\n"
        "  without options: memory and look-ups of 1000 to 1 000 000 contexts, and messages\n"
        "  --check:         memory and look-ups against their limits; exit 1 if missed\n"
        "       lwsec-bench dtls [--check]\n"
        "  without options: handshakes, and what a live session takes, against the bare engines\n"
        "  --check:         instructions and heap against their limits; exit 1 if missed\n"
        "       lwsec-bench keystore [--check]\n"
        "  without options: operations in a token, against the bare calls of its module, under\n"
        "                   tests/tokens/with-token.sh softhsm|nss|opencryptoki\n"
        "  --check:         the same; exit 1 if one costs over 10 % and over 150 ns more\n"
        "       lwsec-bench sms [--check]\n"
        "  without options: nanoseconds, interleaved with raw AES-CBC and AES-CMAC\n"
        "  --check:         the same; exit 1 if a ratio is over 1.5\n",
        stderr);
    return 2;
}

#if defined(BENCH_SQLITE)
static int state(int argc, char **argv)
{
    const unsigned long records = argc > 3 ? strtoul(argv[3], NULL, 10) : 10000;
    const unsigned long many = argc > 4 ? strtoul(argv[4], NULL, 10) : 1000000;

    if (argc < 3 || argc > 5 || records < RECORDS_MIN || (many > 0 && many < RECORDS_MIN) ||
        records > RECORDS_MAX || many > RECORDS_MAX || strlen(argv[2]) > 100) {
        return usage();
    }
    return print_state(argv[2], (uint32_t)records, (uint32_t)many);
}
#else
static int state(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)fputs("lwsec-bench: built without SQLite\n", stderr);
    return 2;
}
#endif

static int oscore(int argc, char **argv)
{
    if (argc == 2) {
        return print_times();
    }
    if (argc == 3 && strcmp(argv[2], "--instructions") == 0) {
        const int failed = print_times();
        return failed != 0 ? failed : print_instructions(argv[0]);
    }
    if (argc == 3 && strcmp(argv[2], "--check") == 0) {
        return check_instructions(argv[0]);
    }
    if (argc == 7 && strcmp(argv[2], "--run") == 0) { /* under callgrind, by ourselves */
        return run_batches(argv[3], argv[4], (size_t)strtoul(argv[5], NULL, 10),
                           (unsigned)strtoul(argv[6], NULL, 10));
    }
    return usage();
}

static int dtls(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[2], "--run") == 0) { /* under callgrind, by ourselves */
        return run_handshakes(argv[3], argv[4], argv[5], (unsigned)strtoul(argv[6], NULL, 10));
    }
    const bool check = argc == 3 && strcmp(argv[2], "--check") == 0;
    return argc == 2 || check ? print_dtls(argv[0], check) : usage();
}

/* A measurement that takes --check alone. */
static int checkable(int argc, char **argv, int (*print)(bool check))
{
    const bool check = argc == 3 && strcmp(argv[2], "--check") == 0;

    return argc == 2 || check ? print(check) : usage();
}

int main(int argc, char **argv)
{
    const char *what = argc >= 2 ? argv[1] : "";

    if (strcmp(what, "state") == 0) {
        return state(argc, argv);
    }
#if defined(BENCH_OPENSSL)
    if (strcmp(what, "registry") == 0) {
        return checkable(argc, argv, print_registry);
    }
#endif
    if (strcmp(what, "dtls") == 0) {
        return dtls(argc, argv);
    }
#if defined(BENCH_PKCS11)
    if (strcmp(what, "keystore") == 0) {
        return checkable(argc, argv, print_keystore);
    }
#endif
    if (strcmp(what, "sms") == 0) {
        return checkable(argc, argv, print_sms);
    }
    return strcmp(what, "oscore") == 0 ? oscore(argc, argv) : usage();
}
