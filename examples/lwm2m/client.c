/* An LwM2M client: registers, then answers Read, Write and Observe of three resources. */
#include "device.h"
#include "sms.h"

#if defined(LWM2M_CARD)
#include "card.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDPOINT_NAME "ep=lwsec-demo"
#define LINK_FORMAT 40U /* application/link-format */
#define PLAIN_TEXT 0U
#define CHANGE_MILLISECONDS 200
#define VALUE_MAX 32U

/* A resource; its topic for observers is its place in the table, from 1 on. */
typedef struct lwm2m_resource {
    const char *path;
    bool writable;
    char value[VALUE_MAX];
} lwm2m_resource;

typedef struct lwm2m_client {
    lwm2m_side side;
    lwm2m_sms sms;
#if defined(LWM2M_CARD)
    lwm2m_card card;
#endif
    int modem; /* where TPDUs, or news of the card, come from; -1: no SMS channel */
    endpoint_address server;
    const char *registration; /* file */
    char location[64];
    bool failed;
    lwm2m_resource resources[3];
} lwm2m_client;

enum { MANUFACTURER, LIFETIME, TEMPERATURE };

/* ---- Registration: LwM2M Core 6.2 ---- */

static void load_location(lwm2m_client *client)
{
    FILE *file = client->registration != NULL ? fopen(client->registration, "r") : NULL;

    if (file == NULL) {
        return;
    }
    if (fgets(client->location, sizeof client->location, file) == NULL) {
        client->location[0] = '\0';
    }
    (void)fclose(file);
    client->location[strcspn(client->location, "\n")] = '\0';
}

static void save_location(const lwm2m_client *client)
{
    FILE *file = client->registration != NULL ? fopen(client->registration, "w") : NULL;

    if (file != NULL) {
        (void)fprintf(file, "%s\n", client->location);
        (void)fclose(file);
    }
}

static bool send_registration(lwm2m_client *client)
{
    static const char objects[] = "</1/0>,</3/0>,</3303/0>";
    const bool update = client->location[0] != '\0';
    endpoint_message message;
    endpoint_exchange *exchange;
    lwsec_reason reason;

    endpoint_message_init(&message, LWSEC_COAP_POST);
    endpoint_message_add_path(&message, LWSEC_COAP_URI_PATH, update ? client->location : "/rd");
    if (!update) {
        endpoint_message_add_uint(&message, LWSEC_COAP_CONTENT_FORMAT, LINK_FORMAT);
        endpoint_message_add_text(&message, LWSEC_COAP_URI_QUERY, ENDPOINT_NAME);
        endpoint_message_add_text(&message, LWSEC_COAP_URI_QUERY, "lt=300");
        endpoint_message_add_text(&message, LWSEC_COAP_URI_QUERY, "lwm2m=1.2");
        endpoint_message_add_text(&message, LWSEC_COAP_URI_QUERY, "b=U");
        message.head.payload = lwsec_bytes_of(objects, strlen(objects));
    }
    const lwsec_status status =
        endpoint_ask(&client->side.endpoint, &client->server, &message, NULL, &exchange, &reason);
    if (status != LWSEC_OK) {
        say("cannot send: %s", lwsec_why_text(reason.why));
    }
    return status == LWSEC_OK;
}

static void take_answer(void *program, endpoint_exchange *exchange,
                        const lwsec_coap_message *answer)
{
    lwm2m_client *client = program;

    (void)exchange;
    if (answer->code == LWSEC_COAP_CREATED &&
        endpoint_path(answer, LWSEC_COAP_LOCATION_PATH, client->location,
                      sizeof client->location)) {
        save_location(client);
        say("registered as %s", client->location);
    } else if (answer->code == LWSEC_COAP_CHANGED) {
        say("updated %s", client->location);
    } else {
        say("the server refused the registration");
        client->failed = true;
    }
}

static void take_failure(void *program, endpoint_exchange *exchange, const char *why)
{
    lwm2m_client *client = program;

    (void)exchange;
    say("the registration failed: %s", why);
    client->failed = true;
}

/* ---- Device management: LwM2M Core 6.3 and 6.4 ---- */

static void show(const lwm2m_client *client, unsigned topic, endpoint_message *message)
{
    const char *value = client->resources[topic - 1U].value;

    endpoint_message_init(message, LWSEC_COAP_CONTENT);
    endpoint_message_add_uint(message, LWSEC_COAP_CONTENT_FORMAT, PLAIN_TEXT);
    message->head.payload = lwsec_bytes_of(value, strlen(value));
}

static void write_value(lwm2m_resource *resource, lwsec_bytes payload, endpoint_message *answer)
{
    if (!resource->writable) {
        answer->head.code = LWSEC_COAP_METHOD_NOT_ALLOWED;
    } else if (payload.size == 0 || payload.size >= VALUE_MAX) {
        answer->head.code = LWSEC_COAP_BAD_REQUEST;
    } else {
        memcpy(resource->value, payload.data, payload.size);
        resource->value[payload.size] = '\0';
        answer->head.code = LWSEC_COAP_CHANGED;
        say("%s is now %s", resource->path, resource->value);
    }
}

