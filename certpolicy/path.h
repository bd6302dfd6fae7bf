/* Certification paths: how they are found, and what each has to keep. */
#ifndef LWSEC_CERTPOLICY_PATH_H
#define LWSEC_CERTPOLICY_PATH_H

#include "certpolicy/der_crl.h"
#include "certpolicy/engine.h"

/* Issuers that are tried for all certificates of a check together. */
#define LWSEC_PATH_TRIES 64U

/* Comparisons of a name with a name constraint, for one check. */
#define LWSEC_PATH_COMPARISONS 16384U

/* One path. The last certificate is the anchor, unless the anchor is a bare key. */
typedef struct lwsec_path {
    const lwsec_cert_view *certificates[LWSEC_CERT_PATH_MAX];
    size_t count;
    bool bare_anchor;
    lwsec_bytes anchor_key; /* SubjectPublicKeyInfo */
} lwsec_path;

/* The issuer's key of certificate `index`, which is not the anchor. */
static inline lwsec_bytes lwsec_path_issuer_key(const lwsec_path *path, size_t index)
{
    return index + 1 < path->count ? path->certificates[index + 1]->key : path->anchor_key;
}

/* How many certificates of the path are below the anchor. */
static inline size_t lwsec_path_below(const lwsec_path *path)
{
    return path->bare_anchor ? path->count : path->count - 1;
}

/* Whether issuer and subject are the same name. */
bool lwsec_path_self_issued(const lwsec_cert_view *view);

/* Whether `issuer` may have issued it, by names and key identifiers. */
bool lwsec_path_may_issue(const lwsec_cert_view *issuer, const lwsec_cert_view *below);

/* All rules but signatures and revocation. NONE: the path keeps them. */
lwsec_why lwsec_path_judge(const lwsec_path *path, const lwsec_cert_check *check,
                           uint32_t *comparisons);

/* Whether the time allows a certificate. */
lwsec_why lwsec_path_time(const lwsec_cert_view *view, const lwsec_cert_check *check);

/* Whether the policy allows the key of a certificate. */
bool lwsec_path_key_allowed(lwsec_cert_algorithm kind, const lwsec_cert_check *check);

/* Whether a list of its issuer is for this certificate. */
bool lwsec_path_in_scope(const lwsec_cert_view *certificate, const lwsec_crl_view *list);

/* Revocation of the certificates below the anchor. */
lwsec_why lwsec_path_status(const lwsec_path *path, const lwsec_cert_engine *engine,
                            const lwsec_cert_check *check);

/*
 * Looks for a path from chain[0], which `end_entity` is a view of, to an anchor of the usage. NONE,
 * or why there is none: the reason of the first path that is complete, ANCHOR if none is.
 */
lwsec_why lwsec_path_search(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                            const lwsec_cert_view *end_entity);

/* Writes an X.509v1 certificate that stands for an anchor in the engine's validation: this name and
 * key, and a signature that nobody verifies. False: it does not fit. */
bool lwsec_path_stand_in(lwsec_bytes name, lwsec_bytes key, lwsec_buffer *certificate);

#endif
