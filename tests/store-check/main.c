/* lwsec-store-check: tells what a key store can do, and whether it does it right. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "tests/crypto/groups.h"
#include "tests/store-check/checked.h"
#include "tests/store-check/expected.h"
#include "tests/store-check/probe.h"

#include <unistd.h>

static const char usage[] =
    "usage: lwsec-store-check [--vectors DIR] [--expect FILE COLUMN] [--probe] PLUGIN.so\n"
    "\n"
    "Checks a key store of lwsec: <lwsec/store_check.h> says what PLUGIN.so defines.\n"
    "  --vectors DIR         known answers, if not those beside the program\n"
    "  --expect FILE COLUMN  fails if the store can do less or more than the table says\n"
    "  --probe               tells what the store can do, and tests no further\n"
    "Exit: 0 if all is right, 1 if something is wrong, 2 if the check could not begin.\n";

typedef struct options {
    const char *plugin;
    const char *vectors;
    const char *expected;
    const char *column;
    bool probe_only;
    bool help;
} options;

static const suite_group *const groups[] = {
    &suite_known_answers, &suite_keys,   &suite_aead,   &suite_aead_refusals,
    &suite_mac,           &suite_cipher, &suite_derive, &suite_p256,
    &suite_threads,       &suite_fork,   &suite_kept,   &suite_given,
};

static bool parse(int count, char **arguments, options *parsed)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--vectors") == 0 && i + 1 < count) {
            parsed->vectors = arguments[++i];
        } else if (strcmp(arguments[i], "--expect") == 0 && i + 2 < count) {
            parsed->expected = arguments[++i];
            parsed->column = arguments[++i];
        } else if (strcmp(arguments[i], "--probe") == 0) {
            parsed->probe_only = true;
        } else if (strcmp(arguments[i], "--help") == 0) {
            parsed->help = true;
        } else if (arguments[i][0] != '-' && parsed->plugin == NULL) {
            parsed->plugin = arguments[i];
        } else {
            return false;
        }
    }
    return parsed->help || parsed->plugin != NULL;
}

static const char *tier_name(lwsec_tier tier)
{
    switch (tier) {
    case LWSEC_TIER_MEMORY: return "memory";
    case LWSEC_TIER_SEALED: return "sealed";
    case LWSEC_TIER_TOKEN: return "token";
    case LWSEC_TIER_MIXED: return "mixed";
    }
    return "yes";
}

/* As in a table: the tier of what works, "-" for what the store says it cannot do. */
static const char *cell_of(checked_answer answer)
{
    switch (answer.status) {
    case LWSEC_OK: return tier_name(answer.tier);
    case LWSEC_UNSUPPORTED: return "-";
    default: return "FAILED";
    }
}

/* One probe, one line. False: it failed, or is not what was expected. */
static bool tell(const options *parsed, size_t index)
{
    const char *capability = probe_at(index)->name;
    const checked_answer answer = checked_probe(index);
    const char *cell = cell_of(answer);
    char expected[64];

    if (answer.status != LWSEC_OK && answer.status != LWSEC_UNSUPPORTED) {
        (void)printf("%-24s FAILED: %s\n", capability,
                     answer.status == LWSEC_REJECT ? "wrong result"
                                                   : lwsec_status_name(answer.status));
        return false;
    }
    (void)printf("%-24s %s", capability, answer.status == LWSEC_UNSUPPORTED ? "UNSUPPORTED" : cell);
    const bool known =
        parsed->expected == NULL ||
        expected_cell(parsed->expected, parsed->column, capability, expected, sizeof expected);
    const bool right = known && (parsed->expected == NULL || strcmp(expected, cell) == 0);
    if (known && !right) {
        (void)printf("   FAILED: %s was expected", expected);
    }
    (void)printf("\n");
    return right;
}

static bool probe_all(const options *parsed)
{
    size_t wrong = 0;

    for (size_t i = 0; probe_at(i) != NULL; i++) {
        wrong += tell(parsed, i) ? 0 : 1;
    }
    (void)printf("%s: %zu capabilities are not as they should be\n", parsed->plugin, wrong);
    (void)fflush(stdout);
    return wrong == 0;
}

/* The vectors are installed beside the program. */
static void find_vectors(const options *parsed)
{
    char path[4096];

    if (parsed->vectors != NULL) {
        (void)setenv("LWSEC_TEST_VECTORS", parsed->vectors, 1);
        return;
    }
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 64);
    if (size > 0) {
        path[size] = '\0';
        char *end = strrchr(path, '/');
        (void)snprintf(end, 64, "/%s", LWSEC_STORE_CHECK_VECTORS);
        (void)setenv("LWSEC_TEST_VECTORS", path, 0);
    }
}

int main(int count, char **arguments)
{
    options parsed = {0};
    int failed = 0;

    if (!parse(count, arguments, &parsed)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (parsed.help) {
        return fputs(usage, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 2;
    }
    if (!checked_load(parsed.plugin) || checked_name() == NULL) {
        return 2;
    }
    find_vectors(&parsed);
    failed += probe_all(&parsed) ? 0 : 1;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0] && !parsed.probe_only; i++) {
        failed += suite_run(groups[i]);
    }
    return failed == 0 ? 0 : 1;
}
