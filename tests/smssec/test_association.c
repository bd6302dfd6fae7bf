/* What an association delivers, and above all what it does not. */
#include "tests/smssec/ends.h"

#include <sys/wait.h>
#include <unistd.h>

static const lwsec_bytes nothing;

/* ---- Delivery ---- */

static void test_messages_go_both_ways(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    for (uint64_t i = 1; i <= 40; i++) {
        assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
        assert_true(sent.counter == i);
        assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
        assert_bytes(packet_of(&got), coap_message());
        assert_true(got.counter == i);
        assert_status(end_seal(&both->server, lwsec_test_hex("5444303aaabbccdd"), &sent), LWSEC_OK);
        assert_status(end_receive(&both->client, packet_of(&sent), &got, NULL), LWSEC_OK);
        assert_bytes(packet_of(&got), lwsec_test_hex("5444303aaabbccdd"));
    }
    LWSEC_COVERS("R-5.4-02");
    LWSEC_COVERS("R-5.4.2-01");
    LWSEC_COVERS("R-5.4.2.1.3-01");
    LWSEC_COVERS("R-5.4.2.1.3-02");
    LWSEC_COVERS("R-5.4.2.1.3-13");
}

static void test_messages_of_every_size_are_delivered(void **state)
{
    ends *both = *state;
    static uint8_t text[600];
    packet_result sent;
    packet_result got;

    ends_open(both);
    for (size_t size = 0; size <= sizeof text; size++) {
        const lwsec_bytes coap = lwsec_bytes_of(text, size);
        text[size / 2] = (uint8_t)size;
        assert_status(end_seal(&both->client, coap, &sent), LWSEC_OK);
        assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
        assert_bytes(packet_of(&got), coap);
    }
}

/* Triple DES with three keys, and one algorithm for each purpose, in every store. */
static void check_other_keys(lwsec_store *store)
{
    static const char tdes_a[] = "0123456789abcdef23456789abcdef01456789abcdef0123";
    static const char tdes_b[] = "fedcba98765432100123456789abcdef89abcdef01234567";
    static const char aes[] = "000102030405060708090a0b0c0d0e0f";
    static const struct {
        uint8_t kic, kid;
        const char *kic_key, *kid_key;
    } kinds[] = {
        {0x19, 0x19, tdes_a, tdes_b}, {0x12, 0x19, aes, tdes_b}, {0x19, 0x12, tdes_a, aes}};
    static ends both;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        packet_result sent;
        packet_result got;
        lwsec_sms_received received;
        ends_begin(&both, store);
        end *const each[2] = {&both.client, &both.server};
        for (size_t j = 0; j < 2; j++) {
            each[j]->config.parameters.kic = kinds[i].kic;
            each[j]->config.parameters.kid = kinds[i].kid;
            each[j]->config.kic_key =
                packet_kic_key(store, kinds[i].kic, lwsec_test_hex(kinds[i].kic_key));
            each[j]->config.kid_key =
                packet_kid_key(store, kinds[i].kid, lwsec_test_hex(kinds[i].kid_key));
        }
        both.server.config.flags |= LWSEC_SMS_SEND_POR;
        ends_open(&both);
        assert_status(end_seal(&both.client, coap_message(), &sent), LWSEC_OK);
        assert_status(end_receive(&both.server, packet_of(&sent), &got, &received), LWSEC_OK);
        assert_bytes(packet_of(&got), coap_message());
        (void)end_receive(&both.client, packet_of(&sent), &got, NULL);
        packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
        assert_status(end_answer(&both.server, &received, 0, nothing, &got), LWSEC_OK);
        ends_end(&both);
    }
}

static void test_triple_des(void **state)
{
    (void)state;
    packet_each_store(check_other_keys);
    LWSEC_COVERS("R-5.4.2.1.3-05");
    LWSEC_COVERS("R-5.4.2.1.3-08");
}

/* ---- Counters ---- */

