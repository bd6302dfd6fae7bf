/* Logging in: a wrong PIN is tried once, and never where one more wrong try locks the token. */
#include "pkcs11/token.h"

#include "core/reason.h"

/* Somebody else in this process may have logged in: the login is the application's, not the
 * session's. */
static bool is_logged_in(const lwsec_p11_store *self)
{
    CK_SESSION_INFO info = {0};

    return lwsec_p11_calls(self)->C_GetSessionInfo(self->anchor, &info) == CKR_OK &&
           (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

static lwsec_status settle(lwsec_p11_store *self, lwsec_pkcs11_login_state state, lwsec_why why,
                           lwsec_reason *reason)
{
    self->login = state;
    return state == LWSEC_PKCS11_LOGIN_OK ? lwsec_accept(reason)
                                          : lwsec_refuse(LWSEC_ENGINE, why, 0, reason);
}

/* What the token's answer means. The PIN's fingerprint is remembered where it was wrong. */
static lwsec_status judge(lwsec_p11_store *self, CK_RV rv, uint64_t fingerprint,
                          lwsec_reason *reason)
{
    if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN) {
        self->error = rv;
    }
    switch (rv) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
        return settle(self, LWSEC_PKCS11_LOGIN_OK, LWSEC_WHY_NONE, reason);
    case CKR_PIN_LOCKED:
        return settle(self, LWSEC_PKCS11_LOGIN_LOCKED, LWSEC_WHY_PKCS11_LOCKED, reason);
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_EXPIRED:
        if (fingerprint != 0) {
            lwsec_p11_module_pin_is_bad(self->module, fingerprint);
        }
        return settle(self, LWSEC_PKCS11_LOGIN_BAD, LWSEC_WHY_PKCS11_PIN, reason);
    default: return settle(self, LWSEC_PKCS11_LOGIN_UNSET, LWSEC_WHY_PKCS11_FAILED, reason);
    }
}

/* What is known before a PIN is asked for. LWSEC_PENDING: it has to be tried. */
static lwsec_status look(lwsec_p11_store *self, uint32_t flags, CK_TOKEN_INFO *info,
                         lwsec_reason *reason)
{
    const CK_RV rv = lwsec_p11_calls(self)->C_GetTokenInfo(self->slot, info);

    if (rv != CKR_OK) {
        self->error = rv;
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_PKCS11_FAILED, 0, reason);
    }
    if ((info->flags & CKF_LOGIN_REQUIRED) == 0 || is_logged_in(self)) {
        return settle(self, LWSEC_PKCS11_LOGIN_OK, LWSEC_WHY_NONE, reason);
    }
    if ((info->flags & CKF_USER_PIN_INITIALIZED) == 0) {
        return settle(self, LWSEC_PKCS11_LOGIN_UNSET, LWSEC_WHY_PKCS11_PIN, reason);
    }
    if ((info->flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) != 0 &&
        (flags & LWSEC_PKCS11_LAST_TRY) == 0) {
        return settle(self, LWSEC_PKCS11_LOGIN_LOCKED, LWSEC_WHY_PKCS11_LOCKED, reason);
    }
    return LWSEC_PENDING;
}

/* The one try. `fingerprint` 0: a PIN that we do not see. */
static lwsec_status try_once(lwsec_p11_store *self, CK_BYTE *pin, size_t size, uint64_t fingerprint,
                             lwsec_reason *reason)
{
    if (fingerprint != 0 && lwsec_p11_module_pin_was_bad(self->module, fingerprint)) {
        return settle(self, LWSEC_PKCS11_LOGIN_BAD, LWSEC_WHY_PKCS11_PIN, reason);
    }
    return judge(self, lwsec_p11_calls(self)->C_Login(self->anchor, CKU_USER, pin, (CK_ULONG)size),
                 fingerprint, reason);
}

/* One store at a time: while this one had no PIN yet, another may have logged in, or have been
 * refused with the same PIN, or have left the last try. */
static lwsec_status try_alone(lwsec_p11_store *self, uint32_t flags, CK_BYTE *pin, size_t size,
                              lwsec_reason *reason)
{
    CK_TOKEN_INFO info;

    (void)pthread_mutex_lock(&self->module->login);
    lwsec_status status = look(self, flags, &info, reason);
    if (status == LWSEC_PENDING) {
        const uint64_t fingerprint =
            pin != NULL ? lwsec_p11_pin_fingerprint(&info, lwsec_bytes_of(pin, size)) : 0;
        status = try_once(self, pin, size, fingerprint, reason);
    }
    (void)pthread_mutex_unlock(&self->module->login);
    return status;
}

static lwsec_status ask_and_try(lwsec_p11_store *self, uint32_t flags, const CK_TOKEN_INFO *info,
                                lwsec_reason *reason)
{
    uint8_t room[LWSEC_PKCS11_PIN_MAX];
    lwsec_buffer pin = lwsec_buffer_of(room, sizeof room);
    const lwsec_pkcs11_token token = lwsec_p11_identity(info);

    const bool asked = self->config.pin != NULL &&
                       self->config.pin(self->config.pin_context, &token, &pin) == LWSEC_OK &&
                       pin.size <= sizeof room;
    const lwsec_status status =
        asked ? try_alone(self, flags, room, pin.size, reason)
              : settle(self, LWSEC_PKCS11_LOGIN_UNSET, LWSEC_WHY_PKCS11_PIN, reason);
    lwsec_wipe(room, sizeof room);
    return status;
}

lwsec_status lwsec_p11_log_in(lwsec_p11_store *self, uint32_t flags, lwsec_reason *reason)
{
    CK_TOKEN_INFO info;
    const lwsec_status status = look(self, flags, &info, reason);

    if (status != LWSEC_PENDING) {
        return status;
    }
    return (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0
               ? try_alone(self, flags, NULL, 0, reason)
               : ask_and_try(self, flags, &info, reason);
}
