/* Covers est/: certificates out of answers, and an enrolment whose server says anything. The key
 * is one that the input names, and every signature holds, so that fuzzers get to the end. */
#include "certpolicy/engine.h"
#include "est/links.h"

#include <lwsec/est.h>
#include <lwsec/store.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define POINT_SIZE 65U
#define ROOM 1024U
#define TIME INT64_C(1893456000) /* 2030 */

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void require_inside(lwsec_bytes part, lwsec_bytes whole)
{
    require(part.size > 0 && part.data >= whole.data && part.size <= whole.size &&
            (size_t)(part.data - whole.data) <= whole.size - part.size);
}

/* ---- A store and an engine that agree to everything ---- */

static uint8_t point[POINT_SIZE];

static lwsec_status key_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store;
    (void)slot;
    (void)attributes;
    (void)raw;
    return LWSEC_OK;
}

static lwsec_status key_destroy(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK;
}

static lwsec_status key_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                             uint8_t *signature)
{
    (void)store;
    (void)slot;
    (void)message;
    memset(signature, 1, 64);
    return LWSEC_OK;
}

static lwsec_status key_public(lwsec_store *store, uint32_t slot, uint8_t *out)
{
    (void)store;
    (void)slot;
    memcpy(out, point, sizeof point);
    return LWSEC_OK;
}

static lwsec_status key_random(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    memset(out, 'E', size);
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {.abi = LWSEC_STORE_ABI,
                                    .size = sizeof(lwsec_store_ops),
                                    .name = "agreeing",
                                    .tier = LWSEC_TIER_MEMORY,
                                    .import = key_import,
                                    .destroy = key_destroy,
                                    .sign = key_sign,
                                    .public_key = key_public,
                                    .random = key_random};

static bool parses(const lwsec_cert_engine *self, lwsec_bytes certificate)
{
    (void)self;
    return certificate.size > 0;
}

static bool step(const lwsec_cert_engine *self, lwsec_bytes certificate, lwsec_bytes issuer)
{
    (void)self;
    return certificate.size > 0 && issuer.size > 0;
}

static bool list(lwsec_bytes crl, const lwsec_cert_signed *seal, lwsec_bytes key)
{
    return crl.size > 0 && seal != NULL && key.size > 0;
}

static bool digest(unsigned bits, lwsec_bytes data, uint8_t out[LWSEC_CERT_DIGEST_MAX])
{
    (void)data;
    memset(out, 0, bits / 8);
    return true;
}

static const lwsec_cert_engine engine = {
    .parses = parses, .step = step, .list = list, .digest = digest};

static lwsec_cert_time clock_of(void *argument)
{
    (void)argument;
    return (lwsec_cert_time){LWSEC_CERT_CLOCK_TRUSTED, TIME};
}

/* ---- An answer alone ---- */

static void read_answer(lwsec_bytes payload, uint16_t format)
{
    lwsec_bytes found[LWSEC_CERT_CHAIN_MAX];
    size_t count = 0;
    int64_t due = 0;

    if (lwsec_est_certificates(payload, format, found, LWSEC_CERT_CHAIN_MAX, &count, NULL) !=
        LWSEC_OK) {
        require(count == 0);
        return;
    }
    require(count > 0 && count <= LWSEC_CERT_CHAIN_MAX);
    for (size_t i = 0; i < count; i++) {
        require_inside(found[i], payload);
        require(lwsec_est_renew_at(found[i], 0, &due) == LWSEC_OK);
    }
}

static void read_links(lwsec_bytes payload)
{
    lwsec_bytes path;

    if (lwsec_est_find_link(payload, lwsec_bytes_of("ace.est.sen", 11), &path, NULL) == LWSEC_OK) {
        require_inside(path, payload);
        require(path.data[0] == '/');
    } else {
        require(path.data == NULL);
    }
}

/* ---- An enrolment ---- */

static lwsec_est *est;
static uint64_t now;
static lwsec_coap_message asked; /* the last request */
static uint8_t asked_room[LWSEC_EST_MESSAGE_MAX];

static void take_all(void)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);
    lwsec_coap_message read;

    for (unsigned i = 0; lwsec_est_take(est, &message) == LWSEC_OK; i++) {
        require(i < 2);
        require(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&message), &read, NULL) ==
                LWSEC_OK);
        if (read.code != LWSEC_COAP_EMPTY) {
            memcpy(asked_room, room, message.size);
            require(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_bytes_of(asked_room, message.size),
                                      &asked, NULL) == LWSEC_OK);
        }
    }
}

