/* Reading and writing of sealed files. */
#include "crypto/sealed_file/format.h"

#include "core/reason.h"

#include <string.h>

static const uint8_t magic[4] = {'L', 'W', 'K', 'S'};
#define FORMAT 1U
#define ENTRY_HEADER_MAX (18U + LWSEC_KEY_NAME_MAX)
/* What a tag over an entry begins with; one over the whole file begins with 'L'. */
#define MARK_OF_ENTRY 'K'

void lwsec_sealed_begin(lwsec_writer *writer, const uint8_t id[LWSEC_SEALED_ID])
{
    lwsec_writer_bytes(writer, lwsec_bytes_of(magic, sizeof magic));
    lwsec_writer_u8(writer, FORMAT);
    lwsec_writer_bytes(writer, lwsec_bytes_of(id, LWSEC_SEALED_ID));
}

int lwsec_sealed_compare(lwsec_bytes one, lwsec_bytes other)
{
    const size_t common = one.size < other.size ? one.size : other.size;

    for (size_t i = 0; i < common; i++) {
        if (one.data[i] != other.data[i]) {
            return one.data[i] < other.data[i] ? -1 : 1;
        }
    }
    return one.size < other.size ? -1 : one.size > other.size;
}

static void read_wrap(lwsec_reader *reader, lwsec_sealed_wrap *wrap)
{
    wrap->kind = lwsec_reader_u8(reader);
    if (wrap->kind == LWSEC_SEALED_BY_PASSPHRASE) {
        wrap->passes = (uint32_t)lwsec_reader_uint(reader, 4);
        wrap->memory_kib = (uint32_t)lwsec_reader_uint(reader, 4);
        wrap->salt = lwsec_reader_take(reader, LWSEC_BOX_SALT);
    }
    wrap->bound = lwsec_reader_since(reader, 0);
    const size_t size = lwsec_reader_u8(reader);
    wrap->wrapped = lwsec_reader_take(reader, size);
    if (size == 0 || size > LWSEC_SEALED_WRAPPED_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
    }
}

static void read_entry(lwsec_reader *reader, lwsec_sealed_entry *entry)
{
    const size_t begin = reader->position;

    entry->id = lwsec_reader_uint(reader, 8);
    entry->algorithm = (int32_t)(uint32_t)lwsec_reader_uint(reader, 4);
    entry->usage = (uint32_t)lwsec_reader_uint(reader, 4);
    entry->name = lwsec_reader_take(reader, lwsec_reader_u8(reader));
    const size_t size = lwsec_reader_u8(reader);
    entry->header = lwsec_reader_since(reader, begin);
    entry->nonce = lwsec_reader_take(reader, LWSEC_BOX_NONCE);
    entry->sealed = lwsec_reader_take(reader, size + LWSEC_BOX_TAG);
    entry->whole = lwsec_reader_since(reader, begin);
    if (entry->name.size == 0 || entry->name.size > LWSEC_KEY_NAME_MAX || size == 0 ||
        entry->id == 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
}

bool lwsec_sealed_next(lwsec_reader *entries, lwsec_sealed_entry *entry)
{
    if (lwsec_reader_left(entries) == 0) {
        return false;
    }
    read_entry(entries, entry);
    return !lwsec_reader_failed(entries);
}

/* Reads all keys, which must be sorted: a name stands once. */
static void read_entries(lwsec_reader *reader, lwsec_sealed_image *image)
{
    lwsec_sealed_entry entry = {.id = 0};
    lwsec_bytes before = {NULL, 0};
    const size_t begin = reader->position;

    for (uint32_t i = 0; i < image->count && !lwsec_reader_failed(reader); i++) {
        read_entry(reader, &entry);
        if (lwsec_sealed_compare(before, entry.name) >= 0 || entry.id > image->version) {
            lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        }
        before = entry.name;
    }
    image->entries = lwsec_reader_since(reader, begin);
}

static bool digest_fits(lwsec_bytes covered, lwsec_bytes digest)
{
    uint8_t right[LWSEC_BOX_DIGEST];

    lwsec_box_digest(covered, right);
    return lwsec_equal_secret(digest, lwsec_bytes_of(right, sizeof right));
}

/* Magic and digest. A file that ends before it can have both is torn. */
static lwsec_status check_outside(lwsec_bytes file, uint32_t keys, lwsec_bytes *inside,
                                  lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(file);

    if (!lwsec_reader_starts(&reader, lwsec_bytes_of(magic, sizeof magic), FORMAT)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, reader.position, reason);
    }
    if (file.size > LWSEC_SEALED_FILE_MAX(keys)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, 0, reason);
    }
    reader = lwsec_reader_of(file);
    *inside = lwsec_reader_take(&reader, file.size > LWSEC_BOX_DIGEST ? file.size - LWSEC_BOX_DIGEST
                                                                      : file.size + 1);
    const lwsec_bytes digest = lwsec_reader_rest(&reader);
    if (lwsec_reader_failed(&reader) || !digest_fits(*inside, digest)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_TORN, file.size, reason);
    }
    return LWSEC_OK;
}

