/* A secure channel to a smartcard: SCP03 of GlobalPlatform (Card Specification Amendment D), as
 * Appendix H of LwM2M Core wants it (R-5.4.2.1.2-13). This is the host's side, with static keys as
 * handles. */
#ifndef LWSEC_SCP03_H
#define LWSEC_SCP03_H

#include <lwsec/apdu.h>
#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A secure channel. The memory is the caller's. */
typedef struct lwsec_scp03 lwsec_scp03;

/* The security levels that there are: what protects commands (C-) and responses (R-). */
enum {
    LWSEC_SCP03_C_MAC = 0x01,
    LWSEC_SCP03_C_ENC = 0x03, /* and C-MAC */
    LWSEC_SCP03_R_MAC = 0x11, /* and C-MAC */
    LWSEC_SCP03_C_ENC_R_MAC = 0x13,
    LWSEC_SCP03_ALL = 0x33 /* what Appendix H asks for */
};

/*
 * What host and card share. Caller-filled.
 *
 * K-ENC and K-MAC are keys of LWSEC_ALG_AES_CMAC with LWSEC_USE_MAC: the host does nothing with
 * them but deriving session keys, so a token may hold them. K-DEK is for keys that are put into a
 * card, which lwsec does not do.
 */
typedef struct lwsec_scp03_config {
    size_t size; /* sizeof(lwsec_scp03_config) */
    lwsec_key enc;
    lwsec_key mac;

    /* Where the three session keys are made: a store with AES in CBC and in single blocks, and
     * CMAC. NULL: the store of `enc`. A session key is the result of a MAC, so it passes through
     * this process on its way into the store, and is wiped there. */
    lwsec_store *session_store;

    uint8_t key_size; /* of the static keys and so of the session keys: 16, 24, 32; 0: 16 */
    uint8_t level;    /* LWSEC_SCP03_...; 0: LWSEC_SCP03_ALL */
    uint8_t version;  /* key version number; 0: the card's first choice */
    uint8_t key_id;   /* P2 of INITIALIZE UPDATE */

    /* A C-MAC is made as if on the basic channel. True: with the logical channel in CLA, for cards
     * that do so. */
    bool channel_in_mac;
} lwsec_scp03_config;

/* Bytes of memory, aligned as for uint64_t: a macro with some reserve, and what is authoritative.
 */
#define LWSEC_SCP03_SIZE 256U
LWSEC_API size_t lwsec_scp03_size(void);

/*
 * Opens a secure channel to the application that is selected on the card: INITIALIZE UPDATE with
 * eight random octets of the session store, the card's cryptogram, EXTERNAL AUTHENTICATE. Then
 * every lwsec_apdu_exchange of the card goes through it.
 *
 * For good, and with its session keys destroyed, it is over as soon as: the card's cryptogram, a
 * MAC, or a padding is wrong; a response lacks its MAC; the card says 6982, 6987 or 6988; the
 * transport fails; a key store fails; 2^32 - 1 commands were sent; an application is selected; or
 * the card was reset. Until another one is open, nothing but SELECT is sent to this card.
 *
 * A status word other than 9000, 62xx and 63xx comes without MAC: with R-MAC it may not have data,
 * and is not authentic.
 *
 * LWSEC_USAGE: a field of the configuration, or keys of another kind. LWSEC_BUFFER: `size`.
 * LWSEC_REJECT with SCP03_CARD: another protocol or key version, or a level that the card lacks;
 * with SCP03_MAC: the card does not have the keys; with CARD_STATUS: it refused. LWSEC_UNSUPPORTED:
 * the card wants S16 mode, the session store lacks AES, or a store is slow (LWSEC_PENDING). Those
 * of lwsec_apdu_exchange.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_scp03_open(void *memory, size_t size,
                                                         const lwsec_scp03_config *config,
                                                         lwsec_apdu *card, lwsec_scp03 **session,
                                                         lwsec_reason *reason);

/* Whether it is over. */
LWSEC_API bool lwsec_scp03_ended(const lwsec_scp03 *session);

/* Ends it and wipes its memory: before the card and the store of its session keys go. The card
 * answers LWSEC_NEED_REKEY to all but SELECT afterwards. */
LWSEC_API void lwsec_scp03_close(lwsec_scp03 **session);

#ifdef __cplusplus
}
#endif
#endif