static void serve(void *program, endpoint_incoming *request, endpoint_message *answer)
{
    lwm2m_client *client = program;
    char path[64];

    answer->head.code = LWSEC_COAP_NOT_FOUND;
    if (!endpoint_path(&request->plain, LWSEC_COAP_URI_PATH, path, sizeof path)) {
        return;
    }
    for (unsigned i = 0; i < sizeof client->resources / sizeof client->resources[0]; i++) {
        lwm2m_resource *resource = &client->resources[i];
        if (strcmp(path, resource->path) != 0) {
            continue;
        }
        if (request->plain.code == LWSEC_COAP_GET) {
            request->topic = i + 1U;
            show(client, request->topic, answer);
        } else if (request->plain.code == LWSEC_COAP_PUT) {
            write_value(resource, request->plain.payload, answer);
        } else {
            answer->head.code = LWSEC_COAP_METHOD_NOT_ALLOWED;
        }
    }
}

/* The room warms up as long as somebody looks. */
static void change_temperature(lwm2m_client *client)
{
    const unsigned topic = TEMPERATURE + 1U;
    endpoint_message message;

    if (!endpoint_observed(&client->side.endpoint, topic)) {
        return;
    }
    lwm2m_resource *temperature = &client->resources[TEMPERATURE];
    (void)snprintf(temperature->value, sizeof temperature->value, "%.1f",
                   strtod(temperature->value, NULL) + 0.5);
    show(client, topic, &message);
    endpoint_notify(&client->side.endpoint, topic, &message);
}

/* ---- SMS: LwM2M Transport 6.6 ---- */

static bool open_channel(lwm2m_client *client, const lwm2m_settings *given)
{
#if defined(LWM2M_CARD)
    if (given->card_keys != NULL) {
        return card_open(&client->card, &client->side, given->card_keys);
    }
#endif
    return given->sms_keys != NULL &&
           sms_open(&client->sms, &client->side, given->sms_keys, given->fresh);
}

static bool open_modem(lwm2m_client *client, const lwm2m_settings *given)
{
    client->modem = -1;
    if (given->sms == NULL) {
        return true;
    }
    /* Also for writing: a pipe that nobody writes to is at its end otherwise. */
    client->modem = open(given->sms, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return client->modem >= 0 && open_channel(client, given);
}

/* A line is a TPDU; or, with a card, which gets them itself, it says that there was one. */
static bool take_character(lwm2m_client *client, char character)
{
#if defined(LWM2M_CARD)
    if (client->card.session != NULL) {
        return character == '\n' && card_take(&client->card);
    }
#endif
    return sms_take(&client->sms, character);
}

/* A trigger is never answered: it is obeyed. */
static void read_modem(lwm2m_client *client)
{
    char characters[64];
    const ssize_t size = read(client->modem, characters, sizeof characters);

    for (ssize_t i = 0; i < size; i++) {
        if (take_character(client, characters[i]) && !send_registration(client)) {
            client->failed = true;
        }
    }
}

static void close_modem(lwm2m_client *client)
{
    sms_close(&client->sms);
#if defined(LWM2M_CARD)
    card_close(&client->card);
#endif
    if (client->modem >= 0) {
        (void)close(client->modem);
    }
}

/* ---- The program ---- */

static void run(lwm2m_client *client)
{
    int64_t next_change = endpoint_now() + CHANGE_MILLISECONDS;

    while (!stopped() && !client->failed) {
        if (endpoint_wait(&client->side.endpoint, next_change, client->modem)) {
            read_modem(client);
        }
        if (endpoint_now() >= next_change) {
            change_temperature(client);
            next_change = endpoint_now() + CHANGE_MILLISECONDS;
        }
    }
}

static bool start(lwm2m_client *client)
{
    static const endpoint_events events = {
        .trace = log_message, .answer = take_answer, .failed = take_failure, .serve = serve};
    const int socket = endpoint_udp_connect(&client->server);

    if (socket < 0 || endpoint_init(&client->side.endpoint, socket, client->side.oscore,
                                    client->side.store, &events, client) != LWSEC_OK) {
        say("no socket");
        return false;
    }
    load_location(client);
    if (send_registration(client)) {
        run(client);
    } else {
        client->failed = true;
    }
    endpoint_close(&client->side.endpoint);
    return !client->failed;
}

int main(int argc, char **argv)
{
    static lwm2m_client client;
    lwm2m_settings given;

    if (!read_settings(argc, argv, &given)) {
        return 2;
    }
    if (!endpoint_address_read(given.address, &client.server) ||
        !open_side(&client.side, &given, "client", "server")) {
        return 1;
    }
    client.registration = given.registration;
    client.resources[MANUFACTURER] = (lwm2m_resource){"/3/0/0", false, "lwsec"};
    client.resources[LIFETIME] = (lwm2m_resource){"/1/0/1", true, "300"};
    client.resources[TEMPERATURE] = (lwm2m_resource){"/3303/0/5700", false, "20.0"};
    stop_on_signals();
    const bool good = open_modem(&client, &given) && start(&client);
    close_modem(&client);
    close_side(&client.side);
    return good ? 0 : 1;
}
