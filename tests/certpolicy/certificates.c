/* The certificates, lists and responses of tests/vectors, by name. */
#include "tests/certpolicy/certificates.h"

#include "tests/certpolicy/engines.h"
#include "tests/support/vector_file.h"

#define ENTRIES_MAX 192
#define NAME_MAX_SIZE 48

typedef struct entry {
    char name[NAME_MAX_SIZE];
    lwsec_bytes der;
    lwsec_bytes key;
} entry;

static entry entries[ENTRIES_MAX];
static size_t count;

static void keep(const lwsec_vector *vector, void *argument)
{
    entry *one = &entries[count++];

    (void)argument;
    assert_true(count <= ENTRIES_MAX);
    (void)snprintf(one->name, sizeof one->name, "%s", lwsec_vector_text(vector, "name"));
    one->der = lwsec_vector_bytes(vector, "der");
    one->key = lwsec_vector_optional(vector, "key");
}

static const entry *find(const char *name, size_t size)
{
    if (count == 0) {
        (void)lwsec_vector_each("certificates.txt", keep, NULL);
        (void)lwsec_vector_each("doubtful.txt", keep, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        if (strlen(entries[i].name) == size && strncmp(entries[i].name, name, size) == 0) {
            return &entries[i];
        }
    }
    fail_msg("no certificate %s", name);
    return NULL;
}

lwsec_bytes test_certificate(const char *name)
{
    return find(name, strlen(name))->der;
}

lwsec_bytes test_certificate_key(const char *name)
{
    return find(name, strlen(name))->key;
}

lwsec_bytes test_certificate_at(size_t index)
{
    (void)find("root", 4);
    return index < count ? entries[index].der : lwsec_bytes_of(NULL, 0);
}

static size_t find_all(const char *names, lwsec_bytes out[TEST_CHAIN_MAX])
{
    size_t found = 0;

    while (*names != '\0') {
        const size_t size = strcspn(names, " ");
        assert_true(found < TEST_CHAIN_MAX);
        out[found++] = find(names, size)->der;
        names += size;
        names += strspn(names, " ");
    }
    return found;
}

void test_check_init(test_check *check, const char *chain, const char *trust)
{
    memset(check, 0, sizeof *check);
    check->check.size = sizeof check->check;
    check->check.chain = check->chain;
    check->check.chain_count = find_all(chain, check->chain);
    check->check.trust = check->trust;
    check->check.trust_count = find_all(trust, check->trust);
    check->check.usage = LWSEC_CERT_PKIX;
    check->check.reference.kind = LWSEC_CERT_REFERENCE_DNS;
    check->check.reference.name = lwsec_bytes_of("server.example", 14);
    check->check.time.clock = LWSEC_CERT_CLOCK_TRUSTED;
    check->check.time.seconds = TEST_TIME;
}

void test_check_crls(test_check *check, const char *names)
{
    check->check.crls = check->crls;
    check->check.crl_count = find_all(names, check->crls);
}

void test_check_usage(test_check *check, lwsec_cert_usage usage, const char *association)
{
    const bool key = strncmp(association, "key ", 4) == 0;

    check->check.usage = usage;
    check->check.association =
        key ? test_certificate_key(&association[4]) : test_certificate(association);
}

/* The same verdict and reason of each engine, with the alert that belongs to it. */
static void judge(const test_check *check, lwsec_status expected, lwsec_why why)
{
    const test_engine *engine;

    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        lwsec_reason reason = {LWSEC_WHY_CONFIG, 1};
        const lwsec_status status = lwsec_cert_verify(engine->get(), &check->check, &reason);
        if (status != expected || reason.why != why) {
            fail_msg("%s: %s (%s) instead of %s (%s)", engine->name, lwsec_status_name(status),
                     lwsec_why_text(reason.why), lwsec_status_name(expected), lwsec_why_text(why));
        }
    }
}

void test_accepts(const test_check *check)
{
    judge(check, LWSEC_OK, LWSEC_WHY_NONE);
}

void test_refuses(const test_check *check, lwsec_why why)
{
    judge(check, why == LWSEC_WHY_CONFIG ? LWSEC_USAGE : LWSEC_REJECT, why);
}
