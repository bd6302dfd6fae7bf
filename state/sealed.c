/* The wrapper that seals values before another state stores them. */
#include <lwsec/state_sealed.h>

#include "core/epoch.h"
#include "core/lock.h"
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "state/finish.h"
#include "state/value.h"

#include <string.h>

/* A sealed value: format (1), version (8), nonce, ciphertext and tag. */
#define FORMAT 1U
#define NONCE_MIN 12U /* a random nonce must not come twice in the life of a key */
#define NONCE_MAX 16U
#define AAD_SIZE 29U /* format (1), kind (4), identity (16), version (8) */

typedef struct sealed_state {
    lwsec_state head;
    lwsec_state_ops ops; /* its own copy: the protection against rollback is that of `inner` */
    lwsec_state *inner;
    lwsec_key key;
    size_t nonce_size;
    size_t tag_size;
    lwsec_lock lock;
    uint8_t sealed[LWSEC_RECORD_MAX];
} sealed_state;

_Static_assert(sizeof(sealed_state) <= LWSEC_STATE_SEALED_SIZE, "it fits its reserve");
_Static_assert(_Alignof(sealed_state) <= _Alignof(uint64_t), "the promised alignment is enough");

size_t lwsec_state_sealed_size(void)
{
    return sizeof(sealed_state);
}

static sealed_state *enter(lwsec_state *state)
{
    sealed_state *sealed = (sealed_state *)state;

    lwsec_lock_take(&sealed->lock);
    return sealed;
}

static lwsec_status leave(sealed_state *sealed, lwsec_status status)
{
    lwsec_lock_release(&sealed->lock);
    return status;
}

/* Records of these kinds are made by `advance` and `window_accept` alone: not secret, never sealed.
 */
static bool is_counter(const lwsec_record *record)
{
    return record->kind == LWSEC_RECORD_SMS || record->kind == LWSEC_RECORD_WINDOW;
}

static void write_aad(const lwsec_record *record, uint64_t version, uint8_t aad[AAD_SIZE])
{
    lwsec_writer writer = lwsec_writer_of(aad, AAD_SIZE);

    lwsec_writer_u8(&writer, FORMAT);
    lwsec_writer_uint(&writer, record->kind, 4);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(record->identity, 16));
    lwsec_writer_uint(&writer, version, 8);
}

/* What a failure of the key means for the state. A store that answers LWSEC_PENDING is too slow
 * here. */
static lwsec_status key_failed(lwsec_status status, lwsec_reason *reason)
{
    switch (status) {
    case LWSEC_FORKED: return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    case LWSEC_REJECT: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_SEALING, 0, reason);
    case LWSEC_LIMIT: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_LIMIT, 0, reason);
    case LWSEC_USAGE: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_GONE, 0, reason);
    default: return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_STORE, 0, reason);
    }
}

/* Seals `value` as `version` of the record into the wrapper's buffer. */
static lwsec_status seal(sealed_state *sealed, const lwsec_record *record, uint64_t version,
                         lwsec_bytes value, lwsec_bytes *result, lwsec_reason *reason)
{
    uint8_t aad[AAD_SIZE];
    uint8_t nonce[NONCE_MAX] = {0};
    const lwsec_bytes nonce_bytes = lwsec_bytes_of(nonce, sealed->nonce_size);
    lwsec_writer writer = lwsec_writer_of(sealed->sealed, sizeof sealed->sealed);

    lwsec_status status = lwsec_random(sealed->key.store, nonce, sealed->nonce_size);
    if (status != LWSEC_OK) {
        return key_failed(status, reason);
    }
    lwsec_writer_u8(&writer, FORMAT);
    lwsec_writer_uint(&writer, version, 8);
    lwsec_writer_bytes(&writer, nonce_bytes);
    const size_t room = value.size + sealed->tag_size;
    uint8_t *out = lwsec_writer_room(&writer, room);
    if (out == NULL) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    write_aad(record, version, aad);
    status = lwsec_key_at_once(sealed->key,
                               lwsec_key_seal(sealed->key, nonce_bytes,
                                              lwsec_bytes_of(aad, sizeof aad), value, out, room));
    if (status != LWSEC_OK) {
        return key_failed(status, reason);
    }
    *result = lwsec_bytes_of(sealed->sealed, writer.size);
    return LWSEC_OK;
}

