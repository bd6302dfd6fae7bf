/* A plugin of lwsec-store-check: one of the stores in memory (STORE). An example for other stores.
 */
#include <lwsec/store_check.h>

#include STORE_HEADER

#include <stdlib.h>

#define JOIN_(store, what) lwsec_##store##_##what
#define JOIN(store, what) JOIN_(store, what)

static lwsec_status open_store(uint32_t slots, lwsec_store **store)
{
    const size_t size = JOIN(STORE, size)(slots);
    void *memory = malloc(size);

    if (memory == NULL) {
        return LWSEC_ENGINE;
    }
    const lwsec_status status = JOIN(STORE, open)(memory, size, slots, store);
    if (status != LWSEC_OK) {
        free(memory);
    }
    return status;
}

static void close_store(lwsec_store **store)
{
    void *memory = *store; /* a store is the first thing in its memory */

    JOIN(STORE, close)(store);
    free(memory);
}

const lwsec_store_check lwsec_store_check_plugin = {
    sizeof(lwsec_store_check), open_store, close_store, false, NULL, 0};
