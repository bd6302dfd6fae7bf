/* A client and a server with contexts of one secret, and what goes between them. */
#ifndef LWSEC_TESTS_OSCORE_PAIR_H
#define LWSEC_TESTS_OSCORE_PAIR_H

#include "tests/support/stores.h"
#include "tests/support/test.h"

#include <lwsec/oscore.h>
#include <lwsec/state_memory.h>

#include "oscore/context.h"

#include "tests/support/stores.h"

#define STATE_RECORDS 8U
#define STATE_VALUE_MAX 256U
#define PACKET_MAX 140000U

/* One end. Its configuration may be changed before endpoint_open. */
typedef struct endpoint {
    lwsec_oscore_config config;
    lwsec_oscore *context;
    lwsec_state *state; /* in memory; config.state points to it unless the test says otherwise */
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(STATE_RECORDS, STATE_VALUE_MAX) / 8];
    uint64_t memory[LWSEC_OSCORE_SIZE(LWSEC_OSCORE_WINDOW_MAX, LWSEC_OSCORE_ID_CONTEXT_MAX) / 8];
} endpoint;

typedef struct pair {
    lwsec_store *store;
    endpoint client;
    endpoint server;
} pair;

/*
 * Set-up and tear-down of a test: the test gets a pair over the first store that this build has,
 * configured as in RFC 8613 Appendix C.1, with fresh keys and without the first Echo, not yet
 * opened.
 */
int pair_set_up(void **state);
int pair_tear_down(void **state);
#define pair_test(test) cmocka_unit_test_setup_teardown((test), pair_set_up, pair_tear_down)

/* The kind of store that pairs are made over; NULL: the first that has AES-CCM, as at the start. */
void pair_choose_store(const lwsec_test_store *kind);
const lwsec_test_store *pair_store(void);

void pair_open(pair *both);
void endpoint_open(endpoint *one);
/* As if a request had proven that it is fresh: an end whose numbers do not begin at 0 would ask. */
void endpoint_trust(endpoint *one);
/* What a reboot does: the context is gone, the state stays. */
void endpoint_reboot(endpoint *one);

/* Another context of the same configuration, state included. */
void endpoint_twin(endpoint *twin, const endpoint *one);

/* The secret of a pair, in a store. */
lwsec_key import_secret(lwsec_store *store, lwsec_bytes secret);

/* A message that a call wrote, or the answer that it gave instead. */
typedef struct packet {
    lwsec_reason reason;
    lwsec_buffer out;
    lwsec_oscore_request request;
    uint8_t data[PACKET_MAX];
} packet;

static inline lwsec_bytes bytes_of(const packet *one)
{
    return lwsec_buffer_bytes(&one->out);
}

/*
 * The calls of the library over packets. Each checks what holds for all of them: after a refusal
 * there is a reason and no output, and nothing is written past the capacity.
 */
lwsec_status protect(endpoint *client, lwsec_bytes plain, packet *sent);
lwsec_status unprotect(endpoint *server, lwsec_bytes wire, packet *received);
lwsec_status respond(endpoint *server, packet *received, lwsec_bytes plain, packet *sent);
lwsec_status respond_with_number(endpoint *server, packet *received, lwsec_bytes plain,
                                 packet *sent);
lwsec_status receive(endpoint *client, packet *request, lwsec_bytes wire, packet *received);
lwsec_status challenge(endpoint *server, packet *received, lwsec_bytes wire, packet *sent);

/* Fresh packets for one test: they are large, and few are needed. */
packet *packet_new(void);

/* A GET and a 2.05, as in RFC 8613 Appendix C.4 and C.7. */
lwsec_bytes plain_get(void);
lwsec_bytes plain_content(void);

/* A message of the framing with token 00003974 and Message ID 5d1f; lives until the 8th one after
 * it. */
lwsec_bytes message(lwsec_coap_framing framing, uint8_t code, const lwsec_coap_option *options,
                    size_t count, lwsec_bytes payload);
lwsec_bytes udp_message(uint8_t code, const lwsec_coap_option *options, size_t count,
                        const char *payload);

/* An option whose value is this text. */
lwsec_coap_option text_option(uint32_t number, const char *text);

/* A whole exchange: request, response, both delivered. */
void exchange(pair *both);

/* What stands outside of a protected message. Fails the test if the OSCORE option is not there. */
lwsec_oscore_option outside(lwsec_bytes wire);
bool has_piv(lwsec_bytes wire);
uint64_t piv_of(lwsec_bytes wire);

/* Whether a message has an option of this number, and how many. */
size_t count_options(lwsec_coap_framing framing, lwsec_bytes wire, uint32_t number);

lwsec_oscore_wear wear_of(endpoint *one);

#endif
