/* One Server, Access Control, OSCORE or COSE instance. */
#include "account/oscore_values.h"
#include "account/report.h"

#include <lwsec/algorithm.h>

#define SERVER_SSID 0U
#define ACCESS_OBJECT 0U
#define ACCESS_INSTANCE 1U
#define ACCESS_OWNER 3U
#define COSE_AEAD 1U
#define COSE_KEY 2U
#define SECRET_SIZE_MIN 16U /* a shorter Master Secret is refused whatever the flags */

/* R-6.7-04: what is mandatory is there. A Server without its number is none. */
void lwsec_check_server(const lwsec_subject *subject)
{
    static const uint16_t mandatory[] = {1, 6, 7};

    if (!lwsec_subject_has(subject, SERVER_SSID)) {
        lwsec_tell(subject, SERVER_SSID, "R-6.7-04", LWSEC_BREAKS_MUST,
                   "the Short Server ID is missing");
    }
    for (size_t i = 0; i < sizeof mandatory / sizeof mandatory[0]; i++) {
        if (!lwsec_subject_has(subject, mandatory[i])) {
            lwsec_tell(subject, mandatory[i], "R-6.7-04", LWSEC_BREAKS_SHOULD,
                       "a mandatory resource is missing");
        }
    }
}

/* R-5-03: an Access Control instance tells what it guards and who owns it. */
void lwsec_check_access(const lwsec_subject *subject)
{
    static const uint16_t mandatory[] = {ACCESS_OBJECT, ACCESS_INSTANCE, ACCESS_OWNER};

    for (size_t i = 0; i < sizeof mandatory / sizeof mandatory[0]; i++) {
        if (!lwsec_subject_has(subject, mandatory[i])) {
            lwsec_tell(subject, mandatory[i], "R-5-03", LWSEC_BREAKS_MUST,
                       "a mandatory resource is missing");
        }
    }
}

/* ---- Object 21 ---- */

static void tell_bad(const lwsec_subject *subject, uint32_t bad)
{
    for (unsigned i = 0; i < LWSEC_OSCORE_OBJECT_RESOURCES; i++) {
        if ((bad >> i & 1U) != 0) {
            lwsec_tell(subject, (uint16_t)i, "R-5.5.7.1-01", LWSEC_BREAKS_MUST,
                       "the value is longer than 255 bytes, or no pairs of hexadecimal digits");
        }
    }
}

/* R-5.5.7.1-02 to R-5.5.7.1-08: as the object alone is checked. R-5.5.3-04,
 * R-5.5.7-01: a strong pre-shared key. */
void lwsec_check_oscore(const lwsec_subject *subject)
{
    const lwsec_accounts *accounts = subject->report->accounts;
    const lwsec_bytes secret = lwsec_subject_bytes(subject, LWSEC_OSCORE_OBJECT_SECRET);
    const bool is_key =
        lwsec_subject_has(subject, LWSEC_OSCORE_OBJECT_SECRET) && secret.data == NULL;
    const bool weak =
        (accounts->flags & LWSEC_ACCOUNTS_WEAK_SECRETS) != 0 && secret.size >= SECRET_SIZE_MIN;
    lwsec_finding found[LWSEC_OSCORE_OBJECT_FINDINGS_MAX];
    lwsec_oscore_object object;

    tell_bad(subject,
             lwsec_oscore_values(accounts, subject->instance,
                                 weak ? (uint32_t)LWSEC_OSCORE_OBJECT_WEAK_SECRET : 0U, &object));
    const size_t count =
        lwsec_oscore_object_check(&object, found, LWSEC_OSCORE_OBJECT_FINDINGS_MAX);
    lwsec_oscore_object_wipe(&object);
    for (size_t i = 0; i < count; i++) {
        if (!is_key || found[i].resource != LWSEC_OSCORE_OBJECT_SECRET) {
            lwsec_tell(subject, found[i].resource, found[i].requirement, found[i].fatal,
                       found[i].text);
        }
    }
}

/* R-8.6-02, T-34: Object 23 types its key as a String. */
void lwsec_check_cose(const lwsec_subject *subject)
{
    const int64_t id = lwsec_subject_number(subject, COSE_AEAD, 0);
    const lwsec_algorithm *aead =
        id > 0 && id <= INT32_MAX ? lwsec_algorithm_find((int32_t)id) : NULL;

    if (!lwsec_subject_has(subject, 0)) {
        lwsec_tell(subject, 0, "R-8.6-02", LWSEC_BREAKS_MUST, "the key identifier is missing");
    }
    if (aead == NULL || aead->kind != LWSEC_KIND_AEAD) {
        lwsec_tell(subject, COSE_AEAD, "R-8.6-02", LWSEC_BREAKS_MUST,
                   "the AEAD is missing, or none that lwsec has");
    }
    if (!lwsec_subject_filled(subject, COSE_KEY)) {
        lwsec_tell(subject, COSE_KEY, "R-8.6-02", LWSEC_BREAKS_MUST, "the key is missing or empty");
    }
}
