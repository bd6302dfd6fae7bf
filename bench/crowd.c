/* A registry full of peers, and the floor that its look-ups are held against. */
#define _GNU_SOURCE

#include "bench/engine.h"
#include "bench/registry.h"

#include "core/siphash.h"
#include "oscore/registry.h"

#include <lwsec/compact_openssl.h>
#include <lwsec/memory_openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CACHED 4096U
#define BARE_LOAD (10.0 / 14.0) /* that of the index of a full registry */

/* ---- The machine ---- */

double clock_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Of this thread alone: what others do on the machine does not count. */
static double worked_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

size_t resident_kb(void)
{
    char line[128] = "";
    char *rest = line;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file != NULL && fgets(line, sizeof line, file) == NULL) {
        line[0] = 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    (void)strtoul(line, &rest, 10); /* all pages; then the resident ones */
    const unsigned long pages = strtoul(rest, NULL, 10);
    return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* Registry and floor get the same: pages as large as the system has them. */
void *large_memory(size_t size)
{
    const size_t step = (size_t)2 << 20;
    void *memory = aligned_alloc(step, (size + step - 1) / step * step);

    if (memory == NULL) {
        must(LWSEC_BUFFER, "memory");
    }
    (void)madvise(memory, (size + step - 1) / step * step, MADV_HUGEPAGE);
    return memory;
}

/* SplitMix's finalizer: no key follows its neighbour. */
uint32_t next_key(uint32_t found, uint32_t step, uint32_t count)
{
    uint64_t x = ((uint64_t)step << 32 | found) + 0x9e3779b97f4a7c15ULL;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return (uint32_t)((x >> 32) * count >> 32);
}

/* ---- A state that remembers nothing: what is measured is the memory of the peers ---- */

static lwsec_status load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                         uint64_t *version, lwsec_reason *reason)
{
    (void)state, (void)record, (void)value, (void)version, (void)reason;
    return LWSEC_ABSENT;
}

static lwsec_status store_if(lwsec_state *state, const lwsec_record *record, lwsec_bytes value,
                             uint64_t *version, lwsec_reason *reason)
{
    (void)state, (void)record, (void)value, (void)reason;
    (*version)++;
    return LWSEC_OK;
}

static lwsec_status take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                         lwsec_reason *reason)
{
    (void)state, (void)record, (void)value, (void)reason;
    return LWSEC_ABSENT;
}

static lwsec_status advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                            lwsec_reason *reason)
{
    (void)state, (void)record, (void)to, (void)reason;
    return LWSEC_OK;
}

static lwsec_status window_accept(lwsec_state *state, const lwsec_record *record, uint64_t number,
                                  uint32_t window, lwsec_reason *reason)
{
    (void)state, (void)record, (void)number, (void)window, (void)reason;
    return LWSEC_OK;
}

static lwsec_status erase(lwsec_state *state, const lwsec_record *record, lwsec_reason *reason)
{
    (void)state, (void)record, (void)reason;
    return LWSEC_ABSENT;
}

static lwsec_state *forgetful_state(void)
{
    static const lwsec_state_ops ops = {.abi = LWSEC_STATE_ABI,
                                        .size = sizeof ops,
                                        .name = "forgetful",
                                        .load = load,
                                        .store_if = store_if,
                                        .take = take,
                                        .advance = advance,
                                        .window_accept = window_accept,
                                        .erase = erase};
    static lwsec_state state;

    must(lwsec_state_init(&state, &ops), "state");
    return &state;
}

/* ---- The crowd ---- */

/*
 * What a look-up finds: the key again, in another place than the one that is compared. If that one
 * were read, the processor would go on with the key that it has before it knows the record, and no
 * look-up would wait for the one before.
 */
static lwsec_oscore_id answer_of(uint32_t key)
{
    lwsec_oscore_id id = {sizeof key + 1, {0, 0, 0, 0, 's'}};
    memcpy(id.data, &key, sizeof key);
    return id;
}

static lwsec_oscore_registry_config registry_config(const crowd *all, uint32_t count)
{
    return (lwsec_oscore_registry_config){
        .size = sizeof(lwsec_oscore_registry_config), .capacity = count, .store = all->secrets};
}

static void add_all(const crowd *all)
{
    static const uint8_t secret[32] = "lwsec-bench";
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, {NULL, 0}};
    lwsec_oscore_config config = {.size = sizeof config,
                                  .store = all->keys,
                                  .state = forgetful_state(),
                                  .flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO};

    must(lwsec_key_import(all->secrets, &attributes, lwsec_bytes_of(secret, sizeof secret),
                          &config.secret),
         "secret");
    for (uint32_t i = 0; i < all->count; i++) {
        const lwsec_oscore_id sender = answer_of(i);
        config.sender_id = lwsec_oscore_id_bytes(&sender);
        config.recipient_id = lwsec_bytes_of(&i, sizeof i);
        config.id_context = lwsec_bytes_of(NULL, 0);
        must(lwsec_oscore_registry_add(all->registry, &config, lwsec_bytes_of(NULL, 0), 0, NULL),
             "peer");
    }
}

