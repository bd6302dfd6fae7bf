/* Reading and writing of record files. */
#include "state/record_file.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

static const uint8_t magic[4] = {'L', 'W', 'S', 'R'};
#define FORMAT 1U
#define CRC_SIZE 4U

/* CRC-32 (ISO-HDLC) bit by bit: a record is short, and the medium is slower than any table. */
static uint32_t crc32_of(lwsec_bytes bytes)
{
    uint32_t crc = 0xffffffffU;

    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1U)));
        }
    }
    return crc ^ 0xffffffffU;
}

static void read_identity(lwsec_reader *reader, lwsec_record *record)
{
    for (size_t i = 0; i < sizeof record->identity; i++) {
        record->identity[i] = lwsec_reader_u8(reader);
    }
}

lwsec_status lwsec_record_file_parse(lwsec_bytes file, lwsec_record_file *parsed,
                                     lwsec_reason *reason)
{
    static const uint8_t nothing[1];
    lwsec_reader reader = lwsec_reader_of(file);
    lwsec_record_file found;

    if (!lwsec_reader_starts(&reader, lwsec_bytes_of(magic, sizeof magic), FORMAT)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, reader.position, reason);
    }
    found.record.kind = (uint32_t)lwsec_reader_uint(&reader, 4);
    read_identity(&reader, &found.record);
    found.version = lwsec_reader_uint(&reader, 8);
    found.value = lwsec_reader_take(&reader, (size_t)lwsec_reader_uint(&reader, 2));
    const lwsec_bytes covered = lwsec_bytes_of(file.data, reader.position);
    const uint64_t crc = lwsec_reader_uint(&reader, CRC_SIZE);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || crc != crc32_of(covered)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_TORN, reader.position, reason);
    }
    /* Whole, and yet nothing that this library writes. */
    if (found.version == 0 || found.value.size > LWSEC_RECORD_MAX) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (found.value.size == 0) {
        found.value = lwsec_bytes_of(nothing, 0);
    }
    *parsed = found;
    return LWSEC_OK;
}

size_t lwsec_record_file_write(const lwsec_record_file *file, uint8_t *out, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of(out, capacity);

    if (out == NULL || capacity < LWSEC_RECORD_FILE_SIZE(file->value.size)) {
        return 0;
    }
    lwsec_writer_bytes(&writer, lwsec_bytes_of(magic, sizeof magic));
    lwsec_writer_u8(&writer, FORMAT);
    lwsec_writer_uint(&writer, file->record.kind, 4);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(file->record.identity, 16));
    lwsec_writer_uint(&writer, file->version, 8);
    lwsec_writer_uint(&writer, file->value.size, 2);
    lwsec_writer_bytes(&writer, file->value);
    lwsec_writer_uint(&writer, crc32_of(lwsec_bytes_of(out, writer.size)), CRC_SIZE);
    return writer.size;
}
