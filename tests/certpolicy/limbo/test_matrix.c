/* Each case of x509-limbo, times usage, what is matched and how: over every engine. */
#include "certpolicy/engine.h"
#include "tests/certpolicy/engines.h"
#include "tests/certpolicy/limbo/limbo.h"

/* Deviations are asked for by "CASE@USAGE"; where something other than the first certificate of the
 * trust store is matched, by "CASE@USAGE#INDEX", over the trust store and then what the peer sent,
 * or "CASE@0key#INDEX" if only its key is; for a bare key as the anchor, by "CASE@2key". */

#define PIN_MAX 131072

typedef struct matrix {
    const test_engine *engine;
    limbo_deviations *verdicts; /* of the cases themselves */
    limbo_deviations *deviations;
    lwsec_bytes other_authority; /* of another case */
    lwsec_bytes other_end_entity;
    size_t checks;
    size_t not_listed;
} matrix;

/* ---- What is matched ---- */

static size_t element(lwsec_bytes der, size_t at, size_t *header)
{
    size_t size = der.data[at + 1], bytes = 0;

    if (size >= 0x80) {
        bytes = size & 0x7f;
        size = 0;
        for (size_t i = 0; i < bytes; i++) {
            size = size << 8 | der.data[at + 2 + i];
        }
    }
    *header = 2 + bytes;
    return *header + size;
}

/* subjectPublicKeyInfo: the sixth field, or seventh with a version. A walk of its own. */
static lwsec_bytes key_of(lwsec_bytes certificate)
{
    size_t header, at, size = 0;

    (void)element(certificate, 0, &header);
    at = header;
    (void)element(certificate, at, &header);
    at += header;
    const unsigned fields = certificate.data[at] == 0xa0 ? 6 : 5;
    for (unsigned i = 0; i < fields; i++) {
        at += element(certificate, at, &header);
    }
    size = element(certificate, at, &header);
    return lwsec_bytes_of(&certificate.data[at], size);
}

/* The association for a certificate or its key: as it is, or its digest. */
static lwsec_bytes pin_of(const matrix *m, lwsec_bytes certificate, bool key,
                          lwsec_cert_matching matching, uint8_t room[64])
{
    const lwsec_bytes data = key ? key_of(certificate) : certificate;
    const size_t size = matching == LWSEC_CERT_SHA256   ? 32
                        : matching == LWSEC_CERT_SHA384 ? 48
                                                        : 64;

    if (matching == LWSEC_CERT_EXACT) {
        return data;
    }
    assert_true(m->engine->get()->digest((unsigned)size * 8, data, room));
    return lwsec_bytes_of(room, size);
}

/* ---- One check ---- */

static bool accepts(matrix *m, const lwsec_cert_check *check)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_cert_verify(m->engine->get(), check, &reason);

    m->checks++;
    assert_true(status == LWSEC_OK || status == LWSEC_REJECT);
    assert_true((reason.why == LWSEC_WHY_NONE) == (status == LWSEC_OK));
    return status == LWSEC_OK;
}

static void expect(matrix *m, const char *id, const lwsec_cert_check *check, bool usual)
{
    const char *what = limbo_deviation(m->deviations, id, m->engine->name);
    const bool expected = what == NULL ? usual : strcmp(what, "accepted") == 0;

    if (accepts(m, check) != expected || (what != NULL && expected == usual)) {
        print_error("%s: %s, matching %d is %s\n", m->engine->name, id, (int)check->matching,
                    expected ? "refused" : "accepted");
        m->not_listed++;
    }
}

/* Refused whatever the list says. */
static void refuse(matrix *m, const char *id, const lwsec_cert_check *check, const char *how)
{
    if (accepts(m, check)) {
        print_error("%s: %s is accepted with %s\n", m->engine->name, id, how);
        m->not_listed++;
    }
}

/* ---- The rows, for one selector and matching ---- */

typedef struct row {
    const limbo_case *one;
    bool good; /* the case is to be accepted */
    bool key;
    lwsec_cert_matching matching;
    lwsec_cert_check base;
} row;

