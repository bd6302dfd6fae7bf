/* One DTLS session over loopback, against other people's programs: tests/dtls/interop.sh.
 *
 *   dtls-peer ENGINE client|server psk|psk-ems|x509|rpk|sni|staple PORT FOLDER [coap]
 *   dtls-peer ENGINE has-rpk|has-ems: whether it has raw public keys, or can need the extended
 *       master secret, as psk-ems does; as the exit code
 *
 * A client sends "ping" and prints what comes back; a server sends back what comes. With coap that
 * is a GET of the root, and an answer of that text. FOLDER has own.der, own.key (the 32 bytes of
 * the scalar) and root.der for certificates; more.der and more.key for a server with sni, and
 * response.der for one with staple; own.key and other.spki, the other's SubjectPublicKeyInfo, for
 * rpk.
 */
#include <lwsec/coap.h>
#include <lwsec/dtls.h>

#if defined(LWSEC_TEST_OPENSSL)
#include <lwsec/dtls_openssl.h>
#include <lwsec/memory_openssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <lwsec/dtls_mbedtls.h>
#include <lwsec/memory_mbedtls.h>
#endif

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM 2048
#define FILE_MAX 4096

/* Room for the store, the endpoint and the session of either engine. */
static uint64_t store_memory[8192], endpoint_memory[8192], session_memory[8192];

typedef struct peer {
    int socket;
    struct sockaddr_in address;
    bool client;
    bool coap;
    lwsec_dtls_config config;
    lwsec_cert_check check;
    lwsec_bytes chain[1];
    lwsec_bytes more_chain[1];
    lwsec_dtls_certificate more;
    lwsec_bytes trust[1];
    lwsec_bytes response; /* of OCSP */
    lwsec_bytes other_key;
    lwsec_dtls *session;
    bool over;
    int exit_code;
} peer;

static void fail(const char *what, lwsec_status status, lwsec_why why)
{
    (void)fprintf(stderr, "%s: %s, %s\n", what, lwsec_status_name(status), lwsec_why_text(why));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static lwsec_bytes load(const char *folder, const char *name)
{
    static uint8_t files[6][FILE_MAX];
    static size_t loaded;
    char path[512];
    uint8_t *bytes = files[loaded++];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail(path, LWSEC_ABSENT, LWSEC_WHY_NONE);
        return lwsec_bytes_of(NULL, 0);
    }
    const size_t size = fread(bytes, 1, FILE_MAX, file);
    (void)fclose(file);
    return lwsec_bytes_of(bytes, size);
}

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    (void)argument;
    if (identity.size != 7 || memcmp(identity.data, "interop", 7) != 0) {
        return LWSEC_ABSENT;
    }
    memcpy(secret->data, "0123456789abcdef", 16);
    secret->size = 16;
    return LWSEC_OK;
}

static lwsec_key import_key(const char *folder, const char *name, lwsec_store *store)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};
    const lwsec_status status = lwsec_key_import(store, &attributes, load(folder, name), &key);

    if (status != LWSEC_OK) {
        fail(name, status, LWSEC_WHY_NONE);
    }
    return key;
}

static void use_key(peer *self, const char *folder, lwsec_store *store)
{
    self->config.key = import_key(folder, "own.key", store);
}

static lwsec_status find_raw_key(void *argument, lwsec_bytes key)
{
    const peer *self = argument;

    return key.size == self->other_key.size && memcmp(key.data, self->other_key.data, key.size) == 0
               ? LWSEC_OK
               : LWSEC_ABSENT;
}

static void use_raw_keys(peer *self, const char *folder, lwsec_store *store)
{
    use_key(self, folder, store);
    self->other_key = load(folder, "other.spki");
    self->config.argument = self;
    if (self->client) {
        self->config.server_key = self->other_key;
    } else {
        self->config.raw_key = find_raw_key;
    }
}

static void use_certificates(peer *self, const char *folder, lwsec_store *store)
{
    lwsec_cert_check *check = &self->check;

    self->chain[0] = load(folder, "own.der");
    self->trust[0] = load(folder, "root.der");
    self->config.chain = self->chain;
    self->config.chain_count = 1;
    self->config.check = check;
    check->size = sizeof *check;
    check->time = (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED, (int64_t)time(NULL)};
    if (self->client) {
        check->role = LWSEC_CERT_OF_SERVER;
        check->usage = LWSEC_CERT_TRUST_ANCHOR;
        check->association = self->trust[0];
        check->reference.kind = LWSEC_CERT_REFERENCE_DNS;
        check->reference.name = lwsec_bytes_of("server.example", 14);
        self->config.server_name = check->reference.name;
    } else {
        check->role = LWSEC_CERT_OF_CLIENT;
        check->usage = LWSEC_CERT_PKIX;
        check->trust = self->trust;
        check->trust_count = 1;
        check->reference.kind = LWSEC_CERT_REFERENCE_NONE;
    }
    use_key(self, folder, store);
}

