/* Keys in a token behind a PKCS#11 module (HSM, TPM, SoftHSM2, NSS, ...). In liblwsec-pkcs11. */
#ifndef LWSEC_PKCS11_H
#define LWSEC_PKCS11_H

#include <lwsec/bytes.h>
#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Which token: by what it says of itself, never by the number of its slot, which may change with
 * each start. A field that is absent (NULL) fits every token. Trailing spaces, with which tokens
 * fill their fields, do not count. Up to 32 bytes: label and manufacturer; up to 16: model and
 * serial.
 */
typedef struct lwsec_pkcs11_token {
    lwsec_bytes label;
    lwsec_bytes serial;
    lwsec_bytes manufacturer;
    lwsec_bytes model;
} lwsec_pkcs11_token;

/* ---- URIs (RFC 7512) ---- */

/* The longest attribute, decoded; and the longest URI that lwsec prints. */
#define LWSEC_PKCS11_FIELD_MAX 256U
#define LWSEC_PKCS11_URI_MAX 4352U

/*
 * A "pkcs11:" URI taken apart. Fields point into `text`, which lives beside them: the struct must
 * not be copied. A field that the URI lacks is {NULL, 0}.
 *
 * Of attributes that the specification does not know, those of the path make a URI that names
 * nothing (refused), those of the query are passed over.
 */
typedef struct lwsec_pkcs11_uri {
    lwsec_pkcs11_token token;
    lwsec_bytes object;      /* name of the key: CKA_LABEL */
    lwsec_bytes id;          /* CKA_ID */
    lwsec_bytes type;        /* "private", "public", "cert", "secret-key", "data" */
    lwsec_bytes module_path; /* file of the module */
    lwsec_bytes module_name; /* name of the module, without folder, "lib" and suffix */
    lwsec_bytes pin_source;  /* where the PIN is, often "file:/path": the caller reads it */
    uint8_t text[2048];
} lwsec_pkcs11_uri;

/*
 * Takes a URI apart. `reason->offset` is where in the text it is wrong.
 *
 * LWSEC_REJECT: malformed, an attribute twice, one of the path that is not known, or one that is
 * longer than the field it is compared with; WHY_PKCS11_PIN_VALUE for a URI that holds the PIN
 * itself, as URIs go to logs and configuration files. Attributes that say which library is meant
 * (library-version and others) or which slot are checked for their form and are not used.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_uri_parse(lwsec_bytes text,
                                                               lwsec_pkcs11_uri *uri,
                                                               lwsec_reason *reason);

/*
 * Prints the URI of what the fields say (`text` is not looked at), in the order in which they stand
 * above, and with only those characters plain that may be plain everywhere. No NUL at the end. It
 * holds no secret. LWSEC_BUFFER: no room; LWSEC_PKCS11_URI_MAX is enough for all that
 * lwsec_pkcs11_uri_parse gave.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_uri_print(const lwsec_pkcs11_uri *uri,
                                                               lwsec_buffer *text);

/* ---- The store ---- */

/* Longest PIN. */
#define LWSEC_PKCS11_PIN_MAX 128U

/*
 * Asks for the user's PIN of a token: into `pin` (LWSEC_PKCS11_PIN_MAX bytes of room, which are
 * wiped after use). LWSEC_OK: here it is. Anything else: there is none, and nothing is tried.
 * `token` holds what the token says of itself. Called at opening, and again when the token has
 * forgotten the login (removed and returned, restarted). Must not call the store, whose other
 * operations wait meanwhile.
 */
typedef lwsec_status (*lwsec_pkcs11_pin)(void *context, const lwsec_pkcs11_token *token,
                                         lwsec_buffer *pin);

/*
 * Tries a PIN although the token says that one more wrong one locks it, or that it is locked. For a
 * person who knows what they do.
 */
#define LWSEC_PKCS11_LAST_TRY 0x1U

/* Filled by the caller; `size` is sizeof(lwsec_pkcs11_config). Copied by opening, but for what it
 * points at with `module` and `init_arguments`, which live as long as the store, and `pin_context`.
 */
typedef struct lwsec_pkcs11_config {
    size_t size;
    const char *module;         /* file of the module, for dlopen */
    const char *init_arguments; /* text that some modules (NSS) want at C_Initialize; or NULL */
    lwsec_pkcs11_token token;   /* exactly one token must fit */
    lwsec_pkcs11_pin pin;       /* NULL: nobody has a PIN (fits tokens that need none, or that have
                                   a keypad of their own) */
    void *pin_context;
    uint32_t sessions; /* at most so many operations at one time; 0: as many as the store can hold,
                          LWSEC_PKCS11_SESSIONS_MAX. The token may allow fewer. */
    uint32_t flags;    /* LWSEC_PKCS11_... */
} lwsec_pkcs11_config;

