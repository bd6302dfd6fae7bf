/* CoAP messages: decode without copying, encode into the caller's memory. */
#ifndef LWSEC_COAP_H
#define LWSEC_COAP_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a message stands on the wire. */
typedef enum lwsec_coap_framing {
    LWSEC_COAP_UDP = 0, /* RFC 7252 section 3: one message a datagram */
    LWSEC_COAP_TCP = 1  /* RFC 8323 section 3.2: length first, no type and no Message ID */
} lwsec_coap_framing;

enum { LWSEC_COAP_CON = 0, LWSEC_COAP_NON = 1, LWSEC_COAP_ACK = 2, LWSEC_COAP_RST = 3 };

/* A code from its class and detail, as in 4.01. */
#define LWSEC_COAP_CODE(class_, detail) ((uint8_t)((class_) << 5 | (detail)))

enum {
    LWSEC_COAP_EMPTY = 0x00,
    LWSEC_COAP_GET = 0x01,
    LWSEC_COAP_POST = 0x02,
    LWSEC_COAP_PUT = 0x03,
    LWSEC_COAP_DELETE = 0x04,
    LWSEC_COAP_FETCH = 0x05,
    LWSEC_COAP_PATCH = 0x06,
    LWSEC_COAP_IPATCH = 0x07,
    LWSEC_COAP_CREATED = 0x41,
    LWSEC_COAP_DELETED = 0x42,
    LWSEC_COAP_VALID = 0x43,
    LWSEC_COAP_CHANGED = 0x44,
    LWSEC_COAP_CONTENT = 0x45,
    LWSEC_COAP_CONTINUE = 0x5f,
    LWSEC_COAP_BAD_REQUEST = 0x80,
    LWSEC_COAP_UNAUTHORIZED = 0x81,
    LWSEC_COAP_BAD_OPTION = 0x82,
    LWSEC_COAP_NOT_FOUND = 0x84,
    LWSEC_COAP_METHOD_NOT_ALLOWED = 0x85
};

/* Option numbers, RFC 7252 and those that came after. */
enum {
    LWSEC_COAP_IF_MATCH = 1,
    LWSEC_COAP_URI_HOST = 3,
    LWSEC_COAP_ETAG = 4,
    LWSEC_COAP_IF_NONE_MATCH = 5,
    LWSEC_COAP_OBSERVE = 6,
    LWSEC_COAP_URI_PORT = 7,
    LWSEC_COAP_LOCATION_PATH = 8,
    LWSEC_COAP_OSCORE = 9,
    LWSEC_COAP_URI_PATH = 11,
    LWSEC_COAP_CONTENT_FORMAT = 12,
    LWSEC_COAP_MAX_AGE = 14,
    LWSEC_COAP_URI_QUERY = 15,
    LWSEC_COAP_HOP_LIMIT = 16,
    LWSEC_COAP_ACCEPT = 17,
    LWSEC_COAP_Q_BLOCK1 = 19,
    LWSEC_COAP_LOCATION_QUERY = 20,
    LWSEC_COAP_EDHOC = 21,
    LWSEC_COAP_BLOCK2 = 23,
    LWSEC_COAP_BLOCK1 = 27,
    LWSEC_COAP_SIZE2 = 28,
    LWSEC_COAP_Q_BLOCK2 = 31,
    LWSEC_COAP_PROXY_URI = 35,
    LWSEC_COAP_PROXY_SCHEME = 39,
    LWSEC_COAP_SIZE1 = 60,
    LWSEC_COAP_ECHO = 252,
    LWSEC_COAP_NO_RESPONSE = 258,
    LWSEC_COAP_REQUEST_TAG = 292
};

/* The highest option number that the encoding can carry: 65535 + 269. */
#define LWSEC_COAP_OPTION_MAX 65804U
/* The longest token: RFC 8974. */
#define LWSEC_COAP_TOKEN_MAX 65804U

/*
 * One message. After decoding, the three byte strings point into the decoded input and live as long
 * as it. `options` holds the options as they stand on the wire, checked: walk them with
 * lwsec_coap_options_next.
 */
