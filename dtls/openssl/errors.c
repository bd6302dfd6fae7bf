/* The host's error queue is left as found, though handshakes clear it. */
#include "dtls/openssl/engine.h"

static void copy(char *out, size_t capacity, const char *text)
{
    size_t size = 0;

    for (; text != NULL && text[size] != '\0' && size < capacity - 1; size++) {
        out[size] = text[size];
    }
    out[size] = '\0';
}

void lwsec_dtls_errors_save(lwsec_dtls_errors *errors)
{
    const char *file, *function, *data;
    unsigned long code;
    int line, flags;

    errors->count = 0;
    while (errors->count < LWSEC_DTLS_ERRORS &&
           (code = ERR_get_error_all(&file, &line, &function, &data, &flags)) != 0) {
        errors->each[errors->count].code = code;
        errors->each[errors->count].line = line;
        copy(errors->each[errors->count].file, sizeof errors->each[0].file, file);
        copy(errors->each[errors->count].function, sizeof errors->each[0].function, function);
        copy(errors->each[errors->count].data, sizeof errors->each[0].data,
             (flags & ERR_TXT_STRING) != 0 ? data : NULL);
        errors->count++;
    }
}

void lwsec_dtls_errors_restore(const lwsec_dtls_errors *errors)
{
    ERR_clear_error();
    for (size_t i = 0; i < errors->count; i++) {
        ERR_new();
        ERR_set_debug(errors->each[i].file, errors->each[i].line, errors->each[i].function);
        if (errors->each[i].data[0] != '\0') {
            ERR_set_error(ERR_GET_LIB(errors->each[i].code), ERR_GET_REASON(errors->each[i].code),
                          "%s", errors->each[i].data);
        } else {
            ERR_set_error(ERR_GET_LIB(errors->each[i].code), ERR_GET_REASON(errors->each[i].code),
                          NULL);
        }
    }
}
