/* The contexts of one peer in KUDOS, and the states they are in. */
#include "oscore/kudos.h"

#include "core/reason.h"
#include "crypto/use.h"

#include <string.h>

#define SECRET_SIZE_DEFAULT 16U
/* A secret that serves every run meets more nonces: section "Security Considerations". */
#define NONCE_SIZE 8U
#define NONCE_SIZE_BOOTSTRAP 16U
/* Behind each context: x and nonce, in whole words. */
#define FIELDS_ROOM 24U

_Static_assert(LWSEC_OSCORE_KUDOS_FIELDS_MAX <= FIELDS_ROOM, "x and nonce fit");
_Static_assert(sizeof(lwsec_oscore_kudos) <= 512U, "the macro has room for it");

/* ---- Making and closing ---- */

static size_t room_of(const lwsec_oscore_config *inputs)
{
    return lwsec_oscore_size(inputs) + FIELDS_ROOM;
}

size_t lwsec_oscore_kudos_size(const lwsec_oscore_config *inputs)
{
    return sizeof(lwsec_oscore_kudos) + 3U * room_of(inputs);
}

static lwsec_status check_secret(const lwsec_oscore_kudos_config *config, lwsec_reason *reason)
{
    const uint32_t needed = LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE;
    const lwsec_oscore_config *inputs = config->inputs;
    lwsec_key_description secret = {.size = sizeof secret};

    if (lwsec_key_describe(inputs->secret, &secret) != LWSEC_OK) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_KEY_GONE, 0, reason);
    }
    if ((secret.usage & needed) != needed) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    const int32_t hmac = inputs->hmac != 0 ? inputs->hmac : LWSEC_ALG_HMAC_256;
    return config->secret_size > lwsec_hmac_size(hmac)
               ? lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_TOO_LONG, 0, reason)
               : LWSEC_OK;
}

