/* Certificates of a peer: usage 0 to 3 of the Security object, paths, names, time, revocation. */
#ifndef LWSEC_CERT_H
#define LWSEC_CERT_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most certificates that a peer may send, and the most of one path, with its anchor. */
#define LWSEC_CERT_CHAIN_MAX 16U
#define LWSEC_CERT_PATH_MAX 10U

/* An engine that checks signatures: <lwsec/cert_openssl.h>, <lwsec/cert_mbedtls.h>. Const data. */
typedef struct lwsec_cert_engine lwsec_cert_engine;

/* Whether an engine can judge OCSP responses. */
LWSEC_API bool lwsec_cert_engine_has_ocsp(const lwsec_cert_engine *engine);

/*
 * Certificate Usage (resource 15 of Object 0), with the numbers of RFC 6698. LwM2M Transport 1.2
 * section 5.2.9.7.
 *
 * Where the resource is absent, the usage is 3 (DOMAIN_ISSUED); a trust anchor in Server Public Key
 * then never matches.
 */
typedef enum lwsec_cert_usage {
    LWSEC_CERT_CA_CONSTRAINT = 0,      /* a CA of a path to `trust` matches */
    LWSEC_CERT_SERVICE_CONSTRAINT = 1, /* the end entity matches, and has a path to `trust` */
    LWSEC_CERT_TRUST_ANCHOR = 2,       /* the end entity has a path to what matches */
    LWSEC_CERT_DOMAIN_ISSUED = 3,      /* the end entity matches: no path, no name, no time */
    LWSEC_CERT_PKIX = 255              /* not of LwM2M: a path to `trust`, no association */
} lwsec_cert_usage;

/* Matching Type (resource 13 of Object 0): what Server Public Key holds. Absent: EXACT. */
typedef enum lwsec_cert_matching {
    LWSEC_CERT_EXACT = 0, /* a certificate or a SubjectPublicKeyInfo, DER */
    LWSEC_CERT_SHA256 = 1,
    LWSEC_CERT_SHA384 = 2,
    LWSEC_CERT_SHA512 = 3
} lwsec_cert_matching;

/* What the end-entity certificate has to be for. */
typedef enum lwsec_cert_role {
    LWSEC_CERT_OF_SERVER = 0, /* the peer is a server: we are the client */
    LWSEC_CERT_OF_CLIENT = 1
} lwsec_cert_role;

/*
 * The reference identity: whom we mean to talk to (RFC 6125, RFC 9525).
 *
 * DNS: a host name, compared with the dNSNames; a wildcard counts as the whole left-most label
 * alone, and stands for one label. IP: 4 or 16 bytes, compared with the iPAddresses.
 * ENDPOINT: an endpoint client name, byte by byte the common name of a client's subject.
 * NONE: on purpose no name is compared. ABSENT is refused where a name has to be compared.
 */
typedef enum lwsec_cert_reference_kind {
    LWSEC_CERT_REFERENCE_ABSENT = 0,
    LWSEC_CERT_REFERENCE_DNS,
    LWSEC_CERT_REFERENCE_IP,
    LWSEC_CERT_REFERENCE_ENDPOINT,
    LWSEC_CERT_REFERENCE_NONE
} lwsec_cert_reference_kind;

typedef struct lwsec_cert_reference {
    lwsec_cert_reference_kind kind;
    lwsec_bytes name;    /* of DNS and ENDPOINT */
    uint8_t address[16]; /* of IP */
    uint8_t address_size;
} lwsec_cert_reference;

/*
 * The reference identity out of the SNI resource (14 of Object 0; NULL data: absent) and the host
 * of the LwM2M Server URI. The SNI wins where it is there; a host may be an IP literal, with or
 * without brackets. R-5.2.9.4-03.
 *
 * `server_name` (may be NULL) gets what the server_name extension carries: the SNI, or the host if
 * that is a DNS name; NULL data for a bare IP literal, which RFC 6066 forbids there. Both point
 * into the arguments.
 *
 * LWSEC_REJECT with LWSEC_WHY_CERT_REFERENCE: an SNI that is no DNS name, or a host that is neither
 * a DNS name nor an address.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cert_reference_of(lwsec_bytes sni, lwsec_bytes host,
                                                                lwsec_cert_reference *reference,
                                                                lwsec_bytes *server_name,
                                                                lwsec_reason *reason);

/* What is known of the time. */
typedef enum lwsec_cert_clock {
    LWSEC_CERT_CLOCK_UNSET = 0, /* it is not before `seconds`, and that is all */
    LWSEC_CERT_CLOCK_UNPROVEN,  /* set by a request that was not known to be fresh */
    LWSEC_CERT_CLOCK_TRUSTED
} lwsec_cert_clock;

typedef struct lwsec_cert_time {
    lwsec_cert_clock clock;
    int64_t seconds; /* since 1970-01-01T00:00:00Z, rounded down */
} lwsec_cert_time;