static void test_a_packet_is_delivered_once(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
    end_reboot(&both->server);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
    LWSEC_COVERS("R-5.4.2.1.3-10");
}

static void test_an_overtaken_packet_is_refused(void **state)
{
    ends *both = *state;
    packet_result first;
    packet_result second;
    packet_result got;

    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &first), LWSEC_OK);
    assert_status(end_seal(&both->client, coap_message(), &second), LWSEC_OK);
    assert_status(end_receive(&both->server, packet_of(&second), &got, NULL), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&first), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
}

static void test_a_counter_of_zero_is_refused(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    end_forge(&both->client, 0, "0500", &sent);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
}

static void test_the_last_counter_is_taken_once_and_blocks(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->client.config.send_from = LWSEC_SMS_COUNTER_MAX;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_true(sent.counter == LWSEC_SMS_COUNTER_MAX);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END);
    (void)end_seal(&both->client, coap_message(), &sent);
    packet_refused(&sent, LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END);
    assert_true(end_wear(&both->client).sends_left == 0);
    assert_true(end_wear(&both->server).receives_left == 0);
    /* The same keys, provisioned again as if they were fresh, are no way out. */
    both->server.config.flags = LWSEC_KEY_FRESH;
    lwsec_sms_close(&both->server.association);
    end_open(&both->server);
    end_forge(&both->client, 5, "0500", &sent);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END);
}

static void test_a_counter_may_jump_as_far_as_is_allowed(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->server.config.jump_max = 100;
    ends_open(both);
    end_forge(&both->client, 101, "0500", &sent);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_JUMP);
    end_forge(&both->client, 100, "0500", &sent);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    end_forge(&both->client, 201, "0500", &sent);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_JUMP);
}

static void test_a_counter_is_never_sent_twice(void **state)
{
    ends *both = *state;
    packet_result sent;
    uint64_t last = 0;

    ends_open(both);
    for (int life = 0; life < 5; life++) {
        for (int i = 0; i < 3; i++) {
            assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
            assert_true(sent.counter > last);
            last = sent.counter;
        }
        lwsec_sms_close(&both->client.association);
        end_open(&both->client); /* said to be fresh again: the record wins */
    }
    assert_true(end_wear(&both->client).last_sent == last);
}

/* Two associations of the same keys, as in two processes, over one state. */
static void test_two_associations_share_counters(void **state)
{
    ends *both = *state;
    packet_result sent[6];
    packet_result got;

    both->server.config.state = both->client.config.state;
    ends_open(both);
    for (size_t i = 0; i < 6; i++) {
        end *one = i % 2 == 0 ? &both->client : &both->server;
        assert_status(end_seal(one, coap_message(), &sent[i]), LWSEC_OK);
        for (size_t j = 0; j < i; j++) {
            assert_true(sent[i].counter != sent[j].counter);
        }
    }
    end_forge(&both->client, 50, "0500", &sent[0]);
    assert_status(end_receive(&both->client, packet_of(&sent[0]), &got, NULL), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent[0]), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
}

