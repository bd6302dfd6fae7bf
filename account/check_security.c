/* One Security instance: its server, its mode, its channel. */
#include "account/report.h"

#include <lwsec/oscore_object.h>

#include "account/uri.h"

/* R-5.2.9-02: the URI and Bootstrap-Server are there, and the server is known by its number. */
static void check_server_of(const lwsec_subject *subject)
{
    const bool bootstrap = lwsec_subject_number(subject, LWSEC_SECURITY_BOOTSTRAP, 0) == 1;

    if (!lwsec_subject_filled(subject, LWSEC_SECURITY_URI)) {
        lwsec_tell(subject, LWSEC_SECURITY_URI, "R-5.2.9-02", LWSEC_BREAKS_MUST,
                   "the LwM2M Server URI is missing or empty");
    }
    if (!lwsec_subject_has(subject, LWSEC_SECURITY_BOOTSTRAP)) {
        lwsec_tell(subject, LWSEC_SECURITY_BOOTSTRAP, "R-5.2.9-02", LWSEC_BREAKS_SHOULD,
                   "Bootstrap-Server is missing: taken for false");
    }
    if (!bootstrap && !lwsec_subject_has(subject, LWSEC_SECURITY_SSID)) {
        lwsec_tell(subject, LWSEC_SECURITY_SSID, "R-6.7-04", !lwsec_servers_elsewhere(subject),
                   "the Short Server ID is missing: nothing tells which Server it is for");
    }
}

/* R-5.2.1-01, R-5.1-06: a scheme that has (D)TLS where the mode has credentials, and none where
 * it has not. R-8.8-01: mqtt and mqtts with an MQTT server. */
static void check_scheme(const lwsec_subject *subject, int64_t mode)
{
    const lwsec_bytes uri = lwsec_subject_bytes(subject, LWSEC_SECURITY_URI);
    const lwsec_scheme scheme = lwsec_scheme_of(uri);

    if (uri.size == 0) {
        return;
    }
    if (lwsec_subject_has(subject, LWSEC_SECURITY_MQTT) && !scheme.mqtt) {
        lwsec_tell(subject, LWSEC_SECURITY_URI, "R-8.8-01", LWSEC_BREAKS_MUST,
                   "the scheme of the URI is neither mqtt nor mqtts");
    }
    if (scheme.known && mode == LWSEC_MODE_NOSEC && scheme.secure) {
        lwsec_tell(subject, LWSEC_SECURITY_URI, "R-5.2.1-01", LWSEC_BREAKS_MUST,
                   "the scheme of the URI needs (D)TLS, and the mode is NoSec");
    } else if (scheme.known && mode != LWSEC_MODE_NOSEC && !scheme.secure) {
        lwsec_tell(subject, LWSEC_SECURITY_URI, "R-5.2.1-01", LWSEC_BREAKS_MUST,
                   "the scheme of the URI has no (D)TLS, and the mode asks for it");
    }
}

/* R-5.3-01, R-5.3-02: NoSec only under a policy that names it, or where OSCORE protects the
 * messages (R-5.5.1-07). */
static void check_nosec(const lwsec_subject *subject)
{
    uint16_t object;
    uint16_t instance;
    const bool allowed = (subject->report->accounts->flags & LWSEC_ACCOUNTS_NOSEC) != 0;
    const bool oscore =
        lwsec_image_link(subject->report->accounts,
                         lwsec_path_of(subject->object, subject->instance, LWSEC_SECURITY_OSCORE),
                         &object, &instance);

    if (!oscore) {
        lwsec_tell(subject, LWSEC_SECURITY_MODE, "R-5.3-01", !allowed,
                   "NoSec without OSCORE: nothing of LwM2M protects what is sent");
    }
}

/* R-5.2.9.3-28, R-5.2.9.3-29, R-5.2.9.4-01: the name to send and to compare; T-12: none for a bare
 * address. */
