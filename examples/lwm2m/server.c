/* An LwM2M server for one client: takes its registration, then does what standard input says. */
#include "device.h"
#include "sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A line of standard input is one operation on the client:
 *   read PATH            write PATH VALUE            observe PATH COUNT            wake
 * The line "* done" follows when it is over.
 */
#define LINE_MAX_SIZE 128U
#define LOCATION "/rd/1"

typedef struct lwm2m_server {
    lwm2m_side side;
    lwm2m_sms sms;
    const char *sms_file;    /* NULL: no SMS channel */
    endpoint_address client; /* of the last Register or Update; size 0: none yet */
    char line[LINE_MAX_SIZE];
    size_t line_size;
    bool input_ended;
    bool busy; /* an operation is not over */
    char observed[64];
    unsigned notifications_left;
    endpoint_exchange *observation; /* kept until its cancelling is answered */
    bool cancelling;
} lwm2m_server;

/* ---- Registration interface ---- */

static void serve(void *program, endpoint_incoming *request, endpoint_message *answer)
{
    lwm2m_server *server = program;
    char path[64];

    answer->head.code = LWSEC_COAP_NOT_FOUND;
    if (request->plain.code != LWSEC_COAP_POST ||
        !endpoint_path(&request->plain, LWSEC_COAP_URI_PATH, path, sizeof path)) {
        return;
    }
    if (strcmp(path, "/rd") == 0) {
        answer->head.code = LWSEC_COAP_CREATED;
        endpoint_message_add_path(answer, LWSEC_COAP_LOCATION_PATH, LOCATION);
    } else if (strcmp(path, LOCATION) == 0 && server->client.size != 0) {
        answer->head.code = LWSEC_COAP_CHANGED;
    } else {
        return;
    }
    /* The request is authentic and fresh: this is where the client is now. */
    server->client = *request->peer;
    say("the client is %s", answer->head.code == LWSEC_COAP_CREATED ? "registered" : "back");
}

/* ---- Device management ---- */

static void finish(lwm2m_server *server, const char *how)
{
    server->busy = false;
    say("%s", how);
}

static void ask(lwm2m_server *server, uint8_t code, const char *path, const char *value,
                int observe, const endpoint_exchange *token_of)
{
    endpoint_message message;
    endpoint_exchange *exchange;
    lwsec_reason reason;

    endpoint_message_init(&message, code);
    if (observe >= 0) {
        endpoint_message_add_uint(&message, LWSEC_COAP_OBSERVE, (uint32_t)observe);
    }
    endpoint_message_add_path(&message, LWSEC_COAP_URI_PATH, path);
    if (value != NULL) {
        endpoint_message_add_uint(&message, LWSEC_COAP_CONTENT_FORMAT, 0);
        message.head.payload = lwsec_bytes_of(value, strlen(value));
    }
    if (endpoint_ask(&server->side.endpoint, &server->client, &message, token_of, &exchange,
                     &reason) != LWSEC_OK) {
        finish(server, lwsec_why_text(reason.why));
    }
}

/* An observation ends after so many notifications: the same request with Observe 1, and its token.
 */
static void take_answer(void *program, endpoint_exchange *exchange,
                        const lwsec_coap_message *answer)
{
    lwm2m_server *server = program;

    (void)answer;
    if (!exchange->observing) {
        if (server->observation != NULL) {
            endpoint_forget(server->observation);
            server->observation = NULL;
        }
        finish(server, "done");
    } else if (!server->cancelling && server->notifications_left == 0) {
        server->cancelling = true;
        server->observation = exchange;
        ask(server, LWSEC_COAP_GET, server->observed, NULL, 1, exchange);
    } else if (!server->cancelling) {
        server->notifications_left--;
    }
}

static void take_failure(void *program, endpoint_exchange *exchange, const char *why)
{
    (void)exchange;
    finish(program, why);
}

static void observe(lwm2m_server *server, const char *path, const char *count)
{
    (void)snprintf(server->observed, sizeof server->observed, "%s", path);
    server->notifications_left = (unsigned)strtoul(count, NULL, 10);
    server->cancelling = false;
    ask(server, LWSEC_COAP_GET, path, NULL, 0, NULL);
}

static void obey(lwm2m_server *server, char *line)
{
    char *rest = NULL;
    const char *operation = strtok_r(line, " ", &rest);
    const char *path = strtok_r(NULL, " ", &rest);
    const char *value = strtok_r(NULL, " ", &rest);

    if (operation != NULL && strcmp(operation, "wake") == 0 && server->sms_file != NULL) {
        finish(server, sms_wake(&server->sms, server->sms_file) ? "done" : "failed");
        return;
    }
    if (operation == NULL || path == NULL || server->client.size == 0) {
        say("nothing that can be done");
        return;
    }
    server->busy = true;
    if (strcmp(operation, "read") == 0) {
        ask(server, LWSEC_COAP_GET, path, NULL, -1, NULL);
    } else if (strcmp(operation, "write") == 0 && value != NULL) {
        ask(server, LWSEC_COAP_PUT, path, value, -1, NULL);
    } else if (strcmp(operation, "observe") == 0 && value != NULL) {
        observe(server, path, value);
    } else {
        finish(server, "nothing that can be done");
    }
}

/* ---- The program ---- */

static void read_input(lwm2m_server *server)
{
    char byte;

    if (read(STDIN_FILENO, &byte, 1) != 1) {
        server->input_ended = true;
    } else if (byte == '\n') {
        server->line[server->line_size] = '\0';
        server->line_size = 0;
        obey(server, server->line);
    } else if (server->line_size < LINE_MAX_SIZE - 1U) {
        server->line[server->line_size++] = byte;
    }
}

static void run(lwm2m_server *server)
{
    while (!stopped()) {
        const bool listens = !server->busy && !server->input_ended;
        if (endpoint_wait(&server->side.endpoint, INT64_MAX, listens ? STDIN_FILENO : -1)) {
            read_input(server);
        }
    }
}

static bool start(lwm2m_server *server, endpoint_address *address)
{
    static const endpoint_events events = {
        .trace = log_message, .answer = take_answer, .failed = take_failure, .serve = serve};
    char text[ENDPOINT_ADDRESS_TEXT];
    const int socket = endpoint_udp_listen(address);

    if (socket < 0 || endpoint_init(&server->side.endpoint, socket, server->side.oscore,
                                    server->side.store, &events, server) != LWSEC_OK) {
        say("no socket");
        return false;
    }
    endpoint_address_write(address, text);
    say("listening %s", text);
    run(server);
    endpoint_close(&server->side.endpoint);
    return true;
}

int main(int argc, char **argv)
{
    static lwm2m_server server;
    endpoint_address address;
    lwm2m_settings given;

    if (!read_settings(argc, argv, &given)) {
        return 2;
    }
    if (!endpoint_address_read(given.address, &address) ||
        !open_side(&server.side, &given, "server", "client")) {
        return 1;
    }
    server.sms_file = given.sms;
    if (given.sms != NULL && !sms_open(&server.sms, &server.side, given.sms_keys, given.fresh)) {
        close_side(&server.side);
        return 1;
    }
    stop_on_signals();
    const bool good = start(&server, &address);
    sms_close(&server.sms);
    close_side(&server.side);
    return good ? 0 : 1;
}
