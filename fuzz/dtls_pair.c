/* Endpoints of both engines, with a PSK or with the certificates of tests/vectors/dtls.txt. */
#include "dtls_pair.h"

#ifdef FUZZ_MBEDTLS
#include <lwsec/dtls_mbedtls.h>
#include <lwsec/memory_mbedtls.h>
#endif
#ifdef FUZZ_OPENSSL
#include <lwsec/dtls_openssl.h>
#include <lwsec/memory_openssl.h>
#endif

#include <stdio.h>
#include <sys/time.h>

#define TIME INT64_C(1893456000) /* 2030 */
#define SMALL_MTU 400

typedef struct pair_kind {
    const lwsec_dtls_engine *(*engine)(void);
    lwsec_status (*store_open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    size_t (*store_size)(uint32_t slots);
} pair_kind;

static const pair_kind kinds[] = {
#ifdef FUZZ_OPENSSL
    {lwsec_dtls_openssl, lwsec_memory_openssl_open, lwsec_memory_openssl_size},
#endif
#ifdef FUZZ_MBEDTLS
    {lwsec_dtls_mbedtls, lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_size},
#endif
};
#define KINDS (sizeof kinds / sizeof kinds[0])

uint64_t pair_now = 1000000;

/* OpenSSL's DTLS asks this one. */
__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict time,
                                                        void *restrict zone)
{
    (void)zone;
    time->tv_sec = (time_t)(TIME + (int64_t)(pair_now / 1000));
    time->tv_usec = (suseconds_t)(pair_now % 1000 * 1000);
    return 0;
}

/* ---- Credentials ---- */

static lwsec_bytes from_hex(const char *hex)
{
    const size_t size = strspn(hex, "0123456789abcdef") / 2;
    uint8_t *bytes = malloc(size);
    unsigned byte = 0;

    require(bytes != NULL && size > 0);
    for (size_t i = 0; i < size; i++) {
        require(sscanf(&hex[2 * i], "%2x", &byte) == 1);
        bytes[i] = (uint8_t)byte;
    }
    return lwsec_bytes_of(bytes, size);
}

/* A value of the record that begins with this name. */
static lwsec_bytes credential(const char *name, const char *field)
{
    static char text[1 << 16];
    char wanted[64];
    FILE *file = text[0] == '\0' ? fopen(FUZZ_CREDENTIALS, "r") : NULL;

    if (file != NULL) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        (void)fclose(file);
    }
    (void)snprintf(wanted, sizeof wanted, "name = %s\n", name);
    const char *at = strstr(text, wanted);
    require(at != NULL);
    (void)snprintf(wanted, sizeof wanted, "\n%s = ", field);
    at = strstr(at, wanted);
    require(at != NULL);
    return from_hex(at + strlen(wanted));
}

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    (void)argument;
    if (identity.size != 8 || memcmp(identity.data, "endpoint", 8) != 0) {
        return LWSEC_ABSENT;
    }
    memcpy(secret->data, "0123456789abcdef", 16);
    secret->size = 16;
    return LWSEC_OK;
}

/* What an endpoint points at. */
typedef struct end {
    lwsec_dtls_endpoint *endpoint;
    lwsec_dtls_config config;
    lwsec_cert_check check;
    lwsec_bytes scalar, chain[2], trust[1];
} end;

static void use_certificates(end *self, const pair_kind *kind)
{
    const bool client = self->config.role == LWSEC_DTLS_CLIENT;
    const char *name = client ? "client" : "server";
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_store *store;

    require(kind->store_open(malloc(kind->store_size(1)), kind->store_size(1), 1, &store) ==
            LWSEC_OK);
    self->scalar = credential(name, "scalar");
    require(lwsec_key_import(store, &attributes, self->scalar, &self->config.key) == LWSEC_OK);
    self->chain[0] = credential(name, "der");
    self->chain[1] = credential("inter", "der");
    self->trust[0] = credential("root", "der");
    self->config.chain = self->chain;
    self->config.chain_count = 2;
    self->config.check = &self->check;
    self->check.size = sizeof self->check;
    self->check.role = client ? LWSEC_CERT_OF_SERVER : LWSEC_CERT_OF_CLIENT;
    self->check.usage = client ? LWSEC_CERT_TRUST_ANCHOR : LWSEC_CERT_PKIX;
    self->check.reference.kind = LWSEC_CERT_REFERENCE_NONE;
    self->check.time = (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED, TIME};
    if (client) {
        self->check.association = self->trust[0];
    } else {
        self->check.trust = self->trust;
        self->check.trust_count = 1;
    }
}

static void make(end *self, const pair_kind *kind, lwsec_dtls_role role, unsigned choices)
{
    const size_t size = lwsec_dtls_endpoint_size(kind->engine());
    lwsec_reason reason;

    self->config.size = sizeof self->config;
    self->config.role = role;
    self->config.mtu = (choices & PAIR_SMALL_MTU) != 0 ? SMALL_MTU : 0;
    if ((choices & PAIR_X509) != 0) {
        use_certificates(self, kind);
    } else {
        self->config.psk = give_psk;
        self->config.identity = lwsec_bytes_of("endpoint", role == LWSEC_DTLS_CLIENT ? 8 : 0);
    }
    require(lwsec_dtls_endpoint_open(kind->engine(), &self->config, malloc(size), size,
                                     &self->endpoint, &reason) == LWSEC_OK);
}

const lwsec_dtls_endpoint *pair_endpoint(lwsec_dtls_role role, unsigned choices)
{
    static end ends[2][2][4];
    const unsigned bit = role == LWSEC_DTLS_CLIENT ? PAIR_CLIENT_ENGINE : PAIR_SERVER_ENGINE;
    const size_t which = (choices & bit) != 0 && KINDS > 1 ? 1 : 0;
    end *self = &ends[role == LWSEC_DTLS_CLIENT][which][choices >> 2 & 3];

    if (self->endpoint == NULL) {
        make(self, &kinds[which], role, choices);
    }
    return self->endpoint;
}