static lwsec_cert_check with_pin(const matrix *m, const row *r, lwsec_cert_usage usage,
                                 lwsec_bytes certificate, uint8_t room[64])
{
    lwsec_cert_check check = r->base;

    check.usage = usage;
    check.matching = r->matching;
    check.association = pin_of(m, certificate, r->key, r->matching, room);
    if (!(usage == LWSEC_CERT_CA_CONSTRAINT || usage == LWSEC_CERT_SERVICE_CONSTRAINT)) {
        check.trust_count = 0;
    }
    return check;
}

static void name_row(char id[128], const row *r, const char *usage, size_t index)
{
    if (index == 0) {
        (void)snprintf(id, 128, "%s@%s", r->one->id, usage);
    } else {
        (void)snprintf(id, 128, "%s@%s#%zu", r->one->id, usage, index);
    }
}

/* Usage 0: each CA of the path; not an unrelated one; not without a trust store. */
static void run_ca_constraint(matrix *m, const row *r)
{
    const lwsec_cert_check *base = &r->base;
    uint8_t room[64];
    char id[128];

    for (size_t i = 0; i + 1 < base->trust_count + base->chain_count; i++) {
        const bool trusted = i < base->trust_count;
        const lwsec_bytes pin = trusted ? base->trust[i] : base->chain[i + 1 - base->trust_count];
        lwsec_cert_check check = with_pin(m, r, LWSEC_CERT_CA_CONSTRAINT, pin, room);
        name_row(id, r, r->key && i > 0 ? "0key" : "0", i);
        expect(m, id, &check, r->good);
        if (i == 0) {
            check.trust_count = 0;
            refuse(m, id, &check, "no trust store");
        }
        if (!r->good && i > 8) {
            break; /* a hundred intermediates say the same */
        }
    }
    const lwsec_cert_check other =
        with_pin(m, r, LWSEC_CERT_CA_CONSTRAINT, m->other_authority, room);
    refuse(m, r->one->id, &other, "an unrelated CA, usage 0");
}

static void run_service_constraint(matrix *m, const row *r)
{
    uint8_t room[64];
    char id[128];
    lwsec_cert_check check = with_pin(m, r, LWSEC_CERT_SERVICE_CONSTRAINT, r->base.chain[0], room);

    name_row(id, r, "1", 0);
    expect(m, id, &check, r->good);
    check.trust_count = 0;
    refuse(m, id, &check, "no trust store");
    check = with_pin(m, r, LWSEC_CERT_SERVICE_CONSTRAINT, m->other_end_entity, room);
    refuse(m, id, &check, "another end entity");
}

/* Usage 2: the trust store is empty; a digest needs its certificate in the chain. */
static void run_trust_anchor(matrix *m, const row *r)
{
    static lwsec_bytes chain[LIMBO_CERTIFICATES_MAX + 1];
    uint8_t room[64];
    char id[128];
    const bool bare = r->key && r->matching == LWSEC_CERT_EXACT;

    for (size_t i = 0; i < r->base.trust_count; i++) {
        lwsec_cert_check check = with_pin(m, r, LWSEC_CERT_TRUST_ANCHOR, r->base.trust[i], room);
        if (r->matching != LWSEC_CERT_EXACT) {
            memcpy(chain, check.chain, check.chain_count * sizeof chain[0]);
            chain[check.chain_count++] = r->base.trust[i];
            check.chain = chain;
        }
        name_row(id, r, bare ? "2key" : "2", i);
        expect(m, id, &check, r->good);
        if (check.reference.kind != LWSEC_CERT_REFERENCE_NONE) {
            check.reference.kind = LWSEC_CERT_REFERENCE_DNS;
            check.reference.name = lwsec_bytes_of("wrong.invalid", 13);
            refuse(m, id, &check, "another host");
        }
    }
    lwsec_cert_check other = with_pin(m, r, LWSEC_CERT_TRUST_ANCHOR, m->other_authority, room);
    refuse(m, r->one->id, &other, "an unrelated anchor");
    other.trust_count = r->base.trust_count;
    refuse(m, r->one->id, &other, "an unrelated anchor, and a trust store");
}

