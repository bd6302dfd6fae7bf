/* The inside of an SMS association, and its two records. */
#ifndef LWSEC_SMSSEC_ASSOCIATION_H
#define LWSEC_SMSSEC_ASSOCIATION_H

#include <lwsec/sms_association.h>

#include "smssec/suite.h"

/* Checksums of the packets that were sent last, in a ring; shorter ones end with zeros. */
typedef struct lwsec_sms_sent {
    uint8_t count;
    uint8_t next; /* where the next one goes */
    uint8_t checks[LWSEC_SMS_REMEMBERED][LWSEC_SMS_CHECK_MAX];
} lwsec_sms_sent;

struct lwsec_sms {
    lwsec_sms_security security;
    lwsec_state *state;
    lwsec_record sent_record;
    lwsec_record received_record;
    uint64_t jump_max;
    uint64_t next_counter;
    uint64_t last_received;
    uint64_t version; /* of the record of what was sent */
    uint32_t flags;
    uint32_t epoch;
    uint32_t refused;
    uint8_t tag;
    lwsec_sms_sent sent;
};

_Static_assert(sizeof(lwsec_sms) <= LWSEC_SMS_SIZE, "the macro holds an association");

/* The last counter that this end may send. */
static inline uint64_t lwsec_sms_send_max(const lwsec_sms *association)
{
    return (association->flags & LWSEC_SMS_SEND_LOWER) != 0 ? LWSEC_SMS_COUNTER_UPPER - 1
                                                            : LWSEC_SMS_COUNTER_MAX;
}

/* The last counter that this end may receive. */
static inline uint64_t lwsec_sms_receive_max(const lwsec_sms *association)
{
    return (association->flags & LWSEC_SMS_SEND_UPPER) != 0 ? LWSEC_SMS_COUNTER_UPPER - 1
                                                            : LWSEC_SMS_COUNTER_MAX;
}

/* Names the records: fingerprints of KIc, KID and TAR that tell nothing of them. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_records_name(lwsec_sms *association, lwsec_reason *reason);

/* Finds both records, or makes them if the keys are fresh. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_records_begin(lwsec_sms *association,
                                                      const lwsec_sms_config *config,
                                                      lwsec_reason *reason);

/* Reads again what others have stored of what they sent. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_sent_load(lwsec_sms *association, lwsec_reason *reason);

/*
 * Stores that `next_counter` is the next one, and that a packet with this check was sent. It
 * counts only once this is LWSEC_OK. LWSEC_CONFLICT: another association of these keys was first.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_sent_store(lwsec_sms *association, uint64_t next_counter,
                                                   const uint8_t check[LWSEC_SMS_CHECK_MAX],
                                                   lwsec_reason *reason);

/* Whether a check is that of a packet of our own, sent by this association or by another one of
 * these keys. Changes nothing, so that a seal that is pending goes on as it was. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_sent_find(const lwsec_sms *association,
                                                  const uint8_t check[LWSEC_SMS_CHECK_MAX],
                                                  bool *found, lwsec_reason *reason);

/* Raises the last counter that was received to that of others. Not for every packet: one whose
 * store was pending would be taken for its own replay. */
LWSEC_MUST_CHECK lwsec_status lwsec_sms_received_load(lwsec_sms *association, lwsec_reason *reason);

#endif
