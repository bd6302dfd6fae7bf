/* Ciphers of keys in the token: CBC, CTR, single blocks, and the AEADs that it has itself. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include <string.h>

#define BLOCK 16U
/* Counter blocks that go to the token in one call where it has no CTR. */
#define COUNTERS 64U

static bool can(const lwsec_p11_store *self, uint32_t capability)
{
    return (self->capabilities & capability) != 0;
}

static CK_MECHANISM with(CK_MECHANISM_TYPE type, const void *parameter, size_t size)
{
    const CK_MECHANISM mechanism = {type, (void *)parameter, (CK_ULONG)size};

    return mechanism;
}

/* ---- AEAD ---- */

typedef struct aead {
    CK_MECHANISM mechanism;
    CK_GCM_PARAMS gcm;
    CK_CCM_PARAMS ccm;
} aead;

/* `text`: size of the plaintext, which CCM has to know. */
static void set_up(aead *how, const lwsec_algorithm *algorithm, lwsec_bytes nonce, lwsec_bytes aad,
                   size_t text)
{
    switch (algorithm->id) {
    case LWSEC_ALG_A128GCM:
    case LWSEC_ALG_A192GCM:
    case LWSEC_ALG_A256GCM:
        how->gcm.pIv = lwsec_p11_input(nonce);
        how->gcm.ulIvLen = (CK_ULONG)nonce.size;
        how->gcm.ulIvBits = (CK_ULONG)nonce.size * 8;
        how->gcm.pAAD = aad.size > 0 ? lwsec_p11_input(aad) : NULL;
        how->gcm.ulAADLen = (CK_ULONG)aad.size;
        how->gcm.ulTagBits = (CK_ULONG)algorithm->tag_size * 8;
        how->mechanism = with(CKM_AES_GCM, &how->gcm, sizeof how->gcm);
        break;
    default:
        how->ccm.ulDataLen = (CK_ULONG)text;
        how->ccm.pNonce = lwsec_p11_input(nonce);
        how->ccm.ulNonceLen = (CK_ULONG)nonce.size;
        how->ccm.pAAD = aad.size > 0 ? lwsec_p11_input(aad) : NULL;
        how->ccm.ulAADLen = (CK_ULONG)aad.size;
        how->ccm.ulMACLen = (CK_ULONG)algorithm->tag_size;
        how->mechanism = with(CKM_AES_CCM, &how->ccm, sizeof how->ccm);
        break;
    }
}

lwsec_status lwsec_p11_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes plaintext, uint8_t *out)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(key->algorithm);
    aead how;

    if (key->form != LWSEC_P11_FORM_NATIVE) {
        return LWSEC_UNSUPPORTED; /* composed by the core */
    }
    set_up(&how, algorithm, nonce, aad, plaintext.size);
    lwsec_p11_transform work = {how.mechanism, plaintext, out,
                                plaintext.size + algorithm->tag_size};
    const lwsec_status status = lwsec_p11_run(self, slot, lwsec_p11_encrypt, &work);
    if (status != LWSEC_OK) {
        lwsec_wipe(out, plaintext.size + algorithm->tag_size);
    }
    return status;
}

lwsec_status lwsec_p11_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes ciphertext, uint8_t *out)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(key->algorithm);
    const size_t size = ciphertext.size - algorithm->tag_size;
    uint8_t nothing[1];
    aead how;

    if (key->form != LWSEC_P11_FORM_NATIVE) {
        return LWSEC_UNSUPPORTED;
    }
    set_up(&how, algorithm, nonce, aad, size);
    lwsec_p11_transform work = {how.mechanism, ciphertext, size > 0 ? out : nothing, size};
    const lwsec_status status = lwsec_p11_run(self, slot, lwsec_p11_decrypt_tagged, &work);
    if (status != LWSEC_OK) {
        lwsec_wipe(out, size);
    }
    return status;
}

/* ---- Block modes ---- */

static bool is_tdes(const lwsec_p11_key *key)
{
    return key->algorithm == LWSEC_ALG_TDES_CBC;
}

/* Keys that lend themselves to block modes: ciphers, and those that are composed of them. */
static bool is_block_key(const lwsec_p11_key *key)
{
    return key->form == LWSEC_P11_FORM_BLOCKS || is_tdes(key) ||
           key->algorithm == LWSEC_ALG_AES_CBC;
}

/* LWSEC_UNSUPPORTED leaves an input that is the output too as it is: the core does it in another
 * way, out of the same bytes. */