typedef struct lwsec_coap_message {
    uint8_t type; /* LWSEC_COAP_CON ...; UDP only */
    uint8_t code;
    uint16_t message_id; /* UDP only */
    lwsec_bytes token;
    lwsec_bytes options;
    lwsec_bytes payload; /* empty: no payload marker */
} lwsec_coap_message;

/*
 * Decodes one whole message, strictly: version 1; a code of class 0, 2, 4 or 5, and for TCP also 7,
 * signalling (RFC 7252 section 3 reserves every other class, 3 too; RFC 8323 section 5); an Empty
 * message with nothing after its header; tokens up to 65804 bytes (RFC 8974); option deltas and
 * lengths without reserved values, and no number past 65804; a payload marker only before a
 * payload; for TCP a length that is exactly that of the input. Only the encoding is judged: not
 * whether options are known, fit the code or repeat, nor whether the code fits the type.
 *
 * LWSEC_REJECT with the reason; LWSEC_USAGE for an unknown framing.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_coap_decode(lwsec_coap_framing framing,
                                                          lwsec_bytes wire,
                                                          lwsec_coap_message *message,
                                                          lwsec_reason *reason);

/* One option. The value points into what was decoded, or is the caller's for encoding. */
typedef struct lwsec_coap_option {
    uint32_t number;
    lwsec_bytes value;
} lwsec_coap_option;

/* A walk over the options of a decoded message. Its members are private. */
typedef struct lwsec_coap_walk {
    lwsec_bytes rest;
    uint32_t number;
} lwsec_coap_walk;

LWSEC_API lwsec_coap_walk lwsec_coap_options(const lwsec_coap_message *message);

/* The next option in the order of the message; false after the last one. Safe on any bytes: a walk
 * ends before the first option that is malformed. */
LWSEC_API bool lwsec_coap_options_next(lwsec_coap_walk *walk, lwsec_coap_option *option);

/* The first option of that number; false if there is none. */
LWSEC_API bool lwsec_coap_option_find(const lwsec_coap_message *message, uint32_t number,
                                      lwsec_coap_option *option);

/* The value of an option as a uint (RFC 7252 section 3.2), big-endian, up to 4 bytes, leading zeros
 * allowed; false if it is longer. */
LWSEC_API bool lwsec_coap_option_uint(lwsec_bytes value, uint32_t *number);

/* Writes a uint in the fewest bytes (none for 0) into `room` and gives them as an option value. */
LWSEC_API lwsec_bytes lwsec_coap_uint_value(uint32_t number, uint8_t room[4]);

/* Whether a request asks, by its No-Response option (RFC 7967), not to be sent a response with this
 * code. A value longer than one byte is ignored, as an unknown elective option is. A confirmable
 * request is acknowledged all the same: with an Empty message. */
LWSEC_API bool lwsec_coap_no_response(const lwsec_coap_message *request, uint8_t code);

/*
 * Encodes a message out of `head` (type, code, Message ID, token, payload; its `options` are not
 * looked at) and `count` options in ascending order of number.
 *
 * LWSEC_BUFFER: `out` is too small. LWSEC_USAGE with the reason: options out of order or past
 * 65804, a token or an option value over 65804 bytes, a type over 3 (UDP), an Empty code with
 * anything else in it, a code that lwsec_coap_decode refuses, a body longer than TCP framing can
 * tell, an unknown framing. `out` shares no memory with what is encoded.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_coap_encode(lwsec_coap_framing framing,
                                                          const lwsec_coap_message *head,
                                                          const lwsec_coap_option *options,
                                                          size_t count, lwsec_buffer *out,
                                                          lwsec_reason *reason);

/* Names for people: "Uri-Path", "POST" or "Not Found", "CON". NULL for a number that has none. The
 * options of signalling messages (class 7) have numbers of their own, which are not named here. */
LWSEC_API const char *lwsec_coap_option_name(uint32_t number);
LWSEC_API const char *lwsec_coap_code_name(uint8_t code);
LWSEC_API const char *lwsec_coap_type_name(uint8_t type);

#ifdef __cplusplus
}
#endif
#endif
