/* RFC 8613 Appendix C, every value of it, over one engine. */
#include "tests/oscore/pair.h"

#include "crypto/oscore_kdf.h"
#include "oscore/cose.h"
#include "tests/support/vector_file.h"

#include <lwsec/oscore_debug.h>

/* The value of this key in the record of this name. */
typedef struct wanted {
    const char *name;
    const char *key;
    const char *text; /* found; lives until the program ends */
} wanted;

static char pool[1 << 16];
static size_t pool_used;

static const char *keep(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = &pool[pool_used];

    assert_true(size <= sizeof pool - pool_used);
    memcpy(copy, text, size);
    pool_used += size;
    return copy;
}

static void match(const lwsec_vector *vector, void *argument)
{
    wanted *find = argument;

    if (strcmp(lwsec_vector_text(vector, "name"), find->name) == 0 &&
        lwsec_vector_has(vector, find->key)) {
        find->text = keep(lwsec_vector_text(vector, find->key));
    }
}

/* NULL if the record does not have the key. */
static const char *text_of(const char *file, const char *name, const char *key)
{
    wanted find = {name, key, NULL};

    (void)lwsec_vector_each(file, match, &find);
    return find.text;
}

static lwsec_bytes context_value(const char *name, const char *key)
{
    const char *text = text_of("rfc8613_contexts.txt", name, key);
    return text != NULL ? lwsec_test_hex(text) : lwsec_bytes_of(NULL, 0);
}

static lwsec_bytes message_value(const char *name, const char *key)
{
    const char *text = text_of("rfc8613_messages.txt", name, key);
    assert_non_null(text);
    return lwsec_test_hex(text);
}

#if defined(LWSEC_TEST_PRK)
#include <lwsec/memory_openssl.h>

/* The pseudorandom key alone, as it is put into a token: HMAC of the secret, by the salt (RFC 5869
 * section 2.2). */
static lwsec_key secret_of(lwsec_store *store, const char *name)
{
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(1) / 8];
    static const uint8_t zeros[32];
    const lwsec_bytes salt = context_value(name, "master_salt");
    lwsec_store *here = NULL;
    uint8_t prk[32];

    assert_status(lwsec_memory_openssl_open(memory, sizeof memory, 1, &here), LWSEC_OK);
    const lwsec_key hmac = lwsec_test_key(here, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC,
                                          salt.size > 0 ? salt : lwsec_bytes_of(zeros, 32));
    assert_status(lwsec_key_mac(hmac, context_value(name, "master_secret"), prk, sizeof prk),
                  LWSEC_OK);
    lwsec_memory_openssl_close(&here);
    return lwsec_test_key(store, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, lwsec_bytes_of(prk, 32));
}
#else
static lwsec_key secret_of(lwsec_store *store, const char *name)
{
    return import_secret(store, context_value(name, "master_secret"));
}
#endif

/* The configuration of the context of this name, with its first number. */
static void configure(endpoint *one, const char *name, uint64_t start_ssn)
{
    lwsec_oscore_config *config = &one->config;

    config->secret = secret_of(config->secret.store, name);
    config->salt = context_value(name, "master_salt");
    config->sender_id = context_value(name, "sender_id");
    config->recipient_id = context_value(name, "recipient_id");
    config->id_context = context_value(name, "id_context");
    config->start_ssn = start_ssn;
}

/* ---- C.1 to C.3 ---- */

static void assert_info(const lwsec_oscore_config *config, lwsec_bytes id, const char *type,
                        size_t size, lwsec_bytes expected)
{
    uint8_t info[LWSEC_OSCORE_INFO_MAX];
    const size_t info_size =
        lwsec_oscore_info(id, config->id_context, LWSEC_ALG_AES_CCM_16_64_128, type, size, info);

    assert_bytes(lwsec_bytes_of(info, info_size), expected);
}

