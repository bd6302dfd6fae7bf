/* What a certification path has to keep, but for its signatures: RFC 5280, RFC 7925. */
#include "certpolicy/name.h"
#include "certpolicy/path.h"
#include "certpolicy/usage.h"

#define SERIAL_MAX 20U

/* Extensions that are processed, so that they may be critical. Policies are: each path is valid
 * for any policy, as long as none is asked for. */
#define MAY_BE_CRITICAL                                                                            \
    (LWSEC_EXT_BASIC_CONSTRAINTS | LWSEC_EXT_KEY_USAGE | LWSEC_EXT_EXTENDED_KEY_USAGE |            \
     LWSEC_EXT_ALT_NAME | LWSEC_EXT_NAME_CONSTRAINTS | LWSEC_EXT_POLICIES |                        \
     LWSEC_EXT_POLICY_MAPPINGS | LWSEC_EXT_POLICY_CONSTRAINTS | LWSEC_EXT_INHIBIT_ANY_POLICY)
#define MUST_BE_CRITICAL                                                                           \
    (LWSEC_EXT_NAME_CONSTRAINTS | LWSEC_EXT_POLICY_CONSTRAINTS | LWSEC_EXT_INHIBIT_ANY_POLICY)

/* One certificate in its place. */
typedef struct place {
    const lwsec_cert_view *view;
    const lwsec_cert_check *check;
    bool end_entity;
    bool anchor;
} place;

static bool has(const lwsec_cert_view *view, uint32_t extension)
{
    return (view->present & extension) != 0;
}

bool lwsec_path_self_issued(const lwsec_cert_view *view)
{
    return lwsec_name_same(view->issuer, view->subject);
}

bool lwsec_path_key_allowed(lwsec_cert_algorithm kind, const lwsec_cert_check *check)
{
    return kind == LWSEC_CERT_ALGORITHM_EC ||
           (kind == LWSEC_CERT_ALGORITHM_RSA && (check->policy & LWSEC_CERT_ALLOW_RSA) != 0);
}

/* ---- A certificate by itself ---- */

static bool serial_is_good(lwsec_bytes serial)
{
    return serial.size <= SERIAL_MAX && serial.data[0] < 0x80 &&
           (serial.size > 1 || serial.data[0] > 0);
}

/* R-5.2.9.3-01: X.509v3. What an anchor was when it was made is its owner's business. */
static lwsec_why judge_fields(const place *at)
{
    const lwsec_cert_view *view = at->view;

    if (!at->anchor && (view->version != 3 || !serial_is_good(view->serial))) {
        return LWSEC_WHY_CERT_MALFORMED;
    }
    if (lwsec_der_name_is_empty(view->issuer) ||
        (!at->end_entity && lwsec_der_name_is_empty(view->subject))) {
        return LWSEC_WHY_CERT_MALFORMED;
    }
    return LWSEC_WHY_NONE;
}

static lwsec_why judge_extensions(const place *at)
{
    const lwsec_cert_view *view = at->view;

    if (has(view, LWSEC_EXT_UNHANDLED) || view->explicit_policy ||
        (view->critical & ~(uint32_t)MAY_BE_CRITICAL) != 0 ||
        (view->present & ~view->critical & MUST_BE_CRITICAL) != 0) {
        return LWSEC_WHY_CERT_EXTENSION;
    }
    if (lwsec_der_name_is_empty(view->subject) && (view->critical & LWSEC_EXT_ALT_NAME) == 0) {
        return LWSEC_WHY_CERT_EXTENSION;
    }
    return has(view, LWSEC_EXT_NAME_CONSTRAINTS) && !view->is_ca ? LWSEC_WHY_CERT_EXTENSION
                                                                 : LWSEC_WHY_NONE;
}

/* Key identifiers. A self-issued certificate that is not the anchor must tell whose key signed it,
 * or nothing tells it from a self-signed one. */
