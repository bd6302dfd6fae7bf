/* The search for a path: depth first, bounded, each signature verified once. */
#include "certpolicy/name.h"
#include "certpolicy/path.h"
#include "certpolicy/usage.h"

#define STAND_IN_MAX 2048U

/* A step whose signature was looked at. Both point to the first byte of what they are. */
typedef struct step {
    const uint8_t *below;
    const uint8_t *issuer;
    bool good;
} step;

typedef struct search {
    const lwsec_cert_engine *engine;
    const lwsec_cert_check *check;
    lwsec_cert_view sent[LWSEC_CERT_CHAIN_MAX]; /* version 0: cannot be read */
    lwsec_cert_view anchor;
    lwsec_path path;
    unsigned tries; /* left */
    unsigned steps;
    uint32_t comparisons;
    lwsec_why why;
    step known[LWSEC_PATH_TRIES];
    uint8_t stand_in[STAND_IN_MAX];
} search;

/* ---- One complete path ---- */

/* Whether the engine can be given the issuer itself. An anchor need not be a CA certificate as
 * engines know them; name constraints hold for a path, which an engine sees one step of; and
 * mbedTLS does not know each name that is the same as another. */
static bool is_plain(const lwsec_cert_view *issuer, const lwsec_cert_view *below)
{
    return issuer != NULL && issuer->is_ca && (issuer->present & LWSEC_EXT_NAME_CONSTRAINTS) == 0 &&
           lwsec_der_same(issuer->subject, below->issuer);
}

/* The engine's validation of one step. A stand-in is not the certificate that authorityCertIssuer
 * names, which OpenSSL would see: no engine accepts that. */
static bool validate(search *s, const lwsec_cert_view *below, const lwsec_cert_view *issuer,
                     lwsec_bytes key)
{
    lwsec_buffer stand_in = lwsec_buffer_of(s->stand_in, sizeof s->stand_in);

    if (!lwsec_der_seal_is_strict(&below->seal) ||
        (issuer != NULL && !s->engine->parses(s->engine, issuer->der))) {
        return false;
    }
    if (is_plain(issuer, below)) {
        return s->engine->step(s->engine, below->der, issuer->der);
    }
    return below->authority_issuer.size == 0 &&
           lwsec_path_stand_in(below->issuer, key, &stand_in) &&
           s->engine->step(s->engine, below->der, lwsec_buffer_bytes(&stand_in));
}

static bool step_is_good(search *s, size_t index)
{
    const lwsec_cert_view *below = s->path.certificates[index];
    const lwsec_cert_view *issuer =
        index + 1 < s->path.count ? s->path.certificates[index + 1] : NULL;
    const lwsec_bytes key = lwsec_path_issuer_key(&s->path, index);
    const uint8_t *of_issuer = issuer != NULL ? issuer->der.data : key.data;

    for (unsigned i = 0; i < s->steps; i++) {
        if (s->known[i].below == below->der.data && s->known[i].issuer == of_issuer) {
            return s->known[i].good;
        }
    }
    /* There is room: a step is new only if its issuer was tried for it. */
    const bool good = s->steps < LWSEC_PATH_TRIES && validate(s, below, issuer, key);
    if (s->steps < LWSEC_PATH_TRIES) {
        const step seen = {below->der.data, of_issuer, good};
        s->known[s->steps++] = seen;
    }
    return good;
}

static lwsec_why judge_signatures(search *s)
{
    if (!s->engine->parses(s->engine, s->path.certificates[0]->der)) {
        return LWSEC_WHY_CERT_MALFORMED;
    }
    for (size_t i = lwsec_path_below(&s->path); i-- > 0;) {
        if (!step_is_good(s, i)) {
            return LWSEC_WHY_CERT_SIGNATURE;
        }
    }
    return LWSEC_WHY_NONE;
}

/* R-5.2.9.7-02, R-5.2.9.7-04: a CA of the path matches. */
static lwsec_why judge_ca_constraint(search *s)
{
    if (s->check->usage != LWSEC_CERT_CA_CONSTRAINT) {
        return LWSEC_WHY_NONE;
    }
    for (size_t i = 1; i < s->path.count; i++) {
        if (lwsec_usage_matches(s->engine, s->check, s->path.certificates[i])) {
            return LWSEC_WHY_NONE;
        }
    }
    return LWSEC_WHY_CERT_ASSOCIATION;
}

/* Whether this path is the one. Otherwise its reason counts if it is the first. */
static bool is_accepted(search *s)
{
    lwsec_why why = lwsec_path_judge(&s->path, s->check, &s->comparisons);

    if (why == LWSEC_WHY_NONE) {
        why = judge_ca_constraint(s);
    }
    if (why == LWSEC_WHY_NONE) {
        why = judge_signatures(s);
    }
    if (why == LWSEC_WHY_NONE) {
        why = lwsec_path_status(&s->path, s->engine, s->check);
    }
    if (why != LWSEC_WHY_NONE && s->why == LWSEC_WHY_CERT_ANCHOR) {
        s->why = why;
    }
    return why == LWSEC_WHY_NONE;
}

