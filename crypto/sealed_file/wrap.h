/* How the file's own key is sealed: by a passphrase, a raw key, or a key of another store. */
#ifndef LWSEC_CRYPTO_SEALED_FILE_WRAP_H
#define LWSEC_CRYPTO_SEALED_FILE_WRAP_H

#include <lwsec/sealed_file.h>

#include "crypto/sealed_file/format.h"

/* Keys while they are needed, in memory that is locked. Wiped by the caller. */
typedef struct lwsec_sealed_keys {
    uint8_t file[LWSEC_BOX_KEY];     /* the file's own */
    uint8_t wrapping[LWSEC_BOX_KEY]; /* what it is sealed under */
} lwsec_sealed_keys;

/* Which kind the configuration asks for; false: none, several, or values out of their range. */
bool lwsec_sealed_kind_of(const lwsec_sealed_file_config *config, lwsec_sealed_kind *kind);

/* Draws `keys->file` and writes how it is sealed, after magic, format and identity. LWSEC_ENGINE,
 * LWSEC_FORKED, or LWSEC_STATE with KEY_STORE. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_wrap_new(const lwsec_sealed_file_config *config,
                                                    lwsec_writer *prefix, lwsec_sealed_keys *keys,
                                                    lwsec_reason *reason);

/* Opens `keys->file`. The same, or LWSEC_STATE with KEY_WRAPPING. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_unwrap(const lwsec_sealed_file_config *config,
                                                  const lwsec_sealed_image *image,
                                                  lwsec_sealed_keys *keys, lwsec_reason *reason);

#endif
