/* Random bytes: those of the token mixed with those of the system, so that neither alone decides.
 */
#include "pkcs11/operations.h"

#include <sys/random.h>

static CK_RV draw(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                  void *arguments)
{
    lwsec_buffer *out = arguments;

    (void)none;
    if (lwsec_p11_calls(self)->C_GenerateRandom == NULL) {
        return LWSEC_P11_LACKING;
    }
    return lwsec_p11_calls(self)->C_GenerateRandom(session, out->data, (CK_ULONG)out->capacity);
}

/* R-5.2.9.1-12: the kernel's generator, and the token's on top. */
static bool mix_in_system(uint8_t *out, size_t size)
{
    uint8_t system[128];
    bool done = true;

    for (size_t at = 0; at < size && done; at += sizeof system) {
        const size_t part = size - at < sizeof system ? size - at : sizeof system;
        done = getrandom(system, part, 0) == (ssize_t)part;
        for (size_t i = 0; i < part && done; i++) {
            out[at + i] ^= system[i];
        }
    }
    lwsec_wipe(system, sizeof system);
    return done;
}

lwsec_status lwsec_p11_random(lwsec_store *store, uint8_t *out, size_t size)
{
    lwsec_buffer room = lwsec_buffer_of(out, size);

    if (size == 0) {
        return LWSEC_OK;
    }
    lwsec_status status = lwsec_p11_run(lwsec_p11_store_of(store), LWSEC_P11_NO_KEY, draw, &room);
    if (status == LWSEC_OK && !mix_in_system(out, size)) {
        status = LWSEC_ENGINE;
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(out, size);
    }
    return status;
}
