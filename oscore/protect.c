/* Protecting requests and responses: RFC 8613 sections 8.1 and 8.3. */
#include "oscore/protect.h"
#include "coap/option.h"
#include "core/cbor.h"
#include "core/reason.h"
#include "crypto/use.h"
#include "oscore/classes.h"
#include "oscore/cose.h"
#include "oscore/frame.h"
#include "oscore/kudos_option.h"
#include "oscore/numbers.h"
#include "oscore/proxy.h"
#include "oscore/request.h"
#include "oscore/slow.h"

#include <string.h>

/* Flag bits of the OSCORE option: section 6.1. */
#define FLAG_KID_CONTEXT 0x10U
#define FLAG_KID 0x08U

/* Flags, Partial IV, length and kid context, kid; second flags, x and nonce of KUDOS. */
#define OPTION_VALUE_MAX                                                                           \
    (1U + 5U + 1U + 2U + LWSEC_OSCORE_ID_CONTEXT_MAX + LWSEC_OSCORE_ID_MAX + 1U +                  \
     LWSEC_OSCORE_KUDOS_FIELDS_MAX)

/* A message on its way out. */
typedef struct outgoing {
    lwsec_coap_message plain; /* of which the token and the rest still lie in the input */
    uint64_t seen;            /* its option numbers below 64 */
    bool special;             /* some option is not simply inside */
    lwsec_bytes observe;      /* its Observe value; NULL data: none */
    size_t growth;            /* by what the split of a Proxy-Uri may make it longer */
    lwsec_coap_uri proxy;     /* its Proxy-Uri; only with growth */
    uint8_t outer_code;
    bool response;
    uint8_t option[OPTION_VALUE_MAX]; /* value of the OSCORE option */
    size_t option_size;
    lwsec_oscore_bound bound;
    lwsec_slow *slow; /* where it waits for a slow store; NULL: it cannot wait */
} outgoing;

/* The Observe option, which stands once and holds at most three bytes. */
static lwsec_why find_observe(outgoing *message)
{
    static const uint8_t empty[1];
    lwsec_coap_walk walk = lwsec_coap_options(&message->plain);
    lwsec_coap_option option;

    while (lwsec_coap_options_next(&walk, &option) && option.number <= LWSEC_COAP_OBSERVE) {
        if (option.number < LWSEC_COAP_OBSERVE) {
            continue;
        }
        if (message->observe.data != NULL) {
            return LWSEC_WHY_COAP_OPTION_TWICE;
        }
        if (option.value.size > 3) {
            return LWSEC_WHY_COAP_OPTION_LENGTH;
        }
        message->observe = option.value.size > 0 ? option.value : lwsec_bytes_of(empty, 0);
    }
    return LWSEC_WHY_NONE;
}

/* What may not be there, and Observe. */
static lwsec_why check_options(outgoing *message)
{
    if (lwsec_oscore_in(message->seen, LWSEC_COAP_OSCORE)) {
        return LWSEC_WHY_OSCORE_NESTED; /* section 4.1.3.7 */
    }
    if (lwsec_oscore_in(message->seen, LWSEC_COAP_PROXY_URI)) {
        const lwsec_why why =
            lwsec_oscore_proxy_read(&message->plain, message->seen, &message->proxy);
        if (why != LWSEC_WHY_NONE) {
            return why;
        }
        message->growth = lwsec_oscore_proxy_growth(&message->proxy);
    }
    return lwsec_oscore_in(message->seen, LWSEC_COAP_OBSERVE) ? find_observe(message)
                                                              : LWSEC_WHY_NONE;
}

/* ---- What goes into the OSCORE option, the nonce and the AAD ---- */

static void bind_to(outgoing *message, const lwsec_oscore *context, const lwsec_oscore_id *kid,
                    const lwsec_oscore_piv *request_piv)
{
    message->bound.aad_size = lwsec_oscore_aad(context, kid, request_piv, message->bound.aad);
}

