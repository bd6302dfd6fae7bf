/* Accounts over the key stores of this build, which keep no keys: sealed records, key pairs, and
 * the contexts that come out of them. */
#include "tests/account/kit.h"

#include <lwsec/account_session.h>
#include <lwsec/account_store.h>
#include <lwsec/state_memory.h>

#include "tests/support/stores.h"

/* A program with all of its records in memory. */
typedef struct program {
    const lwsec_test_store *kind;
    lwsec_store *store;
    lwsec_state *records;
    lwsec_provisioning *provisioning;
    uint64_t record_memory[LWSEC_STATE_MEMORY_SIZE(16, 1024) / 8];
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
} program;

static program box;

static void start(void)
{
    box.kind = lwsec_test_store_at(0);
    box.store = lwsec_test_store_open(box.kind, 24);
    assert_status(lwsec_state_memory_open(box.record_memory, sizeof box.record_memory, 16, 1024,
                                          &box.records),
                  LWSEC_OK);
    lwsec_provisioning_config config = {
        .size = sizeof config, .state = box.records, .store = box.store};
    assert_status(
        lwsec_provisioning_open(box.memory, sizeof box.memory, &config, &box.provisioning),
        LWSEC_UNSUPPORTED); /* it finds no keys by name */
    config.flags = LWSEC_PROVISIONING_SEALED;
    assert_status(
        lwsec_provisioning_open(box.memory, sizeof box.memory, &config, &box.provisioning),
        LWSEC_OK);
}

static void end(void)
{
    lwsec_provisioning_close(&box.provisioning);
    lwsec_state_memory_close(&box.records);
    lwsec_test_store_close(box.kind, box.store);
}

static lwsec_accounts *begin(void)
{
    lwsec_accounts *stage = kit_open(0, 0);

    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 0, NULL), LWSEC_OK);
    return stage;
}

static lwsec_accounts *load(void)
{
    lwsec_accounts *accounts = kit_open(1, 0);

    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    return accounts;
}

/* A private key without its public half, which would show by itself. */
static void set_bare_key(lwsec_accounts *stage, const char *pair)
{
    static const char head[] =
        "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";
    uint8_t bare[67];

    memcpy(bare, lwsec_test_hex(head).data, 35);
    memcpy(&bare[35], &kit_credential(pair, "private").data[36], 32);
    kit_bytes(stage, "/0/0/5", lwsec_bytes_of(bare, sizeof bare));
}

static void private_key_and_certificate_belong_together(void **state)
{
    lwsec_finding found[4];
    size_t count = 0;
    lwsec_key key;
    uint8_t point[65];

    (void)state;
    start();
    lwsec_accounts *stage = begin();
    kit_certificate_account(stage, 0);
    set_bare_key(stage, "pair-2");
    assert_int_equal(kit_findings(stage), 0);
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, found, 4, &count, NULL),
                  LWSEC_REJECT);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].resource, 5);
    assert_non_null(strstr(found[0].text, "not that of"));
    set_bare_key(stage, "pair-1");
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, found, 4, &count, NULL),
                  LWSEC_OK);
    lwsec_accounts *accounts = load();
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_memory_equal(point, &kit_credential("pair-1", "public").data[26], 65);
    lwsec_accounts_close(&accounts); /* destroys the key, which nobody else knows */
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_USAGE);
    end();
    LWSEC_COVERS("R-5.2.4-02");
}

/* A scalar that is no private key is noticed before the accounts are switched. */
static void a_key_that_the_store_refuses_is_a_finding(void **state)
{
    lwsec_finding found[4];
    size_t count = 0;
    uint8_t zeros[138];
    lwsec_accounts *accounts = kit_open(1, 0);

    (void)state;
    start();
    lwsec_accounts *stage = begin();
    kit_rpk_account(stage, 0);
    memcpy(zeros, kit_credential("pair-1", "private").data, sizeof zeros);
    memset(&zeros[36], 0, 32);
    kit_bytes(stage, "/0/0/5", lwsec_bytes_of(zeros, sizeof zeros));
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, found, 4, &count, NULL),
                  LWSEC_REJECT);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].resource, 5);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_ABSENT);
    end();
}

static void contexts_come_out_of_accounts(void **state)
{
    static uint64_t oscore_memory[LWSEC_OSCORE_SIZE(32, 0) / 8];
    static uint64_t sms_memory[LWSEC_SMS_SIZE / 8];
    static const uint8_t get[] = {0x40, 1, 0, 1};
    uint8_t room[256];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_object object;
    lwsec_oscore_config oscore = {.flags = LWSEC_KEY_FRESH};
    lwsec_sms_config sms = {.flags = LWSEC_KEY_FRESH};
    lwsec_oscore_request request;
    lwsec_oscore *context = NULL;
    lwsec_sms *association = NULL;
    size_t count = 0;

    (void)state;
    start();
    lwsec_accounts *stage = begin();
    kit_psk_account(stage, 0);
    kit_oscore(stage, 0, 1);
    kit_number(stage, "/0/0/6", 2);
    kit_hex(stage, "/0/0/7", "12121600b20203");
    kit_bytes(stage, "/0/0/8", kit_secret(51, 32));
    kit_text(stage, "/0/0/9", "+15105550101");
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, NULL, 0, &count, NULL),
                  LWSEC_OK);
    lwsec_accounts *accounts = load();
    assert_status(lwsec_accounts_oscore(accounts, 0, &object, &oscore, NULL), LWSEC_OK);
    oscore.state = box.records;
    assert_status(lwsec_oscore_init(oscore_memory, sizeof oscore_memory, &oscore, &context, NULL),
                  LWSEC_OK);
    assert_status(lwsec_oscore_protect_request(context, lwsec_bytes_of(get, sizeof get), &request,
                                               &out, NULL),
                  LWSEC_OK);
    lwsec_oscore_close(&context);
    assert_status(lwsec_accounts_sms(accounts, 0, 0, &sms, NULL), LWSEC_OK);
    sms.state = box.records;
    assert_status(lwsec_sms_init(sms_memory, sizeof sms_memory, &sms, &association, NULL),
                  LWSEC_OK);
    assert_status(lwsec_sms_seal(association, lwsec_bytes_of(get, sizeof get), NULL, &out, NULL),
                  LWSEC_OK);
    lwsec_sms_close(&association);
    lwsec_accounts_close(&accounts);
    end();
    LWSEC_COVERS("R-5.5.3-04");
    LWSEC_COVERS("R-5.5.1-02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_key_and_certificate_belong_together),
        cmocka_unit_test(a_key_that_the_store_refuses_is_a_finding),
        cmocka_unit_test(contexts_come_out_of_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
