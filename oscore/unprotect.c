/* Unprotecting requests and responses: RFC 8613 sections 8.2 and 8.4. */
#include "coap/option.h"
#include "core/epoch.h"
#include "core/reader.h"
#include "core/reason.h"
#include "crypto/use.h"
#include "oscore/classes.h"
#include "oscore/cose.h"
#include "oscore/frame.h"
#include "oscore/kudos_option.h"
#include "oscore/numbers.h"
#include "oscore/option.h"
#include "oscore/request.h"
#include "state/finish.h"
#include "state/shared_window.h"

#include <string.h>

/* The room that a rewritten Observe option may take more than the one that came. */
#define OBSERVE_GROWTH 4U

/* A message on its way in. */
typedef struct incoming {
    lwsec_coap_message outer;
    lwsec_oscore_option option;
    uint64_t number;   /* its Partial IV, where it has one */
    bool outer_kept;   /* some option outside stays in the plain message */
    bool notification; /* its Observe option becomes the end of the Partial IV */

    size_t body_at; /* where the plain body goes */
    size_t text_at; /* where the decrypted text stands */
    size_t text_size;
    lwsec_coap_message inner; /* code, options and payload that were decrypted */
    bool observed;            /* there is an Observe option among them */
} incoming;

/* ---- Outside: before anything is decrypted ---- */

/* The fields of KUDOS were judged before: here they are passed over. */
static lwsec_why read_kudos(lwsec_bytes value, lwsec_oscore_option *base, size_t *offset)
{
    lwsec_oscore_kudos_option option;
    const lwsec_why why = lwsec_oscore_kudos_option_read(value, &option, offset);

    *base = option.base;
    return why;
}

/* Finds the one OSCORE option. The options were checked when the message was decoded. */
static lwsec_why find_option(const lwsec_oscore *context, incoming *message)
{
    lwsec_reader reader = lwsec_reader_of(message->outer.options);
    lwsec_coap_option option = {0, {NULL, 0}};
    size_t offset;

    while (option.number < LWSEC_COAP_OSCORE && lwsec_reader_left(&reader) > 0) {
        option = lwsec_coap_read_option(&reader, option.number);
    }
    if (option.number != LWSEC_COAP_OSCORE) {
        return LWSEC_WHY_OSCORE_UNPROTECTED;
    }
    if (lwsec_reader_left(&reader) > 0 && lwsec_reader_peek(&reader) >> 4 == 0) {
        return LWSEC_WHY_COAP_OPTION_TWICE; /* a delta of 0: the same number again */
    }
    lwsec_why why = lwsec_oscore_option_read(option.value, &message->option, &offset);
    if (why == LWSEC_WHY_OSCORE_RESERVED && context->accepts_kudos) {
        why = read_kudos(option.value, &message->option, &offset);
    }
    return why == LWSEC_WHY_TRUNCATED || why == LWSEC_WHY_TRAILING_BYTES ? LWSEC_WHY_OSCORE_OPTION
                                                                         : why;
}

static lwsec_status read_outside(const lwsec_oscore *context, lwsec_bytes wire, bool response,
                                 const lwsec_buffer *out, incoming *message, lwsec_reason *reason)
{
    uint64_t seen;

    if (context->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    const lwsec_status status =
        lwsec_oscore_decode_apart(context, wire, out, &message->outer, &seen, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const uint8_t code = message->outer.code;
    if (!(response ? lwsec_oscore_is_response(code) : lwsec_oscore_is_request(code))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 0, reason);
    }
    const lwsec_why why = find_option(context, message);
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    /* All options outside are discarded but those of class U: sections 8.2 and 8.4, step 1. */
    message->outer_kept = (seen & LWSEC_OSCORE_KEPT) != 0;
    if (message->outer.payload.size <= context->aead->tag_size) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NO_PAYLOAD, 0, reason);
    }
    if (out->capacity < wire.size + 8) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    message->notification = false;
    message->number = 0;
    for (size_t i = 0; i < message->option.partial_iv.size; i++) {
        message->number = message->number << 8 | message->option.partial_iv.data[i];
    }
    return LWSEC_OK;
}

static bool same(lwsec_bytes one, lwsec_bytes other)
{
    unsigned difference = 0; /* no secrets: what counts is that a few bytes cost few instructions */

    if (one.size != other.size) {
        return false;
    }
    for (size_t i = 0; i < one.size; i++) {
        difference |= (unsigned)(one.data[i] ^ other.data[i]);
    }
    return difference == 0;
}

