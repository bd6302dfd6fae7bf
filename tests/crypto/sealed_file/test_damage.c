/* Files that are damaged or changed on purpose, and keys that are not the right ones. */
#include <lwsec/state_memory.h>

#include "tests/crypto/sealed_file/kit.h"

#include "crypto/sealed_file/wrap.h"

/* Makes a file with three keys, and closes it. The bytes are the test's to change. */
static size_t make_file(kit *own, uint8_t *file, size_t capacity)
{
    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(kit_keep(own, "b", 2), LWSEC_OK);
    assert_status(kit_keep(own, "c", 3), LWSEC_OK);
    kit_close(own);
    const lwsec_bytes made = kit_file(own);
    assert_true(made.size <= capacity);
    memcpy(file, made.data, made.size);
    own->config.flags = 0;
    return made.size;
}

/* Opens and expects a refusal; nothing of the store may be left. */
static lwsec_why refused(kit *own, uint8_t *file, size_t size)
{
    kit_put(own, lwsec_bytes_of(file, size));
    const lwsec_status status = kit_open(own);
    if (status == LWSEC_OK) {
        kit_close(own);
        return LWSEC_WHY_NONE;
    }
    assert_status(status, LWSEC_STATE);
    assert_null(own->store);
    assert_bytes(kit_file(own), lwsec_bytes_of(file, size)); /* and it stays for a person */
    return own->reason.why;
}