/* What one of them has sent comes back to the other one. */
static void test_packets_of_another_association_are_our_own(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;
    packet_result por;
    lwsec_sms_received received;

    both->server.config.state = both->client.config.state;
    both->client.config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
    end_forge(&both->client, 50, "0500", &sent);
    assert_status(end_receive(&both->client, packet_of(&sent), &got, &received), LWSEC_OK);
    assert_status(end_answer(&both->client, &received, 0, nothing, &por), LWSEC_OK);
    (void)end_answered(&both->server, packet_of(&por), 50, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
}

/* How far a counter is ahead is counted from the last one that any of them has received. */
static void test_a_jump_is_measured_from_what_others_received(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->server.config.state = both->client.config.state;
    both->server.config.jump_max = 100;
    ends_open(both);
    end_forge(&both->client, 90, "0500", &sent);
    assert_status(end_receive(&both->client, packet_of(&sent), &got, NULL), LWSEC_OK);
    end_forge(&both->client, 191, "0500", &sent);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_JUMP);
    end_forge(&both->client, 190, "0500", &sent);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    end_forge(&both->client, 195, "0500", &sent);
    assert_status(end_receive(&both->client, packet_of(&sent), &got, NULL), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
}

/* ---- State ---- */

static void test_keys_without_a_record_must_be_fresh(void **state)
{
    ends *both = *state;
    lwsec_reason reason;

    both->client.config.flags = 0;
    assert_status(end_try(&both->client, &reason), LWSEC_NEED_REKEY);
    assert_int_equal(reason.why, LWSEC_WHY_SMS_NO_RECORD);
    assert_null(both->client.association);
}

static void test_records_are_those_of_the_keys_and_the_tar(void **state)
{
    ends *both = *state;
    lwsec_reason reason;
    lwsec_key other;

    end_open(&both->client);
    end_reboot(&both->client);
    /* Other keys do not find them. */
    other = packet_kid_key(both->store, 2, lwsec_test_hex("202122232425262728292a2b2c2d2e2f"));
    lwsec_sms_close(&both->client.association);
    both->client.config.kid_key = other;
    assert_status(end_try(&both->client, &reason), LWSEC_NEED_REKEY);
    both->client.config.kid_key = both->server.config.kid_key;
    other = packet_kic_key(both->store, 2, lwsec_test_hex("202122232425262728292a2b2c2d2e2f"));
    both->client.config.kic_key = other;
    assert_status(end_try(&both->client, &reason), LWSEC_NEED_REKEY);
    /* The same keys in other handles do. */
    both->client.config.kic_key = both->server.config.kic_key;
    assert_status(end_try(&both->client, &reason), LWSEC_OK);
}

static void test_nothing_is_delivered_that_could_not_be_stored(void **state)
{
    static const lwsec_status faults[] = {LWSEC_STATE, LWSEC_PENDING, LWSEC_FORKED};
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    for (size_t i = 0; i < 3; i++) {
        faulty_state *faulty = &both->server.faulty;
        assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
        /* Each of the two calls: for what was sent, and to store what was received. */
        for (unsigned call = 1; call <= 2; call++) {
            const unsigned before = faulty->calls;
            faulty_state_fail(faulty, 1, faults[i]);
            faulty->fail_from = before + call;
            (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
            packet_refused(&got, faults[i], LWSEC_WHY_STATE_IO);
            assert_int_equal(faulty->calls - before, call);
        }
        assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    }
}

/* Somebody removed what stood against reflection and replay: nothing is delivered without it. */
static void test_nothing_is_delivered_without_the_records(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    faulty_state_fail(&both->server.faulty, 1, LWSEC_ABSENT);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_STATE, LWSEC_WHY_STATE_IO);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
}

static void test_nothing_is_sent_that_could_not_be_stored(void **state)
{
    static const lwsec_status faults[] = {LWSEC_STATE, LWSEC_PENDING, LWSEC_FORKED};
    ends *both = *state;
    packet_result sent;
    lwsec_sms_received received;
    packet_result got;

    both->server.config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    for (size_t i = 0; i < 3; i++) {
        faulty_state_fail(&both->client.faulty, 1, faults[i]);
        (void)end_seal(&both->client, coap_message(), &sent);
        packet_refused(&sent, faults[i], LWSEC_WHY_STATE_IO);
        assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
        assert_status(end_receive(&both->server, packet_of(&sent), &got, &received), LWSEC_OK);
        faulty_state_fail(&both->server.faulty, 1, faults[i]);
        (void)end_answer(&both->server, &received, 0, nothing, &got);
        packet_refused(&got, faults[i], LWSEC_WHY_STATE_IO);
    }
}

static void test_a_state_that_always_conflicts_sends_nothing(void **state)
{
    ends *both = *state;
    packet_result sent;

    ends_open(both);
    faulty_state_fail(&both->client.faulty, 1000, LWSEC_CONFLICT);
    (void)end_seal(&both->client, coap_message(), &sent);
    assert_int_not_equal(sent.status, LWSEC_OK);
}

static void test_init_fails_with_its_state(void **state)
{
    ends *both = *state;

    for (unsigned call = 0; call < 4; call++) {
        faulty_state_fail(&both->client.faulty, 1, LWSEC_STATE);
        both->client.faulty.fail_from += call;
        assert_status(end_try(&both->client, NULL), LWSEC_STATE);
        assert_null(both->client.association);
        /* Nothing of the attempt may be taken for a record of both. */
        both->client.config.flags = 0;
        both->client.faulty.fail_from = 0;
        assert_int_not_equal(end_try(&both->client, NULL), LWSEC_OK);
        both->client.config.flags = LWSEC_KEY_FRESH;
        /* Begin anew. */
        lwsec_state_memory_close(&both->client.state);
        assert_status(lwsec_state_memory_open(both->client.state_memory,
                                              sizeof both->client.state_memory, END_RECORDS,
                                              END_VALUE, &both->client.state),
                      LWSEC_OK);
        faulty_state_open(&both->client.faulty, both->client.state);
    }
}

/* The counters of a child would be those of its parent. */
static void test_a_child_uses_nothing_of_its_parent(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;
    lwsec_sms_received received;
    int exited = -1;

    both->server.config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, &received), LWSEC_OK);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        packet_result other;
        const bool refused =
            end_seal(&both->client, coap_message(), &other) == LWSEC_FORKED &&
            end_receive(&both->server, packet_of(&sent), &other, NULL) == LWSEC_FORKED &&
            end_answer(&both->server, &received, 0, nothing, &other) == LWSEC_FORKED &&
            end_answered(&both->client, packet_of(&sent), 1, &other) == LWSEC_FORKED;
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &exited, 0), child);
    assert_true(WIFEXITED(exited) && WEXITSTATUS(exited) == 0);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
}

