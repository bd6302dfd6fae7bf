/* The alert table of clause 5.2.10, and what follows from it. */
#include <lwsec/alert.h>

#define LISTED(number, name, advice, scope)                                                        \
    [number] = {name, LWSEC_ALERT_##advice, LWSEC_ALERT_##scope, true}
#define ADDED(number, name, advice, scope)                                                         \
    [number] = {name, LWSEC_ALERT_##advice, LWSEC_ALERT_##scope, false}

/* R-5.2.10-01, R-5.2.10-02, R-5.2.10-03: the rows of the table, and those that it lacks. */
static const lwsec_alert_row rows[256] = {
    LISTED(0, "close_notify", RETRY, ANY_HANDSHAKE),
    LISTED(10, "unexpected_message", RETRY, ANY_HANDSHAKE),
    LISTED(20, "bad_record_mac", RETRY, ANY_HANDSHAKE),
    LISTED(21, "decryption_failed", RETRY, ANY_HANDSHAKE),
    LISTED(22, "record_overflow", RETRY, ANY_HANDSHAKE),
    LISTED(30, "decompression_failure", IGNORE, ANY_HANDSHAKE),
    LISTED(40, "handshake_failure", RETRY, ANY_HANDSHAKE),
    LISTED(41, "no_certificate", IGNORE, ANY_HANDSHAKE),
    LISTED(42, "bad_certificate", FAIL, ANY_HANDSHAKE),
    LISTED(43, "unsupported_certificate", FAIL, ANY_HANDSHAKE),
    LISTED(44, "certificate_revoked", FAIL, ANY_HANDSHAKE),
    LISTED(45, "certificate_expired", FAIL, ANY_HANDSHAKE),
    LISTED(46, "certificate_unknown", FAIL, ANY_HANDSHAKE),
    LISTED(47, "illegal_parameter", RETRY, ANY_HANDSHAKE),
    LISTED(48, "unknown_ca", FAIL, ANY_HANDSHAKE),
    LISTED(49, "access_denied", FAIL, ANY_HANDSHAKE),
    LISTED(50, "decode_error", RETRY, ANY_HANDSHAKE),
    LISTED(51, "decrypt_error", RETRY, ANY_HANDSHAKE),
    ADDED(52, "too_many_cids_requested", RETRY, CONNECTION_ID),
    LISTED(60, "export_restriction", IGNORE, ANY_HANDSHAKE),
    LISTED(70, "protocol_version", RETRY, ANY_HANDSHAKE),
    LISTED(71, "insufficient_security", RETRY, ANY_HANDSHAKE),
    ADDED(80, "internal_error", RETRY, ANY_HANDSHAKE),
    LISTED(86, "inappropriate_fallback", RETRY, FALLBACK_SCSV),
    LISTED(90, "user_canceled", RETRY, ANY_HANDSHAKE),
    LISTED(100, "no_renegotiation", RETRY, ANY_HANDSHAKE),
    ADDED(109, "missing_extension", RETRY, ANY_HANDSHAKE),
    LISTED(110, "unsupported_extension", IGNORE, ANY_HANDSHAKE),
    LISTED(111, "certificate_unobtainable", RETRY, CLIENT_CERTIFICATE_URL),
    LISTED(112, "unrecognized_name", FAIL, SERVER_NAME),
    LISTED(113, "bad_certificate_status_response", FAIL, STATUS_REQUEST),
    LISTED(114, "bad_certificate_hash_value", FAIL, CLIENT_CERTIFICATE_URL),
    LISTED(115, "unknown_psk_identity", FAIL, ANY_HANDSHAKE),
    ADDED(116, "certificate_required", FAIL, ANY_HANDSHAKE),
    ADDED(117, "general_error", RETRY, ANY_HANDSHAKE),
    ADDED(120, "no_application_protocol", RETRY, ALPN),
    ADDED(121, "ech_required", RETRY, ENCRYPTED_HELLO),
};

static const lwsec_alert_row unknown = {"unknown", LWSEC_ALERT_RETRY, LWSEC_ALERT_ANY_HANDSHAKE,
                                        false};

const lwsec_alert_row *lwsec_alert_find(uint8_t number)
{
    return rows[number].name != NULL ? &rows[number] : &unknown;
}

/* R-5.2.10-04: a FAIL cannot be recovered from. R-5.2.10-05, R-5.2.10-06: all else may pass. */
lwsec_alert_effect lwsec_alert_judge(const lwsec_alert *alert)
{
    if (lwsec_alert_find(alert->number)->advice != LWSEC_ALERT_FAIL) {
        return LWSEC_ALERT_COUNTS;
    }
    if (alert->sent) {
        return LWSEC_ALERT_ENDS;
    }
    if (alert->out_of_scope &&
        lwsec_alert_find(alert->number)->scope != LWSEC_ALERT_ANY_HANDSHAKE) {
        return LWSEC_ALERT_COUNTS;
    }
    return alert->authenticated ? LWSEC_ALERT_ENDS : LWSEC_ALERT_DOUBTFUL;
}

const char *lwsec_alert_advice_name(lwsec_alert_advice advice)
{
    switch (advice) {
    case LWSEC_ALERT_RETRY: return "retry";
    case LWSEC_ALERT_FAIL: return "fail";
    case LWSEC_ALERT_IGNORE: return "ignore";
    }
    return "unknown";
}
