/* A program that provisions over a folder of records, which it seals. */
#include "tests/account/program.h"

#define LONG_TEXT 1500U

void program_start(program *of, const char *path)
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

void program_end(program *of)
{
    lwsec_provisioning_close(&of->provisioning);
    lwsec_state_sealed_close(&of->sealed);
    lwsec_state_directory_close(&of->directory);
    lwsec_test_store_close(of->kind, of->store);
}

void program_provision(program *of, char letter)
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

char program_look(program *of)
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
