/* A child process has a copy of the parent's keys and counters, and must not use them. */
#include "tests/crypto/groups.h"

#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What a child tries, and the statuses that it got. Each bit of the exit code is one that was not
 * FORKED. */
static int use_parents_store(const suite_state *suite, lwsec_key aead, lwsec_key kdf)
{
    const lwsec_algorithm *algorithm = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(algorithm->id, LWSEC_USE_SEAL);
    const lwsec_bytes nonce = suite_pattern(algorithm->nonce_size, 2);
    const lwsec_bytes raw = suite_pattern(algorithm->key_size_max, 1);
    const lwsec_bytes text = suite_pattern(32, 3);
    lwsec_key key = {NULL, 0, 0};
    uint8_t out[64];
    const lwsec_status got[] = {
        lwsec_key_seal(aead, nonce, text, text, out, sizeof out),
        lwsec_key_open(aead, nonce, text, text, out, sizeof out),
        lwsec_random(suite->store, out, sizeof out),
        lwsec_key_import(suite->store, &attributes, raw, &key),
        lwsec_key_generate(suite->store, &attributes, 0, &key),
        lwsec_key_extract(kdf, LWSEC_ALG_HMAC_256, text, NULL, &key),
        lwsec_key_derive(kdf, LWSEC_ALG_HMAC_256, text, NULL, &attributes, raw.size, &key),
        lwsec_verify(suite->store, LWSEC_ALG_ES256, suite_pattern(65, 4), text,
                     suite_pattern(64, 5)),
    };
    int others = 0;

    for (size_t i = 0; i < COUNT(got); i++) {
        others |= got[i] == LWSEC_FORKED ? 0 : 1 << i;
    }
    return others;
}

static int exit_code_of(pid_t child)
{
    int status = 0;

    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_child_can_neither_seal_nor_draw_nor_derive(void **state)
{
    const suite_state *suite = *state;
    const lwsec_key aead =
        suite_key(suite->store, suite_aead_of(suite), LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
    const lwsec_key kdf = lwsec_test_key(
        suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE, suite_pattern(32, 1));

    const pid_t child = fork();
    if (child == 0) {
        _exit(use_parents_store(suite, aead, kdf));
    }
    assert_int_equal(exit_code_of(child), 0);
    assert_int_equal(use_parents_store(suite, aead, kdf) & 1, 1); /* the parent goes on */
}

static void test_a_child_can_neither_sign_nor_agree(void **state)
{
    const suite_state *suite = *state;
    uint8_t out[65];
    lwsec_key shared = {NULL, 0, 0};

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ES256)) {
        skip();
    }
    const lwsec_key signer =
        lwsec_test_key(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, suite_pattern(32, 1));
    const lwsec_key agreer = suite_pair(suite, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 1);
    assert_status(lwsec_key_public(agreer, out, sizeof out), LWSEC_OK);

    const pid_t child = fork();
    if (child == 0) {
        const bool agrees =
            lwsec_key_agree(agreer, lwsec_bytes_of(out, 65), NULL, &shared) != LWSEC_FORKED;
        const bool signs =
            lwsec_key_sign(signer, lwsec_bytes_of(NULL, 0), out, sizeof out) != LWSEC_FORKED;
        _exit((agrees ? 2 : 0) | (signs ? 1 : 0));
    }
    assert_int_equal(exit_code_of(child), 0);
}

/* Opened again in the child, a store works there and draws other numbers than its parent. */
static void test_a_child_that_opens_a_store_of_its_own_goes_on(void **state)
{
    const suite_state *suite = *state;
    uint8_t here[16];
    uint8_t there[16];
    int ends[2];

    suite_skip_without(suite, LWSEC_TEST_CAN_RANDOM);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        lwsec_store *store = lwsec_test_store_open(suite->kind, 1);
        const bool done = lwsec_random(store, there, sizeof there) == LWSEC_OK &&
                          write(ends[1], there, sizeof there) == (ssize_t)sizeof there;
        lwsec_test_store_close(suite->kind, store);
        _exit(done ? 0 : 1);
    }
    assert_int_equal(exit_code_of(child), 0);
    assert_int_equal(read(ends[0], there, sizeof there), sizeof there);
    assert_status(lwsec_random(suite->store, here, sizeof here), LWSEC_OK);
    assert_memory_not_equal(here, there, sizeof here);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static const suite_test tests[] = {
    SUITE_KDF_TEST(test_a_child_can_neither_seal_nor_draw_nor_derive),
    SUITE_KDF_TEST(test_a_child_can_neither_sign_nor_agree),
    SUITE_ANY_TEST(test_a_child_that_opens_a_store_of_its_own_goes_on),
};

const suite_group suite_fork = {"store-fork", false, tests, COUNT(tests)};
