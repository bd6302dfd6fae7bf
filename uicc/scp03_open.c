/* How a secure channel opens and ends: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE. */
#include "core/epoch.h"
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/use.h"
#include "uicc/raw.h"
#include "uicc/scp03.h"

#include <string.h>

#define GLOBALPLATFORM 0x80U
#define INS_INITIALIZE_UPDATE 0x50U
#define INS_EXTERNAL_AUTHENTICATE 0x82U
#define PROTOCOL 0x03U
#define DIVERSIFICATION 10U
#define SEQUENCE 3U

/* Bits of the parameter i: Amendment D, table 5-1. */
enum { I_S16 = 0x01, I_RESERVED = 0x8e, I_PSEUDO_RANDOM = 0x10, I_R_MAC = 0x20, I_R_ENC = 0x40 };

_Static_assert(sizeof(lwsec_scp03) <= LWSEC_SCP03_SIZE, "the macro has to be enough");

size_t lwsec_scp03_size(void)
{
    return sizeof(lwsec_scp03);
}

static void destroy(lwsec_key *key)
{
    static const lwsec_key none;

    if (lwsec_key_destroy(key) != LWSEC_OK) {
        *key = none; /* gone with its store */
    }
}

void lwsec_scp03_end(lwsec_scp03 *session)
{
    destroy(&session->enc);
    destroy(&session->mac);
    destroy(&session->r_mac);
    lwsec_wipe(session->chain, sizeof session->chain);
    session->live = false;
    if (session->card != NULL && session->card->secure == session) {
        session->card->secure = NULL;
        session->card->secured = true;
    }
    session->card = NULL;
}

bool lwsec_scp03_ended(const lwsec_scp03 *session)
{
    return !session->live;
}

void lwsec_scp03_close(lwsec_scp03 **session)
{
    if (*session != NULL) {
        lwsec_scp03_end(*session);
        lwsec_wipe(*session, sizeof **session);
        *session = NULL;
    }
}

/* ---- The card's first answer ---- */

typedef struct first_answer {
    uint8_t version;
    uint8_t protocol;
    uint8_t parameter;
    lwsec_bytes challenge;
    lwsec_bytes cryptogram;
} first_answer;

/* The sequence counter is there when the challenge is pseudo-random, and only then. */
static lwsec_status read_answer(lwsec_bytes octets, first_answer *answer, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(octets);

    (void)lwsec_reader_take(&reader, DIVERSIFICATION);
    answer->version = lwsec_reader_u8(&reader);
    answer->protocol = lwsec_reader_u8(&reader);
    answer->parameter = lwsec_reader_u8(&reader);
    answer->challenge = lwsec_reader_take(&reader, LWSEC_SCP03_CHALLENGE);
    answer->cryptogram = lwsec_reader_take(&reader, LWSEC_SCP03_MAC);
    /* S16 mode has other lengths: it is told apart below. */
    if ((answer->parameter & I_S16) != 0) {
        (void)lwsec_reader_rest(&reader);
    } else if ((answer->parameter & I_PSEUDO_RANDOM) != 0) {
        (void)lwsec_reader_take(&reader, SEQUENCE);
    }
    return lwsec_reader_finish(&reader, reason);
}

/* What the card offers against what was asked for. Never less than the level. */
static lwsec_status check_answer(const lwsec_scp03_config *config, uint8_t level,
                                 const first_answer *answer, lwsec_reason *reason)
{
    const bool other_key = config->version != 0 && answer->version != config->version;
    const bool no_r_mac =
        (level & LWSEC_SCP03_BIT_R_MAC) != 0 && (answer->parameter & I_R_MAC) == 0;
    const bool no_r_enc =
        (level & LWSEC_SCP03_BIT_R_ENC) != 0 && (answer->parameter & I_R_ENC) == 0;

    if (answer->protocol != PROTOCOL || other_key) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SCP03_CARD, DIVERSIFICATION, reason);
    }
    if ((answer->parameter & I_S16) != 0) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_SCP03_CARD, DIVERSIFICATION + 2, reason);
    }
    if ((answer->parameter & I_RESERVED) != 0 || no_r_mac || no_r_enc) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SCP03_CARD, DIVERSIFICATION + 2, reason);
    }
    return lwsec_accept(reason);
}

