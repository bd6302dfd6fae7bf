/* The OSCORE option with the fields of KUDOS: draft-ietf-core-oscore-key-update-14. */
#include "oscore/kudos_option.h"

#include "core/reason.h"
#include "oscore/option.h"

#define FLAGS_RESERVED 0x60U
#define X_RESERVED 0x80U
#define X_NONCE_SIZE 0x0fU

static void read_fields(lwsec_reader *reader, uint8_t flags, lwsec_oscore_kudos_option *option)
{
    if (lwsec_reader_u8(reader) != LWSEC_OSCORE_FLAG_NONCE || (flags & FLAGS_RESERVED) != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_OSCORE_RESERVED);
    }
    lwsec_oscore_read_piv_and_context(reader, flags, &option->base);
    option->x = lwsec_reader_u8(reader);
    if ((option->x & X_RESERVED) != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_OSCORE_RESERVED);
    }
    option->nonce = lwsec_reader_take(reader, (option->x & X_NONCE_SIZE) + 1U);
    lwsec_oscore_read_kid(reader, flags, &option->base);
}

lwsec_why lwsec_oscore_kudos_option_read(lwsec_bytes value, lwsec_oscore_kudos_option *option,
                                         size_t *offset)
{
    static const lwsec_oscore_kudos_option none;
    lwsec_reader reader = lwsec_reader_of(value);

    *option = none;
    option->base.present = true;
    if (value.size == 0 || (value.data[0] & LWSEC_OSCORE_FLAG_EXTENSION) == 0) {
        return lwsec_oscore_option_read(value, &option->base, offset);
    }
    read_fields(&reader, lwsec_reader_u8(&reader), option);
    *offset = reader.position;
    return reader.why;
}

lwsec_status lwsec_oscore_kudos_option_decode(lwsec_bytes value, lwsec_oscore_kudos_option *option,
                                              lwsec_reason *reason)
{
    lwsec_oscore_kudos_option read;
    size_t offset;
    const lwsec_why why = lwsec_oscore_kudos_option_read(value, &read, &offset);

    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, offset, reason);
    }
    *option = read;
    return lwsec_accept(reason);
}

lwsec_status lwsec_oscore_kudos_peek(lwsec_coap_framing framing, lwsec_bytes message,
                                     lwsec_oscore_kudos_option *option, lwsec_reason *reason)
{
    static const lwsec_oscore_kudos_option none;
    lwsec_coap_message decoded;
    lwsec_coap_option found;
    const lwsec_status status = lwsec_coap_decode(framing, message, &decoded, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_coap_option_find(&decoded, LWSEC_COAP_OSCORE, &found)) {
        *option = none;
        return lwsec_accept(reason);
    }
    return lwsec_oscore_kudos_option_decode(found.value, option, reason);
}
