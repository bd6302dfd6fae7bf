/* A UDP socket, addresses as text, and a clock. */
#include "udp.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOST_MAX 256U
#define PORT_DIGITS 5U
#define PORT_MAX 65535

/* The resolver takes signs and spaces, and cuts a number that is too large. */
static bool is_port(const char *text)
{
    const size_t digits = strspn(text, "0123456789");

    return digits != 0 && digits <= PORT_DIGITS && text[digits] == '\0' &&
           strtol(text, NULL, 10) <= PORT_MAX;
}

/* Splits "HOST:PORT" at its last colon; brackets around an IPv6 address fall away. */
static bool split(const char *text, char *host, size_t room, const char **port)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL) {
        return false;
    }
    size_t length = (size_t)(colon - text);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text = &text[1];
        length -= 2;
    }
    if (length == 0 || length >= room) {
        return false;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    *port = &colon[1];
    return is_port(*port);
}

static bool find(const char *text, int flags, endpoint_address *address)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char host[HOST_MAX];
    const char *port;

    memset(address, 0, sizeof *address);
    if (!split(text, host, sizeof host, &port) || getaddrinfo(host, port, &hints, &found) != 0) {
        return false;
    }
    memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

bool endpoint_address_read(const char *text, endpoint_address *address)
{
    return find(text, AI_NUMERICHOST, address);
}

bool endpoint_address_find(const char *text, endpoint_address *address)
{
    return find(text, 0, address);
}

void endpoint_address_write(const endpoint_address *address, char text[ENDPOINT_ADDRESS_TEXT])
{
    char host[ENDPOINT_ADDRESS_TEXT - 9];
    char port[6];

    if (getnameinfo((const struct sockaddr *)&address->storage, address->size, host, sizeof host,
                    port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        (void)snprintf(text, ENDPOINT_ADDRESS_TEXT, "unknown");
    } else {
        const bool six = address->storage.ss_family == AF_INET6;
        (void)snprintf(text, ENDPOINT_ADDRESS_TEXT, "%s%s%s:%s", six ? "[" : "", host,
                       six ? "]" : "", port);
    }
}

bool endpoint_address_equal(const endpoint_address *one, const endpoint_address *other)
{
    return one->size == other->size && memcmp(&one->storage, &other->storage, one->size) == 0;
}

int endpoint_udp_listen(endpoint_address *address)
{
    const int made = socket(address->storage.ss_family, SOCK_DGRAM, 0);

    if (made < 0) {
        return -1;
    }
    if (bind(made, (const struct sockaddr *)&address->storage, address->size) != 0 ||
        getsockname(made, (struct sockaddr *)&address->storage, &address->size) != 0) {
        (void)close(made);
        return -1;
    }
    return made;
}

int endpoint_udp_connect(const endpoint_address *peer)
{
    endpoint_address any = {.size = peer->size};

    any.storage.ss_family = peer->storage.ss_family;
    return endpoint_udp_listen(&any);
}

void endpoint_udp_send(int socket, const endpoint_address *peer, const endpoint_datagram *datagram)
{
    (void)sendto(socket, datagram->data, datagram->size, 0, (const struct sockaddr *)&peer->storage,
                 peer->size);
}

bool endpoint_udp_receive(int socket, endpoint_address *peer, endpoint_datagram *datagram)
{
    uint8_t room[ENDPOINT_DATAGRAM_MAX + 1];

    memset(peer, 0, sizeof *peer);
    peer->size = sizeof peer->storage;
    const ssize_t size = recvfrom(socket, room, sizeof room, MSG_DONTWAIT,
                                  (struct sockaddr *)&peer->storage, &peer->size);
    if (size < 0 || (size_t)size > ENDPOINT_DATAGRAM_MAX) {
        return false;
    }
    memcpy(datagram->data, room, (size_t)size);
    datagram->size = (size_t)size;
    return true;
}

int64_t endpoint_now(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
