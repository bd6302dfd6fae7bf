/* Commands to a smartcard: a transport that the caller gives, and the exchange over it. ISO/IEC
 * 7816-4, ETSI TS 102 221, GlobalPlatform Card Specification. */
#ifndef LWSEC_APDU_H
#define LWSEC_APDU_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWSEC_APDU_ABI 1U

/* Data of one command, and of one answer of the card, without headers and status word. */
#define LWSEC_APDU_DATA_MAX 255U
#define LWSEC_APDU_ANSWER_MAX 256U
/* Octets of a whole command, and of a whole answer. */
#define LWSEC_APDU_COMMAND_SIZE 261U
#define LWSEC_APDU_RESPONSE_SIZE 258U
/* Room that a response takes beyond its data, as scratch: chaining value, padding, MAC. */
#define LWSEC_APDU_OVERHEAD 48U
/* The highest logical channel. */
#define LWSEC_APDU_CHANNEL_MAX 19U

/*
 * How commands reach the card: a reader (<lwsec/apdu_pcsc.h>), a modem (<lwsec/apdu_csim.h>), or
 * anything else. `context` is the transport's own.
 */
typedef struct lwsec_apdu_ops {
    uint32_t abi;  /* LWSEC_APDU_ABI */
    uint32_t size; /* sizeof(lwsec_apdu_ops) as the transport was compiled */

    /*
     * Sends the octets of one command and gives back those of the answer, status word last: written
     * to `response`, which has room for LWSEC_APDU_RESPONSE_SIZE, with its size set.
     * Anything but LWSEC_OK says that the card was not reached, or was reset meanwhile: what the
     * card remembers is unknown then, and lwsec takes it for lost.
     */
    lwsec_status (*transmit)(void *context, lwsec_bytes command, lwsec_buffer *response);

    /* Keeps others away from the card for a row of commands, and lets them in again. `begin` tells
     * of a reset by anything but LWSEC_OK. Both may be NULL. */
    lwsec_status (*begin)(void *context);
    void (*end)(void *context);
} lwsec_apdu_ops;

struct lwsec_scp03;

/*
 * One card, and one logical channel of it. Filled by lwsec_apdu_init, then changed by calls of
 * lwsec alone; `t0`, `sw` and `channel` may be read. It belongs to one thread at a time, and stays
 * in its place while a secure channel is open.
 */
typedef struct lwsec_apdu {
    const lwsec_apdu_ops *ops;
    void *context;
    struct lwsec_scp03 *secure; /* the secure channel that is open; NULL: none */
    uint16_t sw;                /* the card's last status word, 0 if there was none */
    uint8_t channel;            /* logical channel, 0 to LWSEC_APDU_CHANNEL_MAX */
    uint8_t begun;              /* rows of commands that were begun, one inside of another */
    bool secured;               /* one was opened: nothing goes without one any more */
    bool t0;   /* protocol T=0: a command with data goes without Le, which GET RESPONSE has */
    bool lost; /* reset or gone: only a SELECT goes on */
} lwsec_apdu;

/* A short command. */
typedef struct lwsec_apdu_command {
    uint8_t cla; /* without logical channel and secure messaging: 00, 80 */
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    lwsec_bytes data; /* up to 255 octets; empty: none */
    uint16_t le;      /* octets expected, 1 to 256 (as many as there are); 0: none */
} lwsec_apdu_command;

/* Connects to a card on its basic channel. The table and the context are used until the last call.
 * LWSEC_USAGE: another ABI, or a table without transmit. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_init(lwsec_apdu *card, const lwsec_apdu_ops *ops,
                                                        void *context, bool t0);

/*
 * To be called when the card was reset, or removed and inserted again: its channels are closed and
 * its secure channel is over. From here on nothing goes out before lwsec_apdu_select.
 */
LWSEC_API void lwsec_apdu_was_reset(lwsec_apdu *card);

