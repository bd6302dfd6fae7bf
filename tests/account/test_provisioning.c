/* Provisioning as a transaction: what is refused leaves the old accounts, and secrets stay out of
 * records. */
#include "tests/account/device.h"

#include <lwsec/coap.h>
#include <lwsec/lwm2m_tlv.h>
#include <lwsec/unbootstrap.h>

static device box;

static lwsec_accounts *begin(void)
{
    lwsec_accounts *stage = kit_open(0, 0);
    lwsec_reason reason;

    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 1000, &reason), LWSEC_OK);
    return stage;
}

static lwsec_status commit(lwsec_accounts *stage, lwsec_reason *reason)
{
    size_t count = 0;

    return lwsec_provisioning_commit(box.provisioning, stage, NULL, 0, &count, reason);
}

static bool holds(const void *memory, size_t size, lwsec_bytes what)
{
    const uint8_t *bytes = memory;

    for (size_t i = 0; i + what.size <= size; i++) {
        if (memcmp(&bytes[i], what.data, what.size) == 0) {
            return true;
        }
    }
    return false;
}

static void make(uint32_t flags)
{
    device_make(&box, flags);
    device_provision(&box);
    assert_int_equal(device_look(&box), 'o');
}

static void a_commit_puts_the_stage_in_force(void **state)
{
    static const uint32_t flags[] = {0, LWSEC_PROVISIONING_SEALED};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make(flags[i]);
        lwsec_accounts *stage = begin();
        device_fill_new(stage);
        assert_status(commit(stage, NULL), LWSEC_OK);
        size_t position = 0;
        lwsec_path path;
        lwsec_value value;
        assert_false(lwsec_accounts_next(stage, &position, &path, &value)); /* wiped */
        assert_int_equal(device_look(&box), 'n');
        device_start(&box, 0, false); /* and after a restart */
        assert_int_equal(device_look(&box), 'n');
        device_end(&box);
    }
    LWSEC_COVERS("R-5.2.4-10");
}

static void no_secret_is_in_a_record_or_left_behind(void **state)
{
    const size_t size = sizeof box.record_memory;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    device_fill_new(stage);
    assert_true(holds(stage, LWSEC_ACCOUNTS_SIZE(KIT_BYTES), kit_secret(50, 24)));
    assert_status(commit(stage, NULL), LWSEC_OK);
    assert_false(holds(box.record_memory, size, kit_secret(0, 16)));
    assert_false(holds(box.record_memory, size, kit_secret(50, 24)));
    assert_false(holds(box.record_memory, size, kit_secret(51, 32)));
    assert_false(holds(stage, LWSEC_ACCOUNTS_SIZE(KIT_BYTES), kit_secret(50, 24)));
    assert_false(holds(box.memory, sizeof box.memory, kit_secret(50, 24)));
    device_end(&box);
    make(LWSEC_PROVISIONING_SEALED); /* where records hold them, no chunk stays in the memory */
    assert_true(holds(box.record_memory, size, kit_secret(0, 16)));
    assert_false(holds(box.memory, sizeof box.memory, kit_secret(0, 16)));
    device_end(&box);
    LWSEC_COVERS("R-5.1-15");
}

