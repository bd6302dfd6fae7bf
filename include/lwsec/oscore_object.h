/* The LwM2M OSCORE object (21): provisioned values, checked, and made into an OSCORE context. */
#ifndef LWSEC_OSCORE_OBJECT_H
#define LWSEC_OSCORE_OBJECT_H

#include <lwsec/finding.h>
#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWSEC_OBJECT_OSCORE 21U

/* Resources of the object. */
enum {
    LWSEC_OSCORE_OBJECT_SECRET = 0,
    LWSEC_OSCORE_OBJECT_SENDER_ID = 1,    /* of the client that holds the object */
    LWSEC_OSCORE_OBJECT_RECIPIENT_ID = 2, /* of the server that it talks to */
    LWSEC_OSCORE_OBJECT_AEAD = 3,         /* Integer; COSE number, as 10 */
    LWSEC_OSCORE_OBJECT_HMAC = 4,         /* Integer; COSE HMAC number: 5, 6 or 7 */
    LWSEC_OSCORE_OBJECT_SALT = 5,
    LWSEC_OSCORE_OBJECT_ID_CONTEXT = 6,
    LWSEC_OSCORE_OBJECT_RESOURCES = 7
};

/* Versions of the object. 1.0 and 1.1 have Strings where 2.0 has Opaque values; 1.0 has no ID
 * Context. */
typedef enum lwsec_oscore_object_version {
    LWSEC_OSCORE_OBJECT_2_0 = 0,
    LWSEC_OSCORE_OBJECT_1_0,
    LWSEC_OSCORE_OBJECT_1_1
} lwsec_oscore_object_version;

/* Flags of an object. */
enum {
    /* Strings of versions 1.0 and 1.1 hold hexadecimal digits. Without it, the bytes of the
     * String are the value, which is how section 5.5.7.1 reads; yet a random secret is
     * hardly ever UTF-8, so that deployments write digits into the String and both ends have to
     * agree to decode them. Nothing in the object tells which. */
    LWSEC_OSCORE_OBJECT_HEX = 1 << 0,
    /* A weak Master Secret is told, and does not stop the configuration: for tests. */
    LWSEC_OSCORE_OBJECT_WEAK_SECRET = 1 << 1
};

#define LWSEC_OSCORE_OBJECT_VALUE_MAX 255U

/* One instance. Filled by the calls below; its members are private. Holds the secret until it was
 * imported or wiped. */
typedef struct lwsec_oscore_object {
    size_t size;
    lwsec_oscore_object_version version;
    uint16_t instance;
    uint32_t flags;
    uint32_t present; /* a bit for each resource */
    int64_t aead;
    int64_t hmac;
    lwsec_bytes views[LWSEC_OSCORE_OBJECT_RESOURCES];
    uint8_t values[LWSEC_OSCORE_OBJECT_RESOURCES][LWSEC_OSCORE_OBJECT_VALUE_MAX];
} lwsec_oscore_object;

/* Begins an instance without resources. The struct must not be moved from now on. LWSEC_USAGE: an
 * unknown version or flag, LWSEC_OSCORE_OBJECT_HEX with version 2.0. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_object_init(lwsec_oscore_object *object, lwsec_oscore_object_version version,
                         uint16_t instance, uint32_t flags);

/*
 * Sets an Opaque or String resource; an earlier value of it is gone. The bytes are copied.
 *
 * LWSEC_ABSENT: the version has no such resource, or it is an Integer. LWSEC_REJECT:
 * LWSEC_WHY_TOO_LONG over 255 bytes; LWSEC_WHY_ACCOUNT a String that is not UTF-8, or with
 * LWSEC_OSCORE_OBJECT_HEX no pairs of hexadecimal digits. After a refusal the resource is not set.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_object_set(lwsec_oscore_object *object,
                                                                uint16_t resource,
                                                                lwsec_bytes value,
                                                                lwsec_reason *reason);

/* Sets an Integer resource. LWSEC_ABSENT: it is none. Numbers are judged by the check. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_object_set_integer(lwsec_oscore_object *object,
                                                                        uint16_t resource,
                                                                        int64_t value);

/* The most findings of one instance. */
#define LWSEC_OSCORE_OBJECT_FINDINGS_MAX 12U

/* Checks the instance as a whole. Writes up to `capacity` findings, in the order of resources, and
 * gives how many there are. */
LWSEC_API size_t lwsec_oscore_object_check(const lwsec_oscore_object *object,
                                           lwsec_finding *findings, size_t capacity);

/*
 * Makes a configuration for the client: imports the Master Secret into `store` and wipes it in
 * the object, which then counts as without one. Sets secret, IDs, salt, ID Context, algorithms and
 * `size` of `config`, which has to be zeroed; the rest is the caller's. Its byte strings point into
 * the object. The caller destroys `config->secret` once the context is made.
 *
 * LWSEC_REJECT with LWSEC_WHY_ACCOUNT: a finding is fatal; `config` is untouched. Otherwise as
 * lwsec_key_import, with the secret still in the object.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_object_config(lwsec_oscore_object *object,
                                                                   lwsec_store *store,
                                                                   lwsec_oscore_config *config,
                                                                   lwsec_reason *reason);

/* Wipes the whole object. */
LWSEC_API void lwsec_oscore_object_wipe(lwsec_oscore_object *object);

#ifdef __cplusplus
}
#endif
#endif