/* ---- Reflection ---- */

static void test_own_packets_are_refused(void **state)
{
    ends *both = *state;
    packet_result sent[LWSEC_SMS_REMEMBERED];
    packet_result got;

    ends_open(both);
    for (size_t i = 0; i < LWSEC_SMS_REMEMBERED; i++) {
        assert_status(end_seal(&both->client, coap_message(), &sent[i]), LWSEC_OK);
    }
    for (int life = 0; life < 2; life++) {
        for (size_t i = 0; i < LWSEC_SMS_REMEMBERED; i++) {
            (void)end_receive(&both->client, packet_of(&sent[i]), &got, NULL);
            packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
        }
        end_reboot(&both->client);
    }
    /* One more takes the place of the oldest, and of no other. */
    assert_status(end_seal(&both->client, coap_message(), &sent[0]), LWSEC_OK);
    for (size_t i = 0; i < LWSEC_SMS_REMEMBERED; i++) {
        (void)end_receive(&both->client, packet_of(&sent[i]), &got, NULL);
        packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
    }
}

static void test_halves_refuse_own_packets_of_any_age(void **state)
{
    ends *both = *state;
    packet_result first;
    packet_result answer;
    packet_result got;

    both->client.config.flags |= LWSEC_SMS_SEND_UPPER;
    both->server.config.flags |= LWSEC_SMS_SEND_LOWER;
    ends_open(both);
    for (int i = 0; i < 40; i++) {
        assert_status(end_seal(&both->client, coap_message(), i == 0 ? &first : &got), LWSEC_OK);
        assert_status(end_seal(&both->server, coap_message(), i == 0 ? &answer : &got), LWSEC_OK);
    }
    assert_true(first.counter == LWSEC_SMS_COUNTER_UPPER);
    (void)end_receive(&both->client, packet_of(&first), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
    (void)end_receive(&both->server, packet_of(&answer), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
    assert_status(end_receive(&both->server, packet_of(&first), &got, NULL), LWSEC_OK);
    assert_status(end_receive(&both->client, packet_of(&answer), &got, NULL), LWSEC_OK);
}

static void test_the_lower_half_ends(void **state)
{
    ends *both = *state;
    packet_result sent;

    both->client.config.flags |= LWSEC_SMS_SEND_LOWER;
    both->client.config.send_from = LWSEC_SMS_COUNTER_UPPER - 1;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    (void)end_seal(&both->client, coap_message(), &sent);
    packet_refused(&sent, LWSEC_NEED_REKEY, LWSEC_WHY_SMS_COUNTER_END);
    assert_true(end_wear(&both->client).sends_left == 0);
}

/* Of the counters above the last one, those of its own half are not for the peer. */
static void test_the_lower_half_ends_for_what_is_received(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->server.config.flags |= LWSEC_SMS_SEND_UPPER;
    ends_open(both);
    assert_true(end_wear(&both->server).receives_left == LWSEC_SMS_COUNTER_UPPER - 1);
    assert_true(end_wear(&both->client).receives_left == LWSEC_SMS_COUNTER_MAX);
    end_forge(&both->client, LWSEC_SMS_COUNTER_UPPER - 1, "0500", &sent);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    assert_true(end_wear(&both->server).receives_left == 0);
}

/* ---- Secured Data ---- */

static void test_secured_data_are_one_tlv(void **state)
{
    static const char *const wrong[] = {
        "",            /* nothing */
        "05",          /* no length */
        "0600",        /* another tag */
        "0501",        /* no value */
        "0502aa",      /* too short a value */
        "0501aabb",    /* something behind it */
        "0501aa00",    /* zeros behind it are not padding */
        "0580",        /* indefinite */
        "0583000001aa" /* three octets of length */
    };
    static const char *const long_lengths[] = {"058101aa", "05820001aa"};
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        end_forge(&both->client, i + 1, wrong[i], &sent);
        (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
        packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_DATA);
    }
    for (size_t i = 0; i < 2; i++) {
        end_forge(&both->client, i + 1, long_lengths[i], &sent);
        (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
        packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_DATA);
    }
    both->server.config.flags |= LWSEC_SMS_LENIENT_LENGTH;
    end_reboot(&both->server);
    for (size_t i = 0; i < 2; i++) {
        end_forge(&both->client, i + 1, long_lengths[i], &sent);
        assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
        assert_bytes(packet_of(&got), lwsec_test_hex("aa"));
    }
    LWSEC_COVERS("R-5.4.2.1.3-13");
}

static void test_the_tag_is_agreed(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->client.config.tag = 0x45;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_DATA);
    both->server.config.tag = 0x45;
    end_reboot(&both->server);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
}

