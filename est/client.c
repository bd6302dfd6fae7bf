/* An enrolment: the certificates of the authorities, then our own. */
#include "est/client.h"

#include "core/reason.h"
#include "est/links.h"

#include <string.h>

#define DEFAULT_PATH "/.well-known/est"
#define SEGMENTS_MAX 10U
#define SEGMENT_MAX 255U
#define ROOM_MAX ((uint32_t)1 << 20)
#define WAIT_MIN 1000U /* ms; Max-Age 0 is no reason to ask all the time */
#define FLAGS_KNOWN ((uint32_t)(LWSEC_EST_SECURED | LWSEC_EST_RENEW | LWSEC_EST_DISCOVER))

/* The wall between a struct and its rooms. */
_Static_assert(sizeof(struct lwsec_est) + 8 <= LWSEC_EST_SIZE(0), "LWSEC_EST_SIZE");

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static uint32_t room_of(const lwsec_est_config *config)
{
    return (or_default(config->room, LWSEC_EST_ROOM_DEFAULT) + 7U) / 8U * 8U;
}

size_t lwsec_est_size(const lwsec_est_config *config)
{
    return (sizeof(lwsec_est) + 7) / 8 * 8 + 2 * (size_t)room_of(config);
}

/* "/a/b": each segment has 1 to 255 bytes, all visible ASCII. */
static bool is_path(lwsec_bytes path)
{
    size_t segments = 0;

    for (size_t i = 0; i < path.size; i++) {
        const bool slash = path.data[i] == '/';
        if (path.data[i] <= 0x20 || path.data[i] >= 0x7f || (i == 0 && !slash) ||
            (slash && (i + 1 == path.size || path.data[i + 1] == '/'))) {
            return false;
        }
        segments += slash ? 1U : 0U;
    }
    return path.size <= LWSEC_EST_PATH_MAX && segments <= SEGMENTS_MAX;
}

static bool is_known(const lwsec_est_config *config)
{
    const bool renews = (config->flags & LWSEC_EST_RENEW) != 0;
    const bool discovers = (config->flags & LWSEC_EST_DISCOVER) != 0;

    return (config->flags & ~FLAGS_KNOWN) == 0 && config->request != NULL &&
           config->engine != NULL && config->clock != NULL && is_path(config->path) &&
           (config->path.size == 0 || !discovers) &&
           (!renews || config->request->renews.size > 0) &&
           (config->accept == 0 || config->accept == LWSEC_EST_CERTS_ONLY ||
            config->accept == LWSEC_EST_CERTIFICATE) &&
           config->szx <= LWSEC_BLOCK_SZX_MAX + 1U && config->room <= ROOM_MAX &&
           config->ack_timeout <= LWSEC_EST_ANSWER_TIMEOUT;
}

static void fill(lwsec_est *est, const lwsec_est_config *config, uint64_t now)
{
    est->flags = config->flags;
    est->engine = config->engine;
    est->clock = config->clock;
    est->argument = config->argument;
    est->key = config->request->key;
    est->endpoint = config->endpoint;
    est->policy = config->policy;
    est->path = config->path.size > 0 ? config->path
                                      : lwsec_bytes_of(DEFAULT_PATH, sizeof DEFAULT_PATH - 1);
    est->accept = config->accept;
    est->szx = config->szx;
    est->room = room_of(config);
    est->end = now + or_default(config->patience, LWSEC_EST_PATIENCE);
    est->wait = UINT64_MAX;
    est->phase =
        (config->flags & LWSEC_EST_DISCOVER) != 0 ? LWSEC_EST_DISCOVERS : LWSEC_EST_AUTHORITIES;
    lwsec_request_tags_init(&est->tags, 0);
}

/* R-5.2.4-18: the key pair is the caller's, and its own. R-5.2.4-16: random numbers come from where
 * it lives. */
