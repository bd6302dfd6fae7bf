/* Keys that the token keeps: found by name, listed, destroyed. */
#include "pkcs11/operations.h"

#include <string.h>

/* ---- Finding ---- */

/* What a search by name has met. */
typedef struct meeting {
    lwsec_bytes name;
    lwsec_p11_key found;
    CK_OBJECT_HANDLE object;
    unsigned ours;
    unsigned others; /* keys of that name that are none of ours */
} meeting;

/* CKR_OK: a key. LWSEC_P11_LACKING: something else. */
static CK_RV is_key_class(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    CK_ULONG class = 0;
    size_t size = 0;

    const CK_RV rv = lwsec_p11_read(self, session, object, CKA_CLASS, &class, sizeof class, &size);
    return rv == CKR_OK && class != CKO_SECRET_KEY && class != CKO_PRIVATE_KEY ? LWSEC_P11_LACKING
                                                                               : rv;
}

static CK_RV meet(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                  void *arguments)
{
    meeting *work = arguments;
    lwsec_p11_key key;

    CK_RV rv = lwsec_p11_recognise(self, session, object, &key);
    if (rv == CKR_OK && !lwsec_equal_secret(lwsec_bytes_of(key.name, key.name_size), work->name)) {
        return CKR_OK; /* not what was asked for */
    }
    if (rv == CKR_OK) {
        work->found = key;
        work->object = object;
        work->ours++;
    } else if (rv == LWSEC_P11_LACKING) {
        rv = is_key_class(self, session, object);
        work->others += rv == CKR_OK ? 1 : 0;
    }
    return rv == LWSEC_P11_LACKING ? CKR_OK : rv;
}

static CK_RV meet_all(lwsec_p11_store *self, CK_SESSION_HANDLE session, meeting *work)
{
    lwsec_p11_template wanted = {.count = 0};

    work->ours = 0;
    work->others = 0;
    lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
    lwsec_p11_add(&wanted, CKA_LABEL, work->name);
    return lwsec_p11_search(self, session, &wanted, meet, work);
}

CK_RV lwsec_p11_name_is_taken(lwsec_p11_store *self, CK_SESSION_HANDLE session, lwsec_bytes name,
                              bool *taken)
{
    meeting work = {.name = name};
    const CK_RV rv = meet_all(self, session, &work);

    *taken = work.ours + work.others > 0;
    return rv;
}

static CK_RV find_by_name(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                          void *arguments)
{
    meeting *work = arguments;
    CK_RV rv = meet_all(self, session, work);

    (void)none;
    if (rv == CKR_OK && work->ours == 1 && work->found.form == LWSEC_P11_FORM_P256) {
        rv = lwsec_p11_find_point(self, session, work->object, &work->found);
    }
    return rv;
}

lwsec_status lwsec_p11_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    meeting work = {.name = name};
    uint32_t slot = 0;

    lwsec_status status = lwsec_p11_run(self, LWSEC_P11_NO_KEY, find_by_name, &work);
    if (status != LWSEC_OK) {
        return status;
    }
    if (work.ours + work.others == 0) {
        return LWSEC_ABSENT;
    }
    if (work.ours != 1 || work.others != 0) {
        return LWSEC_UNSUPPORTED; /* another purpose or form, or more than one */
    }
    status = lwsec_store_claim(store, &slot);
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_key_attributes attributes = {
        sizeof attributes, work.found.algorithm, work.found.usage, {NULL, 0}};
    self->keys[slot] = work.found;
    lwsec_p11_place(self, &self->keys[slot], work.object);
    return lwsec_store_publish(store, slot, &attributes, key);
}

/* ---- Listing ---- */

typedef struct listing {
    lwsec_bytes after;
    uint8_t best[LWSEC_KEY_NAME_MAX];
    size_t best_size;
    bool found;
} listing;

/* In byte order; a name stands before all that go on after it. */
static bool is_before(lwsec_bytes one, lwsec_bytes other)
{
    for (size_t i = 0; i < one.size && i < other.size; i++) {
        if (one.data[i] != other.data[i]) {
            return one.data[i] < other.data[i];
        }
    }
    return one.size < other.size;
}

static CK_RV list_one(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                      void *arguments)
{
    listing *work = arguments;
    lwsec_p11_key key;

    const CK_RV rv = lwsec_p11_recognise(self, session, object, &key);
    if (rv != CKR_OK || key.name_size == 0) {
        return rv == LWSEC_P11_LACKING ? CKR_OK : rv;
    }
    const lwsec_bytes name = {key.name, key.name_size};
    if (is_before(work->after, name) &&
        (!work->found || is_before(name, lwsec_bytes_of(work->best, work->best_size)))) {
        memcpy(work->best, name.data, name.size);
        work->best_size = name.size;
        work->found = true;
    }
    return CKR_OK;
}

