/* The IoT SAFE applet of the test card: GSMA IoT.05, as far as a key store needs it. */
/*
 * Two pairs and a container for one more, a PSK, a Master Secret, a file, and a container for the
 * public keys of peers. Pairs are new with each card, but for one that the setup may bring. One
 * session of each kind at a time.
 */
#include "tests/uicc/card/internal.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

enum {
    SIGN_FULL_TEXT = 1,
    SIGN_DIGEST = 3,
    LAST = 0x80,
    POINT = 65,
    DIGEST = 32,
    NO_PAIR = IOTSAFE_PAIRS
};

static const uint8_t psk[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t master[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/* What is on the card: identifiers, labels, and what each pair is for. */
static const struct pair_kind {
    const char *label;
    uint8_t id[2];
    size_t id_size;
    uint8_t type, functions;
} kinds[IOTSAFE_PAIRS] = {
    {"device", {0x01}, 1, 0x13, 0x01},
    {"ephemeral", {0x02}, 1, 0x14, 0x06},
    {"", {0x0a, 0x0b}, 2, 0x13, 0x03},
};

static struct octets text(const char *value)
{
    return (struct octets){(const uint8_t *)value, strlen(value)};
}

static void put_octet(struct room *room, uint8_t tag, uint8_t value)
{
    room_put_tlv(room, tag, (struct octets){&value, 1});
}

/* ---- The list ---- */

static void put_key(struct room *answer, uint8_t tag, const struct pair_kind *kind, bool active)
{
    uint8_t bytes[96];
    struct room room = ROOM_OF(bytes);
    const bool private = tag == 0xC1;

    if (kind->label[0] != '\0') {
        room_put_tlv(&room, private ? 0x74 : 0x75, text(kind->label));
    }
    room_put_tlv(&room, private ? 0x84 : 0x85, (struct octets){kind->id, kind->id_size});
    put_octet(&room, 0x60, 0x01);
    put_octet(&room, 0x4A, active ? 1 : 0);
    put_octet(&room, 0x4B, kind->type);
    put_octet(&room, 0x4E, 0x01);
    put_octet(&room, 0x61, kind->functions);
    put_octet(&room, 0x92, 0x04);
    room_put_tlv(answer, tag, room_octets(&room));
}

static void put_secret(struct room *answer, const char *label, uint8_t id, uint8_t derivation)
{
    uint8_t bytes[64];
    struct room room = ROOM_OF(bytes);

    room_put_tlv(&room, 0x76, text(label));
    put_octet(&room, 0x86, id);
    put_octet(&room, 0x4A, 1);
    put_octet(&room, 0x4B, 0xA0);
    put_octet(&room, 0x61, 0x08);
    put_octet(&room, 0x94, derivation);
    room_put_tlv(answer, 0xC4, room_octets(&room));
}

static void put_file(struct room *answer)
{
    static const uint8_t size[] = {IOTSAFE_FILE >> 8, IOTSAFE_FILE & 0xFF};
    uint8_t bytes[64];
    struct room room = ROOM_OF(bytes);

    room_put_tlv(&room, 0x73, text("certificate"));
    put_octet(&room, 0x83, 0x30);
    room_put_tlv(&room, 0x20, (struct octets){size, sizeof(size)});
    put_octet(&room, 0x21, 0x02);
    room_put_tlv(answer, 0xC3, room_octets(&room));
}

static uint16_t list(const struct card *card, struct exchange *exchange)
{
    const struct iotsafe *const applet = &card->iotsafe;
    uint16_t status = SW_OK;

    if (exchange->p1 != 0x01 || exchange->p2 != 0x00) {
        return SW_WRONG_P1P2;
    }
    for (size_t i = 0; i < IOTSAFE_PAIRS; i++) {
        put_key(&exchange->answer, 0xC1, &kinds[i], applet->pair[i] != NULL);
    }
    for (size_t i = 0; i < IOTSAFE_PAIRS; i++) {
        put_key(&exchange->answer, 0xC2, &kinds[i], applet->pair[i] != NULL);
    }
    put_file(&exchange->answer);
    put_secret(&exchange->answer, "psk", 0x20, 0x01);
    put_secret(&exchange->answer, (applet->quirks & CARD_IOTSAFE_OTHER) != 0 ? "other" : "master",
               0x21, 0x02);
    if ((applet->quirks & CARD_IOTSAFE_BAD_LIST) != 0) {
        room_put_number(&exchange->answer, 2, 0xC150); /* goes on where nothing is */
    }
    return le_fits(exchange, exchange->answer.size, &status) ? SW_OK : status;
}

/* ---- Fields of a command ---- */

/* The one field with a tag; false: it is not there, or the data are no TLVs. */
static bool field(struct octets data, uint8_t wanted, struct octets *value)
{
    uint8_t tag;

    while (octets_take_tlv(&data, &tag, value)) {
        if (tag == wanted) {
            return true;
        }
    }
    return false;
}

static size_t pair_of(struct octets data, uint8_t tag)
{
    struct octets id;

    for (size_t i = 0; field(data, tag, &id) && i < IOTSAFE_PAIRS; i++) {
        if (octets_equal(id, (struct octets){kinds[i].id, kinds[i].id_size})) {
            return i;
        }
    }
    return NO_PAIR;
}

static bool is_id(struct octets data, uint8_t tag, uint8_t expected)
{
    struct octets id;

    return field(data, tag, &id) && octets_equal(id, (struct octets){&expected, 1});
}

/* ---- Pairs ---- */

static bool put_point(const EVP_PKEY *pair, struct room *answer)
{
    uint8_t point[POINT], inner_bytes[80], outer_bytes[80];
    struct room inner = ROOM_OF(inner_bytes), outer = ROOM_OF(outer_bytes);
    size_t size = 0;

    if (EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, POINT,
                                        &size) != 1 ||
        size != POINT) {
        return false;
    }
    room_put_tlv(&inner, 0x86, (struct octets){point, POINT});
    room_put_tlv(&outer, 0x49, room_octets(&inner));
    room_put_tlv(answer, 0x34, room_octets(&outer));
    return true;
}

static uint16_t generate(struct card *card, struct exchange *exchange)
{
    const size_t pair = pair_of(exchange->data, 0x84);

    if (pair == NO_PAIR) {
        return SW_NO_DATA;
    }
    if ((kinds[pair].functions & 0x02) == 0) {
        return SW_CONDITIONS;
    }
    EVP_PKEY_free(card->iotsafe.pair[pair]);
    card->iotsafe.pair[pair] = EVP_EC_gen("P-256");
    if (card->iotsafe.pair[pair] == NULL) {
        return SW_BROKEN;
    }
    const struct octets id = {kinds[pair].id, kinds[pair].id_size};
    room_put_tlv(&exchange->answer, 0x84, id);
    room_put_tlv(&exchange->answer, 0x85, id);
    return put_point(card->iotsafe.pair[pair], &exchange->answer) ? SW_OK : SW_BROKEN;
}

static uint16_t read_public(const struct card *card, struct exchange *exchange)
{
    const size_t pair = pair_of(exchange->data, 0x85);

    if (pair == NO_PAIR) {
        return SW_NO_DATA;
    }
    if (card->iotsafe.pair[pair] == NULL) {
        return SW_CONDITIONS;
    }
    return put_point(card->iotsafe.pair[pair], &exchange->answer) ? SW_OK : SW_BROKEN;
}

/* ---- Signatures ---- */

static uint16_t sign_init(struct card *card, const struct exchange *exchange)
{
    static const uint8_t sha256[] = {0x00, 0x01};
    struct iotsafe *const applet = &card->iotsafe;
    struct octets mode, hash;

    if (exchange->p1 == 0x01) {
        applet->signing = NO_PAIR;
        return SW_OK;
    }
    const size_t pair = pair_of(exchange->data, 0x84);
    if (pair == NO_PAIR) {
        return SW_NO_DATA;
    }
    if (applet->pair[pair] == NULL || (kinds[pair].functions & 0x01) == 0) {
        return SW_CONDITIONS;
    }
    if (!field(exchange->data, 0xA1, &mode) || mode.size != 1 ||
        !field(exchange->data, 0x91, &hash) ||
        !octets_equal(hash, (struct octets){sha256, sizeof(sha256)}) ||
        !is_id(exchange->data, 0x92, 0x04)) {
        return SW_WRONG_DATA;
    }
    applet->signing = pair;
    applet->mode = mode.data[0];
    applet->text_size = 0;
    return SW_OK;
}

/* r and s, 32 octets each. */
static bool raw_signature(EVP_PKEY *pair, const uint8_t digest[DIGEST], uint8_t raw[64])
{
    uint8_t der[80];
    size_t size = sizeof(der);
    const uint8_t *at = der;
    EVP_PKEY_CTX *const context = EVP_PKEY_CTX_new(pair, NULL);
    const bool made =
        EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &size, digest, DIGEST) == 1;
    ECDSA_SIG *const signature = made ? d2i_ECDSA_SIG(NULL, &at, (long)size) : NULL;
    const bool done = signature != NULL &&
                      BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32) == 32 &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32) == 32;

    ECDSA_SIG_free(signature);
    EVP_PKEY_CTX_free(context);
    return done;
}

