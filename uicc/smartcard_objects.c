/* The content of EF LwM2M_Bootstrap: LwM2M Core, Appendix G.3.3. */
#include <lwsec/smartcard_bootstrap.h>

#include "core/reader.h"
#include "core/reason.h"

/* A version is one octet of zero, or major and minor, where major is not zero. */
static lwsec_smartcard_object take_object(lwsec_reader *reader)
{
    lwsec_smartcard_object object = {.id = (uint16_t)lwsec_reader_uint(reader, 2)};

    object.major = lwsec_reader_u8(reader);
    object.minor = object.major != 0 ? lwsec_reader_u8(reader) : 0;
    object.instances = lwsec_reader_take(reader, (size_t)lwsec_reader_uint(reader, 2));
    return object;
}

/* Whether the object stands already among `count` before it. */
static bool stands_before(lwsec_bytes content, unsigned count, uint16_t id)
{
    lwsec_reader reader = lwsec_reader_of(content);

    for (unsigned i = 0; i < count; i++) {
        if (take_object(&reader).id == id) {
            return true;
        }
    }
    return false;
}

static void check_objects(lwsec_reader *reader, lwsec_bytes content, unsigned count)
{
    for (unsigned i = 0; i < count && !lwsec_reader_failed(reader); i++) {
        const lwsec_smartcard_object object = take_object(reader);
        if (!lwsec_reader_failed(reader) && stands_before(content, i, object.id)) {
            lwsec_reader_fail(reader, LWSEC_WHY_CARD_FILE);
        }
    }
}

static bool is_filler(lwsec_bytes rest)
{
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] != rest.data[0]) {
            return false;
        }
    }
    return rest.size == 0 || rest.data[0] == 0xff || rest.data[0] == 0x00;
}

lwsec_status lwsec_smartcard_objects(lwsec_bytes file, lwsec_smartcard_walk *walk,
                                     lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(file);

    if (file.size > LWSEC_SMARTCARD_FILE_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_FILE, 0, reason);
    }
    const unsigned count = (unsigned)lwsec_reader_uint(&reader, 2);
    const size_t size = (size_t)lwsec_reader_uint(&reader, 2);
    const lwsec_bytes content = lwsec_reader_take(&reader, size);
    lwsec_reader inside = lwsec_reader_of(content);
    check_objects(&inside, content, count);
    lwsec_reader_finish_child(&reader, &inside);
    if (!is_filler(lwsec_reader_rest(&reader))) {
        lwsec_reader_fail(&reader, LWSEC_WHY_CARD_FILE);
    }
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status == LWSEC_OK) {
        walk->rest = content;
    }
    return status;
}

bool lwsec_smartcard_next(lwsec_smartcard_walk *walk, lwsec_smartcard_object *object)
{
    lwsec_reader reader = lwsec_reader_of(walk->rest);

    if (walk->rest.size == 0) {
        return false;
    }
    *object = take_object(&reader);
    walk->rest = lwsec_reader_rest(&reader);
    return true;
}