/* The length and the kid context. In Appendix B.2 it is wrapped in a CBOR byte string. */
static size_t put_kid_context(uint8_t *option, lwsec_bytes kid_context, bool wrap)
{
    lwsec_writer writer = lwsec_writer_of(option, 2U + 1U + LWSEC_OSCORE_ID_CONTEXT_MAX);

    (void)lwsec_writer_room(&writer, 1);
    if (wrap) {
        lwsec_cbor_write_bytes(&writer, kid_context);
    } else {
        lwsec_writer_bytes(&writer, kid_context);
    }
    option[0] = (uint8_t)(writer.size - 1);
    return writer.size;
}

/* The second byte of flags goes behind the first, x and nonce behind the kid context, which ends at
 * `size`. */
static size_t put_kudos(uint8_t *option, size_t size, lwsec_oscore *context)
{
    memmove(&option[2], &option[1], size - 1);
    option[0] |= LWSEC_OSCORE_FLAG_EXTENSION;
    option[1] = LWSEC_OSCORE_FLAG_NONCE;
    memcpy(&option[size + 1], lwsec_oscore_kudos_place(context), context->kudos_size);
    return size + 1U + context->kudos_size;
}

/* Whole arrays are copied here too: the option has room for the longest of each. */
static void write_request_option(outgoing *message, lwsec_oscore *context,
                                 const lwsec_oscore_piv *piv)
{
    uint8_t *option = message->option;
    size_t size = 1U + piv->size;

    option[0] = (uint8_t)(FLAG_KID | piv->size);
    memcpy(&option[1], lwsec_oscore_piv_start(piv), LWSEC_OSCORE_PIV_MAX);
    if (context->send_kid_context) {
        option[0] |= FLAG_KID_CONTEXT;
        size += put_kid_context(&option[size], lwsec_oscore_id_context(context),
                                context->wrap_kid_context);
    }
    if (context->kudos_size > 0) {
        size = put_kudos(option, size, context);
    }
    memcpy(&option[size], context->sender_id.data, sizeof context->sender_id.data);
    message->option_size = size + context->sender_id.size;
}

/* The kid context is what the server of Appendix B.2 tells its client, and else absent. */
static void write_response_option(outgoing *message, lwsec_oscore *context,
                                  const lwsec_oscore_piv *piv)
{
    uint8_t *option = message->option;
    size_t size = 1U + piv->size;

    option[0] = piv->size;
    memcpy(&option[1], lwsec_oscore_piv_start(piv), LWSEC_OSCORE_PIV_MAX);
    if (context->response_kid_context > 0) {
        const lwsec_bytes r2 =
            lwsec_bytes_of(lwsec_oscore_id_context(context).data, context->response_kid_context);
        option[0] |= FLAG_KID_CONTEXT;
        size += put_kid_context(&option[size], r2, true);
    }
    if (context->kudos_size > 0) {
        size = put_kudos(option, size, context);
    }
    message->option_size = size;
}

/* ---- The message itself ---- */

static void write_oscore_option(lwsec_writer *writer, uint32_t previous, const outgoing *message)
{
    const lwsec_coap_option option = {LWSEC_COAP_OSCORE,
                                      lwsec_bytes_of(message->option, message->option_size)};
    lwsec_coap_write_option(writer, previous, &option);
}

/* The options outside, with the OSCORE option in its place among them. */
static void write_outer_options(lwsec_writer *writer, const outgoing *message)
{
    lwsec_reader reader = lwsec_reader_of(message->plain.options);
    uint32_t number = 0;
    uint32_t previous = 0;
    bool written = false;

    while (message->special && lwsec_reader_left(&reader) > 0) {
        const lwsec_coap_option option = lwsec_coap_read_option(&reader, number);
        number = option.number;
        if (!written && number > LWSEC_COAP_OSCORE) {
            write_oscore_option(writer, previous, message);
            previous = LWSEC_COAP_OSCORE;
            written = true;
        }
        if (number == LWSEC_COAP_OBSERVE || lwsec_oscore_in(LWSEC_OSCORE_CLASS_U, number)) {
            lwsec_coap_write_option(writer, previous, &option);
            previous = number;
        } else if (number == LWSEC_COAP_PROXY_URI) {
            lwsec_oscore_proxy_write_outer(writer, previous, &message->proxy);
            previous = number;
        }
    }
    if (!written) {
        write_oscore_option(writer, previous, message);
    }
}

