/* A device for the retry engine to live in. */
#include "tests/support/test.h"

#include "tests/certpolicy/retry_world.h"

uint32_t world_random(world *device, uint32_t bound)
{
    device->random ^= device->random << 13;
    device->random ^= device->random >> 7;
    device->random ^= device->random << 17;
    return (uint32_t)((device->random >> 16) % bound);
}

static uint32_t one_of(world *device, const uint32_t *values, uint32_t count)
{
    return values[world_random(device, count)];
}

static lwsec_retry_server random_server(world *device, uint16_t id)
{
    static const uint32_t timers[] = {1, 10, 60};
    static const uint32_t counts[] = {1, 2, 5};
    static const uint32_t delays[] = {1, 100, 86400, LWSEC_RETRY_NEVER};
    lwsec_retry_server server = {.size = sizeof server, .id = id};

    server.present = world_random(device, 256);
    server.priority = world_random(device, 3);
    server.initial_delay = world_random(device, 100);
    server.failure_block = world_random(device, 2) == 0;
    server.bootstrap_on_failure = world_random(device, 2) == 0;
    server.retry_count = one_of(device, counts, 3);
    server.retry_timer = one_of(device, timers, 3);
    server.sequence_delay = one_of(device, delays, 4);
    server.sequence_retry_count = 1 + world_random(device, 2);
    return server;
}

lwsec_retry_time world_time(const world *device)
{
    lwsec_retry_time now = {device->now - device->base, device->now / 1000U, device->trust};

    if (device->trust != LWSEC_RETRY_CLOCK_TRUSTED) {
        now.wall += device->lie;
    }
    return now;
}

static void make_engine(world *device)
{
    const lwsec_retry_time now = world_time(device);

    assert_status(lwsec_retry_init(device->memory, sizeof device->memory, &device->config, &now,
                                   &device->retry, NULL),
                  LWSEC_OK);
}

void world_open(world *device, uint64_t seed)
{
    *device = (world){.random = seed * 0x9e3779b97f4a7c15U + 1, .now = 1700000000000U};

    const uint16_t count = (uint16_t)world_random(device, WORLD_SERVERS + 1);
    for (uint16_t i = 0; i < count; i++) {
        device->servers[i] = random_server(device, (uint16_t)(i + 1));
    }
    device->bootstrap = (lwsec_retry_bootstrap_server){
        sizeof device->bootstrap, world_random(device, 30), 1 + world_random(device, 60), 600};
    device->base = device->now;
    device->trust = (lwsec_retry_trust)world_random(device, 3);
    assert_status(lwsec_state_memory_open(device->state_memory, sizeof device->state_memory, 2,
                                          WORLD_RECORD, &device->state),
                  LWSEC_OK);
    device->config = (lwsec_retry_config){.size = sizeof device->config,
                                          .servers = device->servers,
                                          .count = count,
                                          .state = device->state};
    if (count == 0 || world_random(device, 3) > 0) {
        device->config.bootstrap = &device->bootstrap;
    }
    make_engine(device);
}

void world_close(world *device)
{
    lwsec_retry_close(&device->retry);
    lwsec_state_memory_close(&device->state);
}

static void damage_record(world *device)
{
    const lwsec_record record = {LWSEC_RECORD_RETRY, {0}};
    uint8_t room[WORLD_RECORD];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version;

    if (lwsec_state_load(device->state, &record, &value, &version, NULL) != LWSEC_OK) {
        return;
    }
    room[world_random(device, (uint32_t)value.size)] ^= (uint8_t)(1 + world_random(device, 255));
    assert_status(
        lwsec_state_store_if(device->state, &record, lwsec_buffer_bytes(&value), &version, NULL),
        LWSEC_OK);
}

void world_reset(world *device, uint64_t off, bool damage)
{
    lwsec_retry_close(&device->retry);
    if (damage) {
        damage_record(device);
    }
    device->now += off;
    device->base = device->now - world_random(device, 5000); /* the boot took a while */
    make_engine(device);
}
