/* One request of EST-coaps and its answer, in as many messages as they need: RFC 9148 section 4. */
#include "core/reader.h"
#include "core/reason.h"
#include "est/client.h"

#include <string.h>

#define SEGMENTS_MAX 12U
#define OPTIONS_MAX (SEGMENTS_MAX + 2U + 2U * LWSEC_BLOCK_OPTIONS_MAX)
#define SERVICE_UNAVAILABLE LWSEC_COAP_CODE(5, 3)
#define RESTARTS 2U

/* Options on their way into a message. */
typedef struct options {
    lwsec_coap_option list[OPTIONS_MAX];
    size_t count;
} options;

static void add(options *to, uint32_t number, lwsec_bytes value)
{
    size_t place = to->count;

    if (to->count == OPTIONS_MAX) {
        return; /* a path has no more segments: it was checked */
    }
    for (; place > 0 && to->list[place - 1].number > number; place--) {
        to->list[place] = to->list[place - 1];
    }
    to->list[place] = (lwsec_coap_option){number, value};
    to->count++;
}

static void add_part(options *to, const lwsec_block_part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        add(to, part->options[i].number, part->options[i].value);
    }
}

static void add_path(options *to, lwsec_bytes path)
{
    lwsec_reader reader = lwsec_reader_of(path);

    while (lwsec_reader_left(&reader) > 0) {
        (void)lwsec_reader_u8(&reader); /* the slash */
        const size_t begin = reader.position;
        while (lwsec_reader_left(&reader) > 0 && lwsec_reader_peek(&reader) != '/') {
            (void)lwsec_reader_u8(&reader);
        }
        add(to, LWSEC_COAP_URI_PATH, lwsec_reader_since(&reader, begin));
    }
}

static bool is_get(const lwsec_est *est)
{
    return est->phase != LWSEC_EST_ENROLS;
}

/* R-5.2.4-21: the short names of RFC 9148 section 4.1, Table 1. */
static lwsec_bytes function(const lwsec_est *est)
{
    if (is_get(est)) {
        return lwsec_bytes_of("crts", 4);
    }
    return (est->flags & LWSEC_EST_RENEW) != 0 ? lwsec_bytes_of("sren", 4)
                                               : lwsec_bytes_of("sen", 3);
}

/* RFC 9148 section 4.1: where the server says that it is, or below the path. */
static void add_target(options *to, const lwsec_est *est)
{
    static const char core[] = "/.well-known/core", query[] = "rt=ace.est*";
    const lwsec_est_function *found = is_get(est) ? &est->crts : &est->enrols;

    if (est->phase == LWSEC_EST_DISCOVERS) {
        add_path(to, lwsec_bytes_of(core, sizeof core - 1));
        add(to, LWSEC_COAP_URI_QUERY, lwsec_bytes_of(query, sizeof query - 1));
    } else if (found->size > 0) {
        add_path(to, lwsec_bytes_of(found->path, found->size));
    } else {
        add_path(to, est->path);
        add(to, LWSEC_COAP_URI_PATH, function(est));
    }
}

static uint16_t accepted(const lwsec_est *est)
{
    return est->phase == LWSEC_EST_DISCOVERS ? (uint16_t)LWSEC_EST_LINKS : est->accept;
}

