/* Sessions: one for each operation, one that stays; and what is done when one is lost. */
#include "pkcs11/token.h"

#include "pkcs11/object.h"

#include "core/reason.h"

/* A module without locks gets one call at a time. Taken first of all locks. */
static void take_turn(lwsec_p11_store *self)
{
    if (self->module->serial) {
        (void)pthread_mutex_lock(&self->module->turn);
    }
}

static void end_turn(lwsec_p11_store *self)
{
    if (self->module->serial) {
        (void)pthread_mutex_unlock(&self->module->turn);
    }
}

bool lwsec_p11_is_loss(CK_RV rv)
{
    switch (rv) {
    case CKR_HOST_MEMORY:
    case CKR_SLOT_ID_INVALID:
    case CKR_DEVICE_ERROR:
    case CKR_DEVICE_MEMORY:
    case CKR_DEVICE_REMOVED:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_OPERATION_ACTIVE:
    case CKR_OPERATION_NOT_INITIALIZED:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_COUNT:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_CRYPTOKI_NOT_INITIALIZED: return true;
    default: return false;
    }
}

/* ---- The pool ---- */

static CK_RV open_session(lwsec_p11_store *self, CK_SLOT_ID slot, CK_SESSION_HANDLE *session)
{
    CK_RV rv = lwsec_p11_calls(self)->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                                    NULL, session);

    if (rv == CKR_TOKEN_WRITE_PROTECTED) {
        rv = lwsec_p11_calls(self)->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, session);
    }
    return rv;
}

/* What one try holds. */
typedef struct lease {
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    uint32_t generation;
    bool anchored;
    bool known; /* the object is as good as the generation is */
    bool gone;  /* the key went with the session that had it */
} lease;

/* Notes the generation, and the object of the slot. Under `lock`. */
static void note(const lwsec_p11_store *self, uint32_t slot, lease *held)
{
    held->generation = self->generation;
    held->known = true;
    if (slot != LWSEC_P11_NO_KEY) {
        const lwsec_p11_key *key = &self->keys[slot];
        held->object = key->object;
        held->known =
            key->kept ? key->generation == self->generation : key->anchor == self->anchors;
        held->gone = !key->kept && !held->known;
    }
}

/* Puts up with the sessions that are open, where the token gives no more: it may allow fewer than
 * it says, or other programs may have them. False if there are none. */
static bool make_do(lwsec_p11_store *self, CK_RV rv)
{
    (void)pthread_mutex_lock(&self->lock);
    self->session_count--;
    const bool enough = rv == CKR_SESSION_COUNT && self->session_count > 0;
    if (enough) {
        self->session_max = self->session_count;
    }
    (void)pthread_cond_broadcast(&self->changed);
    (void)pthread_mutex_unlock(&self->lock);
    return enough;
}

/* An idle session; or, with `*open`, the right to open one: waits for either. */
static CK_RV wait_for_session(lwsec_p11_store *self, uint32_t slot, lease *held, CK_SLOT_ID *place,
                              bool *open)
{
    CK_RV rv = CKR_OK;

    (void)pthread_mutex_lock(&self->lock);
    while (self->idle_count == 0 && self->session_count >= self->session_max) {
        (void)pthread_cond_wait(&self->changed, &self->lock);
    }
    note(self, slot, held);
    *open = false;
    *place = self->slot;
    if (self->anchor == 0) { /* the token was away: first the login comes back */
        rv = CKR_SESSION_HANDLE_INVALID;
    } else if (self->idle_count > 0) {
        held->session = self->idle[--self->idle_count];
    } else {
        self->session_count++;
        *open = true;
    }
    (void)pthread_mutex_unlock(&self->lock);
    return rv;
}

/* A session for one operation; waits while as many are out as there may be. */
static CK_RV take_session(lwsec_p11_store *self, uint32_t slot, lease *held)
{
    CK_SLOT_ID place = 0;
    bool open = false;

    for (;;) {
        CK_RV rv = wait_for_session(self, slot, held, &place, &open);
        if (rv == CKR_OK && open) {
            rv = open_session(self, place, &held->session);
            if (rv != CKR_OK && make_do(self, rv)) {
                continue;
            }
        }
        return rv;
    }
}

