/* What the applet computes: signatures, agreement, derivations, random octets. */
#include "uicc/ber.h"
#include "uicc/iotsafe/store.h"

#include <string.h>

#define OPEN_SESSION 0x00U
#define CLOSE_SESSION 0x01U
#define LAST_PART 0x80U
#define SIGN_SESSION 0x01U
#define PUT_SESSION 0x02U
#define FULL_TEXT 0x01U
#define DIGEST_ALONE 0x03U
#define PLAIN_PSK 0x01U

#define TAG_TEXT 0x9bU
#define TAG_DIGEST 0x9eU
#define TAG_SIGNATURE 0x33U
#define TAG_SEED 0xd2U
#define TAG_SIZE 0xd3U
#define TAG_SALT 0xd5U
#define TAG_HASH 0x91U

#define DATA_MAX 255U
#define SHORT_MAX 127U /* a length of one octet */
#define MASTER 48U

static const uint8_t sha256[2] = {0x00, 0x01};

static lwsec_bytes view(const lwsec_writer *writer)
{
    return lwsec_bytes_of(writer->data, writer->size);
}

/* ---- Signatures ---- */

static lwsec_status begin_signature(lwsec_iotsafe_store *self, const lwsec_iotsafe_object *object,
                                    uint8_t mode)
{
    static const uint8_t ecdsa = 0x04;
    uint8_t data[64];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);

    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PRIVATE_ID, lwsec_iotsafe_id(object));
    lwsec_iotsafe_put(&writer, 0xa1, lwsec_bytes_of(&mode, 1));
    lwsec_iotsafe_put(&writer, TAG_HASH, lwsec_bytes_of(sha256, sizeof sha256));
    lwsec_iotsafe_put(&writer, 0x92, lwsec_bytes_of(&ecdsa, 1));
    return lwsec_iotsafe_send(self, LWSEC_IOTSAFE_SIGN_INIT, OPEN_SESSION, SIGN_SESSION,
                              view(&writer), 0, NULL);
}

static lwsec_status end_signature(lwsec_iotsafe_store *self, lwsec_status status)
{
    const lwsec_bytes nothing = {NULL, 0};
    const lwsec_status ended = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_SIGN_INIT, CLOSE_SESSION,
                                                  SIGN_SESSION, nothing, 0, NULL);
    (void)ended; /* the signature is there, or is not; a session that stays is closed by the next */
    return status;
}

/* 33, its length, and r and s; cards write the length in one octet or in two. */
static bool read_signature(lwsec_bytes answer, uint8_t *signature)
{
    lwsec_reader reader = lwsec_reader_of(answer);
    const uint8_t tag = lwsec_reader_u8(&reader);
    size_t size = lwsec_reader_u8(&reader);

    if (size == 0 || size == 0x81) {
        size = lwsec_reader_u8(&reader);
    }
    const lwsec_bytes value = lwsec_reader_take(&reader, 64);
    if (lwsec_reader_failed(&reader) || lwsec_reader_left(&reader) != 0 || tag != TAG_SIGNATURE ||
        size != 64) {
        return false;
    }
    memcpy(signature, value.data, 64);
    return true;
}

static lwsec_status last_part(lwsec_iotsafe_store *self, lwsec_bytes data, uint8_t *signature)
{
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);
    const lwsec_status status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_SIGN_UPDATE, LAST_PART,
                                                   SIGN_SESSION, data, 256, &answer);

    if (status != LWSEC_OK) {
        return status;
    }
    return read_signature(lwsec_buffer_bytes(&answer), signature) ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_iotsafe_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    uint8_t data[34];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);

    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_put(&writer, TAG_DIGEST, lwsec_bytes_of(digest, 32));
    status = begin_signature(self, lwsec_iotsafe_object_of(store, slot), DIGEST_ALONE);
    if (status == LWSEC_OK) {
        status = end_signature(self, last_part(self, view(&writer), signature));
    }
    return lwsec_iotsafe_leave(self, status);
}

static void put_length(lwsec_writer *writer, size_t size)
{
    if (size > SHORT_MAX) {
        lwsec_writer_u8(writer, size > 0xff ? 0x82 : 0x81);
    }
    lwsec_writer_uint(writer, size, size > 0xff ? 2 : 1);
}

