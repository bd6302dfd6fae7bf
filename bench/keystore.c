/* lwsec-bench keystore: operations with keys in a token, beside the bare PKCS#11 calls that each of
 * them takes. The token is that of the environment: see tests/tokens/with-token.sh. */
#define _POSIX_C_SOURCE 200809L

#include "bench/engine.h"
#include "bench/measure.h"
#include "bench/rounds.h"

#include "pkcs11/p11_types.h"

#include <lwsec/pkcs11.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 16U
#define ROUNDS 31
#define TEXT 64U
#define RATIO_LIMIT 1.10
#define DIFFERENCE_LIMIT_NS 150.0

static uint8_t key_bytes[32] = "lwsec-bench keystore, 32 bytes.";
static uint8_t text[TEXT];

/* ---- The bare module ---- */

typedef struct bare {
    const CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE hmac, cmac, cipher, pair;
} bare;

static void need(CK_RV rv, const char *what)
{
    must(rv == CKR_OK ? LWSEC_OK : LWSEC_ENGINE, what);
}

static CK_OBJECT_HANDLE secret(const bare *by, CK_KEY_TYPE type, size_t size,
                               CK_ATTRIBUTE_TYPE first, CK_ATTRIBUTE_TYPE second)
{
    static CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE object = 0;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_TOKEN, &no, sizeof no},       {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes}, {CKA_EXTRACTABLE, &no, sizeof no},
        {first, &yes, sizeof yes},         {second, &yes, sizeof yes},
        {CKA_VALUE, key_bytes, size}};

    need(by->calls->C_CreateObject(by->session, template, sizeof template / sizeof template[0],
                                   &object),
         "bare key");
    return object;
}

static void bare_pair(bare *by)
{
    static CK_BYTE curve[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public_key = 0;
    CK_ATTRIBUTE open[] = {{CKA_EC_PARAMS, curve, sizeof curve}, {CKA_VERIFY, &yes, sizeof yes}};
    CK_ATTRIBUTE closed[] = {{CKA_TOKEN, &no, sizeof no},
                             {CKA_PRIVATE, &yes, sizeof yes},
                             {CKA_SENSITIVE, &yes, sizeof yes},
                             {CKA_EXTRACTABLE, &no, sizeof no},
                             {CKA_SIGN, &yes, sizeof yes}};

    if (by->calls->C_GenerateKeyPair(by->session, &mechanism, open, 2, closed, 5, &public_key,
                                     &by->pair) != CKR_OK) {
        by->pair = 0; /* openCryptoki has no EC */
    }
}

/* The module is the one that the store has loaded; the login is the process's. */
static void bare_open(bare *by, const char *module, const lwsec_store *store)
{
    void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    CK_RV (*get_list)(CK_FUNCTION_LIST * *list);
    CK_FUNCTION_LIST *list = NULL;
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    lwsec_pkcs11_token token;

    must(library != NULL ? LWSEC_OK : LWSEC_ENGINE, "module");
    void *symbol = dlsym(library, "C_GetFunctionList");
    memcpy(&get_list, &symbol, sizeof get_list);
    need(get_list(&list), "functions");
    by->calls = list;
    lwsec_pkcs11_describe(store, &token);
    need(list->C_GetSlotList(CK_TRUE, slots, &count), "slots");
    for (CK_ULONG i = 0; i < count && by->session == 0; i++) {
        CK_TOKEN_INFO info;
        if (list->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            memcmp(info.serialNumber, token.serial.data, token.serial.size) == 0 &&
            memcmp(info.label, token.label.data, token.label.size) == 0) {
            need(list->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                     &by->session),
                 "session");
        }
    }
    must(by->session != 0 ? LWSEC_OK : LWSEC_ENGINE, "token");
    by->hmac = secret(by, CKK_GENERIC_SECRET, 32, CKA_SIGN, CKA_SIGN);
    by->cmac = secret(by, CKK_AES, 16, CKA_SIGN, CKA_SIGN);
    by->cipher = secret(by, CKK_AES, 16, CKA_ENCRYPT, CKA_DECRYPT);
    bare_pair(by);
}

static void bare_sign(const bare *by, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, size_t size)
{
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_BYTE out[64];
    CK_ULONG out_size = sizeof out;

    need(by->calls->C_SignInit(by->session, &mechanism, key), "bare sign");
    need(by->calls->C_Sign(by->session, text, size, out, &out_size), "bare sign");
}