void crowd_open(crowd *all, uint32_t count)
{
    static uint64_t secrets[LWSEC_MEMORY_OPENSSL_SIZE(4) / 8];

    all->count = count;
    must(lwsec_memory_openssl_open(secrets, sizeof secrets, 4, &all->secrets), "store");
    const lwsec_oscore_registry_config config = registry_config(all, count);
    const lwsec_oscore_registry_config doubled = registry_config(all, 2 * count);
    all->registry_size = lwsec_oscore_registry_size(&config);
    all->store_size = lwsec_compact_openssl_size(2 * count, 16, CACHED);
    all->bytes_per_peer =
        (lwsec_oscore_registry_size(&doubled) - all->registry_size +
         lwsec_compact_openssl_size(4 * count, 16, CACHED) - all->store_size + count - 1) /
        count;
    all->store_memory = large_memory(all->store_size);
    all->registry_memory = large_memory(all->registry_size);
    must(lwsec_compact_openssl_open(all->store_memory, all->store_size, 2 * count, 16, CACHED,
                                    &all->keys),
         "keys");
    must(lwsec_oscore_registry_open(all->registry_memory, all->registry_size, &config,
                                    &all->registry, NULL),
         "registry");
    add_all(all);
}

void crowd_close(crowd *all)
{
    lwsec_oscore_registry_close(&all->registry);
    lwsec_compact_openssl_close(&all->keys);
    lwsec_memory_openssl_close(&all->secrets);
    free(all->store_memory);
    free(all->registry_memory);
}

size_t crowd_record_size(const crowd *all)
{
    return all->registry->record_size;
}

/* Another thread may have it at this moment: then it is tried again. */
static lwsec_oscore *find(const crowd *all, uint32_t key)
{
    const lwsec_oscore_option option = {
        .present = true, .kid = lwsec_bytes_of(&key, sizeof key), .kid_context = {NULL, 0}};
    lwsec_oscore *context = NULL;
    lwsec_status status = LWSEC_PENDING;

    while (status == LWSEC_PENDING) {
        lwsec_oscore_search search = {{0, 0}};
        status = lwsec_oscore_registry_take(all->registry, &option, lwsec_bytes_of(NULL, 0), 1,
                                            &search, &context, NULL);
    }
    must(status, "look-up");
    return context;
}

double crowd_chain(const crowd *all, uint32_t look_ups, uint32_t seed)
{
    uint32_t key = next_key(seed, seed, all->count);
    const double start = worked_ns();

    for (uint32_t i = 0; i < look_ups; i++) {
        lwsec_oscore *context = find(all, key);
        uint32_t found;
        memcpy(&found, context->sender_id.data, sizeof found);
        lwsec_oscore_registry_give_back(all->registry, &context);
        key = next_key(found, i ^ seed, all->count);
    }
    return (worked_ns() - start) / look_ups;
}

double crowd_protect(const crowd *all, uint32_t messages, uint32_t seed)
{
    static const uint8_t plain[52] = {0x44, 1,   0x12, 0x34, 1,   2,   3,   4,    0xb2,
                                      'r',  'd', 0x04, '5',  'a', '3', 'f', 0xff, 'p'};
    uint8_t wire[sizeof plain + LWSEC_OSCORE_OVERHEAD];
    const double start = worked_ns();

    for (uint32_t i = 0; i < messages; i++) {
        lwsec_oscore_request request;
        lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
        lwsec_oscore *context = find(all, next_key(i, seed, all->count));
        must(lwsec_oscore_protect_request(context, lwsec_bytes_of(plain, sizeof plain), &request,
                                          &out, NULL),
             "protect");
        lwsec_oscore_registry_give_back(all->registry, &context);
    }
    return (worked_ns() - start) / messages;
}

static void seal_once(lwsec_key key, uint32_t number)
{
    static const uint8_t text[42];
    uint8_t out[sizeof text + 8];
    uint8_t nonce[13] = {0};

    memcpy(nonce, &number, sizeof number);
    must(lwsec_key_seal(key, lwsec_bytes_of(nonce, sizeof nonce), lwsec_bytes_of(text, 26),
                        lwsec_bytes_of(text, sizeof text), out, sizeof out),
         "seal");
}

/* The keys of peer i are the slots 2i and 2i + 1, as they were derived one after the other. */
double crowd_seal(const crowd *all, uint32_t seals, uint32_t seed)
{
    uint32_t at = 0;
    lwsec_oscore *context = NULL;

    must(lwsec_oscore_registry_next(all->registry, &at, &context), "peer");
    lwsec_key key = context->sender;
    lwsec_oscore_registry_give_back(all->registry, &context);
    const double start = worked_ns();
    for (uint32_t i = 0; i < seals; i++) {
        key.slot = 2 * next_key(i, seed, all->count);
        seal_once(key, i);
    }
    return (worked_ns() - start) / seals;
}

