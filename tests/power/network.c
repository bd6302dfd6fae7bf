/* The network, and the attacker who sits on it. */
#include "tests/power/network.h"

#include "tests/power/counts.h"
#include "tests/power/failure.h"
#include "tests/power/random.h"

#include <string.h>

#define FLYING_MAX 32U
#define SEEN_MAX 256U

static datagram flying[FLYING_MAX];
static uint32_t flying_count;
static datagram seen[SEEN_MAX];
static uint32_t seen_count;

void network_clear(void)
{
    flying_count = 0;
    seen_count = 0;
}

static void fly(const datagram *sent)
{
    if (flying_count < FLYING_MAX) {
        flying[flying_count++] = *sent;
    } else {
        counted.lost++;
    }
}

void network_send(const datagram *sent)
{
    /* Once it is full, any of those seen is forgotten: some stay for a long time. */
    seen[seen_count < SEEN_MAX ? seen_count++ : random_below(SEEN_MAX)] = *sent;
    if (random_once_in(10)) {
        counted.lost++;
        return;
    }
    fly(sent);
    if (random_once_in(10)) {
        counted.doubled++;
        fly(sent);
    }
}

bool network_take(datagram *taken)
{
    if (flying_count == 0) {
        return false;
    }
    const uint32_t chosen = random_once_in(2) ? 0 : random_below(flying_count);
    *taken = flying[chosen];
    flying_count--;
    memmove(&flying[chosen], &flying[chosen + 1], (flying_count - chosen) * sizeof flying[0]);
    return true;
}

bool network_replay(datagram *replayed)
{
    if (seen_count == 0) {
        return false;
    }
    *replayed = seen[random_below(seen_count)];
    return true;
}

/* ---- Forgeries ---- */

void network_made_up(datagram *forged, lwsec_bytes kid, uint64_t piv)
{
    uint8_t number[5];
    uint8_t value[16];
    uint8_t text[40];
    const uint8_t token[2] = {9, 9};
    size_t first = sizeof number;
    lwsec_buffer option_room = lwsec_buffer_of(value, sizeof value);
    lwsec_buffer out = lwsec_buffer_of(forged->bytes, sizeof forged->bytes);

    do {
        number[--first] = (uint8_t)piv;
        piv >>= 8;
    } while (piv > 0 && first > 0);
    random_fill(text, sizeof text);
    const lwsec_oscore_option option = {
        .present = true,
        .partial_iv = lwsec_bytes_of(&number[first], sizeof number - first),
        .kid = lwsec_bytes_of(kid.data != NULL ? kid.data : value, kid.size),
    };
    if (lwsec_oscore_option_encode(&option, &option_room) != LWSEC_OK) {
        wrong("an option cannot be made up");
    }
    const lwsec_coap_option oscore = {LWSEC_COAP_OSCORE, lwsec_buffer_bytes(&option_room)};
    const lwsec_coap_message head = {.type = LWSEC_COAP_NON,
                                     .code = LWSEC_COAP_POST,
                                     .message_id = (uint16_t)random_next(),
                                     .token = lwsec_bytes_of(token, sizeof token),
                                     .payload = lwsec_bytes_of(text, 9 + random_below(30))};
    if (lwsec_coap_encode(LWSEC_COAP_UDP, &head, &oscore, 1, &out, NULL) != LWSEC_OK) {
        wrong("a message cannot be made up");
    }
    forged->response = false;
    forged->forged = true;
    forged->about = 0;
    forged->size = out.size;
}

/* A number that is used, or will be soon, or is far ahead. */
static uint64_t tempting_number(uint64_t next)
{
    switch (random_below(3)) {
    case 0: return random_below((uint32_t)next + 1);
    case 1: return next + random_below(8);
    default: return (next + (random_next() >> (24 + random_below(39)))) & LWSEC_OSCORE_SSN_MAX;
    }
}

/* Changes a byte of what points into the message. */
static bool spoil_byte(datagram *forged, lwsec_bytes place)
{
    const size_t at = (size_t)(place.data - forged->bytes);

    if (place.size > 0) {
        forged->bytes[at + random_below((uint32_t)place.size)] ^= (uint8_t)(1 + random_below(255));
    }
    return place.size > 0;
}

/* Changes what the tag covers, or what the keys come from. */
static bool spoil(datagram *forged)
{
    lwsec_oscore_option option;
    lwsec_coap_message message;
    const lwsec_bytes wire = lwsec_bytes_of(forged->bytes, forged->size);

    if (lwsec_oscore_peek(LWSEC_COAP_UDP, wire, &option, NULL) != LWSEC_OK ||
        lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, NULL) != LWSEC_OK) {
        wrong("a message of ours cannot be read: %zu bytes, response %d, forged %d", forged->size,
              forged->response, forged->forged);
    }
    forged->forged = true;
    switch (random_below(4)) {
    case 0: return spoil_byte(forged, message.payload);
    case 1: return spoil_byte(forged, option.partial_iv);
    case 2: return spoil_byte(forged, option.kid_context);
    default: forged->size -= 1 + random_below((uint32_t)message.payload.size - 1); return true;
    }
}

bool network_forge(datagram *forged, lwsec_bytes kid, uint64_t next)
{
    if (random_once_in(2)) {
        network_made_up(forged, kid, tempting_number(next));
        return true;
    }
    return network_replay(forged) && spoil(forged);
}
