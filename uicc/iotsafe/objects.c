/* The list of the applet's objects, and their names. */
#include "core/reason.h"
#include "uicc/ber.h"
#include "uicc/iotsafe/store.h"
#include "uicc/raw.h"

#include <string.h>

#define LIST_SIZE 2048U
#define OBJECT_LIST 0x01U

#define VOLATILE_P256 0x14U
#define PERSISTENT_P256 0x13U
#define SECRET_KEY 0xa0U
#define CAN_SIGN 0x01U
#define CAN_AGREE 0x04U
#define CAN_PRF 0x01U
#define CAN_HKDF 0x02U

static uint8_t octet(lwsec_reader *of, lwsec_bytes value)
{
    if (value.size != 1) {
        lwsec_reader_fail(of, LWSEC_WHY_CARD_FILE);
        return 0;
    }
    return value.data[0];
}

static void copy(lwsec_reader *of, lwsec_bytes value, uint8_t *to, size_t room, uint8_t *size)
{
    if (value.size > room) {
        lwsec_reader_fail(of, LWSEC_WHY_CARD_FILE);
    } else if (value.size > 0) {
        memcpy(to, value.data, value.size);
        *size = (uint8_t)value.size;
    }
}

/* One field of a description; others than these are passed over. */
static void read_field(lwsec_reader *of, lwsec_ber field, lwsec_iotsafe_object *object)
{
    switch (field.tag) {
    case 0x73:
    case 0x74:
    case 0x75:
    case 0x76:
        copy(of, field.value, object->label, sizeof object->label, &object->label_size);
        break;
    case LWSEC_IOTSAFE_TAG_FILE_ID:
    case LWSEC_IOTSAFE_TAG_PRIVATE_ID:
    case LWSEC_IOTSAFE_TAG_PUBLIC_ID:
    case LWSEC_IOTSAFE_TAG_SECRET_ID:
        copy(of, field.value, object->id, sizeof object->id, &object->id_size);
        break;
    case 0x4a: object->active = octet(of, field.value) != 0; break;
    case 0x4b: object->type = octet(of, field.value); break;
    case 0x61: object->functions = octet(of, field.value); break;
    case 0x94: object->derivation = octet(of, field.value); break;
    case 0x20:
        if (field.value.size != 2) {
            lwsec_reader_fail(of, LWSEC_WHY_CARD_FILE);
        } else {
            object->file_size = (uint16_t)(field.value.data[0] << 8 | field.value.data[1]);
        }
        break;
    default: break;
    }
}

static bool read_object(lwsec_ber description, lwsec_iotsafe_object *object)
{
    lwsec_reader reader = lwsec_reader_of(description.value);
    lwsec_ber field;

    memset(object, 0, sizeof *object);
    object->kind = description.tag;
    while ((field = lwsec_ber_next(&reader)).tag != 0) {
        read_field(&reader, field, object);
    }
    return !lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) == 0 && object->id_size > 0;
}

static bool read_objects(lwsec_bytes answer, lwsec_iotsafe_list *list)
{
    lwsec_reader reader = lwsec_reader_of(answer);
    lwsec_ber next;

    memset(list, 0, sizeof *list);
    while ((next = lwsec_ber_next(&reader)).tag != 0) {
        const bool known = next.tag >= LWSEC_IOTSAFE_PRIVATE && next.tag <= LWSEC_IOTSAFE_SECRET;
        if (!known || list->count == LWSEC_IOTSAFE_OBJECTS_MAX) {
            continue;
        }
        if (!read_object(next, &list->objects[list->count++])) {
            return false;
        }
    }
    return !lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) == 0;
}

lwsec_status lwsec_iotsafe_read_list(lwsec_iotsafe_store *self, lwsec_iotsafe_list *list,
                                     lwsec_reason *reason)
{
    const lwsec_apdu_command command = {
        .cla = 0x80, .ins = LWSEC_IOTSAFE_GET_DATA, .p1 = OBJECT_LIST, .le = LWSEC_APDU_ANSWER_MAX};
    uint8_t room[LIST_SIZE + LWSEC_APDU_OVERHEAD];
    lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);

    lwsec_status status = lwsec_apdu_exchange(self->card, &command, &answer, reason);
    if (status == LWSEC_OK) {
        status = lwsec_apdu_judge(self->card, 0, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    return read_objects(lwsec_buffer_bytes(&answer), list)
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, 0, reason);
}

bool lwsec_iotsafe_attributes(const lwsec_iotsafe_store *self, const lwsec_iotsafe_object *object,
                              lwsec_key_attributes *attributes)
{
    const bool pair = object->kind == LWSEC_IOTSAFE_PRIVATE &&
                      (object->type == PERSISTENT_P256 || object->type == VOLATILE_P256);
    const bool secret = object->kind == LWSEC_IOTSAFE_SECRET && object->type == SECRET_KEY;
    const bool both = object->derivation == (CAN_PRF | CAN_HKDF);

    memset(attributes, 0, sizeof *attributes);
    attributes->size = sizeof *attributes;
    if (pair && (object->functions & CAN_SIGN) != 0) {
        attributes->algorithm = LWSEC_ALG_ES256;
        attributes->usage = LWSEC_USE_SIGN;
    } else if (pair && (object->functions & CAN_AGREE) != 0) {
        attributes->algorithm = LWSEC_ALG_ECDH_P256;
        attributes->usage = LWSEC_USE_AGREE;
    } else if (secret && (object->derivation & CAN_PRF) != 0 &&
               !(both && (self->flags & LWSEC_IOTSAFE_EXTRACT) != 0)) {
        attributes->algorithm = LWSEC_ALG_PSK;
        attributes->usage = LWSEC_USE_PSK;
    } else if (secret && (object->derivation & CAN_HKDF) != 0) {
        attributes->algorithm = LWSEC_ALG_HKDF;
        attributes->usage = LWSEC_USE_EXTRACT;
    }
    return attributes->algorithm != 0;
}

size_t lwsec_iotsafe_name(const lwsec_iotsafe_object *object, uint8_t name[LWSEC_KEY_NAME_MAX])
{
    static const char digits[] = "0123456789abcdef";
    lwsec_writer writer = lwsec_writer_of(name, LWSEC_KEY_NAME_MAX);

    if (object->label_size > 0) {
        lwsec_writer_bytes(&writer, lwsec_bytes_of(object->label, object->label_size));
        return writer.size;
    }
    lwsec_writer_bytes(&writer, lwsec_bytes_of("id:", 3));
    for (size_t i = 0; i < object->id_size; i++) {
        lwsec_writer_u8(&writer, (uint8_t)digits[object->id[i] >> 4]);
        lwsec_writer_u8(&writer, (uint8_t)digits[object->id[i] & 0xfU]);
    }
    return writer.size;
}
