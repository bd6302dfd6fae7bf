/* The objects of one end, in static memory: a killed process leaves nothing behind. */
#include "tests/power/end.h"

#include "tests/power/box.h"
#include "tests/power/spy.h"
#include "tests/support/stores.h"

#include <lwsec/state_directory.h>
#include <lwsec/state_sealed.h>

#include <stdlib.h>

#define SLOTS 24U
#define WINDOW_MAX 64U

static const setting *how;
static const lwsec_test_store *kind;
static lwsec_store *store;
static uint64_t state_memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
static lwsec_state *state;
static uint64_t sealed_memory[LWSEC_STATE_SEALED_SIZE / 8];
static lwsec_state *sealed;
static lwsec_freshness freshness;
static lwsec_oscore_config config;

/* Alone and as a server: the present context, and of two places the one that it lives in. */
static uint64_t places[2][LWSEC_OSCORE_AGREED_SIZE(WINDOW_MAX) / 8];
static unsigned place;
static unsigned agreed_count;
static lwsec_oscore *context;
static lwsec_oscore_rederive_server server;
static lwsec_oscore_rederive_peer server_peer;

static uint64_t client_memory[LWSEC_OSCORE_REDERIVE_SIZE(WINDOW_MAX, 0) / 8];
static lwsec_oscore_rederive *client;

/* ---- Opening and closing ---- */

static const lwsec_test_store *store_kind(void)
{
    const lwsec_test_store *one = lwsec_test_store_at(0);

    for (size_t i = 1; one != NULL && !lwsec_test_store_has(one, LWSEC_ALG_AES_CCM_16_64_128);
         i++) {
        one = lwsec_test_store_at(i);
    }
    return one;
}

static lwsec_status make_mac_key(lwsec_key *key)
{
    const lwsec_key_attributes mac = {sizeof mac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {0}};

    return lwsec_key_generate(store, &mac, 32, key);
}

static lwsec_status open_store(void)
{
    const lwsec_key_attributes master = {sizeof master, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {0}};

    kind = store_kind();
    const size_t size = kind->size(SLOTS);
    lwsec_status status = kind->open(malloc(size), size, SLOTS, &store);
    if (status != LWSEC_OK) {
        return status;
    }
    spy_on(store);
    status = lwsec_key_import(store, &master, lwsec_bytes_of(how->secret, sizeof how->secret),
                              &config.secret);
    if (status == LWSEC_OK) {
        status = make_mac_key(&freshness.key);
    }
    if (status == LWSEC_OK) {
        status = make_mac_key(&server.key);
    }
    return status;
}

static void configure(void)
{
    config = (lwsec_oscore_config){
        .size = sizeof config,
        .sender_id = lwsec_bytes_of(how->sender_id, how->sender_id_size),
        .recipient_id = lwsec_bytes_of(how->recipient_id, how->recipient_id_size),
        .window = how->window,
        .reserve = how->reserve,
        .reserve_max = how->reserve_max,
        .flags = how->flags,
        .freshness = how->timed ? &freshness : NULL,
    };
    freshness = (lwsec_freshness){.size = sizeof freshness};
    if (how->ruled) {
        freshness.rules = lwsec_lwm2m_server_freshness(&freshness.rule_count);
    }
    server = (lwsec_oscore_rederive_server){.size = sizeof server};
    server_peer = (lwsec_oscore_rederive_peer){.size = sizeof server_peer,
                                               .inputs = &config,
                                               .memory = places[1],
                                               .memory_size = sizeof places[1]};
}

/* A context that may not send is none: the server begins Appendix B.2 by itself. */
static lwsec_status open_server(lwsec_reason *reason)
{
    lwsec_status status =
        lwsec_oscore_rederive_resume(places[0], sizeof places[0], &config, &context, reason);

    if (status != LWSEC_ABSENT || how->stateless) {
        return status == LWSEC_ABSENT ? LWSEC_OK : status;
    }
    status = lwsec_oscore_init(places[0], sizeof places[0], &config, &context, reason);
    if (status == LWSEC_OK && lwsec_oscore_reserve(context, NULL) == LWSEC_NEED_REKEY) {
        lwsec_oscore_close(&context);
    }
    return status;
}

static lwsec_status open_role(lwsec_reason *reason)
{
    switch (how->role) {
    case ROLE_CLIENT:
        return lwsec_oscore_rederive_init(client_memory, sizeof client_memory, &config, &client,
                                          reason);
    case ROLE_SERVER: return open_server(reason);
    case ROLE_ALONE: break;
    }
    return lwsec_oscore_init(places[0], sizeof places[0], &config, &context, reason);
}

static lwsec_status open_sealed(void)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, {0}};
    lwsec_key key;

    const lwsec_status status = lwsec_key_import(
        store, &attributes, lwsec_bytes_of(how->sealing, sizeof how->sealing), &key);
    return status == LWSEC_OK
               ? lwsec_state_sealed_open(sealed_memory, sizeof sealed_memory, state, key, &sealed)
               : status;
}