static void check_names(const lwsec_subject *subject, int64_t mode)
{
    const lwsec_bytes sni = lwsec_subject_bytes(subject, LWSEC_SECURITY_SNI);
    const bool compares = lwsec_subject_number(subject, LWSEC_SECURITY_USAGE, 3) != 3;

    if (lwsec_subject_has(subject, LWSEC_SECURITY_SNI)) {
        if (!lwsec_is_host_name(sni)) {
            lwsec_tell(subject, LWSEC_SECURITY_SNI, "R-5.2.9.3-28", LWSEC_BREAKS_MUST,
                       "SNI is not a fully qualified name: it may not be an address");
        }
    } else if ((mode == LWSEC_MODE_CERTIFICATE || mode == LWSEC_MODE_EST) && compares &&
               lwsec_host_is_address(lwsec_subject_bytes(subject, LWSEC_SECURITY_URI))) {
        lwsec_tell(subject, LWSEC_SECURITY_SNI, "R-5.2.9.4-01", LWSEC_BREAKS_SHOULD,
                   "the URI has an address and SNI is not set: the certificate has to name the "
                   "address");
    }
}

/* R-5.5.7.1-01: OSCORE Security Mode links to an Object 21 instance. */
static void check_link(const lwsec_subject *subject)
{
    const lwsec_accounts *accounts = subject->report->accounts;
    uint16_t object;
    uint16_t instance;

    if (!lwsec_image_link(accounts,
                          lwsec_path_of(subject->object, subject->instance, LWSEC_SECURITY_OSCORE),
                          &object, &instance)) {
        return;
    }
    uint16_t found = instance;
    if (object != LWSEC_OBJECT_OSCORE) {
        lwsec_tell(subject, LWSEC_SECURITY_OSCORE, "R-5.5.7.1-01", LWSEC_BREAKS_MUST,
                   "the link does not lead to Object 21");
    } else if (!lwsec_image_instance(accounts, LWSEC_OBJECT_OSCORE, &found) || found != instance) {
        lwsec_tell(subject, LWSEC_SECURITY_OSCORE, "R-5.5.7.1-01", LWSEC_BREAKS_MUST,
                   "the link leads to an instance of Object 21 that is not there");
    }
}

/* R-8.8-03: a link to Object 23 is valid. */
static void check_cose_links(const lwsec_subject *subject)
{
    const lwsec_accounts *accounts = subject->report->accounts;
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(accounts, &position, &entry)) {
        if (entry.path.object != LWSEC_OBJECT_SECURITY ||
            entry.path.instance != subject->instance ||
            entry.path.resource != LWSEC_SECURITY_COSE) {
            continue;
        }
        const uint64_t link = lwsec_image_uint(entry.value);
        uint16_t found = (uint16_t)link;
        if (link >> 16 != LWSEC_OBJECT_COSE ||
            !lwsec_image_instance(accounts, LWSEC_OBJECT_COSE, &found) || found != (uint16_t)link) {
            lwsec_tell(subject, LWSEC_SECURITY_COSE, "R-8.8-03", LWSEC_BREAKS_MUST,
                       "the link does not lead to an instance of Object 23 that is there");
        }
    }
}

/* R-5.2.4-02: what the resources hold depends on the mode. */
void lwsec_check_security(const lwsec_subject *subject)
{
    const int64_t mode = lwsec_subject_number(subject, LWSEC_SECURITY_MODE, -1);

    check_server_of(subject);
    if (mode < 0) {
        lwsec_tell(subject, LWSEC_SECURITY_MODE, "R-5.2.4-12", LWSEC_BREAKS_MUST,
                   "the Security Mode is missing");
    } else if (mode <= LWSEC_MODE_EST) {
        check_scheme(subject, mode);
        lwsec_check_credentials(subject, mode);
        lwsec_check_suites(subject, mode);
        check_names(subject, mode);
    }
    if (mode == LWSEC_MODE_NOSEC) {
        check_nosec(subject);
    }
    lwsec_check_sms(subject);
    check_link(subject);
    check_cose_links(subject);
}