#define LWSEC_PKCS11_SESSIONS_MAX 16U

/* Bytes of memory that a store with `slots` handles takes, aligned as for uint64_t. */
#define LWSEC_PKCS11_SIZE(slots) (1024U + (size_t)(slots)*256U)
LWSEC_API size_t lwsec_pkcs11_size(uint32_t slots);

/*
 * Opens a store on a token, in the caller's `memory` of `size` bytes, for at most `slots` handles
 * at one time.
 *
 * Loads the module, which is never unloaded; initialises it, unless somebody has; finds the token;
 * logs in, at most once; tries out each operation once, with keys that are thrown away. Stores of
 * one process on the same file share the module.
 *
 * A key with a name is kept by the token (CKA_LABEL), any other lives as long as its handle. Each
 * has one purpose, written into its CKA_ID: finding a key that was stored in another form, or two
 * of one name, answers LWSEC_UNSUPPORTED. Foreign P-256 private keys are found by their label, for
 * what their attributes allow; other foreign keys are not. No key is ever made extractable, and the
 * value of none is read.
 *
 * Forms: an HMAC key is stored filled up with zeros (some tokens refuse short ones) or, if longer
 * than a block, as its hash: HMAC does not tell them apart. A PSK is stored as the premaster secret
 * of RFC 4279, which serves suites of plain PSK. An HKDF key for LWSEC_USE_DERIVE is an OSCORE
 * PRK, one for LWSEC_USE_EXTRACT a Master Secret, and only a token with CKM_HKDF_DERIVE or
 * C_DigestKey can use that. One for both is stored as it is, and some tokens want 32 bytes of it
 * then (LWSEC_UNSUPPORTED when it is expanded). `describe` tells by its tier whether all of an
 * operation runs in the token (LWSEC_TIER_TOKEN) or parts of it here (LWSEC_TIER_MIXED).
 *
 * Threads may share the store: each operation has a session for itself. An operation that finds
 * none waits for one. Modules allocate memory as they like.
 *
 * A module may talk to a process of its own (p11-kit): if that dies, the kernel sends SIGPIPE,
 * which ends a program that does not ignore it. This library leaves signals alone: ignore SIGPIPE.
 *
 * LWSEC_USAGE, LWSEC_BUFFER: the memory or the configuration. Everything else is LWSEC_ENGINE, or
 * LWSEC_ABSENT for the token, with the reason: WHY_PKCS11_MODULE, _TOKEN, _PIN (wrong, or none;
 * will not be tried again), _LOCKED, _FAILED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_open(void *memory, size_t size, uint32_t slots,
                                                          const lwsec_pkcs11_config *config,
                                                          lwsec_store **store,
                                                          lwsec_reason *reason);

/*
 * Releases all handles, closes the sessions, wipes the memory and zeroes the pointer. The last
 * store on a module finalises it, if lwsec had initialised it. Close before the program exits:
 * modules do not survive the end of the libraries they use. Nothing may use the store meanwhile. In
 * a forked child only the memory is wiped.
 */
LWSEC_API void lwsec_pkcs11_close(lwsec_store **store);

/* ---- Login ---- */

/* How the store stands with its PIN. */
typedef enum lwsec_pkcs11_login_state {
    LWSEC_PKCS11_LOGIN_UNSET = 0, /* not tried, or no PIN was to be had */
    LWSEC_PKCS11_LOGIN_OK = 1,    /* logged in, or the token needs no login */
    LWSEC_PKCS11_LOGIN_BAD = 2,   /* the PIN was wrong: it is not tried again */
    LWSEC_PKCS11_LOGIN_LOCKED = 3 /* locked, or at its last try */
} lwsec_pkcs11_login_state;

LWSEC_API lwsec_pkcs11_login_state lwsec_pkcs11_login(const lwsec_store *store);

/*
 * There is a new PIN: asks the callback for it and tries it once. The same wrong one is refused
 * without a try. `flags`: LWSEC_PKCS11_LAST_TRY. Answers as opening.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_login_again(lwsec_store *store, uint32_t flags,
                                                                 lwsec_reason *reason);

/* ---- What the token can do ---- */

