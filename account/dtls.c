/* From an account to a DTLS session: what an endpoint is configured with. */
#include <lwsec/account_dtls.h>

#include <lwsec/store.h>

#include "account/der.h"
#include "account/pem.h"
#include "core/reason.h"

#include <string.h>

#define TLS_PSK_WITH_AES_128_CCM_8 0xc0a8U
#define TLS_PSK_WITH_AES_128_CBC_SHA256 0x00aeU
#define TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 0xc0aeU
#define TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 0xc023U
#define SECP256R1 23U
#define ECDSA_SECP256R1_SHA256 0x0403U

/* What is at work: the engine, and what comes of it. */
typedef struct making {
    const lwsec_dtls_engine *engine;
    const lwsec_session_description *session;
    lwsec_account_dtls *made;
    lwsec_reason *reason;
} making;

/* ---- For the endpoint ---- */

static lwsec_status give_handle(void *argument, lwsec_bytes identity, lwsec_key *key)
{
    const lwsec_account_dtls *made = argument;

    (void)identity; /* a client has one */
    *key = made->psk;
    return LWSEC_OK;
}

static lwsec_status give_bytes(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    const lwsec_account_dtls *made = argument;

    return made->input.psk(made->input.argument, identity, secret);
}

static lwsec_cert_time give_time(void *argument)
{
    const lwsec_account_dtls *made = argument;

    return made->input.clock(made->input.argument);
}

/* ---- Suites and groups ---- */

static bool has(const uint16_t *list, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == number) {
            return true;
        }
    }
    return false;
}

/* R-5.2.9-01: resource 16 narrows what is offered. R-5.2.9.1-03, R-5.2.9.3-07, T-39: CBC only where
 * it is asked for. */
static lwsec_status take_suites(const making *of)
{
    const lwsec_session_description *session = of->session;
    const bool psk = session->mode == LWSEC_MODE_PSK;
    const uint16_t ccm = psk ? TLS_PSK_WITH_AES_128_CCM_8 : TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8;
    const uint16_t cbc =
        psk ? TLS_PSK_WITH_AES_128_CBC_SHA256 : TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256;

    if ((session->suite_count > 0 && !has(session->suites, session->suite_count, ccm)) ||
        (!psk && session->group_count > 0 &&
         !has(session->groups, session->group_count, SECP256R1)) ||
        (!psk && session->signature_count > 0 &&
         !has(session->signatures, session->signature_count, ECDSA_SECP256R1_SHA256))) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_SUITE, 0, of->reason);
    }
    of->made->config.suites = (lwsec_dtls_numbers){session->suites, session->suite_count};
    of->made->config.groups = (lwsec_dtls_numbers){session->groups, session->group_count};
    of->made->config.signatures =
        (lwsec_dtls_numbers){session->signatures, session->signature_count};
    if (has(session->suites, session->suite_count, cbc)) {
        of->made->config.flags |= LWSEC_DTLS_ALLOW_CBC;
    }
    return LWSEC_OK;
}

/* R-5.2.8-01, R-5.2.9.6-01: resource 24 asks for a Connection ID, and for the status of the
 * server's certificate. server_name is sent in any case, the others lwsec has not. */
static lwsec_status take_extensions(const making *of)
{
    const uint32_t can = lwsec_dtls_capabilities(of->engine);
    const lwsec_session_description *session = of->session;
    const bool cid = (session->extensions & LWSEC_EXTENSION_CONNECTION_ID) != 0;
    const bool status = (session->extensions & LWSEC_EXTENSION_STATUS_REQUEST) != 0 &&
                        of->made->config.check != NULL;

    if ((cid && (can & LWSEC_DTLS_CID) == 0) || (status && (can & LWSEC_DTLS_STATUS) == 0)) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_EXTENSION, 0, of->reason);
    }
    if (cid) {
        of->made->config.cid = LWSEC_DTLS_CID_OFFERED;
    }
    if (status) {
        of->made->config.flags |= LWSEC_DTLS_ASK_STATUS;
    }
    return LWSEC_OK;
}

/* ---- Pre-shared keys ---- */

/* R-5.2.9.1-07, R-5.2.9.1-09: resource 3 is the identity, resource 5 the key. It stays in its store
 * where engine and store allow it. */