static void sealed_records_need_a_state_that_seals(void **state)
{
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
    lwsec_accounts *stage = kit_open(0, 0);
    lwsec_provisioning *provisioning = NULL;
    lwsec_state_ops ops;
    lwsec_reason reason;

    (void)state;
    device_make(&box, LWSEC_PROVISIONING_SEALED);
    ops = *box.state.head.ops;
    ops.seals = false;
    box.state.head.ops = &ops;
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = &box.state.head,
                                              .store = &box.store.head,
                                              .flags = LWSEC_PROVISIONING_SEALED};
    assert_status(lwsec_provisioning_open(memory, sizeof memory, &config, &provisioning), LWSEC_OK);
    assert_status(lwsec_provisioning_begin(provisioning, stage, 0, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    device_end(&box);
}

static void what_is_inconsistent_is_refused_at_once(void **state)
{
    lwsec_finding findings[8];
    size_t count = 0;
    lwsec_reason reason;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    kit_delete(stage, "/0/1/5");
    kit_delete(stage, "/1/0/65535");
    const lwsec_status status =
        lwsec_provisioning_commit(box.provisioning, stage, findings, 8, &count, &reason);
    assert_status(status, LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
    assert_int_equal(lwsec_provisioning_code(status), LWSEC_COAP_CODE(4, 6));
    assert_int_equal(count, 2);
    assert_string_equal(findings[0].requirement, "R-5.2.9.1-09");
    assert_string_equal(findings[1].requirement, "R-6.7-04");
    assert_int_equal(keeper_count(&box.keys), 3);
    assert_status(commit(stage, &reason), LWSEC_REJECT); /* also without room for findings */
    kit_bytes(stage, "/0/1/5", kit_secret(60, 16));      /* corrected, the stage goes on */
    kit_number(stage, "/1/0/0", 101);
    kit_number(stage, "/1/0/1", 60);
    kit_number(stage, "/1/0/6", 1);
    kit_text(stage, "/1/0/7", "U");
    assert_status(commit(stage, &reason), LWSEC_OK);
    assert_int_equal(lwsec_provisioning_code(LWSEC_OK), LWSEC_COAP_CODE(2, 4));
    assert_int_equal(lwsec_provisioning_code(LWSEC_STATE), LWSEC_COAP_CODE(5, 0));
    device_end(&box);
    LWSEC_COVERS("R-6.7-04");
    LWSEC_COVERS("R-6.7-08");
}

static void an_abort_and_a_timeout_leave_the_old_accounts(void **state)
{
    lwsec_reason reason;

    (void)state;
    make(0);
    assert_int_equal(lwsec_provisioning_deadline(box.provisioning), UINT64_MAX);
    lwsec_accounts *stage = begin();
    device_fill_new(stage);
    lwsec_provisioning_abort(box.provisioning, stage);
    assert_status(commit(stage, &reason), LWSEC_USAGE);
    assert_int_equal(device_look(&box), 'o');
    stage = begin();
    device_fill_new(stage);
    assert_int_equal(lwsec_provisioning_deadline(box.provisioning), 1247);
    assert_status(lwsec_provisioning_expire(box.provisioning, stage, 1246, &reason), LWSEC_OK);
    lwsec_provisioning_heard(box.provisioning, 1100);
    assert_status(lwsec_provisioning_expire(box.provisioning, stage, 1346, &reason), LWSEC_OK);
    assert_status(lwsec_provisioning_expire(box.provisioning, stage, 1347, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_TIMEOUT);
    assert_false(holds(stage, LWSEC_ACCOUNTS_SIZE(KIT_BYTES), kit_secret(50, 24)));
    assert_status(commit(stage, &reason), LWSEC_USAGE);
    assert_int_equal(device_look(&box), 'o');
    device_end(&box);
    LWSEC_COVERS("R-6.7-04");
}

static void a_failure_of_the_medium_can_be_tried_again(void **state)
{
    lwsec_reason reason;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    device_fill_new(stage);
    box.life = (keeper_life){0, 3, false};
    assert_status(commit(stage, &reason), LWSEC_STATE);
    box.life = (keeper_life){0, 0, false};
    assert_int_equal(keeper_count(&box.keys), 3);
    assert_status(commit(stage, &reason), LWSEC_OK);
    assert_int_equal(device_look(&box), 'n');
    device_end(&box);
}

/* A state without room for both generations: what was written of the new one is in nobody's way. */
static void a_commit_that_failed_gives_its_room_back(void **state)
{
    lwsec_record other = {LWSEC_RECORD_SMS, {0}};
    unsigned rooms = 0;
    lwsec_reason reason;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    device_fill_new(stage);
    for (uint8_t i = 0;; i++) { /* all but the room of one record */
        uint64_t version = 0;
        other.identity[0] = i;
        if (lwsec_state_store_if(box.records, &other, lwsec_bytes_of("x", 1), &version, NULL) !=
            LWSEC_OK) {
            break;
        }
        rooms++;
    }
    assert_true(rooms > 2);
    other.identity[0] = 0;
    assert_status(lwsec_state_erase(box.records, &other, NULL), LWSEC_OK);
    assert_true(commit(stage, &reason) != LWSEC_OK);
    assert_int_equal(keeper_count(&box.keys), 3);
    uint64_t version = 0;
    assert_status(lwsec_state_store_if(box.records, &other, lwsec_bytes_of("x", 1), &version, NULL),
                  LWSEC_OK);
    assert_int_equal(device_look(&box), 'o');
    device_end(&box);
}

static void another_commit_was_first(void **state)
{
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
    lwsec_provisioning *other = NULL;
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = &box.state.head,
                                              .store = &box.store.head,
                                              .name = {'d', 'e', 'v', 'i', 'c', 'e'}};
    size_t count = 0;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    assert_status(lwsec_provisioning_open(memory, sizeof memory, &config, &other), LWSEC_OK);
    lwsec_accounts *second = kit_open(2, 0);
    assert_status(lwsec_provisioning_begin(other, second, 0, NULL), LWSEC_OK);
    device_fill_new(second);
    assert_status(lwsec_provisioning_commit(other, second, NULL, 0, &count, NULL), LWSEC_OK);
    assert_status(commit(stage, NULL), LWSEC_CONFLICT);
    assert_int_equal(device_look(&box), 'n');
    stage = begin();
    kit_text(stage, "/0/0/3", "lost");
    assert_status(lwsec_provisioning_begin(other, second, 0, NULL), LWSEC_OK);
    assert_status(lwsec_provisioning_commit(other, second, NULL, 0, &count, NULL), LWSEC_OK);
    assert_int_equal(device_look(&box), 'n'); /* a look at the winner does not make it first */
    assert_status(commit(stage, NULL), LWSEC_CONFLICT);
    device_end(&box);
}

/* How many keys the accounts in force have. */
static size_t count_keys(void)
{
    lwsec_accounts *accounts = kit_open(1, 0);
    size_t position = 0;
    size_t count = 0;
    lwsec_path path;
    lwsec_value value;
    lwsec_key key;

    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    while (lwsec_accounts_next(accounts, &position, &path, &value)) {
        for (size_t i = 0; lwsec_accounts_key(accounts, path, i, &key) == LWSEC_OK; i++) {
            count++;
        }
    }
    lwsec_accounts_close(&accounts);
    return count;
}

/* The key store fails in the middle of a commit, and then the stage is changed: no key stays that
 * nothing names any more. */
static void a_commit_that_failed_leaves_no_keys(void **state)
{
    unsigned failures = 0;

    (void)state;
    for (unsigned at = 1;; at++) {
        make(0);
        lwsec_accounts *stage = begin();
        device_fill_new(stage);
        box.life = (keeper_life){0, at, true};
        if (commit(stage, NULL) == LWSEC_OK) {
            device_end(&box);
            break;
        }
        box.life = (keeper_life){0, 0, false};
        if (lwsec_provisioning_deadline(box.provisioning) == UINT64_MAX) {
            stage = begin();
            failures++;
        }
        if (lwsec_accounts_delete(stage, kit_path("/0/2/65535")) == LWSEC_OK) {
            kit_delete(stage, "/1/2/65535");
        }
        assert_status(commit(stage, NULL), LWSEC_OK);
        const size_t count = count_keys();
        assert_int_equal(keeper_count(&box.keys), count);
        device_end(&box);
    }
    assert_true(failures > 0);
}

static void keys_that_somebody_else_keeps(void **state)
{
    const lwsec_key_attributes attributes = {sizeof attributes, LWSEC_ALG_PSK, LWSEC_USE_PSK,
                                             lwsec_bytes_of("factory", 7)};
    const lwsec_value name = {.type = LWSEC_VALUE_KEY, .bytes = lwsec_bytes_of("factory", 7)};
    lwsec_finding found[4];
    size_t count = 0;
    lwsec_key key;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    assert_status(lwsec_accounts_set(stage, kit_path("/0/0/5"), &name, NULL), LWSEC_OK);
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, found, 4, &count, NULL),
                  LWSEC_REJECT); /* it is not there */
    assert_int_equal(count, 1);
    assert_int_equal(found[0].resource, 5);
    assert_status(lwsec_key_import(&box.store.head, &attributes, kit_secret(70, 16), &key),
                  LWSEC_OK);
    assert_status(commit(stage, NULL), LWSEC_OK);
    lwsec_accounts *accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_OK);
    assert_bytes(keeper_raw(key), kit_secret(70, 16));
    assert_int_equal(keeper_count(&box.keys), 3); /* the one that was imported before is gone */
    stage = begin();
    kit_delete(stage, "/0/0/5");
    kit_bytes(stage, "/0/0/5", kit_secret(71, 16));
    assert_status(commit(stage, NULL), LWSEC_OK);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_status(lwsec_key_find(&box.store.head, name.bytes, &key), LWSEC_OK); /* not ours */
    device_end(&box);
}

