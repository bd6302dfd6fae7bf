/* A registry finds the context of a request, and no other; places come and go. */
#include "tests/oscore/peers.h"

#include "core/lock.h"
#include "oscore/registry_walk.h"

#include <sys/wait.h>
#include <unistd.h>

/* Takes the context of a peer by its kid and kid context; NULL: the answer was `expected`. */
static lwsec_oscore *take(peers *all, const peer *one, lwsec_status expected)
{
    const lwsec_oscore_option option = {true, {NULL, 0}, one->kid, one->id_context};
    lwsec_oscore_search search = {{0, 0}};
    lwsec_oscore *context = NULL;

    assert_status(lwsec_oscore_registry_take(all->registry, &option, lwsec_bytes_of(NULL, 0), 0,
                                             &search, &context, NULL),
                  expected);
    assert_true((context != NULL) == (expected == LWSEC_OK));
    return context;
}

static void remove_peer(peers *all, const peer *one)
{
    lwsec_oscore *context = take(all, one, LWSEC_OK);

    lwsec_oscore_registry_remove(all->registry, &context);
    assert_null(context);
}

static void assert_delivered(peers *all, const peer *one)
{
    packet *sent = peers_packet();
    packet *received = peers_packet();

    assert_status(peers_receive(all, peer_request(all, one, sent), "", 0, received), LWSEC_OK);
    assert_bytes(bytes_of(received), plain_get());
}

static lwsec_why refused(peers *all, lwsec_bytes wire, lwsec_status status)
{
    packet *received = peers_packet();

    assert_status(peers_receive(all, wire, "", 0, received), status);
    return received->reason.why;
}

/* ---- Finding ---- */

static void each_request_finds_its_context(void **state)
{
    peers *all = *state;

    peers_open(all);
    for (uint8_t i = 0; i < PEERS_MAX; i++) {
        const peer one = peer_of(i);
        assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    }
    assert_int_equal(lwsec_oscore_registry_count(all->registry), PEERS_MAX);
    for (uint8_t i = 0; i < PEERS_MAX; i++) {
        const peer one = peer_of(i);
        assert_delivered(all, &one);
    }
}

static void an_unknown_kid_is_refused_without_a_trace(void **state)
{
    peers *all = *state;
    const peer known = peer_of(1);
    const peer unknown = peer_of(2);
    packet *sent = peers_packet();

    peers_open(all);
    assert_status(peer_add(all, &known, "", 0), LWSEC_OK);
    assert_int_equal(refused(all, peer_request(all, &unknown, sent), LWSEC_REJECT),
                     LWSEC_WHY_OSCORE_OTHER_KID);
    assert_null(take(all, &unknown, LWSEC_ABSENT));
}

static void what_is_no_request_of_oscore_is_refused(void **state)
{
    peers *all = *state;

    peers_open(all);
    assert_int_equal(refused(all, plain_get(), LWSEC_REJECT), LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_int_equal(refused(all, lwsec_bytes_of("", 0), LWSEC_REJECT), LWSEC_WHY_TRUNCATED);
    const peer one = {0, lwsec_bytes_of(NULL, 0), lwsec_bytes_of(NULL, 0), 0};
    assert_null(take(all, &one, LWSEC_REJECT)); /* no kid at all */
    const peer too_long = {0, lwsec_bytes_of("12345678", 8), lwsec_bytes_of(NULL, 0), 0};
    assert_null(take(all, &too_long, LWSEC_ABSENT));
}

static void an_empty_kid_is_a_kid(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);
    const peer other = peer_of(2);

    one.kid = lwsec_bytes_of("", 0);
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &other, "", 0), LWSEC_OK);
    assert_delivered(all, &one);
}

