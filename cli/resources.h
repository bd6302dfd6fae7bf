/* What `lwsec coap server` serves: values by path, in memory. */
#ifndef CLI_RESOURCES_H
#define CLI_RESOURCES_H

#include "endpoint.h"

#define CLI_RESOURCES 64U
#define CLI_RESOURCE_PATH 128U
#define CLI_RESOURCE_VALUE ENDPOINT_BODY_MAX

/* One value. Its topic for observers is its place in the table, from 1 on. */
typedef struct cli_resource {
    bool exists;
    bool has_format;
    char path[CLI_RESOURCE_PATH]; /* empty: a free place */
    uint32_t format;
    uint8_t value[CLI_RESOURCE_VALUE];
    size_t size;
} cli_resource;

typedef struct cli_resources {
    cli_resource table[CLI_RESOURCES];
} cli_resources;

/* Fills it with /hello and /tick. */
void cli_resources_init(cli_resources *resources);

/* Answers a request. The topic whose value has changed, or 0. */
unsigned cli_resources_serve(cli_resources *resources, endpoint_incoming *request, const char *path,
                             endpoint_message *answer);

/* The present value of a topic, as a notification. */
void cli_resources_show(const cli_resources *resources, unsigned topic, endpoint_message *message);

/* Sets /tick to the next number; its topic. */
unsigned cli_resources_tick(cli_resources *resources);

#endif