/* Found by trying at opening, not by asking for a list, which is no promise. */
enum {
    LWSEC_PKCS11_CAN_IMPORT = 1 << 0, /* C_CreateObject of secret keys */
    LWSEC_PKCS11_CAN_GENERATE = 1 << 1,
    LWSEC_PKCS11_CAN_AES_ECB = 1 << 2,
    LWSEC_PKCS11_CAN_AES_CBC = 1 << 3,
    LWSEC_PKCS11_CAN_AES_CTR = 1 << 4,
    LWSEC_PKCS11_CAN_AES_GCM = 1 << 5,
    LWSEC_PKCS11_CAN_AES_CCM = 1 << 6,
    LWSEC_PKCS11_CAN_AES_CMAC = 1 << 7,
    LWSEC_PKCS11_CAN_TDES_CBC = 1 << 8,
    LWSEC_PKCS11_CAN_HMAC_256 = 1 << 9,
    LWSEC_PKCS11_CAN_HMAC_384 = 1 << 10,
    LWSEC_PKCS11_CAN_HMAC_512 = 1 << 11,
    LWSEC_PKCS11_CAN_HKDF = 1 << 12, /* CKM_HKDF_DERIVE and CKM_HKDF_DATA, with SHA-256 */
    LWSEC_PKCS11_CAN_DIGEST_KEY = 1 << 13,
    LWSEC_PKCS11_CAN_ECDSA = 1 << 14, /* CKM_ECDSA over a digest */
    LWSEC_PKCS11_CAN_ECDSA_VERIFY = 1 << 15,
    LWSEC_PKCS11_CAN_ECDH = 1 << 16,
    LWSEC_PKCS11_CAN_EC_GENERATE = 1 << 17,
    LWSEC_PKCS11_CAN_EC_IMPORT = 1 << 18,
    LWSEC_PKCS11_CAN_DIGEST = 1 << 19, /* C_Digest with SHA-256 */
    LWSEC_PKCS11_CAN_RANDOM = 1 << 20,
    LWSEC_PKCS11_CAN_TEMPLATE_MECHANISMS = 1 << 21 /* CKA_ALLOWED_MECHANISMS is accepted */
};

/* All that it can, as a mask. 0: this is no store of a token. */
LWSEC_API uint32_t lwsec_pkcs11_capabilities(const lwsec_store *store);

/* The name of one bit, as in "aes-ccm"; NULL for a number past the last one. Static text. */
LWSEC_API const char *lwsec_pkcs11_capability_name(unsigned bit);

/* What the token says of itself. Points into the store. */
LWSEC_API void lwsec_pkcs11_describe(const lwsec_store *store, lwsec_pkcs11_token *token);

/*
 * Health: runs a real operation in the token, as an open session alone proves nothing. Tries once
 * to come back to a token that was away, as every operation does. LWSEC_OK, LWSEC_ENGINE,
 * LWSEC_FORKED, LWSEC_USAGE.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_check(lwsec_store *store);

/* The CK_RV of the last call that failed, for the log; 0: none did. */
LWSEC_API unsigned long lwsec_pkcs11_error(const lwsec_store *store);

/* ---- Public keys, certificates and data ---- */

/*
 * Puts the public half, an uncompressed point of 65 bytes, beside a private key that the token
 * keeps: for one that was imported, of which the token does not compute it. Whoever has the private
 * key computes it in a store in memory (lwsec_key_public). Needed for raw public keys; a
 * certificate of that name in the token tells it as well. It goes when the key is destroyed.
 *
 * LWSEC_REJECT: it is not that of a key that signs, or there is another public half already.
 * LWSEC_UNSUPPORTED: the token takes none. LWSEC_USAGE: no key pair with a name, no point.
 * LWSEC_ENGINE, LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_put_public_key(lwsec_key key,
                                                                    lwsec_bytes point);

/*
 * A certificate, in DER. `name` is that of its key: the two have one CKA_LABEL, and one CKA_ID
 * where the key is there when the certificate is stored. Storing one replaces what was there.
 *
 * LWSEC_ABSENT: none. LWSEC_BUFFER: no room. LWSEC_UNSUPPORTED: the token takes none.
 * LWSEC_REJECT: several of that name. LWSEC_USAGE, LWSEC_ENGINE, LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_get_certificate(lwsec_store *store,
                                                                     lwsec_bytes name,
                                                                     lwsec_buffer *der);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_put_certificate(lwsec_store *store,
                                                                     lwsec_bytes name,
                                                                     lwsec_bytes der);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_remove_certificate(lwsec_store *store,
                                                                        lwsec_bytes name);

/*
 * Bytes that the token keeps behind its PIN (CKO_DATA): in the clear for whoever is logged in, and
 * no place for counters, as they are replaced by a new object beside the old one, which then goes.
 * Answers as for certificates.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_get_data(lwsec_store *store, lwsec_bytes name,
                                                              lwsec_buffer *data);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_put_data(lwsec_store *store, lwsec_bytes name,
                                                              lwsec_bytes data);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pkcs11_remove_data(lwsec_store *store,
                                                                 lwsec_bytes name);

#ifdef __cplusplus
}
#endif
#endif