static lwsec_status begin(lwsec_est *est, const lwsec_est_config *config, uint64_t now,
                          lwsec_reason *reason)
{
    lwsec_buffer request = lwsec_buffer_of(est->request, sizeof est->request);
    uint8_t random[LWSEC_EST_RANDOM_SIZE];

    fill(est, config, now);
    lwsec_status status = lwsec_csr_make(config->request, &request, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    est->request_size = request.size;
    status = lwsec_random(est->key.store, random, sizeof random);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    lwsec_est_exchange_init(&est->exchange, or_default(config->ack_timeout, LWSEC_EST_ACK_TIMEOUT),
                            or_default(config->answer_timeout, LWSEC_EST_ANSWER_TIMEOUT), random);
    return lwsec_est_transfer_begin(est, now, reason);
}

/* RFC 9148 section 3: nothing is sent outside of a session in which both are authenticated. */
lwsec_status lwsec_est_open(void *memory, size_t size, const lwsec_est_config *config, uint64_t now,
                            lwsec_est **est, lwsec_reason *reason)
{
    *est = NULL;
    if (config->size != sizeof *config) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if ((config->flags & LWSEC_EST_SECURED) == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_EST_UNSECURED, 0, reason);
    }
    if (!is_known(config) || (uintptr_t)memory % 8 != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < lwsec_est_size(config)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(memory, 0, lwsec_est_size(config));
    lwsec_est *made = memory;
    const lwsec_status status = begin(made, config, now, reason);
    if (status != LWSEC_OK) {
        lwsec_wipe(memory, lwsec_est_size(config));
        return status;
    }
    *est = made;
    return lwsec_accept(reason);
}

void lwsec_est_close(lwsec_est **est)
{
    if (*est != NULL) {
        lwsec_wipe(*est, sizeof **est + 2 * (size_t)(*est)->room);
        *est = NULL;
    }
}

/* ---- The course ---- */

static bool is_over(const lwsec_est *est)
{
    return est->phase == LWSEC_EST_DONE || est->phase == LWSEC_EST_FAILED;
}

/* The end of it, with this answer. */
static lwsec_status end(lwsec_est *est, lwsec_est_phase phase, lwsec_status status)
{
    est->phase = phase;
    lwsec_est_exchange_stop(&est->exchange);
    return status;
}

static lwsec_status give_up(lwsec_est *est, lwsec_why why, lwsec_reason *reason)
{
    return end(est, LWSEC_EST_FAILED, lwsec_refuse(LWSEC_REJECT, why, 0, reason));
}

/* A link to the function, as one that needs no decoding. */
static lwsec_status take_link(lwsec_bytes links, const char *type, lwsec_est_function *to,
                              lwsec_reason *reason)
{
    lwsec_bytes path;
    const lwsec_status status =
        lwsec_est_find_link(links, lwsec_bytes_of(type, strlen(type)), &path, reason);

    if (status == LWSEC_REJECT) {
        return status;
    }
    if (status != LWSEC_OK || !is_path(path) || memchr(path.data, '%', path.size) != NULL ||
        memchr(path.data, '?', path.size) != NULL) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_EST_ANSWER, 0, reason);
    }
    memcpy(to->path, path.data, path.size);
    to->size = path.size;
    return LWSEC_OK;
}

static lwsec_status take_links(lwsec_est *est, lwsec_bytes body, uint64_t now, lwsec_reason *reason)
{
    const char *type = (est->flags & LWSEC_EST_RENEW) != 0 ? "ace.est.sren" : "ace.est.sen";
    lwsec_status status = take_link(body, "ace.est.crts", &est->crts, reason);

    if (status == LWSEC_OK) {
        status = take_link(body, type, &est->enrols, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    est->phase = LWSEC_EST_AUTHORITIES;
    return lwsec_est_transfer_begin(est, now, reason);
}

static lwsec_status take_authorities(lwsec_est *est, lwsec_bytes body, uint64_t now,
                                     lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_est_certificates(body, (uint16_t)est->format, est->authorities, LWSEC_CERT_CHAIN_MAX,
                               &est->authority_count, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    est->phase = LWSEC_EST_ENROLS;
    return lwsec_est_transfer_begin(est, now, reason);
}

static lwsec_status take_certificate(lwsec_est *est, lwsec_bytes body, lwsec_reason *reason)
{
    lwsec_bytes answer[LWSEC_CERT_CHAIN_MAX];
    size_t count = 0;
    lwsec_status status = lwsec_est_certificates(body, (uint16_t)est->format, answer,
                                                 LWSEC_CERT_CHAIN_MAX, &count, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_est_check check = {.size = sizeof check,
                                   .key = est->key,
                                   .answer = answer,
                                   .answer_count = count,
                                   .authorities = est->authorities,
                                   .authority_count = est->authority_count,
                                   .time = est->clock(est->argument),
                                   .endpoint = est->endpoint,
                                   .policy = est->policy};
    status = lwsec_est_judge(est->engine, &check, est->chain, &est->chain_count, reason);
    return status == LWSEC_OK ? end(est, LWSEC_EST_DONE, lwsec_accept(reason)) : status;
}

/* RFC 9148 section 4.7: after Max-Age the same is asked again, as long as we have the patience. */
static lwsec_status wait(lwsec_est *est, uint32_t max_age, uint64_t now, lwsec_reason *reason)
{
    const uint64_t asked = (uint64_t)max_age * 1000;

    if (est->phase != LWSEC_EST_ENROLS) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_EST_REFUSED, 0, reason);
    }
    est->wait = now + (asked > WAIT_MIN ? asked : WAIT_MIN);
    if (est->wait >= est->end) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_EST_PATIENCE, 0, reason);
    }
    est->phase = LWSEC_EST_WAITS;
    return lwsec_accept(reason);
}

