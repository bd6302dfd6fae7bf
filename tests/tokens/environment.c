/* The token of the environment. */
#include "tests/tokens/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lwsec_bytes text_of(const char *text)
{
    return text != NULL ? lwsec_bytes_of(text, strlen(text)) : lwsec_bytes_of(NULL, 0);
}

static lwsec_status give_pin(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin)
{
    const lwsec_bytes text = text_of(getenv("LWSEC_P11_PIN"));

    (void)context;
    (void)token;
    if (text.size == 0 || text.size > pin->capacity) {
        return LWSEC_ABSENT;
    }
    memcpy(pin->data, text.data, text.size);
    pin->size = text.size;
    return LWSEC_OK;
}

lwsec_pkcs11_config token_config(void)
{
    const lwsec_pkcs11_config config = {.size = sizeof config,
                                        .module = getenv("LWSEC_P11_MODULE"),
                                        .init_arguments = getenv("LWSEC_P11_INIT"),
                                        .token = {.label = text_of(getenv("LWSEC_P11_LABEL"))},
                                        .pin = give_pin};
    return config;
}

lwsec_status token_open_in(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    const lwsec_pkcs11_config config = token_config();
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (config.module == NULL) {
        return LWSEC_ENGINE;
    }
    const lwsec_status status = lwsec_pkcs11_open(memory, size, slots, &config, store, &reason);
    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "%s: %s\n", config.module, lwsec_why_text(reason.why));
    }
    return status;
}

lwsec_status token_open(uint32_t slots, lwsec_store **store)
{
    const size_t size = lwsec_pkcs11_size(slots);
    void *memory = malloc(size);
    const lwsec_status status =
        memory != NULL ? token_open_in(memory, size, slots, store) : LWSEC_ENGINE;

    if (status != LWSEC_OK) {
        free(memory);
    }
    return status;
}

void token_close(lwsec_store **store)
{
    void *memory = *store; /* a store is the first thing in its memory */

    lwsec_pkcs11_close(store);
    free(memory);
}