static void the_same_kid_in_other_contexts_is_another_peer(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);
    peer other = peer_of(2);
    peer without = peer_of(3);

    one.kid = other.kid = without.kid = lwsec_bytes_of("same", 4);
    one.id_context = lwsec_bytes_of("one", 3);
    other.id_context = lwsec_bytes_of("", 0); /* empty is not none */
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &other, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &without, "", 0), LWSEC_OK);
    assert_delivered(all, &one);
    assert_delivered(all, &other);
    assert_delivered(all, &without);
    remove_peer(all, &one);
    assert_null(take(all, &one, LWSEC_ABSENT));
    assert_delivered(all, &other);
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 0),
                     0); /* none was tried in vain */
}

static void a_peer_that_leaves_its_kid_context_out_is_found_with_it_and_without(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);
    packet *sent = peers_packet();
    packet *received = peers_packet();

    one.id_context = lwsec_bytes_of("ctx", 3);
    one.flags = LWSEC_OSCORE_OMIT_KID_CONTEXT;
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_delivered(all, &one);
    one.flags = 0;
    assert_status(peers_receive(all, peer_request(all, &one, sent), "", 0, received), LWSEC_OK);
    one.id_context = lwsec_bytes_of("cty", 3);
    assert_null(take(all, &one, LWSEC_ABSENT));
}

static void contexts_that_share_a_kid_are_tried_in_turn(void **state)
{
    peers *all = *state;
    peer some[5];

    peers_open(all);
    for (uint8_t i = 0; i < 5; i++) {
        some[i] = peer_of(i);
        some[i].kid = lwsec_bytes_of("k", 1);
        assert_status(peer_add(all, &some[i], "", 0), LWSEC_OK);
    }
    peer forger = some[0];
    forger.number = 77; /* a secret that nobody has */
    assert_int_equal(refused(all, peer_request(all, &forger, peers_packet()), LWSEC_REJECT),
                     LWSEC_WHY_OSCORE_TAG);
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 0), 1); /* one message */
    for (size_t i = 0; i < 5; i++) {
        assert_delivered(all, &some[i]);
    }
}

static uint32_t failures_of(peers *all, const peer *one)
{
    uint32_t at = 0;
    uint32_t failed = 0;
    lwsec_oscore *context = NULL;

    while (lwsec_oscore_registry_next(all->registry, &at, &context) == LWSEC_OK) {
        lwsec_oscore_wear wear = {.size = sizeof wear};
        uint8_t identity[16];
        lwsec_oscore_config config = peer_config(all, one);
        static uint64_t memory[LWSEC_OSCORE_SIZE(32, 255) / 8];
        lwsec_oscore *twin = NULL;
        assert_status(lwsec_oscore_init(memory, sizeof memory, &config, &twin, NULL), LWSEC_OK);
        memcpy(identity, twin->sender_record, sizeof identity);
        lwsec_oscore_close(&twin);
        peer_config_done(&config);
        assert_status(lwsec_oscore_get_wear(context, &wear), LWSEC_OK);
        if (memcmp(identity, context->sender_record, sizeof identity) == 0) {
            failed = wear.failed_opens;
        }
        lwsec_oscore_registry_give_back(all->registry, &context);
    }
    return failed;
}

static void the_peer_that_was_last_at_the_address_is_tried_first(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);
    peer other = peer_of(2);
    packet *received = peers_packet();

    one.kid = other.kid = lwsec_bytes_of("k", 1);
    peers_open(all);
    assert_status(peer_add(all, &one, "there", 0), LWSEC_OK);
    assert_status(peer_add(all, &other, "here", 0), LWSEC_OK);
    assert_status(
        peers_receive(all, peer_request(all, &other, peers_packet()), "here", 0, received),
        LWSEC_OK);
    assert_status(peers_receive(all, peer_request(all, &one, peers_packet()), "there", 0, received),
                  LWSEC_OK);
    assert_int_equal(failures_of(all, &one) + failures_of(all, &other), 0);
    /* They change places: each is tried with the other's key once, and then they are known. */
    assert_status(
        peers_receive(all, peer_request(all, &other, peers_packet()), "there", 0, received),
        LWSEC_OK);
    assert_int_equal(failures_of(all, &one), 1);
    assert_status(peers_receive(all, peer_request(all, &one, peers_packet()), "here", 0, received),
                  LWSEC_OK);
    assert_int_equal(failures_of(all, &other), 0);
    assert_status(peers_receive(all, peer_request(all, &one, peers_packet()), "here", 0, received),
                  LWSEC_OK);
    assert_int_equal(failures_of(all, &other), 0);
}

