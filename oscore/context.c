/* Making and closing security contexts: RFC 8613 section 3.2. */
#include "oscore/context.h"

#include "core/epoch.h"
#include "core/reason.h"
#include "crypto/oscore_kdf.h"
#include "crypto/use.h"
#include "oscore/numbers.h"

#include <string.h>

#define RESERVE_DEFAULT 64U
#define RESERVE_GROWN 1024U
#define RESERVE_MAX 65536U
#define ID_PIV_SIZE                                                                                \
    6U /* of the nonce, what is not the ID: one byte of length, five of Partial IV */

/* ---- Checks, before anything is made ---- */

/* R-5.5.2-01: AES-CCM-16-64-128 by default. */
static int32_t aead_of(const lwsec_oscore_config *config)
{
    return config->aead != 0 ? config->aead : LWSEC_ALG_AES_CCM_16_64_128;
}

/* R-5.5.2-02: HMAC with SHA-256 by default. */
static int32_t hmac_of(const lwsec_oscore_config *config)
{
    return config->hmac != 0 ? config->hmac : LWSEC_ALG_HMAC_256;
}

static uint32_t window_of(const lwsec_oscore_config *config)
{
    return config->window != 0 ? config->window : LWSEC_OSCORE_WINDOW_DEFAULT;
}

static uint32_t reserve_of(const lwsec_oscore_config *config)
{
    return config->reserve != 0 ? config->reserve : RESERVE_DEFAULT;
}

static uint32_t reserve_max_of(const lwsec_oscore_config *config)
{
    if (config->reserve_max != 0) {
        return config->reserve_max;
    }
    return reserve_of(config) > RESERVE_GROWN ? reserve_of(config) : RESERVE_GROWN;
}