static lwsec_status open_state(lwsec_reason *reason)
{
    lwsec_status status = lwsec_state_directory_open(state_memory, sizeof state_memory,
                                                     box_own()->medium.path, &state, reason);

    if (status == LWSEC_OK && how->sealed) {
        status = open_sealed();
    }
    config.state = how->sealed ? sealed : state;
    return status;
}

lwsec_status end_open(const setting *provisioned, lwsec_reason *reason)
{
    how = provisioned;
    configure();
    lwsec_status status = open_store();
    if (status == LWSEC_OK && !how->stateless) {
        status = open_state(reason);
    }
    return status == LWSEC_OK ? open_role(reason) : status;
}

void end_close(void)
{
    void *memory = store;

    lwsec_oscore_rederive_close(&client);
    lwsec_oscore_close(&context);
    lwsec_state_sealed_close(&sealed);
    lwsec_state_directory_close(&state);
    kind->close(&store);
    free(memory);
}

void end_set_time(uint64_t now)
{
    freshness.now = now;
    server.now = now;
}

/* ---- Requests of its own ---- */

static lwsec_oscore *present(void)
{
    return how->role == ROLE_CLIENT ? lwsec_oscore_rederive_context(client) : context;
}

lwsec_status end_ask(lwsec_bytes plain, end_request *asked, lwsec_buffer *out, lwsec_reason *reason)
{
    asked->context = present();
    return asked->context != NULL
               ? lwsec_oscore_protect_request(asked->context, plain, &asked->request, out, reason)
               : LWSEC_NEED_REKEY;
}

lwsec_status end_collect(end_request *asked, lwsec_bytes wire, lwsec_buffer *plain,
                         lwsec_reason *reason)
{
    if (how->role == ROLE_CLIENT) {
        return lwsec_oscore_rederive_response(client, &asked->request, wire, plain, reason);
    }
    return context != NULL
               ? lwsec_oscore_unprotect_response(context, &asked->request, wire, plain, reason)
               : LWSEC_USAGE;
}

/* ---- Requests of the peer ---- */

/* What the context that was agreed replaces is closed. */
static void replace(lwsec_oscore *agreed)
{
    lwsec_oscore_close(&context);
    context = agreed;
    server_peer.memory = places[place];
    place ^= 1U;
    agreed_count++;
}

/* By the present context, or, where it does not fit or is not there, by Appendix B.2. */
static lwsec_status serve(lwsec_bytes wire, uint16_t message_id, end_request *held,
                          lwsec_buffer *out, bool *is_answer, lwsec_reason *reason)
{
    lwsec_oscore *agreed = NULL;
    lwsec_status status = LWSEC_REJECT;

    held->context = context;
    if (context != NULL) {
        status = lwsec_oscore_unprotect_request(context, wire, &held->request, out, reason);
        if (status != LWSEC_REJECT || reason->why != LWSEC_WHY_OSCORE_OTHER_CONTEXT) {
            return status;
        }
    }
    status = lwsec_oscore_rederive_request(&server, &server_peer, wire, message_id, &agreed,
                                           &held->request, out, reason);
    *is_answer = status == LWSEC_CHALLENGE;
    if (agreed != NULL) {
        replace(agreed);
        held->context = context;
    }
    return status;
}

lwsec_status end_receive(lwsec_bytes wire, uint16_t message_id, end_request *held,
                         lwsec_buffer *out, lwsec_status *challenged, lwsec_reason *reason)
{
    bool is_answer = false;
    lwsec_status status;

    *challenged = LWSEC_OK;
    held->context = context;
    if (how->role == ROLE_SERVER) {
        status = serve(wire, message_id, held, out, &is_answer, reason);
    } else if (how->role == ROLE_CLIENT) {
        status = lwsec_oscore_rederive_incoming(client, wire, &held->context, &held->request, out,
                                                reason);
    } else {
        status = lwsec_oscore_unprotect_request(context, wire, &held->request, out, reason);
    }
    if (status == LWSEC_CHALLENGE && !is_answer) {
        *challenged =
            lwsec_oscore_challenge(held->context, &held->request, wire, message_id, out, NULL);
    }
    return status;
}

lwsec_status end_respond(end_request *held, lwsec_bytes plain, bool own_piv, lwsec_buffer *out,
                         lwsec_reason *reason)
{
    return lwsec_oscore_protect_response(held->context, &held->request, plain, own_piv, out,
                                         reason);
}

/* ---- The rest ---- */

lwsec_status end_reserve(lwsec_reason *reason)
{
    lwsec_oscore *here = present();

    return here != NULL ? lwsec_oscore_reserve(here, reason) : LWSEC_NEED_REKEY;
}

unsigned end_agreed(void)
{
    return agreed_count;
}

lwsec_status end_rekey(lwsec_reason *reason)
{
    return lwsec_oscore_rederive_start(client, reason);
}
