/* One Server, Access Control, OSCORE or COSE instance. */
#include "account/report.h"

#include <lwsec/algorithm.h>
#include <lwsec/oscore_object.h>

#define SERVER_SSID 0U
#define ACCESS_OBJECT 0U
#define ACCESS_INSTANCE 1U
#define ACCESS_OWNER 3U
#define COSE_AEAD 1U
#define COSE_KEY 2U

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

static void fill(const lwsec_subject *subject, lwsec_oscore_object *object)
{
    for (unsigned i = 0; i < LWSEC_OSCORE_OBJECT_RESOURCES; i++) {
        const uint16_t resource = (uint16_t)i;
        const lwsec_bytes bytes = lwsec_subject_bytes(subject, resource);
        lwsec_status status = LWSEC_OK;
        if (bytes.data == NULL) {
            continue;
        }
        if (resource == LWSEC_OSCORE_OBJECT_AEAD || resource == LWSEC_OSCORE_OBJECT_HMAC) {
            status =
                lwsec_oscore_object_set_integer(object, resource, (int64_t)lwsec_image_uint(bytes));
        } else {
            status = lwsec_oscore_object_set(object, resource, bytes, NULL);
        }
        if (status != LWSEC_OK) {
            lwsec_tell(subject, resource, "R-5.5.7.1-01", LWSEC_BREAKS_MUST,
                       "the value is longer than 255 bytes, or no pairs of hexadecimal digits");
        }
    }
}

static lwsec_oscore_object_version version_of(const lwsec_accounts *accounts)
{
    const uint16_t version = lwsec_accounts_version(accounts, LWSEC_OBJECT_OSCORE);

    return version == LWSEC_VERSION(1, 0)   ? LWSEC_OSCORE_OBJECT_1_0
           : version == LWSEC_VERSION(1, 1) ? LWSEC_OSCORE_OBJECT_1_1
                                            : LWSEC_OSCORE_OBJECT_2_0;
}

static bool make(const lwsec_subject *subject, lwsec_oscore_object *object)
{
    const lwsec_accounts *accounts = subject->report->accounts;
    const lwsec_oscore_object_version version = version_of(accounts);
    const bool hex =
        (accounts->flags & LWSEC_ACCOUNTS_HEX) != 0 && version != LWSEC_OSCORE_OBJECT_2_0;
    const bool weak = (accounts->flags & LWSEC_ACCOUNTS_WEAK_SECRETS) != 0 &&
                      lwsec_subject_bytes(subject, LWSEC_OSCORE_OBJECT_SECRET).size >= 16;

    return lwsec_oscore_object_init(object, version, subject->instance,
                                    (hex ? (uint32_t)LWSEC_OSCORE_OBJECT_HEX : 0U) |
                                        (weak ? (uint32_t)LWSEC_OSCORE_OBJECT_WEAK_SECRET : 0U)) ==
           LWSEC_OK;
}

/* R-5.5.7.1-02 to R-5.5.7.1-08: as the object alone is checked. */
void lwsec_check_oscore(const lwsec_subject *subject)
{
    lwsec_finding found[LWSEC_OSCORE_OBJECT_FINDINGS_MAX];
    lwsec_oscore_object object;
    const bool is_key = lwsec_subject_has(subject, LWSEC_OSCORE_OBJECT_SECRET) &&
                        lwsec_subject_bytes(subject, LWSEC_OSCORE_OBJECT_SECRET).data == NULL;

    if (!make(subject, &object)) {
        return;
    }
    fill(subject, &object);
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