static CK_RV take_anchor(lwsec_p11_store *self, uint32_t slot, lease *held)
{
    (void)pthread_mutex_lock(&self->anchor_lock);
    (void)pthread_mutex_lock(&self->lock);
    note(self, slot, held);
    (void)pthread_mutex_unlock(&self->lock);
    held->session = self->anchor;
    return held->session != 0 ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

/* Gives a session back; one in which something failed is closed, as an operation may have been left
 * half done in it. So is one from before a recovery. */
static void give_back(lwsec_p11_store *self, const lease *held, bool good)
{
    (void)pthread_mutex_lock(&self->lock);
    const bool keep = good && held->generation == self->generation;
    if (keep) {
        self->idle[self->idle_count++] = held->session;
        (void)pthread_cond_signal(&self->changed);
    }
    (void)pthread_mutex_unlock(&self->lock);
    if (!keep) {
        (void)lwsec_p11_calls(self)->C_CloseSession(held->session);
        (void)pthread_mutex_lock(&self->lock);
        self->session_count--;
        (void)pthread_cond_broadcast(&self->changed);
        (void)pthread_mutex_unlock(&self->lock);
    }
}

/* Under both locks. */
static void close_idle(lwsec_p11_store *self)
{
    while (self->idle_count > 0) {
        (void)lwsec_p11_calls(self)->C_CloseSession(self->idle[--self->idle_count]);
        self->session_count--;
    }
}

/* ---- Coming back ---- */

static void size_pool(lwsec_p11_store *self, const CK_TOKEN_INFO *info)
{
    const CK_ULONG limits[] = {info->ulMaxSessionCount, info->ulMaxRwSessionCount};
    const uint32_t wanted = self->config.sessions;

    self->session_max =
        wanted == 0 || wanted > LWSEC_PKCS11_SESSIONS_MAX ? LWSEC_PKCS11_SESSIONS_MAX : wanted;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        /* 0 is "no limit". One is the anchor's. */
        if (limits[i] != 0 && limits[i] != CK_UNAVAILABLE_INFORMATION &&
            limits[i] - 1 < self->session_max) {
            self->session_max = limits[i] > 1 ? (uint32_t)(limits[i] - 1) : 1;
        }
    }
}

/* A new anchor on the token, wherever that is now. Under both locks. */
static lwsec_status attach(lwsec_p11_store *self, uint32_t flags, lwsec_reason *reason)
{
    CK_TOKEN_INFO info;
    CK_RV rv = CKR_OK;

    lwsec_status status =
        lwsec_p11_find_token(self->module, &self->config.token, &self->slot, &info, &rv);
    if (status != LWSEC_OK) {
        self->error = rv;
        return lwsec_refuse(status, LWSEC_WHY_PKCS11_TOKEN, 0, reason);
    }
    self->identity = info;
    size_pool(self, &info);
    rv = open_session(self, self->slot, &self->anchor);
    if (rv != CKR_OK) {
        self->error = rv;
        self->anchor = 0;
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_PKCS11_FAILED, 0, reason);
    }
    self->anchors++;
    status = lwsec_p11_log_in(self, flags, reason);
    if (status != LWSEC_OK) {
        (void)lwsec_p11_calls(self)->C_CloseSession(self->anchor);
        self->anchor = 0;
    }
    return status;
}

/* A module that was finalised behind our back is started; one that hangs too, if it is ours alone
 * and nothing is under way in it. Under both locks. */
static void restart_module(lwsec_p11_store *self)
{
    CK_ULONG count = 0;
    const CK_RV rv = lwsec_p11_calls(self)->C_GetSlotList(CK_TRUE, NULL, &count);

    if (rv == CKR_OK) {
        return;
    }
    const bool hangs = rv != CKR_CRYPTOKI_NOT_INITIALIZED;
    if (hangs && !lwsec_p11_module_alone(self->module)) {
        return;
    }
    while (hangs && self->session_count > self->idle_count) {
        (void)pthread_cond_wait(&self->changed, &self->lock);
    }
    (void)lwsec_p11_module_restart(self->module, self->config.init_arguments, hangs);
}

static lwsec_status reattach(lwsec_p11_store *self)
{
    if (self->login == LWSEC_PKCS11_LOGIN_BAD || self->login == LWSEC_PKCS11_LOGIN_LOCKED) {
        return LWSEC_ENGINE; /* only a new PIN helps: lwsec_pkcs11_login_again */
    }
    restart_module(self);
    if (self->anchor != 0) {
        (void)lwsec_p11_calls(self)->C_CloseSession(self->anchor);
        self->anchor = 0;
    }
    return attach(self, self->config.flags, NULL);
}

/* Whether the anchor is there and logged in; logs in again where it is only that. */
static lwsec_status look_after_anchor(lwsec_p11_store *self)
{
    CK_SESSION_INFO info = {0};

    if (self->anchor == 0 ||
        lwsec_p11_calls(self)->C_GetSessionInfo(self->anchor, &info) != CKR_OK) {
        return reattach(self);
    }
    if (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS) {
        return LWSEC_OK;
    }
    if (self->login == LWSEC_PKCS11_LOGIN_BAD || self->login == LWSEC_PKCS11_LOGIN_LOCKED) {
        return LWSEC_ENGINE;
    }
    self->anchors++; /* private keys of a session went with the login */
    return lwsec_p11_log_in(self, self->config.flags, NULL);
}

/* After a failure in a session of `generation`: LWSEC_OK if another try makes sense. */
static lwsec_status recover(lwsec_p11_store *self, uint32_t generation)
{
    lwsec_status status = LWSEC_OK;

    take_turn(self);
    (void)pthread_mutex_lock(&self->anchor_lock);
    (void)pthread_mutex_lock(&self->lock);
    if (self->generation == generation) { /* otherwise another thread has done it */
        close_idle(self);
        status = look_after_anchor(self);
        self->generation++;
        (void)pthread_cond_broadcast(&self->changed);
    }
    (void)pthread_mutex_unlock(&self->lock);
    (void)pthread_mutex_unlock(&self->anchor_lock);
    end_turn(self);
    return status;
}

