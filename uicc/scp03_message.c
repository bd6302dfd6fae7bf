/* Commands and answers through a secure channel: Amendment D sections 6.2.4 to 6.2.7. */
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "uicc/raw.h"
#include "uicc/scp03.h"

#include <string.h>

#define BLOCK LWSEC_SCP03_BLOCK
#define MAC LWSEC_SCP03_MAC
#define PADDING 0x80U
/* A C-MAC is over the chaining value, the header with the length, and the data. */
#define SIGNED_MAX (BLOCK + 5U + LWSEC_APDU_DATA_MAX)

_Static_assert(BLOCK + 2U + BLOCK + MAC <= LWSEC_APDU_OVERHEAD, "what a response takes beside");

size_t lwsec_scp03_data_max(const lwsec_scp03 *session)
{
    const size_t room = LWSEC_APDU_DATA_MAX - MAC;

    return (session->level & LWSEC_SCP03_BIT_C_ENC) != 0 ? room / BLOCK * BLOCK - 1 : room;
}

bool lwsec_scp03_has_r_mac(const lwsec_scp03 *session)
{
    return (session->level & LWSEC_SCP03_BIT_R_MAC) != 0;
}

/* ---- Commands ---- */

lwsec_status lwsec_scp03_sign(lwsec_scp03 *session, const lwsec_apdu_command *command,
                              uint8_t *data, size_t *size)
{
    const uint8_t channel = session->channel_in_mac ? session->card->channel : 0;
    uint8_t message[SIGNED_MAX];
    uint8_t mac[BLOCK];
    lwsec_writer writer = lwsec_writer_of(message, sizeof message);

    lwsec_writer_bytes(&writer, lwsec_bytes_of(session->chain, BLOCK));
    lwsec_writer_u8(&writer, lwsec_apdu_class(command->cla, channel, true));
    lwsec_writer_u8(&writer, command->ins);
    lwsec_writer_u8(&writer, command->p1);
    lwsec_writer_u8(&writer, command->p2);
    lwsec_writer_u8(&writer, (uint8_t)(*size + MAC));
    lwsec_writer_bytes(&writer, lwsec_bytes_of(data, *size));
    const lwsec_status status = lwsec_key_at_once(
        session->mac,
        lwsec_key_mac(session->mac, lwsec_bytes_of(message, writer.size), mac, sizeof mac));
    if (status == LWSEC_OK) {
        memcpy(session->chain, mac, BLOCK);
        memcpy(&data[*size], mac, MAC);
        *size += MAC;
    }
    lwsec_wipe(message, sizeof message);
    lwsec_wipe(mac, sizeof mac);
    return status;
}

/* The IV of a command, and with a first octet of 80 that of its answer, is a counter, encrypted. */
static lwsec_status make_iv(const lwsec_scp03 *session, uint8_t first, uint8_t iv[BLOCK])
{
    uint8_t counter[BLOCK] = {first};
    lwsec_writer writer = lwsec_writer_of(counter, sizeof counter);

    writer.size = BLOCK - 4;
    lwsec_writer_uint(&writer, session->counter, 4);
    return lwsec_key_at_once(
        session->enc, lwsec_key_block(session->enc, lwsec_bytes_of(counter, BLOCK), iv, BLOCK));
}

/* Pads and encrypts; `data` has room for a block more. */
static lwsec_status encrypt(const lwsec_scp03 *session, uint8_t *data, size_t *size)
{
    uint8_t iv[BLOCK];
    const size_t padded = (*size / BLOCK + 1) * BLOCK;

    lwsec_status status = make_iv(session, 0, iv);
    if (status != LWSEC_OK) {
        return status;
    }
    memset(&data[*size], 0, padded - *size);
    data[*size] = PADDING;
    status = lwsec_key_at_once(session->enc,
                               lwsec_key_cbc(session->enc, LWSEC_ENCRYPT, lwsec_bytes_of(iv, BLOCK),
                                             lwsec_bytes_of(data, padded), data, padded));
    *size = padded;
    return status;
}

/* R-5.4.2.1.2-13: what goes to the card goes through the channel. */
static lwsec_status protect(lwsec_scp03 *session, const lwsec_apdu_command *command,
                            uint8_t data[LWSEC_APDU_DATA_MAX], size_t *size)
{
    lwsec_status status = LWSEC_OK;

    /* Every command counts, also one without data. */
    session->counter++;
    *size = command->data.size;
    if (*size > 0) {
        memcpy(data, command->data.data, *size);
    }
    if (*size > 0 && (session->level & LWSEC_SCP03_BIT_C_ENC) != 0) {
        status = encrypt(session, data, size);
    }
    return status == LWSEC_OK ? lwsec_scp03_sign(session, command, data, size) : status;
}

/* ---- Answers ---- */