double expanded_seal(uint32_t count, uint32_t seals, uint32_t seed)
{
    const size_t size = lwsec_memory_openssl_size(count);
    void *memory = large_memory(size);
    lwsec_store *store = NULL;
    lwsec_key key = {NULL, 0, 0};
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, {NULL, 0}};

    must(lwsec_memory_openssl_open(memory, size, count, &store), "store");
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t raw[4] = {i, 1, 2, 3};
        must(lwsec_key_import(store, &attributes, lwsec_bytes_of(raw, sizeof raw), &key), "key");
    }
    const double start = worked_ns();
    for (uint32_t i = 0; i < seals; i++) {
        key.slot = next_key(i, seed, count);
        seal_once(key, i);
    }
    const double each = (worked_ns() - start) / seals;
    lwsec_memory_openssl_close(&store);
    free(memory);
    return each;
}

/* ---- The floor ---- */

static lwsec_siphash_key bare_seed(void)
{
    const lwsec_siphash_key seed = {{0x6c77736563ULL, 0x62656e6368ULL}};
    return seed;
}

/* A record begins with a word that tells whether it is in use, and its kid as the registry has it.
 */
typedef struct bare_record {
    _Atomic uint32_t use; /* 0: empty */
    uint32_t last_used;
    lwsec_oscore_id kid;
    lwsec_oscore_id answer;
} bare_record;

static bare_record *bare_at(const bare_table *table, uint32_t slot)
{
    return (bare_record *)(void *)&table->records[(size_t)slot * table->record_size];
}

static uint32_t bare_home(const bare_table *table, const lwsec_oscore_id *kid)
{
    const lwsec_siphash_key seed = bare_seed();
    const uint64_t hash = lwsec_siphash(&seed, lwsec_bytes_of(kid, sizeof *kid));
    return (uint32_t)((hash >> 32) * table->slots >> 32);
}

static lwsec_oscore_id kid_of(uint32_t key)
{
    lwsec_oscore_id kid = {sizeof key, {0}};
    memcpy(kid.data, &key, sizeof key);
    return kid;
}

void bare_open(bare_table *table, uint32_t count, size_t record_size)
{
    table->slots = (uint32_t)((double)count / BARE_LOAD) + 1;
    table->record_size = (uint32_t)record_size;
    table->records = large_memory(table->slots * record_size);
    memset(table->records, 0, table->slots * record_size);
    for (uint32_t i = 0; i < count; i++) {
        const lwsec_oscore_id kid = kid_of(i);
        uint32_t slot = bare_home(table, &kid);
        while (bare_at(table, slot)->use != 0) {
            slot = slot + 1 < table->slots ? slot + 1 : 0;
        }
        bare_at(table, slot)->use = LWSEC_RECORD_LIVE;
        bare_at(table, slot)->kid = kid;
        bare_at(table, slot)->answer = answer_of(i);
    }
}

void bare_close(bare_table *table)
{
    free(table->records);
}

static bare_record *bare_find(const bare_table *table, uint32_t key)
{
    const lwsec_oscore_id kid = kid_of(key);
    uint32_t slot = bare_home(table, &kid);

    while (memcmp(&bare_at(table, slot)->kid, &kid, sizeof kid) != 0) {
        slot = slot + 1 < table->slots ? slot + 1 : 0;
    }
    return bare_at(table, slot);
}

/* What any table does whose records several threads use: one step to take it, one to give it back;
 * and the time of its use. */
static void bare_take(bare_record *record, uint32_t now)
{
    uint32_t live = LWSEC_RECORD_LIVE;

    while (!atomic_compare_exchange_weak_explicit(&record->use, &live, LWSEC_RECORD_TAKEN,
                                                  memory_order_acquire, memory_order_relaxed)) {
        live = LWSEC_RECORD_LIVE;
    }
    record->last_used = now;
}

static void bare_give_back(bare_record *record)
{
    atomic_store_explicit(&record->use, LWSEC_RECORD_LIVE, memory_order_release);
}

double bare_chain(const bare_table *table, uint32_t count, uint32_t look_ups, uint32_t seed)
{
    uint32_t key = next_key(seed, seed, count);
    const double start = worked_ns();

    for (uint32_t i = 0; i < look_ups; i++) {
        bare_record *record = bare_find(table, key);
        uint32_t found;
        bare_take(record, i);
        memcpy(&found, record->answer.data, sizeof found);
        bare_give_back(record);
        key = next_key(found, i ^ seed, count);
    }
    return (worked_ns() - start) / look_ups;
}
