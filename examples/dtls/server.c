/* A DTLS server of many clients on 127.0.0.1:PORT, or with port 0 on any: says back what it
 * hears, until it is ended. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "credentials.h"

#include <lwsec/dtls_demux.h>
#include <lwsec/dtls_openssl.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* What happened to one session: plaintext, events, and datagrams to its peer. */
static void serve(lwsec_dtls *session, int udp)
{
    uint8_t bytes[LWSEC_DTLS_MTU_DEFAULT];
    struct sockaddr_in peer;
    lwsec_buffer room = lwsec_buffer_of(bytes, sizeof bytes);
    lwsec_buffer address = lwsec_buffer_of(&peer, sizeof peer);
    lwsec_dtls_event event = {.size = sizeof event};

    while (lwsec_dtls_read(session, &room) == LWSEC_OK &&
           lwsec_dtls_write(session, lwsec_buffer_bytes(&room), example_now(), NULL) == LWSEC_OK) {
    }
    while (lwsec_dtls_next_event(session, &event) == LWSEC_OK) {
        if (event.kind == LWSEC_DTLS_EVENT_CLOSED) {
            (void)printf("closed: %s\n", lwsec_why_text(event.why));
        }
    }
    while (lwsec_dtls_address(session, &address) == LWSEC_OK &&
           lwsec_dtls_take(session, &room) == LWSEC_OK) {
        (void)!sendto(udp, room.data, room.size, 0, (const struct sockaddr *)&peer, sizeof peer);
    }
}

/* One datagram, or what is due. What is refused here was nobody's. */
static void await(lwsec_dtls_demux *demux, int udp)
{
    struct pollfd file = {udp, POLLIN, 0};
    const uint64_t due = lwsec_dtls_demux_deadline(demux), now = example_now();
    const int patience = due == UINT64_MAX ? -1 : due > now ? (int)(due - now) : 0;
    uint8_t bytes[2048];
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;

    if (poll(&file, 1, patience) <= 0) {
        (void)!lwsec_dtls_demux_step(demux, example_now(), NULL);
        return;
    }
    const ssize_t size = recvfrom(udp, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &length);
    if (size >= 0) {
        (void)!lwsec_dtls_demux_feed(demux, lwsec_bytes_of(bytes, (size_t)size),
                                     lwsec_bytes_of(&peer, sizeof peer), example_now(), NULL);
    }
}

int main(int argc, char **argv)
{
    const lwsec_dtls_engine *engine = lwsec_dtls_openssl();
    const lwsec_dtls_config config = {
        .size = sizeof config, .role = LWSEC_DTLS_SERVER, .psk = example_psk};
    lwsec_dtls_demux_config many = {
        .size = sizeof many, .sessions = 64, .handshakes = 16, .idle = 3600000U};
    struct sockaddr_in own = example_address(argc > 1 ? argv[1] : "5684");
    socklen_t length = sizeof own;
    const int udp = socket(AF_INET, SOCK_DGRAM, 0);
    void *memory = malloc(lwsec_dtls_endpoint_size(engine));
    lwsec_dtls_demux *demux = NULL;
    lwsec_dtls_endpoint *endpoint = NULL;
    lwsec_dtls *session = NULL;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (memory == NULL || bind(udp, (const struct sockaddr *)&own, sizeof own) != 0 ||
        lwsec_dtls_endpoint_open(engine, &config, memory, lwsec_dtls_endpoint_size(engine),
                                 &endpoint, &reason) != LWSEC_OK) {
        (void)fprintf(stderr, "no endpoint: %s\n", lwsec_why_text(reason.why));
        free(memory);
        return 1;
    }
    many.endpoint = endpoint;
    void *places = malloc(lwsec_dtls_demux_size(&many));
    if (places == NULL || lwsec_dtls_demux_open(&many, places, lwsec_dtls_demux_size(&many),
                                                example_now(), &demux, &reason) != LWSEC_OK) {
        (void)fprintf(stderr, "no server: %s\n", lwsec_why_text(reason.why));
        lwsec_dtls_endpoint_close(&endpoint);
        free(places);
        free(memory);
        return 1;
    }
    (void)getsockname(udp, (struct sockaddr *)&own, &length);
    (void)printf("listening %u\n", ntohs(own.sin_port));
    (void)fflush(stdout);
    for (;;) {
        await(demux, udp);
        while (lwsec_dtls_demux_next(demux, &session) == LWSEC_OK) {
            serve(session, udp);
        }
    }
}
