/* Provisioning as a transaction: what is read, begun, tidied up and given up. */
#include "account/provisioning.h"

#include <lwsec/coap.h>

#include "account/keys.h"
#include "account/resources.h"
#include "core/reason.h"
#include "state/value.h"

#include <string.h>

_Static_assert(sizeof(lwsec_provisioning) <= LWSEC_PROVISIONING_SIZE, "it fits its reserve");

size_t lwsec_provisioning_size(void)
{
    return sizeof(lwsec_provisioning);
}

/* A store that finds keys answers that there is none of this name. */
static bool finds_keys(lwsec_store *store)
{
    lwsec_key key = {NULL, 0, 0};

    return lwsec_key_find(store, lwsec_bytes_of("lwsec-", 6), &key) != LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_provisioning_open(void *memory, size_t size,
                                     const lwsec_provisioning_config *config,
                                     lwsec_provisioning **provisioning)
{
    if (provisioning == NULL || !lwsec_memory_fits(memory) || config == NULL ||
        config->size != sizeof *config || config->state == NULL || config->store == NULL ||
        (config->flags & ~(uint32_t)LWSEC_PROVISIONING_SEALED) != 0) {
        return LWSEC_USAGE;
    }
    if (size < sizeof(lwsec_provisioning)) {
        return LWSEC_BUFFER;
    }
    if ((config->flags & LWSEC_PROVISIONING_SEALED) == 0 && !finds_keys(config->store)) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_provisioning *made = memory;
    memset(made, 0, sizeof *made);
    made->state = config->state;
    made->store = config->store;
    memcpy(made->name, config->name, sizeof made->name);
    made->flags = config->flags;
    *provisioning = made;
    return LWSEC_OK;
}

void lwsec_provisioning_close(lwsec_provisioning **provisioning)
{
    if (provisioning != NULL && *provisioning != NULL) {
        lwsec_wipe(*provisioning, sizeof **provisioning);
        *provisioning = NULL;
    }
}

/* ---- Tidying up ---- */

/* Destroys the keys that a secret has in the store. Those that are not there are destroyed. */
static lwsec_status destroy_named(lwsec_provisioning *provisioning, lwsec_bytes secret,
                                  size_t count)
{
    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX];

    for (size_t i = 0; i < count; i++) {
        lwsec_key key = {NULL, 0, 0};
        lwsec_status status = lwsec_key_find(provisioning->store,
                                             lwsec_account_part_name(secret, count, i, text), &key);
        if (status == LWSEC_OK) {
            status = lwsec_key_destroy(&key);
        }
        if (status != LWSEC_OK && status != LWSEC_ABSENT) {
            return status;
        }
    }
    return LWSEC_OK;
}

/* Destroys the keys of an unfinished generation. Only one that is whole has any. */
static lwsec_status destroy_generation(lwsec_provisioning *provisioning, uint32_t generation,
                                       const lwsec_accounts *image)
{
    size_t position = 0;
    lwsec_entry entry;
    uint8_t name[LWSEC_ACCOUNT_KEY_NAME_MAX];

    while (lwsec_image_next(image, &position, &entry)) {
        const size_t size =
            lwsec_account_key_name(provisioning->name, generation, entry.path, name);
        if (entry.form != LWSEC_FORM_NAME || entry.path.object == LWSEC_OBJECT_DOOMED ||
            !lwsec_equal_secret(entry.value, lwsec_bytes_of(name, size))) {
            continue;
        }
        const lwsec_status status =
            destroy_named(provisioning, entry.value,
                          lwsec_account_key_count(entry.path.object, entry.path.resource));
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return LWSEC_OK;
}

/* Throws away what a commit that was interrupted has left: first its keys, as its records name
 * them. `room` is overwritten. */
static lwsec_status tidy_unfinished(lwsec_provisioning *provisioning, lwsec_accounts *room,
                                    lwsec_reason *reason)
{
    const uint32_t unfinished = provisioning->generation + 1;

    lwsec_status status = lwsec_records_load(provisioning, unfinished, room, reason);
    if (status == LWSEC_OK && !lwsec_provisioning_seals(provisioning)) {
        status = destroy_generation(provisioning, unfinished, room);
    }
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status;
    }
    return lwsec_records_erase(provisioning, unfinished, reason);
}