/* The next message. The options are in their order: those of one number as they were added. */
static lwsec_status send_next(lwsec_est *est, uint64_t now, lwsec_reason *reason)
{
    uint8_t format[4], accept[4];
    options all = {.count = 0};
    lwsec_block_part sent = {.count = 0}, received;

    add_target(&all, est);
    if (!is_get(est)) {
        add(&all, LWSEC_COAP_CONTENT_FORMAT, lwsec_coap_uint_value(LWSEC_EST_PKCS10, format));
    }
    if (accepted(est) != 0) {
        add(&all, LWSEC_COAP_ACCEPT, lwsec_coap_uint_value(accepted(est), accept));
    }
    if (est->posts) {
        const lwsec_status status = lwsec_block1_send_next(&est->sending, &sent, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    lwsec_block2_receive_next(&est->receiving, &received);
    add_part(&all, &sent);
    add_part(&all, &received);
    return lwsec_est_exchange_send(&est->exchange, is_get(est) ? LWSEC_COAP_GET : LWSEC_COAP_POST,
                                   all.list, all.count, sent.payload, now, reason);
}

/* RFC 9148 section 4.7: each time the identical request. */
static lwsec_status begin_post(lwsec_est *est, lwsec_reason *reason)
{
    const lwsec_block_source source = {.body = {est->request, est->request_size}};
    const uint8_t szx = est->szx > 0 ? (uint8_t)(est->szx - 1U) : (uint8_t)LWSEC_BLOCK_SZX_MAX;
    options named = {.count = 0};

    add_target(&named, est);
    est->tag = lwsec_request_tag_begin(&est->tags, LWSEC_COAP_POST, named.list, named.count);
    est->posts = true;
    return lwsec_block1_send_start(&est->sending, &source, szx, &est->tag, reason);
}

lwsec_status lwsec_est_transfer_begin(lwsec_est *est, uint64_t now, lwsec_reason *reason)
{
    const lwsec_block2_receive_config config = {.size = sizeof config,
                                                .body = lwsec_est_room(est),
                                                .restarts = is_get(est) ? RESTARTS : 0,
                                                .szx = est->szx,
                                                .tag = is_get(est) ? NULL : &est->tag};

    est->posts = false;
    est->formats = false;
    if (!is_get(est)) {
        lwsec_request_tag_end(&est->tag);
        const lwsec_status status = begin_post(est, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    const lwsec_status status = lwsec_block2_receive_start(&est->receiving, &config, reason);
    return status == LWSEC_OK ? send_next(est, now, reason) : status;
}

/* ---- Answers ---- */

/* RFC 7252 section 5.4.1: an answer with a critical option that is not known is not taken. */
static bool has_unknown(const lwsec_coap_message *answer)
{
    lwsec_coap_walk walk = lwsec_coap_options(answer);
    lwsec_coap_option option;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number % 2 == 1 && option.number != LWSEC_COAP_BLOCK1 &&
            option.number != LWSEC_COAP_BLOCK2) {
            return true;
        }
    }
    return false;
}

static lwsec_status fail(lwsec_why why, lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
}

static bool may_have(const lwsec_est *est, uint32_t format)
{
    return accepted(est) != 0 ? format == accepted(est)
                              : format == LWSEC_EST_CERTS_ONLY || format == LWSEC_EST_CERTIFICATE;
}

/* The format is one that was asked for, and the same in all blocks. */
static bool take_format(lwsec_est *est, const lwsec_coap_message *answer)
{
    lwsec_coap_option option;
    uint32_t format = 0;

    if (!lwsec_coap_option_find(answer, LWSEC_COAP_CONTENT_FORMAT, &option)) {
        return est->formats; /* a later block need not tell it again */
    }
    if (!lwsec_coap_option_uint(option.value, &format) || !may_have(est, format) ||
        (est->formats && format != est->format)) {
        return false;
    }
    est->formats = true;
    est->format = format;
    return true;
}

static uint32_t max_age_of(const lwsec_coap_message *answer)
{
    lwsec_coap_option option;
    uint32_t seconds = LWSEC_EST_MAX_AGE_DEFAULT;

    if (lwsec_coap_option_find(answer, LWSEC_COAP_MAX_AGE, &option) &&
        !lwsec_coap_option_uint(option.value, &seconds)) {
        return UINT32_MAX;
    }
    return seconds;
}

/* An answer to the body of a POST. LWSEC_OK: it is an answer to all of it. */
static lwsec_status take_sent(lwsec_est *est, const lwsec_coap_message *answer, uint64_t now,
                              lwsec_reason *reason)
{
    lwsec_block_step step = LWSEC_BLOCK_DONE;
    const lwsec_status status = lwsec_block1_send_answer(&est->sending, answer, &step, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (step == LWSEC_BLOCK_NEXT) {
        const lwsec_status sent = send_next(est, now, reason);
        return sent == LWSEC_OK ? LWSEC_PENDING : sent;
    }
    est->posts = false;
    return LWSEC_OK;
}

/* What came in one message lies in that message: it has to stay. */
static lwsec_status keep(lwsec_est *est, lwsec_bytes *body, lwsec_reason *reason)
{
    const lwsec_buffer room = lwsec_est_room(est);

    if (body->size == 0) {
        return fail(LWSEC_WHY_EST_ANSWER, reason);
    }
    if (body->size > room.capacity) {
        return fail(LWSEC_WHY_COAP_BODY, reason);
    }
    memmove(room.data, body->data, body->size);
    body->data = room.data;
    return LWSEC_OK;
}

static lwsec_status take_received(lwsec_est *est, const lwsec_coap_message *answer, uint64_t now,
                                  lwsec_bytes *body, lwsec_reason *reason)
{
    lwsec_block2_taken taken;
    lwsec_status status = lwsec_block2_receive_answer(&est->receiving, answer, &taken, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (taken.step == LWSEC_BLOCK_NEXT) {
        status = send_next(est, now, reason);
        return status == LWSEC_OK ? LWSEC_PENDING : status;
    }
    *body = taken.body;
    return keep(est, body, reason);
}

/* RFC 9148 section 4.5: 2.05 answers a GET, and 2.04 a POST. */
lwsec_status lwsec_est_transfer_take(lwsec_est *est, const lwsec_coap_message *answer, uint64_t now,
                                     lwsec_bytes *body, uint32_t *max_age, lwsec_reason *reason)
{
    est->code = answer->code;
    if (has_unknown(answer)) {
        return fail(LWSEC_WHY_EST_ANSWER, reason);
    }
    if (est->posts) {
        const lwsec_status status = take_sent(est, answer, now, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    if (answer->code == SERVICE_UNAVAILABLE) {
        *max_age = max_age_of(answer);
        return LWSEC_CHALLENGE;
    }
    if (answer->code >> 5 != 2) {
        return fail(LWSEC_WHY_EST_REFUSED, reason);
    }
    if (answer->code != (is_get(est) ? LWSEC_COAP_CONTENT : LWSEC_COAP_CHANGED) ||
        !take_format(est, answer)) {
        return fail(LWSEC_WHY_EST_ANSWER, reason);
    }
    return take_received(est, answer, now, body, reason);
}