/* The name that a stage tells of a key is not to be given to another account: the key would go with
 * the first one, and nothing could be loaded any more. */
static void a_key_of_a_commit_is_not_given_on(void **state)
{
    size_t position = 0;
    unsigned names = 0;
    lwsec_path path;
    lwsec_value value;
    lwsec_reason reason;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    lwsec_accounts *copied = kit_open(2, 0);
    while (lwsec_accounts_next(stage, &position, &path, &value)) {
        if (value.type == LWSEC_VALUE_KEY) {
            assert_status(lwsec_accounts_set(copied, path, &value, &reason), LWSEC_REJECT);
            assert_int_equal(reason.why, LWSEC_WHY_VALUE);
            value.bytes.size = 5; /* "lwsec" */
            assert_status(lwsec_accounts_set(copied, path, &value, &reason), LWSEC_OK);
            names++;
        }
    }
    assert_int_equal(names, 3);
    device_end(&box);
}

/* A key that stays while its account becomes another one is not used for what it is not. */
static void a_kept_key_has_to_fit_its_account(void **state)
{
    lwsec_finding found[4];
    size_t count = 0;

    (void)state;
    make(0);
    lwsec_accounts *stage = begin();
    kit_number(stage, "/0/1/2", 1);
    kit_bytes(stage, "/0/1/3", kit_credential("pair-1", "public"));
    kit_bytes(stage, "/0/1/4", kit_credential("pair-2", "public"));
    assert_status(lwsec_provisioning_commit(box.provisioning, stage, found, 4, &count, NULL),
                  LWSEC_REJECT);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].resource, 5);
    assert_true(found[0].fatal);
    device_end(&box);
}

