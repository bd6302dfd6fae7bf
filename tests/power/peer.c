/* The process of a peer. It ends by a kill, or by its last order. */
#include "tests/power/peer.h"

#include "tests/power/text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PLAIN_MAX 160U
#define ROOM_MAX (WIRE_MAX + 128U)

static end_request asked[ASKED_MAX];
static uint64_t asked_id[ASKED_MAX];
static end_request held[HELD_MAX];

/* ---- Messages ---- */

static lwsec_bytes plain_message(const order *what, uint8_t code, uint8_t room[PLAIN_MAX])
{
    uint8_t text[TEXT_MAX];
    lwsec_coap_option options[3];
    size_t count = 0;
    const uint8_t token[2] = {(uint8_t)what->slot, 1};
    const lwsec_coap_message head = {.type = what->id % 2 == 0 ? LWSEC_COAP_CON : LWSEC_COAP_NON,
                                     .code = code,
                                     .message_id = (uint16_t)what->id,
                                     .token = lwsec_bytes_of(token, sizeof token),
                                     .payload = lwsec_bytes_of(text, text_write(what->id, text))};
    lwsec_buffer out = lwsec_buffer_of(room, PLAIN_MAX);

    if (what->observe) {
        options[count++] = (lwsec_coap_option){LWSEC_COAP_OBSERVE, lwsec_bytes_of("", 0)};
    }
    if (what->kind == ORDER_SEND) {
        options[count++] = (lwsec_coap_option){LWSEC_COAP_URI_PATH, lwsec_bytes_of("rd", 2)};
    }
    if (what->echo_size > 0) {
        options[count++] =
            (lwsec_coap_option){LWSEC_COAP_ECHO, lwsec_bytes_of(what->echo, what->echo_size)};
    }
    if (lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, count, &out, NULL) != LWSEC_OK) {
        abort();
    }
    return lwsec_buffer_bytes(&out);
}

/* The application gets a message: a request, or a response to `about`. */
static void deliver(lwsec_bytes plain, bool response, uint64_t about, answer *said)
{
    delivery noted = {.response = response, .about = about};
    lwsec_coap_message message;
    lwsec_coap_option echo;

    if (lwsec_coap_decode(LWSEC_COAP_UDP, plain, &message, NULL) != LWSEC_OK) {
        abort();
    }
    if (response && message.code == LWSEC_COAP_UNAUTHORIZED &&
        lwsec_coap_option_find(&message, LWSEC_COAP_ECHO, &echo) && echo.value.size <= ECHO_MAX) {
        memcpy(said->echo, echo.value.data, echo.value.size);
        said->echo_size = echo.value.size;
        return;
    }
    noted.intact = text_read(message.payload, &noted.id);
    said->id = noted.id;
    box_step(STEP_DELIVER);
    box_note_delivery(&noted);
    box_step(STEP_DELIVERED);
}

/* ---- Orders ---- */

static void send_request(const order *what, answer *said, lwsec_reason *reason)
{
    static const uint8_t codes[] = {LWSEC_COAP_GET, LWSEC_COAP_POST, LWSEC_COAP_PUT,
                                    LWSEC_COAP_FETCH};
    uint8_t room[PLAIN_MAX];
    lwsec_buffer out = lwsec_buffer_of(said->wire, sizeof said->wire);
    const uint8_t code = what->observe ? LWSEC_COAP_GET : codes[what->id / 2 % sizeof codes];

    asked_id[what->slot] = what->id;
    said->status = end_ask(plain_message(what, code, room), &asked[what->slot], &out, reason);
    said->size = out.size;
}

static void receive_request(const order *what, answer *said, lwsec_reason *reason)
{
    uint8_t room[ROOM_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    const unsigned agreed = end_agreed();

    said->status = end_receive(lwsec_bytes_of(what->wire, what->size), (uint16_t)what->id,
                               &held[what->slot], &out, &said->challenged, reason);
    said->agreed = end_agreed() != agreed;
    if (said->status == LWSEC_OK) {
        deliver(lwsec_buffer_bytes(&out), false, 0, said);
    } else if (said->status == LWSEC_CHALLENGE && out.size <= sizeof said->wire) {
        memcpy(said->wire, out.data, out.size);
        said->size = out.size;
    }
}

static void send_response(const order *what, answer *said, lwsec_reason *reason)
{
    uint8_t room[PLAIN_MAX];
    lwsec_buffer out = lwsec_buffer_of(said->wire, sizeof said->wire);

    said->status = end_respond(&held[what->slot], plain_message(what, LWSEC_COAP_CONTENT, room),
                               what->own_piv, &out, reason);
    said->size = out.size;
}

static void receive_response(const order *what, answer *said, lwsec_reason *reason)
{
    uint8_t room[ROOM_MAX];
    lwsec_buffer plain = lwsec_buffer_of(room, sizeof room);

    said->status =
        end_collect(&asked[what->slot], lwsec_bytes_of(what->wire, what->size), &plain, reason);
    if (said->status == LWSEC_OK) {
        deliver(lwsec_buffer_bytes(&plain), true, asked_id[what->slot], said);
    }
}

static void obey(const order *what, answer *said)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(said, 0, sizeof *said);
    end_set_time(what->now);
    switch (what->kind) {
    case ORDER_SEND: send_request(what, said, &reason); break;
    case ORDER_RECEIVE: receive_request(what, said, &reason); break;
    case ORDER_RESPOND: send_response(what, said, &reason); break;
    case ORDER_COLLECT: receive_response(what, said, &reason); break;
    case ORDER_RESERVE: said->status = end_reserve(&reason); break;
    case ORDER_REKEY: said->status = end_rekey(&reason); break;
    case ORDER_CLOSE: end_close(); break;
    case ORDER_KINDS: abort();
    }
    said->why = reason.why;
}

static void tell(int socket, const answer *said)
{
    const bool ends = box_ends_at(STEP_TOLD);

    box_own()->ended = ends; /* before it is told, so that the host knows at once */
    if (send(socket, said, sizeof *said, MSG_NOSIGNAL) != (ssize_t)sizeof *said) {
        _exit(0); /* nobody listens any more */
    }
    if (ends) {
        box_end();
    }
}

void peer_run(int socket, const setting *how, box *own)
{
    answer said = {.status = LWSEC_ENGINE};
    order what = {.kind = ORDER_KINDS};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    box_enter(own);
    said.status = end_open(how, &reason);
    said.why = reason.why;
    tell(socket, &said);
    while (what.kind != ORDER_CLOSE &&
           recv(socket, &what, sizeof what, 0) == (ssize_t)sizeof what) {
        obey(&what, &said);
        tell(socket, &said);
    }
    _exit(0);
}
