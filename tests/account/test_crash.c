/* The power fails at every step of a commit over a directory: the old accounts or the new ones. */
#include "tests/account/program.h"

#include "tests/state/shim.h"
#include "tests/state/temporary.h"

/* After `events` events every possible rest is one of the two, and can be provisioned anew. */
static void cut_power_at(size_t events, char before, char after)
{
    static program other;
    char left[64];

    for (unsigned variant = 0;; variant++) {
        const char *parent = temporary_folder();
        (void)snprintf(left, sizeof left, "%s/left", parent);
        const bool more = shim_after_power_cut(events, variant, left);
        if (more) {
            program_start(&other, left);
            const char found = program_look(&other);
            assert_true(found == before || found == after);
            program_provision(&other, 'z');
            assert_int_equal(program_look(&other), 'z');
            program_end(&other);
        }
        temporary_remove(parent);
        if (!more) {
            return;
        }
    }
}

static void power_fails_at_every_step(void **state)
{
    static program device;
    static const char letters[] = " abc";
    size_t noted[4];
    char home[32];
    char path[64];

    (void)state;
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    (void)snprintf(path, sizeof path, "%s/records", home);
    shim_start();
    program_start(&device, path);
    noted[0] = shim_events();
    for (size_t i = 1; i < 4; i++) {
        program_provision(&device, letters[i]);
        noted[i] = shim_events();
    }
    shim_pause();
    for (size_t i = 0; i + 1 < 4; i++) {
        for (size_t events = noted[i] + 1; events < noted[i + 1]; events++) {
            cut_power_at(events, letters[i], letters[i + 1]);
        }
        cut_power_at(noted[i + 1], letters[i + 1], letters[i + 1]); /* OK was durable */
    }
    program_end(&device);
    temporary_remove(home);
    LWSEC_COVERS("R-6.7-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(power_fails_at_every_step)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
