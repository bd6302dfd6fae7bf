/* SCP03 at the card's end against real cards, and the secured packets of LwM2M. */
#include "tests/support/test.h"
#include "tests/support/vector_file.h"
#include "tests/uicc/card/meet.h"

static struct octets bytes_of(const lwsec_vector *vector, const char *key)
{
    const lwsec_bytes bytes = lwsec_vector_bytes(vector, key);

    return (struct octets){bytes.data, bytes.size};
}

static struct octets numbered(const lwsec_vector *vector, const char *key, int64_t number)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "%s%d", key, (int)number);
    return lwsec_vector_has(vector, name) ? bytes_of(vector, name) : (struct octets){0};
}

static void assert_octets(struct octets got, struct octets expected)
{
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.data, expected.data, expected.size);
}

/* The real card's sequence counter, one before the one in its response. */
static uint32_t sequence_before(struct octets response)
{
    const uint8_t *const at = response.data + response.size - 3;

    return ((uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2]) - 1;
}

/* The whole handshake goes through commands, and every octet is the real card's. */
static void handshake(const lwsec_vector *vector, void *argument)
{
    const struct octets response = bytes_of(vector, "init_update_resp");
    const struct card_setup setup = {
        .aid = bytes_of(vector, "aid"),
        .scp03_enc = bytes_of(vector, "enc"),
        .scp03_mac = bytes_of(vector, "mac"),
        .scp03_version = bytes_of(vector, "version").data[0],
        .scp03_sequence = sequence_before(response),
    };
    uint8_t select_bytes[32], data_bytes[64];
    struct room select = ROOM_OF(select_bytes), data = ROOM_OF(data_bytes);
    struct card *const card = card_open(&setup);

    assert_non_null(card);
    room_put(&select, meet_hex("00a4040c"));
    room_put_number(&select, 1, setup.aid.size);
    room_put(&select, setup.aid);
    assert_int_equal(meet_octets(card, room_octets(&select), NULL), 0x9000);
    assert_int_equal(meet_octets(card, bytes_of(vector, "init_update"), &data), 0x9000);
    assert_octets(room_octets(&data), response);
    assert_int_equal(meet_octets(card, bytes_of(vector, "ext_auth"), NULL), 0x9000);
    card_close(card);
    ++*(size_t *)argument;
}

/* The session itself, by the commands that were wrapped for the real card. */
static void session(const lwsec_vector *vector, void *argument)
{
    const struct octets response = bytes_of(vector, "init_update_resp");
    const struct octets update = bytes_of(vector, "init_update");
    const struct octets authenticate = bytes_of(vector, "ext_auth");
    struct scp03_keys keys = {.size = bytes_of(vector, "enc").size};
    uint8_t bytes[64];
    struct room made = ROOM_OF(bytes);
    struct scp03 scp03 = {0};

    memcpy(keys.enc, bytes_of(vector, "enc").data, keys.size);
    memcpy(keys.mac, bytes_of(vector, "mac").data, keys.size);
    assert_true(scp03_initialize_update(&scp03, &keys, sequence_before(response) + 1,
                                        bytes_of(vector, "aid"),
                                        (struct octets){update.data + 5, 8}, &made));
    assert_true(scp03_external_authenticate(&scp03, authenticate.data,
                                            (struct octets){authenticate.data + 5, 16}));
    for (int64_t i = 1; i <= lwsec_vector_number(vector, "commands"); i++) {
        const struct octets plain = numbered(vector, "plain", i);
        const struct octets wrapped = numbered(vector, "wrapped", i);
        const size_t lc = plain.size > 5 ? plain.data[4] : 0;
        uint8_t opened_bytes[256], secure_bytes[256];
        struct room opened = ROOM_OF(opened_bytes), secure = ROOM_OF(secure_bytes);

        assert_true(scp03_unwrap(&scp03, wrapped.data,
                                 (struct octets){wrapped.data + 5, wrapped.data[4]}, &opened));
        assert_octets(room_octets(&opened), (struct octets){plain.data + 5, lc});
        if (numbered(vector, "secure", i).size > 0) {
            assert_true(scp03_wrap(&scp03, numbered(vector, "answer", i), 0x9000, &secure));
            assert_octets(room_octets(&secure), numbered(vector, "secure", i));
        }
        ++*(size_t *)argument;
    }
}

static void test_handshakes(void **state)
{
    size_t count = 0;

    (void)state;
    assert_int_equal(lwsec_vector_each("scp03_card.txt", handshake, &count), 13);
    assert_int_equal(count, 13);
}

static void test_sessions(void **state)
{
    size_t count = 0;

    (void)state;
    (void)lwsec_vector_each("scp03_card.txt", session, &count);
    assert_int_equal(count, 51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshakes),
        cmocka_unit_test(test_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
