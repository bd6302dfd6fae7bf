/* The deterministic subset of CBOR: an item is of one type only, and a tree of values that reads to
 * its end is written as the same bytes. */
#include "core/cbor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH_MAX 8
#define TEXT_MAX 4096

static uint8_t room[1 << 20];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Tries every kind on the same place: at most one of them reads. */
static void check_one_type(lwsec_bytes input)
{
    lwsec_reader readers[6];
    unsigned reads = 0;

    for (size_t i = 0; i < 6; i++) {
        readers[i] = lwsec_reader_of(input);
    }
    (void)lwsec_cbor_read_int(&readers[0]);
    (void)lwsec_cbor_read_bytes(&readers[1]);
    (void)lwsec_cbor_read_text(&readers[2]);
    (void)lwsec_cbor_read_array(&readers[3]);
    (void)lwsec_cbor_read_map(&readers[4]);
    if (!lwsec_cbor_read_null(&readers[5])) {
        require(lwsec_reader_left(&readers[5]) == input.size);
        lwsec_reader_fail(&readers[5], LWSEC_WHY_WRONG_TYPE);
    }
    for (size_t i = 0; i < 6; i++) {
        require(readers[i].position <= input.size);
        reads += !lwsec_reader_failed(&readers[i]);
    }
    require(reads <= 1);
}

/* The writer takes C strings, so a text with a zero byte is left out. */
static void copy_text(lwsec_reader *reader, lwsec_writer *writer)
{
    static char text[TEXT_MAX + 1];
    const lwsec_bytes bytes = lwsec_cbor_read_text(reader);

    if (lwsec_reader_failed(reader)) {
        return;
    }
    if (bytes.size > TEXT_MAX || memchr(bytes.data, 0, bytes.size) != NULL) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
        return;
    }
    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = '\0';
    lwsec_cbor_write_text(writer, text);
}

static void copy_tree(lwsec_reader *reader, lwsec_writer *writer, unsigned depth);

static void copy_items(lwsec_reader *reader, lwsec_writer *writer, size_t count, unsigned depth)
{
    require(count <= lwsec_reader_left(reader)); /* what makes a loop over a count safe */
    for (size_t i = 0; i < count && !lwsec_reader_failed(reader); i++) {
        copy_tree(reader, writer, depth);
    }
}

/* Reads one value, with all that is in it, and writes it again. */
static void copy_tree(lwsec_reader *reader, lwsec_writer *writer, unsigned depth)
{
    size_t count;

    if (depth > DEPTH_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
        return;
    }
    switch (lwsec_reader_peek(reader) >> 5) {
    case 0:
    case 1: lwsec_cbor_write_int(writer, lwsec_cbor_read_int(reader)); break;
    case 2: lwsec_cbor_write_bytes(writer, lwsec_cbor_read_bytes(reader)); break;
    case 3: copy_text(reader, writer); break;
    case 4:
        count = lwsec_cbor_read_array(reader);
        lwsec_cbor_write_array(writer, count);
        copy_items(reader, writer, count, depth + 1);
        break;
    case 5:
        count = lwsec_cbor_read_map(reader);
        lwsec_cbor_write_map(writer, count);
        copy_items(reader, writer, 2 * count, depth + 1);
        break;
    default:
        if (lwsec_cbor_read_null(reader)) {
            lwsec_cbor_write_null(writer);
        } else {
            lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const lwsec_bytes input = lwsec_bytes_of(data, size);
    lwsec_reader reader = lwsec_reader_of(input);
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    check_one_type(input);
    copy_tree(&reader, &writer, 0);
    if (lwsec_reader_finish(&reader, NULL) == LWSEC_OK && size <= sizeof room) {
        require(!writer.full && writer.size == size && memcmp(room, data, size) == 0);
    }
    return 0;
}
