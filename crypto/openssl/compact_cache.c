/* Which keys of the compact store stay expanded, and how all others are used. */
#include "crypto/openssl/compact.h"

#include "core/epoch.h"

#include <openssl/err.h>

#include <limits.h>

#include <pthread.h>

enum { SEALING = 0, OPENING = 1 };

/* A key in one direction: never 0. A store has at most 2^30 slots. */
static uint32_t use_of(uint32_t slot, unsigned direction)
{
    return slot * 2U + direction + 1U;
}

static lwsec_compact_set *set_of(const lwsec_compact_store *self, uint32_t use)
{
    const uint32_t mixed = use * 0x9e3779b9U; /* neighbours go apart */
    return &self->sets[(uint64_t)mixed * self->set_count >> 32];
}

static bool try_take(_Atomic bool *busy)
{
    return !atomic_load_explicit(busy, memory_order_relaxed) &&
           !atomic_exchange_explicit(busy, true, memory_order_acquire);
}

static void give_back(_Atomic bool *busy)
{
    atomic_store_explicit(busy, false, memory_order_release);
}

/* ---- What is made when the store opens, and when a key comes ---- */

static bool prepare(const lwsec_compact_aead *aead, EVP_CIPHER_CTX **context)
{
    *context = EVP_CIPHER_CTX_new();
    if (*context == NULL || !lwsec_openssl_prepare(*context, aead->cipher, aead->algorithm, 1)) {
        EVP_CIPHER_CTX_free(*context);
        *context = NULL;
        return false;
    }
    return true;
}

static const char *cipher_name(const lwsec_algorithm *aead)
{
    switch (aead->id) {
    case LWSEC_ALG_A128GCM: return "AES-128-GCM";
    case LWSEC_ALG_A192GCM: return "AES-192-GCM";
    case LWSEC_ALG_A256GCM: return "AES-256-GCM";
    case LWSEC_ALG_CHACHA20_POLY1305: return "ChaCha20-Poly1305";
    default: return aead->key_size_max == 16 ? "AES-128-CCM" : "AES-256-CCM";
    }
}

static void find_aeads(lwsec_compact_store *self)
{
    const lwsec_algorithm *algorithm;
    size_t count = 0;

    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        if (algorithm->kind == LWSEC_KIND_AEAD && count < LWSEC_COMPACT_AEADS) {
            lwsec_compact_aead *aead = &self->aeads[count++];
            aead->algorithm = algorithm;
            aead->cipher = EVP_CIPHER_fetch(NULL, cipher_name(algorithm), NULL);
            aead->shape.ccm = lwsec_openssl_is_ccm(algorithm->id);
            aead->shape.tag_size = algorithm->tag_size;
        }
    }
}

lwsec_status lwsec_compact_begin(lwsec_compact_store *self)
{
    find_aeads(self);
    for (size_t i = 0; i < self->set_count; i++) {
        atomic_init(&self->sets[i].order, LWSEC_COMPACT_FIRST_ORDER);
    }
    for (size_t i = 0; i < LWSEC_COMPACT_SCRATCH; i++) {
        for (size_t kind = 0; kind < LWSEC_COMPACT_AEADS; kind++) {
            if (self->aeads[kind].cipher != NULL &&
                !prepare(&self->aeads[kind], &self->scratch[i].contexts[kind])) {
                return LWSEC_ENGINE;
            }
        }
    }
    return LWSEC_OK;
}

void lwsec_compact_end(lwsec_compact_store *self)
{
    for (size_t i = 0; i < self->set_count; i++) {
        for (size_t way = 0; way < LWSEC_COMPACT_WAYS; way++) {
            EVP_CIPHER_CTX_free(self->sets[i].contexts[way]);
        }
    }
    for (size_t i = 0; i < LWSEC_COMPACT_SCRATCH; i++) {
        for (size_t kind = 0; kind < LWSEC_COMPACT_AEADS; kind++) {
            EVP_CIPHER_CTX_free(self->scratch[i].contexts[kind]);
        }
    }
    for (size_t kind = 0; kind < LWSEC_COMPACT_AEADS; kind++) {
        EVP_CIPHER_free(self->aeads[kind].cipher);
    }
}