static lwsec_status take_psk(const making *of)
{
    const uint32_t can = lwsec_dtls_capabilities(of->engine);
    const lwsec_session_description *session = of->session;
    lwsec_dtls_config *config = &of->made->config;

    if ((can & LWSEC_DTLS_IDENTITY_NUL) == 0 && session->identity.size > 0 &&
        memchr(session->identity.data, 0, session->identity.size) != NULL) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_IDENTITY_ZERO, 0, of->reason);
    }
    config->identity = session->identity;
    of->made->psk = session->key;
    if ((can & LWSEC_DTLS_PSK_HANDLE) != 0 && session->key.store != NULL &&
        session->key.store->ops->tls12_psk_master != NULL) {
        config->psk_key = give_handle;
        return LWSEC_OK;
    }
    if (of->made->input.psk == NULL) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_PSK_BYTES, 0, of->reason);
    }
    config->psk = give_bytes;
    return LWSEC_OK;
}

/* ---- Certificates ---- */

/* What is left of the caller's room. */
static lwsec_status decode(const making *of, lwsec_reader *text, lwsec_bytes *der)
{
    lwsec_buffer *room = &of->made->input.room;
    lwsec_writer out = lwsec_writer_of(room->data != NULL ? &room->data[room->size] : NULL,
                                       room->data != NULL ? room->capacity - room->size : 0);

    lwsec_pem_certificate(text, &out);
    if (out.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, of->reason);
    }
    if (lwsec_reader_failed(text)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED, 0, of->reason);
    }
    *der = lwsec_bytes_of(&room->data[room->size], out.size);
    room->size += out.size;
    return LWSEC_OK;
}

/* R-5.2.9.3-14, R-5.2.9.3-15: in DER one behind the other, or in PEM. */
static lwsec_status take_next(const making *of, lwsec_reader *value, bool pem, lwsec_bytes *der)
{
    lwsec_certificate certificate;
    const lwsec_status status = pem ? decode(of, value, der) : LWSEC_OK;

    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_reader one = lwsec_reader_of(pem ? *der : lwsec_bytes_of(NULL, 0));
    lwsec_reader *from = pem ? &one : value;
    lwsec_der_certificate(from, &certificate);
    if (lwsec_reader_failed(from) || (pem && lwsec_reader_left(from) > 0)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED, 0, of->reason);
    }
    *der = certificate.whole;
    return LWSEC_OK;
}

static lwsec_status take_own(const making *of)
{
    lwsec_reader value = lwsec_reader_of(of->session->identity);
    const bool pem = lwsec_pem_is_certificate(of->session->identity);
    size_t count = 0;

    while (lwsec_reader_left(&value) > 0) {
        if (count == LWSEC_CERT_PATH_MAX) {
            return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_LIMIT, 0, of->reason);
        }
        const lwsec_status status = take_next(of, &value, pem, &of->made->chain[count]);
        if (status != LWSEC_OK) {
            return status;
        }
        count++;
    }
    of->made->config.chain = of->made->chain;
    of->made->config.chain_count = count;
    of->made->config.key = of->session->key;
    return LWSEC_OK;
}

/* R-5.2.9.3-18, R-5.2.9.3-19, R-5.2.9.3-20: Server Public Key, in DER or PEM. */
static lwsec_status take_association(const making *of)
{
    const lwsec_bytes value = of->session->server_key;
    lwsec_reader text = lwsec_reader_of(value);

    of->made->check.association = value;
    if (of->session->matching != LWSEC_CERT_EXACT || !lwsec_pem_is_certificate(value)) {
        return LWSEC_OK;
    }
    const lwsec_status status = take_next(of, &text, true, &of->made->check.association);
    if (status == LWSEC_OK && lwsec_reader_left(&text) > 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_LIMIT, 0, of->reason);
    }
    return status;
}

/* R-5.2.9.4-03, R-5.2.9.3-28, R-5.2.9.3-29: whom the certificate has to name, and what SNI says.
 * R-5.2.9.7-01 and those behind it: the usage, and what it is compared with. */