static void every_flipped_bit_is_noticed(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    const size_t size = make_file(own, file, sizeof file);

    for (size_t i = 0; i < size; i++) {
        file[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(refused(own, file, size),
                         i < 5 ? LWSEC_WHY_STATE_FOREIGN : LWSEC_WHY_STATE_TORN);
        file[i] ^= (uint8_t)(1U << i % 8);
    }
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
}

/* Somebody who knows the format sets the digest right after a change: tags are left. */
static void every_flipped_bit_is_noticed_with_a_mended_digest(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    const size_t size = make_file(own, file, sizeof file);
    const size_t prefix = LWSEC_SEALED_PREFIX_MAX - 24; /* a raw key has no parameters */

    for (size_t i = 0; i < size - LWSEC_BOX_DIGEST; i++) {
        file[i] ^= (uint8_t)(1U << i % 8);
        kit_mend_digest(file, size);
        const lwsec_why why = refused(own, file, size);
        if (i < 5) {
            assert_int_equal(why, LWSEC_WHY_STATE_FOREIGN);
        } else if (i < 21 || (i > 22 && i < prefix)) {
            assert_int_equal(why, LWSEC_WHY_KEY_WRAPPING);
        } else {
            /* A length that does not fit is foreign, and so is a name out of its order; a count may
             * be larger than what there is room for. */
            assert_true(why == LWSEC_WHY_STATE_SEALING || why == LWSEC_WHY_STATE_FOREIGN ||
                        why == LWSEC_WHY_STATE_FULL || (why == LWSEC_WHY_KEY_WRAPPING && i < 23));
        }
        file[i] ^= (uint8_t)(1U << i % 8);
    }
    kit_mend_digest(file, size);
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
}

static void every_shorter_file_is_torn(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    const size_t size = make_file(own, file, sizeof file);

    for (size_t length = 0; length < size; length++) {
        assert_int_equal(refused(own, file, length), LWSEC_WHY_STATE_TORN);
    }
}

static void every_shorter_file_is_refused_with_a_mended_digest(void **state)
{
    kit *own = *state;
    static uint8_t file[4096], cut[4096];
    const size_t size = make_file(own, file, sizeof file);

    for (size_t length = LWSEC_BOX_DIGEST + 5; length < size; length++) {
        memcpy(cut, file, length);
        kit_mend_digest(cut, length);
        assert_int_not_equal(refused(own, cut, length), LWSEC_WHY_NONE);
    }
}

static void a_file_that_goes_on_is_torn(void **state)
{
    kit *own = *state;
    static uint8_t file[8192];
    const size_t size = make_file(own, file, 4096);

    for (size_t more = 1; more <= 64; more++) {
        assert_int_equal(refused(own, file, size + more), LWSEC_WHY_STATE_TORN);
        kit_mend_digest(file, size + more);
        assert_int_not_equal(refused(own, file, size + more), LWSEC_WHY_NONE);
        memset(&file[size], 0, more);
        kit_mend_digest(file, size);
    }
    assert_int_equal(refused(own, file, 8000), LWSEC_WHY_STATE_FULL);
}

/* The places of a file's keys. */
static lwsec_sealed_entry entry_of(lwsec_sealed_image *image, const char *name)
{
    lwsec_sealed_entry entry;

    assert_true(lwsec_sealed_find_name(image, lwsec_bytes_of(name, strlen(name)), &entry));
    return entry;
}

static uint8_t *at(uint8_t *file, lwsec_bytes part)
{
    return &file[part.data - (const uint8_t *)file];
}

/* Whoever opens the file can also write it. One who can write it alone cannot swap two secrets:
 * neither under the tag of the whole, nor under that of each key. */
static void two_secrets_cannot_be_swapped(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    uint8_t kept[LWSEC_BOX_NONCE + 48];
    lwsec_sealed_image image;
    const size_t size = make_file(own, file, sizeof file);

    assert_status(lwsec_sealed_parse(lwsec_bytes_of(file, size), KIT_KEYS, &image, NULL), LWSEC_OK);
    const lwsec_sealed_entry a = entry_of(&image, "a"), b = entry_of(&image, "b");
    assert_int_equal(a.sealed.size, 48);
    uint8_t *first = at(file, a.nonce), *second = at(file, b.nonce);
    memcpy(kept, first, sizeof kept);
    memcpy(first, second, sizeof kept);
    memcpy(second, kept, sizeof kept);
    kit_mend_digest(file, size);
    assert_int_equal(refused(own, file, size), LWSEC_WHY_STATE_SEALING);
}

/* The tag of each key alone: it opens under its own header, and under no other. */
static void a_secret_opens_under_its_own_name_alone(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    lwsec_sealed_image image, other;
    lwsec_sealed_keys keys;
    uint8_t secret[LWSEC_SEALED_SECRET_MAX], header[96], id[LWSEC_SEALED_ID] = {0};
    const size_t size = make_file(own, file, sizeof file);

    assert_status(lwsec_sealed_parse(lwsec_bytes_of(file, size), KIT_KEYS, &image, NULL), LWSEC_OK);
    assert_status(lwsec_sealed_unwrap(&own->config, &image, &keys, NULL), LWSEC_OK);
    lwsec_sealed_entry a = entry_of(&image, "a");
    assert_int_equal(lwsec_sealed_open_entry(&image, &a, keys.file, secret), 32);
    assert_int_equal(secret[0], 1);
    memcpy(header, a.header.data, a.header.size);
    a.header.data = header;
    for (size_t i = 0; i < a.header.size; i++) {
        header[i] ^= 1;
        assert_int_equal(lwsec_sealed_open_entry(&image, &a, keys.file, secret), 0);
        header[i] ^= 1;
    }
    other = image;
    other.id = lwsec_bytes_of(id, sizeof id); /* in another file */
    assert_int_equal(lwsec_sealed_open_entry(&other, &a, keys.file, secret), 0);
    a.header = entry_of(&image, "b").header;
    assert_int_equal(lwsec_sealed_open_entry(&image, &a, keys.file, secret), 0);
}

/* ---- The wrong key ---- */

static void another_raw_key_does_not_open(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    uint8_t raw[32];
    const size_t size = make_file(own, file, sizeof file);
    const lwsec_bytes right = own->config.raw;

    memcpy(raw, right.data, sizeof raw);
    for (size_t i = 0; i < 8 * sizeof raw; i += 5) {
        raw[i / 8] ^= (uint8_t)(1U << i % 8);
        own->config.raw = lwsec_bytes_of(raw, sizeof raw);
        assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
        raw[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    own->config.raw = lwsec_bytes_of(NULL, 0);
    own->config.passphrase = right; /* of another kind */
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
}

static void use_passphrase(kit *own, const char *text)
{
    own->config.raw = lwsec_bytes_of(NULL, 0);
    own->config.passphrase = lwsec_bytes_of(text, strlen(text));
    own->config.passes = LWSEC_SEALED_FILE_PASSES_MIN;
    own->config.memory_kib = LWSEC_SEALED_FILE_KIB_MIN;
}

static void a_wrong_passphrase_is_told_apart_from_damage(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];

    use_passphrase(own, "correct horse");
    const size_t size = make_file(own, file, sizeof file);
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
    use_passphrase(own, "correct horsf");
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
    use_passphrase(own, "correct hors");
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
    use_passphrase(own, "correct horse");
    file[60] ^= 1;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_STATE_TORN);
    file[60] ^= 1;
    own->config.passes = 9; /* what stands in the file holds */
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
    own->config.passphrase = lwsec_bytes_of(NULL, 0);
    own->config.raw = lwsec_bytes_of("01234567890123456789012345678901", 32);
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
}

/* Weak parameters do not come back by a changed file, and hours of work neither. */
static void argon2id_stays_in_its_bounds(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    static const struct {
        uint32_t passes, kib;
    } bad[] = {{0, LWSEC_SEALED_FILE_KIB_MIN},
               {1, LWSEC_SEALED_FILE_KIB_MIN},
               {2, 0},
               {2, LWSEC_SEALED_FILE_KIB_MIN - 1},
               {LWSEC_SEALED_FILE_PASSES_MAX + 1, LWSEC_SEALED_FILE_KIB_MIN},
               {UINT32_MAX, LWSEC_SEALED_FILE_KIB_MIN},
               {2, LWSEC_SEALED_FILE_KIB_MAX + 1},
               {2, UINT32_MAX}};

    use_passphrase(own, "correct horse");
    const size_t size = make_file(own, file, sizeof file);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lwsec_writer writer = lwsec_writer_of(&file[22], 8);
        lwsec_writer_uint(&writer, bad[i].passes, 4);
        lwsec_writer_uint(&writer, bad[i].kib, 4);
        kit_mend_digest(file, size);
        assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        own->config.passes = bad[i].passes != 0 ? bad[i].passes : 1;
        own->config.memory_kib = bad[i].kib != 0 ? bad[i].kib : 1;
        assert_status(kit_open(own), LWSEC_USAGE);
    }
}

