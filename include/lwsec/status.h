/* What a call answers, and why it refused. */
#ifndef LWSEC_STATUS_H
#define LWSEC_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define LWSEC_API __attribute__((visibility("default")))
#define LWSEC_MUST_CHECK __attribute__((warn_unused_result))
#else
#define LWSEC_API
#define LWSEC_MUST_CHECK
#endif

/*
 * The answer of every call that can go wrong.
 *
 * Zero is success. A positive value is an outcome that a caller is expected to meet and handle. A
 * negative value is a fault of the caller, of the machine or of a store. A value that the caller
 * does not know is a refusal: compare with LWSEC_OK, never with "not negative".
 *
 * Whatever the answer, an output that is not documented otherwise is written on LWSEC_OK only.
 */
typedef enum lwsec_status {
    LWSEC_OK = 0,

    LWSEC_REPLAY = 1,      /* authentic or not, this number was used before: nothing is delivered */
    LWSEC_CHALLENGE = 2,   /* authentic, but not known to be fresh: answer with an Echo challenge */
    LWSEC_REJECT = 3,      /* malformed, not authentic, or not allowed */
    LWSEC_PENDING = 4,     /* not finished: poll what is slow, then make the same call again */
    LWSEC_LIMIT = 5,       /* the key has reached its limit of uses: only a new key goes on */
    LWSEC_NEED_REKEY = 6,  /* no safe sequence number is known for this key: agree on a new one */
    LWSEC_UNSUPPORTED = 7, /* this store, engine or build cannot do it, and does nothing less */
    LWSEC_CONFLICT = 8,    /* the record has another version, or is already at or past this value */
    LWSEC_ABSENT = 9,      /* there is no such record, key or field */

    LWSEC_USAGE = -1,  /* the caller broke the contract of the call, or of the key */
    LWSEC_BUFFER = -2, /* an output is too small: nothing was written, nothing was used up */
    LWSEC_STATE = -3,  /* a state store could not store or load: nothing was sent or delivered */
    LWSEC_ENGINE = -4, /* the cryptographic engine or the key store failed */
    LWSEC_FORKED = -5  /* the object was made by another process: open it again in this one */
} lwsec_status;

/*
 * Why a call refused: for the local log and for tests, never for the peer.
 *
 * Each value tells one cause. New ones are added at the end.
 */
