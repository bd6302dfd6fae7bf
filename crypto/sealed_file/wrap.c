/* Sealing and opening of the file's own key. */
#include "crypto/sealed_file/wrap.h"

#include <lwsec/store.h>

#include "core/reason.h"
#include "crypto/use.h"

#include <string.h>

#define PASSPHRASE_MAX 1024U
#define NONCE_MIN 12U /* a random nonce must not come twice in the life of a key */
#define NONCE_MAX 16U
#define LABEL "lwsec sealed file 1"

/* ---- What was asked for ---- */

static const lwsec_algorithm *describe(lwsec_key key, lwsec_key_description *description)
{
    description->size = sizeof *description;
    return lwsec_key_describe(key, description) == LWSEC_OK
               ? lwsec_algorithm_find(description->algorithm)
               : NULL;
}

static bool kind_of_key(lwsec_key key, lwsec_sealed_kind *kind)
{
    const uint32_t both = LWSEC_USE_SEAL | LWSEC_USE_OPEN;
    lwsec_key_description description;
    const lwsec_algorithm *algorithm = describe(key, &description);

    if (algorithm == NULL) {
        return false;
    }
    if (algorithm->kind == LWSEC_KIND_AEAD) {
        *kind = LWSEC_SEALED_BY_SEAL;
        return (description.usage & both) == both && algorithm->nonce_size >= NONCE_MIN &&
               algorithm->nonce_size <= NONCE_MAX;
    }
    *kind = LWSEC_SEALED_BY_DERIVE;
    return (description.usage & LWSEC_USE_DERIVE) != 0;
}

static bool argon_fits(uint32_t passes, uint32_t memory_kib)
{
    return passes >= LWSEC_SEALED_FILE_PASSES_MIN && passes <= LWSEC_SEALED_FILE_PASSES_MAX &&
           memory_kib >= LWSEC_SEALED_FILE_KIB_MIN && memory_kib <= LWSEC_SEALED_FILE_KIB_MAX;
}

static uint32_t passes_of(const lwsec_sealed_file_config *config)
{
    return config->passes != 0 ? config->passes : LWSEC_SEALED_FILE_PASSES;
}

static uint32_t memory_of(const lwsec_sealed_file_config *config)
{
    return config->memory_kib != 0 ? config->memory_kib : LWSEC_SEALED_FILE_KIB;
}

bool lwsec_sealed_kind_of(const lwsec_sealed_file_config *config, lwsec_sealed_kind *kind)
{
    const bool passphrase = config->passphrase.data != NULL;
    const bool raw = config->raw.data != NULL;
    const bool wrapping = config->wrapping.store != NULL;

    if (passphrase + raw + wrapping != 1 || !argon_fits(passes_of(config), memory_of(config))) {
        return false;
    }
    if (wrapping) {
        return kind_of_key(config->wrapping, kind);
    }
    *kind = passphrase ? LWSEC_SEALED_BY_PASSPHRASE : LWSEC_SEALED_BY_RAW;
    return passphrase ? config->passphrase.size > 0 && config->passphrase.size <= PASSPHRASE_MAX
                      : config->raw.size == LWSEC_BOX_KEY;
}

/* ---- A store that takes one derived key and shows its bytes ---- */

typedef struct catcher {
    lwsec_store head;
    lwsec_key_slot slot;
    uint8_t *caught;
} catcher;

static lwsec_status catch_key(lwsec_store *store, uint32_t slot,
                              const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)slot;
    (void)attributes;
    memcpy(((catcher *)store)->caught, raw.data, LWSEC_BOX_KEY);
    return LWSEC_OK;
}

static lwsec_status forget(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK; /* what was caught is the caller's */
}

static const lwsec_store_ops catcher_ops = {.abi = LWSEC_STORE_ABI,
                                            .size = sizeof(lwsec_store_ops),
                                            .name = "sealed-file-wrapping",
                                            .tier = LWSEC_TIER_MEMORY,
                                            .import = catch_key,
                                            .destroy = forget};