static lwsec_status initialize_update(lwsec_apdu *card, const lwsec_scp03_config *config,
                                      const uint8_t *challenge, lwsec_buffer *response,
                                      lwsec_reason *reason)
{
    const lwsec_apdu_command command = {.cla = GLOBALPLATFORM,
                                        .ins = INS_INITIALIZE_UPDATE,
                                        .p1 = config->version,
                                        .p2 = config->key_id,
                                        .data = {challenge, LWSEC_SCP03_CHALLENGE},
                                        .le = LWSEC_APDU_ANSWER_MAX};
    const lwsec_status status = lwsec_apdu_plain(card, &command, response, reason);

    return status == LWSEC_OK ? lwsec_apdu_judge(card, 0, reason) : status;
}

/* ---- Both prove that they have the keys ---- */

static lwsec_status check_cryptogram(lwsec_scp03 *session, lwsec_bytes challenges,
                                     lwsec_bytes cryptogram, lwsec_reason *reason)
{
    uint8_t expected[32];
    const lwsec_status status = lwsec_scp03_derive(session->mac, LWSEC_SCP03_CARD_CRYPTOGRAM,
                                                   challenges, expected, LWSEC_SCP03_MAC);

    if (status != LWSEC_OK) {
        return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    }
    return lwsec_equal_secret(lwsec_bytes_of(expected, LWSEC_SCP03_MAC), cryptogram)
               ? LWSEC_OK
               : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SCP03_MAC, 0, reason);
}

/* The first command with a C-MAC. It is not encrypted, and its answer is not protected. */
static lwsec_status external_authenticate(lwsec_scp03 *session, lwsec_apdu *card,
                                          lwsec_bytes challenges, lwsec_reason *reason)
{
    lwsec_apdu_command command = {
        .cla = GLOBALPLATFORM, .ins = INS_EXTERNAL_AUTHENTICATE, .p1 = session->level};
    uint8_t data[32 + LWSEC_SCP03_MAC];
    uint8_t room[LWSEC_APDU_ANSWER_MAX];
    lwsec_buffer response = lwsec_buffer_of(room, sizeof room);
    size_t size = LWSEC_SCP03_MAC;

    lwsec_status status = lwsec_scp03_derive(session->mac, LWSEC_SCP03_HOST_CRYPTOGRAM, challenges,
                                             data, LWSEC_SCP03_MAC);
    if (status == LWSEC_OK) {
        status = lwsec_scp03_sign(session, &command, data, &size);
    }
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    }
    command.cla = lwsec_apdu_class(GLOBALPLATFORM, card->channel, true);
    command.data = lwsec_bytes_of(data, size);
    status = lwsec_apdu_raw(card, &command, lwsec_apdu_class(0, card->channel, false), &response,
                            reason);
    return status == LWSEC_OK ? lwsec_apdu_judge(card, 0, reason) : status;
}

static lwsec_status authenticate(lwsec_scp03 *session, const lwsec_scp03_config *config,
                                 lwsec_apdu *card, const first_answer *answer,
                                 const uint8_t *challenge, lwsec_reason *reason)
{
    lwsec_store *store = config->session_store != NULL ? config->session_store : config->enc.store;
    uint8_t both[2 * LWSEC_SCP03_CHALLENGE];
    lwsec_writer writer = lwsec_writer_of(both, sizeof both);
    const lwsec_bytes challenges = lwsec_bytes_of(both, sizeof both);

    lwsec_writer_bytes(&writer, lwsec_bytes_of(challenge, LWSEC_SCP03_CHALLENGE));
    lwsec_writer_bytes(&writer, answer->challenge);
    lwsec_status status = lwsec_scp03_make_keys(session, config, store, challenges);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, lwsec_key_why(status), 0, reason);
    }
    status = check_cryptogram(session, challenges, answer->cryptogram, reason);
    return status == LWSEC_OK ? external_authenticate(session, card, challenges, reason) : status;
}

