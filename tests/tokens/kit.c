/* A store on the fake token. */
#include "tests/tokens/kit.h"

#include <dlfcn.h>

void kit_begin(kit *self)
{
    static const kit fresh;
    /* Once loaded it stays, as the store never unloads a module either. */
    void *object = dlopen(LWSEC_TEST_FAKE_TOKEN, RTLD_NOW | RTLD_LOCAL);

    assert_non_null(object);
    *self = fresh;
    self->token = dlsym(object, "fake_token");
    assert_non_null(self->token);
    self->token->reset();
    self->pin = "1234";
}

static lwsec_status give_pin(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin)
{
    kit *self = context;

    (void)token;
    self->asked++;
    if (self->pin == NULL) {
        return LWSEC_ABSENT;
    }
    pin->size = strlen(self->pin);
    memcpy(pin->data, self->pin, pin->size);
    return LWSEC_OK;
}

lwsec_status kit_open(kit *self)
{
    const size_t size = lwsec_pkcs11_size(KIT_SLOTS);
    const lwsec_pkcs11_config config = {.size = sizeof config,
                                        .module = LWSEC_TEST_FAKE_TOKEN,
                                        .token = {.label = lwsec_bytes_of("fake", 4)},
                                        .pin = give_pin,
                                        .pin_context = self,
                                        .flags = self->flags};
    void *memory = malloc(size);

    assert_non_null(memory);
    const lwsec_status status =
        lwsec_pkcs11_open(memory, size, KIT_SLOTS, &config, &self->store, &self->reason);
    if (status != LWSEC_OK) {
        assert_null(self->store);
        free(memory);
    }
    return status;
}

void kit_close(kit *self)
{
    void *memory = self->store; /* a store is the first thing in its memory */

    lwsec_pkcs11_close(&self->store);
    assert_null(self->store);
    free(memory);
}

void kit_fault(const kit *self, fake_kind kind, const char *function, unsigned nth, CK_RV rv)
{
    const fake_fault fault = {kind, function, nth, 1, rv};

    self->token->set_fault(&fault);
}

lwsec_key kit_keep(const kit *self, const char *name, int32_t algorithm, uint32_t usage,
                   size_t size)
{
    static const uint8_t raw[64] =
        "a key of the fake token, for tests of what goes wrong with it..";
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage,
                                             lwsec_bytes_of(name, strlen(name))};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(self->store, &attributes, lwsec_bytes_of(raw, size), &key),
                  LWSEC_OK);
    return key;
}