/* ---- Forgeries ---- */

static void test_each_bit_of_a_packet_counts(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;
    uint8_t forged[128];

    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    for (size_t bit = 0; bit < 8 * sent.out.size; bit++) {
        const bool reserved = bit / 8 == 3 ? (1U << bit % 8 & ~0x1fU) != 0
                                           : bit / 8 == 4 && (1U << bit % 8 & ~0x3fU) != 0;
        memcpy(forged, sent.out.data, sent.out.size);
        forged[bit / 8] ^= (uint8_t)(1U << bit % 8);
        (void)end_receive(&both->server, lwsec_bytes_of(forged, sent.out.size), &got, NULL);
        assert_int_equal(got.status, LWSEC_REJECT);
        if (bit / 8 == 3 || bit / 8 == 4) {
            /* Reserved bits have no meaning, and are under the checksum all the same. */
            assert_int_equal(got.reason.why,
                             reserved ? LWSEC_WHY_SMS_CHECK : LWSEC_WHY_SMS_PARAMETERS);
        }
    }
    assert_true(end_wear(&both->server).refused > 8 * (sent.out.size - 10));
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
    LWSEC_COVERS("R-5.4.2-05");
    LWSEC_COVERS("R-5.4.2.1.3-04");
    LWSEC_COVERS("R-5.4.2.1.3-12");
}

