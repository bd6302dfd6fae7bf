/* Two links with contexts of one secret, and the stacks and the network around them. */
#include "tests/oscore/links.h"

#define ROOM 1024U
#define ROOMS 512U
#define MESSAGE_MAX 512U
#define LINK_WORDS 16384U

static links two;
static uint8_t rooms[ROOMS][ROOM];
static size_t rooms_used;
static uint64_t memory[2][LINK_WORDS];

static uint8_t *new_room(void)
{
    assert_true(rooms_used < ROOMS);
    return rooms[rooms_used++];
}

int links_set_up(void **state)
{
    void *both = NULL;

    assert_int_equal(pair_set_up(&both), 0);
    memset(&two, 0, sizeof two);
    rooms_used = 0;
    two.both = both;
    two.now = 1000;
    two.config = (lwsec_oscore_link_config){.size = sizeof two.config,
                                            .exchanges = 4,
                                            .message_max = MESSAGE_MAX,
                                            .first_message_id = 0xa000};
    *state = &two;
    return 0;
}

int links_tear_down(void **state)
{
    lwsec_oscore_link_close(&two.client);
    lwsec_oscore_link_close(&two.server);
    return pair_tear_down(state);
}

static lwsec_oscore_link *open_one(const links *self, endpoint *end, uint64_t *place)
{
    lwsec_oscore_link_config config = self->config;
    lwsec_oscore_link *link = NULL;

    config.context = end->context;
    config.framing = self->framing;
    assert_in_range(lwsec_oscore_link_size(&config), 1, LINK_WORDS * 8);
    assert_status(
        lwsec_oscore_link_init(place, lwsec_oscore_link_size(&config), &config, &link, NULL),
        LWSEC_OK);
    return link;
}

void links_open(links *self)
{
    self->both->client.config.framing = self->framing;
    self->both->server.config.framing = self->framing;
    pair_open(self->both);
    self->client = open_one(self, &self->both->client, memory[0]);
    self->server = open_one(self, &self->both->server, memory[1]);
}

void links_open_challenging(links *self)
{
    self->both->server.config.flags = LWSEC_KEY_FRESH;
    links_open(self);
}

static void add(lwsec_coap_option *options, size_t *count, uint32_t number, const char *value)
{
    if (value != NULL) {
        options[(*count)++] = text_option(number, value);
    }
}

lwsec_bytes coap(const links *self, uint8_t type, uint8_t code, uint16_t message_id,
                 const char *token, body parts)
{
    const char *payload = parts.payload != NULL ? parts.payload : "";
    const lwsec_coap_message head = {.type = type,
                                     .code = code,
                                     .message_id = message_id,
                                     .token = lwsec_bytes_of(token, strlen(token)),
                                     .payload = lwsec_bytes_of(payload, strlen(payload))};
    lwsec_buffer out = lwsec_buffer_of(new_room(), ROOM);
    lwsec_coap_option options[4];
    size_t count = 0;

    add(options, &count, LWSEC_COAP_OBSERVE, parts.observe);
    add(options, &count, LWSEC_COAP_URI_PATH, parts.path);
    add(options, &count, LWSEC_COAP_URI_QUERY, parts.query);
    add(options, &count, LWSEC_COAP_ECHO, parts.echo);
    assert_status(lwsec_coap_encode(self->framing, &head, options, count, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

static lwsec_status try_send(links *self, lwsec_oscore_link *link, lwsec_bytes plain,
                             lwsec_buffer *out, lwsec_reason *reason)
{
    *out = lwsec_buffer_of(new_room(), ROOM);
    return lwsec_oscore_link_send(link, plain, self->now, out, reason);
}

lwsec_bytes sends(links *self, lwsec_oscore_link *link, lwsec_bytes plain)
{
    lwsec_reason reason = {LWSEC_WHY_TRUNCATED, 0};
    lwsec_buffer out;

    assert_status(try_send(self, link, plain, &out, &reason), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    return lwsec_buffer_bytes(&out);
}

void assert_not_sent(links *self, lwsec_oscore_link *link, lwsec_bytes plain, lwsec_status status,
                     lwsec_why why)
{
    const uint64_t client = next_number(self, &self->both->client);
    const uint64_t server = next_number(self, &self->both->server);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_buffer out;

    assert_status(try_send(self, link, plain, &out, &reason), status);
    assert_int_equal(reason.why, why);
    assert_int_equal(out.size, 0);
    assert_int_equal(next_number(self, &self->both->client), client);
    assert_int_equal(next_number(self, &self->both->server), server);
}

arrival arrives(links *self, lwsec_oscore_link *link, lwsec_bytes wire)
{
    lwsec_buffer plain = lwsec_buffer_of(new_room(), ROOM);
    lwsec_buffer reply = lwsec_buffer_of(new_room(), ROOM);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    arrival got = {.status = LWSEC_ENGINE};

    got.status =
        lwsec_oscore_link_receive(link, wire, self->now, &got.event, &plain, &reply, &reason);
    got.why = reason.why;
    got.plain = lwsec_buffer_bytes(&plain);
    got.reply = lwsec_buffer_bytes(&reply);
    assert_int_equal(got.plain.size != 0, got.event != LWSEC_OSCORE_LINK_NOTHING);
    assert_true(got.status == LWSEC_OK || got.event == LWSEC_OSCORE_LINK_NOTHING);
    return got;
}

void assert_delivers(links *self, lwsec_oscore_link *link, lwsec_bytes wire, lwsec_bytes plain)
{
    const arrival got = arrives(self, link, wire);

    assert_status(got.status, LWSEC_OK);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_bytes(got.plain, plain);
    assert_int_equal(got.reply.size, 0);
}

void assert_refuses(links *self, lwsec_oscore_link *link, lwsec_bytes wire, lwsec_status status,
                    lwsec_why why)
{
    const arrival got = arrives(self, link, wire);

    assert_status(got.status, status);
    assert_int_equal(got.why, why);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_NOTHING);
}

lwsec_bytes with_id(lwsec_bytes message, uint16_t message_id)
{
    uint8_t *copy = new_room();

    memcpy(copy, message.data, message.size);
    copy[2] = (uint8_t)(message_id >> 8);
    copy[3] = (uint8_t)message_id;
    return lwsec_bytes_of(copy, message.size);
}

uint16_t id_of(lwsec_bytes message)
{
    return (uint16_t)(message.data[2] << 8 | message.data[3]);
}

uint64_t next_number(links *self, endpoint *one)
{
    (void)self;
    return wear_of(one).next_ssn;
}
