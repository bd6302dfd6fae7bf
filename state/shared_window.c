/* A replay window as the value of a record. */
#include "state/shared_window.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/window.h"
#include "core/writer.h"

/* The value of a window: highest number (8), size (4), zeros (4), the words of its ring (8 each).
 */
#define HEAD_SIZE 16U
#define WORDS_MAX (LWSEC_SHARED_WINDOW_MAX / 64U)

static bool read_window(lwsec_bytes value, lwsec_window *window, uint64_t bits[WORDS_MAX])
{
    lwsec_reader reader = lwsec_reader_of(value);
    const uint64_t highest = lwsec_reader_uint(&reader, 8);
    const uint32_t size = (uint32_t)lwsec_reader_uint(&reader, 4);
    const uint64_t zeros = lwsec_reader_uint(&reader, 4);

    if (highest == UINT64_MAX || size < 1 || size > LWSEC_SHARED_WINDOW_MAX || zeros != 0) {
        return false;
    }
    *window = lwsec_window_of(size, bits);
    window->next = highest + 1;
    for (uint16_t i = 0; i < window->words; i++) {
        bits[i] = lwsec_reader_uint(&reader, 8);
    }
    /* The highest number was accepted: a window that says otherwise is not one of ours. */
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK && !lwsec_window_peek(window, highest);
}

static lwsec_status write_window(const lwsec_window *window, lwsec_buffer *value,
                                 lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(value->data, value->capacity);

    lwsec_writer_uint(&writer, window->next - 1, 8);
    lwsec_writer_uint(&writer, window->size, 4);
    lwsec_writer_uint(&writer, 0, 4);
    for (uint16_t i = 0; i < window->words; i++) {
        lwsec_writer_uint(&writer, window->bits[i], 8);
    }
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    value->size = writer.size;
    return LWSEC_OK;
}

lwsec_status lwsec_shared_window_accept(lwsec_bytes old, uint64_t number, uint32_t size,
                                        lwsec_buffer *value, lwsec_reason *reason)
{
    uint64_t bits[WORDS_MAX] = {0};
    lwsec_window window = lwsec_window_of(size, bits);

    if (old.data != NULL && !read_window(old, &window, bits)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (window.size != size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW, 0, reason);
    }
    if (!lwsec_window_peek(&window, number)) {
        return LWSEC_CONFLICT;
    }
    lwsec_window_commit(&window, number);
    return write_window(&window, value, reason);
}

lwsec_status lwsec_shared_window_restart(uint64_t number, uint32_t size, lwsec_buffer *value)
{
    uint64_t bits[WORDS_MAX];
    lwsec_window window = lwsec_window_of(size, bits);

    lwsec_window_restart(&window, number);
    return write_window(&window, value, NULL);
}
