/* Values of records: how they are given out, and how a counter goes up. */
#include "state/value.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

#include <string.h>

lwsec_status lwsec_value_give(lwsec_bytes value, lwsec_buffer *out, lwsec_reason *reason)
{
    if (value.size > out->capacity) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    if (value.size > 0) {
        memcpy(out->data, value.data, value.size);
    }
    out->size = value.size;
    return LWSEC_OK;
}

bool lwsec_memory_fits(const void *memory)
{
    return memory != NULL && (uintptr_t)memory % _Alignof(uint64_t) == 0;
}

bool lwsec_record_same(const lwsec_record *one, const lwsec_record *other)
{
    return one->kind == other->kind &&
           memcmp(one->identity, other->identity, sizeof one->identity) == 0;
}

lwsec_status lwsec_counter_advance(lwsec_bytes old, uint64_t to, uint8_t value[LWSEC_COUNTER_SIZE],
                                   lwsec_reason *reason)
{
    if (old.data != NULL) {
        lwsec_reader reader = lwsec_reader_of(old);
        const uint64_t now = lwsec_reader_uint(&reader, LWSEC_COUNTER_SIZE);
        if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
            return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
        }
        if (to <= now) {
            return LWSEC_CONFLICT;
        }
    }
    lwsec_writer writer = lwsec_writer_of(value, LWSEC_COUNTER_SIZE);
    lwsec_writer_uint(&writer, to, LWSEC_COUNTER_SIZE);
    return LWSEC_OK;
}
