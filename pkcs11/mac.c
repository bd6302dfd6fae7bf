/* HMAC and CMAC of keys in the token. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

/* Whether the key is one that the token uses for HMAC: PSKs and pseudorandom keys lend themselves.
 */
static bool is_hmac_key(const lwsec_p11_key *key)
{
    switch (key->form) {
    case LWSEC_P11_FORM_HMAC:
    case LWSEC_P11_FORM_PRK:
    case LWSEC_P11_FORM_PREMASTER: return true;
    case LWSEC_P11_FORM_SECRET: return (key->usage & LWSEC_USE_DERIVE) != 0;
    default: return false;
    }
}

lwsec_status lwsec_p11_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                           uint8_t *mac)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];
    const lwsec_p11_hash hash = lwsec_p11_hash_of(hmac);
    lwsec_p11_transform work = {{CKM_AES_CMAC, NULL, 0}, message, mac, 16};

    if (is_hmac_key(key)) {
        work.mechanism.mechanism = hash.hmac;
        work.out_size = hash.size;
    } else if (key->algorithm != LWSEC_ALG_AES_CMAC || key->form != LWSEC_P11_FORM_NATIVE) {
        return LWSEC_UNSUPPORTED; /* CMAC of blocks is composed by the core */
    }
    const lwsec_status status = lwsec_p11_run(self, slot, lwsec_p11_sign, &work);
    if (status != LWSEC_OK) {
        lwsec_wipe(mac, work.out_size);
    }
    return status;
}
