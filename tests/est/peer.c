/* The EST-coaps server of the tests as a program, for those of the lwsec program: over DTLS with a
 * pre-shared key, on loopback. Its authority is new each time, and of the present.
 *
 *   est-peer IDENTITY PSK ROOT-FILE [later]      prints "listening 127.0.0.1:PORT"
 */
#include "tests/est/server.h"

#include <lwsec/dtls_openssl.h>

#include "sessions.h"

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

typedef struct peer {
    const char *identity;
    lwsec_bytes psk;
    est_server server;
    endpoint_sessions sessions;
    endpoint_address client;
    bool known;
} peer;

static volatile sig_atomic_t ended;

static void stop(int signal)
{
    (void)signal;
    ended = 1;
}

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    const peer *self = argument;

    if (identity.size != strlen(self->identity) ||
        memcmp(identity.data, self->identity, identity.size) != 0) {
        return LWSEC_ABSENT;
    }
    memcpy(secret->data, self->psk.data, self->psk.size);
    secret->size = self->psk.size;
    return LWSEC_OK;
}

static void happened(void *program, const endpoint_session *session, const lwsec_dtls_event *event)
{
    (void)program;
    (void)session;
    (void)event;
}

static void take(void *program, const endpoint_session *session, lwsec_bytes plaintext)
{
    peer *self = program;

    self->client = session->peer;
    self->known = true;
    est_server_feed(&self->server, plaintext, (uint64_t)endpoint_now());
}

static void send_all(peer *self)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);

    while (self->known && est_server_take(&self->server, (uint64_t)endpoint_now(), &message)) {
        (void)endpoint_sessions_send(&self->sessions, &self->client, lwsec_buffer_bytes(&message));
    }
}

static void serve(peer *self, int socket)
{
    while (!ended) {
        struct pollfd file = {socket, POLLIN, 0};
        endpoint_address from;
        endpoint_datagram datagram;
        if (poll(&file, 1, 20) > 0 && endpoint_udp_receive(socket, &from, &datagram)) {
            endpoint_sessions_take(&self->sessions, &from,
                                   lwsec_bytes_of(datagram.data, datagram.size));
        }
        endpoint_sessions_step(&self->sessions);
        send_all(self);
    }
}

static void write_root(const char *path, lwsec_bytes der)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(der.data, 1, der.size, file) != der.size || fclose(file) != 0) {
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static const endpoint_session_events events = {happened, take};
    static peer self;
    char text[ENDPOINT_ADDRESS_TEXT];
    endpoint_address address;

    if (argc < 4 || !endpoint_address_read("127.0.0.1:0", &address)) {
        return 2;
    }
    (void)signal(SIGTERM, stop);
    self.identity = argv[1];
    self.psk = lwsec_test_hex(argv[2]);
    ca *root = ca_open("EST Root", NULL);
    ca *between = ca_open("EST Authority", root);
    write_root(argv[3], ca_certificate(root));
    est_server_init(&self.server, between);
    self.server.crts[0] = ca_certificate(root);
    self.server.crts[1] = ca_certificate(between);
    self.server.crts_count = 2;
    self.server.wish.begin = (int64_t)time(NULL) - CA_TIME - CA_DAY;
    self.server.wish.end = self.server.wish.begin + 31 * CA_DAY;
    self.server.links = "</.well-known/est/crts>;rt=ace.est.crts,</.well-known/est/sen>;"
                        "rt=ace.est.sen,</.well-known/est/sren>;rt=ace.est.sren";
    self.server.later = argc > 4 ? 1 : 0;
    self.server.max_age = 1;
    const lwsec_dtls_engine *engine = lwsec_dtls_openssl();
    const lwsec_dtls_config config = {
        .size = sizeof config, .role = LWSEC_DTLS_SERVER, .argument = &self, .psk = give_psk};
    lwsec_dtls_endpoint *endpoint = NULL;
    lwsec_reason reason;
    void *memory = malloc(lwsec_dtls_endpoint_size(engine));
    const int socket = endpoint_udp_listen(&address);
    if (socket < 0 ||
        lwsec_dtls_endpoint_open(engine, &config, memory, lwsec_dtls_endpoint_size(engine),
                                 &endpoint, &reason) != LWSEC_OK ||
        endpoint_sessions_open(&self.sessions, socket, endpoint, true, &events, &self, &reason) !=
            LWSEC_OK) {
        return 1;
    }
    endpoint_address_write(&address, text);
    (void)printf("listening %s\n", text);
    (void)fflush(stdout);
    serve(&self, socket);
    endpoint_sessions_close(&self.sessions);
    lwsec_dtls_endpoint_close(&endpoint);
    free(memory);
    (void)close(socket);
    est_server_close(&self.server);
    ca_close(between);
    ca_close(root);
    return 0;
}