typedef enum lwsec_why {
    LWSEC_WHY_NONE = 0,

    /* encodings */
    LWSEC_WHY_TRUNCATED,      /* the input ends inside a field */
    LWSEC_WHY_TRAILING_BYTES, /* the input goes on after its end */
    LWSEC_WHY_NOT_CANONICAL,  /* a value is not in its one deterministic encoding */
    LWSEC_WHY_WRONG_TYPE,     /* a CBOR item is of another type than expected */
    LWSEC_WHY_TOO_LONG,       /* a field is longer than its place allows */
    LWSEC_WHY_OUTPUT_FULL,    /* the output buffer is too small */
    LWSEC_WHY_OVERLAP,        /* input and output share memory */

    /* CoAP messages */
    LWSEC_WHY_COAP_VERSION,       /* the version is not 1 */
    LWSEC_WHY_COAP_CODE,          /* a reserved code, or a code that does not fit the role */
    LWSEC_WHY_COAP_EMPTY,         /* an empty message that carries more than its header */
    LWSEC_WHY_COAP_TOKEN_LENGTH,  /* a reserved token length */
    LWSEC_WHY_COAP_OPTION_DELTA,  /* the reserved option delta 15, or a number past 65804 */
    LWSEC_WHY_COAP_OPTION_LENGTH, /* the reserved option length 15, or a length out of its range */
    LWSEC_WHY_COAP_OPTION_ORDER,  /* options to encode are not in ascending order */
    LWSEC_WHY_COAP_MARKER,        /* a payload marker without payload */
    LWSEC_WHY_COAP_OPTION_TWICE,  /* an option that may stand once stands more often */

    /* OSCORE */
    LWSEC_WHY_OSCORE_NESTED,        /* an OSCORE option in the message to be protected */
    LWSEC_WHY_OSCORE_OPTION,        /* the OSCORE option is cut short, or goes on after its end */
    LWSEC_WHY_OSCORE_RESERVED,      /* reserved flag bits, or a Partial IV of 6 or 7 bytes */
    LWSEC_WHY_OSCORE_PIV,           /* a Partial IV that is absent, not minimal or out of range */
    LWSEC_WHY_OSCORE_NO_KID,        /* a request without a kid */
    LWSEC_WHY_OSCORE_OTHER_KID,     /* the kid is not this context's Recipient ID */
    LWSEC_WHY_OSCORE_OTHER_CONTEXT, /* the kid context is not this context's ID Context */
    LWSEC_WHY_OSCORE_NO_PAYLOAD,    /* no ciphertext, or one shorter than its tag */
    LWSEC_WHY_OSCORE_REPLAY,        /* the Partial IV was received before, or is below the window */
    LWSEC_WHY_OSCORE_NOT_FRESH,     /* the replay window is not known to be current: Echo needed */
    LWSEC_WHY_OSCORE_TAG,           /* decryption failed */
    LWSEC_WHY_OSCORE_INNER,         /* authentic, but the inner message is malformed */
    LWSEC_WHY_OSCORE_UNPROTECTED,   /* a plain message where only a protected one counts */
    LWSEC_WHY_OSCORE_OBSERVE,       /* a notification that no registration of ours asked for */
    LWSEC_WHY_OSCORE_REQUEST_USED,  /* the request object is not open for this, or another context's
                                     */
    LWSEC_WHY_OSCORE_PROXY_URI,     /* Proxy-Uri beside what it replaces, or in a response */
    LWSEC_WHY_OSCORE_SSN,           /* all Sender Sequence Numbers up to 2^40 - 1 are used */
    LWSEC_WHY_OSCORE_NO_RECORD,     /* no record for this key, and it was not declared fresh */
    LWSEC_WHY_OSCORE_ID_LENGTH,     /* an ID longer than the nonce length minus 6 */
    LWSEC_WHY_OSCORE_SAME_IDS,      /* Sender ID and Recipient ID are equal */
    LWSEC_WHY_OSCORE_ALGORITHM,     /* the AEAD or HMAC number is not one of those supported */
    LWSEC_WHY_OSCORE_WINDOW, /* a window size outside 1 to 1024, or another than its record has */

    /* keys */
    LWSEC_WHY_KEY_GONE,  /* the handle does not name a live key (any more) */
    LWSEC_WHY_KEY_USAGE, /* the key may not be used for this */
    LWSEC_WHY_KEY_LIMIT, /* the key's limit of seals or of failed opens is reached */
    LWSEC_WHY_KEY_STORE, /* the store lacks the operation, failed, or is full */

    /* state */
    LWSEC_WHY_STATE_FOREIGN, /* a record that this library did not write, or another format */
    LWSEC_WHY_STATE_TORN,    /* a record that is cut short or does not match its checksum */
    LWSEC_WHY_STATE_LOCKED,  /* another process, or another opening, holds this state */
    LWSEC_WHY_STATE_IO,      /* the medium refused to read, write or sync */
    LWSEC_WHY_STATE_FULL,    /* there is no room for one more record */
    LWSEC_WHY_STATE_SEALING, /* a secret record without a sealing key, or one that fails to open */
    LWSEC_WHY_FORKED,        /* the object belongs to the parent process */
    LWSEC_WHY_CONFIG,        /* a configuration has a size, flag or other field that is not known */

    /* OSCORE Appendix B.2 */
    LWSEC_WHY_OSCORE_REDERIVED, /* a new context was derived: make the request again with it */
    LWSEC_WHY_OSCORE_NOT_ASKED, /* a step of Appendix B.2 that no earlier step asked for */
    LWSEC_WHY_OSCORE_R2,        /* an R2 that was not given out here, was used, or is too old */

    /* block-wise transfer */
    LWSEC_WHY_COAP_BLOCK,         /* a reserved block size, or a payload that is not of that size */
    LWSEC_WHY_COAP_BLOCK_ORDER,   /* not the block that comes next */
    LWSEC_WHY_COAP_BLOCK_CHANGED, /* the blocks are not of one representation */
    LWSEC_WHY_COAP_BODY,          /* the body is larger than its bound */
    LWSEC_WHY_OSCORE_UNFRAGMENTED, /* larger than MAX_UNFRAGMENTED_SIZE: use inner block-wise */

    /* links */
    LWSEC_WHY_LINK_FULL, /* a link keeps as many requests or messages as it has room for */

    /* registries of contexts */
    LWSEC_WHY_OSCORE_SECOND, /* another live context has this secret and these IDs */
    LWSEC_WHY_REGISTRY_FULL, /* no place is free */
    LWSEC_WHY_REGISTRY_BUSY, /* another thread uses the context */

    LWSEC_WHY_COAP_URI, /* a URI is malformed, or has a part that no option can carry */
    LWSEC_WHY_HTTP,     /* an HTTP message that does not carry OSCORE as it must */
    LWSEC_WHY_ACCOUNT,  /* provisioned values are missing or do not fit: see the findings */

    /* short messages */
    LWSEC_WHY_SMS_ADDRESS, /* an address is malformed, or not one that this call can take */
    LWSEC_WHY_SMS_TPDU,   /* a TPDU of another kind, or a field with a value that it may not have */
    LWSEC_WHY_SMS_HEADER, /* an element of the user data header is malformed or out of place */
    LWSEC_WHY_SMS_PART,   /* a part that does not fit those that came before it */
    LWSEC_WHY_SMS_ROOM,   /* no room for the parts of this message, or of one more */
    LWSEC_WHY_SMS_SENDER, /* the sender is not the LwM2M Server SMS Number */
    LWSEC_WHY_SMS_CHANNEL, /* not protected as the channel is, or a channel that may not be used */
    LWSEC_WHY_SMS_TRIGGER, /* neither of the two operations that a trigger may be */

    /* SMS secured packets */
    LWSEC_WHY_SMS_LENGTH,      /* lengths of packet, header, check or blocks do not fit */
    LWSEC_WHY_SMS_PARAMETERS,  /* SPI, KIc, KID or TAR are not those that were agreed on */
    LWSEC_WHY_SMS_CODING,      /* a coding of SPI, KIc or KID that is reserved or not allowed */
    LWSEC_WHY_SMS_KEYS,        /* keys that are missing, equal, weak, or of another algorithm */
    LWSEC_WHY_SMS_CHECK,       /* the redundancy check or cryptographic checksum is wrong */
    LWSEC_WHY_SMS_PADDING,     /* more padding than data, or than a block */
    LWSEC_WHY_SMS_DATA,        /* authentic, but the data are not one TLV with the agreed tag */
    LWSEC_WHY_SMS_COUNTER,     /* the counter is not higher than the last, or not the next */
    LWSEC_WHY_SMS_COUNTER_END, /* the last counter is used: only new keys go on */
    LWSEC_WHY_SMS_JUMP,        /* the counter is further ahead than is allowed */
    LWSEC_WHY_SMS_REFLECTED,   /* a packet of our own came back */
    LWSEC_WHY_SMS_NO_RECORD,   /* no record for these keys, and they were not declared fresh */
    LWSEC_WHY_SMS_POR,         /* a PoR that nobody asked for, or that is not allowed */

    /* smartcards */
    LWSEC_WHY_CARD_LOST,     /* reset, removed, or out of reach: an application must be selected */
    LWSEC_WHY_CARD_COMMAND,  /* a command that no short APDU can carry, or a malformed one */
    LWSEC_WHY_CARD_RESPONSE, /* a response without status word, or one that does not fit */
    LWSEC_WHY_CARD_STATUS,   /* the card refused: its status word is kept beside */
    LWSEC_WHY_CARD_FILE,     /* a file of the card is malformed, or is not what was looked for */
    LWSEC_WHY_SCP03_CARD,    /* another protocol, key version or option than was asked for */
    LWSEC_WHY_SCP03_MAC,     /* a cryptogram, MAC or padding of the card is wrong */
    LWSEC_WHY_SCP03_ENDED,   /* the secure channel is over: nothing goes out but a new start */
    /* accounts */
    LWSEC_WHY_RESOURCE, /* no such resource in this version of the object */
    LWSEC_WHY_VALUE,    /* a value of another type, or out of its range */
    LWSEC_WHY_TIMEOUT,  /* the bootstrap was not finished in time */
    /* certificates */
    LWSEC_WHY_CERT_MALFORMED,  /* not a certificate, or a field that RFC 5280 does not allow */
    LWSEC_WHY_CERT_EXTENSION,  /* an extension that is missing, not known or not as it must be */
    LWSEC_WHY_CERT_KEY,        /* a key or signature algorithm, group or size that is not allowed */
    LWSEC_WHY_CERT_KEY_USAGE,  /* keyUsage or extendedKeyUsage does not allow what is done */
    LWSEC_WHY_CERT_AUTHORITY,  /* an issuer that is no CA, or a path longer than one allows */
    LWSEC_WHY_CERT_CONSTRAINT, /* a name outside of the name constraints of a CA */
    LWSEC_WHY_CERT_SIGNATURE,  /* a signature is wrong, or the engine does not take it */
    LWSEC_WHY_CERT_ANCHOR,     /* no path leads to a trust anchor */
    LWSEC_WHY_CERT_LIMIT,      /* more certificates, names or paths than are looked at */
    LWSEC_WHY_CERT_TIME,       /* expired, or not valid yet */
    LWSEC_WHY_CERT_CLOCK,      /* the time is not known well enough to judge */
    LWSEC_WHY_CERT_REFERENCE,  /* the certificate is for another name, or there is no reference */
    LWSEC_WHY_CERT_ASSOCIATION, /* Server Public Key does not match as its usage asks */
    LWSEC_WHY_CERT_REVOKED,     /* a certificate is revoked */
    LWSEC_WHY_CERT_STATUS,      /* no usable list or response tells whether it is revoked */
    LWSEC_WHY_CERT_OCSP, /* the OCSP response is malformed, not signed as it must be, or old */
    /* DTLS sessions */
    LWSEC_WHY_DTLS_HANDSHAKE, /* not done yet; or the engine ended it, without a better reason */
    LWSEC_WHY_DTLS_ALERT,     /* the peer ended it by a fatal alert */
    LWSEC_WHY_DTLS_TIMEOUT,   /* the handshake was not done in its time */
    LWSEC_WHY_DTLS_IDENTITY,  /* no pre-shared key for this identity */
    LWSEC_WHY_DTLS_ADDRESS,   /* from another address than the peer's */
    LWSEC_WHY_DTLS_CLOSED,    /* the session is over */
    LWSEC_WHY_DTLS_CID,       /* the peer takes no Connection ID, and one is required */
    /* from accounts to DTLS */
    LWSEC_WHY_DTLS_MODE,          /* TLS, NoSec, or a security mode that the engine has not */
    LWSEC_WHY_DTLS_SUITE,         /* none of the account's suites, or groups, is there */
    LWSEC_WHY_DTLS_PSK_BYTES,     /* a pre-shared key that is a handle, and has to be bytes */
    LWSEC_WHY_DTLS_IDENTITY_ZERO, /* an identity with a zero byte, which the engine cannot carry */
    /* enrolment */
    LWSEC_WHY_CSR_NAME,      /* a name to be asked for is empty, too long, or no text */
    LWSEC_WHY_EST_UNSECURED, /* not within a secured session: nothing is sent or taken */
    LWSEC_WHY_EST_REFUSED,   /* the server refused: its code is kept beside */
    LWSEC_WHY_EST_ANSWER,    /* an answer with another code or format than was asked for */
    LWSEC_WHY_EST_SILENT,    /* no answer in time */
    LWSEC_WHY_EST_PATIENCE,  /* the server asks for a longer wait than is allowed */
    /* PKCS#11 tokens */
    LWSEC_WHY_PKCS11_URI,       /* malformed, or it names something that lwsec does not know */
    LWSEC_WHY_PKCS11_PIN_VALUE, /* the URI holds the PIN itself: it does not belong there */
    LWSEC_WHY_PKCS11_MODULE,    /* the module cannot be loaded or initialised */
    LWSEC_WHY_PKCS11_TOKEN,     /* no token, or more than one, is as it was described */
    LWSEC_WHY_PKCS11_PIN,       /* the PIN is wrong, or nobody has one */
    LWSEC_WHY_PKCS11_LOCKED,    /* the PIN is locked, or one more wrong try locks it */
    LWSEC_WHY_PKCS11_FAILED,    /* the token failed */
    /* key stores */
    LWSEC_WHY_KEY_WRAPPING,  /* the wrong passphrase or key for this store of keys */
    LWSEC_WHY_KEY_OLD,       /* an older copy of the store, or one that the counter does not know */
    LWSEC_WHY_DTLS_BUSY,     /* something still waits in a session that is to be saved */
    LWSEC_WHY_DTLS_CHANGED,  /* saved under another configuration */
    LWSEC_WHY_EST_OTHER_KEY, /* no certificate of the answer is for our key */
    LWSEC_WHY_DTLS_REPLACED, /* the client began anew, and is authenticated */
    LWSEC_WHY_DTLS_IDLE,     /* nothing was heard or sent for as long as is allowed */
    LWSEC_WHY_DTLS_FULL,     /* no place is free for one more session */
    /* what an account asks of DTLS */
    LWSEC_WHY_DTLS_EXTENSION, /* an extension that the engine has not */
    LWSEC_WHY_DTLS_OWN_KEY /* own certificates that cannot be read, or a key that is not theirs */
} lwsec_why;

/* One refusal, written by the call that refuses. Callers may pass NULL where one is taken. */
typedef struct lwsec_reason {
    lwsec_why why;   /* LWSEC_WHY_NONE after LWSEC_OK */
    uint32_t offset; /* where in the input it was noticed, in bytes; 0 where that says nothing */
} lwsec_reason;

/* The name of a status, as in "LWSEC_REPLAY"; "unknown status" for any other value. Static text. */
LWSEC_API const char *lwsec_status_name(lwsec_status status);

/* One line of English for the log, without the offset; "unknown reason" for any other value. */
LWSEC_API const char *lwsec_why_text(lwsec_why why);

#ifdef __cplusplus
}
#endif
#endif
