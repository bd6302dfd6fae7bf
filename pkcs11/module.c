/* Loading, starting and ending PKCS#11 modules. The one table of the process is here. */
#include "pkcs11/module.h"

#include "core/epoch.h"
#include "core/siphash.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/random.h>

/* More than one or two are rare: a table of eight is plenty. */
#define MODULES 8U

/*
 * A module has one state in a process, whoever loads it, so stores have to share what they know of
 * it. All under `table_lock`. Entries stay after their last user, with the PINs that were wrong.
 */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static lwsec_p11_module modules[MODULES];
static lwsec_siphash_key pin_key;
static bool pin_key_is_set;

static lwsec_p11_module *find(const void *library)
{
    for (size_t i = 0; i < MODULES; i++) {
        if (modules[i].library == library) {
            return &modules[i];
        }
    }
    return NULL;
}

/* A list of version 2.1 or later begins with what this library calls (section 5.4 of 2.40; later
 * versions add at the end). openCryptoki says 2.1, SoftHSM 2.7 says 3.2. */
static const CK_FUNCTION_LIST *functions_of(void *library)
{
    CK_RV (*get_list)(CK_FUNCTION_LIST * *list);
    CK_FUNCTION_LIST *list = NULL;
    void *symbol = dlsym(library, "C_GetFunctionList");

    if (symbol == NULL) {
        return NULL;
    }
    _Static_assert(sizeof get_list == sizeof symbol, "POSIX: a symbol may be a function");
    memcpy(&get_list, &symbol, sizeof get_list);
    if (get_list(&list) != CKR_OK || list == NULL) {
        return NULL;
    }
    const CK_VERSION version = list->version;
    return version.major > 2 || (version.major == 2 && version.minor >= 1) ? list : NULL;
}

/* Those without which nothing goes at all. */
static bool is_usable(const CK_FUNCTION_LIST *list)
{
    return list != NULL && list->C_Initialize != NULL && list->C_Finalize != NULL &&
           list->C_GetSlotList != NULL && list->C_GetTokenInfo != NULL &&
           list->C_OpenSession != NULL && list->C_CloseSession != NULL &&
           list->C_GetSessionInfo != NULL && list->C_Login != NULL &&
           list->C_CreateObject != NULL && list->C_DestroyObject != NULL &&
           list->C_GetAttributeValue != NULL && list->C_FindObjectsInit != NULL &&
           list->C_FindObjects != NULL && list->C_FindObjectsFinal != NULL;
}

/* With the platform's locks, or, where the module cannot use them, without any. */
static CK_RV start(lwsec_p11_module *module, const char *arguments)
{
    CK_C_INITIALIZE_ARGS how = {.flags = CKF_OS_LOCKING_OK, .pReserved = (void *)arguments};
    CK_RV rv = module->calls->C_Initialize(&how);

    if (rv == CKR_CANT_LOCK) {
        how.flags = 0;
        rv = module->calls->C_Initialize(arguments != NULL ? &how : NULL);
        module->serial = true;
    }
    module->ours = rv == CKR_OK;
    if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        module->epoch = lwsec_epoch();
        return CKR_OK;
    }
    return rv;
}

static lwsec_status load(const char *path, lwsec_p11_module **module)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        return LWSEC_ENGINE;
    }
    lwsec_p11_module *known = find(library);
    if (known == NULL) {
        const CK_FUNCTION_LIST *calls = functions_of(library);
        if (!is_usable(calls)) {
            return LWSEC_ENGINE;
        }
        known = find(NULL);
        if (known == NULL || pthread_mutex_init(&known->turn, NULL) != 0 ||
            pthread_mutex_init(&known->login, NULL) != 0) {
            return LWSEC_LIMIT;
        }
        known->library = library;
        known->calls = calls;
    }
    *module = known;
    return LWSEC_OK;
}

