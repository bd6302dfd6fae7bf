/* Packets, and what protects them, for tests of smssec/. */
#ifndef LWSEC_TESTS_SMSSEC_PACKETS_H
#define LWSEC_TESTS_SMSSEC_PACKETS_H

#include "tests/support/stores.h"
#include "tests/support/test.h"

#include <lwsec/sms_packet.h>

#define PACKET_ROOM 1024U

/* The stores that have what packets need, one after the other; NULL past the end. */
const lwsec_test_store *packet_store_at(size_t index);

/* Runs a test with each of them open: `*state` is the lwsec_store. */
typedef void (*packet_test)(lwsec_store *store);
void packet_each_store(packet_test test);

/* Bytes of the kind that the parameters ask for, as a key; all zeros for none. */
lwsec_key packet_kic_key(lwsec_store *store, uint8_t kic, lwsec_bytes raw);
lwsec_key packet_kid_key(lwsec_store *store, uint8_t kid, lwsec_bytes raw);

/* Security of the general profile out of SPI, KIc, KID, TAR in hex, and both keys. */
lwsec_sms_security packet_security(lwsec_store *store, const char *spi, const char *kic,
                                   const char *kid, const char *tar, const char *kic_key,
                                   const char *kid_key);
void packet_security_destroy(lwsec_sms_security *security);

/* That of the vector lwm2m-aes128-cmac8: AES-128, SPI 16 01, profile LwM2M. */
lwsec_sms_security packet_lwm2m(lwsec_store *store);

/* A call's answer with its output, which is checked for what holds in all cases. */
typedef struct packet_result {
    lwsec_status status;
    lwsec_reason reason;
    uint64_t counter;
    lwsec_sms_response response;
    lwsec_buffer out;
    uint8_t room[PACKET_ROOM];
} packet_result;

lwsec_status packet_seal(const lwsec_sms_security *security, uint64_t counter, lwsec_bytes data,
                         packet_result *result);
lwsec_status packet_open(const lwsec_sms_security *security, lwsec_bytes packet,
                         packet_result *result);
lwsec_status packet_respond(const lwsec_sms_security *security, uint64_t counter, uint8_t status,
                            lwsec_bytes data, packet_result *result);
lwsec_status packet_receive(const lwsec_sms_security *security, lwsec_bytes packet,
                            packet_result *result);

/* Fails the test unless the call answers so, for this reason. */
void packet_refused(const packet_result *result, lwsec_status status, lwsec_why why);

#endif
