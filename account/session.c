/* What accounts become: parameters of an OSCORE context, an SMS association, a DTLS session. */
#include <lwsec/account_session.h>

#include "account/image.h"
#include "account/oscore_values.h"
#include "account/uri.h"
#include "core/reason.h"

#define SMS_SECURED 2

static lwsec_path security(uint16_t instance, uint16_t resource)
{
    return lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, resource);
}

/* ---- OSCORE ---- */

/* R-5.5.7.1-01, R-5.5.3-01: the instance of Object 21 that the account links to, R-5.5.3-04: that
 * of the Bootstrap-Server too. R-5.5.7.1-08, R-5.5.7.1-09: with salt and ID Context, if it has
 * them. R-5.5.1-01, R-5.5.1-02. */
lwsec_status lwsec_accounts_oscore(const lwsec_accounts *accounts, uint16_t instance,
                                   lwsec_oscore_object *object, lwsec_oscore_config *config,
                                   lwsec_reason *reason)
{
    uint16_t linked;
    uint16_t number;
    lwsec_key secret = {NULL, 0, 0};

    (void)lwsec_accept(reason);
    if (!lwsec_image_link(accounts, security(instance, LWSEC_SECURITY_OSCORE), &linked, &number) ||
        linked != LWSEC_OBJECT_OSCORE ||
        lwsec_accounts_key(accounts,
                           lwsec_path_of(LWSEC_OBJECT_OSCORE, number, LWSEC_OSCORE_OBJECT_SECRET),
                           0, &secret) != LWSEC_OK) {
        return LWSEC_ABSENT;
    }
    if (lwsec_oscore_values(accounts, number, 0, object) != 0 ||
        object->views[LWSEC_OSCORE_OBJECT_SENDER_ID].data == NULL ||
        object->views[LWSEC_OSCORE_OBJECT_RECIPIENT_ID].data == NULL ||
        object->aead != (int32_t)object->aead || object->hmac != (int32_t)object->hmac) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_ACCOUNT, 0, reason);
    }
    config->size = sizeof *config;
    config->secret = secret;
    config->sender_id = object->views[LWSEC_OSCORE_OBJECT_SENDER_ID];
    config->recipient_id = object->views[LWSEC_OSCORE_OBJECT_RECIPIENT_ID];
    config->salt = object->views[LWSEC_OSCORE_OBJECT_SALT];
    config->id_context = object->views[LWSEC_OSCORE_OBJECT_ID_CONTEXT];
    config->aead = (int32_t)object->aead;
    config->hmac = (int32_t)object->hmac;
    return lwsec_accept(reason);
}

/* ---- SMS ---- */

/* R-5.4-07, R-5.4-08: parameters and keys out of resources 7 and 8. */
lwsec_status lwsec_accounts_sms(const lwsec_accounts *accounts, uint16_t instance, uint8_t spi2,
                                lwsec_sms_config *config, lwsec_reason *reason)
{
    const lwsec_path secrets = security(instance, LWSEC_SECURITY_SMS_SECRETS);
    lwsec_sms_parameters parameters;
    lwsec_key kic = {NULL, 0, 0};
    lwsec_key kid = {NULL, 0, 0};

    (void)lwsec_accept(reason);
    if (lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_SMS_MODE), -1) !=
            SMS_SECURED ||
        lwsec_accounts_key(accounts, secrets, 0, &kic) != LWSEC_OK ||
        lwsec_accounts_key(accounts, secrets, 1, &kid) != LWSEC_OK) {
        return LWSEC_ABSENT;
    }
    const lwsec_status status = lwsec_sms_parameters_read(
        lwsec_image_bytes(accounts, security(instance, LWSEC_SECURITY_SMS_PARAMETERS)), spi2,
        &parameters, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    config->size = sizeof *config;
    config->parameters = parameters;
    config->kic_key = kic;
    config->kid_key = kid;
    return LWSEC_OK;
}

/* ---- DTLS and TLS ---- */

static bool take_list(const lwsec_accounts *accounts, uint16_t instance, uint16_t resource,
                      uint16_t list[LWSEC_SESSION_LIST_MAX], size_t *count)
{
    size_t position = 0;
    lwsec_entry entry;

    *count = 0;
    while (lwsec_image_next(accounts, &position, &entry)) {
        if (entry.path.object != LWSEC_OBJECT_SECURITY || entry.path.instance != instance ||
            entry.path.resource != resource) {
            continue;
        }
        if (*count == LWSEC_SESSION_LIST_MAX) {
            return false;
        }
        list[(*count)++] = (uint16_t)lwsec_image_uint(entry.value);
    }
    return true;
}

