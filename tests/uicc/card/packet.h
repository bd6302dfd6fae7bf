/* Secured packets of the card's LwM2M application: opening, sealing, and proofs of receipt. */
#ifndef LWSEC_TESTS_UICC_CARD_PACKET_H
#define LWSEC_TESTS_UICC_CARD_PACKET_H

#include "tests/uicc/card/primitives.h"

enum {
    PACKET_KEY_MAX = 32,
    PACKET_CHECK_MAX = 8,
    PACKET_PARAMETERS = 7,
    PACKET_COUNTER_WIDTH = 5,
    PACKET_MAX = 512, /* more than three messages can carry */
    PACKET_TAR = 0xB20203
};
#define PACKET_COUNTER_MAX UINT64_C(0xFFFFFFFFFF)

/* What both ends were provisioned with. */
struct association {
    uint8_t parameters[PACKET_PARAMETERS]; /* KIc, KID, SPI1, SPI2, TAR */
    enum block_cipher cipher;
    uint8_t cipher_key[PACKET_KEY_MAX];
    size_t cipher_key_size;
    enum block_cipher check;
    uint8_t check_key[PACKET_KEY_MAX];
    size_t check_key_size;
    size_t check_size; /* 8, or 4 with AES */
    uint8_t tag;       /* of the BER-TLV around the CoAP message */
};

/*
 * `parameters`: KIc, KID, SPI1, SPI2, TAR. `keys`: the key of KIc, then the key of KID. False if
 * LwM2M does not allow them: anything but AES and 3DES with three different keys, no ciphering, no
 * cryptographic checksum, another counter rule than "higher", another TAR, a proof of receipt that
 * is protected by a redundancy check.
 */
bool association_set(struct association *association, struct octets parameters, struct octets keys,
                     size_t check_size, uint8_t tag);

/* What an authentic packet says. `coap` lies in the room that the packet was opened into. */
struct opened {
    uint64_t counter;
    uint8_t check[PACKET_CHECK_MAX];
    struct octets coap;
};

/*
 * Opens a command packet, which begins with CPL. Whatever is wrong with it, the answer is the same.
 * The counter is not compared with anything here.
 */
bool packet_open(const struct association *association, struct octets packet, struct room *plain,
                 struct opened *opened);

/* Seals a CoAP message into a command packet and tells its checksum. */
bool packet_seal(const struct association *association, uint64_t counter, struct octets coap,
                 struct room *packet, uint8_t check[PACKET_CHECK_MAX]);

/* Whether the association asks for proofs of receipt, and where they go. */
enum report_way { REPORT_NONE, REPORT_IN_DELIVERY, REPORT_BY_SUBMIT };
enum report_way packet_report_way(const struct association *association);

/* The proof of receipt with the status "PoR OK", from 02 71 00 on: all of TP-UD. */
bool packet_report(const struct association *association, uint64_t counter, struct room *report);

#endif