static lwsec_why judge_key_ids(const place *at)
{
    const lwsec_cert_view *view = at->view;
    const bool needed = (at->check->policy & LWSEC_CERT_ALLOW_NO_KEY_IDS) == 0;
    const bool issuer_told = view->authority_key_id.size > 0;

    if (!at->anchor && lwsec_path_self_issued(view) &&
        (!issuer_told || lwsec_der_same(view->authority_key_id, view->subject_key_id))) {
        return LWSEC_WHY_CERT_EXTENSION;
    }
    if (needed && !issuer_told && (!at->anchor || has(view, LWSEC_EXT_AUTHORITY_KEY_ID))) {
        return LWSEC_WHY_CERT_EXTENSION;
    }
    return needed && view->is_ca && !has(view, LWSEC_EXT_SUBJECT_KEY_ID) ? LWSEC_WHY_CERT_EXTENSION
                                                                         : LWSEC_WHY_NONE;
}

/* R-5.2.9.3-02 to R-5.2.9.3-04: the groups and algorithms that der_key.c has, and no other. */
static lwsec_why judge_algorithms(const place *at)
{
    const bool signature = at->anchor || lwsec_path_key_allowed(at->view->seal.kind, at->check);

    return signature && lwsec_path_key_allowed(at->view->key_kind, at->check) ? LWSEC_WHY_NONE
                                                                              : LWSEC_WHY_CERT_KEY;
}

/* ---- What it may be used for ---- */

static uint16_t purpose(const lwsec_cert_check *check)
{
    return check->role == LWSEC_CERT_OF_CLIENT ? LWSEC_EKU_CLIENT : LWSEC_EKU_SERVER;
}

/* The end entity of LwM2M signs the handshake: digitalSignature, also of a CA in its place, as not
 * every TLS asks for it. It has the purpose of its role where it names any (RFC 7925 section 4.4;
 * anyExtendedKeyUsage is not enough). */
static lwsec_why judge_end_entity(const place *at)
{
    const lwsec_cert_view *view = at->view;
    const bool signs = (view->key_usage & LWSEC_KU_DIGITAL_SIGNATURE) != 0;
    const bool certifies = (view->key_usage & LWSEC_KU_KEY_CERT_SIGN) != 0;

    if (has(view, LWSEC_EXT_KEY_USAGE) &&
        ((certifies && !view->is_ca) || (!signs && at->check->usage != LWSEC_CERT_PKIX))) {
        return LWSEC_WHY_CERT_KEY_USAGE;
    }
    return has(view, LWSEC_EXT_EXTENDED_KEY_USAGE) && (view->purposes & purpose(at->check)) == 0
               ? LWSEC_WHY_CERT_KEY_USAGE
               : LWSEC_WHY_NONE;
}

/* R-5.2.9.7-05: the anchor of usage 0 and 2 might not have basicConstraints. */
static lwsec_why judge_authority(const place *at)
{
    const lwsec_cert_view *view = at->view;
    const bool plain = at->anchor && lwsec_usage_plain_anchor(at->check->usage) &&
                       !has(view, LWSEC_EXT_BASIC_CONSTRAINTS);

    if (!plain && (!view->is_ca || (view->critical & LWSEC_EXT_BASIC_CONSTRAINTS) == 0)) {
        return LWSEC_WHY_CERT_AUTHORITY;
    }
    if (has(view, LWSEC_EXT_KEY_USAGE) && (view->key_usage & LWSEC_KU_KEY_CERT_SIGN) == 0) {
        return LWSEC_WHY_CERT_KEY_USAGE;
    }
    return has(view, LWSEC_EXT_EXTENDED_KEY_USAGE) &&
                   (view->purposes & (purpose(at->check) | LWSEC_EKU_ANY)) == 0
               ? LWSEC_WHY_CERT_KEY_USAGE
               : LWSEC_WHY_NONE;
}

/* R-5.2.9.5-01, R-5.2.9.5-05: a time that somebody has set counts as far as the policy trusts it.
 */
