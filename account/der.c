/* The outer structure of keys and certificates in DER: enough to tell what a value is. */
#include "account/der.h"

/* Tags: X.690 section 8.1.2. */
#define INTEGER 0x02U
#define BIT_STRING 0x03U
#define OCTET_STRING 0x04U
#define OBJECT_IDENTIFIER 0x06U
#define SEQUENCE 0x30U
#define CONTEXT_0 0xa0U
#define CONTEXT_1 0xa1U

#define P256_SCALAR 32U

/* A definite length in its shortest form, of up to three bytes. */
static size_t read_length(lwsec_reader *reader)
{
    const uint8_t first = lwsec_reader_u8(reader);
    const size_t more = first & 0x7fU;

    if (first < 0x80) {
        return first;
    }
    const size_t length = (size_t)lwsec_reader_uint(reader, more <= 3 ? more : 0);
    if (more == 0 || more > 3 || length < 0x80 || length >> (8 * (more - 1)) == 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return length;
}

/* The contents of the next element, which has to have this tag. */
static lwsec_reader enter(lwsec_reader *reader, uint8_t tag)
{
    if (lwsec_reader_u8(reader) != tag) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
    }
    const size_t length = read_length(reader);
    return lwsec_reader_child(reader, length);
}

/* The next element, whatever is in it: with tag and length. */
static lwsec_bytes take_element(lwsec_reader *reader, uint8_t tag)
{
    const size_t begin = reader->position;
    lwsec_reader contents = enter(reader, tag);

    (void)lwsec_reader_rest(&contents);
    lwsec_reader_finish_child(reader, &contents);
    return lwsec_reader_since(reader, begin);
}

static lwsec_bytes take_contents(lwsec_reader *reader, uint8_t tag)
{
    lwsec_reader contents = enter(reader, tag);
    const lwsec_bytes bytes = lwsec_reader_rest(&contents);

    lwsec_reader_finish_child(reader, &contents);
    return bytes;
}

static bool is(lwsec_bytes bytes, const char *expected, size_t size)
{
    return lwsec_equal_secret(bytes, lwsec_bytes_of(expected, size));
}

/* ---- Algorithms ---- */

/* Curves of SEC 2 with 1.3.132.0.N that are under 255 bits are all but these. */
static bool is_large_sec2(uint8_t last)
{
    return last == 10 || (last >= 16 && last <= 17) || (last >= 34 && last <= 39);
}

