/* A client and a server with one SMS association. */
#ifndef LWSEC_TESTS_SMSSEC_ENDS_H
#define LWSEC_TESTS_SMSSEC_ENDS_H

#include "tests/oscore/faulty_state.h"
#include "tests/smssec/packets.h"

#include <lwsec/sms_association.h>
#include <lwsec/state_memory.h>

#define END_RECORDS 6U
#define END_VALUE 256U

/* One end. Its configuration may be changed before end_open. */
typedef struct end {
    lwsec_sms_config config;
    lwsec_sms *association;
    lwsec_state *state;
    faulty_state faulty; /* what the association sees; passes on to `state` */
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(END_RECORDS, END_VALUE) / 8];
    uint64_t memory[LWSEC_SMS_SIZE / 8];
} end;

typedef struct ends {
    lwsec_store *store;
    end client;
    end server;
} ends;

/* AES-128, SPI 16 39: the PoR is asked for, with checksum and ciphering; keys fresh at both ends.
 */
int ends_set_up(void **state);
int ends_tear_down(void **state);
#define ends_test(test) cmocka_unit_test_setup_teardown((test), ends_set_up, ends_tear_down)

/* The same over a store that the test has open. */
void ends_begin(ends *both, lwsec_store *store);
void ends_end(ends *both);

void ends_open(ends *both);
lwsec_status end_try(end *one, lwsec_reason *reason);
void end_open(end *one);
/* What a reboot does: the association is gone, the state stays, the keys are not fresh. */
void end_reboot(end *one);

/* The calls, checked for what holds in all cases. */
lwsec_status end_seal(end *one, lwsec_bytes coap, packet_result *sent);
lwsec_status end_receive(end *one, lwsec_bytes packet, packet_result *got,
                         lwsec_sms_received *received);
lwsec_status end_answer(end *one, lwsec_sms_received *received, uint8_t status, lwsec_bytes data,
                        packet_result *sent);
lwsec_status end_answered(end *one, lwsec_bytes packet, uint64_t counter, packet_result *got);

/* A CoAP message, NON POST /1/0/8. */
lwsec_bytes coap_message(void);

lwsec_bytes packet_of(const packet_result *result);

/* A packet with the keys of an end and these secured data, made without an association. */
void end_forge(const end *one, uint64_t counter, const char *data, packet_result *made);

lwsec_sms_wear end_wear(const end *one);

#endif
