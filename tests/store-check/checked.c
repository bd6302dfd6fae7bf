/* The store under check and the reference, as the suite sees them. */
#include "tests/store-check/checked.h"

#include "tests/store-check/probe.h"
#include "tests/support/stores.h"

#include <lwsec/memory_openssl.h>
#include <lwsec/store_check.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_SLOTS 8U
#define ALGORITHMS_MAX 64U
#define NAME_SIZE 48U

static const lwsec_store_check *plugin;
static char name[NAME_SIZE];
static int32_t found[ALGORITHMS_MAX]; /* ended by 0 */

static lwsec_status open_checked(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    (void)memory;
    (void)size;
    return plugin->open(slots, store);
}

static void close_checked(lwsec_store **store)
{
    plugin->close(store);
}

static lwsec_test_store stores[] = {
    {name, open_checked, close_checked, NULL, 0, found, 0, false, true, false, NULL, 0},
    {"reference", lwsec_memory_openssl_open, lwsec_memory_openssl_close, lwsec_memory_openssl_size,
     LWSEC_MEMORY_OPENSSL_SIZE(3), NULL, 0, true, true, false, NULL, 0},
};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index < sizeof stores / sizeof stores[0] ? &stores[index] : NULL;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    if (kind->reference) {
        return true;
    }
    for (size_t i = 0; kind->algorithms[i] != 0; i++) {
        if (kind->algorithms[i] == algorithm) {
            return true;
        }
    }
    return false;
}

/* The loader looks for a name without a folder where libraries are, and not here. */
static void *load(const char *path)
{
    char here[4096];
    const int size = snprintf(here, sizeof here, "./%s", path);

    return dlopen(strchr(path, '/') == NULL && size > 0 && (size_t)size < sizeof here ? here : path,
                  RTLD_NOW | RTLD_LOCAL);
}

bool checked_load(const char *path)
{
    void *object = load(path);

    if (object == NULL) {
        (void)fprintf(stderr, "lwsec-store-check: %s\n", dlerror());
        return false;
    }
    plugin = dlsym(object, "lwsec_store_check_plugin");
    if (plugin == NULL || plugin->size != sizeof *plugin || plugin->open == NULL ||
        plugin->close == NULL) {
        (void)fprintf(stderr,
                      "lwsec-store-check: %s: no lwsec_store_check_plugin of this version\n", path);
        return false;
    }
    stores[0].keeps = plugin->keeps;
    stores[0].given = plugin->keys;
    stores[0].given_count = plugin->key_count;
    return true;
}

const char *checked_name(void)
{
    lwsec_store *store = NULL;
    const lwsec_status status = plugin->open(PROBE_SLOTS, &store);

    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "lwsec-store-check: the store does not open: %s\n",
                      lwsec_status_name(status));
        return NULL;
    }
    (void)snprintf(name, sizeof name, "%s", store->ops->name);
    plugin->close(&store);
    return name;
}

/* What the suite may ask of the store: an algorithm that answered, even wrongly, or an operation
 * that did. A store with keys of its own takes no others of any algorithm. */
static void note(const probe *asked, lwsec_status status)
{
    size_t count = 0;

    if (asked->operation == 0 && plugin->keys == NULL && status != LWSEC_UNSUPPORTED) {
        while (found[count] != 0) {
            count++;
        }
        found[count] = asked->algorithm; /* fewer probes than room */
    }
    if (asked->operation != 0 && status == LWSEC_UNSUPPORTED &&
        (asked->algorithm == 0 || plugin->keys != NULL ||
         lwsec_test_store_has(&stores[0], asked->algorithm))) {
        stores[0].lacks |= asked->operation;
    }
}

checked_answer checked_probe(size_t index)
{
    const probe *asked = probe_at(index);
    const size_t size = lwsec_memory_openssl_size(PROBE_SLOTS);
    void *memory = malloc(size);
    probe_stores both = {NULL, NULL, plugin->keys, plugin->key_count};
    checked_answer answer = {LWSEC_ENGINE, (lwsec_tier)0};

    if (memory != NULL && plugin->open(PROBE_SLOTS, &both.store) == LWSEC_OK) {
        answer.status = lwsec_memory_openssl_open(memory, size, PROBE_SLOTS, &both.reference);
        if (answer.status == LWSEC_OK) {
            answer.status = asked->run(&both, asked->algorithm, &answer.tier);
            lwsec_memory_openssl_close(&both.reference);
        }
        plugin->close(&both.store);
    }
    free(memory);
    note(asked, answer.status);
    return answer;
}
