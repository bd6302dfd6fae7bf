/* The SMS channel of LwM2M: who may use it, how it is protected, what it may carry.
 * Clauses 5.3, 5.4, 6.6 and 6.8.3 of LwM2M Transport 1.2. */
#ifndef LWSEC_SMS_CHANNEL_H
#define LWSEC_SMS_CHANNEL_H

#include <lwsec/coap.h>
#include <lwsec/sms_tpdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Numbers ---- */

/* How the country of the device writes numbers that are not international. NULL: not known, and
 * such numbers are compared as they are. */
typedef struct lwsec_sms_numbering {
    const char *international; /* what is dialled instead of '+'; NULL: "00"; "": nothing is */
    const char *country;       /* the country code, as in "49" */
    const char *trunk;         /* what stands before a national number, as in "0" */
} lwsec_sms_numbering;

/*
 * Whether a LwM2M Server SMS Number (resource 9 of Object 0) is that sender. "+49151", "0049151"
 * and a sender 49151 of the type international are one number; with `country` and `trunk` also a
 * sender 0151, or 151 of the type national. A number of the resource without any prefix is an
 * MSISDN, or a short code, and is the sender with just these digits. An address of letters, or with
 * other characters than digits, is no number; nor is an empty one. Ends of numbers are never
 * compared alone. `numbering` may be NULL.
 */
LWSEC_API bool lwsec_sms_number_is(const char *number, const lwsec_sms_address *sender,
                                   const lwsec_sms_numbering *numbering);

/* ---- The channel ---- */

/* SMS Security Mode, resource 6 of Object 0. */
typedef enum lwsec_sms_channel_security {
    LWSEC_SMS_SECURITY_DTLS = 1,   /* the end-point is the device: R-5.4.2.1-01 */
    LWSEC_SMS_SECURITY_PACKET = 2, /* secured packets; the end-point is a smartcard */
    LWSEC_SMS_SECURITY_NOSEC = 3
} lwsec_sms_channel_security;

/* What protects a message on its way by SMS. */
typedef enum lwsec_sms_protection {
    LWSEC_SMS_BY_NOTHING = 0,
    LWSEC_SMS_BY_DTLS = 1,
    LWSEC_SMS_BY_PACKET = 2,
    LWSEC_SMS_BY_OSCORE = 3
} lwsec_sms_protection;

enum {
    LWSEC_SMS_IS_BINDING = 0x01, /* the Current Transport Binding is S; else SMS is for triggers */
    LWSEC_SMS_TRIGGERED = 0x02,  /* the Trigger resource of the Server Object Instance is true */
    LWSEC_SMS_HAS_OSCORE = 0x04, /* OSCORE Security Mode is in the Security Object Instance */
    LWSEC_SMS_OTHER_SECURED = 0x08, /* the other binding to this Server is secured */
    LWSEC_SMS_LINK_SECURED = 0x10,  /* NoSec relies on security outside of LwM2M: clause 5.3 */
    LWSEC_SMS_DEBUGGING = 0x20      /* NoSec for debugging only: any sender is taken */
};

/* The SMS channel between a Client and one Server. A client with several Servers has one for each.
 */
typedef struct lwsec_sms_channel {
    size_t size; /* sizeof(lwsec_sms_channel) */
    lwsec_sms_channel_security security;
    uint32_t flags;
    uint16_t server;    /* Object Instance ID of the Server object: x in /1/x/8 */
    const char *number; /* LwM2M Server SMS Number; NULL: none, and no sender is it */
    lwsec_sms_numbering numbering;
} lwsec_sms_channel;