/* A second certificate, for clients that ask for another name. */
static void use_more(peer *self, const char *folder, lwsec_store *store)
{
    self->more_chain[0] = load(folder, "more.der");
    self->more.chain = self->more_chain;
    self->more.chain_count = 1;
    self->more.key = import_key(folder, "more.key", store);
    self->config.more = &self->more;
    self->config.more_count = 1;
}

static lwsec_status give_staple(void *argument, lwsec_bytes certificate, lwsec_bytes *response)
{
    const peer *self = argument;

    (void)certificate;
    *response = self->response;
    return LWSEC_OK;
}

/* A client takes no server without a response. */
static void use_staple(peer *self, const char *folder)
{
    if (self->client) {
        self->config.flags |= LWSEC_DTLS_ASK_STATUS;
        self->check.policy |= LWSEC_CERT_NEED_STATUS;
        return;
    }
    self->response = load(folder, "response.der");
    self->config.staple = give_staple;
    self->config.argument = self;
}

static void send_all(peer *self)
{
    uint8_t room[DATAGRAM];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);

    while (lwsec_dtls_take(self->session, &datagram) == LWSEC_OK) {
        (void)sendto(self->socket, datagram.data, datagram.size, 0,
                     (const struct sockaddr *)&self->address, sizeof self->address);
    }
}

static void write_text(peer *self, lwsec_bytes text)
{
    lwsec_reason reason;
    const lwsec_status status = lwsec_dtls_write(self->session, text, now(), &reason);

    if (status != LWSEC_OK) {
        fail("write", status, reason.why);
    }
    send_all(self);
}

/* GET of the root, confirmable, without a token. */
static const uint8_t get_root[] = {0x40, 0x01, 0x4c, 0x57};

static lwsec_coap_message decode(lwsec_bytes wire)
{
    lwsec_coap_message message;
    lwsec_reason reason;
    const lwsec_status status = lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, &reason);

    if (status != LWSEC_OK) {
        fail("message", status, reason.why);
    }
    return message;
}

/* 2.05 in the acknowledgement, with the request's message id and token. */
static void answer_request(peer *self, lwsec_bytes request)
{
    uint8_t room[64];
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);
    lwsec_coap_message message = decode(request);
    lwsec_reason reason;

    message.type = LWSEC_COAP_ACK;
    message.code = 0x45;
    message.payload = lwsec_bytes_of("ping\n", 5);
    const lwsec_status status =
        lwsec_coap_encode(LWSEC_COAP_UDP, &message, NULL, 0, &answer, &reason);
    if (status != LWSEC_OK) {
        fail("answer", status, reason.why);
    }
    write_text(self, lwsec_buffer_bytes(&answer));
}

static void say(const peer *self, lwsec_bytes got)
{
    if (self->coap && !self->client) {
        printf("got ping\n"); /* a request of theirs */
    } else {
        const lwsec_bytes text = self->coap ? decode(got).payload : got;
        printf("got %.*s", (int)text.size, (const char *)text.data);
    }
}

static void look(peer *self)
{
    lwsec_dtls_event event = {.size = sizeof event};
    uint8_t room[DATAGRAM];
    lwsec_buffer text = lwsec_buffer_of(room, sizeof room);

    while (lwsec_dtls_next_event(self->session, &event) == LWSEC_OK) {
        if (event.kind == LWSEC_DTLS_EVENT_DONE) {
            printf("done %04x\n", lwsec_dtls_suite(self->session));
            if (self->client) {
                write_text(self, self->coap ? lwsec_bytes_of(get_root, sizeof get_root)
                                            : lwsec_bytes_of("ping\n", 5));
            }
        } else if (event.kind == LWSEC_DTLS_EVENT_ALERT) {
            printf("alert %u %s\n", event.alert.number, event.alert.sent ? "sent" : "received");
        } else {
            printf("closed: %s\n", lwsec_why_text(event.why));
            self->over = true;
            self->exit_code = 1;
        }
    }
    while (lwsec_dtls_read(self->session, &text) == LWSEC_OK) {
        say(self, lwsec_buffer_bytes(&text));
        if (!self->client && self->coap) {
            answer_request(self, lwsec_buffer_bytes(&text));
        } else if (!self->client) {
            write_text(self, lwsec_buffer_bytes(&text));
        }
        if (lwsec_dtls_shut(self->session, now()) == LWSEC_OK) {
            send_all(self);
        }
        self->over = true;
        self->exit_code = 0;
    }
}

/* The caller of the library writes addresses as it likes: here as the system has them. */
static lwsec_bytes address_of(const struct sockaddr_in *address)
{
    return lwsec_bytes_of(&address->sin_port, 6); /* port and IPv4, side by side */
}

