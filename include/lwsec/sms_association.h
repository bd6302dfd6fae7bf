/* SMS secured mode of LwM2M (Transport 5.4.2): an association that seals and opens CoAP messages.
 */
#ifndef LWSEC_SMS_ASSOCIATION_H
#define LWSEC_SMS_ASSOCIATION_H

#include <lwsec/sms_packet.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One end of the secured packets between a client and a server: both keys as handles, the
 * parameters that were agreed on, a counter for what is sent and one for what was received. It
 * lives in the caller's memory and is never allocated. One thread uses it at a time; the state
 * makes sure that several associations of the same keys deliver no packet twice and use no counter
 * twice.
 *
 * Requests and responses are Command Packets both (R-5.4.2.1.3-02), with the same keys in both
 * directions, and nothing in a packet tells its direction. The checksums of the last packets that
 * this end sent, by whichever association of these keys, are therefore in the state, and such
 * packets are refused. Where more can be in the hands
 * of an attacker, LWSEC_SMS_SEND_UPPER and LWSEC_SMS_SEND_LOWER close the gap. A packet of the peer
 * that is the same as one of ours, counter and message, cannot be told from it and is refused.
 *
 * R-5.4.2-05, R-5.4.2-06: whatever is not right is discarded. No call here makes an answer to a
 * packet that was not authentic, and nothing that a refusal says is meant for the peer.
 *
 * The Transport text gives secured packets to the smart card, and DTLS to a device without one: on
 * a device this is an extension, on a server and in a card it is what the text asks for.
 */
typedef struct lwsec_sms lwsec_sms;

/* How many packets of its own an end remembers. */
#define LWSEC_SMS_REMEMBERED 16U

/* The tag of the Secured Data; the text says "e.g. 0x05". */
#define LWSEC_SMS_TAG_DEFAULT 0x05U

/* Counters from here on are the upper half. */
#define LWSEC_SMS_COUNTER_UPPER 0x8000000000ULL

/*
 * Flags. None set is the strictest, but for the halves of counters at the end: one of them is safer
 * wherever the peer stays in the other half.
 *
 * LWSEC_KEY_FRESH (<lwsec/key.h>): these keys were never used before, or never beyond `send_from`
 * and `received_up_to`.
 */
enum {
    /* Take Secured Data whose length is not written in as few octets as it could be. */
    LWSEC_SMS_LENIENT_LENGTH = 1 << 1,
    /* Allow Proofs of Receipt where the SPI asks for them: the policy of R-5.4.2.1.3-11. */
    LWSEC_SMS_SEND_POR = 1 << 2,
    /* Send counters of the upper half alone, and refuse to receive them; or the other way round.
     * One of the two at each end, and no packet can come back to its sender. One end alone is
     * enough for its own safety, as long as the other one stays in the other half. */
    LWSEC_SMS_SEND_UPPER = 1 << 3,
    LWSEC_SMS_SEND_LOWER = 1 << 4
};

/* What an association is made of. Zero everything, then set what is needed. */
typedef struct lwsec_sms_config {
    size_t size; /* sizeof(lwsec_sms_config) */

    lwsec_sms_parameters parameters; /* see lwsec_sms_parameters_read */
    /* As in lwsec_sms_security; KIc needs LWSEC_USE_ENCRYPT and LWSEC_USE_DECRYPT. Both live as
     * long as the association. See lwsec_sms_keys_import. */
    lwsec_key kic_key;
    lwsec_key kid_key;
    lwsec_state *state; /* where the counters are kept. Needed */

    uint8_t check_size; /* of an AES-CMAC: 8, or 4 where a guess in 2^32 is good enough; 0: 8 */
    uint8_t tag;        /* of the Secured Data; one octet of BER; 0: 05 */

    /* The first counter to send, 0: 1; and the last one received. For keys that another
     * implementation has used. A record that stands higher wins. */
    uint64_t send_from;
    uint64_t received_up_to;

    /* How far a counter may be ahead of the last one; 0: any. Whoever has the keys could otherwise
     * use up all counters with one packet. */
    uint64_t jump_max;

    uint32_t flags;
} lwsec_sms_config;

/* Bytes of memory that an association takes, aligned as for uint64_t. The macro is for static
 * memory and has some reserve; the function is authoritative. */
#define LWSEC_SMS_SIZE 448U
LWSEC_API size_t lwsec_sms_size(void);