static void bare_encrypt(const bare *by, CK_MECHANISM *mechanism, size_t size)
{
    CK_BYTE out[4 * TEXT];
    CK_BYTE in[4 * TEXT] = {0};
    CK_ULONG out_size = sizeof out;

    need(by->calls->C_EncryptInit(by->session, mechanism, by->cipher), "bare encrypt");
    need(by->calls->C_Encrypt(by->session, in, size, out, &out_size), "bare encrypt");
}

static void bare_cbc(const bare *by, size_t size)
{
    CK_BYTE iv[16] = {0};
    CK_MECHANISM mechanism = {CKM_AES_CBC, iv, sizeof iv};

    bare_encrypt(by, &mechanism, size);
}

/* CKM_AES_CTR, its parameter as the standard has it: bits of the counter, and the block. */
static void bare_ctr(const bare *by, size_t size)
{
    CK_AES_CTR_PARAMS counter = {.ulCounterBits = 128, .cb = {0}};
    CK_MECHANISM mechanism = {CKM_AES_CTR, &counter, sizeof counter};

    bare_encrypt(by, &mechanism, size);
}

/* ---- What is compared ---- */

typedef struct stand {
    lwsec_store *store;
    lwsec_key hmac, cmac, cipher, aead, pair;
    bare bare;
} stand;

static void ours_hmac(const stand *s)
{
    uint8_t mac[32];
    must(lwsec_key_mac(s->hmac, lwsec_bytes_of(text, TEXT), mac, sizeof mac), "HMAC");
}

static void their_hmac(const stand *s)
{
    bare_sign(&s->bare, CKM_SHA256_HMAC, s->bare.hmac, TEXT);
}

static void ours_cmac(const stand *s)
{
    uint8_t mac[16];
    must(lwsec_key_mac(s->cmac, lwsec_bytes_of(text, TEXT), mac, sizeof mac), "CMAC");
}

static void their_cmac(const stand *s)
{
    bare_sign(&s->bare, CKM_AES_CMAC, s->bare.cmac, TEXT);
}

static void ours_cbc(const stand *s)
{
    static const uint8_t iv[16];
    uint8_t out[TEXT];
    must(lwsec_key_cbc(s->cipher, LWSEC_ENCRYPT, lwsec_bytes_of(iv, sizeof iv),
                       lwsec_bytes_of(text, TEXT), out, sizeof out),
         "CBC");
}

static void their_cbc(const stand *s)
{
    bare_cbc(&s->bare, TEXT);
}

#define AAD 20U

static void ours_ccm(const stand *s)
{
    static const uint8_t nonce[13];
    uint8_t out[TEXT + 8];
    must(lwsec_key_seal(s->aead, lwsec_bytes_of(nonce, sizeof nonce), lwsec_bytes_of(text, AAD),
                        lwsec_bytes_of(text, TEXT), out, sizeof out),
         "CCM");
}

/* B0, two blocks of AAD, the text; S0 and the text. */
static void their_ccm(const stand *s)
{
    bare_cbc(&s->bare, 16 + 32 + TEXT);
    bare_ctr(&s->bare, 16 + TEXT);
}

static void ours_sign(const stand *s)
{
    uint8_t signature[64];
    must(lwsec_key_sign_digest(s->pair, lwsec_bytes_of(text, 32), signature, sizeof signature),
         "ECDSA");
}

static void their_sign(const stand *s)
{
    bare_sign(&s->bare, CKM_ECDSA, s->bare.pair, 32);
}

typedef struct operation {
    const char *name;
    uint32_t needs; /* of the token */
    unsigned batch;
    void (*ours)(const stand *s);
    void (*theirs)(const stand *s);
} operation;

static const operation operations[] = {
    {"HMAC-SHA-256", LWSEC_PKCS11_CAN_HMAC_256, 400, ours_hmac, their_hmac},
    {"AES-CMAC", LWSEC_PKCS11_CAN_AES_CMAC, 400, ours_cmac, their_cmac},
    {"AES-CBC", LWSEC_PKCS11_CAN_AES_CBC, 400, ours_cbc, their_cbc},
    {"AES-CCM of CBC and CTR", LWSEC_PKCS11_CAN_AES_CBC | LWSEC_PKCS11_CAN_AES_CTR, 200, ours_ccm,
     their_ccm},
    {"ECDSA P-256", LWSEC_PKCS11_CAN_ECDSA | LWSEC_PKCS11_CAN_EC_GENERATE, 50, ours_sign,
     their_sign},
};