/* Gives the set of a use one more context, of this algorithm, where one is missing. */
static lwsec_status make_context(lwsec_compact_store *self, uint32_t use, uint8_t kind)
{
    lwsec_compact_set *set = set_of(self, use);
    EVP_CIPHER_CTX *made;

    for (size_t way = 0; way < LWSEC_COMPACT_WAYS; way++) {
        if (atomic_load(&set->contexts[way]) != NULL || !try_take(&set->busy[way])) {
            continue;
        }
        if (atomic_load(&set->contexts[way]) != NULL) {
            give_back(&set->busy[way]);
            continue;
        }
        const bool done = prepare(&self->aeads[kind], &made);
        if (done) {
            set->aead[way] = kind;
            atomic_store(&set->contexts[way], made);
        }
        give_back(&set->busy[way]);
        return done ? LWSEC_OK : LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_compact_make_room(lwsec_compact_store *self, uint32_t slot, uint32_t usage)
{
    const uint8_t kind = self->kinds[slot];
    lwsec_status status = LWSEC_OK;

    if ((usage & LWSEC_USE_SEAL) != 0) {
        status = make_context(self, use_of(slot, SEALING), kind);
    }
    if (status == LWSEC_OK && (usage & LWSEC_USE_OPEN) != 0) {
        status = make_context(self, use_of(slot, OPENING), kind);
    }
    return status;
}

/* ---- Forgetting ---- */

/* Another key takes the place of what was expanded: no allocation, and nothing of it is left. */
static void put_zeros(EVP_CIPHER_CTX *context)
{
    static const uint8_t zeros[32];

    (void)ERR_set_mark();
    (void)EVP_CipherInit_ex2(context, NULL, zeros, NULL, -1, NULL);
    (void)ERR_pop_to_mark();
}

/* Nobody uses the key any more, so `busy` is raised by others for an instant, or for the one
 * operation in which they replace it. True: done; false: it is busy now. */
static bool try_drop(_Atomic bool *busy, _Atomic uint32_t *holds, uint32_t use,
                     EVP_CIPHER_CTX *context)
{
    if (atomic_load_explicit(holds, memory_order_acquire) != use) {
        return true;
    }
    if (!try_take(busy)) {
        return false;
    }
    if (atomic_load(holds) == use) {
        put_zeros(context);
        atomic_store(holds, 0);
    }
    give_back(busy);
    return true;
}

/* In a forked child there is no thread that would give back what the parent's threads had taken:
 * what one of them had goes when the store is closed. */
static void drop(const lwsec_compact_store *self, _Atomic bool *busy, _Atomic uint32_t *holds,
                 uint32_t use, EVP_CIPHER_CTX *context)
{
    while (!try_drop(busy, holds, use, context) && self->head.epoch == lwsec_epoch()) {
    }
}

static void forget_use(lwsec_compact_store *self, uint32_t use, uint8_t kind)
{
    lwsec_compact_set *set = set_of(self, use);
    uint32_t missed = use;

    for (size_t way = 0; way < LWSEC_COMPACT_WAYS; way++) {
        drop(self, &set->busy[way], &set->holds[way], use, set->contexts[way]);
    }
    for (size_t i = 0; i < LWSEC_COMPACT_SCRATCH; i++) {
        lwsec_compact_scratch *scratch = &self->scratch[i];
        drop(self, &scratch->busy, &scratch->holds[kind], use, scratch->contexts[kind]);
    }
    (void)atomic_compare_exchange_strong(&set->missed, &missed, 0);
}

void lwsec_compact_forget(lwsec_compact_store *self, uint32_t slot)
{
    forget_use(self, use_of(slot, SEALING), self->kinds[slot]);
    forget_use(self, use_of(slot, OPENING), self->kinds[slot]);
}

/* ---- Taking a context ---- */

/* A context that is owned until it is given back. */
typedef struct loan {
    EVP_CIPHER_CTX *context; /* NULL: none could be had */
    const uint8_t *key;      /* to be set with the nonce; NULL: the context has it */
    lwsec_openssl_shape shape;
    _Atomic bool *busy;      /* NULL: made for this one operation */
    _Atomic uint32_t *holds; /* what is noted of it; NULL likewise */
} loan;

/* The way that holds this use, taken; LWSEC_COMPACT_WAYS: none, or it is busy. */
static size_t find_kept(lwsec_compact_set *set, uint32_t use)
{
    for (size_t way = 0; way < LWSEC_COMPACT_WAYS; way++) {
        if (atomic_load_explicit(&set->holds[way], memory_order_relaxed) != use ||
            !try_take(&set->busy[way])) {
            continue;
        }
        if (atomic_load_explicit(&set->holds[way], memory_order_relaxed) == use) {
            return way;
        }
        give_back(&set->busy[way]);
    }
    return LWSEC_COMPACT_WAYS;
}

static unsigned way_at(unsigned order, unsigned place)
{
    return order >> (2 * place) & 3U;
}

static void note_use(lwsec_compact_set *set, size_t way)
{
    const unsigned order = atomic_load_explicit(&set->order, memory_order_relaxed);
    unsigned next = (unsigned)way;
    unsigned behind = 2;

    if (way_at(order, 0) == way) {
        return;
    }
    for (unsigned place = 0; place < LWSEC_COMPACT_WAYS; place++) {
        if (way_at(order, place) != way) {
            next |= way_at(order, place) << behind;
            behind += 2;
        }
    }
    atomic_store_explicit(&set->order, (uint8_t)next, memory_order_relaxed);
}

/* The way for a new key: an empty one, or the one that was not used for longest. */
static size_t choose_way(lwsec_compact_set *set, uint8_t kind)
{
    const unsigned order = atomic_load_explicit(&set->order, memory_order_relaxed);
    size_t chosen = LWSEC_COMPACT_WAYS;

    for (unsigned place = 0; place < LWSEC_COMPACT_WAYS; place++) {
        const size_t way = way_at(order, place);
        if (atomic_load_explicit(&set->contexts[way], memory_order_acquire) == NULL ||
            set->aead[way] != kind) {
            continue;
        }
        chosen = way;
        if (atomic_load_explicit(&set->holds[way], memory_order_relaxed) == 0) {
            break;
        }
    }
    return chosen;
}

/* A key is kept when it is missed twice without another miss of its set in between. */
static bool is_second_miss(lwsec_compact_set *set, uint32_t use)
{
    if (atomic_load_explicit(&set->missed, memory_order_relaxed) == use) {
        return true;
    }
    atomic_store_explicit(&set->missed, use, memory_order_relaxed);
    return false;
}

static bool keep(lwsec_compact_set *set, uint32_t use, uint8_t kind, loan *taken)
{
    const size_t way = choose_way(set, kind);

    if (way == LWSEC_COMPACT_WAYS || !try_take(&set->busy[way])) {
        return false;
    }
    atomic_store_explicit(&set->holds[way], use, memory_order_relaxed);
    note_use(set, way);
    taken->context = set->contexts[way];
    taken->busy = &set->busy[way];
    taken->holds = &set->holds[way];
    return true;
}

/* Where a thread looks first: threads differ, and each comes back to its own. */
static uint32_t own_scratch(void)
{
    const pthread_t self = pthread_self();
    uint64_t number = 0;

    memcpy(&number, &self, sizeof self < sizeof number ? sizeof self : sizeof number);
    return (uint32_t)(number * 0x9e3779b97f4a7c15ULL >> 32);
}

static void take_scratch(lwsec_compact_store *self, uint32_t use, uint8_t kind, loan *taken)
{
    const uint32_t first = own_scratch();

    for (uint32_t i = 0; i < LWSEC_COMPACT_SCRATCH; i++) {
        lwsec_compact_scratch *scratch = &self->scratch[(first + i) % LWSEC_COMPACT_SCRATCH];
        if (try_take(&scratch->busy)) {
            atomic_store_explicit(&scratch->holds[kind], use, memory_order_relaxed);
            taken->context = scratch->contexts[kind];
            taken->busy = &scratch->busy;
            taken->holds = &scratch->holds[kind];
            return;
        }
    }
    (void)ERR_set_mark();
    (void)prepare(&self->aeads[kind], &taken->context);
    (void)ERR_pop_to_mark();
}

static loan take(lwsec_compact_store *self, uint32_t slot, unsigned direction)
{
    const uint32_t use = use_of(slot, direction);
    const uint8_t kind = self->kinds[slot];
    lwsec_compact_set *set = set_of(self, use);
    const size_t kept = find_kept(set, use);
    loan taken = {NULL, NULL, self->aeads[kind].shape, NULL, NULL};

    if (kept < LWSEC_COMPACT_WAYS) {
        note_use(set, kept);
        taken.context = set->contexts[kept];
        taken.busy = &set->busy[kept];
        taken.holds = &set->holds[kept];
        return taken;
    }
    taken.key = &self->keys[(size_t)slot * self->key_size];
    if (!is_second_miss(set, use) || !keep(set, use, kind, &taken)) {
        take_scratch(self, use, kind, &taken);
    }
    return taken;
}

/* A context in which OpenSSL failed may have half a key: it holds none then. */
static void finish(const loan *taken, bool failed)
{
    if (taken->busy != NULL) {
        if (failed) {
            put_zeros(taken->context);
            atomic_store_explicit(taken->holds, 0, memory_order_relaxed);
        }
        give_back(taken->busy);
    } else {
        EVP_CIPHER_CTX_free(taken->context);
    }
}

/* ---- Sealing and opening ---- */

lwsec_status lwsec_compact_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    bool sealed = false;

    if (aad.size > INT_MAX) {
        return LWSEC_ENGINE;
    }
    const loan taken = take(lwsec_compact_store_of(store), slot, SEALING);
    if (taken.context != NULL) {
        sealed = lwsec_openssl_seal_with(taken.context, taken.shape, taken.key, nonce, aad,
                                         plaintext, out);
    }
    finish(&taken, !sealed);
    if (!sealed) {
        lwsec_wipe(out, plaintext.size + taken.shape.tag_size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_compact_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    lwsec_status status = LWSEC_ENGINE;

    if (aad.size > INT_MAX) {
        return LWSEC_ENGINE;
    }
    const loan taken = take(lwsec_compact_store_of(store), slot, OPENING);
    if (taken.context != NULL) {
        status = lwsec_openssl_open_with(taken.context, taken.shape, taken.key, nonce, aad,
                                         ciphertext, out);
    }
    finish(&taken, status == LWSEC_ENGINE);
    if (status != LWSEC_OK) {
        lwsec_wipe(out, ciphertext.size - taken.shape.tag_size);
    }
    return status;
}
