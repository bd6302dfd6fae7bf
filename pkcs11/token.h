/* A store on a token, from inside: its sessions, its login, its keys. */
#ifndef LWSEC_PKCS11_TOKEN_H
#define LWSEC_PKCS11_TOKEN_H

#include <lwsec/pkcs11.h>
#include <lwsec/store.h>

#include "pkcs11/module.h"

#include <stdatomic.h>

/* In what shape a key is in the token. Written into its CKA_ID, so the numbers stay. */
typedef enum lwsec_p11_form {
    LWSEC_P11_FORM_NATIVE = 1, /* AES or triple DES, by the mechanism of its algorithm */
    LWSEC_P11_FORM_BLOCKS = 2, /* AES that encrypts blocks and chains: CCM or CMAC is composed */
    LWSEC_P11_FORM_HMAC = 3, /* HMAC key: filled up with zeros, or hashed if longer than a block */
    LWSEC_P11_FORM_PRK = 4,  /* pseudorandom key as an HMAC key */
    LWSEC_P11_FORM_PRK_HKDF = 5,  /* pseudorandom key for CKM_HKDF_DERIVE */
    LWSEC_P11_FORM_SECRET = 6,    /* input of HKDF-Extract, as it is */
    LWSEC_P11_FORM_PREMASTER = 7, /* premaster secret of a PSK, as an HMAC key */
    LWSEC_P11_FORM_P256 = 8
} lwsec_p11_form;

#define LWSEC_P11_ID_SIZE 24U
#define LWSEC_P11_POINT 65U

/* One slot of the store. */
typedef struct lwsec_p11_key {
    CK_OBJECT_HANDLE object;
    uint32_t generation; /* of the store, when `object` was found */
    uint32_t anchor;     /* for keys of a session: the anchor that has them */
    int32_t algorithm;
    uint16_t usage;
    uint8_t form; /* lwsec_p11_form */
    uint8_t name_size;
    uint8_t id_size;  /* foreign keys may have any CKA_ID; we look at so much of it */
    bool kept;        /* the token keeps it */
    bool passed_here; /* it was derived through this process's memory */
    bool has_point;
    uint8_t id[LWSEC_P11_ID_SIZE];
    uint8_t name[LWSEC_KEY_NAME_MAX];
    uint8_t point[LWSEC_P11_POINT];
} lwsec_p11_key;

typedef struct lwsec_p11_store {
    lwsec_store head;
    lwsec_p11_module *module;
    lwsec_p11_key *keys;
    lwsec_pkcs11_config config; /* its token points into `identity` */
    CK_TOKEN_INFO identity;     /* of the token that was found */
    uint32_t capabilities;
    _Atomic unsigned long error; /* the last CK_RV that was a failure */

    /* Creates and keeps the keys without name: they live as long as their session does. Held while
     * it is used or replaced; taken before `lock`. */
    pthread_mutex_t anchor_lock;
    CK_SESSION_HANDLE anchor;

    /* All below under `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a session came back */
    CK_SLOT_ID slot;
    uint32_t anchors;    /* how many there were */
    uint32_t generation; /* grows when object handles may be stale */
    uint32_t session_max;
    uint32_t session_count; /* open, but for the anchor */
    uint32_t idle_count;
    CK_SESSION_HANDLE idle[LWSEC_PKCS11_SESSIONS_MAX];
    lwsec_pkcs11_login_state login;
} lwsec_p11_store;

static inline lwsec_p11_store *lwsec_p11_store_of(lwsec_store *store)
{
    return (lwsec_p11_store *)store;
}

static inline const CK_FUNCTION_LIST *lwsec_p11_calls(const lwsec_p11_store *self)
{
    return self->module->calls;
}

/* ---- session.c ---- */

/* Slot number for an operation that needs no key. */
#define LWSEC_P11_NO_KEY UINT32_MAX

/* What a step answers when the token said no to the message, not to the call: nothing is tried
 * again. */
#define LWSEC_P11_REFUSED (~(CK_RV)0)
/* And when it does not have this. */
#define LWSEC_P11_LACKING (~(CK_RV)1)

/* One step: the calls of one operation in one session. `key`: its object, or 0. */
typedef CK_RV (*lwsec_p11_step)(lwsec_p11_store *self, CK_SESSION_HANDLE session,
                                CK_OBJECT_HANDLE key, void *arguments);

/*
 * Runs a step in a session of its own, with the key of a slot. If it fails, the session is closed,
 * the login looked at, the key found again, and the step run once more.
 *
 * LWSEC_OK, LWSEC_REJECT for REFUSED, LWSEC_UNSUPPORTED for LACKING, otherwise LWSEC_ENGINE.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_run(lwsec_p11_store *self, uint32_t slot,
                                            lwsec_p11_step step, void *arguments);

/* The same in the anchor, where keys without name have to be made. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_run_anchored(lwsec_p11_store *self, uint32_t slot,
                                                     lwsec_p11_step step, void *arguments);

/* Whether it is the session, the token or a handle that is gone, and not the request that is bad.
 */
bool lwsec_p11_is_loss(CK_RV rv);

/* Finds the token, opens the anchor, logs in. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_connect(lwsec_p11_store *self, lwsec_reason *reason);
void lwsec_p11_disconnect(lwsec_p11_store *self);

/* There is a new PIN: logs in with it, on a new anchor if there is none. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_reconnect(lwsec_p11_store *self, uint32_t flags,
                                                  lwsec_reason *reason);

/* ---- login.c: under `anchor_lock` and `lock` ---- */

LWSEC_MUST_CHECK lwsec_status lwsec_p11_log_in(lwsec_p11_store *self, uint32_t flags,
                                               lwsec_reason *reason);

/* ---- slots.c ---- */

/* The slot of the one token that is as `wanted`, and what it says of itself. LWSEC_ABSENT: none, or
 * several. */
LWSEC_MUST_CHECK lwsec_status lwsec_p11_find_token(const lwsec_p11_module *module,
                                                   const lwsec_pkcs11_token *wanted,
                                                   CK_SLOT_ID *slot, CK_TOKEN_INFO *info,
                                                   CK_RV *rv);

/* What a token says of itself, without the spaces at the ends. Points into `info`. */
lwsec_pkcs11_token lwsec_p11_identity(const CK_TOKEN_INFO *info);

#endif