static lwsec_bytes nonce_for(const lwsec_oscore *context, const lwsec_oscore_id *id,
                             uint64_t number)
{
    static lwsec_oscore_nonce nonce;
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(number);

    nonce = lwsec_oscore_nonce_of(context, id, &piv);
    return lwsec_oscore_nonce_bytes(&nonce, 13);
}

static void check_context(pair *both, const char *name)
{
    endpoint *one = &both->client;
    lwsec_oscore_material material;

    configure(one, name, 0);
    assert_info(&one->config, one->config.sender_id, "Key", 16,
                context_value(name, "info_sender_key"));
    assert_info(&one->config, one->config.recipient_id, "Key", 16,
                context_value(name, "info_recipient_key"));
    assert_info(&one->config, lwsec_bytes_of(NULL, 0), "IV", 13,
                context_value(name, "info_common_iv"));
    assert_status(lwsec_oscore_debug_derive(both->store, context_value(name, "master_secret"),
                                            &one->config, &material, NULL),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(material.sender_key, material.key_size),
                 context_value(name, "sender_key"));
    assert_bytes(lwsec_bytes_of(material.recipient_key, material.key_size),
                 context_value(name, "recipient_key"));
    assert_bytes(lwsec_bytes_of(material.common_iv, material.iv_size),
                 context_value(name, "common_iv"));
    endpoint_open(one);
    assert_bytes(nonce_for(one->context, &one->context->sender_id, 0),
                 context_value(name, "sender_nonce_piv0"));
    assert_bytes(nonce_for(one->context, &one->context->recipient_id, 0),
                 context_value(name, "recipient_nonce_piv0"));
    lwsec_oscore_close(&one->context);
}

static void derivation_c1_with_master_salt(void **state)
{
    check_context(*state, "C.1.1");
    check_context(*state, "C.1.2");
    LWSEC_COVERS("R-5.5.3-08");
}

static void derivation_c2_without_master_salt(void **state)
{
    check_context(*state, "C.2.1");
    check_context(*state, "C.2.2");
    LWSEC_COVERS("R-5.5.3-08");
}

static void derivation_c3_with_id_context(void **state)
{
    check_context(*state, "C.3.1");
    check_context(*state, "C.3.2");
    LWSEC_COVERS("R-5.5.3-08");
}

/* ---- C.4 to C.8 ---- */

/* The key of the context, not its bytes: it seals the plaintext of the vector to its ciphertext. */
static void assert_sealed(const endpoint *sender, const char *name, lwsec_bytes nonce,
                          const uint8_t *aad, size_t aad_size)
{
    const lwsec_bytes plaintext = message_value(name, "plaintext");
    uint8_t out[64];

    assert_bytes(nonce, message_value(name, "nonce"));
    assert_bytes(lwsec_bytes_of(aad, aad_size), message_value(name, "aad"));
    assert_status(lwsec_key_seal(sender->context->sender, nonce, lwsec_bytes_of(aad, aad_size),
                                 plaintext, out, sizeof out),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, plaintext.size + 8), message_value(name, "ciphertext"));
    /* The external AAD is the third item of the Enc_structure, behind its one-byte head. */
    const lwsec_bytes external = message_value(name, "external_aad");
    assert_bytes(lwsec_bytes_of(&aad[aad_size - external.size], external.size), external);
}

static void assert_option(lwsec_bytes wire, const char *name)
{
    lwsec_coap_message decoded;
    lwsec_coap_option option;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, wire, &decoded, NULL), LWSEC_OK);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_OSCORE, &option));
    assert_bytes(option.value, message_value(name, "oscore_option"));
    assert_bytes(decoded.payload, message_value(name, "ciphertext"));
}

