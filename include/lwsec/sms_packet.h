/* Secured packets for SMS (ETSI TS 102 225, 3GPP TS 31.115): command and response, field by field.
 */
#ifndef LWSEC_SMS_PACKET_H
#define LWSEC_SMS_PACKET_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A packet here is what stands behind the user data header: from the length octets (CPL or RPL) on,
 * whole, not cut into short messages. This layer keeps no counter: who receives with it has to
 * compare counters (lwsec_sms_counter_check) and store them. <lwsec/sms_association.h> does both,
 * and is what LwM2M needs.
 */

/* Command and response have other fields, and other octets under the checksum. */
typedef enum lwsec_sms_kind {
    LWSEC_SMS_COMMAND = 1, /* CPI 70: carries data */
    LWSEC_SMS_RESPONSE = 2 /* RPI 71: a Proof of Receipt (PoR) */
} lwsec_sms_kind;

/* Which parameters are allowed. */
typedef enum lwsec_sms_profile {
    /* LwM2M Transport 5.4.2.1.3: checksum by key, ciphering, a counter that must be higher, AES or
     * triple DES with three keys, TAR B2 02 03. The default. */
    LWSEC_SMS_LWM2M = 0,
    /* All of TS 102 225 that has a meaning: also no security at all. Never single DES. */
    LWSEC_SMS_ETSI = 1
} lwsec_sms_profile;

/* First octet of the SPI: what protects the command (TS 102 225 section 5.1.1). */
enum {
    LWSEC_SMS_SPI1_CHECK = 0x03, /* the two bits that follow */
    LWSEC_SMS_SPI1_NO_CHECK = 0x00,
    LWSEC_SMS_SPI1_RC = 0x01, /* redundancy check: a CRC, no security */
    LWSEC_SMS_SPI1_CC = 0x02, /* cryptographic checksum */
    LWSEC_SMS_SPI1_DS = 0x03, /* digital signature: refused, no algorithm is defined */
    LWSEC_SMS_SPI1_CIPHER = 0x04,
    LWSEC_SMS_SPI1_COUNTER = 0x18,           /* the two bits that follow */
    LWSEC_SMS_SPI1_COUNTER_NONE = 0x00,      /* no counter available */
    LWSEC_SMS_SPI1_COUNTER_UNCHECKED = 0x08, /* available, not checked */
    LWSEC_SMS_SPI1_COUNTER_HIGHER = 0x10,    /* process if higher than the stored one */
    LWSEC_SMS_SPI1_COUNTER_NEXT = 0x18,      /* process if exactly one higher */
    LWSEC_SMS_SPI1_MEANING = 0x1f            /* the other bits are reserved */
};

/* Second octet of the SPI: whether a PoR comes, and what protects it. */
enum {
    LWSEC_SMS_SPI2_POR = 0x03, /* the two bits that follow; 3 is reserved */
    LWSEC_SMS_SPI2_POR_NONE = 0x00,
    LWSEC_SMS_SPI2_POR_ALWAYS = 0x01,
    LWSEC_SMS_SPI2_POR_ON_ERROR = 0x02,
    LWSEC_SMS_SPI2_CHECK = 0x0c, /* none, RC 04, CC 08 */
    LWSEC_SMS_SPI2_RC = 0x04,
    LWSEC_SMS_SPI2_CC = 0x08,
    LWSEC_SMS_SPI2_CIPHER = 0x10,
    LWSEC_SMS_SPI2_SUBMIT = 0x20, /* the PoR comes by SMS-SUBMIT, not in the delivery report */
    LWSEC_SMS_SPI2_MEANING = 0x3f /* the other bits are reserved */
};

/* Low four bits of KIc and, under a cryptographic checksum, of KID; the high ones number the key
 * set. */
