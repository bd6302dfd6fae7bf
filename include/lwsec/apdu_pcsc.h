/* Smartcards in readers, through PC/SC (pcscd). In liblwsec-pcsc. */
#ifndef LWSEC_APDU_PCSC_H
#define LWSEC_APDU_PCSC_H

#include <lwsec/apdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection to one card. The memory is the caller's; libpcsclite allocates for itself. */
typedef struct lwsec_pcsc lwsec_pcsc;

/* Bytes of memory, aligned as for uint64_t: a macro with some reserve, and what is authoritative.
 */
#define LWSEC_PCSC_SIZE 128U
LWSEC_API size_t lwsec_pcsc_size(void);

/*
 * The names of the readers, one after the other, each with a final NUL, into `names`; without a
 * reader its size is 0. LWSEC_BUFFER: no room. LWSEC_ENGINE: pcscd does not answer.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pcsc_list(lwsec_buffer *names);

/*
 * Connects to the card in a reader, shared with other programs, and makes `card` speak to it with
 * the protocol, T=0 or T=1, that was negotiated. Both last until lwsec_pcsc_close.
 *
 * A removed card, a reset by somebody else, and any other failure of the reader make `card` lost.
 * The connection is made anew then, by the next command: which can only be lwsec_apdu_select, as
 * the card has forgotten all.
 *
 * LWSEC_ABSENT: no such reader, or no card in it. LWSEC_ENGINE: pcscd does not answer, or the card
 * does not. LWSEC_USAGE, LWSEC_BUFFER: the memory.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_pcsc_open(void *memory, size_t size,
                                                        const char *reader, lwsec_apdu *card,
                                                        lwsec_pcsc **pcsc);

/* The number of the last failure, as pcscd tells it (SCARD_E_...); 0: there was none. */
LWSEC_API uint32_t lwsec_pcsc_error(const lwsec_pcsc *pcsc);

/* Disconnects. A card that had a secure channel is reset, as it would refuse plain commands of the
 * next program; otherwise it is left as it is. */
LWSEC_API void lwsec_pcsc_close(lwsec_pcsc **pcsc);

#ifdef __cplusplus
}
#endif
#endif
