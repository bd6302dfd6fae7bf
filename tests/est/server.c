/* A small EST-coaps server, right or wrong: CoAP messages in and out, with an authority behind it.
 */
#include "tests/est/server.h"

#define RESEND 2000U

void est_server_init(est_server *server, const ca *authority)
{
    const lwsec_block1_receiver_config config = {
        .size = sizeof config, .transfers = 1, .body_max = 2048, .key_max = 256};

    memset(server, 0, sizeof *server);
    server->authority = authority;
    server->crts[0] = ca_certificate(authority);
    server->crts_count = 1;
    server->path = "/.well-known/est";
    server->szx = 6;
    server->format = LWSEC_EST_CERTS_ONLY;
    server->links_format = LWSEC_EST_LINKS;
    server->message_id = 0x7000;
    server->same_request = true;
    server->waiting_until = UINT64_MAX;
    assert_status(lwsec_block1_receiver_init(server->memory, sizeof server->memory, &config,
                                             &server->receiver, NULL),
                  LWSEC_OK);
}

void est_server_close(est_server *server)
{
    lwsec_block1_receiver_close(&server->receiver);
}

/* ---- Out ---- */

static void enqueue(est_server *server, lwsec_bytes message, uint64_t at)
{
    assert_true(server->queued < EST_SERVER_QUEUE && message.size <= LWSEC_EST_MESSAGE_MAX);
    memcpy(server->queue[server->queued].data, message.data, message.size);
    server->queue[server->queued].size = message.size;
    server->queue[server->queued++].at = at;
}

bool est_server_take(est_server *server, uint64_t now, lwsec_buffer *message)
{
    if (server->waiting_size > 0 && server->waiting_until <= now) {
        enqueue(server, lwsec_bytes_of(server->waiting, server->waiting_size), now);
        server->resends++;
        server->waiting_until = now + RESEND;
    }
    for (size_t i = 0; i < server->queued; i++) {
        if (server->queue[i].at <= now) {
            assert_true(server->queue[i].size <= message->capacity);
            memcpy(message->data, server->queue[i].data, server->queue[i].size);
            message->size = server->queue[i].size;
            server->queue[i] = server->queue[--server->queued];
            return true;
        }
    }
    return false;
}

uint64_t est_server_deadline(const est_server *server)
{
    uint64_t next = server->waiting_size > 0 ? server->waiting_until : UINT64_MAX;

    for (size_t i = 0; i < server->queued; i++) {
        next = server->queue[i].at < next ? server->queue[i].at : next;
    }
    return next;
}

static void add(lwsec_coap_option *list, size_t *count, uint32_t number, lwsec_bytes value)
{
    size_t place = (*count)++;

    for (; place > 0 && list[place - 1].number > number; place--) {
        list[place] = list[place - 1];
    }
    list[place] = (lwsec_coap_option){number, value};
}

/* One answer: its code, the options of a part, and more. */
typedef struct reply {
    uint8_t code;
    lwsec_bytes payload;
    lwsec_coap_option options[12];
    size_t count;
    uint8_t values[3][4];
    bool separate;
} reply;

static void add_part(reply *to, const lwsec_block_part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        add(to->options, &to->count, part->options[i].number, part->options[i].value);
    }
}

static lwsec_bytes encode(const reply *of, uint8_t type, uint16_t id, lwsec_bytes token,
                          uint8_t room[LWSEC_EST_MESSAGE_MAX])
{
    lwsec_buffer out = lwsec_buffer_of(room, LWSEC_EST_MESSAGE_MAX);
    const lwsec_coap_message head = {
        .type = type, .code = of->code, .message_id = id, .token = token, .payload = of->payload};

    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, of->options, of->count, &out, NULL),
                  LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

static void remember(est_server *server, uint16_t id, lwsec_bytes sent)
{
    server->has_last = true;
    server->last_id = id;
    server->last_size = sent.size;
    memcpy(server->last, sent.data, sent.size);
}

static void respond(est_server *server, const lwsec_coap_message *request, const reply *of,
                    uint64_t now)
{
    const reply empty = {.code = LWSEC_COAP_EMPTY};
    uint8_t room[LWSEC_EST_MESSAGE_MAX];

    if (!of->separate) {
        const lwsec_bytes sent =
            encode(of, LWSEC_COAP_ACK, request->message_id, request->token, room);
        remember(server, request->message_id, sent);
        enqueue(server, sent, now);
        return;
    }
    const lwsec_bytes none = {NULL, 0};
    const lwsec_bytes ack = encode(&empty, LWSEC_COAP_ACK, request->message_id, none, room);
    remember(server, request->message_id, ack);
    enqueue(server, ack, now);
    server->waiting_id = server->message_id++;
    const uint8_t type = server->separate_non ? LWSEC_COAP_NON : LWSEC_COAP_CON;
    const lwsec_bytes later = encode(of, type, server->waiting_id, request->token, room);
    enqueue(server, later, now + server->separate);
    if (!server->separate_non) {
        memcpy(server->waiting, later.data, later.size);
        server->waiting_size = later.size;
        server->waiting_until = now + server->separate + RESEND;
    }
}

