/* Covers uicc/: exchanges with a card that answers anything. The first byte chooses the call and
 * the protocol, the second one the room for data; then come answers (fuzz/answers.h). */
#include <lwsec/apdu_csim.h>
#include <lwsec/smartcard_bootstrap.h>

#include "answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5U
#define ROOM 1024U

enum { GET = 0, STORE, SELECT, CHANNEL, SELECT_CARD, READ_CARD, LINE, T0 = 0x80 };

static uint8_t room[ROOM];
static const uint8_t text[600];

static lwsec_status call(uint8_t choice, lwsec_apdu *card, lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_bytes aid = lwsec_bytes_of(text, 7);

    switch (choice & 7U) {
    case GET: return lwsec_apdu_get_data(card, 0, out, reason);
    case STORE: return lwsec_apdu_store_data(card, 0, lwsec_bytes_of(text, sizeof text), reason);
    case SELECT: return lwsec_apdu_select(card, aid, 4, out, reason);
    case CHANNEL: return lwsec_apdu_open_channel(card, reason);
    case SELECT_CARD: return lwsec_smartcard_select(card, lwsec_bytes_of(NULL, 0), reason);
    default: return lwsec_smartcard_read(card, out, reason);
    }
}

/* A line of a modem: what is read comes back when it is written as a command. */
static void read_line(const uint8_t *data, size_t size, lwsec_buffer *out)
{
    uint32_t session = UINT32_MAX;

    if (lwsec_csim_response((const char *)data, size, out, NULL) == LWSEC_OK) {
        char line[2 * ROOM];
        const lwsec_status status = lwsec_csim_command(lwsec_buffer_bytes(out), line, sizeof line);
        require((status == LWSEC_OK) == (out->size > 0 && out->size <= LWSEC_APDU_COMMAND_SIZE));
    } else {
        require(out->size == 0);
    }
    if (lwsec_ccho_response((const char *)data, size, &session, NULL) != LWSEC_OK) {
        require(session == UINT32_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    answers left = {&data[2], size - 2, 0, false};
    lwsec_buffer out = lwsec_buffer_of(room, 4U * data[1]);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_apdu card;

    memset(room, UNTOUCHED, sizeof room);
    require(lwsec_apdu_init(&card, &answers_ops, &left, (data[0] & T0) != 0) == LWSEC_OK);
    if ((data[0] & 7U) == LINE) {
        read_line(&data[2], size - 2, &out);
        return 0;
    }
    const lwsec_status status = call(data[0], &card, &out, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(out.size <= out.capacity && (status == LWSEC_OK || out.size == 0));
    for (size_t i = out.capacity; i < sizeof room; i++) {
        require(room[i] == UNTOUCHED);
    }
    require(left.commands <= size + 600);
    /* A card that was lost is not spoken to. */
    left.nothing_more = card.lost;
    require(lwsec_apdu_get_data(&card, 0, &out, NULL) != LWSEC_OK || !card.lost);
    return 0;
}
