/* An account in mode 4 after its enrolment: as one in mode 2, over a restart too. */
#include "tests/dtls/kit.h"
#include "tests/est/ca.h"

#include <lwsec/account_dtls.h>
#include <lwsec/account_enrolled.h>
#include <lwsec/csr.h>
#include <lwsec/sealed_file.h>
#include <lwsec/state_memory.h>

#include <unistd.h>

#define NAME "endpoint-1"
#define SLOTS 4U
#define KEYS 4U

/* A device with a store that keeps keys, and a state. */
typedef struct device {
    const kit_engine *kind;
    char folder[32];
    void *inner_memory;
    lwsec_store *inner;
    uint64_t store_memory[LWSEC_SEALED_FILE_SIZE(SLOTS, KEYS) / 8];
    lwsec_store *store;
    uint64_t record_memory[LWSEC_STATE_MEMORY_SIZE(4, LWSEC_RECORD_MAX) / 8];
    lwsec_state *state;
    uint64_t account_memory[LWSEC_ACCOUNTS_SIZE(4096) / 8];
    lwsec_accounts *accounts;
    lwsec_enrolled_place place;
    lwsec_enrolled enrolled;
    uint8_t room[LWSEC_RECORD_MAX];
} device;

static device box;
static ca *root;

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static void set(uint16_t instance, uint16_t resource, lwsec_value value)
{
    const lwsec_path path = lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, resource);

    value.type = (lwsec_value_type)lwsec_resource_find(path.object, 0, resource)->type;
    assert_status(lwsec_accounts_set(box.accounts, path, &value, NULL), LWSEC_OK);
}

static void set_account(uint16_t instance, const char *uri, int64_t mode)
{
    set(instance, LWSEC_SECURITY_URI, (lwsec_value){.bytes = text(uri)});
    set(instance, LWSEC_SECURITY_MODE, (lwsec_value){.integer = mode});
    set(instance, LWSEC_SECURITY_SSID, (lwsec_value){.integer = 101 + instance});
    set(instance, LWSEC_SECURITY_USAGE, (lwsec_value){.unsigned_integer = LWSEC_CERT_TRUST_ANCHOR});
    set(instance, LWSEC_SECURITY_SERVER_KEY, (lwsec_value){.bytes = kit_certificate("root")});
}

/* The program starts: what it had in memory is gone. */
static void start(void)
{
    static const uint8_t raw[32] = {1};
    const lwsec_sealed_file_config config = {.size = sizeof config,
                                             .path = box.folder,
                                             .inner = box.inner,
                                             .keys = KEYS,
                                             .flags = LWSEC_SEALED_FILE_CREATE |
                                                      LWSEC_SEALED_FILE_UNLOCKED,
                                             .raw = {raw, sizeof raw}};

    assert_status(lwsec_sealed_file_open(box.store_memory, sizeof box.store_memory, SLOTS, &config,
                                         &box.store, NULL),
                  LWSEC_OK);
    box.enrolled = (lwsec_enrolled){.size = sizeof box.enrolled};
}

static void make(const kit_engine *kind)
{
    const lwsec_accounts_config config = {.size = sizeof config};

    memset(&box, 0, sizeof box);
    box.kind = kind;
    (void)snprintf(box.folder, sizeof box.folder, "/tmp/lwsec-est-XXXXXX");
    assert_non_null(mkdtemp(box.folder));
    box.inner_memory = malloc(kind->store_size(SLOTS));
    assert_status(kind->store_open(box.inner_memory, kind->store_size(SLOTS), SLOTS, &box.inner),
                  LWSEC_OK);
    assert_status(lwsec_state_memory_open(box.record_memory, sizeof box.record_memory, 4,
                                          LWSEC_RECORD_MAX, &box.state),
                  LWSEC_OK);
    assert_status(
        lwsec_accounts_init(box.account_memory, sizeof box.account_memory, &config, &box.accounts),
        LWSEC_OK);
    set_account(0, "coaps://server.example", LWSEC_MODE_EST);
    box.place = (lwsec_enrolled_place){.size = sizeof box.place,
                                       .state = box.state,
                                       .accounts = box.accounts,
                                       .name = {'d', 'e', 'v'},
                                       .key_name = text("est-1")};
    start();
}

static void end(void)
{
    char path[64];

    lwsec_sealed_file_close(&box.store);
    box.kind->store_close(&box.inner);
    free(box.inner_memory);
    lwsec_state_memory_close(&box.state);
    lwsec_accounts_close(&box.accounts);
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", box.folder, i == 0 ? "keys" : "lock");
        (void)unlink(path);
    }
    assert_int_equal(rmdir(box.folder), 0);
}