/* Words behind the fixed part: bitmap, identity of a shared window, ID Context. */
static size_t tail_words(const lwsec_oscore_config *config, uint32_t window)
{
    const bool shared = (config->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0;
    return lwsec_window_words(window) + (shared ? LWSEC_OSCORE_SHARED_WORDS : 0U) +
           (config->id_context.size + 7U) / 8U;
}

size_t lwsec_oscore_size(const lwsec_oscore_config *config)
{
    /* A window that is too large is refused by lwsec_oscore_init, which tells why. */
    const uint32_t window =
        window_of(config) < LWSEC_OSCORE_WINDOW_MAX ? window_of(config) : LWSEC_OSCORE_WINDOW_MAX;
    return sizeof(lwsec_oscore) + 8U * tail_words(config, window);
}

/* R-5.5.2-03: any other AEAD of the table, and HMAC with a longer hash. */
lwsec_why lwsec_oscore_check(const lwsec_oscore_config *config, const lwsec_algorithm **aead)
{
    *aead = lwsec_algorithm_find(aead_of(config));
    if (*aead == NULL || (*aead)->kind != LWSEC_KIND_AEAD) {
        return LWSEC_WHY_OSCORE_ALGORITHM;
    }
    const int32_t hmac = hmac_of(config);
    if (hmac != LWSEC_ALG_HMAC_256 && hmac != LWSEC_ALG_HMAC_384 && hmac != LWSEC_ALG_HMAC_512) {
        return LWSEC_WHY_OSCORE_ALGORITHM;
    }
    const size_t id_max = (*aead)->nonce_size - ID_PIV_SIZE;
    if (config->sender_id.size > id_max || config->recipient_id.size > id_max) {
        return LWSEC_WHY_OSCORE_ID_LENGTH;
    }
    if (config->sender_id.size == config->recipient_id.size &&
        lwsec_equal_secret(config->sender_id, config->recipient_id)) {
        return LWSEC_WHY_OSCORE_SAME_IDS;
    }
    if (config->id_context.size > LWSEC_OSCORE_ID_CONTEXT_MAX) {
        return LWSEC_WHY_TOO_LONG;
    }
    return window_of(config) > LWSEC_OSCORE_WINDOW_MAX ? LWSEC_WHY_OSCORE_WINDOW : LWSEC_WHY_NONE;
}

/* Whether every field has a value that this version knows. */
static bool well_formed(const lwsec_oscore_config *config, lwsec_oscore_origin origin)
{
    const uint32_t known_flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO |
                                 LWSEC_OSCORE_SHARED_WINDOW | LWSEC_OSCORE_OMIT_KID_CONTEXT |
                                 LWSEC_OSCORE_PAST_LIMITS;

    return config->size == sizeof *config &&
           (config->state != NULL || origin == LWSEC_OSCORE_AGREED) &&
           (config->framing == LWSEC_COAP_UDP || config->framing == LWSEC_COAP_TCP) &&
           config->start_ssn <= LWSEC_OSCORE_SSN_MAX &&
           reserve_of(config) <= reserve_max_of(config) && reserve_max_of(config) <= RESERVE_MAX &&
           (config->flags & ~known_flags) == 0;
}

static lwsec_status check_memory(const void *memory, size_t size, const lwsec_oscore_config *config)
{
    if (memory == NULL || (uintptr_t)memory % _Alignof(lwsec_oscore) != 0) {
        return LWSEC_USAGE;
    }
    return size < lwsec_oscore_size(config) ? LWSEC_BUFFER : LWSEC_OK;
}

/* ---- What does not change: IDs, ID Context ---- */

static void set_id(lwsec_oscore_id *id, lwsec_bytes bytes)
{
    id->size = (uint8_t)bytes.size;
    if (bytes.size > 0) {
        memcpy(id->data, bytes.data, bytes.size);
    }
}

static void set_constants(lwsec_oscore *context, const lwsec_oscore_config *config)
{
    context->state = config->state;
    context->freshness = config->freshness;
    context->epoch = lwsec_epoch();
    context->framing = (uint8_t)config->framing;
    context->shared_identity = (config->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0;
    context->shared_window = context->shared_identity && config->state != NULL;
    context->send_kid_context =
        config->id_context.data != NULL && (config->flags & LWSEC_OSCORE_OMIT_KID_CONTEXT) == 0;
    set_id(&context->sender_id, config->sender_id);
    set_id(&context->recipient_id, config->recipient_id);
    context->window = lwsec_window_of(window_of(config), context->tail);
    if (config->id_context.data != NULL) {
        context->has_id_context = true;
        context->id_context_size = (uint8_t)config->id_context.size;
        uint8_t *copy = (uint8_t *)lwsec_oscore_id_context(context).data;
        if (config->id_context.size > 0) {
            memcpy(copy, config->id_context.data, config->id_context.size);
        }
    }
    context->numbers.block = reserve_of(config);
    context->numbers.block_max = reserve_max_of(config);
    context->numbers.next_ssn = config->start_ssn;
    context->numbers.ssn_end = config->start_ssn;
}

/* ---- What is derived ---- */

/* The Common IV stands in the last bytes of its block, so that the Partial IV has one place for all
 * algorithms. */
static lwsec_status derive_values(lwsec_oscore *context, const lwsec_oscore_kdf *kdf)
{
    uint8_t *common_iv = &context->common_iv[LWSEC_OSCORE_NONCE_BLOCK - kdf->aead->nonce_size];

    lwsec_status status = lwsec_oscore_derive_iv(kdf, common_iv);
    if (status == LWSEC_OK) {
        status = lwsec_oscore_derive_fingerprint(kdf, lwsec_oscore_id_bytes(&context->sender_id),
                                                 context->sender_record);
    }
    if (status == LWSEC_OK && context->shared_identity) {
        status = lwsec_oscore_derive_fingerprint(kdf, lwsec_oscore_id_bytes(&context->recipient_id),
                                                 lwsec_oscore_shared_identity(context));
    }
    return status;
}

/* R-5.5.6-02: the Sender ID of one end is the Recipient ID of the other, and so are the keys. */
static lwsec_status derive_keys(lwsec_oscore *context, const lwsec_oscore_kdf *kdf,
                                const lwsec_oscore_config *config, lwsec_store *target)
{
    lwsec_store *other = config->recipient_store != NULL ? config->recipient_store : target;
    const uint32_t more =
        (config->flags & LWSEC_OSCORE_PAST_LIMITS) != 0 ? LWSEC_USE_PAST_LIMITS : 0U;
    const lwsec_status status =
        lwsec_oscore_derive_key(kdf, lwsec_oscore_id_bytes(&context->sender_id),
                                LWSEC_USE_SEAL | more, target, &context->sender);

    if (status != LWSEC_OK) {
        return status;
    }
    return lwsec_oscore_derive_key(kdf, lwsec_oscore_id_bytes(&context->recipient_id),
                                   LWSEC_USE_OPEN | more, other, &context->recipient);
}

/* The pseudorandom key: extracted from the Master Secret, or given as it is. */
static lwsec_status find_prk(const lwsec_oscore_config *config, lwsec_key *prk, bool *extracted)
{
    lwsec_key_description secret = {.size = sizeof secret};

    lwsec_status status = lwsec_key_describe(config->secret, &secret);
    if (status != LWSEC_OK) {
        return status;
    }
    *extracted = (secret.usage & LWSEC_USE_EXTRACT) != 0;
    if (*extracted) {
        return lwsec_key_at_once(config->secret, lwsec_key_extract(config->secret, hmac_of(config),
                                                                   config->salt, NULL, prk));
    }
    *prk = config->secret;
    return LWSEC_OK;
}

/* The pseudorandom key goes where it was made here. */
static lwsec_status drop_prk(lwsec_key *prk, bool extracted, lwsec_status status)
{
    if (!extracted) {
        return status;
    }
    const lwsec_status destroyed = lwsec_key_destroy(prk);
    return status == LWSEC_OK ? destroyed : status;
}

/* R-5.5.7-01, R-5.5.1-04: out of a secret that both ends were given. R-5.5.3-07: by a
 * Bootstrap-Server as by anybody else. */
static lwsec_status derive(lwsec_oscore *context, const lwsec_oscore_config *config)
{
    lwsec_oscore_kdf kdf = {.hmac = hmac_of(config),
                            .aead = context->aead,
                            .id_context = lwsec_oscore_id_context(context)};
    lwsec_store *target = config->store != NULL ? config->store : config->secret.store;
    bool extracted = false;

    lwsec_status status = find_prk(config, &kdf.prk, &extracted);
    if (status != LWSEC_OK) {
        return status;
    }
    status = derive_values(context, &kdf);
    if (status == LWSEC_OK) {
        status = derive_keys(context, &kdf, config, target);
    }
    if (status == LWSEC_OK) {
        status = lwsec_random(target, (uint8_t *)&context->life, sizeof context->life);
    }
    return drop_prk(&kdf.prk, extracted, status);
}

/* ---- What the state knows of this key ---- */

/*
 * R-5.5.3-09: no number is used twice, whatever was lost. A record goes before everything that the
 * caller says. A fresh key gets its record now, before its first use: the next life must not find
 * it fresh.
 */
static lwsec_status find_state(lwsec_oscore *context, const lwsec_oscore_config *config,
                               lwsec_oscore_origin origin, lwsec_reason *reason)
{
    const bool agreed = origin == LWSEC_OSCORE_AGREED;
    const bool fresh = agreed || (config->flags & LWSEC_KEY_FRESH) != 0;
    const bool no_first_echo = agreed || (config->flags & LWSEC_OSCORE_NO_FIRST_ECHO) != 0;

    lwsec_status status = lwsec_oscore_numbers_begin(context, reason);
    const bool first_life = status == LWSEC_ABSENT;
    if (first_life) {
        status = fresh ? lwsec_oscore_numbers_reserve(context, reason) : LWSEC_OK;
    }
    /* A key that comes from elsewhere (`start_ssn`) has a past that this window does not know. */
    context->synchronised = first_life && fresh && no_first_echo && config->start_ssn == 0;
    return status;
}

/* A limit here is that of the store's slots, and a secret that is gone is not one of a wrong kind.
 */
static lwsec_why derivation_why(const lwsec_oscore_config *config, lwsec_status status)
{
    lwsec_key_description secret = {.size = sizeof secret};

    if (status == LWSEC_LIMIT) {
        return LWSEC_WHY_KEY_STORE;
    }
    if (status == LWSEC_USAGE && lwsec_key_describe(config->secret, &secret) != LWSEC_OK) {
        return LWSEC_WHY_KEY_GONE;
    }
    return lwsec_key_why(status);
}

static lwsec_status check_config(const lwsec_oscore_config *config, lwsec_oscore_origin origin,
                                 const lwsec_algorithm **aead, lwsec_reason *reason)
{
    if (!well_formed(config, origin)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const lwsec_why why = lwsec_oscore_check(config, aead);
    return why != LWSEC_WHY_NONE ? lwsec_refuse(LWSEC_USAGE, why, 0, reason) : LWSEC_OK;
}

lwsec_status lwsec_oscore_identify(const lwsec_oscore_config *config, uint8_t identity[16],
                                   lwsec_reason *reason)
{
    lwsec_oscore_kdf kdf = {.hmac = hmac_of(config), .id_context = config->id_context};
    bool extracted = false;

    lwsec_status status = check_config(config, LWSEC_OSCORE_AGREED, &kdf.aead, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = find_prk(config, &kdf.prk, &extracted);
    if (status == LWSEC_OK) {
        status = drop_prk(&kdf.prk, extracted,
                          lwsec_oscore_derive_fingerprint(&kdf, config->sender_id, identity));
    }
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, derivation_why(config, status), 0, reason);
}

lwsec_status lwsec_oscore_init(void *memory, size_t size, const lwsec_oscore_config *config,
                               lwsec_oscore **context, lwsec_reason *reason)
{
    return lwsec_oscore_make(memory, size, config, LWSEC_OSCORE_PROVISIONED, context, reason);
}

lwsec_status lwsec_oscore_make(void *memory, size_t size, const lwsec_oscore_config *config,
                               lwsec_oscore_origin origin, lwsec_oscore **context,
                               lwsec_reason *reason)
{
    const lwsec_algorithm *aead = NULL;

    *context = NULL;
    lwsec_status status = check_config(config, origin, &aead, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = check_memory(memory, size, config);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    lwsec_oscore *made = memory;
    memset(made, 0, lwsec_oscore_size(config));
    made->aead = aead;
    set_constants(made, config);
    status = derive(made, config);
    if (status != LWSEC_OK) {
        status = lwsec_refuse(status, derivation_why(config, status), 0, reason);
    } else {
        status = find_state(made, config, origin, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_oscore_close(&made);
        return status;
    }
    *context = made;
    return lwsec_accept(reason);
}

void lwsec_oscore_close(lwsec_oscore **context)
{
    if (*context == NULL) {
        return;
    }
    /* Failed opens that are not stored yet would be forgiven by each new life. If the state fails,
     * they are: the context goes in any case. */
    const lwsec_status saved = lwsec_oscore_numbers_save_failures(*context, true, NULL);
    (void)saved;
    /* A store that fails to destroy has wiped all the same (<lwsec/store.h>): nothing more can be
     * done. */
    const lwsec_status sender = lwsec_key_destroy(&(*context)->sender);
    const lwsec_status recipient = lwsec_key_destroy(&(*context)->recipient);
    (void)sender;
    (void)recipient;
    lwsec_wipe(*context, sizeof **context + (size_t)8 * (*context)->window.words);
    *context = NULL;
}

/* ---- Looking after a context ---- */

lwsec_status lwsec_oscore_reserve(lwsec_oscore *context, lwsec_reason *reason)
{
    if (context->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (context->numbers.version == 0) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason);
    }
    return lwsec_oscore_numbers_short(context) ? lwsec_oscore_numbers_reserve(context, reason)
                                               : lwsec_accept(reason);
}

/* Whether three quarters of a limit are used. */
static bool worn(uint64_t used, uint64_t limit)
{
    return limit != 0 && used >= limit - limit / 4;
}

lwsec_status lwsec_oscore_get_wear(lwsec_oscore *context, lwsec_oscore_wear *wear)
{
    lwsec_key_description sender = {.size = sizeof sender};
    lwsec_key_description recipient = {.size = sizeof recipient};
    uint32_t events = 0;

    if (wear->size != sizeof *wear) {
        return LWSEC_USAGE;
    }
    lwsec_status status = lwsec_key_describe(context->sender, &sender);
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(context->recipient, &recipient);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    wear->next_ssn = context->numbers.next_ssn;
    wear->seals = sender.seals;
    wear->seal_limit = sender.seal_limit;
    wear->failed_opens = recipient.failed_opens;
    wear->open_limit = recipient.open_limit;
    events |= worn(wear->seals, wear->seal_limit) ? LWSEC_OSCORE_EVENT_SEALS : 0U;
    events |= worn(wear->failed_opens, wear->open_limit) ? LWSEC_OSCORE_EVENT_FAILED_OPENS : 0U;
    events |= worn(wear->next_ssn, LWSEC_OSCORE_SSN_MAX) ? LWSEC_OSCORE_EVENT_SSN : 0U;
    if ((wear->seal_limit != 0 && wear->seals >= wear->seal_limit) ||
        (wear->open_limit != 0 && wear->failed_opens >= wear->open_limit)) {
        events |= LWSEC_OSCORE_EVENT_PAST_LIMIT;
    }
    wear->events = events & ~(uint32_t)context->events_told;
    context->events_told |= (uint8_t)events;
    return LWSEC_OK;
}
