/* SELECT, READ BINARY and READ RECORD. */
#include "tests/uicc/card/internal.h"

#include <string.h>

enum {
    BY_IDENTIFIER = 0x00,
    BY_NAME = 0x04,
    BY_PATH_FROM_MF = 0x08,
    BY_PATH_FROM_HERE = 0x09,
    WITH_FCI = 0x00,
    WITH_FCP = 0x04,
    WITH_NOTHING = 0x0C,
    NAME_MIN = 5, /* of a name that is cut short: the provider's part */
    MF = 0x3F00,
    ADF_HERE = 0x7FFF,
    DF_PKCS15 = 0x7F50,
    SHORT_IDENTIFIER = 0x80,
    RECORD_ABSOLUTE = 0x04,
    FCP = 0x62,
    FCI = 0x6F,
    /* What a wrapped answer of 256 octets has room for: MAC, and MAC and padding. */
    READ_MAX = 256,
    READ_MAX_R_MAC = 248,
    READ_MAX_R_ENCRYPTION = 239
};

static void put_directory(const struct card *card, enum application application, uint8_t template,
                          struct room *answer)
{
    static const uint8_t descriptor[] = {0x78, 0x21}, activated[] = {0x05};
    static const uint8_t master[] = {0x3F, 0x00};
    uint8_t bytes[64];
    struct room room = ROOM_OF(bytes);

    room_put_tlv(&room, 0x82, (struct octets){descriptor, sizeof(descriptor)});
    if (application == APPLICATION_NONE) {
        room_put_tlv(&room, 0x83, (struct octets){master, sizeof(master)});
    } else {
        room_put_tlv(&room, 0x84, application_name(card, application));
    }
    room_put_tlv(&room, 0x8A, (struct octets){activated, sizeof(activated)});
    room_put_tlv(answer, template, room_octets(&room));
}

static void put_file(const struct file *file, uint8_t template, struct room *answer)
{
    static const uint8_t activated[] = {0x05};
    uint8_t bytes[64], number_bytes[5];
    struct room room = ROOM_OF(bytes), number = ROOM_OF(number_bytes);

    room_put_number(&number, 2, file->record == 0 ? 0x4121 : 0x4221);
    if (file->record != 0) {
        room_put_number(&number, 2, file->record);
        room_put_number(&number, 1, file->content.size / file->record);
    }
    room_put_tlv(&room, 0x82, room_octets(&number));
    number.size = 0;
    room_put_number(&number, 2, file->identifier);
    room_put_tlv(&room, 0x83, room_octets(&number));
    room_put_tlv(&room, 0x8A, (struct octets){activated, sizeof(activated)});
    number.size = 0;
    room_put_number(&number, 2, file->content.size);
    room_put_tlv(&room, 0x80, room_octets(&number));
    room_put_tlv(answer, template, room_octets(&room));
}

static uint16_t put_selected(const struct card *card, const struct exchange *exchange,
                             struct room *answer)
{
    const uint8_t template = exchange->p2 == WITH_FCI ? FCI : FCP;

    if (exchange->p2 == WITH_NOTHING) {
        return SW_OK;
    }
    if (exchange->channel->file != NULL) {
        put_file(exchange->channel->file, template, answer);
    } else {
        put_directory(card, exchange->channel->application, template, answer);
    }
    return SW_OK;
}

/* Whether a name is the application's, or the beginning of it. */
static bool names(struct octets name, struct octets application)
{
    application.size = name.size < application.size ? name.size : application.size;
    return name.size >= NAME_MIN && octets_equal(name, application);
}

static uint16_t select_name(const struct card *card, struct channel *channel, struct octets name)
{
    if (names(name, application_name(card, APPLICATION_LWM2M))) {
        channel_select(channel, APPLICATION_LWM2M);
    } else if (names(name, application_name(card, APPLICATION_PKCS15))) {
        channel_select(channel, APPLICATION_PKCS15);
    } else if (card->has_iotsafe && names(name, application_name(card, APPLICATION_IOTSAFE))) {
        channel_select(channel, APPLICATION_IOTSAFE);
    } else {
        return SW_NO_FILE;
    }
    return SW_OK;
}

