/* SCP03 over recorded handshakes and commands: tests/vectors/scp03.txt, with every store. */
#include "tests/support/test.h"

#include "script.h"
#include "tests/support/stores.h"
#include "tests/support/vector_file.h"
#include "uicc/scp03.h"

#define CIPHERTEXT_MAX 512

/* The session that the last handshake made, and what was seen. */
typedef struct stage {
    lwsec_store *store;
    lwsec_scp03 session;
    lwsec_key enc;
    lwsec_key mac;
    script played;
    script_step steps[2];
    lwsec_apdu card;
    char name[64];
    size_t handshakes;
    size_t commands;
    size_t answers;
    size_t others;
} stage;

static char first_answer[CIPHERTEXT_MAX];

/* The recorded octets and a status word, as text. */
static const char *with_status(const char *octets, const char *sw, char room[CIPHERTEXT_MAX])
{
    assert_true(strlen(octets) + 5 < CIPHERTEXT_MAX);
    (void)snprintf(room, CIPHERTEXT_MAX, "%s%s", octets, sw);
    return room;
}

static void derives(lwsec_key key, uint8_t constant, lwsec_bytes challenges, lwsec_bytes expected)
{
    uint8_t out[32];

    assert_status(lwsec_scp03_derive(key, constant, challenges, out, expected.size), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, expected.size), expected);
}

static void keys_are_derived(stage *on, const lwsec_vector *vector)
{
    uint8_t challenges[16] = {0};
    const lwsec_bytes both = lwsec_bytes_of(challenges, sizeof challenges);
    lwsec_key s_mac = lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC,
                                     lwsec_vector_bytes(vector, "s_mac"));

    memcpy(challenges, &lwsec_vector_bytes(vector, "initialize_update").data[5], 8);
    memcpy(&challenges[8], &lwsec_vector_bytes(vector, "initialize_update_response").data[13], 8);
    derives(on->enc, LWSEC_SCP03_S_ENC, both, lwsec_vector_bytes(vector, "s_enc"));
    derives(on->mac, LWSEC_SCP03_S_MAC, both, lwsec_vector_bytes(vector, "s_mac"));
    derives(on->mac, LWSEC_SCP03_S_RMAC, both, lwsec_vector_bytes(vector, "s_rmac"));
    derives(s_mac, LWSEC_SCP03_CARD_CRYPTOGRAM, both,
            lwsec_vector_bytes(vector, "card_cryptogram"));
    derives(s_mac, LWSEC_SCP03_HOST_CRYPTOGRAM, both,
            lwsec_vector_bytes(vector, "host_cryptogram"));
    assert_status(lwsec_key_destroy(&s_mac), LWSEC_OK);
}

static void end_session(stage *on)
{
    lwsec_scp03_end(&on->session);
    assert_status(lwsec_key_destroy(&on->enc), LWSEC_OK);
    assert_status(lwsec_key_destroy(&on->mac), LWSEC_OK);
}

static void handshake(stage *on, const lwsec_vector *vector)
{
    const lwsec_bytes enc = lwsec_vector_bytes(vector, "enc");
    const lwsec_bytes update = lwsec_vector_bytes(vector, "initialize_update");
    lwsec_scp03_config config = {.size = sizeof config,
                                 .key_size = (uint8_t)enc.size,
                                 .level = lwsec_vector_bytes(vector, "level").data[0],
                                 .version = update.data[2]};

    end_session(on);
    (void)snprintf(on->name, sizeof on->name, "%s", lwsec_vector_text(vector, "name"));
    on->enc = lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, enc);
    on->mac = lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC,
                             lwsec_vector_bytes(vector, "mac"));
    keys_are_derived(on, vector);
    config.enc = on->enc;
    config.mac = on->mac;
    on->steps[0].command = lwsec_vector_text(vector, "initialize_update");
    on->steps[0].answer =
        with_status(lwsec_vector_text(vector, "initialize_update_response"), "9000", first_answer);
    on->steps[1].command = lwsec_vector_text(vector, "external_authenticate");
    on->steps[1].answer = "9000";
    on->played.steps = on->steps;
    on->played.count = 2;
    on->card = script_card(&on->played, false);
    memset(&on->session, 0, sizeof on->session);
    assert_status(lwsec_scp03_handshake(&on->session, &config, &on->card, &update.data[5], NULL),
                  LWSEC_OK);
    script_is_done(&on->played);
    assert_false(lwsec_scp03_ended(&on->session));
    on->handshakes++;
}

