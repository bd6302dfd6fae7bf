/* Which keys and signature algorithms certificates may have at all. */
#include "certpolicy/der_certificate.h"

#define OID(...)                                                                                   \
    {                                                                                              \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                     \
    }

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, RSA_EXPONENT_MAX = 8 };

typedef struct signature_algorithm {
    lwsec_bytes der; /* the whole AlgorithmIdentifier */
    lwsec_cert_algorithm kind;
    uint16_t hash;
} signature_algorithm;

/* ecdsa-with-SHA*, without parameters; sha*WithRSAEncryption, with NULL. */
static const signature_algorithm signatures[] = {
    {OID(0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02),
     LWSEC_CERT_ALGORITHM_EC, 256},
    {OID(0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03),
     LWSEC_CERT_ALGORITHM_EC, 384},
    {OID(0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04),
     LWSEC_CERT_ALGORITHM_EC, 512},
    {OID(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00),
     LWSEC_CERT_ALGORITHM_RSA, 256},
    {OID(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c, 0x05, 0x00),
     LWSEC_CERT_ALGORITHM_RSA, 384},
    {OID(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00),
     LWSEC_CERT_ALGORITHM_RSA, 512},
};

/* AlgorithmIdentifiers of keys: id-ecPublicKey with secp256r1, secp384r1, secp521r1
 * (R-5.2.9.3-03). Groups below 255 bits are not among them (R-5.2.9.3-04), nor are parameters that
 * are not a name. */
static const lwsec_bytes groups[] = {
    OID(0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
    OID(0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
        0x04, 0x00, 0x22),
    OID(0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
        0x04, 0x00, 0x23),
};
static const lwsec_bytes rsa_encryption =
    OID(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00);

lwsec_cert_algorithm lwsec_der_signature_kind(lwsec_bytes algorithm, uint16_t *hash)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        if (lwsec_der_same(algorithm, signatures[i].der)) {
            *hash = signatures[i].hash;
            return signatures[i].kind;
        }
    }
    *hash = 0;
    return LWSEC_CERT_ALGORITHM_NONE;
}

/* An odd number that is not 1, and not so long that verifying is work: as OpenSSL has it. */
static bool is_exponent(lwsec_bytes number)
{
    const uint8_t last = number.data[number.size - 1];

    return number.data[0] < 0x80 && number.size <= RSA_EXPONENT_MAX && (last & 1) != 0 &&
           (number.size > 1 || last > 1);
}

/* RSAPublicKey: the modulus has whole bytes, as every modulus in use. */
static bool is_rsa_size(lwsec_bytes key)
{
    lwsec_reader reader = lwsec_reader_of(key);
    lwsec_reader sequence = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const lwsec_bytes modulus = lwsec_der_integer(&sequence);
    const lwsec_bytes exponent = lwsec_der_integer(&sequence);

    lwsec_reader_finish_child(&reader, &sequence);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        return false;
    }
    const size_t bits = 8 * (modulus.size - 1); /* the sign is a byte of its own */
    return modulus.data[0] == 0 && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX &&
           is_exponent(exponent);
}

lwsec_cert_algorithm lwsec_der_key_kind(lwsec_bytes key)
{
    lwsec_reader reader = lwsec_reader_of(key);
    lwsec_reader info = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const lwsec_bytes algorithm = lwsec_der_whole(&info, LWSEC_DER_SEQUENCE);
    const lwsec_bytes bits = lwsec_der_bits(&info);

    lwsec_reader_finish_child(&reader, &info);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        return LWSEC_CERT_ALGORITHM_NONE;
    }
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (lwsec_der_same(algorithm, groups[i])) {
            return LWSEC_CERT_ALGORITHM_EC;
        }
    }
    return lwsec_der_same(algorithm, rsa_encryption) && is_rsa_size(bits)
               ? LWSEC_CERT_ALGORITHM_RSA
               : LWSEC_CERT_ALGORITHM_NONE;
}

bool lwsec_der_is_key(lwsec_bytes bytes)
{
    lwsec_reader reader = lwsec_reader_of(bytes);
    lwsec_reader info = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    lwsec_reader algorithm = lwsec_der_open(&info, LWSEC_DER_SEQUENCE);

    (void)lwsec_der_oid(&algorithm);
    if (lwsec_reader_left(&algorithm) > 0) {
        (void)lwsec_der_next(&algorithm);
    }
    lwsec_reader_finish_child(&info, &algorithm);
    (void)lwsec_der_bits(&info);
    lwsec_reader_finish_child(&reader, &info);
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK;
}
