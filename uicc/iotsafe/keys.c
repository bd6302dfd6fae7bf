/* Keys of the applet: found, listed, generated. */
#include "uicc/iotsafe/store.h"

#include <string.h>

#define CAN_GENERATE 0x02U
#define VOLATILE_P256 0x14U

static bool has_name(const lwsec_iotsafe_object *object, lwsec_bytes name)
{
    uint8_t own[LWSEC_KEY_NAME_MAX];
    const size_t size = lwsec_iotsafe_name(object, own);

    return lwsec_equal_secret(lwsec_bytes_of(own, size), name);
}

/* The place of a key that this store can use; false: there is none of this name. */
static bool place_of(const lwsec_iotsafe_store *self, lwsec_bytes name, uint32_t *place,
                     lwsec_key_attributes *attributes)
{
    for (*place = 0; *place < self->list.count; ++*place) {
        const lwsec_iotsafe_object *object = &self->list.objects[*place];
        if (has_name(object, name) && lwsec_iotsafe_attributes(self, object, attributes)) {
            return true;
        }
    }
    return false;
}

/* A pair that was not generated yet is no key. */
lwsec_status lwsec_iotsafe_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    lwsec_key_attributes attributes;
    uint32_t place = 0;
    uint32_t slot = 0;

    lwsec_lock_take(&self->lock);
    const bool found =
        place_of(self, name, &place, &attributes) && self->list.objects[place].active;
    lwsec_lock_release(&self->lock);
    if (!found) {
        return LWSEC_ABSENT;
    }
    const lwsec_status status = lwsec_store_claim(store, &slot);
    if (status != LWSEC_OK) {
        return status;
    }
    self->places[slot] = place;
    return lwsec_store_publish(store, slot, &attributes, key);
}

/* Names in byte order: below 0, 0 or above. */
static int compare(lwsec_bytes one, lwsec_bytes other)
{
    const size_t common = one.size < other.size ? one.size : other.size;

    for (size_t i = 0; i < common; i++) {
        if (one.data[i] != other.data[i]) {
            return one.data[i] < other.data[i] ? -1 : 1;
        }
    }
    return one.size < other.size ? -1 : one.size > other.size;
}

lwsec_status lwsec_iotsafe_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    lwsec_key_attributes attributes;
    uint8_t own[LWSEC_KEY_NAME_MAX];

    lwsec_lock_take(&self->lock);
    for (uint32_t i = 0; i < self->list.count; i++) {
        const lwsec_iotsafe_object *object = &self->list.objects[i];
        const lwsec_bytes next = {own, lwsec_iotsafe_name(object, own)};
        const bool better = name->size == 0 || compare(next, lwsec_buffer_bytes(name)) < 0;
        if (object->active && lwsec_iotsafe_attributes(self, object, &attributes) && better &&
            compare(next, after) > 0) {
            memcpy(name->data, own, next.size);
            name->size = next.size;
        }
    }
    lwsec_lock_release(&self->lock);
    return name->size > 0 ? LWSEC_OK : LWSEC_ABSENT;
}

/* The answer has the identifiers of both keys, and the public one. */
static lwsec_status generate_in(lwsec_iotsafe_store *self, lwsec_iotsafe_object *object)
{
    uint8_t data[2 + LWSEC_IOTSAFE_ID_MAX];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_PRIVATE_ID, lwsec_iotsafe_id(object));
    const lwsec_status status =
        lwsec_iotsafe_send(self, LWSEC_IOTSAFE_GENERATE, 0, 0, lwsec_bytes_of(data, writer.size),
                           LWSEC_APDU_ANSWER_MAX, &answer);
    if (status == LWSEC_OK) {
        object->active = 1;
    }
    return status;
}

lwsec_status lwsec_iotsafe_generate(lwsec_store *store, uint32_t slot,
                                    const lwsec_key_attributes *attributes, size_t key_size)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);
    lwsec_key_attributes own;
    uint32_t place = 0;

    (void)key_size;
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return status;
    }
    if (attributes->name.size == 0 || !place_of(self, attributes->name, &place, &own)) {
        return lwsec_iotsafe_leave(self, LWSEC_UNSUPPORTED); /* there is no container for it */
    }
    lwsec_iotsafe_object *object = &self->list.objects[place];
    const bool free = object->active == 0 || object->type == VOLATILE_P256;
    if ((object->functions & CAN_GENERATE) == 0) {
        return lwsec_iotsafe_leave(self, LWSEC_UNSUPPORTED);
    }
    if (!free || own.algorithm != attributes->algorithm || own.usage != attributes->usage) {
        return lwsec_iotsafe_leave(self, LWSEC_USAGE);
    }
    status = generate_in(self, object);
    self->places[slot] = place;
    return lwsec_iotsafe_leave(self, status);
}