/* Whether the kid context is the ID Context, as it is or wrapped as in Appendix B.2. */
static bool names_context(const lwsec_oscore *context, lwsec_bytes kid_context)
{
    lwsec_bytes unwrapped;

    const lwsec_bytes id_context = lwsec_oscore_id_context(context);

    return id_context.data != NULL &&
           (same(kid_context, id_context) ||
            (lwsec_oscore_unwrap(kid_context, &unwrapped) && same(unwrapped, id_context)));
}

/* Whether the request is one for this context at all. */
static lwsec_why check_request(const lwsec_oscore *context, const incoming *message)
{
    if (message->option.partial_iv.data == NULL) {
        return LWSEC_WHY_OSCORE_PIV;
    }
    if (message->option.kid.data == NULL) {
        return LWSEC_WHY_OSCORE_NO_KID;
    }
    if (!same(message->option.kid, lwsec_oscore_id_bytes(&context->recipient_id))) {
        return LWSEC_WHY_OSCORE_OTHER_KID;
    }
    return message->option.kid_context.data == NULL ||
                   names_context(context, message->option.kid_context)
               ? LWSEC_WHY_NONE
               : LWSEC_WHY_OSCORE_OTHER_CONTEXT;
}

/* ---- Opening ---- */

/* The decrypted code lands on the last byte of the header's place, so that options and payload
 * stand where they belong without a copy. What has to be merged is decrypted further on. */
static void place_text(const lwsec_oscore *context, incoming *message, bool may_observe)
{
    message->body_at = lwsec_oscore_body_at(context->framing, message->outer.token.size);
    message->text_at = message->body_at - 1;
    if (message->outer_kept || may_observe) {
        message->text_at += message->outer.options.size + OBSERVE_GROWTH;
    }
    message->text_size = message->outer.payload.size - context->aead->tag_size;
}

/* The value of an option of the decrypted message; NULL data if it is not there. */
static lwsec_bytes find_inside(const incoming *message, uint32_t number)
{
    static const uint8_t empty[1];
    lwsec_coap_option option;

    if (!lwsec_coap_option_find(&message->inner, number, &option)) {
        return lwsec_bytes_of(NULL, 0);
    }
    return option.value.size > 0 ? option.value : lwsec_bytes_of(empty, 0);
}

static lwsec_why read_inside(incoming *message, lwsec_bytes text)
{
    static const lwsec_coap_message nothing;
    lwsec_reader reader = lwsec_reader_of(text);

    message->inner = nothing;
    message->inner.code = lwsec_reader_u8(&reader);
    const uint64_t seen = lwsec_coap_read_body(&reader, &message->inner);
    if (lwsec_reader_failed(&reader) || lwsec_oscore_in(seen, LWSEC_COAP_OSCORE)) {
        return LWSEC_WHY_OSCORE_INNER;
    }
    message->observed = lwsec_oscore_in(seen, LWSEC_COAP_OBSERVE);
    return LWSEC_WHY_NONE;
}

/* Nothing of a message that is refused stays in the output. */
static void wipe_text(const incoming *message, lwsec_buffer *out)
{
    lwsec_wipe(&out->data[message->text_at], message->text_size);
}

static lwsec_status refuse_text(const incoming *message, lwsec_buffer *out, lwsec_status status,
                                lwsec_why why, lwsec_reason *reason)
{
    wipe_text(message, out);
    return lwsec_refuse(status, why, 0, reason);
}

static lwsec_status refuse_open(lwsec_status status, lwsec_reason *reason)
{
    const lwsec_why why = status == LWSEC_REJECT ? LWSEC_WHY_OSCORE_TAG : lwsec_key_why(status);
    return lwsec_refuse(status, why, 0, reason);
}

