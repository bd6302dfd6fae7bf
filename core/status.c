/* Names of statuses and texts of reasons. */
#include <lwsec/status.h>

const char *lwsec_status_name(lwsec_status status)
{
    switch (status) {
    case LWSEC_OK: return "LWSEC_OK";
    case LWSEC_REPLAY: return "LWSEC_REPLAY";
    case LWSEC_CHALLENGE: return "LWSEC_CHALLENGE";
    case LWSEC_REJECT: return "LWSEC_REJECT";
    case LWSEC_PENDING: return "LWSEC_PENDING";
    case LWSEC_LIMIT: return "LWSEC_LIMIT";
    case LWSEC_NEED_REKEY: return "LWSEC_NEED_REKEY";
    case LWSEC_UNSUPPORTED: return "LWSEC_UNSUPPORTED";
    case LWSEC_CONFLICT: return "LWSEC_CONFLICT";
    case LWSEC_ABSENT: return "LWSEC_ABSENT";
    case LWSEC_USAGE: return "LWSEC_USAGE";
    case LWSEC_BUFFER: return "LWSEC_BUFFER";
    case LWSEC_STATE: return "LWSEC_STATE";
    case LWSEC_ENGINE: return "LWSEC_ENGINE";
    case LWSEC_FORKED: return "LWSEC_FORKED";
    }
    return "unknown status";
}