lwsec_why lwsec_path_time(const lwsec_cert_view *view, const lwsec_cert_check *check)
{
    const lwsec_cert_time *time = &check->time;
    const bool trusted = time->clock == LWSEC_CERT_CLOCK_TRUSTED ||
                         (time->clock == LWSEC_CERT_CLOCK_UNPROVEN &&
                          (check->policy & LWSEC_CERT_ALLOW_UNPROVEN_CLOCK) != 0);

    if (!trusted && (check->policy & LWSEC_CERT_ALLOW_UNSET_CLOCK) == 0) {
        return LWSEC_WHY_CERT_CLOCK;
    }
    if (time->seconds > view->not_after || (trusted && time->seconds < view->not_before)) {
        return LWSEC_WHY_CERT_TIME;
    }
    return LWSEC_WHY_NONE;
}

static lwsec_why judge_one(const place *at)
{
    typedef lwsec_why (*rule)(const place *);
    static const rule of_all[] = {judge_fields, judge_extensions, judge_key_ids, judge_algorithms};
    lwsec_why why = LWSEC_WHY_NONE;

    for (size_t i = 0; why == LWSEC_WHY_NONE && i < sizeof of_all / sizeof of_all[0]; i++) {
        why = of_all[i](at);
    }
    if (why == LWSEC_WHY_NONE) {
        why = at->end_entity ? judge_end_entity(at) : judge_authority(at);
    }
    return why == LWSEC_WHY_NONE ? lwsec_path_time(at->view, at->check) : why;
}

/* ---- The path as a whole ---- */

/* Certificates between the end entity and number `above`, without self-issued ones. */
static uint32_t count_between(const lwsec_path *path, size_t above)
{
    uint32_t count = 0;

    for (size_t i = 1; i < above; i++) {
        count += lwsec_path_self_issued(path->certificates[i]) ? 0U : 1U;
    }
    return count;
}

static lwsec_why judge_lengths(const lwsec_path *path, const lwsec_cert_check *check)
{
    const uint32_t allowed =
        check->intermediates > 0 ? check->intermediates - 1 : LWSEC_CERT_INTERMEDIATES_DEFAULT;

    if (count_between(path, lwsec_path_below(path)) > allowed) {
        return LWSEC_WHY_CERT_LIMIT;
    }
    for (size_t i = 1; i < path->count; i++) {
        const lwsec_cert_view *view = path->certificates[i];
        if (view->has_path_length && count_between(path, i) > view->path_length) {
            return LWSEC_WHY_CERT_AUTHORITY;
        }
    }
    return LWSEC_WHY_NONE;
}

static lwsec_why judge_constraints(const lwsec_path *path, const lwsec_cert_check *check,
                                   uint32_t *comparisons)
{
    const bool common_name = (check->policy & LWSEC_CERT_ALLOW_COMMON_NAME) != 0 &&
                             lwsec_name_common_name_counts(path->certificates[0]);

    for (size_t above = 1; above < path->count; above++) {
        for (size_t i = 0; i < above; i++) {
            const lwsec_cert_view *below = path->certificates[i];
            if (i > 0 && lwsec_path_self_issued(below)) {
                continue;
            }
            if (!lwsec_name_constraints_kept(path->certificates[above], below,
                                             common_name && i == 0, comparisons)) {
                return *comparisons == 0 ? LWSEC_WHY_CERT_LIMIT : LWSEC_WHY_CERT_CONSTRAINT;
            }
        }
    }
    return LWSEC_WHY_NONE;
}

static lwsec_why judge_bare_anchor(const lwsec_path *path, const lwsec_cert_check *check)
{
    return !path->bare_anchor || lwsec_path_key_allowed(lwsec_der_key_kind(path->anchor_key), check)
               ? LWSEC_WHY_NONE
               : LWSEC_WHY_CERT_KEY;
}

lwsec_why lwsec_path_judge(const lwsec_path *path, const lwsec_cert_check *check,
                           uint32_t *comparisons)
{
    const size_t below = lwsec_path_below(path);
    lwsec_why why = judge_bare_anchor(path, check);

    for (size_t i = 0; why == LWSEC_WHY_NONE && i < path->count; i++) {
        const place at = {path->certificates[i], check, i == 0, i >= below};
        why = judge_one(&at);
    }
    if (why == LWSEC_WHY_NONE) {
        why = judge_lengths(path, check);
    }
    return why == LWSEC_WHY_NONE ? judge_constraints(path, check, comparisons) : why;
}