static lwsec_key generate(const char *name)
{
    const lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN,
                                             text(name)};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_generate(box.store, &attributes, 0, &key), LWSEC_OK);
    return key;
}

static lwsec_bytes certify(lwsec_key key)
{
    const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME, text(NAME)};
    const lwsec_csr_config config = {
        .size = sizeof config, .key = key, .subject = &subject, .subject_count = 1};
    const ca_wish good = {.name = NULL};
    uint8_t room[LWSEC_CSR_MAX];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_csr_make(&config, &request, NULL), LWSEC_OK);
    return ca_issue(root, lwsec_buffer_bytes(&request), &good);
}

static void enrol(const char *name)
{
    box.enrolled.key = generate(name);
    box.enrolled.identity = certify(box.enrolled.key);
}

static lwsec_status load(lwsec_reason *reason)
{
    lwsec_buffer room = lwsec_buffer_of(box.room, sizeof box.room);

    return lwsec_enrolled_load(&box.place, box.store, &room, &box.enrolled, reason);
}

static lwsec_session_description describe(void)
{
    lwsec_session_description session = {.size = sizeof session};

    assert_status(lwsec_accounts_session(box.accounts, 0, &session, NULL), LWSEC_OK);
    return session;
}

/* ---- As in mode 2 ---- */

static void connects(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[2048];
    lwsec_buffer peer = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential = LWSEC_DTLS_BY_PSK;
    lwsec_account_dtls made;
    lwsec_reason reason;
    kit pair;

    make(client);
    lwsec_session_description session = describe();
    const lwsec_account_dtls_input input = {.size = sizeof input,
                                            .session = &session,
                                            .time = {LWSEC_CERT_CLOCK_TRUSTED, KIT_TIME},
                                            .policy = LWSEC_CERT_POLICY_LWM2M};
    assert_status(lwsec_account_dtls_make(client->get(), &input, &made, &reason), LWSEC_ABSENT);
    assert_status(load(&reason), LWSEC_ABSENT);
    enrol("est-1");
    assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_OK);
    const lwsec_bytes certificate = box.enrolled.identity;
    lwsec_sealed_file_close(&box.store);
    start();
    assert_status(load(&reason), LWSEC_OK);
    assert_bytes(box.enrolled.identity, certificate);
    assert_status(lwsec_enrolled_use(&box.enrolled, &session, &reason), LWSEC_OK);
    assert_int_equal(session.mode, LWSEC_MODE_CERTIFICATE);
    assert_status(lwsec_account_dtls_make(client->get(), &input, &made, &reason), LWSEC_OK);

    kit_init(&pair, client, server, "x509");
    const lwsec_dtls_config before = pair.client.config;
    pair.client.config = made.config;
    pair.server.trust[0] = ca_certificate(root);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &peer), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&peer), certificate);
    pair.client.config = before;
    kit_close(&pair);
    end();
}

static void test_an_enrolled_account_acts_as_in_mode_2_after_a_restart(void **state)
{
    (void)state;
    kit_each(connects);
    LWSEC_COVERS("R-5.2.4-15");
    LWSEC_COVERS("R-5.2.4-18");
}

