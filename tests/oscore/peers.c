/* A server's registry and many peers of it. */
#include "tests/oscore/peers.h"

#define STATE_RECORDS_OF_PEERS (3U * PEERS_MAX)

static peers fixture;
static uint64_t states[2][LWSEC_STATE_MEMORY_SIZE(STATE_RECORDS_OF_PEERS, STATE_VALUE_MAX) / 8 + 1];

packet *peers_packet(void)
{
    static packet packets[8];
    static unsigned used;

    return &packets[used++ % 8];
}

int peers_set_up(void **state)
{
    peers *all = &fixture;

    memset(all, 0, sizeof *all);
    all->store = lwsec_test_store_open(pair_store(), PEER_SLOTS);
    assert_status(lwsec_state_memory_open(states[0], sizeof states[0], STATE_RECORDS_OF_PEERS,
                                          STATE_VALUE_MAX, &all->state),
                  LWSEC_OK);
    assert_status(lwsec_state_memory_open(states[1], sizeof states[1], STATE_RECORDS_OF_PEERS,
                                          STATE_VALUE_MAX, &all->client_state),
                  LWSEC_OK);
    all->config = (lwsec_oscore_registry_config){
        .size = sizeof all->config,
        .capacity = PEERS_MAX,
        .id_context_max = 8,
        .address_max = 8,
        .interval = 10,
        .store = all->store,
        .flags = LWSEC_REGISTRY_SHARED_WINDOWS,
    };
    *state = all;
    return 0;
}

void peers_open(peers *all)
{
    const size_t size = lwsec_oscore_registry_size(&all->config);

    all->memory = malloc(size);
    assert_non_null(all->memory);
    assert_status(lwsec_oscore_registry_open(all->memory, size, &all->config, &all->registry, NULL),
                  LWSEC_OK);
}

int peers_tear_down(void **state)
{
    peers *all = *state;

    lwsec_oscore_registry_close(&all->registry);
    free(all->memory);
    lwsec_state_memory_close(&all->state);
    lwsec_state_memory_close(&all->client_state);
    lwsec_test_store_close(pair_store(), all->store);
    return 0;
}

peer peer_of(uint8_t number)
{
    static uint8_t kids[256][2];
    const peer one = {number, lwsec_bytes_of(kids[number], 2), lwsec_bytes_of(NULL, 0), 0};

    kids[number][0] = 'k';
    kids[number][1] = number;
    return one;
}

static lwsec_oscore_config config_of(const peers *all, const peer *one, bool server)
{
    const uint8_t secret[16] = {'s', one->number};
    const lwsec_bytes server_id = lwsec_bytes_of("srv", 3);

    return (lwsec_oscore_config){
        .size = sizeof(lwsec_oscore_config),
        .secret = import_secret(all->store, lwsec_bytes_of(secret, sizeof secret)),
        .state = server ? all->state : all->client_state,
        .sender_id = server ? server_id : one->kid,
        .recipient_id = server ? one->kid : server_id,
        .id_context = one->id_context,
        .flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO | one->flags,
    };
}

lwsec_oscore_config peer_config(const peers *all, const peer *one)
{
    return config_of(all, one, true);
}

void peer_config_done(lwsec_oscore_config *config)
{
    assert_status(lwsec_key_destroy(&config->secret), LWSEC_OK);
}

lwsec_status peer_add(peers *all, const peer *one, const char *address, uint32_t now)
{
    lwsec_oscore_config config = peer_config(all, one);
    const lwsec_status status = lwsec_oscore_registry_add(
        all->registry, &config, lwsec_bytes_of(address, strlen(address)), now, NULL);

    peer_config_done(&config);
    return status;
}

lwsec_bytes peer_request(const peers *all, const peer *one, packet *sent)
{
    static uint64_t memory[LWSEC_OSCORE_SIZE(32, 255) / 8];
    lwsec_oscore_config config = config_of(all, one, false);
    lwsec_oscore *context = NULL;

    config.flags &= ~(uint32_t)LWSEC_OSCORE_SHARED_WINDOW;
    assert_status(lwsec_oscore_init(memory, sizeof memory, &config, &context, NULL), LWSEC_OK);
    sent->out = lwsec_buffer_of(sent->data, 512);
    assert_status(
        lwsec_oscore_protect_request(context, plain_get(), &sent->request, &sent->out, NULL),
        LWSEC_OK);
    lwsec_oscore_close(&context);
    peer_config_done(&config);
    return bytes_of(sent);
}

lwsec_status peers_receive(peers *all, lwsec_bytes wire, const char *address, uint32_t now,
                           packet *received)
{
    const lwsec_oscore_arrival arrival = {LWSEC_COAP_UDP, wire,
                                          lwsec_bytes_of(address, strlen(address)), now};
    lwsec_oscore *context = NULL;

    received->out = lwsec_buffer_of(received->data, 512);
    const lwsec_status status = lwsec_oscore_registry_unprotect(
        all->registry, &arrival, &context, &received->request, &received->out, &received->reason);
    assert_true((context != NULL) == (status == LWSEC_OK || status == LWSEC_CHALLENGE));
    assert_true((received->out.size > 0) == (status == LWSEC_OK));
    lwsec_oscore_registry_give_back(all->registry, &context);
    return status;
}
