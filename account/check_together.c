/* What concerns several instances: who belongs to whom, and what may not be shared. */
#include "account/keys.h"
#include "account/report.h"

#include <lwsec/oscore_object.h>

typedef struct pair {
    lwsec_report *report;
    uint16_t one;
    uint16_t other;
} pair;

static lwsec_path at(uint16_t object, uint16_t instance, uint16_t resource)
{
    return lwsec_path_of(object, instance, resource);
}

static int64_t mode_of(const lwsec_report *report, uint16_t instance)
{
    return lwsec_image_number(report->accounts,
                              at(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_MODE), -1);
}

static bool is_bootstrap(const lwsec_report *report, uint16_t instance)
{
    return lwsec_image_number(report->accounts,
                              at(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_BOOTSTRAP),
                              0) == 1;
}

static bool has_key_pair(const lwsec_report *report, uint16_t instance)
{
    const int64_t mode = mode_of(report, instance);

    return mode == LWSEC_MODE_RPK || mode == LWSEC_MODE_CERTIFICATE;
}

/* Both are there, not empty, and the same: values, or names of keys. */
static bool same(const lwsec_report *report, lwsec_path one, lwsec_path other)
{
    lwsec_entry first;
    lwsec_entry second;

    return lwsec_image_find(report->accounts, one, &first) &&
           lwsec_image_find(report->accounts, other, &second) && first.form == second.form &&
           first.value.size > 0 && lwsec_equal_secret(first.value, second.value);
}

static bool same_resource(const pair *accounts, uint16_t one, uint16_t other)
{
    return same(accounts->report, at(LWSEC_OBJECT_SECURITY, accounts->one, one),
                at(LWSEC_OBJECT_SECURITY, accounts->other, other));
}

static void tell(const pair *accounts, uint16_t resource, const char *requirement, bool fatal,
                 const char *text)
{
    const lwsec_subject subject = {accounts->report, LWSEC_OBJECT_SECURITY, accounts->other};

    lwsec_tell(&subject, resource, requirement, fatal, text);
}

/* The same key pair, in whatever form: a raw key, a certificate, another certificate for it. */
static bool same_point(const pair *accounts)
{
    uint8_t one[65];
    uint8_t other[65];

    return lwsec_account_public_point(accounts->report->accounts, accounts->one, one) &&
           lwsec_account_public_point(accounts->report->accounts, accounts->other, other) &&
           lwsec_equal_secret(lwsec_bytes_of(one, sizeof one), lwsec_bytes_of(other, sizeof other));
}

/* R-5.2.1-07: different key pairs; R-5.2.1-09: different credentials. */
static void check_keys(const pair *accounts)
{
    const bool one = has_key_pair(accounts->report, accounts->one);
    const bool other = has_key_pair(accounts->report, accounts->other);

    if (one && other &&
        (same_resource(accounts, LWSEC_SECURITY_SECRET, LWSEC_SECURITY_SECRET) ||
         same_resource(accounts, LWSEC_SECURITY_IDENTITY, LWSEC_SECURITY_IDENTITY) ||
         same_point(accounts))) {
        tell(accounts, LWSEC_SECURITY_SECRET, "R-5.2.1-07", LWSEC_BREAKS_MUST,
             "the key pair is that of another account, too");
    }
    if (mode_of(accounts->report, accounts->one) == LWSEC_MODE_PSK &&
        mode_of(accounts->report, accounts->other) == LWSEC_MODE_PSK &&
        same_resource(accounts, LWSEC_SECURITY_SECRET, LWSEC_SECURITY_SECRET)) {
        tell(accounts, LWSEC_SECURITY_SECRET, "R-5.2.1-09", LWSEC_BREAKS_SHOULD,
             "the pre-shared key is that of another account, too");
    }
}

/* R-5.2.1-07: servers and clients have different key pairs. */
static void check_public_keys(const pair *accounts)
{
    const bool one = has_key_pair(accounts->report, accounts->one);
    const bool other = has_key_pair(accounts->report, accounts->other);

    if (one && other &&
        same_resource(accounts, LWSEC_SECURITY_IDENTITY, LWSEC_SECURITY_SERVER_KEY)) {
        tell(accounts, LWSEC_SECURITY_SERVER_KEY, "R-5.2.1-07", LWSEC_BREAKS_MUST,
             "a client and a server have the same key pair");
    }
}

