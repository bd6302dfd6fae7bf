/* All accounts against all rules. */
#include "account/report.h"
#include "account/resources.h"

void lwsec_tell(const lwsec_subject *subject, uint16_t resource, const char *requirement,
                bool fatal, const char *text)
{
    lwsec_report *report = subject->report;

    if (report->count < report->capacity) {
        report->findings[report->count] = (lwsec_finding){.requirement = requirement,
                                                          .text = text,
                                                          .object = subject->object,
                                                          .instance = subject->instance,
                                                          .resource = resource,
                                                          .fatal = fatal};
    }
    report->count++;
    report->fatal = report->fatal || fatal;
}

static lwsec_path path_of(const lwsec_subject *subject, uint16_t resource)
{
    return lwsec_path_of(subject->object, subject->instance, resource);
}

bool lwsec_subject_has(const lwsec_subject *subject, uint16_t resource)
{
    return lwsec_image_has(subject->report->accounts, path_of(subject, resource));
}

lwsec_bytes lwsec_subject_bytes(const lwsec_subject *subject, uint16_t resource)
{
    return lwsec_image_bytes(subject->report->accounts, path_of(subject, resource));
}

int64_t lwsec_subject_number(const lwsec_subject *subject, uint16_t resource, int64_t absent)
{
    return lwsec_image_number(subject->report->accounts, path_of(subject, resource), absent);
}

bool lwsec_subject_filled(const lwsec_subject *subject, uint16_t resource)
{
    lwsec_entry entry;

    return lwsec_image_find(subject->report->accounts, path_of(subject, resource), &entry) &&
           entry.value.size > 0;
}

bool lwsec_servers_elsewhere(const lwsec_subject *subject)
{
    return (subject->report->accounts->flags & LWSEC_ACCOUNTS_NO_SERVERS) != 0;
}

static void check_object(lwsec_report *report, uint16_t object,
                         void (*check)(const lwsec_subject *subject))
{
    lwsec_subject subject = {report, object, 0};

    for (uint32_t at = 0; lwsec_image_each(report->accounts, object, &at, &subject.instance);) {
        check(&subject);
    }
}

void lwsec_check_all(lwsec_report *report)
{
    check_object(report, LWSEC_OBJECT_SECURITY, lwsec_check_security);
    check_object(report, LWSEC_OBJECT_SERVER, lwsec_check_server);
    check_object(report, LWSEC_OBJECT_ACCESS, lwsec_check_access);
    check_object(report, LWSEC_OBJECT_OSCORE, lwsec_check_oscore);
    check_object(report, LWSEC_OBJECT_COSE, lwsec_check_cose);
    lwsec_check_ranges(report);
    lwsec_check_together(report);
}

size_t lwsec_accounts_check(const lwsec_accounts *accounts, lwsec_finding *findings,
                            size_t capacity)
{
    lwsec_report report = {accounts, findings, capacity, 0, false};

    lwsec_check_all(&report);
    return report.count;
}

/* ---- Ranges, where LWSEC_ACCOUNTS_LAX has let values in ---- */

static const char *requirement_of(const lwsec_resource *resource)
{
    if (resource->object == LWSEC_OBJECT_SECURITY) {
        switch (resource->id) {
        case LWSEC_SECURITY_MODE: return "R-5.2.4-12";
        case LWSEC_SECURITY_MATCHING:
        case LWSEC_SECURITY_USAGE: return "R-5.2.9.7-13";
        case LWSEC_SECURITY_SMS_PARAMETERS: return "R-5.4-08";
        case LWSEC_SECURITY_SMS_SECRETS: return "R-5.4-07";
        default: break;
        }
    }
    return "R-6.7-04";
}

static bool in_range(const lwsec_resource *resource, const lwsec_entry *entry)
{
    const uint64_t number = lwsec_image_uint(entry->value);

    switch (resource->type) {
    case LWSEC_VALUE_UNSIGNED:
        return resource->max == INT64_MAX || number <= (uint64_t)resource->max;
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME:
        return (int64_t)number >= resource->min && (int64_t)number <= resource->max;
    case LWSEC_VALUE_STRING:
    case LWSEC_VALUE_OPAQUE:
        return entry->value.size >= (size_t)resource->min &&
               entry->value.size <= (size_t)resource->max;
    default: return true;
    }
}

/* R-5.2.4-12, R-5.2.9.7-13: modes are 0 to 4, matching types and usages 0 to 3. */
void lwsec_check_ranges(lwsec_report *report)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(report->accounts, &position, &entry)) {
        const lwsec_subject subject = {report, entry.path.object, entry.path.instance};
        const lwsec_resource *resource = lwsec_resource_find(
            entry.path.object, lwsec_accounts_version(report->accounts, entry.path.object),
            entry.path.resource);
        if (resource != NULL && entry.form == LWSEC_FORM_PLAIN && !in_range(resource, &entry)) {
            lwsec_tell(&subject, entry.path.resource, requirement_of(resource), LWSEC_BREAKS_MUST,
                       "the value is out of its range");
        }
    }
}