static bool take_digest(const struct iotsafe *applet, uint8_t digest[DIGEST])
{
    struct octets data = {applet->text, applet->text_size}, value;
    uint8_t tag;

    if (!octets_take_tlv(&data, &tag, &value) || data.size != 0) {
        return false;
    }
    if (applet->mode == SIGN_DIGEST && tag == 0x9E && value.size == DIGEST) {
        memcpy(digest, value.data, DIGEST);
        return true;
    }
    return applet->mode == SIGN_FULL_TEXT && tag == 0x9B &&
           SHA256(value.data, value.size, digest) != NULL;
}

static uint16_t sign_update(struct card *card, struct exchange *exchange)
{
    struct iotsafe *const applet = &card->iotsafe;
    uint8_t digest[DIGEST], raw[64];

    if (applet->signing == NO_PAIR) {
        return SW_CONDITIONS;
    }
    if (exchange->data.size > sizeof(applet->text) - applet->text_size) {
        return SW_NO_MEMORY;
    }
    memcpy(applet->text + applet->text_size, exchange->data.data, exchange->data.size);
    applet->text_size += exchange->data.size;
    if ((exchange->p1 & LAST) == 0) {
        return SW_OK;
    }
    if (!take_digest(applet, digest)) {
        return SW_WRONG_DATA;
    }
    if (!raw_signature(applet->pair[applet->signing], digest, raw)) {
        return SW_BROKEN;
    }
    const size_t size = (applet->quirks & CARD_IOTSAFE_SHORT) != 0 ? 63 : 64;
    room_put_number(&exchange->answer, 1, 0x33);
    room_put_number(&exchange->answer, (applet->quirks & CARD_IOTSAFE_WIDE) != 0 ? 2 : 1, size);
    room_put(&exchange->answer, (struct octets){raw, size});
    return SW_OK;
}

