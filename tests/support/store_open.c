/* Opens a store of any kind, closes it, imports keys. */
#include "tests/support/stores.h"

#include "tests/support/test.h"

/* A store is the first thing in its memory, so that its address says what to free. */
lwsec_store *lwsec_test_store_open(const lwsec_test_store *kind, uint32_t slots)
{
    const size_t size = kind->size != NULL ? kind->size(slots) : 0;
    void *memory = size != 0 ? malloc(size) : NULL;
    lwsec_store *store = NULL;

    assert_true(size == 0 || memory != NULL);
    assert_status(kind->open(memory, size, slots, &store), LWSEC_OK);
    assert_true(size == 0 || (void *)store == memory);
    return store;
}

void lwsec_test_store_close(const lwsec_test_store *kind, lwsec_store *store)
{
    void *memory = kind->size != NULL ? store : NULL;

    kind->close(&store);
    assert_null(store);
    free(memory);
}

lwsec_key lwsec_test_key(lwsec_store *store, int32_t algorithm, uint32_t usage, lwsec_bytes raw)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(store, &attributes, raw, &key), LWSEC_OK);
    return key;
}