/*
 * Makes an association in `memory` and finds its two records, which are named by a fingerprint of
 * KIc, KID and TAR: keys that are provisioned again find their counters again.
 *
 * LWSEC_NEED_REKEY with the reason SMS_NO_RECORD: there are no records, and the keys are not
 * declared fresh. LWSEC_USAGE with the reason: a field of the configuration; as
 * lwsec_sms_security_check. LWSEC_BUFFER: `size` is less than lwsec_sms_size says. Those of
 * lwsec_state_load and lwsec_state_store_if, and of the key store.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_init(void *memory, size_t size,
                                                       const lwsec_sms_config *config,
                                                       lwsec_sms **association,
                                                       lwsec_reason *reason);

/* Wipes the memory and zeroes the pointer. The keys are the caller's; the records stay. */
LWSEC_API void lwsec_sms_close(lwsec_sms **association);

/*
 * Seals a CoAP message into a Command Packet, from CPL on. Its counter and checksum are stored
 * before the packet is given out: one durable write a packet. `counter` (may be NULL) is for
 * lwsec_sms_por_open. `out` may not overlap `coap` and needs coap.size + LWSEC_SMS_OVERHEAD + 4.
 * To send a message once more is to seal it once more; a packet that the network may have lost
 * half of must not be sealed again under its counter, and cannot be.
 *
 * LWSEC_NEED_REKEY with the reason SMS_COUNTER_END: all counters are used. LWSEC_STATE,
 * LWSEC_PENDING: nothing was sent. LWSEC_USAGE, LWSEC_BUFFER, LWSEC_FORKED, and those of the keys.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_seal(lwsec_sms *association, lwsec_bytes coap,
                                                       uint64_t *counter, lwsec_buffer *out,
                                                       lwsec_reason *reason);

/* A command that was authentic and is delivered: what a PoR can answer. */
typedef struct lwsec_sms_received {
    uint64_t counter;
    uint64_t opaque[2];
} lwsec_sms_received;

/*
 * Opens a Command Packet, whole and from CPL on. Its parameters must be those agreed on, exactly;
 * then checksum, padding, Secured Data, counter, reflection; then the counter is stored; then the
 * message is in `coap`, which needs packet.size octets and may not overlap it.
 *
 * LWSEC_REPLAY: the counter is not higher than the last. LWSEC_REJECT with the reason:
 * as lwsec_sms_command_open, or SMS_DATA, SMS_JUMP, SMS_REFLECTED. LWSEC_NEED_REKEY with
 * SMS_COUNTER_END: the last counter was received; new keys are the only way out. LWSEC_STATE,
 * LWSEC_PENDING: not delivered. Whatever it is, nothing is to be sent.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_open(lwsec_sms *association, lwsec_bytes packet,
                                                       lwsec_sms_received *received,
                                                       lwsec_buffer *coap, lwsec_reason *reason);

/*
 * Makes the PoR for a command that lwsec_sms_open delivered, once. LWSEC_REJECT with the reason
 * SMS_POR: none was delivered or it has its answer; the SPI asks for none, or for errors alone and
 * `status` is none; LWSEC_SMS_SEND_POR is not set. Otherwise as lwsec_sms_response_seal and
 * lwsec_sms_seal.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_por_seal(lwsec_sms *association,
                                                           lwsec_sms_received *received,
                                                           uint8_t status, lwsec_bytes data,
                                                           lwsec_buffer *out, lwsec_reason *reason);

/*
 * Opens the PoR for the command that was sealed under `counter`. One that is authentic must be for
 * this counter; one that is not is a hint that anybody may have written, so that nothing may depend
 * on it. `data` needs packet.size + 3. LWSEC_REJECT: SMS_POR where the SPI asks for none;
 * SMS_COUNTER for another command's; SMS_REFLECTED for one that this end made; and as
 * lwsec_sms_response_open. LWSEC_STATE, LWSEC_PENDING: what this end has sent could not be read.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_por_open(lwsec_sms *association,
                                                           lwsec_bytes packet, uint64_t counter,
                                                           lwsec_sms_response *response,
                                                           lwsec_buffer *data,
                                                           lwsec_reason *reason);

/* Where an association stands. `size` is set by the caller. */
typedef struct lwsec_sms_wear {
    size_t size;
    uint64_t last_received; /* 0: none */
    uint64_t last_sent;     /* 0: none */
    uint64_t receives_left; /* counters above the last one that the peer may send; few of them: time
                             * for new keys */
    uint64_t sends_left;
    uint32_t refused; /* packets with a wrong checksum since the association was made */
} lwsec_sms_wear;

/* LWSEC_USAGE: `size` is not known. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_wear_of(const lwsec_sms *association,
                                                          lwsec_sms_wear *wear);

#ifdef __cplusplus
}
#endif
#endif
