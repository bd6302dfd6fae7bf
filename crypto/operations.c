/* The other operations: MAC, ciphers, derivations, signatures. Each checks and dispatches. */
#include <lwsec/key.h>

#include "crypto/compose.h"
#include "crypto/pending.h"
#include "crypto/use.h"

#include <string.h>

static lwsec_status begun(lwsec_slot *slot, lwsec_status status)
{
    return lwsec_pending_note(slot, LWSEC_PENDING_OTHER, status);
}

lwsec_status lwsec_key_mac(lwsec_key key, lwsec_bytes message, uint8_t *mac, size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_MAC, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (capacity < lwsec_slot_algorithm(slot)->tag_size) {
        return LWSEC_BUFFER;
    }
    return begun(slot, lwsec_compose_mac(key, lwsec_slot_algorithm(slot)->id, message, mac));
}

lwsec_status lwsec_key_mac_verify(lwsec_key key, lwsec_bytes message, lwsec_bytes mac)
{
    uint8_t whole[64];
    lwsec_slot *slot = lwsec_slot_of(key);

    if (slot == NULL || mac.size < 4 || mac.size > lwsec_slot_algorithm(slot)->tag_size) {
        return LWSEC_USAGE;
    }
    lwsec_status status = lwsec_key_at_once(key, lwsec_key_mac(key, message, whole, sizeof whole));
    if (status == LWSEC_OK && !lwsec_equal_secret(lwsec_bytes_of(whole, mac.size), mac)) {
        status = LWSEC_REJECT;
    }
    lwsec_wipe(whole, sizeof whole);
    return status;
}

lwsec_status lwsec_key_cbc(lwsec_key key, lwsec_direction direction, lwsec_bytes iv,
                           lwsec_bytes input, uint8_t *out, size_t capacity)
{
    lwsec_slot *slot;
    const uint32_t usage = direction == LWSEC_DECRYPT ? LWSEC_USE_DECRYPT : LWSEC_USE_ENCRYPT;
    const lwsec_status status = lwsec_use_key(key, usage, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    const size_t block = lwsec_slot_algorithm(slot)->nonce_size;
    if ((direction != LWSEC_ENCRYPT && direction != LWSEC_DECRYPT) || iv.size != block ||
        input.size % block != 0) {
        return LWSEC_USAGE;
    }
    if (capacity < input.size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->cbc == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->cbc(key.store, key.slot, direction, iv, input, out));
}

lwsec_status lwsec_key_ctr(lwsec_key key, lwsec_bytes counter, lwsec_bytes input, uint8_t *out,
                           size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_ENCRYPT, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (lwsec_slot_algorithm(slot)->id != LWSEC_ALG_AES_CBC || counter.size != 16) {
        return LWSEC_USAGE;
    }
    if (capacity < input.size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->ctr == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->ctr(key.store, key.slot, counter, input, out));
}

lwsec_status lwsec_key_block(lwsec_key key, lwsec_bytes block, uint8_t *out, size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_ENCRYPT, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (block.size != lwsec_slot_algorithm(slot)->nonce_size) {
        return LWSEC_USAGE;
    }
    if (capacity < block.size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->block == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->block(key.store, key.slot, block, out));
}

/* What extraction and agreement give: an HKDF key of one purpose. */
static lwsec_key_attributes hkdf_key(uint32_t usage)
{
    lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_HKDF, usage, {NULL, 0}};
    return attributes;
}

lwsec_status lwsec_key_extract(lwsec_key secret, int32_t hmac, lwsec_bytes salt,
                               lwsec_store *target, lwsec_key *prk)
{
    const lwsec_key_attributes attributes = hkdf_key(LWSEC_USE_DERIVE);
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(secret, LWSEC_USE_EXTRACT, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (lwsec_hmac_size(hmac) == 0) {
        return LWSEC_USAGE;
    }
    if (secret.store->ops->extract == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, secret.store->ops->extract(secret.store, secret.slot, hmac, salt,
                                                  target != NULL ? target : secret.store,
                                                  &attributes, prk));
}

lwsec_status lwsec_key_derive(lwsec_key prk, int32_t hmac, lwsec_bytes info, lwsec_store *target,
                              const lwsec_key_attributes *attributes, size_t key_size,
                              lwsec_key *derived)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(prk, LWSEC_USE_DERIVE, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (key_size == 0 || key_size > lwsec_hmac_size(hmac)) {
        return LWSEC_USAGE;
    }
    lwsec_store *place = target != NULL ? target : prk.store;
    const lwsec_status possible = lwsec_check_new_key(place, attributes, key_size);
    return possible == LWSEC_OK ? begun(slot, lwsec_compose_derive(prk, hmac, info, place,
                                                                   attributes, key_size, derived))
                                : possible;
}

lwsec_status lwsec_key_sign(lwsec_key key, lwsec_bytes message, uint8_t *signature, size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_SIGN, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (capacity < lwsec_slot_algorithm(slot)->tag_size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->sign == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->sign(key.store, key.slot, message, signature));
}

lwsec_status lwsec_key_sign_digest(lwsec_key key, lwsec_bytes digest, uint8_t *signature,
                                   size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_SIGN, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (digest.size != 32) {
        return LWSEC_USAGE;
    }
    if (capacity < lwsec_slot_algorithm(slot)->tag_size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->sign_digest == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->sign_digest(key.store, key.slot, digest.data, signature));
}

lwsec_status lwsec_key_tls12_psk_master(lwsec_key key, int32_t hmac, lwsec_bytes seed,
                                        uint8_t *master, size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_PSK, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (hmac != LWSEC_ALG_HMAC_256) {
        return LWSEC_USAGE;
    }
    if (capacity < 48) {
        return LWSEC_BUFFER;
    }
    return begun(slot, lwsec_compose_psk_master(key, hmac, seed, master));
}

static bool is_point(lwsec_bytes point)
{
    return point.size == 65 && point.data[0] == 0x04;
}

lwsec_status lwsec_verify(lwsec_store *store, int32_t algorithm, lwsec_bytes public_key,
                          lwsec_bytes message, lwsec_bytes signature)
{
    if (store == NULL || algorithm != LWSEC_ALG_ES256) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    if (!is_point(public_key) || signature.size != 64) {
        return LWSEC_REJECT;
    }
    if (store->ops->verify == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return store->ops->verify(store, public_key, message, signature);
}

lwsec_status lwsec_key_agree(lwsec_key key, lwsec_bytes peer, lwsec_store *target,
                             lwsec_key *shared)
{
    const lwsec_key_attributes attributes = hkdf_key(LWSEC_USE_EXTRACT);
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, LWSEC_USE_AGREE, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!is_point(peer)) {
        return LWSEC_REJECT;
    }
    if (key.store->ops->agree == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot,
                 key.store->ops->agree(key.store, key.slot, peer,
                                       target != NULL ? target : key.store, &attributes, shared));
}

lwsec_status lwsec_key_public(lwsec_key key, uint8_t *point, size_t capacity)
{
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(key, 0, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_algorithm_kind kind = lwsec_slot_algorithm(slot)->kind;
    if (kind != LWSEC_KIND_SIGNATURE && kind != LWSEC_KIND_AGREEMENT) {
        return LWSEC_USAGE;
    }
    if (capacity < 65) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->public_key == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    return begun(slot, key.store->ops->public_key(key.store, key.slot, point));
}
