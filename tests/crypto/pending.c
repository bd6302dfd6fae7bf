/* Slow stores: what the core counts, refuses and gives up while an operation is pending. */
#include "tests/support/test.h"

#include <lwsec/memory_openssl.h>
#include <lwsec/store.h>

#include <sys/wait.h>
#include <unistd.h>

/* A real store that begins operations, and makes them when it is polled for the last time. */
typedef struct slow_store {
    uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(4) / 8 + 1];
    lwsec_store *store;
    const lwsec_store_ops *real;
    lwsec_store_ops ops;
    lwsec_bytes nonce, aad, input; /* of what is pending */
    uint8_t *out;
    lwsec_status (*made)(lwsec_store *store, uint32_t slot);
    unsigned polls_left; /* that answer LWSEC_PENDING */
    unsigned cancelled;
    bool full; /* nothing more can be begun */
} slow_store;

static slow_store slow;

static lwsec_status begin(lwsec_status (*made)(lwsec_store *store, uint32_t slot),
                          lwsec_bytes input, uint8_t *out)
{
    if (slow.full) {
        return LWSEC_LIMIT;
    }
    assert_null(slow.made); /* one at a time */
    slow.made = made;
    slow.input = input;
    slow.out = out;
    return LWSEC_PENDING;
}

static lwsec_status made_seal(lwsec_store *store, uint32_t slot)
{
    return slow.real->seal(store, slot, slow.nonce, slow.aad, slow.input, slow.out);
}

static lwsec_status slow_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                              lwsec_bytes plaintext, uint8_t *out)
{
    (void)store, (void)slot;
    slow.nonce = nonce;
    slow.aad = aad;
    return begin(made_seal, plaintext, out);
}

static lwsec_status made_open(lwsec_store *store, uint32_t slot)
{
    return slow.real->open(store, slot, slow.nonce, slow.aad, slow.input, slow.out);
}

static lwsec_status slow_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                              lwsec_bytes ciphertext, uint8_t *out)
{
    (void)store, (void)slot;
    slow.nonce = nonce;
    slow.aad = aad;
    return begin(made_open, ciphertext, out);
}

static lwsec_status made_mac(lwsec_store *store, uint32_t slot)
{
    return slow.real->mac(store, slot, LWSEC_ALG_HMAC_256, slow.input, slow.out);
}

static lwsec_status slow_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                             uint8_t *mac)
{
    (void)store, (void)slot, (void)hmac;
    return begin(made_mac, message, mac);
}

static lwsec_status slow_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                             lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot, (void)direction, (void)iv;
    return begin(made_mac, input, out);
}

static lwsec_status poll(lwsec_store *store, uint32_t slot)
{
    lwsec_status (*made)(lwsec_store * of, uint32_t at) = slow.made;

    if (slow.polls_left > 0) {
        slow.polls_left--;
        return LWSEC_PENDING;
    }
    slow.made = NULL;
    return made(store, slot);
}

static lwsec_status cancel(lwsec_store *store, uint32_t slot)
{
    (void)store, (void)slot;
    slow.made = NULL;
    slow.cancelled++;
    return LWSEC_OK;
}

static int open_store(void **state)
{
    (void)state;
    memset(&slow, 0, sizeof slow);
    assert_status(lwsec_memory_openssl_open(slow.memory, sizeof slow.memory, 4, &slow.store),
                  LWSEC_OK);
    slow.real = slow.store->ops;
    slow.ops = *slow.real;
    slow.ops.composer = lwsec_compose;
    slow.ops.seal = slow_seal;
    slow.ops.open = slow_open;
    slow.ops.mac = slow_mac;
    slow.ops.poll = poll;
    slow.ops.cancel = cancel;
    slow.store->ops = &slow.ops;
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    lwsec_memory_openssl_close(&slow.store);
    return 0;
}

static const uint8_t bytes[64] = "what is sealed, opened and authenticated by a slow store of keys";
static uint8_t out[80];