/* Without a recorded answer the card refuses: a status word that has no MAC at any level. */
static void command(stage *on, const lwsec_vector *vector)
{
    const bool answered = lwsec_vector_has(vector, "response");
    const lwsec_bytes expected = lwsec_vector_optional(vector, "data");
    char answer[CIPHERTEXT_MAX];
    uint8_t room[LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_apdu_command sent;

    assert_string_equal(on->name, lwsec_vector_text(vector, "name"));
    assert_status(lwsec_apdu_read(lwsec_vector_bytes(vector, "command"), &sent, NULL), LWSEC_OK);
    on->steps[0].command = lwsec_vector_text(vector, "wrapped");
    on->steps[0].answer =
        answered ? with_status(lwsec_vector_text(vector, "response"), "9000", answer) : "6a88";
    on->played.at = 0;
    on->played.count = 1;
    sent.cla = 0x80;
    assert_status(lwsec_apdu_exchange(&on->card, &sent, &out, NULL), LWSEC_OK);
    assert_int_equal(on->card.sw, answered ? 0x9000 : 0x6a88);
    assert_bytes(lwsec_buffer_bytes(&out), expected);
    script_is_done(&on->played);
    on->commands++;
    on->answers += answered ? 1 : 0;
}

/* Static keys out of a master key by diversification data, for a host that makes them so. */
static void diversified_keys(stage *on, const lwsec_vector *vector)
{
    const lwsec_bytes kdd = lwsec_vector_bytes(vector, "kdd");
    const lwsec_bytes expected = lwsec_vector_bytes(vector, "enc");
    uint8_t message[32] = {0x01, 0, 0, 0, 1, 0};
    uint8_t out[32];
    lwsec_key master = lwsec_test_key(on->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC,
                                      lwsec_vector_bytes(vector, "master"));

    memcpy(&message[6], kdd.data, kdd.size);
    for (size_t at = 0; at < expected.size; at += 16) {
        assert_status(lwsec_key_mac(master, lwsec_bytes_of(message, 6 + kdd.size), &out[at], 16),
                      LWSEC_OK);
        message[0]++;
    }
    assert_bytes(lwsec_bytes_of(out, expected.size), expected);
    assert_status(lwsec_key_destroy(&master), LWSEC_OK);
    on->others++;
}

static void check_values(stage *on, const lwsec_vector *vector)
{
    uint8_t ones[16];
    uint8_t out[16];
    lwsec_key key = lwsec_test_key(on->store, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT,
                                   lwsec_vector_bytes(vector, "key"));

    memset(ones, 1, sizeof ones);
    assert_status(lwsec_key_block(key, lwsec_bytes_of(ones, 16), out, sizeof out), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, 3), lwsec_vector_bytes(vector, "value"));
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    on->others++;
}

static void play(const lwsec_vector *vector, void *argument)
{
    const char *kind = lwsec_vector_text(vector, "kind");
    stage *on = argument;

    if (strcmp(kind, "handshake") == 0) {
        handshake(on, vector);
    } else if (strcmp(kind, "command") == 0) {
        command(on, vector);
    } else if (strcmp(kind, "kdf3") == 0) {
        diversified_keys(on, vector);
    } else {
        assert_string_equal(kind, "check_value");
        check_values(on, vector);
    }
}

static void every_vector(void **state)
{
    const lwsec_test_store *kind;
    size_t stores = 0;

    (void)state;
    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        stage on;
        if (!lwsec_test_store_has(kind, LWSEC_ALG_AES_CBC) ||
            !lwsec_test_store_has(kind, LWSEC_ALG_AES_CMAC)) {
            continue;
        }
        memset(&on, 0, sizeof on);
        on.store = lwsec_test_store_open(kind, 6);
        assert_int_equal(lwsec_vector_each("scp03.txt", play, &on), 13 + 51 + 4);
        assert_int_equal(on.handshakes, 13);
        assert_int_equal(on.commands, 51);
        assert_true(on.answers > 0);
        assert_int_equal(on.others, 4);
        end_session(&on);
        lwsec_test_store_close(kind, on.store);
        stores++;
    }
    assert_true(stores > 0);
    LWSEC_COVERS("R-5.4.2.1.2-13");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector),
    };
    return cmocka_run_group_tests_name("uicc-scp03-vectors", tests, NULL, NULL);
}