/* Opens what the wrapper's buffer holds into the caller's. It must be sealed as `version`. */
static lwsec_status unseal(sealed_state *sealed, const lwsec_record *record, uint64_t version,
                           size_t size, lwsec_buffer *value, lwsec_reason *reason)
{
    uint8_t nowhere[1]; /* for an empty value in a buffer without memory */
    uint8_t aad[AAD_SIZE];
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(sealed->sealed, size));
    const uint8_t format = lwsec_reader_u8(&reader);
    const uint64_t sealed_version = lwsec_reader_uint(&reader, 8);
    const lwsec_bytes nonce = lwsec_reader_take(&reader, sealed->nonce_size);
    const lwsec_bytes ciphertext = lwsec_reader_rest(&reader);

    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || format != FORMAT ||
        sealed_version != version || ciphertext.size < sealed->tag_size) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_SEALING, 0, reason);
    }
    const size_t opened = ciphertext.size - sealed->tag_size;
    if (opened > value->capacity) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    write_aad(record, version, aad);
    const lwsec_status status = lwsec_key_at_once(
        sealed->key, lwsec_key_open(sealed->key, nonce, lwsec_bytes_of(aad, sizeof aad), ciphertext,
                                    value->data != NULL ? value->data : nowhere, opened));
    if (status != LWSEC_OK) {
        return key_failed(status, reason);
    }
    value->size = opened;
    return LWSEC_OK;
}

static lwsec_status load_and_open(sealed_state *sealed, const lwsec_record *record,
                                  lwsec_buffer *value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_buffer stored = lwsec_buffer_of(sealed->sealed, sizeof sealed->sealed);
    const lwsec_status status =
        sealed->inner->ops->load(sealed->inner, record, &stored, version, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    return unseal(sealed, record, *version, stored.size, value, reason);
}

static lwsec_status sealed_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    sealed_state *sealed = enter(state);

    if (is_counter(record)) {
        return leave(sealed,
                     sealed->inner->ops->load(sealed->inner, record, value, version, reason));
    }
    return leave(sealed, load_and_open(sealed, record, value, version, reason));
}

static lwsec_status seal_and_store(sealed_state *sealed, const lwsec_record *record,
                                   lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    const uint64_t next = *version + 1;
    lwsec_bytes stored;

    lwsec_status status = seal(sealed, record, next, value, &stored, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    uint64_t given = *version;
    /* Here and in take: the next call of our caller would come with another nonce, or find nothing
     * to take. */
    do {
        status = sealed->inner->ops->store_if(sealed->inner, record, stored, &given, reason);
    } while (lwsec_state_finish(sealed->inner, status));
    if (status != LWSEC_OK) {
        return lwsec_state_finished(status, reason);
    }
    if (given != next) { /* a back end that counts in its own way: this record will not open */
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_SEALING, 0, reason);
    }
    *version = next;
    return LWSEC_OK;
}

static lwsec_status sealed_store_if(lwsec_state *state, const lwsec_record *record,
                                    lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    sealed_state *sealed = enter(state);

    if (is_counter(record)) {
        return leave(sealed,
                     sealed->inner->ops->store_if(sealed->inner, record, value, version, reason));
    }
    return leave(sealed, seal_and_store(sealed, record, value, version, reason));
}

/* Looks before it takes, so that a value that does not fit or does not open stays where it is. What
 * was then taken is opened again: somebody else may have been at `inner` in between. */
