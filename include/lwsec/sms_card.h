/* What the device and the LwM2M application of a smartcard say to each other about one message:
 * clause 5.4.2.1.2 of LwM2M Transport 1.2. */
#ifndef LWSEC_SMS_CARD_H
#define LWSEC_SMS_CARD_H

#include <lwsec/sms_tpdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* CoAP_TAG, for which the specification has no value: that of the secured data. */
#define LWSEC_SMS_CARD_TAG_DEFAULT 0x05U
/* The most that a payload is longer than its CoAP message. */
#define LWSEC_SMS_CARD_OVERHEAD (LWSEC_SMS_ADDRESS_MAX + 3U)

/* What no text fixes, and a card may do otherwise. Zero, but for `size`, is the reading of lwsec.
 */
typedef struct lwsec_sms_card_format {
    size_t size;        /* sizeof(lwsec_sms_card_format) */
    uint8_t tag;        /* CoAP_TAG; 0: LWSEC_SMS_CARD_TAG_DEFAULT */
    bool little_endian; /* the length; false: big endian */
    bool bare;          /* no tag and no length: the message ends with the payload. Meant for STORE
                         * DATA, of which the text tells the parts only. */
} lwsec_sms_card_format;

/*
 * Reads what GET DATA brought (or STORE DATA, on the card): address, CoAP_TAG, a length of 16 bits,
 * the CoAP message (R-5.4.2.1.2-09). `format` may be NULL. The message points into `payload`.
 *
 * LWSEC_REJECT with the reason: an address that lwsec_sms_address_read refuses, one of letters or
 * without digits, another tag, a length that is not that of the rest, an empty message.
 * LWSEC_USAGE: a format of another size.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_card_read(const lwsec_sms_card_format *format,
                                                            lwsec_bytes payload,
                                                            lwsec_sms_address *address,
                                                            lwsec_bytes *coap,
                                                            lwsec_reason *reason);

/*
 * Writes what goes to the card by STORE DATA (or GET DATA, on the card): in a response `address` is
 * that of the request, octet by octet (R-5.4.2.1.2-04).
 *
 * LWSEC_USAGE with the reason: what lwsec_sms_card_read refuses, or a message of more than 65535
 * octets. LWSEC_BUFFER: no room.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_card_write(const lwsec_sms_card_format *format,
                                                             const lwsec_sms_address *address,
                                                             lwsec_bytes coap, lwsec_buffer *out,
                                                             lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
