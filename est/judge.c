/* Whether what the server answered is our certificate. */
#include <lwsec/est.h>

#include "certpolicy/der_certificate.h"
#include "certpolicy/der_write.h"
#include "certpolicy/path.h"
#include "core/reason.h"

#define POLICY_KNOWN                                                                               \
    ((uint32_t)(LWSEC_CERT_ALLOW_RSA | LWSEC_CERT_ALLOW_NO_KEY_IDS |                               \
                LWSEC_CERT_ALLOW_UNSET_CLOCK | LWSEC_CERT_ALLOW_UNPROVEN_CLOCK |                   \
                LWSEC_CERT_ALLOW_COMMON_NAME))

/* The certificates of a check, sorted. */
typedef struct sorted {
    lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX]; /* ours first, then those that may be above it */
    size_t chain_count;
    lwsec_bytes trust[LWSEC_CERT_CHAIN_MAX];
    size_t trust_count;
} sorted;

static bool add(lwsec_bytes *list, size_t *count, lwsec_bytes certificate)
{
    if (*count == LWSEC_CERT_CHAIN_MAX) {
        return false;
    }
    list[(*count)++] = certificate;
    return true;
}

/* R-5.2.4-15: a certificate of another key than ours is worth nothing to us. */
static lwsec_why find_own(const lwsec_est_check *check, lwsec_bytes key, sorted *to,
                          lwsec_cert_view *own)
{
    lwsec_cert_view view;
    size_t place = check->answer_count;

    for (size_t i = 0; i < check->answer_count; i++) {
        if (lwsec_cert_view_read(check->answer[i], &view, NULL) != LWSEC_OK) {
            return LWSEC_WHY_CERT_MALFORMED;
        }
        if (place == check->answer_count && lwsec_der_same(view.key, key)) {
            place = i;
            *own = view;
        }
    }
    if (place == check->answer_count) {
        return LWSEC_WHY_EST_OTHER_KEY;
    }
    (void)add(to->chain, &to->chain_count, check->answer[place]);
    for (size_t i = 0; i < check->answer_count; i++) {
        if (i != place && !add(to->chain, &to->chain_count, check->answer[i])) {
            return LWSEC_WHY_CERT_LIMIT;
        }
    }
    return LWSEC_WHY_NONE;
}

static bool is_self_issued(lwsec_bytes certificate)
{
    lwsec_cert_view view;

    return lwsec_cert_view_read(certificate, &view, NULL) == LWSEC_OK &&
           lwsec_path_self_issued(&view);
}

/* Authorities that are self-issued are anchors, the others lie between; where none is, each is an
 * anchor: RFC 7030 section 4.1.3. */
static lwsec_why sort_authorities(const lwsec_est_check *check, sorted *to)
{
    bool some = false;

    for (size_t i = 0; i < check->authority_count; i++) {
        some = some || is_self_issued(check->authorities[i]);
    }
    for (size_t i = 0; i < check->authority_count; i++) {
        const bool anchor = !some || is_self_issued(check->authorities[i]);
        if (!(anchor ? add(to->trust, &to->trust_count, check->authorities[i])
                     : add(to->chain, &to->chain_count, check->authorities[i]))) {
            return LWSEC_WHY_CERT_LIMIT;
        }
    }
    return LWSEC_WHY_NONE;
}

/* R-5.2.9.3-01, RFC 7925 section 4.4: what the certificate is used for is a signature in the
 * handshake, by a device that is no authority. */
static lwsec_why judge_use(const lwsec_cert_view *own)
{
    if (own->is_ca) {
        return LWSEC_WHY_CERT_AUTHORITY;
    }
    const bool told = (own->present & LWSEC_EXT_KEY_USAGE) != 0;
    return told && (own->key_usage & LWSEC_KU_DIGITAL_SIGNATURE) == 0 ? LWSEC_WHY_CERT_KEY_USAGE
                                                                      : LWSEC_WHY_NONE;
}

/* R-5.2.9.7-03, R-5.2.6-02: a path to the authorities, now, in our name. */
static lwsec_status verify(const lwsec_cert_engine *engine, const lwsec_est_check *check,
                           const sorted *all, lwsec_reason *reason)
{
    const bool named = check->endpoint.size > 0;
    const lwsec_cert_check path = {
        .size = sizeof path,
        .chain = all->chain,
        .chain_count = all->chain_count,
        .trust = all->trust,
        .trust_count = all->trust_count,
        .usage = LWSEC_CERT_PKIX,
        .role = LWSEC_CERT_OF_CLIENT,
        .reference = {.kind = named ? LWSEC_CERT_REFERENCE_ENDPOINT : LWSEC_CERT_REFERENCE_NONE,
                      .name = check->endpoint},
        .time = check->time,
        .policy = check->policy};

    return lwsec_cert_verify(engine, &path, reason);
}

/* Which of the certificates may have issued this one; `chain_count`: none but a root. `view`
 * becomes that of the issuer. */
static size_t find_issuer(const sorted *all, lwsec_cert_view *view)
{
    const lwsec_cert_view below = *view;

    for (size_t i = 1; i < all->chain_count; i++) {
        if (lwsec_cert_view_read(all->chain[i], view, NULL) == LWSEC_OK &&
            !lwsec_path_self_issued(view) && lwsec_path_may_issue(view, &below)) {
            return i;
        }
    }
    return all->chain_count;
}

/* The certificates that lead up from ours, without the root. */
static size_t lead_up(const sorted *all, const lwsec_cert_view *own,
                      lwsec_bytes chain[LWSEC_CERT_PATH_MAX])
{
    lwsec_cert_view view = *own;
    size_t count = 0;

    for (size_t i = 0; i < all->chain_count && count < LWSEC_CERT_PATH_MAX;) {
        chain[count++] = all->chain[i];
        i = find_issuer(all, &view);
    }
    return count;
}

static bool is_known(const lwsec_est_check *check)
{
    return check->size == sizeof *check && check->key.store != NULL && check->answer_count > 0 &&
           (check->policy & ~POLICY_KNOWN) == 0;
}

lwsec_status lwsec_est_judge(const lwsec_cert_engine *engine, const lwsec_est_check *check,
                             lwsec_bytes chain[LWSEC_CERT_PATH_MAX], size_t *count,
                             lwsec_reason *reason)
{
    uint8_t key[LWSEC_DER_P256_INFO];
    sorted all = {.chain_count = 0};
    lwsec_cert_view own;

    *count = 0;
    if (!is_known(check)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_status status = lwsec_der_public_key(check->key, key);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    lwsec_why why = find_own(check, lwsec_bytes_of(key, sizeof key), &all, &own);
    if (why == LWSEC_WHY_NONE) {
        why = judge_use(&own);
    }
    if (why == LWSEC_WHY_NONE) {
        why = sort_authorities(check, &all);
    }
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    status = verify(engine, check, &all, reason);
    if (status == LWSEC_OK) {
        *count = lead_up(&all, &own, chain);
    }
    return status;
}