/* ---- In ---- */

static lwsec_bytes body_of(const est_server *server, const lwsec_bytes *certificates, size_t count)
{
    return server->format == LWSEC_EST_CERTIFICATE ? certificates[0] : ca_pack(certificates, count);
}

/* A representation in blocks, with what is wrong with it. */
static void serve(est_server *server, const lwsec_coap_message *request, lwsec_bytes body,
                  est_fault fault, reply *to, lwsec_block_part *part)
{
    const lwsec_block_source source = {.body = {body.data, body.size - (fault == EST_BROKEN)},
                                       .etag = lwsec_bytes_of("e", 1)};
    lwsec_block block = {0, 0, false};
    uint32_t format = server->format;
    uint8_t code = to->code;

    if (fault == EST_EMPTY) {
        add(to->options, &to->count, LWSEC_COAP_CONTENT_FORMAT,
            lwsec_coap_uint_value(format, to->values[0]));
        return;
    }
    if (lwsec_block2_serve(&source, server->szx, request, part, &code, NULL) != LWSEC_OK) {
        to->code = code;
        return;
    }
    add_part(to, part);
    to->payload = part->payload;
    if (fault == EST_OTHER_FORMAT ||
        (fault == EST_CHANGING_FORMAT &&
         lwsec_block_find(request, LWSEC_COAP_BLOCK2, &block, NULL) == LWSEC_OK &&
         block.number > 0)) {
        format = format == LWSEC_EST_CERTS_ONLY && fault == EST_CHANGING_FORMAT
                     ? LWSEC_EST_CERTIFICATE
                     : LWSEC_EST_PKCS10;
    }
    if (fault != EST_NO_FORMAT) {
        add(to->options, &to->count, LWSEC_COAP_CONTENT_FORMAT,
            lwsec_coap_uint_value(format, to->values[0]));
    }
    if (fault == EST_CRITICAL) {
        add(to->options, &to->count, 2049, lwsec_bytes_of("x", 1));
    }
}

static bool is_first_block(const lwsec_coap_message *request)
{
    lwsec_block block = {0, 0, false};

    return lwsec_block_find(request, LWSEC_COAP_BLOCK2, &block, NULL) != LWSEC_OK ||
           block.number == 0;
}

static void give_authorities(est_server *server, const lwsec_coap_message *request, reply *to,
                             lwsec_block_part *part)
{
    if (is_first_block(request)) {
        server->crts_asked++;
        to->separate = server->separate > 0;
    }
    to->code = server->crts_fault == EST_FORBIDS         ? LWSEC_COAP_CODE(4, 3)
               : server->crts_fault == EST_OTHER_SUCCESS ? LWSEC_COAP_CHANGED
                                                         : LWSEC_COAP_CONTENT;
    if (server->crts_fault != EST_FORBIDS) {
        serve(server, request, body_of(server, server->crts, server->crts_count),
              server->crts_fault, to, part);
    }
}

static void note_request(est_server *server, lwsec_bytes body)
{
    server->same_request =
        server->same_request &&
        (server->request.size == 0 || (server->request.size == body.size &&
                                       memcmp(server->request.data, body.data, body.size) == 0));
    assert_true(body.size <= sizeof server->request_room);
    memcpy(server->request_room, body.data, body.size);
    server->request = lwsec_bytes_of(server->request_room, body.size);
}

static void put_off(est_server *server, reply *to)
{
    server->later--;
    to->code = LWSEC_COAP_CODE(5, 3);
    if (server->max_age != UINT32_MAX) {
        add(to->options, &to->count, LWSEC_COAP_MAX_AGE,
            lwsec_coap_uint_value(server->max_age, to->values[1]));
    }
}

static bool is_pkcs10(const lwsec_coap_message *request)
{
    lwsec_coap_option option;
    uint32_t format = 0;

    return lwsec_coap_option_find(request, LWSEC_COAP_CONTENT_FORMAT, &option) &&
           lwsec_coap_option_uint(option.value, &format) && format == LWSEC_EST_PKCS10;
}