enum {
    LWSEC_SMS_KEY_AES = 0x2,    /* AES-CBC; AES-CMAC */
    LWSEC_SMS_KEY_TDES_2 = 0x5, /* triple DES, outer CBC, two keys; its CBC-MAC */
    LWSEC_SMS_KEY_TDES_3 = 0x9, /* the same with three keys */
    LWSEC_SMS_KID_CRC16 = 0x1,  /* under a redundancy check alone */
    LWSEC_SMS_KID_CRC32 = 0x5   /* likewise */
    /* Two low bits 00: known without being told. The algorithm is that of the key handle.
     * Everything else is refused: single DES, ECB, reserved, proprietary. */
};

/* Status of a PoR (TS 102 225 section 5.2, 3GPP TS 31.115 section 7). Other values are kept. */
enum {
    LWSEC_SMS_POR_OK = 0x00,
    LWSEC_SMS_POR_CHECK_FAILED = 0x01,
    LWSEC_SMS_POR_COUNTER_LOW = 0x02,
    LWSEC_SMS_POR_COUNTER_HIGH = 0x03,
    LWSEC_SMS_POR_COUNTER_BLOCKED = 0x04,
    LWSEC_SMS_POR_CIPHERING_ERROR = 0x05,
    LWSEC_SMS_POR_UNIDENTIFIED = 0x06,
    LWSEC_SMS_POR_NO_MEMORY = 0x07,
    LWSEC_SMS_POR_MORE_TIME = 0x08,
    LWSEC_SMS_POR_TAR_UNKNOWN = 0x09,
    LWSEC_SMS_POR_LEVEL_TOO_LOW = 0x0a,
    LWSEC_SMS_POR_BY_SUBMIT = 0x0b,
    LWSEC_SMS_POR_BY_USSD = 0x0c
};

/* A status in words; "reserved or proprietary" for those without a name. Static text. */
LWSEC_API const char *lwsec_sms_por_text(uint8_t status);

/* Counters have 40 bits. The last one can be used once; the receiver is blocked after it. */
#define LWSEC_SMS_COUNTER_MAX 0xffffffffffULL

/* What a packet takes beside its data at most: headers, checksum, padding. */
#define LWSEC_SMS_OVERHEAD 40U

/* The longest packet: its length has 16 bits and does not count itself. */
#define LWSEC_SMS_PACKET_MAX 65537U

/* KIc, KID, SPI and TAR: what both ends have agreed on. */
typedef struct lwsec_sms_parameters {
    uint8_t kic;
    uint8_t kid;
    uint8_t spi1;
    uint8_t spi2;
    uint8_t tar[3];
} lwsec_sms_parameters;

/* TAR of the LwM2M application: R-5.4.2.1.3-12. */
#define LWSEC_SMS_TAR_LWM2M                                                                        \
    {                                                                                              \
        0xb2, 0x02, 0x03                                                                           \
    }

/*
 * Reads SMS Binding Key Parameters (resource 7 of Object 0): KIc, KID, SPI, TAR, KIc first
 * (R-5.4-08). The object says 6 octets where these fields take 7, so both forms are read: in that
 * of 6 the second SPI octet is missing, and is `spi2`, a local choice. The TAR must be LwM2M's in
 * its place, which tells the forms apart. LWSEC_REJECT: anything else.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_parameters_read(lwsec_bytes resource,
                                                                  uint8_t spi2,
                                                                  lwsec_sms_parameters *parameters,
                                                                  lwsec_reason *reason);

/* Writes resource 7 in the form of `size` octets, 6 or 7. LWSEC_USAGE: another size. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_sms_parameters_write(const lwsec_sms_parameters *parameters, size_t size, lwsec_buffer *out);

/* Takes 16 octets of SMS Binding Secret Keys as one AES-128 key for both purposes. Not safe. */
#define LWSEC_SMS_ONE_KEY 0x100U