static lwsec_status take_body(lwsec_est *est, lwsec_bytes body, uint64_t now, lwsec_reason *reason)
{
    switch (est->phase) {
    case LWSEC_EST_DISCOVERS: return take_links(est, body, now, reason);
    case LWSEC_EST_AUTHORITIES: return take_authorities(est, body, now, reason);
    default: return take_certificate(est, body, reason);
    }
}

static lwsec_status take_answer(lwsec_est *est, const lwsec_coap_message *answer, uint64_t now,
                                lwsec_reason *reason)
{
    lwsec_bytes body = {NULL, 0};
    uint32_t max_age = 0;
    const lwsec_status status = lwsec_est_transfer_take(est, answer, now, &body, &max_age, reason);

    switch (status) {
    case LWSEC_OK: return take_body(est, body, now, reason);
    case LWSEC_PENDING: return lwsec_accept(reason); /* the next block */
    case LWSEC_CHALLENGE: return wait(est, max_age, now, reason);
    default: return status;
    }
}

lwsec_status lwsec_est_feed(lwsec_est *est, lwsec_bytes message, uint64_t now, lwsec_reason *reason)
{
    lwsec_coap_message read;

    (void)lwsec_accept(reason);
    if (lwsec_coap_decode(LWSEC_COAP_UDP, message, &read, NULL) != LWSEC_OK) {
        return LWSEC_ABSENT;
    }
    switch (lwsec_est_exchange_feed(&est->exchange, &read, now)) {
    case LWSEC_EST_NOTED: return LWSEC_OK;
    case LWSEC_EST_RESET: return give_up(est, LWSEC_WHY_EST_REFUSED, reason);
    case LWSEC_EST_ANSWERED: break;
    default: return LWSEC_ABSENT;
    }
    const lwsec_status status = take_answer(est, &read, now, reason);
    return status == LWSEC_OK ? LWSEC_OK : end(est, LWSEC_EST_FAILED, status);
}

lwsec_status lwsec_est_step(lwsec_est *est, uint64_t now, lwsec_reason *reason)
{
    (void)lwsec_accept(reason);
    if (is_over(est)) {
        return LWSEC_OK;
    }
    if (now >= est->end) {
        return give_up(est, LWSEC_WHY_EST_PATIENCE, reason);
    }
    if (!lwsec_est_exchange_step(&est->exchange, now)) {
        return give_up(est, LWSEC_WHY_EST_SILENT, reason);
    }
    if (est->phase == LWSEC_EST_WAITS && now >= est->wait) {
        est->phase = LWSEC_EST_ENROLS;
        const lwsec_status status = lwsec_est_transfer_begin(est, now, reason);
        return status == LWSEC_OK ? LWSEC_OK : end(est, LWSEC_EST_FAILED, status);
    }
    return LWSEC_OK;
}

/* ---- What there is to see ---- */

lwsec_status lwsec_est_take(lwsec_est *est, lwsec_buffer *message)
{
    return lwsec_est_exchange_take(&est->exchange, message);
}

uint64_t lwsec_est_deadline(const lwsec_est *est)
{
    if (is_over(est)) {
        return UINT64_MAX;
    }
    const uint64_t next = est->phase == LWSEC_EST_WAITS ? est->wait : est->exchange.deadline;
    return next < est->end ? next : est->end;
}

lwsec_est_phase lwsec_est_phase_of(const lwsec_est *est)
{
    return est->phase;
}

uint8_t lwsec_est_code(const lwsec_est *est)
{
    return est->code;
}

/* R-5.2.9.3-14: in DER, the certificate first and then those above it. */
lwsec_status lwsec_est_identity(const lwsec_est *est, lwsec_buffer *identity)
{
    size_t size = 0;

    identity->size = 0;
    if (est->phase != LWSEC_EST_DONE) {
        return LWSEC_ABSENT;
    }
    for (size_t i = 0; i < est->chain_count; i++) {
        if (est->chain[i].size > identity->capacity - size) {
            return LWSEC_BUFFER;
        }
        memcpy(&identity->data[size], est->chain[i].data, est->chain[i].size);
        size += est->chain[i].size;
    }
    identity->size = size;
    return LWSEC_OK;
}

const lwsec_bytes *lwsec_est_chain(const lwsec_est *est, size_t *count)
{
    *count = est->phase == LWSEC_EST_DONE ? est->chain_count : 0;
    return est->chain;
}

const lwsec_bytes *lwsec_est_authorities(const lwsec_est *est, size_t *count)
{
    *count = est->authority_count;
    return est->authorities;
}