/* ---- Measuring ---- */

static double one_batch(const stand *s, const operation *what, bool ours)
{
    const double start = cpu_ns();

    for (unsigned i = 0; i < what->batch; i++) {
        (ours ? what->ours : what->theirs)(s);
    }
    return (cpu_ns() - start) / what->batch;
}

static int print_operation(const stand *s, const operation *what)
{
    static double ours[ROUNDS], theirs[ROUNDS], ratio[ROUNDS], difference[ROUNDS];

    for (int i = -2; i < ROUNDS; i++) {
        const bool ours_first = i % 2 == 0;
        const double one = one_batch(s, what, ours_first);
        const double other = one_batch(s, what, !ours_first);
        if (i >= 0) {
            ours[i] = ours_first ? one : other;
            theirs[i] = ours_first ? other : one;
            ratio[i] = ours[i] / theirs[i];
            difference[i] = ours[i] - theirs[i];
        }
    }
    const double by = median(ratio, ROUNDS), more = median(difference, ROUNDS);
    const bool missed = by > RATIO_LIMIT && more > DIFFERENCE_LIMIT_NS;
    (void)printf("%-24s %9.0f a second, %8.0f ns; bare %8.0f ns, x %.3f, %+.0f ns%s\n", what->name,
                 1e9 / median(ours, ROUNDS), median(ours, ROUNDS), median(theirs, ROUNDS), by, more,
                 missed ? "  MISSED" : "");
    return missed;
}

static lwsec_key import(lwsec_store *store, int32_t algorithm, uint32_t usage, size_t size)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    must(lwsec_key_import(store, &attributes, lwsec_bytes_of(key_bytes, size), &key), "key");
    return key;
}

static lwsec_status pin_of(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin)
{
    const char *value = getenv("LWSEC_P11_PIN");

    (void)context;
    (void)token;
    if (value == NULL || strlen(value) > pin->capacity) {
        return LWSEC_ABSENT;
    }
    memcpy(pin->data, value, strlen(value));
    pin->size = strlen(value);
    return LWSEC_OK;
}

static void open_stand(stand *s, const char *module, const char *label)
{
    static uint64_t memory[LWSEC_PKCS11_SIZE(SLOTS) / sizeof(uint64_t)];
    const lwsec_pkcs11_config config = {.size = sizeof config,
                                        .module = module,
                                        .init_arguments = getenv("LWSEC_P11_INIT"),
                                        .token = {.label = lwsec_bytes_of(label, strlen(label))},
                                        .pin = pin_of};

    must(lwsec_pkcs11_open(memory, sizeof memory, SLOTS, &config, &s->store, NULL), "token");
    const uint32_t can = lwsec_pkcs11_capabilities(s->store);
    s->hmac = import(s->store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    s->cmac = import(s->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, 16);
    s->cipher = import(s->store, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, 16);
    s->aead = import(s->store, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, 16);
    if ((can & LWSEC_PKCS11_CAN_EC_GENERATE) != 0) {
        const lwsec_key_attributes attributes = {
            sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
        must(lwsec_key_generate(s->store, &attributes, 0, &s->pair), "key pair");
    }
    bare_open(&s->bare, module, s->store);
}

int print_keystore(bool check)
{
    static stand s;
    const char *module = getenv("LWSEC_P11_MODULE"), *label = getenv("LWSEC_P11_LABEL");
    int missed = 0;

    if (module == NULL || label == NULL) {
        (void)fputs("lwsec-bench keystore: run it by tests/tokens/with-token.sh\n", stderr);
        return 2;
    }
    open_stand(&s, module, label);
    const uint32_t can = lwsec_pkcs11_capabilities(s.store);
    (void)printf("Keys in the token of %s, %u bytes a message, against the bare calls on session "
                 "objects.\nMedians of %d rounds, taken in turn.\n",
                 module, TEXT, ROUNDS);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if ((can & operations[i].needs) == operations[i].needs) {
            missed += print_operation(&s, &operations[i]);
        } else {
            (void)printf("%-24s not in this token\n", operations[i].name);
        }
    }
    lwsec_pkcs11_close(&s.store);
    return check && missed > 0 ? 1 : 0;
}
