/* Private keys of accounts that are references: they stay in the store that the URI names. */
#include "dtls.h"

#include <stdlib.h>
#include <string.h>

static lwsec_path path_of(const cli_dtls *self, uint16_t resource)
{
    return lwsec_path_of(LWSEC_OBJECT_SECURITY, self->chosen, resource);
}

static bool find_reference(const cli_dtls *self, lwsec_value *found)
{
    size_t position = 0;
    lwsec_path path;

    while (lwsec_accounts_next(self->file.accounts, &position, &path, found)) {
        if (path.object == LWSEC_OBJECT_SECURITY && path.instance == self->chosen &&
            path.resource == LWSEC_SECURITY_SECRET) {
            return found->type == LWSEC_VALUE_KEY;
        }
    }
    return false;
}

/* The rest of the account is provisioned as one whose key is made on the device: mode 4. */
int cli_dtls_take_reference(cli_dtls *self)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    lwsec_value mode = {.type = LWSEC_VALUE_NONE}, value;

    if (!find_reference(self, &value)) {
        return CLI_DONE;
    }
    if (lwsec_accounts_get(self->file.accounts, path_of(self, LWSEC_SECURITY_MODE), &mode) !=
            LWSEC_OK ||
        (mode.integer != LWSEC_MODE_RPK && mode.integer != LWSEC_MODE_CERTIFICATE)) {
        return cli_refuse("a key reference is for mode 1 and mode 2 in this version");
    }
    self->mode = (lwsec_security_mode)mode.integer;
    self->reference = cli_allocate(value.bytes.size + 1);
    memcpy(self->reference, value.bytes.data, value.bytes.size);
    mode.integer = LWSEC_MODE_EST;
    lwsec_status status =
        lwsec_accounts_delete(self->file.accounts, path_of(self, LWSEC_SECURITY_SECRET));
    if (status == LWSEC_OK) {
        status = lwsec_accounts_set(self->file.accounts, path_of(self, LWSEC_SECURITY_MODE), &mode,
                                    NULL);
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

int cli_dtls_use_reference(cli_dtls *self)
{
    const cli_key_opening opening = {.option = "--account",
                                     .uri = self->reference,
                                     .passphrase = self->passphrase,
                                     .engine = self->engine};
    lwsec_value identity = {.type = LWSEC_VALUE_NONE};

    if (self->reference == NULL) {
        return CLI_DONE;
    }
    int answer = cli_key_store_open(&self->keys, &opening);
    if (answer == CLI_DONE) {
        answer = cli_key_store_find(&self->keys, &opening, &self->session.key);
    }
    if (lwsec_accounts_get(self->file.accounts, path_of(self, LWSEC_SECURITY_IDENTITY),
                           &identity) == LWSEC_OK) {
        self->session.identity = identity.bytes;
    }
    self->session.mode = self->mode;
    return answer;
}

void cli_dtls_close_reference(cli_dtls *self)
{
    if (self->keys.store != NULL) {
        (void)(self->session.key.store == NULL ||
               lwsec_key_release(&self->session.key) == LWSEC_OK);
    }
    cli_key_store_close(&self->keys);
    free(self->reference);
}
