/* Short messages as they travel: addresses, TPDUs, the user data header. 3GPP TS 23.040. */
#ifndef LWSEC_SMS_TPDU_H
#define LWSEC_SMS_TPDU_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest address (TS 23.040 clause 9.1.2.5): length, type, and 20 semi-octets. */
#define LWSEC_SMS_ADDRESS_MAX 12U
/* The longest text of an address: '+', 20 digits, and the end. */
#define LWSEC_SMS_NUMBER_MAX 22U
/* The most octets of user data, header included, in SMS-DELIVER and SMS-SUBMIT, and in an
 * SMS-DELIVER-REPORT within RP-ACK and RP-ERROR. */
#define LWSEC_SMS_DATA_MAX 140U
#define LWSEC_SMS_REPORT_DATA_MAX 159U
#define LWSEC_SMS_ERROR_DATA_MAX 158U
/* No TPDU is longer. */
#define LWSEC_SMS_TPDU_MAX 165U

/* TP-PID: (U)SIM Data Download, bits 111111 (R-5.4.2.1.2-03), and nothing special. */
#define LWSEC_SMS_PID_DOWNLOAD 0x7fU
#define LWSEC_SMS_PID_PLAIN 0x00U
/* TP-DCS (TS 23.038 clause 4): class 2 with 8-bit data (R-5.4.2.1.2-02), the same as the general
 * group writes it, and 8-bit data without a class. */
#define LWSEC_SMS_DCS_CLASS2 0xf6U
#define LWSEC_SMS_DCS_CLASS2_GENERAL 0x16U
#define LWSEC_SMS_DCS_8BIT 0x04U

/* ---- Addresses ---- */

/*
 * An address as it stands on the wire. An address that came in can go out again octet by octet,
 * as the answer to a command packet must (R-5.4.2.1.2-04).
 */
typedef struct lwsec_sms_address {
    uint8_t digits;    /* Address-Length: how many semi-octets are in `value`, 0 to 20 */
    uint8_t type;      /* type of number and numbering plan: 0x91 is international, 0x81 unknown */
    uint8_t value[10]; /* the first digit in the low half; 0xf fills the last half of an odd number;
                        * what is not used is 0 */
} lwsec_sms_address;

/* Type of number, bits 7 to 5 of `type`. */
enum {
    LWSEC_SMS_TON_UNKNOWN = 0,
    LWSEC_SMS_TON_INTERNATIONAL = 1,
    LWSEC_SMS_TON_NATIONAL = 2,
    LWSEC_SMS_TON_NETWORK = 3, /* of the network, as short codes are */
    LWSEC_SMS_TON_ALPHANUMERIC = 5
};

/* The type of number of an address. */
LWSEC_API uint8_t lwsec_sms_ton(const lwsec_sms_address *address);

/* Makes an address out of '+' and 1 to 20 digits (international), or out of digits alone (unknown);
 * both in the ISDN numbering plan. LWSEC_USAGE for any other text. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_address_of(const char *number,
                                                             lwsec_sms_address *address);

/* The digits as text, with '+' before an international number. '*', '#', 'a', 'b', 'c' are digits
 * too. LWSEC_ABSENT: an alphanumeric address, or one without digits. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_address_text(const lwsec_sms_address *address,
                                                               char text[LWSEC_SMS_NUMBER_MAX]);

/*
 * Reads the address at the start of `wire` and says how many octets it takes. LWSEC_REJECT: more
 * than 20 semi-octets, a type with its highest bit 0, a number with 0xf among its digits or with
 * anything else as filler. Alphanumeric addresses are read; their text is not looked at.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_address_read(lwsec_bytes wire,
                                                               lwsec_sms_address *address,
                                                               size_t *used, lwsec_reason *reason);

/* Writes the address as it stands on the wire. LWSEC_USAGE: lwsec_sms_address_read would refuse it.
 * LWSEC_BUFFER: no room. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_address_write(const lwsec_sms_address *address,
                                                                lwsec_buffer *out);

/* Whether two addresses are the same on the wire: type, number of digits, digits. */
LWSEC_API bool lwsec_sms_address_same(const lwsec_sms_address *one, const lwsec_sms_address *other);