static lwsec_status open_text(lwsec_oscore *context, incoming *message,
                              const lwsec_oscore_nonce *nonce, lwsec_bytes aad, lwsec_buffer *out,
                              lwsec_reason *reason)
{
    uint8_t *text = &out->data[message->text_at];
    lwsec_status status = LWSEC_OK;

    if (context->opens_failed) {
        status = lwsec_oscore_numbers_save_failures(context, false, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        context->opens_failed = false;
    }
    status = lwsec_key_at_once(
        context->recipient,
        lwsec_key_open(context->recipient,
                       lwsec_oscore_nonce_bytes(nonce, context->aead->nonce_size), aad,
                       message->outer.payload, text, out->capacity - message->text_at));
    if (status != LWSEC_OK) {
        context->opens_failed = true;
        return refuse_open(status, reason);
    }
    const lwsec_why why = read_inside(message, lwsec_bytes_of(text, message->text_size));
    return why == LWSEC_WHY_NONE ? LWSEC_OK : refuse_text(message, out, LWSEC_REJECT, why, reason);
}

/* ---- The plain message ---- */

/* The next option outside that is kept; false when there is none. */
static bool next_kept(lwsec_reader *reader, lwsec_coap_option *option)
{
    while (lwsec_reader_left(reader) > 0) {
        *option = lwsec_coap_read_option(reader, option->number);
        if (lwsec_oscore_in(LWSEC_OSCORE_KEPT, option->number)) {
            return true;
        }
    }
    return false;
}

/* The order of notifications is that of their Partial IVs: section 4.1.3.5.2. */
static lwsec_bytes observe_value(const incoming *message, uint8_t room[4])
{
    return lwsec_coap_uint_value((uint32_t)(message->number & 0xffffffU), room);
}

/* Merges the options kept from outside with those from inside. It writes over what it has read
 * only: the text stands far enough behind. */
static void merge_options(lwsec_writer *writer, const incoming *message)
{
    lwsec_reader outside = lwsec_reader_of(message->outer.options);
    lwsec_reader inside = lwsec_reader_of(message->inner.options);
    lwsec_coap_option kept = {0, {NULL, 0}};
    uint32_t number = 0;
    uint32_t previous = 0;
    bool more = next_kept(&outside, &kept);

    while (lwsec_reader_left(&inside) > 0) {
        uint8_t room[4];
        lwsec_coap_option option = lwsec_coap_read_option(&inside, number);
        number = option.number;
        for (; more && kept.number < number; more = next_kept(&outside, &kept)) {
            lwsec_coap_write_option(writer, previous, &kept);
            previous = kept.number;
        }
        if (number == LWSEC_COAP_OBSERVE && message->notification) {
            if (previous == LWSEC_COAP_OBSERVE) {
                continue; /* there is room for one; more count as unknown: RFC 7252 section 5.4.5 */
            }
            option.value = observe_value(message, room);
        }
        lwsec_coap_write_option(writer, previous, &option);
        previous = number;
    }
    for (; more; more = next_kept(&outside, &kept)) {
        lwsec_coap_write_option(writer, previous, &kept);
        previous = kept.number;
    }
}

static size_t merge_body(const incoming *message, lwsec_buffer *out)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    (void)lwsec_writer_room(&writer, message->body_at);
    merge_options(&writer, message);
    if (message->inner.payload.size > 0) {
        lwsec_writer_u8(&writer, LWSEC_COAP_MARKER);
        lwsec_writer_bytes(&writer, message->inner.payload);
    }
    return writer.size;
}

static void deliver(const lwsec_oscore *context, incoming *message, lwsec_buffer *out)
{
    const size_t text_end = message->text_at + message->text_size;
    const bool in_place = message->text_at + 1 == message->body_at;
    const size_t end = in_place ? text_end : merge_body(message, out);

    message->outer.code = message->inner.code;
    out->size =
        lwsec_oscore_put_head(context->framing, &message->outer, out->data, message->body_at, end);
    if (text_end > out->size) {
        lwsec_wipe(&out->data[out->size], text_end - out->size);
    }
}

/* ---- The calls ---- */

/* LWSEC_OK: the Echo option inside is one of ours, of this life. LWSEC_CHALLENGE: it is not. */
static lwsec_status check_echo(const lwsec_oscore *context, const incoming *message)
{
    const lwsec_bytes echo = find_inside(message, LWSEC_COAP_ECHO);

    if (context->freshness != NULL) {
        return lwsec_freshness_check(context->freshness, lwsec_oscore_life(context), echo);
    }
    return lwsec_equal_secret(echo, lwsec_oscore_life(context)) ? LWSEC_OK : LWSEC_CHALLENGE;
}

/* Whether the request may be acted on: R-5.5.3-12 for the first one, R-5.5.3-13 by rule. */
static lwsec_status check_freshness(const lwsec_oscore *context, const incoming *message)
{
    const bool by_rule = context->freshness != NULL && context->freshness->rule_count > 0 &&
                         lwsec_freshness_needed(context->freshness, &message->inner);

    return context->synchronised && !by_rule ? LWSEC_OK : check_echo(context, message);
}

static lwsec_record shared_record(const lwsec_oscore *context)
{
    lwsec_record record = {LWSEC_RECORD_WINDOW, {0}};
    memcpy(record.identity, lwsec_oscore_shared_identity(context), sizeof record.identity);
    return record;
}

