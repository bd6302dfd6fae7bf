/* The exchange with a card: in the clear, or through its secure channel. */
#include "core/reader.h"
#include "core/reason.h"
#include "uicc/raw.h"
#include "uicc/scp03.h"

#include <stddef.h>

#define INS_SELECT 0xa4U
#define INS_MANAGE_CHANNEL 0x70U
#define SW_NOT_FOUND 0x6a82U

/* How much of the table there has to be. */
#define OPS_NEEDED (offsetof(lwsec_apdu_ops, end) + sizeof(void (*)(void *)))

lwsec_status lwsec_apdu_init(lwsec_apdu *card, const lwsec_apdu_ops *ops, void *context, bool t0)
{
    static const lwsec_apdu none;

    if (ops == NULL || ops->abi != LWSEC_APDU_ABI || ops->size < OPS_NEEDED ||
        ops->transmit == NULL) {
        return LWSEC_USAGE;
    }
    *card = none;
    card->ops = ops;
    card->context = context;
    card->t0 = t0;
    return LWSEC_OK;
}

/* A secure channel does not live through a SELECT or a reset. */
static void end_secure(lwsec_apdu *card)
{
    if (card->secure != NULL) {
        lwsec_scp03_end(card->secure);
    }
}

void lwsec_apdu_was_reset(lwsec_apdu *card)
{
    end_secure(card);
    card->channel = 0;
    card->lost = true;
}

lwsec_status lwsec_apdu_begin(lwsec_apdu *card, lwsec_reason *reason)
{
    const bool first = card->begun == 0;

    if (first && card->ops->begin != NULL && card->ops->begin(card->context) != LWSEC_OK) {
        lwsec_apdu_was_reset(card);
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason);
    }
    card->begun++;
    return lwsec_accept(reason);
}

void lwsec_apdu_end(lwsec_apdu *card)
{
    card->begun--;
    if (card->begun == 0 && card->ops->end != NULL) {
        card->ops->end(card->context);
    }
}

static lwsec_status exchange(lwsec_apdu *card, const lwsec_apdu_command *command,
                             lwsec_buffer *response, lwsec_reason *reason)
{
    if (command->data.size > LWSEC_APDU_DATA_MAX || command->le > LWSEC_APDU_ANSWER_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    if (card->lost) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason);
    }
    if (card->secure != NULL) {
        return lwsec_scp03_exchange(card->secure, command, response, reason);
    }
    if (card->secured) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_SCP03_ENDED, 0, reason);
    }
    return lwsec_apdu_plain(card, command, response, reason);
}

lwsec_status lwsec_apdu_exchange(lwsec_apdu *card, const lwsec_apdu_command *command,
                                 lwsec_buffer *response, lwsec_reason *reason)
{
    response->size = 0;
    const lwsec_status status = exchange(card, command, response, reason);
    if (status != LWSEC_OK) {
        response->size = 0;
    }
    return status;
}

/* ---- Octets of a command ---- */

lwsec_status lwsec_apdu_read(lwsec_bytes octets, lwsec_apdu_command *command, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(octets);
    lwsec_apdu_command read = {.cla = lwsec_reader_u8(&reader)};

    read.ins = lwsec_reader_u8(&reader);
    read.p1 = lwsec_reader_u8(&reader);
    read.p2 = lwsec_reader_u8(&reader);
    if (lwsec_reader_left(&reader) > 1) {
        const uint8_t size = lwsec_reader_u8(&reader);
        read.data = lwsec_reader_take(&reader, size);
        if (size == 0) {
            lwsec_reader_fail(&reader, LWSEC_WHY_CARD_COMMAND); /* an extended length */
        }
    }
    if (lwsec_reader_left(&reader) > 0) {
        const uint8_t le = lwsec_reader_u8(&reader);
        read.le = le != 0 ? le : (uint16_t)LWSEC_APDU_ANSWER_MAX;
    }
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status == LWSEC_OK) {
        *command = read;
    }
    return status;
}

/* ---- Applications and channels ---- */

static lwsec_status select(lwsec_apdu *card, const lwsec_apdu_command *command,
                           lwsec_buffer *response, lwsec_reason *reason)
{
    const bool lost = card->lost;

    end_secure(card);
    card->lost = false;
    const lwsec_status status = lwsec_apdu_plain(card, command, response, reason);
    if (status != LWSEC_OK) {
        card->lost = card->lost || lost;
        return status;
    }
    const lwsec_status verdict = lwsec_apdu_judge(card, SW_NOT_FOUND, reason);
    card->lost = lost && verdict != LWSEC_OK;
    return verdict;
}

lwsec_status lwsec_apdu_select(lwsec_apdu *card, lwsec_bytes aid, uint8_t p2,
                               lwsec_buffer *response, lwsec_reason *reason)
{
    const lwsec_apdu_command command = {
        .ins = INS_SELECT, .p1 = 0x04, .p2 = p2, .data = aid, .le = LWSEC_APDU_ANSWER_MAX};
    uint8_t room[LWSEC_APDU_ANSWER_MAX];
    lwsec_buffer unused = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer *out = response != NULL ? response : &unused;

    out->size = 0;
    if (aid.size < 5 || aid.size > 16) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    const lwsec_status status = select(card, &command, out, reason);
    if (status != LWSEC_OK) {
        out->size = 0;
    }
    return status;
}

static lwsec_status manage_channel(lwsec_apdu *card, const lwsec_apdu_command *command,
                                   lwsec_buffer *response, lwsec_reason *reason)
{
    const lwsec_status status = lwsec_apdu_plain(card, command, response, reason);

    return status == LWSEC_OK ? lwsec_apdu_judge(card, 0, reason) : status;
}

/* A new channel has no application, and so no secure channel: that the card must have one stays. */
lwsec_status lwsec_apdu_open_channel(lwsec_apdu *card, lwsec_reason *reason)
{
    const lwsec_apdu_command command = {.ins = INS_MANAGE_CHANNEL, .le = 1};
    uint8_t number[LWSEC_APDU_ANSWER_MAX];
    lwsec_buffer response = lwsec_buffer_of(number, sizeof number);

    if (card->channel != 0 || card->secure != NULL) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    const lwsec_status status = manage_channel(card, &command, &response, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (response.size != 1 || number[0] == 0 || number[0] > LWSEC_APDU_CHANNEL_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, 0, reason);
    }
    card->channel = number[0];
    return lwsec_accept(reason);
}

lwsec_status lwsec_apdu_close_channel(lwsec_apdu *card, lwsec_reason *reason)
{
    const lwsec_apdu_command command = {.ins = INS_MANAGE_CHANNEL, .p1 = 0x80, .p2 = card->channel};
    uint8_t room[LWSEC_APDU_ANSWER_MAX];
    lwsec_buffer response = lwsec_buffer_of(room, sizeof room);

    if (card->channel == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    end_secure(card);
    const lwsec_status status = manage_channel(card, &command, &response, reason);
    if (status == LWSEC_OK) {
        card->channel = 0;
    }
    return status;
}
