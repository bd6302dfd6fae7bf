/* Whether the certificates of a path are revoked: lists, and the response about the end entity. */
#include "certpolicy/der_crl.h"
#include "certpolicy/name.h"
#include "certpolicy/path.h"

/* What is known of one certificate. WAS_REVOKED: by a list that is not fresh. */
typedef enum knowledge { NOTHING, WAS_REVOKED, GOOD, REVOKED } knowledge;

/* R-5.2.9.6-01: lists that are neither of the future nor past their end. */
static bool is_fresh(const lwsec_crl_view *list, const lwsec_cert_check *check)
{
    const int64_t now = check->time.seconds;

    if (list->this_update > now || !list->has_next_update || list->next_update < now) {
        return false;
    }
    return check->status_age == 0 || now - list->this_update <= (int64_t)check->status_age;
}

/* RFC 5280 section 6.3.3: the CA's key usage allows lists, where it says anything. */
static bool may_sign_lists(const lwsec_cert_view *issuer)
{
    return (issuer->present & LWSEC_EXT_KEY_USAGE) == 0 ||
           (issuer->key_usage & LWSEC_KU_CRL_SIGN) != 0;
}

/* Whether the issuer of certificate `index` signed the list: with the key of that certificate, or
 * with another one of the same CA, which after a change of keys certified itself in the path. */
static bool is_signed(const lwsec_path *path, size_t index, lwsec_bytes der,
                      const lwsec_crl_view *list, const lwsec_cert_engine *engine)
{
    for (size_t i = index + 1; i < path->count; i++) {
        const lwsec_cert_view *issuer = path->certificates[i];
        if (lwsec_name_same(issuer->subject, list->issuer) && may_sign_lists(issuer) &&
            engine->list(der, &list->seal, issuer->key)) {
            return true;
        }
        if (!lwsec_path_self_issued(issuer)) {
            break; /* who has the name further up may be another CA */
        }
    }
    /* Of a bare key nothing else is known. */
    return path->bare_anchor && index + 1 == path->count &&
           engine->list(der, &list->seal, path->anchor_key);
}

/* A delta, or a list that is not for this certificate, tells that it is revoked, but not that it is
 * good. */
static knowledge look_up(const lwsec_path *path, size_t index, lwsec_bytes der,
                         const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                         int64_t *since)
{
    const lwsec_cert_view *certificate = path->certificates[index];
    lwsec_crl_view list;

    if (lwsec_crl_view_read(der, &list, NULL) != LWSEC_OK ||
        !lwsec_name_same(list.issuer, certificate->issuer) || list.unhandled || !list.has_number ||
        !lwsec_path_key_allowed(list.seal.kind, check) || !lwsec_der_seal_is_strict(&list.seal) ||
        !is_signed(path, index, der, &list, engine)) {
        return NOTHING;
    }
    *since = list.this_update;
    /* A number stands for one certificate of a CA, whatever its list is for. */
    if (lwsec_crl_has(&list, certificate->serial)) {
        return is_fresh(&list, check) ? REVOKED : WAS_REVOKED;
    }
    return is_fresh(&list, check) && !list.delta && !list.some_reasons &&
                   lwsec_path_in_scope(certificate, &list)
               ? GOOD
               : NOTHING;
}

/* Who was revoked remains so, until a later list says that he is good. */
static knowledge by_lists(const lwsec_path *path, size_t index, const lwsec_cert_engine *engine,
                          const lwsec_cert_check *check)
{
    knowledge known = NOTHING;
    int64_t latest = INT64_MIN;

    for (size_t i = 0; i < check->crl_count && known != REVOKED; i++) {
        int64_t since = 0;
        const knowledge found = look_up(path, index, check->crls[i], engine, check, &since);
        const bool later = since > latest || (since == latest && found == WAS_REVOKED);
        if (found == REVOKED || (found != NOTHING && later)) {
            known = found;
            latest = since;
        }
    }
    return known;
}

/* What a responder signs with is as good as what certificates are signed with. */
static bool responder_is_allowed(lwsec_bytes certificate, const lwsec_cert_check *check)
{
    lwsec_cert_view view;

    return lwsec_cert_view_read(certificate, &view, NULL) == LWSEC_OK && view.version == 3 &&
           (view.present & LWSEC_EXT_UNHANDLED) == 0 &&
           lwsec_path_key_allowed(view.key_kind, check) &&
           lwsec_path_key_allowed(view.seal.kind, check) && lwsec_der_seal_is_strict(&view.seal) &&
           ((view.present & LWSEC_EXT_KEY_USAGE) == 0 ||
            (view.key_usage & LWSEC_KU_DIGITAL_SIGNATURE) != 0) &&
           lwsec_path_time(&view, check) == LWSEC_WHY_NONE;
}

/* R-5.2.9.6-03: the response that came stapled is about the end entity. */
static lwsec_why by_response(const lwsec_path *path, const lwsec_cert_engine *engine,
                             const lwsec_cert_check *check)
{
    const lwsec_cert_ocsp query = {
        .response = check->ocsp,
        .certificate = path->certificates[0]->der,
        .issuer_key = lwsec_path_issuer_key(path, 0),
        .check = check,
        .responder_is_allowed = responder_is_allowed,
    };

    return engine->ocsp(&query);
}

static bool time_is_known(const lwsec_cert_check *check)
{
    return check->time.clock == LWSEC_CERT_CLOCK_TRUSTED ||
           (check->time.clock == LWSEC_CERT_CLOCK_UNPROVEN &&
            (check->policy & LWSEC_CERT_ALLOW_UNPROVEN_CLOCK) != 0);
}

static lwsec_why judge(const lwsec_path *path, const lwsec_cert_engine *engine,
                       const lwsec_cert_check *check)
{
    const bool whole = (check->policy & LWSEC_CERT_NEED_WHOLE_STATUS) != 0;
    const bool response = check->ocsp.data != NULL;
    const lwsec_why why = response ? by_response(path, engine, check) : LWSEC_WHY_NONE;

    for (size_t i = 0; why == LWSEC_WHY_NONE && i < lwsec_path_below(path); i++) {
        const knowledge known = by_lists(path, i, engine, check);
        const bool needed = i == 0 ? !response : whole;
        if (known == REVOKED || known == WAS_REVOKED) {
            return LWSEC_WHY_CERT_REVOKED;
        }
        if (known == NOTHING && needed) {
            return LWSEC_WHY_CERT_STATUS;
        }
    }
    return why;
}

lwsec_why lwsec_path_status(const lwsec_path *path, const lwsec_cert_engine *engine,
                            const lwsec_cert_check *check)
{
    if (check->crl_count == 0 && check->ocsp.data == NULL) {
        const uint32_t needed = LWSEC_CERT_NEED_STATUS | LWSEC_CERT_NEED_WHOLE_STATUS;
        return (check->policy & needed) != 0 ? LWSEC_WHY_CERT_STATUS : LWSEC_WHY_NONE;
    }
    if (lwsec_path_below(path) == 0) {
        return LWSEC_WHY_CERT_STATUS; /* trusted itself: no issuer says that it is good */
    }
    return time_is_known(check) ? judge(path, engine, check) : LWSEC_WHY_CERT_CLOCK;
}
