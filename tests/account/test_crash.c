/* The power fails at every step of a commit over a directory: the old accounts or the new ones. */
#include "tests/account/kit.h"

#include <lwsec/account_store.h>
#include <lwsec/state_directory.h>
#include <lwsec/state_sealed.h>

#include "tests/state/shim.h"
#include "tests/state/temporary.h"
#include "tests/support/stores.h"

#define LONG_TEXT 1500U

/* A program over a folder of records, which it seals. */
typedef struct program {
    const lwsec_test_store *kind;
    lwsec_store *store;
    lwsec_state *directory;
    lwsec_state *sealed;
    lwsec_provisioning *provisioning;
    uint64_t directory_memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    uint64_t sealed_memory[LWSEC_STATE_SEALED_SIZE / 8];
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
} program;

static void start(program *of, const char *path)
{
    of->kind = lwsec_test_store_at(0);
    of->store = lwsec_test_store_open(of->kind, 16);
    const lwsec_key sealing =
        lwsec_test_key(of->store, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                       lwsec_bytes_of("sixteen bytes...", 16));
    assert_status(lwsec_state_directory_open(of->directory_memory, sizeof of->directory_memory,
                                             path, &of->directory, NULL),
                  LWSEC_OK);
    assert_status(lwsec_state_sealed_open(of->sealed_memory, sizeof of->sealed_memory,
                                          of->directory, sealing, &of->sealed),
                  LWSEC_OK);
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = of->sealed,
                                              .store = of->store,
                                              .flags = LWSEC_PROVISIONING_SEALED};
    assert_status(
        lwsec_provisioning_open(of->memory, sizeof of->memory, &config, &of->provisioning),
        LWSEC_OK);
}

static void end(program *of)
{
    lwsec_provisioning_close(&of->provisioning);
    lwsec_state_sealed_close(&of->sealed);
    lwsec_state_directory_close(&of->directory);
    lwsec_test_store_close(of->kind, of->store);
}

/* An account whose values are all of one letter. */
static void provision(program *of, char letter)
{
    char text[LONG_TEXT];
    lwsec_accounts *stage = kit_open(0, 0);
    size_t count = 0;

    memset(text, letter, sizeof text);
    assert_status(lwsec_provisioning_begin(of->provisioning, stage, 0, NULL), LWSEC_OK);
    kit_psk_account(stage, 0);
    kit_bytes(stage, "/0/0/3", lwsec_bytes_of(text, 16));
    kit_bytes(stage, "/0/0/5", kit_secret((uint8_t)letter, 16));
    kit_bytes(stage, "/0/0/30", lwsec_bytes_of(text, sizeof text));
    assert_status(lwsec_provisioning_commit(of->provisioning, stage, NULL, 0, &count, NULL),
                  LWSEC_OK);
    lwsec_accounts_close(&stage);
}

/* The letter of what is in force; ' ' for nothing. */
static char look(program *of)
{
    lwsec_accounts *accounts = kit_open(1, 0);
    lwsec_value identity;
    lwsec_value text;
    lwsec_key key;

    const lwsec_status status = lwsec_provisioning_load(of->provisioning, accounts, NULL);
    if (status == LWSEC_ABSENT) {
        return ' ';
    }
    assert_status(status, LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/3"), &identity), LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/30"), &text), LWSEC_OK);
    assert_status(lwsec_accounts_key(accounts, kit_path("/0/0/5"), 0, &key), LWSEC_OK);
    const char letter = (char)identity.bytes.data[0];
    assert_int_equal(text.bytes.size, LONG_TEXT);
    assert_int_equal(text.bytes.data[0], letter);
    assert_int_equal(text.bytes.data[LONG_TEXT - 1], letter);
    lwsec_accounts_close(&accounts);
    return letter;
}

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
            start(&other, left);
            const char found = look(&other);
            assert_true(found == before || found == after);
            provision(&other, 'z');
            assert_int_equal(look(&other), 'z');
            end(&other);
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
    start(&device, path);
    noted[0] = shim_events();
    for (size_t i = 1; i < 4; i++) {
        provision(&device, letters[i]);
        noted[i] = shim_events();
    }
    shim_pause();
    for (size_t i = 0; i + 1 < 4; i++) {
        for (size_t events = noted[i] + 1; events < noted[i + 1]; events++) {
            cut_power_at(events, letters[i], letters[i + 1]);
        }
        cut_power_at(noted[i + 1], letters[i + 1], letters[i + 1]); /* OK was durable */
    }
    end(&device);
    temporary_remove(home);
    LWSEC_COVERS("R-6.7-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(power_fails_at_every_step)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
