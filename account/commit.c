/* The commit of a stage, in steps of which only the last one changes what is in force. */
#include "account/keys.h"
#include "account/provisioning.h"
#include "account/report.h"
#include "core/reason.h"
#include "crypto/use.h"

typedef struct commit {
    lwsec_provisioning *provisioning;
    lwsec_accounts *stage;
    uint32_t generation;
    lwsec_report report;
    bool imports; /* keys of this attempt may be in the store */
} commit;

static void tell(commit *of, const lwsec_entry *entry, const char *requirement, const char *text)
{
    const lwsec_subject subject = {&of->report, entry->path.object, entry->path.instance};

    lwsec_tell(&subject, entry->path.resource, requirement, LWSEC_BREAKS_MUST, text);
}

/* ---- Keys ---- */

static const char *requirement_of(const lwsec_entry *entry)
{
    if (entry->path.object == LWSEC_OBJECT_SECURITY) {
        return entry->path.resource == LWSEC_SECURITY_SECRET ? "R-5.2.4-02" : "R-5.4-07";
    }
    return entry->path.object == LWSEC_OBJECT_COSE ? "R-8.6-02" : "R-5.5.7.1-02";
}

/* R-5.2.9.2-09, R-5.2.9.3-13: the key pair is the one that the server gets to see. */
static void check_pair(commit *of, const lwsec_entry *entry, lwsec_key key)
{
    uint8_t made[65];
    uint8_t said[65];

    if (lwsec_account_public_point(of->stage, entry->path.instance, said) &&
        lwsec_key_at_once(key, lwsec_key_public(key, made, sizeof made)) == LWSEC_OK &&
        !lwsec_equal_secret(lwsec_bytes_of(made, sizeof made), lwsec_bytes_of(said, sizeof said))) {
        tell(of, entry, "R-5.2.4-02", "the private key is not that of Public Key or Identity");
    }
}

/* The key of this name is one that an attempt before has imported. */
static lwsec_status remove_former(commit *of, lwsec_bytes name)
{
    lwsec_key former = {NULL, 0, 0};
    const lwsec_status status = lwsec_key_find(of->provisioning->store, name, &former);

    if (status == LWSEC_OK) {
        return lwsec_key_destroy(&former);
    }
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

/* Imports one key. Where secrets are sealed, only to see that the store takes it. */
static lwsec_status import_key(commit *of, const lwsec_entry *entry, const lwsec_account_key *made,
                               lwsec_bytes name)
{
    const lwsec_key_attributes attributes = {sizeof attributes, made->algorithm, made->usage, name};
    lwsec_key key = {NULL, 0, 0};
    lwsec_status status = LWSEC_OK;

    if (name.size > 0) {
        status = remove_former(of, name);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_import(of->provisioning->store, &attributes, made->raw, &key);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (made->algorithm == LWSEC_ALG_ES256) {
        check_pair(of, entry, key);
    }
    return lwsec_key_release(&key);
}

static lwsec_status import_part(commit *of, const lwsec_entry *entry, size_t index)
{
    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX];
    uint8_t part[LWSEC_ACCOUNT_KEY_NAME_MAX];
    lwsec_bytes name = {NULL, 0};
    lwsec_account_key made;
    lwsec_status status = LWSEC_USAGE;

    if (!lwsec_provisioning_seals(of->provisioning)) {
        const size_t size =
            lwsec_account_key_name(of->provisioning->name, of->generation, entry->path, text);
        name = lwsec_account_part_name(
            lwsec_bytes_of(text, size),
            lwsec_account_key_count(entry->path.object, entry->path.resource), index, part);
    }
    if (lwsec_account_key_of(of->stage, entry, index, &made)) {
        status = import_key(of, entry, &made, name);
    }
    lwsec_wipe(&made, sizeof made);
    return status;
}

/* A key that a former commit has imported, or that somebody has put into the store: it has to be
 * one for what its account does now. */
static lwsec_status find_key(commit *of, const lwsec_entry *entry, size_t index)
{
    uint8_t part[LWSEC_ACCOUNT_KEY_NAME_MAX];
    lwsec_key key = {NULL, 0, 0};
    lwsec_key_description description = {.size = sizeof description};
    const size_t count = lwsec_account_key_count(entry->path.object, entry->path.resource);

    lwsec_status status = lwsec_key_find(
        of->provisioning->store, lwsec_account_part_name(entry->value, count, index, part), &key);
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(key, &description);
    }
    if (status != LWSEC_OK) {
        return status == LWSEC_ABSENT ? LWSEC_USAGE : status;
    }
    const bool fits = description.algorithm == lwsec_account_algorithm(of->stage, entry, index);
    if (fits && description.algorithm == LWSEC_ALG_ES256) {
        check_pair(of, entry, key);
    }
    status = lwsec_key_release(&key);
    return fits ? status : LWSEC_USAGE;
}

/* What a store refuses is a finding; what it cannot do now ends the commit. */
static lwsec_status take_key(commit *of, const lwsec_entry *entry, size_t index)
{
    const lwsec_status status = entry->form == LWSEC_FORM_PLAIN ? import_part(of, entry, index)
                                                                : find_key(of, entry, index);

    if (status == LWSEC_USAGE || status == LWSEC_REJECT || status == LWSEC_UNSUPPORTED) {
        tell(of, entry, requirement_of(entry), "the key store does not take, or have, this key");
        return LWSEC_OK;
    }
    return status == LWSEC_PENDING ? LWSEC_UNSUPPORTED : status;
}

