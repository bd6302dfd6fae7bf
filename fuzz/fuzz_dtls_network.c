/* A DTLS client and server over a network that changes, drops, repeats, delays and makes up what it
 * likes: no plaintext comes out that was not sent, none twice, and events keep their order.
 */
#include "dtls_pair.h"

#include <stdio.h>

#define DATAGRAM 2048U
#define QUEUE 32U
#define TEXTS 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct side {
    lwsec_dtls *session;
    const char *address; /* of the other one */
    bool done, closed, shut;
    unsigned sent;                  /* plaintexts: "0", "1", and so on, behind the side's letter */
    uint8_t seen[TEXTS];            /* which ones of the other side have come */
    char letter;                    /* of the other side */
    uint8_t queue[QUEUE][DATAGRAM]; /* datagrams to this side */
    size_t sizes[QUEUE];
    size_t queued;
} side;

typedef struct script {
    const uint8_t *data;
    size_t size;
} script;

static side client, server;

static side *other_of(const side *self)
{
    return self == &client ? &server : &client;
}

static uint8_t next(script *in)
{
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

/* ---- What comes out of a session ---- */

static void take_all(side *self)
{
    side *to = other_of(self);
    uint8_t room[DATAGRAM];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);

    while (lwsec_dtls_take(self->session, &datagram) == LWSEC_OK) {
        if (to->queued < QUEUE) {
            memcpy(to->queue[to->queued], room, datagram.size);
            to->sizes[to->queued++] = datagram.size;
        }
    }
}

static void check_text(side *self, lwsec_bytes text)
{
    unsigned number = TEXTS;
    char copy[16] = "";

    require(self->done && text.size < sizeof copy);
    memcpy(copy, text.data, text.size);
    require(copy[0] == self->letter && sscanf(&copy[1], "%u", &number) == 1);
    require(number < other_of(self)->sent && self->seen[number] == 0);
    self->seen[number] = 1;
}

static void look(side *self)
{
    lwsec_dtls_event event = {.size = sizeof event};
    uint8_t room[DATAGRAM];
    lwsec_buffer text = lwsec_buffer_of(room, sizeof room);

    take_all(self);
    while (lwsec_dtls_next_event(self->session, &event) == LWSEC_OK) {
        require(!self->closed);
        require(event.kind != LWSEC_DTLS_EVENT_DONE || !self->done);
        self->done |= event.kind == LWSEC_DTLS_EVENT_DONE;
        self->closed |= event.kind == LWSEC_DTLS_EVENT_CLOSED;
        require(event.kind != LWSEC_DTLS_EVENT_CLOSED || self->done || self->shut ||
                event.why != LWSEC_WHY_NONE);
    }
    while (lwsec_dtls_read(self->session, &text) == LWSEC_OK) {
        check_text(self, lwsec_buffer_bytes(&text));
        take_all(self);
    }
}

/* ---- What goes into one ---- */

static void feed(side *self, lwsec_bytes datagram)
{
    /* A copy of its own, so that a sanitizer sees one byte too far. */
    uint8_t *exact = malloc(datagram.size > 0 ? datagram.size : 1);
    lwsec_reason reason;

    require(exact != NULL);
    if (datagram.size > 0) {
        memcpy(exact, datagram.data, datagram.size);
    }
    const lwsec_status status =
        lwsec_dtls_feed(self->session, lwsec_bytes_of(exact, datagram.size),
                        lwsec_bytes_of(self->address, strlen(self->address)), pair_now, &reason);
    free(exact);
    require(status == (self->closed ? LWSEC_REJECT : LWSEC_OK));
    look(self);
}

static void drop(side *self)
{
    if (self->queued > 0) {
        self->queued--;
        memmove(self->queue[0], self->queue[1], self->queued * DATAGRAM);
        memmove(&self->sizes[0], &self->sizes[1], self->queued * sizeof self->sizes[0]);
    }
}

static void deliver(side *self)
{
    uint8_t copy[DATAGRAM];

    if (self->queued > 0) {
        const size_t size = self->sizes[0];
        memcpy(copy, self->queue[0], size);
        drop(self);
        feed(self, lwsec_bytes_of(copy, size));
    }
}