/* Throws away what the last commit replaced: the keys that it names, and the values before it. */
static lwsec_status tidy_finished(lwsec_provisioning *provisioning, lwsec_accounts *accounts,
                                  lwsec_reason *reason)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(accounts, &position, &entry)) {
        if (entry.path.object != LWSEC_OBJECT_DOOMED) {
            continue;
        }
        const lwsec_status status = destroy_named(
            provisioning, entry.value,
            lwsec_account_key_count(entry.path.resource, entry.path.resource_instance));
        if (status != LWSEC_OK) {
            return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
        }
        lwsec_image_forget(accounts, &entry);
        position = entry.begin;
    }
    return provisioning->generation > 1
               ? lwsec_records_erase(provisioning, provisioning->generation - 1, reason)
               : LWSEC_OK;
}

/* Reads what is in force as its records have it. With `strict`, all that is left over has to go. */
static lwsec_status bring(lwsec_provisioning *provisioning, lwsec_accounts *accounts, bool strict,
                          lwsec_reason *reason)
{
    lwsec_image_release_keys(accounts);
    lwsec_image_clear(accounts);
    lwsec_status status = lwsec_records_find_head(provisioning, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = tidy_unfinished(provisioning, accounts, reason);
    lwsec_image_clear(accounts);
    if (status != LWSEC_OK && strict) {
        return status;
    }
    if (provisioning->generation == 0) {
        return LWSEC_ABSENT;
    }
    status = lwsec_records_load(provisioning, provisioning->generation, accounts, reason);
    if (status != LWSEC_OK) {
        return status == LWSEC_ABSENT
                   ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason)
                   : status;
    }
    status = tidy_finished(provisioning, accounts, reason);
    return strict ? status : LWSEC_OK;
}

/* ---- Loading ---- */

static lwsec_status key_lost(lwsec_status status, lwsec_reason *reason)
{
    if (status == LWSEC_ABSENT) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_KEY_GONE, 0, reason);
    }
    return lwsec_refuse(status == LWSEC_PENDING ? LWSEC_UNSUPPORTED : status, LWSEC_WHY_KEY_STORE,
                        0, reason);
}

/* Finds or imports one key. */
static lwsec_status open_key(lwsec_provisioning *provisioning, const lwsec_accounts *accounts,
                             const lwsec_entry *entry, size_t index, lwsec_key *key)
{
    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX];
    lwsec_account_key made;
    const size_t count = lwsec_account_key_count(entry->path.object, entry->path.resource);

    if (entry->form != LWSEC_FORM_PLAIN) {
        return lwsec_key_find(provisioning->store,
                              lwsec_account_part_name(entry->value, count, index, text), key);
    }
    lwsec_status status = LWSEC_USAGE;
    if (lwsec_account_key_of(accounts, entry, index, &made)) {
        const lwsec_key_attributes attributes = {
            sizeof attributes, made.algorithm, made.usage, {NULL, 0}};
        status = lwsec_key_import(provisioning->store, &attributes, made.raw, key);
    }
    lwsec_wipe(&made, sizeof made);
    return status;
}

static lwsec_status open_keys(lwsec_provisioning *provisioning, lwsec_accounts *accounts,
                              const lwsec_entry *entry, lwsec_reason *reason)
{
    lwsec_key keys[LWSEC_ACCOUNT_KEYS_MAX] = {{NULL, 0, 0}};
    const size_t count = lwsec_account_key_count(entry->path.object, entry->path.resource);
    lwsec_status status = LWSEC_OK;

    for (size_t i = 0; i < count && status == LWSEC_OK; i++) {
        status = open_key(provisioning, accounts, entry, i, &keys[i]);
    }
    if (status != LWSEC_OK) {
        status = key_lost(status, reason);
    } else {
        status = lwsec_image_replace(accounts, entry, LWSEC_FORM_HANDLE,
                                     lwsec_bytes_of(keys, count * sizeof keys[0]));
    }
    for (size_t i = 0; i < count && status != LWSEC_OK; i++) {
        const lwsec_status gone = lwsec_key_release(&keys[i]);
        (void)gone; /* the first failure is the one to tell */
    }
    return status;
}

