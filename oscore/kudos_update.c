/* updateCtx of KUDOS: the next Master Secret and Master Salt, and a context of them. */
#include "oscore/kudos.h"

#include "core/cbor.h"
#include "core/reason.h"
#include "crypto/use.h"

#include <string.h>

lwsec_oscore_offer lwsec_oscore_offer_of(const lwsec_oscore_kudos_option *option)
{
    lwsec_oscore_offer offer = {(uint8_t)(1U + option->nonce.size), {0}};

    offer.data[0] = option->x;
    memcpy(&offer.data[1], option->nonce.data, option->nonce.size);
    return offer;
}

bool lwsec_oscore_offer_equal(const lwsec_oscore_offer *one, const lwsec_oscore_offer *other)
{
    return lwsec_equal_secret(lwsec_bytes_of(one->data, one->size),
                              lwsec_bytes_of(other->data, other->size));
}

static size_t put(const lwsec_oscore_offer *offer, uint8_t *out, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of(out, capacity);

    lwsec_cbor_write_bytes(&writer, lwsec_bytes_of(offer->data, offer->size));
    return writer.size;
}

static bool in_order(const uint8_t *first, const uint8_t *second, size_t size)
{
    size_t at = 0;

    while (at < size && first[at] == second[at]) {
        at++;
    }
    return at == size || first[at] < second[at];
}

/* Two byte strings of different size differ in their first byte: no order of prefixes is needed. */
lwsec_oscore_update_salt lwsec_oscore_update_salt_of(const lwsec_oscore_offer *one,
                                                     const lwsec_oscore_offer *other)
{
    enum { PART = LWSEC_OSCORE_UPDATE_SALT_MAX / 2 };
    uint8_t first[PART], second[PART];
    const size_t first_size = put(one, first, PART);
    const size_t second_size = put(other, second, PART);
    const size_t common = first_size < second_size ? first_size : second_size;
    const bool ascending = in_order(first, second, common);
    lwsec_oscore_update_salt salt = {{0}, first_size + second_size};

    memcpy(&salt.data[ascending ? 0 : second_size], first, first_size);
    memcpy(&salt.data[ascending ? first_size : 0], second, second_size);
    return salt;
}

/* The secret of CTX_IN: by the mode, that of the inputs or that of `from`. */
static lwsec_key secret_of(const lwsec_oscore_kudos *kudos, const lwsec_oscore_updated *from)
{
    const bool bootstrap = kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP;
    return bootstrap || from->secret.store == NULL ? kudos->inputs.secret : from->secret;
}

/* `config` is what stays of the inputs. */
static lwsec_status make(lwsec_oscore_config *config, lwsec_key secret, size_t secret_size,
                         const lwsec_oscore_update_salt *salt, void *memory, size_t size,
                         lwsec_oscore_updated *updated, lwsec_reason *reason)
{
    const int32_t hmac = config->hmac != 0 ? config->hmac : LWSEC_ALG_HMAC_256;

    config->salt = lwsec_bytes_of(salt->data, salt->size);
    config->state = NULL;
    config->start_ssn = 0;
    lwsec_status status =
        lwsec_oscore_derive_update(secret, hmac, config->salt, secret_size, &updated->secret);
    if (status != LWSEC_OK) {
        const lwsec_why why = status == LWSEC_LIMIT ? LWSEC_WHY_KEY_STORE : lwsec_key_why(status);
        return lwsec_refuse(status, why, 0, reason);
    }
    config->secret = updated->secret;
    status =
        lwsec_oscore_make(memory, size, config, LWSEC_OSCORE_AGREED, &updated->context, reason);
    if (status != LWSEC_OK) {
        lwsec_oscore_updated_drop(updated);
        return status;
    }
    updated->context->accepts_kudos = true;
    return LWSEC_OK;
}

lwsec_status lwsec_oscore_update(lwsec_oscore_kudos *kudos, const lwsec_oscore_offer *peers,
                                 lwsec_oscore_updated *updated, lwsec_reason *reason)
{
    const lwsec_oscore_update_salt salt = lwsec_oscore_update_salt_of(&kudos->own, peers);
    lwsec_oscore_config config = kudos->inputs;

    if (peers->size > 0 && kudos->failed_opens >= kudos->open_limit) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_KEY_LIMIT, 0, reason);
    }
    return make(&config, secret_of(kudos, &kudos->current), kudos->secret_size, &salt,
                lwsec_oscore_kudos_room(kudos), kudos->room, updated, reason);
}

lwsec_status lwsec_oscore_update_step(const lwsec_oscore_kudos *kudos,
                                      const lwsec_oscore_updated *from,
                                      const lwsec_oscore_offer *peers,
                                      lwsec_oscore_kudos_step *step, lwsec_oscore_updated *updated,
                                      lwsec_reason *reason)
{
    static const lwsec_oscore_offer nothing;
    const lwsec_oscore_update_salt salt = lwsec_oscore_update_salt_of(peers, &nothing);
    lwsec_oscore_config config = kudos->inputs;

    if (kudos->failed_opens >= kudos->open_limit) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_KEY_LIMIT, 0, reason);
    }
    config.window = LWSEC_OSCORE_WINDOW_DEFAULT;
    config.freshness = NULL;
    return make(&config, secret_of(kudos, from), kudos->secret_size, &salt, step->memory,
                sizeof step->memory, updated, reason);
}

void lwsec_oscore_kudos_drop_step(lwsec_oscore_kudos *kudos, lwsec_oscore_updated *step)
{
    kudos->failed_opens += step->context->opens_failed ? 1U : 0U;
    lwsec_oscore_updated_drop(step);
}

void lwsec_oscore_updated_drop(lwsec_oscore_updated *updated)
{
    lwsec_oscore_close(&updated->context);
    /* A store that fails to destroy has wiped all the same (<lwsec/store.h>). */
    (void)(lwsec_key_destroy(&updated->secret) == LWSEC_OK);
}
