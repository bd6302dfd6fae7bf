/* T=0: a command is taken apart, sent to its instruction, and its answer brought into shape. */
#include "tests/uicc/card/internal.h"

#include <string.h>

enum {
    CLA_KIND = 0xFC,
    CLA_CHANNEL = 0x03,
    CLA_SECURE = 0x04,
    CLA_ISO = 0x00,
    CLA_GP = 0x80,
    GET_RESPONSE = 0xC0,
    SELECT = 0xA4,
    SELECT_BY_NAME = 0x04,
    EXTERNAL_AUTHENTICATE = 0x82
};

/* How an instruction stands to the secure channel of its logical channel. */
enum security {
    PROTECTED,   /* goes through it when there is one */
    UNPROTECTED, /* the card's own, and those that begin something: never goes through it */
    TOOLKIT      /* the terminal's, which has no keys: leaves it as it is, on channel 0 */
};

struct instruction {
    uint8_t cla, ins;
    enum security security;
    bool takes_data;
    uint16_t (*run)(struct card *card, struct exchange *exchange);
};

static const struct instruction instructions[] = {
    {CLA_ISO, SELECT, PROTECTED, true, do_select},
    {CLA_ISO, 0x70, UNPROTECTED, false, do_manage_channel},
    {CLA_ISO, 0xB0, PROTECTED, false, do_read_binary},
    {CLA_ISO, 0xB2, PROTECTED, false, do_read_record},
    {CLA_GP, 0x50, UNPROTECTED, true, do_initialize_update},
    {CLA_GP, EXTERNAL_AUTHENTICATE, PROTECTED, true, do_external_authenticate},
    {CLA_GP, 0xCA, PROTECTED, false, do_get_data},
    {CLA_GP, 0xE2, PROTECTED, true, do_store_data},
    {CLA_GP, 0x10, TOOLKIT, true, do_terminal_profile},
    {CLA_GP, 0xC2, TOOLKIT, true, do_envelope},
    {CLA_GP, 0x12, TOOLKIT, false, do_fetch},
    {CLA_GP, 0x14, TOOLKIT, true, do_terminal_response},
    {CLA_GP, 0xF2, TOOLKIT, false, do_status},
    {CLA_GP, 0x24, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x2A, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x2B, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x46, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x48, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x4A, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0x84, PROTECTED, false, do_iotsafe},
    {CLA_GP, 0xB0, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0xB9, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0xCB, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0xCD, PROTECTED, true, do_iotsafe},
    {CLA_GP, 0xD8, PROTECTED, true, do_iotsafe},
};

bool le_fits(const struct exchange *exchange, size_t size, uint16_t *status)
{
    if (exchange->has_data || exchange->le == size || (exchange->le == LE_MAX && size > LE_MAX)) {
        return true;
    }
    *status = (uint16_t)(SW_WRONG_LE | (size < LE_MAX ? size : 0));
    return false;
}

static uint16_t find_instruction(const struct exchange *exchange,
                                 const struct instruction **instruction)
{
    const uint8_t cla = exchange->cla & CLA_KIND & (0xFF - CLA_SECURE);
    uint16_t status = SW_NO_INSTRUCTION;

    if (cla != CLA_ISO && cla != CLA_GP) {
        return SW_NO_CLASS;
    }
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
        if (instructions[i].ins == exchange->ins) {
            if (instructions[i].cla == cla) {
                *instruction = &instructions[i];
                return SW_OK;
            }
            status = SW_NO_CLASS;
        }
    }
    return status;
}

/* SELECT by name ends the session: it need not go through the channel that it ends. */
static bool ends_session(const struct exchange *exchange)
{
    return exchange->ins == SELECT && exchange->p1 == SELECT_BY_NAME;
}

/* Opens what came through the secure channel; keeps out what should have come through it. */
static uint16_t enter(struct exchange *exchange, const struct instruction *instruction,
                      struct room *plain)
{
    const uint8_t header[4] = {exchange->cla, exchange->ins, exchange->p1, exchange->p2};
    struct scp03 *const secure = &exchange->channel->secure;
    const bool secured = (exchange->cla & CLA_SECURE) != 0;

    if (instruction->security != PROTECTED) {
        return secured ? SW_NO_SECURE_MESSAGING : SW_OK;
    }
    if (exchange->ins == EXTERNAL_AUTHENTICATE) {
        return secured ? SW_OK : SW_NOT_SECURED; /* checks its own MAC */
    }
    if (!secured) {
        if (secure->state == SCP03_CLOSED || ends_session(exchange)) {
            return SW_OK;
        }
        scp03_close(secure);
        return SW_NOT_SECURED;
    }
    if (secure->state != SCP03_OPEN) {
        return SW_NOT_SECURED;
    }
    if (!exchange->has_data || !scp03_unwrap(secure, header, exchange->data, plain)) {
        scp03_close(secure);
        return SW_WRONG_SECURE_MESSAGING;
    }
    exchange->data = room_octets(plain);
    exchange->secured = true;
    return SW_OK;
}

static uint16_t run(struct card *card, struct exchange *exchange)
{
    const struct instruction *instruction = NULL;
    uint8_t bytes[256];
    struct room plain = ROOM_OF(bytes);
    uint16_t status = find_instruction(exchange, &instruction);

    if (status != SW_OK) {
        return status;
    }
    if (!exchange->channel->open ||
        (instruction->security == TOOLKIT && exchange->channel_number != 0)) {
        return SW_NO_CHANNEL;
    }
    status = enter(exchange, instruction, &plain);
    if (status != SW_OK) {
        return status;
    }
    if (!instruction->takes_data && exchange->data.size > 0) {
        return SW_WRONG_LENGTH;
    }
    return instruction->run(card, exchange);
}

