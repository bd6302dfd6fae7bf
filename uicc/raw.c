/* Commands as they go over the transport: octets, GET RESPONSE, and the right Le. */
#include "uicc/raw.h"

#include "core/reason.h"
#include "core/writer.h"
#include "uicc/scp03.h"

#define INS_GET_RESPONSE 0xc0U
#define SW1_MORE 0x61U
#define SW1_LENGTH 0x6cU
#define SW1_PROACTIVE 0x91U

uint8_t lwsec_apdu_class(uint8_t cla, uint8_t channel, bool secure)
{
    const unsigned first = (unsigned)cla | (secure ? 0x04U : 0U) | channel;
    const unsigned further = (unsigned)cla | 0x40U | (secure ? 0x20U : 0U) | (channel - 4U);

    return (uint8_t)(channel < 4 ? first : further);
}

/* With T=0 the answer to a command with data is fetched by GET RESPONSE: it has no Le. */
static bool sends_le(const lwsec_apdu *card, const lwsec_apdu_command *command)
{
    return command->le > 0 && !(card->t0 && command->data.size > 0);
}

static lwsec_bytes encode(const lwsec_apdu *card, const lwsec_apdu_command *command,
                          uint8_t room[LWSEC_APDU_COMMAND_SIZE])
{
    lwsec_writer writer = lwsec_writer_of(room, LWSEC_APDU_COMMAND_SIZE);

    lwsec_writer_u8(&writer, command->cla);
    lwsec_writer_u8(&writer, command->ins);
    lwsec_writer_u8(&writer, command->p1);
    lwsec_writer_u8(&writer, command->p2);
    if (command->data.size > 0) {
        lwsec_writer_u8(&writer, (uint8_t)command->data.size);
        lwsec_writer_bytes(&writer, command->data);
    }
    if (sends_le(card, command)) {
        lwsec_writer_u8(&writer, (uint8_t)command->le); /* 00 is 256 */
    }
    return lwsec_bytes_of(room, writer.full ? 0 : writer.size);
}

/* One command and its answer; the status word goes to the card's place for it. */
static lwsec_status transmit(lwsec_apdu *card, const lwsec_apdu_command *command,
                             lwsec_buffer *answer, lwsec_reason *reason)
{
    uint8_t octets[LWSEC_APDU_COMMAND_SIZE];
    const lwsec_bytes sent = encode(card, command, octets);

    if (sent.size == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    card->sw = 0;
    lwsec_buffer given = *answer; /* not the transport's to change but in its size */
    const lwsec_status status = card->ops->transmit(card->context, sent, &given);
    lwsec_wipe(octets, sizeof octets);
    if (status != LWSEC_OK) {
        lwsec_apdu_was_reset(card);
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason);
    }
    if (given.data != answer->data || given.size < 2 || given.size > answer->capacity) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, 0, reason);
    }
    answer->size = given.size - 2;
    card->sw = (uint16_t)(answer->data[answer->size] << 8 | answer->data[answer->size + 1]);
    return LWSEC_OK;
}

/* The same once more, with the Le that the card asked for. Asking again, or with data, is no form
 * that there is. */
static lwsec_status transmit_fitting(lwsec_apdu *card, lwsec_apdu_command *command,
                                     lwsec_buffer *answer, lwsec_reason *reason)
{
    const lwsec_status status = transmit(card, command, answer, reason);

    if (status != LWSEC_OK || card->sw >> 8 != SW1_LENGTH) {
        return status;
    }
    const unsigned wanted = card->sw & 0xffU;
    command->le = (uint16_t)(wanted != 0 ? wanted : LWSEC_APDU_ANSWER_MAX);
    if (answer->size > 0 || !sends_le(card, command)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, 0, reason);
    }
    answer->size = 0;
    const lwsec_status again = transmit(card, command, answer, reason);
    if (again == LWSEC_OK && card->sw >> 8 == SW1_LENGTH) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, 0, reason);
    }
    return again;
}

static lwsec_apdu_command get_response(const lwsec_apdu *card, uint8_t cla)
{
    const unsigned left = card->sw & 0xffU;
    const lwsec_apdu_command command = {.cla = cla,
                                        .ins = INS_GET_RESPONSE,
                                        .le = (uint16_t)(left != 0 ? left : LWSEC_APDU_ANSWER_MAX)};
    return command;
}

/* Each part but the first has to bring something: the row ends at the latest with the room. */
static lwsec_status gather(lwsec_apdu *card, const lwsec_apdu_command *command, uint8_t continued,
                           uint8_t *octets, lwsec_writer *writer, lwsec_reason *reason)
{
    lwsec_apdu_command next = *command;

    for (bool first = true;; first = false) {
        lwsec_buffer answer = lwsec_buffer_of(octets, LWSEC_APDU_RESPONSE_SIZE);
        const lwsec_status status = transmit_fitting(card, &next, &answer, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        const bool more = card->sw >> 8 == SW1_MORE;
        if (more && !first && answer.size == 0) {
            return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, writer->size, reason);
        }
        lwsec_writer_bytes(writer, lwsec_buffer_bytes(&answer));
        if (writer->full) {
            return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, writer->size, reason);
        }
        if (!more) {
            return lwsec_accept(reason);
        }
        next = get_response(card, continued);
    }
}

lwsec_status lwsec_apdu_raw(lwsec_apdu *card, const lwsec_apdu_command *command, uint8_t continued,
                            lwsec_buffer *response, lwsec_reason *reason)
{
    uint8_t octets[LWSEC_APDU_RESPONSE_SIZE];
    const size_t before = response->size;
    lwsec_writer writer = lwsec_writer_of(response->data, response->capacity);

    writer.size = before;
    lwsec_status status = lwsec_apdu_begin(card, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = gather(card, command, continued, octets, &writer, reason);
    lwsec_apdu_end(card);
    lwsec_wipe(octets, sizeof octets);
    if (status != LWSEC_OK) {
        lwsec_wipe(&response->data[before], response->capacity - before);
        return status;
    }
    response->size = writer.size;
    return status;
}

/* In the clear and on the basic channel a CLA of another kind goes as it is. */
lwsec_status lwsec_apdu_plain(lwsec_apdu *card, const lwsec_apdu_command *command,
                              lwsec_buffer *response, lwsec_reason *reason)
{
    lwsec_apdu_command sent = *command;
    uint8_t continued = lwsec_apdu_class(0, card->channel, false);

    if ((command->cla & 0x7fU) == 0) {
        sent.cla = lwsec_apdu_class(command->cla, card->channel, false);
    } else if (card->channel == 0) {
        continued = command->cla;
    } else {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    return lwsec_apdu_raw(card, &sent, continued, response, reason);
}

lwsec_status lwsec_apdu_judge(const lwsec_apdu *card, uint16_t absent, lwsec_reason *reason)
{
    const bool proves = card->secure != NULL && lwsec_scp03_has_r_mac(card->secure);

    if (card->sw == 0x9000 || (card->sw >> 8 == SW1_PROACTIVE && !proves)) {
        return lwsec_accept(reason);
    }
    return lwsec_refuse(absent != 0 && card->sw == absent ? LWSEC_ABSENT : LWSEC_REJECT,
                        LWSEC_WHY_CARD_STATUS, card->sw, reason);
}