/* R-5.2.3-03: groups under 255 bits are told apart. */
static lwsec_curve curve_of(lwsec_bytes identifier)
{
    if (is(identifier, "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8)) {
        return LWSEC_CURVE_P256;
    }
    /* 1.2.840.10045.3.1.N: prime192v1 to v3, prime239v1 to v3. */
    if (identifier.size == 8 &&
        is(lwsec_bytes_of(identifier.data, 7), "\x2a\x86\x48\xce\x3d\x03\x01", 7)) {
        return LWSEC_CURVE_SMALL;
    }
    if (identifier.size == 5 && is(lwsec_bytes_of(identifier.data, 4), "\x2b\x81\x04\x00", 4)) {
        return is_large_sec2(identifier.data[4]) ? LWSEC_CURVE_OTHER : LWSEC_CURVE_SMALL;
    }
    return LWSEC_CURVE_OTHER;
}

/* AlgorithmIdentifier of a key. */
static lwsec_curve read_algorithm(lwsec_reader *reader)
{
    lwsec_curve curve = LWSEC_CURVE_NONE;
    lwsec_reader algorithm = enter(reader, SEQUENCE);
    const lwsec_bytes identifier = take_contents(&algorithm, OBJECT_IDENTIFIER);

    if (is(identifier, "\x2a\x86\x48\xce\x3d\x02\x01", 7)) { /* id-ecPublicKey */
        curve = curve_of(take_contents(&algorithm, OBJECT_IDENTIFIER));
    } else if (is(identifier, "\x2b\x65\x70", 3) || is(identifier, "\x2b\x65\x71", 3)) {
        curve = LWSEC_CURVE_OTHER; /* Ed25519, Ed448 */
    }
    (void)lwsec_reader_rest(&algorithm);
    lwsec_reader_finish_child(reader, &algorithm);
    return curve;
}

/* ---- Public keys ---- */

/* R-5.2.9.2-09, R-5.2.9.2-11: SubjectPublicKeyInfo. */
static void read_spki(lwsec_reader *reader, lwsec_spki *spki)
{
    const size_t begin = reader->position;
    lwsec_reader info = enter(reader, SEQUENCE);

    spki->curve = read_algorithm(&info);
    lwsec_reader bits = enter(&info, BIT_STRING);
    if (lwsec_reader_u8(&bits) != 0) { /* unused bits */
        lwsec_reader_fail(&bits, LWSEC_WHY_WRONG_TYPE);
    }
    spki->point = lwsec_reader_rest(&bits);
    if (spki->curve == LWSEC_CURVE_P256 && spki->point.size != 65 && spki->point.size != 33) {
        lwsec_reader_fail(&bits, LWSEC_WHY_WRONG_TYPE);
    }
    lwsec_reader_finish_child(&info, &bits);
    lwsec_reader_finish_child(reader, &info);
    spki->whole = lwsec_reader_since(reader, begin);
}

bool lwsec_der_spki(lwsec_bytes der, lwsec_spki *spki)
{
    lwsec_reader reader = lwsec_reader_of(der);

    read_spki(&reader, spki);
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK;
}

/* ---- Private keys ---- */

/* ECPrivateKey: version, the scalar, [0] the curve, [1] the public key. */
static bool read_ec_private_key(lwsec_bytes der, lwsec_private_key *key)
{
    lwsec_reader reader = lwsec_reader_of(der);
    lwsec_reader inside = enter(&reader, SEQUENCE);

    const lwsec_bytes version = take_contents(&inside, INTEGER);
    key->scalar = take_contents(&inside, OCTET_STRING);
    if (lwsec_reader_peek(&inside) == CONTEXT_0) {
        (void)take_element(&inside, CONTEXT_0);
    }
    key->point = lwsec_bytes_of(NULL, 0);
    if (lwsec_reader_peek(&inside) == CONTEXT_1) {
        lwsec_reader tagged = enter(&inside, CONTEXT_1);
        lwsec_reader bits = enter(&tagged, BIT_STRING);
        (void)lwsec_reader_u8(&bits);
        key->point = lwsec_reader_rest(&bits);
        lwsec_reader_finish_child(&tagged, &bits);
        lwsec_reader_finish_child(&inside, &tagged);
    }
    lwsec_reader_finish_child(&reader, &inside);
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK && is(version, "\x01", 1) &&
           (key->curve != LWSEC_CURVE_P256 || key->scalar.size == P256_SCALAR);
}

/* What comes instead of version 1: R-5.2.9.3-17. */
static lwsec_private_form other_form(lwsec_bytes version, uint8_t next)
{
    if (!is(version, "\x01", 1)) {
        return LWSEC_PRIVATE_MALFORMED;
    }
    return next == OCTET_STRING ? LWSEC_PRIVATE_SEC1
           : next == SEQUENCE   ? LWSEC_PRIVATE_VERSION_2
                                : LWSEC_PRIVATE_MALFORMED;
}

/* R-5.2.9.2-10, R-5.2.9.3-16. */
lwsec_private_form lwsec_der_private_key(lwsec_bytes der, lwsec_private_key *key)
{
    lwsec_reader reader = lwsec_reader_of(der);
    lwsec_reader outer = enter(&reader, SEQUENCE);

    if (lwsec_reader_peek(&outer) == SEQUENCE) {
        (void)take_element(&outer, SEQUENCE);
        (void)take_element(&outer, OCTET_STRING);
        lwsec_reader_finish_child(&reader, &outer);
        return lwsec_reader_finish(&reader, NULL) == LWSEC_OK ? LWSEC_PRIVATE_ENCRYPTED
                                                              : LWSEC_PRIVATE_MALFORMED;
    }
    const lwsec_bytes version = take_contents(&outer, INTEGER);
    if (!is(version, "\x00", 1)) {
        return other_form(version, lwsec_reader_peek(&outer));
    }
    key->curve = read_algorithm(&outer);
    const lwsec_bytes inside = take_contents(&outer, OCTET_STRING);
    if (lwsec_reader_peek(&outer) == CONTEXT_0) {
        (void)take_element(&outer, CONTEXT_0); /* attributes */
    }
    lwsec_reader_finish_child(&reader, &outer);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        return LWSEC_PRIVATE_MALFORMED;
    }
    key->scalar = inside;
    key->point = lwsec_bytes_of(NULL, 0);
    if (key->curve == LWSEC_CURVE_P256 || key->curve == LWSEC_CURVE_SMALL) {
        return read_ec_private_key(inside, key) ? LWSEC_PRIVATE_GOOD : LWSEC_PRIVATE_MALFORMED;
    }
    return LWSEC_PRIVATE_GOOD;
}

/* ---- Certificates ---- */

/* TBSCertificate up to its key; extensions are for the path validation. */
static void read_to_be_signed(lwsec_reader *reader, lwsec_certificate *certificate)
{
    lwsec_reader inside = enter(reader, SEQUENCE);

    if (lwsec_reader_peek(&inside) == CONTEXT_0) {
        (void)take_element(&inside, CONTEXT_0); /* version */
    }
    (void)take_element(&inside, INTEGER);  /* serial number */
    (void)take_element(&inside, SEQUENCE); /* signature algorithm */
    certificate->issuer = take_element(&inside, SEQUENCE);
    (void)take_element(&inside, SEQUENCE); /* validity */
    certificate->subject = take_element(&inside, SEQUENCE);
    read_spki(&inside, &certificate->spki);
    (void)lwsec_reader_rest(&inside);
    lwsec_reader_finish_child(reader, &inside);
}

/* R-5.2.9.3-01: the structure of X.509 (RFC 5280). */
void lwsec_der_certificate(lwsec_reader *reader, lwsec_certificate *certificate)
{
    const size_t begin = reader->position;
    lwsec_reader outer = enter(reader, SEQUENCE);

    read_to_be_signed(&outer, certificate);
    (void)take_element(&outer, SEQUENCE); /* signature algorithm */
    (void)take_element(&outer, BIT_STRING);
    lwsec_reader_finish_child(reader, &outer);
    certificate->whole = lwsec_reader_since(reader, begin);
}
