/* A sealed file in a folder of its own, opened again and again. */
#include "tests/crypto/sealed_file/kit.h"

#include "crypto/sealed_file/sodium_box.h"
#include "tests/state/temporary.h"

static const uint8_t raw_key[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

int kit_begin(void **state)
{
    kit *own = calloc(1, sizeof *own);

    assert_non_null(own);
    (void)snprintf(own->home, sizeof own->home, "%s", temporary_folder());
    (void)snprintf(own->path, sizeof own->path, "%s/store", own->home);
    own->inner = lwsec_test_store_open(lwsec_test_store_at(0), KIT_SLOTS + 2);
    own->size = lwsec_sealed_file_size(KIT_SLOTS, KIT_KEYS);
    own->memory = malloc(own->size);
    assert_non_null(own->memory);
    own->config.size = sizeof own->config;
    own->config.path = own->path;
    own->config.inner = own->inner;
    own->config.keys = KIT_KEYS;
    own->config.flags = LWSEC_SEALED_FILE_CREATE;
    own->config.raw = lwsec_bytes_of(raw_key, sizeof raw_key);
    *state = own;
    return 0;
}

int kit_end(void **state)
{
    kit *own = *state;

    kit_close(own);
    lwsec_test_store_close(lwsec_test_store_at(0), own->inner);
    free(own->memory);
    temporary_remove(own->path);
    temporary_remove(own->home);
    free(own);
    return 0;
}

lwsec_status kit_open(kit *own)
{
    return lwsec_sealed_file_open(own->memory, own->size, KIT_SLOTS, &own->config, &own->store,
                                  &own->reason);
}

void kit_close(kit *own)
{
    lwsec_sealed_file_close(&own->store);
    assert_null(own->store);
}

void kit_reopen(kit *own)
{
    kit_close(own);
    assert_status(kit_open(own), LWSEC_OK);
    assert_int_equal(own->reason.why, LWSEC_WHY_NONE);
}

lwsec_key_attributes kit_named(const char *name, int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, algorithm, usage, {(const uint8_t *)name, strlen(name)}};

    return attributes;
}

lwsec_status kit_keep(kit *own, const char *name, uint8_t filler)
{
    const lwsec_key_attributes attributes = kit_named(name, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    uint8_t raw[32];
    lwsec_key key = {NULL, 0, 0};

    memset(raw, filler, sizeof raw);
    const lwsec_status status =
        lwsec_key_import(own->store, &attributes, lwsec_bytes_of(raw, sizeof raw), &key);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    return status;
}

lwsec_status kit_look(kit *own, const char *name, uint8_t filler)
{
    const lwsec_bytes message = lwsec_bytes_of("message", 7);
    uint8_t raw[32], right[32], mac[32];
    lwsec_key key = {NULL, 0, 0};

    const lwsec_status status =
        lwsec_key_find(own->store, lwsec_bytes_of(name, strlen(name)), &key);
    if (status != LWSEC_OK) {
        return status;
    }
    memset(raw, filler, sizeof raw);
    lwsec_key expected = lwsec_test_key(own->inner, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC,
                                        lwsec_bytes_of(raw, sizeof raw));
    assert_status(lwsec_key_mac(expected, message, right, sizeof right), LWSEC_OK);
    assert_status(lwsec_key_mac(key, message, mac, sizeof mac), LWSEC_OK);
    assert_memory_equal(mac, right, sizeof right);
    assert_status(lwsec_key_destroy(&expected), LWSEC_OK);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    return LWSEC_OK;
}

lwsec_status kit_destroy(kit *own, const char *name)
{
    lwsec_key key = {NULL, 0, 0};

    const lwsec_status status =
        lwsec_key_find(own->store, lwsec_bytes_of(name, strlen(name)), &key);
    return status == LWSEC_OK ? lwsec_key_destroy(&key) : status;
}

const char *kit_names(kit *own)
{
    static char names[KIT_KEYS * (LWSEC_KEY_NAME_MAX + 1) + 1];
    uint8_t room[LWSEC_KEY_NAME_MAX], before[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes after = {before, 0};
    size_t end = 0;
    lwsec_status status;

    while ((status = lwsec_key_next_name(own->store, after, &name)) == LWSEC_OK) {
        memcpy(&names[end], room, name.size);
        end += name.size;
        names[end++] = ',';
        memcpy(before, room, name.size);
        after.size = name.size;
    }
    assert_status(status, LWSEC_ABSENT);
    names[end > 0 ? end - 1 : 0] = '\0';
    return names;
}

lwsec_bytes kit_file(kit *own)
{
    return file_read(own->path, "keys");
}

void kit_put(kit *own, lwsec_bytes file)
{
    file_write(own->path, "keys", file);
}

void kit_mend_digest(uint8_t *file, size_t size)
{
    lwsec_box_digest(lwsec_bytes_of(file, size - LWSEC_BOX_DIGEST), &file[size - LWSEC_BOX_DIGEST]);
}
