/* A peer of SMS: a process that has an association over its own files, and does what it is told.
 * It is host.c's peer as peer.c is, with the orders to send, to receive, and to close alone. */
#include "tests/power/peer.h"
#include "tests/power/sms_spy.h"
#include "tests/power/text.h"
#include "tests/support/stores.h"

#include <lwsec/coap.h>
#include <lwsec/sms_association.h>
#include <lwsec/state_directory.h>
#include <lwsec/state_sealed.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 8U
#define PLAIN_MAX 96U

static lwsec_store *store;
static const lwsec_test_store *kind;
static uint64_t state_memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
static uint64_t sealed_memory[LWSEC_STATE_SEALED_SIZE / 8];
static lwsec_state *state;
static lwsec_state *sealed;
static uint64_t memory[LWSEC_SMS_SIZE / 8];
static lwsec_sms *association; /* NULL: its counters are lost, and nobody says the keys are fresh */

/* ---- Opening and closing ---- */

static const lwsec_test_store *store_kind(void)
{
    const lwsec_test_store *one = lwsec_test_store_at(0);

    for (size_t i = 1; one != NULL && !lwsec_test_store_has(one, LWSEC_ALG_AES_CMAC); i++) {
        one = lwsec_test_store_at(i);
    }
    return one;
}

static lwsec_status open_state(const setting *how, lwsec_reason *reason)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, {0}};
    lwsec_key key;

    lwsec_status status = lwsec_state_directory_open(state_memory, sizeof state_memory,
                                                     box_own()->medium.path, &state, reason);
    if (status != LWSEC_OK || !how->sealed) {
        return status;
    }
    status = lwsec_key_import(store, &attributes, lwsec_bytes_of(how->sealing, 16), &key);
    return status == LWSEC_OK
               ? lwsec_state_sealed_open(sealed_memory, sizeof sealed_memory, state, key, &sealed)
               : status;
}

/* Both ends have the same keys, and each half of the counters, or all of them. */
static lwsec_status open_association(const setting *how, lwsec_reason *reason)
{
    const lwsec_sms_parameters parameters = {0x12, 0x12, 0x16, 0, LWSEC_SMS_TAR_LWM2M};
    const uint32_t halves = LWSEC_SMS_SEND_UPPER | LWSEC_SMS_SEND_LOWER;
    lwsec_sms_config config = {.size = sizeof config,
                               .parameters = parameters,
                               .state = how->sealed ? sealed : state,
                               .flags = how->flags & (LWSEC_KEY_FRESH | halves)};
    uint8_t keys[32];

    memcpy(keys, how->secret, 16);
    for (size_t i = 0; i < 16; i++) {
        keys[16 + i] = (uint8_t)~how->secret[i];
    }
    lwsec_status status = lwsec_sms_keys_import(store, &parameters, lwsec_bytes_of(keys, 32), 0,
                                                &config.kic_key, &config.kid_key, reason);
    if (status == LWSEC_OK) {
        sms_spy_on(store, how->sender_id[0]);
        status = lwsec_sms_init(memory, sizeof memory, &config, &association, reason);
    }
    return status;
}

static lwsec_status open_all(const setting *how, lwsec_reason *reason)
{
    kind = store_kind();
    const size_t size = kind->size(SLOTS);

    lwsec_status status = kind->open(malloc(size), size, SLOTS, &store);
    if (status == LWSEC_OK) {
        status = open_state(how, reason);
    }
    if (status == LWSEC_OK) {
        status = open_association(how, reason);
    }
    return status == LWSEC_NEED_REKEY ? LWSEC_OK : status;
}

static void close_all(void)
{
    lwsec_sms_close(&association);
    if (sealed != NULL) {
        lwsec_state_sealed_close(&sealed);
    }
    lwsec_state_directory_close(&state);
    kind->close(&store);
}

/* ---- Orders ---- */

static lwsec_bytes plain_message(uint64_t id, uint8_t room[PLAIN_MAX])
{
    uint8_t text[TEXT_MAX];
    const lwsec_coap_message head = {.type = LWSEC_COAP_NON,
                                     .code = LWSEC_COAP_POST,
                                     .message_id = (uint16_t)id,
                                     .payload = lwsec_bytes_of(text, text_write(id, text))};
    lwsec_buffer out = lwsec_buffer_of(room, PLAIN_MAX);

    if (lwsec_coap_encode(LWSEC_COAP_UDP, &head, NULL, 0, &out, NULL) != LWSEC_OK) {
        abort();
    }
    return lwsec_buffer_bytes(&out);
}

static void send_message(const order *what, answer *said, lwsec_reason *reason)
{
    uint8_t room[PLAIN_MAX];
    lwsec_buffer out = lwsec_buffer_of(said->wire, sizeof said->wire);

    said->status = lwsec_sms_seal(association, plain_message(what->id, room), NULL, &out, reason);
    if (said->status == LWSEC_OK) {
        sms_spy_note();
    }
    said->size = out.size;
}

static void receive_message(const order *what, answer *said, lwsec_reason *reason)
{
    uint8_t room[WIRE_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_sms_received received;
    lwsec_coap_message message;
    delivery noted = {.response = false};

    said->status = lwsec_sms_open(association, lwsec_bytes_of(what->wire, what->size), &received,
                                  &out, reason);
    if (said->status != LWSEC_OK) {
        return;
    }
    if (lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &message, NULL) != LWSEC_OK) {
        abort();
    }
    noted.intact = text_read(message.payload, &noted.id);
    said->id = noted.id;
    box_step(STEP_DELIVER);
    box_note_delivery(&noted);
    box_step(STEP_DELIVERED);
}

static void obey(const order *what, answer *said)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(said, 0, sizeof *said);
    if (what->kind == ORDER_CLOSE) {
        close_all();
    } else if (association == NULL) {
        said->status = LWSEC_NEED_REKEY;
    } else if (what->kind == ORDER_SEND) {
        send_message(what, said, &reason);
    } else {
        receive_message(what, said, &reason);
    }
    said->why = reason.why;
}

static void tell(int socket, const answer *said)
{
    const bool ends = box_ends_at(STEP_TOLD);

    box_own()->ended = ends; /* before it is told, so that the host knows at once */
    if (send(socket, said, sizeof *said, MSG_NOSIGNAL) != (ssize_t)sizeof *said) {
        _exit(0); /* nobody listens any more */
    }
    if (ends) {
        box_end();
    }
}

void peer_run(int socket, const setting *how, box *own)
{
    answer said = {.status = LWSEC_ENGINE};
    order what = {.kind = ORDER_KINDS};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    box_enter(own);
    said.status = open_all(how, &reason);
    said.why = reason.why;
    tell(socket, &said);
    while (what.kind != ORDER_CLOSE &&
           recv(socket, &what, sizeof what, 0) == (ssize_t)sizeof what) {
        obey(&what, &said);
        tell(socket, &said);
    }
    _exit(0);
}
