/* Commands to the smartcard of a modem, as AT commands of 3GPP TS 27.007: the lines, and a
 * transport made of them. */
#ifndef LWSEC_APDU_CSIM_H
#define LWSEC_APDU_CSIM_H

#include <lwsec/apdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Characters of the longest command, and of the longest response, with what is around them and a
 * final NUL. */
#define LWSEC_CSIM_COMMAND_SIZE 560U
#define LWSEC_CSIM_RESPONSE_SIZE 560U

/*
 * Lines of commands, without the line end, into `line` of `capacity` characters, with a final NUL.
 * LWSEC_BUFFER: no room. LWSEC_USAGE: no octets, or too many.
 *
 *   csim: AT+CSIM=10,"0070000001"       a command on the card as a whole (clause 8.17)
 *   ccho: AT+CCHO="A0..."               opens a logical channel to an application (8.45)
 *   cgla: AT+CGLA=1,10,"00B0000080"     a command on it (8.43)
 *   cchc: AT+CCHC=1                     closes it (8.46)
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_csim_command(lwsec_bytes command, char *line,
                                                           size_t capacity);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_ccho_command(lwsec_bytes aid, char *line,
                                                           size_t capacity);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cgla_command(uint32_t session, lwsec_bytes command,
                                                           char *line, size_t capacity);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cchc_command(uint32_t session, char *line,
                                                           size_t capacity);

/*
 * Reads `+CSIM: 6,"019000"` or `+CGLA: 6,"019000"`: the octets of an answer. Line ends around it,
 * and quotes that a modem leaves away, are allowed; the length has to be that of the hex digits.
 *
 * LWSEC_REJECT with CARD_RESPONSE: anything else, so `ERROR` and `+CME ERROR: 13` too.
 * LWSEC_BUFFER: no room.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_csim_response(const char *line, size_t length,
                                                            lwsec_buffer *response,
                                                            lwsec_reason *reason);

/* Reads `+CCHO: 1`, or the number alone: the session that cgla and cchc take. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_ccho_response(const char *line, size_t length,
                                                            uint32_t *session,
                                                            lwsec_reason *reason);

/*
 * The transport: `exchange` sends a line to the modem and writes the line that comes back, without
 * the final OK, into `response` of `capacity` characters, and its length. Anything but LWSEC_OK
 * says that the modem did not answer.
 *
 * A modem that tells of a reset of its card (there is no common form for it): the program
 * calls lwsec_apdu_was_reset.
 */
typedef struct lwsec_csim {
    size_t size; /* sizeof(lwsec_csim) */
    lwsec_status (*exchange)(void *context, const char *command, char *response, size_t capacity,
                             size_t *length);
    void *context;
    /* Of AT+CCHO: commands go by AT+CGLA, and the modem puts the channel into their CLA, so that
     * neither lwsec_apdu_select nor a channel of lwsec is wanted. 0: by AT+CSIM. */
    uint32_t session;
} lwsec_csim;

/* Connects a card to the modem, which is used until the last call. LWSEC_USAGE: a field of it. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_apdu_init_csim(lwsec_apdu *card, lwsec_csim *modem);

#ifdef __cplusplus
}
#endif
#endif