lwsec_status lwsec_sealed_parse(lwsec_bytes file, uint32_t keys, lwsec_sealed_image *image,
                                lwsec_reason *reason)
{
    lwsec_sealed_image found = {.version = 0};
    lwsec_bytes inside;

    const lwsec_status status = check_outside(file, keys, &inside, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_reader reader = lwsec_reader_of(inside);
    (void)lwsec_reader_starts(&reader, lwsec_bytes_of(magic, sizeof magic), FORMAT);
    found.id = lwsec_reader_take(&reader, LWSEC_SEALED_ID);
    read_wrap(&reader, &found.wrap);
    found.prefix = lwsec_reader_since(&reader, 0);
    found.version = lwsec_reader_uint(&reader, 8);
    found.count = (uint32_t)lwsec_reader_uint(&reader, 2);
    if (!lwsec_reader_failed(&reader) && found.count > keys) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, reader.position, reason);
    }
    read_entries(&reader, &found);
    found.bound = lwsec_reader_since(&reader, 0);
    found.nonce = lwsec_reader_take(&reader, LWSEC_BOX_NONCE);
    found.tag = lwsec_reader_take(&reader, LWSEC_BOX_TAG);
    /* The digest fits, and yet this is nothing that this library writes. */
    if (lwsec_reader_failed(&reader) || lwsec_reader_left(&reader) > 0 || found.version == 0) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, reader.position, reason);
    }
    *image = found;
    return LWSEC_OK;
}

bool lwsec_sealed_verify(const lwsec_sealed_image *image, const uint8_t *key)
{
    uint8_t nothing[1];

    return lwsec_box_open(key, image->nonce.data, image->bound, image->tag, nothing);
}

/* What the tag of an entry stands for beside its secret: which file, and which key of it. */
static lwsec_bytes bound_of(const lwsec_sealed_image *image, lwsec_bytes header,
                            uint8_t room[1U + LWSEC_SEALED_ID + ENTRY_HEADER_MAX])
{
    lwsec_writer writer = lwsec_writer_of(room, 1U + LWSEC_SEALED_ID + ENTRY_HEADER_MAX);

    lwsec_writer_u8(&writer, MARK_OF_ENTRY);
    lwsec_writer_bytes(&writer, image->id);
    lwsec_writer_bytes(&writer, header);
    return lwsec_bytes_of(room, writer.size);
}

size_t lwsec_sealed_open_entry(const lwsec_sealed_image *image, const lwsec_sealed_entry *entry,
                               const uint8_t *key, uint8_t *secret)
{
    uint8_t bound[1U + LWSEC_SEALED_ID + ENTRY_HEADER_MAX];
    const lwsec_bytes aad = bound_of(image, entry->header, bound);

    return lwsec_box_open(key, entry->nonce.data, aad, entry->sealed, secret)
               ? entry->sealed.size - LWSEC_BOX_TAG
               : 0;
}

