/* What a token can do, by doing each thing once: a list of mechanisms is no promise. */
#include "pkcs11/call.h"
#include "pkcs11/operations.h"

#include <string.h>

/* One trial: a key of this kind in a session that is thrown away, and what is done with it. */
typedef struct trial {
    uint32_t capability;
    int32_t algorithm;
    uint16_t usage;
    uint8_t form;
    size_t value_size; /* of a key that is imported; 0: the trial needs none */
    bool (*works)(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
} trial;

/* Keys of a trial are zeros, but for those that may not be: triple DES has 1, 2, 3, ..., and P-256
 * the scalar 0x0101...01. */
static const uint8_t zeros[128];
static const char text[] = "lwsec";
#define TEXT_SIZE (sizeof text - 1)

static lwsec_bytes text_bytes(void)
{
    return lwsec_bytes_of(text, TEXT_SIZE);
}

static CK_MECHANISM plain(CK_MECHANISM_TYPE type)
{
    const CK_MECHANISM mechanism = {type, NULL, 0};

    return mechanism;
}

/* Runs a step and compares. */
static bool gives(lwsec_p11_store *self, lwsec_p11_step step, CK_SESSION_HANDLE session,
                  CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, lwsec_bytes in,
                  lwsec_bytes expected)
{
    uint8_t out[64];
    lwsec_p11_transform work = {mechanism, in, out, expected.size};

    return expected.size <= sizeof out && step(self, session, key, &work) == CKR_OK &&
           lwsec_equal_secret(lwsec_bytes_of(out, expected.size), expected);
}

/* AES-128 of a block of zeros with a key of zeros. */
static const uint8_t cipher_of_zeros[16] = {0x66, 0xe9, 0x4b, 0xd4, 0xef, 0x8a, 0x2c, 0x3b,
                                            0x88, 0x4c, 0xfa, 0x59, 0xca, 0x34, 0x2b, 0x2e};

static bool works_ecb(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    return gives(self, lwsec_p11_encrypt, session, key, plain(CKM_AES_ECB),
                 lwsec_bytes_of(zeros, 16), lwsec_bytes_of(cipher_of_zeros, 16));
}

static bool works_cbc(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    const CK_MECHANISM mechanism = {CKM_AES_CBC, (void *)zeros, 16};

    return gives(self, lwsec_p11_encrypt, session, key, mechanism, lwsec_bytes_of(zeros, 16),
                 lwsec_bytes_of(cipher_of_zeros, 16)) &&
           gives(self, lwsec_p11_decrypt, session, key, mechanism,
                 lwsec_bytes_of(cipher_of_zeros, 16), lwsec_bytes_of(zeros, 16));
}

/* Less than a block, too: some tokens take whole ones alone. */
static bool works_ctr(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    CK_AES_CTR_PARAMS parameters = {128, {0}};
    const CK_MECHANISM mechanism = {CKM_AES_CTR, &parameters, sizeof parameters};

    return gives(self, lwsec_p11_encrypt, session, key, mechanism, lwsec_bytes_of(zeros, 5),
                 lwsec_bytes_of(cipher_of_zeros, 5));
}

/* Seals and opens; a message with another last byte must not open. */
static bool works_aead(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                       CK_MECHANISM mechanism, lwsec_bytes plaintext, lwsec_bytes sealed)
{
    uint8_t bad[32] = {0};
    uint8_t out[32];
    lwsec_p11_transform work = {mechanism, lwsec_bytes_of(bad, sealed.size), out, plaintext.size};

    memcpy(bad, sealed.data, sealed.size);
    bad[sealed.size - 1] ^= 1U;
    return gives(self, lwsec_p11_encrypt, session, key, mechanism, plaintext, sealed) &&
           gives(self, lwsec_p11_decrypt_tagged, session, key, mechanism, sealed, plaintext) &&
           lwsec_p11_decrypt_tagged(self, session, key, &work) == LWSEC_P11_REFUSED;
}

static bool works_gcm(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t sealed[] = {0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92,
                                     0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78,
                                     0xab, 0x6e, 0x47, 0xd4, 0x2c, 0xec, 0x13, 0xbd,
                                     0xf5, 0x3a, 0x67, 0xb2, 0x12, 0x57, 0xbd, 0xdf};
    CK_BYTE nonce[12] = {0};
    CK_GCM_PARAMS parameters = {
        .pIv = nonce, .ulIvLen = sizeof nonce, .ulIvBits = 96, .ulTagBits = 128};
    const CK_MECHANISM mechanism = {CKM_AES_GCM, &parameters, sizeof parameters};

    return works_aead(self, session, key, mechanism, lwsec_bytes_of(zeros, 16),
                      lwsec_bytes_of(sealed, sizeof sealed));
}

static bool works_ccm(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t sealed[] = {0xb9, 0x0f, 0x81, 0x68, 0x63, 0x4f, 0x3b,
                                     0xa1, 0x2f, 0xcd, 0x9d, 0xcd, 0xa8};
    CK_BYTE nonce[13] = {0};
    CK_CCM_PARAMS parameters = {.ulDataLen = TEXT_SIZE,
                                .pNonce = nonce,
                                .ulNonceLen = sizeof nonce,
                                .pAAD = lwsec_p11_input(text_bytes()),
                                .ulAADLen = TEXT_SIZE,
                                .ulMACLen = 8};
    const CK_MECHANISM mechanism = {CKM_AES_CCM, &parameters, sizeof parameters};

    return works_aead(self, session, key, mechanism, text_bytes(),
                      lwsec_bytes_of(sealed, sizeof sealed));
}

static bool works_cmac(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t mac[] = {0x80, 0x8e, 0x2e, 0x5a, 0xa1, 0x69, 0xaa, 0x0e,
                                  0xe7, 0x51, 0x11, 0x35, 0x16, 0x15, 0xae, 0xcf};

    return gives(self, lwsec_p11_sign, session, key, plain(CKM_AES_CMAC), text_bytes(),
                 lwsec_bytes_of(mac, sizeof mac));
}

static bool works_tdes(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t sealed[] = {0xc7, 0xb6, 0x4c, 0xcc, 0xcd, 0xb0, 0xd3, 0x04};
    const CK_MECHANISM mechanism = {CKM_DES3_CBC, (void *)zeros, 8};

    return gives(self, lwsec_p11_encrypt, session, key, mechanism, lwsec_bytes_of(zeros, 8),
                 lwsec_bytes_of(sealed, sizeof sealed)) &&
           gives(self, lwsec_p11_decrypt, session, key, mechanism,
                 lwsec_bytes_of(sealed, sizeof sealed), lwsec_bytes_of(zeros, 8));
}

static bool works_hmac256(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t mac[] = {0x1d, 0x1a, 0x83, 0xca, 0x4e, 0x57, 0xd3, 0x15, 0x81, 0x16, 0xb2,
                                  0x7c, 0xfd, 0x97, 0x84, 0xf7, 0x64, 0x58, 0x25, 0xa2, 0x69, 0x41,
                                  0x87, 0x79, 0x45, 0xa2, 0x50, 0xec, 0x08, 0xee, 0x51, 0x2b};

    return gives(self, lwsec_p11_sign, session, key, plain(CKM_SHA256_HMAC), text_bytes(),
                 lwsec_bytes_of(mac, sizeof mac));
}

static bool works_hmac384(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t mac[] = {0xef, 0xe6, 0x98, 0x41, 0xb1, 0x5c, 0xa1, 0x48, 0xb4, 0x84,
                                  0x5d, 0x8b, 0xdd, 0x29, 0x1b, 0xae, 0x4f, 0xa9, 0x6c, 0xd8,
                                  0x8f, 0x28, 0x56, 0x28, 0x5e, 0xd1, 0xdb, 0x3d, 0x4b, 0xd1,
                                  0x66, 0x76, 0x25, 0x58, 0xeb, 0x68, 0x3e, 0x09, 0x67, 0x82,
                                  0x11, 0xef, 0x66, 0x62, 0x58, 0xd5, 0x02, 0x5b};

    return gives(self, lwsec_p11_sign, session, key, plain(CKM_SHA384_HMAC), text_bytes(),
                 lwsec_bytes_of(mac, sizeof mac));
}

static bool works_hmac512(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t mac[] = {0xff, 0xe8, 0x30, 0x8c, 0x53, 0xa3, 0xc3, 0x1f, 0x6f, 0x26, 0xe4,
                                  0x7e, 0xf4, 0xe0, 0x05, 0x55, 0xc5, 0x7b, 0xa5, 0xb3, 0x54, 0x96,
                                  0xd8, 0x83, 0x19, 0x30, 0x7a, 0xad, 0x0f, 0xed, 0x62, 0x4d, 0x6b,
                                  0x7d, 0x40, 0xba, 0xba, 0x51, 0x29, 0x16, 0x12, 0x37, 0x5c, 0xb8,
                                  0xa9, 0xe7, 0xf4, 0xf6, 0xf0, 0x21, 0x37, 0xa5, 0x2a, 0x9d, 0xdc,
                                  0xda, 0xa7, 0x69, 0xb7, 0xc5, 0x4a, 0xd0, 0x08, 0x2c};

    return gives(self, lwsec_p11_sign, session, key, plain(CKM_SHA512_HMAC), text_bytes(),
                 lwsec_bytes_of(mac, sizeof mac));
}

static bool digests(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                    lwsec_bytes before, const uint8_t expected[32])
{
    uint8_t digest[32];
    lwsec_p11_digest_work work = {CKM_SHA256, before, {NULL, 0}, digest, sizeof digest};

    return lwsec_p11_digest(self, session, key, &work) == CKR_OK &&
           lwsec_equal_secret(lwsec_bytes_of(digest, sizeof digest), lwsec_bytes_of(expected, 32));
}

static bool works_digest(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t expected[32] = {0x6a, 0x59, 0xe9, 0xcb, 0x83, 0x9c, 0xf6, 0x78,
                                         0x5b, 0x24, 0xc3, 0xd3, 0xaa, 0xf0, 0x89, 0xaa,
                                         0x46, 0x0a, 0x7d, 0xa0, 0x6b, 0x51, 0xd4, 0xca,
                                         0x32, 0x56, 0x84, 0x11, 0x1d, 0x93, 0x0e, 0xcb};

    return digests(self, session, key, text_bytes(), expected);
}

static bool works_digest_key(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t expected[32] = {0x37, 0x47, 0x08, 0xff, 0xf7, 0x71, 0x9d, 0xd5,
                                         0x97, 0x9e, 0xc8, 0x75, 0xd5, 0x6c, 0xd2, 0x28,
                                         0x6f, 0x6d, 0x3c, 0xf7, 0xec, 0x31, 0x7a, 0x3b,
                                         0x25, 0x63, 0x2a, 0xab, 0x28, 0xec, 0x37, 0xbb};

    return digests(self, session, key, lwsec_bytes_of(NULL, 0), expected);
}

/* Extracts to a key, and expands that to bytes. */
static bool works_hkdf(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t expected[16] = {0xed, 0x90, 0x3b, 0xa7, 0x10, 0x47, 0x32, 0xe1,
                                         0x5f, 0x79, 0x4a, 0x6d, 0x57, 0xf6, 0xec, 0x9a};
    uint8_t out[16];
    lwsec_p11_key prk = {
        .algorithm = LWSEC_ALG_HKDF, .usage = LWSEC_USE_DERIVE, .form = LWSEC_P11_FORM_PRK_HKDF};

    return lwsec_p11_hkdf_extract(self, session, key, text_bytes(), &prk) == CKR_OK &&
           lwsec_p11_hkdf_expand(self, session, prk.object, text_bytes(), out, sizeof out) ==
               CKR_OK &&
           lwsec_equal_secret(lwsec_bytes_of(out, sizeof out),
                              lwsec_bytes_of(expected, sizeof expected));
}

static bool works_random(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    uint8_t out[16] = {0};

    (void)key;
    return lwsec_p11_calls(self)->C_GenerateRandom != NULL &&
           lwsec_p11_calls(self)->C_GenerateRandom(session, out, sizeof out) == CKR_OK &&
           !lwsec_equal_secret(lwsec_bytes_of(out, sizeof out), lwsec_bytes_of(zeros, sizeof out));
}

static bool works_at_all(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    (void)self;
    (void)session;
    return key != 0;
}

static bool works_with_list(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    lwsec_p11_key aes = {
        .algorithm = LWSEC_ALG_AES_CBC, .usage = LWSEC_USE_ENCRYPT, .form = LWSEC_P11_FORM_NATIVE};
    const CK_MECHANISM cbc = {CKM_AES_CBC, (void *)zeros, 16};
    const lwsec_bytes value = {zeros, 16};
    CK_OBJECT_HANDLE object = 0;

    (void)key;
    return lwsec_p11_create(self, session, 0, &aes, true, &value, &object) == CKR_OK &&
           gives(self, lwsec_p11_encrypt, session, object, cbc, lwsec_bytes_of(zeros, 16),
                 lwsec_bytes_of(cipher_of_zeros, 16));
}

static bool works_generate(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    lwsec_p11_key aes = {
        .algorithm = LWSEC_ALG_AES_CBC, .usage = LWSEC_USE_ENCRYPT, .form = LWSEC_P11_FORM_NATIVE};
    const size_t size = 16;
    CK_OBJECT_HANDLE object = 0;

    (void)key;
    return lwsec_p11_make_secret(self, session, 0, &aes, false, &size, &object) == CKR_OK;
}

static bool signs(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                  uint8_t signature[64])
{
    lwsec_p11_transform work = {plain(CKM_ECDSA), lwsec_bytes_of(zeros, 32), signature, 64};

    return lwsec_p11_sign(self, session, key, &work) == CKR_OK;
}

static bool works_ec_import(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    uint8_t signature[64];

    return signs(self, session, key, signature);
}

/* A shared secret with the base point of the curve. */
static bool works_ecdh(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const uint8_t base[LWSEC_P11_POINT] = {
        0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
        0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
        0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    lwsec_p11_key shared = {
        .algorithm = LWSEC_ALG_HKDF, .usage = LWSEC_USE_EXTRACT, .form = LWSEC_P11_FORM_SECRET};

    return lwsec_p11_ecdh(self, session, key, lwsec_bytes_of(base, sizeof base), &shared) == CKR_OK;
}

/* ---- Running the trials ---- */

static CK_RV open_session(lwsec_p11_store *self, CK_SESSION_HANDLE *session)
{
    return lwsec_p11_calls(self)->C_OpenSession(self->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                NULL, NULL, session);
}

static bool run_trial(lwsec_p11_store *self, CK_SESSION_HANDLE session, const trial *what)
{
    lwsec_p11_key key = {.algorithm = what->algorithm, .usage = what->usage, .form = what->form};
    uint8_t value[128] = {0};
    const lwsec_bytes raw = {value, what->value_size};
    CK_OBJECT_HANDLE object = 0;

    if (what->form == LWSEC_P11_FORM_P256) {
        memset(value, 1, sizeof value);
    } else if (what->algorithm == LWSEC_ALG_TDES_CBC) {
        for (size_t i = 0; i < what->value_size; i++) {
            value[i] = (uint8_t)(i + 1);
        }
    }
    if (what->value_size > 0 &&
        lwsec_p11_create(self, session, 0, &key, false, &raw, &object) != CKR_OK) {
        return false;
    }
    return what->works(self, session, object);
}

/* Each in a session of its own, which takes the keys with it, and whatever a failure left. */
static bool try_out(lwsec_p11_store *self, const trial *what)
{
    CK_SESSION_HANDLE session = 0;

    if (open_session(self, &session) != CKR_OK) {
        return false;
    }
    const bool works = run_trial(self, session, what);
    (void)lwsec_p11_calls(self)->C_CloseSession(session);
    return works;
}

/* A new pair: signs, and verifies with its public half. */
static uint32_t try_pair(lwsec_p11_store *self)
{
    lwsec_p11_key pair = {
        .algorithm = LWSEC_ALG_ES256, .usage = LWSEC_USE_SIGN, .form = LWSEC_P11_FORM_P256};
    const lwsec_bytes point = {pair.point, sizeof pair.point};
    uint8_t signature[64] = {0};
    lwsec_p11_verification work = {point, zeros, lwsec_bytes_of(signature, sizeof signature)};
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE object = 0;
    uint32_t found = 0;

    if (open_session(self, &session) != CKR_OK) {
        return 0;
    }
    if (lwsec_p11_make_pair(self, session, 0, &pair, false, NULL, &object) == CKR_OK &&
        pair.has_point) {
        found |= LWSEC_PKCS11_CAN_EC_GENERATE;
        if (signs(self, session, object, signature)) {
            found |= LWSEC_PKCS11_CAN_ECDSA;
            if (lwsec_p11_verify_step(self, session, 0, &work) == CKR_OK) {
                found |= LWSEC_PKCS11_CAN_ECDSA_VERIFY;
            }
        }
    }
    (void)lwsec_p11_calls(self)->C_CloseSession(session);
    return found;
}

/* Pairs that live in a session are refused by tokens that make lasting ones: there the list has to
 * be believed, as a trial would write into the token. */
static uint32_t listed_pair(lwsec_p11_store *self)
{
    const CK_FUNCTION_LIST *calls = lwsec_p11_calls(self);
    CK_MECHANISM_INFO info;
    const bool listed =
        calls->C_GetMechanismInfo != NULL && calls->C_GenerateKeyPair != NULL &&
        calls->C_GetMechanismInfo(self->slot, CKM_EC_KEY_PAIR_GEN, &info) == CKR_OK &&
        calls->C_GetMechanismInfo(self->slot, CKM_ECDSA, &info) == CKR_OK;

    return listed ? LWSEC_PKCS11_CAN_EC_GENERATE | LWSEC_PKCS11_CAN_ECDSA : 0;
}

#define AES LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, LWSEC_P11_FORM_NATIVE, 16
#define AEAD(id) (id), LWSEC_USE_SEAL | LWSEC_USE_OPEN, LWSEC_P11_FORM_NATIVE, 16
#define HMAC(id, block) (id), LWSEC_USE_MAC, LWSEC_P11_FORM_HMAC, (block)
#define SECRET LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, LWSEC_P11_FORM_SECRET, 16
#define NO_KEY 0, 0, 0, 0

static const trial trials[] = {
    {LWSEC_PKCS11_CAN_IMPORT, AES, works_at_all},
    {LWSEC_PKCS11_CAN_GENERATE, NO_KEY, works_generate},
    {LWSEC_PKCS11_CAN_AES_ECB, AES, works_ecb},
    {LWSEC_PKCS11_CAN_AES_CBC, AES, works_cbc},
    {LWSEC_PKCS11_CAN_AES_CTR, AES, works_ctr},
    {LWSEC_PKCS11_CAN_AES_GCM, AEAD(LWSEC_ALG_A128GCM), works_gcm},
    {LWSEC_PKCS11_CAN_AES_CCM, AEAD(LWSEC_ALG_AES_CCM_16_64_128), works_ccm},
    {LWSEC_PKCS11_CAN_AES_CMAC, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, LWSEC_P11_FORM_NATIVE, 16,
     works_cmac},
    {LWSEC_PKCS11_CAN_TDES_CBC, LWSEC_ALG_TDES_CBC, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
     LWSEC_P11_FORM_NATIVE, 24, works_tdes},
    {LWSEC_PKCS11_CAN_HMAC_256, HMAC(LWSEC_ALG_HMAC_256, 64), works_hmac256},
    {LWSEC_PKCS11_CAN_HMAC_384, HMAC(LWSEC_ALG_HMAC_384, 128), works_hmac384},
    {LWSEC_PKCS11_CAN_HMAC_512, HMAC(LWSEC_ALG_HMAC_512, 128), works_hmac512},
    {LWSEC_PKCS11_CAN_HKDF, SECRET, works_hkdf},
    {LWSEC_PKCS11_CAN_DIGEST_KEY, SECRET, works_digest_key},
    {LWSEC_PKCS11_CAN_EC_IMPORT, LWSEC_ALG_ES256, LWSEC_USE_SIGN, LWSEC_P11_FORM_P256, 32,
     works_ec_import},
    {LWSEC_PKCS11_CAN_ECDH, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, LWSEC_P11_FORM_P256, 32,
     works_ecdh},
    {LWSEC_PKCS11_CAN_DIGEST, NO_KEY, works_digest},
    {LWSEC_PKCS11_CAN_RANDOM, NO_KEY, works_random},
    {LWSEC_PKCS11_CAN_TEMPLATE_MECHANISMS, NO_KEY, works_with_list},
};

void lwsec_p11_probe(lwsec_p11_store *self)
{
    uint32_t found = 0;

    if (self->module->serial) {
        (void)pthread_mutex_lock(&self->module->turn);
    }
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        found |= try_out(self, &trials[i]) ? trials[i].capability : 0;
    }
    found |= try_pair(self);
    if ((found & (LWSEC_PKCS11_CAN_IMPORT | LWSEC_PKCS11_CAN_EC_GENERATE)) == 0) {
        found |= listed_pair(self);
    }
    if (self->module->serial) {
        (void)pthread_mutex_unlock(&self->module->turn);
    }
    self->capabilities = found;
}

const char *lwsec_pkcs11_capability_name(unsigned bit)
{
    static const char *const names[] = {
        "import",    "generate",   "aes-ecb",  "aes-cbc",           "aes-ctr",  "aes-gcm",
        "aes-ccm",   "aes-cmac",   "3des-cbc", "hmac-256",          "hmac-384", "hmac-512",
        "hkdf",      "digest-key", "ecdsa",    "ecdsa-verify",      "ecdh",     "ec-generate",
        "ec-import", "digest",     "random",   "allowed-mechanisms"};

    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}
