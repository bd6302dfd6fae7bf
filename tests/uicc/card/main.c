/* The test card behind vpcd, as a TCP client of it. */
/*
 * Both ways: a length in 16 bits, big-endian, and so many octets. One octet from vpcd is control:
 * 00 power off, 01 power on, 02 reset, 04 asks for the ATR, the only one that is answered.
 * Everything else is a command. TCP_NODELAY and TCP_QUICKACK are what makes it fast: with
 * delayed acknowledgements a command takes 48 ms instead of 0.2 ms.
 */
#include "tests/uicc/card/options.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIES = 200, /* of 50 ms: vpcd may start later than the card */
    MESSAGE_MAX = 0xFFFF,
    POWER_OFF = 0x00,
    POWER_ON = 0x01,
    RESET = 0x02,
    ASK_ATR = 0x04
};

static int connect_once(const struct options *options)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int connected = -1;

    if (getaddrinfo(options->host, options->port, &hints, &found) != 0) {
        return -1;
    }
    for (const struct addrinfo *each = found; each != NULL && connected < 0; each = each->ai_next) {
        connected = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
        if (connected >= 0 && connect(connected, each->ai_addr, each->ai_addrlen) != 0) {
            (void)close(connected);
            connected = -1;
        }
    }
    freeaddrinfo(found);
    return connected;
}

static int connect_to_vpcd(const struct options *options)
{
    const struct timespec wait = {.tv_nsec = 50 * 1000 * 1000};
    const int on = 1;
    int connected = connect_once(options);

    for (int i = 0; connected < 0 && i < TRIES; i++) {
        (void)nanosleep(&wait, NULL);
        connected = connect_once(options);
    }
    if (connected >= 0) {
        (void)setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return connected;
}

static bool receive(int from, uint8_t *data, size_t size)
{
    const int on = 1;

    while (size > 0) {
        const ssize_t got = recv(from, data, size, 0);

        (void)setsockopt(from, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return false;
        }
        if (got > 0) {
            data += got;
            size -= (size_t)got;
        }
    }
    return true;
}

static bool send_message(int to, struct octets message)
{
    uint8_t bytes[2 + CARD_RESPONSE_MAX];
    struct room room = ROOM_OF(bytes);

    room_put_number(&room, 2, message.size);
    room_put(&room, message);
    return !room.full && send(to, bytes, room.size, MSG_NOSIGNAL) == (ssize_t)room.size;
}

static void print(const char *direction, struct octets octets)
{
    (void)fprintf(stderr, "%s ", direction);
    for (size_t i = 0; i < octets.size; i++) {
        (void)fprintf(stderr, "%02x", octets.data[i]);
    }
    (void)fputc('\n', stderr);
}

static bool control(struct card *card, int vpcd, uint8_t what)
{
    switch (what) {
    case ASK_ATR: return send_message(vpcd, card_answer_to_reset());
    case POWER_OFF:
    case POWER_ON:
    case RESET: card_reset(card); return true;
    default: return true;
    }
}

static bool command(struct card *card, int vpcd, struct octets apdu, bool trace)
{
    uint8_t bytes[CARD_RESPONSE_MAX];
    struct room response = ROOM_OF(bytes);

    card_apdu(card, apdu, &response);
    if (trace) {
        print(">", apdu);
        print("<", room_octets(&response));
    }
    return send_message(vpcd, room_octets(&response));
}

/* Until vpcd goes away. */
static void serve(struct card *card, int vpcd, bool trace)
{
    uint8_t head[2], message[MESSAGE_MAX];
    bool goes_on = true;

    while (goes_on && receive(vpcd, head, sizeof(head))) {
        const size_t size = (size_t)head[0] << 8 | head[1];

        goes_on = receive(vpcd, message, size);
        if (goes_on && size == 1) {
            goes_on = control(card, vpcd, message[0]);
        } else if (goes_on && size > 1) {
            goes_on = command(card, vpcd, (struct octets){message, size}, trace);
        }
    }
}

int main(int count, char **arguments)
{
    struct options *const options = calloc(1, sizeof(*options));
    struct card *card = NULL;
    int vpcd = -1, answer = 1;

    if (options == NULL || !options_read(options, count, arguments)) {
        free(options);
        return 2;
    }
    card = card_open(&options->setup);
    if (card == NULL) {
        (void)fprintf(stderr, "uicc-card: LwM2M does not allow what the options say\n");
    } else if ((vpcd = connect_to_vpcd(options)) < 0) {
        (void)fprintf(stderr, "uicc-card: no vpcd at %s:%s\n", options->host, options->port);
    } else {
        serve(card, vpcd, options->trace);
        (void)close(vpcd);
        answer = 0;
    }
    card_close(card);
    free(options);
    return answer;
}
