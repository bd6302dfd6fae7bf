/* The plan of unbootstrapping: its order, who inherits, and that it can be followed. */
#include "tests/account/kit.h"

#include <lwsec/unbootstrap.h>

#define STEPS 32U

static lwsec_plan_step steps[STEPS];

static lwsec_accounts *three(void)
{
    lwsec_accounts *accounts = kit_open(0, 0);

    for (uint16_t n = 0; n < 3; n++) {
        kit_psk_account(accounts, n);
    }
    return accounts;
}

/* An Access Control instance with rights for up to three servers, -1 for no entry. */
static void guard(lwsec_accounts *accounts, unsigned n, int64_t object, int64_t instance,
                  int64_t owner, const int rights[4])
{
    static const unsigned ssids[4] = {101, 102, 103, 0};
    char path[32];

    (void)snprintf(path, sizeof path, "/2/%u/0", n);
    kit_number(accounts, path, object);
    (void)snprintf(path, sizeof path, "/2/%u/1", n);
    kit_number(accounts, path, instance);
    (void)snprintf(path, sizeof path, "/2/%u/3", n);
    kit_number(accounts, path, owner);
    for (size_t i = 0; i < 4; i++) {
        if (rights[i] >= 0) {
            (void)snprintf(path, sizeof path, "/2/%u/2/%u", n, ssids[i]);
            kit_number(accounts, path, rights[i]);
        }
    }
}

static void write_step(const lwsec_plan_step *step, char *text, size_t size)
{
    const uint16_t ids[4] = {step->path.object, step->path.instance, step->path.resource,
                             step->path.resource_instance};
    int at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < 4 && ids[i] != LWSEC_PATH_NONE; i++) {
        at += snprintf(&text[at], size - (size_t)at, "/%u", ids[i]);
    }
    if (step->action != LWSEC_PLAN_DELETE) {
        (void)snprintf(&text[at], size - (size_t)at, "=%u", step->ssid);
    }
}

/* The plan, as text: "/1/0 /2/3/3=102 =101". */
static void assert_plan(const lwsec_accounts *accounts, uint16_t instance, const char *expected)
{
    char plan[512] = "";
    char text[32];
    const size_t count = lwsec_unbootstrap_plan(accounts, instance, steps, STEPS);

    assert_true(count <= STEPS);
    for (size_t i = 0; i < count; i++) {
        write_step(&steps[i], text, sizeof text);
        (void)snprintf(&plan[strlen(plan)], sizeof plan - strlen(plan), "%s%s", i > 0 ? " " : "",
                       text);
    }
    assert_string_equal(plan, expected);
    assert_int_equal(lwsec_unbootstrap_plan(accounts, instance, NULL, 0), count);
}

static void server_and_observations_go(void **state)
{
    lwsec_accounts *accounts = three();

    (void)state;
    assert_plan(accounts, 1, "/1/1 =102 /0/1");
    assert_int_equal(steps[1].action, LWSEC_PLAN_FORGET_OBSERVERS);
    assert_int_equal(lwsec_unbootstrap_plan(accounts, 3, steps, STEPS), 0);
    kit_number(accounts, "/0/1/1", 1); /* a Bootstrap-Server has neither */
    assert_plan(accounts, 1, "/0/1");
    LWSEC_COVERS("R-5.2.5-01");
    LWSEC_COVERS("R-5.2.5-02");
    LWSEC_COVERS("R-5.2.5-09");
}