/* One TLV with the whole message, in as many commands as it takes. */
static lwsec_status send_text(lwsec_iotsafe_store *self, lwsec_bytes message, uint8_t *signature)
{
    const size_t most = lwsec_apdu_data_max(self->card);
    uint8_t data[DATA_MAX];
    lwsec_writer writer = lwsec_writer_of(data, most);
    size_t at = 0;

    lwsec_writer_u8(&writer, TAG_TEXT);
    put_length(&writer, message.size);
    for (;;) {
        const size_t room = most - writer.size;
        const size_t left = message.size - at;
        const size_t part = left < room ? left : room;
        if (part > 0) {
            lwsec_writer_bytes(&writer, lwsec_bytes_of(&message.data[at], part));
        }
        at += part;
        if (at == message.size) {
            return last_part(self, view(&writer), signature);
        }
        const lwsec_status status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_SIGN_UPDATE, 0,
                                                       SIGN_SESSION, view(&writer), 0, NULL);
        if (status != LWSEC_OK) {
            return status;
        }
        writer = lwsec_writer_of(data, most);
    }
}

lwsec_status lwsec_iotsafe_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);

    if (message.size > UINT16_MAX) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    status = begin_signature(self, lwsec_iotsafe_object_of(store, slot), FULL_TEXT);
    if (status == LWSEC_OK) {
        status = end_signature(self, send_text(self, message, signature));
    }
    return lwsec_iotsafe_leave(self, status);
}

/* ---- Public keys and agreement ---- */

bool lwsec_iotsafe_point(lwsec_reader *reader, uint8_t *point)
{
    const lwsec_ber outer = lwsec_ber_find(reader, LWSEC_IOTSAFE_TAG_PUBLIC_KEY);
    lwsec_reader inside = lwsec_reader_of(outer.value);
    const lwsec_ber key = lwsec_ber_next(&inside);
    lwsec_reader innermost = lwsec_reader_of(key.value);
    const lwsec_ber value = lwsec_ber_next(&innermost);

    if (outer.tag == 0 || key.tag != 0x49 || value.tag != 0x86 || value.value.size != 65 ||
        value.value.data[0] != 0x04) {
        return false;
    }
    memcpy(point, value.value.data, 65);
    return true;
}

/* The public half: the object of the same label, or else of the same identifier. */
static lwsec_bytes public_id(const lwsec_iotsafe_store *self, const lwsec_iotsafe_object *pair)
{
    const lwsec_bytes label = {pair->label, pair->label_size};

    for (uint32_t i = 0; i < self->list.count; i++) {
        const lwsec_iotsafe_object *object = &self->list.objects[i];
        if (object->kind == LWSEC_IOTSAFE_PUBLIC && label.size > 0 &&
            lwsec_equal_secret(label, lwsec_bytes_of(object->label, object->label_size))) {
            return lwsec_iotsafe_id(object);
        }
    }
    return lwsec_iotsafe_id(pair);
}

lwsec_status lwsec_iotsafe_public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    uint8_t data[2 + LWSEC_IOTSAFE_ID_MAX];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PUBLIC_ID,
                      public_id(self, lwsec_iotsafe_object_of(store, slot)));
    status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_READ_PUBLIC, 0, 0, view(&writer), 256, &answer);
    lwsec_reader reader = lwsec_reader_of(lwsec_buffer_bytes(&answer));
    if (status == LWSEC_OK && !lwsec_iotsafe_point(&reader, point)) {
        status = LWSEC_ENGINE;
    }
    return lwsec_iotsafe_leave(self, status);
}

/* Puts a peer's public key into the container for them. A point that is not on the curve is found
 * out here, or by the agreement. */
static lwsec_status put_peer(lwsec_iotsafe_store *self, lwsec_bytes peer)
{
    const lwsec_bytes nothing = {NULL, 0};
    uint8_t data[80];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);

    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PUBLIC_ID,
                      lwsec_bytes_of(self->peer, self->peer_size));
    lwsec_status status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_PUT_PUBLIC_INIT, OPEN_SESSION,
                                             PUT_SESSION, view(&writer), 0, NULL);
    if (status != LWSEC_OK) {
        return status;
    }
    writer = lwsec_writer_of(data, sizeof data);
    lwsec_writer_uint(&writer, 0x344549438641U, 6);
    lwsec_writer_bytes(&writer, peer);
    status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_PUT_PUBLIC_UPDATE, LAST_PART, PUT_SESSION,
                                view(&writer), 0, NULL);
    const lwsec_status ended = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_PUT_PUBLIC_INIT,
                                                  CLOSE_SESSION, PUT_SESSION, nothing, 0, NULL);
    return status == LWSEC_OK ? ended : status;
}

/* What came out of the card goes where the caller wants it, or into the inner store. */
static lwsec_status give_out(lwsec_iotsafe_store *self, lwsec_store *target,
                             const lwsec_key_attributes *attributes, const lwsec_buffer *answer,
                             lwsec_key *key)
{
    lwsec_store *to = target == &self->head ? self->inner : target;

    return answer->size == 32 ? lwsec_key_import(to, attributes, lwsec_buffer_bytes(answer), key)
                              : LWSEC_ENGINE;
}

