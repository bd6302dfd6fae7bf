/* A client and a server of any two engines, in one process, with a network between them. */
#include "tests/dtls/kit.h"

#include "tests/support/vector_file.h"

#include <sys/time.h>

#if defined(LWSEC_TEST_OPENSSL)
#include <lwsec/dtls_openssl.h>
#include <lwsec/memory_openssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <lwsec/dtls_mbedtls.h>
#include <lwsec/memory_mbedtls.h>
#endif

#if defined(LWSEC_TEST_TOKEN) /* every key in a token, whatever the engine */
#include "tests/tokens/environment.h"
#include "tests/tokens/pair.h"

#define STORE_OF(engine) token_open_in, lwsec_pkcs11_close, lwsec_pkcs11_size
#else
#define STORE_OF(engine)                                                                           \
    lwsec_memory_##engine##_open, lwsec_memory_##engine##_close, lwsec_memory_##engine##_size
#endif

static const kit_engine engines[] = {
#if defined(LWSEC_TEST_OPENSSL)
    {"openssl", lwsec_dtls_openssl, STORE_OF(openssl)},
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    {"mbedtls", lwsec_dtls_mbedtls, STORE_OF(mbedtls)},
#endif
};

const kit_engine *kit_engine_at(size_t index)
{
    return index < sizeof engines / sizeof engines[0] ? &engines[index] : NULL;
}

void kit_each(void (*test)(const kit_engine *client, const kit_engine *server))
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        for (size_t j = 0; j < sizeof engines / sizeof engines[0]; j++) {
            test(&engines[i], &engines[j]);
        }
    }
}

/* ---- Time: OpenSSL's DTLS asks gettimeofday, which is this one in a test ---- */

uint64_t kit_now = 1000000;

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict time,
                                                        void *restrict zone)
{
    (void)zone;
    time->tv_sec = (time_t)(KIT_TIME + (int64_t)(kit_now / 1000));
    time->tv_usec = (suseconds_t)(kit_now % 1000 * 1000);
    return 0;
}

/* ---- Credentials ---- */

typedef struct wanted {
    const char *name;
    lwsec_bytes der;
    lwsec_bytes scalar;
} wanted;

static void pick(const lwsec_vector *vector, void *argument)
{
    wanted *one = argument;

    if (strcmp(lwsec_vector_text(vector, "name"), one->name) == 0) {
        one->der = lwsec_vector_bytes(vector, "der");
        one->scalar = lwsec_vector_optional(vector, "scalar"); /* lists have none */
    }
}

static wanted find(const char *name)
{
    wanted one = {name, {NULL, 0}, {NULL, 0}};

    (void)lwsec_vector_each("dtls.txt", pick, &one);
    (void)lwsec_vector_each("dtls_more.txt", pick, &one);
    (void)lwsec_vector_each("dtls_server.txt", pick, &one);
    assert_non_null(one.der.data);
    return one;
}

lwsec_bytes kit_certificate(const char *name)
{
    return find(name).der;
}

lwsec_bytes kit_scalar(const char *name)
{
    return find(name).scalar;
}

lwsec_bytes kit_raw_key(const char *name)
{
    /* SubjectPublicKeyInfo of P-256 up to the coordinates of its point */
    static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    const lwsec_bytes der = kit_certificate(name);

    for (size_t at = 0; at + sizeof head + 64 <= der.size; at++) {
        if (memcmp(&der.data[at], head, sizeof head) == 0) {
            return lwsec_bytes_of(&der.data[at], sizeof head + 64);
        }
    }
    fail_msg("no key in %s", name);
    return der;
}

/* The private key that belongs to a certificate, in the side's store. */
static lwsec_key own_key(const kit_side *side, const char *certificate)
{
    const wanted own = find(certificate);
#if defined(LWSEC_TEST_TOKEN)
    const lwsec_bytes info = kit_raw_key(certificate); /* its last 65 bytes are the point */

    return token_pair(side->store, certificate, own.scalar,
                      lwsec_bytes_of(&info.data[info.size - 65], 65));
#else
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(side->store, &attributes, own.scalar, &key), LWSEC_OK);
    return key;
#endif
}