static bool is_error(uint16_t status)
{
    return status != SW_OK && status >> 8 != 0x62 && status >> 8 != 0x63;
}

/* What the answer becomes in the secure channel; an error is never protected. */
static uint16_t leave(struct exchange *exchange, uint16_t status, struct room *secured)
{
    struct scp03 *const secure = &exchange->channel->secure;

    if (is_error(status)) {
        exchange->answer.size = 0;
        return status;
    }
    if (!exchange->secured || secure->state != SCP03_OPEN) {
        return status;
    }
    if (!scp03_wrap(secure, room_octets(&exchange->answer), status, secured)) {
        exchange->answer.size = 0;
        return SW_BROKEN;
    }
    exchange->answer = *secured;
    return status;
}

/*
 * 91xx instead of 9000 tells of a proactive command. Not where a MAC covers the status: the texts
 * have no word on it, so that it stays 9000 there, and STATUS tells.
 */
static uint16_t announce(const struct card *card, const struct exchange *exchange, uint16_t status)
{
    uint8_t bytes[LE_MAX];
    struct room room = ROOM_OF(bytes);
    const bool covered = exchange->secured && (exchange->channel->secure.level & SCP03_R_MAC) != 0;

    if (status != SW_OK || covered) {
        return status;
    }
    const size_t size = proactive_command(card, &room).size;
    return size == 0 ? SW_OK : (uint16_t)(SW_PROACTIVE | (size & 0xFF));
}

static uint16_t more(const struct card *card)
{
    const size_t left = card->rest_size - card->rest_done;

    return left == 0 ? card->rest_status : (uint16_t)(SW_MORE | (left < LE_MAX ? left : 0));
}

static void put_rest(struct card *card, size_t size, struct room *response)
{
    room_put(response, (struct octets){card->rest + card->rest_done, size});
    card->rest_done += size;
    room_put_number(response, 2, more(card));
}

/* T=0 sends an answer at once if there was no data, and else leaves it to GET RESPONSE. */
static void respond(struct card *card, const struct exchange *exchange, uint16_t status,
                    struct room *response)
{
    const struct octets answer = room_octets(&exchange->answer);
    const size_t at_once =
        exchange->has_data ? 0 : (answer.size < exchange->le ? answer.size : exchange->le);

    memcpy(card->rest, answer.data, answer.size);
    card->rest_size = answer.size;
    card->rest_done = 0;
    card->rest_status = status;
    card->rest_channel = exchange->channel_number;
    put_rest(card, at_once, response);
}

static void get_response(struct card *card, const struct exchange *exchange, struct room *response)
{
    const size_t left = card->rest_size - card->rest_done;
    uint16_t status = SW_OK;

    if (exchange->has_data) {
        status = SW_WRONG_LENGTH;
    } else if (exchange->p1 != 0 || exchange->p2 != 0) {
        status = SW_WRONG_P1P2;
    } else if (left == 0 || exchange->channel_number != card->rest_channel) {
        status = SW_CONDITIONS;
    } else if (exchange->le > left) {
        status = (uint16_t)(SW_WRONG_LE | left);
    }
    if (status != SW_OK) {
        room_put_number(response, 2, status);
        return;
    }
    put_rest(card, exchange->le, response);
}

/* A header alone, a header with Le, or a header with Lc and data and perhaps Le after them. */
static bool parse(struct octets command, struct exchange *exchange)
{
    struct octets header;

    if (!octets_take(&command, 4, &header)) {
        return false;
    }
    exchange->cla = header.data[0];
    exchange->ins = header.data[1];
    exchange->p1 = header.data[2];
    exchange->p2 = header.data[3];
    exchange->channel_number = exchange->cla & CLA_CHANNEL;
    exchange->le = LE_MAX;
    uint64_t p3 = 0;
    if (!octets_take_number(&command, 1, &p3)) {
        return true;
    }
    if (command.size == 0) {
        exchange->le = p3 == 0 ? LE_MAX : (size_t)p3;
        return true;
    }
    exchange->has_data = true;
    return p3 != 0 && octets_take(&command, (size_t)p3, &exchange->data) && command.size <= 1;
}

void card_apdu(struct card *card, struct octets command, struct room *response)
{
    uint8_t answer[ANSWER_MAX], secured_bytes[ANSWER_MAX];
    struct room secured = ROOM_OF(secured_bytes);
    struct exchange exchange = {.answer = ROOM_OF(answer)};

    if (!parse(command, &exchange)) {
        card->rest_size = card->rest_done = 0;
        room_put_number(response, 2, SW_WRONG_LENGTH);
        return;
    }
    exchange.channel = &card->channel[exchange.channel_number];
    if (exchange.ins == GET_RESPONSE && (exchange.cla & CLA_KIND & 0x7F) == CLA_ISO) {
        get_response(card, &exchange, response);
        return;
    }
    uint16_t status = run(card, &exchange);
    if (exchange.answer.full) {
        status = SW_BROKEN;
    }
    status = leave(&exchange, status, &secured);
    respond(card, &exchange, announce(card, &exchange, status), response);
}
