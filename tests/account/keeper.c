/* A key store that keeps keys by name, and a state, on a medium that outlives them. */
#include "tests/support/test.h"

#include "tests/account/keeper.h"

/* Whether the call is made; `lost`: it is the last one, whose answer nobody gets. */
static bool lives(keeper_life *life, bool *lost)
{
    life->calls++;
    *lost = life->dies_at != 0 && life->calls == life->dies_at;
    return life->dies_at == 0 || life->calls < life->dies_at || (*lost && life->after);
}

static lwsec_status answer(bool lost, lwsec_status status, lwsec_status death)
{
    return lost ? death : status;
}

/* ---- The key store ---- */

static keeper_key *named(keeper_medium *medium, lwsec_bytes name, size_t *index)
{
    for (size_t i = 0; i < KEEPER_KEYS; i++) {
        keeper_key *key = &medium->keys[i];
        if (key->used && key->name_size == name.size &&
            memcmp(key->name, name.data, name.size) == 0) {
            *index = i;
            return key;
        }
    }
    return NULL;
}

static lwsec_status keep(keeper_store *self, uint32_t slot, const lwsec_key_attributes *attributes,
                         lwsec_bytes raw)
{
    size_t index = 0;

    self->index[slot] = KEEPER_KEYS;
    if (attributes->name.size == 0) {
        return LWSEC_OK;
    }
    if (named(self->medium, attributes->name, &index) != NULL) {
        return LWSEC_USAGE; /* a name stands for one key */
    }
    while (index < KEEPER_KEYS && self->medium->keys[index].used) {
        index++;
    }
    assert_true(index < KEEPER_KEYS);
    keeper_key *key = &self->medium->keys[index];
    key->used = true;
    key->algorithm = attributes->algorithm;
    key->usage = attributes->usage;
    key->name_size = attributes->name.size;
    memcpy(key->name, attributes->name.data, attributes->name.size);
    key->raw_size = raw.size;
    memcpy(key->raw, raw.data, raw.size);
    self->index[slot] = index;
    return LWSEC_OK;
}

static lwsec_status keeper_import(lwsec_store *store, uint32_t slot,
                                  const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    keeper_store *self = (keeper_store *)store;
    bool lost;

    if (!lives(self->life, &lost)) {
        return LWSEC_ENGINE;
    }
    return answer(lost, keep(self, slot, attributes, raw), LWSEC_ENGINE);
}

/* Each search gives a handle of its own. */
static lwsec_status keeper_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    keeper_store *self = (keeper_store *)store;
    size_t index = 0;
    uint32_t slot = 0;
    bool lost;

    if (!lives(self->life, &lost)) {
        return LWSEC_ENGINE;
    }
    const keeper_key *found = named(self->medium, name, &index);
    if (found == NULL) {
        return answer(lost, LWSEC_ABSENT, LWSEC_ENGINE);
    }
    const lwsec_key_attributes attributes = {
        sizeof attributes, found->algorithm, found->usage, {NULL, 0}};
    assert_status(lwsec_store_claim(store, &slot), LWSEC_OK);
    self->index[slot] = index;
    return answer(lost, lwsec_store_publish(store, slot, &attributes, key), LWSEC_ENGINE);
}

static lwsec_status keeper_destroy(lwsec_store *store, uint32_t slot)
{
    keeper_store *self = (keeper_store *)store;
    bool lost;

    if (!lives(self->life, &lost)) {
        return LWSEC_ENGINE;
    }
    if (self->index[slot] < KEEPER_KEYS) {
        memset(&self->medium->keys[self->index[slot]], 0, sizeof self->medium->keys[0]);
    }
    return answer(lost, LWSEC_OK, LWSEC_ENGINE);
}

static lwsec_status keeper_release(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK;
}

static const lwsec_store_ops store_ops = {.abi = LWSEC_STORE_ABI,
                                          .size = sizeof(lwsec_store_ops),
                                          .name = "keeper",
                                          .tier = LWSEC_TIER_TOKEN,
                                          .import = keeper_import,
                                          .find = keeper_find,
                                          .destroy = keeper_destroy,
                                          .release = keeper_release};