/* What is allowed beyond the strictest: bits of `policy`. */
enum {
    /* The common name counts where the certificate has neither dNSName nor URI (R-5.2.9.3-27). */
    LWSEC_CERT_ALLOW_COMMON_NAME = 1 << 0,
    /* RSA keys of 2048 to 8192 bits with PKCS #1 v1.5, beside ECDSA. */
    LWSEC_CERT_ALLOW_RSA = 1 << 1,
    /* Certificates without key identifiers, which RFC 5280 asks for. */
    LWSEC_CERT_ALLOW_NO_KEY_IDS = 1 << 2,
    /* An unset clock: a certificate is refused only if it has ended before `seconds`. */
    LWSEC_CERT_ALLOW_UNSET_CLOCK = 1 << 3,
    /* An unproven clock counts as the time. */
    LWSEC_CERT_ALLOW_UNPROVEN_CLOCK = 1 << 4,
    /* The status of each certificate below the anchor must be known, not of the end entity alone.
     * Stricter, not looser. */
    LWSEC_CERT_NEED_WHOLE_STATUS = 1 << 5,
    /* A check without `crls` and `ocsp` is refused. Stricter, not looser. */
    LWSEC_CERT_NEED_STATUS = 1 << 6
};

/* What LwM2M itself allows: R-5.2.9.3-27. */
#define LWSEC_CERT_POLICY_LWM2M LWSEC_CERT_ALLOW_COMMON_NAME

/* Zero in `intermediates`: this many. */
#define LWSEC_CERT_INTERMEDIATES_DEFAULT 4U

/* One check. Certificates, lists and responses are DER. */
typedef struct lwsec_cert_check {
    size_t size;
    const lwsec_bytes *chain; /* as the peer sent them: the end entity first, the rest in any order;
                                 those that no path needs are ignored, malformed or not */
    size_t chain_count;       /* at least 1; more than LWSEC_CERT_CHAIN_MAX have no path */
    const lwsec_bytes *trust; /* anchors for usage 0, 1 and PKIX; others never look at it */
    size_t trust_count;
    lwsec_cert_usage usage;
    lwsec_cert_matching matching;
    lwsec_bytes association; /* Server Public Key */
    lwsec_cert_role role;
    lwsec_cert_reference reference; /* compared for usage 0, 1, 2 and PKIX */
    lwsec_cert_time time;
    uint32_t policy;
    uint32_t intermediates; /* 1 + the most certificates between end entity and anchor, not counting
                               self-issued ones; 0: LWSEC_CERT_INTERMEDIATES_DEFAULT of them */
    const lwsec_bytes *crls; /* of any issuers; those that no path needs are ignored */
    size_t crl_count;
    lwsec_bytes ocsp;    /* a response about the end entity, as stapled (RFC 6066); NULL: none */
    uint32_t status_age; /* the oldest `thisUpdate` of a list or response, in seconds; 0: any, as
                            long as `nextUpdate` is there and not reached */
} lwsec_cert_check;

/*
 * Judges the certificates of a peer. R-5.2.9.7-01 to -13.
 *
 * Paths are built from the end entity over `chain` to an anchor, at most 64 tries. On each path
 * lwsec judges names, constraints, extensions, key usage, lengths and time, the same for every
 * engine; the engine parses each certificate and checks each signature, once. Usage 3 compares the
 * end entity with the association and looks at its key alone: not at names, times, `crls` and
 * `ocsp`, also where `policy` asks for a status.
 *
 * Anchors need no basicConstraints for usage 0 and 2 (R-5.2.9.7-05); a bare SubjectPublicKeyInfo
 * can be an anchor of usage 2. A digest as the anchor of usage 2 needs its certificate in `chain`.
 *
 * Revocation, but for usage 3: where `crls` or `ocsp` are given, the end entity must be known to be
 * good, by a list of its issuer or by the response, and no other certificate of the path may be on
 * a list of its issuer. A list counts if it is signed with a key that the issuer has on this path:
 * the one that signed the certificate, or another one further up, after a change of keys. Of whom a
 * list tells that he is good: all, or CAs, or the others, or who names its distribution point (full
 * names); nobody, if it is a delta or for some reasons alone. Whoever is on a list is revoked; on
 * one past its end, where no later list says that he is good. Lists of other issuers tell nothing.
 *
 * Certificate policies are not processed: a path that requires an explicit one is refused.
 *
 * Needs some 10 kB of stack, 7 kB on 32 bits, and what the engine needs.
 *
 * LWSEC_REJECT with the reason, whose offset is 0, and lwsec_cert_alert says what to send.
 * LWSEC_UNSUPPORTED: `ocsp` with an engine that cannot judge it. LWSEC_USAGE with LWSEC_WHY_CONFIG:
 * values that are not known, no chain, an association for PKIX, none for another usage.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cert_verify(const lwsec_cert_engine *engine,
                                                          const lwsec_cert_check *check,
                                                          lwsec_reason *reason);

/* The number of the fatal alert (RFC 5246) for a reason of lwsec_cert_verify, the same with every
 * engine: 42 to 48, 113; 80 for reasons that are not about the peer. */
LWSEC_API uint8_t lwsec_cert_alert(lwsec_why why);

/*
 * The common name of a certificate's subject, for the check of the endpoint client name (5.2.6).
 * It points into the certificate. LWSEC_REJECT: not a certificate. LWSEC_ABSENT: no common name,
 * more than one, or one that is not ASCII or UTF-8.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cert_common_name(lwsec_bytes certificate,
                                                               lwsec_bytes *name);

/*
 * Decodes the next PEM block (RFC 7468) with this label, as "CERTIFICATE", from `*position` on,
 * which then stands after it. Text between blocks, and blocks with other labels, are passed over.
 *
 * LWSEC_ABSENT: there is none any more. LWSEC_REJECT: a block without end, or not base64.
 * LWSEC_BUFFER: three bytes of room for four characters are enough.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pem_next(lwsec_bytes text, const char *label,
                                                       size_t *position, lwsec_buffer *der,
                                                       lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