static lwsec_key import(int32_t algorithm, uint32_t usage, size_t size)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(slow.store, &attributes, lwsec_bytes_of(bytes, size), &key),
                  LWSEC_OK);
    return key;
}

static lwsec_key aead_key(void)
{
    return import(LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 16);
}

static lwsec_status seal(lwsec_key key)
{
    return lwsec_key_seal(key, lwsec_bytes_of(bytes, 13), lwsec_bytes_of(bytes, 5),
                          lwsec_bytes_of(bytes, 40), out, sizeof out);
}

/* 48 bytes that are no ciphertext of any key. */
static lwsec_status open_forged(lwsec_key key)
{
    return lwsec_key_open(key, lwsec_bytes_of(bytes, 13), lwsec_bytes_of(bytes, 5),
                          lwsec_bytes_of(bytes, 48), out, sizeof out);
}

static lwsec_key_description described(lwsec_key key)
{
    lwsec_key_description description = {.size = sizeof description};

    assert_status(lwsec_key_describe(key, &description), LWSEC_OK);
    return description;
}

static void an_operation_ends_by_poll(void **state)
{
    const lwsec_key key = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    uint8_t mac[32], expected[32];

    (void)state;
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    slow.polls_left = 2;
    assert_status(lwsec_key_mac(key, lwsec_bytes_of(bytes, 64), mac, sizeof mac), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_OK);
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    assert_status(slow.real->mac(slow.store, key.slot, LWSEC_ALG_HMAC_256,
                                 lwsec_bytes_of(bytes, 64), expected),
                  LWSEC_OK);
    assert_memory_equal(mac, expected, sizeof mac);
}

static void one_operation_of_a_key_is_pending_at_a_time(void **state)
{
    const lwsec_key key = aead_key();
    const lwsec_key other = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);

    (void)state;
    assert_status(seal(key), LWSEC_PENDING);
    assert_status(seal(key), LWSEC_LIMIT);
    assert_status(open_forged(key), LWSEC_LIMIT);
    assert_status(lwsec_key_poll(other), LWSEC_USAGE);
    assert_int_equal(described(key).seals, 1);
    assert_status(lwsec_key_poll(key), LWSEC_OK);
    assert_status(seal(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_OK);
    assert_int_equal(described(key).seals, 2);
}