/* A window that contexts share is current as soon as it is there, whoever has written it. */
static lwsec_status find_shared(lwsec_oscore *context, lwsec_reason *reason)
{
    const lwsec_record record = shared_record(context);
    uint8_t room[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version;

    const lwsec_status status = lwsec_state_load(context->state, &record, &value, &version, reason);
    context->synchronised = status == LWSEC_OK;
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

/* Makes the shared window with `number` as its lower limit, in one step: no other context may see
 * one in which an older number still counts as new. LWSEC_CONFLICT: another context was first. A
 * slow state is waited for: the next call would find a window in which the number was taken. */
static lwsec_status make_shared(const lwsec_oscore *context, uint64_t number, lwsec_reason *reason)
{
    const lwsec_record record = shared_record(context);
    uint8_t room[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    lwsec_status status = lwsec_shared_window_restart(number, context->window.size, &value);
    if (status != LWSEC_OK) {
        return status;
    }
    do {
        status = lwsec_state_store_if(context->state, &record, lwsec_buffer_bytes(&value), &version,
                                      reason);
    } while (lwsec_state_finish(context->state, status));
    return lwsec_state_finished(status, reason);
}

/*
 * Where another process has agreed on a new context (Appendix B.2), it has removed the records of
 * this one: first that of the numbers, then the window. If the window has gone before this number
 * was taken, and so was any number, the other record has too.
 */
static lwsec_status confirm(const lwsec_oscore *context, const lwsec_record *window,
                            lwsec_reason *reason)
{
    const lwsec_status status = lwsec_oscore_numbers_confirm(context, reason);

    if (status == LWSEC_NEED_REKEY) {
        (void)(lwsec_state_erase(context->state, window, NULL) == LWSEC_OK);
    }
    return status;
}

/* R-5.1-10: among all contexts that share the window, a number is taken once. */
static lwsec_status commit_shared(lwsec_oscore *context, uint64_t number, lwsec_reason *reason)
{
    const lwsec_record record = shared_record(context);
    lwsec_status status = LWSEC_CONFLICT;

    if (!context->synchronised) {
        status = make_shared(context, number, reason);
    }
    if (status == LWSEC_CONFLICT) {
        status = lwsec_state_window_accept(context->state, &record, number, context->window.size,
                                           reason);
    }
    if (status == LWSEC_CONFLICT) {
        return lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, 0, reason);
    }
    return status == LWSEC_OK ? confirm(context, &record, reason) : status;
}

/* Takes the number, durably where the window is shared, before anything is delivered. */
static lwsec_status commit_number(lwsec_oscore *context, uint64_t number, lwsec_reason *reason)
{
    if (context->shared_window) {
        const lwsec_status status = commit_shared(context, number, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    if (context->synchronised) {
        lwsec_window_commit(&context->window, number);
    } else {
        lwsec_window_restart(&context->window, number);
        context->synchronised = true;
    }
    return LWSEC_OK;
}

/*
 * Marks the number of an authentic request, whose freshness is `fresh`, before anything comes of
 * it. While the window is not known to be current, a challenged number is marked in it too: who
 * replays one request gets one challenge. The proof of a later one makes that request the lower
 * limit.
 */
static lwsec_status take_number(lwsec_oscore *context, uint64_t number, lwsec_status fresh,
                                lwsec_reason *reason)
{
    if (fresh == LWSEC_CHALLENGE && !context->synchronised) {
        lwsec_window_commit(&context->window, number);
        return LWSEC_OK;
    }
    return fresh == LWSEC_OK || fresh == LWSEC_CHALLENGE
               ? commit_number(context, number, reason)
               : lwsec_refuse(fresh, lwsec_key_why(fresh), 0, reason);
}

lwsec_status lwsec_oscore_unprotect_request(lwsec_oscore *context, lwsec_bytes wire,
                                            lwsec_oscore_request *request, lwsec_buffer *out,
                                            lwsec_reason *reason)
{
    incoming message;
    uint8_t aad[LWSEC_OSCORE_AAD_MAX];

    out->size = 0;
    lwsec_request_clear(request);
    lwsec_status status = read_outside(context, wire, false, out, &message, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_why why = check_request(context, &message);
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    if (!context->synchronised && context->shared_window) {
        status = find_shared(context, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    if (!lwsec_window_peek(&context->window, message.number)) {
        return lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, 0, reason);
    }
    const lwsec_oscore_piv piv = lwsec_oscore_piv_of(message.number);
    const size_t aad_size = lwsec_oscore_aad(context, &context->recipient_id, &piv, aad);
    const lwsec_oscore_nonce nonce = lwsec_oscore_nonce_of(context, &context->recipient_id, &piv);
    place_text(context, &message, false);
    status = open_text(context, &message, &nonce, lwsec_bytes_of(aad, aad_size), out, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_oscore_is_request(message.inner.code)) {
        return refuse_text(&message, out, LWSEC_REJECT, LWSEC_WHY_OSCORE_INNER, reason);
    }
    const lwsec_status fresh = check_freshness(context, &message);
    status = take_number(context, message.number, fresh, reason);
    if (status != LWSEC_OK) {
        wipe_text(&message, out);
        return status;
    }
    if (fresh == LWSEC_CHALLENGE) {
        lwsec_request_open(request, context, message.number,
                           LWSEC_REQUEST_PEERS | LWSEC_REQUEST_CHALLENGED);
        return refuse_text(&message, out, LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_NOT_FRESH, reason);
    }
    lwsec_request_open(request, context, message.number, LWSEC_REQUEST_PEERS | LWSEC_REQUEST_NONCE);
    deliver(context, &message, out);
    return lwsec_accept(reason);
}

/* Whether the request still waits for such a response: sections 7.4 and 8.4.2. */
static lwsec_status check_response(const lwsec_request *request, const incoming *message,
                                   lwsec_reason *reason)
{
    const bool has_piv = message->option.partial_iv.data != NULL;

    if ((request->flags & LWSEC_REQUEST_ANSWERED) != 0 ||
        (!has_piv && (request->flags & LWSEC_REQUEST_NONCE) == 0) ||
        (has_piv && message->number < request->notified)) {
        return lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, 0, reason);
    }
    return LWSEC_OK;
}

/* Notes that the response was accepted: what the request waits for from now on. */
static void note_response(lwsec_request *request, const incoming *message)
{
    if (message->option.partial_iv.data == NULL) {
        request->flags &= ~(uint32_t)LWSEC_REQUEST_NONCE;
    } else {
        request->notified = message->number + 1;
    }
    if (!message->notification) {
        request->flags |= LWSEC_REQUEST_ANSWERED;
    }
}

/* Nonce and AAD bind the response to the request: R-5.1-11. */
static lwsec_status open_response(lwsec_oscore *context, const lwsec_request *request,
                                  incoming *message, lwsec_buffer *out, lwsec_reason *reason)
{
    const bool has_piv = message->option.partial_iv.data != NULL;
    const lwsec_oscore_piv request_piv = lwsec_oscore_piv_of(request->number);
    const lwsec_oscore_piv piv = has_piv ? lwsec_oscore_piv_of(message->number) : request_piv;
    uint8_t aad[LWSEC_OSCORE_AAD_MAX];
    const size_t aad_size = lwsec_oscore_aad(context, &context->sender_id, &request_piv, aad);

    const lwsec_oscore_nonce nonce = lwsec_oscore_nonce_of(
        context, has_piv ? &context->recipient_id : &context->sender_id, &piv);

    place_text(context, message, (request->flags & LWSEC_REQUEST_OBSERVES) != 0);
    return open_text(context, message, &nonce, lwsec_bytes_of(aad, aad_size), out, reason);
}

lwsec_status lwsec_oscore_unprotect_response(lwsec_oscore *context, lwsec_oscore_request *request,
                                             lwsec_bytes wire, lwsec_buffer *out,
                                             lwsec_reason *reason)
{
    lwsec_request *inside = lwsec_request_inside(request);
    incoming message;

    out->size = 0;
    if (!lwsec_request_is(inside, context, LWSEC_REQUEST_OURS)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    lwsec_status status = read_outside(context, wire, true, out, &message, reason);
    if (status == LWSEC_OK) {
        status = check_response(inside, &message, reason);
    }
    if (status == LWSEC_OK) {
        status = open_response(context, inside, &message, out, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_oscore_is_response(message.inner.code)) {
        return refuse_text(&message, out, LWSEC_REJECT, LWSEC_WHY_OSCORE_INNER, reason);
    }
    message.notification = message.observed;
    if (message.notification && (inside->flags & LWSEC_REQUEST_OBSERVES) == 0) {
        return refuse_text(&message, out, LWSEC_REJECT, LWSEC_WHY_OSCORE_OBSERVE, reason);
    }
    if (message.notification && message.option.partial_iv.data == NULL && inside->notified != 0) {
        /* It is the oldest, whenever it comes: section 7.4.1. */
        return refuse_text(&message, out, LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, reason);
    }
    note_response(inside, &message);
    deliver(context, &message, out);
    return lwsec_accept(reason);
}