/* All secrets that accounts use become keys: a commit has not asked for the others. */
static lwsec_status open_all_keys(lwsec_provisioning *provisioning, lwsec_accounts *accounts,
                                  lwsec_reason *reason)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(accounts, &position, &entry)) {
        if (!lwsec_account_uses(accounts, &entry)) {
            continue;
        }
        const lwsec_status status = open_keys(provisioning, accounts, &entry, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        position = entry.begin;
        (void)lwsec_image_next(accounts, &position, &entry);
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_provisioning_load(lwsec_provisioning *provisioning, lwsec_accounts *accounts,
                                     lwsec_reason *reason)
{
    if (provisioning->stage == accounts) {
        provisioning->stage = NULL;
    }
    lwsec_status status = bring(provisioning, accounts, false, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = open_all_keys(provisioning, accounts, reason);
    if (status != LWSEC_OK) {
        lwsec_image_release_keys(accounts);
        lwsec_image_clear(accounts);
    }
    return status;
}

/* ---- The stage ---- */

lwsec_status lwsec_provisioning_begin(lwsec_provisioning *provisioning, lwsec_accounts *stage,
                                      uint64_t now, lwsec_reason *reason)
{
    provisioning->stage = NULL;
    const lwsec_status status = bring(provisioning, stage, true, reason);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        lwsec_image_clear(stage);
        return status;
    }
    provisioning->stage = stage;
    provisioning->stage_version = provisioning->head_version;
    provisioning->heard = now;
    return lwsec_accept(reason);
}

void lwsec_provisioning_heard(lwsec_provisioning *provisioning, uint64_t now)
{
    provisioning->heard = now;
}

uint64_t lwsec_provisioning_deadline(const lwsec_provisioning *provisioning)
{
    const bool ends =
        provisioning->stage != NULL && provisioning->heard < UINT64_MAX - LWSEC_BOOTSTRAP_TIMEOUT_S;

    return ends ? provisioning->heard + LWSEC_BOOTSTRAP_TIMEOUT_S : UINT64_MAX;
}

void lwsec_provisioning_abort(lwsec_provisioning *provisioning, lwsec_accounts *stage)
{
    provisioning->stage = NULL;
    lwsec_image_release_keys(stage);
    lwsec_image_clear(stage);
}

lwsec_status lwsec_provisioning_expire(lwsec_provisioning *provisioning, lwsec_accounts *stage,
                                       uint64_t now, lwsec_reason *reason)
{
    if (provisioning->stage == NULL || now < lwsec_provisioning_deadline(provisioning)) {
        return lwsec_accept(reason);
    }
    lwsec_provisioning_abort(provisioning, stage);
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TIMEOUT, 0, reason);
}

/* R-6.7-03, R-6.7-07: 4.01, so that no secret is read and no account changed by a Server. */
uint8_t lwsec_account_access(uint16_t object, bool bootstrap, bool reads)
{
    const bool readable = object == LWSEC_OBJECT_SERVER || object == LWSEC_OBJECT_ACCESS;
    const bool secret = object == LWSEC_OBJECT_SECURITY || object == LWSEC_OBJECT_OSCORE ||
                        object == LWSEC_OBJECT_COSE;
    const bool denied = bootstrap ? reads && !readable : secret;

    return denied ? LWSEC_COAP_CODE(4, 1) : 0;
}

/* R-6.7-04: 4.06 for an inconsistent configuration. R-6.7-08: else a 5.xx. */
uint8_t lwsec_provisioning_code(lwsec_status status)
{
    return status == LWSEC_OK       ? LWSEC_COAP_CODE(2, 4)
           : status == LWSEC_REJECT ? LWSEC_COAP_CODE(4, 6)
                                    : LWSEC_COAP_CODE(5, 0);
}
