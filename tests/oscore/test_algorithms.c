/* Every AEAD and hash, over each store that has them and between each pair of stores. */
#include "tests/oscore/pair.h"

#include "oscore/cose.h"
#include "tests/support/vector_file.h"

/* Client keys in one store, server keys in another (or the same). */
typedef struct stores {
    const lwsec_test_store *client;
    const lwsec_test_store *server;
    unsigned done;
} stores;

static bool has(const lwsec_test_store *kind, const lwsec_vector *vector)
{
    return lwsec_test_store_has(kind, (int32_t)lwsec_vector_number(vector, "aead")) &&
           lwsec_test_store_has(kind, (int32_t)lwsec_vector_number(vector, "hmac"));
}

static void configure(endpoint *one, lwsec_store *store, const lwsec_vector *vector,
                      const char *sender, const char *recipient, const char *start)
{
    memset(one, 0, sizeof *one);
    assert_status(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory,
                                          STATE_RECORDS, STATE_VALUE_MAX, &one->state),
                  LWSEC_OK);
    one->config = (lwsec_oscore_config){
        .size = sizeof one->config,
        .secret = import_secret(store, lwsec_vector_bytes(vector, "master_secret")),
        .state = one->state,
        .salt = lwsec_vector_bytes(vector, "master_salt"),
        .sender_id = lwsec_vector_bytes(vector, sender),
        .recipient_id = lwsec_vector_bytes(vector, recipient),
        .id_context = lwsec_vector_optional(vector, "id_context"),
        .aead = (int32_t)lwsec_vector_number(vector, "aead"),
        .hmac = (int32_t)lwsec_vector_number(vector, "hmac"),
        .start_ssn = (uint64_t)lwsec_vector_number(vector, start),
        .flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO,
    };
    endpoint_open(one);
    endpoint_trust(one);
}

/* The header and token of a vector's message before its plaintext: the code is in the plaintext. */
static lwsec_bytes plain_of(lwsec_bytes wire, lwsec_bytes plaintext)
{
    static uint8_t plain[256];

    memcpy(plain, wire.data, 6); /* 4 bytes of header, 2 of token */
    plain[1] = plaintext.data[0];
    memcpy(&plain[6], &plaintext.data[1], plaintext.size - 1);
    return lwsec_bytes_of(plain, 5 + plaintext.size);
}

static void assert_nonce(const endpoint *one, uint64_t number, lwsec_bytes expected)
{
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(number);
    const lwsec_oscore_nonce nonce =
        lwsec_oscore_nonce_of(one->context, &one->context->sender_id, &piv);

    assert_bytes(lwsec_oscore_nonce_bytes(&nonce, one->context->aead->nonce_size), expected);
}

static void check_exchange(endpoint *client, endpoint *server, const lwsec_vector *vector)
{
    static packet sent, received, response, numbered, at_client;
    const lwsec_bytes protected_request = lwsec_vector_bytes(vector, "protected_request");
    const lwsec_bytes plain_request =
        plain_of(protected_request, lwsec_vector_bytes(vector, "plaintext_request"));

    assert_nonce(client, client->config.start_ssn, lwsec_vector_bytes(vector, "request_nonce"));
    assert_nonce(server, server->config.start_ssn,
                 lwsec_vector_bytes(vector, "response_own_piv_nonce"));
    assert_status(protect(client, plain_request, &sent), LWSEC_OK);
    assert_bytes(bytes_of(&sent), protected_request);
    assert_status(unprotect(server, protected_request, &received), LWSEC_OK);
    assert_bytes(bytes_of(&received), plain_request);

    const lwsec_bytes expected = lwsec_vector_bytes(vector, "protected_response_no_piv");
    const lwsec_bytes plain_response =
        plain_of(expected, lwsec_vector_bytes(vector, "plaintext_response"));
    assert_status(respond(server, &received, plain_response, &response), LWSEC_OK);
    assert_bytes(bytes_of(&response), expected);
    assert_status(respond_with_number(server, &received, plain_response, &numbered), LWSEC_OK);
    assert_bytes(bytes_of(&numbered), lwsec_vector_bytes(vector, "protected_response_own_piv"));

    const lwsec_oscore_request waiting = sent.request;
    assert_status(receive(client, &sent, bytes_of(&numbered), &at_client), LWSEC_OK);
    assert_bytes(bytes_of(&at_client), plain_response);
    sent.request = waiting;
    assert_status(receive(client, &sent, bytes_of(&response), &at_client), LWSEC_OK);
    assert_bytes(bytes_of(&at_client), plain_response);
    response.data[response.out.size - 1] ^= 1;
    sent.request = waiting;
    assert_status(receive(client, &sent, bytes_of(&response), &at_client), LWSEC_REJECT);
}