static void test_only_a_certificate_for_the_key_is_used(void **state)
{
    lwsec_session_description session;
    lwsec_reason reason;

    (void)state;
    make(kit_engine_at(0));
    enrol("est-1");
    lwsec_enrolled other = box.enrolled;
    other.key = generate("est-2");
    session = describe();
    assert_status(lwsec_enrolled_use(&other, &session, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_EST_OTHER_KEY);
    assert_int_equal(session.mode, LWSEC_MODE_EST);
    assert_int_equal(session.identity.size, 0);
    assert_status(lwsec_enrolled_store(&box.place, &other, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_EST_OTHER_KEY);
    other = box.enrolled;
    other.identity = text("no certificate");
    assert_status(lwsec_enrolled_use(&other, &session, &reason), LWSEC_REJECT);
    other = box.enrolled;
    other.key.store = NULL;
    assert_status(lwsec_enrolled_use(&other, &session, &reason), LWSEC_USAGE);
    other = box.enrolled;
    other.size--;
    assert_status(lwsec_enrolled_use(&other, &session, &reason), LWSEC_USAGE);
    /* Accounts of other modes keep what they have. */
    for (int mode = LWSEC_MODE_PSK; mode < LWSEC_MODE_EST; mode++) {
        session =
            (lwsec_session_description){.size = sizeof session, .mode = (lwsec_security_mode)mode};
        assert_status(lwsec_enrolled_use(&box.enrolled, &session, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        assert_null(session.key.store);
    }
    end();
}

/* ---- What is kept ---- */

static void test_what_is_kept_belongs_to_account_server_and_key(void **state)
{
    lwsec_reason reason;

    (void)state;
    make(kit_engine_at(0));
    enrol("est-1");
    assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_OK);
    assert_status(lwsec_key_release(&box.enrolled.key), LWSEC_OK);
    /* Another instance, another client of the same state. */
    set_account(1, "coaps://server.example", LWSEC_MODE_EST);
    box.place.instance = 1;
    assert_status(load(&reason), LWSEC_ABSENT);
    box.place.instance = 0;
    box.place.name[0] ^= 1;
    assert_status(load(&reason), LWSEC_ABSENT);
    box.place.name[0] ^= 1;
    /* Another server in the place of the old one; another mode. */
    set_account(0, "coaps://elsewhere.example", LWSEC_MODE_EST);
    assert_status(load(&reason), LWSEC_ABSENT);
    set_account(0, "coaps://server.example", LWSEC_MODE_CERTIFICATE);
    assert_status(load(&reason), LWSEC_ABSENT);
    assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_ABSENT);
    set_account(0, "coaps://server.example", LWSEC_MODE_EST);
    assert_status(load(&reason), LWSEC_OK);
    /* The key is gone, and then there is another one of this name. */
    assert_status(lwsec_key_destroy(&box.enrolled.key), LWSEC_OK);
    assert_status(load(&reason), LWSEC_ABSENT);
    lwsec_key other = generate("est-1");
    assert_status(load(&reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_EST_OTHER_KEY);
    assert_status(lwsec_key_destroy(&other), LWSEC_OK);
    end();
}

static void test_a_renewal_takes_the_place_of_the_old_one(void **state)
{
    lwsec_reason reason;

    (void)state;
    make(kit_engine_at(0));
    enrol("est-1");
    assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_OK);
    enrol("est-2");
    box.place.key_name = text("est-2");
    assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_OK);
    const lwsec_bytes second = box.enrolled.identity;
    assert_status(load(&reason), LWSEC_OK);
    assert_bytes(box.enrolled.identity, second);
    assert_status(lwsec_enrolled_erase(&box.place, &reason), LWSEC_OK);
    assert_status(load(&reason), LWSEC_ABSENT);
    assert_status(lwsec_enrolled_erase(&box.place, &reason), LWSEC_ABSENT);
    end();
}

static void test_records_and_places_that_are_not_ours_are_refused(void **state)
{
    static const char *const foreign[] = {
        "", "02", "01", "010000", "01000000000000aa", "0100000001", "02000000000000"};
    lwsec_record record = {.kind = LWSEC_RECORD_ENROLLED, .identity = {'d', 'e', 'v'}};
    lwsec_reason reason;
    uint64_t version = 0;

    (void)state;
    make(kit_engine_at(0));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_status(
            lwsec_state_store_if(box.state, &record, lwsec_test_hex(foreign[i]), &version, &reason),
            LWSEC_OK);
        assert_status(load(&reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
    }
    enrol("est-1");
    for (unsigned i = 0; i < 5; i++) {
        const lwsec_enrolled_place place = box.place;
        switch (i) {
        case 0: box.place.size--; break;
        case 1: box.place.state = NULL; break;
        case 2: box.place.accounts = NULL; break;
        case 3: box.place.key_name.size = 0; break;
        default: box.place.key_name.size = LWSEC_KEY_NAME_MAX + 1; break;
        }
        assert_status(lwsec_enrolled_store(&box.place, &box.enrolled, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        assert_status(load(&reason), i < 3 ? LWSEC_USAGE : LWSEC_STATE);
        box.place = place;
    }
    end();
}

static int set_up(void **state)
{
    (void)state;
    root = ca_open("EST Root", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ca_close(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_enrolled_account_acts_as_in_mode_2_after_a_restart),
        cmocka_unit_test(test_only_a_certificate_for_the_key_is_used),
        cmocka_unit_test(test_what_is_kept_belongs_to_account_server_and_key),
        cmocka_unit_test(test_a_renewal_takes_the_place_of_the_old_one),
        cmocka_unit_test(test_records_and_places_that_are_not_ours_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
