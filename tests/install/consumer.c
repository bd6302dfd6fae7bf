/* A user's program: built from what is installed, in C and in C++, shared and static. */
#include <lwsec/bytes.h>
#include <lwsec/coap.h>
#include <lwsec/version.h>

#if defined(CONSUMER_OPENSSL)
#include <lwsec/memory_openssl.h>
#define STORE(call) lwsec_memory_openssl_##call
#elif defined(CONSUMER_MBEDTLS)
#include <lwsec/memory_mbedtls.h>
#define STORE(call) lwsec_memory_mbedtls_##call
#elif defined(CONSUMER_SODIUM)
#include <lwsec/memory_sodium.h>
#define STORE(call) lwsec_memory_sodium_##call
#elif defined(CONSUMER_STATE_SQLITE)
#include <lwsec/state_sqlite.h>
#elif defined(CONSUMER_PCSC)
#include <lwsec/apdu_pcsc.h>
#elif defined(CONSUMER_PKCS11)
#include <lwsec/pkcs11.h>
#endif

#include <stdio.h>
#include <string.h>

static int same_version(void)
{
    char header[32];

    (void)snprintf(header, sizeof header, "%d.%d.%d", LWSEC_VERSION_MAJOR, LWSEC_VERSION_MINOR,
                   LWSEC_VERSION_PATCH);
    return strcmp(header, lwsec_version()) == 0 && strcmp(header, CONSUMER_VERSION) == 0;
}

#if defined(STORE)
/* Brings a key in, seals and opens one message: the store and the library behind it work. */
static int store_works(void)
{
    static uint64_t memory[512];
    lwsec_store *store = NULL;
    if (STORE(size)(4) > sizeof memory ||
        STORE(open)(memory, sizeof memory, 4, &store) != LWSEC_OK) {
        return 0;
    }

    const uint8_t secret[32] = {1};
    const uint8_t nonce[12] = {2};
    uint8_t text[5 + 16] = "hello";
    lwsec_key key = {NULL, 0, 0};
    lwsec_key_attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.algorithm = LWSEC_ALG_CHACHA20_POLY1305;
    attributes.usage = LWSEC_USE_SEAL | LWSEC_USE_OPEN;

    const int works =
        lwsec_key_import(store, &attributes, lwsec_bytes_of(secret, sizeof secret), &key) ==
            LWSEC_OK &&
        lwsec_key_seal(key, lwsec_bytes_of(nonce, sizeof nonce), lwsec_bytes_of(NULL, 0),
                       lwsec_bytes_of(text, 5), text, sizeof text) == LWSEC_OK &&
        memcmp(text, "hello", 5) != 0 &&
        lwsec_key_open(key, lwsec_bytes_of(nonce, sizeof nonce), lwsec_bytes_of(NULL, 0),
                       lwsec_bytes_of(text, sizeof text), text, sizeof text) == LWSEC_OK &&
        memcmp(text, "hello", 5) == 0;
    STORE(close)(&store);
    return works && store == NULL;
}
#elif defined(CONSUMER_STATE_SQLITE)
/* A counter in a file that is gone afterwards. */
static int store_works(void)
{
    static uint64_t memory[2048];
    const char *path = "consumer-state";
    const lwsec_record record = {LWSEC_RECORD_SMS, {1}};
    lwsec_state_sqlite_config config;
    lwsec_state *state = NULL;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.path = path;
    if (lwsec_state_sqlite_size(0) > sizeof memory ||
        lwsec_state_sqlite_open(memory, sizeof memory, &config, &state, NULL) != LWSEC_OK) {
        return 0;
    }
    const int works = lwsec_state_advance(state, &record, 7, NULL) == LWSEC_OK &&
                      lwsec_state_advance(state, &record, 7, NULL) == LWSEC_CONFLICT;
    lwsec_state_sqlite_close(&state);
    return remove(path) == 0 && works && state == NULL;
}
#elif defined(CONSUMER_PCSC)
/* There may be no pcscd: what counts is that nothing is there to be opened. */
static int store_works(void)
{
    static uint64_t memory[LWSEC_PCSC_SIZE / 8];
    lwsec_apdu card;
    lwsec_pcsc *pcsc = NULL;

    return lwsec_pcsc_open(memory, sizeof memory, "no such reader", &card, &pcsc) != LWSEC_OK &&
           pcsc == NULL;
}
#elif defined(CONSUMER_PKCS11)
/* There may be no module: what counts is that none is there to be opened. */
static int store_works(void)
{
    static uint64_t memory[LWSEC_PKCS11_SIZE(1) / 8];
    lwsec_pkcs11_config config;
    lwsec_store *store = NULL;

    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.module = "/no/such/module.so";
    return lwsec_pkcs11_open(memory, sizeof memory, 1, &config, &store, NULL) == LWSEC_ENGINE &&
           store == NULL;
}
#else
static int store_works(void)
{
    return 1; /* the core library alone */
}
#endif

int main(void)
{
    const char *name = lwsec_coap_option_name(LWSEC_COAP_OSCORE);

    if (!same_version()) {
        (void)fprintf(stderr, "library %s, package %s\n", lwsec_version(), CONSUMER_VERSION);
        return 1;
    }
    if (name == NULL || strcmp(name, "OSCORE") != 0 ||
        strcmp(lwsec_status_name(LWSEC_REPLAY), "LWSEC_REPLAY") != 0) {
        (void)fprintf(stderr, "names are not as they should be\n");
        return 1;
    }
    if (!store_works()) {
        (void)fprintf(stderr, "the store does not work\n");
        return 1;
    }
    return 0;
}