/* Usage 3: whatever the name, the time and the path; a certificate or key with one bit changed is
 * another one. */
static void run_domain_issued(matrix *m, const row *r)
{
    static uint8_t changed[PIN_MAX];
    uint8_t room[64];
    char id[128];
    lwsec_cert_check check = with_pin(m, r, LWSEC_CERT_DOMAIN_ISSUED, r->base.chain[0], room);

    check.reference.kind = LWSEC_CERT_REFERENCE_DNS;
    check.reference.name = lwsec_bytes_of("wrong.invalid", 13);
    check.time.seconds = INT64_MAX;
    name_row(id, r, "3", 0);
    expect(m, id, &check, true);
    assert_true(check.association.size <= sizeof changed);
    memcpy(changed, check.association.data, check.association.size);
    changed[check.association.size / 2] ^= 1;
    check.association.data = changed;
    refuse(m, id, &check, "a changed bit");
    check = with_pin(m, r, LWSEC_CERT_DOMAIN_ISSUED, m->other_end_entity, room);
    check.trust_count = r->base.trust_count;
    refuse(m, id, &check, "another end entity, and a trust store");
}

/* The suite's verdict, or the one that is listed for the case itself. */
static bool is_good(matrix *m, const limbo_case *one)
{
    const char *what = limbo_deviation(m->verdicts, one->id, m->engine->name);

    return what == NULL ? one->expected : strcmp(what, "accepted") == 0;
}

static void run_case(const limbo_case *one, void *argument)
{
    matrix *m = argument;
    row r = {.one = one, .good = is_good(m, one), .base = one->check};

    r.base.policy |= LWSEC_CERT_POLICY_LWM2M;
    for (unsigned choice = 0; choice < 8; choice++) {
        r.key = (choice & 1) != 0;
        r.matching = (lwsec_cert_matching)(choice >> 1);
        run_ca_constraint(m, &r);
        run_service_constraint(m, &r);
        run_trust_anchor(m, &r);
        run_domain_issued(m, &r);
    }
}

/* One bit of the key, and one of the certificate. */
static void change_last(uint8_t *room, lwsec_bytes certificate)
{
    const lwsec_bytes key = key_of(certificate);

    room[key.data + key.size - 1 - certificate.data] ^= 1;
    room[certificate.size - 1] ^= 1;
}

/* Certificates of one case, made into those of none. */
static void take_others(const limbo_case *one, void *argument)
{
    static uint8_t authority[4096], end_entity[4096];
    matrix *m = argument;

    if (strcmp(one->id, "webpki::cryptographydotio-chain") == 0) {
        assert_true(one->trust[0].size <= sizeof authority);
        assert_true(one->chain[0].size <= sizeof end_entity);
        memcpy(authority, one->trust[0].data, one->trust[0].size);
        memcpy(end_entity, one->chain[0].data, one->chain[0].size);
        m->other_authority = lwsec_bytes_of(authority, one->trust[0].size);
        m->other_end_entity = lwsec_bytes_of(end_entity, one->chain[0].size);
        /* Siblings have them too. With another key and signature they are of no case at all. */
        change_last(authority, m->other_authority);
        change_last(end_entity, m->other_end_entity);
    }
}

static void test_usage_times_selector_times_matching(void **state)
{
    const test_engine *engine;

    (void)state;
    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        matrix m = {.engine = engine,
                    .verdicts = limbo_deviations_read("expectations.txt"),
                    .deviations = limbo_deviations_read("matrix.txt")};
        (void)limbo_each("SERVER", take_others, &m);
        assert_non_null(m.other_authority.data);
        (void)limbo_each("SERVER", run_case, &m);
        print_message("%s: %zu checks\n", engine->name, m.checks);
        assert_int_equal(m.not_listed, 0);
        assert_true(m.checks > 2000);
        limbo_deviations_end(m.deviations, engine->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage_times_selector_times_matching),
    };

    return cmocka_run_group_tests_name("limbo-matrix", tests, NULL, NULL);
}