/*
 * Brings SMS Binding Secret Keys (resource 8 of Object 0) into a store (R-5.4-07: these resources
 * hold what secures SMS, not those that (D)TLS uses): two keys of one size, KIc
 * first. 32 octets: AES-128, or triple DES with two keys; 48: AES-192, or triple DES with three
 * keys; 64 (not in the object's list): AES-256. 16 only with LWSEC_SMS_ONE_KEY in `flags`. The low
 * bits of KIc and KID choose.
 *
 * LWSEC_USAGE with the reason SMS_KEYS: another size; both keys equal, for triple DES but for
 * parity; triple DES of which two keys are equal but for parity where three are told
 * (R-5.4.2.1.3-08). With the reason SMS_CODING:
 * single DES or another algorithm that is not allowed (R-5.4.2.1.3-05, -06). Otherwise as
 * lwsec_key_import. Nothing is imported unless the answer is LWSEC_OK. The octets are the caller's
 * to wipe.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_sms_keys_import(lwsec_store *store, const lwsec_sms_parameters *parameters, lwsec_bytes raw,
                      uint32_t flags, lwsec_key *kic_key, lwsec_key *kid_key, lwsec_reason *reason);

/*
 * The same for one key, whose coding is the low bits of `kic` or `kid`: for keys that do not come
 * as resource 8. That both keys differ is the caller's to see to.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_kic_import(lwsec_store *store, uint8_t kic,
                                                             lwsec_bytes raw, lwsec_key *key,
                                                             lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_kid_import(lwsec_store *store, uint8_t kid,
                                                             lwsec_bytes raw, lwsec_key *key,
                                                             lwsec_reason *reason);

/*
 * What protects packets. Zero everything, then set what is needed.
 *
 * Keys are handles and may sit in a token. KIc: LWSEC_ALG_AES_CBC or LWSEC_ALG_TDES_CBC, with
 * LWSEC_USE_ENCRYPT to seal and LWSEC_USE_DECRYPT to open. KID: LWSEC_ALG_AES_CMAC with
 * LWSEC_USE_MAC, or LWSEC_ALG_TDES_CBC with LWSEC_USE_ENCRYPT (its CBC-MAC, with triple DES in
 * every block). Keys that the SPI does not ask for may be all zeros. Of a handle nobody can see how
 * many different DES keys it has: lwsec_sms_keys_import looks at them where they come in.
 */
typedef struct lwsec_sms_security {
    size_t size; /* sizeof(lwsec_sms_security) */
    lwsec_sms_profile profile;
    lwsec_sms_parameters parameters;
    lwsec_key kic_key;
    lwsec_key kid_key;
    uint8_t check_size; /* of an AES-CMAC: 8, or 4; 0: 8. It is agreed, never learned from CHL */
} lwsec_sms_security;