lwsec_status lwsec_p11_module_take(const char *path, const char *arguments,
                                   lwsec_p11_module **module, CK_RV *rv)
{
    lwsec_p11_module *taken = NULL;

    *rv = CKR_OK;
    (void)pthread_mutex_lock(&table_lock);
    lwsec_status status = load(path, &taken);
    if (status == LWSEC_OK && taken->epoch != lwsec_epoch()) {
        taken->users = 0; /* those of the parent process are not ours, nor is a lock that it held */
        (void)pthread_mutex_init(&taken->turn, NULL);
        (void)pthread_mutex_init(&taken->login, NULL);
    }
    if (status == LWSEC_OK && taken->users == 0) {
        taken->serial = false;
        *rv = start(taken, arguments);
        status = *rv == CKR_OK ? LWSEC_OK : LWSEC_ENGINE;
    }
    if (status == LWSEC_OK) {
        taken->users++;
        *module = taken;
    }
    (void)pthread_mutex_unlock(&table_lock);
    return status;
}

void lwsec_p11_module_give_back(lwsec_p11_module *module)
{
    (void)pthread_mutex_lock(&table_lock);
    if (module->epoch == lwsec_epoch() && module->users > 0 && --module->users == 0 &&
        module->ours) {
        (void)module->calls->C_Finalize(NULL);
        module->ours = false;
    }
    (void)pthread_mutex_unlock(&table_lock);
}

CK_RV lwsec_p11_module_restart(lwsec_p11_module *module, const char *arguments, bool finalize)
{
    (void)pthread_mutex_lock(&table_lock);
    if (finalize) {
        (void)module->calls->C_Finalize(NULL);
    }
    const bool were_ours = module->ours;
    const CK_RV rv = start(module, arguments);
    module->ours = module->ours || (were_ours && !finalize);
    (void)pthread_mutex_unlock(&table_lock);
    return rv;
}

bool lwsec_p11_module_alone(lwsec_p11_module *module)
{
    (void)pthread_mutex_lock(&table_lock);
    const bool alone = module->users == 1 && module->ours;
    (void)pthread_mutex_unlock(&table_lock);
    return alone;
}

bool lwsec_p11_module_pin_was_bad(lwsec_p11_module *module, uint64_t fingerprint)
{
    bool found = false;

    (void)pthread_mutex_lock(&table_lock);
    for (size_t i = 0; i < sizeof module->bad_pins / sizeof module->bad_pins[0]; i++) {
        found = found || module->bad_pins[i] == fingerprint;
    }
    (void)pthread_mutex_unlock(&table_lock);
    return found;
}

void lwsec_p11_module_pin_is_bad(lwsec_p11_module *module, uint64_t fingerprint)
{
    const size_t count = sizeof module->bad_pins / sizeof module->bad_pins[0];

    (void)pthread_mutex_lock(&table_lock);
    module->bad_pins[module->bad_pin_next % count] = fingerprint;
    module->bad_pin_next++;
    (void)pthread_mutex_unlock(&table_lock);
}

uint64_t lwsec_p11_pin_fingerprint(const CK_TOKEN_INFO *token, lwsec_bytes pin)
{
    uint8_t both[sizeof token->label + sizeof token->serialNumber + 256];
    size_t size = sizeof token->label;
    uint64_t fingerprint = 0;

    memcpy(both, token->label, size);
    memcpy(&both[size], token->serialNumber, sizeof token->serialNumber);
    size += sizeof token->serialNumber;
    const size_t part = pin.size < 256 ? pin.size : 256;
    if (part > 0) {
        memcpy(&both[size], pin.data, part);
    }
    (void)pthread_mutex_lock(&table_lock);
    if (!pin_key_is_set) {
        pin_key_is_set = getrandom(&pin_key, sizeof pin_key, 0) == (ssize_t)sizeof pin_key;
    }
    if (pin_key_is_set) {
        fingerprint = lwsec_siphash(&pin_key, lwsec_bytes_of(both, size + part)) | 1U;
    }
    (void)pthread_mutex_unlock(&table_lock);
    lwsec_wipe(both, sizeof both);
    return fingerprint;
}
