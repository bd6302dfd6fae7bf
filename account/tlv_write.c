/* Instances of the objects of accounts as payloads of Writes. */
#include "account/image.h"
#include "account/tlv.h"
#include "account/tlv_values.h"

#include <string.h>

typedef struct walk {
    const lwsec_accounts *accounts;
    uint32_t flags;
    size_t position; /* of the next entry */
    lwsec_path path; /* of the present entry */
    lwsec_value value;
    bool more;
} walk;

/* A record may hold what the configured version of its object does not have. */
static bool may_be_written(const walk *of)
{
    const lwsec_resource *resource = lwsec_resource_find(
        of->path.object, lwsec_accounts_version(of->accounts, of->path.object), of->path.resource);

    return resource != NULL && of->value.type != LWSEC_VALUE_KEY &&
           (!resource->secret || (of->flags & LWSEC_TLV_SECRETS) != 0);
}

/* The next entry that may be written. */
static void step(walk *of)
{
    do {
        of->more = lwsec_accounts_next(of->accounts, &of->position, &of->path, &of->value);
    } while (of->more && !may_be_written(of));
}

/* Makes one item of what was written since `begin`: its value moves behind its header. */
static lwsec_status close_item(lwsec_tlv_kind kind, uint16_t id, size_t begin, lwsec_buffer *out)
{
    uint8_t header[LWSEC_TLV_HEADER_MAX];
    const size_t size = out->size - begin;
    const size_t more = lwsec_tlv_header(kind, id, size, header);

    if (size > LWSEC_TLV_VALUE_MAX || more > out->capacity - out->size) {
        return LWSEC_BUFFER;
    }
    memmove(&out->data[begin + more], &out->data[begin], size);
    memcpy(&out->data[begin], header, more);
    out->size += more;
    return LWSEC_OK;
}

static lwsec_status write_value(walk *of, lwsec_tlv_kind kind, uint16_t id, lwsec_buffer *out)
{
    uint8_t number[8];
    const lwsec_tlv item = {kind, id, lwsec_tlv_value_write(&of->value, number)};
    const lwsec_status status = lwsec_tlv_write(&item, out);

    step(of);
    return status;
}

static lwsec_status write_resource(walk *of, lwsec_buffer *out)
{
    const lwsec_path path = of->path;
    const size_t begin = out->size;
    lwsec_status status = LWSEC_OK;

    if (path.resource_instance == LWSEC_PATH_NONE) {
        return write_value(of, LWSEC_TLV_RESOURCE, path.resource, out);
    }
    while (status == LWSEC_OK && of->more && of->path.object == path.object &&
           of->path.instance == path.instance && of->path.resource == path.resource) {
        status = write_value(of, LWSEC_TLV_RESOURCE_INSTANCE, of->path.resource_instance, out);
    }
    return status == LWSEC_OK ? close_item(LWSEC_TLV_MULTIPLE, path.resource, begin, out) : status;
}

static lwsec_status write_instance(walk *of, lwsec_buffer *out)
{
    const lwsec_path path = of->path;
    lwsec_status status = LWSEC_OK;

    while (status == LWSEC_OK && of->more && of->path.object == path.object &&
           of->path.instance == path.instance) {
        status = write_resource(of, out);
    }
    return status;
}

static lwsec_status write_object(walk *of, uint16_t object, lwsec_buffer *out)
{
    lwsec_status status = LWSEC_OK;

    while (status == LWSEC_OK && of->more && of->path.object == object) {
        const uint16_t instance = of->path.instance;
        const size_t begin = out->size;
        status = write_instance(of, out);
        if (status == LWSEC_OK) {
            status = close_item(LWSEC_TLV_INSTANCE, instance, begin, out);
        }
    }
    return status;
}

/* R-5-01, R-5.5.3-07: a Bootstrap-Server writes credentials of every kind. */
lwsec_status lwsec_accounts_write_tlv(const lwsec_accounts *accounts, uint16_t object,
                                      uint16_t instance, uint32_t flags, lwsec_buffer *out)
{
    walk of = {.accounts = accounts, .flags = flags};
    const bool all = instance == LWSEC_PATH_NONE;

    out->size = 0;
    do {
        step(&of);
    } while (of.more && (of.path.object != object || (!all && of.path.instance != instance)));
    if (!of.more) {
        return LWSEC_ABSENT;
    }
    const lwsec_status status = all ? write_object(&of, object, out) : write_instance(&of, out);
    if (status != LWSEC_OK) {
        lwsec_wipe(out->data, out->capacity);
        out->size = 0;
    }
    return status;
}
