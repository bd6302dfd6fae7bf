/* After set-up nothing is allocated, neither for what is accepted nor for what is refused: by the
 * library, nor by the engine below it. Every allocation of the program comes through here. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

#define FORGED 1000000U
#define EXCHANGES 100000U

static size_t allocations;

/* Visible to the engines' libraries as well: LWSEC_API. The C library's own, under the names that
 * it keeps for those who stand in for it. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

LWSEC_API void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

LWSEC_API void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

LWSEC_API void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}

/* An AEAD of the store with room for a million failed opens. */
static int32_t patient_aead(const lwsec_test_store *kind)
{
    return lwsec_test_store_has(kind, LWSEC_ALG_AES_CCM_16_128_128) ? LWSEC_ALG_AES_CCM_16_128_128
                                                                    : LWSEC_ALG_CHACHA20_POLY1305;
}

static void refuse_forged(pair *both)
{
    static packet received;
    const lwsec_bytes forged = forge_blind(7, lwsec_bytes_of(NULL, 0), 0x33);

    /* The engine may make its error queue at the first failure. */
    assert_status(unprotect(&both->server, forged, &received), LWSEC_REJECT);
    allocations = 0;
    for (unsigned i = 1; i < FORGED; i++) {
        lwsec_buffer out = lwsec_buffer_of(received.data, 256);
        assert_status(lwsec_oscore_unprotect_request(both->server.context, forged,
                                                     &received.request, &out, NULL),
                      LWSEC_REJECT);
    }
    assert_int_equal(allocations, 0);
    assert_int_equal(wear_of(&both->server).failed_opens, FORGED);
}

static void accept_genuine(pair *both)
{
    exchange(both);
    allocations = 0;
    for (unsigned i = 0; i < EXCHANGES; i++) {
        exchange(both);
    }
    assert_int_equal(allocations, 0);
    assert_int_equal(wear_of(&both->client).seals, EXCHANGES + 1);
}

static void refuse_replays(pair *both)
{
    static packet sent, received;

    assert_status(protect(&both->client, plain_get(), &sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(&sent), &received), LWSEC_OK);
    allocations = 0;
    for (unsigned i = 0; i < EXCHANGES / 10; i++) {
        assert_status(unprotect(&both->server, bytes_of(&sent), &received), LWSEC_REPLAY);
        assert_status(unprotect(&both->server, plain_get(), &received), LWSEC_REJECT);
    }
    assert_int_equal(allocations, 0);
}

/* Over each store: `use` gets an open pair. */
static void over_each_store(void (*use)(pair *both))
{
    for (size_t i = 0; lwsec_test_store_at(i) != NULL; i++) {
        void *state = NULL;
        if (!lwsec_test_store_has(lwsec_test_store_at(i), LWSEC_ALG_HKDF)) {
            continue; /* it takes keys that are derived, and no secret */
        }
        pair_choose_store(lwsec_test_store_at(i));
        assert_int_equal(pair_set_up(&state), 0);
        pair *both = state;
        both->client.config.aead = both->server.config.aead = patient_aead(pair_store());
        pair_open(both);
        use(both);
        assert_int_equal(pair_tear_down(&state), 0);
    }
    pair_choose_store(NULL);
}

static void a_million_forged_messages_allocate_nothing(void **state)
{
    (void)state;
    over_each_store(refuse_forged);
}

static void a_hundred_thousand_exchanges_allocate_nothing(void **state)
{
    (void)state;
    over_each_store(accept_genuine);
}

static void replays_and_plain_messages_allocate_nothing(void **state)
{
    (void)state;
    over_each_store(refuse_replays);
}

/* OpenSSL allocates when a key is made: the count has to see that, from inside of its library. */
static void the_count_sees_what_an_engine_allocates(void **state)
{
    (void)state;
    for (size_t i = 0; lwsec_test_store_at(i) != NULL; i++) {
        const lwsec_test_store *kind = lwsec_test_store_at(i);
        lwsec_store *store = lwsec_test_store_open(kind, 4);
        allocations = 0;
        (void)lwsec_test_key(store, LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL,
                             lwsec_bytes_of("0123456789abcdef0123456789abcdef", 32));
        assert_true(allocations > 0 || strcmp(kind->name, "memory-openssl") != 0);
        lwsec_test_store_close(kind, store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_forged_messages_allocate_nothing),
        cmocka_unit_test(a_hundred_thousand_exchanges_allocate_nothing),
        cmocka_unit_test(replays_and_plain_messages_allocate_nothing),
        cmocka_unit_test(the_count_sees_what_an_engine_allocates),
    };
    return cmocka_run_group_tests_name("oscore-allocation", tests, NULL, NULL);
}
