/* A UDP socket, addresses as text, and a clock. */
#ifndef ENDPOINT_UDP_H
#define ENDPOINT_UDP_H

#include <lwsec/bytes.h>

#include <sys/socket.h>

/* The longest message that is sent or received: RFC 7252 section 4.6 asks for 1152, payload 1024.
 */
#define ENDPOINT_DATAGRAM_MAX 1500U

typedef struct endpoint_datagram {
    uint8_t data[ENDPOINT_DATAGRAM_MAX];
    size_t size;
} endpoint_datagram;

typedef struct endpoint_address {
    struct sockaddr_storage storage;
    socklen_t size;
} endpoint_address;

/* "127.0.0.1:5683" or "[::1]:5683"; names are not looked up. Port 0 lets the system choose. */
bool endpoint_address_read(const char *text, endpoint_address *address);

/* The same with a host that may be a name, which is looked up. */
bool endpoint_address_find(const char *text, endpoint_address *address);

/* Room for any address and port. */
#define ENDPOINT_ADDRESS_TEXT 64U
void endpoint_address_write(const endpoint_address *address, char text[ENDPOINT_ADDRESS_TEXT]);

bool endpoint_address_equal(const endpoint_address *one, const endpoint_address *other);

/* A socket bound to `address`, which becomes the one that it got. -1 with errno. */
int endpoint_udp_listen(endpoint_address *address);

/* A socket for talking to `peer`, bound to a port that the system chooses. -1 with errno. */
int endpoint_udp_connect(const endpoint_address *peer);

/* Lost datagrams are not noticed: whoever needs the answer sends again. */
void endpoint_udp_send(int socket, const endpoint_address *peer, const endpoint_datagram *datagram);

/* False when there is none, or when one came that is too long. */
bool endpoint_udp_receive(int socket, endpoint_address *peer, endpoint_datagram *datagram);

/* Milliseconds since some moment in the past; goes on while the wall clock is set. */
int64_t endpoint_now(void);

#endif