static lwsec_status transform(lwsec_p11_store *self, uint32_t slot, lwsec_p11_step step,
                              CK_MECHANISM mechanism, lwsec_bytes input, uint8_t *out)
{
    lwsec_p11_transform work = {mechanism, input, out, input.size};

    if (input.size == 0) {
        return LWSEC_OK;
    }
    const lwsec_status status = lwsec_p11_run(self, slot, step, &work);
    if (status != LWSEC_OK && (status != LWSEC_UNSUPPORTED || out != input.data)) {
        lwsec_wipe(out, input.size);
    }
    return status;
}

lwsec_status lwsec_p11_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                           lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];
    const bool able = is_tdes(key) || can(self, LWSEC_PKCS11_CAN_AES_CBC);

    if (!able || !is_block_key(key)) {
        return LWSEC_UNSUPPORTED;
    }
    return transform(self, slot, direction == LWSEC_DECRYPT ? lwsec_p11_decrypt : lwsec_p11_encrypt,
                     with(is_tdes(key) ? CKM_DES3_CBC : CKM_AES_CBC, iv.data, iv.size), input, out);
}

lwsec_status lwsec_p11_block(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out)
{
    static const uint8_t zeros[BLOCK];
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];

    if (!is_block_key(key)) {
        return LWSEC_UNSUPPORTED;
    }
    if (!is_tdes(key) && can(self, LWSEC_PKCS11_CAN_AES_ECB)) {
        return transform(self, slot, lwsec_p11_encrypt, with(CKM_AES_ECB, NULL, 0), block, out);
    }
    /* One block of CBC with a vector of zeros is the same. */
    return lwsec_p11_cbc(store, slot, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, block.size), block, out);
}

/* One more, as one big-endian number. */
static void count_up(uint8_t counter[BLOCK])
{
    size_t i = BLOCK;

    while (i > 0 && ++counter[i - 1] == 0) {
        i--;
    }
}

/* CTR out of single blocks, many in one call. */
static lwsec_status by_blocks(lwsec_p11_store *self, uint32_t slot, uint8_t counter[BLOCK],
                              lwsec_bytes input, uint8_t *out)
{
    uint8_t stream[COUNTERS * BLOCK] = {0};
    lwsec_status status = LWSEC_OK;

    for (size_t at = 0; at < input.size && status == LWSEC_OK;) {
        const size_t part = input.size - at < sizeof stream ? input.size - at : sizeof stream;
        const size_t whole = (part + BLOCK - 1) / BLOCK * BLOCK;
        for (size_t block = 0; block < whole; block += BLOCK) {
            memcpy(&stream[block], counter, BLOCK);
            count_up(counter);
        }
        status = transform(self, slot, lwsec_p11_encrypt, with(CKM_AES_ECB, NULL, 0),
                           lwsec_bytes_of(stream, whole), stream);
        for (size_t i = 0; i < part && status == LWSEC_OK; i++) {
            out[at + i] = input.data[at + i] ^ stream[i];
        }
        at += part;
    }
    lwsec_wipe(stream, sizeof stream);
    if (status != LWSEC_OK) {
        lwsec_wipe(out, input.size);
    }
    /* Parts may be done: nobody may begin again with what is left. */
    return status == LWSEC_UNSUPPORTED ? LWSEC_ENGINE : status;
}

/* Whether the counter starts again from zero within the input. SoftHSM2 refuses that. */
static bool starts_again(const uint8_t counter[BLOCK], size_t input)
{
    const uint64_t blocks = (input + BLOCK - 1) / BLOCK;
    uint64_t low = 0;
    bool high_is_full = true;

    for (size_t i = 0; i < BLOCK / 2; i++) {
        high_is_full = high_is_full && counter[i] == 0xff;
        low = low << 8 | counter[BLOCK / 2 + i];
    }
    return high_is_full && low > UINT64_MAX - blocks;
}

lwsec_status lwsec_p11_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                           lwsec_bytes input, uint8_t *out)
{
    lwsec_p11_store *self = lwsec_p11_store_of(store);
    const lwsec_p11_key *key = &self->keys[slot];
    CK_AES_CTR_PARAMS parameters = {128, {0}};

    if (is_tdes(key) || !is_block_key(key)) {
        return LWSEC_UNSUPPORTED;
    }
    memcpy(parameters.cb, counter.data, BLOCK);
    if (can(self, LWSEC_PKCS11_CAN_AES_CTR) && !starts_again(parameters.cb, input.size)) {
        return transform(self, slot, lwsec_p11_encrypt,
                         with(CKM_AES_CTR, &parameters, sizeof parameters), input, out);
    }
    return can(self, LWSEC_PKCS11_CAN_AES_ECB) ? by_blocks(self, slot, parameters.cb, input, out)
                                               : LWSEC_UNSUPPORTED;
}