static void a_key_of_another_store_wraps(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    uint8_t raw[32] = {9}, other[32] = {8};
    const uint32_t both = LWSEC_USE_SEAL | LWSEC_USE_OPEN;

    for (unsigned kind = 0; kind < 2; kind++) {
        const int32_t algorithm = kind == 0 ? LWSEC_ALG_CHACHA20_POLY1305 : LWSEC_ALG_HKDF;
        const uint32_t usage = kind == 0 ? both : LWSEC_USE_DERIVE;
        lwsec_store *store = lwsec_test_store_open(lwsec_test_store_at(0), 4);
        const lwsec_key right =
            lwsec_test_key(store, algorithm, usage, lwsec_bytes_of(raw, sizeof raw));
        lwsec_key wrong =
            lwsec_test_key(store, algorithm, usage, lwsec_bytes_of(other, sizeof other));

        own->config.raw = lwsec_bytes_of(NULL, 0);
        own->config.wrapping = right;
        own->config.flags = LWSEC_SEALED_FILE_CREATE;
        if (kind == 1) {
            char path[128];
            (void)snprintf(path, sizeof path, "%s/keys", own->path);
            (void)remove(path);
        }
        const size_t size = make_file(own, file, sizeof file);
        assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
        own->config.wrapping = wrong;
        assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_WRAPPING);
        assert_status(lwsec_key_destroy(&wrong), LWSEC_OK);
        assert_status(kit_open(own), LWSEC_USAGE); /* a handle without a key */
        own->config.wrapping = right;
        for (size_t i = 22; i < 60; i++) {
            file[i] ^= 4;
            kit_mend_digest(file, size);
            assert_int_not_equal(refused(own, file, size), LWSEC_WHY_NONE);
            file[i] ^= 4;
        }
        lwsec_test_store_close(lwsec_test_store_at(0), store);
        own->config.wrapping.store = NULL;
    }
}

/* ---- Older copies ---- */

static void an_older_copy_is_refused_where_versions_are_counted(void **state)
{
    kit *own = *state;
    static uint8_t old[4096];
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 64) / 8];

    assert_status(lwsec_state_memory_open(memory, sizeof memory, 2, 64, &own->config.state),
                  LWSEC_OK);
    const size_t size = make_file(own, old, sizeof old);
    assert_int_equal(refused(own, old, size), LWSEC_WHY_NONE);
    assert_status(kit_open(own), LWSEC_OK);
    assert_false(lwsec_sealed_file_rollback_protected(own->store));
    assert_status(kit_destroy(own, "b"), LWSEC_OK);
    kit_close(own);
    assert_int_equal(refused(own, old, size), LWSEC_WHY_KEY_OLD);
    lwsec_state *known = own->config.state;
    own->config.state = NULL; /* not noticed: the header says so */
    assert_int_equal(refused(own, old, size), LWSEC_WHY_NONE);
    own->config.state = known;
    own->config.flags = LWSEC_SEALED_FILE_ADOPT; /* which is for files without a counter */
    assert_int_equal(refused(own, old, size), LWSEC_WHY_KEY_OLD);
    lwsec_state_memory_close(&known);
    own->config.state = NULL;
}

static void a_file_without_its_counter_is_adopted_when_asked(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 64) / 8];
    const size_t size = make_file(own, file, sizeof file);

    assert_status(lwsec_state_memory_open(memory, sizeof memory, 2, 64, &own->config.state),
                  LWSEC_OK);
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_OLD);
    own->config.flags = LWSEC_SEALED_FILE_CREATE;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_KEY_OLD);
    own->config.flags = LWSEC_SEALED_FILE_ADOPT;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
    own->config.flags = 0;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
    lwsec_state_memory_close(&own->config.state);
}

