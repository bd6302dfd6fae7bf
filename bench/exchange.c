/* The task that is measured: POST rd/5a3f with a token of 4 bytes, a kid of 4, a Partial IV of 3.
 */
#include "bench/exchange.h"

#include <lwsec/state_memory.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORE_ROOM 65536U
#define STATE_RECORDS 4U
#define STATE_VALUE 64U

typedef struct side {
    uint64_t memory[LWSEC_OSCORE_SIZE(32, 0) / 8];
    lwsec_oscore *context;
} side;

struct exchange {
    const engine *with;
    uint64_t store_memory[STORE_ROOM / 8];
    lwsec_store *store;
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(STATE_RECORDS, STATE_VALUE) / 8];
    lwsec_state *state;
    side client;
    side server;
    uint8_t plain[MESSAGE_MAX];
    size_t plain_size;
    uint8_t wire[BATCH][MESSAGE_MAX];
    size_t wire_size[BATCH];
};

void must(lwsec_status status, const char *what)
{
    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "lwsec-bench: %s: %s\n", what, lwsec_status_name(status));
        exit(1);
    }
}

size_t exchange_text_size(size_t payload)
{
    return payload + 10; /* code, Uri-Path rd and 5a3f, marker */
}

lwsec_bytes exchange_aad(void)
{
    static const uint8_t aad[26] = {0x83, 0x68, 'E', 'n', 'c', 'r', 'y', 'p', 't', '0', 0x40};
    return lwsec_bytes_of(aad, sizeof aad);
}

static void write_plain(exchange *x, size_t payload)
{
    static const uint8_t path[] = {0xb2, 'r', 'd', 0x04, '5', 'a', '3', 'f'};
    static const uint8_t head[] = {0x44, LWSEC_COAP_POST, 0x12, 0x34, 1, 2, 3, 4};

    memcpy(x->plain, head, sizeof head);
    memcpy(x->plain + sizeof head, path, sizeof path);
    x->plain[sizeof head + sizeof path] = 0xff;
    memset(x->plain + sizeof head + sizeof path + 1, 'p', payload);
    x->plain_size = sizeof head + sizeof path + 1 + payload;
}

static void open_side(exchange *x, side *s, const char *sender, const char *recipient)
{
    static const uint8_t secret[16] = "0123456789abcdef";
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {NULL, 0}};
    lwsec_oscore_config config = {.size = sizeof config};

    must(lwsec_key_import(x->store, &attributes, lwsec_bytes_of(secret, sizeof secret),
                          &config.secret),
         "secret");
    config.state = x->state;
    config.sender_id = lwsec_bytes_of(sender, 4);
    config.recipient_id = lwsec_bytes_of(recipient, 4);
    config.aead = x->with->aead;
    /* A Partial IV of 3 bytes; the server, which only receives, knows that its key is new. */
    config.start_ssn = s == &x->client ? 0x010000 : 0;
    config.flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO;
    must(lwsec_oscore_init(s->memory, sizeof s->memory, &config, &s->context, NULL), "context");
    must(lwsec_key_destroy(&config.secret), "secret");
}

exchange *exchange_open(const engine *with, size_t payload)
{
    exchange *x = calloc(1, sizeof *x);

    if (x == NULL) {
        must(LWSEC_BUFFER, "memory");
        return NULL;
    }
    x->with = with;
    must(with->open(x->store_memory, sizeof x->store_memory, BENCH_SLOTS, &x->store), "store");
    must(lwsec_state_memory_open(x->state_memory, sizeof x->state_memory, STATE_RECORDS,
                                 STATE_VALUE, &x->state),
         "state");
    open_side(x, &x->client, "clnt", "srvr");
    open_side(x, &x->server, "srvr", "clnt");
    write_plain(x, payload);
    return x;
}

void exchange_close(exchange *x)
{
    lwsec_oscore_close(&x->client.context);
    lwsec_oscore_close(&x->server.context);
    lwsec_state_memory_close(&x->state);
    x->with->close(&x->store);
    free(x);
}

void exchange_protect(exchange *x)
{
    for (size_t i = 0; i < BATCH; i++) {
        lwsec_oscore_request request;
        lwsec_buffer out = lwsec_buffer_of(x->wire[i], MESSAGE_MAX);
        must(lwsec_oscore_protect_request(
                 x->client.context, lwsec_bytes_of(x->plain, x->plain_size), &request, &out, NULL),
             "protect");
        x->wire_size[i] = out.size;
    }
}

void exchange_unprotect(exchange *x)
{
    uint8_t plain[MESSAGE_MAX];

    for (size_t i = 0; i < BATCH; i++) {
        lwsec_oscore_request request;
        lwsec_buffer out = lwsec_buffer_of(plain, sizeof plain);
        must(lwsec_oscore_unprotect_request(x->server.context,
                                            lwsec_bytes_of(x->wire[i], x->wire_size[i]), &request,
                                            &out, NULL),
             "unprotect");
    }
}
