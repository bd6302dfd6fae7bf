/* lwsec_cert_verify: usage, name and path of a peer's certificate. */
#include "certpolicy/name.h"
#include "certpolicy/path.h"
#include "certpolicy/usage.h"
#include "core/reason.h"

#define POLICY_KNOWN ((uint32_t)(2 * LWSEC_CERT_NEED_STATUS - 1))

bool lwsec_cert_engine_has_ocsp(const lwsec_cert_engine *engine)
{
    return engine->ocsp != NULL;
}

static bool usage_is_known(lwsec_cert_usage usage)
{
    return usage == LWSEC_CERT_PKIX || (unsigned)usage <= LWSEC_CERT_DOMAIN_ISSUED;
}

static bool reference_is_known(const lwsec_cert_reference *reference)
{
    return (unsigned)reference->kind <= LWSEC_CERT_REFERENCE_NONE &&
           (reference->kind != LWSEC_CERT_REFERENCE_IP || reference->address_size == 4 ||
            reference->address_size == 16);
}

static bool is_known(const lwsec_cert_check *check)
{
    return check->size == sizeof *check && usage_is_known(check->usage) &&
           (unsigned)check->matching <= LWSEC_CERT_SHA512 &&
           (unsigned)check->role <= LWSEC_CERT_OF_CLIENT &&
           (unsigned)check->time.clock <= LWSEC_CERT_CLOCK_TRUSTED &&
           (check->policy & ~POLICY_KNOWN) == 0 && reference_is_known(&check->reference) &&
           check->chain_count > 0 &&
           (check->association.size > 0) == (check->usage != LWSEC_CERT_PKIX);
}

/* A certificate that matches itself: no path, no name, no time (T-09). Its key has to be one that
 * may be used at all: R-5.2.9.3-04. */
static lwsec_why judge_domain_issued(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                                     const lwsec_cert_view *end_entity)
{
    if (!lwsec_path_key_allowed(end_entity->key_kind, check)) {
        return LWSEC_WHY_CERT_KEY;
    }
    return engine->parses(engine, end_entity->der) ? LWSEC_WHY_NONE : LWSEC_WHY_CERT_MALFORMED;
}

/* R-5.2.9.7-06, R-5.2.9.7-08, R-5.2.9.7-11, R-5.2.9.7-12. */
static bool end_entity_must_match(lwsec_cert_usage usage)
{
    return usage == LWSEC_CERT_SERVICE_CONSTRAINT || usage == LWSEC_CERT_DOMAIN_ISSUED;
}

static lwsec_why judge(const lwsec_cert_engine *engine, const lwsec_cert_check *check)
{
    lwsec_cert_view end_entity;

    if (lwsec_cert_view_read(check->chain[0], &end_entity, NULL) != LWSEC_OK) {
        return LWSEC_WHY_CERT_MALFORMED;
    }
    if (end_entity_must_match(check->usage) && !lwsec_usage_matches(engine, check, &end_entity)) {
        return LWSEC_WHY_CERT_ASSOCIATION;
    }
    if (!lwsec_usage_needs_path(check->usage)) { /* R-5.2.9.3-24 */
        return judge_domain_issued(engine, check, &end_entity);
    }
    if (check->chain_count > LWSEC_CERT_CHAIN_MAX) {
        return LWSEC_WHY_CERT_LIMIT;
    }
    /* R-5.2.9.3-25, R-5.2.9.7-03, R-5.2.9.7-07: a path and the name; the path first, as its reason
     * says more. */
    const lwsec_why why = lwsec_path_search(engine, check, &end_entity);
    if (why != LWSEC_WHY_NONE) {
        return why;
    }
    const bool common_name = (check->policy & LWSEC_CERT_ALLOW_COMMON_NAME) != 0;
    return lwsec_name_identifies(&end_entity, &check->reference, common_name)
               ? LWSEC_WHY_NONE
               : LWSEC_WHY_CERT_REFERENCE;
}

lwsec_status lwsec_cert_verify(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                               lwsec_reason *reason)
{
    if (!is_known(check)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (check->ocsp.data != NULL && engine->ocsp == NULL) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_CERT_OCSP, 0, reason);
    }
    const lwsec_why why = judge(engine, check);
    return why == LWSEC_WHY_NONE ? lwsec_accept(reason)
                                 : lwsec_refuse(LWSEC_REJECT, why, 0, reason);
}