static lwsec_status take_check(const making *of)
{
    const lwsec_account_dtls_input *input = &of->made->input;
    lwsec_cert_check *check = &of->made->check;

    check->size = sizeof *check;
    check->trust = input->trust;
    check->trust_count = input->trust_count;
    check->usage = (lwsec_cert_usage)of->session->usage;
    check->matching = (lwsec_cert_matching)of->session->matching;
    check->role = LWSEC_CERT_OF_SERVER;
    check->time = input->time;
    check->policy = input->policy;
    check->crls = input->crls;
    check->crl_count = input->crl_count;
    of->made->config.check = check;
    of->made->config.clock = input->clock != NULL ? give_time : NULL;
    if (check->usage <= LWSEC_CERT_SERVICE_CONSTRAINT && input->trust_count == 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR, 0, of->reason);
    }
    return lwsec_cert_reference_of(
        of->session->sni.size > 0 ? of->session->sni : lwsec_bytes_of(NULL, 0), of->session->host,
        &check->reference, &of->made->config.server_name, of->reason);
}

/* R-5.2.9.3-13, R-5.2.4-20: in mode 4 what was enrolled takes the place of the resources. */
static lwsec_status take_certificates(const making *of)
{
    if (of->session->identity.size == 0 || of->session->key.store == NULL) {
        return LWSEC_ABSENT;
    }
    lwsec_status status = take_own(of);
    if (status == LWSEC_OK) {
        status = take_association(of);
    }
    return status == LWSEC_OK ? take_check(of) : status;
}

/* ---- Raw public keys ---- */

/* R-5.2.9.2-09 to R-5.2.9.2-11: the own key is shown out of its handle. */
static lwsec_status take_raw_keys(const making *of)
{
    of->made->config.key = of->session->key;
    of->made->config.server_key = of->session->server_key;
    return LWSEC_OK;
}

/* ---- The whole ---- */

static lwsec_status take_credentials(const making *of)
{
    const uint32_t can = lwsec_dtls_capabilities(of->engine);
    const lwsec_session_description *session = of->session;

    if (session->datagrams && session->mode == LWSEC_MODE_PSK && (can & LWSEC_DTLS_PSK) != 0) {
        return take_psk(of);
    }
    if (session->datagrams && session->mode == LWSEC_MODE_RPK && (can & LWSEC_DTLS_RPK) != 0) {
        return take_raw_keys(of);
    }
    if (session->datagrams && (can & LWSEC_DTLS_X509) != 0 &&
        (session->mode == LWSEC_MODE_CERTIFICATE || session->mode == LWSEC_MODE_EST)) {
        return take_certificates(of);
    }
    return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_MODE, 0, of->reason);
}

/* R-5.2.1-06: the credentials of a session are those of its account. R-5.2.4-05: pre-shared keys
 * and certificates, of a Bootstrap-Server as of a Server. R-5.1-02,
 * R-5.1-04: none is without a way to authenticate the server. */
lwsec_status lwsec_account_dtls_make(const lwsec_dtls_engine *engine,
                                     const lwsec_account_dtls_input *input,
                                     lwsec_account_dtls *made, lwsec_reason *reason)
{
    const making of = {engine, input->session, made, reason};

    memset(made, 0, sizeof *made);
    if (input->size != sizeof *input || input->session->size != sizeof *input->session) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    (void)lwsec_accept(reason);
    made->input = *input;
    made->input.room.size = 0;
    made->config.size = sizeof made->config;
    made->config.role = LWSEC_DTLS_CLIENT;
    made->config.argument = made;
    lwsec_status status = take_credentials(&of);
    if (status == LWSEC_OK) {
        status = take_suites(&of);
    }
    if (status == LWSEC_OK) {
        status = take_extensions(&of);
    }
    if (status != LWSEC_OK) {
        memset(made, 0, sizeof *made);
    }
    return status;
}

lwsec_status lwsec_private_key_import(lwsec_store *store, lwsec_bytes der, lwsec_key *key,
                                      lwsec_reason *reason)
{
    static const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_private_key read = {.curve = LWSEC_CURVE_NONE};

    if (lwsec_der_private_key(der, &read) != LWSEC_PRIVATE_GOOD || read.curve != LWSEC_CURVE_P256) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_KEY, 0, reason);
    }
    const lwsec_status status = lwsec_key_import(store, &attributes, read.scalar, key);
    if (status == LWSEC_USAGE) { /* the attributes are right: it is the scalar */
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_KEY, 0, reason);
    }
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, LWSEC_WHY_CONFIG, 0, reason);
}