static void test_other_keys_open_nothing(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->client.config.kid_key =
        packet_kid_key(both->store, 2, lwsec_test_hex("202122232425262728292a2b2c2d2e2f"));
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
}

/* ---- Proof of Receipt ---- */

static void test_a_command_gets_its_proof_once(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;
    packet_result por;
    lwsec_sms_received received;

    both->server.config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, &received), LWSEC_OK);
    assert_status(end_answer(&both->server, &received, LWSEC_SMS_POR_NO_MEMORY, nothing, &por),
                  LWSEC_OK);
    assert_status(end_answered(&both->client, packet_of(&por), sent.counter, &got), LWSEC_OK);
    assert_true(got.response.authenticated && got.response.counter == sent.counter);
    assert_int_equal(got.response.status, LWSEC_SMS_POR_NO_MEMORY);
    (void)end_answer(&both->server, &received, 0, nothing, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_POR);
    (void)end_answered(&both->client, packet_of(&por), sent.counter + 1, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_COUNTER);
    (void)end_answered(&both->server, packet_of(&por), sent.counter, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_REFLECTED);
}

/* Other keys in the memory that the association had: no proof of theirs for what it received. */
static void test_a_proof_is_of_the_keys_that_opened_the_command(void **state)
{
    ends *both = *state;
    end *server = &both->server;
    packet_result sent;
    packet_result got;
    lwsec_sms_received received;

    server->config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_status(end_receive(server, packet_of(&sent), &got, &received), LWSEC_OK);
    lwsec_sms_close(&server->association);
    server->config.kid_key =
        packet_kid_key(both->store, 2, lwsec_test_hex("202122232425262728292a2b2c2d2e2f"));
    end_open(server);
    (void)end_answer(server, &received, 0, nothing, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_POR);
}

/* R-5.4.2-06: no error that is secured with the right keys. */
static void test_a_packet_that_was_refused_gets_no_proof(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;
    lwsec_sms_received received;

    both->server.config.flags |= LWSEC_SMS_SEND_POR;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    sent.room[sent.out.size - 1] ^= 1;
    (void)end_receive(&both->server, packet_of(&sent), &got, &received);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
    (void)end_answer(&both->server, &received, LWSEC_SMS_POR_CHECK_FAILED, nothing, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_POR);
    sent.room[sent.out.size - 1] ^= 1;
    assert_status(end_receive(&both->server, packet_of(&sent), &got, &received), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, &received);
    packet_refused(&got, LWSEC_REPLAY, LWSEC_WHY_SMS_COUNTER);
    (void)end_answer(&both->server, &received, LWSEC_SMS_POR_COUNTER_LOW, nothing, &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_POR);
    LWSEC_COVERS("R-5.4.2-06");
}

static void test_proof_is_a_matter_of_policy(void **state)
{
    static const struct {
        uint8_t spi2;
        uint32_t flags;
        uint8_t status;
        lwsec_status answer;
    } cases[] = {
        {0x39, 0, 0, LWSEC_REJECT},
        {0x38, LWSEC_SMS_SEND_POR, 0, LWSEC_REJECT},
        {0x3a, LWSEC_SMS_SEND_POR, 0, LWSEC_REJECT},
        {0x3a, LWSEC_SMS_SEND_POR, 7, LWSEC_OK},
        {0x39, LWSEC_SMS_SEND_POR, 0, LWSEC_OK},
    };
    ends *both = *state;
    packet_result sent;
    packet_result got;
    lwsec_sms_received received;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        both->client.config.parameters.spi2 = cases[i].spi2;
        both->server.config.parameters.spi2 = cases[i].spi2;
        both->server.config.flags = LWSEC_KEY_FRESH | cases[i].flags;
        ends_open(both);
        assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
        assert_status(end_receive(&both->server, packet_of(&sent), &got, &received), LWSEC_OK);
        assert_status(end_answer(&both->server, &received, cases[i].status, nothing, &got),
                      cases[i].answer);
    }
    LWSEC_COVERS("R-5.4.2.1.3-11");
}

