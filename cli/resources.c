/* What `lwsec coap server` serves: values by path, in memory. */
#include "resources.h"

#include <stdio.h>
#include <string.h>

static cli_resource *find(cli_resources *resources, const char *path)
{
    for (size_t i = 0; i < CLI_RESOURCES; i++) {
        if (strcmp(resources->table[i].path, path) == 0) {
            return &resources->table[i];
        }
    }
    return NULL;
}

/* The place of this path, made where there is none. NULL: there is no room. */
static cli_resource *find_or_make(cli_resources *resources, const char *path)
{
    cli_resource *resource = find(resources, path);

    if (resource == NULL && strlen(path) < CLI_RESOURCE_PATH) {
        resource = find(resources, "");
        if (resource != NULL) {
            memcpy(resource->path, path, strlen(path) + 1);
        }
    }
    return resource;
}

static unsigned topic_of(const cli_resources *resources, const cli_resource *resource)
{
    return (unsigned)(resource - resources->table) + 1U;
}

static void set_text(cli_resource *resource, const char *text)
{
    resource->size = strlen(text);
    memcpy(resource->value, text, resource->size);
    resource->exists = true;
}

void cli_resources_init(cli_resources *resources)
{
    memset(resources, 0, sizeof *resources);
    set_text(find_or_make(resources, "/hello"), "hello from lwsec");
    set_text(find_or_make(resources, "/tick"), "0");
}

unsigned cli_resources_tick(cli_resources *resources)
{
    static unsigned long count;
    cli_resource *tick = find(resources, "/tick");
    char text[24];

    (void)snprintf(text, sizeof text, "%lu", ++count);
    set_text(tick, text);
    return topic_of(resources, tick);
}

void cli_resources_show(const cli_resources *resources, unsigned topic, endpoint_message *message)
{
    const cli_resource *resource = &resources->table[topic - 1U];

    endpoint_message_init(message, resource->exists ? LWSEC_COAP_CONTENT : LWSEC_COAP_NOT_FOUND);
    if (resource->exists) {
        if (resource->has_format) {
            endpoint_message_add_uint(message, LWSEC_COAP_CONTENT_FORMAT, resource->format);
        }
        message->head.payload = lwsec_bytes_of(resource->value, resource->size);
    }
}

/* ---- Methods ---- */

static unsigned get(cli_resources *resources, endpoint_incoming *request, const char *path,
                    endpoint_message *answer)
{
    const cli_resource *resource = find(resources, path);

    if (resource != NULL && resource->exists) {
        request->topic = topic_of(resources, resource);
        cli_resources_show(resources, request->topic, answer);
    }
    return 0;
}

static unsigned put(cli_resources *resources, const endpoint_incoming *request, const char *path,
                    endpoint_message *answer)
{
    const lwsec_bytes payload = request->plain.payload;
    cli_resource *resource = find_or_make(resources, path);
    lwsec_coap_option format;

    if (resource == NULL || payload.size > CLI_RESOURCE_VALUE) {
        answer->head.code = LWSEC_COAP_CODE(4, 13);
        return 0;
    }
    answer->head.code = resource->exists ? LWSEC_COAP_CHANGED : LWSEC_COAP_CREATED;
    resource->exists = true;
    resource->size = payload.size;
    if (payload.size > 0) {
        memcpy(resource->value, payload.data, payload.size);
    }
    resource->has_format =
        lwsec_coap_option_find(&request->plain, LWSEC_COAP_CONTENT_FORMAT, &format) &&
        lwsec_coap_option_uint(format.value, &resource->format);
    return topic_of(resources, resource);
}

static unsigned post(cli_resources *resources, const endpoint_incoming *request, const char *path,
                     endpoint_message *answer)
{
    if (strcmp(path, "/rd") == 0) {
        answer->head.code = LWSEC_COAP_CREATED;
        endpoint_message_add_path(answer, LWSEC_COAP_LOCATION_PATH, "/rd/1");
        return 0;
    }
    const unsigned changed = put(resources, request, path, answer);
    if (answer->head.code == LWSEC_COAP_CREATED) {
        answer->head.code = LWSEC_COAP_CHANGED;
    }
    return changed;
}

/* Deleting what is not there is done already: RFC 7252 section 5.8.4. */
static unsigned delete (cli_resources *resources, const char *path, endpoint_message *answer)
{
    cli_resource *resource = find(resources, path);

    answer->head.code = LWSEC_COAP_DELETED;
    if (resource == NULL || !resource->exists) {
        return 0;
    }
    resource->exists = false;
    return topic_of(resources, resource);
}

/* A critical option that is not understood refuses the request: RFC 7252 section 5.4.1. */
static bool understood(const lwsec_coap_message *request)
{
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option option;

    while (lwsec_coap_options_next(&walk, &option)) {
        switch (option.number) {
        case LWSEC_COAP_URI_HOST:
        case LWSEC_COAP_URI_PORT:
        case LWSEC_COAP_URI_PATH:
        case LWSEC_COAP_URI_QUERY:
        case LWSEC_COAP_ACCEPT:
        case LWSEC_COAP_BLOCK1:
        case LWSEC_COAP_BLOCK2: continue;
        default:
            if (option.number % 2 == 1) {
                return false;
            }
        }
    }
    return true;
}

unsigned cli_resources_serve(cli_resources *resources, endpoint_incoming *request, const char *path,
                             endpoint_message *answer)
{
    if (!understood(&request->plain)) {
        answer->head.code = LWSEC_COAP_BAD_OPTION;
        return 0;
    }
    switch (request->plain.code) {
    case LWSEC_COAP_GET: return get(resources, request, path, answer);
    case LWSEC_COAP_PUT: return put(resources, request, path, answer);
    case LWSEC_COAP_POST: return post(resources, request, path, answer);
    case LWSEC_COAP_DELETE: return delete (resources, path, answer);
    default: answer->head.code = LWSEC_COAP_METHOD_NOT_ALLOWED; return 0;
    }
}