/* Opens client and server and protects the request of this name; the server takes it. */
static void check_request(pair *both, const char *name, packet *sent, packet *received)
{
    const char *client = text_of("rfc8613_messages.txt", name, "context");
    char server[8];
    uint8_t aad[LWSEC_OSCORE_AAD_MAX];
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(20);

    assert_int_equal(strlen(client), 5);
    memcpy(server, client, 6);
    server[4] = '2';
    configure(&both->client, client, 20);
    configure(&both->server, server, 0);
    pair_open(both);
    assert_status(protect(&both->client, message_value(name, "unprotected_coap"), sent), LWSEC_OK);
    assert_bytes(bytes_of(sent), message_value(name, "protected_coap"));
    assert_option(bytes_of(sent), name);
    const size_t aad_size =
        lwsec_oscore_aad(both->client.context, &both->client.context->sender_id, &piv, aad);
    assert_sealed(&both->client, name,
                  nonce_for(both->client.context, &both->client.context->sender_id, 20), aad,
                  aad_size);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_bytes(bytes_of(received), message_value(name, "unprotected_coap"));
}

static void request_c4(void **state)
{
    check_request(*state, "C.4", packet_new(), packet_new());
}

static void request_c5_with_one_byte_kid(void **state)
{
    check_request(*state, "C.5", packet_new(), packet_new());
}

static void request_c6_with_kid_context(void **state)
{
    check_request(*state, "C.6", packet_new(), packet_new());
}

static void check_response(pair *both, const char *name, bool own_piv)
{
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *response = packet_new();
    packet *at_client = packet_new();
    uint8_t aad[LWSEC_OSCORE_AAD_MAX];
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(20);
    const lwsec_bytes plain = message_value(name, "unprotected_coap");

    check_request(both, "C.4", sent, received);
    assert_status(own_piv ? respond_with_number(&both->server, received, plain, response)
                          : respond(&both->server, received, plain, response),
                  LWSEC_OK);
    assert_bytes(bytes_of(response), message_value(name, "protected_coap"));
    assert_option(bytes_of(response), name);
    const lwsec_oscore *server = both->server.context;
    const size_t aad_size = lwsec_oscore_aad(server, &server->recipient_id, &piv, aad);
    assert_sealed(&both->server, name,
                  own_piv ? nonce_for(server, &server->sender_id, 0)
                          : nonce_for(server, &server->recipient_id, 20),
                  aad, aad_size);
    assert_status(receive(&both->client, sent, bytes_of(response), at_client), LWSEC_OK);
    assert_bytes(bytes_of(at_client), plain);
}

static void response_c7(void **state)
{
    check_response(*state, "C.7", false);
}

static void response_c8_with_partial_iv(void **state)
{
    check_response(*state, "C.8", true);
}

/* For those who look at a recorded exchange: the request is recalled out of its bytes. */
static void a_recalled_request_opens_its_response(void **state)
{
    pair *both = *state;
    packet *request = packet_new();
    packet *received = packet_new();

    configure(&both->client, "C.1.1", 0);
    endpoint_open(&both->client);
    assert_status(lwsec_oscore_debug_recall(both->client.context,
                                            message_value("C.4", "protected_coap"),
                                            &request->request, NULL),
                  LWSEC_OK);
    assert_status(receive(&both->client, request, message_value("C.7", "protected_coap"), received),
                  LWSEC_OK);
    assert_bytes(bytes_of(received), message_value("C.7", "unprotected_coap"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(derivation_c1_with_master_salt),
        pair_test(derivation_c2_without_master_salt),
        pair_test(derivation_c3_with_id_context),
        pair_test(request_c4),
        pair_test(request_c5_with_one_byte_kid),
        pair_test(request_c6_with_kid_context),
        pair_test(response_c7),
        pair_test(response_c8_with_partial_iv),
        pair_test(a_recalled_request_opens_its_response),
    };

    for (size_t i = 0; lwsec_test_store_at(i) != NULL; i++) {
        if (strcmp(lwsec_test_store_at(i)->name, LWSEC_TEST_STORE) == 0) {
            pair_choose_store(lwsec_test_store_at(i));
            return cmocka_run_group_tests_name("rfc8613 over " LWSEC_TEST_STORE, tests, NULL, NULL);
        }
    }
    print_error("this build has no store " LWSEC_TEST_STORE "\n");
    return 1;
}