bool lwsec_sealed_find_name(const lwsec_sealed_image *image, lwsec_bytes name,
                            lwsec_sealed_entry *entry)
{
    lwsec_reader entries = lwsec_reader_of(image->entries);

    while (lwsec_sealed_next(&entries, entry)) {
        if (lwsec_sealed_compare(entry->name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool lwsec_sealed_find_id(const lwsec_sealed_image *image, uint64_t id, lwsec_sealed_entry *entry)
{
    lwsec_reader entries = lwsec_reader_of(image->entries);

    while (lwsec_sealed_next(&entries, entry)) {
        if (entry->id == id) {
            return true;
        }
    }
    return false;
}

static void write_entry(lwsec_writer *writer, const lwsec_sealed_image *image,
                        const lwsec_sealed_change *change, const uint8_t *key)
{
    uint8_t bound[1U + LWSEC_SEALED_ID + ENTRY_HEADER_MAX];
    const size_t begin = writer->size;

    lwsec_writer_uint(writer, image->version + 1, 8);
    lwsec_writer_uint(writer, (uint32_t)change->add->algorithm, 4);
    lwsec_writer_uint(writer, change->add->usage, 4);
    lwsec_writer_u8(writer, (uint8_t)change->add->name.size);
    lwsec_writer_bytes(writer, change->add->name);
    lwsec_writer_u8(writer, (uint8_t)change->secret.size);
    const size_t header = writer->size - begin;
    uint8_t *nonce = lwsec_writer_room(writer, LWSEC_BOX_NONCE);
    uint8_t *sealed = lwsec_writer_room(writer, change->secret.size + LWSEC_BOX_TAG);
    if (nonce != NULL && sealed != NULL) {
        lwsec_box_random(nonce, LWSEC_BOX_NONCE);
        lwsec_box_seal(key, nonce, bound_of(image, lwsec_bytes_of(nonce - header, header), bound),
                       change->secret, sealed);
    }
}

/* The old keys without the one that goes, and the new one in its place. */
static void write_entries(lwsec_writer *writer, const lwsec_sealed_image *image,
                          const lwsec_sealed_change *change, const uint8_t *key)
{
    lwsec_reader entries = lwsec_reader_of(image->entries);
    lwsec_sealed_entry entry = {.id = 0};
    bool added = change->add == NULL;

    while (lwsec_sealed_next(&entries, &entry)) {
        if (!added && lwsec_sealed_compare(change->add->name, entry.name) < 0) {
            write_entry(writer, image, change, key);
            added = true;
        }
        if (entry.id != change->remove) {
            lwsec_writer_bytes(writer, entry.whole);
        }
    }
    if (!added) {
        write_entry(writer, image, change, key);
    }
}

static void write_tag(lwsec_writer *writer, const uint8_t *key)
{
    const lwsec_bytes nothing = {NULL, 0};
    const lwsec_bytes bound = {writer->data, writer->size};
    uint8_t *nonce = lwsec_writer_room(writer, LWSEC_BOX_NONCE);
    uint8_t *tag = lwsec_writer_room(writer, LWSEC_BOX_TAG);

    if (!writer->full) {
        lwsec_box_random(nonce, LWSEC_BOX_NONCE);
        lwsec_box_seal(key, nonce, bound, nothing, tag);
    }
}

static void write_digest(lwsec_writer *writer)
{
    const lwsec_bytes covered = {writer->data, writer->size};
    uint8_t *digest = lwsec_writer_room(writer, LWSEC_BOX_DIGEST);

    if (!writer->full) {
        lwsec_box_digest(covered, digest);
    }
}

size_t lwsec_sealed_write(const lwsec_sealed_image *image, const lwsec_sealed_change *change,
                          const uint8_t *key, lwsec_buffer *file)
{
    lwsec_writer writer = lwsec_writer_of(file->data, file->capacity);
    const uint32_t count =
        image->count + (change->add != NULL ? 1U : 0U) - (change->remove != 0 ? 1U : 0U);

    lwsec_writer_bytes(&writer, image->prefix);
    lwsec_writer_uint(&writer, image->version + 1, 8);
    lwsec_writer_uint(&writer, count, 2);
    write_entries(&writer, image, change, key);
    write_tag(&writer, key);
    write_digest(&writer);
    file->size = writer.full ? 0 : writer.size;
    return file->size;
}