/* The options inside. A notification has an empty Observe there: section 4.1.3.5.2. */
static void write_inner_options(lwsec_writer *writer, const outgoing *message)
{
    lwsec_reader reader = lwsec_reader_of(message->plain.options);
    uint32_t number = 0;
    uint32_t previous = 0;

    if (!message->special) {
        lwsec_writer_bytes(writer, message->plain.options);
        return;
    }
    while (lwsec_reader_left(&reader) > 0) {
        lwsec_coap_option option = lwsec_coap_read_option(&reader, number);
        number = option.number;
        if (lwsec_oscore_in(LWSEC_OSCORE_CLASS_U, number) || number == LWSEC_COAP_PROXY_URI) {
            continue;
        }
        if (message->growth > 0) {
            previous = lwsec_oscore_proxy_write_inner(writer, previous, number, &message->proxy);
        }
        if (number == LWSEC_COAP_OBSERVE && message->response) {
            option.value.size = 0;
        }
        lwsec_coap_write_option(writer, previous, &option);
        previous = number;
    }
    if (message->growth > 0) {
        (void)lwsec_oscore_proxy_write_inner(writer, previous, UINT32_MAX, &message->proxy);
    }
}

/* Code, class E options and payload: section 5.3. */
static void write_plaintext(lwsec_writer *writer, const outgoing *message)
{
    lwsec_writer_u8(writer, message->plain.code);
    write_inner_options(writer, message);
    if (message->plain.payload.size > 0) {
        lwsec_writer_u8(writer, LWSEC_COAP_MARKER);
        lwsec_writer_bytes(writer, message->plain.payload);
    }
}

/* Writes the message as it will be, but for the plaintext, which stands where the ciphertext will.
 * Gives the size of the plaintext, which ends with the message but for the tag. */
static lwsec_status write_open(const lwsec_oscore *context, outgoing *message, lwsec_buffer *out,
                               size_t *size, size_t *text_size)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    const size_t body_at = lwsec_oscore_body_at(context->framing, message->plain.token.size);

    (void)lwsec_writer_room(&writer, body_at);
    write_outer_options(&writer, message);
    lwsec_writer_u8(&writer, LWSEC_COAP_MARKER);
    const size_t plaintext_at = writer.size;
    write_plaintext(&writer, message);
    *text_size = writer.size - plaintext_at;
    (void)lwsec_writer_room(&writer, context->aead->tag_size);
    if (writer.full) {
        lwsec_wipe(out->data, writer.size);
        return LWSEC_BUFFER;
    }
    message->plain.code = message->outer_code;
    *size =
        lwsec_oscore_put_head(context->framing, &message->plain, out->data, body_at, writer.size);
    return LWSEC_OK;
}

/* Seals the plaintext where it stands: before the tag, at the end of a message of `size` bytes.
 * R-5.1-06, R-5.1-07, R-5.1-08, R-5.1-09: nothing is sent to a peer but encrypted and protected. */
static lwsec_status seal(const lwsec_oscore *context, const lwsec_oscore_bound *bound,
                         uint8_t *data, size_t size, size_t text_size)
{
    const size_t sealed_size = text_size + context->aead->tag_size;
    uint8_t *text = &data[size - sealed_size];

    return lwsec_key_seal(context->sender,
                          lwsec_oscore_nonce_bytes(&bound->nonce, context->aead->nonce_size),
                          lwsec_bytes_of(bound->aad, bound->aad_size),
                          lwsec_bytes_of(text, text_size), text, sealed_size);
}

/* What the seal needs of a message that may wait is not on the stack. */
static lwsec_status seal_message(const lwsec_oscore *context, const outgoing *message,
                                 uint8_t *data, size_t size, size_t text_size)
{
    if (message->slow == NULL) {
        return lwsec_key_at_once(context->sender,
                                 seal(context, &message->bound, data, size, text_size));
    }
    message->slow->bound = message->bound;
    message->slow->data = data;
    message->slow->size = size;
    return seal(context, &message->slow->bound, data, size, text_size);
}

