/* Cipher suites and groups that an account asks for: sections 5.2.3 and 5.2.9. */
#include "account/report.h"

#define TLS_PSK_WITH_AES_128_CBC_SHA256 0x00aeU
#define TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 0xc023U

/* Suites that are authenticated by ECDSA and agree by ECDHE, and those of TLS 1.3, which say
 * nothing about it. */
static bool is_ecdhe_ecdsa(uint64_t suite)
{
    return (suite >= 0xc0ac && suite <= 0xc0af) || (suite >= 0xc006 && suite <= 0xc00a) ||
           suite == 0xc023 || suite == 0xc024 || suite == 0xc02b || suite == 0xc02c ||
           suite == 0xcca9 || (suite >= 0x1301 && suite <= 0x1305);
}

static bool is_psk(uint64_t suite)
{
    return (suite >= 0x008a && suite <= 0x0095) || (suite >= 0x00a8 && suite <= 0x00b9) ||
           (suite >= 0xc033 && suite <= 0xc03b) || (suite >= 0xc0a4 && suite <= 0xc0ab) ||
           (suite >= 0xccab && suite <= 0xccae) || (suite >= 0xd001 && suite <= 0xd005) ||
           (suite >= 0x1301 && suite <= 0x1305);
}

/* R-5.2.9.1-03, R-5.2.9.2-03, R-5.2.9.3-07: not the CBC suites (T-02: for RPK and certificates, the
 * one with ECDHE_ECDSA). R-5.2.9.2-06, R-5.2.9.3-10: ECDSA. R-5.2.9.2-07, R-5.2.9.3-11: ECDHE. */
static void check_suite(const lwsec_subject *subject, int64_t mode, uint64_t suite)
{
    const bool rpk = mode == LWSEC_MODE_RPK;

    if (mode == LWSEC_MODE_PSK) {
        if (suite == TLS_PSK_WITH_AES_128_CBC_SHA256) {
            lwsec_tell(subject, LWSEC_SECURITY_SUITES, "R-5.2.9.1-03", LWSEC_BREAKS_SHOULD,
                       "TLS_PSK_WITH_AES_128_CBC_SHA256 should not be used");
        } else if (!is_psk(suite)) {
            lwsec_tell(subject, LWSEC_SECURITY_SUITES, "R-5.2.9-01", LWSEC_BREAKS_SHOULD,
                       "the cipher suite is none for pre-shared keys");
        }
    } else if (suite == TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256) {
        lwsec_tell(subject, LWSEC_SECURITY_SUITES, rpk ? "R-5.2.9.2-03" : "R-5.2.9.3-07",
                   LWSEC_BREAKS_SHOULD,
                   "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 should not be used");
    } else if (!is_ecdhe_ecdsa(suite)) {
        lwsec_tell(subject, LWSEC_SECURITY_SUITES, rpk ? "R-5.2.9.2-06" : "R-5.2.9.3-10",
                   LWSEC_BREAKS_SHOULD, "the cipher suite is without ECDSA or ECDHE");
    }
}

/* R-5.2.3-03: TLS numbers of curves under 255 bits (RFC 8422 and those before it). */
static void check_group(const lwsec_subject *subject, uint64_t group)
{
    if ((group >= 1 && group <= 8) || (group >= 15 && group <= 21)) {
        lwsec_tell(subject, LWSEC_SECURITY_GROUPS, "R-5.2.3-03", LWSEC_BREAKS_MUST,
                   "a group of less than 255 bits");
    }
}

void lwsec_check_suites(const lwsec_subject *subject, int64_t mode)
{
    size_t position = 0;
    lwsec_entry entry;

    while (mode != LWSEC_MODE_NOSEC &&
           lwsec_image_next(subject->report->accounts, &position, &entry)) {
        if (entry.path.object != subject->object || entry.path.instance != subject->instance) {
            continue;
        }
        if (entry.path.resource == LWSEC_SECURITY_SUITES) {
            check_suite(subject, mode, lwsec_image_uint(entry.value));
        } else if (entry.path.resource == LWSEC_SECURITY_GROUPS) {
            check_group(subject, lwsec_image_uint(entry.value));
        }
    }
}