static void test_an_unsecured_proof_is_a_hint(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    assert_status(end_answered(&both->client, lwsec_test_hex("000b0ab2020300000000000006"),
                               sent.counter, &got),
                  LWSEC_OK);
    assert_false(got.response.authenticated);
    assert_int_equal(got.response.status, LWSEC_SMS_POR_UNIDENTIFIED);
    both->client.config.parameters.spi2 = 0;
    end_reboot(&both->client);
    (void)end_answered(&both->client, lwsec_test_hex("000b0ab2020300000000000006"), sent.counter,
                       &got);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_POR);
}

/* ---- Configuration ---- */

static void test_parameters_must_be_those_of_lwm2m(void **state)
{
    static const struct {
        uint8_t kic, kid, spi1, spi2, tar;
    } wrong[] = {
        {0x12, 0x12, 0x15, 0, 0x03}, /* redundancy check */
        {0x12, 0x12, 0x14, 0, 0x03}, /* no check */
        {0x12, 0x12, 0x12, 0, 0x03}, /* no ciphering */
        {0x12, 0x12, 0x06, 0, 0x03}, /* the three other counter modes */
        {0x12, 0x12, 0x0e, 0, 0x03},    {0x12, 0x12, 0x1e, 0, 0x03},
        {0x12, 0x12, 0x36, 0, 0x03}, /* reserved bits */
        {0x12, 0x12, 0x16, 0x40, 0x03}, {0x12, 0x12, 0x16, 0x03, 0x03},
        {0x12, 0x12, 0x16, 0x0d, 0x03}, /* PoR with a signature, with a redundancy check */
        {0x12, 0x12, 0x16, 0x05, 0x03}, {0x15, 0x12, 0x16, 0, 0x03}, /* two keys */
        {0x12, 0x15, 0x16, 0, 0x03},    {0x11, 0x12, 0x16, 0, 0x03}, /* single DES */
        {0x12, 0x11, 0x16, 0, 0x03},    {0x10, 0x12, 0x16, 0, 0x03}, /* implicit */
        {0x12, 0x10, 0x16, 0, 0x03},    {0x1d, 0x12, 0x16, 0, 0x03}, /* ECB, proprietary */
        {0x13, 0x12, 0x16, 0, 0x03},    {0x12, 0x22, 0x16, 0, 0x03}, /* two key sets */
        {0x12, 0x12, 0x16, 0, 0x04},                                 /* another TAR */
    };
    ends *both = *state;
    lwsec_reason reason;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lwsec_sms_parameters *parameters = &both->client.config.parameters;
        parameters->kic = wrong[i].kic;
        parameters->kid = wrong[i].kid;
        parameters->spi1 = wrong[i].spi1;
        parameters->spi2 = wrong[i].spi2;
        parameters->tar[2] = wrong[i].tar;
        assert_status(end_try(&both->client, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_SMS_CODING);
    }
    LWSEC_COVERS("R-5.4.2.1.3-04");
    LWSEC_COVERS("R-5.4.2.1.3-05");
    LWSEC_COVERS("R-5.4.2.1.3-06");
    LWSEC_COVERS("R-5.4.2.1.3-12");
}

static void expect_init(end *one, lwsec_status status, lwsec_why why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(end_try(one, &reason), status);
    assert_int_equal(reason.why, why);
}