/* ---- Running ---- */

/* Finds the object of a kept key again, after a handle may have become stale. */
static CK_RV find_again(lwsec_p11_store *self, uint32_t slot, lease *held)
{
    lwsec_p11_key *key = &self->keys[slot];
    const CK_RV rv = lwsec_p11_find_again(self, held->session, key, &held->object);

    if (rv == CKR_OK) {
        (void)pthread_mutex_lock(&self->lock);
        key->object = held->object;
        key->generation = held->generation;
        (void)pthread_mutex_unlock(&self->lock);
    }
    return rv;
}

/* One try in a session of the pool, or in the anchor. */
static CK_RV attempt(lwsec_p11_store *self, uint32_t slot, lwsec_p11_step step, void *arguments,
                     lease *held)
{
    take_turn(self);
    CK_RV rv = held->anchored ? take_anchor(self, slot, held) : take_session(self, slot, held);
    const bool taken = rv == CKR_OK;

    if (taken && held->gone) {
        rv = CKR_KEY_HANDLE_INVALID;
    } else if (taken && !held->known) {
        rv = find_again(self, slot, held);
    }
    if (rv == CKR_OK) {
        rv = step(self, held->session, held->object, arguments);
    }
    if (held->anchored) {
        (void)pthread_mutex_unlock(&self->anchor_lock);
    } else if (taken) {
        give_back(self, held, rv == CKR_OK);
    }
    end_turn(self);
    return rv;
}

static bool is_answer(CK_RV rv)
{
    return rv == CKR_OK || rv == LWSEC_P11_REFUSED || rv == LWSEC_P11_LACKING;
}

static lwsec_status run(lwsec_p11_store *self, uint32_t slot, bool anchored, lwsec_p11_step step,
                        void *arguments)
{
    lease held = {.anchored = anchored};
    CK_RV rv = attempt(self, slot, step, arguments, &held);

    if (!is_answer(rv) && !held.gone) {
        self->error = rv;
        if (recover(self, held.generation) == LWSEC_OK) {
            rv = attempt(self, slot, step, arguments, &held);
        }
    }
    switch (rv) {
    case CKR_OK: return LWSEC_OK;
    case LWSEC_P11_REFUSED: return LWSEC_REJECT;
    case LWSEC_P11_LACKING: return LWSEC_UNSUPPORTED;
    case CKR_KEY_SIZE_RANGE: /* a secret for both steps of HKDF, too short for the token's HMAC */
        self->error = rv;
        return LWSEC_UNSUPPORTED;
    default: self->error = rv; return LWSEC_ENGINE;
    }
}

lwsec_status lwsec_p11_run(lwsec_p11_store *self, uint32_t slot, lwsec_p11_step step,
                           void *arguments)
{
    return run(self, slot, false, step, arguments);
}

lwsec_status lwsec_p11_run_anchored(lwsec_p11_store *self, uint32_t slot, lwsec_p11_step step,
                                    void *arguments)
{
    return run(self, slot, true, step, arguments);
}

lwsec_status lwsec_p11_connect(lwsec_p11_store *self, lwsec_reason *reason)
{
    take_turn(self);
    (void)pthread_mutex_lock(&self->anchor_lock);
    (void)pthread_mutex_lock(&self->lock);
    const lwsec_status status = attach(self, self->config.flags, reason);
    (void)pthread_mutex_unlock(&self->lock);
    (void)pthread_mutex_unlock(&self->anchor_lock);
    end_turn(self);
    return status;
}

/* The anchor goes last: with the last session of a process the login goes too. */
void lwsec_p11_disconnect(lwsec_p11_store *self)
{
    take_turn(self);
    (void)pthread_mutex_lock(&self->anchor_lock);
    (void)pthread_mutex_lock(&self->lock);
    close_idle(self);
    if (self->anchor != 0) {
        (void)lwsec_p11_calls(self)->C_CloseSession(self->anchor);
        self->anchor = 0;
    }
    (void)pthread_mutex_unlock(&self->lock);
    (void)pthread_mutex_unlock(&self->anchor_lock);
    end_turn(self);
}

lwsec_status lwsec_p11_reconnect(lwsec_p11_store *self, uint32_t flags, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    take_turn(self);
    (void)pthread_mutex_lock(&self->anchor_lock);
    (void)pthread_mutex_lock(&self->lock);
    close_idle(self);
    status =
        self->anchor != 0 ? lwsec_p11_log_in(self, flags, reason) : attach(self, flags, reason);
    self->generation++;
    (void)pthread_cond_broadcast(&self->changed);
    (void)pthread_mutex_unlock(&self->lock);
    (void)pthread_mutex_unlock(&self->anchor_lock);
    end_turn(self);
    return status;
}