void kit_key(kit_side *side, const char *certificate)
{
    assert_status(lwsec_key_release(&side->config.key), LWSEC_OK);
    side->config.key = own_key(side, certificate);
}

void kit_identity(kit_side *side, const char *certificate, const char *intermediate)
{
    kit_key(side, certificate);
    side->chain[0] = kit_certificate(certificate);
    side->config.chain = side->chain;
    side->config.chain_count = 1;
    if (intermediate != NULL) {
        side->chain[1] = kit_certificate(intermediate);
        side->config.chain_count = 2;
    }
}

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    const kit_side *side = argument;

    if (side->psk_identity == NULL || identity.size != side->psk_identity_size ||
        memcmp(identity.data, side->psk_identity, identity.size) != 0) {
        return LWSEC_ABSENT;
    }
    assert_true(side->psk.size <= secret->capacity);
    memcpy(secret->data, side->psk.data, side->psk.size);
    secret->size = side->psk.size;
    return LWSEC_OK;
}

static lwsec_status find_raw_key(void *argument, lwsec_bytes key)
{
    const kit_side *side = argument;

    return key.size == side->raw_key.size && memcmp(key.data, side->raw_key.data, key.size) == 0
               ? LWSEC_OK
               : LWSEC_ABSENT;
}

static void use_raw_keys(kit_side *side, bool client)
{
    kit_key(side, client ? "client" : "server");
    if (client) {
        side->config.server_key = kit_raw_key("server");
    } else {
        side->raw_key = kit_raw_key("client");
        side->config.raw_key = find_raw_key;
    }
}

static void side_init(kit_side *side, const kit_engine *kind, lwsec_dtls_role role,
                      const char *mode)
{
    const bool client = role == LWSEC_DTLS_CLIENT;

    memset(side, 0, sizeof *side);
    side->kind = kind;
    side->store_memory = malloc(kind->store_size(4));
    assert_status(kind->store_open(side->store_memory, kind->store_size(4), 4, &side->store),
                  LWSEC_OK);
    side->config.size = sizeof side->config;
    side->config.role = role;
    side->config.argument = side;
    if (strcmp(mode, "rpk") == 0) {
        use_raw_keys(side, client);
        return;
    }
    if (strcmp(mode, "psk") == 0) {
        side->psk_identity = "endpoint-1";
        side->psk_identity_size = 10;
        side->psk = lwsec_bytes_of("0123456789abcdef", 16);
        side->config.psk = give_psk;
        if (client) {
            side->config.identity = lwsec_bytes_of(side->psk_identity, 10);
        }
        return;
    }
    kit_identity(side, client ? "client" : "server", "inter");
    side->trust[0] = kit_certificate("root");
    side->check = (lwsec_cert_check){
        .size = sizeof side->check,
        .usage = client ? LWSEC_CERT_TRUST_ANCHOR : LWSEC_CERT_PKIX,
        .role = client ? LWSEC_CERT_OF_SERVER : LWSEC_CERT_OF_CLIENT,
        .time = {LWSEC_CERT_CLOCK_TRUSTED, KIT_TIME},
        .policy = LWSEC_CERT_POLICY_LWM2M,
        .reference = {.kind = client ? LWSEC_CERT_REFERENCE_DNS : LWSEC_CERT_REFERENCE_NONE}};
    if (client) {
        side->check.association = kit_certificate("root");
        side->check.reference.name = lwsec_bytes_of("server.example", 14);
        side->config.server_name = side->check.reference.name;
    } else {
        side->check.trust = side->trust;
        side->check.trust_count = 1;
    }
    side->config.check = &side->check;
}

void kit_init(kit *pair, const kit_engine *client, const kit_engine *server, const char *mode)
{
    memset(pair, 0, sizeof *pair);
    side_init(&pair->client, client, LWSEC_DTLS_CLIENT, mode);
    side_init(&pair->server, server, LWSEC_DTLS_SERVER, mode);
}

/* Datagrams on their way. */
#define FLYING 64

typedef struct flying {
    kit_side *to; /* NULL: the place is free */
    const char *from;
    uint64_t at;
    size_t size;
    uint8_t data[KIT_MTU];
} flying;