static bool has_place(const lwsec_iotsafe_store *self, const lwsec_store *target)
{
    return target != &self->head || self->inner != NULL;
}

lwsec_status lwsec_iotsafe_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    uint8_t data[2U * (2U + LWSEC_IOTSAFE_ID_MAX)];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    if (self->peer_size == 0 || !has_place(self, target)) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PRIVATE_ID,
                      lwsec_iotsafe_id(lwsec_iotsafe_object_of(store, slot)));
    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PUBLIC_ID,
                      lwsec_bytes_of(self->peer, self->peer_size));
    const uint16_t before = self->sw;
    self->sw = 0; /* what was said of another peer says nothing of this one */
    status = put_peer(self, peer);
    if (status == LWSEC_OK) {
        status =
            lwsec_iotsafe_send(self, LWSEC_IOTSAFE_COMPUTE_DH, 0, 0, view(&writer), 256, &answer);
    }
    if (status == LWSEC_OK) {
        status = give_out(self, target, attributes, &answer, shared);
    } else if (self->sw == 0x6a80) {
        status = LWSEC_REJECT; /* the data field is wrong: it had the point */
    }
    self->sw = self->sw != 0 ? self->sw : before;
    lwsec_wipe(room, sizeof room);
    return lwsec_iotsafe_leave(self, status);
}

/* ---- Derivations ---- */

lwsec_status lwsec_iotsafe_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk)
{
    static const uint8_t zeros[32];
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    uint8_t data[DATA_MAX];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    if (hmac != LWSEC_ALG_HMAC_256 || salt.size > SHORT_MAX || !has_place(self, target)) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_SECRET_ID,
                      lwsec_iotsafe_id(lwsec_iotsafe_object_of(store, slot)));
    lwsec_iotsafe_put(&writer, TAG_SALT,
                      salt.size > 0 ? salt : lwsec_bytes_of(zeros, sizeof zeros));
    lwsec_iotsafe_put(&writer, TAG_HASH, lwsec_bytes_of(sha256, sizeof sha256));
    status =
        lwsec_iotsafe_send(self, LWSEC_IOTSAFE_COMPUTE_HKDF, 0, 0, view(&writer), 256, &answer);
    if (status == LWSEC_OK) {
        status = give_out(self, target, attributes, &answer, prk);
    }
    lwsec_wipe(room, sizeof room);
    return lwsec_iotsafe_leave(self, status);
}

lwsec_status lwsec_iotsafe_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master)
{
    static const uint8_t wanted = MASTER;
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    uint8_t data[DATA_MAX];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    (void)hmac; /* the core lets HMAC-SHA-256 alone through */
    if (seed.size > SHORT_MAX) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_SECRET_ID,
                      lwsec_iotsafe_id(lwsec_iotsafe_object_of(store, slot)));
    lwsec_iotsafe_put(&writer, TAG_SEED, seed);
    lwsec_iotsafe_put(&writer, TAG_SIZE, lwsec_bytes_of(&wanted, 1));
    status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_COMPUTE_PRF, PLAIN_PSK, 0, view(&writer), 256,
                                &answer);
    if (status == LWSEC_OK && answer.size != MASTER) {
        status = LWSEC_ENGINE;
    }
    if (status == LWSEC_OK) {
        memcpy(master, room, MASTER);
    }
    lwsec_wipe(room, sizeof room);
    return lwsec_iotsafe_leave(self, status);
}

lwsec_status lwsec_iotsafe_random(lwsec_store *store, uint8_t *out, size_t size)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    const lwsec_bytes nothing = {NULL, 0};
    uint8_t room[LWSEC_IOTSAFE_ROOM];

    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    for (size_t at = 0; status == LWSEC_OK && at < size;) {
        const size_t part = size - at < 128 ? size - at : 128;
        lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);
        status = lwsec_iotsafe_send(self, LWSEC_IOTSAFE_GET_RANDOM, 0, 0, nothing, (uint16_t)part,
                                    &answer);
        if (status == LWSEC_OK && answer.size != part) {
            status = LWSEC_ENGINE;
        }
        if (status == LWSEC_OK) {
            memcpy(&out[at], room, part);
        }
        at += part;
    }
    lwsec_wipe(room, sizeof room);
    if (status != LWSEC_OK) {
        lwsec_wipe(out, size);
    }
    return lwsec_iotsafe_leave(self, status);
}
