/* Which account protects the transfer of a firmware package: 5.2.4 item 3, 5.5.3 item 3. */
#include <lwsec/account_session.h>

#include <lwsec/coap_uri.h>

#include "account/image.h"
#include "account/uri.h"
#include "core/reason.h"

typedef struct repository {
    const lwsec_accounts *accounts;
    lwsec_bytes host;
    uint16_t port;
    bool tls;
} repository;

static lwsec_path security(uint16_t instance, uint16_t resource)
{
    return lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, resource);
}

static bool has_oscore(const lwsec_accounts *accounts, uint16_t instance)
{
    uint16_t object;
    uint16_t number;

    return lwsec_image_link(accounts, security(instance, LWSEC_SECURITY_OSCORE), &object,
                            &number) &&
           object == LWSEC_OBJECT_OSCORE;
}

/* Whether the account has what this URI needs. Keys of the bootstrap are for the bootstrap alone.
 */
static bool can_protect(const repository *of, uint16_t instance)
{
    const int64_t mode =
        lwsec_image_number(of->accounts, security(instance, LWSEC_SECURITY_MODE), -1);

    if (lwsec_image_number(of->accounts, security(instance, LWSEC_SECURITY_BOOTSTRAP), 0) == 1) {
        return false;
    }
    return of->tls ? mode >= 0 && mode <= LWSEC_MODE_EST && mode != LWSEC_MODE_NOSEC
                   : has_oscore(of->accounts, instance);
}

/* The first account of this host, and of this port if it counts. */
static bool find(const repository *of, bool port_counts, uint16_t *found)
{
    uint16_t port;

    for (uint32_t at = 0; lwsec_image_each(of->accounts, LWSEC_OBJECT_SECURITY, &at, found);) {
        const lwsec_bytes host = lwsec_host_of(
            lwsec_image_bytes(of->accounts, security(*found, LWSEC_SECURITY_URI)), &port);
        if (host.size > 0 && lwsec_same_host(host, of->host) &&
            (!port_counts || port == of->port) && can_protect(of, *found)) {
            return true;
        }
    }
    return false;
}

static bool find_server(const repository *of, uint16_t ssid, uint16_t *found)
{
    for (uint32_t at = 0; lwsec_image_each(of->accounts, LWSEC_OBJECT_SECURITY, &at, found);) {
        if (lwsec_image_number(of->accounts, security(*found, LWSEC_SECURITY_SSID), 0) == ssid &&
            can_protect(of, *found)) {
            return true;
        }
    }
    return false;
}

/* R-5.2.4-01, R-5.5.3-01. R-5.3-01: nothing unprotected without a policy. */
lwsec_status lwsec_firmware_choose(const lwsec_accounts *accounts, lwsec_bytes package_uri,
                                   uint16_t ssid, uint32_t flags, lwsec_firmware_choice *choice,
                                   lwsec_reason *reason)
{
    lwsec_coap_uri uri;
    uint16_t found = LWSEC_PATH_NONE;

    const lwsec_status status = lwsec_coap_uri_decode(package_uri, &uri, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const repository of = {accounts, uri.host, uri.port, lwsec_scheme_of(package_uri).secure};
    const bool any =
        find(&of, true, &found) || find(&of, false, &found) ||
        ((flags & LWSEC_FIRMWARE_BY_SERVER) != 0 && ssid != 0 && find_server(&of, ssid, &found));
    if (!any && (of.tls || (flags & LWSEC_FIRMWARE_NOSEC) == 0)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_ACCOUNT, 0, reason);
    }
    *choice = (lwsec_firmware_choice){.instance = any ? found : (uint16_t)LWSEC_PATH_NONE,
                                      .tls = of.tls,
                                      .oscore = any && has_oscore(accounts, found)};
    return lwsec_accept(reason);
}