static lwsec_status write_protected(const lwsec_oscore *context, outgoing *message,
                                    lwsec_buffer *out)
{
    size_t size = 0;
    size_t text_size = 0;

    lwsec_status status = write_open(context, message, out, &size, &text_size);
    if (status != LWSEC_OK) {
        return status;
    }
    status = seal_message(context, message, out->data, size, text_size);
    if (status == LWSEC_OK) {
        out->size = size;
    } else if (status != LWSEC_PENDING) {
        lwsec_wipe(out->data, size);
    }
    return status;
}

/* ---- The calls ---- */

/* What stands before any number is taken: the code, the options, the room. */
static lwsec_status prepare(const lwsec_oscore *context, outgoing *message, bool response,
                            size_t capacity, lwsec_reason *reason)
{
    const uint8_t code = message->plain.code;

    if (!(response ? lwsec_oscore_is_response(code) : lwsec_oscore_is_request(code))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 1, reason);
    }
    message->special = (message->seen & LWSEC_OSCORE_SPECIAL) != 0;
    message->observe = lwsec_bytes_of(NULL, 0);
    message->response = response;
    message->option_size = 0;
    message->growth = 0;
    const lwsec_why why = message->special ? check_options(message) : LWSEC_WHY_NONE;
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    const size_t inside =
        message->plain.options.size + message->plain.payload.size + message->growth;
    const size_t size = message->plain.token.size + inside;
    if (inside + 2 > lwsec_aead_text_max(context->aead)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (capacity < size + LWSEC_OSCORE_OVERHEAD + context->id_context_size) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    /* With Observe, FETCH and Content take the place of POST and Changed: section 4.1.3.5. */
    const bool observe = message->observe.data != NULL;
    if (response) {
        message->outer_code = observe ? LWSEC_COAP_CONTENT : LWSEC_COAP_CHANGED;
    } else {
        message->outer_code = observe ? LWSEC_COAP_FETCH : LWSEC_COAP_POST;
    }
    return LWSEC_OK;
}

static lwsec_status finish(const lwsec_oscore *context, outgoing *message, lwsec_buffer *out,
                           lwsec_reason *reason)
{
    const lwsec_status status = write_protected(context, message, out);

    if (status == LWSEC_OK) {
        return lwsec_accept(reason);
    }
    return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
}

static bool registers(const outgoing *message)
{
    uint32_t observe;

    return message->observe.data != NULL && lwsec_coap_option_uint(message->observe, &observe) &&
           observe == 0;
}

/* R-5.5.1-01, R-5.5.1-02: between a client and its Bootstrap-Server or Server. R-5.5.6-01: whoever
 * sends a request is the OSCORE client of it. R-5.5.1-05: what is sent has the OSCORE option, and
 * takes the place of the message. */
lwsec_status lwsec_oscore_protect_request(lwsec_oscore *context, lwsec_bytes wire,
                                          lwsec_oscore_request *request, lwsec_buffer *out,
                                          lwsec_reason *reason)
{
    return lwsec_oscore_protect_request_slow(context, wire, request, NULL, out, reason);
}