static void a_context_in_use_is_pending_for_others(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    packet *sent = peers_packet();

    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    const lwsec_bytes wire = peer_request(all, &one, sent);
    lwsec_oscore *context = take(all, &one, LWSEC_OK);
    assert_int_equal(refused(all, wire, LWSEC_PENDING), LWSEC_WHY_REGISTRY_BUSY);
    lwsec_oscore_registry_give_back(all->registry, &context);
    assert_null(context);
    assert_status(peers_receive(all, wire, "", 0, peers_packet()), LWSEC_OK);
    assert_status(peers_receive(all, wire, "", 0, peers_packet()), LWSEC_REPLAY);
}

/* Once given back while a search goes on, it may be missed: then it is not known to be absent. */
static void a_context_that_was_in_use_is_not_absent(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    peer other = peer_of(2);
    const lwsec_oscore_option option = {true, {NULL, 0}, one.kid, {NULL, 0}};
    lwsec_oscore_search search = {{0, 0}};
    lwsec_oscore *found = NULL;
    lwsec_status status;
    lwsec_reason reason;

    other.kid = one.kid;
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &other, "", 0), LWSEC_OK);
    lwsec_oscore *used = take(all, &one, LWSEC_OK);
    do {
        status = lwsec_oscore_registry_take(all->registry, &option, lwsec_bytes_of(NULL, 0), 0,
                                            &search, &found, &reason);
        lwsec_oscore_registry_give_back(all->registry, &found);
        lwsec_oscore_registry_give_back(all->registry, &used);
    } while (status == LWSEC_OK);
    assert_status(status, LWSEC_PENDING);
    assert_int_equal(reason.why, LWSEC_WHY_REGISTRY_BUSY);
}

/* ---- Adding and removing ---- */

static void a_second_context_of_the_same_secret_and_ids_is_refused(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);

    one.id_context = lwsec_bytes_of("ctx", 3);
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &one, "", 0), LWSEC_CONFLICT);
    one.flags = LWSEC_OSCORE_OMIT_KID_CONTEXT; /* it would stand elsewhere in the index */
    assert_status(peer_add(all, &one, "", 0), LWSEC_CONFLICT);
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 1);
    one.flags = 0;
    remove_peer(all, &one);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
}

/* As where one secret serves a group: each pair of IDs has a window of its own. */
static void peers_of_one_secret_with_other_ids_stand_side_by_side(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    lwsec_oscore_config config;

    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    config = peer_config(all, &one);
    config.recipient_id = lwsec_bytes_of("kk", 2);
    assert_status(
        lwsec_oscore_registry_add(all->registry, &config, lwsec_bytes_of(NULL, 0), 0, NULL),
        LWSEC_OK);
    peer_config_done(&config);
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 2);
    /* Also where the index cannot tell them apart. */
    lwsec_oscore *first = take(all, &one, LWSEC_OK);
    lwsec_oscore *second = NULL;
    uint32_t at = 0;
    assert_status(lwsec_oscore_registry_next(all->registry, &at, &second), LWSEC_OK);
    assert_memory_equal(first->sender_record, second->sender_record, 16);
    assert_false(lwsec_registry_conflict(first, second));
    assert_true(lwsec_registry_conflict(first, first));
    lwsec_oscore_registry_give_back(all->registry, &first);
    lwsec_oscore_registry_give_back(all->registry, &second);
}

