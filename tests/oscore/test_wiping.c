/* After a refusal the output holds no byte of the plaintext, nor anything else that was decrypted.
 */
#include "tests/oscore/pair.h"

#include "tests/oscore/faulty_state.h"
#include "tests/oscore/forge.h"

#define PATTERN "TOP-SECRET-PAYLOAD-THAT-NOBODY-MAY-SEE"

/* No four bytes in a row of the secret anywhere in the output. */
static void assert_no_trace(const packet *one)
{
    const char *secret = PATTERN;

    assert_int_equal(one->out.size, 0);
    for (size_t at = 0; at + 4 <= one->out.capacity; at++) {
        for (size_t i = 0; i + 4 < sizeof PATTERN; i++) {
            assert_int_not_equal(memcmp(&one->data[at], &secret[i], 4), 0);
        }
    }
}

/* Code, options and the secret as payload, in the plaintext of a message. */
static lwsec_bytes inner(const char *head)
{
    static uint8_t room[256];
    const lwsec_bytes start = lwsec_test_hex(head);

    memcpy(room, start.data, start.size);
    memcpy(&room[start.size], PATTERN, sizeof PATTERN - 1);
    return lwsec_bytes_of(room, start.size + sizeof PATTERN - 1);
}

static void assert_request_leaves_nothing(pair *both, lwsec_bytes wire, lwsec_status expected)
{
    packet *received = packet_new();

    assert_status(unprotect(&both->server, wire, received), expected);
    assert_no_trace(received);
}

static lwsec_bytes secret_request(void)
{
    return udp_message(LWSEC_COAP_POST, NULL, 0, PATTERN);
}

static void a_request_that_fails_to_verify_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, secret_request(), sent), LWSEC_OK);
    sent->data[sent->out.size - 1] ^= 1; /* the keystream is right, the tag is not */
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_REJECT);
}

static void a_replayed_request_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, secret_request(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_REPLAY);
}

static void a_challenged_request_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    both->server.config.flags = LWSEC_KEY_FRESH;
    pair_open(both);
    assert_status(protect(&both->client, secret_request(), sent), LWSEC_OK);
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_CHALLENGE);
}

static void a_request_that_another_context_was_first_to_take_leaves_nothing(void **state)
{
    static endpoint twin;
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    exchange(both);
    endpoint_twin(&twin, &both->server);
    assert_status(protect(&both->client, secret_request(), sent), LWSEC_OK);
    assert_status(unprotect(&twin, bytes_of(sent), received), LWSEC_OK);
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_REPLAY);
    lwsec_oscore_close(&twin.context);
}

static void a_request_that_cannot_be_noted_leaves_nothing(void **state)
{
    static faulty_state faulty;
    pair *both = *state;
    packet *sent = packet_new();

    faulty_state_open(&faulty, both->server.state);
    both->server.config.state = &faulty.head;
    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, secret_request(), sent), LWSEC_OK);
    faulty_state_fail(&faulty, 1, LWSEC_STATE);
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_STATE);
    faulty_state_fail(&faulty, 1, LWSEC_PENDING);
    assert_request_leaves_nothing(both, bytes_of(sent), LWSEC_PENDING);
}

static void an_authentic_request_that_is_malformed_leaves_nothing(void **state)
{
    static const char *const heads[] = {
        "45ff", "00ff", "e1ff", "01920914ff", "01f0ff", "010fff", "01e0ffffe0ffffff"};
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        assert_status(unprotect(&both->server,
                                forge_request(&both->client, 10 + i, inner(heads[i]), NULL),
                                received),
                      LWSEC_REJECT);
        assert_no_trace(received);
    }
}

/* With an option to be merged the text stands elsewhere. */
static void an_authentic_request_with_options_outside_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    assert_status(unprotect(&both->server,
                            forge_request(&both->client, 5, inner("45ff"), "3168620905"), received),
                  LWSEC_REJECT);
    assert_no_trace(received);
}

static void a_refused_response_leaves_nothing(void **state)
{
    static const char *const heads[] = {"01ff", "00ff", "4560ff", "45920914ff", "45f0ff"};
    const uint64_t number = 3;
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        assert_status(
            receive(&both->client, sent,
                    forge_response(&both->server, 0, i % 2 == 0 ? &number : NULL, inner(heads[i])),
                    received),
            LWSEC_REJECT);
        assert_no_trace(received);
    }
    assert_status(receive(&both->client, sent,
                          forge_response(&both->server, 1, NULL, inner("45ff")), received),
                  LWSEC_REJECT);
    assert_no_trace(received);
}

static void a_plain_message_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_request_leaves_nothing(both, secret_request(), LWSEC_REJECT);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(
        receive(&both->client, sent, udp_message(LWSEC_COAP_CONTENT, NULL, 0, PATTERN), received),
        LWSEC_REJECT);
    assert_no_trace(received);
}

static void a_message_that_is_not_protected_leaves_nothing(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    assert_status(lwsec_key_raise_uses(both->client.context->sender, 1U << 20, 0), LWSEC_OK);
    assert_status(protect(&both->client, secret_request(), out), LWSEC_LIMIT);
    assert_no_trace(out);
    both->server.config.flags = 0;
    lwsec_oscore_close(&both->server.context);
    lwsec_state_memory_close(&both->server.state);
    assert_status(lwsec_state_memory_open(both->server.state_memory,
                                          sizeof both->server.state_memory, STATE_RECORDS,
                                          STATE_VALUE_MAX, &both->server.state),
                  LWSEC_OK);
    endpoint_open(&both->server);
    assert_status(protect(&both->server, secret_request(), out), LWSEC_NEED_REKEY);
    assert_no_trace(out);
}

/* What was decrypted and is longer than what is delivered does not stay behind it. */
static void nothing_stays_behind_a_delivered_message(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    const lwsec_coap_option host = text_option(LWSEC_COAP_URI_HOST, "localhost");

    pair_open(both);
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_POST, &host, 1, PATTERN), sent),
                  LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_bytes(bytes_of(received), udp_message(LWSEC_COAP_POST, &host, 1, PATTERN));
    const char *secret = PATTERN;
    for (size_t at = received->out.size; at + 4 <= received->out.capacity; at++) {
        for (size_t i = 0; i + 4 < sizeof PATTERN; i++) {
            assert_int_not_equal(memcmp(&received->data[at], &secret[i], 4), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_request_that_fails_to_verify_leaves_nothing),
        pair_test(a_replayed_request_leaves_nothing),
        pair_test(a_challenged_request_leaves_nothing),
        pair_test(a_request_that_another_context_was_first_to_take_leaves_nothing),
        pair_test(a_request_that_cannot_be_noted_leaves_nothing),
        pair_test(an_authentic_request_that_is_malformed_leaves_nothing),
        pair_test(an_authentic_request_with_options_outside_leaves_nothing),
        pair_test(a_refused_response_leaves_nothing),
        pair_test(a_plain_message_leaves_nothing),
        pair_test(a_message_that_is_not_protected_leaves_nothing),
        pair_test(nothing_stays_behind_a_delivered_message),
    };
    return cmocka_run_group_tests_name("oscore-wiping", tests, NULL, NULL);
}
