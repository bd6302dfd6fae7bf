/* NIST's PKITS over every engine: each verdict is NIST's, or listed with its reason. */
#include "tests/certpolicy/engines.h"
#include "tests/certpolicy/pkits/data.h"
#include "tests/certpolicy/pkits/table.h"

#define ROWS 224

enum { TEST, END_ENTITY, VERDICT };             /* fields of expected.tsv */
enum { D_TEST, D_ENGINE, D_VERDICT, D_REASON }; /* of deviations.tsv */
enum { W_TEST, W_WHY };                         /* of refusals.tsv */

/* What one engine reached. */
typedef struct score {
    const test_engine *engine;
    unsigned as_expected;
    unsigned not_listed;
} score;

static table expected, deviations, refusals;

/* ---- The tables ---- */

static table_row *deviation_of(const char *test, const char *engine)
{
    for (size_t i = 0; i < deviations.count; i++) {
        table_row *row = &deviations.rows[i];
        const bool is_for = strcmp(row->fields[D_ENGINE], "both") == 0 ||
                            strcmp(row->fields[D_ENGINE], engine) == 0;
        if (is_for && strcmp(row->fields[D_TEST], test) == 0) {
            return row;
        }
    }
    return NULL;
}

/* Why a path is refused; NULL: it is not. */
static table_row *refusal_of(const char *test)
{
    for (size_t i = 0; i < refusals.count; i++) {
        if (strcmp(refusals.rows[i].fields[W_TEST], test) == 0) {
            return &refusals.rows[i];
        }
    }
    return NULL;
}

static bool is_here(const char *engine_name)
{
    const test_engine *engine;
    bool found = strcmp(engine_name, "both") == 0;

    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        found = found || strcmp(engine_name, engine->name) == 0;
    }
    return found;
}

/* What differs in an engine that this build does not have is not looked at. */
static bool is_for_this_build(const char *test)
{
    for (size_t i = 0; i < deviations.count; i++) {
        const table_row *row = &deviations.rows[i];
        if (strcmp(row->fields[D_TEST], test) == 0 && !is_here(row->fields[D_ENGINE])) {
            return false;
        }
    }
    return true;
}

static void assert_all_asked(const table *read, const char *file)
{
    for (size_t i = 0; i < read->count; i++) {
        const char *test = read->rows[i].fields[0];
        if (read->rows[i].asked == 0 && is_for_this_build(test)) {
            fail_msg("%s: %s: nothing is as this row says", file, test);
        }
    }
}

/* ---- One row ---- */

static void complain(score *reached, const char *test, const char *what)
{
    print_error("%s: %s: %s\n", reached->engine->name, test, what);
    reached->not_listed++;
}

static void compare(score *reached, const table_row *row, bool accepted)
{
    const char *test = row->fields[TEST], *found = accepted ? "valid" : "invalid";
    table_row *deviation = deviation_of(test, reached->engine->name);
    const bool same = strcmp(found, row->fields[VERDICT]) == 0;

    reached->as_expected += same ? 1U : 0U;
    if (deviation == NULL) {
        if (!same) {
            complain(reached, test, accepted ? "wrongly accepted" : "wrongly refused");
        }
        return;
    }
    deviation->asked++;
    if (strcmp(deviation->fields[D_VERDICT], found) != 0) {
        complain(reached, test, "the verdict is not the one that is listed");
    } else if (same) {
        complain(reached, test, "is listed, and does not deviate any more");
    }
}

static void judge(score *reached, const table_row *row)
{
    static pkits_case one;
    const char *test = row->fields[TEST];
    table_row *refusal = refusal_of(test);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    pkits_case_of(row->fields[END_ENTITY], &one);
    const lwsec_status status = lwsec_cert_verify(reached->engine->get(), &one.check, &reason);
    assert_true(status == LWSEC_OK || status == LWSEC_REJECT);
    compare(reached, row, status == LWSEC_OK);
    if (status == LWSEC_OK) {
        return;
    }
    if (refusal == NULL || strcmp(refusal->fields[W_WHY], lwsec_why_text(reason.why)) != 0) {
        complain(reached, test, lwsec_why_text(reason.why));
    } else {
        refusal->asked++;
    }
}

/* ---- All rows ---- */

static bool was_counted(size_t index, const char *engine)
{
    const table_row *row = &deviations.rows[index];

    for (size_t i = 0; i < index; i++) {
        if (strcmp(deviations.rows[i].fields[D_REASON], row->fields[D_REASON]) == 0 &&
            deviation_of(deviations.rows[i].fields[D_TEST], engine) == &deviations.rows[i]) {
            return true;
        }
    }
    return false;
}

static void print_reasons(const char *engine)
{
    for (size_t i = 0; i < deviations.count; i++) {
        const table_row *row = &deviations.rows[i];
        unsigned count = 0;
        if (deviation_of(row->fields[D_TEST], engine) != row || was_counted(i, engine)) {
            continue;
        }
        for (size_t k = i; k < deviations.count; k++) {
            const table_row *other = &deviations.rows[k];
            count += strcmp(other->fields[D_REASON], row->fields[D_REASON]) == 0 &&
                             deviation_of(other->fields[D_TEST], engine) == other
                         ? 1U
                         : 0U;
        }
        print_message("    %3u %s: %s\n", count, row->fields[D_VERDICT], row->fields[D_REASON]);
    }
}

static unsigned run(const test_engine *engine)
{
    score reached = {.engine = engine};

    for (size_t i = 0; i < expected.count; i++) {
        judge(&reached, &expected.rows[i]);
    }
    print_message("%s: %zu rows, %u as expected, %zu deviations\n", engine->name, expected.count,
                  reached.as_expected, expected.count - reached.as_expected);
    print_reasons(engine->name);
    return reached.not_listed;
}

static void test_each_verdict_is_nists_or_listed(void **state)
{
    const test_engine *engine;
    unsigned not_listed = 0;

    (void)state;
    pkits_read();
    table_read(&expected, "expected.tsv", 3);
    table_read(&deviations, "deviations.tsv", 4);
    table_read(&refusals, "refusals.tsv", 2);
    assert_int_equal(expected.count, ROWS);
    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        not_listed += run(engine);
    }
    assert_int_equal(not_listed, 0);
    assert_all_asked(&deviations, "deviations.tsv");
    assert_all_asked(&refusals, "refusals.tsv");
    LWSEC_COVERS("R-5.2.9.6-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verdict_is_nists_or_listed),
    };

    return cmocka_run_group_tests_name("pkits", tests, NULL, NULL);
}
