/* The operations of a store on a token. */
#include "tests/tokens/operations.h"

static const uint8_t bytes[64] = "sixty-four bytes that go in and come out in some other form....";
static const lwsec_bytes text = {bytes, 48};
static const lwsec_bytes none = {NULL, 0};

/* A point of P-256: its generator (FIPS 186-4 D.1.2.3). */
static lwsec_bytes generator(void)
{
    return lwsec_test_hex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
}

static lwsec_status run_seal(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_seal(keys->ccm, lwsec_bytes_of(bytes, 13), text, text, out, OUT_SIZE);
}

static lwsec_status run_open(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_open(keys->ccm, lwsec_bytes_of(bytes, 13), text,
                          lwsec_bytes_of(keys->sealed, text.size + 8), out, OUT_SIZE);
}

static lwsec_status run_seal_gcm(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_seal(keys->gcm, lwsec_bytes_of(bytes, 12), text, text, out, OUT_SIZE);
}

static lwsec_status run_open_gcm(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_open(keys->gcm, lwsec_bytes_of(bytes, 12), text,
                          lwsec_bytes_of(keys->sealed_gcm, text.size + 16), out, OUT_SIZE);
}

static lwsec_status run_hmac(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_mac(keys->hmac, text, out, OUT_SIZE);
}

static lwsec_status run_cmac(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_mac(keys->cmac, text, out, OUT_SIZE);
}

static lwsec_status run_encrypt(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_cbc(keys->cipher, LWSEC_ENCRYPT, lwsec_bytes_of(bytes, 16), text, out,
                         OUT_SIZE);
}

static lwsec_status run_decrypt(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_cbc(keys->tdes, LWSEC_DECRYPT, lwsec_bytes_of(bytes, 8), text, out, OUT_SIZE);
}

static lwsec_status run_ctr(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_ctr(keys->cipher, lwsec_bytes_of(bytes, 16), lwsec_bytes_of(bytes, 33), out,
                         OUT_SIZE);
}

static lwsec_status run_block(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_block(keys->cipher, lwsec_bytes_of(bytes, 16), out, OUT_SIZE);
}

static lwsec_status run_extract(const kit *self, operation_keys *keys, uint8_t *out)
{
    lwsec_key prk = {NULL, 0, 0};

    (void)self;
    (void)out;
    const lwsec_status status =
        lwsec_key_extract(keys->secret, LWSEC_ALG_HMAC_256, text, NULL, &prk);
    assert_true((status == LWSEC_OK) == (prk.store != NULL));
    const lwsec_status gone = lwsec_key_destroy(&prk);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_derive(const kit *self, operation_keys *keys, uint8_t *out)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    (void)self;
    (void)out;
    const lwsec_status status =
        lwsec_key_derive(keys->prk, LWSEC_ALG_HMAC_256, text, NULL, &attributes, 16, &key);
    assert_true((status == LWSEC_OK) == (key.store != NULL));
    const lwsec_status gone = lwsec_key_destroy(&key);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_sign(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_sign(keys->signer, text, out, OUT_SIZE);
}

static lwsec_status run_verify(const kit *self, operation_keys *keys, uint8_t *out)
{
    /* RFC 6979 A.2.5, "sample" with SHA-256 */
    const lwsec_bytes point =
        lwsec_test_hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                       "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    const lwsec_bytes signature =
        lwsec_test_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                       "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");

    (void)keys;
    (void)out;
    return lwsec_verify(self->store, LWSEC_ALG_ES256, point, lwsec_bytes_of("sample", 6),
                        signature);
}

static lwsec_status run_agree(const kit *self, operation_keys *keys, uint8_t *out)
{
    lwsec_key shared = {NULL, 0, 0};

    (void)self;
    (void)out;
    const lwsec_status status = lwsec_key_agree(keys->agreer, generator(), NULL, &shared);
    assert_true((status == LWSEC_OK) == (shared.store != NULL));
    const lwsec_status gone = lwsec_key_destroy(&shared);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_psk(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)self;
    return lwsec_key_tls12_psk_master(keys->psk, LWSEC_ALG_HMAC_256, text, out, OUT_SIZE);
}

static lwsec_status run_random(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)keys;
    return lwsec_random(self->store, out, 32);
}

