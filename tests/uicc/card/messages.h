/* What the tests of short messages share: a terminal's part, and what two cards send each other. */
#ifndef LWSEC_TESTS_UICC_CARD_MESSAGES_H
#define LWSEC_TESTS_UICC_CARD_MESSAGES_H

#include "tests/uicc/card/meet.h"

/* A command packet of counter 1, SPI 1601, and what GET DATA gives of it. */
#define MEET_PACKET                                                                                \
    "00281516011212b20203e3e462dc3b5487e12be3b92ee0b1a7e91e3970b5e6802f598b2223171a09cf97"
#define MEET_PAYLOAD MEET_ADDRESS "05000e" MEET_COAP

enum { MESSAGES_PARTS = 3, MESSAGES_TPDU = 180 };

/* SMS-SUBMITs that were fetched. */
struct sent_messages {
    size_t count;
    size_t size[MESSAGES_PARTS];
    uint8_t tpdu[MESSAGES_PARTS][MESSAGES_TPDU];
};

void assert_octets(struct octets got, struct octets expected);

/* A card whose LwM2M application is selected; the changes are those of meet_card. */
struct card *messages_card(void (*change)(struct card_setup *setup));

/* For meet_card: SPI2 01, which asks for plain reports. */
void messages_with_report(struct card_setup *setup);

/* An SMS-DELIVER with this header, its length first, and data; by ENVELOPE, the status. */
struct octets messages_deliver(const char *address, struct octets header, struct octets data,
                               uint8_t bytes[MESSAGES_TPDU]);
uint16_t messages_envelope(struct card *card, const char *address, const char *header,
                           struct octets data);

/* Whether a message waits for GET DATA, which takes it; that none does; that just this one does. */
bool messages_take(struct card *card, struct room *data);
void assert_nothing_waits(struct card *card);
void assert_message_waits(struct card *card, const char *expected);

/* STORE DATA in as few blocks as possible: the status of the last. */
uint16_t messages_store(struct card *card, struct octets payload);
uint16_t messages_store_coap(struct card *card, struct octets address, struct octets coap);

/* FETCH and TERMINAL RESPONSE until nothing is announced; reads the commands as a terminal does. */
void messages_fetch(struct card *card, uint16_t status, struct sent_messages *sent);

/* The user data of an SMS-SUBMIT after its header, whose element 70 or 71 `element` names. */
struct octets messages_user_data(const struct sent_messages *sent, size_t index,
                                 struct octets address, uint8_t *element);

/* Gives an SMS-SUBMIT to another card, as an SMS-DELIVER from MEET_ADDRESS: the status. */
uint16_t messages_carry(struct card *to, const struct sent_messages *sent, size_t index,
                        struct room *answer);

/* So many octets for a CoAP message. */
struct octets messages_coap(size_t size, uint8_t bytes[512]);

#endif
