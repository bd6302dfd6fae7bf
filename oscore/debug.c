/* Key material as bytes, for people who look into OSCORE. Built with LWSEC_DEBUG_TOOLS only. */
#include <lwsec/oscore_debug.h>

#include "core/reason.h"
#include "core/writer.h"
#include "crypto/oscore_kdf.h"
#include "crypto/use.h"
#include "oscore/option.h"
#include "oscore/request.h"

/* HMAC over bytes: the store lends its engine, and keeps the key for this one call. */
static lwsec_status hmac(lwsec_store *store, int32_t algorithm, lwsec_bytes key,
                         lwsec_bytes message, uint8_t mac[64])
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, algorithm, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key handle;

    lwsec_status status = lwsec_key_import(store, &attributes, key, &handle);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_key_mac(handle, message, mac, 64);
    const lwsec_status destroyed = lwsec_key_destroy(&handle);
    return status == LWSEC_OK ? destroyed : status;
}

typedef struct expansion {
    lwsec_store *store;
    int32_t hmac;
    int32_t aead;
    lwsec_bytes prk;
    lwsec_bytes id_context;
} expansion;

static lwsec_status expand(const expansion *from, lwsec_bytes id, const char *type, size_t size,
                           uint8_t *out)
{
    uint8_t info[LWSEC_OSCORE_INFO_MAX + 1];
    uint8_t block[64];
    const size_t info_size = lwsec_oscore_info(id, from->id_context, from->aead, type, size, info);

    info[info_size] = 1;
    const lwsec_status status =
        hmac(from->store, from->hmac, from->prk, lwsec_bytes_of(info, info_size + 1), block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

lwsec_status lwsec_oscore_debug_derive(lwsec_store *store, lwsec_bytes master_secret,
                                       const lwsec_oscore_config *config,
                                       lwsec_oscore_material *material, lwsec_reason *reason)
{
    static const uint8_t zeros[64];
    const lwsec_algorithm *aead;
    uint8_t prk[64];
    const lwsec_why why = lwsec_oscore_check(config, &aead);

    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    expansion from = {store,
                      config->hmac != 0 ? config->hmac : LWSEC_ALG_HMAC_256,
                      aead->id,
                      {NULL, 0},
                      config->id_context};
    const size_t hash_size = lwsec_hmac_size(from.hmac);
    const lwsec_bytes salt =
        config->salt.size > 0 ? config->salt : lwsec_bytes_of(zeros, hash_size);
    lwsec_status status = hmac(store, from.hmac, salt, master_secret, prk);
    from.prk = lwsec_bytes_of(prk, hash_size);
    material->key_size = aead->key_size_min;
    material->iv_size = aead->nonce_size;
    if (status == LWSEC_OK) {
        status = expand(&from, config->sender_id, "Key", material->key_size, material->sender_key);
    }
    if (status == LWSEC_OK) {
        status =
            expand(&from, config->recipient_id, "Key", material->key_size, material->recipient_key);
    }
    if (status == LWSEC_OK) {
        status =
            expand(&from, lwsec_bytes_of(NULL, 0), "IV", material->iv_size, material->common_iv);
    }
    lwsec_wipe(prk, sizeof prk);
    if (status != LWSEC_OK) {
        lwsec_wipe(material, sizeof *material);
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    return lwsec_accept(reason);
}

void lwsec_oscore_debug_common_iv(const lwsec_oscore *context, uint8_t iv[13], size_t *size)
{
    *size = context->aead->nonce_size;
    memcpy(iv, &context->common_iv[LWSEC_OSCORE_NONCE_BLOCK - *size], *size);
}

void lwsec_oscore_debug_trust_window(lwsec_oscore *context)
{
    context->synchronised = true;
}

lwsec_status lwsec_oscore_debug_recall(lwsec_oscore *context, lwsec_bytes protected_request,
                                       lwsec_oscore_request *request, lwsec_reason *reason)
{
    lwsec_coap_message message;
    lwsec_oscore_option option;
    lwsec_coap_option observe;
    uint32_t value = 1;
    uint64_t number = 0;

    lwsec_status status = lwsec_oscore_peek(context->framing, protected_request, &option, reason);
    if (status == LWSEC_OK) {
        status = lwsec_coap_decode(context->framing, protected_request, &message, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (!option.present || option.partial_iv.data == NULL) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_PIV, 0, reason);
    }
    for (size_t i = 0; i < option.partial_iv.size; i++) {
        number = number << 8 | option.partial_iv.data[i];
    }
    const bool observes = lwsec_coap_option_find(&message, LWSEC_COAP_OBSERVE, &observe) &&
                          lwsec_coap_option_uint(observe.value, &value) && value == 0;
    lwsec_request_open(request, context, number,
                       LWSEC_REQUEST_OURS | LWSEC_REQUEST_NONCE |
                           (observes ? LWSEC_REQUEST_OBSERVES : 0U));
    return lwsec_accept(reason);
}
