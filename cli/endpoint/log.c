/* What happens on an endpoint, as lines of a log. */
#include "log.h"

#include "describe.h"

static const char *moment_name(endpoint_moment moment)
{
    switch (moment) {
    case ENDPOINT_SENT: return "sent";
    case ENDPOINT_RECEIVED: return "received";
    case ENDPOINT_CHALLENGED: return "challenged";
    case ENDPOINT_REFUSED: return "refused";
    case ENDPOINT_AGAIN: return "received again";
    }
    return "?";
}

static void print_bytes(FILE *file, const char *label, lwsec_bytes bytes)
{
    (void)fprintf(file, "  %-10s ", label);
    endpoint_print_hex(file, bytes);
}

static void print_number(FILE *file, lwsec_bytes wire)
{
    lwsec_oscore_option option;
    lwsec_reason reason;
    uint64_t number = 0;

    if (lwsec_oscore_peek(LWSEC_COAP_UDP, wire, &option, &reason) != LWSEC_OK || !option.present ||
        option.partial_iv.data == NULL) {
        return;
    }
    for (size_t i = 0; i < option.partial_iv.size; i++) {
        number = number << 8 | option.partial_iv.data[i];
    }
    (void)fprintf(file, " number %llu", (unsigned long long)number);
}

static void print_what(FILE *file, const endpoint_trace *trace)
{
    const lwsec_bytes shown = trace->plain.size > 0 ? trace->plain : trace->wire;
    lwsec_coap_message message;
    lwsec_reason reason;
    char error[6];

    (void)fprintf(file, "%s ", moment_name(trace->moment));
    if (trace->reason != NULL) {
        (void)fprintf(file, "(%s) ", trace->reason);
    }
    if (lwsec_coap_decode(LWSEC_COAP_UDP, shown, &message, &reason) == LWSEC_OK) {
        endpoint_print_message(file, &message);
    }
    if (trace->error != 0) {
        endpoint_code(trace->error, error);
        (void)fprintf(file, " -> %s", error);
    }
    (void)fputc('\n', file);
}

void endpoint_print_trace(FILE *file, const endpoint_trace *trace)
{
    print_what(file, trace);
    if (trace->plain.size > 0) {
        print_bytes(file, "plain", trace->plain);
        (void)fputc('\n', file);
    }
    print_bytes(file, trace->plain.size > 0 ? "protected" : "bytes", trace->wire);
    print_number(file, trace->wire);
    (void)fputc('\n', file);
    (void)fflush(file);
}
