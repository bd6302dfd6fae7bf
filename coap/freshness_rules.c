/* Which operations need freshness: LwM2M transport 1.2, clause 5.7. */
#include <lwsec/coap_freshness.h>

#include <string.h>

#define POST (UINT32_C(1) << LWSEC_COAP_POST)
#define PUT (UINT32_C(1) << LWSEC_COAP_PUT)
#define FETCH (UINT32_C(1) << LWSEC_COAP_FETCH)
#define GET (UINT32_C(1) << LWSEC_COAP_GET)
#define IPATCH (UINT32_C(1) << LWSEC_COAP_IPATCH)

/* The next segment of a pattern, without its slash; false at the end. */
static bool next_segment(const char **pattern, lwsec_bytes *segment)
{
    if (**pattern != '/') {
        return false;
    }
    const char *start = *pattern + 1;
    const size_t size = strcspn(start, "/");
    *segment = lwsec_bytes_of(start, size);
    *pattern = start + size;
    return size > 0;
}

static bool segment_fits(lwsec_bytes pattern, lwsec_bytes segment)
{
    const bool any = pattern.size == 1 && pattern.data[0] == '*';

    return any || lwsec_equal_secret(pattern, segment);
}

/* Whether the request's path is the rule's, or is above it where that counts too. */
static bool path_fits(const lwsec_freshness_rule *rule, const lwsec_coap_message *request)
{
    lwsec_coap_walk walk = lwsec_coap_options(request);
    const char *pattern = rule->path;
    lwsec_coap_option option;
    lwsec_bytes segment;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number != LWSEC_COAP_URI_PATH || option.value.size == 0) {
            continue; /* an empty segment, as of "/3/", hides nothing */
        }
        if (!next_segment(&pattern, &segment) || !segment_fits(segment, option.value)) {
            return false;
        }
    }
    return rule->ancestors || !next_segment(&pattern, &segment);
}

bool lwsec_freshness_needed(const lwsec_freshness *freshness, const lwsec_coap_message *request)
{
    for (size_t i = 0; i < freshness->rule_count; i++) {
        const lwsec_freshness_rule *rule = &freshness->rules[i];
        if (request->code < 32 && (rule->codes >> request->code & 1U) != 0 &&
            path_fits(rule, request)) {
            return true;
        }
    }
    return false;
}

/* R-6.x-adj-02, R-6.x-adj-05: the operations that begin a dialogue. */
const lwsec_freshness_rule *lwsec_lwm2m_server_freshness(size_t *count)
{
    static const lwsec_freshness_rule rules[] = {
        {"/bs", POST, false},
        {"/bspack", GET | FETCH, false},
        {"/rd", POST, false},
    };

    *count = sizeof rules / sizeof rules[0];
    return rules;
}

/* R-5.2.9.5-04: a Write to Current Time by any of its ways (at the resource, above it, or in a
 * composite one at the root). R-5.7-01, R-5.1-12: and the Executes that cannot be
 * undone. */
const lwsec_freshness_rule *lwsec_lwm2m_client_freshness(size_t *count)
{
    static const lwsec_freshness_rule rules[] = {
        {"/3/*/13", PUT | POST | IPATCH, true}, /* Current Time */
        {"/1/*/8", POST, false},                /* Registration Update Trigger */
        {"/1/*/9", POST, false},                /* Bootstrap-Request Trigger */
        {"/3/*/4", POST, false},                /* Reboot */
        {"/3/*/5", POST, false},                /* Factory Reset */
        {"/5/*/2", POST, false},                /* Update */
    };

    *count = sizeof rules / sizeof rules[0];
    return rules;
}