static void what_it_alone_can_access_goes(void **state)
{
    static const int alone[4] = {15, -1, -1, -1};
    static const int nobody[4] = {-1, -1, -1, -1};   /* no ACL: the owner has it all */
    static const int none[4] = {15, 0, -1, -1};      /* an entry without rights */
    static const int others[4] = {15, -1, -1, 1};    /* by default, others can read */
    static const int nobody_else[4] = {15, 0, 0, 1}; /* but these two have entries */
    lwsec_accounts *accounts = three();

    (void)state;
    guard(accounts, 0, 3303, 0, 101, alone);
    guard(accounts, 1, 3303, 1, 101, nobody);
    guard(accounts, 2, 3303, 2, 101, none);
    guard(accounts, 4, 3303, 4, 101, nobody_else);
    guard(accounts, 5, 3303, 65535, 101, alone); /* the object itself stays */
    guard(accounts, 6, 1, 0, 101, alone);        /* its Server instance goes once */
    assert_plan(accounts, 0,
                "/1/0 /3303/0 /2/0 /3303/1 /2/1 /3303/2 /2/2 /3303/4 /2/4 /2/5 /2/6 =101 /0/0");
    accounts = three();
    guard(accounts, 3, 3303, 3, 101, others);
    assert_plan(accounts, 0, "/1/0 /2/3/2/101 /2/3/3=102 =101 /0/0");
    LWSEC_COVERS("R-5.2.5-04");
}

/* An Access Control instance of one server does not take another one's account along. */
static void accounts_of_others_stay(void **state)
{
    static const int alone[4] = {15, -1, -1, -1};
    lwsec_accounts *accounts = three();

    (void)state;
    kit_oscore(accounts, 1, 6);
    guard(accounts, 0, 1, 1, 101, alone);  /* the Server instance of 102 */
    guard(accounts, 1, 21, 6, 101, alone); /* its Master Secret */
    guard(accounts, 2, 2, 3, 101, alone);
    guard(accounts, 3, 3303, 0, 102, alone);
    assert_plan(accounts, 0, "/1/0 /2/0 /2/1 /2/2 /2/3/2/101 =101 /0/0");
    const size_t count = lwsec_unbootstrap_plan(accounts, 0, steps, STEPS);
    assert_status(lwsec_unbootstrap_apply(accounts, steps, count), LWSEC_OK);
    assert_int_equal(kit_findings(accounts), 0);
    LWSEC_COVERS("R-5.2.5-04");
}

/* An entry that was left behind for a server that is gone. */
static void who_is_gone_inherits_nothing(void **state)
{
    static const int alone[4] = {15, -1, -1, -1};
    static const int two[4] = {15, 1, -1, -1};
    lwsec_accounts *accounts = three();

    (void)state;
    guard(accounts, 0, 3303, 0, 101, alone);
    kit_number(accounts, "/2/0/2/104", 31);
    guard(accounts, 1, 3303, 1, 101, two);
    kit_number(accounts, "/2/1/2/104", 31);
    assert_plan(accounts, 0, "/1/0 /3303/0 /2/0 /2/1/2/101 /2/1/3=102 =101 /0/0");
    kit_number(accounts, "/1/3/0", 104); /* it is there */
    assert_plan(accounts, 0, "/1/0 /2/0/2/101 /2/0/3=104 /2/1/2/101 /2/1/3=104 =101 /0/0");
    LWSEC_COVERS("R-5.2.5-06");
}

static void what_is_shared_loses_an_entry(void **state)
{
    static const int two[4] = {15, 1, -1, -1};
    static const int without[4] = {-1, 1, -1, -1};
    lwsec_accounts *accounts = three();

    (void)state;
    guard(accounts, 0, 3, 0, 102, two);     /* of another owner */
    guard(accounts, 1, 4, 0, 102, without); /* has no entry */
    guard(accounts, 2, 5, 0, 65535, two);   /* of the bootstrap */
    assert_plan(accounts, 0, "/1/0 /2/0/2/101 /2/2/2/101 =101 /0/0");
    LWSEC_COVERS("R-5.2.5-05");
}

