/* Links of a server: the one that is looked for, and what is no list of links. */
#include "tests/support/test.h"

#include "est/links.h"

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static void finds(const char *links, const char *path)
{
    lwsec_bytes found;
    lwsec_reason reason;

    assert_status(lwsec_est_find_link(text(links), text("ace.est.sen"), &found, &reason), LWSEC_OK);
    assert_bytes(found, text(path));
}

static void test_the_link_of_a_type_is_found(void **state)
{
    (void)state;
    finds("</s>;rt=ace.est.sen", "/s");
    finds("</s>;rt=\"ace.est.sen\"", "/s");
    finds("</s>;rt=\"other ace.est.sen x\";ct=\"281 287\"", "/s");
    finds("</a>;rt=\"ace.est.sren\",</b>;title=\"a, \\\"b\\\"; <c>\";rt=ace.est.sen", "/b");
    finds("</a>;obs;rt=ace.est.sen;ct=286,</b>;rt=ace.est.sen", "/a");
    finds("<coaps://other/s>;rt=ace.est.sen,</b>;rt=ace.est.sen", "/b");
}

static void test_no_other_link_is_taken_for_it(void **state)
{
    static const char *const others[] = {"</s>",
                                         "</s>;rt",
                                         "</s>;rt=\"\"",
                                         "</s>;rt=ace.est.sre",
                                         "</s>;rt=ace.est.sens",
                                         "</s>;rt=\"ace.est.sen2 xace.est.sen\"",
                                         "</s>;if=ace.est.sen",
                                         "</s>;title=\"rt=ace.est.sen\"",
                                         "<s>;rt=ace.est.sen",
                                         "<//other/s>;rt=ace.est.sen",
                                         "</>;rt=ace.est.sen",
                                         "<>;rt=ace.est.sen",
                                         "<http://x/s>;rt=ace.est.sen"};
    lwsec_bytes found;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (lwsec_est_find_link(text(others[i]), text("ace.est.sen"), &found, NULL) !=
            LWSEC_ABSENT) {
            fail_msg("%s", others[i]);
        }
        assert_null(found.data);
    }
}

static void test_what_is_no_list_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "s",
                                      "</s",
                                      "</s>;",
                                      "</s>;rt=",
                                      "</s>;rt=\"",
                                      "</s>;rt=\"a\\",
                                      "</s>;=a",
                                      "</s> ;rt=a",
                                      "</s>,",
                                      "</s>,,</t>",
                                      "</s>;rt=\"a\"b",
                                      "</s>;rt=ace.est.sen,x",
                                      "</s>;rt=\x01",
                                      "</s>;rt=a</t>"};
    lwsec_bytes found;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (lwsec_est_find_link(text(bad[i]), text("ace.est.sen"), &found, NULL) != LWSEC_REJECT) {
            fail_msg("%s", bad[i]);
        }
        assert_null(found.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_link_of_a_type_is_found),
        cmocka_unit_test(test_no_other_link_is_taken_for_it),
        cmocka_unit_test(test_what_is_no_list_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