static void contexts_that_share_their_window_may_stand_side_by_side(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);

    one.flags = LWSEC_OSCORE_SHARED_WINDOW;
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 2);
    lwsec_oscore *first = take(all, &one, LWSEC_OK);
    lwsec_oscore *second = take(all, &one, LWSEC_OK);
    assert_ptr_not_equal(first, second);
    assert_null(take(all, &one, LWSEC_PENDING));
    lwsec_oscore_registry_give_back(all->registry, &first);
    lwsec_oscore_registry_give_back(all->registry, &second);
}

static void a_full_registry_is_a_limit_and_a_removed_context_makes_room(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    const peer other = peer_of(2);
    const peer third = peer_of(3);
    lwsec_reason reason;

    all->config.capacity = 2;
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &other, "", 0), LWSEC_OK);
    lwsec_oscore_config config = peer_config(all, &third);
    assert_status(
        lwsec_oscore_registry_add(all->registry, &config, lwsec_bytes_of(NULL, 0), 0, &reason),
        LWSEC_LIMIT);
    assert_int_equal(reason.why, LWSEC_WHY_REGISTRY_FULL);
    peer_config_done(&config);
    for (unsigned i = 0; i < 100; i++) {
        remove_peer(all, &one);
        assert_null(take(all, &one, LWSEC_ABSENT));
        assert_status(peer_add(all, &third, "", 0), LWSEC_OK);
        remove_peer(all, &third);
        assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    }
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 2);
}

static void the_longest_idle_context_makes_room_where_the_caller_wants_it(void **state)
{
    peers *all = *state;
    const peer old = peer_of(1);
    const peer young = peer_of(2);
    const peer third = peer_of(3);

    all->config.capacity = 2;
    all->config.flags |= LWSEC_REGISTRY_EVICT;
    peers_open(all);
    assert_status(peer_add(all, &old, "", UINT32_MAX - 5U), LWSEC_OK); /* the time goes round */
    assert_status(peer_add(all, &young, "", 3), LWSEC_OK);
    assert_status(peer_add(all, &third, "", 9), LWSEC_OK);
    assert_null(take(all, &old, LWSEC_ABSENT));
    assert_delivered(all, &young);
    assert_delivered(all, &third);
}

static void a_context_in_use_is_not_evicted(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    const peer other = peer_of(2);

    all->config.capacity = 1;
    all->config.flags |= LWSEC_REGISTRY_EVICT;
    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    lwsec_oscore *context = take(all, &one, LWSEC_OK);
    assert_status(peer_add(all, &other, "", 9), LWSEC_LIMIT);
    lwsec_oscore_registry_give_back(all->registry, &context);
    assert_status(peer_add(all, &other, "", 9), LWSEC_OK);
}

static void what_the_registry_has_no_room_for_is_refused(void **state)
{
    peers *all = *state;
    peer one = peer_of(1);

    all->config.flags = 0;
    peers_open(all);
    one.id_context = lwsec_bytes_of("123456789", 9);
    assert_status(peer_add(all, &one, "", 0), LWSEC_USAGE);
    one.id_context = lwsec_bytes_of(NULL, 0);
    assert_status(peer_add(all, &one, "123456789", 0), LWSEC_USAGE);
    one.flags = LWSEC_OSCORE_SHARED_WINDOW;
    assert_status(peer_add(all, &one, "", 0), LWSEC_USAGE);
    one.flags = 0;
    lwsec_oscore_config config = peer_config(all, &one);
    config.window = 33;
    assert_status(
        lwsec_oscore_registry_add(all->registry, &config, lwsec_bytes_of(NULL, 0), 0, NULL),
        LWSEC_USAGE);
    config.window = 32;
    config.sender_id =
        config.recipient_id; /* lwsec_oscore_init refuses it: the place is free again */
    for (unsigned i = 0; i < 2 * PEERS_MAX; i++) {
        assert_status(
            lwsec_oscore_registry_add(all->registry, &config, lwsec_bytes_of(NULL, 0), 0, NULL),
            LWSEC_USAGE);
    }
    peer_config_done(&config);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
}