static void the_next_owner_can_write_and_delete(void **state)
{
    /* R 1, W 2, E 4, D 8, C 16 */
    static const struct {
        int rights[4];
        const char *owner;
    } cases[] = {
        {{31, 2, 10, -1}, "103"}, /* 1 against 2 */
        {{31, 8, 1, -1}, "102"},  /* 1 against 0 */
        {{31, 21, 2, -1}, "103"}, /* R, E and C count nothing */
        {{31, 2, 8, -1}, "102"},  /* 1 each: the smaller number */
        {{31, 1, -1, 10}, "103"}, /* by the default entry */
        {{31, 0, 1, -1}, "103"},  /* no access, no owner */
    };
    char plan[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lwsec_accounts *accounts = three();
        guard(accounts, 7, 3, 0, 101, cases[i].rights);
        (void)snprintf(plan, sizeof plan, "/1/0 /2/7/2/101 /2/7/3=%s =101 /0/0", cases[i].owner);
        assert_plan(accounts, 0, plan);
    }
    LWSEC_COVERS("R-5.2.5-06");
    LWSEC_COVERS("R-5.2.5-07");
    LWSEC_COVERS("R-5.2.5-08");
}

static void its_oscore_instance_goes(void **state)
{
    lwsec_accounts *accounts = three();

    (void)state;
    kit_oscore(accounts, 0, 5);
    kit_oscore(accounts, 1, 6);
    assert_plan(accounts, 0, "/1/0 =101 /21/5 /0/0");
    kit_link(accounts, "/0/2/17", 21, 5); /* wrong, but not ours to break */
    assert_plan(accounts, 0, "/1/0 =101 /0/0");
    kit_link(accounts, "/0/0/17", 21, 9); /* not there */
    assert_plan(accounts, 0, "/1/0 =101 /0/0");
    LWSEC_COVERS("R-5.5.4-01");
}

static void a_plan_that_was_followed_leaves_no_orphans(void **state)
{
    static const int two[4] = {15, 3, -1, -1};
    lwsec_accounts *accounts = three();
    lwsec_value value;

    (void)state;
    kit_oscore(accounts, 0, 5);
    guard(accounts, 0, 3, 0, 101, two);
    const size_t count = lwsec_unbootstrap_plan(accounts, 0, steps, STEPS);
    assert_status(lwsec_unbootstrap_apply(accounts, steps, count), LWSEC_OK);
    assert_int_equal(kit_findings(accounts), 0);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/0"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/0"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/21/5/1"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/2/0/2/101"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/2/0/3"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 102);
    assert_int_equal(lwsec_unbootstrap_plan(accounts, 0, steps, STEPS), 0);
}

/* A plan that was followed in part is made again, and ends the same way. */
static void a_plan_can_be_followed_in_parts(void **state)
{
    static const int two[4] = {15, 3, -1, -1};
    static const int alone[4] = {15, -1, -1, -1};

    (void)state;
    for (size_t done = 0; done < 7; done++) {
        lwsec_accounts *accounts = three();
        kit_oscore(accounts, 0, 5);
        guard(accounts, 0, 3, 0, 101, two);
        guard(accounts, 1, 4, 0, 101, alone);
        (void)lwsec_unbootstrap_plan(accounts, 0, steps, STEPS);
        assert_status(lwsec_unbootstrap_apply(accounts, steps, done), LWSEC_OK);
        const size_t count = lwsec_unbootstrap_plan(accounts, 0, steps, STEPS);
        assert_true(count > 0);
        assert_status(lwsec_unbootstrap_apply(accounts, steps, count), LWSEC_OK);
        assert_int_equal(kit_findings(accounts), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_and_observations_go),
        cmocka_unit_test(what_it_alone_can_access_goes),
        cmocka_unit_test(accounts_of_others_stay),
        cmocka_unit_test(who_is_gone_inherits_nothing),
        cmocka_unit_test(what_is_shared_loses_an_entry),
        cmocka_unit_test(the_next_owner_can_write_and_delete),
        cmocka_unit_test(its_oscore_instance_goes),
        cmocka_unit_test(a_plan_that_was_followed_leaves_no_orphans),
        cmocka_unit_test(a_plan_can_be_followed_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