/* ---- Agreement ---- */

static EVP_PKEY *peer_of(struct octets point)
{
    char group[] = "P-256";
    EVP_PKEY *peer = NULL;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.data,
                                          point.size),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *const context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &peer, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        peer = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return peer;
}

static uint16_t put_init(struct card *card, const struct exchange *exchange)
{
    card->iotsafe.putting = exchange->p1 == 0x00;
    return exchange->p1 == 0x01 || is_id(exchange->data, 0x85, 0x10) ? SW_OK : SW_NO_DATA;
}

static uint16_t put_update(struct card *card, const struct exchange *exchange)
{
    struct octets outer, inner, point;

    if (!card->iotsafe.putting) {
        return SW_CONDITIONS;
    }
    if (!field(exchange->data, 0x34, &outer) || !field(outer, 0x49, &inner) ||
        !field(inner, 0x86, &point) || point.size != POINT) {
        return SW_WRONG_DATA;
    }
    EVP_PKEY_free(card->iotsafe.peer);
    card->iotsafe.peer = peer_of(point);
    return card->iotsafe.peer != NULL ? SW_OK : SW_WRONG_DATA;
}

static uint16_t compute_dh(const struct card *card, struct exchange *exchange)
{
    const size_t pair = pair_of(exchange->data, 0x84);
    uint8_t secret[DIGEST];
    size_t size = sizeof(secret);

    if (pair == NO_PAIR || !is_id(exchange->data, 0x85, 0x10)) {
        return SW_NO_DATA;
    }
    if (card->iotsafe.pair[pair] == NULL || card->iotsafe.peer == NULL ||
        (kinds[pair].functions & 0x04) == 0) {
        return SW_CONDITIONS;
    }
    EVP_PKEY_CTX *const context = EVP_PKEY_CTX_new(card->iotsafe.pair[pair], NULL);
    const bool done = EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, card->iotsafe.peer) == 1 &&
                      EVP_PKEY_derive(context, secret, &size) == 1;
    EVP_PKEY_CTX_free(context);
    room_put(&exchange->answer, (struct octets){secret, size});
    return done ? SW_OK : SW_WRONG_DATA;
}

