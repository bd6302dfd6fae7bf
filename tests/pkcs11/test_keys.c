/* Keys that the token keeps: names, forms, attributes; certificates and data beside them. */
#include "tests/support/test.h"

#include <lwsec/store.h>

#include "tests/pkcs11/raw.h"
#include "tests/pkcs11/token.h"

#define SLOTS 8U

static lwsec_store *store;
static lwsec_pkcs11_config config;

static int set_up(void **state)
{
    (void)state;
    token_make("keys");
    config = token_config("keys");
    store = token_open(&config, SLOTS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    token_close(store);
    token_remove_all();
    return 0;
}

static void open_again(void)
{
    token_close(store);
    store = token_open(&config, SLOTS);
}

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static lwsec_key_attributes named(int32_t algorithm, uint32_t usage, const char *name)
{
    const lwsec_key_attributes made = {sizeof made, algorithm, usage, text(name)};

    return made;
}

static lwsec_key import(int32_t algorithm, uint32_t usage, const char *name, size_t size)
{
    static const uint8_t raw[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
    const lwsec_key_attributes made = named(algorithm, usage, name);
    lwsec_key key;

    assert_status(lwsec_key_import(store, &made, lwsec_bytes_of(raw, size), &key), LWSEC_OK);
    return key;
}

static void destroy(const char *name)
{
    lwsec_key key;

    assert_status(lwsec_key_find(store, text(name), &key), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void assert_names(const char *const *names, size_t count)
{
    uint8_t last[LWSEC_KEY_NAME_MAX], room[LWSEC_KEY_NAME_MAX];
    lwsec_bytes after = {NULL, 0};
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);

    for (size_t i = 0; i < count; i++) {
        assert_status(lwsec_key_next_name(store, after, &name), LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&name), text(names[i]));
        memcpy(last, room, name.size);
        after = lwsec_bytes_of(last, name.size);
    }
    assert_status(lwsec_key_next_name(store, after, &name), LWSEC_ABSENT);
}

static void test_kept(void **state)
{
    static const char *const names[] = {"a", "ab", "b"};
    lwsec_key key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "b", 16);
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key one, other;
    uint8_t mac[32], again[32];

    (void)state;
    assert_status(lwsec_key_mac(key, text("m"), mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    key = import(LWSEC_ALG_A128GCM, LWSEC_USE_SEAL, "ab", 16);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    key = import(LWSEC_ALG_PSK, LWSEC_USE_PSK, "a", 16);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    open_again();
    assert_names(names, 3);
    /* Two handles of one key; what it may do has come back with it. */
    assert_status(lwsec_key_find(store, text("b"), &one), LWSEC_OK);
    assert_status(lwsec_key_find(store, text("b"), &other), LWSEC_OK);
    assert_status(lwsec_key_release(&one), LWSEC_OK);
    assert_status(lwsec_key_mac(other, text("m"), again, sizeof again), LWSEC_OK);
    assert_memory_equal(mac, again, sizeof mac);
    assert_status(lwsec_key_seal(other, text("n"), text(""), text(""), mac, sizeof mac),
                  LWSEC_USAGE);
    assert_status(lwsec_key_describe(other, &told), LWSEC_OK);
    assert_int_equal(told.algorithm, LWSEC_ALG_HMAC_256);
    assert_int_equal(told.usage, LWSEC_USE_MAC);
    assert_int_equal(told.tier, LWSEC_TIER_TOKEN);
    /* Destroyed by one handle: the other has no key any more. */
    assert_status(lwsec_key_find(store, text("b"), &one), LWSEC_OK);
    assert_status(lwsec_key_destroy(&one), LWSEC_OK);
    assert_status(lwsec_key_mac(other, text("m"), again, sizeof again), LWSEC_ENGINE);
    assert_status(lwsec_key_destroy(&other), LWSEC_OK);
    assert_status(lwsec_key_find(store, text("b"), &one), LWSEC_ABSENT);
    assert_names(names, 2);
    destroy("a");
    destroy("ab");
    assert_names(names, 0);
}

static void test_names(void **state)
{
    lwsec_key key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "taken", 32);
    const lwsec_key_attributes again = named(LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, "taken");
    char longest[LWSEC_KEY_NAME_MAX + 2] = {0};
    const uint8_t raw[16] = {1};
    lwsec_key other = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_import(store, &again, lwsec_bytes_of(raw, 16), &other), LWSEC_USAGE);
    assert_status(lwsec_key_generate(store, &again, 16, &other), LWSEC_USAGE);
    assert_status(lwsec_key_find(store, text("take"), &other), LWSEC_ABSENT);
    assert_status(lwsec_key_find(store, text("taken2"), &other), LWSEC_ABSENT);
    assert_status(lwsec_key_find(store, text("Taken"), &other), LWSEC_ABSENT);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    memset(longest, 'x', LWSEC_KEY_NAME_MAX);
    key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, longest, 32);
    assert_status(lwsec_key_find(store, text(longest), &other), LWSEC_OK);
    assert_status(lwsec_key_release(&other), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    /* Keys without a name are not listed, and are gone with their handle. */
    key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "", 32);
    assert_names(NULL, 0);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
}

