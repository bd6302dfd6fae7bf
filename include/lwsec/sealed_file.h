/* Keys that outlive the process: sealed in one file, and used by a store in memory. */
#ifndef LWSEC_SEALED_FILE_H
#define LWSEC_SEALED_FILE_H

#include <lwsec/key.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Bytes of memory that a store takes, aligned as for uint64_t: `slots` handles at once, and `keys`
 * kept keys in its file.
 */
#define LWSEC_SEALED_FILE_SIZE(slots, keys) (2560U + (size_t)(slots)*64U + (size_t)(keys)*768U)
LWSEC_API size_t lwsec_sealed_file_size(uint32_t slots, uint32_t keys);

/* The most keys that a file holds. */
#define LWSEC_SEALED_FILE_KEYS_MAX 1024U

/* Argon2id: the least that is taken, what a new file gets where nothing is said, and the most. The
 * most is there so that a changed file cannot make us work for hours. */
#define LWSEC_SEALED_FILE_PASSES_MIN 2U
#define LWSEC_SEALED_FILE_PASSES 3U
#define LWSEC_SEALED_FILE_PASSES_MAX 64U
#define LWSEC_SEALED_FILE_KIB_MIN 19456U
#define LWSEC_SEALED_FILE_KIB 65536U
#define LWSEC_SEALED_FILE_KIB_MAX 1048576U

enum {
    /* Makes folder and file where they are absent. Without it, a file that is gone is noticed. */
    LWSEC_SEALED_FILE_CREATE = 1 << 0,
    /* Goes on where memory cannot be locked (RLIMIT_MEMLOCK): secrets may reach swap space. */
    LWSEC_SEALED_FILE_UNLOCKED = 1 << 1,
    /* Takes the file as it is where `state` has no counter for it yet: to be said once, of a file
     * that was used without a counter until now. */
    LWSEC_SEALED_FILE_ADOPT = 1 << 2
};

/*
 * What a store is opened with. Of `passphrase`, `raw` and `wrapping` exactly one is given; a file
 * opens with the kind that it was made with alone.
 */
typedef struct lwsec_sealed_file_config {
    size_t size;      /* sizeof(lwsec_sealed_file_config) */
    const char *path; /* of the folder, up to 200 bytes */

    /* The store in memory that does the operations; it stays open as long as this store, and must
     * have a slot for each handle. */
    lwsec_store *inner;
    /* The memory that `inner` was opened in: locked too, until this store is closed. Empty: that is
     * the caller's affair. What an engine allocates itself (OpenSSL does) is locked in no case. */
    lwsec_bytes inner_memory;

    uint32_t keys;  /* that the file may hold: 1 to LWSEC_SEALED_FILE_KEYS_MAX */
    uint32_t flags; /* LWSEC_SEALED_FILE_... */

    lwsec_bytes passphrase; /* up to 1024 bytes, as they are */
    lwsec_bytes raw;        /* 32 bytes that nobody can guess */
    /* A key of another store, as of a token: an AEAD key with LWSEC_USE_SEAL and LWSEC_USE_OPEN and
     * a nonce of 12 bytes or more, which seals the file's own key; or an HKDF key with
     * LWSEC_USE_DERIVE, from which a key for this file is derived (SHA-256). It may be let go of
     * when the store is open. Stores that answer LWSEC_PENDING are too slow for it. */
    lwsec_key wrapping;

    /* Argon2id for a file that is made now; 0: the defaults above. */
    uint32_t passes;
    uint32_t memory_kib;

    /* Where the version of the file is counted, or NULL. An older copy of the file is refused as
     * long as this state is not set back with it: it should be one that is rollback protected (a
     * counter of a TPM or HSM), and may not be kept in the same place. It stays open as long as
     * this store. */
    lwsec_state *state;
} lwsec_sealed_file_config;

/*
 * Opens a key store over the file `keys` in the folder `path`, in the caller's `memory`. It is
 * locked while it is open: LWSEC_STATE with STATE_LOCKED when somebody else has it, in this process
 * or in another.
 *
 * Keys with a name (lwsec_key_attributes) are kept; those without live in `inner` alone, as long as
 * their handle. A name stands for one key: LWSEC_USAGE for a second one. All other operations are
 * those of `inner`. A key that is kept is in clear only while a handle of it is open, in the memory
 * of `inner`; the tier of such keys is LWSEC_TIER_SEALED, that of others LWSEC_TIER_MEMORY. The
 * file's own key is in this memory, which is locked and left out of core dumps.
 *
 * The file: each secret is sealed under the file's own random key by XChaCha20-Poly1305 with a
 * random nonce, bound to the file's identity, to its name, algorithm, usage, and a number that no
 * other key of this file ever had. The whole file, with its version, is bound by one more tag, and
 * has a digest, by which accidents are told from attacks. The file's own key is sealed by the
 * passphrase (Argon2id), the raw key, or the wrapping key. Names, algorithms and usages can be read
 * by whoever can read the file. Each change writes a new file, syncs it, renames it over the old
 * one, and syncs the folder: after a power cut at any moment the keys are those before or those
 * after the change.
 *
 * Rollback: one key cannot be set back, only the whole file. That is noticed with `state`
 * (KEY_OLD), as far as the state itself cannot be set back; without `state` it is not noticed, and
 * a deleted key can come back.
 *
 * After a change whose durability is not known (a sync or the counter failed) every later change
 * and search answers LWSEC_ENGINE until the store is opened anew.
 *
 * libsodium allocates while Argon2id runs, `memory_kib` KiB, and nothing else does.
 *
 * LWSEC_USAGE: a field of the configuration, memory that is not aligned; with the reason CONFIG
 * where a reason is asked for. LWSEC_BUFFER: `size` is too small. LWSEC_ABSENT: no file, and
 * LWSEC_SEALED_FILE_CREATE is not set. LWSEC_FORKED: `inner`, `wrapping` or `state` belong to
 * another process. LWSEC_ENGINE: libsodium cannot start, the memory cannot be locked, or there is
 * not enough of it for Argon2id. LWSEC_STATE with the reasons
 *   STATE_IO, STATE_LOCKED
 *   STATE_FOREIGN   not such a file, or a later format
 *   STATE_TORN      cut short, gone on after its end, or changed by accident
 *   KEY_WRAPPING    the wrong passphrase or key, another kind of it, or Argon2id out of its bounds
 *   STATE_SEALING   changed on purpose
 *   STATE_FULL      the file holds more keys than `keys`
 *   KEY_OLD         older than `state` knows, or unknown to it
 *   KEY_STORE       the wrapping key's store failed
 * or a reason of `state`.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sealed_file_open(
    void *memory, size_t size, uint32_t slots, const lwsec_sealed_file_config *config,
    lwsec_store **store, lwsec_reason *reason);

/* Whether an older copy of the file would be noticed, whoever can write the folder. */
LWSEC_API bool lwsec_sealed_file_rollback_protected(const lwsec_store *store);

/* Lets go of all handles, wipes the memory, releases the lock and zeroes the pointer. `inner`,
 * `state` and the wrapping key stay open. Nothing may use the store meanwhile. */
LWSEC_API void lwsec_sealed_file_close(lwsec_store **store);

#ifdef __cplusplus
}
#endif
#endif
