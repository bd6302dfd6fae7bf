/* Short messages as the card sees them: SMS-DELIVER read, SMS-SUBMIT built, parts joined, split. */
#ifndef LWSEC_TESTS_UICC_CARD_TPDU_H
#define LWSEC_TESTS_UICC_CARD_TPDU_H

#include "tests/uicc/card/octets.h"

enum {
    TPDU_PARTS = 3, /* of one message, in either direction */
    TPDU_USER_DATA = 140,
    TPDU_ADDRESS = 12, /* an address field: digits, type, at most ten octets of digits */
    TPDU_MAX = 176,
    TPDU_ASSEMBLIES = 4 /* messages that wait for more parts at the same time */
};

/* Takes an address field: digits, type of number, digits in semi-octets. No letters. */
bool tpdu_take_address(struct octets *from, struct octets *address);

/* An SMS-DELIVER that may carry a part of a secured command packet. It points into its TPDU. */
struct delivered {
    struct octets address;
    bool begins;        /* the element 70: here a command packet begins */
    unsigned reference; /* 0x10000 and more: with 16 bits */
    unsigned parts;     /* 1 without an element of concatenation */
    unsigned number;    /* from 1 on */
    struct octets data; /* what follows the header */
};

/* Class 2, 8-bit data, (U)SIM data download; false for anything else. */
bool tpdu_read_deliver(struct octets tpdu, struct delivered *delivered);

/* Parts of one message that have come. */
struct assembly {
    unsigned age; /* 0: unused; else the higher, the younger */
    uint8_t address[TPDU_ADDRESS];
    size_t address_size;
    unsigned reference;
    unsigned parts;
    struct {
        bool here;
        size_t size;
        uint8_t data[TPDU_USER_DATA];
    } part[TPDU_PARTS];
};

struct assemblies {
    unsigned age;
    struct assembly of[TPDU_ASSEMBLIES];
};

/*
 * Adds a part. True when the message is complete: the packet was put then. A part that comes twice
 * is ignored; one that comes with other octets ends its message. When no place is free the oldest
 * message is given up.
 */
bool tpdu_join(struct assemblies *assemblies, const struct delivered *part, struct room *packet);

/* How many messages carry a packet of this size; 0 if more than the card sends. */
unsigned tpdu_parts_of(size_t packet_size);

/*
 * Part `number`, from 1 on, of a command packet as an SMS-SUBMIT to `address`. `message_reference`
 * is TP-MR, `reference` that of the concatenation.
 */
bool tpdu_put_submit(struct octets address, struct octets packet, unsigned number,
                     uint8_t message_reference, uint8_t reference, struct room *tpdu);

/* A proof of receipt, from 02 71 00 on, as an SMS-SUBMIT. */
bool tpdu_put_report(struct octets address, struct octets report, uint8_t message_reference,
                     struct room *tpdu);

#endif
