/* Tokens of SoftHSM2 in a temporary folder. */
#include "tests/support/test.h"

#include "tests/pkcs11/raw.h"
#include "tests/pkcs11/token.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define FREE_SLOTS 64U

static char folder[64];

const char *token_module(void)
{
    return LWSEC_TEST_SOFTHSM;
}

static void make_folder(void)
{
    char path[128];

    if (folder[0] != '\0') {
        return;
    }
    (void)snprintf(folder, sizeof folder, "/tmp/lwsec-token-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/conf", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(
        file, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", folder);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
}

/* The last slot of SoftHSM is the free one. */
static void init_token(const CK_FUNCTION_LIST *list, const char *label)
{
    CK_SLOT_ID slots[FREE_SLOTS];
    CK_ULONG count = FREE_SLOTS;
    CK_BYTE padded[32];
    CK_SESSION_HANDLE session = 0;
    CK_SLOT_ID slot = 0;

    for (size_t i = 0, size = strlen(label); i < sizeof padded; i++) {
        padded[i] = i < size ? (CK_BYTE)label[i] : ' ';
    }
    assert_int_equal(list->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    slot = slots[count - 1];
    assert_int_equal(list->C_InitToken(slot, (CK_BYTE *)TOKEN_SO_PIN, strlen(TOKEN_SO_PIN), padded),
                     CKR_OK);
    assert_int_equal(
        list->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    assert_int_equal(list->C_Login(session, CKU_SO, (CK_BYTE *)TOKEN_SO_PIN, strlen(TOKEN_SO_PIN)),
                     CKR_OK);
    assert_int_equal(list->C_InitPIN(session, (CK_BYTE *)TOKEN_PIN, strlen(TOKEN_PIN)), CKR_OK);
    assert_int_equal(list->C_CloseSession(session), CKR_OK);
}

void token_make(const char *label)
{
    const CK_FUNCTION_LIST *list;

    make_folder();
    list = raw_calls();
    assert_int_equal(list->C_Initialize(NULL), CKR_OK);
    init_token(list, label);
    assert_int_equal(list->C_Finalize(NULL), CKR_OK);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void token_remove_all(void)
{
    if (folder[0] != '\0') {
        assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
        folder[0] = '\0';
    }
}

lwsec_status token_give_pin(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin)
{
    token_pin *source = context;

    assert_true(token->label.size > 0);
    assert_true(pin->capacity >= LWSEC_PKCS11_PIN_MAX);
    source->asked++;
    if (source->pin == NULL) {
        return LWSEC_ABSENT;
    }
    memcpy(pin->data, source->pin, strlen(source->pin));
    pin->size = strlen(source->pin);
    return LWSEC_OK;
}

lwsec_pkcs11_config token_config(const char *label)
{
    static token_pin right = {TOKEN_PIN, 0};
    const lwsec_pkcs11_config config = {.size = sizeof config,
                                        .module = token_module(),
                                        .token = {.label = lwsec_bytes_of(label, strlen(label))},
                                        .pin = token_give_pin,
                                        .pin_context = &right};

    return config;
}

lwsec_store *token_open(const lwsec_pkcs11_config *config, uint32_t slots)
{
    const size_t size = lwsec_pkcs11_size(slots);
    void *memory = malloc(size);
    lwsec_store *store = NULL;
    lwsec_reason reason;

    assert_non_null(memory);
    const lwsec_status status = lwsec_pkcs11_open(memory, size, slots, config, &store, &reason);
    if (status != LWSEC_OK) {
        print_error("%s: %s\n", lwsec_status_name(status), lwsec_why_text(reason.why));
    }
    assert_int_equal(status, LWSEC_OK);
    return store;
}

void token_close(lwsec_store *store)
{
    void *memory = store;

    lwsec_pkcs11_close(&store);
    assert_null(store);
    free(memory);
}
