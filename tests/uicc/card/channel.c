/* Logical channels, and the secure channel on each of them. */
#include "tests/uicc/card/internal.h"

#include <openssl/crypto.h>

enum { OPEN = 0x00, CLOSE = 0x80 };

void channel_select(struct channel *channel, enum application application)
{
    const bool open = channel->open;

    OPENSSL_cleanse(channel, sizeof(*channel));
    channel->open = open;
    channel->application = application;
}

static uint16_t open_channel(struct card *card, struct exchange *exchange)
{
    uint16_t status;

    for (unsigned i = 1; i < CHANNELS; i++) {
        if (!card->channel[i].open) {
            if (!le_fits(exchange, 1, &status)) {
                return status;
            }
            channel_select(&card->channel[i], APPLICATION_NONE);
            card->channel[i].open = true;
            room_put_number(&exchange->answer, 1, i);
            return SW_OK;
        }
    }
    return SW_NOT_SUPPORTED;
}

uint16_t do_manage_channel(struct card *card, struct exchange *exchange)
{
    if (exchange->p1 == OPEN && exchange->p2 == 0) {
        return open_channel(card, exchange);
    }
    if (exchange->p1 != CLOSE || exchange->p2 == 0 || exchange->p2 >= CHANNELS) {
        return SW_WRONG_P1P2;
    }
    if (!card->channel[exchange->p2].open) {
        return SW_NO_CHANNEL;
    }
    channel_select(&card->channel[exchange->p2], APPLICATION_NONE);
    card->channel[exchange->p2].open = false;
    return SW_OK;
}

uint16_t do_initialize_update(struct card *card, struct exchange *exchange)
{
    struct channel *const channel = exchange->channel;

    scp03_close(&channel->secure);
    if (!card->has_scp03 || channel->application == APPLICATION_NONE) {
        return SW_NO_INSTRUCTION;
    }
    if (exchange->p2 != 0) {
        return SW_WRONG_P1P2;
    }
    if (exchange->p1 != 0 && exchange->p1 != card->scp03_keys.version) {
        return SW_NO_DATA;
    }
    if (exchange->data.size != SCP03_CHALLENGE) {
        return SW_WRONG_LENGTH;
    }
    if (!ledger_next_sequence(&card->ledger) ||
        !scp03_initialize_update(&channel->secure, &card->scp03_keys, card->ledger.sequence,
                                 application_name(card, channel->application), exchange->data,
                                 &exchange->answer)) {
        return SW_BROKEN;
    }
    return SW_OK;
}

uint16_t do_external_authenticate(struct card *card, struct exchange *exchange)
{
    const uint8_t header[4] = {exchange->cla, exchange->ins, exchange->p1, exchange->p2};
    struct scp03 *const secure = &exchange->channel->secure;

    (void)card;
    if (secure->state != SCP03_INITIALIZED) {
        scp03_close(secure);
        return SW_CONDITIONS;
    }
    if (exchange->p2 != 0 || exchange->data.size != 2 * SCP03_MAC) {
        scp03_close(secure);
        return exchange->p2 != 0 ? SW_WRONG_P1P2 : SW_WRONG_LENGTH;
    }
    return scp03_external_authenticate(secure, header, exchange->data) ? SW_OK : SW_NOT_AUTHENTIC;
}