/* One step of a path, in what would be selected. */
static bool step(const struct card *card, uint64_t identifier, enum application *application,
                 const struct file **file)
{
    if (*file != NULL) {
        return false; /* nothing is below a file */
    }
    if (identifier == MF) {
        *application = APPLICATION_NONE;
        return true;
    }
    if (identifier == ADF_HERE) {
        return *application != APPLICATION_NONE;
    }
    if (identifier == DF_PKCS15 && *application == APPLICATION_NONE) {
        *application = APPLICATION_PKCS15;
        return true;
    }
    for (size_t i = 0; i < FILES; i++) {
        if (card->file[i].identifier == identifier && card->file[i].parent == *application) {
            *file = &card->file[i];
            return true;
        }
    }
    return false;
}

/*
 * A path from the MF may begin with 7FFF, the current application. One that leads out of the
 * current application ends its secure channel.
 */
static uint16_t select_path(const struct card *card, struct channel *channel, bool from_mf,
                            struct octets path)
{
    enum application application = channel->application;
    const struct file *file = NULL;
    uint64_t identifier;

    if (path.size == 0 || path.size % 2 != 0) {
        return SW_WRONG_LENGTH;
    }
    if (from_mf && (path.data[0] << 8 | path.data[1]) != ADF_HERE) {
        application = APPLICATION_NONE;
    }
    while (octets_take_number(&path, 2, &identifier)) {
        if (!step(card, identifier, &application, &file)) {
            return SW_NO_FILE;
        }
    }
    if (application != channel->application) {
        channel_select(channel, application);
    }
    channel->file = file;
    return SW_OK;
}

uint16_t do_select(struct card *card, struct exchange *exchange)
{
    uint16_t status;

    if (exchange->p2 != WITH_FCI && exchange->p2 != WITH_FCP && exchange->p2 != WITH_NOTHING) {
        return SW_WRONG_P1P2;
    }
    switch (exchange->p1) {
    case BY_IDENTIFIER:
        status = exchange->data.size != 2
                     ? SW_WRONG_LENGTH
                     : select_path(card, exchange->channel, false, exchange->data);
        break;
    case BY_NAME: status = select_name(card, exchange->channel, exchange->data); break;
    case BY_PATH_FROM_MF:
        status = select_path(card, exchange->channel, true, exchange->data);
        break;
    case BY_PATH_FROM_HERE:
        status = select_path(card, exchange->channel, false, exchange->data);
        break;
    default: return SW_WRONG_P1P2;
    }
    return status == SW_OK ? put_selected(card, exchange, &exchange->answer) : status;
}

/* The most that may be read at once. */
static size_t read_limit(const struct exchange *exchange)
{
    if (!exchange->has_data) {
        return exchange->le;
    }
    if ((exchange->channel->secure.level & SCP03_R_ENCRYPTION) != 0) {
        return READ_MAX_R_ENCRYPTION;
    }
    return (exchange->channel->secure.level & SCP03_R_MAC) != 0 ? READ_MAX_R_MAC : READ_MAX;
}

uint16_t do_read_binary(struct card *card, struct exchange *exchange)
{
    const struct file *const file = exchange->channel->file;
    const size_t offset = (size_t)exchange->p1 << 8 | exchange->p2;

    (void)card;
    if ((exchange->p1 & SHORT_IDENTIFIER) != 0) {
        return SW_NO_FILE; /* no transparent file has a short identifier */
    }
    if (file == NULL) {
        return SW_NO_CURRENT_FILE;
    }
    if (file->record != 0) {
        return SW_NO_FILE_STRUCTURE;
    }
    if (offset >= file->content.size) {
        return SW_WRONG_OFFSET;
    }
    const size_t left = file->content.size - offset, limit = read_limit(exchange);
    if (!exchange->has_data && limit > left) {
        return (uint16_t)(SW_WRONG_LE | left);
    }
    room_put(&exchange->answer,
             (struct octets){file->content.data + offset, left < limit ? left : limit});
    return SW_OK;
}

uint16_t do_read_record(struct card *card, struct exchange *exchange)
{
    const struct file *const file = exchange->channel->file;
    const size_t number = exchange->p1;
    uint16_t status = SW_OK;

    (void)card;
    if (exchange->p2 != RECORD_ABSOLUTE) {
        return SW_WRONG_P1P2;
    }
    if (file == NULL) {
        return SW_NO_CURRENT_FILE;
    }
    if (file->record == 0) {
        return SW_NO_FILE_STRUCTURE;
    }
    if (number == 0 || number > file->content.size / file->record) {
        return SW_NO_RECORD;
    }
    if (le_fits(exchange, file->record, &status)) {
        room_put(&exchange->answer, (struct octets){
                                        file->content.data + (number - 1) * file->record,
                                        file->record,
                                    });
    }
    return status;
}