/* No more than SLOTS handles; what was in the way of a full store does not stay in the token. */
static void test_full(void **state)
{
    lwsec_key keys[SLOTS], more = {NULL, 0, 0};
    const lwsec_key_attributes extra = named(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "extra");
    const uint8_t raw[16] = {1};

    (void)state;
    for (size_t i = 0; i < SLOTS; i++) {
        keys[i] = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "", 32);
    }
    assert_status(lwsec_key_import(store, &extra, lwsec_bytes_of(raw, 16), &more), LWSEC_LIMIT);
    for (size_t i = 0; i < SLOTS; i++) {
        assert_status(lwsec_key_release(&keys[i]), LWSEC_OK);
    }
    assert_status(lwsec_key_find(store, text("extra"), &more), LWSEC_ABSENT);
}

/* R4: nothing gets a value out, and each key does one thing. */
static void test_attributes(void **state)
{
    static const struct {
        int32_t algorithm;
        uint32_t usage;
        CK_OBJECT_CLASS class;
        int encrypt, decrypt, sign, derive;
    } kinds[] = {
        {LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, CKO_SECRET_KEY, 1, 0, 0, 0},
        {LWSEC_ALG_AES_CBC, LWSEC_USE_DECRYPT, CKO_SECRET_KEY, 0, 1, 0, 0},
        {LWSEC_ALG_A128GCM, LWSEC_USE_OPEN, CKO_SECRET_KEY, 0, 1, 0, 0},
        {LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_OPEN, CKO_SECRET_KEY, 1, 0, 0, 0},
        {LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, CKO_SECRET_KEY, 0, 0, 1, 0},
        {LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, CKO_SECRET_KEY, 0, 0, 1, 0},
        {LWSEC_ALG_PSK, LWSEC_USE_PSK, CKO_SECRET_KEY, 0, 0, 1, 0},
        {LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, CKO_SECRET_KEY, 0, 0, 1, 0},
        {LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, CKO_SECRET_KEY, 0, 0, 0, 1},
        {LWSEC_ALG_ES256, LWSEC_USE_SIGN, CKO_PRIVATE_KEY, -1, 0, 1, 0},
        {LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, CKO_PRIVATE_KEY, -1, 0, 0, 1},
    };
    const CK_SESSION_HANDLE session = raw_session("keys");

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const size_t size = kinds[i].class == CKO_PRIVATE_KEY ? 32 : 16;
        lwsec_key key = import(kinds[i].algorithm, kinds[i].usage, "strict", size);
        CK_OBJECT_HANDLE object = 0;
        assert_int_equal(raw_count(session, kinds[i].class, "strict", &object), 1);
        assert_int_equal(raw_flag(session, object, CKA_PRIVATE), 1);
        assert_int_equal(raw_flag(session, object, CKA_SENSITIVE), 1);
        assert_int_equal(raw_flag(session, object, CKA_EXTRACTABLE), 0);
        assert_int_equal(raw_flag(session, object, CKA_UNWRAP), 0);
        assert_int_equal(raw_flag(session, object, CKA_DECRYPT), kinds[i].decrypt);
        assert_int_equal(raw_flag(session, object, CKA_SIGN), kinds[i].sign);
        assert_int_equal(raw_flag(session, object, CKA_DERIVE), kinds[i].derive);
        if (kinds[i].class == CKO_SECRET_KEY) {
            assert_int_equal(raw_flag(session, object, CKA_ENCRYPT), kinds[i].encrypt);
            assert_int_equal(raw_flag(session, object, CKA_WRAP), 0);
            assert_int_equal(raw_flag(session, object, CKA_VERIFY), 0);
        }
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
        assert_int_equal(raw_count(session, kinds[i].class, "strict", NULL), 0);
    }
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* R6: how much of an operation runs in the token. */
static void test_tiers(void **state)
{
    static const struct {
        int32_t algorithm;
        uint32_t usage;
        lwsec_tier tier;
    } kinds[] = {{LWSEC_ALG_A128GCM, LWSEC_USE_SEAL, LWSEC_TIER_TOKEN},
                 {LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, LWSEC_TIER_TOKEN},
                 {LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, LWSEC_TIER_MIXED},
                 {LWSEC_ALG_PSK, LWSEC_USE_PSK, LWSEC_TIER_MIXED},
                 {LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, LWSEC_TIER_MIXED},
                 {LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, LWSEC_TIER_MIXED}};
    const lwsec_key_attributes gcm = {sizeof gcm, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL, {NULL, 0}};
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key prk = import(LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, "", 32);
    lwsec_key derived;

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        lwsec_key key = import(kinds[i].algorithm, kinds[i].usage, "", 16);
        assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
        assert_int_equal(told.tier, kinds[i].tier);
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
    /* Derived through the memory of this process, and so not as good as one that was not. */
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, text("i"), NULL, &gcm, 16, &derived),
                  LWSEC_OK);
    assert_status(lwsec_key_describe(derived, &told), LWSEC_OK);
    assert_int_equal(told.tier, LWSEC_TIER_MIXED);
    assert_status(lwsec_key_release(&derived), LWSEC_OK);
    assert_status(lwsec_key_release(&prk), LWSEC_OK);
}

