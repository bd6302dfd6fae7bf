/* Runs our own code over secrets that valgrind takes for undefined: a branch or an index that
 * depends on one is reported. Everything that a secret flows into is secret, until it is declared
 * public here. */
#include <lwsec/oscore.h>
#include <lwsec/state_memory.h>
#include <lwsec/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/memcheck.h>

#define SLOTS 8U
#define KEY_MAX 64U

static void make_secret(void *bytes, size_t size)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, size);
}

static void make_public(void *bytes, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, size);
}

static void require(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

/* ---- Comparing ---- */

static bool compare(const uint8_t *one, const uint8_t *other, size_t size)
{
    bool equal = lwsec_equal_secret(lwsec_bytes_of(one, size), lwsec_bytes_of(other, size));

    make_public(&equal, sizeof equal); /* the answer is for everybody, the way to it is not */
    return equal;
}

static void equal_secret_looks_at_every_byte(void)
{
    uint8_t one[64];
    uint8_t other[64];

    for (size_t size = 0; size <= sizeof one; size++) {
        for (size_t at = 0; at <= size; at++) {
            memset(one, 0x5a, sizeof one);
            memset(other, 0x5a, sizeof other);
            if (at < size) {
                other[at] ^= 0x01;
            }
            make_secret(one, sizeof one);
            make_secret(other, sizeof other);
            require(compare(one, other, size) == (at == size), "lwsec_equal_secret is wrong");
        }
    }
}

/* What must be reported: it stops at the first difference. */
static bool equal_in_a_hurry(const uint8_t *one, const uint8_t *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (one[i] != other[i]) {
            return false;
        }
    }
    return true;
}

static void a_hasty_comparison(void)
{
    uint8_t one[8] = {1};
    uint8_t other[8] = {2};

    make_secret(one, sizeof one);
    bool equal = equal_in_a_hurry(one, other, sizeof one);
    make_public(&equal, sizeof equal);
    require(!equal, "the comparison is wrong");
}

/* What must be reported as well: a table that is read at a place that is secret. */
static void a_secret_index(void)
{
    static const uint8_t table[256] = {1, 2, 3};
    uint8_t secret = 1;

    make_secret(&secret, sizeof secret);
    uint8_t found = table[secret];
    make_public(&found, sizeof found);
    require(found == 2, "the table is wrong");
}

/* ---- A store of which every key byte is secret, and every result too ---- */

typedef struct secret_store {
    lwsec_store head;
    lwsec_key_slot slots[SLOTS];
    uint8_t keys[SLOTS][KEY_MAX];
} secret_store;

static lwsec_status key_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    uint8_t *key = ((secret_store *)store)->keys[slot];

    (void)attributes;
    memset(key, 0, KEY_MAX);
    memcpy(key, raw.data, raw.size < KEY_MAX ? raw.size : KEY_MAX);
    make_secret(key, KEY_MAX);
    return LWSEC_OK;
}

static lwsec_status key_destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_wipe(((secret_store *)store)->keys[slot], KEY_MAX);
    return LWSEC_OK;
}

static void mix(const uint8_t *key, lwsec_bytes message, uint8_t *out, size_t size)
{
    memset(out, 0, size);
    for (size_t i = 0; i < message.size; i++) {
        out[i % size] = (uint8_t)(out[i % size] * 31U + message.data[i]);
    }
    for (size_t i = 0; i < KEY_MAX; i++) {
        out[i % size] ^= key[i];
    }
}

static lwsec_status key_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                            uint8_t *mac)
{
    (void)hmac;
    mix(((secret_store *)store)->keys[slot], message, mac, 32);
    return LWSEC_OK;
}

static lwsec_status key_extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                                lwsec_store *target, const lwsec_key_attributes *attributes,
                                lwsec_key *prk)
{
    uint8_t mac[32];

    (void)hmac;
    mix(((secret_store *)store)->keys[slot], salt, mac, sizeof mac);
    return lwsec_key_import(target, attributes, lwsec_bytes_of(mac, sizeof mac), prk);
}

/* Common IV and the names of records, which are not secret: RFC 8613 section 3.1. */
static lwsec_status key_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes info, uint8_t *out, size_t size)
{
    (void)hmac;
    mix(((secret_store *)store)->keys[slot], info, out, size);
    make_public(out, size);
    return LWSEC_OK;
}

/* What goes out is for everybody: real ciphertext tells nothing of its key. */
static lwsec_status key_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes plaintext, uint8_t *out)
{
    const uint8_t *key = ((secret_store *)store)->keys[slot];

    (void)nonce;
    (void)aad;
    for (size_t i = 0; i < plaintext.size; i++) {
        out[i] = (uint8_t)(plaintext.data[i] ^ key[i % 16]);
    }
    memcpy(&out[plaintext.size], &key[16], 8);
    make_public(out, plaintext.size + 8);
    return LWSEC_OK;
}

static lwsec_status key_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes ciphertext, uint8_t *out)
{
    const uint8_t *key = ((secret_store *)store)->keys[slot];
    const size_t size = ciphertext.size - 8;

    (void)nonce;
    (void)aad;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(ciphertext.data[i] ^ key[i % 16]);
    }
    make_public(out, size); /* a message is parsed by what is in it */
    return compare(&ciphertext.data[size], &key[16], 8) ? LWSEC_OK : LWSEC_REJECT;
}

