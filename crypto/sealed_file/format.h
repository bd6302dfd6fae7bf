/* The bytes of a sealed file: what stands where, and how a changed one is made. */
#ifndef LWSEC_CRYPTO_SEALED_FILE_FORMAT_H
#define LWSEC_CRYPTO_SEALED_FILE_FORMAT_H

#include <lwsec/key.h>

#include "core/reader.h"
#include "core/writer.h"
#include "crypto/sealed_file/sodium_box.h"

/*
 * magic "LWKS" (4), format 1 (1), identity (16), then how the file's own key is sealed:
 *   kind (1); for a passphrase: passes (4), KiB (4), salt (16); length (1), nonce and sealed key
 * version (8), number of keys (2), and each key, in ascending order of names:
 *   id (8), algorithm (4), usage (4), length of the name (1), name, length of the secret (1),
 *   nonce (24), sealed secret and tag
 * nonce (24) and tag (16) over all that stands before; digest (16) over all that stands before.
 * Numbers are big-endian. An id is the version that the key came with.
 */
#define LWSEC_SEALED_ID 16U
#define LWSEC_SEALED_SECRET_MAX 255U
#define LWSEC_SEALED_WRAPPED_MAX (LWSEC_BOX_NONCE + LWSEC_BOX_KEY + LWSEC_BOX_TAG)
#define LWSEC_SEALED_PREFIX_MAX (47U + LWSEC_SEALED_WRAPPED_MAX)
#define LWSEC_SEALED_ENTRY_MAX                                                                     \
    (18U + LWSEC_KEY_NAME_MAX + LWSEC_BOX_NONCE + LWSEC_SEALED_SECRET_MAX + LWSEC_BOX_TAG)
#define LWSEC_SEALED_FILE_MAX(keys)                                                                \
    (LWSEC_SEALED_PREFIX_MAX + 10U + LWSEC_BOX_NONCE + LWSEC_BOX_TAG + LWSEC_BOX_DIGEST +          \
     (size_t)(keys)*LWSEC_SEALED_ENTRY_MAX)

typedef enum lwsec_sealed_kind {
    LWSEC_SEALED_BY_PASSPHRASE = 1,
    LWSEC_SEALED_BY_RAW = 2,
    LWSEC_SEALED_BY_SEAL = 3,  /* an AEAD key of another store */
    LWSEC_SEALED_BY_DERIVE = 4 /* an HKDF key of another store */
} lwsec_sealed_kind;

/* How the file's own key is sealed. */
typedef struct lwsec_sealed_wrap {
    uint8_t kind;
    uint32_t passes;
    uint32_t memory_kib;
    lwsec_bytes salt;
    lwsec_bytes bound;   /* what stands before the sealed key */
    lwsec_bytes wrapped; /* nonce, sealed key, tag */
} lwsec_sealed_wrap;

/* A file that was read; its parts lie in it. */
typedef struct lwsec_sealed_image {
    lwsec_bytes prefix; /* magic to sealed key: the same in all versions */
    lwsec_bytes id;
    lwsec_sealed_wrap wrap;
    uint64_t version;
    uint32_t count;
    lwsec_bytes entries;
    lwsec_bytes bound; /* what nonce and tag stand for */
    lwsec_bytes nonce;
    lwsec_bytes tag;
} lwsec_sealed_image;

/* One kept key. */
typedef struct lwsec_sealed_entry {
    uint64_t id;
    int32_t algorithm;
    uint32_t usage;
    lwsec_bytes name;
    lwsec_bytes header; /* id to length of the secret */
    lwsec_bytes nonce;
    lwsec_bytes sealed;
    lwsec_bytes whole;
} lwsec_sealed_entry;

/* What a new version has, or has no more. */
typedef struct lwsec_sealed_change {
    const lwsec_key_attributes *add; /* NULL: nothing */
    lwsec_bytes secret;              /* of `add` */
    uint64_t remove;                 /* an id; 0: nothing */
} lwsec_sealed_change;

/* Writes magic, format and identity. */
void lwsec_sealed_begin(lwsec_writer *writer, const uint8_t id[LWSEC_SEALED_ID]);

/* LWSEC_STATE with STATE_FOREIGN, STATE_TORN, or STATE_FULL: more keys than `keys`. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_parse(lwsec_bytes file, uint32_t keys,
                                                 lwsec_sealed_image *image, lwsec_reason *reason);

/* Whether the tag over the whole file is right. */
bool lwsec_sealed_verify(const lwsec_sealed_image *image, const uint8_t *key);

/* Opens a kept secret into LWSEC_SEALED_SECRET_MAX bytes: its size, or 0 where it does not open. */
size_t lwsec_sealed_open_entry(const lwsec_sealed_image *image, const lwsec_sealed_entry *entry,
                               const uint8_t *key, uint8_t *secret);

/* The keys of an image that was parsed, one after the other; false past the last. */
bool lwsec_sealed_next(lwsec_reader *entries, lwsec_sealed_entry *entry);

/* By name, or by id; false: there is none. */
bool lwsec_sealed_find_name(const lwsec_sealed_image *image, lwsec_bytes name,
                            lwsec_sealed_entry *entry);
bool lwsec_sealed_find_id(const lwsec_sealed_image *image, uint64_t id, lwsec_sealed_entry *entry);

/* Names in byte order: below 0, 0 or above, as memcmp. */
int lwsec_sealed_compare(lwsec_bytes one, lwsec_bytes other);

/* Writes the next version of `image` into `file`: its size, or 0 where it does not fit. */
size_t lwsec_sealed_write(const lwsec_sealed_image *image, const lwsec_sealed_change *change,
                          const uint8_t *key, lwsec_buffer *file);

#endif
