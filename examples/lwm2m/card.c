/* The SMS channel of a client whose end-point is a smartcard: clause 5.4.2.1.2, Appendix H. */
#include "card.h"

#include <lwsec/sms_card.h>

#include <stdio.h>
#include <string.h>

#define KEY_SIZE 16U
#define READERS_SIZE 512U
#define MESSAGE_MAX 1024U

/* No text fixes the AID: this is the one of the test card. */
static const uint8_t application[] = {0xd2, 0x76, 0x00, 0x01, 0x18, 0x4c, 0x57, 0x4d, 0x32, 0x4d};

/* ---- The secure channel ---- */

static lwsec_status import_keys(lwsec_store *store, const char *path, lwsec_scp03_config *config)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, {NULL, 0}};
    uint8_t raw[2 * KEY_SIZE];
    FILE *file = fopen(path, "rb");

    if (file == NULL || setvbuf(file, NULL, _IONBF, 0) != 0) {
        return LWSEC_ABSENT;
    }
    const bool whole = fread(raw, 1, sizeof raw, file) == sizeof raw;
    (void)fclose(file);
    lwsec_status status = whole ? LWSEC_OK : LWSEC_ABSENT;
    if (status == LWSEC_OK) {
        status = lwsec_key_import(store, &attributes, lwsec_bytes_of(raw, KEY_SIZE), &config->enc);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_import(store, &attributes, lwsec_bytes_of(&raw[KEY_SIZE], KEY_SIZE),
                                  &config->mac);
    }
    lwsec_wipe(raw, sizeof raw);
    return status;
}

static lwsec_status connect_first(lwm2m_card *card)
{
    char names[READERS_SIZE];
    lwsec_buffer list = lwsec_buffer_of(names, sizeof names);
    const lwsec_status status = lwsec_pcsc_list(&list);

    if (status != LWSEC_OK || list.size == 0) {
        return status != LWSEC_OK ? status : LWSEC_ABSENT;
    }
    return lwsec_pcsc_open(card->pcsc_memory, sizeof card->pcsc_memory, names, &card->apdu,
                           &card->pcsc);
}

static lwsec_status open_all(lwm2m_card *card, const lwm2m_side *side, const char *keys,
                             lwsec_reason *reason)
{
    lwsec_scp03_config config = {.size = sizeof config};

    lwsec_status status = import_keys(side->store, keys, &config);
    if (status == LWSEC_OK) {
        status = connect_first(card);
    }
    if (status == LWSEC_OK) {
        status = lwsec_apdu_select(&card->apdu, lwsec_bytes_of(application, sizeof application), 0,
                                   NULL, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_scp03_open(card->session_memory, sizeof card->session_memory, &config,
                                  &card->apdu, &card->session, reason);
    }
    return status;
}

bool card_open(lwm2m_card *card, const lwm2m_side *side, const char *keys)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(card, 0, sizeof *card);
    card->channel = sms_channel();
    const lwsec_status status = open_all(card, side, keys, &reason);
    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "no smartcard: %s, %s\n", lwsec_status_name(status),
                      lwsec_why_text(reason.why));
        card_close(card);
        return false;
    }
    say("card: secure channel of level 33 to the LwM2M application");
    return true;
}

void card_close(lwm2m_card *card)
{
    lwsec_scp03_close(&card->session);
    lwsec_pcsc_close(&card->pcsc);
}

/* ---- Receiving ---- */

bool card_take(lwm2m_card *card)
{
    uint8_t room[MESSAGE_MAX];
    lwsec_sms_address sender;
    lwsec_bytes coap;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    bool woken = false;

    for (;;) {
        lwsec_buffer data = lwsec_buffer_of(room, sizeof room);
        lwsec_status status = lwsec_apdu_get_data(&card->apdu, 0, &data, &reason);
        if (status == LWSEC_ABSENT) {
            say("card: nothing more");
            return woken;
        }
        if (status == LWSEC_OK) {
            status = lwsec_sms_card_read(NULL, lwsec_buffer_bytes(&data), &sender, &coap, &reason);
        }
        if (status != LWSEC_OK) {
            say("card: %s", lwsec_why_text(reason.why));
            return woken;
        }
        woken |= sms_obey(&card->channel, &sender, coap, "the card");
    }
}
