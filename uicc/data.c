/* GET DATA and STORE DATA: messages from and to the LwM2M application of a card. */
#include "core/reason.h"
#include "uicc/raw.h"
#include "uicc/scp03.h"

#define GLOBALPLATFORM 0x80U
#define INS_GET_DATA 0xcaU
#define INS_STORE_DATA 0xe2U
#define LAST_BLOCK 0x80U
#define BLOCKS_MAX 256U
#define SW_NO_DATA 0x6a88U

size_t lwsec_apdu_data_max(const lwsec_apdu *card)
{
    return card->secure != NULL ? lwsec_scp03_data_max(card->secure) : LWSEC_APDU_DATA_MAX;
}

/* R-5.4.2.1.2-08. */
lwsec_status lwsec_apdu_get_data(lwsec_apdu *card, uint16_t tag, lwsec_buffer *data,
                                 lwsec_reason *reason)
{
    const lwsec_apdu_command command = {.cla = GLOBALPLATFORM,
                                        .ins = INS_GET_DATA,
                                        .p1 = (uint8_t)(tag >> 8),
                                        .p2 = (uint8_t)tag,
                                        .le = LWSEC_APDU_ANSWER_MAX};
    lwsec_status status = lwsec_apdu_exchange(card, &command, data, reason);

    if (status == LWSEC_OK) {
        status = lwsec_apdu_judge(card, SW_NO_DATA, reason);
    }
    if (status != LWSEC_OK) {
        data->size = 0;
    }
    return status;
}

static lwsec_status store_block(lwsec_apdu *card, uint8_t p1, uint8_t number, lwsec_bytes block,
                                lwsec_reason *reason)
{
    const lwsec_apdu_command command = {
        .cla = GLOBALPLATFORM, .ins = INS_STORE_DATA, .p1 = p1, .p2 = number, .data = block};
    uint8_t room[LWSEC_APDU_ANSWER_MAX + LWSEC_APDU_OVERHEAD];
    lwsec_buffer response = lwsec_buffer_of(room, sizeof room);
    const lwsec_status status = lwsec_apdu_exchange(card, &command, &response, reason);

    return status == LWSEC_OK ? lwsec_apdu_judge(card, 0, reason) : status;
}

static lwsec_status store_blocks(lwsec_apdu *card, uint8_t p1, lwsec_bytes data, size_t size,
                                 lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    for (size_t at = 0; at < data.size && status == LWSEC_OK; at += size) {
        const size_t left = data.size - at;
        const bool last = left <= size;
        status = store_block(card, (uint8_t)(p1 | (last ? LAST_BLOCK : 0U)), (uint8_t)(at / size),
                             lwsec_bytes_of(&data.data[at], last ? left : size), reason);
    }
    return status;
}

/* R-5.4.2.1.2-10. */
lwsec_status lwsec_apdu_store_data(lwsec_apdu *card, uint8_t p1, lwsec_bytes data,
                                   lwsec_reason *reason)
{
    const size_t size = lwsec_apdu_data_max(card);

    if ((p1 & LAST_BLOCK) != 0 || data.size == 0 || data.size > BLOCKS_MAX * size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CARD_COMMAND, 0, reason);
    }
    lwsec_status status = lwsec_apdu_begin(card, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = store_blocks(card, p1, data, size, reason);
    lwsec_apdu_end(card);
    return status;
}