static void test_pair(void **state)
{
    const lwsec_key_attributes sign = named(LWSEC_ALG_ES256, LWSEC_USE_SIGN, "pair");
    uint8_t point[65], again[65], signature[64];
    lwsec_key key;

    (void)state;
    assert_status(lwsec_key_generate(store, &sign, 0, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    open_again();
    assert_status(lwsec_key_find(store, text("pair"), &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, again, sizeof again), LWSEC_OK);
    assert_memory_equal(point, again, sizeof point);
    assert_status(lwsec_key_sign(key, text("m"), signature, sizeof signature), LWSEC_OK);
    assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), text("m"),
                               lwsec_bytes_of(signature, 64)),
                  LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    const CK_SESSION_HANDLE session = raw_session("keys");
    assert_int_equal(raw_count(session, CKO_PUBLIC_KEY, "pair", NULL), 0);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* ---- Keys of others ---- */

/* A key as another program makes it. */
static void make_foreign(CK_SESSION_HANDLE session, const char *label, const void *id,
                         size_t id_size)
{
    static CK_BYTE value[16] = {7};
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE made[] = {{CKA_CLASS, &class, sizeof class},
                           {CKA_KEY_TYPE, &type, sizeof type},
                           {CKA_TOKEN, &yes, sizeof yes},
                           {CKA_ENCRYPT, &yes, sizeof yes},
                           {CKA_LABEL, (void *)label, strlen(label)},
                           {CKA_ID, (void *)id, id_size},
                           {CKA_VALUE, value, sizeof value}};

    assert_int_equal(raw_calls()->C_CreateObject(session, made, 7, &object), CKR_OK);
}

static void destroy_foreign(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label)
{
    CK_OBJECT_HANDLE object;

    while (raw_count(session, class, label, &object) > 0) {
        assert_int_equal(raw_calls()->C_DestroyObject(session, object), CKR_OK);
    }
}

/* Secret keys whose CKA_ID does not say what they are for, or says what cannot be. */
static void test_foreign_secret(void **state)
{
    static const char *const ids[] = {
        "",
        "01",
        "6c7773010100fffeee8d0001000102030405060708090a0b",   /* no such usage for CBC */
        "6c7773010100fffeee8d0018000102030405060708090a0b00", /* a byte too long */
        "6c7773010100fffeee8d0018000102030405060708090a",     /* too short */
        "6c7773020100fffeee8d0018000102030405060708090a0b",   /* another version */
        "6c7773010101fffeee8d0018000102030405060708090a0b",   /* the zero is none */
        "6c7773010300fffeee8d0018000102030405060708090a0b",   /* the form of an HMAC key */
        "6c7773010900fffeee8d0018000102030405060708090a0b",   /* no form at all */
        "6c7773010100fffeee000018000102030405060708090a0b",   /* no algorithm */
        "6c7773010100fffeee8d0000000102030405060708090a0b",   /* of no use */
        "6c7773010800fffffff90080000102030405060708090a0b",   /* a private key, says the mark */
        "6c7773010300000000050004000102030405060708090a0b",   /* generic, and this one is AES */
    };
    const CK_SESSION_HANDLE session = raw_session("keys");
    lwsec_key key = {NULL, 0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const lwsec_bytes id = ids[i][0] != '\0' ? lwsec_test_hex(ids[i]) : text("");
        make_foreign(session, "foreign", id.data, id.size);
        const lwsec_status status = lwsec_key_find(store, text("foreign"), &key);
        if (status != LWSEC_UNSUPPORTED) {
            print_error("%s\n", ids[i]);
        }
        assert_status(status, LWSEC_UNSUPPORTED);
        assert_names(NULL, 0);
        /* And its name is taken. */
        const lwsec_key_attributes mine = named(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "foreign");
        assert_status(lwsec_key_import(store, &mine, text("0123456789"), &key), LWSEC_USAGE);
        destroy_foreign(session, CKO_SECRET_KEY, "foreign");
    }
    /* The mark of a key for CBC, encrypting: as this store writes it. */
    const lwsec_bytes ours = lwsec_test_hex("6c7773010100fffeee8d0008000102030405060708090a0b");
    make_foreign(session, "foreign", ours.data, ours.size);
    assert_status(lwsec_key_find(store, text("foreign"), &key), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* Two keys with one name: neither is given. */
static void test_ambiguous(void **state)
{
    const CK_SESSION_HANDLE session = raw_session("keys");
    lwsec_key key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "twice", 32);

    (void)state;
    make_foreign(session, "twice", "x", 1);
    lwsec_key other = {NULL, 0, 0};
    assert_status(lwsec_key_find(store, text("twice"), &other), LWSEC_UNSUPPORTED);
    destroy_foreign(session, CKO_SECRET_KEY, "twice");
    /* The handle notices that its key has gone. */
    uint8_t mac[32];
    assert_status(lwsec_key_mac(key, text("m"), mac, sizeof mac), LWSEC_ENGINE);
    assert_int_equal(lwsec_pkcs11_error(store), CKR_OBJECT_HANDLE_INVALID);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* A pair on this curve as another program makes it. */
static void make_foreign_pair(CK_SESSION_HANDLE session, const char *curve,
                              CK_OBJECT_HANDLE pair[2])
{
    const lwsec_bytes parameters = lwsec_test_hex(curve);
    CK_BBOOL yes = CK_TRUE;
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public_half[] = {{CKA_EC_PARAMS, (void *)parameters.data, parameters.size},
                                  {CKA_TOKEN, &yes, sizeof yes},
                                  {CKA_VERIFY, &yes, sizeof yes},
                                  {CKA_ID, (void *)"7", 1}};
    CK_ATTRIBUTE private_half[] = {{CKA_TOKEN, &yes, sizeof yes},
                                   {CKA_SIGN, &yes, sizeof yes},
                                   {CKA_ID, (void *)"7", 1},
                                   {CKA_LABEL, (void *)"theirs", 6}};

    assert_int_equal(raw_calls()->C_GenerateKeyPair(session, &mechanism, public_half, 4,
                                                    private_half, 4, &pair[0], &pair[1]),
                     CKR_OK);
}

static void destroy_foreign_pair(CK_SESSION_HANDLE session, const CK_OBJECT_HANDLE pair[2])
{
    assert_int_equal(raw_calls()->C_DestroyObject(session, pair[0]), CKR_OK);
    assert_int_equal(raw_calls()->C_DestroyObject(session, pair[1]), CKR_OK);
}

/* A P-256 pair of another program signs for us; one of another curve does not. */
static void test_foreign_pair(void **state)
{
    const CK_SESSION_HANDLE session = raw_session("keys");
    CK_OBJECT_HANDLE pair[2];
    uint8_t point[65], signature[64];
    lwsec_key key;

    (void)state;
    make_foreign_pair(session, "06052b81040022", pair); /* P-384 */
    assert_status(lwsec_key_find(store, text("theirs"), &key), LWSEC_UNSUPPORTED);
    destroy_foreign_pair(session, pair);
    make_foreign_pair(session, "06082a8648ce3d030107", pair);
    assert_status(lwsec_key_find(store, text("theirs"), &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_sign(key, text("m"), signature, sizeof signature), LWSEC_OK);
    assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), text("m"),
                               lwsec_bytes_of(signature, 64)),
                  LWSEC_OK);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    destroy_foreign_pair(session, pair);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* ---- The public half of a private key that was imported ---- */

/* The pair of RFC 6979 A.2.5, and the base point of the curve, which is another key's. */
static const char scalar[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
#define X "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define Y "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
static const char other_point[] =
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

static lwsec_key import_pair(const char *name)
{
    const lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN,
                                             text(name)};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(store, &attributes, lwsec_test_hex(scalar), &key), LWSEC_OK);
    return key;
}

static void assert_tells_point(lwsec_key key)
{
    uint8_t point[65];

    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(point, sizeof point), lwsec_test_hex("04" X Y));
}

