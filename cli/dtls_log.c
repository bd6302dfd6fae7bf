/* What happens in DTLS sessions, as lines of text or as JSON. */
#include "dtls_log.h"

#include <lwsec/cert.h>

#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX 2048U
#define WHO_MAX ((size_t)3 * LWSEC_DTLS_IDENTITY_MAX)

/* Takes the object over. `session` is NULL where it is about none. */
static void put(cli_dtls_log *log, const endpoint_session *session, const char *line,
                json_t *object)
{
    FILE *file = log->file != NULL ? log->file : stdout;
    char address[ENDPOINT_ADDRESS_TEXT] = "";

    if (log->many && session != NULL) {
        endpoint_address_write(&session->peer, address);
        (void)json_object_set_new(object, "address", json_string(address));
    }
    if (log->json && log->events != NULL) {
        (void)json_array_append_new(log->events, object);
        return;
    }
    if (log->json) {
        (void)json_dumpf(object, file, JSON_COMPACT);
        (void)fputc('\n', file);
    } else if (!log->silent) {
        (void)fprintf(file, "%s%s%s\n", address, address[0] != '\0' ? " " : "", line);
    }
    json_decref(object);
    (void)fflush(file);
}

/* ---- Who ---- */

/* As it is, if a terminal may show it and no line can be taken for another one; or in hex. */
static void write_name(lwsec_bytes name, char text[WHO_MAX])
{
    bool plain = name.size > 0;

    for (size_t i = 0; i < name.size; i++) {
        plain = plain && name.data[i] > 0x20 && name.data[i] < 0x7f;
    }
    plain = plain && (name.size < 4 || memcmp(name.data, "hex:", 4) != 0);
    if (name.size > LWSEC_DTLS_IDENTITY_MAX) {
        (void)snprintf(text, WHO_MAX, "-");
    } else if (plain) {
        (void)snprintf(text, WHO_MAX, "%.*s", (int)name.size, (const char *)name.data);
    } else {
        memcpy(text, "hex:", 5);
        cli_hex_write(name, &text[4]);
    }
}

bool cli_dtls_identity(const endpoint_session *session, uint8_t room[2048],
                       lwsec_identity *identity)
{
    lwsec_buffer out = lwsec_buffer_of(room, CERTIFICATE_MAX);
    lwsec_dtls_credential credential = LWSEC_DTLS_BY_PSK;

    *identity = (lwsec_identity){.kind = LWSEC_IDENTITY_NONE};
    if (lwsec_dtls_peer(session->dtls, &credential, &out) != LWSEC_OK) {
        return false;
    }
    identity->value = lwsec_buffer_bytes(&out);
    identity->kind = LWSEC_IDENTITY_PSK;
    if (credential == LWSEC_DTLS_BY_RAW_KEY) {
        identity->kind = LWSEC_IDENTITY_RPK;
    }
    if (credential == LWSEC_DTLS_BY_CERTIFICATE) {
        identity->kind = LWSEC_IDENTITY_CERTIFICATE;
        if (lwsec_cert_common_name(lwsec_buffer_bytes(&out), &identity->value) != LWSEC_OK) {
            identity->value = lwsec_bytes_of(NULL, 0);
        }
    }
    return true;
}

static const char *kind_name(const lwsec_identity *identity)
{
    switch (identity->kind) {
    case LWSEC_IDENTITY_PSK: return "psk";
    case LWSEC_IDENTITY_RPK: return "raw-key";
    default: return "certificate";
    }
}

static void tell_peer(cli_dtls_log *log, const endpoint_session *session)
{
    uint8_t room[CERTIFICATE_MAX];
    char name[WHO_MAX] = "-", line[WHO_MAX + 32];
    lwsec_identity identity;

    if (!cli_dtls_identity(session, room, &identity)) {
        return;
    }
    if (identity.value.data != NULL) {
        write_name(identity.value, name);
    }
    (void)snprintf(line, sizeof line, "peer %s %s", kind_name(&identity), name);
    put(log, session, line,
        json_pack("{s:s, s:s, s:s}", "event", "peer", "credential", kind_name(&identity), "name",
                  name));
}

/* ---- What ---- */

static void tell_done(cli_dtls_log *log, const endpoint_session *session, bool resumed)
{
    char suite[5], line[48];

    (void)snprintf(suite, sizeof suite, "%04x", lwsec_dtls_suite(session->dtls));
    (void)snprintf(line, sizeof line, "handshake done suite %s%s", suite,
                   resumed ? " resumed" : "");
    put(log, session, line,
        json_pack("{s:s, s:s, s:b}", "event", "handshake", "suite", suite, "resumed", resumed));
    tell_peer(log, session);
}

static const char *effect_name(lwsec_alert_effect effect)
{
    switch (effect) {
    case LWSEC_ALERT_COUNTS: return "counts";
    case LWSEC_ALERT_DOUBTFUL: return "doubtful";
    case LWSEC_ALERT_ENDS: return "ends";
    }
    return "unknown";
}

/* R-5.2.10-01 to -03: the recommendation of the table; and what this alert does to a sequence of
 * attempts, as who sent it counts. */
static void tell_alert(cli_dtls_log *log, const endpoint_session *session, const lwsec_alert *alert)
{
    const lwsec_alert_row *row = lwsec_alert_find(alert->number);
    const char *direction = alert->sent ? "sent" : "received";
    const char *advice = lwsec_alert_advice_name(row->advice);
    const char *effect = effect_name(lwsec_alert_judge(alert));
    char line[128];

    (void)snprintf(line, sizeof line, "alert %u %s %s %s %s", alert->number, row->name, direction,
                   advice, effect);
    put(log, session, line,
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:s}", "event", "alert", "alert", (int)alert->number,
                  "name", row->name, "direction", direction, "recommendation", advice, "effect",
                  effect));
}

static void tell_closed(cli_dtls_log *log, const endpoint_session *session, lwsec_why why)
{
    const char *text = why == LWSEC_WHY_NONE ? "as agreed" : lwsec_why_text(why);
    char line[160];

    log->failed = why != LWSEC_WHY_NONE;
    log->why = why;
    (void)snprintf(line, sizeof line, "closed: %s", text);
    put(log, session, line, json_pack("{s:s, s:s}", "event", "closed", "reason", text));
}

void cli_dtls_tell(cli_dtls_log *log, const endpoint_session *session,
                   const lwsec_dtls_event *event)
{
    switch (event->kind) {
    case LWSEC_DTLS_EVENT_DONE: tell_done(log, session, event->resumed); break;
    case LWSEC_DTLS_EVENT_ALERT: tell_alert(log, session, &event->alert); break;
    case LWSEC_DTLS_EVENT_CLOSED: tell_closed(log, session, event->why); break;
    default: break;
    }
}

void cli_dtls_tell_coap(cli_dtls_log *log, const endpoint_session *session, lwsec_bytes message)
{
    const size_t size = 2 * message.size + 6;
    char *line = cli_allocate(size);

    memcpy(line, "coap ", 6);
    cli_hex_write(message, &line[5]);
    put(log, session, line, json_pack("{s:s, s:s}", "event", "coap", "message", &line[5]));
    lwsec_wipe(line, size);
    free(line);
}

void cli_dtls_tell_address(cli_dtls_log *log, const char *what, const endpoint_address *address)
{
    char text[ENDPOINT_ADDRESS_TEXT], line[ENDPOINT_ADDRESS_TEXT + 16];

    endpoint_address_write(address, text);
    (void)snprintf(line, sizeof line, "%s %s", what, text);
    put(log, NULL, line, json_pack("{s:s, s:s}", "event", what, "address", text));
}
