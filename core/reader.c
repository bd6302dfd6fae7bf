/* The parts of the reader that need not be inline. */
#include "core/reader.h"

#include "core/reason.h"

lwsec_reader lwsec_reader_child(lwsec_reader *parent, size_t size)
{
    lwsec_reader child = lwsec_reader_of(lwsec_reader_take(parent, size));
    child.why = parent->why;
    return child;
}

lwsec_status lwsec_reader_finish(lwsec_reader *reader, lwsec_reason *reason)
{
    if (lwsec_reader_left(reader) > 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRAILING_BYTES);
    }
    if (lwsec_reader_failed(reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader->why, reader->position, reason);
    }
    return LWSEC_OK;
}

void lwsec_reader_finish_child(lwsec_reader *parent, lwsec_reader *child)
{
    lwsec_status status = lwsec_reader_finish(child, NULL);
    if (status != LWSEC_OK) {
        lwsec_reader_fail(parent, child->why);
    }
}