static void test_public_half(void **state)
{
    const CK_SESSION_HANDLE session = raw_session("keys");
    const lwsec_bytes own = lwsec_test_hex("04" X Y);
    uint8_t point[65];
    lwsec_key key = import_pair("imported");
    lwsec_key found = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_UNSUPPORTED);
    assert_status(lwsec_pkcs11_put_public_key(key, lwsec_test_hex(other_point)), LWSEC_REJECT);
    assert_status(lwsec_pkcs11_put_public_key(key, lwsec_bytes_of(own.data, 64)), LWSEC_USAGE);
    assert_status(lwsec_pkcs11_put_public_key(key, lwsec_test_hex("02" X Y)), LWSEC_USAGE);
    assert_status(lwsec_pkcs11_put_public_key(key, lwsec_test_hex("04" Y X)), LWSEC_REJECT);
    assert_int_equal(raw_count(session, CKO_PUBLIC_KEY, "imported", NULL), 0);
    assert_status(lwsec_pkcs11_put_public_key(key, own), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(key, own), LWSEC_OK); /* once is enough */
    assert_int_equal(raw_count(session, CKO_PUBLIC_KEY, "imported", NULL), 1);
    assert_tells_point(key);
    assert_status(lwsec_key_find(store, text("imported"), &found), LWSEC_OK);
    assert_tells_point(found);
    assert_status(lwsec_key_release(&found), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(found, own), LWSEC_USAGE);
    const lwsec_key old = key;
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(old, own), LWSEC_USAGE);
    assert_int_equal(raw_count(session, CKO_PUBLIC_KEY, "imported", NULL), 0);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

