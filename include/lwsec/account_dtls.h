/* From an account to a DTLS session: what an endpoint is configured with. */
#ifndef LWSEC_ACCOUNT_DTLS_H
#define LWSEC_ACCOUNT_DTLS_H

#include <lwsec/account_session.h>
#include <lwsec/dtls.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a session needs beside its account. Zero everything, then set what is there. What it points
 * at must live as long as the endpoint.
 */
typedef struct lwsec_account_dtls_input {
    size_t size; /* sizeof(lwsec_account_dtls_input) */
    const lwsec_session_description *session;

    void *argument; /* for the callbacks */

    /* The bytes of the pre-shared key. Asked only where engine or store cannot use it as a handle;
     * NULL: then such an account is LWSEC_UNSUPPORTED. */
    lwsec_dtls_psk psk;

    lwsec_dtls_clock clock; /* NULL: `time` */
    lwsec_cert_time time;
    const lwsec_bytes *trust; /* the trust store of the device: for usage 0 and 1 */
    size_t trust_count;
    const lwsec_bytes *crls;
    size_t crl_count;
    uint32_t policy; /* for certificates, as LWSEC_CERT_POLICY_LWM2M */

    /* Where certificates in PEM are decoded: three bytes for four characters are enough. NULL data:
     * certificates have to be in DER. */
    lwsec_buffer room;
} lwsec_account_dtls_input;

/*
 * The configuration, and what it points at: it has to stay where it is until the endpoint is
 * closed. The first member may be completed (sizes, timeouts) before the endpoint is opened.
 */
typedef struct lwsec_account_dtls {
    lwsec_dtls_config config;
    lwsec_cert_check check;
    lwsec_bytes chain[LWSEC_CERT_PATH_MAX];
    lwsec_key psk; /* with LWSEC_USE_PSK */
    lwsec_account_dtls_input input;
} lwsec_account_dtls;

/*
 * The client's configuration for the session of an account, as this engine can have it: identity
 * and key; own certificates, the server's by usage and matching type, whom its certificate has to
 * name, and what SNI says. Of the suites that an account lists, those with a tag of 8 bytes have to
 * be among them; CBC is offered only if it is listed, too. In mode 4 (EST) the caller has put the
 * certificate and the key that it has enrolled for into the description.
 *
 * `made` is zeroed first. LWSEC_UNSUPPORTED with
 *   DTLS_MODE: TLS, NoSec, or a security mode that the engine has not;
 *   DTLS_SUITE: none of the suites, groups or signature algorithms is there;
 *   DTLS_EXTENSION: a Connection ID or the status of certificates is asked for, which the engine
 *   has not;
 *   DTLS_PSK_BYTES: the engine or the key's store needs the bytes of the key, and has none;
 *   DTLS_IDENTITY_ZERO: the engine cannot carry an identity with a zero byte.
 * LWSEC_REJECT with CERT_ANCHOR: usage 0 or 1 without a trust store; CERT_REFERENCE: neither SNI
 * nor host is a name or an address; CERT_MALFORMED, CERT_LIMIT: own certificates, or that of the
 * server. LWSEC_ABSENT: mode 4 before an enrolment. LWSEC_BUFFER: `room` is too small. LWSEC_USAGE
 * with CONFIG: a size is not known.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_account_dtls_make(const lwsec_dtls_engine *engine, const lwsec_account_dtls_input *input,
                        lwsec_account_dtls *made, lwsec_reason *reason);

/*
 * Imports the private key of a certificate for signing: a OneAsymmetricKey (RFC 5958) of P-256 in
 * DER, as resource 5 holds it; for servers, which have no accounts.
 *
 * LWSEC_REJECT with CERT_KEY: anything else. Otherwise as lwsec_key_import.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_private_key_import(lwsec_store *store,
                                                                 lwsec_bytes der, lwsec_key *key,
                                                                 lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
