/* Covers state/record_file.c: what is accepted is what the library would write, byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "state/record_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[LWSEC_RECORD_FILE_MAX];
    lwsec_record_file parsed;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status =
        lwsec_record_file_parse(lwsec_bytes_of(data, size), &parsed, &reason);
    if (status != LWSEC_OK) {
        if (status != LWSEC_STATE ||
            (reason.why != LWSEC_WHY_STATE_TORN && reason.why != LWSEC_WHY_STATE_FOREIGN)) {
            abort();
        }
        return 0;
    }
    const size_t written = lwsec_record_file_write(&parsed, again, sizeof again);
    if (written != size || memcmp(again, data, size) != 0) {
        abort();
    }
    return 0;
}
