/* Opening and closing a store on a token, and what it tells. */
#include "pkcs11/operations.h"

#include "core/epoch.h"
#include "core/reason.h"
#include "crypto/memory/layout.h"

#include <string.h>

#define HEAD LWSEC_PKCS11_SIZE(0)
#define EACH (LWSEC_PKCS11_SIZE(1) - HEAD)

_Static_assert(sizeof(lwsec_p11_store) <= HEAD, "the public size holds a store");
_Static_assert(sizeof(lwsec_p11_key) + sizeof(lwsec_key_slot) <= EACH, "and each of its keys");

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "pkcs11",
    .tier = LWSEC_TIER_TOKEN,
    .import = lwsec_p11_import,
    .generate = lwsec_p11_generate,
    .find = lwsec_p11_find,
    .destroy = lwsec_p11_destroy,
    .seal = lwsec_p11_seal,
    .open = lwsec_p11_open,
    .mac = lwsec_p11_mac,
    .cbc = lwsec_p11_cbc,
    .ctr = lwsec_p11_ctr,
    .block = lwsec_p11_block,
    .extract = lwsec_p11_extract,
    .derive = lwsec_p11_derive,
    .derive_public = lwsec_p11_derive_public,
    .sign = lwsec_p11_sign_message,
    .sign_digest = lwsec_p11_sign_digest,
    .verify = lwsec_p11_verify,
    .agree = lwsec_p11_agree,
    .public_key = lwsec_p11_public_key,
    .random = lwsec_p11_random,
    .release = lwsec_p11_release,
    .next_name = lwsec_p11_next_name,
    .key_tier = lwsec_p11_key_tier,
    .composer = lwsec_compose,
};

static bool is_ours(const lwsec_store *store)
{
    return store != NULL && store->ops == &ops;
}

size_t lwsec_pkcs11_size(uint32_t slots)
{
    return lwsec_memory_size(HEAD, EACH, slots);
}

static lwsec_status check(const void *memory, size_t size, uint32_t slots,
                          const lwsec_pkcs11_config *config)
{
    if (config == NULL || config->size != sizeof *config || config->module == NULL ||
        (config->flags & ~LWSEC_PKCS11_LAST_TRY) != 0) {
        return LWSEC_USAGE;
    }
    return lwsec_memory_check(memory, size, lwsec_pkcs11_size(slots), slots);
}

static lwsec_status make_locks(lwsec_p11_store *self)
{
    if (pthread_mutex_init(&self->lock, NULL) != 0) {
        return LWSEC_ENGINE;
    }
    if (pthread_mutex_init(&self->anchor_lock, NULL) != 0) {
        (void)pthread_mutex_destroy(&self->lock);
        return LWSEC_ENGINE;
    }
    if (pthread_cond_init(&self->changed, NULL) != 0) {
        (void)pthread_mutex_destroy(&self->anchor_lock);
        (void)pthread_mutex_destroy(&self->lock);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static void destroy_locks(lwsec_p11_store *self)
{
    (void)pthread_cond_destroy(&self->changed);
    (void)pthread_mutex_destroy(&self->anchor_lock);
    (void)pthread_mutex_destroy(&self->lock);
}

/* From now on it has to be this very token, not one that looks like the description. */
static void remember_token(lwsec_p11_store *self)
{
    self->config.token = lwsec_p11_identity(&self->identity);
}

static lwsec_status open_token(lwsec_p11_store *self, lwsec_reason *reason)
{
    CK_RV rv = CKR_OK;

    lwsec_status status =
        lwsec_p11_module_take(self->config.module, self->config.init_arguments, &self->module, &rv);
    if (status != LWSEC_OK) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_PKCS11_MODULE, 0, reason);
    }
    status = lwsec_p11_connect(self, reason);
    if (status != LWSEC_OK) {
        lwsec_p11_module_give_back(self->module);
        return status;
    }
    remember_token(self);
    lwsec_p11_probe(self);
    return lwsec_accept(reason);
}

