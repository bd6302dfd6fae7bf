/* Findings while they are gathered, and the checks that gather them. */
#ifndef LWSEC_ACCOUNT_REPORT_H
#define LWSEC_ACCOUNT_REPORT_H

#include "account/image.h"

typedef struct lwsec_report {
    const lwsec_accounts *accounts;
    lwsec_finding *findings;
    size_t capacity;
    size_t count;
    bool fatal; /* one of them is */
} lwsec_report;

/* What a finding breaks. */
#define LWSEC_BREAKS_MUST true
#define LWSEC_BREAKS_SHOULD false

/* One instance under a check. */
typedef struct lwsec_subject {
    lwsec_report *report;
    uint16_t object;
    uint16_t instance;
} lwsec_subject;

/* Notes a finding about a resource of the instance. Texts are static. */
void lwsec_tell(const lwsec_subject *subject, uint16_t resource, const char *requirement,
                bool fatal, const char *text);

/* Values of the instance. */
bool lwsec_subject_has(const lwsec_subject *subject, uint16_t resource);
lwsec_bytes lwsec_subject_bytes(const lwsec_subject *subject, uint16_t resource);
int64_t lwsec_subject_number(const lwsec_subject *subject, uint16_t resource, int64_t absent);

/* Whether the resource has something in it: a value that is not empty, or a key. */
bool lwsec_subject_filled(const lwsec_subject *subject, uint16_t resource);

/* Whether the Server object is kept by somebody else. */
bool lwsec_servers_elsewhere(const lwsec_subject *subject);

/* As lwsec_accounts_check, into a report. */
void lwsec_check_all(lwsec_report *report);

/* ---- The checks, each for one instance but the last two ---- */

void lwsec_check_security(const lwsec_subject *subject);
void lwsec_check_credentials(const lwsec_subject *subject, int64_t mode);
void lwsec_check_suites(const lwsec_subject *subject, int64_t mode);
void lwsec_check_sms(const lwsec_subject *subject);
void lwsec_check_server(const lwsec_subject *subject);
void lwsec_check_access(const lwsec_subject *subject);
void lwsec_check_oscore(const lwsec_subject *subject);
void lwsec_check_cose(const lwsec_subject *subject);
void lwsec_check_ranges(lwsec_report *report);
void lwsec_check_together(lwsec_report *report);

#endif
