/* Making a key object, in whatever way: under a name that is free, once, and as strict as the token
 * takes it. */
#include "pkcs11/operations.h"

typedef struct making {
    lwsec_p11_key *key;
    lwsec_p11_maker make;
    const void *how;
    unsigned tries;
    bool taken; /* another key has the name */
} making;

/* What a token answers that does not want the request, as against one that failed. */
static bool is_refusal(CK_RV rv)
{
    switch (rv) {
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_FUNCTION_NOT_SUPPORTED:
    case CKR_KEY_SIZE_RANGE:
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_SESSION_READ_ONLY:
    case CKR_TEMPLATE_INCOMPLETE:
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_TOKEN_WRITE_PROTECTED: return true;
    default: return false;
    }
}

/* With a list of mechanisms, and without one where the token does not take it: some take it for
 * keys of a session alone. */
static CK_RV make_strictly(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                           const making *work, CK_OBJECT_HANDLE *object)
{
    CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;

    if ((self->capabilities & LWSEC_PKCS11_CAN_TEMPLATE_MECHANISMS) != 0) {
        rv = work->make(self, session, base, work->key, true, work->how, object);
    }
    return rv == CKR_OK || lwsec_p11_is_loss(rv)
               ? rv
               : work->make(self, session, base, work->key, false, work->how, object);
}

/* At the second try the object may be there already, with the answer lost. */
static bool is_there(lwsec_p11_store *self, CK_SESSION_HANDLE session, making *work)
{
    CK_OBJECT_HANDLE object = 0;

    if (work->tries++ == 0 || lwsec_p11_find_again(self, session, work->key, &object) != CKR_OK) {
        return false;
    }
    if (work->key->form == LWSEC_P11_FORM_P256) {
        (void)lwsec_p11_find_point(self, session, object, work->key);
    }
    lwsec_p11_place(self, work->key, object);
    return true;
}

static CK_RV make(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE base,
                  void *arguments)
{
    making *work = arguments;
    const lwsec_bytes name = {work->key->name, work->key->name_size};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv = CKR_OK;

    if (work->key->kept) {
        if (is_there(self, session, work)) {
            return CKR_OK;
        }
        rv = lwsec_p11_name_is_taken(self, session, name, &work->taken);
        if (rv != CKR_OK || work->taken) {
            return rv == CKR_OK ? LWSEC_P11_REFUSED : rv;
        }
    }
    rv = make_strictly(self, session, base, work, &object);
    if (rv == CKR_OK) {
        lwsec_p11_place(self, work->key, object);
        return CKR_OK;
    }
    return is_refusal(rv) ? LWSEC_P11_LACKING : rv;
}

lwsec_status lwsec_p11_make_key(lwsec_p11_store *self, uint32_t base, lwsec_p11_key *key,
                                lwsec_p11_maker maker, const void *how)
{
    making work = {key, maker, how, 0, false};
    const lwsec_status status = lwsec_p11_run_anchored(self, base, make, &work);

    return work.taken ? LWSEC_USAGE : status;
}
