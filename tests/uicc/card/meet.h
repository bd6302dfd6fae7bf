/* What the tests of the card share: commands in hexadecimal, and a host's end of SCP03. */
#ifndef LWSEC_TESTS_UICC_CARD_MEET_H
#define LWSEC_TESTS_UICC_CARD_MEET_H

#include "tests/uicc/card/card.h"
#include "tests/uicc/card/scp03.h"

/* Keys and parameters of the vectors named lwm2m-aes128. */
#define MEET_PARAMETERS "12121600b20203"
#define MEET_KEYS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define MEET_AID "d2760001184c574d324d"
#define MEET_SELECT "00a404000a" MEET_AID
#define MEET_SELECT_PKCS15 "00a404000ca000000063504b43532d3135"
/* NON POST /1/0/8, and its +4915112345678 as an address field. */
#define MEET_COAP "5402303aaabbccddb13101300138"
#define MEET_ADDRESS "0d91945111325476f8"

/* Octets out of hexadecimal text, for as long as the program runs. */
struct octets meet_hex(const char *hex);

/* A card with SCP03 and packets: what `change` is not NULL may change before it is opened. */
struct card *meet_card(void (*change)(struct card_setup *setup));

/* One command as it stands: its status, and the data before it into `data` unless NULL. */
uint16_t meet_once(struct card *card, struct octets command, struct room *data);

/* The same as a terminal does it over T=0: 61xx is asked for, after 6Cxx again. */
uint16_t meet(struct card *card, const char *command, struct room *data);
uint16_t meet_octets(struct card *card, struct octets command, struct room *data);

/* An SMS-DELIVER in an ENVELOPE. */
uint16_t meet_envelope(struct card *card, struct octets tpdu, struct room *data);

/* A host on a logical channel. Its own code, over the primitives alone. */
struct host {
    struct card *card;
    uint8_t channel, level;
    size_t size;
    uint8_t enc[SCP03_KEY_MAX], mac[SCP03_KEY_MAX], rmac[SCP03_KEY_MAX];
    uint8_t chain[AES_BLOCK];
    uint8_t cryptogram[SCP03_MAC];
    uint64_t counter;
};

/* INITIALIZE UPDATE, with the card's answer checked. */
void host_begin(struct host *host, struct card *card, uint8_t channel);

/* EXTERNAL AUTHENTICATE: the status. */
uint16_t host_authenticate(struct host *host, uint8_t level);

/* Selects nothing: both of them, and they must go well. */
void host_open(struct host *host, struct card *card, uint8_t channel, uint8_t level);

/* The protected form of a command: CLA without the channel, INS, P1, P2, and data. */
void host_wrap(struct host *host, struct octets header, struct octets data, struct room *command);

/* Sends a command and opens the response; fails the test if the MAC of the response is wrong. */
uint16_t host_send(struct host *host, const char *header, struct octets data, struct room *plain);

#endif
