/* A device whose program starts, is killed, and starts again: its medium stays. */
#include "tests/account/device.h"

void device_make(device *of, uint32_t flags)
{
    memset(of, 0, sizeof *of);
    of->flags = flags;
    assert_status(lwsec_state_memory_open(of->record_memory, sizeof of->record_memory,
                                          DEVICE_RECORDS, 1024, &of->records),
                  LWSEC_OK);
    device_start(of, 0, false);
}

void device_end(device *of)
{
    lwsec_provisioning_close(&of->provisioning);
    lwsec_state_memory_close(&of->records);
}

void device_start(device *of, unsigned dies_at, bool after)
{
    of->life = (keeper_life){0, 0, after};
    keeper_store_open(&of->store, &of->keys, &of->life);
    keeper_state_open(&of->state, of->records, &of->life);
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = &of->state.head,
                                              .store = &of->store.head,
                                              .name = {'d', 'e', 'v', 'i', 'c', 'e'},
                                              .flags = of->flags};
    assert_status(
        lwsec_provisioning_open(of->memory, sizeof of->memory, &config, &of->provisioning),
        LWSEC_OK);
    of->life = (keeper_life){0, dies_at, after};
}

/* Enough text for three records. */
static void fill_text(lwsec_accounts *stage, const char *path, char letter)
{
    char text[900];

    memset(text, letter, sizeof text);
    kit_bytes(stage, path, lwsec_bytes_of(text, sizeof text));
}

void device_fill_old(lwsec_accounts *stage)
{
    kit_psk_account(stage, 0);
    kit_psk_account(stage, 1);
    kit_oscore(stage, 0, 0);
    fill_text(stage, "/0/0/30", 'o');
    fill_text(stage, "/0/1/30", 'o');
}

/* One account stays, with its key; one gets another key; one more comes. */
void device_fill_new(lwsec_accounts *stage)
{
    kit_bytes(stage, "/0/1/5", kit_secret(50, 24));
    kit_psk_account(stage, 2);
    if (lwsec_accounts_delete(stage, kit_path("/21/0/65535")) == LWSEC_OK) {
        kit_delete(stage, "/0/0/17");
    }
    kit_number(stage, "/0/2/6", 2);
    kit_hex(stage, "/0/2/7", "12121600b20203");
    kit_bytes(stage, "/0/2/8", kit_secret(51, 32));
    kit_text(stage, "/0/2/9", "+15105550101");
    fill_text(stage, "/0/0/30", 'n');
    fill_text(stage, "/0/1/30", 'n');
    fill_text(stage, "/0/2/30", 'n');
}

void device_provision(device *of)
{
    lwsec_accounts *stage = kit_open(0, 0);
    size_t count = 9;

    assert_status(lwsec_provisioning_begin(of->provisioning, stage, 0, NULL), LWSEC_OK);
    device_fill_old(stage);
    assert_status(lwsec_provisioning_commit(of->provisioning, stage, NULL, 0, &count, NULL),
                  LWSEC_OK);
    assert_int_equal(count, 0);
    lwsec_accounts_close(&stage);
}

static void look_at_key(const device *of, const lwsec_accounts *accounts, const char *path,
                        size_t index, lwsec_bytes raw)
{
    lwsec_key key;

    assert_status(lwsec_accounts_key(accounts, kit_path(path), index, &key), LWSEC_OK);
    if ((of->flags & LWSEC_PROVISIONING_SEALED) == 0) {
        assert_bytes(keeper_raw(key), raw);
    }
}

static char set_of(const lwsec_accounts *accounts, const char *path)
{
    lwsec_value value;

    assert_status(lwsec_accounts_get(accounts, kit_path(path), &value), LWSEC_OK);
    assert_int_equal(value.bytes.size, 900);
    return (char)value.bytes.data[899];
}

char device_look(device *of)
{
    lwsec_accounts *accounts = kit_open(1, 0);
    lwsec_reason reason;

    assert_status(lwsec_provisioning_load(of->provisioning, accounts, &reason), LWSEC_OK);
    const char which = set_of(accounts, "/0/0/30");
    assert_int_equal(set_of(accounts, "/0/1/30"), which);
    look_at_key(of, accounts, "/0/0/5", 0, kit_secret(0, 16));
    if (which == 'o') {
        look_at_key(of, accounts, "/0/1/5", 0, kit_secret(1, 16));
        look_at_key(of, accounts, "/21/0/0", 0, kit_secret(100, 16));
    } else {
        assert_int_equal(set_of(accounts, "/0/2/30"), which);
        look_at_key(of, accounts, "/0/1/5", 0, kit_secret(50, 24));
        look_at_key(of, accounts, "/0/2/8", 0, lwsec_bytes_of(kit_secret(51, 32).data, 16));
        look_at_key(of, accounts, "/0/2/8", 1, lwsec_bytes_of(&kit_secret(51, 32).data[16], 16));
    }
    lwsec_accounts_close(&accounts);
    return which;
}
