/* Covers oscore/option.c: what decodes lies inside of the value and encodes to the same bytes. And
 * oscore/kudos_option.c: it takes all that the other takes, and nothing else but KUDOS. */
#include <lwsec/oscore_kudos.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Absent, or in the value; an empty field may stand anywhere. */
static void require_inside(lwsec_bytes field, lwsec_bytes value)
{
    require(field.data != NULL || field.size == 0);
    if (field.size > 0) {
        const uintptr_t offset = (uintptr_t)field.data - (uintptr_t)value.data;
        require(offset < value.size && field.size <= value.size - offset);
    }
}

static void check_round_trip(const lwsec_oscore_option *option, lwsec_bytes value)
{
    uint8_t *again = malloc(value.size + 1);
    lwsec_buffer out = lwsec_buffer_of(again, value.size);

    require(again != NULL);
    require(lwsec_oscore_option_encode(option, &out) == LWSEC_OK);
    require(out.size == value.size);
    require(value.size == 0 || memcmp(again, value.data, value.size) == 0);
    free(again);
}

static void check_decode(lwsec_bytes value)
{
    lwsec_oscore_option option = {0};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_oscore_option_decode(value, &option, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status != LWSEC_OK) {
        require(status == LWSEC_REJECT && reason.offset <= value.size && !option.present);
        return;
    }
    require(option.present);
    require(option.partial_iv.size <= 5);
    require(option.kid_context.size <= 255);
    require_inside(option.partial_iv, value);
    require_inside(option.kid_context, value);
    require_inside(option.kid, value);
    check_round_trip(&option, value);
}

static void check_kudos(lwsec_bytes value)
{
    lwsec_oscore_kudos_option option = {0};
    lwsec_oscore_option plain;
    const bool decodes = lwsec_oscore_kudos_option_decode(value, &option, NULL) == LWSEC_OK;
    const bool is_plain = lwsec_oscore_option_decode(value, &plain, NULL) == LWSEC_OK;

    require(is_plain == (decodes && option.nonce.data == NULL));
    if (decodes && !is_plain) {
        const lwsec_oscore_option *base = &option.base;
        require(option.nonce.size == (size_t)(option.x & 15) + 1 && option.x < 0x80);
        require_inside(option.nonce, value);
        require_inside(base->partial_iv, value);
        require_inside(base->kid_context, value);
        require_inside(base->kid, value);
        require(value.size == 3 + option.nonce.size + base->partial_iv.size + base->kid.size +
                                  base->kid_context.size + (base->kid_context.data != NULL));
    }
}

/* The same bytes as a whole message. */
static void check_peek(lwsec_coap_framing framing, lwsec_bytes message)
{
    lwsec_oscore_option option = {0};

    if (lwsec_oscore_peek(framing, message, &option, NULL) == LWSEC_OK) {
        require_inside(option.partial_iv, message);
        require_inside(option.kid_context, message);
        require_inside(option.kid, message);
        require(option.present || (option.kid.data == NULL && option.partial_iv.data == NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_decode(lwsec_bytes_of(data, size));
    check_kudos(lwsec_bytes_of(data, size));
    check_peek(LWSEC_COAP_UDP, lwsec_bytes_of(data, size));
    check_peek(LWSEC_COAP_TCP, lwsec_bytes_of(data, size));
    return 0;
}
