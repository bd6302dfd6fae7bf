/* What may be wrong with the values of the OSCORE object. */
#include <lwsec/oscore_object.h>

#include <lwsec/algorithm.h>

#include "account/entropy.h"

/* What a Master Secret should be worth: the strength of the default AEAD. */
#define STRENGTH_BITS 128U
/* Part of the nonce that is not for the ID: RFC 8613 section 3.3. */
#define NONCE_REST 6U
/* COSE's numbers of HKDF, often taken for those of HMAC: RFC 9053 section 5.1. */
#define HKDF_SHA_256 (-10)
#define HKDF_SHA_512 (-11)

typedef struct report {
    const lwsec_oscore_object *object;
    lwsec_finding *findings;
    size_t capacity;
    size_t count;
} report;

static void tell(report *to, uint16_t resource, const char *requirement, bool fatal,
                 const char *text)
{
    if (to->count < to->capacity) {
        to->findings[to->count] = (lwsec_finding){.requirement = requirement,
                                                  .text = text,
                                                  .object = LWSEC_OBJECT_OSCORE,
                                                  .instance = to->object->instance,
                                                  .resource = resource,
                                                  .fatal = fatal};
    }
    to->count++;
}

static bool is_set(const report *to, uint16_t resource)
{
    return (to->object->present >> resource & 1U) != 0;
}

/* R-5.5.7.1-02: there is a Master Secret. R-5.5.3-05, R-5.5.7.1-03: with enough randomness. */
static void check_secret(report *to)
{
    const lwsec_bytes secret = to->object->views[LWSEC_OSCORE_OBJECT_SECRET];
    const bool allowed = (to->object->flags & LWSEC_OSCORE_OBJECT_WEAK_SECRET) != 0;

    if (!is_set(to, LWSEC_OSCORE_OBJECT_SECRET) || secret.size == 0) {
        tell(to, LWSEC_OSCORE_OBJECT_SECRET, "R-5.5.7.1-02", true,
             "the Master Secret is missing or empty");
    } else if (secret.size * 8U < STRENGTH_BITS) {
        tell(to, LWSEC_OSCORE_OBJECT_SECRET, "R-5.5.3-05", !allowed,
             "the Master Secret is shorter than 16 bytes");
    } else if (lwsec_entropy_bound(secret) < STRENGTH_BITS) {
        tell(to, LWSEC_OSCORE_OBJECT_SECRET, "R-5.5.3-05", !allowed,
             "the Master Secret has a pattern or an alphabet that leaves it under 128 bits");
    }
}

/* R-5.5.7.1-06: the AEAD is optional; AES-CCM-16-64-128 without it. */
static const lwsec_algorithm *find_aead(const lwsec_oscore_object *object)
{
    const bool set = (object->present >> LWSEC_OSCORE_OBJECT_AEAD & 1U) != 0;
    const int64_t id = set ? object->aead : LWSEC_ALG_AES_CCM_16_64_128;
    const lwsec_algorithm *found =
        id > 0 && id <= INT32_MAX ? lwsec_algorithm_find((int32_t)id) : NULL;

    return found != NULL && found->kind == LWSEC_KIND_AEAD ? found : NULL;
}

/* R-5.5.7.1-04, R-5.5.7.1-05: both IDs are there; an empty one is one (trap 17). */
static void check_id(report *to, uint16_t resource, const char *requirement, const char *missing)
{
    const lwsec_algorithm *aead = find_aead(to->object);

    if (!is_set(to, resource)) {
        tell(to, resource, requirement, true, missing);
    } else if (aead != NULL &&
               to->object->views[resource].size > (size_t)aead->nonce_size - NONCE_REST) {
        tell(to, resource, requirement, true,
             "the ID is longer than the AEAD's nonce allows: its length minus 6");
    }
}

static void check_ids_differ(report *to)
{
    if (is_set(to, LWSEC_OSCORE_OBJECT_SENDER_ID) && is_set(to, LWSEC_OSCORE_OBJECT_RECIPIENT_ID) &&
        lwsec_equal_secret(to->object->views[LWSEC_OSCORE_OBJECT_SENDER_ID],
                           to->object->views[LWSEC_OSCORE_OBJECT_RECIPIENT_ID])) {
        tell(to, LWSEC_OSCORE_OBJECT_RECIPIENT_ID, "R-5.5.7.1-05", true,
             "Sender ID and Recipient ID are equal: both ends would use the same key");
    }
}

/* R-5.5.7.1-07: the HMAC is optional; HMAC 256/256 without it. */
static void check_hmac(report *to)
{
    const int64_t hmac = to->object->hmac;

    if (!is_set(to, LWSEC_OSCORE_OBJECT_HMAC) ||
        (hmac >= LWSEC_ALG_HMAC_256 && hmac <= LWSEC_ALG_HMAC_512)) {
        return;
    }
    tell(to, LWSEC_OSCORE_OBJECT_HMAC, "R-5.5.7.1-07", true,
         hmac == HKDF_SHA_256   ? "-10 is HKDF-SHA-256; the resource names its HMAC, which is 5"
         : hmac == HKDF_SHA_512 ? "-11 is HKDF-SHA-512; the resource names its HMAC, which is 7"
                                : "the HMAC is none of 5, 6, 7");
}

size_t lwsec_oscore_object_check(const lwsec_oscore_object *object, lwsec_finding *findings,
                                 size_t capacity)
{
    report to = {object, findings, capacity, 0};

    check_secret(&to);
    check_id(&to, LWSEC_OSCORE_OBJECT_SENDER_ID, "R-5.5.7.1-04", "the Sender ID is missing");
    check_id(&to, LWSEC_OSCORE_OBJECT_RECIPIENT_ID, "R-5.5.7.1-05", "the Recipient ID is missing");
    check_ids_differ(&to);
    if (find_aead(object) == NULL) {
        tell(&to, LWSEC_OSCORE_OBJECT_AEAD, "R-5.5.7.1-06", true,
             "the AEAD is none that lwsec has: 1-3, 10-13, 24, 30-33");
    }
    check_hmac(&to);
    return to.count;
}
