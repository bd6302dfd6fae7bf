/* Keys in the IoT SAFE applet of a SIM (GSMA IoT.05): signatures, key agreement, derivations. */
#ifndef LWSEC_IOTSAFE_H
#define LWSEC_IOTSAFE_H

#include <lwsec/apdu.h>
#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Objects of a card that are looked at; others are passed over. */
#define LWSEC_IOTSAFE_OBJECTS_MAX 24U
#define LWSEC_IOTSAFE_ID_MAX 20U
#define LWSEC_IOTSAFE_LABEL_MAX 60U

/* Bytes of memory that a store with `slots` handles takes, aligned as for uint64_t. */
#define LWSEC_IOTSAFE_SIZE(slots) (6144U + (size_t)(slots)*24U)
LWSEC_API size_t lwsec_iotsafe_size(uint32_t slots);

enum {
    /* A secret that the card can use for PRF and for HKDF is a Master Secret, not a PSK. */
    LWSEC_IOTSAFE_EXTRACT = 1 << 0
};

typedef struct lwsec_iotsafe_config {
    size_t size;      /* sizeof(lwsec_iotsafe_config) */
    lwsec_apdu *card; /* on the channel that is the store's own; it stays as long as the store */
    /* Where keys go that come out of the card (extracted, agreed) and are wanted in "the same
     * store": a store in memory. NULL: they go to a store that the caller names, or nowhere. */
    lwsec_store *inner;
    lwsec_bytes aid;  /* of the applet; empty: A0 00 00 05 59 00 10 */
    lwsec_bytes peer; /* identifier of a container for public keys of peers, which key agreement
                         writes to; empty: no key agreement */
    uint32_t flags;   /* LWSEC_IOTSAFE_... */
} lwsec_iotsafe_config;

/*
 * Selects the applet, lists its objects, and opens a store on them in the caller's `memory`, for at
 * most `slots` handles at once. The card belongs to the store from here on; threads may share the
 * store, which does one thing after another.
 *
 * A key is found by its label, or as `id:` and its identifier in lower-case hex where it has no
 * label. What it is for is what the card says: a pair signs (ES256), or agrees (ECDH-P256) if it
 * cannot sign; a secret is a PSK (COMPUTE PRF), or a Master Secret (COMPUTE HKDF). A pair is
 * generated in a container that is on the card, empty, or volatile, under its name. Keys are
 * neither imported nor destroyed: that is done when a card is personalised (LWSEC_UNSUPPORTED).
 *
 * HKDF: the card extracts; the pseudorandom key comes out of it into the target, or into
 * `inner`, of which the handle is then. Expanding happens there: for OSCORE, `inner` is the `store`
 * of its configuration, too. The tier of such a secret is LWSEC_TIER_MIXED. An operation that the
 * card lacks (6D00) answers LWSEC_UNSUPPORTED.
 *
 * A card that was lost (reset, removed and inserted) is selected again by the next operation; one
 * with other objects than before is refused (LWSEC_ENGINE) until the store is opened anew.
 *
 * LWSEC_USAGE, LWSEC_BUFFER: configuration or memory. LWSEC_ABSENT: no such applet. LWSEC_REJECT
 * with CARD_STATUS or CARD_RESPONSE: it does not tell its objects, or not in the form of the
 * specification. LWSEC_ENGINE with CARD_LOST. Others: as lwsec_apdu_exchange.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_iotsafe_open(void *memory, size_t size,
                                                           uint32_t slots,
                                                           const lwsec_iotsafe_config *config,
                                                           lwsec_store **store,
                                                           lwsec_reason *reason);

/* Lets go of all handles, wipes the memory and zeroes the pointer. `inner` stays open. */
LWSEC_API void lwsec_iotsafe_close(lwsec_store **store);

/*
 * Reads a file of the applet, as a certificate, by label or `id:` as above. LWSEC_ABSENT: none.
 * LWSEC_BUFFER: no room. LWSEC_REJECT with CARD_STATUS, or CARD_FILE: it ends before its size.
 * LWSEC_ENGINE with CARD_LOST, LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_iotsafe_read_file(lwsec_store *store,
                                                                lwsec_bytes name,
                                                                lwsec_buffer *content,
                                                                lwsec_reason *reason);

/* The card's last status word that was not 9000, for the log; 0: there was none. */
LWSEC_API uint16_t lwsec_iotsafe_status_word(const lwsec_store *store);

#ifdef __cplusplus
}
#endif
#endif
