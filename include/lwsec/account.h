/* Provisioned values of LwM2M (objects 0, 1, 2, 21, 23): typed, by path, and checked as a whole. */
#ifndef LWSEC_ACCOUNT_H
#define LWSEC_ACCOUNT_H

#include <lwsec/finding.h>
#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The objects that make accounts. LWSEC_OBJECT_OSCORE (21) is in <lwsec/oscore_object.h>. */
#define LWSEC_OBJECT_SECURITY 0U
#define LWSEC_OBJECT_SERVER 1U
#define LWSEC_OBJECT_ACCESS 2U
#define LWSEC_OBJECT_COSE 23U

/* In a path: nothing here. As the number of an instance it is reserved by LwM2M. */
#define LWSEC_PATH_NONE 65535U

/* Resources of the Security object (0). */
enum {
    LWSEC_SECURITY_URI = 0,
    LWSEC_SECURITY_BOOTSTRAP = 1,
    LWSEC_SECURITY_MODE = 2,
    LWSEC_SECURITY_IDENTITY = 3, /* Public Key or Identity */
    LWSEC_SECURITY_SERVER_KEY = 4,
    LWSEC_SECURITY_SECRET = 5,
    LWSEC_SECURITY_SMS_MODE = 6,
    LWSEC_SECURITY_SMS_PARAMETERS = 7,
    LWSEC_SECURITY_SMS_SECRETS = 8,
    LWSEC_SECURITY_SMS_NUMBER = 9,
    LWSEC_SECURITY_SSID = 10,
    LWSEC_SECURITY_HOLD_OFF = 11,
    LWSEC_SECURITY_ACCOUNT_TIMEOUT = 12,
    LWSEC_SECURITY_MATCHING = 13,
    LWSEC_SECURITY_SNI = 14,
    LWSEC_SECURITY_USAGE = 15,
    LWSEC_SECURITY_SUITES = 16,
    LWSEC_SECURITY_OSCORE = 17,
    LWSEC_SECURITY_GROUPS = 18,
    LWSEC_SECURITY_SIGNATURES = 20, /* Signature Algorithms To Use by Client */
    LWSEC_SECURITY_EXTENSIONS = 24, /* TLS Extensions To Use by Client */
    LWSEC_SECURITY_MQTT = 26,
    LWSEC_SECURITY_COSE = 27
};

/* Values of the resource Security Mode: R-5.2.4-12. */
typedef enum lwsec_security_mode {
    LWSEC_MODE_PSK = 0,
    LWSEC_MODE_RPK = 1,
    LWSEC_MODE_CERTIFICATE = 2,
    LWSEC_MODE_NOSEC = 3,
    LWSEC_MODE_EST = 4
} lwsec_security_mode;

/* ---- Definitions ---- */

typedef enum lwsec_value_type {
    LWSEC_VALUE_NONE = 0, /* a resource that is executed and has no value */
    LWSEC_VALUE_STRING,
    LWSEC_VALUE_INTEGER,
    LWSEC_VALUE_UNSIGNED,
    LWSEC_VALUE_BOOLEAN,
    LWSEC_VALUE_OPAQUE,
    LWSEC_VALUE_LINK,
    LWSEC_VALUE_TIME,
    LWSEC_VALUE_KEY /* of a secret resource: the name of a key in the store, instead of its bytes */
} lwsec_value_type;

/* One resource as the registry of OMA defines it, in the versions of its object from `since` to
 * `until`. A version is major << 8 | minor. */
typedef struct lwsec_resource {
    uint16_t object;
    uint16_t id;
    uint16_t since;
    uint16_t until;
    uint8_t type; /* lwsec_value_type */
    bool multiple;
    bool mandatory;
    bool secret;
    int64_t min; /* of a number, or of the size of a String or Opaque value */
    int64_t max;
    const char *name;
} lwsec_resource;

#define LWSEC_VERSION(major, minor) ((uint16_t)((major) << 8 | (minor)))

/* The definition of a resource in a version of its object (0: the newest), or NULL. */
LWSEC_API const lwsec_resource *lwsec_resource_find(uint16_t object, uint16_t version,
                                                    uint16_t resource);

/* Entry number `index` of the table, or NULL past its end. */
LWSEC_API const lwsec_resource *lwsec_resource_at(size_t index);

/* ---- Values ---- */

/* /object/instance/resource/resource_instance; the last one is LWSEC_PATH_NONE for a resource that
 * is single. */
typedef struct lwsec_path {
    uint16_t object;
    uint16_t instance;
    uint16_t resource;
    uint16_t resource_instance;
} lwsec_path;

static inline lwsec_path lwsec_path_of(uint16_t object, uint16_t instance, uint16_t resource)
{
    lwsec_path path = {object, instance, resource, LWSEC_PATH_NONE};
    return path;
}

/* A value of one of the types; the members of other types are zeros. */
typedef struct lwsec_value {
    lwsec_value_type type;
    int64_t integer;           /* INTEGER; TIME in seconds since 1970; BOOLEAN as 0 or 1 */
    uint64_t unsigned_integer; /* UNSIGNED */
    uint16_t link_object;      /* LINK */
    uint16_t link_instance;
    lwsec_bytes bytes; /* STRING, OPAQUE, KEY */
} lwsec_value;

/* ---- The accounts of a client ---- */