/* A key that agrees cannot show whose the point is; keys of other kinds, or without a name, have no
 * place for one. */
static void test_public_half_of_others(void **state)
{
    lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE,
                                       text("agrees")};
    const lwsec_bytes own = lwsec_test_hex("04" X Y);
    lwsec_key key = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_import(store, &attributes, lwsec_test_hex(scalar), &key), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(key, own), LWSEC_OK);
    assert_tells_point(key);
    assert_status(lwsec_pkcs11_put_public_key(key, lwsec_test_hex(other_point)), LWSEC_REJECT);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    attributes.name = text("");
    assert_status(lwsec_key_import(store, &attributes, lwsec_test_hex(scalar), &key), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(key, own), LWSEC_USAGE);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    attributes.algorithm = LWSEC_ALG_HMAC_256;
    attributes.usage = LWSEC_USE_MAC;
    attributes.name = text("secret");
    assert_status(lwsec_key_import(store, &attributes, lwsec_test_hex(scalar), &key), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_public_key(key, own), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

/* Certificates up to their key: two of P-256, and four with a key that is not taken. */
static const char *const with_key[] = {
    "306d306ba0030201020201013000300030003000"
    "3059301306072a8648ce3d020106082a8648ce3d030107034200"
    "04" X Y,
    "30683066020101300030003000"
    "30003059301306072a8648ce3d020106082a8648ce3d030107034200"
    "04" X Y,
    "30683066020101300030003000"
    "30003059301306072a8648ce3d020106082a8648ce3d030108034200"
    "04" X Y, /* another curve */
    "30683066020101300030003000"
    "30003059301306072a8648ce3d020106082a8648ce3d030107034200"
    "02" X Y, /* another form */
    "30683066020101300030003000"
    "30003059301306072a8648ce3d020106082a8648ce3d030107044200"
    "04" X Y, /* no BIT STRING */
    "30683066020101300030003000"
    "30003059301306072a8648ce3d020106082a8648ce3d030107034201"
    "04" X Y, /* not of whole bytes */
};

static void test_point_of_certificate(void **state)
{
    uint8_t point[65];
    lwsec_key key = import_pair("device");

    (void)state;
    for (size_t i = 0; i < sizeof with_key / sizeof with_key[0]; i++) {
        lwsec_key found = {NULL, 0, 0};
        assert_status(
            lwsec_pkcs11_put_certificate(store, text("device"), lwsec_test_hex(with_key[i])),
            LWSEC_OK);
        assert_status(lwsec_key_find(store, text("device"), &found), LWSEC_OK);
        if (i < 2) {
            assert_tells_point(key); /* which was there before the certificate */
            assert_tells_point(found);
        } else {
            assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_UNSUPPORTED);
            assert_status(lwsec_key_public(found, point, sizeof point), LWSEC_UNSUPPORTED);
        }
        assert_status(lwsec_key_release(&found), LWSEC_OK);
    }
    assert_status(lwsec_pkcs11_remove_certificate(store, text("device")), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    /* A certificate that came first has the name alone. */
    assert_status(lwsec_pkcs11_put_certificate(store, text("device"), lwsec_test_hex(with_key[0])),
                  LWSEC_OK);
    key = import_pair("device");
    assert_tells_point(key);
    assert_status(lwsec_pkcs11_put_certificate(store, text("other"), lwsec_test_hex(with_key[0])),
                  LWSEC_OK);
    assert_status(lwsec_pkcs11_remove_certificate(store, text("device")), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_UNSUPPORTED);
    assert_status(lwsec_pkcs11_remove_certificate(store, text("other")), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

/* ---- Certificates and data ---- */

/* The outer parts of a certificate; the store does not look further. */
static const char certificate[] = "3021"
                                  "301da003020102"
                                  "02012a"
                                  "300506032b6570"
                                  "3003310161"
                                  "3000"
                                  "3003310162"
                                  "3000"
                                  "0500";

static void test_certificates(void **state)
{
    const lwsec_bytes der = lwsec_test_hex(certificate);
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(lwsec_pkcs11_get_certificate(store, text("c"), &out), LWSEC_ABSENT);
    assert_status(lwsec_pkcs11_remove_certificate(store, text("c")), LWSEC_ABSENT);
    assert_status(lwsec_pkcs11_put_certificate(store, text("c"), der), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_certificate(store, text("c"), der), LWSEC_OK); /* replaces */
    assert_status(lwsec_pkcs11_get_certificate(store, text("c"), &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), der);
    out.capacity = der.size - 1;
    assert_status(lwsec_pkcs11_get_certificate(store, text("c"), &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
    assert_names(NULL, 0); /* it is no key */
    assert_status(lwsec_pkcs11_remove_certificate(store, text("c")), LWSEC_OK);
    assert_status(lwsec_pkcs11_get_certificate(store, text("c"), &out), LWSEC_ABSENT);
    for (size_t size = 0; size < der.size; size++) {
        assert_status(
            lwsec_pkcs11_put_certificate(store, text("c"), lwsec_bytes_of(der.data, size)),
            LWSEC_USAGE);
    }
    assert_status(lwsec_pkcs11_get_certificate(store, text(""), &out), LWSEC_USAGE);
    assert_status(lwsec_pkcs11_get_certificate(NULL, text("c"), &out), LWSEC_USAGE);
}

static void test_data(void **state)
{
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    const CK_SESSION_HANDLE session = raw_session("keys");
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_status(lwsec_pkcs11_put_data(store, text("d"), text("first")), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_data(store, text("d"), text("second")), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_data(store, text("e"), text("other")), LWSEC_OK);
    assert_int_equal(raw_count(session, CKO_DATA, "d", &object), 1);
    assert_int_equal(raw_flag(session, object, CKA_PRIVATE), 1);
    assert_status(lwsec_pkcs11_get_data(store, text("d"), &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), text("second"));
    assert_status(lwsec_pkcs11_remove_data(store, text("d")), LWSEC_OK);
    assert_status(lwsec_pkcs11_remove_data(store, text("d")), LWSEC_ABSENT);
    assert_status(lwsec_pkcs11_get_data(store, text("e"), &out), LWSEC_OK);
    assert_status(lwsec_pkcs11_remove_data(store, text("e")), LWSEC_OK);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_pair),
        cmocka_unit_test(test_foreign_secret),
        cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_foreign_pair),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_public_half),
        cmocka_unit_test(test_public_half_of_others),
        cmocka_unit_test(test_point_of_certificate),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
