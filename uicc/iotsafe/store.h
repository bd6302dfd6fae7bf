/* The store on the IoT SAFE applet: what it remembers, and its parts. GSMA IoT.05. */
#ifndef LWSEC_UICC_IOTSAFE_STORE_H
#define LWSEC_UICC_IOTSAFE_STORE_H

#include <lwsec/iotsafe.h>
#include <lwsec/store.h>

#include "core/lock.h"
#include "core/reader.h"
#include "core/writer.h"

/* What an object is; the tag of its description. */
enum {
    LWSEC_IOTSAFE_PRIVATE = 0xc1,
    LWSEC_IOTSAFE_PUBLIC = 0xc2,
    LWSEC_IOTSAFE_FILE = 0xc3,
    LWSEC_IOTSAFE_SECRET = 0xc4
};

/* Instructions. */
enum {
    LWSEC_IOTSAFE_PUT_PUBLIC_INIT = 0x24,
    LWSEC_IOTSAFE_SIGN_INIT = 0x2a,
    LWSEC_IOTSAFE_SIGN_UPDATE = 0x2b,
    LWSEC_IOTSAFE_COMPUTE_DH = 0x46,
    LWSEC_IOTSAFE_COMPUTE_PRF = 0x48,
    LWSEC_IOTSAFE_COMPUTE_HKDF = 0x4a,
    LWSEC_IOTSAFE_GET_RANDOM = 0x84,
    LWSEC_IOTSAFE_READ_FILE = 0xb0,
    LWSEC_IOTSAFE_GENERATE = 0xb9,
    LWSEC_IOTSAFE_GET_DATA = 0xcb,
    LWSEC_IOTSAFE_READ_PUBLIC = 0xcd,
    LWSEC_IOTSAFE_PUT_PUBLIC_UPDATE = 0xd8
};

/* Tags of data fields. */
enum {
    LWSEC_IOTSAFE_TAG_FILE_ID = 0x83,
    LWSEC_IOTSAFE_TAG_PRIVATE_ID = 0x84,
    LWSEC_IOTSAFE_TAG_PUBLIC_ID = 0x85,
    LWSEC_IOTSAFE_TAG_SECRET_ID = 0x86,
    LWSEC_IOTSAFE_TAG_PUBLIC_KEY = 0x34
};

typedef struct lwsec_iotsafe_object {
    uint8_t kind;
    uint8_t id_size;
    uint8_t label_size;
    uint8_t type;       /* of a key: 13, 14: P-256 (14: volatile); A0: secret */
    uint8_t functions;  /* 1 sign, 2 generate, 4 agree, 8 derive */
    uint8_t derivation; /* of a secret: 1 PRF with SHA-256, 2 HKDF */
    uint8_t active;     /* it has content */
    uint16_t file_size;
    uint8_t id[LWSEC_IOTSAFE_ID_MAX];
    uint8_t label[LWSEC_IOTSAFE_LABEL_MAX];
} lwsec_iotsafe_object;

typedef struct lwsec_iotsafe_list {
    lwsec_iotsafe_object objects[LWSEC_IOTSAFE_OBJECTS_MAX];
    uint32_t count;
} lwsec_iotsafe_list;

typedef struct lwsec_iotsafe_store {
    lwsec_store head;
    lwsec_lock lock;
    lwsec_apdu *card;
    lwsec_store *inner;
    uint8_t aid[16];
    size_t aid_size;
    uint8_t peer[LWSEC_IOTSAFE_ID_MAX];
    size_t peer_size;
    uint32_t flags;
    uint16_t sw;
    lwsec_iotsafe_list list;
    lwsec_iotsafe_list again; /* of a card that came back */
    uint32_t *places;         /* of each slot: which object */
} lwsec_iotsafe_store;

/* Room for an answer of up to 256 octets. */
#define LWSEC_IOTSAFE_ROOM (LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD)

static inline lwsec_iotsafe_store *lwsec_iotsafe_of(lwsec_store *store)
{
    return (lwsec_iotsafe_store *)store;
}

static inline const lwsec_iotsafe_object *lwsec_iotsafe_object_of(const lwsec_store *store,
                                                                  uint32_t slot)
{
    const lwsec_iotsafe_store *self = (const lwsec_iotsafe_store *)store;
    return &self->list.objects[self->places[slot]];
}

static inline void lwsec_iotsafe_put(lwsec_writer *writer, uint8_t tag, lwsec_bytes value)
{
    lwsec_writer_u8(writer, tag);
    lwsec_writer_u8(writer, (uint8_t)value.size);
    lwsec_writer_bytes(writer, value);
}

static inline lwsec_bytes lwsec_iotsafe_id(const lwsec_iotsafe_object *object)
{
    return lwsec_bytes_of(object->id, object->id_size);
}

/* Takes the store for a row of commands, with the card selected again if it was lost; and ends it.
 * LWSEC_ENGINE: there is no card, or another one. */
LWSEC_MUST_CHECK lwsec_status lwsec_iotsafe_enter(lwsec_iotsafe_store *self);
lwsec_status lwsec_iotsafe_leave(lwsec_iotsafe_store *self, lwsec_status status);

/* One command. LWSEC_OK: 9000. LWSEC_UNSUPPORTED: the card does not know it. LWSEC_ENGINE:
 * anything else. `le`: 0 where no answer is expected, then `response` may be NULL. */
LWSEC_MUST_CHECK lwsec_status lwsec_iotsafe_send(lwsec_iotsafe_store *self, uint8_t ins, uint8_t p1,
                                                 uint8_t p2, lwsec_bytes data, uint16_t le,
                                                 lwsec_buffer *response);

/* Reads the list of objects. */
LWSEC_MUST_CHECK lwsec_status lwsec_iotsafe_read_list(lwsec_iotsafe_store *self,
                                                      lwsec_iotsafe_list *list,
                                                      lwsec_reason *reason);

/* What the card's description of a key makes of it; false: nothing that this store can use. */
bool lwsec_iotsafe_attributes(const lwsec_iotsafe_store *self, const lwsec_iotsafe_object *object,
                              lwsec_key_attributes *attributes);

/* The name of an object: its label, or `id:` and hex. Its size. */
size_t lwsec_iotsafe_name(const lwsec_iotsafe_object *object, uint8_t name[LWSEC_KEY_NAME_MAX]);

/* The point in an answer: 34, 49, 86, each around the next. False: another form. */
bool lwsec_iotsafe_point(lwsec_reader *reader, uint8_t *point);

/* The operations of <lwsec/store.h>. */
lwsec_status lwsec_iotsafe_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature);
lwsec_status lwsec_iotsafe_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature);
lwsec_status lwsec_iotsafe_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared);
lwsec_status lwsec_iotsafe_public_key(lwsec_store *store, uint32_t slot, uint8_t *point);
lwsec_status lwsec_iotsafe_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk);
lwsec_status lwsec_iotsafe_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master);
lwsec_status lwsec_iotsafe_random(lwsec_store *store, uint8_t *out, size_t size);
lwsec_status lwsec_iotsafe_generate(lwsec_store *store, uint32_t slot,
                                    const lwsec_key_attributes *attributes, size_t key_size);
lwsec_status lwsec_iotsafe_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key);
lwsec_status lwsec_iotsafe_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name);

#endif
