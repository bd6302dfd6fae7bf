/* What accounts become: parameters of an OSCORE context, an SMS association, a DTLS session. */
#ifndef LWSEC_ACCOUNT_SESSION_H
#define LWSEC_ACCOUNT_SESSION_H

#include <lwsec/account.h>
#include <lwsec/oscore_object.h>
#include <lwsec/sms_association.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All calls take accounts that were loaded (<lwsec/account_store.h>): their secrets are keys, which
 * live as long as the accounts do. `instance` is that of the Security object. */

/*
 * The OSCORE context of an account: that of the instance of Object 21 that it links to. Sets
 * secret, IDs, salt, ID Context, algorithms and `size` of `config`, which has to be zeroed. Byte
 * strings point into `object`, which the caller gives as room.
 *
 * LWSEC_ABSENT: no link, or one that leads nowhere. LWSEC_REJECT with WHY_ACCOUNT: values that a
 * commit would not have taken.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_oscore(const lwsec_accounts *accounts,
                                                              uint16_t instance,
                                                              lwsec_oscore_object *object,
                                                              lwsec_oscore_config *config,
                                                              lwsec_reason *reason);

/*
 * The SMS association of an account in SMS Secured mode. Sets parameters, both keys and `size` of
 * `config`, which has to be zeroed. `spi2` is for parameters in the form of 6 octets.
 *
 * LWSEC_ABSENT: another SMS Security Mode, or none. Otherwise as lwsec_sms_parameters_read.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_sms(const lwsec_accounts *accounts,
                                                           uint16_t instance, uint8_t spi2,
                                                           lwsec_sms_config *config,
                                                           lwsec_reason *reason);

/* How many cipher suites, groups and signature algorithms a description has room for. */
#define LWSEC_SESSION_LIST_MAX 16U

/* Bits of the resource TLS Extensions To Use by Client. R-5.2.8-01: the last one. */
enum { LWSEC_EXTENSION_STATUS_REQUEST = 1 << 2, LWSEC_EXTENSION_CONNECTION_ID = 1 << 12 };

/*
 * What a DTLS or TLS session of the client needs to know. Byte strings point into the accounts.
 * `size` is set by the caller.
 */
typedef struct lwsec_session_description {
    size_t size; /* sizeof(lwsec_session_description) */
    lwsec_security_mode mode;
    bool bootstrap;
    uint16_t ssid; /* 0 for a Bootstrap-Server */
    lwsec_bytes uri;
    lwsec_bytes host; /* out of the URI; an IPv6 address in brackets */
    uint16_t port;
    bool datagrams; /* DTLS (coaps), not TLS */

    /* PSK: the identity. RPK: the client's SubjectPublicKeyInfo. Certificate: its certificate and
     * those above it, in DER one behind the other, or in PEM. EST: empty until there is one. */
    lwsec_bytes identity;
    lwsec_key key; /* pre-shared key, or private key; all zeros for EST and NoSec */

    /* RPK: the server's SubjectPublicKeyInfo. Certificate and EST: see the next two. */
    lwsec_bytes server_key;
    uint8_t usage;    /* Certificate Usage 0 to 3; 3 where it is not set */
    uint8_t matching; /* Matching Type 0 to 3; 0 where it is not set */

    /* What the SNI extension says, and what the server's certificate has to name: the resource, or
     * the host if it is a name. Empty for a bare address, for which there is no SNI: then the
     * address is what has to be named. */
    lwsec_bytes sni;

    /* In the order of their instances; none: the defaults. */
    uint16_t suites[LWSEC_SESSION_LIST_MAX];
    size_t suite_count;
    uint16_t groups[LWSEC_SESSION_LIST_MAX];
    size_t group_count;
    uint16_t signatures[LWSEC_SESSION_LIST_MAX];
    size_t signature_count;

    uint32_t extensions; /* resource 24: LWSEC_EXTENSION_..., and others that mean nothing here */

    bool oscore; /* messages are protected by OSCORE within the session, too */
} lwsec_session_description;

/*
 * Describes the session of an account. NoSec has no session: LWSEC_UNSUPPORTED, unless
 * LWSEC_ACCOUNTS_NOSEC or an OSCORE link allows it (R-5.3-01), in which case mode and server are
 * told. LWSEC_ABSENT: no such account, or no mode, or its key is not one yet. LWSEC_USAGE: `size`
 * is not known. LWSEC_BUFFER: more in a list than there is room for.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_accounts_session(const lwsec_accounts *accounts, uint16_t instance,
                       lwsec_session_description *description, lwsec_reason *reason);

/* ---- Firmware repositories ---- */

/* Flags of a choice. */
enum {
    /* A repository that no account names may be met with the credentials of the server that gave
     * the Package URI. */
    LWSEC_FIRMWARE_BY_SERVER = 1 << 0,
    /* A Package URI without (D)TLS may be followed without OSCORE. */
    LWSEC_FIRMWARE_NOSEC = 1 << 1
};

/* Which account protects a transfer. */
typedef struct lwsec_firmware_choice {
    uint16_t instance; /* of the Security object; LWSEC_PATH_NONE: none, as NoSec is allowed */
    bool tls;          /* the URI has (D)TLS: use the account's session */
    bool oscore;       /* use the account's OSCORE context */
} lwsec_firmware_choice;

/*
 * Chooses the account for a Package URI that the server `ssid` wrote (5.2.4 item 3, 5.5.3 item 3):
 * the account whose LwM2M Server URI has the same host and port, or else the same host; of
 * Bootstrap-Servers none. A URI with (D)TLS needs an account that has credentials; one without
 * needs an account with OSCORE.
 *
 * LWSEC_REJECT with WHY_ACCOUNT: no account fits, and no flag allows another way; with COAP_URI: no
 * URI that can be followed.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_firmware_choose(const lwsec_accounts *accounts,
                                                              lwsec_bytes package_uri,
                                                              uint16_t ssid, uint32_t flags,
                                                              lwsec_firmware_choice *choice,
                                                              lwsec_reason *reason);

/* ---- Change of credentials ---- */

typedef enum lwsec_change_policy {
    LWSEC_CHANGE_CLOSES = 0, /* the default: sessions and contexts of changed credentials end */
    LWSEC_CHANGE_KEEPS       /* they go on until they end by themselves */
} lwsec_change_policy;

typedef enum lwsec_change {
    LWSEC_CHANGE_NONE = 0, /* nothing that secures it has changed */
    LWSEC_CHANGE_KEEP,     /* something has, and the policy lets sessions go on */
    LWSEC_CHANGE_CLOSE /* close session and context, and make new ones; or the account is gone */
} lwsec_change;

/*
 * What a commit means for the sessions of an account (R-5.2.4-11, T-14). Compares the Security
 * instance and the OSCORE instance that it links to in two stages: one that was begun before the
 * values were set, and one as it is to be committed. A secret that is set anew counts as another
 * one where the old one is a key by now. An account that is gone is always closed.
 */
LWSEC_API lwsec_change lwsec_accounts_change(const lwsec_accounts *before,
                                             const lwsec_accounts *after, uint16_t instance,
                                             lwsec_change_policy policy);

#ifdef __cplusplus
}
#endif
#endif