/* A state that counts no more: the key is in the file, and nobody says that all is well. */
static void a_change_that_cannot_be_counted_fails(void **state)
{
    kit *own = *state;
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(1, 64) / 8];
    lwsec_record counter = {LWSEC_RECORD_KEYS, {0}};

    assert_status(lwsec_state_memory_open(memory, sizeof memory, 1, 64, &own->config.state),
                  LWSEC_OK);
    assert_status(kit_open(own), LWSEC_OK);
    memcpy(counter.identity, &kit_file(own).data[5], sizeof counter.identity);
    assert_status(lwsec_state_advance(own->config.state, &counter, 50, NULL), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_ENGINE);
    assert_status(kit_keep(own, "b", 1), LWSEC_ENGINE);
    assert_status(kit_look(own, "a", 1), LWSEC_ENGINE);
    kit_close(own);
    assert_status(kit_open(own), LWSEC_STATE);
    assert_int_equal(own->reason.why, LWSEC_WHY_KEY_OLD);
    lwsec_state_memory_close(&own->config.state);
}

/* ---- Configurations ---- */

static void configurations_are_judged(void **state)
{
    kit *own = *state;
    const lwsec_sealed_file_config right = own->config;
    uint8_t pass[1025] = {1};
    char path[202];

    memset(path, 'p', sizeof path);
    path[201] = '\0';
    own->config.flags = 0;
    assert_status(kit_open(own), LWSEC_ABSENT);
    own->config = right;
    own->config.size -= 1;
    assert_status(kit_open(own), LWSEC_USAGE);
    assert_int_equal(own->reason.why, LWSEC_WHY_CONFIG);
    own->config = right;
    own->config.path = NULL;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.path = "";
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.path = path;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config = right;
    own->config.inner = NULL;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config = right;
    own->config.keys = 0;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.keys = LWSEC_SEALED_FILE_KEYS_MAX + 1;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.keys = KIT_KEYS + 1;
    assert_status(kit_open(own), LWSEC_BUFFER);
    own->config = right;
    own->config.flags |= 8;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config = right;
    own->config.raw.size = 31;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.raw.data = NULL;
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.passphrase = lwsec_bytes_of(pass, 0);
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config.passphrase = lwsec_bytes_of(pass, sizeof pass);
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config = right;
    own->config.passphrase = lwsec_bytes_of(pass, 8); /* beside a raw key */
    assert_status(kit_open(own), LWSEC_USAGE);
    own->config = right;
    assert_status(kit_open(own), LWSEC_OK);
    lwsec_store *first = own->store;
    own->config.inner = first; /* not a store in memory */
    lwsec_store *second = NULL;
    void *memory = malloc(own->size);
    assert_status(lwsec_sealed_file_open(memory, own->size, KIT_SLOTS, &own->config, &second, NULL),
                  LWSEC_USAGE);
    free(memory);
}

static void wrapping_keys_that_do_not_do_are_refused(void **state)
{
    kit *own = *state;
    uint8_t raw[32] = {9};
    static const struct {
        int32_t algorithm;
        uint32_t usage;
    } wrong[] = {{LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL},
                 {LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_OPEN},
                 {LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT},
                 {LWSEC_ALG_HMAC_256, LWSEC_USE_MAC}};

    own->config.raw = lwsec_bytes_of(NULL, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lwsec_key key = lwsec_test_key(own->inner, wrong[i].algorithm, wrong[i].usage,
                                       lwsec_bytes_of(raw, sizeof raw));
        own->config.wrapping = key;
        assert_status(kit_open(own), LWSEC_USAGE);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
}

static void a_smaller_store_refuses_a_fuller_file(void **state)
{
    kit *own = *state;
    static uint8_t file[4096];
    const size_t size = make_file(own, file, sizeof file);

    own->config.keys = 2;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_STATE_FULL);
    own->config.keys = 3;
    assert_int_equal(refused(own, file, size), LWSEC_WHY_NONE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, kit_begin, kit_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_flipped_bit_is_noticed),
        TEST(every_flipped_bit_is_noticed_with_a_mended_digest),
        TEST(every_shorter_file_is_torn),
        TEST(every_shorter_file_is_refused_with_a_mended_digest),
        TEST(a_file_that_goes_on_is_torn),
        TEST(two_secrets_cannot_be_swapped),
        TEST(a_secret_opens_under_its_own_name_alone),
        TEST(another_raw_key_does_not_open),
        TEST(a_wrong_passphrase_is_told_apart_from_damage),
        TEST(argon2id_stays_in_its_bounds),
        TEST(a_key_of_another_store_wraps),
        TEST(an_older_copy_is_refused_where_versions_are_counted),
        TEST(a_file_without_its_counter_is_adopted_when_asked),
        TEST(a_change_that_cannot_be_counted_fails),
        TEST(configurations_are_judged),
        TEST(wrapping_keys_that_do_not_do_are_refused),
        TEST(a_smaller_store_refuses_a_fuller_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
