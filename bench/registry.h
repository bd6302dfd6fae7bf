/* Very many contexts: bytes, memory, look-ups against a bare table, threads. */
#ifndef LWSEC_BENCH_REGISTRY_H
#define LWSEC_BENCH_REGISTRY_H

#include <lwsec/oscore_registry.h>

/* Tables for 1000, 100 000 and 1 000 000 peers; with `check`, 1 if a limit is missed. */
int print_registry(bool check);

/* ---- What is measured ---- */

/* Peers in a registry over the compact store. Peer i has the kid i in four bytes. */
typedef struct crowd {
    uint32_t count;
    void *store_memory, *registry_memory;
    size_t store_size, registry_size;
    size_t bytes_per_peer; /* what one more peer takes, of both */
    lwsec_store *secrets, *keys;
    lwsec_oscore_registry *registry;
} crowd;

void crowd_open(crowd *all, uint32_t count);
void crowd_close(crowd *all);
size_t crowd_record_size(const crowd *all);

/* The floor: a table of open addressing without anything else. Its records have the registry's size
 * and stand in the table; the key and a word of use are in the first bytes. */
typedef struct bare_table {
    uint32_t slots;
    uint32_t record_size;
    uint8_t *records;
} bare_table;

void bare_open(bare_table *table, uint32_t count, size_t record_size);
void bare_close(bare_table *table);

/* Chains of look-ups: the next key depends on what the last one found. Nanoseconds for each. */
double crowd_chain(const crowd *all, uint32_t look_ups, uint32_t seed);
double bare_chain(const bare_table *table, uint32_t count, uint32_t look_ups, uint32_t seed);

/* Requests to random peers, protected in their contexts; and seals alone, with random keys of the
 * compact store, or of one that keeps all of them expanded. */
double crowd_protect(const crowd *all, uint32_t messages, uint32_t seed);
double crowd_seal(const crowd *all, uint32_t seals, uint32_t seed);
double expanded_seal(uint32_t count, uint32_t seals, uint32_t seed);

/* Kilobytes of this process that are in memory. */
size_t resident_kb(void);
double clock_ns(void);
/* The key after `found`, of `count`. */
uint32_t next_key(uint32_t found, uint32_t step, uint32_t count);
void *large_memory(size_t size);

#endif