static void unused_secrets_go_nowhere(void **state)
{
    lwsec_key key;

    (void)state;
    device_make(&box, 0);
    lwsec_accounts *stage = begin();
    kit_psk_account(stage, 0);
    kit_oscore(stage, 0, 0);
    kit_text(stage, "/0/0/0", "coap://a");
    kit_number(stage, "/0/0/2", 3); /* OSCORE alone; the key is left over */
    assert_status(commit(stage, NULL), LWSEC_OK);
    assert_int_equal(keeper_count(&box.keys), 1);
    lwsec_accounts *accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_ABSENT);
    device_end(&box);
}

/* The keys of an account go with it: those of (D)TLS, and of OSCORE. */
static void unbootstrapping_destroys_keys(void **state)
{
    lwsec_plan_step steps[8];
    lwsec_key key;

    (void)state;
    make(0);
    assert_int_equal(keeper_count(&box.keys), 3); /* two accounts, one of them with OSCORE */
    lwsec_accounts *stage = begin();
    const size_t count = lwsec_unbootstrap_plan(stage, 0, steps, 8);
    assert_in_range(count, 4, 8);
    assert_status(lwsec_unbootstrap_apply(stage, steps, count), LWSEC_OK);
    assert_int_equal(keeper_count(&box.keys), 3); /* not before the commit */
    assert_status(commit(stage, NULL), LWSEC_OK);
    lwsec_accounts *accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_int_equal(keeper_count(&box.keys), 1);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_ABSENT);
    assert_status(lwsec_accounts_key(accounts, kit_path("/21/0/0"), 0, &key), LWSEC_ABSENT);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/1/5"), 0, &key), LWSEC_OK);
    assert_bytes(keeper_raw(key), kit_secret(1, 16));
    device_end(&box);
    LWSEC_COVERS("R-5.2.5-01");
    LWSEC_COVERS("R-5.5.4-01");
}

/* A commit does not ask for a key that is not used, and neither does a load. */
static void an_unused_key_need_not_be_there(void **state)
{
    const lwsec_value name = {.type = LWSEC_VALUE_KEY, .bytes = lwsec_bytes_of("nobody", 6)};
    lwsec_reason reason;
    lwsec_key key;

    (void)state;
    device_make(&box, 0);
    lwsec_accounts *stage = begin();
    kit_psk_account(stage, 0);
    kit_oscore(stage, 0, 0);
    kit_text(stage, "/0/0/0", "coap://a");
    kit_number(stage, "/0/0/2", 3); /* OSCORE alone */
    assert_status(lwsec_accounts_set(stage, kit_path("/0/0/5"), &name, NULL), LWSEC_OK);
    assert_status(commit(stage, NULL), LWSEC_OK);
    lwsec_accounts *accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, &reason), LWSEC_OK);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_ABSENT);
    assert_status(lwsec_accounts_key(accounts, kit_path("/21/0/0"), 0, &key), LWSEC_OK);
    device_end(&box);
}