/* R-5.5.7.1-01: an Object 21 instance belongs to one account. */
static void check_links(const pair *accounts)
{
    uint16_t object;
    uint16_t instance;

    if (same_resource(accounts, LWSEC_SECURITY_OSCORE, LWSEC_SECURITY_OSCORE) &&
        lwsec_image_link(accounts->report->accounts,
                         at(LWSEC_OBJECT_SECURITY, accounts->one, LWSEC_SECURITY_OSCORE), &object,
                         &instance)) {
        tell(accounts, LWSEC_SECURITY_OSCORE, "R-5.5.7.1-01", LWSEC_BREAKS_MUST,
             "another account links to the same instance of Object 21");
    }
}

/* R-5.2.4-04, R-6.7-04: one Bootstrap-Server; one account for a Short Server ID. */
static void check_roles(const pair *accounts)
{
    const bool one = is_bootstrap(accounts->report, accounts->one);
    const bool other = is_bootstrap(accounts->report, accounts->other);

    if (one && other) {
        tell(accounts, LWSEC_SECURITY_BOOTSTRAP, "R-5.2.4-04", LWSEC_BREAKS_MUST,
             "a second Bootstrap-Server account");
    } else if (!one && !other &&
               same_resource(accounts, LWSEC_SECURITY_SSID, LWSEC_SECURITY_SSID)) {
        tell(accounts, LWSEC_SECURITY_SSID, "R-6.7-04", LWSEC_BREAKS_MUST,
             "another account has the same Short Server ID");
    }
}

static void check_pairs(lwsec_report *report)
{
    pair accounts = {report, 0, 0};

    for (uint32_t i = 0;
         lwsec_image_each(report->accounts, LWSEC_OBJECT_SECURITY, &i, &accounts.one);) {
        for (uint32_t j = 0;
             lwsec_image_each(report->accounts, LWSEC_OBJECT_SECURITY, &j, &accounts.other);) {
            check_public_keys(&accounts);
            if (accounts.other > accounts.one) {
                check_keys(&accounts);
                check_links(&accounts);
                check_roles(&accounts);
            }
        }
    }
}

/* ---- Between objects ---- */

/* R-5.5.3-06: a key for DTLS is none for OSCORE. */
static void check_protocols(lwsec_report *report, uint16_t security)
{
    const lwsec_path psk = at(LWSEC_OBJECT_SECURITY, security, LWSEC_SECURITY_SECRET);
    lwsec_subject subject = {report, LWSEC_OBJECT_OSCORE, 0};

    if (mode_of(report, security) != LWSEC_MODE_PSK) {
        return;
    }
    for (uint32_t i = 0;
         lwsec_image_each(report->accounts, LWSEC_OBJECT_OSCORE, &i, &subject.instance);) {
        if (same(report, psk,
                 at(LWSEC_OBJECT_OSCORE, subject.instance, LWSEC_OSCORE_OBJECT_SECRET))) {
            lwsec_tell(&subject, LWSEC_OSCORE_OBJECT_SECRET, "R-5.5.3-06", LWSEC_BREAKS_MUST,
                       "the Master Secret is the pre-shared key of an account");
        }
    }
}

/* Whether two instances of Object 21 have the same bytes; what is not there is empty. */
static bool same_bytes(const lwsec_report *report, lwsec_path one, lwsec_path other)
{
    return lwsec_equal_secret(lwsec_image_bytes(report->accounts, one),
                              lwsec_image_bytes(report->accounts, other));
}

static bool shares_id(const lwsec_report *report, uint16_t one, uint16_t other)
{
    static const uint16_t ids[2] = {LWSEC_OSCORE_OBJECT_SENDER_ID,
                                    LWSEC_OSCORE_OBJECT_RECIPIENT_ID};

    for (size_t i = 0; i < 4; i++) {
        if (same_bytes(report, at(LWSEC_OBJECT_OSCORE, one, ids[i / 2]),
                       at(LWSEC_OBJECT_OSCORE, other, ids[i % 2]))) {
            return true;
        }
    }
    return false;
}

/* R-5.5.3-09: of one Master Secret, Master Salt and ID Context, each ID is there once: two peers
 * would have the same key otherwise, and use its nonces twice (RFC 8613 section 3.3). */
