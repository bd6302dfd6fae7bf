/* Short messages on the command line: TPDUs out of a packet, and a packet out of TPDUs. */
#ifndef CLI_SMS_TPDU_H
#define CLI_SMS_TPDU_H

#include <lwsec/sms_concat.h>

#include "arguments.h"
#include "output.h"

/* ---- A packet into TPDUs ---- */

/* The options of it. */
typedef struct cli_sms_split {
    const char *kind; /* NULL: a packet is wanted, no TPDUs */
    const char *address;
    const char *time;
    cli_number reference;

    /* what all parts have in common, after cli_sms_split_check */
    lwsec_sms_tpdu first;
} cli_sms_split;

/* Whether the options fit each other. CLI_DONE, or what to exit with, its line printed. */
int cli_sms_split_check(cli_sms_split *given);

/* The TPDUs of a Command Packet in hex, an array; NULL, and the line printed: it does not fit. */
json_t *cli_sms_split_packet(const cli_sms_split *given, lwsec_bytes packet);

/* ---- TPDUs into a packet ---- */

/* What TPDUs carry. */
typedef struct cli_sms_carried {
    lwsec_sms_tpdu last;    /* one of them: all have one kind and one address */
    bool download;          /* each is for the (U)SIM: lwsec_sms_is_download */
    lwsec_sms_message part; /* its packet is NULL while parts are missing */
    void *memory;           /* of the packet */
} cli_sms_carried;

/* How TPDUs are read. */
typedef struct cli_sms_reading {
    bool report;   /* SMS-DELIVER-REPORT, which looks like SMS-DELIVER */
    bool response; /* take 02 71 00 in plain user data for the header of a Response Packet */
} cli_sms_reading;

/* Decodes one: SMS-DELIVER or SMS-SUBMIT as it says itself. */
lwsec_status cli_sms_tpdu_read(const cli_sms_reading *how, const cli_bytes *wire,
                               lwsec_sms_tpdu *tpdu, lwsec_reason *reason);

/*
 * Puts TPDUs in any order together, of which duplicates do no harm. LWSEC_OK, also while parts are
 * missing; LWSEC_USAGE with the reason SMS_PART: they are of more than one message, or of more than
 * one kind; or what makes one of them unreadable. The packet lives until cli_sms_carried_free.
 */
lwsec_status cli_sms_assemble(const cli_sms_reading *how, const cli_parts *tpdus,
                              cli_sms_carried *carried, lwsec_reason *reason);
void cli_sms_carried_free(cli_sms_carried *carried);

/* What one TPDU says, field by field. */
json_t *cli_sms_tpdu_describe(const lwsec_sms_tpdu *tpdu);

#endif