static bool links_oscore(const lwsec_accounts *accounts, uint16_t instance)
{
    uint16_t object;
    uint16_t number;

    return lwsec_image_link(accounts, security(instance, LWSEC_SECURITY_OSCORE), &object, &number);
}

/* R-5.2.9.4-02, R-5.2.9.4-03, R-5.2.9.3-28, R-5.2.9.3-29: the name to send; T-12: none for an
 * address. */
static void take_server(const lwsec_accounts *accounts, uint16_t instance,
                        lwsec_session_description *to)
{
    const lwsec_bytes sni = lwsec_image_bytes(accounts, security(instance, LWSEC_SECURITY_SNI));

    to->uri = lwsec_image_bytes(accounts, security(instance, LWSEC_SECURITY_URI));
    to->host = lwsec_host_of(to->uri, &to->port);
    to->datagrams =
        lwsec_same_host(lwsec_bytes_of(to->uri.data, to->uri.size > 6 ? 6 : to->uri.size),
                        lwsec_bytes_of("coaps:", 6));
    to->sni = sni.size > 0                   ? sni
              : lwsec_is_host_name(to->host) ? to->host
                                             : lwsec_bytes_of(NULL, 0);
    to->bootstrap =
        lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_BOOTSTRAP), 0) == 1;
    to->ssid =
        to->bootstrap
            ? 0
            : (uint16_t)lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_SSID), 0);
    to->oscore = links_oscore(accounts, instance);
}

/* R-5.2.1-06: the credentials are those of the account. R-5.2.9.7-13: a usage that is not set is 3,
 * a matching type 0. R-5.2.4-20: in mode 4 neither identity nor key is that of the account. */
static lwsec_status take_credentials(const lwsec_accounts *accounts, uint16_t instance,
                                     lwsec_session_description *to)
{
    const lwsec_path secret = security(instance, LWSEC_SECURITY_SECRET);

    to->usage = (uint8_t)lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_USAGE), 3);
    to->matching =
        (uint8_t)lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_MATCHING), 0);
    if (to->mode != LWSEC_MODE_PSK) {
        to->server_key = lwsec_image_bytes(accounts, security(instance, LWSEC_SECURITY_SERVER_KEY));
    }
    if (to->mode == LWSEC_MODE_EST) {
        return LWSEC_OK;
    }
    to->identity = lwsec_image_bytes(accounts, security(instance, LWSEC_SECURITY_IDENTITY));
    return lwsec_accounts_key(accounts, secret, 0, &to->key);
}

/* R-5.2.4-01: of a Server's account, or of the Bootstrap-Server's. */
lwsec_status lwsec_accounts_session(const lwsec_accounts *accounts, uint16_t instance,
                                    lwsec_session_description *description, lwsec_reason *reason)
{
    const int64_t mode = lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_MODE), -1);
    lwsec_session_description made = {.size = sizeof made};

    if (description->size != sizeof *description) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    (void)lwsec_accept(reason);
    if (mode < 0 || mode > LWSEC_MODE_EST) {
        return LWSEC_ABSENT;
    }
    made.mode = (lwsec_security_mode)mode;
    take_server(accounts, instance, &made);
    if (!take_list(accounts, instance, LWSEC_SECURITY_SUITES, made.suites, &made.suite_count) ||
        !take_list(accounts, instance, LWSEC_SECURITY_GROUPS, made.groups, &made.group_count) ||
        !take_list(accounts, instance, LWSEC_SECURITY_SIGNATURES, made.signatures,
                   &made.signature_count)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    made.extensions =
        (uint32_t)lwsec_image_number(accounts, security(instance, LWSEC_SECURITY_EXTENSIONS), 0);
    lwsec_status status = LWSEC_OK;
    if (made.mode != LWSEC_MODE_NOSEC) {
        status = take_credentials(accounts, instance, &made);
    } else if (!made.oscore && (accounts->flags & LWSEC_ACCOUNTS_NOSEC) == 0) {
        status = lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_ACCOUNT, 0, reason);
    }
    if (status == LWSEC_OK) {
        *description = made;
    }
    return status;
}