static bool ends_at_certificate(search *s)
{
    s->path.certificates[s->path.count++] = &s->anchor;
    s->path.bare_anchor = false;
    s->path.anchor_key = s->anchor.key;
    const bool accepted = is_accepted(s);
    s->path.count--;
    return accepted;
}

static bool ends_at_key(search *s, lwsec_bytes key)
{
    s->path.bare_anchor = true;
    s->path.anchor_key = key;
    return is_accepted(s);
}

/* ---- Anchors ---- */

/* RFC 5280 section 6.1: no certificate stands in a path twice. */
static bool is_in_path(const search *s, const lwsec_cert_view *view)
{
    for (size_t i = 0; i < s->path.count; i++) {
        if (lwsec_der_same(s->path.certificates[i]->der, view->der)) {
            return true;
        }
    }
    return false;
}

static bool may_try(search *s)
{
    if (s->tries == 0) {
        s->why = s->why == LWSEC_WHY_CERT_ANCHOR ? LWSEC_WHY_CERT_LIMIT : s->why;
        return false;
    }
    s->tries--;
    return true;
}

static const lwsec_cert_view *last(const search *s)
{
    return s->path.certificates[s->path.count - 1];
}

static bool anchor_is(search *s, lwsec_bytes certificate)
{
    return lwsec_cert_view_read(certificate, &s->anchor, NULL) == LWSEC_OK &&
           lwsec_path_may_issue(&s->anchor, last(s)) && !is_in_path(s, &s->anchor) && may_try(s) &&
           ends_at_certificate(s);
}

/* R-5.2.9.7-03, R-5.2.9.7-07: the path that usage 0 and 1 need ends in the trust store. */
static bool ends_in_trust(search *s)
{
    for (size_t i = 0; i < s->check->trust_count; i++) {
        if (anchor_is(s, s->check->trust[i])) {
            return true;
        }
    }
    return false;
}

/* R-5.2.9.7-09, R-5.2.9.7-10: any certificate that matches is an anchor, and no other one; or the
 * key, of which no certificate need be there. */
static bool ends_in_association(search *s)
{
    const lwsec_cert_check *check = s->check;

    for (size_t i = 1; i < check->chain_count; i++) {
        if (s->sent[i].version > 0 && lwsec_usage_matches(s->engine, check, &s->sent[i]) &&
            anchor_is(s, check->chain[i])) {
            return true;
        }
    }
    if (check->matching != LWSEC_CERT_EXACT) {
        return false;
    }
    if (!lwsec_der_is_key(check->association)) {
        return anchor_is(s, check->association);
    }
    return may_try(s) && ends_at_key(s, check->association);
}

/* ---- Intermediates ---- */

/* The next certificate that may have issued the last one; NULL: there is none. `place` goes on. */
static const lwsec_cert_view *next_issuer(search *s, size_t *place)
{
    if (s->path.count + 1 >= LWSEC_CERT_PATH_MAX) {
        return NULL;
    }
    while (*place < s->check->chain_count) {
        const lwsec_cert_view *issuer = &s->sent[(*place)++];
        if (issuer->version > 0 && lwsec_path_may_issue(issuer, last(s)) &&
            !is_in_path(s, issuer) && may_try(s)) {
            return issuer;
        }
    }
    return NULL;
}

static bool ends_here(search *s)
{
    return lwsec_usage_needs_trust(s->check->usage) ? ends_in_trust(s) : ends_in_association(s);
}

/* Depth first: each certificate goes on with its next issuer when those before it led nowhere. */
static bool goes_on(search *s)
{
    size_t places[LWSEC_CERT_PATH_MAX] = {0, 1};

    if (ends_here(s)) {
        return true;
    }
    while (s->path.count > 0) {
        const lwsec_cert_view *issuer = next_issuer(s, &places[s->path.count]);
        if (issuer == NULL) {
            s->path.count--;
            continue;
        }
        s->path.certificates[s->path.count++] = issuer;
        places[s->path.count] = 1;
        if (ends_here(s)) {
            return true;
        }
    }
    return false;
}

/* A trust store may hold the end entity itself: that is a path of one. */
static bool is_trusted_itself(search *s)
{
    if (!lwsec_usage_needs_trust(s->check->usage)) {
        return false;
    }
    for (size_t i = 0; i < s->check->trust_count; i++) {
        if (lwsec_der_same(s->check->trust[i], s->path.certificates[0]->der)) {
            s->path.bare_anchor = false;
            s->path.anchor_key = s->path.certificates[0]->key;
            return is_accepted(s);
        }
    }
    return false;
}

lwsec_why lwsec_path_search(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                            const lwsec_cert_view *end_entity)
{
    search s;

    s.engine = engine;
    s.check = check;
    s.tries = LWSEC_PATH_TRIES;
    s.steps = 0;
    s.comparisons = LWSEC_PATH_COMPARISONS;
    s.why = LWSEC_WHY_CERT_ANCHOR;
    s.path.count = 1;
    s.path.certificates[0] = end_entity;
    for (size_t i = 1; i < check->chain_count; i++) {
        if (lwsec_cert_view_read(check->chain[i], &s.sent[i], NULL) != LWSEC_OK) {
            s.sent[i].version = 0;
        }
    }
    return is_trusted_itself(&s) || goes_on(&s) ? LWSEC_WHY_NONE : s.why;
}
