/* The SMS channel of the examples: a server wakes its client by a secured packet. */
#ifndef LWM2M_SMS_H
#define LWM2M_SMS_H

#include <lwsec/coap.h>
#include <lwsec/sms_association.h>
#include <lwsec/sms_channel.h>
#include <lwsec/sms_concat.h>

#include "device.h"

/* No modem here: a TPDU is a line of hex, in the file or pipe that the other side reads. */
#define SMS_SERVER_NUMBER "+4915155500001"
#define SMS_CLIENT_NUMBER "+4915155500002"
#define SMS_LINE_MAX ((size_t)2 * LWSEC_SMS_TPDU_MAX)

/* One end of the channel. All memory is here. */
typedef struct lwm2m_sms {
    _Alignas(uint64_t) uint8_t association_memory[LWSEC_SMS_SIZE];
    _Alignas(uint64_t) uint8_t assembler_memory[LWSEC_SMS_ASSEMBLER_SIZE(2, 8)];
    lwsec_sms *association;
    lwsec_sms_assembler *assembler;
    lwsec_sms_channel channel;
    uint8_t reference; /* of the next message in several parts */
    char line[SMS_LINE_MAX];
    size_t line_size;
} lwm2m_sms;

/* How a client takes messages of its server by SMS: secured packets, and triggers only. */
lwsec_sms_channel sms_channel(void);

/* Judges a CoAP message that `who` has opened. True when it asks for an update of the registration;
 * otherwise it is logged, and nothing else. */
bool sms_obey(const lwsec_sms_channel *channel, const lwsec_sms_address *sender, lwsec_bytes coap,
              const char *who);

/* Imports the keys of file `keys` (KIc, then KID) and makes the association over the side's store
 * and state. Prints what is wrong where it cannot. */
bool sms_open(lwm2m_sms *sms, const lwm2m_side *side, const char *keys, bool fresh);
void sms_close(lwm2m_sms *sms);

/* Seals Execute /1/0/8 with an argument so long that it takes several messages, and writes the
 * TPDUs behind the end of file `to`. Prints what is wrong where it cannot. */
bool sms_wake(lwm2m_sms *sms, const char *to);

/* Takes one character of a line that is a TPDU. True when a message is complete, authentic, new,
 * and asks for an update of the registration; whatever else comes is logged, and nothing else. */
bool sms_take(lwm2m_sms *sms, char character);

#endif
