/* Who may have issued a certificate, and what stands for an anchor that is no certificate. */
#include "certpolicy/name.h"
#include "certpolicy/path.h"
#include "core/writer.h"

/* ---- Names and key identifiers ---- */

/* authorityCertIssuer and authorityCertSerialNumber name the issuer's certificate. */
static bool is_that_certificate(const lwsec_cert_view *below, const lwsec_cert_view *issuer)
{
    lwsec_reader names = lwsec_reader_of(below->authority_issuer);

    if (names.size == 0) {
        return true;
    }
    while (!lwsec_reader_failed(&names) && lwsec_reader_left(&names) > 0) {
        const lwsec_name name = lwsec_name_next(&names);
        if (name.kind == LWSEC_NAME_DIRECTORY && lwsec_name_same(name.value, issuer->issuer)) {
            return lwsec_der_same(below->authority_serial, issuer->serial);
        }
    }
    return false;
}

bool lwsec_path_may_issue(const lwsec_cert_view *issuer, const lwsec_cert_view *below)
{
    const bool both = below->authority_key_id.size > 0 && issuer->subject_key_id.size > 0;

    return lwsec_name_same(below->issuer, issuer->subject) &&
           (!both || lwsec_der_same(below->authority_key_id, issuer->subject_key_id)) &&
           is_that_certificate(below, issuer);
}

/* ---- A stand-in ---- */

static const uint8_t serial[] = {0x02, 0x01, 0x01};
static const uint8_t ecdsa[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                              0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};
static const uint8_t validity[] = {0x30, 0x20, 0x17, 0x0d, '7', '0',  '0',  '1', '0', '1', '0', '0',
                                   '0',  '0',  '0',  '0',  'Z', 0x18, 0x0f, '9', '9', '9', '9', '1',
                                   '2',  '3',  '1',  '2',  '3', '5',  '9',  '5', '9', 'Z'};
static const uint8_t signature[] = {0x03, 0x09, 0x00, 0x30, 0x06, 0x02,
                                    0x01, 0x01, 0x02, 0x01, 0x01};

static void write_header(lwsec_writer *writer, size_t size)
{
    lwsec_writer_u8(writer, LWSEC_DER_SEQUENCE);
    if (size >= 0x80) {
        lwsec_writer_u8(writer, size > 0xff ? 0x82 : 0x81);
    }
    lwsec_writer_uint(writer, size, size > 0xff ? 2 : 1);
}

static size_t with_header(size_t size)
{
    return size + (size < 0x80 ? 2U : size > 0xff ? 4U : 3U);
}

bool lwsec_path_stand_in(lwsec_bytes name, lwsec_bytes key, lwsec_buffer *certificate)
{
    lwsec_writer writer = lwsec_writer_of(certificate->data, certificate->capacity);
    /* OpenSSL takes it for self-signed only if the algorithm is that of the key. */
    const lwsec_bytes algorithm = lwsec_der_key_kind(key) == LWSEC_CERT_ALGORITHM_RSA
                                      ? lwsec_bytes_of(rsa, sizeof rsa)
                                      : lwsec_bytes_of(ecdsa, sizeof ecdsa);
    const size_t rest = sizeof serial + algorithm.size + sizeof validity;

    certificate->size = 0;
    if (name.size > 0x4000 || key.size > 0x4000) {
        return false;
    }
    const size_t tbs = rest + 2 * name.size + key.size;
    write_header(&writer, with_header(tbs) + algorithm.size + sizeof signature);
    write_header(&writer, tbs);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(serial, sizeof serial));
    lwsec_writer_bytes(&writer, algorithm);
    lwsec_writer_bytes(&writer, name);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(validity, sizeof validity));
    lwsec_writer_bytes(&writer, name);
    lwsec_writer_bytes(&writer, key);
    lwsec_writer_bytes(&writer, algorithm);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(signature, sizeof signature));
    if (writer.full) {
        return false;
    }
    certificate->size = writer.size;
    return true;
}