static lwsec_status take_and_open(sealed_state *sealed, const lwsec_record *record,
                                  lwsec_buffer *value, lwsec_reason *reason)
{
    uint64_t version = 0;
    lwsec_status status = load_and_open(sealed, record, value, &version, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_buffer stored = lwsec_buffer_of(sealed->sealed, sizeof sealed->sealed);
    do {
        status = sealed->inner->ops->take(sealed->inner, record, &stored, reason);
    } while (lwsec_state_finish(sealed->inner, status));
    lwsec_wipe(value->data, value->size);
    if (status != LWSEC_OK) {
        return lwsec_state_finished(status, reason);
    }
    return unseal(sealed, record, version, stored.size, value, reason);
}

static lwsec_status sealed_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    sealed_state *sealed = enter(state);

    if (is_counter(record)) {
        return leave(sealed, sealed->inner->ops->take(sealed->inner, record, value, reason));
    }
    return leave(sealed, take_and_open(sealed, record, value, reason));
}

static lwsec_status sealed_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    lwsec_state *inner = ((sealed_state *)state)->inner;

    return inner->ops->advance(inner, record, to, reason);
}

static lwsec_status sealed_window_accept(lwsec_state *state, const lwsec_record *record,
                                         uint64_t number, uint32_t window, lwsec_reason *reason)
{
    lwsec_state *inner = ((sealed_state *)state)->inner;

    return inner->ops->window_accept(inner, record, number, window, reason);
}

static lwsec_status sealed_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    lwsec_state *inner = ((sealed_state *)state)->inner;

    return inner->ops->erase(inner, record, reason);
}

static lwsec_status sealed_poll(lwsec_state *state)
{
    return lwsec_state_poll(((sealed_state *)state)->inner);
}

static const lwsec_state_ops sealed_ops = {
    .abi = LWSEC_STATE_ABI,
    .size = sizeof(lwsec_state_ops),
    .name = "sealed",
    .rollback_protected = false,
    .seals = true,
    .load = sealed_load,
    .store_if = sealed_store_if,
    .take = sealed_take,
    .advance = sealed_advance,
    .window_accept = sealed_window_accept,
    .erase = sealed_erase,
    .poll = sealed_poll,
};

/* The algorithm of a key that can seal and open under random nonces; NULL if it cannot. */
static const lwsec_algorithm *sealing_algorithm(lwsec_key key)
{
    const uint32_t usage = LWSEC_USE_SEAL | LWSEC_USE_OPEN;
    lwsec_key_description description = {.size = sizeof description};

    if (lwsec_key_describe(key, &description) != LWSEC_OK || (description.usage & usage) != usage) {
        return NULL;
    }
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(description.algorithm);
    if (algorithm == NULL || algorithm->nonce_size < NONCE_MIN ||
        algorithm->nonce_size > NONCE_MAX) {
        return NULL;
    }
    return algorithm;
}

lwsec_status lwsec_state_sealed_open(void *memory, size_t size, lwsec_state *inner, lwsec_key key,
                                     lwsec_state **state)
{
    const lwsec_algorithm *algorithm = sealing_algorithm(key);

    if (state == NULL || inner == NULL || !lwsec_memory_fits(memory) || algorithm == NULL) {
        return LWSEC_USAGE;
    }
    if (size < sizeof(sealed_state)) {
        return LWSEC_BUFFER;
    }
    if (inner->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    sealed_state *made = memory;
    memset(made, 0, sizeof *made);
    made->ops = sealed_ops;
    made->ops.rollback_protected = lwsec_state_rollback_protected(inner);
    made->inner = inner;
    made->key = key;
    made->nonce_size = algorithm->nonce_size;
    made->tag_size = algorithm->tag_size;
    lwsec_status status = lwsec_lock_init(&made->lock);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_state_init(&made->head, &made->ops);
    if (status == LWSEC_OK) {
        *state = &made->head;
    }
    return status;
}

void lwsec_state_sealed_close(lwsec_state **state)
{
    if (state == NULL || *state == NULL) {
        return;
    }
    sealed_state *sealed = (sealed_state *)*state;
    /* A child's copy of the lock may be held by a thread that exists in the parent only. */
    if (sealed->head.epoch == lwsec_epoch()) {
        lwsec_lock_destroy(&sealed->lock);
    }
    lwsec_wipe(sealed, sizeof *sealed);
    *state = NULL;
}
