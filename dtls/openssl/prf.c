/* The PRF of TLS 1.2 for endpoints whose PSKs are handles. A premaster secret that holds a
 * placeholder goes to the store of its key; every other secret is computed with here. */
#include "crypto/use.h"
#include "dtls/openssl/engine.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <string.h>

#define SECRET_MAX 256U
#define SEED_MAX 256U
#define HASH 32U
#define MASTER 48U

typedef struct prf {
    OSSL_LIB_CTX *library;
    uint8_t secret[SECRET_MAX];
    size_t secret_size;
    uint8_t seed[SEED_MAX];
    size_t seed_size;
    bool wrong; /* a parameter that is too long, or another hash than SHA-256 */
} prf;

static void *new_prf(void *library)
{
    prf *self = OPENSSL_zalloc(sizeof *self);

    if (self != NULL) {
        self->library = library;
    }
    return self;
}

static void free_prf(void *context)
{
    OPENSSL_clear_free(context, sizeof(prf));
}

static void reset(void *context)
{
    prf *self = context;
    OSSL_LIB_CTX *library = self->library;

    lwsec_wipe(self, sizeof *self);
    self->library = library;
}

/* Seeds may come in parts. */
static bool append(uint8_t *out, size_t *size, size_t capacity, const OSSL_PARAM *param)
{
    if (param->data_size > capacity - *size) {
        return false;
    }
    if (param->data_size > 0) {
        memcpy(&out[*size], param->data, param->data_size);
        *size += param->data_size;
    }
    return true;
}

static bool is_sha256(const OSSL_PARAM *param)
{
    return param->data_type == OSSL_PARAM_UTF8_STRING &&
           (strcmp(param->data, "SHA2-256") == 0 || strcmp(param->data, "SHA256") == 0);
}

static int set_params(void *context, const OSSL_PARAM params[])
{
    prf *self = context;

    for (; params != NULL && params->key != NULL; params++) {
        if (strcmp(params->key, OSSL_KDF_PARAM_DIGEST) == 0) {
            self->wrong |= !is_sha256(params);
        } else if (strcmp(params->key, OSSL_KDF_PARAM_SECRET) == 0) {
            self->secret_size = 0;
            self->seed_size = 0;
            self->wrong |= !append(self->secret, &self->secret_size, SECRET_MAX, params);
        } else if (strcmp(params->key, OSSL_KDF_PARAM_SEED) == 0) {
            self->wrong |= !append(self->seed, &self->seed_size, SEED_MAX, params);
        }
    }
    return !self->wrong;
}

static const OSSL_PARAM *settable(void *context, void *library)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, NULL, 0),
                                       OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SECRET, NULL, 0),
                                       OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SEED, NULL, 0),
                                       OSSL_PARAM_END};

    (void)context;
    (void)library;
    return types;
}

/* A premaster secret of RFC 4279 whose PSK is a placeholder. */
static bool is_handle(const prf *self, lwsec_key *key)
{
    const size_t size = LWSEC_DTLS_PLACEHOLDER_SIZE + sizeof *key;
    const uint8_t *placeholder = &self->secret[2 + size + 2];

    if (self->secret_size != 2 * (2 + size) ||
        !lwsec_equal_secret(lwsec_bytes_of(placeholder, LWSEC_DTLS_PLACEHOLDER_SIZE),
                            lwsec_bytes_of(LWSEC_DTLS_PLACEHOLDER, LWSEC_DTLS_PLACEHOLDER_SIZE))) {
        return false;
    }
    memcpy(key, &placeholder[LWSEC_DTLS_PLACEHOLDER_SIZE], sizeof *key);
    return true;
}

static bool hmac(const prf *self, const uint8_t *text, size_t size, uint8_t out[HASH])
{
    size_t written = 0;

    return EVP_Q_mac(self->library, "HMAC", NULL, "SHA256", NULL, self->secret, self->secret_size,
                     text, size, out, HASH, &written) != NULL &&
           written == HASH;
}

/* RFC 5246 section 5. `text` is A(i), then the seed. */
static bool expand(const prf *self, uint8_t *out, size_t size)
{
    uint8_t text[HASH + SEED_MAX], block[HASH];
    bool good = hmac(self, self->seed, self->seed_size, text);

    memcpy(&text[HASH], self->seed, self->seed_size);
    for (size_t at = 0; good && at < size; at += HASH) {
        const size_t part = size - at < HASH ? size - at : HASH;
        good = hmac(self, text, HASH + self->seed_size, block);
        memcpy(&out[at], block, part);
        good = good && hmac(self, text, HASH, block);
        memcpy(text, block, HASH);
    }
    lwsec_wipe(text, sizeof text);
    lwsec_wipe(block, sizeof block);
    return good;
}

static int derive(void *context, unsigned char *out, size_t size, const OSSL_PARAM params[])
{
    prf *self = context;
    lwsec_key key;

    if (set_params(self, params) == 0 || self->secret_size == 0) {
        return 0;
    }
    if (!is_handle(self, &key)) {
        return expand(self, out, size);
    }
    return size == MASTER && lwsec_key_at_once(key, lwsec_key_tls12_psk_master(
                                                        key, LWSEC_ALG_HMAC_256,
                                                        lwsec_bytes_of(self->seed, self->seed_size),
                                                        out, size)) == LWSEC_OK;
}

typedef void (*function)(void);

const OSSL_DISPATCH lwsec_dtls_prf[] = {{OSSL_FUNC_KDF_NEWCTX, (function)new_prf},
                                        {OSSL_FUNC_KDF_FREECTX, (function)free_prf},
                                        {OSSL_FUNC_KDF_RESET, (function)reset},
                                        {OSSL_FUNC_KDF_SET_CTX_PARAMS, (function)set_params},
                                        {OSSL_FUNC_KDF_SETTABLE_CTX_PARAMS, (function)settable},
                                        {OSSL_FUNC_KDF_DERIVE, (function)derive},
                                        {0, NULL}};