/*
 * Sends a command on the card's logical channel, through its secure channel if one was opened, and
 * gives back the data of the answer.
 *
 * 61xx is followed by GET RESPONSE until all data is there; 6Cxx by the same command, once, with
 * the Le that the card asks for. Any other status word is an answer: it is in `card->sw`, and
 * `response` has the data that came with it.
 *
 * LWSEC_USAGE with CARD_COMMAND: a command that is too long, or has a channel in its CLA.
 * LWSEC_BUFFER: more data than `response` has room for beside LWSEC_APDU_OVERHEAD.
 * LWSEC_REJECT with CARD_RESPONSE: an answer of no form, or one that never ends; with SCP03_...:
 * see <lwsec/scp03.h>. LWSEC_ENGINE with CARD_LOST: a transport that failed, now or before.
 * LWSEC_NEED_REKEY with SCP03_ENDED: the secure channel is over, and nothing is sent in the clear
 * instead.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_exchange(lwsec_apdu *card,
                                                            const lwsec_apdu_command *command,
                                                            lwsec_buffer *response,
                                                            lwsec_reason *reason);

/* Reads a short command out of its octets: cases 1 to 4 of ISO/IEC 7816-3. `data` points into them.
 * LWSEC_REJECT: none of these. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_read(lwsec_bytes octets,
                                                        lwsec_apdu_command *command,
                                                        lwsec_reason *reason);

/*
 * SELECT of an application by its AID, 5 to 16 octets: `00 A4 04 p2`. P2 is 00 or, for the FCP of
 * TS 102 221, 04. `response`, which may be NULL, gets what the card tells of it.
 *
 * It is sent in the clear, as it ends the secure channel that there was. Once there was one,
 * nothing but SELECT is sent until the next is open: only lwsec_apdu_init makes the card plain.
 *
 * LWSEC_ABSENT: no such application (6A82). LWSEC_REJECT with CARD_STATUS: refused otherwise.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_select(lwsec_apdu *card, lwsec_bytes aid,
                                                          uint8_t p2, lwsec_buffer *response,
                                                          lwsec_reason *reason);

/* MANAGE CHANNEL: opens a logical channel of the card's choice, on which all goes from now on, and
 * closes it, which leads back to the basic channel. LWSEC_USAGE: there is one already, or none, or
 * a secure channel is open. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_open_channel(lwsec_apdu *card,
                                                                lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_close_channel(lwsec_apdu *card,
                                                                 lwsec_reason *reason);

/* Octets of data that a command of the present security takes: 255, under C-MAC 247, under
 * C-DECRYPTION too 239. */
LWSEC_API size_t lwsec_apdu_data_max(const lwsec_apdu *card);

/*
 * Begins and ends a row of commands that nobody else comes between; rows may lie inside of each
 * other. A command with all its parts is such a row already. A secure channel that is shared with
 * nobody, as the card ends it with the first command from elsewhere, wants one around all of it.
 * LWSEC_ENGINE with CARD_LOST: the card was reset or is gone; the row has not begun then.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_begin(lwsec_apdu *card, lwsec_reason *reason);
LWSEC_API void lwsec_apdu_end(lwsec_apdu *card);

/*
 * GET DATA, `80 CA P1 P2`: how a message comes from the LwM2M application (R-5.4.2.1.2-08; what it
 * holds is for <lwsec/sms_card.h>). No text gives P1 and P2 (`tag`) a value.
 *
 * LWSEC_ABSENT: there is nothing (6A88). LWSEC_REJECT with CARD_STATUS: refused otherwise. After
 * LWSEC_OK `card->sw` is 9000, or 91xx where a proactive command waits.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_get_data(lwsec_apdu *card, uint16_t tag,
                                                            lwsec_buffer *data,
                                                            lwsec_reason *reason);

/*
 * STORE DATA, `80 E2 P1 P2`: how a message goes to the LwM2M application (R-5.4.2.1.2-10), in
 * blocks of lwsec_apdu_data_max octets, 256 at most. P1 is `p1` and, in the last block, bit 8; P2
 * counts blocks from 00. Nobody comes between the blocks.
 *
 * LWSEC_USAGE: bit 8 in `p1`, no data, or too much. LWSEC_REJECT with CARD_STATUS: a block was
 * refused, and no further one was sent.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_store_data(lwsec_apdu *card, uint8_t p1,
                                                              lwsec_bytes data,
                                                              lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
