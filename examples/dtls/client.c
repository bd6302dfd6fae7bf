/* A DTLS client with a pre-shared key: one CoAP request to 127.0.0.1:PORT, and its answer. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "credentials.h"

#include <lwsec/dtls_openssl.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* GET /hello */
static const uint8_t request[] = {0x40, 1, 0, 1, 0xb5, 'h', 'e', 'l', 'l', 'o'};

static void send_all(lwsec_dtls *session, int udp)
{
    uint8_t bytes[LWSEC_DTLS_MTU_DEFAULT];
    lwsec_buffer datagram = lwsec_buffer_of(bytes, sizeof bytes);

    while (lwsec_dtls_take(session, &datagram) == LWSEC_OK) {
        (void)!send(udp, datagram.data, datagram.size, 0); /* lost: it is sent again */
    }
}

/* One datagram, or what is due. */
static lwsec_status await(lwsec_dtls *session, int udp, lwsec_bytes address)
{
    struct pollfd file = {udp, POLLIN, 0};
    const uint64_t due = lwsec_dtls_deadline(session), now = example_now();
    uint8_t bytes[LWSEC_DTLS_MTU_DEFAULT];

    if (poll(&file, 1,
             due == UINT64_MAX ? EXAMPLE_PATIENCE
             : due > now       ? (int)(due - now)
                               : 0) <= 0) {
        return due == UINT64_MAX ? LWSEC_ABSENT : lwsec_dtls_step(session, example_now(), NULL);
    }
    const ssize_t size = recv(udp, bytes, sizeof bytes, 0);
    return size < 0 ? LWSEC_OK
                    : lwsec_dtls_feed(session, lwsec_bytes_of(bytes, (size_t)size), address,
                                      example_now(), NULL);
}

/* What came: plaintext first, as the next datagram takes its place; then events. */
static lwsec_status look(lwsec_dtls *session, bool *over)
{
    uint8_t bytes[LWSEC_DTLS_MTU_DEFAULT];
    lwsec_buffer answer = lwsec_buffer_of(bytes, sizeof bytes);
    lwsec_dtls_event event = {.size = sizeof event};
    lwsec_status status = LWSEC_OK;

    while (lwsec_dtls_read(session, &answer) == LWSEC_OK) {
        (void)printf("%zu bytes\n", answer.size);
        status = lwsec_dtls_shut(session, example_now());
    }
    while (status == LWSEC_OK && lwsec_dtls_next_event(session, &event) == LWSEC_OK) {
        if (event.kind == LWSEC_DTLS_EVENT_DONE) {
            status = lwsec_dtls_write(session, lwsec_bytes_of(request, sizeof request),
                                      example_now(), NULL);
        } else if (event.kind == LWSEC_DTLS_EVENT_CLOSED) {
            (void)printf("closed: %s\n", lwsec_why_text(event.why));
            *over = true;
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    const lwsec_dtls_engine *engine = lwsec_dtls_openssl();
    const lwsec_dtls_config config = {.size = sizeof config,
                                      .role = LWSEC_DTLS_CLIENT,
                                      .identity = lwsec_bytes_of(EXAMPLE_IDENTITY, 6),
                                      .psk = example_psk};
    const struct sockaddr_in peer = example_address(argc > 1 ? argv[1] : "5684");
    const lwsec_bytes address = lwsec_bytes_of(&peer, sizeof peer);
    const int udp = socket(AF_INET, SOCK_DGRAM, 0);
    void *memory = malloc(lwsec_dtls_endpoint_size(engine)), *room = NULL;
    lwsec_dtls_endpoint *endpoint = NULL;
    lwsec_dtls *session = NULL;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    bool over = false;

    lwsec_status status =
        connect(udp, (const struct sockaddr *)&peer, sizeof peer) != 0 || memory == NULL
            ? LWSEC_ENGINE
            : lwsec_dtls_endpoint_open(engine, &config, memory, lwsec_dtls_endpoint_size(engine),
                                       &endpoint, &reason);
    if (status == LWSEC_OK) {
        room = malloc(lwsec_dtls_size(endpoint));
        status = room == NULL ? LWSEC_ENGINE
                              : lwsec_dtls_open(endpoint, room, lwsec_dtls_size(endpoint), address,
                                                example_now(), &session, &reason);
    }
    while (status == LWSEC_OK && !over) {
        send_all(session, udp);
        status = await(session, udp, address);
        status = status == LWSEC_OK ? look(session, &over) : status;
    }
    if (session != NULL) {
        send_all(session, udp); /* close_notify */
    }
    (void)printf("%s %s\n", lwsec_status_name(status), lwsec_why_text(reason.why));
    lwsec_dtls_close(&session);
    lwsec_dtls_endpoint_close(&endpoint);
    free(room);
    free(memory);
    return status == LWSEC_OK ? 0 : 1;
}