static void test_configurations_that_make_no_sense(void **state)
{
    ends *both = *state;
    end *one = &both->client;
    const lwsec_sms_config good = one->config;

    one->config.size--;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.flags |= 0x1000;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config.flags = LWSEC_SMS_SEND_UPPER | LWSEC_SMS_SEND_LOWER;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.state = NULL;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.tag = 0x1f; /* begins a tag of more octets */
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.check_size = 6;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.send_from = LWSEC_SMS_COUNTER_MAX + 1;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    one->config = good;
    one->config.kic_key = good.kid_key;
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_SMS_KEYS);
    one->config = good;
    memset(&one->config.kid_key, 0, sizeof one->config.kid_key);
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_SMS_KEYS);
    one->config = good;
    one->config.parameters.kic = 0x19;
    one->config.parameters.kid = 0x19;
    one->config.kic_key = packet_kic_key(
        both->store, 9, lwsec_test_hex("0123456789abcdef23456789abcdef01456789abcdef0123"));
    one->config.kid_key = one->config.kic_key; /* one key for both purposes */
    expect_init(one, LWSEC_USAGE, LWSEC_WHY_SMS_KEYS);
    one->config = good;
    expect_init(one, LWSEC_OK, LWSEC_WHY_NONE);
    lwsec_reason reason;
    assert_status(
        lwsec_sms_init(one->memory, lwsec_sms_size() - 1, &good, &one->association, &reason),
        LWSEC_BUFFER);
}

static void test_a_short_checksum_is_agreed_not_learned(void **state)
{
    ends *both = *state;
    packet_result sent;
    packet_result got;

    both->client.config.check_size = 4;
    ends_open(both);
    assert_status(end_seal(&both->client, coap_message(), &sent), LWSEC_OK);
    (void)end_receive(&both->server, packet_of(&sent), &got, NULL);
    packet_refused(&got, LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH);
    both->server.config.check_size = 4;
    end_reboot(&both->server);
    assert_status(end_receive(&both->server, packet_of(&sent), &got, NULL), LWSEC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ends_test(test_messages_go_both_ways),
        ends_test(test_messages_of_every_size_are_delivered),
        cmocka_unit_test(test_triple_des),
        ends_test(test_a_packet_is_delivered_once),
        ends_test(test_an_overtaken_packet_is_refused),
        ends_test(test_a_counter_of_zero_is_refused),
        ends_test(test_the_last_counter_is_taken_once_and_blocks),
        ends_test(test_a_counter_may_jump_as_far_as_is_allowed),
        ends_test(test_a_counter_is_never_sent_twice),
        ends_test(test_two_associations_share_counters),
        ends_test(test_packets_of_another_association_are_our_own),
        ends_test(test_a_jump_is_measured_from_what_others_received),
        ends_test(test_keys_without_a_record_must_be_fresh),
        ends_test(test_records_are_those_of_the_keys_and_the_tar),
        ends_test(test_nothing_is_delivered_that_could_not_be_stored),
        ends_test(test_nothing_is_delivered_without_the_records),
        ends_test(test_nothing_is_sent_that_could_not_be_stored),
        ends_test(test_a_state_that_always_conflicts_sends_nothing),
        ends_test(test_init_fails_with_its_state),
        ends_test(test_a_child_uses_nothing_of_its_parent),
        ends_test(test_own_packets_are_refused),
        ends_test(test_halves_refuse_own_packets_of_any_age),
        ends_test(test_the_lower_half_ends),
        ends_test(test_the_lower_half_ends_for_what_is_received),
        ends_test(test_secured_data_are_one_tlv),
        ends_test(test_the_tag_is_agreed),
        ends_test(test_each_bit_of_a_packet_counts),
        ends_test(test_other_keys_open_nothing),
        ends_test(test_a_command_gets_its_proof_once),
        ends_test(test_a_proof_is_of_the_keys_that_opened_the_command),
        ends_test(test_a_packet_that_was_refused_gets_no_proof),
        ends_test(test_proof_is_a_matter_of_policy),
        ends_test(test_an_unsecured_proof_is_a_hint),
        ends_test(test_parameters_must_be_those_of_lwm2m),
        ends_test(test_configurations_that_make_no_sense),
        ends_test(test_a_short_checksum_is_agreed_not_learned),
    };
    return cmocka_run_group_tests_name("sms-association", tests, NULL, NULL);
}
