/* Two links with contexts of one secret, and the stacks and the network around them. */
#ifndef LWSEC_TESTS_OSCORE_LINKS_H
#define LWSEC_TESTS_OSCORE_LINKS_H

#include "tests/oscore/pair.h"

#include <lwsec/oscore_link.h>

typedef struct links {
    pair *both;
    lwsec_coap_framing framing;
    lwsec_oscore_link_config config; /* of both; may be changed before links_open */
    lwsec_oscore_link *client;
    lwsec_oscore_link *server;
    uint64_t now;
} links;

/* Set-up and tear-down of a test: the test gets links whose contexts are configured as in pair.h,
 * not yet opened. */
int links_set_up(void **state);
int links_tear_down(void **state);
#define links_test(test) cmocka_unit_test_setup_teardown((test), links_set_up, links_tear_down)

void links_open(links *two);
/* The same, with a server that challenges the first request. */
void links_open_challenging(links *two);

/* What a message has beyond its head; zero is nothing of it. */
typedef struct body {
    const char *path;
    const char *query;
    const char *payload;
    const char *observe; /* the bytes of the option; NULL: none */
    const char *echo;
} body;

/* A plain message. It and all other messages here live until the test ends. */
lwsec_bytes coap(const links *two, uint8_t type, uint8_t code, uint16_t message_id,
                 const char *token, body parts);

/* Sends, or fails the test. */
lwsec_bytes sends(links *two, lwsec_oscore_link *link, lwsec_bytes plain);
void assert_not_sent(links *two, lwsec_oscore_link *link, lwsec_bytes plain, lwsec_status status,
                     lwsec_why why);

typedef struct arrival {
    lwsec_status status;
    lwsec_why why;
    lwsec_oscore_link_event event;
    lwsec_bytes plain;
    lwsec_bytes reply;
} arrival;

arrival arrives(links *two, lwsec_oscore_link *link, lwsec_bytes wire);
/* Arrives and is for the stack, as `plain`; nothing is replied. */
void assert_delivers(links *two, lwsec_oscore_link *link, lwsec_bytes wire, lwsec_bytes plain);
void assert_refuses(links *two, lwsec_oscore_link *link, lwsec_bytes wire, lwsec_status status,
                    lwsec_why why);

/* The same message with another Message ID. */
lwsec_bytes with_id(lwsec_bytes message, uint16_t message_id);
uint16_t id_of(lwsec_bytes message);

uint64_t next_number(links *two, endpoint *one);

#endif