/*
 * Whether these parameters and keys may be used for commands, and for responses where the SPI asks
 * for them. LWSEC_USAGE with the reason SMS_CODING: a coding that is refused or that the profile
 * does not allow; reserved bits in the SPI; KIc and KID that name different key sets. With
 * SMS_KEYS: a key that is missing or has another algorithm, or, in the profile of LwM2M, one handle
 * for both purposes. Every call below begins with the part of it that it needs.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_security_check(const lwsec_sms_security *security,
                                                                 lwsec_reason *reason);

/*
 * Makes a Command Packet (TS 102 225 section 5.1): `counter` stands in it in any mode. `out` may
 * not overlap `data` and needs data.size + LWSEC_SMS_OVERHEAD at most.
 *
 * The checksum covers CPL to PCNTR, the data and the padding, not the user data header. It is
 * computed before ciphering, which begins at the counter, in CBC mode from a vector of zeros.
 * Padding is zeros.
 *
 * LWSEC_USAGE: as lwsec_sms_security_check; a counter over 40 bits; data that do not fit.
 * LWSEC_BUFFER. Those of lwsec_key_cbc and lwsec_key_mac.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_command_seal(const lwsec_sms_security *security,
                                                               uint64_t counter, lwsec_bytes data,
                                                               lwsec_buffer *out,
                                                               lwsec_reason *reason);

/*
 * Opens a Command Packet: SPI, KIc, KID and TAR must be those of `security` (reserved bits of the
 * SPI aside), lengths must fit each other and the check that was agreed, then the packet is
 * deciphered, the check compared in constant time, and only then the padding looked at. The values
 * of padding octets play no part. `counter` and `data` are written on LWSEC_OK. `data` may not
 * overlap `packet` and needs packet.size octets; they hold no plaintext after a refusal.
 *
 * LWSEC_REJECT with the reason: TRUNCATED, SMS_LENGTH, SMS_PARAMETERS, SMS_CHECK, SMS_PADDING.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_command_open(const lwsec_sms_security *security,
                                                               lwsec_bytes packet,
                                                               uint64_t *counter,
                                                               lwsec_buffer *data,
                                                               lwsec_reason *reason);

/*
 * The rule of the SPI for a counter that arrived in an authentic packet, against the stored one
 * (0: none yet). `status` is what a PoR would say. LWSEC_REPLAY with the reason SMS_COUNTER: not
 * higher, or not the next. LWSEC_NEED_REKEY with SMS_COUNTER_END: the stored one is the last. Store
 * what was accepted, except in the modes without a check.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_counter_check(uint8_t spi1, uint64_t stored,
                                                                uint64_t counter, uint8_t *status,
                                                                lwsec_reason *reason);

/* A PoR. TAR and counter are copies from the command. */
typedef struct lwsec_sms_response {
    uint64_t counter;
    uint8_t status; /* LWSEC_SMS_POR_..., or any other octet */
    /* Set by lwsec_sms_response_open: a cryptographic checksum was asked for and is right. Without
     * it a PoR is a hint that anybody may have written. */
    bool authenticated;
} lwsec_sms_response;

/*
 * Makes a Response Packet, protected as the second SPI octet says (TS 102 225 section 5.2). The
 * checksum covers 02 71 00, which stands before the packet on the air, and RPL to STATUS, data and
 * padding. Whoever answers a command must have authenticated it first: an error signed for anyone
 * is a gift. `data` and `out` as for a command.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_response_seal(const lwsec_sms_security *security,
                                                                const lwsec_sms_response *response,
                                                                lwsec_bytes data, lwsec_buffer *out,
                                                                lwsec_reason *reason);

/*
 * Opens a Response Packet, protected as the second SPI octet asked, or plain although it asked for
 * more, as cards send errors: it is not authenticated then. The TAR must be that of `security`.
 * Compare the counter with that of the command. `data` needs packet.size + 3 octets. Answers as
 * lwsec_sms_command_open.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_response_open(const lwsec_sms_security *security,
                                                                lwsec_bytes packet,
                                                                lwsec_sms_response *response,
                                                                lwsec_buffer *data,
                                                                lwsec_reason *reason);

/* What can be read of a packet without keys. All of it is unauthenticated. */
typedef struct lwsec_sms_fields {
    lwsec_sms_kind kind;
    uint16_t length;       /* CPL or RPL */
    uint8_t header_length; /* CHL or RHL */
    uint8_t check_size;    /* that the header length leaves for RC or CC */
    uint8_t spi1, spi2;    /* of a command */
    uint8_t kic, kid;      /* of a command */
    uint8_t tar[3];
    bool ciphered; /* the SPI says so: what follows is absent */
    uint64_t counter;
    uint8_t padding; /* PCNTR */
    uint8_t status;  /* of a response */
    lwsec_bytes check;
    lwsec_bytes data; /* without the padding */
    lwsec_bytes body; /* all from the counter on, ciphered or not */
} lwsec_sms_fields;

/*
 * Takes a packet apart without keys: to find the association by its parameters, and to show it. A
 * response does not say whether it is ciphered: `ciphered` does for it. The fields point into
 * `packet`. LWSEC_REJECT: lengths that do not fit.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_sms_packet_inspect(lwsec_sms_kind kind, bool ciphered,
                                                                 lwsec_bytes packet,
                                                                 lwsec_sms_fields *fields,
                                                                 lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
