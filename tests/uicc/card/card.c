/* The card as a whole: put together, reset, and closed. */
#include "tests/uicc/card/internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum { TAG_COAP = 0x05, CHECK_SIZE = 8 };

static bool set_aid(struct card *card, struct octets aid)
{
    static const uint8_t lwm2m[] = {0xD2, 0x76, 0x00, 0x01, 0x18, 0x4C, 0x57, 0x4D, 0x32, 0x4D};

    if (aid.size == 0) {
        aid = (struct octets){lwm2m, sizeof(lwm2m)};
    }
    if (aid.size < 5 || aid.size > CARD_AID_MAX) {
        return false;
    }
    memcpy(card->aid, aid.data, aid.size);
    card->aid_size = aid.size;
    return true;
}

static bool set_scp03(struct card *card, const struct card_setup *setup)
{
    const size_t size = setup->scp03_enc.size;

    card->has_scp03 = size > 0;
    if (size != setup->scp03_mac.size || (size != 0 && size != 16 && size != 24 && size != 32)) {
        return false;
    }
    card->scp03_keys.version = setup->scp03_version;
    card->scp03_keys.size = size;
    if (card->has_scp03) {
        memcpy(card->scp03_keys.enc, setup->scp03_enc.data, size);
        memcpy(card->scp03_keys.mac, setup->scp03_mac.data, size);
    }
    return card->has_scp03 || !setup->require_secure_channel;
}

static bool set_packets(struct card *card, const struct card_setup *setup)
{
    struct octets sender = setup->sender, address;

    card->has_packets = setup->parameters.size > 0;
    card->hears_everybody = sender.size == 0;
    if (!card->hears_everybody) {
        if (!tpdu_take_address(&sender, &address) || sender.size != 0) {
            return false;
        }
        memcpy(card->sender, address.data, address.size);
        card->sender_size = address.size;
    }
    return !card->has_packets ||
           association_set(&card->association, setup->parameters, setup->keys,
                           setup->check_size == 0 ? CHECK_SIZE : setup->check_size,
                           setup->tag == 0 ? TAG_COAP : setup->tag);
}

struct card *card_open(const struct card_setup *setup)
{
    struct card *const card = calloc(1, sizeof(*card));

    if (card == NULL) {
        return NULL;
    }
    card->get_data = setup->get_data;
    card->command_number = 1;
    card->require_secure_channel = setup->require_secure_channel;
    card->ledger = (struct ledger){
        .path = setup->ledger,
        .received = setup->received,
        .sent = setup->sent,
        .sequence = setup->scp03_sequence,
    };
    if (!set_aid(card, setup->aid) || !set_scp03(card, setup) || !set_packets(card, setup) ||
        !files_make(card, setup) || !ledger_load(&card->ledger) || !iotsafe_make(card, setup)) {
        card_close(card);
        return NULL;
    }
    card_reset(card);
    return card;
}

void card_close(struct card *card)
{
    if (card != NULL) {
        iotsafe_close(card);
        OPENSSL_cleanse(card, sizeof(*card));
        free(card);
    }
}

void card_reset(struct card *card)
{
    for (size_t i = 0; i < CHANNELS; i++) {
        channel_select(&card->channel[i], APPLICATION_NONE);
        card->channel[i].open = i == 0;
    }
    card->rest_size = 0;
    card->fetched = false;
    iotsafe_reset(card);
}

struct octets card_answer_to_reset(void)
{
    /* Direct convention, T=0 alone, five historical octets. */
    static const uint8_t atr[] = {0x3B, 0x05, 'L', 'W', 'M', '2', 'M'};

    return (struct octets){atr, sizeof(atr)};
}
