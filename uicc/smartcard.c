/* The way to EF LwM2M_Bootstrap: LwM2M Core, Appendix G.2. */
#include "core/reason.h"
#include "uicc/files.h"

#define WITH_FCP 0x04U
#define RECORDS_MAX 254U
#define DIRECTORIES_MAX 16U
/* EF(ODF) and EF(DODF): rows of paths, and of labels with them. */
#define DIRECTORY_MAX 1024U
#define ROOM (LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD)

static const lwsec_smartcard_path dir_path = {{0x3f, 0x00, 0x2f, 0x00}, 4};
static const lwsec_smartcard_path odf_path = {{0x50, 0x31}, 2};

/* ---- EF(DIR) ---- */

/* The first record with a PKCS#15 application; it points into `record`. */
static lwsec_status find_record(lwsec_apdu *card, const lwsec_card_file *file, lwsec_buffer *record,
                                lwsec_bytes *aid, lwsec_reason *reason)
{
    for (unsigned number = 1; number <= RECORDS_MAX; number++) {
        lwsec_status status = lwsec_card_read_record(card, file, (uint8_t)number, record, reason);
        if (status == LWSEC_OK) {
            status = lwsec_smartcard_read_dir(lwsec_buffer_bytes(record), aid, reason);
            if (status == LWSEC_ABSENT) {
                continue;
            }
        }
        return status;
    }
    return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_CARD_FILE, 0, reason);
}

/* Records are recommended, not asked for: a transparent file has one template. */
static lwsec_status find_application(lwsec_apdu *card, lwsec_buffer *record, lwsec_bytes *aid,
                                     lwsec_reason *reason)
{
    lwsec_card_file file;

    lwsec_status status = lwsec_card_select(card, &dir_path, &file, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (file.record_size != 0) {
        return find_record(card, &file, record, aid, reason);
    }
    status = lwsec_card_read_binary(card, &file, record, reason);
    return status == LWSEC_OK ? lwsec_smartcard_read_dir(lwsec_buffer_bytes(record), aid, reason)
                              : status;
}

/* A card that refuses even this keeps the channel until its next reset; we are off it. */
static void leave_channel(lwsec_apdu *card)
{
    if (lwsec_apdu_close_channel(card, NULL) != LWSEC_OK) {
        card->channel = 0;
    }
}

static lwsec_status select_application(lwsec_apdu *card, lwsec_bytes aid, lwsec_reason *reason)
{
    uint8_t room[ROOM];
    lwsec_buffer record = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes found = aid;
    lwsec_status status = LWSEC_OK;

    if (aid.size == 0) {
        status = find_application(card, &record, &found, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_apdu_open_channel(card, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_apdu_select(card, found, WITH_FCP, NULL, reason);
    if (status != LWSEC_OK && card->channel != 0) {
        leave_channel(card);
    }
    return status;
}

lwsec_status lwsec_smartcard_select(lwsec_apdu *card, lwsec_bytes aid, lwsec_reason *reason)
{
    lwsec_status status = lwsec_apdu_begin(card, reason);

    if (status == LWSEC_OK) {
        status = select_application(card, aid, reason);
        lwsec_apdu_end(card);
    }
    return status;
}

/* ---- Files of the application ---- */

static lwsec_status read_file(lwsec_apdu *card, const lwsec_smartcard_path *path,
                              lwsec_buffer *content, lwsec_reason *reason)
{
    lwsec_card_file file;
    const lwsec_status status = lwsec_card_select(card, path, &file, reason);

    return status == LWSEC_OK ? lwsec_card_read_binary(card, &file, content, reason) : status;
}

/* The directories in their order, until one names the file. */
static lwsec_status find_file(lwsec_apdu *card, lwsec_smartcard_path *path, lwsec_reason *reason)
{
    uint8_t odf_room[DIRECTORY_MAX];
    uint8_t room[DIRECTORY_MAX];
    lwsec_buffer odf = lwsec_buffer_of(odf_room, sizeof odf_room);
    lwsec_buffer dodf = lwsec_buffer_of(room, sizeof room);
    lwsec_smartcard_path directory;

    lwsec_status status = read_file(card, &odf_path, &odf, reason);
    for (size_t i = 0; i < DIRECTORIES_MAX && status == LWSEC_OK; i++) {
        status = lwsec_smartcard_read_odf(lwsec_buffer_bytes(&odf), i, &directory, reason);
        if (status == LWSEC_OK) {
            status = read_file(card, &directory, &dodf, reason);
        }
        if (status != LWSEC_OK) {
            return status;
        }
        status = lwsec_smartcard_read_dodf(lwsec_buffer_bytes(&dodf), path, reason);
        if (status != LWSEC_ABSENT) {
            return status;
        }
        status = LWSEC_OK;
    }
    return status == LWSEC_OK ? lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_CARD_FILE, 0, reason) : status;
}

/* Without what fills the file up. */
static lwsec_status check_content(lwsec_buffer *file, lwsec_reason *reason)
{
    lwsec_smartcard_walk walk;
    const lwsec_status status = lwsec_smartcard_objects(lwsec_buffer_bytes(file), &walk, reason);

    if (status == LWSEC_OK) {
        file->size = walk.rest.size + 4;
    }
    return status;
}

lwsec_status lwsec_smartcard_read(lwsec_apdu *card, lwsec_buffer *file, lwsec_reason *reason)
{
    lwsec_smartcard_path path;

    file->size = 0;
    lwsec_status status = lwsec_apdu_begin(card, reason);
    if (status == LWSEC_OK) {
        status = find_file(card, &path, reason);
        if (status == LWSEC_OK) {
            status = read_file(card, &path, file, reason);
        }
        lwsec_apdu_end(card);
    }
    if (status == LWSEC_OK) {
        status = check_content(file, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(file->data, file->capacity);
        file->size = 0;
    }
    return status;
}