/*
 * Whether the channel may be used at all.
 *
 * NoSec needs one of these: OSCORE (then the channel is protected by it, clause 5.4.1), security
 * outside of LwM2M, debugging, or that SMS is for triggers only (R-5.4-01, R-5.4-02, R-5.4-05). A
 * channel for triggers only, whatever its security, needs another binding that is secured, by
 * OSCORE, or outside of LwM2M (R-5.4-04).
 *
 * LWSEC_REJECT with LWSEC_WHY_SMS_CHANNEL otherwise. LWSEC_USAGE: `size`, an unknown security mode
 * (1 to 3 are known) or flag, debugging with a secured mode.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_channel_check(const lwsec_sms_channel *channel,
                                                                lwsec_reason *reason);

/* What must protect every message of the channel, in and out. */
LWSEC_API lwsec_sms_protection lwsec_sms_channel_protection(const lwsec_sms_channel *channel);

/* Whether a message of that sender is looked at; if not, it is ignored silently (R-5.4-03). Ask it
 * first: of the address alone, before parts are kept and before anything is opened. */
LWSEC_API bool lwsec_sms_channel_from(const lwsec_sms_channel *channel,
                                      const lwsec_sms_address *sender);

/* What a trigger asks for. */
typedef enum lwsec_sms_action {
    LWSEC_SMS_NO_TRIGGER = 0,       /* an ordinary message: the stack handles it */
    LWSEC_SMS_UPDATE_TRIGGER = 1,   /* Execute /1/x/8: update the registration (clause 6.6.1) */
    LWSEC_SMS_BOOTSTRAP_TRIGGER = 2 /* Execute /1/x/9: client-initiated bootstrap (clause 6.6.2) */
} lwsec_sms_action;

typedef struct lwsec_sms_arrival {
    lwsec_sms_action action;
    bool answer;         /* whether a response may be sent: never to a trigger (R-6.6-02) */
    lwsec_bytes binding; /* of an update trigger: the binding asked for, as in "U" of ?o=U
                          * (R-6.6.1-02); absent otherwise. Points into the message. */
} lwsec_sms_arrival;

/*
 * Judges a CoAP message that came by SMS and was opened. `protection` is what it was opened from:
 * for secured packets and DTLS the layer next to SMS, and LWSEC_SMS_BY_OSCORE for a message that
 * OSCORE alone protected.
 *
 * LWSEC_OK: it counts, as `arrival` says. Where S is the Current Transport Binding that is every
 * message. Elsewhere (R-6.6-03) it is a confirmable or non-confirmable POST to /1/x/8 or /1/x/9 of
 * the channel's own Server instance, written in just these three segments, without a critical
 * option that changes what it means, and the Trigger resource is true.
 *
 * LWSEC_REJECT with the reason: ignore it, silently: send no response, no ACK and no Reset. Other
 * answers are those of lwsec_sms_channel_check.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_channel_judge(const lwsec_sms_channel *channel,
                                                                const lwsec_sms_address *sender,
                                                                lwsec_sms_protection protection,
                                                                const lwsec_coap_message *message,
                                                                lwsec_sms_arrival *arrival,
                                                                lwsec_reason *reason);

/* ---- For the stack ---- */

/* MAX_RETRANSMIT of RFC 7252 for this binding: a confirmable message is sent once (R-6.8.3-03). A
 * packet that was sealed is not sealed again for the same message. */
#define LWSEC_SMS_MAX_RETRANSMIT 0U

/* What DTLS adds to a message of one record with AES-CCM-8: record header, explicit nonce, tag
 * (clause 5.4.2.1.1, RFC 7925 Appendix A). */
#define LWSEC_SMS_DTLS_OVERHEAD 29U

/* The most CoAP payload, options and their marker included, of a message over DTLS in so many
 * parts, 1 to 255, with a token of that size: 107 octets in one part without token, and 99 with one
 * of 8 (R-5.4.2.1.1-01, R-5.4.2.1.1-02). 0: the token leaves no room, or no such number of parts.
 */
LWSEC_API size_t lwsec_sms_dtls_payload(unsigned parts, size_t token_size);

#ifdef __cplusplus
}
#endif
#endif
