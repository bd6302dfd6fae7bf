/* A test card: a UICC with the LwM2M application, in one process with a test or behind vpcd. */
/*
 * It was written from the specifications, the notes and vectors alone, with OpenSSL's primitives,
 * so that the library's own code for cards has something to disagree with. README.md tells what
 * it does where no text decides.
 */
#ifndef LWSEC_TESTS_UICC_CARD_CARD_H
#define LWSEC_TESTS_UICC_CARD_CARD_H

#include "tests/uicc/card/octets.h"

enum {
    CARD_RESPONSE_MAX = 258, /* 256 octets and the status */
    CARD_AID_MAX = 16,
    CARD_BOOTSTRAP_MAX = 0x7FFF
};

/* How the IoT SAFE applet is other than it should be, or need not be. */
enum {
    CARD_IOTSAFE_NO_DERIVATION = 1, /* neither COMPUTE PRF nor COMPUTE HKDF */
    CARD_IOTSAFE_WIDE = 2,          /* the length of a signature has two octets */
    CARD_IOTSAFE_SHORT = 4,         /* a signature has 63 octets */
    CARD_IOTSAFE_OTHER = 8,         /* an object has another label */
    CARD_IOTSAFE_BAD_LIST = 16      /* the list of objects is cut short */
};

/* What is put on the card. Everything is copied. Zero everything that is not needed. */
struct card_setup {
    struct octets aid; /* of the LwM2M application; empty: D2 76 00 01 18 4C 57 4D 32 4D */
    uint16_t get_data; /* P1 P2 of GET DATA; 0 is 0000 */
    bool require_secure_channel; /* GET DATA and STORE DATA only at level 33 */

    /* Static keys of SCP03; empty: the application has none. */
    struct octets scp03_enc, scp03_mac;
    uint8_t scp03_version;
    uint32_t scp03_sequence; /* the last one used, when there is no ledger file yet */

    /* Secured packets: KIc KID SPI1 SPI2 TAR, KIc's key and KID's key. Empty: no packets. */
    struct octets parameters, keys;
    size_t check_size;       /* 0: 8 */
    uint8_t tag;             /* of the BER-TLV in a packet, and CoAP_TAG; 0: 05 */
    struct octets sender;    /* the one address field that is heard; empty: everybody */
    uint64_t received, sent; /* counters when there is no ledger file yet */
    const char *ledger;      /* path of the file for counters; NULL: memory only */

    struct octets bootstrap; /* EF(LwM2M_Bootstrap); empty: a small one is built in */
    bool transparent_ef_dir; /* EF(DIR) without records */

    bool iotsafe; /* the IoT SAFE applet */
    struct octets
        iotsafe_device; /* private key of its pair "device", 32 octets; empty: a new one */
    unsigned iotsafe_quirks;
};

struct card;

/* NULL: a value is not allowed, or the ledger file cannot be read. */
struct card *card_open(const struct card_setup *setup);
void card_close(struct card *card);

/*
 * What comes over the contacts. Power and reset end sessions and channels; messages and counters
 * stay. A command is a T=0 command: 4 octets, or 5 of which the last is Le, or a header, Lc and
 * data; one more octet after the data is the Le of an APDU and is dropped. The response is put into
 * `response`, which has room for CARD_RESPONSE_MAX, and ends with the status.
 */
void card_reset(struct card *card);
struct octets card_answer_to_reset(void);
void card_apdu(struct card *card, struct octets command, struct room *response);

#endif