static void a_lost_key_is_told(void **state)
{
    lwsec_reason reason;

    (void)state;
    make(0);
    lwsec_accounts *accounts = kit_open(1, 0);
    memset(&box.keys.keys[0], 0, sizeof box.keys.keys[0]);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, &reason), LWSEC_ENGINE);
    assert_int_equal(reason.why, LWSEC_WHY_KEY_GONE);
    device_end(&box);
}

static void foreign_and_cut_records_are_refused(void **state)
{
    static const uint8_t values[][6] = {{2, 0, 0, 0, 1}, {1, 0, 0, 0, 0}, {1, 0, 0, 0, 9}};
    lwsec_record head = {LWSEC_RECORD_ACCOUNT, {'d', 'e', 'v', 'i', 'c', 'e'}};
    lwsec_accounts *accounts = kit_open(1, 0);
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint64_t version = 0;
        device_make(&box, 0);
        assert_status(
            lwsec_state_store_if(box.records, &head, lwsec_bytes_of(values[i], 5), &version, NULL),
            LWSEC_OK);
        assert_status(lwsec_provisioning_load(box.provisioning, accounts, &reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
        device_end(&box);
    }
}

static void clients_of_one_state_do_not_meet(void **state)
{
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
    lwsec_provisioning *other = NULL;
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = &box.state.head,
                                              .store = &box.store.head,
                                              .name = {'o', 't', 'h', 'e', 'r'}};

    (void)state;
    make(0);
    lwsec_accounts *accounts = kit_open(1, 0);
    assert_status(lwsec_provisioning_open(memory, sizeof memory, &config, &other), LWSEC_OK);
    assert_status(lwsec_provisioning_load(other, accounts, NULL), LWSEC_ABSENT);
    assert_int_equal(device_look(&box), 'o');
    device_end(&box);
}

static void only_the_bootstrap_gets_at_accounts(void **state)
{
    static const uint16_t objects[] = {0, 1, 2, 3, 21, 23};
    static const bool server[] = {false, true, true, true, false, false};
    static const bool read[] = {false, true, true, false, false, false};

    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        const int denied = LWSEC_COAP_CODE(4, 1);
        assert_int_equal(lwsec_account_access(objects[i], false, false), server[i] ? 0 : denied);
        assert_int_equal(lwsec_account_access(objects[i], false, true), server[i] ? 0 : denied);
        assert_int_equal(lwsec_account_access(objects[i], true, true), read[i] ? 0 : denied);
        assert_int_equal(lwsec_account_access(objects[i], true, false), 0);
    }
    LWSEC_COVERS("R-6.7-03");
    LWSEC_COVERS("R-6.7-07");
}

static void a_slow_state_is_waited_for(void **state)
{
    (void)state;
    device_make(&box, 0);
    box.state.slow = true;
    device_provision(&box);
    assert_int_equal(device_look(&box), 'o');
    lwsec_accounts *stage = begin();
    device_fill_new(stage);
    assert_status(commit(stage, NULL), LWSEC_OK);
    assert_int_equal(device_look(&box), 'n');
    device_end(&box);
}

/* After a program that had a later version of an object. */
static void resources_of_a_later_version_are_not_written(void **state)
{
    const lwsec_accounts_config earlier = {.size = sizeof earlier,
                                           .security_version = LWSEC_VERSION(1, 1)};
    static uint8_t room[4096];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_value value;

    (void)state;
    make(0);
    lwsec_accounts *accounts = kit_open_config(1, &earlier);
    lwsec_accounts *copied = kit_open(2, 0);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL), LWSEC_OK);
    assert_status(lwsec_accounts_write_tlv(accounts, 0, 0, LWSEC_TLV_SECRETS, &out), LWSEC_OK);
    assert_status(lwsec_accounts_read_tlv(copied, 0, 0, lwsec_buffer_bytes(&out), NULL), LWSEC_OK);
    assert_status(lwsec_accounts_get(copied, kit_path("/0/0/10"), &value), LWSEC_OK);
    assert_status(lwsec_accounts_get(copied, kit_path("/0/0/30"), &value), LWSEC_ABSENT);
    device_end(&box);
}

/* ---- Room ---- */