static lwsec_status derive(lwsec_key key, lwsec_bytes id, uint8_t *out)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL, {NULL, 0}};
    uint8_t info[sizeof LABEL - 1 + LWSEC_SEALED_ID];
    lwsec_writer writer = lwsec_writer_of(info, sizeof info);
    catcher target = {.caught = out};
    lwsec_key derived = {NULL, 0, 0};

    lwsec_writer_bytes(&writer, lwsec_bytes_of(LABEL, sizeof LABEL - 1));
    lwsec_writer_bytes(&writer, id);
    lwsec_status status = lwsec_store_init(&target.head, &catcher_ops, &target.slot, 1);
    if (status == LWSEC_OK) {
        status = lwsec_key_at_once(
            key, lwsec_key_derive(key, LWSEC_ALG_HMAC_256, lwsec_bytes_of(info, writer.size),
                                  &target.head, &attributes, LWSEC_BOX_KEY, &derived));
    }
    return status == LWSEC_OK ? lwsec_key_destroy(&derived) : status;
}

/* ---- Sealing and opening ---- */

/* What a failure of the other store means. */
static lwsec_status key_failed(lwsec_status status, lwsec_reason *reason)
{
    switch (status) {
    case LWSEC_OK: return LWSEC_OK;
    case LWSEC_FORKED: return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    case LWSEC_REJECT: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_WRAPPING, 0, reason);
    case LWSEC_LIMIT: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_LIMIT, 0, reason);
    case LWSEC_USAGE: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_GONE, 0, reason);
    default: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_STORE, 0, reason);
    }
}

/* The wrapping key of the kinds that have one here. */
static lwsec_status make_wrapping(const lwsec_sealed_file_config *config,
                                  const lwsec_sealed_wrap *wrap, lwsec_bytes id, uint8_t *wrapping,
                                  lwsec_reason *reason)
{
    switch (wrap->kind) {
    case LWSEC_SEALED_BY_PASSPHRASE:
        return lwsec_box_passphrase(config->passphrase, wrap->salt.data, wrap->passes,
                                    wrap->memory_kib, wrapping)
                   ? LWSEC_OK
                   : LWSEC_ENGINE;
    case LWSEC_SEALED_BY_RAW: memcpy(wrapping, config->raw.data, LWSEC_BOX_KEY); return LWSEC_OK;
    default: return key_failed(derive(config->wrapping, id, wrapping), reason);
    }
}

/* With a key of another store: nonce, sealed key and tag, of its own sizes. */
static lwsec_status seal_elsewhere(lwsec_key key, lwsec_bytes bound, const uint8_t *file_key,
                                   lwsec_writer *prefix)
{
    uint8_t nonce[NONCE_MAX];
    lwsec_key_description description;
    const lwsec_algorithm *algorithm = describe(key, &description);

    if (algorithm == NULL) {
        return LWSEC_USAGE;
    }
    const lwsec_bytes drawn = {nonce, algorithm->nonce_size};
    const size_t sealed = LWSEC_BOX_KEY + algorithm->tag_size;
    lwsec_box_random(nonce, sizeof nonce);
    lwsec_writer_u8(prefix, (uint8_t)(drawn.size + sealed));
    lwsec_writer_bytes(prefix, drawn);
    uint8_t *out = lwsec_writer_room(prefix, sealed);
    return out != NULL
               ? lwsec_key_at_once(key, lwsec_key_seal(key, drawn, bound,
                                                       lwsec_bytes_of(file_key, LWSEC_BOX_KEY), out,
                                                       sealed))
               : LWSEC_ENGINE;
}

static void seal_here(const lwsec_sealed_keys *keys, lwsec_bytes bound, lwsec_writer *prefix)
{
    const size_t sealed = LWSEC_BOX_KEY + LWSEC_BOX_TAG;

    lwsec_writer_u8(prefix, LWSEC_SEALED_WRAPPED_MAX);
    uint8_t *nonce = lwsec_writer_room(prefix, LWSEC_BOX_NONCE);
    uint8_t *out = lwsec_writer_room(prefix, sealed);
    if (!prefix->full) {
        lwsec_box_random(nonce, LWSEC_BOX_NONCE);
        lwsec_box_seal(keys->wrapping, nonce, bound, lwsec_bytes_of(keys->file, LWSEC_BOX_KEY),
                       out);
    }
}

