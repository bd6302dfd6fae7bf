/* Concatenated short messages: a packet in up to 255 parts, and back. 3GPP TS 23.040. */
#ifndef LWSEC_SMS_CONCAT_H
#define LWSEC_SMS_CONCAT_H

#include <lwsec/sms_tpdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sending (R-6.8.3-02) ---- */

#define LWSEC_SMS_PARTS_MAX 255U
/* The longest header of a part, behind its length octet. */
#define LWSEC_SMS_HEADER_ROOM 7U
/* The most octets of a packet in one part of several. */
#define LWSEC_SMS_PART_MAX 134U

/* How many octets of a packet fit into so many parts, 1 to 255; 0 for any other number. `element`
 * as in lwsec_sms_part. For a command packet: 137, 266, 400, ... */
LWSEC_API size_t lwsec_sms_capacity(uint8_t element, unsigned parts);

/* The fewest parts that carry a packet of `size` octets; 0 if it is empty or does not fit into 255.
 */
LWSEC_API unsigned lwsec_sms_parts(uint8_t element, size_t size);

/*
 * One packet on its way: sealed as a whole and then split. `reference` should not be that of
 * another message to the same receiver that may still be on its way: count it up.
 */
typedef struct lwsec_sms_split {
    lwsec_bytes packet;
    uint8_t element;   /* LWSEC_SMS_IE_COMMAND, LWSEC_SMS_IE_RESPONSE, or LWSEC_SMS_IE_NONE */
    uint8_t reference; /* of the concatenated message; not sent if one part is enough */
} lwsec_sms_split;

/*
 * Puts part `number`, 1 to lwsec_sms_parts, into a TPDU whose other fields the caller has set:
 * `header` points into `room`, `data` into the packet; LWSEC_SMS_NO_MORE of an SMS-DELIVER is set
 * in the last part and cleared in the others. The element of the packet stands in the first part
 * only, behind that of the concatenation (TS 31.115 clause 4.2).
 *
 * LWSEC_USAGE: there is no such part, or the element is none of the three.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_split_part(const lwsec_sms_split *split,
                                                             unsigned number,
                                                             uint8_t room[LWSEC_SMS_HEADER_ROOM],
                                                             lwsec_sms_tpdu *tpdu);

/* ---- Receiving ---- */

/* How long an unfinished message is kept where nothing else is said: ten minutes, in milliseconds.
 */
#define LWSEC_SMS_LIFETIME_DEFAULT 600000U

/*
 * Parts are not authenticated, so that anybody who can send with a sender's address can add to that
 * sender's messages. What bounds the harm: fixed memory, a limit for each sender, and an end to
 * each unfinished message. What was put together of parts that do not belong together does not
 * open.
 */
typedef struct lwsec_sms_assembler lwsec_sms_assembler;

typedef struct lwsec_sms_assembler_config {
    size_t size;         /* sizeof(lwsec_sms_assembler_config) */
    uint16_t messages;   /* unfinished ones at once, of all senders: 1 to 4096 */
    uint16_t per_sender; /* unfinished ones of one sender; 0: 1 */
    uint8_t parts;       /* of one message: 2 to 255. A message of more is refused. */
    uint32_t lifetime;   /* milliseconds from the first part that came; 0:
                          * LWSEC_SMS_LIFETIME_DEFAULT */
} lwsec_sms_assembler_config;

/* Memory that is enough, for static use; lwsec_sms_assembler_size is authoritative. */
#define LWSEC_SMS_ASSEMBLER_SIZE(messages, parts)                                                  \
    (128U + (size_t)(messages) * (64U + 135U * (size_t)(parts)) + 8U)

/* What an assembler takes; 0 for numbers that the configuration may not have. */
LWSEC_API size_t lwsec_sms_assembler_size(uint16_t messages, uint8_t parts);

/* Makes an assembler in the caller's memory, aligned as for uint64_t. LWSEC_USAGE with the reason:
 * a configuration that is not as above. LWSEC_BUFFER: too little memory. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_sms_assembler_init(void *memory, size_t size, const lwsec_sms_assembler_config *config,
                         lwsec_sms_assembler **assembler, lwsec_reason *reason);

/* Wipes its memory and sets the pointer to NULL. NULL is fine. */
LWSEC_API void lwsec_sms_assembler_close(lwsec_sms_assembler **assembler);

/* What came of a part. */
typedef struct lwsec_sms_message {
    lwsec_bytes packet; /* complete; absent (NULL) while parts are missing. Lives until the next
                         * call with this assembler, and as long as the TPDU's input. */
    uint8_t element;    /* of the complete message, as in lwsec_sms_part */
} lwsec_sms_message;

/*
 * Takes a part, or a message in one part. `from` is who sent it: TP-OA of SMS-DELIVER, for other
 * kinds what the network says. `now` is the caller's time in milliseconds; it does not go back, and
 * if it does, all unfinished messages are dropped.
 *
 * Parts belong together by sender, reference, size of the reference, and total. Any order will do.
 * When a sender has its limit of unfinished messages and begins one more, its own oldest one is
 * dropped; those of others never are.
 *
 * LWSEC_OK: taken; `message` says whether it is complete. LWSEC_REPLAY: this part is here already,
 * with the same content. LWSEC_REJECT with the reason: a header that lwsec_sms_header_read refuses,
 * 7-bit text, a part without data or longer than LWSEC_SMS_PART_MAX, a part that is here with other
 * content (which stays), more parts than the configuration says, or no room for one more message
 * (LWSEC_WHY_SMS_ROOM). A part that is not taken changes nothing, except that the time is looked
 * at.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_assembler_add(
    lwsec_sms_assembler *assembler, uint64_t now, const lwsec_sms_address *from,
    const lwsec_sms_tpdu *tpdu, lwsec_sms_message *message, lwsec_reason *reason);

/* Drops what is too old; the number of messages that remain unfinished. */
LWSEC_API size_t lwsec_sms_assembler_expire(lwsec_sms_assembler *assembler, uint64_t now);

#ifdef __cplusplus
}
#endif
#endif