#define TIGHT 900U

static lwsec_accounts *tight(size_t which, size_t size)
{
    static uint64_t memory[2][LWSEC_ACCOUNTS_SIZE(TIGHT) / 8];
    const lwsec_accounts_config config = {.size = sizeof config};
    lwsec_accounts *accounts = NULL;

    assert_true(size <= TIGHT);
    assert_status(lwsec_accounts_init(memory[which], lwsec_accounts_size(size), &config, &accounts),
                  LWSEC_OK);
    return accounts;
}

/* False: there is no room for all of it. */
static bool copy(const lwsec_accounts *from, lwsec_accounts *to)
{
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;

    while (lwsec_accounts_next(from, &position, &path, &value)) {
        if (lwsec_accounts_set(to, path, &value, NULL) != LWSEC_OK) {
            return false;
        }
    }
    return true;
}

/* Whether they are committed from memory of this size; then they can be loaded into such. */
static bool is_committed(const lwsec_accounts *wanted, size_t size, uint32_t flags)
{
    lwsec_accounts *stage = tight(0, size);
    lwsec_accounts *accounts = tight(1, size);
    lwsec_reason reason;

    device_make(&box, flags);
    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 0, NULL), LWSEC_OK);
    const bool fits = copy(wanted, stage);
    const lwsec_status status = fits ? commit(stage, &reason) : LWSEC_BUFFER;
    assert_status(status, status == LWSEC_OK ? LWSEC_OK : LWSEC_BUFFER);
    assert_status(lwsec_provisioning_load(box.provisioning, accounts, NULL),
                  status == LWSEC_OK ? LWSEC_OK : LWSEC_ABSENT);
    lwsec_accounts_close(&accounts);
    if (status != LWSEC_OK && fits) {
        assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
        assert_true(copy(wanted, stage)); /* it goes on */
    }
    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 0, NULL), LWSEC_OK);
    device_end(&box);
    return status == LWSEC_OK;
}

/* A key's name or handle may take more room than its secret. */
static void what_could_not_be_loaded_is_not_committed(void **state)
{
    static const uint32_t flags[] = {0, LWSEC_PROVISIONING_SEALED};
    lwsec_accounts *wanted = kit_open(2, 0);

    (void)state;
    kit_psk_account(wanted, 0);
    kit_number(wanted, "/0/0/6", 2);
    kit_hex(wanted, "/0/0/7", "12121600b20203");
    kit_bytes(wanted, "/0/0/8", kit_secret(51, 32));
    kit_text(wanted, "/0/0/9", "+15105550101");
    for (size_t i = 0; i < 2; i++) {
        size_t size = 0;
        while (!is_committed(wanted, size, flags[i])) {
            size++;
        }
        assert_true(is_committed(wanted, TIGHT, flags[i]));
    }
    LWSEC_COVERS("R-6.7-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_puts_the_stage_in_force),
        cmocka_unit_test(no_secret_is_in_a_record_or_left_behind),
        cmocka_unit_test(sealed_records_need_a_state_that_seals),
        cmocka_unit_test(what_is_inconsistent_is_refused_at_once),
        cmocka_unit_test(an_abort_and_a_timeout_leave_the_old_accounts),
        cmocka_unit_test(a_failure_of_the_medium_can_be_tried_again),
        cmocka_unit_test(a_commit_that_failed_gives_its_room_back),
        cmocka_unit_test(another_commit_was_first),
        cmocka_unit_test(a_commit_that_failed_leaves_no_keys),
        cmocka_unit_test(keys_that_somebody_else_keeps),
        cmocka_unit_test(a_key_of_a_commit_is_not_given_on),
        cmocka_unit_test(a_kept_key_has_to_fit_its_account),
        cmocka_unit_test(unused_secrets_go_nowhere),
        cmocka_unit_test(unbootstrapping_destroys_keys),
        cmocka_unit_test(an_unused_key_need_not_be_there),
        cmocka_unit_test(a_lost_key_is_told),
        cmocka_unit_test(foreign_and_cut_records_are_refused),
        cmocka_unit_test(clients_of_one_state_do_not_meet),
        cmocka_unit_test(only_the_bootstrap_gets_at_accounts),
        cmocka_unit_test(a_slow_state_is_waited_for),
        cmocka_unit_test(resources_of_a_later_version_are_not_written),
        cmocka_unit_test(what_could_not_be_loaded_is_not_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