static lwsec_status run_find(const kit *self, operation_keys *keys, uint8_t *out)
{
    lwsec_key key = {NULL, 0, 0};

    (void)keys;
    (void)out;
    const lwsec_status status = lwsec_key_find(self->store, lwsec_bytes_of("hmac", 4), &key);
    assert_true((status == LWSEC_OK) == (key.store != NULL));
    const lwsec_status gone = lwsec_key_release(&key);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_next_name(const kit *self, operation_keys *keys, uint8_t *out)
{
    lwsec_buffer name = lwsec_buffer_of(out, LWSEC_KEY_NAME_MAX);

    (void)keys;
    return lwsec_key_next_name(self->store, none, &name);
}

static lwsec_status run_import(const kit *self, operation_keys *keys, uint8_t *out)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    (void)keys;
    (void)out;
    const lwsec_status status =
        lwsec_key_import(self->store, &attributes, lwsec_bytes_of(bytes, 20), &key);
    assert_true((status == LWSEC_OK) == (key.store != NULL));
    const lwsec_status gone = lwsec_key_destroy(&key);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_generate(const kit *self, operation_keys *keys, uint8_t *out)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    (void)keys;
    (void)out;
    const lwsec_status status = lwsec_key_generate(self->store, &attributes, 0, &key);
    assert_true((status == LWSEC_OK) == (key.store != NULL));
    const lwsec_status gone = lwsec_key_destroy(&key);
    return status != LWSEC_OK ? status : gone;
}

static lwsec_status run_data(const kit *self, operation_keys *keys, uint8_t *out)
{
    uint8_t room[64];
    lwsec_buffer data = lwsec_buffer_of(room, sizeof room);

    (void)keys;
    (void)out;
    lwsec_status status = lwsec_pkcs11_put_data(self->store, lwsec_bytes_of("data", 4), text);
    if (status == LWSEC_OK) {
        status = lwsec_pkcs11_get_data(self->store, lwsec_bytes_of("data", 4), &data);
    }
    if (status == LWSEC_OK) {
        assert_bytes(lwsec_bytes_of(data.data, data.size), text);
    }
    return status;
}

static lwsec_status run_check(const kit *self, operation_keys *keys, uint8_t *out)
{
    (void)keys;
    (void)out;
    return lwsec_pkcs11_check(self->store);
}

operation operation_at(size_t index)
{
    static const operation operations[] = {{"seal", run_seal, true, false, false},
                                           {"open", run_open, true, false, false},
                                           {"seal with GCM", run_seal_gcm, true, false, false},
                                           {"open with GCM", run_open_gcm, true, false, false},
                                           {"HMAC", run_hmac, true, false, false},
                                           {"CMAC", run_cmac, true, false, false},
                                           {"encrypt", run_encrypt, true, false, false},
                                           {"decrypt", run_decrypt, true, false, false},
                                           {"CTR", run_ctr, true, false, false},
                                           {"block", run_block, true, false, false},
                                           {"extract", run_extract, true, true, false},
                                           {"derive", run_derive, true, true, false},
                                           {"sign", run_sign, false, false, false},
                                           {"verify", run_verify, true, false, false},
                                           {"agree", run_agree, true, true, false},
                                           {"PSK", run_psk, true, false, false},
                                           {"random", run_random, false, false, false},
                                           {"find", run_find, true, false, true},
                                           {"next name", run_next_name, true, false, true},
                                           {"import", run_import, true, true, true},
                                           {"generate", run_generate, true, true, true},
                                           {"data", run_data, true, false, false},
                                           {"check", run_check, true, true, false},
                                           {NULL, NULL, false, false, false}};

    return operations[index];
}

void make_operation_keys(const kit *self, operation_keys *keys)
{
    memset(keys, 0, sizeof *keys);
    keys->ccm =
        kit_keep(self, "ccm", LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 16);
    keys->gcm = kit_keep(self, "gcm", LWSEC_ALG_A128GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 16);
    keys->hmac = kit_keep(self, "hmac", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 20);
    keys->cmac = kit_keep(self, "cmac", LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, 16);
    keys->cipher = kit_keep(self, "cipher", LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, 16);
    keys->tdes = kit_keep(self, "tdes", LWSEC_ALG_TDES_CBC, LWSEC_USE_DECRYPT, 24);
    keys->secret = kit_keep(self, "secret", LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, 16);
    keys->prk = kit_keep(self, "prk", LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, 32);
    keys->signer = kit_keep(self, "signer", LWSEC_ALG_ES256, LWSEC_USE_SIGN, 32);
    keys->agreer = kit_keep(self, "agreer", LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 32);
    keys->psk = kit_keep(self, "psk", LWSEC_ALG_PSK, LWSEC_USE_PSK, 16);
    assert_status(run_seal(self, keys, keys->sealed), LWSEC_OK);
    assert_status(run_seal_gcm(self, keys, keys->sealed_gcm), LWSEC_OK);
}