/* ---- TPDUs ---- */

/* What a TPDU is. The wire does not tell: SMS-DELIVER and SMS-DELIVER-REPORT look alike and differ
 * in their direction, and the two reports in what carries them. */
typedef enum lwsec_sms_tpdu_kind {
    LWSEC_SMS_DELIVER = 0, /* to the device: clause 9.2.2.1 */
    LWSEC_SMS_SUBMIT = 1,  /* from the device: clause 9.2.2.2 */
    LWSEC_SMS_REPORT = 2,  /* SMS-DELIVER-REPORT in RP-ACK, from the device: clause 9.2.2.1a (ii) */
    LWSEC_SMS_REPORT_ERROR = 3 /* SMS-DELIVER-REPORT in RP-ERROR: clause 9.2.2.1a (i) */
} lwsec_sms_tpdu_kind;

/* Flags in the first octet. Those that a kind does not have are ignored and never written. */
enum {
    LWSEC_SMS_NO_MORE = 0x04,           /* TP-MMS, DELIVER: nothing more waits for the device */
    LWSEC_SMS_REJECT_DUPLICATES = 0x04, /* TP-RD, SUBMIT */
    LWSEC_SMS_LOOP_PREVENTION = 0x08,   /* TP-LP, DELIVER */
    LWSEC_SMS_STATUS_REPORT = 0x20,     /* TP-SRI, DELIVER; TP-SRR, SUBMIT */
    LWSEC_SMS_REPLY_PATH = 0x80         /* TP-RP, both */
};

/* The form of the validity period (TP-VPF), SUBMIT. */
typedef enum lwsec_sms_validity {
    LWSEC_SMS_VALIDITY_NONE = 0,
    LWSEC_SMS_VALIDITY_ENHANCED = 1, /* 7 octets: clause 9.2.3.12.3 */
    LWSEC_SMS_VALIDITY_RELATIVE = 2, /* 1 octet: lwsec_sms_validity_minutes */
    LWSEC_SMS_VALIDITY_ABSOLUTE = 3  /* 7 octets, a time: lwsec_sms_time_read */
} lwsec_sms_validity;

/* Which optional fields a report has (TP-PI). */
enum { LWSEC_SMS_HAS_PID = 0x01, LWSEC_SMS_HAS_DCS = 0x02, LWSEC_SMS_HAS_DATA = 0x04 };

/*
 * One TPDU. After decoding, `header` and `data` point into the input.
 *
 * `header` is the user data header behind its length octet: NULL without TP-UDHI, not NULL and
 * empty when the length is 0. `data` is the user data behind it, in octets. 7-bit text is not
 * unpacked: `data` holds its packed octets then.
 */
typedef struct lwsec_sms_tpdu {
    lwsec_sms_tpdu_kind kind;
    uint8_t flags;
    uint8_t reference;    /* TP-MR: SUBMIT */
    uint8_t cause;        /* TP-FCS, 0x80 to 0xff: REPORT_ERROR */
    uint8_t present;      /* LWSEC_SMS_HAS_PID ...: the two reports */
    uint8_t protocol;     /* TP-PID; 0 where a report has none */
    uint8_t coding;       /* TP-DCS; 0 where a report has none: 7-bit text */
    uint8_t timestamp[7]; /* TP-SCTS as it stands on the wire: DELIVER */
    uint8_t validity[7];  /* TP-VP: SUBMIT */
    lwsec_sms_validity validity_format;
    lwsec_sms_address address; /* TP-OA of DELIVER, TP-DA of SUBMIT */
    lwsec_bytes header;
    lwsec_bytes data;
} lwsec_sms_tpdu;

