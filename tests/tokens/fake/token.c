/* The slot, the sessions and the login of the fake token. The lock is held in all of it. */
#include "tests/tokens/fake/parts.h"

#include <string.h>

#define TRIES 3U

static fake_session sessions[FAKE_SESSIONS];
static CK_SESSION_HANDLE next_session = 100;
static bool present = true;
static bool logged_in;
static unsigned tries_left = TRIES;

bool fake_is_present(void)
{
    return present;
}

bool fake_is_logged_in(void)
{
    return logged_in;
}

void fake_set_tries(unsigned left)
{
    tries_left = left;
}

fake_session *fake_session_of(CK_SESSION_HANDLE handle)
{
    for (size_t i = 0; i < FAKE_SESSIONS && handle != 0; i++) {
        if (sessions[i].handle == handle) {
            return &sessions[i];
        }
    }
    return NULL;
}

static void close_session(fake_session *session)
{
    fake_destroy_session_objects(session->handle);
    EVP_MD_CTX_free(session->active[FAKE_DIGEST].digest);
    memset(session, 0, sizeof *session);
}

unsigned fake_count_sessions(void)
{
    unsigned open = 0;

    for (size_t i = 0; i < FAKE_SESSIONS; i++) {
        open += sessions[i].handle != 0 ? 1 : 0;
    }
    return open;
}

/* Handles of private objects do not outlive a login. */
void fake_lose_login(void)
{
    logged_in = false;
    fake_renew_private_handles();
}

void fake_close_sessions(void)
{
    for (size_t i = 0; i < FAKE_SESSIONS; i++) {
        if (sessions[i].handle != 0) {
            close_session(&sessions[i]);
        }
    }
    fake_lose_login();
}

void fake_remove(void)
{
    fake_close_sessions();
    present = false;
}

void fake_return_token(void)
{
    present = true;
}

void fake_reset_token(void)
{
    fake_close_sessions();
    present = true;
    tries_left = TRIES;
}

static void fill(CK_BYTE *field, size_t size, const char *text)
{
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

CK_RV fake_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    if (slot != FAKE_SLOT) {
        return CKR_SLOT_ID_INVALID;
    }
    if (!present) {
        return CKR_TOKEN_NOT_PRESENT;
    }
    memset(info, 0, sizeof *info);
    fill(info->label, sizeof info->label, "fake");
    fill(info->manufacturerID, sizeof info->manufacturerID, "lwsec");
    fill(info->model, sizeof info->model, "fake");
    fill(info->serialNumber, sizeof info->serialNumber, "0001");
    info->flags = CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
    info->flags |= tries_left < TRIES ? CKF_USER_PIN_COUNT_LOW : 0;
    info->flags |= tries_left == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
    info->flags |= tries_left == 0 ? CKF_USER_PIN_LOCKED : 0;
    info->ulMaxSessionCount = FAKE_SESSIONS;
    info->ulSessionCount = fake_count_sessions();
    info->ulMaxPinLen = 8;
    info->ulMinPinLen = 4;
    return CKR_OK;
}

CK_RV fake_open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE *handle)
{
    if (slot != FAKE_SLOT) {
        return CKR_SLOT_ID_INVALID;
    }
    if (!present) {
        return CKR_TOKEN_NOT_PRESENT;
    }
    if ((flags & CKF_SERIAL_SESSION) == 0) {
        return CKR_ARGUMENTS_BAD;
    }
    for (size_t i = 0; i < FAKE_SESSIONS; i++) {
        if (sessions[i].handle == 0) {
            memset(&sessions[i], 0, sizeof sessions[i]);
            sessions[i].handle = next_session++;
            sessions[i].writable = (flags & CKF_RW_SESSION) != 0;
            *handle = sessions[i].handle;
            return CKR_OK;
        }
    }
    return CKR_SESSION_COUNT;
}

CK_RV fake_close_session(CK_SESSION_HANDLE handle)
{
    close_session(fake_session_of(handle));
    if (fake_count_sessions() == 0) { /* the last one takes the login with it */
        fake_lose_login();
    }
    return CKR_OK;
}

CK_RV fake_get_session_info(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
    const fake_session *session = fake_session_of(handle);
    const CK_STATE state = session->writable ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;

    memset(info, 0, sizeof *info);
    info->slotID = FAKE_SLOT;
    info->state = state + (logged_in ? 1 : 0);
    info->flags = CKF_SERIAL_SESSION | (session->writable ? CKF_RW_SESSION : 0);
    return CKR_OK;
}

CK_RV fake_login(CK_USER_TYPE user, const CK_BYTE *pin, CK_ULONG size)
{
    if (user != CKU_USER) {
        return CKR_ARGUMENTS_BAD;
    }
    if (logged_in) {
        return CKR_USER_ALREADY_LOGGED_IN;
    }
    if (tries_left == 0) {
        return CKR_PIN_LOCKED;
    }
    if (pin == NULL || size != 4 || memcmp(pin, "1234", 4) != 0) {
        tries_left--;
        return CKR_PIN_INCORRECT;
    }
    tries_left = TRIES;
    logged_in = true;
    return CKR_OK;
}