/* An honest network, for some turns. */
static void run(unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        for (size_t left = server.queued; left > 0; left--) {
            deliver(&server);
        }
        for (size_t left = client.queued; left > 0; left--) {
            deliver(&client);
        }
    }
}

static void deliver_changed(side *self, script *in)
{
    const size_t at = (size_t)next(in) << 8 | next(in);
    const uint8_t change = next(in);

    if (self->queued > 0) {
        self->queue[0][at % self->sizes[0]] ^= change;
        deliver(self);
    }
}

static void deliver_cut(side *self, script *in)
{
    const size_t size = (size_t)next(in) << 8 | next(in);

    if (self->queued > 0) {
        self->sizes[0] = size < self->sizes[0] ? size : self->sizes[0];
        deliver(self);
    }
}

static void make_up(side *self, script *in)
{
    const size_t said = (size_t)next(in) << 8 | next(in);
    const size_t size = said < in->size ? said : in->size;

    feed(self, lwsec_bytes_of(in->data, size));
    in->data += size;
    in->size -= size;
}

static void pass_time(uint64_t quarters)
{
    side *const both[] = {&client, &server};
    lwsec_reason reason;

    pair_now += quarters * 250;
    for (size_t i = 0; i < 2; i++) {
        require(lwsec_dtls_step(both[i]->session, pair_now, &reason) ==
                (both[i]->closed ? LWSEC_REJECT : LWSEC_OK));
        look(both[i]);
        require(both[i]->closed || lwsec_dtls_deadline(both[i]->session) > pair_now);
    }
}

static void write_text(side *self)
{
    char text[16];
    lwsec_reason reason;

    if (self->sent == TEXTS) {
        return;
    }
    (void)snprintf(text, sizeof text, "%c%u", other_of(self)->letter, self->sent);
    const lwsec_status status =
        lwsec_dtls_write(self->session, lwsec_bytes_of(text, strlen(text)), pair_now, &reason);
    require((status == LWSEC_OK) == (self->done && !self->closed));
    self->sent += status == LWSEC_OK ? 1 : 0;
    look(self);
}

static void shut(side *self)
{
    self->shut = true;
    require(lwsec_dtls_shut(self->session, pair_now) == (self->closed ? LWSEC_REJECT : LWSEC_OK));
    take_all(self);
    look(self);
}

/* ---- A script: what the pair is, then operations: 3 bits, a bit for the side, 4 bits of number
 * ---- */

static void open_side(side *self, lwsec_dtls_role role, unsigned choices)
{
    const lwsec_dtls_endpoint *endpoint = pair_endpoint(role, choices);
    const bool is_client = role == LWSEC_DTLS_CLIENT;
    const size_t size = lwsec_dtls_size(endpoint);
    lwsec_reason reason;

    memset(self, 0, sizeof *self);
    self->address = is_client ? "server" : "client";
    self->letter = is_client ? 's' : 'c';
    require(lwsec_dtls_open(endpoint, malloc(size), size,
                            lwsec_bytes_of("server", is_client ? 6 : 0), pair_now, &self->session,
                            &reason) == LWSEC_OK);
}

static void close_side(side *self)
{
    void *memory = self->session;

    lwsec_dtls_close(&self->session);
    free(memory);
}

static void operate(script *in)
{
    const uint8_t operation = next(in);
    side *self = (operation & 8U) == 0 ? &server : &client;

    switch (operation & 7U) {
    case 0: run(1 + (operation >> 4)); break;
    case 1: deliver_changed(self, in); break;
    case 2: drop(self); break;
    case 3: /* and again later */
        if (self->queued > 0) {
            feed(self, lwsec_bytes_of(self->queue[0], self->sizes[0]));
        }
        break;
    case 4: make_up(self, in); break;
    case 5: pass_time(operation >> 4); break;
    case 6: write_text(self); break;
    default:
        if (operation >> 4 == 15) {
            shut(self);
        } else {
            deliver_cut(self, in);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    script in = {data, size};
    const unsigned choices = next(&in);

    pair_now = 1000000; /* the same for each input */
    open_side(&server, LWSEC_DTLS_SERVER, choices);
    open_side(&client, LWSEC_DTLS_CLIENT, choices);
    look(&client);
    for (unsigned i = 0; i < 64 && in.size > 0; i++) {
        operate(&in);
    }
    run(8);
    close_side(&client);
    close_side(&server);
    return 0;
}
