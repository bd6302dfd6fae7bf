/* Answers of an IoT SAFE applet: whatever a card says, the store stays within its memory.
 * The input is answers (fuzz/answers.h). */
#include <lwsec/iotsafe.h>

#include "answers.h"

#define SLOTS 4U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(lwsec_store *store, lwsec_key key)
{
    uint8_t out[65], file[300];
    lwsec_buffer content = lwsec_buffer_of(file, sizeof file);
    lwsec_key shared;
    const lwsec_bytes text = lwsec_bytes_of("text", 4);

    if (lwsec_key_public(key, out, sizeof out) == LWSEC_OK &&
        lwsec_key_sign(key, text, out, sizeof out) == LWSEC_OK) {
        out[0] ^= 1;
    }
    if (lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256, text, out, sizeof out) == LWSEC_OK ||
        lwsec_key_extract(key, LWSEC_ALG_HMAC_256, text, NULL, &shared) == LWSEC_OK ||
        lwsec_iotsafe_read_file(store, text, &content, NULL) == LWSEC_OK ||
        lwsec_random(store, out, sizeof out) == LWSEC_OK) {
        out[0] ^= 1;
    }
}

static void use_all(lwsec_store *store)
{
    uint8_t room[LWSEC_KEY_NAME_MAX], before[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes after = {before, 0};
    lwsec_key key;

    while (lwsec_key_next_name(store, after, &name) == LWSEC_OK) {
        memcpy(before, room, name.size);
        after.size = name.size;
        if (lwsec_key_find(store, after, &key) == LWSEC_OK) {
            use(store, key);
            if (lwsec_key_release(&key) != LWSEC_OK) {
                return;
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t memory[LWSEC_IOTSAFE_SIZE(SLOTS) / 8];
    answers left = {data, size, 0, false};
    lwsec_apdu connection;
    lwsec_iotsafe_config config = {.size = sizeof config, .card = &connection};
    lwsec_store *store = NULL;

    if (lwsec_apdu_init(&connection, &answers_ops, &left, true) == LWSEC_OK &&
        lwsec_iotsafe_open(memory, sizeof memory, SLOTS, &config, &store, NULL) == LWSEC_OK) {
        use_all(store);
        lwsec_iotsafe_close(&store);
    }
    return 0;
}