/* Which status words a MAC goes with. */
static bool has_mac(uint16_t sw)
{
    return sw == 0x9000 || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

/* The card has ended the channel itself. */
static bool is_over(uint16_t sw)
{
    return sw == 0x6982 || sw == 0x6987 || sw == 0x6988;
}

/*
 * `room` is the chaining value, then `*size` octets as they came, then room for a status word. The
 * MAC is the last eight octets: what it is over, with the status word, lies in one piece once that
 * is written over it.
 */
static lwsec_status verify(const lwsec_scp03 *session, uint8_t *room, size_t *size)
{
    uint8_t mac[MAC];
    const uint16_t sw = session->card->sw;

    if (*size < MAC) {
        return LWSEC_REJECT;
    }
    *size -= MAC;
    uint8_t *end = &room[BLOCK + *size];
    memcpy(mac, end, MAC);
    end[0] = (uint8_t)(sw >> 8);
    end[1] = (uint8_t)sw;
    return lwsec_key_mac_verify(session->r_mac, lwsec_bytes_of(room, BLOCK + *size + 2),
                                lwsec_bytes_of(mac, MAC));
}

/* The octets before the padding; false where there is none. They are authentic already. */
static bool strip(const uint8_t *data, size_t *size)
{
    size_t end = *size;

    while (end > 0 && *size - end < BLOCK && data[end - 1] == 0) {
        end--;
    }
    if (end == 0 || *size - end >= BLOCK || data[end - 1] != PADDING) {
        return false;
    }
    *size = end - 1;
    return true;
}

static lwsec_status decrypt(const lwsec_scp03 *session, uint8_t *data, size_t *size)
{
    uint8_t iv[BLOCK];

    if (*size % BLOCK != 0) {
        return LWSEC_REJECT;
    }
    lwsec_status status = make_iv(session, 0x80, iv);
    if (status == LWSEC_OK) {
        status = lwsec_key_at_once(
            session->enc, lwsec_key_cbc(session->enc, LWSEC_DECRYPT, lwsec_bytes_of(iv, BLOCK),
                                        lwsec_bytes_of(data, *size), data, *size));
    }
    if (status == LWSEC_OK && !strip(data, size)) {
        status = LWSEC_REJECT;
    }
    return status;
}

static lwsec_status unprotect(const lwsec_scp03 *session, uint8_t *room, size_t *size)
{
    if (!lwsec_scp03_has_r_mac(session)) {
        return LWSEC_OK;
    }
    if (!has_mac(session->card->sw)) {
        return *size == 0 ? LWSEC_OK : LWSEC_REJECT;
    }
    lwsec_status status = verify(session, room, size);
    if (status == LWSEC_OK && *size > 0 && (session->level & LWSEC_SCP03_BIT_R_ENC) != 0) {
        status = decrypt(session, &room[BLOCK], size);
    }
    return status;
}

/* ---- Both ---- */

/* The answer is gathered behind the chaining value, so that its MAC is over one piece. */
static lwsec_status send(lwsec_scp03 *session, const lwsec_apdu_command *command, lwsec_bytes data,
                         lwsec_buffer *response, lwsec_reason *reason)
{
    lwsec_apdu *card = session->card;
    lwsec_apdu_command sent = *command;
    lwsec_buffer room = lwsec_buffer_of(response->data, response->capacity);

    sent.cla = lwsec_apdu_class(command->cla, card->channel, true);
    sent.data = data;
    if (room.capacity < LWSEC_APDU_OVERHEAD) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memcpy(room.data, session->chain, BLOCK);
    room.size = BLOCK;
    room.capacity -= 2;
    lwsec_status status =
        lwsec_apdu_raw(card, &sent, lwsec_apdu_class(0, card->channel, false), &room, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    size_t size = room.size - BLOCK;
    status = unprotect(session, room.data, &size);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status,
                            status == LWSEC_REJECT ? LWSEC_WHY_SCP03_MAC : lwsec_key_why(status), 0,
                            reason);
    }
    memmove(response->data, &room.data[BLOCK], size);
    lwsec_wipe(&response->data[size], response->capacity - size);
    response->size = size;
    return lwsec_accept(reason);
}

static lwsec_status run(lwsec_scp03 *session, const lwsec_apdu_command *command,
                        lwsec_buffer *response, lwsec_reason *reason)
{
    uint8_t data[LWSEC_APDU_DATA_MAX];
    size_t size;

    if (session->counter == UINT32_MAX) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_KEY_LIMIT, 0, reason);
    }
    lwsec_status status = protect(session, command, data, &size);
    status = status == LWSEC_OK
                 ? send(session, command, lwsec_bytes_of(data, size), response, reason)
                 : lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    lwsec_wipe(data, sizeof data);
    return status;
}

lwsec_status lwsec_scp03_exchange(lwsec_scp03 *session, const lwsec_apdu_command *command,
                                  lwsec_buffer *response, lwsec_reason *reason)
{
    lwsec_apdu *card = session->card;

    if ((command->cla & 0x7fU) != 0 || command->data.size > lwsec_scp03_data_max(session)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    const lwsec_status status = run(session, command, response, reason);
    if (status != LWSEC_OK) {
        lwsec_wipe(response->data, response->capacity);
    }
    if (status != LWSEC_OK || is_over(card->sw)) {
        lwsec_scp03_end(session);
    }
    /* A slow store would have to be asked again, and the channel is over. */
    return status == LWSEC_PENDING ? LWSEC_UNSUPPORTED : status;
}