/* ---- Derivations ---- */

static void hmac(struct octets key, struct octets one, struct octets other, uint8_t mac[DIGEST])
{
    uint8_t bytes[512];
    struct room room = ROOM_OF(bytes);
    unsigned size = DIGEST;

    room_put(&room, one);
    room_put(&room, other);
    (void)HMAC(EVP_sha256(), key.data, (int)key.size, bytes, room.size, mac, &size);
}

/* P_SHA256 of the premaster secret of RFC 4279: zeros, and the PSK, each after its length. */
static uint16_t compute_prf(struct exchange *exchange)
{
    uint8_t premaster_bytes[64], chain[DIGEST], block[DIGEST];
    struct room premaster = ROOM_OF(premaster_bytes);
    const struct octets none = {chain, 0};
    struct octets seed, size;

    if (exchange->p1 != 0x01 || !is_id(exchange->data, 0x86, 0x20)) {
        return exchange->p1 != 0x01 ? SW_WRONG_P1P2 : SW_NO_DATA;
    }
    if (!field(exchange->data, 0xD2, &seed) || !field(exchange->data, 0xD3, &size) ||
        size.size != 1) {
        return SW_WRONG_DATA;
    }
    room_put_number(&premaster, 2, sizeof(psk));
    room_put_zeros(&premaster, sizeof(psk));
    room_put_number(&premaster, 2, sizeof(psk));
    room_put(&premaster, (struct octets){psk, sizeof(psk)});
    hmac(room_octets(&premaster), seed, none, chain);
    while (exchange->answer.size < size.data[0]) {
        const size_t left = size.data[0] - exchange->answer.size;
        const struct octets link = {chain, DIGEST};
        hmac(room_octets(&premaster), link, seed, block);
        room_put(&exchange->answer, (struct octets){block, left < DIGEST ? left : DIGEST});
        hmac(room_octets(&premaster), link, none, block);
        memcpy(chain, block, DIGEST);
    }
    return SW_OK;
}

static uint16_t compute_hkdf(struct exchange *exchange)
{
    static const uint8_t sha256[] = {0x00, 0x01};
    uint8_t prk[DIGEST];
    struct octets salt, hash;

    if (!is_id(exchange->data, 0x86, 0x21)) {
        return SW_NO_DATA;
    }
    if (!field(exchange->data, 0xD5, &salt) || !field(exchange->data, 0x91, &hash) ||
        !octets_equal(hash, (struct octets){sha256, sizeof(sha256)})) {
        return SW_WRONG_DATA;
    }
    hmac(salt, (struct octets){master, sizeof(master)}, (struct octets){master, 0}, prk);
    room_put(&exchange->answer, (struct octets){prk, DIGEST});
    return SW_OK;
}

/* ---- The rest ---- */

