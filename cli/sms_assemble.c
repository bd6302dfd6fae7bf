/* A packet out of TPDUs. */
#include "sms_tpdu.h"

#include <stdlib.h>
#include <string.h>

/* TP-MTI, the two low bits: 0 is SMS-DELIVER or SMS-DELIVER-REPORT, 1 is SMS-SUBMIT. */
lwsec_status cli_sms_tpdu_read(const cli_sms_reading *how, const cli_bytes *wire,
                               lwsec_sms_tpdu *tpdu, lwsec_reason *reason)
{
    lwsec_sms_tpdu_kind kind = how->report ? LWSEC_SMS_REPORT : LWSEC_SMS_DELIVER;

    if (!how->report && wire->size > 0 && (wire->data[0] & 3) == 1) {
        kind = LWSEC_SMS_SUBMIT;
    }
    const lwsec_status status = lwsec_sms_tpdu_decode(kind, cli_view(wire), tpdu, reason);
    if (status == LWSEC_OK && how->response) {
        (void)lwsec_sms_plain_response(tpdu);
    }
    return status;
}

static lwsec_status several(lwsec_reason *reason)
{
    *reason = (lwsec_reason){LWSEC_WHY_SMS_PART, 0};
    return LWSEC_USAGE;
}

/* One more part; nothing may come behind the last one. */
static lwsec_status add(lwsec_sms_assembler *assembler, const lwsec_sms_tpdu *tpdu, bool first,
                        cli_sms_carried *carried, lwsec_reason *reason)
{
    if (!first && (carried->part.packet.data != NULL || tpdu->kind != carried->last.kind ||
                   !lwsec_sms_address_same(&tpdu->address, &carried->last.address))) {
        return several(reason);
    }
    carried->last = *tpdu;
    carried->download = (first || carried->download) && lwsec_sms_is_download(tpdu);
    const lwsec_status status =
        lwsec_sms_assembler_add(assembler, 0, &tpdu->address, tpdu, &carried->part, reason);
    return status == LWSEC_REPLAY ? LWSEC_OK : status;
}

/* The packet may stand in the assembler, which ends. */
static void keep(cli_sms_carried *carried)
{
    const lwsec_bytes packet = carried->part.packet;

    if (packet.data != NULL) {
        carried->memory = cli_allocate(packet.size + 1);
        memcpy(carried->memory, packet.data, packet.size);
        carried->part.packet = lwsec_bytes_of(carried->memory, packet.size);
    }
}

lwsec_status cli_sms_assemble(const cli_sms_reading *how, const cli_parts *tpdus,
                              cli_sms_carried *carried, lwsec_reason *reason)
{
    const lwsec_sms_assembler_config config = {sizeof config, 1, 1, CLI_PARTS_MAX, 0};
    const size_t size = lwsec_sms_assembler_size(1, CLI_PARTS_MAX);
    void *memory = cli_allocate(size);
    lwsec_sms_assembler *assembler = NULL;
    lwsec_sms_tpdu tpdu;

    *carried = (cli_sms_carried){.memory = NULL};
    lwsec_status status = lwsec_sms_assembler_init(memory, size, &config, &assembler, reason);
    for (size_t i = 0; i < tpdus->count && status == LWSEC_OK; i++) {
        status = cli_sms_tpdu_read(how, &tpdus->items[i], &tpdu, reason);
        if (status == LWSEC_OK) {
            status = add(assembler, &tpdu, i == 0, carried, reason);
        }
    }
    if (status == LWSEC_OK) {
        keep(carried);
    }
    lwsec_sms_assembler_close(&assembler);
    free(memory);
    return status;
}

void cli_sms_carried_free(cli_sms_carried *carried)
{
    free(carried->memory);
    carried->memory = NULL;
}
