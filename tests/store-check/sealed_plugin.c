/* A plugin of lwsec-store-check: keys sealed in a file, which stays from one opening to the next.
 */
#define _GNU_SOURCE
#include <lwsec/memory_openssl.h>
#include <lwsec/sealed_file.h>
#include <lwsec/store_check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS 32U

#define TEMPLATE "store-check-sealed-XXXXXX"

/* A file is one process's at a time: a child has a folder of its own. */
static char folder[sizeof TEMPLATE];
static pid_t first; /* that made one, and keeps it until it ends */
static pid_t owner;

static void remove_folder(void)
{
    static const char *const files[] = {"keys", "lock", "new"};
    char path[sizeof folder + 8];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static bool make_folder(void)
{
    if (owner == getpid()) {
        return true;
    }
    memcpy(folder, TEMPLATE, sizeof folder);
    if (mkdtemp(folder) == NULL || (first == 0 && atexit(remove_folder) != 0)) {
        return false;
    }
    owner = getpid();
    first = first == 0 ? owner : first;
    return true;
}

/* Which store in memory works for which one. */
#define PAIRS 8U
static struct {
    lwsec_store *store, *inner;
} pairs[PAIRS];

static bool remember(lwsec_store *store, lwsec_store *inner)
{
    for (size_t i = 0; i < PAIRS; i++) {
        if (pairs[i].store == NULL) {
            pairs[i].store = store;
            pairs[i].inner = inner;
            return true;
        }
    }
    return false;
}

static void close_inner(const lwsec_store *store)
{
    for (size_t i = 0; i < PAIRS; i++) {
        if (pairs[i].store == store) {
            pairs[i].store = NULL;
            lwsec_memory_openssl_close(&pairs[i].inner);
        }
    }
}

/* The store, and behind it the one in memory that works for it. */
static lwsec_status open_in(uint8_t *memory, uint32_t slots, lwsec_store **store)
{
    static const uint8_t raw[32] = {1};
    const size_t size = lwsec_sealed_file_size(slots, KEYS);
    lwsec_store *inner = NULL;

    lwsec_status status =
        lwsec_memory_openssl_open(&memory[size], lwsec_memory_openssl_size(slots), slots, &inner);
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_sealed_file_config config = {.size = sizeof config,
                                             .path = folder,
                                             .inner = inner,
                                             .keys = KEYS,
                                             .flags = LWSEC_SEALED_FILE_CREATE,
                                             .raw = lwsec_bytes_of(raw, sizeof raw)};
    status = lwsec_sealed_file_open(memory, size, slots, &config, store, NULL);
    if (status == LWSEC_OK && !remember(*store, inner)) {
        lwsec_sealed_file_close(store);
        status = LWSEC_LIMIT;
    }
    if (status != LWSEC_OK) {
        lwsec_memory_openssl_close(&inner);
    }
    return status;
}

static lwsec_status open_store(uint32_t slots, lwsec_store **store)
{
    uint8_t *memory =
        malloc(lwsec_sealed_file_size(slots, KEYS) + lwsec_memory_openssl_size(slots));
    const lwsec_status status =
        memory != NULL && make_folder() ? open_in(memory, slots, store) : LWSEC_ENGINE;

    if (status != LWSEC_OK) {
        free(memory);
    }
    return status;
}

static void close_store(lwsec_store **store)
{
    void *memory = *store; /* a store is the first thing in its memory */

    lwsec_sealed_file_close(store);
    close_inner(memory);
    free(memory);
    if (owner != first) {
        remove_folder();
    }
}

const lwsec_store_check lwsec_store_check_plugin = {
    .size = sizeof(lwsec_store_check), .open = open_store, .close = close_store, .keeps = true};