static CK_RV list(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                  void *arguments)
{
    listing *work = arguments;
    lwsec_p11_template wanted = {.count = 0};

    (void)none;
    work->found = false;
    lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
    return lwsec_p11_search(self, session, &wanted, list_one, work);
}

lwsec_status lwsec_p11_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    listing work = {.after = after};
    const lwsec_status status =
        lwsec_p11_run(lwsec_p11_store_of(store), LWSEC_P11_NO_KEY, list, &work);

    if (status == LWSEC_OK && work.found) {
        memcpy(name->data, work.best, work.best_size);
        name->size = work.best_size;
    }
    return status == LWSEC_OK && !work.found ? LWSEC_ABSENT : status;
}

/* ---- Going ---- */

static CK_RV destroy_class(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                           const lwsec_p11_key *key, CK_OBJECT_CLASS class)
{
    lwsec_p11_one one = {0, 1};
    CK_RV rv = CKR_OK;

    while (rv == CKR_OK && one.count > 0) {
        lwsec_p11_template wanted = {.count = 0};
        lwsec_p11_add_number(&wanted, CKA_CLASS, class);
        lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
        lwsec_p11_add(&wanted, CKA_ID, lwsec_bytes_of(key->id, key->id_size));
        lwsec_p11_add(&wanted, CKA_LABEL, lwsec_bytes_of(key->name, key->name_size));
        rv = lwsec_p11_search_one(self, session, &wanted, &one);
        if (rv == CKR_OK && one.count > 0) {
            rv = lwsec_p11_check_id(self, session, one.object, key);
        }
        if (rv == CKR_OK && one.count > 0) {
            rv = lwsec_p11_calls(self)->C_DestroyObject(session, one.object);
        }
    }
    return rv;
}

/* Searches even where a handle is known: what is gone already is no failure. */
static CK_RV destroy_kept(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                          void *arguments)
{
    const lwsec_p11_key *key = arguments;
    CK_RV rv = destroy_class(self, session, key, lwsec_p11_class_of(key));

    (void)none;
    if (rv == CKR_OK && key->form == LWSEC_P11_FORM_P256) {
        rv = destroy_class(self, session, key, CKO_PUBLIC_KEY);
    }
    return rv;
}

static CK_RV destroy_object(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                            CK_OBJECT_HANDLE object, void *arguments)
{
    const CK_RV rv = lwsec_p11_calls(self)->C_DestroyObject(session, object);

    (void)arguments;
    return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_OK : rv; /* it went with a login */
}

static bool went_with_its_session(lwsec_p11_store *self, const lwsec_p11_key *key)
{
    (void)pthread_mutex_lock(&self->lock);
    const bool gone = key->anchor != self->anchors;
    (void)pthread_mutex_unlock(&self->lock);
    return gone;
}

lwsec_status lwsec_p11_destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    lwsec_p11_key *key = &self->keys[slot];
    lwsec_status status = LWSEC_OK;

    if (key->kept) {
        status = lwsec_p11_run(self, LWSEC_P11_NO_KEY, destroy_kept, key);
    } else if (!went_with_its_session(self, key)) {
        status = lwsec_p11_run_anchored(self, slot, destroy_object, NULL);
    }
    lwsec_wipe(key, sizeof *key);
    return status;
}

lwsec_status lwsec_p11_release(lwsec_store *store, uint32_t slot)
{
    lwsec_p11_key *key = &lwsec_p11_store_of(store)->keys[slot];

    if (!key->kept) {
        return lwsec_p11_destroy(store, slot);
    }
    lwsec_wipe(key, sizeof *key);
    return LWSEC_OK;
}

/* ---- Telling ---- */

lwsec_tier lwsec_p11_key_tier(lwsec_store *store, uint32_t slot)
{
    const lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];

    if (key->passed_here) {
        return LWSEC_TIER_MIXED;
    }
    switch (key->form) {
    case LWSEC_P11_FORM_BLOCKS:
    case LWSEC_P11_FORM_PRK:
    case LWSEC_P11_FORM_PREMASTER: return LWSEC_TIER_MIXED;
    case LWSEC_P11_FORM_SECRET:
        return (self->capabilities & LWSEC_PKCS11_CAN_HKDF) != 0 ? LWSEC_TIER_TOKEN
                                                                 : LWSEC_TIER_MIXED;
    default: return LWSEC_TIER_TOKEN;
    }
}
