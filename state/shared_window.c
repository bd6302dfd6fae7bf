/* A replay window as a ring of bits, and as the value of a record. */
#include "state/shared_window.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

/* The value of a window: highest number (8), size (4), zeros (4), whole words of 64 bits (8 each).
 */
#define HEAD_SIZE 16U

lwsec_shared_window lwsec_shared_window_of(uint32_t size)
{
    lwsec_shared_window window = {false, size, 0, {0}};
    return window;
}

static uint32_t words(uint32_t size)
{
    return (size + 63U) / 64U;
}

static bool is_set(const lwsec_shared_window *window, uint64_t number)
{
    const uint64_t bit = number % window->size;
    return (window->bits[bit / 64] >> (bit % 64) & 1U) != 0;
}

static void set(lwsec_shared_window *window, uint64_t number)
{
    const uint64_t bit = number % window->size;
    window->bits[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static void clear(lwsec_shared_window *window, uint64_t number)
{
    const uint64_t bit = number % window->size;
    window->bits[bit / 64] &= ~((uint64_t)1 << (bit % 64));
}

bool lwsec_shared_window_fresh(const lwsec_shared_window *window, uint64_t number)
{
    if (!window->used || number > window->highest) {
        return true;
    }
    return window->highest - number < window->size && !is_set(window, number);
}

void lwsec_shared_window_mark(lwsec_shared_window *window, uint64_t number)
{
    if (!window->used) {
        window->used = true;
        window->highest = number;
    }
    if (number > window->highest) {
        const uint64_t distance = number - window->highest;
        const uint64_t entering = distance < window->size ? distance : window->size;
        for (uint64_t i = 0; i < entering; i++) {
            clear(window, number - i);
        }
        window->highest = number;
    }
    set(window, number);
}

static bool read_window(lwsec_bytes value, lwsec_shared_window *window)
{
    lwsec_reader reader = lwsec_reader_of(value);

    window->used = true;
    window->highest = lwsec_reader_uint(&reader, 8);
    window->size = (uint32_t)lwsec_reader_uint(&reader, 4);
    const uint64_t zeros = lwsec_reader_uint(&reader, 4);
    if (window->size < 1 || window->size > LWSEC_SHARED_WINDOW_MAX || zeros != 0) {
        return false;
    }
    for (uint32_t i = 0; i < words(window->size); i++) {
        window->bits[i] = lwsec_reader_uint(&reader, 8);
    }
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK && is_set(window, window->highest);
}

static void write_window(const lwsec_shared_window *window, lwsec_buffer *value)
{
    lwsec_writer writer = lwsec_writer_of(value->data, value->capacity);

    lwsec_writer_uint(&writer, window->highest, 8);
    lwsec_writer_uint(&writer, window->size, 4);
    lwsec_writer_uint(&writer, 0, 4);
    for (uint32_t i = 0; i < words(window->size); i++) {
        lwsec_writer_uint(&writer, window->bits[i], 8);
    }
    value->size = writer.size;
}

lwsec_status lwsec_shared_window_accept(lwsec_bytes old, uint64_t number, uint32_t size,
                                        lwsec_buffer *value, lwsec_reason *reason)
{
    lwsec_shared_window window = lwsec_shared_window_of(size);

    if (value->capacity < HEAD_SIZE + 8U * words(size)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    if (old.data != NULL && !read_window(old, &window)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (window.size != size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW, 0, reason);
    }
    if (!lwsec_shared_window_fresh(&window, number)) {
        return LWSEC_CONFLICT;
    }
    lwsec_shared_window_mark(&window, number);
    write_window(&window, value);
    return LWSEC_OK;
}

void lwsec_shared_window_restart(uint64_t number, uint32_t size, lwsec_buffer *value)
{
    lwsec_shared_window window = lwsec_shared_window_of(size);

    window.used = true;
    window.highest = number;
    for (uint32_t i = 0; i < words(size); i++) {
        window.bits[i] = UINT64_MAX;
    }
    write_window(&window, value);
}