static flying sky[FLYING];

/* ---- Sessions ---- */

lwsec_status kit_endpoint(kit_side *side, lwsec_reason *reason)
{
    const lwsec_dtls_engine *engine = side->kind->get();
    const size_t size = lwsec_dtls_endpoint_size(engine);

    free(side->endpoint_memory);
    side->endpoint_memory = malloc(size);
    return lwsec_dtls_endpoint_open(engine, &side->config, side->endpoint_memory, size,
                                    &side->endpoint, reason);
}

static void open_session(kit_side *side, const char *address)
{
    lwsec_reason reason;
    const size_t size = lwsec_dtls_size(side->endpoint);

    side->session_memory = malloc(size);
    assert_status(lwsec_dtls_open(side->endpoint, side->session_memory, size,
                                  lwsec_bytes_of(address, strlen(address)), kit_now, &side->session,
                                  &reason),
                  LWSEC_OK);
}

void kit_open(kit *pair)
{
    lwsec_reason reason;

    memset(sky, 0, sizeof sky); /* nothing of another pair */
    assert_status(kit_endpoint(&pair->client, &reason), LWSEC_OK);
    assert_status(kit_endpoint(&pair->server, &reason), LWSEC_OK);
    open_session(&pair->server, "");
    open_session(&pair->client, "server:5684");
}

static void close_side(kit_side *side)
{
    lwsec_dtls_close(&side->session);
    assert_null(side->session);
    free(side->session_memory);
    lwsec_dtls_endpoint_close(&side->endpoint);
    assert_null(side->endpoint);
    free(side->endpoint_memory);
    side->kind->store_close(&side->store);
    free(side->store_memory);
}

void kit_close(kit *pair)
{
    close_side(&pair->client);
    close_side(&pair->server);
}

/* ---- The network ---- */

/* xorshift64*: the same on every machine. */
static unsigned chance(kit *pair)
{
    pair->seed ^= pair->seed >> 12;
    pair->seed ^= pair->seed << 25;
    pair->seed ^= pair->seed >> 27;
    return (unsigned)(pair->seed * UINT64_C(2685821657736338717) >> 32) % 100;
}

static void launch(kit *pair, kit_side *to, const char *from, const lwsec_buffer *datagram)
{
    for (size_t i = 0; i < FLYING; i++) {
        if (sky[i].to == NULL) {
            sky[i].to = to;
            sky[i].from = from;
            sky[i].at = kit_now;
            if (pair->delay > 0 && chance(pair) < pair->delay) {
                sky[i].at += 20 * (uint64_t)chance(pair); /* up to 2 s: others overtake it */
            }
            sky[i].size = datagram->size;
            memcpy(sky[i].data, datagram->data, datagram->size);
            return;
        }
    }
}

static void send_all(kit *pair, kit_side *side, kit_side *to, const char *from)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);

    while (lwsec_dtls_take(side->session, &datagram) == LWSEC_OK) {
        const uint32_t mtu = side->config.mtu;
        assert_true(datagram.size <= (mtu != 0 ? mtu : LWSEC_DTLS_MTU_DEFAULT));
        pair->datagrams++;
        if (pair->loss > 0 && chance(pair) < pair->loss) {
            continue;
        }
        launch(pair, to, from, &datagram);
        if (pair->doubling > 0 && chance(pair) < pair->doubling) {
            launch(pair, to, from, &datagram);
        }
    }
}

/* As a caller does it after each call. */
static void send_of(kit *pair, kit_side *side)
{
    if (side == &pair->client) {
        send_all(pair, side, &pair->server, "client:1000");
    } else {
        send_all(pair, side, &pair->client, "server:5684");
    }
}