lwsec_status lwsec_pkcs11_open(void *memory, size_t size, uint32_t slots,
                               const lwsec_pkcs11_config *config, lwsec_store **store,
                               lwsec_reason *reason)
{
    lwsec_p11_store *self = memory;

    *store = NULL;
    lwsec_status status = check(memory, size, slots, config);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_CONFIG, 0, reason);
    }
    memset(memory, 0, lwsec_pkcs11_size(slots));
    self->keys = lwsec_memory_keys(memory, sizeof *self, slots);
    self->config = *config;
    status = lwsec_store_init(&self->head, &ops, lwsec_memory_slots(memory, sizeof *self), slots);
    if (status == LWSEC_OK) {
        status = make_locks(self);
    }
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_PKCS11_FAILED, 0, reason);
    }
    status = open_token(self, reason);
    if (status == LWSEC_OK) {
        *store = &self->head;
        return LWSEC_OK;
    }
    destroy_locks(self);
    lwsec_wipe(memory, lwsec_pkcs11_size(slots));
    return status;
}

/* A child of fork has copies of handles that are its parent's: it lets all be. */
void lwsec_pkcs11_close(lwsec_store **store)
{
    if (store == NULL || !is_ours(*store)) {
        return;
    }
    lwsec_p11_store *self = lwsec_p11_store_of(*store);

    if (self->head.epoch == lwsec_epoch()) {
        lwsec_store_release_all(&self->head);
        lwsec_p11_disconnect(self);
        lwsec_p11_module_give_back(self->module);
        destroy_locks(self);
    }
    lwsec_wipe(self, lwsec_pkcs11_size(self->head.slot_count));
    *store = NULL;
}

lwsec_pkcs11_login_state lwsec_pkcs11_login(const lwsec_store *store)
{
    if (!is_ours(store)) {
        return LWSEC_PKCS11_LOGIN_UNSET;
    }
    lwsec_p11_store *self = (lwsec_p11_store *)store;
    (void)pthread_mutex_lock(&self->lock);
    const lwsec_pkcs11_login_state state = self->login;
    (void)pthread_mutex_unlock(&self->lock);
    return state;
}

lwsec_status lwsec_pkcs11_login_again(lwsec_store *store, uint32_t flags, lwsec_reason *reason)
{
    if (!is_ours(store) || (flags & ~LWSEC_PKCS11_LAST_TRY) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (store->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    return lwsec_p11_reconnect(lwsec_p11_store_of(store), flags, reason);
}

uint32_t lwsec_pkcs11_capabilities(const lwsec_store *store)
{
    return is_ours(store) ? ((const lwsec_p11_store *)store)->capabilities : 0;
}

void lwsec_pkcs11_describe(const lwsec_store *store, lwsec_pkcs11_token *token)
{
    static const lwsec_pkcs11_token nothing;

    *token = is_ours(store) ? ((const lwsec_p11_store *)store)->config.token : nothing;
}

unsigned long lwsec_pkcs11_error(const lwsec_store *store)
{
    return is_ours(store) ? ((const lwsec_p11_store *)store)->error : 0;
}

/* A real operation: a key is made in the token and goes again, or, where it makes none, a random
 * number. */
static lwsec_status use_token(lwsec_p11_store *self)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const uint32_t needed = LWSEC_PKCS11_CAN_IMPORT | LWSEC_PKCS11_CAN_HMAC_256;
    uint8_t out[32] = {0};
    lwsec_key key = {NULL, 0, 0};

    if ((self->capabilities & needed) != needed) {
        return lwsec_random(&self->head, out, sizeof out);
    }
    lwsec_status status =
        lwsec_key_import(&self->head, &attributes, lwsec_bytes_of(out, sizeof out), &key);
    if (status == LWSEC_OK) {
        status = lwsec_key_mac(key, lwsec_bytes_of(NULL, 0), out, sizeof out);
    }
    const lwsec_status gone = lwsec_key_release(&key);
    return status == LWSEC_OK ? gone : status;
}

lwsec_status lwsec_pkcs11_check(lwsec_store *store)
{
    if (!is_ours(store)) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    return use_token(lwsec_p11_store_of(store));
}
