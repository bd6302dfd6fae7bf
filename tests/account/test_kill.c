/* Provisioning, killed at every call of the state and of the key store: the old accounts or the new
 * ones, never neither, and nothing is left over in the end. */
#include "tests/account/device.h"

static device box;

/* A bootstrap from the old set to the new one, for as long as the program lives. */
static lwsec_status bootstrap(void)
{
    lwsec_accounts *stage = kit_open(0, 0);
    size_t count = 0;

    lwsec_status status = lwsec_provisioning_begin(box.provisioning, stage, 0, NULL);
    if (status == LWSEC_OK) {
        device_fill_new(stage);
        status = lwsec_provisioning_commit(box.provisioning, stage, NULL, 0, &count, NULL);
    }
    lwsec_accounts_close(&stage);
    return status;
}

/* After some more bootstraps the medium holds what is in force and nothing else. */
static void settle(void)
{
    lwsec_accounts *stage = kit_open(0, 0);

    device_start(&box, 0, false);
    assert_status(lwsec_provisioning_begin(box.provisioning, stage, 0, NULL), LWSEC_OK);
    lwsec_provisioning_abort(box.provisioning, stage);
    const char which = device_look(&box);
    if ((box.flags & LWSEC_PROVISIONING_SEALED) == 0) {
        assert_int_equal(keeper_count(&box.keys), which == 'o' ? 3 : 5);
    } else {
        assert_int_equal(keeper_count(&box.keys), 0);
    }
}

/* The first bootstrap is killed, then, where `twice` says, the one after it. True: it was not
 * killed at all. */
static bool kill_at(unsigned call, bool after, unsigned twice)
{
    device_make(&box, box.flags);
    device_provision(&box);
    device_start(&box, call, after);
    lwsec_status status = bootstrap();
    const unsigned calls = box.life.calls;
    if (twice > 0) { /* at once: nobody has tidied up in between */
        device_start(&box, twice, after);
        const lwsec_status second = bootstrap();
        status = second == LWSEC_OK ? second : status;
    }
    device_start(&box, 0, false);
    const char left = device_look(&box);
    if (status == LWSEC_OK) {
        assert_int_equal(left, 'n');
    }
    settle();
    device_start(&box, 0, false);
    if (device_look(&box) == 'o') {
        assert_status(bootstrap(), LWSEC_OK); /* and a bootstrap can go on */
        assert_int_equal(device_look(&box), 'n');
        settle();
    }
    device_end(&box);
    return calls < call;
}

static unsigned kill_everywhere(unsigned twice)
{
    unsigned calls = 0;

    for (int after = 0; after < 2; after++) {
        unsigned call = 1;
        while (!kill_at(call, after == 1, twice)) {
            call++;
        }
        calls = call;
    }
    return calls;
}

static void killed_with_a_store_that_keeps_keys(void **state)
{
    (void)state;
    box.flags = 0;
    assert_true(kill_everywhere(0) > 20); /* 3 records read, 4 written, 5 keys looked for */
    LWSEC_COVERS("R-6.7-04");
}

static void killed_with_sealed_records(void **state)
{
    (void)state;
    box.flags = LWSEC_PROVISIONING_SEALED;
    assert_true(kill_everywhere(0) > 12);
}

static void killed_twice(void **state)
{
    (void)state;
    box.flags = 0;
    for (unsigned twice = 1; twice < 40; twice++) {
        assert_true(kill_everywhere(twice) > 20);
    }
}

/* A load that tidies up after the commit can be killed, too. */
static void killed_while_loading(void **state)
{
    unsigned call = 0;
    unsigned calls = 0;

    (void)state;
    box.flags = 0;
    device_make(&box, 0);
    device_provision(&box);
    assert_status(bootstrap(), LWSEC_OK);
    const keeper_medium keys = box.keys;
    do {
        lwsec_accounts *accounts = kit_open(1, 0);
        call++;
        box.keys = keys;
        device_start(&box, call, call % 2 == 0);
        const lwsec_status status = lwsec_provisioning_load(box.provisioning, accounts, NULL);
        assert_true(status == LWSEC_OK || status == LWSEC_STATE || status == LWSEC_ENGINE);
        calls = box.life.calls;
        lwsec_accounts_close(&accounts);
        device_start(&box, 0, false);
        assert_int_equal(device_look(&box), 'n');
    } while (calls >= call);
    settle();
    device_end(&box);
}

/* The first accounts of all: none, or all of them. */
static void killed_the_first_time(void **state)
{
    lwsec_accounts *accounts = NULL;
    unsigned call = 0;
    unsigned calls = 0;

    (void)state;
    box.flags = 0;
    do {
        size_t count = 0;
        call++;
        device_make(&box, 0);
        device_start(&box, call, false);
        lwsec_accounts *stage = kit_open(0, 0);
        if (lwsec_provisioning_begin(box.provisioning, stage, 0, NULL) == LWSEC_OK) {
            device_fill_old(stage);
            const lwsec_status status =
                lwsec_provisioning_commit(box.provisioning, stage, NULL, 0, &count, NULL);
            assert_true(status == LWSEC_OK || box.life.calls >= call);
        }
        calls = box.life.calls;
        lwsec_accounts_close(&stage);
        device_start(&box, 0, false);
        accounts = kit_open(1, 0);
        const lwsec_status left = lwsec_provisioning_load(box.provisioning, accounts, NULL);
        lwsec_accounts_close(&accounts);
        assert_true(left == LWSEC_ABSENT || left == LWSEC_OK);
        if (left == LWSEC_OK) {
            assert_int_equal(device_look(&box), 'o');
        } else {
            assert_int_equal(keeper_count(&box.keys), 0);
            device_provision(&box);
        }
        settle();
        device_end(&box);
    } while (calls >= call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_with_a_store_that_keeps_keys),
        cmocka_unit_test(killed_with_sealed_records),
        cmocka_unit_test(killed_twice),
        cmocka_unit_test(killed_while_loading),
        cmocka_unit_test(killed_the_first_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