/*
 * All resources that belong to the accounts of one client, in one piece of the caller's memory that
 * bounds them. What is overwritten or deleted is wiped. One thread uses it at a time.
 *
 * Accounts that were loaded from a state (<lwsec/account_store.h>) hold keys in the place of
 * secrets; a stage, into which values are set, holds the secrets themselves until it is committed.
 */
typedef struct lwsec_accounts lwsec_accounts;

/* Flags. None set is the strictest. */
enum {
    /* Keep numbers that are out of their range, for the check to tell. */
    LWSEC_ACCOUNTS_LAX = 1 << 0,
    /* Strings of Object 21 before version 2.0, and Key of Object 23, hold hexadecimal digits. */
    LWSEC_ACCOUNTS_HEX = 1 << 1,
    /* Secrets of 16 bytes and more that look like a pattern or a text are told, and do not stop a
     * configuration: for tests. */
    LWSEC_ACCOUNTS_WEAK_SECRETS = 1 << 2,
    /* The policy that NoSec (5.3) needs: something else secures the link. */
    LWSEC_ACCOUNTS_NOSEC = 1 << 3,
    /* The Server object is kept by somebody else: no Server instance is missing. */
    LWSEC_ACCOUNTS_NO_SERVERS = 1 << 4
};

/* Zero everything, then set what is needed. */
typedef struct lwsec_accounts_config {
    size_t size; /* sizeof(lwsec_accounts_config) */
    /* Versions of the objects; 0: 1.2, 1.2, 1.1, 2.0, 1.0. */
    uint16_t security_version;
    uint16_t server_version;
    uint16_t access_version;
    uint16_t oscore_version;
    uint16_t cose_version;
    uint32_t flags;
} lwsec_accounts_config;

/* Bytes of memory, aligned as for uint64_t, for `bytes` bytes of values. Each value takes 11 bytes
 * more than it has; numbers have 8, a Boolean 1, a link 4. */
#define LWSEC_ACCOUNTS_SIZE(bytes) (64U + (size_t)(bytes))
LWSEC_API size_t lwsec_accounts_size(size_t bytes);

/* Makes accounts without any values. LWSEC_USAGE: memory that is not aligned, an unknown version,
 * flag or size. LWSEC_BUFFER: less than lwsec_accounts_size(0). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_init(void *memory, size_t size,
                                                            const lwsec_accounts_config *config,
                                                            lwsec_accounts **accounts);

/* Wipes everything and zeroes the pointer. Keys that are only known to these accounts (loaded from
 * sealed records) are destroyed. */
LWSEC_API void lwsec_accounts_close(lwsec_accounts **accounts);

/* Sets all flags anew. LWSEC_USAGE: one that is not known; nothing has changed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_set_flags(lwsec_accounts *accounts,
                                                                 uint32_t flags);

/* The version of an object as configured; 0 for an object that makes no accounts. */
LWSEC_API uint16_t lwsec_accounts_version(const lwsec_accounts *accounts, uint16_t object);

/*
 * Sets one value; an earlier one is wiped. The bytes are copied, and may not lie in the accounts.
 * The order of values does not matter.
 *
 * LWSEC_ABSENT with WHY_RESOURCE: no such resource in this version, or one without values.
 * LWSEC_REJECT with WHY_VALUE: another type, a number or size out of range (but for
 * LWSEC_ACCOUNTS_LAX), a String that is not UTF-8, a resource instance where there is none, or none
 * where there must be one; for a LWSEC_VALUE_KEY, a name that begins with "lwsec-", as the keys of
 * a commit have: such a key is destroyed with the entry that it was made for. LWSEC_BUFFER: no
 * room; nothing has changed.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_set(lwsec_accounts *accounts,
                                                           lwsec_path path,
                                                           const lwsec_value *value,
                                                           lwsec_reason *reason);

/* Gives a value; its bytes lie in the accounts until something is set or deleted. LWSEC_ABSENT:
 * not set, or a secret that is a key by now (lwsec_accounts_key). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_get(const lwsec_accounts *accounts,
                                                           lwsec_path path, lwsec_value *value);

/* Key number `index` of a secret resource: SMS Binding Secret Keys have two, KIc first.
 * LWSEC_ABSENT: none, or the secret is not a key yet. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_key(const lwsec_accounts *accounts,
                                                           lwsec_path path, size_t index,
                                                           lwsec_key *key);

/* Deletes all values below a path; LWSEC_PATH_NONE for `instance` or `resource` stands for all of
 * them, as it does for `resource_instance`. LWSEC_ABSENT: there were none. LWSEC_BUFFER: no room to
 * remember the name of a key that has to go; nothing has changed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_delete(lwsec_accounts *accounts,
                                                              lwsec_path path);

/* Walks over all values in the order of their paths; `position` begins as 0. False at the end. The
 * type of a secret that is a key is LWSEC_VALUE_KEY, with the name of the key, or empty bytes. */
LWSEC_API bool lwsec_accounts_next(const lwsec_accounts *accounts, size_t *position,
                                   lwsec_path *path, lwsec_value *value);

/*
 * Checks all accounts against what sections 5.2 to 5.5 and the objects ask for. Writes up to
 * `capacity` findings and gives how many there are; none is secret. Object by object, in the order
 * of instances; what concerns several accounts comes last.
 */
LWSEC_API size_t lwsec_accounts_check(const lwsec_accounts *accounts, lwsec_finding *findings,
                                      size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