static lwsec_status shake_hands(lwsec_scp03 *session, const lwsec_scp03_config *config,
                                lwsec_apdu *card, const uint8_t *challenge, lwsec_reason *reason)
{
    uint8_t room[LWSEC_APDU_ANSWER_MAX];
    lwsec_buffer response = lwsec_buffer_of(room, sizeof room);
    first_answer answer;

    lwsec_status status = initialize_update(card, config, challenge, &response, reason);
    if (status == LWSEC_OK) {
        status = read_answer(lwsec_buffer_bytes(&response), &answer, reason);
    }
    if (status == LWSEC_OK) {
        status = check_answer(config, session->level, &answer, reason);
    }
    return status == LWSEC_OK ? authenticate(session, config, card, &answer, challenge, reason)
                              : status;
}

lwsec_status lwsec_scp03_handshake(lwsec_scp03 *session, const lwsec_scp03_config *config,
                                   lwsec_apdu *card, const uint8_t challenge[LWSEC_SCP03_CHALLENGE],
                                   lwsec_reason *reason)
{
    session->level = config->level != 0 ? config->level : LWSEC_SCP03_ALL;
    session->channel_in_mac = config->channel_in_mac;
    session->card = card;
    /* From here on, whatever comes, nothing goes to this card in the clear. */
    card->secured = true;
    const lwsec_status status = shake_hands(session, config, card, challenge, reason);
    if (status != LWSEC_OK) {
        lwsec_scp03_end(session);
        /* A slow store would have to be asked again, and the challenge is gone. */
        return status == LWSEC_PENDING ? LWSEC_UNSUPPORTED : status;
    }
    session->live = true;
    card->secure = session;
    return lwsec_accept(reason);
}

/* ---- The call ---- */

static bool level_known(uint8_t level)
{
    return level == 0 || level == LWSEC_SCP03_C_MAC || level == LWSEC_SCP03_C_ENC ||
           level == LWSEC_SCP03_R_MAC || level == LWSEC_SCP03_C_ENC_R_MAC ||
           level == LWSEC_SCP03_ALL;
}

static bool config_known(const lwsec_scp03_config *config)
{
    const uint8_t size = config->key_size;

    return config->size == sizeof *config && level_known(config->level) &&
           config->enc.store != NULL && config->mac.store != NULL &&
           (size == 0 || size == 16 || size == 24 || size == 32);
}

/* Only to an application that was selected for it: a card that was lost has none. */
static lwsec_status check(const lwsec_scp03_config *config, const lwsec_apdu *card,
                          lwsec_reason *reason)
{
    if (!config_known(config) || card->secure != NULL) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    return card->lost ? lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason) : LWSEC_OK;
}

static lwsec_status draw_and_open(lwsec_scp03 *made, const lwsec_scp03_config *config,
                                  lwsec_apdu *card, lwsec_reason *reason)
{
    lwsec_store *store = config->session_store != NULL ? config->session_store : config->enc.store;
    uint8_t challenge[LWSEC_SCP03_CHALLENGE] = {0};
    const lwsec_status status = lwsec_random(store, challenge, sizeof challenge);

    if (status != LWSEC_OK) {
        return lwsec_refuse(status == LWSEC_PENDING ? LWSEC_UNSUPPORTED : status,
                            lwsec_key_why(status), 0, reason);
    }
    memset(made, 0, sizeof *made);
    return lwsec_scp03_handshake(made, config, card, challenge, reason);
}

/* R-5.4.2.1.2-13. */
lwsec_status lwsec_scp03_open(void *memory, size_t size, const lwsec_scp03_config *config,
                              lwsec_apdu *card, lwsec_scp03 **session, lwsec_reason *reason)
{
    lwsec_scp03 *made = memory;

    *session = NULL;
    if (memory == NULL || (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < sizeof *made) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    lwsec_status status = check(config, card, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_apdu_begin(card, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = draw_and_open(made, config, card, reason);
    lwsec_apdu_end(card);
    if (status == LWSEC_OK) {
        *session = made;
    }
    return status;
}
