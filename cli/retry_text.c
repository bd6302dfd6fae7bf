/* Decisions of the retry engine as text. */
#include "retry_script.h"

#include <stdio.h>
#include <string.h>

const char *retry_action_name(lwsec_retry_action action)
{
    switch (action) {
    case LWSEC_RETRY_NOTHING: return "nothing";
    case LWSEC_RETRY_CONNECT: return "connect";
    case LWSEC_RETRY_BOOTSTRAP: return "bootstrap";
    case LWSEC_RETRY_AGAIN: return "retry";
    case LWSEC_RETRY_NEXT_SEQUENCE: return "next-sequence";
    case LWSEC_RETRY_FAILED: return "failed";
    case LWSEC_RETRY_REGISTERED: return "registered";
    case LWSEC_RETRY_BOOTSTRAPPED: return "bootstrapped";
    case LWSEC_RETRY_IGNORED: return "ignored";
    }
    return "unknown";
}

/* What follows the word of a decision, with a space before it; nothing for most. */
static void detail(const lwsec_retry_decision *decision, char *text, size_t size)
{
    text[0] = '\0';
    switch (decision->action) {
    case LWSEC_RETRY_CONNECT:
        (void)snprintf(text, size, " attempt=%u/%u sequence=%u/%u", (unsigned)decision->attempt,
                       (unsigned)decision->attempts, (unsigned)decision->sequence,
                       (unsigned)decision->sequences);
        break;
    case LWSEC_RETRY_BOOTSTRAP:
        (void)snprintf(text, size, " attempt=%u", (unsigned)decision->attempt);
        break;
    case LWSEC_RETRY_AGAIN:
    case LWSEC_RETRY_NEXT_SEQUENCE:
    case LWSEC_RETRY_FAILED:
        if (decision->wait == LWSEC_RETRY_NO_DEADLINE) {
            (void)snprintf(text, size, " stopped");
        } else {
            (void)snprintf(text, size, " wait=%llu", (unsigned long long)decision->wait / 1000U);
        }
        break;
    default: break;
    }
}

void retry_line_text(const retry_line *line, char text[RETRY_TEXT_MAX])
{
    const lwsec_retry_decision *decision = &line->decision;
    char tail[64];
    char alert[16] = "";

    detail(decision, tail, sizeof tail);
    if (decision->has_alert) {
        (void)snprintf(alert, sizeof alert, " alert=%u", decision->alert);
    }
    (void)snprintf(text, RETRY_TEXT_MAX, "T=%llu server=%u %s%s%s",
                   (unsigned long long)line->seconds, decision->server,
                   retry_action_name(decision->action), tail, alert);
}