void keeper_store_open(keeper_store *store, keeper_medium *medium, keeper_life *life)
{
    memset(store, 0, sizeof *store);
    store->medium = medium;
    store->life = life;
    assert_status(lwsec_store_init(&store->head, &store_ops, store->slots, KEEPER_SLOTS), LWSEC_OK);
}

size_t keeper_count(const keeper_medium *medium)
{
    size_t count = 0;

    for (size_t i = 0; i < KEEPER_KEYS; i++) {
        count += medium->keys[i].used;
    }
    return count;
}

lwsec_bytes keeper_raw(lwsec_key key)
{
    const keeper_store *self = (const keeper_store *)key.store;
    const size_t index = self->index[key.slot];

    assert_true(index < KEEPER_KEYS && self->medium->keys[index].used);
    return lwsec_bytes_of(self->medium->keys[index].raw, self->medium->keys[index].raw_size);
}

/* ---- The state ---- */

static lwsec_status dead(lwsec_reason *reason)
{
    reason->why = LWSEC_WHY_STATE_IO;
    return LWSEC_STATE;
}

/* Whether the call has to be made again, after a poll. */
static bool waits(keeper_state *self)
{
    const bool pending = self->slow && !self->polled;

    self->polled = false;
    return pending;
}

static lwsec_status keeper_poll(lwsec_state *state)
{
    ((keeper_state *)state)->polled = true;
    return LWSEC_OK;
}

static lwsec_status keeper_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    keeper_state *self = (keeper_state *)state;
    bool lost;

    if (waits(self)) {
        return LWSEC_PENDING;
    }
    if (!lives(self->life, &lost) || lost) {
        return dead(reason);
    }
    return lwsec_state_load(self->inner, record, value, version, reason);
}

static lwsec_status keeper_store_if(lwsec_state *state, const lwsec_record *record,
                                    lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    keeper_state *self = (keeper_state *)state;
    bool lost;

    if (waits(self)) {
        return LWSEC_PENDING;
    }
    if (!lives(self->life, &lost)) {
        return dead(reason);
    }
    const lwsec_status status = lwsec_state_store_if(self->inner, record, value, version, reason);
    return lost ? dead(reason) : status;
}

static lwsec_status keeper_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    (void)state;
    (void)record;
    (void)value;
    return dead(reason);
}

static lwsec_status keeper_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    (void)state;
    (void)record;
    (void)to;
    return dead(reason);
}

static lwsec_status keeper_window(lwsec_state *state, const lwsec_record *record, uint64_t number,
                                  uint32_t window, lwsec_reason *reason)
{
    (void)state;
    (void)record;
    (void)number;
    (void)window;
    return dead(reason);
}

static lwsec_status keeper_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    keeper_state *self = (keeper_state *)state;
    bool lost;

    if (waits(self)) {
        return LWSEC_PENDING;
    }
    if (!lives(self->life, &lost)) {
        return dead(reason);
    }
    const lwsec_status status = lwsec_state_erase(self->inner, record, reason);
    return lost ? dead(reason) : status;
}

static const lwsec_state_ops state_ops = {.abi = LWSEC_STATE_ABI,
                                          .size = sizeof(lwsec_state_ops),
                                          .name = "keeper",
                                          .seals = true, /* as a state in memory */
                                          .load = keeper_load,
                                          .store_if = keeper_store_if,
                                          .take = keeper_take,
                                          .advance = keeper_advance,
                                          .window_accept = keeper_window,
                                          .erase = keeper_erase,
                                          .poll = keeper_poll};

void keeper_state_open(keeper_state *state, lwsec_state *inner, keeper_life *life)
{
    memset(state, 0, sizeof *state);
    state->inner = inner;
    state->life = life;
    assert_status(lwsec_state_init(&state->head, &state_ops), LWSEC_OK);
}