/* The Echo value: the peer learns it, so it is public. */
static lwsec_status key_random(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    memset(out, 0x45, size);
    return LWSEC_OK;
}

static const lwsec_store_ops secret_ops = {.abi = LWSEC_STORE_ABI,
                                           .size = sizeof(lwsec_store_ops),
                                           .name = "secret",
                                           .tier = LWSEC_TIER_MEMORY,
                                           .import = key_import,
                                           .destroy = key_destroy,
                                           .seal = key_seal,
                                           .open = key_open,
                                           .mac = key_mac,
                                           .extract = key_extract,
                                           .derive_public = key_derive_public,
                                           .random = key_random};

static secret_store store;

static lwsec_key import_key(int32_t algorithm, uint32_t usage)
{
    static const uint8_t raw[32] = {7};
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {0};

    require(lwsec_key_import(&store.head, &attributes, lwsec_bytes_of(raw, sizeof raw), &key) ==
                LWSEC_OK,
            "no key");
    return key;
}

/* The one branch on the result of the comparison is in secret_branches.supp. */
static void a_mac_is_verified_without_a_hint(void)
{
    const lwsec_bytes message = lwsec_bytes_of("message", 7);
    const lwsec_key key = import_key(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    uint8_t mac[32];
    uint8_t wrong[32];

    require(lwsec_key_mac(key, message, mac, sizeof mac) == LWSEC_OK, "no mac");
    make_public(mac, sizeof mac); /* as it is on the wire */
    for (size_t size = 4; size <= sizeof mac; size += 4) {
        lwsec_status status = lwsec_key_mac_verify(key, message, lwsec_bytes_of(mac, size));
        make_public(&status, sizeof status);
        require(status == LWSEC_OK, "the right mac was refused");
        for (size_t at = 0; at < size; at++) {
            memcpy(wrong, mac, sizeof wrong);
            wrong[at] ^= 0x80;
            status = lwsec_key_mac_verify(key, message, lwsec_bytes_of(wrong, size));
            make_public(&status, sizeof status);
            require(status == LWSEC_REJECT, "a wrong mac was taken");
        }
    }
}

static lwsec_oscore *open_context(void *memory, size_t size, lwsec_state *state,
                                  lwsec_bytes sender_id, lwsec_bytes recipient_id)
{
    const lwsec_oscore_config config = {.size = sizeof config,
                                        .secret = import_key(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT),
                                        .state = state,
                                        .sender_id = sender_id,
                                        .recipient_id = recipient_id,
                                        .flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO};
    lwsec_oscore *context = NULL;

    require(lwsec_oscore_init(memory, size, &config, &context, NULL) == LWSEC_OK, "no context");
    return context;
}

/* From the Master Secret to a message: only what a store does itself knows a key. */
static void oscore_branches_on_no_key(void)
{
    static uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 64) / 8];
    static uint64_t memory[2][LWSEC_OSCORE_SIZE(32, 0) / 8];
    static const uint8_t get[] = {0x41, 0x01, 0x00, 0x07, 0x42, 0xb2, 'r', 'd', 0xff, 'p'};
    uint8_t wire[128];
    uint8_t plain[256];
    lwsec_buffer sent = lwsec_buffer_of(wire, sizeof wire);
    lwsec_buffer received = lwsec_buffer_of(plain, sizeof plain);
    lwsec_oscore_request request;
    lwsec_state *state = NULL;

    require(lwsec_state_memory_open(state_memory, sizeof state_memory, 4, 64, &state) == LWSEC_OK,
            "no state");
    lwsec_oscore *client = open_context(memory[0], sizeof memory[0], state, lwsec_bytes_of("c", 1),
                                        lwsec_bytes_of("s", 1));
    lwsec_oscore *server = open_context(memory[1], sizeof memory[1], state, lwsec_bytes_of("s", 1),
                                        lwsec_bytes_of("c", 1));
    require(lwsec_oscore_protect_request(client, lwsec_bytes_of(get, sizeof get), &request, &sent,
                                         NULL) == LWSEC_OK,
            "not protected");
    wire[sent.size - 1] ^= 1;
    require(lwsec_oscore_unprotect_request(server, lwsec_buffer_bytes(&sent), &request, &received,
                                           NULL) == LWSEC_REJECT,
            "a wrong tag was taken");
    lwsec_oscore_close(&client);
    lwsec_oscore_close(&server);
    lwsec_state_memory_close(&state);
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    require(lwsec_store_init(&store.head, &secret_ops, store.slots, SLOTS) == LWSEC_OK, "no store");
    if (strcmp(what, "library") == 0) {
        equal_secret_looks_at_every_byte();
        a_mac_is_verified_without_a_hint();
        oscore_branches_on_no_key();
    } else if (strcmp(what, "hasty-comparison") == 0) {
        a_hasty_comparison();
    } else if (strcmp(what, "secret-index") == 0) {
        a_secret_index();
    } else {
        (void)fprintf(stderr, "usage: %s library | hasty-comparison | secret-index\n", argv[0]);
        return 2;
    }
    return 0;
}