static void a_registry_refuses_what_it_does_not_know(void **state)
{
    peers *all = *state;
    static uint64_t room[64];
    const lwsec_oscore_registry_config good = all->config;
    lwsec_oscore_registry_config bad[] = {good, good, good, good, good, good, good};

    bad[0].size = 1;
    bad[1].capacity = 0;
    bad[2].window = 1025;
    bad[3].id_context_max = 256;
    bad[4].address_max = 25;
    bad[5].store = NULL;
    bad[6].flags = 1U << 31;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(lwsec_oscore_registry_size(&bad[i]), 0);
        assert_status(lwsec_oscore_registry_open(room, sizeof room, &bad[i], &all->registry, NULL),
                      LWSEC_USAGE);
    }
    assert_status(lwsec_oscore_registry_open(room, sizeof room, &good, &all->registry, NULL),
                  LWSEC_BUFFER);
    assert_status(
        lwsec_oscore_registry_open((uint8_t *)room + 4, SIZE_MAX, &good, &all->registry, NULL),
        LWSEC_USAGE);
    assert_null(all->registry);
}

/* ---- Time ---- */

static void idle_contexts_expire_and_others_stay(void **state)
{
    peers *all = *state;
    lwsec_oscore *context = NULL;

    peers_open(all);
    for (uint8_t i = 0; i < 20; i++) {
        const peer one = peer_of(i);
        assert_status(peer_add(all, &one, "", i), LWSEC_OK);
    }
    const peer used = peer_of(0);
    context = take(all, &used, LWSEC_OK);
    assert_int_equal(lwsec_oscore_registry_expire(all->registry, 25, 10, UINT32_MAX), 14);
    lwsec_oscore_registry_give_back(all->registry, &context);
    assert_int_equal(lwsec_oscore_registry_count(all->registry), 6);
    /* A clock that another thread has read earlier does not make a context old. */
    assert_int_equal(lwsec_oscore_registry_expire(all->registry, 14, 20, UINT32_MAX), 0);
    /* A few places at a time come round as well. */
    uint32_t closed = 0;
    for (unsigned i = 0; i < all->registry->place_count; i++) {
        closed += lwsec_oscore_registry_expire(all->registry, 1000, 10, 1);
    }
    assert_int_equal(closed, 6);
}

static void refused_requests_are_counted_by_the_interval(void **state)
{
    peers *all = *state;
    const peer unknown = peer_of(9);
    packet *sent = peers_packet();
    packet *received = peers_packet();

    peers_open(all);
    const lwsec_bytes wire = peer_request(all, &unknown, sent);
    for (uint32_t i = 0; i < 5; i++) {
        assert_status(peers_receive(all, wire, "", 3, received), LWSEC_REJECT);
    }
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 3), 5);
    assert_status(peers_receive(all, wire, "", 12, received), LWSEC_REJECT);
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 12), 5); /* the last one's */
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 23), 1);
    assert_int_equal(lwsec_oscore_registry_refused(all->registry, 100), 0);
}

/* ---- Contexts from elsewhere ---- */

static unsigned loads;

static lwsec_status load(void *argument, lwsec_oscore_registry *registry,
                         const lwsec_oscore_option *option, uint32_t now)
{
    peers *all = argument;

    loads++;
    assert_ptr_equal(registry, all->registry);
    if (option->kid.size != 2 || option->kid.data[1] >= 10) {
        return LWSEC_ABSENT;
    }
    const peer one = peer_of(option->kid.data[1]);
    return peer_add(all, &one, "", now);
}

static void a_context_that_lives_elsewhere_is_loaded_once(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    const peer nobody = peer_of(11);

    loads = 0;
    all->config.load = load;
    all->config.load_argument = all;
    peers_open(all);
    assert_delivered(all, &one);
    assert_int_equal(loads, 1);
    packet *sent = peers_packet();
    packet *received = peers_packet();
    assert_status(peers_receive(all, peer_request(all, &one, sent), "", 0, received), LWSEC_OK);
    assert_int_equal(loads, 1);
    assert_int_equal(refused(all, peer_request(all, &nobody, sent), LWSEC_REJECT),
                     LWSEC_WHY_OSCORE_OTHER_KID);
    assert_int_equal(loads, 2);
}