/*
 * Decodes one whole TPDU of a kind, strictly: its message type; an address as above; a failure
 * cause from 0x80 on; at most as much user data as the kind may have; TP-UDL exactly that of what
 * is left (octets, or septets for 7-bit text); a header that ends within the user data. Octets
 * behind the user data of a report are ignored when its TP-PI announces fields that came later than
 * this reading of the specification, and refused otherwise.
 *
 * LWSEC_REJECT with the reason. LWSEC_USAGE: an unknown kind.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_tpdu_decode(lwsec_sms_tpdu_kind kind,
                                                              lwsec_bytes wire,
                                                              lwsec_sms_tpdu *tpdu,
                                                              lwsec_reason *reason);

/*
 * Encodes a TPDU with user data in octets.
 *
 * LWSEC_USAGE with the reason: an unknown kind or validity form, an address that does not decode, a
 * cause below 0x80, user data of a report that `present` does not announce, user data in 7-bit
 * text, too much of it. LWSEC_BUFFER: `out` is too small; LWSEC_SMS_TPDU_MAX is always enough.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_tpdu_encode(const lwsec_sms_tpdu *tpdu,
                                                              lwsec_buffer *out,
                                                              lwsec_reason *reason);

/* Whether a message is for the (U)SIM as secured packets to it must be: TP-PID 0x7f, and TP-DCS
 * class 2 with 8-bit data in either spelling. Proofs of receipt on their way back often have
 * TP-PID 0: ask for this of SMS-DELIVER alone. R-5.4.2.1.2-02, R-5.4.2.1.2-03. */
LWSEC_API bool lwsec_sms_is_download(const lwsec_sms_tpdu *tpdu);

/* ---- Times ---- */

/* TP-SCTS and an absolute validity period: local time, and how far it is ahead of UTC. */
typedef struct lwsec_sms_time {
    uint8_t year; /* 0 to 99 of its century */
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
    int8_t zone; /* quarters of an hour, -79 to 79 */
} lwsec_sms_time;

/* LWSEC_REJECT: a digit above 9, or a field out of its range. Service centres do send such. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_time_read(const uint8_t wire[7],
                                                            lwsec_sms_time *time);
/* LWSEC_USAGE: a field out of its range. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_time_write(const lwsec_sms_time *time,
                                                             uint8_t wire[7]);

/* What a relative validity period means: clause 9.2.3.12.1. 5 minutes to 63 weeks. */
LWSEC_API uint32_t lwsec_sms_validity_minutes(uint8_t relative);

/* ---- The user data header ---- */

/* What a message carries: the identifier of its element, TS 31.115 clause 4. */
enum {
    LWSEC_SMS_IE_NONE = 0,       /* no element: a CoAP message or a DTLS record */
    LWSEC_SMS_IE_COMMAND = 0x70, /* a command packet */
    LWSEC_SMS_IE_RESPONSE = 0x71 /* a response packet */
};

/* What the header says about a message. */
typedef struct lwsec_sms_part {
    uint8_t element;    /* LWSEC_SMS_IE_NONE, LWSEC_SMS_IE_COMMAND or LWSEC_SMS_IE_RESPONSE */
    bool wide;          /* the reference has 16 bits */
    uint16_t reference; /* of the concatenated message; 0 if it is not one */
    uint8_t total;      /* parts of the message; 1 if it is not concatenated */
    uint8_t number;     /* of this part, 1 to `total` */
} lwsec_sms_part;

/*
 * Reads a header in any order of its elements (clause 9.2.3.24); unknown ones are passed over. NULL
 * is no header. Of concatenation elements the last one counts, as the specification says.
 *
 * LWSEC_REJECT: an element that goes past the header; a packet element that is not empty, stands
 * twice, or beside the other one, or in a part that is not the first; a concatenation element of
 * another length, with part number 0 or past the total, or a total of 0.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_header_read(lwsec_bytes header,
                                                              lwsec_sms_part *part,
                                                              lwsec_reason *reason);

/*
 * Some cards cannot set TP-UDHI, and write the header of a response packet, 02 71 00, at the start
 * of plain user data (TS 31.115 clause 4.1). Where such a proof of receipt is expected, this moves
 * it from `data` to `header`; false, and nothing is changed, if there is none.
 */
LWSEC_API bool lwsec_sms_plain_response(lwsec_sms_tpdu *tpdu);

#ifdef __cplusplus
}
#endif
#endif