static const char *const why_texts[] = {
    [LWSEC_WHY_NONE] = "no reason",
    [LWSEC_WHY_TRUNCATED] = "the input ends inside a field",
    [LWSEC_WHY_TRAILING_BYTES] = "the input goes on after its end",
    [LWSEC_WHY_NOT_CANONICAL] = "a value is not in its deterministic encoding",
    [LWSEC_WHY_WRONG_TYPE] = "a CBOR item of another type was expected",
    [LWSEC_WHY_TOO_LONG] = "a field is longer than its place allows",
    [LWSEC_WHY_OUTPUT_FULL] = "the output buffer is too small",
    [LWSEC_WHY_OVERLAP] = "input and output share memory",
    [LWSEC_WHY_COAP_VERSION] = "the CoAP version is not 1",
    [LWSEC_WHY_COAP_CODE] = "the CoAP code is reserved or does not fit here",
    [LWSEC_WHY_COAP_EMPTY] = "an Empty message carries more than its header",
    [LWSEC_WHY_COAP_TOKEN_LENGTH] = "the token length is reserved or too large",
    [LWSEC_WHY_COAP_OPTION_DELTA] = "an option delta is reserved or leads past 65804",
    [LWSEC_WHY_COAP_OPTION_LENGTH] = "an option length is reserved or out of its range",
    [LWSEC_WHY_COAP_OPTION_ORDER] = "options are not in ascending order",
    [LWSEC_WHY_COAP_MARKER] = "a payload marker stands without a payload",
    [LWSEC_WHY_COAP_OPTION_TWICE] = "an option that may stand once stands more often",
    [LWSEC_WHY_OSCORE_NESTED] = "the message to protect has an OSCORE option already",
    [LWSEC_WHY_OSCORE_OPTION] = "the OSCORE option is malformed",
    [LWSEC_WHY_OSCORE_RESERVED] = "the OSCORE option uses a reserved bit or length",
    [LWSEC_WHY_OSCORE_PIV] = "the Partial IV is absent, not minimal or out of range",
    [LWSEC_WHY_OSCORE_NO_KID] = "the request has no kid",
    [LWSEC_WHY_OSCORE_OTHER_KID] = "the kid is not the Recipient ID of this context",
    [LWSEC_WHY_OSCORE_OTHER_CONTEXT] = "the kid context is not the ID Context of this context",
    [LWSEC_WHY_OSCORE_NO_PAYLOAD] = "there is no ciphertext, or it is shorter than its tag",
    [LWSEC_WHY_OSCORE_REPLAY] = "the number was received before or is below the window",
    [LWSEC_WHY_OSCORE_NOT_FRESH] = "the replay window is not known to be current",
    [LWSEC_WHY_OSCORE_TAG] = "decryption failed",
    [LWSEC_WHY_OSCORE_INNER] = "the decrypted message is malformed",
    [LWSEC_WHY_OSCORE_UNPROTECTED] = "the message is not protected",
    [LWSEC_WHY_OSCORE_OBSERVE] = "a notification came that no registration asked for",
    [LWSEC_WHY_OSCORE_REQUEST_USED] = "the request is not open for this",
    [LWSEC_WHY_OSCORE_PROXY_URI] = "Proxy-Uri stands beside options that it replaces",
    [LWSEC_WHY_OSCORE_SSN] = "the Sender Sequence Numbers are used up",
    [LWSEC_WHY_OSCORE_NO_RECORD] =
        "there is no record of this key's numbers, and it was not declared fresh",
    [LWSEC_WHY_OSCORE_ID_LENGTH] = "an ID is longer than the nonce length minus 6",
    [LWSEC_WHY_OSCORE_SAME_IDS] = "Sender ID and Recipient ID are equal",
    [LWSEC_WHY_OSCORE_ALGORITHM] = "the AEAD or HMAC algorithm is not supported",
    [LWSEC_WHY_OSCORE_WINDOW] = "the replay window's size or sharing does not fit",
    [LWSEC_WHY_KEY_GONE] = "the handle does not name a live key",
    [LWSEC_WHY_KEY_USAGE] = "the key may not be used for this",
    [LWSEC_WHY_KEY_LIMIT] = "the key has reached its limit of uses",
    [LWSEC_WHY_KEY_STORE] = "the key store cannot do it, failed, or is full",
    [LWSEC_WHY_STATE_FOREIGN] = "the record is not one of ours, or of another format",
    [LWSEC_WHY_STATE_TORN] = "the record is cut short or damaged",
    [LWSEC_WHY_STATE_LOCKED] = "the state is open elsewhere",
    [LWSEC_WHY_STATE_IO] = "the medium refused to read, write or sync",
    [LWSEC_WHY_STATE_FULL] = "there is no room for the record",
    [LWSEC_WHY_STATE_SEALING] = "a secret record has no sealing key, or does not open",
    [LWSEC_WHY_FORKED] = "the object belongs to the parent process",
    [LWSEC_WHY_CONFIG] = "a field of the configuration has no value that is known",
    [LWSEC_WHY_OSCORE_REDERIVED] = "a new context was agreed: make the request again",
    [LWSEC_WHY_OSCORE_NOT_ASKED] = "a step of Appendix B.2 that no step before asked for",
    [LWSEC_WHY_OSCORE_R2] = "an R2 that is not ours, was used, or is too old",
    [LWSEC_WHY_COAP_BLOCK] = "a block has a reserved size, or a payload of another size",
    [LWSEC_WHY_COAP_BLOCK_ORDER] = "the block is not the one that comes next",
    [LWSEC_WHY_COAP_BLOCK_CHANGED] = "the blocks are not of one representation",
    [LWSEC_WHY_COAP_BODY] = "the body is larger than its bound",
    [LWSEC_WHY_OSCORE_UNFRAGMENTED] =
        "the message is larger than MAX_UNFRAGMENTED_SIZE: use inner block-wise",
    [LWSEC_WHY_LINK_FULL] = "the link has no room for one more request or message",
    [LWSEC_WHY_OSCORE_SECOND] = "another live context has this secret and these IDs",
    [LWSEC_WHY_REGISTRY_FULL] = "the registry has no free place",
    [LWSEC_WHY_REGISTRY_BUSY] = "the context is in use",
    [LWSEC_WHY_COAP_URI] = "the URI is malformed or cannot be told in options",
    [LWSEC_WHY_HTTP] = "the HTTP message does not carry OSCORE as it must",
    [LWSEC_WHY_ACCOUNT] = "the provisioned values are missing or do not fit",
    [LWSEC_WHY_SMS_ADDRESS] = "the address is malformed or cannot be taken here",
    [LWSEC_WHY_SMS_TPDU] = "the TPDU is of another kind or has a reserved value",
    [LWSEC_WHY_SMS_HEADER] = "an element of the user data header is malformed or misplaced",
    [LWSEC_WHY_SMS_PART] = "the part does not fit those that came before it",
    [LWSEC_WHY_SMS_ROOM] = "there is no room for the parts of this message",
    [LWSEC_WHY_SMS_SENDER] = "the sender is not the Server that this channel is for",
    [LWSEC_WHY_SMS_CHANNEL] = "the SMS channel does not allow it with this protection",
    [LWSEC_WHY_SMS_TRIGGER] = "the message is neither of the two triggers",
    [LWSEC_WHY_SMS_LENGTH] = "the lengths in the packet do not fit each other",
    [LWSEC_WHY_SMS_PARAMETERS] = "SPI, KIc, KID or TAR are not those agreed on",
    [LWSEC_WHY_SMS_CODING] = "a coding of SPI, KIc or KID is not allowed",
    [LWSEC_WHY_SMS_KEYS] = "the SMS keys are missing, equal, weak or of another algorithm",
    [LWSEC_WHY_SMS_CHECK] = "the checksum of the packet is wrong",
    [LWSEC_WHY_SMS_PADDING] = "the packet has more padding than data or than a block",
    [LWSEC_WHY_SMS_DATA] = "the secured data are not one TLV with the agreed tag",
    [LWSEC_WHY_SMS_COUNTER] = "the counter is not higher than the last, or not the next",
    [LWSEC_WHY_SMS_COUNTER_END] = "the counters are used up",
    [LWSEC_WHY_SMS_JUMP] = "the counter is further ahead than is allowed",
    [LWSEC_WHY_SMS_REFLECTED] = "a packet of our own came back",
    [LWSEC_WHY_SMS_NO_RECORD] =
        "there is no record of these keys' counters, and they were not declared fresh",
    [LWSEC_WHY_SMS_POR] = "nobody asked for this Proof of Receipt, or it is not allowed",
    [LWSEC_WHY_CARD_LOST] = "the card was reset or is gone: select the application again",
    [LWSEC_WHY_CARD_COMMAND] = "the command is malformed or too long for a card",
    [LWSEC_WHY_CARD_RESPONSE] = "the card's response is malformed",
    [LWSEC_WHY_CARD_STATUS] = "the card refused the command",
    [LWSEC_WHY_CARD_FILE] = "a file of the card is malformed or not the one looked for",
    [LWSEC_WHY_SCP03_CARD] = "the card speaks SCP03 in another way than was asked for",
    [LWSEC_WHY_SCP03_MAC] = "a cryptogram or MAC of the card is wrong",
    [LWSEC_WHY_SCP03_ENDED] = "the secure channel has ended: open a new one",
    [LWSEC_WHY_RESOURCE] = "there is no such resource in this version of the object",
    [LWSEC_WHY_VALUE] = "the value has another type, or is out of its range",
    [LWSEC_WHY_TIMEOUT] = "the bootstrap was not finished in time",
    [LWSEC_WHY_CERT_MALFORMED] = "a certificate is malformed",
    [LWSEC_WHY_CERT_EXTENSION] =
        "a certificate has an extension that is not known or not as it must be, or lacks one",
    [LWSEC_WHY_CERT_KEY] = "a certificate has a key or signature algorithm that is not allowed",
    [LWSEC_WHY_CERT_KEY_USAGE] = "the key usage of a certificate does not allow it",
    [LWSEC_WHY_CERT_AUTHORITY] = "an issuer is no CA, or the path is longer than one allows",
    [LWSEC_WHY_CERT_CONSTRAINT] = "a certificate has a name that a CA above it may not certify",
    [LWSEC_WHY_CERT_SIGNATURE] = "the signature of a certificate does not verify",
    [LWSEC_WHY_CERT_ANCHOR] = "no path leads to a trust anchor",
    [LWSEC_WHY_CERT_LIMIT] = "there are more certificates, names or paths than are looked at",
    [LWSEC_WHY_CERT_TIME] = "a certificate is expired or not valid yet",
    [LWSEC_WHY_CERT_CLOCK] = "the time is not known well enough",
    [LWSEC_WHY_CERT_REFERENCE] = "the certificate is not for the name that is meant",
    [LWSEC_WHY_CERT_ASSOCIATION] = "the Server Public Key does not match as its usage asks",
    [LWSEC_WHY_CERT_REVOKED] = "a certificate is revoked",
    [LWSEC_WHY_CERT_STATUS] = "nothing tells whether the certificate is revoked",
    [LWSEC_WHY_CERT_OCSP] = "the OCSP response is malformed, not authentic or too old",
    [LWSEC_WHY_DTLS_HANDSHAKE] = "the handshake is not done, or cannot go on",
    [LWSEC_WHY_DTLS_ALERT] = "the peer ended it by a fatal alert",
    [LWSEC_WHY_DTLS_TIMEOUT] = "the handshake was not done in its time",
    [LWSEC_WHY_DTLS_IDENTITY] = "there is no pre-shared key for this identity",
    [LWSEC_WHY_DTLS_ADDRESS] = "the datagram is from another address than the peer's",
    [LWSEC_WHY_DTLS_CLOSED] = "the session is over",
    [LWSEC_WHY_DTLS_CID] = "no Connection ID, though one is required",
    [LWSEC_WHY_DTLS_MODE] = "the engine has no session for this security mode and scheme",
    [LWSEC_WHY_DTLS_SUITE] = "none of the account's cipher suites, or groups, is there",
    [LWSEC_WHY_DTLS_PSK_BYTES] = "the pre-shared key is a handle, and has to be bytes here",
    [LWSEC_WHY_DTLS_IDENTITY_ZERO] = "the engine cannot carry an identity with a zero byte",
    [LWSEC_WHY_CSR_NAME] = "a name of the certificate request is empty, too long, or no text",
    [LWSEC_WHY_EST_UNSECURED] = "enrolment is done within a secured session alone",
    [LWSEC_WHY_EST_REFUSED] = "the EST server refused the request",
    [LWSEC_WHY_EST_ANSWER] =
        "the EST server answered with another code or format than was asked for",
    [LWSEC_WHY_EST_SILENT] = "the EST server did not answer in time",
    [LWSEC_WHY_EST_OTHER_KEY] = "the EST server gave no certificate for our key",
    [LWSEC_WHY_EST_PATIENCE] = "the EST server asks for a longer wait than is allowed",
    [LWSEC_WHY_PKCS11_URI] = "the PKCS#11 URI is malformed, or names something that is not known",
    [LWSEC_WHY_PKCS11_PIN_VALUE] = "the PKCS#11 URI holds the PIN itself",
    [LWSEC_WHY_PKCS11_MODULE] = "the PKCS#11 module cannot be loaded or initialised",
    [LWSEC_WHY_PKCS11_TOKEN] = "no token, or more than one, is as it was described",
    [LWSEC_WHY_PKCS11_PIN] = "the token's PIN is wrong, or nobody has one",
    [LWSEC_WHY_PKCS11_LOCKED] = "the token's PIN is locked, or one more wrong try locks it",
    [LWSEC_WHY_PKCS11_FAILED] = "the token failed",
    [LWSEC_WHY_KEY_WRAPPING] = "the wrong passphrase or key for this store of keys",
    [LWSEC_WHY_KEY_OLD] = "an older copy of the store of keys, or one without its counter",
    [LWSEC_WHY_DTLS_BUSY] = "the session is not at rest, or cannot be saved",
    [LWSEC_WHY_DTLS_CHANGED] = "saved under another configuration",
    [LWSEC_WHY_DTLS_REPLACED] = "the client has begun anew",
    [LWSEC_WHY_DTLS_IDLE] = "nothing was heard or sent for too long",
    [LWSEC_WHY_DTLS_FULL] = "no place for one more session",
    [LWSEC_WHY_DTLS_EXTENSION] = "the engine has not an extension that the account asks for",
    [LWSEC_WHY_DTLS_OWN_KEY] = "own certificates that cannot be read, or a key that is not theirs",
};

const char *lwsec_why_text(lwsec_why why)
{
    const size_t count = sizeof why_texts / sizeof why_texts[0];

    /* The compiler may know that no enumerator is negative: a caller's number may be all the same.
     */
    return (size_t)why < count && why_texts[why] != NULL ? why_texts[why] : "unknown reason";
}
