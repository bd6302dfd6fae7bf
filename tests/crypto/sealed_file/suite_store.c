/* The suite of all stores over a sealed file: what is kept in none of its tests must still work. */
#include "tests/crypto/groups.h"

#include <lwsec/memory_openssl.h>
#include <lwsec/sealed_file.h>

#include <unistd.h>

#define KEYS 4U
#define PATH_SIZE 32U /* a folder's name, at the end of the memory */

/* Sealed file, inner store and the name of the folder in one piece of memory. */
static size_t inner_at(uint32_t slots)
{
    return lwsec_sealed_file_size(slots, KEYS);
}

static size_t size_of(uint32_t slots)
{
    return inner_at(slots) + lwsec_memory_openssl_size(slots) + PATH_SIZE;
}

static lwsec_status open_sealed(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    static const uint8_t raw[32] = {1};
    char folder[PATH_SIZE] = "sealed-XXXXXX";
    lwsec_store *inner = NULL;

    if (memory == NULL || slots == 0 || (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return LWSEC_USAGE;
    }
    if (slots > UINT16_MAX || size < size_of(slots)) {
        return LWSEC_BUFFER;
    }
    assert_status(lwsec_memory_openssl_open((uint8_t *)memory + inner_at(slots),
                                            lwsec_memory_openssl_size(slots), slots, &inner),
                  LWSEC_OK);
    assert_non_null(mkdtemp(folder));
    const lwsec_sealed_file_config config = {.size = sizeof config,
                                             .path = folder,
                                             .inner = inner,
                                             .keys = KEYS,
                                             .flags = LWSEC_SEALED_FILE_CREATE,
                                             .raw = lwsec_bytes_of(raw, sizeof raw)};
    memcpy((uint8_t *)memory + size_of(slots) - PATH_SIZE, folder, PATH_SIZE);
    return lwsec_sealed_file_open(memory, inner_at(slots), slots, &config, store, NULL);
}

static void close_sealed(lwsec_store **store)
{
    char file[PATH_SIZE + 8];

    if (store == NULL || *store == NULL) {
        return;
    }
    uint8_t *memory = (uint8_t *)*store;
    const uint32_t slots = (*store)->slot_count;
    char *folder = (char *)&memory[size_of(slots) - PATH_SIZE];
    lwsec_store *inner = (lwsec_store *)(void *)&memory[inner_at(slots)];
    lwsec_sealed_file_close(store);
    lwsec_memory_openssl_close(&inner);
    (void)snprintf(file, sizeof file, "%s/keys", folder);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/lock", folder);
    (void)unlink(file);
    (void)rmdir(folder);
    memset(folder, 0, PATH_SIZE);
}

static const lwsec_test_store stores[] = {
    {.name = "sealed-file",
     .open = open_sealed,
     .close = close_sealed,
     .size = size_of,
     .macro_size_of_3 = LWSEC_SEALED_FILE_SIZE(3, KEYS) + LWSEC_MEMORY_OPENSSL_SIZE(3) + PATH_SIZE,
     .algorithms = lwsec_test_all_algorithms},
    {.name = "memory-openssl",
     .open = lwsec_memory_openssl_open,
     .close = lwsec_memory_openssl_close,
     .size = lwsec_memory_openssl_size,
     .macro_size_of_3 = LWSEC_MEMORY_OPENSSL_SIZE(3),
     .algorithms = lwsec_test_all_algorithms,
     .reference = true},
};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index < sizeof stores / sizeof stores[0] ? &stores[index] : NULL;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    return lwsec_test_lists(kind->algorithms, algorithm);
}

int main(void)
{
    const suite_group *const groups[] = {
        &suite_known_answers, &suite_keys,   &suite_aead, &suite_aead_refusals, &suite_mac,
        &suite_cipher,        &suite_derive, &suite_p256, &suite_threads,       &suite_fork};
    int failed = 0;

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        failed += suite_run(groups[i]);
    }
    return failed;
}
