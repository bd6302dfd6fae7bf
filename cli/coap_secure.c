/* DTLS below the commands of CoAP, with or without OSCORE within it. */
#include "coap_secure.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESS_TEXT 300U

void cli_secure_options(cli_secure *secure, cli_option options[CLI_SECURE_OPTIONS])
{
    const cli_option table[CLI_SECURE_OPTIONS] = {
        {"account", CLI_KIND_FILE, false, &secure->dtls.account, "FILE",
         "DTLS, with the credentials of an account file", 0},
        {"instance", CLI_KIND_NUMBER, false, &secure->dtls.instance, "N",
         "of the Security object in it; default: the first of a Server", 65534},
        {"trust", CLI_KIND_FILE, false, &secure->dtls.trust, "FILE",
         "the trust store, for usage 0 and 1", 0},
        {"psk-identity", CLI_KIND_TEXT, false, &secure->dtls.psk_identity, "TEXT",
         "DTLS, with this identity and", 0},
        {"psk", CLI_KIND_SECRET, false, &secure->dtls.psk, "S", "this pre-shared key", 0},
        {"handshake-timeout", CLI_KIND_NUMBER, false, &secure->dtls.timeout, "SECONDS",
         "the most of a DTLS handshake; default 180", CLI_DTLS_TIMEOUT_MAX},
        {.name = NULL},
    };
    memcpy(options, table, sizeof table);
}

/* ---- Addresses ---- */

static const char *after(const char *text, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? &text[length] : NULL;
}

static bool has_port(const char *address)
{
    const char *bracket = strchr(address, ']');

    return strchr(bracket != NULL ? bracket : address, ':') != NULL;
}

int cli_secure_address(cli_secure *secure, const char *option, const char *given,
                       endpoint_address *address)
{
    const char *plain = after(given, "coap://");
    const char *secured = after(given, "coaps://");
    const char *rest = plain != NULL ? plain : secured != NULL ? secured : given;
    char text[ADDRESS_TEXT];

    if (after(given, "coaps+tcp://") != NULL || after(given, "coap+tcp://") != NULL) {
        return cli_error(option, "CoAP over TCP, and so TLS, is not there in this version");
    }
    secure->on =
        secure->dtls.account != NULL || secure->dtls.psk_identity != NULL || secured != NULL;
    if (plain != NULL && secure->on) {
        return cli_error(option, "coap has no DTLS: coaps is meant");
    }
    (void)snprintf(text, sizeof text, "%s%s", rest,
                   rest == given || has_port(rest) ? ""
                   : secure->on                    ? ":5684"
                                                   : ":5683");
    const bool found =
        rest == given ? endpoint_address_read(text, address) : endpoint_address_find(text, address);
    return found ? CLI_DONE : cli_error(option, "is not ADDRESS:PORT");
}

/* ---- Options ---- */

static int check_dtls(const cli_secure *secure)
{
    const bool psk = secure->dtls.psk_identity != NULL;

    if (psk != (secure->dtls.psk.data != NULL)) {
        return cli_error(psk ? "--psk" : "--psk-identity", "is missing");
    }
    if (psk && secure->dtls.account != NULL) {
        return cli_error("--account", "and --psk-identity cannot be given together");
    }
    return !secure->on || psk || secure->dtls.account != NULL
               ? CLI_DONE
               : cli_error(NULL, "coaps needs --account, or --psk-identity and --psk");
}

static int check_oscore(const cli_context *context, const char *state)
{
    const struct {
        const char *name;
        bool given;
    } needed[] = {{"--state", state != NULL},
                  {"--secret", cli_secret_is_given(&context->secret)},
                  {"--sender-id", context->sender_id.data != NULL},
                  {"--recipient-id", context->recipient_id.data != NULL}};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!needed[i].given) {
            return cli_error(needed[i].name, "is missing");
        }
    }
    return CLI_DONE;
}

int cli_secure_check(cli_secure *secure, const cli_context *context, const char *state)
{
    const bool context_given = cli_secret_is_given(&context->secret) ||
                               context->sender_id.data != NULL ||
                               context->recipient_id.data != NULL;
    const int answer = check_dtls(secure);

    if (answer != CLI_DONE || (secure->on && !context_given)) {
        return answer;
    }
    return check_oscore(context, state);
}

/* ---- Opening ---- */

/* R-5.5.1-07: an account with a security mode and an OSCORE link has both layers. */
static int open_linked(const cli_secure *secure, cli_context *context, const char *state,
                       uint32_t flags)
{
    const cli_dtls *dtls = &secure->dtls;
    lwsec_oscore_object object;
    lwsec_oscore_config config = {0};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (state == NULL) {
        return cli_error("--state", "is missing: the account has OSCORE, too");
    }
    const lwsec_status status =
        lwsec_accounts_oscore(dtls->file.accounts, dtls->chosen, &object, &config, &reason);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    config.flags = flags;
    return cli_context_open_config(context, &config, state);
}

static int open_dtls(cli_secure *secure, bool server)
{
    return server ? cli_dtls_open_server(&secure->dtls) : cli_dtls_open_client(&secure->dtls);
}

int cli_secure_open(cli_secure *secure, cli_context *context, bool server, const char *state,
                    uint32_t flags)
{
    if (secure->on) {
        secure->dtls.engine_name = context->engine_name;
        secure->dtls.passphrase = cli_view(&context->passphrase);
        const int answer = open_dtls(secure, server);
        if (answer != CLI_DONE) {
            return answer;
        }
    }
    if (!cli_secret_is_given(&context->secret) && secure->dtls.session.oscore) {
        return open_linked(secure, context, state, flags);
    }
    return cli_secret_is_given(&context->secret) ? cli_context_open_kept(context, state, flags)
                                                 : CLI_DONE;
}

lwsec_store *cli_secure_store(const cli_secure *secure, const cli_context *context)
{
    return context->store != NULL ? context->store : secure->dtls.store;
}

/* ---- Below the endpoint ---- */

static int put_below(cli_secure *secure, endpoint *below, bool server)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    secure->log.many = server;
    secure->sessions = cli_allocate(sizeof *secure->sessions);
    const lwsec_status status =
        endpoint_secure(below, secure->sessions, secure->dtls.endpoint, server, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

int cli_secure_listen(cli_secure *secure, endpoint *below)
{
    return secure->on ? put_below(secure, below, true) : CLI_DONE;
}

int cli_secure_connect(cli_secure *secure, endpoint *below, const endpoint_address *peer)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const int answer = secure->on ? put_below(secure, below, false) : CLI_DONE;

    if (answer != CLI_DONE || !secure->on) {
        return answer;
    }
    const lwsec_status status = endpoint_sessions_connect(secure->sessions, peer, &reason);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    for (;;) {
        const endpoint_session *session = endpoint_sessions_find(secure->sessions, peer);
        if (session == NULL) {
            return cli_refuse(lwsec_why_text(secure->log.why));
        }
        if (session->open) {
            return CLI_DONE;
        }
        (void)endpoint_wait(below, INT64_MAX, -1);
    }
}

void cli_secure_close(cli_secure *secure)
{
    free(secure->sessions);
    cli_dtls_close(&secure->dtls);
}
