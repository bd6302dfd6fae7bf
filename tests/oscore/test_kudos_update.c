/* updateCtx of KUDOS against known answers, and its option: draft-ietf-core-oscore-key-update-14.
 */
#include "tests/oscore/pair.h"

#include "tests/support/vector_file.h"

#include "oscore/kudos.h"

/* ---- updateCtx ---- */

static void assert_seals_alike(lwsec_store *store, lwsec_key key, int32_t aead, lwsec_bytes raw)
{
    static const uint8_t nonce[13], text[8];
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(aead);
    const lwsec_key expected = lwsec_test_key(store, aead, LWSEC_USE_SEAL, raw);
    uint8_t one[24], other[24];

    for (int i = 0; i < 2; i++) {
        assert_status(lwsec_key_seal(i == 0 ? key : expected,
                                     lwsec_bytes_of(nonce, algorithm->nonce_size),
                                     lwsec_bytes_of(NULL, 0), lwsec_bytes_of(text, sizeof text),
                                     i == 0 ? one : other, sizeof one),
                      LWSEC_OK);
    }
    assert_memory_equal(one, other, sizeof text + algorithm->tag_size);
}

static lwsec_oscore_offer offer_of(lwsec_bytes bytes)
{
    lwsec_oscore_offer offer = {(uint8_t)bytes.size, {0}};
    assert_true(bytes.size <= sizeof offer.data);
    if (bytes.size > 0) {
        memcpy(offer.data, bytes.data, bytes.size);
    }
    return offer;
}

static void check_update(const lwsec_vector *vector, void *argument)
{
    static const uint8_t client[] = {'c'}, server[] = {'s'};
    lwsec_store *store = argument;
    const lwsec_bytes secret = lwsec_vector_bytes(vector, "secret");
    const int32_t aead = (int32_t)lwsec_vector_number(vector, "aead");
    const int32_t hmac = (int32_t)lwsec_vector_number(vector, "hmac");
    const lwsec_oscore_offer one = offer_of(lwsec_vector_bytes(vector, "one"));
    const lwsec_oscore_offer other = offer_of(lwsec_vector_bytes(vector, "other"));
    const lwsec_oscore_update_salt salt = lwsec_oscore_update_salt_of(&one, &other);
    const lwsec_key key =
        lwsec_test_key(store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE, secret);
    static uint64_t memory[LWSEC_OSCORE_SIZE(32, 8) / 8];
    lwsec_oscore *context;

    assert_bytes(lwsec_bytes_of(salt.data, salt.size), lwsec_vector_bytes(vector, "salt"));
    if (!lwsec_test_store_has(pair_store(), aead)) {
        return;
    }
    lwsec_oscore_config config = {.size = sizeof config,
                                  .salt = lwsec_bytes_of(salt.data, salt.size),
                                  .sender_id = lwsec_bytes_of(client, 1),
                                  .recipient_id = lwsec_bytes_of(server, 1),
                                  .id_context = lwsec_vector_optional(vector, "id_context"),
                                  .aead = aead,
                                  .hmac = hmac};
    assert_status(lwsec_oscore_derive_update(key, hmac, config.salt, secret.size, &config.secret),
                  LWSEC_OK);
    assert_status(
        lwsec_oscore_make(memory, sizeof memory, &config, LWSEC_OSCORE_AGREED, &context, NULL),
        LWSEC_OK);
    assert_seals_alike(store, context->sender, aead, lwsec_vector_bytes(vector, "sender_key"));
    const lwsec_bytes iv = lwsec_vector_bytes(vector, "common_iv");
    assert_bytes(lwsec_bytes_of(&context->common_iv[LWSEC_OSCORE_NONCE_BLOCK - iv.size], iv.size),
                 iv);
    lwsec_oscore_close(&context);
}

static void update_ctx_gives_the_known_answers(void **state)
{
    pair *both = *state;
    assert_int_equal(lwsec_vector_each("kudos.txt", check_update, both->store), 10);
}

/* ---- The option ---- */

static void assert_option(const char *hex, lwsec_why why)
{
    lwsec_oscore_kudos_option option;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status =
        lwsec_oscore_kudos_option_decode(lwsec_test_hex(hex), &option, &reason);
    assert_status(status, why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_REJECT);
    assert_int_equal(reason.why, why);
}

static void the_option_is_read_strictly(void **state)
{
    lwsec_oscore_kudos_option option;

    (void)state;
    assert_status(
        lwsec_oscore_kudos_option_decode(lwsec_test_hex("990105026869420a0b0c6b"), &option, NULL),
        LWSEC_OK);
    assert_bytes(option.base.partial_iv, lwsec_test_hex("05"));
    assert_bytes(option.base.kid_context, lwsec_test_hex("6869"));
    assert_int_equal(option.x, 0x42);
    assert_bytes(option.nonce, lwsec_test_hex("0a0b0c"));
    assert_bytes(option.base.kid, lwsec_test_hex("6b"));
    assert_option("090525", LWSEC_WHY_NONE);
    assert_option("800100ff", LWSEC_WHY_NONE);
    assert_option("810100400a", LWSEC_WHY_NONE);
    for (unsigned flags = 0; flags < 256; flags++) { /* of the second byte */
        char hex[16];
        assert_true(snprintf(hex, sizeof hex, "81%02x00400a", flags) == 10);
        assert_option(hex, flags == 1 ? LWSEC_WHY_NONE : LWSEC_WHY_OSCORE_RESERVED);
    }
    assert_option("c10100400a", LWSEC_WHY_OSCORE_RESERVED);
    assert_option("a10100400a", LWSEC_WHY_OSCORE_RESERVED);
    assert_option("860100000000000040aa", LWSEC_WHY_OSCORE_RESERVED);
    assert_option("8101008000", LWSEC_WHY_OSCORE_RESERVED);
    assert_option("82010001400a", LWSEC_WHY_OSCORE_PIV);
    assert_option("80", LWSEC_WHY_TRUNCATED);
    assert_option("8001", LWSEC_WHY_TRUNCATED);
    assert_option("810100", LWSEC_WHY_TRUNCATED);
    assert_option("81010007aabbccddeeff00", LWSEC_WHY_TRUNCATED);
    assert_option("8101000000ff", LWSEC_WHY_TRAILING_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(update_ctx_gives_the_known_answers),
        cmocka_unit_test(the_option_is_read_strictly),
    };
    return cmocka_run_group_tests_name("oscore-kudos_update", tests, NULL, NULL);
}