static lwsec_status take_keys(commit *of)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(of->stage, &position, &entry)) {
        const size_t count = lwsec_account_key_count(entry.path.object, entry.path.resource);
        if (!lwsec_account_uses(of->stage, &entry)) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            const lwsec_status status = take_key(of, &entry, i);
            if (status != LWSEC_OK) {
                return status;
            }
        }
    }
    return LWSEC_OK;
}

/* Destroys what was imported. False: some cannot be destroyed now. */
static bool undo_keys(commit *of)
{
    bool undone = true;
    size_t position = 0;
    lwsec_entry entry;
    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX];
    uint8_t part[LWSEC_ACCOUNT_KEY_NAME_MAX];

    while (!lwsec_provisioning_seals(of->provisioning) &&
           lwsec_image_next(of->stage, &position, &entry)) {
        const size_t count = lwsec_account_key_count(entry.path.object, entry.path.resource);
        if (entry.form != LWSEC_FORM_PLAIN || !lwsec_account_uses(of->stage, &entry)) {
            continue;
        }
        const size_t size =
            lwsec_account_key_name(of->provisioning->name, of->generation, entry.path, text);
        for (size_t i = 0; i < count; i++) {
            const lwsec_status status = remove_former(
                of, lwsec_account_part_name(lwsec_bytes_of(text, size), count, i, part));
            undone = undone && status == LWSEC_OK;
        }
    }
    return undone;
}

/* ---- The commit ---- */

static lwsec_status refuse(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_ACCOUNT, 0, reason);
}

/* What could not be loaded any more would be the end of all accounts. */
static lwsec_status check_room(const commit *of, lwsec_reason *reason)
{
    return lwsec_records_room(of->provisioning, of->stage, of->generation) > of->stage->capacity
               ? lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason)
               : LWSEC_OK;
}

/* What this commit would write may be in force by now; a load in between may have seen it. */
static lwsec_status still_first(commit *of, lwsec_reason *reason)
{
    const lwsec_provisioning *provisioning = of->provisioning;

    const lwsec_status status = lwsec_records_find_head(of->provisioning, reason);
    return status == LWSEC_OK && provisioning->head_version != provisioning->stage_version
               ? LWSEC_CONFLICT
               : status;
}

/* Takes back what this attempt has written, as it may be what others need room for. */
static void take_back(commit *of)
{
    if (!of->imports || undo_keys(of)) {
        const lwsec_status status = lwsec_records_erase(of->provisioning, of->generation, NULL);
        (void)status; /* what stays is erased when a stage is begun */
        return;
    }
    /* The records name these keys until a stage is begun; another attempt would write others. */
    lwsec_provisioning_abort(of->provisioning, of->stage);
}

/* Writes the new values, and then the keys that they name. What an attempt before has written goes.
 */
static lwsec_status write_all(commit *of, lwsec_reason *reason)
{
    lwsec_status status = lwsec_records_erase(of->provisioning, of->generation, reason);

    if (status == LWSEC_OK) {
        status = lwsec_records_store(of->provisioning, of->stage, of->generation, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    of->imports = true;
    status = take_keys(of);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    return of->report.fatal ? refuse(reason) : LWSEC_OK;
}

/* Everything that does not change what is in force. */
static lwsec_status prepare(commit *of, lwsec_reason *reason)
{
    lwsec_status status = check_room(of, reason);

    if (status == LWSEC_OK) {
        status = still_first(of, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = write_all(of, reason);
    if (status != LWSEC_OK && status != LWSEC_CONFLICT) {
        take_back(of);
    }
    return status;
}

/* R-6.7-04: the accounts are switched in one step, or stay. */
static lwsec_status finish(commit *of, lwsec_reason *reason)
{
    const lwsec_status status = lwsec_records_switch(of->provisioning, of->generation, reason);

    of->provisioning->stage = NULL;
    lwsec_image_clear(of->stage);
    if (status == LWSEC_OK) {
        of->provisioning->generation = of->generation;
        return lwsec_accept(reason);
    }
    return status;
}

static bool has_handles(const lwsec_accounts *stage)
{
    size_t position = 0;
    lwsec_entry entry;

    while (lwsec_image_next(stage, &position, &entry)) {
        if (entry.form == LWSEC_FORM_HANDLE) {
            return true;
        }
    }
    return false;
}

lwsec_status lwsec_provisioning_commit(lwsec_provisioning *provisioning, lwsec_accounts *stage,
                                       lwsec_finding *findings, size_t capacity, size_t *count,
                                       lwsec_reason *reason)
{
    commit of = {.provisioning = provisioning,
                 .stage = stage,
                 .generation = provisioning->generation + 1,
                 .report = {stage, findings, capacity, 0, false}};

    *count = 0;
    if (stage == NULL || provisioning->stage != stage || has_handles(stage) ||
        provisioning->generation == UINT32_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_check_all(&of.report);
    lwsec_status status = of.report.fatal ? refuse(reason) : prepare(&of, reason);
    *count = of.report.count;
    if (status == LWSEC_OK) {
        status = finish(&of, reason);
    } else if (status == LWSEC_CONFLICT) {
        lwsec_provisioning_abort(provisioning, stage);
    }
    return status;
}