static void check_vector(const lwsec_vector *vector, void *argument)
{
    static endpoint client, server;
    stores *over = argument;

    if (!has(over->client, vector) || !has(over->server, vector)) {
        return;
    }
    lwsec_store *client_store = lwsec_test_store_open(over->client, 8);
    lwsec_store *server_store = lwsec_test_store_open(over->server, 8);
    configure(&client, client_store, vector, "client_id", "server_id", "client_ssn");
    configure(&server, server_store, vector, "server_id", "client_id", "server_ssn");
    check_exchange(&client, &server, vector);
    lwsec_oscore_close(&client.context);
    lwsec_oscore_close(&server.context);
    lwsec_state_memory_close(&client.state);
    lwsec_state_memory_close(&server.state);
    lwsec_test_store_close(over->client, client_store);
    lwsec_test_store_close(over->server, server_store);
    over->done++;
}

static void every_vector_holds_over_each_store_and_each_pair_of_stores(void **state)
{
    unsigned done_with_everything = 0;

    (void)state;
    for (size_t c = 0; lwsec_test_store_at(c) != NULL; c++) {
        for (size_t s = 0; lwsec_test_store_at(s) != NULL; s++) {
            stores over = {lwsec_test_store_at(c), lwsec_test_store_at(s), 0};
            const size_t all = lwsec_vector_each("oscore_algorithms.txt", check_vector, &over);
            print_message("%s, %s: %u of %zu\n", over.client->name, over.server->name, over.done,
                          all);
            done_with_everything += over.done == all;
        }
    }
    assert_true(done_with_everything > 0);
    LWSEC_COVERS("R-5.5.3-08");
}

/* Every AEAD with every hash, also where there is no vector: what one end seals, the other opens.
 */
static void exchange_over(const lwsec_test_store *kind, int32_t aead, int32_t hmac)
{
    void *state = NULL;

    pair_choose_store(kind);
    assert_int_equal(pair_set_up(&state), 0);
    pair *both = state;
    static const uint8_t id[] = {9};
    both->client.config.sender_id = both->server.config.recipient_id = lwsec_bytes_of(id, 1);
    both->client.config.aead = both->server.config.aead = aead;
    both->client.config.hmac = both->server.config.hmac = hmac;
    pair_open(both);
    exchange(both);
    assert_int_equal(pair_tear_down(&state), 0);
    pair_choose_store(NULL);
}

static void every_aead_works_with_every_hash(void **state)
{
    const lwsec_algorithm *aead;

    (void)state;
    for (size_t k = 0; lwsec_test_store_at(k) != NULL; k++) {
        const lwsec_test_store *kind = lwsec_test_store_at(k);
        for (size_t i = 0; (aead = lwsec_algorithm_at(i)) != NULL; i++) {
            for (int32_t hmac = LWSEC_ALG_HMAC_256; hmac <= LWSEC_ALG_HMAC_512; hmac++) {
                if (aead->kind == LWSEC_KIND_AEAD && lwsec_test_store_has(kind, aead->id) &&
                    lwsec_test_store_has(kind, hmac)) {
                    exchange_over(kind, aead->id, hmac);
                }
            }
        }
    }
    LWSEC_COVERS("R-5.5.2-03");
}

static void a_store_that_lacks_the_algorithm_makes_no_context(void **state)
{
    unsigned refused = 0;

    (void)state;
    for (size_t k = 0; lwsec_test_store_at(k) != NULL; k++) {
        const lwsec_test_store *kind = lwsec_test_store_at(k);
        void *set_up = NULL;
        lwsec_reason reason;
        if (lwsec_test_store_has(kind, LWSEC_ALG_AES_CCM_16_64_128)) {
            continue;
        }
        pair_choose_store(kind);
        assert_int_equal(pair_set_up(&set_up), 0);
        endpoint *one = &((pair *)set_up)->client;
        assert_status(lwsec_oscore_init(one->memory, sizeof one->memory, &one->config,
                                        &one->context, &reason),
                      LWSEC_UNSUPPORTED);
        assert_int_equal(reason.why, LWSEC_WHY_KEY_STORE);
        assert_null(one->context);
        assert_int_equal(pair_tear_down(&set_up), 0);
        pair_choose_store(NULL);
        refused++;
    }
    if (refused == 0) {
        skip(); /* every store of this build has all */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_holds_over_each_store_and_each_pair_of_stores),
        cmocka_unit_test(every_aead_works_with_every_hash),
        cmocka_unit_test(a_store_that_lacks_the_algorithm_makes_no_context),
    };
    return cmocka_run_group_tests_name("oscore-algorithms", tests, NULL, NULL);
}