static void feed(lwsec_bytes message)
{
    const lwsec_est_phase before = lwsec_est_phase_of(est);
    const bool over = before == LWSEC_EST_DONE || before == LWSEC_EST_FAILED;
    const lwsec_status status = lwsec_est_feed(est, message, now, NULL);
    const lwsec_est_phase after = lwsec_est_phase_of(est);

    require(!over || (after == before && (status == LWSEC_OK || status == LWSEC_ABSENT)));
    require(status != LWSEC_ABSENT || after == before);
    require(over || (status == LWSEC_OK || status == LWSEC_ABSENT) == (after != LWSEC_EST_FAILED));
}

/* An answer to the last request, in an acknowledgement or by itself: a code, and all behind the
 * token. */
static void answer(uint8_t type, lwsec_bytes of)
{
    uint8_t room[2048];

    if (of.size == 0 || of.size > sizeof room - 16 || asked.token.size > 8) {
        return;
    }
    room[0] = (uint8_t)(0x40U | (unsigned)type << 4 | asked.token.size);
    room[1] = of.data[0];
    room[2] = (uint8_t)(asked.message_id >> 8);
    room[3] = (uint8_t)asked.message_id;
    memcpy(&room[4], asked.token.data, asked.token.size);
    memcpy(&room[4 + asked.token.size], &of.data[1], of.size - 1);
    feed(lwsec_bytes_of(room, 4 + asked.token.size + of.size - 1));
}

static void act(uint8_t kind, lwsec_bytes of)
{
    switch (kind & 3U) {
    case 0: feed(of); break;
    case 1: answer(LWSEC_COAP_ACK, of); break;
    case 2: answer(LWSEC_COAP_CON, of); break;
    default:
        if (lwsec_est_deadline(est) != UINT64_MAX) {
            require(lwsec_est_deadline(est) > now);
            now = lwsec_est_deadline(est);
            (void)!lwsec_est_step(est, now, NULL);
        }
        break;
    }
    take_all();
}

static void check_end(void)
{
    static uint8_t room[2 * ROOM];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    const bool done = lwsec_est_phase_of(est) == LWSEC_EST_DONE;
    lwsec_bytes name;

    require((lwsec_est_identity(est, &identity) == LWSEC_OK) == done);
    if (done) { /* a certificate for our key is in front */
        bool found = false;
        for (size_t i = 0; i + POINT_SIZE <= identity.size; i++) {
            found = found || memcmp(&room[i], point, POINT_SIZE) == 0;
        }
        require(found);
    } else {
        require(identity.size == 0);
    }
    (void)!lwsec_cert_common_name(lwsec_buffer_bytes(&identity), &name);
}

/* A byte of choices, the point, then steps: a kind, two bytes of length, and as many bytes. */
static void enrol(lwsec_bytes input)
{
    static uint64_t memory[LWSEC_EST_SIZE(ROOM) / 8];
    static const uint8_t scalar[32] = {1};
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    const lwsec_csr_attribute subject = {LWSEC_CSR_COMMON_NAME, lwsec_bytes_of("x", 1)};
    lwsec_csr_config request = {.size = sizeof request, .subject = &subject, .subject_count = 1};
    const uint32_t discovers = input.size > 0 && (input.data[0] & 1) != 0 ? LWSEC_EST_DISCOVER : 0;
    const lwsec_est_config config = {.size = sizeof config,
                                     .flags = LWSEC_EST_SECURED | discovers,
                                     .request = &request,
                                     .engine = &engine,
                                     .clock = clock_of,
                                     .szx = 4,
                                     .room = ROOM};
    lwsec_store store;
    lwsec_key_slot slot;

    if (input.size < 1 + POINT_SIZE) {
        return;
    }
    memcpy(point, &input.data[1], POINT_SIZE);
    require(lwsec_store_init(&store, &ops, &slot, 1) == LWSEC_OK);
    require(lwsec_key_import(&store, &attributes, lwsec_bytes_of(scalar, 32), &request.key) ==
            LWSEC_OK);
    now = 1000;
    require(lwsec_est_open(memory, sizeof memory, &config, now, &est, NULL) == LWSEC_OK);
    take_all();
    for (size_t at = 1 + POINT_SIZE; input.size - at >= 3;) {
        const size_t size = (size_t)input.data[at + 1] << 8 | input.data[at + 2];
        if (size > input.size - at - 3) {
            break;
        }
        act(input.data[at], lwsec_bytes_of(&input.data[at + 3], size));
        at += 3 + size;
    }
    check_end();
    lwsec_est_close(&est);
    require(est == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const lwsec_bytes rest = lwsec_bytes_of(size > 1 ? &data[1] : NULL, size - 1);
    switch (data[0] & 3U) {
    case 0: read_answer(rest, LWSEC_EST_CERTS_ONLY); break;
    case 1: read_answer(rest, LWSEC_EST_CERTIFICATE); break;
    case 2: read_links(rest); break;
    default: enrol(rest); break;
    }
    return 0;
}