lwsec_status lwsec_oscore_protect_request_slow(lwsec_oscore *context, lwsec_bytes wire,
                                               lwsec_oscore_request *request, lwsec_slow *slow,
                                               lwsec_buffer *out, lwsec_reason *reason)
{
    outgoing message;
    uint64_t number = 0;

    message.slow = slow;
    out->size = 0;
    lwsec_request_clear(request);
    lwsec_status status =
        lwsec_oscore_decode_apart(context, wire, out, &message.plain, &message.seen, reason);
    if (status == LWSEC_OK) {
        status = prepare(context, &message, false, out->capacity, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_oscore_numbers_take(context, &number, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(number);
    write_request_option(&message, context, &piv);
    bind_to(&message, context, &context->sender_id, &piv);
    message.bound.nonce = lwsec_oscore_nonce_of(context, &context->sender_id, &piv);
    status = finish(context, &message, out, reason);
    const uint32_t flags = LWSEC_REQUEST_OURS | LWSEC_REQUEST_NONCE |
                           (registers(&message) ? LWSEC_REQUEST_OBSERVES : 0U);
    if (status == LWSEC_OK) {
        lwsec_request_open(request, context, number, flags);
    } else if (status == LWSEC_PENDING && slow != NULL) { /* only a slow one does */
        slow->number = number;
        slow->flags = flags;
    }
    return status;
}

/* The nonce of the request once, a number of our own ever after: section 5.2, and trap of all who
 * kept one nonce a context instead of one a request. */
static lwsec_status choose_nonce(lwsec_oscore *context, lwsec_request *request,
                                 const lwsec_oscore_piv *request_piv, bool own_piv,
                                 outgoing *message, lwsec_reason *reason)
{
    const bool free_nonce = (request->flags & LWSEC_REQUEST_NONCE) != 0;
    uint64_t number = 0;

    if (!own_piv && free_nonce && message->observe.data == NULL) {
        const lwsec_status status = lwsec_oscore_numbers_take(context, NULL, reason);
        if (status == LWSEC_OK) {
            request->flags &= ~(uint32_t)LWSEC_REQUEST_NONCE;
            message->bound.nonce =
                lwsec_oscore_nonce_of(context, &context->recipient_id, request_piv);
        }
        return status;
    }
    const lwsec_status status = lwsec_oscore_numbers_take(context, &number, reason);
    if (status == LWSEC_OK) {
        /* Only the first response may be without a number: section 4.1.3.5. */
        request->flags &= ~(uint32_t)LWSEC_REQUEST_NONCE;
        const lwsec_oscore_piv piv = lwsec_oscore_piv_of(number);
        message->bound.nonce = lwsec_oscore_nonce_of(context, &context->sender_id, &piv);
        write_response_option(message, context, &piv);
    }
    return status;
}

static lwsec_status protect_parsed(lwsec_oscore *context, lwsec_request *request,
                                   const lwsec_coap_message *plain, uint64_t seen, bool own_piv,
                                   lwsec_slow *slow, lwsec_buffer *out, lwsec_reason *reason)
{
    outgoing message;

    const lwsec_oscore_piv request_piv = lwsec_oscore_piv_of(request->number);

    message.slow = slow;
    message.plain = *plain;
    message.seen = seen;
    lwsec_status status = prepare(context, &message, true, out->capacity, reason);
    if (status == LWSEC_OK) {
        status = choose_nonce(context, request, &request_piv, own_piv, &message, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    bind_to(&message, context, &context->recipient_id, &request_piv);
    return finish(context, &message, out, reason);
}

lwsec_status lwsec_oscore_protect_parsed(lwsec_oscore *context, lwsec_request *request,
                                         const lwsec_coap_message *plain, uint64_t seen,
                                         bool own_piv, lwsec_buffer *out, lwsec_reason *reason)
{
    return protect_parsed(context, request, plain, seen, own_piv, NULL, out, reason);
}

lwsec_status lwsec_oscore_protect_response(lwsec_oscore *context, lwsec_oscore_request *request,
                                           lwsec_bytes wire, bool own_piv, lwsec_buffer *out,
                                           lwsec_reason *reason)
{
    return lwsec_oscore_protect_response_slow(context, request, wire, own_piv, NULL, out, reason);
}

lwsec_status lwsec_oscore_protect_response_slow(lwsec_oscore *context,
                                                lwsec_oscore_request *request, lwsec_bytes wire,
                                                bool own_piv, lwsec_slow *slow, lwsec_buffer *out,
                                                lwsec_reason *reason)
{
    lwsec_request *inside = lwsec_request_inside(request);
    lwsec_coap_message plain;
    uint64_t seen;

    out->size = 0;
    if (!lwsec_request_is(inside, context, LWSEC_REQUEST_PEERS) ||
        (inside->flags & LWSEC_REQUEST_CHALLENGED) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    const lwsec_status status =
        lwsec_oscore_decode_apart(context, wire, out, &plain, &seen, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    return protect_parsed(context, inside, &plain, seen, own_piv, slow, out, reason);
}