/* ---- The index ---- */

/* The upper half is 0: home 0. The lower half is one number more than another in its 30 bits. */
static uint64_t hash_at_home(uint32_t number)
{
    return (1000U + number) << 8;
}

/* The record that a hash leads to, whose `use` is its own, or NULL. */
static lwsec_registry_record *led_to(const lwsec_oscore_registry *registry, uint64_t hash)
{
    lwsec_registry_walk walk = {hash, 0, 0};
    lwsec_registry_record *record;
    bool busy = false;

    while ((record = lwsec_registry_walk_on(registry, &walk)) != NULL) {
        if (lwsec_registry_try_take(record, lwsec_registry_tag(hash), &busy)) {
            lwsec_registry_let_go(record);
            return record;
        }
    }
    return NULL;
}

static void forget(lwsec_oscore_registry *registry, uint32_t number, lwsec_registry_record *record)
{
    atomic_store(&record->use, LWSEC_RECORD_AWAY);
    lwsec_registry_free(registry, hash_at_home(number), record);
}

/* All keys have one home: as an attacker wants it who knew the key of the hash. */
static void keys_that_all_have_one_home_are_found_and_forgotten(void **state)
{
    static lwsec_registry_record *at[PEERS_MAX];
    peers *all = *state;
    lwsec_oscore_registry *registry;

    peers_open(all);
    registry = all->registry;
    assert_in_range(registry->bucket_count, 3, PEERS_MAX);
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < PEERS_MAX; i++) {
            at[i] = lwsec_registry_claim(registry, hash_at_home(i));
            assert_non_null(at[i]);
            assert_null(led_to(registry, hash_at_home(i))); /* nothing is in it yet */
            lwsec_registry_put(at[i], lwsec_registry_tag(hash_at_home(i)));
        }
        /* There are places left, but not for more than the capacity. */
        assert_null(lwsec_registry_claim(registry, hash_at_home(PEERS_MAX)));
        for (uint32_t i = 0; i < PEERS_MAX; i++) {
            assert_ptr_equal(led_to(registry, hash_at_home(i)), at[i]);
        }
        /* Every other one goes first: those behind it must still be found. */
        for (uint32_t i = 0; i < PEERS_MAX; i += 2) {
            forget(registry, i, at[i]);
        }
        for (uint32_t i = 0; i < PEERS_MAX; i++) {
            assert_ptr_equal(led_to(registry, hash_at_home(i)), i % 2 == 1 ? at[i] : NULL);
        }
        for (uint32_t i = 1; i < PEERS_MAX; i += 2) {
            forget(registry, i, at[i]);
        }
        /* Nothing reminds of them: a look-up reads one cache line again. */
        assert_int_equal(registry->buckets[0].elsewhere, 0);
        assert_int_equal(registry->buckets[0].reach, 0);
    }
}

/* A tag of zero bits would be a free place: two keys would get it. */
static void a_hash_that_ends_in_zeros_has_a_place_of_its_own(void **state)
{
    peers *all = *state;
    const uint64_t hashes[] = {0, 0x10000, 0x20000, 1};
    lwsec_registry_record *at[4];

    peers_open(all);
    for (size_t i = 0; i < 4; i++) {
        at[i] = lwsec_registry_claim(all->registry, hashes[i]);
        lwsec_registry_put(at[i], lwsec_registry_tag(hashes[i]));
        for (size_t j = 0; j < i; j++) {
            assert_ptr_not_equal(at[i], at[j]);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(led_to(all->registry, hashes[i]), at[i]);
    }
}

static void two_registries_hash_by_keys_of_their_own(void **state)
{
    peers *all = *state;
    lwsec_siphash_key first;

    peers_open(all);
    first = all->registry->seed;
    lwsec_oscore_registry_close(&all->registry);
    free(all->memory);
    peers_open(all);
    assert_memory_not_equal(&first, &all->registry->seed, sizeof first);
}

static void closing_leaves_no_context_and_no_key(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    const size_t size = lwsec_oscore_registry_size(&all->config);

    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    lwsec_oscore_registry_close(&all->registry);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(((const uint8_t *)all->memory)[i], 0);
    }
    /* All slots of the store are free again. */
    for (size_t i = 0; i < PEER_SLOTS; i++) {
        (void)import_secret(all->store, lwsec_bytes_of("secret", 6));
    }
}