static void run(peer *self)
{
    uint8_t room[DATAGRAM];
    lwsec_reason reason;

    while (!self->over) {
        const uint64_t due = lwsec_dtls_deadline(self->session), at = now();
        struct pollfd wait = {.fd = self->socket, .events = POLLIN};
        const int left = due == UINT64_MAX ? -1 : due > at ? (int)(due - at) : 0;
        lwsec_status status = LWSEC_OK;

        (void)fflush(stdout);
        if (poll(&wait, 1, left) == 1) {
            struct sockaddr_in from;
            socklen_t size = sizeof from;
            const ssize_t got =
                recvfrom(self->socket, room, sizeof room, 0, (struct sockaddr *)&from, &size);
            if (got <= 0) {
                continue;
            }
            if (!lwsec_dtls_is_bound(self->session)) {
                self->address = from;
            }
            status = lwsec_dtls_feed(self->session, lwsec_bytes_of(room, (size_t)got),
                                     address_of(&from), now(), &reason);
        } else {
            status = lwsec_dtls_step(self->session, now(), &reason);
        }
        if (status != LWSEC_OK && status != LWSEC_REJECT) {
            fail("feed", status, reason.why);
        }
        send_all(self);
        look(self);
    }
}

static const lwsec_dtls_engine *engine_of(const char *name, lwsec_store **store)
{
#if defined(LWSEC_TEST_OPENSSL)
    if (strcmp(name, "openssl") == 0) {
        return lwsec_memory_openssl_open(store_memory, sizeof store_memory, 2, store) == LWSEC_OK
                   ? lwsec_dtls_openssl()
                   : NULL;
    }
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    if (strcmp(name, "mbedtls") == 0) {
        return lwsec_memory_mbedtls_open(store_memory, sizeof store_memory, 2, store) == LWSEC_OK
                   ? lwsec_dtls_mbedtls()
                   : NULL;
    }
#endif
    return NULL;
}

static void close_store(const char *name, lwsec_store *store)
{
#if defined(LWSEC_TEST_OPENSSL)
    if (strcmp(name, "openssl") == 0) {
        lwsec_memory_openssl_close(&store);
    }
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    if (strcmp(name, "mbedtls") == 0) {
        lwsec_memory_mbedtls_close(&store);
    }
#endif
}

static void open_socket(peer *self, const char *port)
{
    self->address.sin_family = AF_INET;
    self->address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    self->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self->socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (self->socket < 0 ||
        (!self->client &&
         bind(self->socket, (const struct sockaddr *)&self->address, sizeof self->address) != 0)) {
        fail("socket", LWSEC_USAGE, LWSEC_WHY_NONE);
    }
}

int main(int count, char **arguments)
{
    static peer self;
    lwsec_store *store = NULL;
    lwsec_dtls_endpoint *endpoint = NULL;
    lwsec_reason reason;

    const lwsec_dtls_engine *engine = count > 2 ? engine_of(arguments[1], &store) : NULL;
    if (engine != NULL && strncmp(arguments[2], "has-", 4) == 0) {
        const uint32_t wanted =
            strcmp(arguments[2], "has-rpk") == 0 ? LWSEC_DTLS_RPK : LWSEC_DTLS_EXTENDED_MASTER;
        close_store(arguments[1], store);
        return (lwsec_dtls_capabilities(engine) & wanted) != 0 ? 0 : 1;
    }
    self.coap = count == 7;
    if (engine == NULL || count < 6 || count > 7) {
        return 2;
    }
    self.client = strcmp(arguments[2], "client") == 0;
    self.config.size = sizeof self.config;
    self.config.role = self.client ? LWSEC_DTLS_CLIENT : LWSEC_DTLS_SERVER;
    if (strncmp(arguments[3], "psk", 3) == 0) {
        self.config.flags =
            strcmp(arguments[3], "psk-ems") == 0 ? LWSEC_DTLS_NEED_EXTENDED_MASTER : 0;
        self.config.psk = give_psk;
        self.config.identity = lwsec_bytes_of("interop", self.client ? 7 : 0);
    } else if (strcmp(arguments[3], "rpk") == 0) {
        use_raw_keys(&self, arguments[5], store);
    } else {
        use_certificates(&self, arguments[5], store);
        if (strcmp(arguments[3], "sni") == 0) {
            use_more(&self, arguments[5], store);
        } else if (strcmp(arguments[3], "staple") == 0) {
            use_staple(&self, arguments[5]);
        }
    }
    open_socket(&self, arguments[4]);
    lwsec_status status = lwsec_dtls_endpoint_open(engine, &self.config, endpoint_memory,
                                                   sizeof endpoint_memory, &endpoint, &reason);
    if (status != LWSEC_OK) {
        fail("endpoint", status, reason.why);
    }
    const lwsec_bytes none = {NULL, 0};
    status = lwsec_dtls_open(endpoint, session_memory, sizeof session_memory,
                             self.client ? address_of(&self.address) : none, now(), &self.session,
                             &reason);
    if (status != LWSEC_OK) {
        fail("session", status, reason.why);
    }
    printf("ready\n");
    send_all(&self);
    run(&self);
    lwsec_dtls_close(&self.session);
    lwsec_dtls_endpoint_close(&endpoint);
    close_store(arguments[1], store);
    return self.exit_code;
}