static uint16_t get_random(struct exchange *exchange)
{
    uint8_t bytes[LE_MAX];

    if (exchange->has_data || RAND_bytes(bytes, (int)exchange->le) != 1) {
        return SW_WRONG_LENGTH;
    }
    room_put(&exchange->answer, (struct octets){bytes, exchange->le});
    return SW_OK;
}

/* Octet n of the file is 7 times n. An answer has as many as T=0 gives at once. */
static uint16_t read_file(struct exchange *exchange)
{
    const size_t offset = (size_t)(exchange->p1 << 8 | exchange->p2);

    if (!is_id(exchange->data, 0x83, 0x30)) {
        return SW_NO_FILE;
    }
    if (offset >= IOTSAFE_FILE) {
        return SW_WRONG_OFFSET;
    }
    for (size_t i = offset; i < IOTSAFE_FILE && i < offset + 150; i++) {
        room_put_number(&exchange->answer, 1, 7 * i & 0xFF);
    }
    return SW_OK;
}

uint16_t do_iotsafe(struct card *card, struct exchange *exchange)
{
    const bool derives = (card->iotsafe.quirks & CARD_IOTSAFE_NO_DERIVATION) == 0;

    if (exchange->channel->application != APPLICATION_IOTSAFE) {
        return SW_NO_INSTRUCTION;
    }
    switch (exchange->ins) {
    case 0x24: return put_init(card, exchange);
    case 0x2A: return sign_init(card, exchange);
    case 0x2B: return sign_update(card, exchange);
    case 0x46: return compute_dh(card, exchange);
    case 0x48: return derives ? compute_prf(exchange) : SW_NO_INSTRUCTION;
    case 0x4A: return derives ? compute_hkdf(exchange) : SW_NO_INSTRUCTION;
    case 0x84: return get_random(exchange);
    case 0xB0: return read_file(exchange);
    case 0xB9: return generate(card, exchange);
    case 0xCB: return list(card, exchange);
    case 0xCD: return read_public(card, exchange);
    case 0xD8: return put_update(card, exchange);
    default: return SW_NO_INSTRUCTION;
    }
}

/* The pair of a private key. */
static EVP_PKEY *pair_with(struct octets scalar)
{
    uint8_t bytes[POINT];
    EVP_PKEY *pair = NULL;
    EC_GROUP *const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *const point = group != NULL ? EC_POINT_new(group) : NULL;
    BIGNUM *const number = BN_bin2bn(scalar.data, (int)scalar.size, NULL);
    OSSL_PARAM_BLD *const builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY_CTX *const context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (point != NULL && number != NULL && builder != NULL &&
        EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, POINT, NULL) ==
            POINT &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bytes, POINT) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1) {
        parameters = OSSL_PARAM_BLD_to_param(builder);
    }
    if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pair, EVP_PKEY_KEYPAIR, parameters) != 1) {
        pair = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(number);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return pair;
}

/* The pair that is not volatile. */
bool iotsafe_make(struct card *card, const struct card_setup *setup)
{
    card->has_iotsafe = setup->iotsafe;
    card->iotsafe.quirks = setup->iotsafe_quirks;
    card->iotsafe.signing = NO_PAIR;
    if (setup->iotsafe) {
        card->iotsafe.pair[0] =
            setup->iotsafe_device.size > 0 ? pair_with(setup->iotsafe_device) : EVP_EC_gen("P-256");
    }
    return !setup->iotsafe || card->iotsafe.pair[0] != NULL;
}

void iotsafe_reset(struct card *card)
{
    EVP_PKEY_free(card->iotsafe.pair[1]);
    EVP_PKEY_free(card->iotsafe.peer);
    card->iotsafe.pair[1] = card->iotsafe.peer = NULL;
    card->iotsafe.signing = NO_PAIR;
    card->iotsafe.putting = false;
}

void iotsafe_close(struct card *card)
{
    iotsafe_reset(card);
    for (size_t i = 0; i < IOTSAFE_PAIRS; i++) {
        EVP_PKEY_free(card->iotsafe.pair[i]);
    }
}