static void check_contexts(lwsec_report *report, uint16_t one)
{
    static const uint16_t input[2] = {LWSEC_OSCORE_OBJECT_SALT, LWSEC_OSCORE_OBJECT_ID_CONTEXT};
    lwsec_subject subject = {report, LWSEC_OBJECT_OSCORE, 0};
    uint16_t *other = &subject.instance;

    for (uint32_t i = (uint32_t)one + 1;
         lwsec_image_each(report->accounts, LWSEC_OBJECT_OSCORE, &i, other);) {
        if (same(report, at(LWSEC_OBJECT_OSCORE, one, LWSEC_OSCORE_OBJECT_SECRET),
                 at(LWSEC_OBJECT_OSCORE, *other, LWSEC_OSCORE_OBJECT_SECRET)) &&
            same_bytes(report, at(LWSEC_OBJECT_OSCORE, one, input[0]),
                       at(LWSEC_OBJECT_OSCORE, *other, input[0])) &&
            same_bytes(report, at(LWSEC_OBJECT_OSCORE, one, input[1]),
                       at(LWSEC_OBJECT_OSCORE, *other, input[1])) &&
            shares_id(report, one, *other)) {
            lwsec_tell(&subject, LWSEC_OSCORE_OBJECT_SECRET, "R-5.5.3-09", LWSEC_BREAKS_MUST,
                       "another instance has this Master Secret, Master Salt, ID Context and ID");
        }
    }
}

static size_t servers_with(const lwsec_report *report, int64_t ssid)
{
    size_t count = 0;
    uint16_t instance;

    for (uint32_t i = 0; lwsec_image_each(report->accounts, LWSEC_OBJECT_SERVER, &i, &instance);) {
        count +=
            lwsec_image_number(report->accounts, at(LWSEC_OBJECT_SERVER, instance, 0), 0) == ssid;
    }
    return count;
}

static size_t accounts_with(const lwsec_report *report, int64_t ssid)
{
    size_t count = 0;
    uint16_t instance;

    for (uint32_t i = 0;
         lwsec_image_each(report->accounts, LWSEC_OBJECT_SECURITY, &i, &instance);) {
        count +=
            !is_bootstrap(report, instance) &&
            lwsec_image_number(report->accounts,
                               at(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_SSID), 0) == ssid;
    }
    return count;
}

/* R-6.7-04: each account of a Server has its Server instance. */
static void check_has_server(lwsec_report *report, uint16_t security)
{
    const lwsec_subject subject = {report, LWSEC_OBJECT_SECURITY, security};
    const int64_t ssid = lwsec_subject_number(&subject, LWSEC_SECURITY_SSID, 0);

    if (ssid == 0 || is_bootstrap(report, security) || lwsec_servers_elsewhere(&subject)) {
        return;
    }
    const size_t count = servers_with(report, ssid);
    if (count != 1) {
        lwsec_tell(&subject, LWSEC_SECURITY_SSID, "R-6.7-04", LWSEC_BREAKS_MUST,
                   count == 0 ? "no Server instance has this Short Server ID"
                              : "several Server instances have this Short Server ID");
    }
}

/* R-5.2.5-02: no Server without an account: the text calls it orphan data. */
static void check_has_account(lwsec_report *report, uint16_t server)
{
    const lwsec_subject subject = {report, LWSEC_OBJECT_SERVER, server};
    const int64_t ssid = lwsec_subject_number(&subject, 0, 0);

    if (ssid != 0 && accounts_with(report, ssid) == 0) {
        lwsec_tell(&subject, 0, "R-6.7-04", LWSEC_BREAKS_MUST,
                   "no Security instance has this Short Server ID");
    }
}

/* R-5.2.4-04: a client is provisioned for a Server or for a Bootstrap-Server. */
void lwsec_check_together(lwsec_report *report)
{
    uint16_t instance = 0;

    if (!lwsec_image_instance(report->accounts, LWSEC_OBJECT_SECURITY, &instance)) {
        const lwsec_subject nothing = {report, LWSEC_OBJECT_SECURITY, 0};
        lwsec_tell(&nothing, LWSEC_SECURITY_URI, "R-5.2.4-04", LWSEC_BREAKS_MUST,
                   "no account: neither for a Server nor for a Bootstrap-Server");
        return;
    }
    check_pairs(report);
    for (uint32_t i = 0;
         lwsec_image_each(report->accounts, LWSEC_OBJECT_SECURITY, &i, &instance);) {
        check_protocols(report, instance);
        check_has_server(report, instance);
    }
    for (uint32_t i = 0; lwsec_image_each(report->accounts, LWSEC_OBJECT_OSCORE, &i, &instance);) {
        check_contexts(report, instance);
    }
    for (uint32_t i = 0; lwsec_image_each(report->accounts, LWSEC_OBJECT_SERVER, &i, &instance);) {
        check_has_account(report, instance);
    }
}