static void a_failed_open_counts_when_it_has_failed_and_once(void **state)
{
    const lwsec_key key = aead_key();

    (void)state;
    slow.polls_left = 1;
    assert_status(open_forged(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_PENDING);
    assert_int_equal(described(key).failed_opens, 0);
    assert_status(lwsec_key_poll(key), LWSEC_REJECT);
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    assert_int_equal(described(key).failed_opens, 1);
}

/* The seal may have been made: its nonce is used. A forgery that nobody heard of is none. */
static void what_is_cancelled_counts_as_a_seal_alone(void **state)
{
    const lwsec_key key = aead_key();

    (void)state;
    assert_status(seal(key), LWSEC_PENDING);
    assert_status(lwsec_key_cancel(key), LWSEC_OK);
    assert_status(open_forged(key), LWSEC_PENDING);
    assert_status(lwsec_key_cancel(key), LWSEC_OK);
    assert_status(lwsec_key_cancel(key), LWSEC_OK);
    assert_int_equal(slow.cancelled, 2);
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    assert_int_equal(described(key).seals, 1);
    assert_int_equal(described(key).failed_opens, 0);
}

static void what_a_full_store_has_not_begun_counts_nothing(void **state)
{
    const lwsec_key key = aead_key();

    (void)state;
    slow.full = true;
    assert_status(seal(key), LWSEC_LIMIT);
    assert_status(open_forged(key), LWSEC_LIMIT);
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    assert_int_equal(described(key).seals, 0);
    assert_int_equal(described(key).failed_opens, 0);
}

static void limits_hold_for_operations_that_end_by_poll(void **state)
{
    const lwsec_key key = aead_key();
    const lwsec_key_description limits = described(key);

    (void)state;
    assert_status(lwsec_key_raise_uses(key, limits.seal_limit - 1, limits.open_limit - 1),
                  LWSEC_OK);
    assert_status(seal(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_OK);
    assert_status(seal(key), LWSEC_LIMIT);
    assert_status(open_forged(key), LWSEC_PENDING);
    assert_status(lwsec_key_poll(key), LWSEC_REJECT);
    assert_status(open_forged(key), LWSEC_LIMIT);
    assert_null(slow.made);
}

static void a_key_that_goes_takes_along_what_is_pending(void **state)
{
    lwsec_key key = aead_key();
    const lwsec_key copy = key;

    (void)state;
    assert_status(seal(key), LWSEC_PENDING);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    assert_int_equal(slow.cancelled, 1);
    assert_status(lwsec_key_poll(copy), LWSEC_USAGE);
    assert_status(lwsec_key_cancel(copy), LWSEC_USAGE);
    key = aead_key(); /* in the same slot */
    assert_int_equal(key.slot, copy.slot);
    assert_status(lwsec_key_poll(key), LWSEC_USAGE);
    assert_status(seal(key), LWSEC_PENDING);
    lwsec_store_release_all(slow.store);
    assert_int_equal(slow.cancelled, 2);
}

/* Whose room is on the stack of the core cannot wait. */
static void what_the_core_would_need_at_once_is_given_up(void **state)
{
    const lwsec_key hmac = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    const lwsec_key cmac = import(LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, 16);
    const lwsec_key prk = import(LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, 32);
    const lwsec_key psk = import(LWSEC_ALG_PSK, LWSEC_USE_PSK, 16);
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key derived = {NULL, 0, 0};

    (void)state;
    assert_status(lwsec_key_mac_verify(hmac, lwsec_bytes_of(bytes, 64), lwsec_bytes_of(bytes, 32)),
                  LWSEC_UNSUPPORTED);
    assert_int_equal(slow.cancelled, 1);
    slow.ops.derive = NULL;
    slow.ops.tls12_psk_master = NULL;
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, lwsec_bytes_of(bytes, 9), NULL,
                                   &attributes, 32, &derived),
                  LWSEC_UNSUPPORTED);
    assert_int_equal(slow.cancelled, 2);
    assert_status(lwsec_key_tls12_psk_master(psk, LWSEC_ALG_HMAC_256, lwsec_bytes_of(bytes, 30),
                                             out, sizeof out),
                  LWSEC_UNSUPPORTED);
    assert_int_equal(slow.cancelled, 3);
    slow.ops.mac = NULL;
    slow.ops.cbc = slow_cbc;
    slow.ops.block = NULL;
    assert_status(lwsec_key_mac(cmac, lwsec_bytes_of(bytes, 64), out, sizeof out),
                  LWSEC_UNSUPPORTED);
    assert_true(slow.cancelled > 3);
    assert_null(slow.made);
    assert_status(lwsec_key_poll(cmac), LWSEC_USAGE);
}

static void a_child_neither_polls_nor_cancels(void **state)
{
    const lwsec_key key = aead_key();
    int status = 0;

    (void)state;
    assert_status(seal(key), LWSEC_PENDING);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool refused =
            lwsec_key_poll(key) == LWSEC_FORKED && lwsec_key_cancel(key) == LWSEC_FORKED;
        _exit(refused && slow.cancelled == 0 && slow.made != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_status(lwsec_key_poll(key), LWSEC_OK);
}

#define SLOW_TEST(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SLOW_TEST(an_operation_ends_by_poll),
        SLOW_TEST(one_operation_of_a_key_is_pending_at_a_time),
        SLOW_TEST(a_failed_open_counts_when_it_has_failed_and_once),
        SLOW_TEST(what_is_cancelled_counts_as_a_seal_alone),
        SLOW_TEST(what_a_full_store_has_not_begun_counts_nothing),
        SLOW_TEST(limits_hold_for_operations_that_end_by_poll),
        SLOW_TEST(a_key_that_goes_takes_along_what_is_pending),
        SLOW_TEST(what_the_core_would_need_at_once_is_given_up),
        SLOW_TEST(a_child_neither_polls_nor_cancels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