static lwsec_status check(const lwsec_oscore_kudos_config *config, lwsec_reason *reason)
{
    const bool bootstrap = config->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP;

    if (config->size != sizeof *config ||
        (!bootstrap && config->mode != LWSEC_OSCORE_KUDOS_FS &&
         config->mode != LWSEC_OSCORE_KUDOS_FS_VOLATILE) ||
        (config->inputs->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0 ||
        (bootstrap && config->inputs->state != NULL)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (config->mode == LWSEC_OSCORE_KUDOS_FS) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    return check_secret(config, reason);
}

static lwsec_status find_current(lwsec_oscore_kudos *kudos, lwsec_reason *reason)
{
    const lwsec_algorithm *aead;

    const lwsec_why why = lwsec_oscore_check(&kudos->inputs, &aead);
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    kudos->open_limit = aead->open_limit;
    if (kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        return LWSEC_OK;
    }
    const lwsec_status status = lwsec_oscore_init(kudos->memory, kudos->room, &kudos->inputs,
                                                  &kudos->current.context, reason);
    if (status == LWSEC_OK) {
        kudos->current.context->accepts_kudos = true;
    }
    return status;
}

lwsec_status lwsec_oscore_kudos_init(void *memory, size_t size,
                                     const lwsec_oscore_kudos_config *config,
                                     lwsec_oscore_kudos **kudos, lwsec_reason *reason)
{
    lwsec_oscore_kudos *made = memory;

    *kudos = NULL;
    if (memory == NULL || (uintptr_t)memory % _Alignof(lwsec_oscore_kudos) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_status status = check(config, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (size < lwsec_oscore_kudos_size(config->inputs)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(made, 0, sizeof *made);
    made->inputs = *config->inputs;
    made->secret_size = config->secret_size != 0 ? config->secret_size : SECRET_SIZE_DEFAULT;
    made->mode = config->mode;
    made->room = room_of(config->inputs);
    status = find_current(made, reason);
    if (status != LWSEC_OK) {
        lwsec_oscore_kudos_close(&made);
        return status;
    }
    *kudos = made;
    return lwsec_accept(reason);
}

/* An offer ends together with the contexts that were made of it: with it again, their numbers would
 * begin again at 0. */
static void drop_run(lwsec_oscore_kudos *kudos)
{
    static const lwsec_oscore_offer none;

    lwsec_oscore_updated_drop(&kudos->next);
    lwsec_oscore_updated_drop(&kudos->temp);
    kudos->own = none;
    kudos->peers = none;
    kudos->abandoned = false;
}

void lwsec_oscore_kudos_close(lwsec_oscore_kudos **kudos)
{
    if (*kudos == NULL) {
        return;
    }
    drop_run(*kudos);
    lwsec_oscore_updated_drop(&(*kudos)->current);
    lwsec_wipe(*kudos, sizeof **kudos);
    *kudos = NULL;
}

/* ---- Looking ---- */

lwsec_oscore_kudos_state lwsec_oscore_kudos_get_state(const lwsec_oscore_kudos *kudos)
{
    if (kudos->next.context != NULL) {
        return LWSEC_OSCORE_KUDOS_PENDING;
    }
    return kudos->temp.context != NULL && !kudos->abandoned ? LWSEC_OSCORE_KUDOS_BUSY
                                                            : LWSEC_OSCORE_KUDOS_IDLE;
}

lwsec_oscore *lwsec_oscore_kudos_context(lwsec_oscore_kudos *kudos)
{
    switch (lwsec_oscore_kudos_get_state(kudos)) {
    case LWSEC_OSCORE_KUDOS_PENDING: return kudos->next.context;
    case LWSEC_OSCORE_KUDOS_BUSY: return kudos->temp.context;
    case LWSEC_OSCORE_KUDOS_IDLE: break;
    }
    return kudos->current.context;
}

bool lwsec_oscore_kudos_mode_fits(const lwsec_oscore_kudos *kudos, uint8_t x)
{
    const bool without_fs = (x & LWSEC_OSCORE_KUDOS_NO_FS) != 0;
    return without_fs == (kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP);
}

void *lwsec_oscore_kudos_room(lwsec_oscore_kudos *kudos)
{
    uint8_t *third = (uint8_t *)kudos->memory;

    while ((void *)third == (void *)kudos->current.context ||
           (void *)third == (void *)kudos->temp.context ||
           (void *)third == (void *)kudos->next.context) {
        third += kudos->room;
    }
    return third;
}

/* ---- Steps ---- */

lwsec_status lwsec_oscore_kudos_draw(lwsec_oscore_kudos *kudos, uint8_t bits, lwsec_reason *reason)
{
    const lwsec_oscore_config *inputs = &kudos->inputs;
    const bool bootstrap = kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    const size_t size = bootstrap ? NONCE_SIZE_BOOTSTRAP : NONCE_SIZE;
    lwsec_store *store = inputs->store != NULL ? inputs->store : inputs->secret.store;
    const lwsec_status status = lwsec_random(store, &kudos->own.data[1], size);

    if (status != LWSEC_OK) {
        return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    }
    kudos->own.size = (uint8_t)(1U + size);
    kudos->own.data[0] =
        (uint8_t)((size - 1U) | (bootstrap ? LWSEC_OSCORE_KUDOS_NO_FS : 0U) | bits);
    return LWSEC_OK;
}

/* From now on each message of the context carries our offer. */
static void carry(lwsec_oscore *context, const lwsec_oscore_offer *own, uint8_t bits)
{
    uint8_t *place = lwsec_oscore_kudos_place(context);

    memcpy(place, own->data, own->size);
    place[0] |= bits;
    context->kudos_size = own->size;
}

lwsec_status lwsec_oscore_kudos_start(lwsec_oscore_kudos *kudos, lwsec_reason *reason)
{
    static const lwsec_oscore_offer nothing;

    switch (lwsec_oscore_kudos_get_state(kudos)) {
    case LWSEC_OSCORE_KUDOS_PENDING:
        return lwsec_refuse(LWSEC_CONFLICT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
    case LWSEC_OSCORE_KUDOS_BUSY: return lwsec_accept(reason);
    case LWSEC_OSCORE_KUDOS_IDLE: break;
    }
    if (kudos->abandoned) {
        kudos->abandoned = false;
        return lwsec_accept(reason);
    }
    lwsec_status status = lwsec_oscore_kudos_draw(kudos, 0, reason);
    if (status == LWSEC_OK) {
        status = lwsec_oscore_update(kudos, &nothing, &kudos->temp, reason);
    }
    if (status != LWSEC_OK) {
        drop_run(kudos);
        return status;
    }
    carry(kudos->temp.context, &kudos->own, 0);
    return lwsec_accept(reason);
}

/* An offer that is out is reused: were there two, whoever holds back a message with the first could
 * set the peer back with it when the second is confirmed. */
void lwsec_oscore_kudos_abandon(lwsec_oscore_kudos *kudos)
{
    if (lwsec_oscore_kudos_get_state(kudos) == LWSEC_OSCORE_KUDOS_PENDING) {
        drop_run(kudos);
    } else {
        kudos->abandoned = kudos->temp.context != NULL;
    }
}

/*
 * Our offer is the one of the first message that has it: a divergent one, where both ends begin at
 * once. The bit z of the message tells what kind it is, and does not change what keys come of it:
 * the draft's example of two requests needs one context for both ends.
 */
lwsec_status lwsec_oscore_kudos_make_next(lwsec_oscore_kudos *kudos,
                                          const lwsec_oscore_offer *peers, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (kudos->next.context != NULL) {
        drop_run(kudos);
    }
    if (kudos->own.size == 0) {
        status = lwsec_oscore_kudos_draw(kudos, LWSEC_OSCORE_KUDOS_CONVERGENT, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_oscore_update(kudos, peers, &kudos->next, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    kudos->peers = *peers;
    carry(kudos->next.context, &kudos->own, LWSEC_OSCORE_KUDOS_CONVERGENT);
    return LWSEC_OK;
}

void lwsec_oscore_kudos_adopt(lwsec_oscore_kudos *kudos)
{
    static const lwsec_oscore_updated none;
    const lwsec_oscore_updated confirmed = kudos->next;

    kudos->next = none;
    drop_run(kudos);
    lwsec_oscore_updated_drop(&kudos->current);
    kudos->current = confirmed;
    kudos->current.context->kudos_size = 0;
    if (kudos->mode != LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        kudos->failed_opens = 0; /* the secret is another one */
    }
}