/* ---- After a fork ---- */

static int use_in_child(peers *all, const peer *one, const lwsec_oscore_config *other)
{
    lwsec_oscore *context = take(all, one, LWSEC_OK);

    (void)alarm(60);
    if (lwsec_oscore_registry_add(all->registry, other, lwsec_bytes_of(NULL, 0), 0, NULL) !=
        LWSEC_FORKED) {
        return 1;
    }
    lwsec_oscore_registry_remove(all->registry, &context);
    if (context != NULL) {
        return 2;
    }
    (void)lwsec_oscore_registry_expire(all->registry, 100, 1, PEERS_MAX);
    lwsec_oscore_registry_close(&all->registry);
    return all->registry == NULL ? 0 : 3;
}

/* A thread of the parent may have had the lock: a child waits for nobody, and closes what it has.
 */
static void a_child_adds_nothing_and_closes_its_copy(void **state)
{
    peers *all = *state;
    const peer one = peer_of(1);
    const peer two = peer_of(2);
    const peer other = peer_of(3);
    int status = -1;

    peers_open(all);
    assert_status(peer_add(all, &one, "", 0), LWSEC_OK);
    assert_status(peer_add(all, &two, "", 0), LWSEC_OK);
    lwsec_oscore_config config = peer_config(all, &other);
    lwsec_lock_take(&all->registry->lock);
    const pid_t child = fork();
    if (child == 0) {
        _exit(use_in_child(all, &one, &config));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    lwsec_lock_release(&all->registry->lock);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    peer_config_done(&config);
    assert_delivered(all, &one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        peers_test(each_request_finds_its_context),
        peers_test(an_unknown_kid_is_refused_without_a_trace),
        peers_test(what_is_no_request_of_oscore_is_refused),
        peers_test(an_empty_kid_is_a_kid),
        peers_test(the_same_kid_in_other_contexts_is_another_peer),
        peers_test(a_peer_that_leaves_its_kid_context_out_is_found_with_it_and_without),
        peers_test(contexts_that_share_a_kid_are_tried_in_turn),
        peers_test(the_peer_that_was_last_at_the_address_is_tried_first),
        peers_test(a_context_in_use_is_pending_for_others),
        peers_test(a_context_that_was_in_use_is_not_absent),
        peers_test(a_second_context_of_the_same_secret_and_ids_is_refused),
        peers_test(peers_of_one_secret_with_other_ids_stand_side_by_side),
        peers_test(contexts_that_share_their_window_may_stand_side_by_side),
        peers_test(a_full_registry_is_a_limit_and_a_removed_context_makes_room),
        peers_test(the_longest_idle_context_makes_room_where_the_caller_wants_it),
        peers_test(a_context_in_use_is_not_evicted),
        peers_test(what_the_registry_has_no_room_for_is_refused),
        peers_test(a_registry_refuses_what_it_does_not_know),
        peers_test(idle_contexts_expire_and_others_stay),
        peers_test(refused_requests_are_counted_by_the_interval),
        peers_test(a_context_that_lives_elsewhere_is_loaded_once),
        peers_test(keys_that_all_have_one_home_are_found_and_forgotten),
        peers_test(a_hash_that_ends_in_zeros_has_a_place_of_its_own),
        peers_test(two_registries_hash_by_keys_of_their_own),
        peers_test(closing_leaves_no_context_and_no_key),
        peers_test(a_child_adds_nothing_and_closes_its_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