void kit_collect(kit_side *side)
{
    lwsec_dtls_event event = {.size = sizeof event};
    lwsec_buffer plaintext =
        lwsec_buffer_of(&side->got[side->got_size], sizeof side->got - side->got_size);

    while (lwsec_dtls_next_event(side->session, &event) == LWSEC_OK) {
        assert_false(side->closed); /* it is the last one */
        side->ended = kit_now;
        side->done |= event.kind == LWSEC_DTLS_EVENT_DONE;
        if (event.kind == LWSEC_DTLS_EVENT_ALERT) {
            side->alerts++;
            side->alert = event.alert;
        }
        side->resumed |= event.resumed;
        side->moves += event.kind == LWSEC_DTLS_EVENT_ADDRESS;
        if (event.kind == LWSEC_DTLS_EVENT_CLOSED) {
            side->closed = true;
            side->why = event.why;
        }
    }
    while (lwsec_dtls_read(side->session, &plaintext) == LWSEC_OK) {
        side->got_size += plaintext.size;
        plaintext = lwsec_buffer_of(&side->got[side->got_size], sizeof side->got - side->got_size);
    }
}

static uint64_t land(kit *pair)
{
    uint64_t next = UINT64_MAX;
    lwsec_reason reason;

    for (size_t i = 0; i < FLYING; i++) {
        if (sky[i].to != NULL && sky[i].at <= kit_now) {
            kit_side *to = sky[i].to;
            sky[i].to = NULL;
            assert_status(lwsec_dtls_feed(to->session, lwsec_bytes_of(sky[i].data, sky[i].size),
                                          lwsec_bytes_of(sky[i].from, strlen(sky[i].from)), kit_now,
                                          &reason),
                          to->closed ? LWSEC_REJECT : LWSEC_OK);
            send_of(pair, to);
            kit_collect(to);
        } else if (sky[i].to != NULL && sky[i].at < next) {
            next = sky[i].at;
        }
    }
    return next;
}

void kit_exchange(kit *pair)
{
    send_of(pair, &pair->client);
    send_of(pair, &pair->server);
    (void)land(pair);
    kit_collect(&pair->client);
    kit_collect(&pair->server);
}

/* Whether it was due. */
static bool step(kit *pair, kit_side *side)
{
    lwsec_reason reason;

    if (side->closed || lwsec_dtls_deadline(side->session) > kit_now) {
        return false;
    }
    assert_status(lwsec_dtls_step(side->session, kit_now, &reason), LWSEC_OK);
    send_of(pair, side);
    kit_collect(side);
    /* What was due is not due any more: nobody turns in circles. */
    assert_true(side->closed || lwsec_dtls_deadline(side->session) > kit_now);
    return true;
}

static uint64_t soonest(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

static bool is_over(const kit_side *side)
{
    return side->closed || (side->done && lwsec_dtls_deadline(side->session) == UINT64_MAX);
}

void kit_run(kit *pair)
{
    for (;;) {
        const size_t before = pair->datagrams;
        send_of(pair, &pair->client);
        send_of(pair, &pair->server);
        const uint64_t landing = land(pair);
        kit_collect(&pair->client);
        kit_collect(&pair->server);
        bool stepped = step(pair, &pair->client);
        stepped |= step(pair, &pair->server);
        if (stepped || pair->datagrams > before) {
            continue; /* no time passes while there is something to do */
        }
        if (is_over(&pair->client) && is_over(&pair->server) && landing == UINT64_MAX) {
            return;
        }
        const uint64_t due = soonest(lwsec_dtls_deadline(pair->client.session),
                                     lwsec_dtls_deadline(pair->server.session));
        const uint64_t next = soonest(landing, due);
        if (next == UINT64_MAX) {
            return; /* nothing is due any more */
        }
        kit_now = next;
    }
}

static void pass(kit *pair, kit_side *from, kit_side *to, const char *text)
{
    lwsec_reason reason;

    to->got_size = 0;
    assert_status(
        lwsec_dtls_write(from->session, lwsec_bytes_of(text, strlen(text)), kit_now, &reason),
        LWSEC_OK);
    kit_exchange(pair);
    assert_bytes(lwsec_bytes_of(to->got, to->got_size), lwsec_bytes_of(text, strlen(text)));
}

void kit_check_works(kit *pair)
{
    pair->loss = pair->doubling = pair->delay = 0;
    assert_true(pair->client.done);
    assert_true(pair->server.done);
    assert_false(pair->client.closed);
    assert_false(pair->server.closed);
    pass(pair, &pair->client, &pair->server, "ping");
    pass(pair, &pair->server, &pair->client, "a longer answer");
}
