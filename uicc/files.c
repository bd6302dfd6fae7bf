/* Files of a card: SELECT, READ BINARY, READ RECORD of TS 102 221. */
#include "uicc/files.h"

#include "core/reason.h"
#include "core/writer.h"
#include "uicc/ber.h"
#include "uicc/raw.h"

#include <string.h>

#define INS_SELECT 0xa4U
#define INS_READ_BINARY 0xb0U
#define INS_READ_RECORD 0xb2U
#define BY_PATH 0x08U
#define WITH_FCP 0x04U
#define ABSOLUTE 0x04U /* READ RECORD: the number in P1 */
#define MF 0x3f00U
#define APPLICATION 0x7fffU
#define SW_NO_FILE 0x6a82U
#define SW_NO_RECORD 0x6a83U
#define ROOM (LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD)

/* Octets that an answer brings at most: with R-MAC and R-ENCRYPTION, 256 are 239 and their dress.
 */
#define CHUNK 0xe0U

enum { FCP_TEMPLATE = 0x62, FCP_SIZE = 0x80, FCP_DESCRIPTOR = 0x82 };
/* Structure of a file: the low three bits of its descriptor. */
enum { TRANSPARENT = 1, LINEAR_FIXED = 2 };

static lwsec_status malformed(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_FILE, 0, reason);
}

static uint64_t number_of(lwsec_bytes octets)
{
    lwsec_reader reader = lwsec_reader_of(octets);

    return lwsec_reader_uint(&reader, octets.size);
}

/* The descriptor of a file with records: descriptor, coding, record length in two octets. */
static bool read_descriptor(lwsec_bytes descriptor, lwsec_card_file *file)
{
    lwsec_reader reader = lwsec_reader_of(descriptor);
    const unsigned structure = lwsec_reader_u8(&reader) & 7U;

    (void)lwsec_reader_u8(&reader);
    if (structure == TRANSPARENT) {
        return !lwsec_reader_failed(&reader);
    }
    const uint64_t size = lwsec_reader_uint(&reader, 2);
    if (structure != LINEAR_FIXED || lwsec_reader_failed(&reader) || size == 0 || size > 0xff) {
        return false;
    }
    file->record_size = (uint8_t)size;
    return true;
}

lwsec_status lwsec_card_read_fcp(lwsec_bytes fcp, lwsec_card_file *file, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(fcp);
    lwsec_card_file read = {0, 0};
    bool sized = false;
    bool described = false;

    const lwsec_ber template = lwsec_ber_find(&reader, FCP_TEMPLATE);
    lwsec_reader inside = lwsec_reader_of(template.value);
    for (lwsec_ber next = lwsec_ber_next(&inside); next.tag != 0; next = lwsec_ber_next(&inside)) {
        if (next.tag == FCP_SIZE && next.value.size >= 2 && next.value.size <= 4) {
            read.size = (size_t)number_of(next.value);
            sized = true;
        } else if (next.tag == FCP_DESCRIPTOR) {
            described = read_descriptor(next.value, &read);
        }
    }
    if (lwsec_reader_failed(&reader) || lwsec_reader_failed(&inside) || !sized || !described) {
        return malformed(reason);
    }
    *file = read;
    return lwsec_accept(reason);
}

/* The path as SELECT takes it: 3F00 at its begin is left away, and a relative one begins with that
 * of the current application. */
static lwsec_bytes path_octets(const lwsec_smartcard_path *path, uint8_t *room, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of(room, capacity);
    const unsigned first = (unsigned)path->octets[0] << 8 | path->octets[1];
    const size_t skipped = first == MF ? 2 : 0;

    if (first != MF && first != APPLICATION) {
        lwsec_writer_uint(&writer, APPLICATION, 2);
    }
    lwsec_writer_bytes(&writer, lwsec_bytes_of(&path->octets[skipped], path->size - skipped));
    return lwsec_bytes_of(room, writer.size);
}

lwsec_status lwsec_card_select(lwsec_apdu *card, const lwsec_smartcard_path *path,
                               lwsec_card_file *file, lwsec_reason *reason)
{
    uint8_t octets[LWSEC_SMARTCARD_PATH_MAX + 2];
    uint8_t room[ROOM];
    lwsec_buffer response = lwsec_buffer_of(room, sizeof room);
    const lwsec_apdu_command command = {.ins = INS_SELECT,
                                        .p1 = BY_PATH,
                                        .p2 = WITH_FCP,
                                        .data = path_octets(path, octets, sizeof octets),
                                        .le = LWSEC_APDU_ANSWER_MAX};

    lwsec_status status = lwsec_apdu_exchange(card, &command, &response, reason);
    if (status == LWSEC_OK) {
        status = lwsec_apdu_judge(card, SW_NO_FILE, reason);
    }
    return status == LWSEC_OK ? lwsec_card_read_fcp(lwsec_buffer_bytes(&response), file, reason)
                              : status;
}

/*
 * What was asked for, or less, but something. A protected command has data, and with T=0 no Le: the
 * card gives as much as fits its answer then, up to the end of the file.
 */
static lwsec_status read_chunk(lwsec_apdu *card, size_t left, lwsec_writer *writer,
                               lwsec_reason *reason)
{
    const size_t offset = writer->size;
    const size_t size = left < CHUNK ? left : CHUNK;
    const size_t most = card->secure != NULL && card->t0 ? left : size;
    uint8_t room[ROOM];
    lwsec_buffer chunk = lwsec_buffer_of(room, sizeof room);
    const lwsec_apdu_command command = {.ins = INS_READ_BINARY,
                                        .p1 = (uint8_t)(offset >> 8),
                                        .p2 = (uint8_t)offset,
                                        .le = (uint16_t)size};

    lwsec_status status = lwsec_apdu_exchange(card, &command, &chunk, reason);
    if (status == LWSEC_OK) {
        status = lwsec_apdu_judge(card, 0, reason);
    }
    if (status == LWSEC_OK && (chunk.size == 0 || chunk.size > most)) {
        status = lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, offset, reason);
    }
    if (status == LWSEC_OK) {
        lwsec_writer_bytes(writer, lwsec_buffer_bytes(&chunk));
    }
    lwsec_wipe(room, sizeof room);
    return status;
}

lwsec_status lwsec_card_read_binary(lwsec_apdu *card, const lwsec_card_file *file,
                                    lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    lwsec_status status = LWSEC_OK;

    out->size = 0;
    if (file->record_size != 0 || file->size > LWSEC_SMARTCARD_FILE_MAX) {
        return malformed(reason);
    }
    if (file->size > out->capacity) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    while (writer.size < file->size && status == LWSEC_OK) {
        status = read_chunk(card, file->size - writer.size, &writer, reason);
    }
    if (status == LWSEC_OK) {
        out->size = writer.size;
        return lwsec_accept(reason);
    }
    lwsec_wipe(out->data, out->capacity);
    return status;
}

lwsec_status lwsec_card_read_record(lwsec_apdu *card, const lwsec_card_file *file, uint8_t number,
                                    lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_apdu_command command = {
        .ins = INS_READ_RECORD, .p1 = number, .p2 = ABSOLUTE, .le = file->record_size};
    const lwsec_status status = lwsec_apdu_exchange(card, &command, out, reason);

    return status == LWSEC_OK ? lwsec_apdu_judge(card, SW_NO_RECORD, reason) : status;
}