static void enrol(est_server *server, const lwsec_coap_message *request, bool renews, uint64_t now,
                  reply *to, lwsec_block1_taken *taken, lwsec_block_part *part)
{
    to->code = LWSEC_COAP_CHANGED;
    if (is_first_block(request)) {
        const lwsec_status status = lwsec_block1_receive(
            server->receiver, lwsec_bytes_of("peer", 4), request, now, taken, NULL);
        add_part(to, &taken->part);
        if (status != LWSEC_OK || !taken->whole) {
            to->code = taken->code;
            return;
        }
        note_request(server, taken->body);
        if (server->later > 0) {
            put_off(server, to);
            return;
        }
        server->issued = ca_issue(server->issuer != NULL ? server->issuer : server->authority,
                                  taken->body, &server->wish);
        if (server->issued.data == NULL || !is_pkcs10(request)) {
            to->code = LWSEC_COAP_BAD_REQUEST;
            return;
        }
        server->enrolled += renews ? 0U : 1U;
        server->renewed += renews ? 1U : 0U;
        to->separate = server->separate > 0 && !server->separate_crts;
    }
    if (server->sen_fault == EST_FORBIDS) {
        to->code = LWSEC_COAP_CODE(4, 3);
        return;
    }
    if (server->sen_fault == EST_OTHER_SUCCESS) {
        to->code = LWSEC_COAP_CONTENT;
    }
    serve(server, request, body_of(server, &server->issued, 1), server->sen_fault, to, part);
}

static bool is_at(const lwsec_coap_message *request, const char *expected)
{
    char path[128] = "";
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option option;

    while (lwsec_coap_options_next(&walk, &option)) {
        const size_t size = strlen(path);
        if (option.number == LWSEC_COAP_URI_PATH) {
            (void)snprintf(&path[size], sizeof path - size, "/%.*s", (int)option.value.size,
                           (const char *)option.value.data);
        }
    }
    return strcmp(path, expected) == 0;
}

static bool names(const est_server *server, const lwsec_coap_message *request, const char *function)
{
    char expected[128];

    (void)snprintf(expected, sizeof expected, "%s/%s", server->path, function);
    return is_at(request, expected);
}

/* RFC 9148 section 4.1. */
static bool discovers(const lwsec_coap_message *request)
{
    lwsec_coap_option query;

    return request->code == LWSEC_COAP_GET && is_at(request, "/.well-known/core") &&
           lwsec_coap_option_find(request, LWSEC_COAP_URI_QUERY, &query) &&
           query.value.size == 11 && memcmp(query.value.data, "rt=ace.est*", 11) == 0;
}

static void give_links(est_server *server, const lwsec_coap_message *request, reply *to,
                       lwsec_block_part *part)
{
    const uint16_t format = server->format;

    if (server->links != NULL) {
        server->discovered += is_first_block(request) ? 1U : 0U;
        to->code = LWSEC_COAP_CONTENT;
        server->format = server->links_format;
        serve(server, request, lwsec_bytes_of(server->links, strlen(server->links)), EST_RIGHT, to,
              part);
        server->format = format;
    }
}

static void reset(est_server *server, uint16_t id, uint64_t now)
{
    const reply empty = {.code = LWSEC_COAP_EMPTY};
    const lwsec_bytes none = {NULL, 0};
    uint8_t room[LWSEC_EST_MESSAGE_MAX];

    enqueue(server, encode(&empty, LWSEC_COAP_RST, id, none, room), now);
}

static void act(est_server *server, const lwsec_coap_message *request, uint64_t now)
{
    const bool renews = names(server, request, "sren");
    lwsec_block1_taken taken; /* holds options of the answer, as the next one does */
    lwsec_block_part part;
    reply made = {.code = LWSEC_COAP_NOT_FOUND};
    const bool crts = request->code == LWSEC_COAP_GET && names(server, request, "crts");
    const bool enrols =
        request->code == LWSEC_COAP_POST && (renews || names(server, request, "sen"));
    const est_fault fault = crts ? server->crts_fault : server->sen_fault;

    if (fault == EST_SILENT || fault == EST_RESETS) {
        if (fault == EST_RESETS) {
            reset(server, request->message_id, now);
        }
        return;
    }
    if (discovers(request)) {
        give_links(server, request, &made, &part);
    } else if (crts) {
        give_authorities(server, request, &made, &part);
    } else if (enrols) {
        enrol(server, request, renews, now, &made, &taken, &part);
    }
    respond(server, request, &made, now);
}

void est_server_feed(est_server *server, lwsec_bytes message, uint64_t now)
{
    lwsec_coap_message request;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, message, &request, NULL), LWSEC_OK);
    if (request.type == LWSEC_COAP_ACK) {
        assert_int_equal(request.code, LWSEC_COAP_EMPTY);
        if (server->waiting_size > 0 && request.message_id == server->waiting_id) {
            server->waiting_size = 0;
            server->acknowledged = true;
        }
        return;
    }
    assert_int_equal(request.type, LWSEC_COAP_CON);
    if (server->has_last && request.message_id == server->last_id) {
        enqueue(server, lwsec_bytes_of(server->last, server->last_size), now);
        return;
    }
    act(server, &request, now);
}