lwsec_status lwsec_sealed_wrap_new(const lwsec_sealed_file_config *config, lwsec_writer *prefix,
                                   lwsec_sealed_keys *keys, lwsec_reason *reason)
{
    const lwsec_bytes id = {&prefix->data[prefix->size - LWSEC_SEALED_ID], LWSEC_SEALED_ID};
    lwsec_sealed_kind kind;
    lwsec_sealed_wrap wrap = {.passes = passes_of(config), .memory_kib = memory_of(config)};

    if (!lwsec_sealed_kind_of(config, &kind)) {
        return LWSEC_USAGE;
    }
    wrap.kind = (uint8_t)kind;
    lwsec_writer_u8(prefix, wrap.kind);
    if (kind == LWSEC_SEALED_BY_PASSPHRASE) {
        lwsec_writer_uint(prefix, wrap.passes, 4);
        lwsec_writer_uint(prefix, wrap.memory_kib, 4);
        uint8_t *salt = lwsec_writer_room(prefix, LWSEC_BOX_SALT);
        if (salt == NULL) {
            return LWSEC_ENGINE;
        }
        lwsec_box_random(salt, LWSEC_BOX_SALT);
        wrap.salt = lwsec_bytes_of(salt, LWSEC_BOX_SALT);
    }
    lwsec_box_random(keys->file, LWSEC_BOX_KEY);
    const lwsec_bytes bound = {prefix->data, prefix->size};
    if (kind == LWSEC_SEALED_BY_SEAL) {
        return key_failed(seal_elsewhere(config->wrapping, bound, keys->file, prefix), reason);
    }
    const lwsec_status status = make_wrapping(config, &wrap, id, keys->wrapping, reason);
    if (status == LWSEC_OK) {
        seal_here(keys, bound, prefix);
    }
    return status;
}

static lwsec_status open_elsewhere(lwsec_key key, const lwsec_sealed_wrap *wrap, uint8_t *file_key)
{
    lwsec_key_description description;
    const lwsec_algorithm *algorithm = describe(key, &description);

    if (algorithm == NULL) {
        return LWSEC_USAGE;
    }
    lwsec_reader reader = lwsec_reader_of(wrap->wrapped);
    const lwsec_bytes nonce = lwsec_reader_take(&reader, algorithm->nonce_size);
    const lwsec_bytes sealed = lwsec_reader_rest(&reader);
    if (lwsec_reader_failed(&reader) ||
        sealed.size != LWSEC_BOX_KEY + (size_t)algorithm->tag_size) {
        return LWSEC_REJECT;
    }
    return lwsec_key_at_once(
        key, lwsec_key_open(key, nonce, wrap->bound, sealed, file_key, LWSEC_BOX_KEY));
}

static bool open_here(const lwsec_sealed_wrap *wrap, lwsec_sealed_keys *keys)
{
    lwsec_reader reader = lwsec_reader_of(wrap->wrapped);
    const lwsec_bytes nonce = lwsec_reader_take(&reader, LWSEC_BOX_NONCE);
    const lwsec_bytes sealed = lwsec_reader_take(&reader, LWSEC_BOX_KEY + LWSEC_BOX_TAG);

    return !lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) == 0 &&
           lwsec_box_open(keys->wrapping, nonce.data, wrap->bound, sealed, keys->file);
}

lwsec_status lwsec_sealed_unwrap(const lwsec_sealed_file_config *config,
                                 const lwsec_sealed_image *image, lwsec_sealed_keys *keys,
                                 lwsec_reason *reason)
{
    const lwsec_sealed_wrap *wrap = &image->wrap;
    lwsec_sealed_kind kind;

    if (!lwsec_sealed_kind_of(config, &kind)) {
        return LWSEC_USAGE;
    }
    const bool bounded =
        kind != LWSEC_SEALED_BY_PASSPHRASE || argon_fits(wrap->passes, wrap->memory_kib);
    if (wrap->kind != kind || !bounded) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_WRAPPING, 0, reason);
    }
    if (kind == LWSEC_SEALED_BY_SEAL) {
        return key_failed(open_elsewhere(config->wrapping, wrap, keys->file), reason);
    }
    const lwsec_status status = make_wrapping(config, wrap, image->id, keys->wrapping, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    return open_here(wrap, keys) ? LWSEC_OK
                                 : lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_WRAPPING, 0, reason);
}
